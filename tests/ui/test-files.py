#!/usr/bin/python3
# test-files.py: a file is shown in its folder, also where no file manager can select it
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import pathlib

import desktop
import streamer
from support import tap
from support.wait import wait_until

RUNTIME = pathlib.Path(os.environ["XDG_RUNTIME_DIR"])
DATA = pathlib.Path(os.environ["XDG_DATA_HOME"])
CONFIG = pathlib.Path(os.environ["XDG_CONFIG_HOME"])


def hide_file_manager():
    """Whoever asks the bus for one is told that there is none."""
    service = RUNTIME / "dbus-1" / "services" / "org.freedesktop.FileManager1.service"
    service.write_text("[D-BUS Service]\nName=org.freedesktop.FileManager1\nExec=/bin/false\n",
                       encoding="utf-8")
    desktop.call_bus("ReloadConfig", None)


def install_opener(log):
    """A program for folders, which only writes down what it was given."""
    opener = RUNTIME / "opener"
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >>"{log}"\n', encoding="utf-8")
    opener.chmod(0o700)
    applications = DATA / "applications"
    applications.mkdir(parents=True, exist_ok=True)
    (applications / "opener.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Opener\nExec={opener} %u\n"
        "MimeType=inode/directory;\n", encoding="utf-8")
    CONFIG.mkdir(parents=True, exist_ok=True)
    (CONFIG / "mimeapps.list").write_text(
        "[Default Applications]\ninode/directory=opener.desktop\n", encoding="utf-8")


@tap.test
def the_folder_is_opened_where_no_file_manager_answers():
    streamer.reset_settings()
    log = RUNTIME / "opened"
    hide_file_manager()
    install_opener(log)
    path = streamer.make_file(streamer.HOME / "shown folder" / "shown.bin", 1000)
    with streamer.Window(path) as window:
        view = streamer.View(window.process.pid)
        view.link_of(path.name)
        desktop.act(view.wait_for("push button", "Show in Files"))
        opened = wait_until(lambda: log.exists() and log.read_text(encoding="utf-8").strip(),
                            "the folder to be opened")
        assert opened.removeprefix("file://").replace("%20", " ").rstrip("/") == str(path.parent)


@tap.test
def a_file_that_is_gone_is_said_to_be():
    streamer.reset_settings()
    path = streamer.make_file(streamer.HOME / "gone.bin", 1000)
    with streamer.Window(path) as window:
        view = streamer.View(window.process.pid)
        view.link_of(path.name)
        path.unlink()
        desktop.act(view.wait_for("push button", "Show in Files"))
        view.wait_for("label", "“gone.bin” is not on this computer any more.")


tap.main()
