# test-bucket-server.py: uploads to a real S3 by way of a backend, in both versions of the request API
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the bucket is asked of the store itself, with its own keys, never of the server."""

import hashlib
import os
import signal
import unicodedata
import urllib.request
import uuid

from support import tap
from support.backend_v1 import Backend, BotoStore
from support.ceph import Ceph, is_installed
from support.client_v1 import Client, Failed
from support.headless import Sandbox, has_content_of
from support.server import BucketServer
from support.wait import wait_until

MIB = 1 << 20
PREFIX = "in coming"
API_KEY = "ABCDEF1234567890"
DOMAIN = "https://files.example.org"
ODD_NAMES = ["a b+c", "100%", "%2e%2e", "a%2Fb", "q?x#y&z=1", "clef 🗝", "שלום.pdf", "日本語", "ü.txt",
             "e\u0307\u0323", " blanks ", "quote\"'s", "semi;colon", "${filename}", "-dash", ".hidden"]
SLOWLY = ["--part-size", "5", "--parts", "2", "--limit-rate", "8M", "--json=stream"]


def read(key):
    return CEPH.client().get_object(Bucket=CEPH.bucket, Key=f"{PREFIX}/{key}")["Body"].read()


def composed(name):
    """Keys are in NFC."""
    return unicodedata.normalize("NFC", name)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def assert_same(key, path):
    assert digest(read(key)) == digest(path.read_bytes()), key


def list_documents():
    return [key.removeprefix(f"{PREFIX}/") for key in CEPH.list_keys()]


def assert_tidy():
    """Nothing is there but documents."""
    assert CEPH.list_unfinished() == [], CEPH.list_unfinished()
    stray = [key for key in CEPH.list_keys()
             if not key.startswith(f"{PREFIX}/") or key.startswith((f"{PREFIX}/tmp/", f"{PREFIX}/."))]
    assert stray == [f"{PREFIX}/.hidden"] * len(stray), stray


def assert_absent(key):
    assert key not in list_documents()
    assert_tidy()


# Version 2, by the program


def start(*arguments, **options):
    return SANDBOX.start(*arguments, "--request-url", SERVER.url,
                         environment={"S3STREAMER_TOKEN": SERVER.token}, **options)


def upload(*arguments, **options):
    return start("--upload", *arguments, **options).finish()


def post(**body):
    """The envelope of one request of version 2."""
    return Client(SERVER.url, API_KEY, SERVER.token).call(filename="", **body)


def ask(**body):
    answer = post(**body)
    assert answer["status_code"] == 200, answer
    return answer["status"]


@tap.test
def every_size_arrives_and_its_link_works():
    for size in (0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB, 26 * MIB + 7):
        path = SANDBOX.write_random(f"size-{size}", size)
        run = upload(path, "--part-size", "5", "--path", "sizes", "--json").expect(0)
        receipt, = run.objects
        assert receipt["parts"] == max(-(-size // (5 * MIB)), 1), receipt
        assert receipt["size"] == size and receipt["key"] == f"sizes/size-{size}", receipt
        assert_same(receipt["key"], path)
        assert has_content_of(receipt["url"], path), receipt
        assert_tidy()


@tap.test
def a_large_file_arrives_in_many_parts():
    path = SANDBOX.write_random("large", 300 * MIB)
    run = upload(path, "--part-size", "8", "--json").expect(0)
    receipt, = run.objects
    assert receipt["parts"] == 38 and receipt["etag"].strip('"').endswith("-38"), receipt
    assert_same("large", path)
    assert has_content_of(receipt["url"], path)
    assert_tidy()
    start("--purge", "large").finish().expect(0)
    path.unlink()


@tap.test
def odd_names_are_what_they_were():
    for number, name in enumerate(ODD_NAMES):
        SANDBOX.write(f"odd/{name}", str(number).encode())
    run = upload(SANDBOX.files / "odd", "--path", "o d+d/100%", "--json").expect(0)
    assert len(run.objects) == len(ODD_NAMES), run.out
    for receipt in run.objects:
        name = receipt["file"].removeprefix(f"{SANDBOX.files}/odd/")
        content = str(ODD_NAMES.index(name)).encode()
        assert read(f"o d+d/100%/odd/{composed(name)}") == content, receipt
        with urllib.request.urlopen(receipt["url"]) as link:
            assert link.read() == content, receipt
    path = SANDBOX.write_random("parts", 6 * MIB)
    for name in ODD_NAMES:
        upload(path, "--part-size", "5", "--path", "parts", "--name", name).expect(0)
        assert_same(f"parts/{composed(name)}", path)
    assert_tidy()


@tap.test
def a_key_of_1024_bytes_is_taken_and_a_longer_one_is_refused():
    path = SANDBOX.write_random("f", 6 * MIB)
    name = "é" * 450 + "/" + "k" * (1024 - len(f"{PREFIX}/".encode()) - 901)
    assert len(f"{PREFIX}/{name}".encode()) == 1024
    run = upload(path, "--part-size", "5", "--name", name).expect(0)
    assert_same(name, path)
    assert has_content_of(run.lines[0], path)
    refused = upload(path, "--part-size", "5", "--name", name + "k")
    assert refused.lines == [] and "1,024" in refused.expect(2).err, refused.err
    assert_tidy()


@tap.test
def a_pipe_arrives():
    for number, data in enumerate([b"", b"x", bytes(range(256)) * (12 * MIB // 256) + b"end"]):
        run = upload("-", "--name", f"pipe-{number}", "--part-size", "5", stdin=[data]).expect(0)
        assert digest(read(f"pipe-{number}")) == digest(data), number
        with urllib.request.urlopen(run.lines[0]) as link:
            assert digest(link.read()) == digest(data), number
    assert_tidy()


@tap.test
def what_exists_is_replaced_only_when_told():
    for size in (0, 5, 6 * MIB):
        first, second = SANDBOX.write_random("kept", size), SANDBOX.write_random("other", size + 1)
        names = ["--name", f"kept-{size}", "--part-size", "5"]
        upload(first, *names).expect(0)
        refused, = upload(second, *names, "--json").expect(1).objects
        assert refused["status_code"] == 409, refused
        assert_same(f"kept-{size}", first)
        assert_tidy()
        upload(second, *names, "--overwrite").expect(0)
        assert_same(f"kept-{size}", second)
    assert_tidy()


@tap.test
def what_is_purged_is_gone():
    upload(SANDBOX.write("gone 100%", b"x"), "--path", "p").expect(0)
    start("--purge", "p/gone 100%").finish().expect(0)
    assert_absent("p/gone 100%")
    start("--purge", "p/gone 100%").finish().expect(1)


def interrupt_in_the_middle(source, number, **options):
    """What names the upload in the journal."""
    run = start("--upload", source, "--name", "broken off", *SLOWLY, **options)
    wait_until(lambda: any(event["sent"] > 5 * MIB for event in run.events("progress")),
               "the first part to arrive")
    run.interrupt(number)
    run.finish()
    return run.events("progress")[-1]["id"]


def go_on(command, transfer):
    SANDBOX.run(command, transfer, environment={"S3STREAMER_TOKEN": SERVER.token}).expect(0)


@tap.test
def a_pipe_that_is_interrupted_leaves_nothing():
    interrupt_in_the_middle("-", signal.SIGINT, stdin=[os.urandom(40 * MIB)])
    assert_absent("broken off")


@tap.test
def an_upload_that_ends_in_the_middle_goes_on():
    path = SANDBOX.write_random("broken off", 40 * MIB)
    for number in (signal.SIGINT, signal.SIGKILL):
        transfer = interrupt_in_the_middle(path, number)
        assert "broken off" not in list_documents()
        go_on("--resume", transfer)
        assert_same("broken off", path)
        assert_tidy()
        start("--purge", "broken off").finish().expect(0)


@tap.test
def an_upload_that_ends_in_the_middle_can_be_given_up():
    path = SANDBOX.write_random("broken off", 40 * MIB)
    for number in (signal.SIGINT, signal.SIGKILL):
        transfer = interrupt_in_the_middle(path, number)
        left, = CEPH.list_unfinished()
        assert left["Key"] == f"{PREFIX}/broken off", left
        go_on("--abort", transfer)
        assert_absent("broken off")


@tap.test
def a_cancelled_upload_leaves_nothing_and_stays_so():
    for size, part_size in [(3, 5 * MIB), (11 * MIB, 5 * MIB)]:
        begun = ask(action="begin", key="cancelled", size=size, part_size=part_size,
                    overwrite=False, resume_id=uuid.uuid4().hex)
        to = begun.get("put") or ask(action="presign", upload_id=begun["upload_id"], parts=[
            {"number": 1, "size": 5 * MIB}])[0]
        request = urllib.request.Request(to["url"], b"x" * min(size, part_size), to["headers"],
                                         method="PUT")
        request.add_unredirected_header("Content-type", to["headers"].get("content-type", ""))
        urllib.request.urlopen(request).close()
        for _ in range(2):
            assert ask(action="cancel", upload_id=begun["upload_id"]) == {}
            assert_absent("cancelled")
        finished = post(action="finish", upload_id=begun["upload_id"])
        assert finished["status_code"] == 404, finished
        assert_absent("cancelled")


# Version 1, by the old client


def old_client(**options):
    return Client(SERVER.url, API_KEY, SERVER.token, **{"parts": 2, "part_size": 5} | options)


@tap.test
def an_old_client_uploads_every_size():
    client = old_client()
    for size in (0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB - 1, 10 * MIB, 10 * MIB + 1,
                 20 * MIB, 23 * MIB + 17):
        path = SANDBOX.write_random(f"old {size}.bin", size)
        answer = client.multipart(path, " /old client/ ")
        assert answer["status_code"] == 200, (size, answer)
        assert answer["status"] == "Document recombined.", answer
        assert_same(f"old client/old {size}.bin", path)
        assert_tidy()


@tap.test
def an_old_client_uploads_odd_names():
    for name in ["R&D+x=1.txt", "100%.txt", "a%2Fb.txt", "grüße 😀.txt", "it's (1).txt", "שלום.pdf"]:
        path = SANDBOX.write_random(name, 6 * MIB)
        answer = old_client().multipart(path, "old odd")
        assert answer["status_code"] == 200, (name, answer)
        assert_same(f"old odd/{name}", path)
        assert_tidy()


@tap.test
def an_old_client_replaces_and_purges():
    first, second = SANDBOX.write("one/old", b"first"), SANDBOX.write("two/old", b"second")
    assert old_client().multipart(first, "o")["status_code"] == 200
    refused = old_client().multipart(second, "o")
    assert refused["status_code"] == 401, refused
    assert refused["status"] == "Document already exists and overwrite is not set."
    assert_same("o/old", first)
    assert old_client().multipart(second, "o", overwrite="YES")["status_code"] == 200
    assert_same("o/old", second)
    assert old_client().multipart(second, "o", purge="YES")["status"] == "Document purged."
    assert_absent("o/old")
    assert old_client().multipart(second, "o", purge="YES")["status_code"] == 404


@tap.test
def an_old_client_gives_up_and_leaves_nothing():
    client = old_client()
    upload_id = client.done("create", "o/k", filesize=str(6 * MIB), overwrite="NO")
    names = ["/tmp/k_1_abcde.bin.1", "/tmp/k_1_abcde.bin.2"]
    client.send("geturl", names[0], bytes(5 * MIB))
    client.send("geturl", names[1], bytes(MIB))
    client.done("add", "o/k", uploadid=upload_id, partname=names[0], partnumber="1")
    assert client.call("abort", "o/k", uploadid=upload_id)["status_code"] == 200
    assert client.delete("o/k", names)["status"] == "Temporary file(s) deleted."
    assert_absent("o/k")
    assert client.call("complete", "o/k", uploadid=upload_id, parts="[]")["status_code"] == 404


@tap.test
def an_old_client_puts_a_whole_document_by_one_form():
    old_client().send("geturls", "o/whole & 100%", b"first")
    assert read("o/whole & 100%") == b"first"
    old_client().send("geturls", "o/whole & 100%", b"")
    assert read("o/whole & 100%") == b""
    try:
        old_client().send("geturls", "o/../whole", b"x")
    except Failed:
        assert_tidy()
    else:
        raise AssertionError("a form for a key that is none")


# A backend of version 1, by the program


def upload_old(backend, *arguments):
    return start_old(backend, "--upload", *arguments, "--part-size", "5", "--parts", "2",
                     "--domain", DOMAIN).finish()


def old_secrets(backend):
    return {"S3STREAMER_TOKEN": backend.token, "S3STREAMER_API_KEY": API_KEY}


def start_old(backend, *arguments):
    return SANDBOX.start(*arguments, "--request-url", backend.url,
                         environment=old_secrets(backend))


def old_backend():
    return Backend(BotoStore(CEPH.client(), CEPH.bucket), "token-of-version-1", API_KEY)


def assert_old_tidy():
    assert CEPH.list_unfinished() == [] and not [key for key in CEPH.list_keys() if "tmp/" in key]


@tap.test
def an_old_backend_gets_every_size_and_odd_names():
    with old_backend() as backend:
        for size in (0, 1, 5 * MIB, 5 * MIB + 1, 10 * MIB, 23 * MIB + 17):
            path = SANDBOX.write_random(f"to old {size}", size)
            upload_old(backend, path, "--path", PREFIX).expect(0)
            assert_same(f"to old {size}", path)
            assert_old_tidy()
        paths = [SANDBOX.write(f"odd/{name}", name.encode()) for name in ODD_NAMES]
        upload_old(backend, *paths, "--path", PREFIX, "--overwrite").expect(0)
        for name in ODD_NAMES:
            assert read(composed(name)) == name.encode(), name
        assert_old_tidy()
        # Without a byte there is no part: the document is put by one form.
        assert set(backend.actions) == {"capabilities", "create", "geturl", "geturls", "add",
                                        "complete", "delete", "abort"}, set(backend.actions)


@tap.test
def an_old_backend_is_told_to_replace_to_purge_and_to_give_up():
    with old_backend() as backend:
        first, second = SANDBOX.write("three/b", b"first"), SANDBOX.write("four/b", b"second")
        upload_old(backend, first, "--path", PREFIX).expect(0)
        refused, = upload_old(backend, second, "--path", PREFIX, "--json").expect(1).objects
        assert refused["status_code"] == 401 and read("b") == b"first", refused
        upload_old(backend, second, "--path", PREFIX, "--overwrite").expect(0)
        assert read("b") == b"second"
        start_old(backend, "--purge", f"{PREFIX}/b").finish().expect(0)
        assert "b" not in list_documents()
        start_old(backend, "--purge", f"{PREFIX}/b").finish().expect(1)
        backend.requests.clear()
        path = SANDBOX.write_random("given up", 40 * MIB)
        run = start_old(backend, "--upload", path, "--path", PREFIX, *SLOWLY)
        wait_until(lambda: backend.count("add") >= 1, "a part to be added")
        run.interrupt()
        run.finish().expect(130)
        assert "given up" not in list_documents() and backend.count("abort") == 0
        SANDBOX.run("--abort", run.events("progress")[-1]["id"],
                    environment=old_secrets(backend)).expect(0)
        assert backend.count("abort") > 0
        assert_old_tidy()


if is_installed():
    with Ceph() as CEPH, Sandbox() as SANDBOX:
        SERVER = BucketServer(SANDBOX, CEPH, PREFIX)
        tap.main()
else:
    print("1..0 # SKIP Ceph is not installed")
