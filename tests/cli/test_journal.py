# test_journal.py: listing, giving up and verifying what the journal has
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import re
import subprocess

from support import tap
from support.backend import Backend
from support.headless import PROGRAMS, Sandbox
from support.server import Server
from support.terminal import Terminal
from support.wait import wait_until

MIB = 1 << 20
TOKEN = "secret-token-of-the-test"
ENVIRONMENT = {"S3STREAMER_TOKEN": TOKEN}
MEMBERS = ["file", "key", "url", "size", "status_code", "status", "etag", "checksum", "sha256",
           "parts", "part_size", "seconds", "retries", "id", "state", "sent", "connection",
           "created_at", "ended_at"]


def list_entries(sandbox):
    return sandbox.run("--list", "--json").expect(0).objects


def interrupt(sandbox, backend, path):
    """Uploads one part of PATH and is interrupted. Returns the id of what is left."""
    backend.hold_parts(MIB, after_parts=len(backend.received) + 1)
    before = len(backend.received)
    run = sandbox.start("--upload", path, "--part-size", "5", "--parts", "2", "--json=stream",
                        "--request-url", backend.url, environment=ENVIRONMENT)
    wait_until(lambda: (len(backend.received) > before and backend.active == 2)
               or not run.is_alive(), "parts to be held")
    run.interrupt()
    run.finish().expect(130)
    backend.release()
    return run.events("failed")[0]["id"]


@tap.test
def a_list_of_nothing():
    with Sandbox() as sandbox:
        run = sandbox.run("--list").expect(0)
        assert run.out == "" and "empty" in run.err, run.err
        assert list_entries(sandbox) == []


@tap.test
def a_list_for_programs():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        done = sandbox.write_random("done", MIB)
        sandbox.run("--upload", done, "--request-url", backend.url,
                    environment=ENVIRONMENT).expect(0)
        left = sandbox.write_random("left", 24 * MIB)
        left_id = interrupt(sandbox, backend, left)
        first, second = list_entries(sandbox)
        assert list(first) == list(second) == MEMBERS, first
        assert first["state"] == "done" and first["status_code"] == 200, first
        assert first["url"] == f"{backend.origin}/downloads/done", first
        assert first["sent"] == first["size"] == MIB and first["file"] == str(done), first
        assert second["state"] == "waiting" and second["id"] == left_id, second
        assert 5 * MIB <= second["sent"] < second["size"] == 24 * MIB, second
        assert second["connection"] == backend.url and second["ended_at"] is None, second
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", item["created_at"])
                   for item in [first, second]), first
        stream = sandbox.run("--list", "--json=stream").expect(0).objects
        assert [item["event"] for item in stream] == ["transfer", "transfer"], stream
        lines = sandbox.run("--list").expect(0).lines
        assert [line.split("\t")[0] for line in lines] == [first["id"], second["id"]], lines
        assert lines[0].endswith(f"\tdone\t{first['url']}") and "Unfinished" in lines[1], lines


@tap.test
def a_list_for_the_eye_is_aligned():
    with Sandbox() as sandbox, Terminal(200, 24) as terminal:
        for name in ["größe-日本語", "a"]:
            sandbox.run("--upload", sandbox.write(name, b"1" * 1500)).expect(0)
        process = subprocess.Popen(
            [PROGRAMS / "s3streamer", "--list"], env=sandbox.environment | {"TERM": "xterm"},
            stdin=subprocess.DEVNULL, stdout=terminal.device, stderr=subprocess.PIPE)
        sandbox.watch(process).finish().expect(0)
        terminal.end()
        header, *lines = terminal.text.splitlines()
        assert header.startswith("ID ") and len(lines) == 2, terminal.text
        for title, text in [("STATE", "Uploaded"), ("SIZE", "1.5\xa0kB"), ("KEY", "a")]:
            assert lines[1][header.index(title):].startswith(text), terminal.text


@tap.test
def what_is_given_up_is_gone_at_the_server():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        one = interrupt(sandbox, backend, sandbox.write_random("a", 24 * MIB))
        other = interrupt(sandbox, backend, sandbox.write_random("b", 24 * MIB))
        assert len(backend.uploads) == 2
        run = sandbox.run("--abort", one, "--json", environment=ENVIRONMENT).expect(0)
        receipt, = run.objects
        assert receipt["id"] == one and receipt["status_code"] == 200, receipt
        assert [upload.key for upload in backend.uploads.values()] == ["b"]
        again = sandbox.run("--abort", one, environment=ENVIRONMENT).expect(0)
        assert again.out == "" and one in again.err, again.err
        assert "cancelled" in sandbox.run("--resume", one, environment=ENVIRONMENT).expect(1).err
        assert [item["state"] for item in list_entries(sandbox)] == ["cancelled", "waiting"]
        sandbox.run("--resume", other, environment=ENVIRONMENT).expect(0)
        done = sandbox.run("--abort", other, environment=ENVIRONMENT).expect(1)
        assert "--purge b" in done.err, done.err
        assert "b" in backend.finished


