#!/usr/bin/python3
# test-names.py: everything that can be operated has a name that can be read aloud
#
# SPDX-License-Identifier: GPL-3.0-or-later

import desktop
import streamer
from support import tap
from support.backend import Backend
from support.wait import wait_until

# What a person operates, or is told about.
ROLES = {"push button", "toggle button", "check box", "radio button", "text", "entry",
         "password text", "spin button", "combo box", "list item", "menu item", "page tab",
         "progress bar", "link", "frame", "dialog", "switch"}


def is_shown(node):
    extents = node.get_extents(desktop.Atspi.CoordType.WINDOW)
    return extents.width > 0 and extents.height > 0


def is_bad(name):
    return not name.strip() or "_" in name or name.startswith(("Gtk", "Adw", "Streamer"))


def is_value_of_combo(node):
    """libadwaita 1.2 shows the value of a combo row in a list of one; the row itself is what is
    operated and read."""
    if node.get_role_name() != "list item":
        return False
    while node.get_role_name() in ("list item", "list", "panel"):
        node = node.get_parent()
    return node.get_role_name() == "combo box"


def bad_names(root):
    found = []
    for node in desktop.find_all(lambda role: role in ROLES, within=root):
        try:
            name = node.get_name()
            if is_bad(name) and is_shown(node) and not is_value_of_combo(node):
                found.append(f"{node.get_role_name()} “{name}” “{node.get_description()}”")
        except streamer.GLib.Error:
            pass
    return found


def check(root, what):
    found = bad_names(root)
    for line in found:
        tap.diagnose(f"{what}: {line}")
    assert not found, f"{len(found)} names cannot be read aloud"


def window_action(name):
    """An action of the window, as its menu would call it."""
    streamer.activate(name, streamer.APP_PATH + "/window/1")


@tap.test
def the_empty_window():
    streamer.reset_settings()
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        view.wait_for("push button", "Choose Files…")
        check(view.frame, "empty")


@tap.test
def transfers_that_are_done_and_that_failed():
    streamer.reset_settings()
    path = streamer.make_file(streamer.HOME / "a b c.bin", 100000)
    with streamer.Window(path, streamer.HOME / "not there.bin") as window:
        view = streamer.View(window.process.pid)
        view.link_of("a b c.bin")
        view.wait_for("label", "Failed")
        check(view.frame, "transfers")


@tap.test
def a_transfer_and_its_parts():
    streamer.reset_settings()
    streamer.set_setting("part-size", "20")
    path = streamer.make_big_file(streamer.HOME / "parts.bin", 100 << 20)
    with Backend("token-4711") as backend:
        streamer.connect_to(backend.url)
        backend.hold_parts(1 << 20)
        with streamer.Window(path) as window:
            view = streamer.View(window.process.pid)
            check(view.token_dialog(), "token dialog")
            view.sign_in("token-4711")
            view.wait_for("progress bar", "Part 5 of 5")
            check(view.frame, "parts")
            backend.release()
            view.link_of("parts.bin")


@tap.test
def the_preferences():
    streamer.reset_settings()
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        streamer.activate("preferences")
        frame = desktop.wait_for("frame", "Preferences", pid=view.pid)
        desktop.wait_for("spin button", "Parts at the Same Time", within=frame)
        check(frame, "preferences")
        desktop.click(desktop.wait_for("list item", "Connect to a Server…", within=frame))
        wait_until(lambda: is_shown(desktop.find("push button", "Test Connection", within=frame)),
                   "the page of the server")
        check(frame, "server page")


@tap.test
def the_page_of_a_bucket():
    streamer.reset_settings()
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        streamer.activate("preferences")
        frame = desktop.wait_for("frame", "Preferences", pid=view.pid)
        desktop.click(desktop.wait_for("list item", "Connect to a Bucket…", within=frame))
        wait_until(lambda: any(map(is_shown, desktop.find_all("push button", "Test Connection",
                                                              within=frame))),
                   "the page of the bucket")
        check(frame, "bucket page")


@tap.test
def the_shortcuts():
    streamer.reset_settings()
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        window_action("show-help-overlay")
        frame = desktop.wait_for("frame", "Keyboard Shortcuts", pid=view.pid)
        desktop.wait_for("label", "Choose files", within=frame)
        check(frame, "shortcuts")


@tap.test
def what_the_program_is():
    streamer.reset_settings()
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        streamer.activate("about")
        label = desktop.wait_for("label", "The S3Streamer contributors", pid=view.pid)
        check(desktop.frame_of(label), "about")


tap.main()
