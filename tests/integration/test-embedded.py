#!/usr/bin/python3
# test-embedded.py: the embedded backend, started and found by the real programs
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.environ["G_TEST_SRCDIR"]))
from support import tap  # noqa: E402
from support.wait import wait_until  # noqa: E402

PROGRAM = os.environ["STREAMER_PROGRAM"]
SERVER = os.environ["STREAMER_SERVER"]


class User:
    """Somebody with folders of their own, where nothing runs yet."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.state = self.folder / "run/s3streamer/embedded.json"
        self.programs = []
        self.environ = dict(os.environ)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "S3STREAMER_TOKEN"):
            self.environ.pop(name, None)
        for name, below in (
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
        ):
            (self.folder / below).mkdir(mode=0o700)
            self.environ[name] = str(self.folder / below)

    def file(self, name, size=100000):
        path = self.folder / name
        path.write_bytes(os.urandom(size))
        return path

    def start(self, *arguments, stdin=subprocess.DEVNULL, **options):
        program = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            env=self.environ,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        self.programs.append(program)
        return program

    def upload(self, path, *arguments):
        """Ends only when nobody holds the program's output open any more."""
        program = self.start("--upload", path, *arguments)
        out, err = program.communicate(timeout=60)
        return program.returncode, out.decode().strip(), err.decode()

    def read_state(self):
        return json.loads(self.state.read_text())

    def server_pids(self):
        """The servers that this user's state and lock know of, by what they have in their environment."""
        mine = f"XDG_RUNTIME_DIR={self.environ['XDG_RUNTIME_DIR']}".encode()
        pids = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
                variables = (entry / "environ").read_bytes().split(b"\0")
                if arguments[0].endswith(b"s3streamer-server") and mine in variables:
                    pids.append(int(entry.name))
        return pids

    def stop(self):
        # First, so that none of them starts the server again.
        for program in self.programs:
            program.kill()
            program.wait()
        subprocess.run([SERVER, "--embedded", "--stop"], env=self.environ, timeout=60, check=False)
        for pid in self.server_pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def new_user():
    folder = tempfile.mkdtemp(prefix="streamer-embedded-")
    user = User(folder)
    try:
        yield user
    finally:
        user.stop()
        shutil.rmtree(folder, ignore_errors=True)


def assert_link(link, path):
    with urllib.request.urlopen(link, timeout=60) as answer:
        assert answer.read() == path.read_bytes(), "the link gives other bytes"


@tap.test
def an_upload_starts_the_server_and_a_second_one_uses_it():
    with new_user() as user:
        first, second = user.file("first.bin"), user.file("second.bin", 0)
        code, link, err = user.upload(first)
        assert code == 0, err
        assert_link(link, first)
        state = user.read_state()

        code, link, err = user.upload(second)
        assert code == 0, err
        assert_link(link, second)
        assert user.read_state() == state
        assert user.server_pids() == [state["pid"]]


@tap.test
def two_programs_that_start_it_at_once_end_up_with_one():
    with new_user() as user:
        files = [user.file(f"{i}.bin") for i in range(4)]
        programs = [user.start("--upload", path) for path in files]
        for program, path in zip(programs, files):
            out, err = program.communicate(timeout=60)
            assert program.returncode == 0, err
            assert_link(out.decode().strip(), path)
        wait_until(lambda: len(user.server_pids()) == 1, "the other servers to leave")
        assert user.server_pids() == [user.read_state()["pid"]]


@tap.test
def a_killed_server_is_started_again():
    with new_user() as user:
        path = user.file("a.bin")
        code, old_link, err = user.upload(path)
        assert code == 0, err
        old = user.read_state()
        os.kill(old["pid"], signal.SIGKILL)
        wait_until(lambda: not user.server_pids(), "the server to end")

        # Its state file is still there, and nobody holds the lock.
        assert user.state.exists()
        code, link, err = user.upload(path, "--overwrite")
        assert code == 0, err
        assert_link(link, path)
        assert_link(old_link, path)
        assert user.read_state()["pid"] != old["pid"]
        assert user.read_state()["token"] != old["token"]


@tap.test
def a_stale_state_file_is_not_believed():
    with new_user() as user:
        path = user.file("a.bin")
        user.state.parent.mkdir(mode=0o700)
        user.state.write_text(
            json.dumps({"request_url": "http://127.0.0.1:9/", "token": "old", "pid": os.getpid()})
        )
        user.state.chmod(0o600)
        code, link, err = user.upload(path)
        assert code == 0, err
        assert_link(link, path)


@tap.test
def a_state_file_that_others_can_read_is_refused():
    with new_user() as user:
        path = user.file("a.bin")
        user.state.parent.mkdir(mode=0o700)
        user.state.write_text("{}")
        user.state.chmod(0o644)
        code, link, err = user.upload(path)
        assert (code, link) == (1, ""), (code, link)
        assert str(user.state) in err and "not safe" in err, err
        assert not user.server_pids()


