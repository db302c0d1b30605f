#!/usr/bin/python3
# test-history.py: what was uploaded, and what was not yet, is there when the program starts again
#
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import pathlib
import signal

import desktop
import streamer
from support import tap
from support.backend import Backend
from support.wait import wait_until


def begin():
    streamer.reset_settings()
    streamer.set_setting("part-size", "5")


def pause_and_quit(window, view):
    desktop.press("ctrl+q")
    dialog = desktop.wait_for(name="Keep Uploading?", pid=view.pid)
    desktop.act(desktop.wait_for("push button", "Pause and Quit", within=dialog))


def clear(view):
    """Empties the list, for the test that follows."""
    view.wait_for("push button", "Copy Link", seconds=120)
    streamer.activate("clear-finished", streamer.APP_PATH + "/window/1")
    view.wait_for("push button", "Choose Files…")


def has_ended(pid):
    """Nobody may have heard of it yet."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def end_embedded_backend():
    for path in pathlib.Path(os.environ["XDG_RUNTIME_DIR"]).rglob("*.json"):
        pid = json.loads(path.read_text(encoding="utf-8"))["pid"]
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: has_ended(pid), "the backend to end")


def goes_on_after(end, name):
    """Ends the program by END in the middle of an upload, and starts it again."""
    begin()
    path = streamer.make_file(streamer.HOME / name, 30 << 20)
    with Backend("token-4711") as backend:
        streamer.connect_to(backend.url)
        backend.hold_parts(1 << 20)
        with streamer.Window(path) as window:
            view = streamer.View(window.process.pid)
            view.sign_in("token-4711")
            view.wait_for("progress bar", "Part 6 of 6")
            end(window, view)
            assert window.process.wait(60) == 0
        backend.release()
        with streamer.Window() as window:
            view = streamer.View(window.process.pid)
            view.sign_in("token-4711")
            view.link_of(name)
            assert backend.has_bytes_of(name, path)
            clear(view)


@tap.test
def pause_and_quit_goes_on_with_the_next_start():
    goes_on_after(pause_and_quit, "quit.bin")


@tap.test
def a_session_that_ends_loses_nothing():
    goes_on_after(lambda window, view: window.process.terminate(), "ended.bin")


@tap.test
def what_was_paused_stays_paused():
    begin()
    path = streamer.make_file(streamer.HOME / "paused.bin", 30 << 20)
    with Backend("token-4711") as backend:
        streamer.connect_to(backend.url)
        backend.hold_parts(1 << 20)
        with streamer.Window(path) as window:
            view = streamer.View(window.process.pid)
            view.sign_in("token-4711")
            view.wait_for("progress bar", "Part 6 of 6")
            desktop.act(view.wait_for("push button", "Pause"))
            view.wait_for("label", lambda name: name.startswith("Paused at "))
            # Nothing is left to do: nobody is asked.
            desktop.press("ctrl+q")
            assert window.process.wait(60) == 0
        backend.release()
        with streamer.Window() as window:
            view = streamer.View(window.process.pid)
            view.wait_for("label", lambda name: name.startswith("Paused at "))
            desktop.act(view.wait_for("push button", "Resume"))
            view.sign_in("token-4711")
            view.link_of("paused.bin")
            assert backend.has_bytes_of("paused.bin", path)
            clear(view)


@tap.test
def links_work_after_a_restart():
    begin()
    path = streamer.make_file(streamer.HOME / "kept.bin", 100000)
    with streamer.Window(path) as window:
        view = streamer.View(window.process.pid)
        view.link_of("kept.bin")
    end_embedded_backend()
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        assert streamer.same_bytes(view.copy_link(), path)
        clear(view)


@tap.test
def verdicts_are_said_in_words():
    begin()
    path = streamer.make_file(streamer.HOME / "verified.bin", 100000)
    with streamer.Window(path) as window:
        view = streamer.View(window.process.pid)
        view.link_of("verified.bin")
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        desktop.act(view.wait_for("push button", "Verify"))
        view.wait_for("label", "The file on this computer is what was uploaded, byte for byte.")
        view.wait_for("label", "The server has what was uploaded, unchanged.")
        streamer.make_file(path, 100000, seed=2)
        desktop.act(view.wait_for("push button", "Verify"))
        view.wait_for("label", lambda name: name.startswith(
            "The file on this computer is not what was uploaded: its CRC-32"))
        clear(view)


@tap.test
def what_is_removed_comes_back_by_undo():
    begin()
    path = streamer.make_file(streamer.HOME / "undone.bin", 100000)
    with streamer.Window(path) as window:
        view = streamer.View(window.process.pid)
        view.link_of("undone.bin")
        desktop.act(view.wait_for("push button", "Remove from List"))
        view.wait_for("push button", "Choose Files…")
        desktop.act(view.wait_for("push button", "Undo"))
        view.link_of("undone.bin")
    with streamer.Window() as window:
        view = streamer.View(window.process.pid)
        view.wait_for("label", "undone.bin")
        clear(view)
    with streamer.Window() as window:
        streamer.View(window.process.pid).wait_for("push button", "Choose Files…")


@tap.test
def without_a_journal_files_are_uploaded_all_the_same():
    begin()
    folder = pathlib.Path(os.environ["XDG_STATE_HOME"]) / "s3streamer"
    kept = folder.with_name("kept")
    if folder.exists():
        folder.rename(kept)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder", encoding="utf-8")
    path = streamer.make_file(streamer.HOME / "forgotten.bin", 100000)
    try:
        with streamer.Window(path) as window:
            view = streamer.View(window.process.pid)
            assert streamer.same_bytes(view.link_of("forgotten.bin"), path)
            view.wait_for("label", lambda name: name.endswith(
                "Files can be uploaded all the same, but are forgotten when the program ends."))
    finally:
        folder.unlink()


tap.main()
