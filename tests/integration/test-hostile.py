#!/usr/bin/python3
# test-hostile.py: requests that nobody means well with, straight at the server and through nginx
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
sys.path.insert(0, os.environ["G_TEST_SRCDIR"] + "/server")
from support import tap  # noqa: E402
from support.nginx import Nginx, resident  # noqa: E402
from server_process import TOKEN, Server  # noqa: E402

MIB = 1048576
VICTIM = "victim.bin"
# More than any deadline of the server's (10 s for a head, 30 s for a request's body).
DEADLINE = 45
HEAD = "POST /upload/request HTTP/1.1\r\nHost: a\r\n"


def smuggled():
    """A good request, for who is taken in by what stands before it: the victim would be gone."""
    body = json.dumps({"action": "remove", "key": VICTIM})
    return (f"{HEAD}Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n{body}")


def hostile():
    """Name and text of each; none of them is one whole, good request."""
    inner = smuggled()
    yield "both lengths", f"{HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield "both lengths, turned round", (
        f"{HEAD}Transfer-Encoding: chunked\r\nContent-Length: {len(inner)}\r\n\r\n0\r\n\r\n")
    yield "an odd coding", f"{HEAD}Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n"
    yield "a coding behind a tab", f"{HEAD}Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\n0\r\n"
    yield "a blank before the colon", f"{HEAD}Content-Length : {len(inner)}\r\nContent-Length: 0\r\n\r\n"
    yield "two Hosts", f"{HEAD}Host: b\r\nContent-Length: 0\r\n\r\n"
    yield "no Host", "POST /upload/request HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    yield "two lengths", f"{HEAD}Content-Length: 0\r\nContent-Length: {len(inner)}\r\n\r\n"
    yield "a list of lengths", f"{HEAD}Content-Length: 0, {len(inner)}\r\n\r\n"
    for length in ("-1", "+1", "0x10", "1e3", "1 1", "", "18446744073709551616",
                   "9223372036854775808", "99999999999999999999999", "٣"):
        yield f"length {length}", f"{HEAD}Content-Length: {length}\r\n\r\n"
    yield "a folded line", f"{HEAD}X: a\r\n Content-Length: 3\r\nContent-Length: 0, 1\r\n\r\n"
    yield "a bare CR", f"{HEAD}X: a\rContent-Length: {len(inner)}\r\nContent-Length: 0, 1\r\n\r\n"
    yield "a NUL", f"{HEAD}X: a\0b\r\nContent-Length: 0\r\n\r\n"
    yield "no version", "POST /upload/request\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n"
    yield "a version to come", "POST /upload/request HTTP/3.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    yield "not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\r\n\r\n"
    yield "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def bare_line_feeds():
    return f"{HEAD}Content-Length: 0\r\n\r\n".replace("\r", "")


@contextlib.contextmanager
def running():
    with Server() as server:
        server.client.upload(VICTIM, b"still here")
        with Nginx(server.url.removeprefix("http://")) as nginx:
            yield server, nginx


def straight(server):
    parts = urllib.parse.urlsplit(server.url)
    return lambda: socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE)


def read_end(connection):
    """All that comes until the other side ends; a Timeout is a hang."""
    data = b""
    while True:
        try:
            more = connection.recv(65536)
        except TimeoutError:
            raise
        except OSError:
            return data
        if not more:
            return data
        data += more


def talk(connect, *texts):
    """What is answered to TEXTS, as far as they are taken."""
    with connect() as connection:
        try:
            for text in texts:
                connection.sendall(text)
            # TLS has an end of its own, and nginx takes this one for a client that left.
            if not isinstance(connection, ssl.SSLSocket):
                connection.shutdown(socket.SHUT_WR)
        except TimeoutError:
            raise
        except OSError:
            pass
        return read_end(connection)


def statuses(answer):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d+) ", answer)]


