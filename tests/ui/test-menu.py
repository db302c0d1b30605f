#!/usr/bin/python3
# test-menu.py: "Upload to S3" in the menu of Files
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files looks for extensions in one folder only, whose path is compiled in. bwrap, on which Files
depends itself, puts another folder in its place for the one process, as root or not."""

import os
import pathlib
import shutil
import subprocess

import desktop
import streamer
from support import tap
from support.wait import wait_until


def put_in_place(extension):
    """The command behind which Files finds EXTENSION."""
    folder = streamer.HOME / "extensions"
    folder.mkdir(exist_ok=True)
    shutil.copy(extension, folder)
    where = subprocess.run(
        ["pkg-config", "--variable=extensiondir", "libnautilus-extension-4"], check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip()
    command = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--bind", str(folder), where]
    if subprocess.run([*command, "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        tap.skip("bwrap may not put a folder in place of another here")
    return command


def set_up():
    if not shutil.which("nautilus"):
        tap.skip("nautilus is not installed")
    if not shutil.which("bwrap"):
        tap.skip("bwrap is not installed")
    extension = pathlib.Path(os.environ.get("S3STREAMER_NAUTILUS", ""))
    if not extension.is_file():
        tap.skip("the extension was not built")
    streamer.reset_settings()
    streamer.install_for_session()
    return put_in_place(extension)


def choose_upload(files, name):
    """A right click on NAME, then a click on the menu's entry."""
    desktop.place(files.cell(name), 0, 0, 700, 600)
    desktop.click(files.cell(name), 3)
    desktop.act(desktop.wait_for("menu item", "Upload to S3"))
    pid = wait_until(streamer.running_pid, "the program to be started by the bus")
    return streamer.View(pid)


@tap.test
def a_file_is_uploaded_from_the_menu_of_files():
    within = set_up()
    path = streamer.make_file(streamer.HOME / "files" / "été & 100%.bin", 12 << 20)
    with desktop.Files(path.parent, within) as files:
        view = choose_upload(files, path.name)
        assert streamer.same_bytes(view.copy_link(), path)
    streamer.quit_running()


@tap.test
def a_folder_is_uploaded_from_the_menu_of_files():
    within = set_up()
    folder = streamer.HOME / "shelf" / "two files"
    paths = [streamer.make_file(folder / name, 5000, number)
             for number, name in enumerate(("one.txt", "deep/two.txt"))]
    with desktop.Files(folder.parent, within) as files:
        view = choose_upload(files, folder.name)
        for path in paths:
            assert streamer.same_bytes(view.link_of(f"two files/{path.relative_to(folder)}"), path)
    streamer.quit_running()


tap.main()
