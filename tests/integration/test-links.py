# test-links.py: links that die and come back, and go wrong in any way, for as long as an upload takes
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAK=4G sends so much instead of 100 MiB, and SEED=N repeats the faults."""

import contextlib
import os
import pathlib
import random

from support import tap
from support.headless import Sandbox, has_content_of
from support.proxy import Proxy
from support.server import Server
from support.wait import wait_until

MIB = 1 << 20
UNITS = {"M": MIB, "G": MIB << 10}
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
SOAK = os.environ.get("SOAK", "100M")
SOAK_BYTES = int(SOAK[:-1]) * UNITS[SOAK[-1]]
MAX_FILE = 512 * MIB

# What a file costs in memory, and what connections that were lost may still hold.
MAX_GROWTH_KIB = 24 * 1024
MAX_DESCRIPTORS = 120


def start(sandbox, server, proxy, *arguments):
    return sandbox.start("--upload", *arguments, "--part-size", "5", "--json=stream",
                         "--request-url", proxy.origin + "/upload/request",
                         environment={"S3STREAMER_TOKEN": server.token})


def direct(link, proxy, server):
    return link.replace(proxy.origin, server.url.rsplit("/", 2)[0])


@tap.test
def a_link_that_dies_every_two_seconds_is_enough():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        path = sandbox.write_random("file", 64 * MIB)
        with Proxy(server.port).cut_every(2, 0.3) as proxy:
            run = start(sandbox, server, proxy, path, "--parts", "2", "--limit-rate", "8M")
            receipt, = run.finish().expect(0).events("done")
            again = proxy.received - path.stat().st_size
            tap.diagnose(f"cut {proxy.faults['cut']} times, {proxy.puts} parts sent, "
                         f"{again / MIB:.1f} MiB more than the file, {receipt['seconds']:.0f} s")
            assert proxy.faults["cut"] >= 4, proxy.faults
            # Each time, as much as was on its way at most.
            assert 0 < again <= proxy.faults["cut"] * 2 * 5 * MIB + MIB, again
        assert has_content_of(direct(receipt["url"], proxy, server), path)


class Watch:
    """Memory and descriptors of a process while it runs."""

    def __init__(self, name, pid):
        self.name = name
        self.folder = pathlib.Path(f"/proc/{pid}")
        self.samples = []

    def look(self):
        # It may end at any time.
        with contextlib.suppress(OSError, StopIteration):
            memory = next(int(line.split()[1]) for line in
                          (self.folder / "status").read_text().splitlines()
                          if line.startswith("VmRSS:"))
            self.samples.append((memory, len(os.listdir(self.folder / "fd"))))

    def check(self):
        assert len(self.samples) >= 6, self.samples
        # What is loaded and begun belongs to the start.
        steady = self.samples[len(self.samples) // 5:]
        first, middle, last = steady[0], steady[len(steady) // 2], steady[-1]
        most = max(memory for memory, _ in steady)
        descriptors = max(count for _, count in steady)
        tap.diagnose(f"{self.name}: KiB and descriptors at the start {first}, in the middle "
                     f"{middle}, at the end {last}, at most {most} and {descriptors}")
        assert most - first[0] < MAX_GROWTH_KIB, "memory grows"
        assert descriptors < MAX_DESCRIPTORS, "descriptors are lost"


@tap.test
def a_fault_every_second_does_not_wear_it_out():
    tap.diagnose(f"SEED={SEED}")
    with Sandbox() as sandbox:
        server = Server(sandbox)
        sizes = [min(MAX_FILE, SOAK_BYTES - at) for at in range(0, SOAK_BYTES, MAX_FILE)]
        paths = [sandbox.write_random(f"file-{number}", size) for number, size in enumerate(sizes)]
        # Slow enough for many faults.
        rate = f"{min(max(SOAK_BYTES // MIB // 8, 8), 32)}M"
        with Proxy(server.port).strike_every(1, SEED) as proxy:
            run = start(sandbox, server, proxy, *paths, "--parts", "4", "--limit-rate", rate)
            watches = [Watch("program", run.process.pid), Watch("server", server.process.pid)]

            def is_over():
                for watch in watches:
                    watch.look()
                return not run.is_alive()

            wait_until(is_over, "the upload", seconds=240 + SOAK_BYTES // MIB)
            receipts = run.finish().expect(0).events("done")
            again = proxy.received - SOAK_BYTES
            tap.diagnose(f"{sum(proxy.faults.values())} faults {proxy.faults}, {proxy.puts} parts "
                         f"sent, {again / MIB:.1f} MiB more than {SOAK}")
        assert sum(proxy.faults.values()) >= 5, proxy.faults
        for watch in watches:
            watch.check()
        stored = {receipt["key"]: receipt for receipt in receipts}
        for path in paths:
            assert has_content_of(direct(stored[path.name]["url"], proxy, server), path), path


tap.main()