def assert_well(server, nginx):
    """Everybody else is served as before: nobody gets what was meant for others."""
    assert server.process.poll() is None, server.log.read_text()
    assert server.client.done(action="stat", key=VICTIM)["exists"]
    connection = nginx.http()
    for key in (VICTIM, "another"):
        body = json.dumps({"action": "stat", "key": key})
        connection.request("POST", "/upload/request", body, {"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        envelope = json.loads(answer.read())
        assert envelope["status"]["exists"] is (key == VICTIM), envelope
    connection.close()


@tap.test
def nothing_is_smuggled_behind_a_hostile_request():
    with running() as (server, nginx):
        for name, text in hostile():
            data = (text + smuggled()).encode()
            answer = talk(straight(server), data)
            found = statuses(answer)
            assert len(found) == 1 and 400 <= found[0] < 600, (name, answer)
            found = statuses(talk(nginx.connect, data))
            # To what has no version nginx answers as HTTP 0.9 did, without a head.
            assert len(found) == (name != "no version"), (name, found)
            assert all(400 <= status < 600 for status in found), (name, found)
            assert server.client.done(action="stat", key=VICTIM)["exists"], name
        assert_well(server, nginx)


@tap.test
def bare_line_feeds_are_two_requests_or_none():
    with running() as (server, nginx):
        # The server takes them for nothing at all.
        answer = talk(straight(server), (bare_line_feeds() + smuggled()).encode())
        assert statuses(answer) == [400], answer
        # nginx takes them for ends of lines, and hands on what it has understood, in its own words:
        # the second request is one of the client's, then, and was never hidden from anybody.
        outer = bare_line_feeds().replace("Host: a\n", "Host: a\nAuthorization: Bearer x\n")
        second = "GET /downloads/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        found = statuses(talk(nginx.connect, (outer + second).encode()))
        assert found in ([400], [401, 403], [401, 404]), found
        assert_well(server, nginx)


@tap.test
def a_hundred_megabytes_of_headers():
    block = ("X-Filler: " + "x" * 1000 + "\r\n").encode() * 64
    line = b"x" * 65536
    with running() as (server, nginx):
        for connect in (straight(server), nginx.connect):
            talk(connect, HEAD.encode(), *[block] * 20)
        before = resident(server.process.pid), nginx.memory()
        for connect in (straight(server), nginx.connect):
            for filler in (block, line):
                count = 100 * MIB // len(filler)
                answer = talk(connect, HEAD.encode() + b"X: ", *[filler] * count)
                assert all(status in (400, 431) for status in statuses(answer)), answer[:100]
        after = resident(server.process.pid), nginx.memory()
        tap.diagnose(f"KiB of server and nginx: {[n // 1024 for n in before + after]}")
        assert after[0] < before[0] + 8 * MIB, (before, after)
        assert after[1] < before[1] + 8 * MIB, (before, after)
        assert_well(server, nginx)


@tap.test
def memory_is_flat_under_hostile_requests():
    def round_of_all(server, nginx):
        for _, text in hostile():
            for connect in (straight(server), nginx.connect):
                talk(connect, (text + smuggled()).encode())

    with running() as (server, nginx):
        for _ in range(3):
            round_of_all(server, nginx)
        before = resident(server.process.pid), nginx.memory()
        for _ in range(10):
            round_of_all(server, nginx)
        after = resident(server.process.pid), nginx.memory()
        tap.diagnose(f"KiB of server and nginx: {[n // 1024 for n in before + after]}")
        assert after[0] < before[0] + 4 * MIB, (before, after)
        assert after[1] < before[1] + 4 * MIB, (before, after)


def half(connect):
    """Sends half a head, and waits for the end."""
    with connect() as connection:
        connection.sendall(HEAD[:-5].encode())
        return read_end(connection)


def trickle(connect, begin, byte):
    """One byte a second, until the other side has enough of it."""
    deadline = time.monotonic() + DEADLINE
    with connect() as connection:
        connection.sendall(begin.encode())
        connection.settimeout(1)
        while time.monotonic() < deadline:
            try:
                return read_end(connection)
            except TimeoutError:
                pass
            try:
                connection.sendall(byte)
            except OSError:
                return b""
    raise TimeoutError("it goes on and on")


@tap.test
def who_is_slow_does_not_stay():
    with running() as (server, nginx):
        body = HEAD + "Content-Length: 1000\r\n\r\n"
        # nginx counts a body's time anew with each byte; it waits for it in the server's stead.
        talks = {
            "half a head": lambda: half(straight(server)),
            "half a head, through nginx": lambda: half(nginx.connect),
            "a head": lambda: trickle(straight(server), HEAD + "X: ", b"x"),
            "a head, through nginx": lambda: trickle(nginx.connect, HEAD + "X: ", b"x"),
            "a request line": lambda: trickle(straight(server), "POST /", b"x"),
            "a body": lambda: trickle(straight(server), body, b" "),
        }
        outcomes = {}

        def run(name):
            begun = time.monotonic()
            try:
                answer = talks[name]()
            except TimeoutError as error:
                outcomes[name] = error
            else:
                tap.diagnose(f"{name}: {time.monotonic() - begun:.0f} s, {statuses(answer)}")
                outcomes[name] = statuses(answer)

        threads = [threading.Thread(target=run, args=[name]) for name in talks]
        for thread in threads:
            thread.start()
        # Meanwhile others are served.
        assert_well(server, nginx)
        for thread in threads:
            thread.join()
        hung = {name: one for name, one in outcomes.items() if isinstance(one, TimeoutError)}
        assert not hung, hung
        assert all(status in (400, 408) for one in outcomes.values() for status in one), outcomes
        assert_well(server, nginx)


tap.main()
