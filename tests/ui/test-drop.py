#!/usr/bin/python3
# test-drop.py: a file dragged from Files, with a real pointer, becomes a link
#
# SPDX-License-Identifier: GPL-3.0-or-later

import shutil

import desktop
import streamer
from support import tap
from support.backend import Backend
from support.wait import wait_until

def set_up():
    streamer.reset_settings()
    if not shutil.which("nautilus"):
        tap.skip("nautilus is not installed")


def drag_to_window(name, view, files):
    """Lets go of NAME over the window once the window shows that it would take it."""
    frame = view.frame
    cell = files.cell(name)
    desktop.place(cell, 0, 0, 700, 600)
    desktop.place(frame, 720, 0, 760, 700)
    cell = files.cell(name)

    # While something is over the window, it has a frame drawn in it.
    x, y, _, height = desktop.box(frame)
    edge = (x, y + height // 2, 40, 80)
    before = desktop.picture(*edge)
    desktop.drag(cell, frame, lambda: desktop.picture(*edge) != before)


@tap.test
def a_file_dropped_from_files_gets_a_link():
    set_up()
    streamer.set_setting("part-size", "5")
    path = streamer.make_file(streamer.HOME / "files" / "holiday film & more.bin", 48 << 20)

    with streamer.Window() as window, desktop.Files(path.parent) as files:
        view = streamer.View(window.process.pid)
        drag_to_window(path.name, view, files)
        link = view.copy_link()
        # A link of this computer is signed anew whenever it is copied.
        shown = {name.partition("?")[0] for name in view.names("label")}
        assert link.partition("?")[0] in shown, f"{link} is not shown"
        assert streamer.same_bytes(link, path), "other bytes"


@tap.test
def the_parts_of_a_dropped_file_move():
    set_up()
    streamer.set_setting("part-size", "20")
    streamer.set_setting("parts", "3")
    path = streamer.make_big_file(streamer.HOME / "moving" / "film.bin", (100 << 20) + 4711)

    with Backend("token-4711") as backend, streamer.Window() as window, \
            desktop.Files(path.parent) as files:
        streamer.connect_to(backend.url)
        view = streamer.View(window.process.pid)
        backend.hold_parts(1 << 20)
        drag_to_window(path.name, view, files)
        view.sign_in("token-4711")

        # Three are under way and cannot get on, three wait.
        values = wait_until(lambda: (values := view.part_bars()) and
                            sum(0 < value < 1 for value in values.values()) == 3 and values,
                            "three parts that move")
        assert len(values) == 6, values
        assert sum(value == 0 for value in values.values()) == 3, values
        backend.hold_parts(12 << 20)
        wait_until(lambda: max(view.part_bars().values(), default=0) > max(values.values()),
                   "a part to get on")

        backend.release()
        link = view.copy_link()
        assert link == f"{backend.origin}/downloads/film.bin", link
        assert backend.has_bytes_of("film.bin", path)


@tap.test
def a_folder_dropped_from_files_keeps_its_structure():
    set_up()
    folder = streamer.HOME / "shelf" / "folder"
    paths = [streamer.make_file(folder / name, 1000 + number, number)
             for number, name in enumerate(("one.txt", "deep/two.txt", "deep/er/three.txt"))]

    with streamer.Window() as window, \
            desktop.Files(folder.parent) as files:
        view = streamer.View(window.process.pid)
        drag_to_window(folder.name, view, files)
        for path in paths:
            link = view.link_of(f"folder/{path.relative_to(folder)}")
            assert streamer.same_bytes(link, path)


tap.main()
