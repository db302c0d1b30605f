# headless.py: runs the real programs in a home of their own, without a display or a session bus
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.request

PROGRAMS = pathlib.Path(os.environ["S3STREAMER_PROGRAMS"])
KEPT_VARIABLES = ["PATH", "GSETTINGS_BACKEND", "GSETTINGS_SCHEMA_DIR", "G_DEBUG", "MALLOC_PERTURB_",
                  "ASAN_OPTIONS", "LSAN_OPTIONS"]
CHUNK = 1 << 20

# Where nohup has set it to be ignored, the programs would ignore it, too, as they should.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Run:
    """One s3streamer that was started. Its output is gathered while it runs."""

    def __init__(self, process, stdin):
        self.process = process
        self._outputs = {}
        self._threads = [self._gather(name, stream) for name, stream in
                         [("out", process.stdout), ("err", process.stderr)] if stream is not None]
        if stdin is not None:
            self._threads.append(self._feed(stdin))
        self.status = None
        self.peak_kib = None

    def _gather(self, name, stream):
        self._outputs[name] = bytearray()

        def gather():
            while chunk := os.read(stream.fileno(), CHUNK):
                self._outputs[name] += chunk
            stream.close()

        thread = threading.Thread(target=gather, daemon=True)
        thread.start()
        return thread

    def _feed(self, chunks):
        def feed():
            with contextlib.suppress(BrokenPipeError):
                for chunk in chunks:
                    self.process.stdin.write(chunk)
                self.process.stdin.close()

        thread = threading.Thread(target=feed, daemon=True)
        thread.start()
        return thread

    @property
    def out(self):
        return bytes(self._outputs.get("out", b"")).decode()

    @property
    def err(self):
        return bytes(self._outputs.get("err", b"")).decode()

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def objects(self):
        """What `--json` or `--json=stream` has printed so far, whole lines only."""
        return [json.loads(line) for line in self.out.splitlines(keepends=True)
                if line.endswith("\n")]

    def events(self, event):
        return [item for item in self.objects if item["event"] == event]

    def is_alive(self):
        return self.status is None and os.waitid(
            os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def catches(self, number):
        """Whether the program has got as far as to handle the signal."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            caught = next(line for line in status if line.startswith("SigCgt:")).split()[1]
        return bool(int(caught, 16) >> (number - 1) & 1)

    def interrupt(self, number=signal.SIGINT):
        os.kill(self.process.pid, number)

    def finish(self):
        """Waits for the end, and for everybody who holds the output."""
        watchdog = threading.Timer(120, self.process.kill)
        watchdog.start()
        _, status, usage = os.wait4(self.process.pid, 0)
        watchdog.cancel()
        self.status = os.waitstatus_to_exitcode(status)
        self.process.returncode = self.status
        self.peak_kib = usage.ru_maxrss
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "somebody still holds the output of s3streamer"
        return self

    def expect(self, status):
        assert self.status == status, (
            f"exit {self.status}, not {status}\nstdout: {self.out[-2000:]}\n"
            f"stderr: {self.err[-2000:]}")
        return self


class Sandbox:
    """A home, runtime folder and storage that end with the `with` block."""

    def __init__(self, user=None):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="s3streamer-test-"))
        self.user = user
        self.files = self._create("files")
        self.data = self._create("data")
        self.runtime = self._create("runtime", 0o700)
        self.environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self.environment |= {
            "HOME": str(self._create("home")),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self._create("tmp")),
            "XDG_CACHE_HOME": str(self._create("cache")),
            "XDG_CONFIG_HOME": str(self._create("config")),
            "XDG_DATA_HOME": str(self.data),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_STATE_HOME": str(self._create("state"))}
        self.servers = []
        self._runs = []
        if user:
            owner = pwd.getpwnam(user)
            for path in [self.root, *self.root.iterdir()]:
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _create(self, name, mode=0o755):
        path = self.root / name
        path.mkdir(mode=mode)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for run in self._runs:
            if run.status is None:
                os.kill(run.process.pid, signal.SIGKILL)
                run.finish()
        for server in self.servers:
            server.terminate()
            server.wait(30)
            server.stdout.close()
        # A user who may not start the program has started none.
        with contextlib.suppress(PermissionError):
            subprocess.run([PROGRAMS / "s3streamer-server", "--embedded", "--stop"],
                           env=self.environment, user=self.user, timeout=30, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.root)

    def write(self, name, content=b""):
        """Writes a file and returns its path."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def write_random(self, name, size):
        path = self.files / name
        with open(path, "wb") as file:
            for start in range(0, size, CHUNK):
                file.write(os.urandom(min(CHUNK, size - start)))
        return path

    def start(self, *arguments, stdin=None, environment=None, **options):
        """Starts s3streamer. STDIN gives the chunks of its standard input."""
        process = subprocess.Popen(
            [PROGRAMS / "s3streamer", *arguments], cwd=self.files, user=self.user,
            env=self.environment | (environment or {}),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        return self.watch(process, stdin)

    def watch(self, process, stdin=None):
        """Follows a process, and ends it with the sandbox at the latest."""
        run = Run(process, stdin)
        self._runs.append(run)
        return run

    def run(self, *arguments, **options):
        return self.start(*arguments, **options).finish()

    def journal_bytes(self):
        """Everything that the journal of uploads has on disk."""
        return b"".join(path.read_bytes() for path in sorted(
            (self.root / "state").rglob("*")) if path.is_file())

    def stored_files(self):
        """The files in the storage of this computer."""
        return [path for path in self.data.rglob("*") if path.is_file()]


def download(url):
    """The bytes behind a link, in chunks."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        while chunk := answer.read(CHUNK):
            yield chunk


def has_content_of(url, path):
    """Whether the link gives the bytes of the file."""
    with open(path, "rb") as file:
        for chunk in download(url):
            if file.read(len(chunk)) != chunk:
                return False
        return file.read(1) == b""
