# test-bucket.py: uploads straight to a bucket, on a real S3
#
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import urllib.request

from support import tap
from support.ceph import Ceph, is_installed
from support.headless import Sandbox
from support.wait import wait_until

MIB = 1 << 20
ODD_NAMES = ["a b+c", "100%", "%2e%2e", "q?x#y&z=1", "clef 🗝", "שלום", "ü.txt", " blanks ",
             "back\\slash", "quote\"'"]


def upload(sandbox, ceph, *arguments, prefix="", environment=None, **options):
    return sandbox.start("--upload", *arguments, "--s3", f"s3://{ceph.bucket}/{prefix}",
                         "--endpoint", ceph.endpoint,
                         environment=ceph.environment() | (environment or {}), **options)


def read(ceph, key):
    return ceph.client().get_object(Bucket=ceph.bucket, Key=key)["Body"].read()


def digest(data):
    return hashlib.sha256(data).hexdigest()


@tap.test
def every_size_arrives_and_its_link_works():
    for size in (0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 26 * MIB + 7):
        path = SANDBOX.write_random(f"size-{size}", size)
        run = upload(SANDBOX, CEPH, path, "--part-size", "5", prefix="sizes").finish().expect(0)
        with urllib.request.urlopen(run.lines[0]) as link:
            assert digest(link.read()) == digest(path.read_bytes()), size
    assert CEPH.list_unfinished() == []


@tap.test
def a_large_file_arrives_in_many_parts():
    path = SANDBOX.write_random("large", 300 * MIB)
    run = upload(SANDBOX, CEPH, path, "--part-size", "8", "--json", prefix="large").finish()
    receipt = run.expect(0).objects[0]
    assert receipt["parts"] == 38 and receipt["etag"].strip('"').endswith("-38"), receipt
    assert digest(read(CEPH, "large/large")) == digest(path.read_bytes())
    CEPH.client().delete_object(Bucket=CEPH.bucket, Key="large/large")
    path.unlink()


@tap.test
def odd_keys_are_what_they_were():
    for number, name in enumerate(ODD_NAMES):
        SANDBOX.write(f"odd/{name}", str(number).encode())
    upload(SANDBOX, CEPH, SANDBOX.files / "odd", prefix="o d+d").finish().expect(0)
    for number, name in enumerate(ODD_NAMES):
        assert read(CEPH, f"o d+d/odd/{name}") == str(number).encode(), name


@tap.test
def a_key_of_1024_bytes_is_taken_and_a_longer_one_is_refused():
    path = SANDBOX.write("f", b"x")
    name = "é" * 500 + "/" + "k" * 20
    assert len(f"p/{name}".encode()) == 1023
    upload(SANDBOX, CEPH, path, "--name", name + "k", prefix="p").finish().expect(0)
    assert read(CEPH, f"p/{name}k") == b"x"
    refused = upload(SANDBOX, CEPH, path, "--name", name + "kk", prefix="p").finish()
    assert refused.status != 0 and refused.lines == [], refused.err


