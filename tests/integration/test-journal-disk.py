# test-journal-disk.py: the journal's disk is full or broken under the real program
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""FAULTS=all strikes each write instead of a sample, and SEED=N repeats a run."""

import collections
import filecmp
import os
import random

from support import tap
from support.headless import Sandbox
from support.strace import SENDS, Traced, can_trace

MIB = 1 << 20
FILES = ["journal.db", "journal.db-wal"]
CALLS = ["pwrite64", "fdatasync"]
SAMPLE = 4
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


class Disk:
    """Uploads to this computer, each with a journal of its own, on which writes fail."""

    def __init__(self, sandbox):
        # The backend runs already: strace would strike it, too.
        sandbox.run("--upload", sandbox.write("first", b"1")).expect(0)
        self.sandbox = sandbox
        self.path = sandbox.write_random("file", 21 * MIB)
        self.number = 0
        self.outcomes = collections.Counter()
        traced = self._upload()
        traced.run.expect(0)
        self.counts = {call: traced.count(call) for call in CALLS}
        assert all(self.counts.values()), self.counts
        self.remove()

    @property
    def _environment(self):
        return {"XDG_STATE_HOME": str(self.sandbox.root / f"state-{self.number}")}

    def _upload(self, **options):
        folder = self.sandbox.root / f"state-{self.number}" / "s3streamer"
        return Traced(self.sandbox, CALLS, "--upload", self.path, "--name", f"k{self.number}",
                      "--part-size", "5", "--parts", "2", "--retry-for", "2",
                      paths=[folder / name for name in FILES], environment=self._environment,
                      **options).finish()

    def _stored(self):
        return [path for path in self.sandbox.stored_files() if path.name == f"k{self.number}"]

    def is_there(self):
        stored = self._stored()
        return bool(stored) and filecmp.cmp(stored[0], self.path, shallow=False)

    def unfinished(self):
        return [path for path in self.sandbox.stored_files() if "uploads" in path.parts]

    def remove(self):
        for path in self._stored():
            path.unlink()
        self.number += 1

    def points(self):
        for call in CALLS:
            every = range(1, self.counts[call] + 1)
            if os.environ.get("FAULTS") == "all":
                yield from ((call, when) for when in every)
            else:
                chosen = random.Random(SEED).sample(every[1:-1], min(SAMPLE, len(every) - 2))
                yield from ((call, when) for when in sorted([every[0], *chosen, every[-1]]))

    def strike(self, call, error, when):
        run = self._upload(inject=f"{call}:error={error}:when={when}").run
        try:
            self._judge(run)
            # What passes ends no upload.
            assert when.endswith("+") or run.status != 4, run.status
        except BaseException:
            tap.diagnose(f"SEED={SEED}: {error} at {call} {when}, exit {run.status}: {run.err}")
            raise
        self.remove()

    def _judge(self, run):
        # A journal that cannot even be opened is no upload that can be resumed.
        assert run.status in (0, 1, 4), run.status
        is_told = "journal.db”" in run.err
        if run.status == 0:
            assert self.is_there() and len(run.lines) == 1, run.out
            self.outcomes["done, " + ("told" if is_told else "in silence")] += 1
        else:
            assert is_told and run.out == "", run.out
            self.outcomes["failed"] += 1
        again = Traced(self.sandbox, SENDS, "--resume", environment=self._environment).finish()
        again.run.expect(0)
        entries = self.sandbox.run("--list", "--json", environment=self._environment).objects
        assert (run.status == 4 and bool(entries)) == ("s3streamer --resume" in run.err), run.err
        if run.status != 0 and not entries:
            self.outcomes["not begun"] += 1
            assert not self.is_there()
            self.sandbox.run("--upload", self.path, "--name", f"k{self.number}",
                             environment=self._environment).expect(0)
        else:
            assert all(entry["state"] == "done" for entry in entries), entries
        assert self.is_there(), "the object is another"
        assert self.unfinished() == [], self.unfinished()


def strike_all(error, stays):
    if not can_trace():
        tap.skip("processes cannot be traced here")
    tap.diagnose(f"SEED={SEED}")
    with Sandbox() as sandbox:
        disk = Disk(sandbox)
        for call, when in disk.points():
            disk.strike(call, error, f"{when}+" if stays else str(when))
        tap.diagnose(f"{disk.number - 1} faults among {disk.counts}: {dict(disk.outcomes)}")


@tap.test
def a_full_disk_loses_nothing():
    strike_all("ENOSPC", True)


@tap.test
def a_disk_that_is_full_for_a_moment_loses_nothing():
    strike_all("ENOSPC", False)


@tap.test
def a_disk_that_does_not_write_loses_nothing():
    strike_all("EIO", True)


@tap.test
def a_write_that_fails_once_loses_nothing():
    strike_all("EIO", False)


tap.main()
