# test_upload.py: uploads to this computer by the command line, and what it prints
#
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import os
import urllib.parse
import urllib.request

from support import tap
from support.backend import Backend
from support.headless import Sandbox, download, has_content_of
from support.server import Server

MIB = 1 << 20
MEMBERS = {"file", "key", "url", "size", "status_code", "status", "etag", "checksum", "sha256",
           "parts", "part_size", "seconds", "retries", "id"}


@tap.test
def small_files_arrive_whole():
    with Sandbox() as sandbox:
        paths = [sandbox.write("empty"), sandbox.write("one byte", b"x"),
                 sandbox.write_random("more.bin", 70_000)]
        run = sandbox.run("--upload", *paths).expect(0)
        assert len(run.lines) == 3, run.out
        assert run.err == "", run.err
        for link, path in zip(run.lines, paths):
            assert has_content_of(link, path), path


@tap.test
def a_content_type_can_be_chosen():
    with Sandbox() as sandbox:
        path = sandbox.write("page", b"<p>")
        run = sandbox.run("--upload", path, "--content-type", "text/html; charset=utf-8").expect(0)
        with urllib.request.urlopen(run.lines[0]) as answer:
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8", answer.headers


@tap.test
def a_file_in_parts_arrives_whole():
    with Sandbox() as sandbox:
        path = sandbox.write_random("big.bin", 23 * MIB + 17)
        run = sandbox.run("--upload", path, "--part-size", "5", "--parts", "3", "--json").expect(0)
        receipt, = run.objects
        assert set(receipt) == MEMBERS, receipt
        assert receipt["parts"] == 5 and receipt["part_size"] == 5 * MIB, receipt
        assert receipt["size"] == 23 * MIB + 17 and receipt["status_code"] == 200, receipt
        assert receipt["key"] == "big.bin" and receipt["file"] == str(path), receipt
        assert has_content_of(receipt["url"], path)


@tap.test
def a_sha256_is_in_the_receipt_where_it_is_wanted():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 6 * MIB)
        arguments = ["--upload", path, "--part-size", "5", "--json"]
        assert sandbox.run(*arguments).expect(0).objects[0]["sha256"] is None
        receipt, = sandbox.run(*arguments, "--sha256", "--overwrite").expect(0).objects
        assert receipt["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), receipt


@tap.test
def a_folder_keeps_its_structure():
    odd = ["with blank", "größe", "日本語", "a%2Fb", "plus+and&amp", "quote'\"", "#hash?", "~tilde",
           "semi;colon", "back\\slash", "..dots..", "-dash", "new: colon", "😀", "*star[1]"]
    with Sandbox() as sandbox:
        expected = {}
        for number in range(1000):
            folder = f"{odd[number % len(odd)]}/{number // 100}"
            name = f"{folder}/{odd[number // 7 % len(odd)]} {number}"
            path = sandbox.write(f"tree/{name}", f"content of {number}".encode())
            expected[f"below/tree/{name}"] = path
        run = sandbox.run("--upload", "tree", "--path", "below", "--json").expect(0)
        receipts = run.objects
        assert {item["key"] for item in receipts} == set(expected)
        assert [item["file"] for item in receipts] == sorted(
            (item["file"] for item in receipts), key=lambda file: [
                part.encode() for part in file.split("/")]), "not in byte order"
        for item in receipts:
            assert item["file"] == str(expected[item["key"]]), item
            assert has_content_of(item["url"], expected[item["key"]]), item


@tap.test
def a_pipe_is_uploaded():
    for size in [0, 1000, 5 * MIB, 12 * MIB + 3]:
        with Sandbox() as sandbox:
            content = os.urandom(size)
            run = sandbox.run("--upload", "-", "--name", "from pipe.bin", "--part-size", "5",
                              "--tmp", sandbox.root / "tmp", stdin=[content]).expect(0)
            link, = run.lines
            assert b"".join(download(link)) == content, size
            assert list((sandbox.root / "tmp").iterdir()) == []


@tap.test
def links_come_in_the_order_given():
    with Sandbox() as sandbox:
        names = ["slow.bin", "b", "missing", "a", "c"]
        sandbox.write_random("slow.bin", 12 * MIB)
        for name in "abc":
            sandbox.write(name, name.encode())
        run = sandbox.run("--upload", *names, "--part-size", "5").expect(6)
        found = [urllib.parse.unquote(urllib.parse.urlsplit(link).path).rsplit("/", 1)[1]
                 for link in run.lines]
        assert found == ["slow.bin", "b", "a", "c"], run.out
        assert run.err.count("\n") == 1 and "missing" in run.err, run.err


@tap.test
def names_that_look_like_options_and_uris():
    with Sandbox() as sandbox:
        dash = sandbox.write("-dash", b"1")
        colon = sandbox.write("notes: today", b"2")
        uri = sandbox.write("by uri", b"3")
        run = sandbox.run("--upload", "--json", uri.as_uri(), "notes: today", "--", "-dash")
        run.expect(0)
        assert [item["key"] for item in run.objects] == ["by uri", "notes: today", "-dash"]
        for item, path in zip(run.objects, [uri, colon, dash]):
            assert has_content_of(item["url"], path)


@tap.test
def path_and_name_make_the_key():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"1")
        run = sandbox.run("--upload", path, "--path", "/p/q/", "--name", "größe.txt", "--json")
        assert run.expect(0).objects[0]["key"] == "p/q/größe.txt"


