# test_version_1.py: uploads through a backend of version 1 of the request API
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import json
import os
import re
import signal
import urllib.error
import urllib.parse
import urllib.request

from support import tap
from support.backend_v1 import LOST, Backend, MemoryStore, envelope, gateway
from support.headless import Sandbox
from support.server import Server
from support.wait import wait_until

MIB = 1 << 20
DOMAIN = "https://files.example.org/downloads"
TOKEN = "token-of-version-1"
API_KEY = "ABCDEF1234567890"
ODD = ["with blank", "plus+and&amp", "100%", "a%2Fb", "what?", "#hash", "größe.tar.gz", "日本語.txt",
       "😀", "שלום.pdf", "quote'\"s", "back\\slash", ".hidden", "dot.", "semi;colon", "${filename}",
       "-dash", "e\u0301", "x" * 255]


ENVIRONMENT = {"S3STREAMER_TOKEN": TOKEN, "S3STREAMER_API_KEY": API_KEY}


class World:
    def __init__(self, sandbox, store, backend):
        self.sandbox = sandbox
        self.store = store
        self.backend = backend

    def run(self, *arguments, token=TOKEN, api_key=API_KEY, **options):
        return self.sandbox.run(
            *arguments, "--request-url", self.backend.url,
            environment={"S3STREAMER_TOKEN": token, "S3STREAMER_API_KEY": api_key}, **options)

    def upload(self, *arguments, **options):
        return self.run("--upload", *arguments, "--part-size", "5", "--domain", DOMAIN, **options)

    def assert_tidy(self):
        assert self.store.temporaries == [], self.store.temporaries
        assert self.store.uploads == {}, self.store.uploads


class Hiding(Backend):
    """Passes everything on to a server of version 2, but does not know of its capabilities."""

    def __init__(self, request_url):
        super().__init__(None, TOKEN, API_KEY)
        self.request_url = request_url

    def handle(self, action, filename, body):
        if action == "capabilities":
            return envelope(500, "'capabilities'")
        request = urllib.request.Request(
            f"{self.request_url}?filename={urllib.parse.quote(filename)}", json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "x-api-key": self.api_key}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


@contextlib.contextmanager
def world(prefix="", **options):
    with Sandbox() as sandbox, MemoryStore(**options) as store, \
            Backend(store, TOKEN, API_KEY, prefix) as backend:
        yield World(sandbox, store, backend)


def assert_arrives(here, path, *arguments, parts):
    content = path.read_bytes()
    run = here.upload(path, "--json", *arguments).expect(0)
    receipt, = run.objects
    assert receipt["status_code"] == 200 and receipt["parts"] == parts, receipt
    assert receipt["size"] == len(content), receipt
    assert receipt["url"] == f"{DOMAIN}/{urllib.parse.quote(receipt['key'])}", receipt
    assert here.store.objects.pop(receipt["key"]) == content
    here.assert_tidy()


@tap.test
def every_size_arrives_with_every_signature():
    for options in [{"signature": "v2"}, {"signature": "v4"}, {"signature": "v2", "etags": False},
                    {"signature": "v4", "etags": False, "session_token": "FwoGZXIvYXdzE/+=" * 40},
                    {"signature": "v2", "session_token": "FwoGZXIvYXdzE/+=" * 40}]:
        with world(**options) as here:
            for size, parts in [(0, 1), (1, 1), (5 * MIB, 1), (5 * MIB + 1, 2)]:
                path = here.sandbox.write_random(f"file {size}.bin", size)
                assert_arrives(here, path, "--path", "team a/b", parts=parts)


@tap.test
def files_of_more_than_all_parts_at_a_time_arrive():
    with world(etags=False) as here:
        for size, parts in [(10 * MIB, 2), (23 * MIB + 17, 5), (40 * MIB, 8)]:
            path = here.sandbox.write_random("big.tar.gz", size)
            assert_arrives(here, path, "--parts", "2", parts=parts)


@tap.test
def the_requests_are_those_of_the_description():
    with world() as here:
        here.upload(here.sandbox.write_random("my film.mkv", 5 * MIB + 1), "--path", "p",
                    "--parts", "1").expect(0)
        assert here.backend.actions == ["capabilities", "create", "geturl", "add", "geturl", "add",
                                        "complete", "delete"], here.backend.actions
        bodies = dict(zip(here.backend.actions, here.backend.bodies))
        upload_id = bodies["add"]["uploadid"]
        part = bodies["add"]["partname"]
        assert bodies["create"] == {"action": "create", "filesize": str(5 * MIB + 1),
                                    "overwrite": "NO"}, bodies["create"]
        assert re.fullmatch(r"/tmp/my-film-\w{32}_\d{10}_[A-Za-z0-9]{5}\.mkv\.2", part), part
        assert bodies["add"] == {"action": "add", "uploadid": upload_id, "partname": part,
                                 "partnumber": "2"}, bodies["add"]
        assert re.fullmatch(r"\[\{'ETag': '[0-9a-f]{32}', 'PartNumber': 1\}, "
                            r"\{'ETag': '[0-9a-f]{32}', 'PartNumber': 2\}\]",
                            bodies["complete"]["parts"]), bodies["complete"]
        assert bodies["delete"]["objects"] == \
            f"[{{'Key': 'tmp/{part[:-1]}1'}}, {{'Key': 'tmp/{part}'}}]", bodies["delete"]
        names = dict(here.backend.requests)
        assert names.pop("geturl") == part
        assert names.pop("capabilities") == ""
        assert set(names.values()) == {"p/my film.mkv"}, names


