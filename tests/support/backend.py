# backend.py: a backend whose pace and answers a test decides
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speaks version 2 of the request API and takes the parts itself. It keeps no bytes, only how many
there were and their checksums, so that it can stand in front of big files."""

import hashlib
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

CHUNK = 256 * 1024


def digest_of(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class Part:
    def __init__(self, size, digest):
        self.size = size
        self.digest = digest


class Upload:
    def __init__(self, key, size, part_size):
        self.key = key
        self.size = size
        self.part_size = part_size
        self.parts = {}


class Backend:
    """`with Backend(token) as backend:` listens at `backend.url` until the block ends."""

    def __init__(self, token):
        self.token = token
        self.uploads = {}
        self.finished = {}
        self.requests = []
        self.received = []  # (key, number) of each part that was taken whole
        self.active = 0
        self.most_active = 0
        self._condition = threading.Condition()
        self._hold_at = None
        self._hold_from = 0
        self.is_away = False
        self.url_life = None  # so many parts may be taken until a URL is refused
        self.refused = 0  # URLs
        self.clock_offset = 0  # seconds that its clock is ahead

        backend = self

        class Handler(_Handler):
            pass

        Handler.backend = backend
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = self.origin + "/upload/request"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def hold_parts(self, after, after_parts=0):
        """No part gets on when the backend has AFTER bytes of it, until release(); the first
        AFTER_PARTS that are taken whole are none of them."""
        with self._condition:
            self._hold_at = after
            self._hold_from = after_parts
            self._condition.notify_all()

    def refuse(self):
        """From now on nobody gets an answer, nor who waits for one."""
        with self._condition:
            self.is_away = True
            self._hold_at = None
            self._condition.notify_all()

    def accept(self):
        self.is_away = False

    def release(self):
        with self._condition:
            self._hold_at = None
            self._condition.notify_all()

    def wait_at(self, received):
        with self._condition:
            while (self._hold_at is not None and received >= self._hold_at
                   and len(self.received) >= self._hold_from):
                self._condition.wait()

    def is_good_still(self, at):
        """Whether a URL may be used that was made when AT parts had been taken."""
        if self.url_life is None or len(self.received) - at <= self.url_life:
            return True
        self.refused += 1
        return False

    def count(self, change):
        with self._condition:
            self.active += change
            self.most_active = max(self.active, self.most_active)

    def get_upload(self, body):
        return self.uploads.get(body.get("upload_id"))

    def has_bytes_of(self, key, path):
        """Whether the parts of the finished object KEY are those of the file at PATH."""
        parts = self.finished[key].parts
        with open(path, "rb") as file:
            for number in sorted(parts):
                data = file.read(parts[number].size)
                if len(data) != parts[number].size or digest_of(data) != parts[number].digest:
                    return False
            return not file.read(1)

    # What the request API answers: a status, or an error as (code, name, sentence).

    def capabilities(self, _body):
        return {"version": 2, "server": "test", "min_part_size": 1, "max_part_size": 1 << 40,
                "max_parts": 10000, "max_object_size": 1 << 45, "checksums": ["crc32"],
                "max_urls": 64, "max_items": 64, "domain": self.origin + "/downloads",
                "prefixes": [""], "unknown_size": True, "now": "2026-01-01T00:00:00Z"}

    def begin(self, body):
        if body["key"] in self.finished and not body.get("overwrite"):
            return (409, "exists", "There is a file of this name already.")
        upload_id = body["resume_id"]
        self.uploads.setdefault(upload_id, Upload(body["key"], body["size"], body["part_size"]))
        return {"upload_id": upload_id, "part_size": body["part_size"]}

    def presign(self, body):
        if self.get_upload(body) is None:
            return (404, "no_upload", "There is no such upload.")
        return [{"number": part["number"], "method": "PUT", "headers": {},
                 "url": f"{self.origin}/part/{body['upload_id']}/{part['number']}"
                        f"?at={len(self.received)}"}
                for part in body["parts"]]

    def parts(self, body):
        upload = self.get_upload(body)
        if upload is None:
            return (404, "no_upload", "There is no such upload.")
        return [{"number": number, "size": part.size, "etag": f'"{part.digest}"'}
                for number, part in sorted(upload.parts.items())]

    def finish(self, body):
        upload = self.get_upload(body)
        if upload is None:
            return (404, "no_upload", "There is no such upload.")
        size = sum(part.size for part in upload.parts.values())
        self.finished[upload.key] = upload
        return {"key": upload.key, "size": size, "etag": '"1"',
                "url": f"{self.origin}/downloads/{urllib.parse.quote(upload.key)}"}

    def cancel(self, body):
        self.uploads.pop(body.get("upload_id"), None)
        return {}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def server_bind(self):
        # A part that is held is then held on the sender's side, too.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        super().server_bind()

    def handle_error(self, request, client_address):
        """A client may leave in the middle."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    backend = None

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + self.backend.clock_offset)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def _answer(self, code, body, headers=()):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _is_welcome(self):
        return self.headers.get("Authorization") == f"Bearer {self.backend.token}"

    def _is_away(self):
        if self.backend.is_away:
            self.close_connection = True
        return self.backend.is_away

    def do_POST(self):  # pylint: disable=invalid-name
        if self._is_away():
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        action = body.get("action")
        self.backend.requests.append(action)
        if not self._is_welcome():
            status = (401, "unauthorized", "The token is missing or wrong.")
        elif action in ("capabilities", "begin", "presign", "parts", "finish", "cancel"):
            status = getattr(self.backend, action)(body)
        else:
            status = (400, "invalid", "Unknown action.")

        if isinstance(status, tuple):
            code, name, sentence = status
            answer = {"status": sentence, "status_code": code,
                      "error": {"code": name, "message": sentence}}
        else:
            answer = {"status": status, "status_code": 200}
        answer["request_id"] = str(len(self.backend.requests))
        self._answer(200, json.dumps(answer).encode(), [("Content-Type", "application/json")])

    def do_PUT(self):  # pylint: disable=invalid-name
        path, _, at = self.path.partition("?at=")
        _, _, upload_id, number = path.split("/")
        size = int(self.headers["Content-Length"])
        digest = hashlib.md5(usedforsecurity=False)
        received = 0
        self.backend.count(1)
        try:
            if not self.backend.is_good_still(int(at)):
                self.close_connection = True
                self._answer(403, b"")
                return
            while received < size:
                self.backend.wait_at(received)
                if self._is_away():
                    return
                data = self.rfile.read(min(CHUNK, size - received))
                if not data:
                    return
                digest.update(data)
                received += len(data)
            upload = self.backend.uploads[upload_id]
            upload.parts[int(number)] = Part(size, digest.hexdigest())
            self.backend.received.append((upload.key, int(number)))
            self._answer(200, b"", [("ETag", f'"{digest.hexdigest()}"')])
        finally:
            self.backend.count(-1)


class BackendProcess:
    """A Backend in a process of its own, where it does not share Python's lock with the test."""

    def __init__(self, token):
        self._process = subprocess.Popen(
            [sys.executable, __file__, token], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.url = self._process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.communicate(timeout=60)

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def hold_parts(self, after):
        self._say(f"hold {after}")

    def release(self):
        self._say("release")

    def get_state(self):
        """`active` and `most_active` parts, and the `finished` keys."""
        return self._say("state")


def main():
    with Backend(sys.argv[1]) as backend:
        print(backend.url, flush=True)
        for line in sys.stdin:
            words = line.split()
            if words[0] == "hold":
                backend.hold_parts(int(words[1]))
            elif words[0] == "release":
                backend.release()
            print(json.dumps({"active": backend.active, "most_active": backend.most_active,
                              "finished": list(backend.finished)}), flush=True)


if __name__ == "__main__":
    main()
