#!/usr/bin/python3
# test-lambda.py: the server as a function of AWS Lambda, behind both kinds of gateway
#
# SPDX-License-Identifier: GPL-3.0-or-later

import ast
import base64
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import uuid
import zipfile

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
from support import tap  # noqa: E402
from support.lambda_emulator import Emulator  # noqa: E402
from support.lambda_gateway import (  # noqa: E402
    FORMS, TOKEN, ask, call, done, http_event, rest_event)

SERVER = os.environ["STREAMER_SERVER"]
SEAL_SECRET = "0123456789abcdef0123456789abcdef"
MIB = 1048576


def environment(**more):
    variables = os.environ | {"S3STREAMER_TOKEN": TOKEN, "S3STREAMER_SEAL_SECRET": SEAL_SECRET}
    return variables | more


@contextlib.contextmanager
def running(root=None, **more):
    with contextlib.ExitStack() as stack:
        root = root or stack.enter_context(tempfile.TemporaryDirectory())
        command = [SERVER, "--lambda", "--root", root]
        yield stack.enter_context(Emulator(command, environment(**more)))


def begin(key, size=3 * MIB, part_size=MIB):
    return {"action": "begin", "key": key, "size": size, "part_size": part_size,
            "resume_id": uuid.uuid4().hex}


@tap.test
def the_first_answer_of_a_cold_start():
    with running() as function:
        outcome = function.invoke(http_event({"action": "capabilities"}))
        assert outcome.kind == "response", outcome.body
        tap.diagnose(f"cold start to first answer: {(outcome.time - function.started) * 1000:.0f} ms")


@tap.test
def the_first_answer_waits_for_no_certificates():
    with tempfile.TemporaryDirectory() as folder:
        certificates = folder + "/certificates"
        # Whoever opens it waits for ever.
        os.mkfifo(certificates)
        variables = environment(SSL_CERT_FILE=certificates)
        with Emulator([SERVER, "--lambda", "--root", folder + "/root"], variables) as function:
            assert done(function, http_event({"action": "capabilities"}))["version"] == 2


@tap.test
def every_action_of_version_2_behind_both_gateways():
    for form in FORMS:
        with running() as function:
            capabilities = done(function, form({"action": "capabilities"}))
            assert capabilities["version"] == 2, capabilities

            upload_id = done(function, form(begin("team-a/grüße 😀.bin")))["upload_id"]
            parts = [{"number": number, "size": MIB} for number in (1, 2, 3)]
            urls = done(function, form({"action": "presign", "upload_id": upload_id, "parts": parts}))
            assert [url["number"] for url in urls] == [1, 2, 3], urls
            assert all(url["url"].startswith("https://api.example/") for url in urls), urls
            assert done(function, form({"action": "parts", "upload_id": upload_id})) == []
            finish = call(function, form({"action": "finish", "upload_id": upload_id}))
            assert finish["error"]["code"], finish
            assert done(function, form({"action": "cancel", "upload_id": upload_id})) == {}
            parts = call(function, form({"action": "parts", "upload_id": upload_id}))
            assert parts["status_code"] == 404, parts

            assert done(function, form({"action": "stat", "key": "nothing"}))["exists"] is False
            remove = call(function, form({"action": "remove", "key": "nothing"}))
            assert remove["status_code"] == 404, remove
            link = call(function, form({"action": "link", "key": "nothing", "expires_in": 60}))
            assert link["status_code"] == 404, link


@tap.test
def every_action_of_version_1_behind_both_gateways():
    queries = {
        http_event: lambda name: "filename=" + name,
        rest_event: lambda name: {"filename": name},
    }
    for form, query in queries.items():
        with running() as function:
            key, part = query("team-a/a.bin"), query("/tmp/a_1600000000_AbCdE.bin.1")
            upload_id = done(
                function,
                form({"action": "create", "filesize": "1000", "overwrite": "NO"}, query=key),
            )
            assert isinstance(upload_id, str), upload_id
            grant = ast.literal_eval(done(function, form({"action": "geturl"}, query=part)))
            assert grant["url"].startswith("https://api.example/"), grant
            assert grant["fields"]["key"].startswith("tmp/"), grant
            add = {"action": "add", "uploadid": upload_id, "partnumber": "1",
                   "partname": "/tmp/a_1600000000_AbCdE.bin.1"}
            assert call(function, form(add, query=key))["status_code"] != 200
            complete = {"action": "complete", "uploadid": upload_id,
                        "parts": "[{'ETag': 'abc', 'PartNumber': 1}]"}
            assert call(function, form(complete, query=key))["status_code"] != 200
            assert done(function, form({"action": "abort", "uploadid": upload_id}, query=key))
            purge = {"action": "purge", "objects": "[{'Key': 'team-a/a.bin'}]"}
            answer = call(function, form(purge, query=key))
            assert answer["status_code"] == 404, answer
            assert answer["status"] == (
                "Document does not exist and therefore cannot be purged."), answer


