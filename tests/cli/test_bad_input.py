# test_bad_input.py: each bad input has a sentence and an exit status, and loses nothing
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import http.server
import os
import signal
import socket
import threading

from support import tap
from support.headless import Sandbox, has_content_of
from support.server import Server
from support.wait import wait_until

MIB = 1 << 20


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every request with the server's `content`."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        kind, content = self.server.content
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering(kind, content):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.content = (kind, content)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/upload/request"
        finally:
            server.shutdown()
            thread.join()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def assert_sentence(run, *words):
    """One message, which ends as sentences do, and no link."""
    assert run.out == "", run.out
    assert run.err.startswith("s3streamer: ") and run.err.endswith(".\n"), run.err
    for word in words:
        assert word in run.err, (word, run.err)


@tap.test
def no_such_file():
    with Sandbox() as sandbox:
        assert_sentence(sandbox.run("--upload", "missing").expect(5), "missing")


@tap.test
def a_file_that_may_not_be_read():
    user = "nobody" if os.geteuid() == 0 else None
    with Sandbox(user) as sandbox:
        try:
            sandbox.run("--version").expect(0)
        except PermissionError:
            tap.skip("the build folder is not for everybody")
        path = sandbox.write("closed", b"1")
        path.chmod(0)
        if user:
            os.chown(path, sandbox.root.stat().st_uid, -1)
        assert_sentence(sandbox.run("--upload", path).expect(5), "closed")


@tap.test
def what_is_not_a_file():
    with Sandbox() as sandbox:
        os.mkfifo(sandbox.files / "fifo")
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(sandbox.files)
            listener.bind("socket")
            os.chdir("/")
            for name in ["fifo", "socket", "/dev/null", "/dev/zero"]:
                assert_sentence(sandbox.run("--upload", name).expect(5), name)


@tap.test
def a_folder_that_contains_itself():
    with Sandbox() as sandbox:
        path = sandbox.write("tree/a", b"1")
        (sandbox.files / "tree" / "again").symlink_to(".")
        run = sandbox.run("--upload", "tree").expect(6)
        link, = run.lines
        assert has_content_of(link, path)
        assert "again" in run.err, run.err


@tap.test
def links_that_lead_nowhere_or_in_a_circle():
    with Sandbox() as sandbox:
        (sandbox.files / "dangling").symlink_to("missing")
        (sandbox.files / "circle").symlink_to("circle")
        assert_sentence(sandbox.run("--upload", "dangling").expect(5), "dangling")
        assert_sentence(sandbox.run("--upload", "circle").expect(5), "circle")


@tap.test
def a_name_that_is_not_text():
    with Sandbox() as sandbox:
        for name in [b"bad\xff", b"tab\there", b"escape\x1b[31m"]:
            with open(os.path.join(os.fsencode(sandbox.files), name), "wb") as file:
                file.write(b"1")
            run = sandbox.run("--upload", name)
            assert run.status != 0 and run.out == "", run.out
            assert "\\x" in run.err and "\x1b" not in run.err, run.err
            sandbox.run("--upload", name, "--name", "text", "--overwrite").expect(0)


@tap.test
def what_this_computer_cannot_give_to_objects():
    with Sandbox() as sandbox:
        path = sandbox.write("a", b"1")
        for option, value, word in [("--metadata", "author=me", "metadata"),
                                    ("--storage-class", "GLACIER", "storage class"),
                                    ("--content-type", "html", "content type"),
                                    ("--content-type", b"\xff/\x1b", "content type")]:
            for more in [[], ["--dry-run"]]:
                run = sandbox.run("--upload", path, option, value, *more)
                assert_sentence(run.expect(2), word)
        for option, value, word in [("--metadata", "a b=c", "a b"), ("--metadata", "a=ü", "ASCII"),
                                    ("--metadata", b"\xff=c", "\\xFF"), ("--storage-class", "", "class")]:
            run = sandbox.run("--upload", path, "--s3", "s3://bucket", option, value)
            assert_sentence(run.expect(2), word)


@tap.test
def values_that_cannot_be_used():
    with Sandbox() as sandbox:
        sandbox.write("a", b"1")
        for arguments, word in [
                (["--parts", "0"], "0"), (["--parts", "65"], "65"), (["--parts", "abc"], "abc"),
                (["--part-size", "1"], "1"), (["--part-size", "6000"], "6000"),
                (["--path", "../x"], ".."), (["--path", "a/../b"], ".."), (["--name", ".."], ".."),
                (["--limit-rate", "fast"], "fast"), (["--unknown"], "--unknown"),
                (["--resume"], "--resume"), (["--connection", "nowhere"], "nowhere"),
                (["--token-file", "/no/such", "--request-url", "http://127.0.0.1:1/"], "/no/such"),
                (["--token-file", "/dev/null", "--request-url", "http://[::1]:1/"], "/dev/null"),
                (["--domain", "https://files.example.org"], "--request-url"),
                (["--request-url", "example.org"], "--request-url")]:
            run = sandbox.run("--upload", "a", *arguments).expect(2)
            assert run.out == "" and word in run.err and "--help" in run.err, run.err
        sandbox.run("--upload", "a", environment={"S3STREAMER_ENDPOINT": "nonsense"}).expect(2)
        assert sandbox.stored_files() == []