@tap.test
def a_server_that_is_away_hears_of_it_later():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        left = interrupt(sandbox, backend, sandbox.write_random("a", 24 * MIB))
        backend.refuse()
        run = sandbox.run("--abort", left, "--retry-for", "0", environment=ENVIRONMENT).expect(4)
        assert "told again" in run.err, run.err
        assert [item["state"] for item in list_entries(sandbox)] == ["cancelled"]
        assert len(backend.uploads) == 1
        backend.accept()


@tap.test
def what_was_given_up_before_is_told_by_the_next_upload():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        read_end, write_end = os.pipe()

        def chunks():
            yield bytes(6 * MIB)
            os.read(read_end, 1)

        run = sandbox.start("--upload", "-", "--name", "x", "--part-size", "5", "--request-url",
                            backend.url, environment=ENVIRONMENT, stdin=chunks())
        wait_until(lambda: len(backend.received) == 1 or not run.is_alive(), "a part")
        run.process.kill()
        wait_until(lambda: not run.is_alive(), "the end")
        os.close(write_end)
        run.finish()
        os.close(read_end)
        assert [upload.key for upload in backend.uploads.values()] == ["x"]
        path = sandbox.write("a", b"1")

        def is_told():
            sandbox.run("--upload", path, "--overwrite", "--request-url", backend.url,
                        environment=ENVIRONMENT).expect(0)
            return "x" not in [upload.key for upload in backend.uploads.values()]

        # The end of a run does not wait for long until the server has heard.
        wait_until(is_told, "the server to be told of the pipe")


def upload(sandbox, path, *arguments):
    return sandbox.run("--upload", path, "--json", *arguments).expect(0).objects[0]


@tap.test
def a_file_that_is_what_was_uploaded():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 6 * MIB)
        receipt = upload(sandbox, path, "--part-size", "5")
        run = sandbox.run("--verify", path).expect(0)
        assert run.out == f"{path}: same\n", run.out
        assert "byte for byte" in run.err and "unchanged" in run.err, run.err
        verdict, = sandbox.run("--verify", receipt["id"][:10], "--json").expect(0).objects
        assert (verdict["verdict"], verdict["local"], verdict["stored"]) == (
            "same", "same", "same"), verdict
        assert verdict["id"] == receipt["id"] and verdict["key"] == "a", verdict


@tap.test
def a_byte_that_changed_here():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 6 * MIB)
        upload(sandbox, path, "--part-size", "5")
        content = bytearray(path.read_bytes())
        content[5 * MIB + 7] ^= 1
        path.write_bytes(content)
        verdict, = sandbox.run("--verify", path, "--json").expect(1).objects
        assert (verdict["local"], verdict["stored"]) == ("differs", "same"), verdict
        assert sandbox.run("--verify", path).expect(1).out == f"{path}: differs\n"
        os.unlink(path)
        assert sandbox.run("--verify", path).expect(1).out == f"{path}: absent\n"


@tap.test
def an_object_that_was_replaced_or_removed_there():
    with Sandbox() as sandbox:
        server = Server(sandbox, token=TOKEN)
        path = sandbox.write_random("a", MIB)
        other = sandbox.write_random("other", MIB)

        def run(*arguments):
            return sandbox.run(*arguments, "--request-url", server.url, environment=ENVIRONMENT)

        def verify(status):
            return sandbox.run("--verify", path, "--json", environment=ENVIRONMENT).expect(
                status).objects[0]

        run("--upload", path).expect(0)
        assert verify(0)["verdict"] == "same"
        run("--upload", other, "--name", "a", "--overwrite").expect(0)
        found = verify(1)
        assert (found["local"], found["stored"], found["verdict"]) == (
            "same", "differs", "differs"), found
        run("--purge", "a").expect(0)
        found = verify(1)
        assert (found["local"], found["stored"]) == ("same", "absent"), found
        refused = sandbox.run("--verify", path, "--json",
                              environment={"S3STREAMER_TOKEN": "wrong"}).expect(3)
        assert refused.objects[0]["verdict"] is None, refused.out


@tap.test
def what_was_never_uploaded_has_no_receipt():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"1")
        known = sandbox.write("b", b"1")
        upload(sandbox, known)
        assert "no receipt" in sandbox.run("--verify", path).expect(1).err
        run = sandbox.run("--verify", path, known, "--json").expect(6)
        assert [item["verdict"] for item in run.objects] == [None, "same"], run.out


tap.main()
