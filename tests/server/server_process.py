# server_process.py: the real server as a process, and a client of its request API
#
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import uuid

from support.wait import wait_until

SERVER = os.environ["STREAMER_SERVER"]
TOKEN = "a-token-for-the-tests-of-the-server"


class Client:
    def __init__(self, request_url, token, **headers):
        self.request_url = request_url
        self.token = token
        self.headers = headers

    def ask(self, filename=None, **body):
        """Status and headers of HTTP, and the whole envelope."""
        query = "" if filename is None else "?filename=" + urllib.parse.quote(filename, safe="")
        request = urllib.request.Request(
            self.request_url + query,
            data=json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token, **self.headers},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, json.load(error)

    def call(self, **body):
        """The whole envelope."""
        return self.ask(**body)[2]

    def done(self, **body):
        envelope = self.call(**body)
        assert envelope["status_code"] == 200, envelope
        return envelope["status"]

    def begin(self, key, size, part_size, **more):
        return self.done(
            action="begin",
            key=key,
            size=size,
            part_size=part_size,
            resume_id=more.pop("resume_id", uuid.uuid4().hex),
            **more,
        )

    def presign(self, upload_id, number, size):
        parts = [{"number": number, "size": size}]
        return self.done(action="presign", upload_id=upload_id, parts=parts)[0]["url"]

    def put(self, upload_id, number, data):
        """The HTTP status."""
        return put(self.presign(upload_id, number, len(data)), data)

    def upload(self, key, data, **more):
        """The link."""
        begun = self.begin(key, len(data), max(len(data), 1), **more)
        assert put(begun["put"]["url"], data) == 200
        return self.done(action="finish", upload_id=begun["upload_id"])["url"]


def put(url, data):
    request = urllib.request.Request(url, data=data, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def start_put(url, length):
    """A connection on which the head of a PUT has been sent."""
    parts = urllib.parse.urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def start_post(url, content_type, length):
    """A connection on which the head of a POST has been sent."""
    parts = urllib.parse.urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    connection.sendall(head.encode())
    return connection


def read_address(process):
    line = process.stdout.readline()
    prefix = "listening on "
    assert line.startswith(prefix), line
    return line[len(prefix) :].strip()


class Server:
    """`s3streamer-server --root`, in a folder that is kept from one start to the next."""

    def __init__(self, wrap=None, **options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="streamer-server-"))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.log = self.folder / "log"
        self.wrap = wrap or (lambda command: command)
        self.options = options
        self.process = None
        self.start()

    def command(self, port):
        return [SERVER, "--root", str(self.root), "--listen", f"127.0.0.1:{port}"]

    def start(self, *arguments, port=0):
        command = [*self.command(port), *arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.wrap(command),
                env=dict(os.environ, S3STREAMER_TOKEN=TOKEN),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                **self.options,
            )
        self.url = read_address(self.process)
        self.client = Client(self.url + "/upload/request", TOKEN)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.stdout.close()
        return self.process.wait(timeout=60)

    def peak_memory(self):
        """Bytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def __enter__(self):
        return self

    def check_log(self):
        """Nothing is in it that a sanitizer has to say, with which the server may be built."""
        text = self.log.read_text(errors="replace")
        assert "Sanitizer" not in text and "runtime error: " not in text, text

    def __exit__(self, *_):
        self.end()
        self.check_log()
        shutil.rmtree(self.folder)


def hash_token(token):
    """As it stands in a configuration."""
    return hashlib.sha256(token.encode()).hexdigest()


def principal(name, more="", prefixes="/", rights="create;overwrite;remove;link"):
    """A section of a configuration, for somebody whose token is made of the name."""
    return (f"[principal {name}]\ntoken-sha256 = {hash_token(token_of(name))}\n"
            f"prefixes = {prefixes}\nrights = {rights}\n{more}\n")


def token_of(name):
    return f"the-token-of-{name}-which-nobody-else-has"


class Configured(Server):
    """`s3streamer-server --config`, with what `sections` says; its storage is a folder."""

    def __init__(self, sections, server="", **options):
        self.config = None
        self.sections = sections
        self.server = server
        super().__init__(**options)

    def command(self, port):
        if not self.config:
            self.config = self.folder / "server.conf"
            self.audit = self.folder / "audit.log"
            self.configure(self.sections, self.server)
        return [SERVER, "--config", str(self.config), "--listen", f"127.0.0.1:{port}", "--log-json"]

    def configure(self, sections, server=""):
        self.write(f"[server]\naudit-log = {self.audit}\n{server}\n"
                   f"[storage]\nkind = folder\nroot = {self.root}\n\n{sections}")

    def write(self, text, mode=0o600):
        fresh = self.config.with_suffix(".fresh")
        fresh.write_text(text)
        fresh.chmod(mode)
        fresh.rename(self.config)

    def of(self, name, **headers):
        """A client with the token of somebody, or with another one that is given."""
        token = name if "-" in name or "." in name else token_of(name)
        return Client(self.url + "/upload/request", token, **headers)

    def log_lines(self, event):
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"] == event]

    def audit_lines(self):
        return [json.loads(line) for line in self.audit.read_text().splitlines()]

    def hang_up(self):
        """SIGHUP; what the log says of it then."""
        before = len(self.log_lines("reload"))
        self.process.send_signal(signal.SIGHUP)
        return wait_until(lambda: self.log_lines("reload")[before:], "the server to reload")