@tap.test
def a_server_that_refuses_connections():
    with Sandbox() as sandbox:
        sandbox.write("a", b"1")
        run = sandbox.run("--upload", "a", "--json", "--retry-for", "1", "--request-url",
                          f"http://127.0.0.1:{free_port()}/upload/request",
                          environment={"S3STREAMER_TOKEN": "secret-token"}).expect(4)
        receipt, = run.objects
        assert receipt["status_code"] == 503 and receipt["status"], receipt
        assert "secret-token" not in run.err + run.out


@tap.test
def a_server_that_is_not_found():
    with Sandbox() as sandbox:
        sandbox.write("a", b"1")
        run = sandbox.run("--upload", "a", "--retry-for=0", environment={
            "S3STREAMER_ENDPOINT": "http://server.invalid/upload/request",
            "S3STREAMER_TOKEN": "t"}).expect(4)
        assert run.out == "" and "a: " in run.err, run.err


@tap.test
def answers_that_are_not_the_protocol():
    brackets = b"[" * 200_000
    for kind, content in [
            ("application/json", b'{"status_code": 200, "status": "' + b"x" * (10 * MIB) + b'"}'),
            ("application/json", brackets), ("application/json", b'{"a":' + brackets),
            ("application/json", b""), ("application/json", b"null"),
            ("application/json", b'{"status_code": 200, "status": {"version": 2}}')]:
        with Sandbox() as sandbox, answering(kind, content) as url:
            sandbox.write("a", b"1")
            run = sandbox.run("--upload", "a", "--request-url", url,
                              environment={"S3STREAMER_TOKEN": "t"}).expect(1)
            assert_sentence(run, "a: ")
            assert run.peak_kib < 60 * 1024, run.peak_kib


@tap.test
def a_page_to_sign_in_to_the_network_first():
    with Sandbox() as sandbox, answering("text/html", b"<html>Please sign in</html>") as url:
        sandbox.write("a", b"1")
        run = sandbox.run("--upload", "a", "--request-url", url,
                          environment={"S3STREAMER_TOKEN": "t"}).expect(4)
        assert "a web page" in run.err and "--resume" in run.err, run.err


@tap.test
def a_token_that_is_wrong_or_missing():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        sandbox.write("a", b"1")
        sandbox.write("b", b"1")
        for environment in [{}, {"S3STREAMER_TOKEN": "wrong-token"}]:
            run = sandbox.run("--upload", "a", "b", "--path", "team-a", "--json", "--request-url",
                              server.url, environment=environment).expect(3)
            assert [item["status_code"] for item in run.objects] == [401, 401], run.out
            assert run.err.count("\n") == 1 and "--token-file" in run.err, run.err
            assert "wrong-token" not in run.err + run.out
            purge = sandbox.run("--purge", "x", "y", "--json", "--request-url", server.url,
                                environment=environment).expect(3)
            assert [item["status_code"] for item in purge.objects] == [401, 401], purge.out


@tap.test
def a_token_from_each_source():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        sandbox.write("a", b"1")
        token = sandbox.write("token", server.token.encode() + b"\n")
        token.chmod(0o600)
        arguments = ["--upload", "a", "--path", "team-a", "--request-url", server.url]
        run = sandbox.run(*arguments, "--token-file", token,
                          environment={"S3STREAMER_TOKEN": "wrong"}).expect(0)
        assert has_content_of(run.lines[0], sandbox.files / "a") and run.err == "", run.err
        sandbox.run("--purge", "team-a/a", "--request-url", server.url,
                    environment={"S3STREAMER_TOKEN": server.token}).expect(0)
        sandbox.run(*arguments, "--token-stdin", stdin=[server.token.encode() + b"\n"]).expect(0)
        token.chmod(0o644)
        run = sandbox.run("--purge", "team-a/a", "--request-url", server.url, "--token-file", token)
        assert run.expect(0).err.startswith("s3streamer: Warning: "), run.err


@tap.test
def a_target_that_is_not_allowed():
    refusal = b'{"status_code": 403, "status": "No access to the specified path."}'
    with Sandbox() as sandbox, answering("application/json", refusal) as url:
        sandbox.write("a", b"1")
        run = sandbox.run("--upload", "a", "--json", "--request-url", url,
                          environment={"S3STREAMER_TOKEN": "t"}).expect(3)
        receipt, = run.objects
        assert receipt["status_code"] == 403, receipt
        assert "No access to the specified path." in run.err, run.err


@tap.test
def secrets_are_not_in_the_environment_for_long():
    with Sandbox() as sandbox, socket.create_server(("127.0.0.1", 0)) as silent:
        run = sandbox.start("--upload", sandbox.write("a", b"1"), "--request-url",
                            f"http://127.0.0.1:{silent.getsockname()[1]}/",
                            environment={"S3STREAMER_TOKEN": "hidden-word"})
        wait_until(lambda: not holds(run, b"hidden-word"), "the token to leave the environment")
        wait_until(lambda: run.catches(signal.SIGINT), "the program to handle Ctrl+C")
        run.interrupt()
        run.finish().expect(130)
        assert "hidden-word" not in run.out + run.err


def holds(run, word):
    with open(f"/proc/{run.process.pid}/environ", "rb") as environment:
        return word in environment.read()


tap.main()
