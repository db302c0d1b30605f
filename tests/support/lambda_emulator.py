# lambda_emulator.py: AWS Lambda's runtime interface, for one function
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands events to a function as Lambda does, and takes its answers."""

import http.server
import json
import queue
import subprocess
import threading
import time
import uuid

PREFIX = "/2018-06-01/runtime"


class Outcome:
    """What the function said: `kind` is "response", "error", "init-error" or "exit"."""

    def __init__(self, kind, body=b"", error_type=None, invocation=None):
        self.kind = kind
        self.body = json.loads(body) if body else None
        self.error_type = error_type
        self.invocation = invocation
        self.time = time.monotonic()


class Emulator:
    """`with Emulator(command, environment) as function:` the function runs until the block ends."""

    def __init__(self, command, environment):
        self.events = queue.Queue()
        self.outcomes = queue.Queue()
        self.answer_status = 202
        emulator = self

        class Handler(_Handler):
            pass

        Handler.emulator = emulator
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        address = f"127.0.0.1:{self._server.server_address[1]}"
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment | {"AWS_LAMBDA_RUNTIME_API": address},
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._log = []
        self._reader = threading.Thread(target=self._read_log)
        self._reader.start()

    def _read_log(self):
        for line in self.process.stderr:
            self._log.append(line)
        self.process.wait()
        self.outcomes.put(Outcome("exit"))

    @property
    def log(self):
        return "".join(self._log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self._reader.join(60)
        self.process.stderr.close()
        # Who waits for an event is let go.
        self.events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def invoke(self, event):
        """EVENT is an object, or the bytes of one. Returns the Outcome."""
        text = event if isinstance(event, bytes) else json.dumps(event).encode()
        invocation = str(uuid.uuid4())
        self.events.put((invocation, text))
        outcome = self.wait()
        assert outcome.invocation == invocation, (outcome.kind, outcome.body, self.log)
        return outcome

    def wait(self):
        return self.outcomes.get(timeout=60)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A function may end in the middle."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other: the second does not wait for word of the first.
    disable_nagle_algorithm = True
    emulator = None

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def _answer(self, status, body=b"{}", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # pylint: disable=invalid-name
        if self.path != PREFIX + "/invocation/next":
            self._answer(404)
            return
        event = self.emulator.events.get()
        if event is None:
            self.close_connection = True
            return
        self._answer(200, event[1], [
            ("Lambda-Runtime-Aws-Request-Id", event[0]),
            ("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 30000)),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:1:function:f"),
            ("Lambda-Runtime-Trace-Id", "Root=1-5-a;Parent=b;Sampled=0"),
        ])

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.emulator.answer_status
        error_type = self.headers.get("Lambda-Runtime-Function-Error-Type")
        steps = self.path.removeprefix(PREFIX + "/").split("/")
        if steps == ["init", "error"]:
            outcome = Outcome("init-error", body, error_type)
        else:
            outcome = Outcome(steps[2], body, error_type, steps[1])
        # In this order: with the answer, the function may end.
        self.emulator.outcomes.put(outcome)
        self._answer(status)
