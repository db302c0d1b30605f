#!/usr/bin/python3
# test-memory.py: the real program uploads under valgrind's eyes
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.environ["G_TEST_SRCDIR"]))
from support import tap  # noqa: E402

PROGRAM = os.environ["STREAMER_PROGRAM"]
SERVER = os.environ["STREAMER_SERVER"]
SIZE = 30 * 1048576
FOUND = 99

SUPPRESSIONS = (
    "/usr/share/glib-2.0/valgrind/glib.supp",
    str(pathlib.Path(os.environ["G_TEST_SRCDIR"]) / "../build-aux/sanitizers/valgrind.supp"),
)


def make_environ(folder):
    environ = dict(os.environ, G_SLICE="always-malloc")
    # Valgrind has memory of its own to spoil what is freed with.
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "MALLOC_PERTURB_"):
        environ.pop(name, None)
    for name in (
        "HOME",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
    ):
        below = folder / name
        below.mkdir(mode=0o700)
        environ[name] = str(below)
    return environ


def watch(folder, environ, *arguments):
    """Runs the program. Returns: what it printed"""
    log = folder / "log"
    command = ["valgrind", "--quiet", f"--error-exitcode={FOUND}", f"--log-file={log}"]
    command += ["--leak-check=full", "--errors-for-leak-kinds=definite"]
    command += ["--show-leak-kinds=definite"]
    command += [f"--suppressions={path}" for path in SUPPRESSIONS if os.path.exists(path)]
    program = subprocess.run(
        [*command, PROGRAM, *map(str, arguments)],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    words = f"{program.returncode}\n{program.stderr.decode()}\n{log.read_text()}"
    assert program.returncode == 0, words
    return program.stdout.decode().strip()


@tap.test
def an_upload_reads_and_leaves_nothing_that_it_should_not():
    if shutil.which("valgrind") is None:
        tap.skip("there is no valgrind")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="streamer-memory-"))
    environ = make_environ(folder)
    path = folder / "file"
    path.write_bytes(os.urandom(SIZE))
    try:
        link = watch(folder, environ, "--upload", "--part-size", 5, path)
        with urllib.request.urlopen(link, timeout=60) as answer:
            assert answer.read() == path.read_bytes(), "the link gives other bytes"
    finally:
        subprocess.run([SERVER, "--embedded", "--stop"], env=environ, timeout=60, check=False)
        shutil.rmtree(folder, ignore_errors=True)


tap.main()