@tap.test
def a_pipe_arrives():
    data = bytes(range(256)) * (12 * MIB // 256) + b"end"
    run = upload(SANDBOX, CEPH, "-", "--name", "pipe", "--part-size", "5",
                 stdin=[data]).finish().expect(0)
    assert len(run.lines) == 1
    assert digest(read(CEPH, "pipe")) == digest(data)


@tap.test
def objects_have_the_type_and_the_metadata_that_they_were_given():
    small, large = SANDBOX.write("page.txt", b"<p>"), SANDBOX.write_random("big.bin", 11 * MIB)
    given = ["--content-type", "text/html; charset=utf-8", "--metadata", "Author=A  B; (c) ~1",
             "--metadata", "project=x=y", "--storage-class", "STANDARD"]
    upload(SANDBOX, CEPH, small, large, "--part-size", "5", *given, prefix="given").finish().expect(0)
    piped = ["--name", "pipe", "--part-size", "5"]
    upload(SANDBOX, CEPH, "-", *piped, *given, prefix="given", stdin=[b"x" * 6 * MIB]).finish().expect(0)
    upload(SANDBOX, CEPH, small, prefix="guessed").finish().expect(0)
    for name in ("page.txt", "big.bin", "pipe"):
        head = CEPH.client().head_object(Bucket=CEPH.bucket, Key=f"given/{name}")
        assert head["ContentType"] == "text/html; charset=utf-8", head
        # By which its upload knows it again.
        assert head["Metadata"].pop("s3streamer-upload"), head
        assert head["Metadata"] == {"author": "A  B; (c) ~1", "project": "x=y"}, head
        assert head.get("StorageClass", "STANDARD") == "STANDARD", head
    head = CEPH.client().head_object(Bucket=CEPH.bucket, Key="guessed/page.txt")
    assert head["ContentType"] == "text/plain" and list(head["Metadata"]) == [
        "s3streamer-upload"], head


@tap.test
def what_exists_is_replaced_only_when_told():
    first, second = SANDBOX.write("one/kept", b"first"), SANDBOX.write("two/kept", b"second")
    upload(SANDBOX, CEPH, first).finish().expect(0)
    refused = upload(SANDBOX, CEPH, second, "--json").finish().expect(1).objects[0]
    assert refused["status_code"] == 409, refused
    assert read(CEPH, "kept") == b"first"
    upload(SANDBOX, CEPH, second, "--overwrite").finish().expect(0)
    assert read(CEPH, "kept") == b"second"


@tap.test
def what_is_purged_is_gone():
    upload(SANDBOX, CEPH, SANDBOX.write("gone", b"x")).finish().expect(0)
    purge = ["--purge", "gone", "--s3", f"s3://{CEPH.bucket}", "--endpoint", CEPH.endpoint]
    SANDBOX.run(*purge, environment=CEPH.environment()).expect(0)
    assert "gone" not in CEPH.list_keys()
    SANDBOX.run(*purge, environment=CEPH.environment()).expect(1)


def interrupt(path):
    """Sends a part or two of PATH. Returns the interrupted run."""
    run = upload(SANDBOX, CEPH, path, "--part-size", "5", "--parts", "2", "--limit-rate", "4M",
                 "--json=stream")
    wait_until(lambda: any(event["sent"] > 12 * MIB for event in run.events("progress"))
               or not run.is_alive(), "the first part to arrive")
    run.interrupt()
    return run.finish().expect(130)


def in_bucket(what, *arguments):
    return SANDBOX.run(what, *arguments, "--s3", f"s3://{CEPH.bucket}", "--endpoint",
                       CEPH.endpoint, "--json", environment=CEPH.environment())


@tap.test
def an_interrupted_upload_goes_on():
    path = SANDBOX.write_random("broken off", 40 * MIB)
    run = interrupt(path)
    transfer = run.events("failed")[0]["id"]
    assert f"--resume {transfer}\n" in run.err, run.err
    listed, = in_bucket("--list").expect(0).objects
    assert listed["key"] == "broken off" and listed["id"] == transfer and listed["ours"], listed
    assert listed["parts"] >= 1 and listed["size"] == listed["parts"] * 5 * MIB, listed
    SANDBOX.run("--resume", transfer, environment=CEPH.environment()).expect(0)
    assert digest(read(CEPH, "broken off")) == digest(path.read_bytes())
    assert CEPH.list_unfinished() == []
    assert CEPH.secret_key.encode() not in SANDBOX.journal_bytes()
    assert b"X-Amz-Signature" not in SANDBOX.journal_bytes()


@tap.test
def what_a_bucket_has_unfinished_can_be_aborted():
    interrupt(SANDBOX.write_random("given up", 40 * MIB))
    other = CEPH.client().create_multipart_upload(Bucket=CEPH.bucket, Key="of somebody else")
    listed = {item["key"]: item for item in in_bucket("--list").expect(0).objects}
    assert set(listed) == {"given up", "of somebody else"}, listed
    foreign = listed["of somebody else"]
    assert foreign["upload_id"] == other["UploadId"] and foreign["id"] is None, foreign
    assert not foreign["ours"] and foreign["parts"] == 0, foreign
    in_bucket("--abort", foreign["upload_id"]).expect(0)
    assert [item["key"] for item in in_bucket("--list").expect(0).objects] == ["given up"]
    in_bucket("--abort", foreign["upload_id"]).expect(1)
    SANDBOX.run("--abort", listed["given up"]["id"], environment=CEPH.environment()).expect(0)
    assert CEPH.list_unfinished() == [] and in_bucket("--list").expect(0).objects == []


@tap.test
def an_object_is_verified():
    path = SANDBOX.write_random("verified", 12 * MIB)
    upload(SANDBOX, CEPH, path, "--part-size", "5").finish().expect(0)
    assert SANDBOX.run("--verify", path, environment=CEPH.environment()).expect(0).out == (
        f"{path}: same\n")
    CEPH.client().put_object(Bucket=CEPH.bucket, Key="verified", Body=b"replaced")
    assert SANDBOX.run("--verify", path, environment=CEPH.environment()).expect(1).out == (
        f"{path}: differs\n")


@tap.test
def wrong_keys_and_an_absent_bucket_are_told_apart():
    path = SANDBOX.write("refused", b"x" * 100)
    wrong = upload(SANDBOX, CEPH, path, environment={"AWS_SECRET_ACCESS_KEY": "wrong"}).finish()
    assert "keys" in wrong.expect(3).err, wrong.err
    absent = SANDBOX.run("--upload", path, "--s3", "s3://absent", "--endpoint", CEPH.endpoint,
                         environment=CEPH.environment()).expect(1)
    assert "no bucket" in absent.err, absent.err
    for run in (wrong, absent):
        assert CEPH.secret_key not in run.err and "Signature=" not in run.err


if is_installed():
    with Ceph() as CEPH, Sandbox() as SANDBOX:
        tap.main()
else:
    print("1..0 # SKIP Ceph is not installed")
