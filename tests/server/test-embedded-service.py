#!/usr/bin/python3
# test-embedded-service.py: one backend per user, that is found, ends, and comes back
#
# SPDX-License-Identifier: GPL-3.0-or-later

import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import tap  # noqa: E402
from support.wait import wait_until  # noqa: E402
from server_process import SERVER, Client, get, read_address  # noqa: E402


class User:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="streamer-user-"))
        self.runtime = self.folder / "run"
        self.runtime.mkdir(mode=0o700)
        self.data = self.folder / "data/s3streamer"
        self.processes = []

    def environ(self, **more):
        return dict(
            os.environ,
            HOME=str(self.folder),
            XDG_DATA_HOME=str(self.folder / "data"),
            XDG_RUNTIME_DIR=str(self.runtime),
            **more,
        )

    def start(self, **more):
        """The process; it has not said anything yet."""
        process = subprocess.Popen(
            [SERVER, "--embedded"],
            env=self.environ(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.processes.append(process)
        return process

    def stop(self):
        return subprocess.run(
            [SERVER, "--embedded", "--stop"], env=self.environ(), timeout=60, check=False
        ).returncode

    @property
    def state_path(self):
        return self.runtime / "s3streamer/embedded.json"

    def state(self):
        return json.loads(self.state_path.read_text())

    def client(self):
        state = self.state()
        return Client(state["request_url"], state["token"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=60)
            process.stdout.close()
        shutil.rmtree(self.folder)


def is_locked(path):
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@tap.test
def programs_find_it_by_its_state_file():
    with User() as user:
        process = user.start()
        address = read_address(process)
        state = user.state()
        assert state["request_url"] == address + "/upload/request"
        assert state["pid"] == process.pid
        assert len(state["token"]) >= 32
        assert user.state_path.stat().st_mode & 0o777 == 0o600
        assert user.state_path.parent.stat().st_mode & 0o777 == 0o700
        assert is_locked(user.state_path)
        assert get(user.client().upload("k", b"data")) == b"data"
        for path in user.data.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
            if path.is_file():
                assert state["token"].encode() not in path.read_bytes(), path


@tap.test
def a_second_start_joins_the_first():
    with User() as user:
        first = user.start()
        address = read_address(first)
        token = user.state()["token"]
        second = user.start()
        assert read_address(second) == address
        assert second.wait(timeout=60) == 0
        assert first.poll() is None
        assert user.state()["token"] == token


@tap.test
def of_many_that_start_at_once_one_stays():
    with User() as user:
        processes = [user.start() for _ in range(8)]
        addresses = {read_address(process) for process in processes}
        assert len(addresses) == 1, addresses
        wait_until(
            lambda: sum(process.poll() is None for process in processes) == 1, "all but one to end"
        )
        assert all(process.poll() in (None, 0) for process in processes)
        assert get(user.client().upload("k", b"data")) == b"data"


@tap.test
def stop_waits_until_it_is_gone():
    with User() as user:
        assert user.stop() == 0
        process = user.start()
        read_address(process)
        assert user.stop() == 0
        assert process.wait(timeout=60) == 0
        assert not user.state_path.exists()
        assert user.stop() == 0


@tap.test
def links_go_on_working_on_the_same_port():
    with User() as user:
        address = read_address(user.start())
        token = user.state()["token"]
        url = user.client().upload("k", b"data")
        assert user.stop() == 0
        assert read_address(user.start()) == address
        assert user.state()["token"] != token
        assert get(url) == b"data"
        assert Client(user.state()["request_url"], token).call(action="capabilities")[
            "status_code"
        ] == 401


@tap.test
def another_port_is_taken_where_the_old_one_is_not_free():
    with User() as user:
        address = read_address(user.start())
        port = int(address.rsplit(":", 1)[1])
        assert user.stop() == 0
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", port))
            other.listen()
            assert read_address(user.start()) != address
            assert user.stop() == 0
        assert read_address(user.start()) == address


@tap.test
def what_a_killed_one_left_is_no_hindrance():
    with User() as user:
        first = user.start()
        address = read_address(first)
        token = user.state()["token"]
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert user.state_path.exists() and not is_locked(user.state_path)
        second = user.start()
        assert read_address(second) == address
        assert user.state()["pid"] == second.pid
        assert user.state()["token"] != token


@tap.test
def a_damaged_state_file_is_replaced():
    with User() as user:
        user.state_path.parent.mkdir(mode=0o755)
        user.state_path.write_text("not json")
        read_address(user.start())
        assert get(user.client().upload("k", b"data")) == b"data"


@tap.test
def it_ends_by_itself_when_nobody_uses_it():
    with User() as user:
        process = user.start(S3STREAMER_EMBEDDED_IDLE="1")
        read_address(process)
        assert process.wait(timeout=60) == 0
        assert not user.state_path.exists()


@tap.test
def it_stays_while_a_part_is_sent():
    with User() as user:
        process = user.start(S3STREAMER_EMBEDDED_IDLE="1")
        read_address(process)
        client = user.client()
        size = 40 * 16384
        url = client.begin("k", size, size)["put"]["url"]
        address, path = url.removeprefix("http://").split("/", 1)
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            head = f"PUT /{path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            connection.sendall(head.encode())
            # Longer than it would stay idle: a second process with the same limit has come and gone.
            with User() as other:
                idle = other.start(S3STREAMER_EMBEDDED_IDLE="2")
                read_address(idle)
                assert idle.wait(timeout=60) == 0
            connection.sendall(bytes(size))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert process.wait(timeout=60) == 0


@tap.test
def it_is_found_from_another_runtime_folder_too():
    """A cron job has none of its session's variables, but the same home."""
    with User() as user:
        first = user.start()
        address = read_address(first)
        session_state = user.state_path
        user.runtime = user.folder / "other"
        user.runtime.mkdir(mode=0o700)
        second = user.start()
        assert read_address(second) == address
        assert second.wait(timeout=60) == 0
        assert is_locked(user.state_path) and is_locked(session_state)
        assert get(user.client().upload("k", b"data")) == b"data"
        assert user.stop() == 0
        assert not user.state_path.exists() and not session_state.exists()


tap.main()
