#!/usr/bin/python3
# bench-history.py: how long the window's main loop is away for a long history
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: bench-history.py [TRANSFERS]

Uploads one file, makes as many rows of it in the journal, starts the program with them, and asks
its main loop all the time for an answer: while it starts, searches, shows one, and clears the list.
"""

import contextlib
import os
import pathlib
import sqlite3
import statistics
import sys
import threading
import time

import desktop
import streamer
from streamer import APP_ID, APP_PATH, Gio, GLib
from support.wait import wait_until

JOURNAL = pathlib.Path(os.environ["XDG_STATE_HOME"]) / "s3streamer" / "journal.db"
CALM_SECONDS = 2
FRAME_SECONDS = 1 / 60


def multiply(count):
    """COUNT rows in the journal like the one that is there."""
    with contextlib.closing(sqlite3.connect(JOURNAL)) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info (transfers)")]
        row = dict(zip(columns, database.execute("SELECT * FROM transfers").fetchone()))
        names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        for number in range(1, count):
            name = f"holiday-{number:05}.bin"
            database.execute(
                f"INSERT INTO transfers ({names}) VALUES ({values})",
                {**row, "place": None, "id": f"{number:012x}", "name": name, "key": name,
                 "ended_at": row["ended_at"] + number})


def memory_of(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def processor_of(pid):
    """Seconds of a processor that PID has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Stalls:
    """Asks from a thread, and from a connection of its own."""

    def __init__(self, what, pid):
        self.what = what
        self.pid = pid
        self.answers = []
        self.asked = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION, None)
        bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        while not self.ended.is_set():
            self.asked = start = time.monotonic()
            try:
                bus.call_sync(APP_ID, APP_PATH, "org.gtk.Actions", "List", None, None,
                              Gio.DBusCallFlags.NO_AUTO_START, 60000, None)
            except GLib.Error:
                self.ended.wait(0.001)
                continue
            self.answers.append((start, time.monotonic() - start))
            self.ended.wait(0.002)

    def __enter__(self):
        self.start = time.monotonic()
        self.processor = processor_of(self.pid)
        self.thread.start()
        return self

    def settle(self):
        """Waits until the loop has answered at once for a while."""
        def is_calm():
            since = time.monotonic() - CALM_SECONDS
            return self.asked > since > self.start and all(
                length < FRAME_SECONDS for start, length in self.answers if start > since)

        wait_until(is_calm, "the program to be calm", 120)

    def __exit__(self, *_):
        seconds = time.monotonic() - self.start
        self.ended.set()
        self.thread.join()
        times = sorted((length for _, length in self.answers), reverse=True)
        print(f"{self.what}: {seconds:.2f} s, processor "
              f"{processor_of(self.pid) - self.processor:.2f} s, {len(times)} answers, median "
              f"{statistics.median(times) * 1000:.1f} ms, longest "
              + ", ".join(f"{length * 1000:.0f}" for length in times[:8]) + " ms, memory "
              f"{memory_of(self.pid):.0f} MiB", flush=True)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    streamer.reset_settings()
    path = streamer.make_file(streamer.HOME / "holiday-00000.bin", 100000)
    with streamer.Window(path) as window:
        streamer.View(window.process.pid).link_of(path.name)
    multiply(count)

    with streamer.Window() as window:
        pid = window.process.pid
        with Stalls("start", pid) as stalls:
            view = streamer.View(pid)
            view.wait_for("label", lambda name: name.startswith("holiday-"))
            stalls.settle()
        desktop.press("ctrl+f")
        view.wait_for(None, "Search by name")
        with Stalls("search", pid) as stalls:
            desktop.xdotool("type", "--delay", "50", "holiday-0123")
            stalls.settle()
        with Stalls("search over", pid) as stalls:
            desktop.press("Escape")
            stalls.settle()
        with Stalls("clear", pid) as stalls:
            streamer.activate("clear-finished", APP_PATH + "/window/1")
            stalls.settle()
        with Stalls("undo", pid) as stalls:
            desktop.act(view.wait_for("push button", "Undo"))
            stalls.settle()


main()