@tap.test
def an_upload_goes_on_in_another_instance():
    with tempfile.TemporaryDirectory() as root:
        with running(root) as function:
            upload_id = done(function, http_event(begin("a")))["upload_id"]
        body = {"action": "parts", "upload_id": upload_id}
        with running(root) as function:
            assert done(function, rest_event(body)) == []
        with running(root, S3STREAMER_SEAL_SECRET=SEAL_SECRET[::-1]) as function:
            assert call(function, rest_event(body))["status_code"] == 404
        assert not (pathlib.Path(root) / "server.key").exists()


@tap.test
def bodies_in_base_64():
    for form in FORMS:
        with running() as function:
            text = json.dumps({"action": "stat", "key": "grüße"}).encode()
            event = form(base64.b64encode(text).decode(), isBase64Encoded=True)
            assert done(function, event)["exists"] is False
            event = form(base64.b64encode(b"\x00\xff").decode(), isBase64Encoded=True)
            assert call(function, event)["status_code"] == 400
            event = form("no base64 at all!", isBase64Encoded=True)
            assert call(function, event)["status_code"] == 400


@tap.test
def no_token_a_wrong_one_and_two():
    with running() as function:
        for form in FORMS:
            assert call(function, form({"action": "stat", "key": "a"}, token="x"))["status_code"] == 401
            without = form({"action": "stat", "key": "a"}, headers={})
            without["multiValueHeaders"] = {}
            assert call(function, without)["status_code"] == 401
            without["headers"] = without["multiValueHeaders"] = None
            assert call(function, without)["status_code"] == 401
        twice = rest_event({"action": "stat", "key": "a"})
        twice["multiValueHeaders"]["Authorization"] = ["Bearer x", f"Bearer {TOKEN}"]
        assert call(function, twice)["status_code"] == 401
        assert TOKEN not in function.log


@tap.test
def claims_are_not_believed_where_nobody_said_so():
    with running() as function:
        event = http_event({"action": "stat", "key": "a"}, token="x")
        event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": "owner"}, "scopes": None}}
        assert call(function, event)["status_code"] == 401
        event = rest_event({"action": "stat", "key": "a"}, token="x")
        event["requestContext"]["authorizer"] = {"claims": {"sub": "owner"}}
        assert call(function, event)["status_code"] == 401


@tap.test
def methods_that_are_not_taken():
    with running() as function:
        event = http_event("")
        event["requestContext"]["http"]["method"] = "GET"
        for event in (event, rest_event("", httpMethod="GET"), rest_event("", httpMethod="get")):
            status, headers, _ = ask(function, event)
            assert (status, headers["Allow"]) == (405, "POST"), (status, headers)


@tap.test
def bodies_that_are_too_big_or_no_requests():
    with running() as function:
        for form in FORMS:
            most = form(" " * (MIB - 100) + json.dumps({"action": "capabilities"}))
            assert done(function, most)["version"] == 2
            # As much as Lambda hands over.
            for size in (MIB + 1, 5 * MIB):
                status, _, text = ask(function, form("x" * size))
                assert (status, text) == (413, ""), (status, text)
            for body in ("", "{", "[]", "null", "[" * 100000, '{"action": "no such"}', "\ufffe"):
                assert call(function, form(body))["status_code"] == 400, body[:20]
            assert call(function, form("") | {"body": None})["status_code"] == 400
            # What the client alone can do to the frame.
            assert ask(function, form("a\x00b"))[0] == 400
            assert done(function, form({"action": "capabilities"}))["version"] == 2


