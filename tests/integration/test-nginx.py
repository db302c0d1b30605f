#!/usr/bin/python3
# test-nginx.py: the server behind nginx with TLS, as data/deploy/nginx.conf puts it there
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import json
import os
import subprocess
import sys
import urllib.parse
import uuid

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
sys.path.insert(0, os.environ["G_TEST_SRCDIR"] + "/server")
from support import tap  # noqa: E402
from support.nginx import Nginx  # noqa: E402
from server_process import TOKEN, Configured, Server, principal, token_of  # noqa: E402

MIB = 1048576


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def envelope(self):
        return json.loads(self.body)


class Client:
    def __init__(self, nginx):
        self.nginx = nginx
        self.connection = nginx.http()

    def send(self, method, path, body=None, **headers):
        self.connection.request(method, path, body, headers)
        return Answer(self.connection.getresponse())

    def call(self, token=TOKEN, **body):
        return self.send(
            "POST", "/upload/request", json.dumps(body), Authorization=f"Bearer {token}")

    def done(self, **body):
        answer = self.call(**body)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.envelope["status"]

    def own_path(self, url):
        """What to ask nginx for; the server has to have named nginx."""
        assert url.startswith(self.nginx.url + "/"), url
        parts = urllib.parse.urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")


@contextlib.contextmanager
def running(server=None):
    with server or Server() as server:
        with Nginx(server.url.removeprefix("http://")) as nginx:
            yield nginx, Client(nginx)


def begin(key, size, part_size):
    return {"action": "begin", "key": key, "size": size, "part_size": part_size,
            "resume_id": uuid.uuid4().hex}


@tap.test
def an_upload_and_its_download():
    data = os.urandom(3 * MIB)
    with running() as (nginx, client):
        upload_id = client.done(**begin("team-a/grüße %.bin", 3 * MIB, MIB))["upload_id"]
        parts = [{"number": number, "size": MIB} for number in (1, 2, 3)]
        for url in client.done(action="presign", upload_id=upload_id, parts=parts):
            begun = (url["number"] - 1) * MIB
            answer = client.send("PUT", client.own_path(url["url"]), data[begun : begun + MIB])
            assert answer.status == 200, (answer.status, answer.body)
        link = client.done(action="finish", upload_id=upload_id)["url"]
        answer = client.send("GET", client.own_path(link))
        assert (answer.status, answer.body == data) == (200, True), answer.status
        answer = client.send("GET", client.own_path(link), Range="bytes=10-19")
        assert (answer.status, answer.body) == (206, data[10:20]), answer.status
        assert answer.headers["Strict-Transport-Security"], answer.headers

        # Signatures and tokens are in no log.
        logs = nginx.logs()
        assert "PUT /parts/" in logs, logs
        assert "?" not in logs and "signature" not in logs and TOKEN not in logs, logs