@tap.test
def what_is_there_is_not_replaced():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"first")
        link = sandbox.run("--upload", path).expect(0).lines[0]
        path.write_bytes(b"second")
        run = sandbox.run("--upload", path, "--json").expect(1)
        receipt, = run.objects
        assert receipt["status_code"] == 409, receipt
        assert str(path) in run.err and "--overwrite" in run.err, run.err
        assert b"".join(download(link)) == b"first"
        plain = sandbox.run("--upload", path).expect(1)
        assert plain.out == "", plain.out
        replaced = sandbox.run("--upload", path, "--overwrite").expect(0)
        assert b"".join(download(replaced.lines[0])) == b"second"


@tap.test
def what_is_there_is_not_replaced_in_parts():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 6 * MIB)
        sandbox.run("--upload", path, "--part-size", "5").expect(0)
        before = sorted(sandbox.stored_files())
        receipt, = sandbox.run("--upload", path, "--part-size", "5", "--json").expect(1).objects
        assert receipt["status_code"] == 409, receipt
        assert sorted(sandbox.stored_files()) == before


@tap.test
def purge_removes_once():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"1")
        sandbox.run("--upload", path, "--path", "p").expect(0)
        run = sandbox.run("--purge", "p/a").expect(0)
        assert run.out == "" and "Document purged." in run.err, run.out + run.err
        again = sandbox.run("--purge", "a", "--path", "p", "--json").expect(1)
        result, = again.objects
        assert result["key"] == "p/a" and result["status_code"] == 404, result
        assert "p/a" in again.err, again.err


@tap.test
def purge_of_several_tells_each():
    with Sandbox() as sandbox:
        sandbox.run("--upload", sandbox.write("a", b"1"), sandbox.write("c", b"1")).expect(0)
        run = sandbox.run("--purge", "a", "b", "c", "--json").expect(6)
        assert [(item["key"], item["status_code"]) for item in run.objects] == [
            ("a", 200), ("b", 404), ("c", 200)], run.out


@tap.test
def a_stream_of_events():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 6 * MIB)
        run = sandbox.run("--upload", path, "missing", "--part-size", "5", "--json=stream",
                          "--limit-rate", "5M").expect(6)
        states = [item["state"] for item in run.events("state") if item["file"] == str(path)]
        assert states[0] == "waiting" and states[-1] == "done", states
        assert "uploading" in states, states
        progress = run.events("progress")
        assert progress and all(0 <= item["sent"] <= item["size"] == 6 * MIB for item in progress)
        sent = [item["sent"] for item in progress]
        assert sent == sorted(sent), sent
        done, = run.events("done")
        failed, = run.events("failed")
        assert set(done) == MEMBERS | {"event"} and done["status_code"] == 200, done
        assert failed["status_code"] == 400 and failed["url"] is None, failed