@tap.test
def odd_names_arrive():
    with world() as here:
        paths = [here.sandbox.write(name, name.encode()) for name in ODD]
        paths.append(here.sandbox.write("empty ' \" %", b""))
        run = here.run("--upload", *("./" + path.name for path in paths), "--path", "größe",
                       "--domain", DOMAIN, "--json").expect(0)
        assert len(run.objects) == len(paths)
        for receipt, path in zip(run.objects, paths):
            assert here.store.objects.pop(receipt["key"]) == path.read_bytes(), receipt
            assert receipt["url"] == f"{DOMAIN}/{urllib.parse.quote(receipt['key'], safe='/~')}"
        assert here.store.objects == {}, here.store.objects
        here.assert_tidy()


@tap.test
def files_with_one_name_at_the_same_time_do_not_mix():
    with world() as here:
        for number in range(40):
            here.sandbox.write(f"tree/{number}/data.txt", os.urandom(100))
        here.run("--upload", "tree", "--parts", "16").expect(0)
        for number in range(40):
            path = here.sandbox.files / f"tree/{number}/data.txt"
            assert here.store.objects[f"tree/{number}/data.txt"] == path.read_bytes()
        here.assert_tidy()


@tap.test
def what_is_there_is_replaced_only_when_asked_to():
    with world() as here:
        for size in [0, 1, 6 * MIB]:
            path = here.sandbox.write("a", b"x" * size)
            here.store.objects["a"] = b"first"
            run = here.upload(path, "--json").expect(1)
            receipt, = run.objects
            assert receipt["status_code"] == 401, receipt
            assert "Document already exists" in run.err and "--overwrite" in run.err, run.err
            assert here.store.objects["a"] == b"first"
            here.assert_tidy()
            here.upload(path, "--overwrite").expect(0)
            assert here.store.objects["a"] == b"x" * size
            here.assert_tidy()


@tap.test
def purge_removes_once():
    with world() as here:
        here.store.objects |= {"p/it's": b"1", "p/b": b"2"}
        run = here.run("--purge", "p/it's").expect(0)
        assert run.out == "" and "Document purged." in run.err, run.out + run.err
        assert here.store.objects == {"p/b": b"2"}
        again = here.run("--purge", "p/it's", "--json").expect(1)
        result, = again.objects
        assert result["status_code"] == 404, result
        assert "cannot be purged" in again.err, again.err


@tap.test
def wrong_tokens_and_keys_and_paths_are_refused():
    with world(prefix="team-a") as here:
        path = here.sandbox.write("a", b"1")
        wrong = here.upload(path, "--path", "team-a", token="wrong").expect(3)
        assert "token" in wrong.err and "wrong" not in wrong.err, wrong.err
        wrong = here.upload(path, "--path", "team-a", api_key="wrong").expect(3)
        assert "API key" in wrong.err, wrong.err
        wrong = here.upload(path, "--path", "team-b").expect(3)
        assert "No access to the specified path." in wrong.err, wrong.err
        here.upload(path, "--path", "team-a").expect(0)
        assert list(here.store.objects) == ["team-a/a"]
        here.assert_tidy()


def assert_goes_on(here, path):
    """What is left goes on."""
    assert "a" not in here.store.objects
    here.sandbox.run("--resume", environment=ENVIRONMENT).expect(0)
    assert here.store.objects["a"] == path.read_bytes()
    here.assert_tidy()


@tap.test
def a_failure_in_the_middle_goes_on_later():
    for action, skip in [("geturl", 3), ("add", 2), ("complete", 0)]:
        with world() as here:
            path = here.sandbox.write_random("a", 21 * MIB)
            words = f"No {action} today."
            here.backend.next_answers[action].extend([None] * skip + [envelope(500, words)] * 9)
            run = here.upload(path, "--parts", "2").expect(1)
            assert words in run.err and "--resume" in run.err, run.err
            here.backend.next_answers.clear()
            assert_goes_on(here, path)


@tap.test
def an_interrupted_upload_goes_on():
    with world() as here:
        path = here.sandbox.write_random("a", 40 * MIB)
        run = here.sandbox.start(
            "--upload", path, "--part-size", "5", "--request-url", here.backend.url,
            "--limit-rate", "5M", "--json=stream", environment=ENVIRONMENT)
        wait_until(lambda: here.backend.count("add") >= 2 or not run.is_alive(), "two parts")
        run.interrupt()
        run.finish().expect(130)
        assert_goes_on(here, path)