@tap.test
def the_program_uploads_through_it():
    with running() as (nginx, client):
        path = nginx.folder / "a file.bin"
        path.write_bytes(os.urandom(12 * MIB))
        program = [os.environ["STREAMER_PROGRAM"], "--upload", "--no-input", "--part-size", "5",
                   "--request-url", nginx.url + "/upload/request", str(path)]
        home = {name: str(nginx.folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
                                                     "XDG_DATA_HOME", "XDG_RUNTIME_DIR")}
        variables = os.environ | home | {"S3STREAMER_TOKEN": TOKEN}
        # Nobody trusts a certificate that the test has made.
        done = subprocess.run(program, env=variables, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (4, ""), (done.returncode, done.stderr)
        variables["SSL_CERT_FILE"] = str(nginx.certificate)
        done = subprocess.run(program, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answer = client.send("GET", client.own_path(done.stdout.strip()))
        assert answer.body == path.read_bytes()


@tap.test
def refusals_arrive_as_such():
    with running() as (_, client):
        answer = client.call(token="wrong", action="stat", key="a")
        assert (answer.status, answer.envelope["status_code"]) == (401, 401), answer.body
        url = client.done(**begin("a", 1, MIB))["put"]["url"]
        path = client.own_path(url)
        answer = client.send("PUT", path[:-1] + ("A" if path[-1] != "A" else "B"), b"x")
        assert answer.status == 403, (answer.status, answer.body)
        # nginx does not keep a connection whose request was answered before it was whole.
        client.connection.close()
        answer = client.call(action="remove", key="nothing")
        assert (answer.status, answer.envelope["status_code"]) == (404, 404), answer.body
        assert client.send("GET", "/").status == 404
        assert client.send("GET", "/upload/request").status == 405


@tap.test
def limits_of_the_server_arrive_as_such():
    sections = principal("alice", "rate = 1\nburst = 1") + principal("bob", "quota = 1K")
    with running(Configured(sections, "failures-per-minute = 2")) as (_, client):
        for _ in range(60):
            answer = client.call(token=token_of("alice"), action="capabilities")
            if answer.status != 200:
                break
        assert (answer.status, answer.envelope["error"]["code"]) == (429, "limited"), answer.body
        seconds = answer.envelope["error"]["retry_after"]
        assert answer.headers.get_all("Retry-After") == [str(seconds)], answer.headers
        answers = [client.call(token="wrong", action="capabilities") for _ in range(3)]
        assert [answer.status for answer in answers] == [401, 401, 429], answers[-1].body
        assert int(answers[-1].headers["Retry-After"]) > 1, answers[-1].headers

        bob = token_of("bob")
        answer = client.call(token=bob, **begin("k", 2**62, MIB))
        assert (answer.status, answer.envelope["error"]["code"]) == (413, "too_large"), answer.body
        answer = client.call(token=bob, **begin("k", 2000, MIB))
        assert (answer.status, answer.envelope["error"]["code"]) == (507, "quota"), answer.body


@tap.test
def the_server_knows_where_a_client_is():
    server = Configured(principal("alice"), "trusted-proxy = 127.0.0.1")
    with running(server) as (nginx, client):
        client.connection = nginx.http(source_address=("127.0.0.2", 0))
        for forged in ({}, {"X-Forwarded-For": "192.0.2.1"}):
            body = json.dumps({"action": "capabilities"})
            token = f"Bearer {token_of('alice')}"
            answer = client.send("POST", "/upload/request", body, Authorization=token, **forged)
            assert answer.status == 200, answer.body
        assert {line["remote"] for line in server.audit_lines()} == {"127.0.0.2"}


@tap.test
def requests_that_are_too_large():
    with running() as (nginx, client):
        head = (f"POST /upload/request HTTP/1.1\r\nHost: 127.0.0.1:{nginx.port}\r\n"
                f"Content-Length: {MIB + 1}\r\n\r\n")
        with nginx.connect() as connection:
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 413 "), head
        answer = client.call(action="capabilities", padding="x" * (MIB - 1000))
        assert answer.status == 200, (answer.status, answer.body)


@tap.test
def too_many_requests():
    with running() as (_, client):
        for _ in range(3000):
            answer = client.call(action="capabilities")
            if answer.status != 200:
                break
        assert answer.status == 429, (answer.status, answer.body)
        assert answer.headers["Retry-After"] == "1", answer.headers
        assert answer.headers["Content-Type"] == "application/json", answer.headers
        assert answer.envelope == {"message": "Too Many Requests"}, answer.body
        # Parts are not counted: these are many by nature.
        answer = client.send("GET", "/downloads/nothing")
        assert answer.status in (403, 404), answer.status


@tap.test
def a_server_that_is_away():
    with running() as (nginx, client):
        with Nginx("127.0.0.1:9") as lonely:
            assert Client(lonely).call(action="capabilities").status == 502
        assert client.call(action="capabilities").status == 200
        assert nginx.process.poll() is None


tap.main()
