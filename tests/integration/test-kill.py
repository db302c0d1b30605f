# test-kill.py: the real program is killed at any of its writes, and another run goes on
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""KILLS=600 kills so often instead of 24 times, and SEED=N repeats a run."""

import collections
import contextlib
import filecmp
import hashlib
import os
import random
import signal
import time

from support import tap
from support.ceph import Ceph, is_installed
from support.headless import Sandbox, has_content_of
from support.strace import SENDS, Traced, can_trace

MIB = 1 << 20
N_PARTS = 8
KILLS = int(os.environ.get("KILLS", "24"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)

# Where it is killed: before the K-th of these calls, on a file of this name if there is one. Those
# on the database itself carry its log over, in another thread than those on the log.
PLACES = [("pwrite64", ""), ("pwrite64", "journal.db"), ("fdatasync", ""),
          ("sendto", ""), ("write", ""), ("unlink", "")]
WEIGHTS = [25, 5, 12, 50, 6, 2]


class ThisComputer:
    """The embedded backend. It runs already: strace would strike it, too."""

    environment = {}
    arguments = []

    def __init__(self, sandbox):
        self.sandbox = sandbox
        sandbox.run("--upload", sandbox.write("first", b"1")).expect(0)

    def is_same(self, key, link, path):
        """The journal has no signed links: of what was done before there is only the key."""
        stored, = self._find(key)
        return filecmp.cmp(stored, path, shallow=False) and (
            link == key or has_content_of(link, path))

    def has(self, key):
        return bool(self._find(key))

    def unfinished(self):
        return list(self._stored("uploads"))

    def remove(self, key):
        for path in self._find(key):
            path.unlink()

    def clean(self):
        pass

    def _find(self, key):
        return [path for path in self._stored("objects") if path.name == key]

    def _stored(self, what):
        return (path for path in (self.sandbox.data / "s3streamer" / what).rglob("*")
                if path.is_file())


class Bucket:
    def __init__(self, ceph):
        self.ceph = ceph
        self.environment = ceph.environment()
        self.arguments = ["--s3", f"s3://{ceph.bucket}", "--endpoint", ceph.endpoint]
        self.client = ceph.client()

    def is_same(self, key, _link, path):
        body = self.client.get_object(Bucket=self.ceph.bucket, Key=key)["Body"]
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(MIB):
            digest.update(chunk)
        return digest.digest() == hashlib.sha256(path.read_bytes()).digest()

    def has(self, key):
        return key in self.ceph.list_keys()

    def unfinished(self):
        return self.ceph.list_unfinished()

    def remove(self, key):
        self.client.delete_object(Bucket=self.ceph.bucket, Key=key)

    def clean(self):
        self.ceph.collect_garbage()


class Campaign:
    """Kills uploads to one store, each of which begins a journal."""

    def __init__(self, sandbox, store):
        self.sandbox = sandbox
        self.store = store
        self.random = random.Random(SEED)
        self.path = sandbox.write_random("file", (5 * N_PARTS - 4) * MIB + 7)
        self.number = 0
        self.counts = {}
        self.killed = collections.Counter()
        self.outcomes = collections.Counter()

    def _environment(self):
        state = self.sandbox.root / f"state-{self.number}"
        state.mkdir(exist_ok=True)
        return self.store.environment | {"XDG_STATE_HOME": str(state)}

    def _trace(self, parallel, **options):
        calls = options.pop("calls", [call for call, _ in PLACES] + SENDS)
        return Traced(self.sandbox, calls, "--upload", self.path, "--name", f"k{self.number}",
                      "--part-size", "5", "--parts", str(parallel), *self.store.arguments,
                      environment=self._environment(), **options).finish()

    def _run(self, *arguments):
        return self.sandbox.run(*arguments, environment=self._environment()).expect(0)

    def count_places(self):
        """How often each call is made where nothing strikes."""
        for parallel in (1, 3):
            traced = self._trace(parallel)
            traced.run.expect(0)
            assert traced.count_puts() == N_PARTS, traced.count_puts()
            self.counts[parallel] = {place: traced.count(*place) for place in PLACES}
            assert all(self.counts[parallel].values()), self.counts
            self._end()
        tap.diagnose(f"calls: {self.counts}")

    def choose(self):
        """The first and the last of each kind, each with two others; and then any."""
        ends = [point for place in PLACES
                for point in ((3, place, 1), (1, place, self.counts[1][place]))]
        self.random.shuffle(ends)
        while True:
            if ends:
                yield ends.pop()
            for _ in range(2):
                parallel = self.random.choice([1, 3])
                place, = self.random.choices(PLACES, WEIGHTS)
                # The later of two: much of the beginning is the making of a journal.
                yield parallel, place, max(self.random.randint(1, self.counts[parallel][place])
                                           for _ in range(2))

    def strike(self, parallel, place, when):
        call, name = place
        folder = self.sandbox.root / f"state-{self.number}" / "s3streamer"
        traced = self._trace(parallel, calls=[call] if name else [call, *SENDS],
                             paths=[folder / name] if name else [],
                             inject=f"{call}:signal=KILL:when={when}")
        if traced.run.status == 0:
            self.outcomes["not reached"] += 1
        else:
            traced.run.expect(-signal.SIGKILL)
            self.killed[call, name] += 1
        self._go_on(parallel, None if name else traced.count_puts())
        self._end()

    def _go_on(self, parallel, sent):
        again = Traced(self.sandbox, SENDS, "--resume", environment=self._environment()).finish()
        again.run.expect(0)
        entries = self._run("--list", "--json").objects
        key = f"k{self.number}"
        if not entries:
            # It was killed before it had written down anything: then nothing was sent, either.
            assert not sent and not self.store.has(key), (sent, again.run.err)
            self.outcomes["not begun"] += 1
            link, = self._run("--upload", self.path, "--name", key, *self.store.arguments).lines
        else:
            entry, = entries
            assert entry["state"] == "done" and entry["sent"] == entry["size"], entry
            resumed = again.count_puts()
            self.outcomes["gone on with" if again.run.lines else "done before"] += 1
            self.outcomes["parts sent again"] += max((sent or 0) + resumed - N_PARTS, 0)
            assert sent is None or sent + resumed <= N_PARTS + parallel, (sent, resumed)
            assert again.run.lines or not resumed, again.run.err
            link, = again.run.lines or self._run("--resume", entry["id"]).lines
        assert self.store.is_same(key, link, self.path), "the object is another"
        assert self.store.unfinished() == [], self.store.unfinished()

    def _end(self):
        self.store.remove(f"k{self.number}")
        self.number += 1
        if self.number % 40 == 0:
            self.store.clean()

    def run(self, kills):
        start = time.monotonic()
        self.count_places()
        for attempt, point in enumerate(self.choose()):
            if self.killed.total() >= kills:
                break
            assert attempt < 2 * kills + 20, "it is hardly ever killed"
            try:
                self.strike(*point)
            except BaseException:
                tap.diagnose(f"SEED={SEED}, number {attempt}: parts, place, call: {point}")
                raise
        seconds = time.monotonic() - start
        tap.diagnose(f"{self.killed.total()} kills in {seconds:.0f} s: {dict(self.killed)}; "
                     f"then: {dict(self.outcomes)}")


@contextlib.contextmanager
def prepare():
    if not can_trace():
        tap.skip("processes cannot be traced here")
    with Sandbox() as sandbox:
        tap.diagnose(f"SEED={SEED}")
        yield sandbox


@tap.test
def uploads_to_this_computer_go_on_wherever_they_are_killed():
    with prepare() as sandbox:
        Campaign(sandbox, ThisComputer(sandbox)).run(KILLS - KILLS // 2)


@tap.test
def uploads_to_a_bucket_go_on_wherever_they_are_killed():
    if not is_installed():
        tap.skip("Ceph is not installed")
    with prepare() as sandbox, Ceph() as ceph:
        Campaign(sandbox, Bucket(ceph)).run(KILLS // 2)


tap.main()
