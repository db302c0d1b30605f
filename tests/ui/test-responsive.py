#!/usr/bin/python3
# test-responsive.py: the window answers while sixteen parts are being sent
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call to the program's actions is answered by its main loop, in turn with all that it has to
do: the time until the answer is how long the loop was away. Where the machine is busy, part of
that time is the scheduler's, not the program's: the same question to an idle process, asked in
between, shows how much. What the loop may cost beyond that is bounded generously, for it is a
blocked loop that is looked for, not a slow machine."""

import statistics
import time

import streamer
from support import tap
from support.backend import BackendProcess
from support.wait import wait_until
from streamer import APP_ID, APP_PATH, Gio, GLib

N_PARTS = 16
LONGEST_SECONDS = 0.25


def ask(name, path, interface, method):
    """How long NAME took to answer."""
    start = time.monotonic()
    Gio.bus_get_sync(Gio.BusType.SESSION, None).call_sync(
        name, path, interface, method, None, None, Gio.DBusCallFlags.NO_AUTO_START, 60000, None)
    return time.monotonic() - start


def ask_window():
    return ask(APP_ID, APP_PATH, "org.gtk.Actions", "List")


def ask_idle_process():
    return ask("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")


def report(what, times):
    tap.diagnose(f"{what}: {len(times)} answers, median {statistics.median(times) * 1000:.1f} ms, "
                 f"longest {max(times) * 1000:.1f} ms")


def says_active(label):
    """Whether LABEL, below the parts' heading, still says that parts are on their way."""
    try:
        return label.get_name().endswith(" on their way")
    except GLib.Error:
        return False


@tap.test
def the_main_loop_is_never_away_while_sixteen_parts_are_sent():
    streamer.reset_settings()
    streamer.set_setting("parts", str(N_PARTS))
    streamer.set_setting("part-size", "64")
    path = streamer.make_big_file(streamer.HOME / "big.bin", N_PARTS * 64 << 20)
    of_window, of_idle = [], []

    with BackendProcess("token-4711") as backend:
        streamer.connect_to(backend.url)
        backend.hold_parts(1 << 20)
        with streamer.Window(path) as window:
            view = streamer.View(window.process.pid)
            view.sign_in("token-4711")
            label = view.wait_for("label", lambda name: name.endswith(f", {N_PARTS} on their way"))
            wait_until(lambda: backend.get_state()["active"] == N_PARTS, "the parts to arrive")
            backend.release()
            while says_active(label):
                for _ in range(5):
                    of_idle.append(ask_idle_process())
                    of_window.append(ask_window())
            view.wait_for("push button", "Copy Link")
            assert backend.get_state()["finished"] == ["big.bin"]

    report("window", of_window)
    report("idle process", of_idle)
    assert len(of_window) >= 20, "the upload was over before there was anything to measure"
    assert max(of_window) < LONGEST_SECONDS + max(of_idle)


tap.main()