@tap.test
def a_link_in_place_of_the_state_file_is_not_followed():
    with new_user() as user:
        path = user.file("a.bin")
        user.state.parent.mkdir(mode=0o700)
        user.state.symlink_to(path)
        code, link, err = user.upload(path)
        assert (code, link) == (1, ""), (code, link)
        assert str(user.state) in err, err


@tap.test
def a_locked_state_file_that_makes_no_sense_is_refused():
    for text in (
        "",
        "[]",
        '{"request_url": "http://127.0.0.1:9/"}',
        '{"request_url": "http://example.org:9/", "token": "x"}',
        '{"request_url": "https://127.0.0.1:9/", "token": "x"}',
        '{"request_url": "http://127.0.0.1/", "token": "x"}',
        '{"request_url": "http://127.0.0.1:9/", "token": "a b"}',
        "[" * 60000,
    ):
        with new_user() as user:
            path = user.file("a.bin")
            user.state.parent.mkdir(mode=0o700)
            user.state.write_text(text)
            user.state.chmod(0o600)
            with user.state.open() as state:
                fcntl.flock(state, fcntl.LOCK_EX)
                code, link, err = user.upload(path)
            assert (code, link) == (1, ""), (text[:60], code, link)
            assert "makes no sense" in err, err


@tap.test
def a_server_that_cannot_start_says_why():
    with new_user() as user:
        path = user.file("a.bin")
        blocked = user.folder / "not-a-folder"
        blocked.write_text("")
        user.environ["XDG_DATA_HOME"] = str(blocked)
        code, link, err = user.upload(path)
        assert (code, link) == (1, ""), (code, link)
        assert "built-in server" in err, err
        assert str(blocked) in err, err


@tap.test
def the_server_has_nothing_of_the_program_that_started_it():
    with new_user() as user:
        path = user.file("a.bin")
        user.environ["S3STREAMER_API_KEY"] = "not for the server"
        code, _, err = user.upload(path)
        assert code == 0, err
        pid = user.read_state()["pid"]
        assert os.getsid(pid) == pid
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
        variables = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        assert b"S3STREAMER_API_KEY" not in variables


@tap.test
def interrupting_the_program_leaves_the_server():
    with new_user() as user:
        read_end, write_end = os.pipe()
        program = user.start(
            "--upload", "-", "--name", "pipe", stdin=read_end, start_new_session=True
        )
        os.close(read_end)
        wait_until(user.state.exists, "the server")
        os.killpg(program.pid, signal.SIGINT)
        program.communicate(timeout=60)
        os.close(write_end)
        pid = user.read_state()["pid"]
        assert user.server_pids() == [pid]
        path = user.file("a.bin")
        code, link, err = user.upload(path)
        assert code == 0, err
        assert_link(link, path)
        assert user.server_pids() == [pid]


@tap.test
def a_server_that_is_killed_in_the_middle_does_not_end_the_upload():
    with new_user() as user:
        content = os.urandom(17 * 1024 * 1024)
        path = user.folder / "content"
        path.write_bytes(content)
        program = user.start(
            *("--upload", "-", "--name", "pipe.bin", "--part-size", "5", "--parts", "2"),
            stdin=subprocess.PIPE,
        )
        program.stdin.write(content[: 6 * 1024 * 1024])
        program.stdin.flush()
        wait_until(user.state.exists, "the server")
        old = user.read_state()
        os.kill(old["pid"], signal.SIGKILL)
        wait_until(lambda: old["pid"] not in user.server_pids(), "the server to end")
        out, err = program.communicate(content[6 * 1024 * 1024 :], timeout=120)
        assert program.returncode == 0, err.decode()
        assert_link(out.decode().strip(), path)
        assert user.read_state()["pid"] != old["pid"]


@tap.test
def a_server_that_started_without_a_runtime_folder_is_found():
    with new_user() as user:
        cache_state = user.folder / "cache/s3streamer/embedded.json"
        path = user.file("a.bin")
        runtime = user.environ["XDG_RUNTIME_DIR"]
        user.environ["XDG_RUNTIME_DIR"] = user.environ["XDG_CACHE_HOME"]
        code, _, err = user.upload(path)
        assert code == 0, err
        assert cache_state.exists()
        pid = json.loads(cache_state.read_text())["pid"]

        user.environ["XDG_RUNTIME_DIR"] = runtime
        code, link, err = user.upload(path, "--overwrite")
        assert code == 0, err
        assert_link(link, path)
        assert not user.state.exists()
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not cache_state.exists(), "the server to end")


tap.main()
