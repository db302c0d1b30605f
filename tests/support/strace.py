# strace.py: the real program, stopped or failed at a system call that a test chooses
#
# SPDX-License-Identifier: GPL-3.0-or-later

import collections
import functools
import re
import shutil
import subprocess

from support.headless import PROGRAMS

SENDS = ["sendto", "sendmsg", "writev"]
_CALL = re.compile(r"(\d+) +(\w+)\((?:-?\d+<([^>]*)>)?(?:[^\"]*\"([^\"]*))?")


@functools.cache
def can_trace():
    """Containers may forbid it."""
    program = shutil.which("strace")
    return program is not None and subprocess.run(
        [program, "-f", "-qq", "-o", "/dev/null", "true"],
        check=False, stderr=subprocess.DEVNULL).returncode == 0


class Call:
    """One system call, as it began."""

    def __init__(self, match):
        self.thread, self.name, self.path, self.text = match.groups(default="")


class Traced:
    """s3streamer below strace. INJECT is what strace's option of this name takes; PATHS restrict
    it, and what is traced, to these files.

    strace counts the calls of each thread by itself.
    """

    def __init__(self, sandbox, calls, *arguments, inject=None, paths=(), environment=None):
        self.log = sandbox.root / "tmp" / "strace"
        command = ["strace", "-f", "-qq", "-y", "-s", "8", "-o", self.log, "-e", "signal=none",
                   "-e", f"trace={','.join(calls)}"]
        # The faster way does not kill.
        command += ["-e", f"inject={inject}"] if inject else ["--seccomp-bpf"]
        command += [word for path in paths for word in ("-P", path)]
        process = subprocess.Popen(
            [*command, PROGRAMS / "s3streamer", *arguments], cwd=sandbox.files,
            env=sandbox.environment | (environment or {}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.run = sandbox.watch(process)

    def finish(self):
        self.run.finish()
        return self

    def calls(self):
        with open(self.log, encoding="utf-8", errors="replace") as lines:
            return [Call(match) for match in map(_CALL.match, lines) if match]

    def count(self, name, path=""):
        """How many calls the thread made that made most, on files whose path ends with PATH."""
        counts = collections.Counter(call.thread for call in self.calls()
                                     if call.name == name and call.path.endswith(path))
        return max(counts.values(), default=0)

    def count_puts(self):
        """The parts of which at least the head was about to be sent."""
        return sum(call.name in SENDS and call.text.startswith("PUT ") for call in self.calls())
