#!/usr/bin/python3
# test-direction.py: where one reads from right to left, the window does too
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in a language whose GTK is mirrored (with-display --language), though this program has no
translation into it."""

import desktop
import streamer
from support import tap
from support.backend import Backend
from support.wait import wait_until


def centre_x(node):
    x, _, width, _ = desktop.box(node)
    return x + width / 2


def is_mirrored(view):
    """The list is at the right of the parts; in each row of theirs, so is the name."""
    bar = view.find("progress bar", "Part 1 of 6")
    return (centre_x(view.find("label", "Uploading")) > centre_x(view.frame) > centre_x(bar) and
            centre_x(view.find("label", "Part 1")) > centre_x(bar))


@tap.test
def list_and_parts_begin_at_the_right():
    streamer.reset_settings()
    streamer.set_setting("part-size", "5")
    path = streamer.make_file(streamer.HOME / "big.bin", 30 << 20)
    with Backend("token-4711") as backend:
        streamer.connect_to(backend.url)
        backend.hold_parts(1 << 20)
        with streamer.Window(path) as window:
            view = streamer.View(window.process.pid)
            view.sign_in("token-4711")
            view.wait_for("progress bar", "Part 1 of 6")
            desktop.place(view.frame, 100, 50, 1200, 800)
            wait_until(lambda: is_mirrored(view), "the window to begin at the right")
            backend.release()
            view.link_of("big.bin")


@tap.test
def a_name_that_runs_the_other_way_stays_whole():
    streamer.reset_settings()
    path = streamer.make_file(streamer.HOME / "תמונה 12.jpg", 1000)
    with streamer.Window(path) as window:
        view = streamer.View(window.process.pid)
        view.link_of(path.name)
        # Within marks, so that "12" is not taken for the sentence's.
        view.wait_for("label", f"To \u2068{path.name}\u2069 on \u2068This computer\u2069")


tap.main()