@tap.test
def an_interrupted_upload_can_be_given_up():
    with world() as here:
        path = here.sandbox.write_random("a", 40 * MIB)
        run = here.sandbox.start(
            "--upload", path, "--part-size", "5", "--request-url", here.backend.url,
            "--limit-rate", "5M", "--json=stream", environment=ENVIRONMENT)
        wait_until(lambda: here.backend.count("add") >= 2 or not run.is_alive(), "two parts")
        run.interrupt()
        run.finish().expect(130)
        here.sandbox.run("--abort", run.events("failed")[0]["id"],
                         environment=ENVIRONMENT).expect(0)
        assert here.store.objects == {}, list(here.store.objects)
        here.assert_tidy()


@tap.test
def what_passes_is_tried_again():
    with world() as here:
        path = here.sandbox.write_random("a", 12 * MIB)
        answers = here.backend.next_answers
        answers["capabilities"].append(gateway(504, "Endpoint request timed out"))
        answers["create"].append(gateway(429, "Too Many Requests"))
        answers["geturl"].append(gateway(502, "Internal server error"))
        answers["add"].extend([LOST, gateway(504, "Endpoint request timed out")])
        answers["delete"].append(gateway(503, "Service Unavailable"))
        here.store.next_answers.extend([
            (503, b"<Error><Code>SlowDown</Code></Error>"),
            (403, b"<Error><Code>AccessDenied</Code><Message>expired</Message></Error>"),
            (500, b"<Error><Code>InternalError</Code></Error>")])
        assert_arrives(here, path, parts=3)
        assert here.backend.count("add") == 5, here.backend.actions
        assert len(here.store.posts) == 3, here.store.posts


@tap.test
def a_lost_answer_to_complete_is_no_failure():
    with world() as here:
        path = here.sandbox.write_random("a", 6 * MIB)
        here.backend.next_answers["complete"].append(LOST)
        assert_arrives(here, path, parts=2)
        here.backend.next_answers["complete"].append(LOST)
        run = here.upload(path, "--overwrite").expect(1)
        assert "cannot say whether" in run.err, run.err
        assert here.store.uploads == {}, here.store.uploads


@tap.test
def what_was_killed_before_the_answer_to_complete_is_done_for_the_next_run():
    with world() as here:
        path = here.sandbox.write_random("a", 12 * MIB)
        complete = here.backend.do_complete

        def complete_and_kill(filename, body):
            answer = complete(filename, body)
            here.backend.do_complete = complete
            run.interrupt(signal.SIGKILL)
            return answer

        here.backend.do_complete = complete_and_kill
        run = here.sandbox.start("--upload", path, "--part-size", "5", "--request-url",
                                 here.backend.url, environment=ENVIRONMENT)
        run.finish().expect(-signal.SIGKILL)
        here.sandbox.run("--resume", environment=ENVIRONMENT).expect(0)
        assert here.store.objects["a"] == path.read_bytes()
        here.assert_tidy()


@tap.test
def a_backend_that_falls_over_at_the_first_question_is_understood():
    for answer in [gateway(502, "Internal server error"), envelope(400, "Unknown action."),
                   gateway(400, "Missing required request parameters: [filename]"),
                   envelope(403, "No access to the specified path."), envelope(200, None)]:
        with world() as here:
            here.backend.next_answers["capabilities"].extend([answer] * 2)
            assert_arrives(here, here.sandbox.write("a", b"1"), parts=1)


@tap.test
def a_pipe_is_sent_where_it_fits_into_a_part():
    with world() as here:
        content = os.urandom(3 * MIB)
        here.upload("-", "--name", "piped.bin", stdin=[content]).expect(0)
        assert here.store.objects["piped.bin"] == content
        long = here.upload("-", "--name", "long.bin", stdin=[content, content]).expect(2)
        assert "how long the input is" in long.err, long.err
        assert "long.bin" not in here.store.objects
        here.assert_tidy()


@tap.test
def many_parts_are_sent_together():
    with world(etags=False) as here:
        path = here.sandbox.write_random("a", 60 * MIB)
        assert_arrives(here, path, "--parts", "6", parts=12)


@tap.test
def our_own_server_takes_it():
    with Sandbox() as sandbox:
        sandbox.environment["S3STREAMER_TOKEN"] = TOKEN
        server = Server(sandbox, TOKEN)
        with Hiding(server.url) as backend:
            arguments = ["--request-url", backend.url, "--part-size", "5", "--json"]
            environment = {"S3STREAMER_API_KEY": API_KEY}
            for size in [0, 1, 5 * MIB, 21 * MIB + 3]:
                path = sandbox.write_random(f"größe {size}.bin", size)
                sandbox.run("--upload", path, *arguments, environment=environment).expect(0)
                stored = [found for found in (sandbox.root / "storage").rglob("*")
                          if found.is_file() and "objects" in found.parts]
                assert [found.read_bytes() for found in stored] == [path.read_bytes()]
                again = sandbox.run("--upload", path, *arguments, environment=environment)
                assert again.expect(1).objects[0]["status_code"] == 401, again.out
                sandbox.run("--purge", path.name, "--request-url", backend.url,
                            environment=environment).expect(0)
            assert "capabilities" in backend.actions and "begin" not in backend.actions
            left = [path for name in ("uploads", "staged")
                    for path in (sandbox.root / "storage" / name).rglob("*")]
            assert left == [], left


tap.main()