@tap.test
def events_of_something_else_are_errors_and_the_next_is_answered():
    bad = (
        {},
        [],
        "text",
        7,
        None,
        {"Records": [{"eventSource": "aws:s3"}]},
        {"httpMethod": "POST", "body": "{}"},
        rest_event("", httpMethod=7),
        rest_event("", requestContext=[]),
        http_event("") | {"body": {"action": "capabilities"}},
        http_event("") | {"body": 7},
        http_event("", isBase64Encoded="yes"),
        http_event("", requestContext={"http": {}}),
        http_event("", requestContext={"http": "POST"}),
    )
    with running() as function:
        for event in bad:
            outcome = function.invoke(event)
            assert (outcome.kind, outcome.error_type) == ("error", "Function.BadEvent"), event
            assert outcome.body["errorType"] == "Function.BadEvent", outcome.body
            assert outcome.body["errorMessage"], outcome.body
        # Members of other types are as good as absent.
        odd = http_event({"action": "capabilities"}, headers=[1])
        assert call(function, odd)["status_code"] == 401
        assert done(function, http_event({"action": "capabilities"}))["version"] == 2
        assert function.process.poll() is None


@tap.test
def an_answer_that_comes_too_late_does_no_harm():
    with running() as function:
        function.answer_status = 403
        assert function.invoke(http_event({"action": "capabilities"})).kind == "response"
        function.answer_status = 202
        assert done(function, http_event({"action": "capabilities"}))["version"] == 2


@tap.test
def a_runtime_interface_that_gives_up_ends_the_function():
    with running() as function:
        function.answer_status = 500
        function.invoke(http_event({"action": "capabilities"}))
        assert function.wait().kind == "exit"
        assert function.process.returncode == 1, function.process.returncode
        assert "500" in function.log, function.log


@tap.test
def lambda_is_told_why_the_function_does_not_start():
    wrong = (
        ({"S3STREAMER_SEAL_SECRET": "short"}, "S3STREAMER_SEAL_SECRET", 2),
        ({"S3STREAMER_TOKEN": "short"}, "token", 2),
    )
    for variables, word, code in wrong:
        with running(**variables) as function:
            outcome = function.wait()
            assert (outcome.kind, outcome.error_type) == ("init-error", "Runtime.BadConfiguration")
            assert word in outcome.body["errorMessage"], outcome.body
            assert function.wait().kind == "exit"
            assert function.process.returncode == code, function.process.returncode
    with tempfile.NamedTemporaryFile() as file:
        with running(file.name) as function:
            outcome = function.wait()
            assert outcome.kind == "init-error", outcome.kind
            assert file.name in outcome.body["errorMessage"], outcome.body
            assert function.wait().kind == "exit"
            assert function.process.returncode == 1, function.process.returncode


@tap.test
def parts_go_straight_to_a_bucket():
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "session"}
    variables = environment(S3STREAMER_BUCKET="a-bucket", S3STREAMER_PREFIX="files",
                            AWS_REGION="eu-west-1", **keys)
    with Emulator([SERVER, "--lambda"], variables) as function:
        capabilities = done(function, rest_event({"action": "capabilities"}))
        assert capabilities["min_part_size"] == 5 * MIB, capabilities
    with Emulator([SERVER, "--lambda"], environment()) as function:
        outcome = function.wait()
        assert outcome.kind == "init-error", outcome.kind
        assert "bucket" in outcome.body["errorMessage"], outcome.body


@tap.test
def the_package_brings_all_that_it_needs():
    make = pathlib.Path(__file__).parents[2] / "data/deploy/make-lambda-package"
    for program in ("bash", "ldd", "pkg-config"):
        if not shutil.which(program):
            tap.skip(f"{program} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(folder, "function.zip")
        made = subprocess.run([make, SERVER, archive], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        package = pathlib.Path(folder, "task")
        with zipfile.ZipFile(archive) as content:
            for member in content.infolist():
                path = content.extract(member, package)
                os.chmod(path, member.external_attr >> 16)
        variables = environment(LAMBDA_TASK_ROOT=str(package))
        command = [package / "bootstrap", "--root", folder + "/root"]
        with Emulator(command, variables) as function:
            outcome = function.invoke(rest_event({"action": "capabilities"}))
            assert outcome.kind == "response", outcome.body
            tap.diagnose(
                f"cold start of the package: {(outcome.time - function.started) * 1000:.0f} ms")
            mapped = pathlib.Path(f"/proc/{function.process.pid}/maps").read_text()
            libraries = {line.split()[-1] for line in mapped.splitlines() if ".so" in line}
            assert libraries, mapped
            strange = {path for path in libraries if not path.startswith(str(package))}
            assert not strange, strange


tap.main()
