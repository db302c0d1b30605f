#!/usr/bin/python3
# test-process.py: the real server is killed, fills its disk, carries much, and waits for nobody
#
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import tap  # noqa: E402
from support.wait import wait_until  # noqa: E402
import server_process  # noqa: E402
from server_process import Server, get, put, start_put  # noqa: E402

MIB = 1048576
DISK_MIB = 24


def is_being_written(client, upload_id, number):
    """A part that was there and is received again is not there meanwhile."""
    parts = client.done(action="parts", upload_id=upload_id)
    return number not in [part["number"] for part in parts]


@tap.test
def a_server_that_is_killed_while_receiving_goes_on():
    data = os.urandom(4 * MIB)
    with Server() as server:
        upload_id = server.client.begin("k", 4 * MIB, MIB)["upload_id"]
        for number in (1, 2, 3):
            assert server.client.put(upload_id, number, data[(number - 1) * MIB : number * MIB]) == 200
        # Part 2 again, of which only a half arrives, and other bytes.
        broken = start_put(server.client.presign(upload_id, 2, MIB), MIB)
        broken.sendall(os.urandom(MIB // 2))
        wait_until(
            lambda: is_being_written(server.client, upload_id, 2), "part 2 to be received"
        )
        server.end(signal.SIGKILL)
        broken.close()

        server.start()
        parts = server.client.done(action="parts", upload_id=upload_id)
        assert [part["number"] for part in parts] == [1, 3], parts
        for number in (2, 4):
            assert server.client.put(upload_id, number, data[(number - 1) * MIB : number * MIB]) == 200
        finished = server.client.done(
            action="finish", upload_id=upload_id, checksum={"crc32": f"{zlib.crc32(data):08x}"}
        )
        assert get(finished["url"]) == data
        assert not list((server.root / "uploads").iterdir())


@tap.test
def killed_at_any_call_it_has_the_whole_object_or_none():
    for call, times in (("renameat2", 1), ("fsync", 3), ("ftruncate", 1), ("mkdirat", 1)):
        assert not any(finish_with_faults(call, "signal=KILL", times)), call
    assert finish_with_faults("pwrite64", "signal=KILL", 16)[-1]


@tap.test
def failing_at_any_call_it_has_the_whole_object_or_none():
    for call, times in (("renameat2", 1), ("fsync", 3), ("ftruncate", 1), ("mkdirat", 1)):
        assert not any(finish_with_faults(call, "error=EIO", times)), call
    assert finish_with_faults("pwrite64", "error=ENOSPC", 16)[-1]


def finish_with_faults(call, fault, times):
    """FAULT happens at the K-th CALL while it finishes, for each K; ends when it happens no more.

    Whether it answered, each time.
    """
    if not shutil.which("strace"):
        tap.skip("strace is not installed")
    data = os.urandom(100000)
    survived = []
    for when in range(1, times + 1):
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
        inject = ["-e", f"inject={call}:{fault}:when={when}"]
        with Server() as server:
            upload_id = server.client.begin("a/k", 100000, 100000)["upload_id"]
            assert server.client.put(upload_id, 1, data) == 200
            tracer = subprocess.Popen(
                [*command, *inject, "-p", str(server.process.pid)], stderr=subprocess.DEVNULL
            )
            if not wait_for_tracer(server.process.pid):
                tracer.wait()
                tap.skip("processes cannot be traced here")
            survived.append(finish_under_fire(server, upload_id))
            server.end(signal.SIGKILL)
            tracer.wait(timeout=60)

            server.start()
            finished = server.client.done(action="finish", upload_id=upload_id)
            assert get(finished["url"]) == data
            assert not list((server.root / "uploads").iterdir())
        if survived[-1]:
            break
    return survived


def wait_for_tracer(pid):
    # Its threads are attached to one after the other.
    def is_traced():
        return all("TracerPid:\t0" not in path.read_text()
                   for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))

    try:
        return wait_until(is_traced, "strace to attach", seconds=10)
    except AssertionError:
        return False


def finish_under_fire(server, upload_id):
    """Whether it answered."""
    try:
        server.client.done(action="finish", upload_id=upload_id)
    except (OSError, ValueError, AssertionError):
        # What is there now is nothing, or the whole; nothing in between.
        found = list((server.root / "objects").rglob("k"))
        assert [path.stat().st_size for path in found] in ([], [100000]), found
        return False
    return True


def on_small_disk(command):
    """COMMAND with its --root on a file system of its own, that is small."""
    root = command[command.index("--root") + 1]
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = f'mount -t tmpfs -o size={DISK_MIB}m none "$0" && exec "$@"'
    return ["unshare", "--mount", *user, "sh", "-c", script, root, *command]


@tap.test
def a_full_disk_is_told_and_the_upload_kept():
    folder = tempfile.mkdtemp()
    try:
        trial = on_small_disk(["true", "--root", folder])
        if subprocess.run(trial, capture_output=True, check=False).returncode != 0:
            tap.skip("no file system can be mounted here")
    finally:
        os.rmdir(folder)
    data = os.urandom(8 * MIB)
    with Server(wrap=on_small_disk) as server:
        client = server.client
        blocker = client.upload("blocker", data)
        upload_id = client.begin("k", 16 * MIB, 8 * MIB)["upload_id"]
        assert client.put(upload_id, 1, data) == 200
        assert client.put(upload_id, 2, data) == 507
        assert [p["number"] for p in client.done(action="parts", upload_id=upload_id)] == [1]
        answer = client.call(action="finish", upload_id=upload_id)
        assert answer["status_code"] == 422, answer

        # As soon as there is room, it goes on where it was.
        client.done(action="remove", key="blocker")
        assert client.put(upload_id, 2, data) == 200
        finished = client.done(action="finish", upload_id=upload_id)
        assert get(finished["url"]) == data + data
        assert blocker != finished["url"]


@tap.test
def a_file_size_limit_is_an_answer_and_not_the_end():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 * MIB, 8 * MIB))

    with Server(preexec_fn=limit) as server:
        upload_id = server.client.begin("k", 16 * MIB, 16 * MIB)["upload_id"]
        assert server.client.put(upload_id, 1, bytes(16 * MIB)) == 413
        assert get(server.client.upload("small", b"data")) == b"data"