@tap.test
def a_dry_run_touches_nothing():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 11 * MIB)
        arguments = ["--upload", path, "--path", "p", "--part-size", "5", "--dry-run"]
        run = sandbox.run(*arguments).expect(0)
        assert run.out == "" and "p/a" in run.err and "3 parts" in run.err, run.err
        receipt, = sandbox.run(*arguments, "--json").expect(0).objects
        assert (receipt["key"], receipt["parts"], receipt["size"]) == ("p/a", 3, 11 * MIB), receipt
        sandbox.run(*arguments, "--token-file", "/no/such/file", "--request-url",
                    "http://server.invalid/").expect(0)
        assert sandbox.run("--upload", "missing", "--dry-run").expect(5).out == ""
        assert sandbox.stored_files() == [] and list(sandbox.runtime.iterdir()) == []


@tap.test
def quiet_says_nothing_and_verbose_tells_states():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"1")
        assert sandbox.run("--upload", path, "--quiet").expect(0).err == ""
        verbose = sandbox.run("--upload", path, "--verbose", "--overwrite").expect(0)
        assert f"{path}: done\n" in verbose.err, verbose.err


@tap.test
def an_empty_folder_is_no_failure():
    with Sandbox() as sandbox:
        (sandbox.files / "empty").mkdir()
        run = sandbox.run("--upload", "empty").expect(0)
        assert run.out == "" and "no file" in run.err, run.err


@tap.test
def a_closed_standard_output_is_told():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"1")
        run = sandbox.run("--upload", path, preexec_fn=lambda: os.close(1)).expect(1)
        assert "Standard output" in run.err, run.err


@tap.test
def a_saved_connection_and_its_settings():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        sandbox.write("a", b"1")
        settings = sandbox.root / "config" / "glib-2.0" / "settings" / "keyfile"
        settings.parent.mkdir(parents=True)
        settings.write_text(
            "[org/s3streamer/S3Streamer]\nconnections=['work']\nconnection='work'\n"
            "target-folder='team'\npart-size=7\n[org/s3streamer/S3Streamer/connections/work]\n"
            f"name='Work'\nrequest-url='{server.url}'\n"
            "domain='https://files.example.org/downloads'\n")
        before = settings.read_bytes()
        environment = {"GSETTINGS_BACKEND": "keyfile", "S3STREAMER_TOKEN": server.token}
        receipt, = sandbox.run("--upload", "a", "--json", environment=environment).expect(0).objects
        assert receipt["url"] == "https://files.example.org/downloads/team/a", receipt
        assert receipt["part_size"] == 7 * MIB, receipt
        run = sandbox.run("--upload", "a", "--connection", "Work", "--path", "", "--domain",
                          "http://other.example.org/", environment=environment).expect(0)
        assert run.lines == ["http://other.example.org/a"], run.out
        assert settings.read_bytes() == before
        sandbox.run("--upload", "a", environment=environment | {"S3STREAMER_TOKEN": ""}).expect(3)
        here = sandbox.run("--upload", "a", "--connection", "this-computer", "--path", "",
                           environment=environment).expect(0)
        assert has_content_of(here.lines[0], sandbox.files / "a")


@tap.test
def a_wrong_clock_is_told_once():
    with Sandbox() as sandbox, Backend("token") as backend:
        paths = [sandbox.write_random(name, 11 * MIB) for name in "ab"]
        backend.clock_offset = 3 * 3600 + 60
        run = sandbox.run("--upload", *paths, "--part-size", "5", "--request-url", backend.url,
                          environment={"S3STREAMER_TOKEN": "token"}).expect(0)
        assert len(run.lines) == 2, run.out
        sentence = "This computer’s clock is 3 hours behind the server’s. Set it right."
        assert run.err.count("clock") == 1 and f"Warning: {sentence}" in run.err, run.err


@tap.test
def help_and_version_need_nothing():
    with Sandbox() as sandbox:
        run = sandbox.run("--help").expect(0)
        assert "--upload" in run.out and run.err == ""
        assert sandbox.run("--version").expect(0).out.startswith("s3streamer ")


@tap.test
def without_a_display_it_names_the_other_way():
    with Sandbox() as sandbox:
        for arguments in [[], ["file"]]:
            run = sandbox.run(*arguments).expect(1)
            assert "--upload" in run.err and run.out == "", run.err


tap.main()
