#!/usr/bin/python3
# test-open.py: whatever door a file comes through, it joins the one queue
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import pathlib
import subprocess

import desktop
import streamer
from support import tap
from support.wait import wait_until
from streamer import APP_ID, Gio, GLib


def set_up():
    streamer.reset_settings()
    streamer.install_for_session()


def make_file(name):
    return streamer.make_file(streamer.HOME / name, 100000, hash(name))


def the_program():
    """The process that the desktop started, and what it shows."""
    pid = wait_until(streamer.running_pid, "the program to start")
    return streamer.View(pid)


def desktop_file():
    return Gio.DesktopAppInfo.new_from_filename(
        str(pathlib.Path(os.environ["XDG_DATA_HOME"]) / "applications" / f"{APP_ID}.desktop"))


def count_windows(pid):
    return len(desktop.find_all("frame", "S3Streamer", pid=pid))


@tap.test
def a_second_program_hands_its_files_to_the_first():
    set_up()
    first, second, third = (make_file(name) for name in ("first.bin", "second.bin", "third.bin"))
    with streamer.Window(first) as window:
        view = streamer.View(window.process.pid)
        assert streamer.same_bytes(view.link_of("first.bin"), first)

        # Relative names are those of the folder in which the second one was started.
        program = str(streamer.PROGRAMS / "s3streamer")
        subprocess.run([program, second.name], cwd=second.parent, check=True, timeout=60)
        subprocess.run([program, third.as_uri()], check=True, timeout=60)
        assert streamer.same_bytes(view.link_of("second.bin"), second)
        assert streamer.same_bytes(view.link_of("third.bin"), third)
        assert count_windows(window.process.pid) == 1
        assert streamer.running_pid() == window.process.pid


@tap.test
def the_desktop_file_starts_the_program_by_the_bus():
    set_up()
    path = make_file("from the desktop.bin")
    assert desktop_file().get_boolean("DBusActivatable")
    desktop_file().launch_uris([path.as_uri()], None)
    assert streamer.same_bytes(the_program().link_of("from the desktop.bin"), path)
    streamer.quit_running()


@tap.test
def an_open_call_on_the_bus_joins_the_queue():
    set_up()
    first, second = (make_file(name) for name in ("bus one.bin", "bus two.bin"))
    for path in (first, second):
        subprocess.run(["gapplication", "launch", APP_ID, str(path)], check=True, timeout=60)
    view = the_program()
    assert streamer.same_bytes(view.link_of("bus one.bin"), first)
    assert streamer.same_bytes(view.link_of("bus two.bin"), second)
    assert count_windows(view.pid) == 1
    streamer.quit_running()


@tap.test
def the_action_of_the_desktop_file_asks_for_files():
    set_up()
    assert desktop_file().list_actions() == ["upload"]
    desktop_file().launch_action("upload", None)
    view = the_program()
    chooser = desktop.wait_for(None, "Choose Files to Upload", pid=view.pid)
    window = desktop.window_of(chooser)
    desktop.xdotool("windowfocus", window, "key", "Escape")
    desktop.wait_closed(window)
    streamer.quit_running()


tap.main()