@tap.test
def memory_does_not_grow_with_what_is_sent():
    size = 1024 * MIB
    part_size = 256 * MIB
    with Server() as server, tempfile.TemporaryFile() as source:
        source.truncate(part_size)
        upload_id = server.client.begin("k", size, part_size)["upload_id"]
        before = server.peak_memory()
        connections = []
        for number in range(1, 5):
            connection = start_put(server.client.presign(upload_id, number, part_size), part_size)
            connection.settimeout(None)
            connections.append(connection)
        # All four at the same time, a piece of each in turn.
        for offset in range(0, part_size, 16 * MIB):
            for connection in connections:
                position, end = offset, offset + 16 * MIB
                while position < end:
                    position += os.sendfile(
                        connection.fileno(), source.fileno(), position, end - position
                    )
        for connection in connections:
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            connection.close()
        url = server.client.done(action="finish", upload_id=upload_id)["url"]
        subprocess.run(["curl", "-s", "-f", "-o", "/dev/null", url], check=True)
        tap.skip_where_sanitized()
        grown = server.peak_memory() - before
        assert grown < 8 * MIB, f"{grown} bytes more"


@tap.test
def a_head_that_never_ends_has_a_deadline():
    with Server() as server:
        address = ("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
        slow = socket.create_connection(address, timeout=60)
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        silent = socket.create_connection(address, timeout=60)
        silent.sendall(b"GET")
        assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")
        assert silent.recv(65536).startswith(b"HTTP/1.1 408 ")
        slow.close()
        silent.close()
        assert get(server.client.upload("k", b"data")) == b"data"


@tap.test
def it_ends_cleanly_when_told():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Server() as server:
            url = server.client.upload("k", b"data")
            assert server.end(number) == 0
            server.start(port=int(server.url.rsplit(":", 1)[1]))
            assert get(url) == b"data"


@tap.test
def a_part_in_flight_ends_before_the_server():
    with Server() as server:
        upload_id = server.client.begin("k", 10, 10)["upload_id"]
        connection = start_put(server.client.presign(upload_id, 1, 10), 10)
        connection.sendall(b"01234")
        # Connections are accepted in their order: this one's answer says that the other was taken.
        server.client.done(action="capabilities")
        server.process.send_signal(signal.SIGTERM)
        connection.sendall(b"56789")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.close()
        assert server.process.wait(timeout=60) == 0
        server.start()
        finished = server.client.done(action="finish", upload_id=upload_id)
        assert get(finished["url"]) == b"0123456789"


@tap.test
def the_log_is_lines_of_json_without_secrets():
    with Server() as server:
        server.end()
        server.log.write_bytes(b"")
        server.start("--log-json")
        url = server.client.upload('evil"\\ {"level":"error"}', b"data")
        part = server.client.begin("k", 10, 10)["put"]["url"]
        assert put(part, b"short") == 400
        server_process.Client(server.client.request_url, "some-other-token").call(action="stat", key="k")
        server.end()
        text = server.log.read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        assert {"start", "begin", "finish", "part", "authenticate", "stop"} <= {x["event"] for x in lines}
        for secret in (server_process.TOKEN, "some-other-token", url.split("=")[-1], part.split("=")[-1]):
            assert secret not in text


@tap.test
def what_cannot_be_is_said_and_nothing_started():
    cases = [
        (["--root", "/proc/nowhere", "--listen", "127.0.0.1:0"], 1),
        (["--root", "/tmp", "--listen", "0.0.0.0:0"], 2),
        (["--nonsense"], 2),
        ([], 2),
    ]
    for arguments, code in cases:
        result = subprocess.run(
            [server_process.SERVER, *arguments],
            env=dict(os.environ, S3STREAMER_TOKEN=server_process.TOKEN),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == code, (arguments, result)
        assert result.stdout == "" and len(result.stderr.splitlines()) == 1, result
    for option in ("--version", "--help"):
        result = subprocess.run([server_process.SERVER, option], capture_output=True, check=True)
        assert result.stdout


@tap.test
def private_things_are_private():
    with Server() as server:
        server.client.upload("a/k", b"data")
        server.client.begin("l", 10, 10)
        for path in server.root.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
            assert path.is_dir() or path.stat().st_mode & 0o111 == 0, path


tap.main()
