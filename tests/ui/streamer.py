# streamer.py: the program under test, as a user has it
#
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import os
import pathlib
import random
import shlex
import shutil
import subprocess
import urllib.parse
import urllib.request

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

import desktop  # noqa: E402
from support.wait import wait_until  # noqa: E402

APP_ID = "org.s3streamer.S3Streamer"
APP_PATH = "/org/s3streamer/S3Streamer"
PROGRAMS = pathlib.Path(os.environ["S3STREAMER_PROGRAMS"])
DATA = pathlib.Path(os.environ["S3STREAMER_DATA"])
HOME = pathlib.Path(os.environ["HOME"])

# The programs that a bus starts inherit this, too.
os.environ["GTK_A11Y"] = "atspi"
os.environ["GSETTINGS_BACKEND"] = "keyfile"


def set_setting(key, value, connection=None):
    """VALUE as the GVariant text format has it."""
    schema = APP_ID
    if connection:
        schema = f"{APP_ID}.Connection:{APP_PATH}/connections/{connection}/"
    subprocess.run(["gsettings", "set", schema, key, value], check=True)


def reset_settings():
    """As on the first day: without a history, too."""
    subprocess.run(["gsettings", "reset-recursively", APP_ID], check=True)
    state = os.environ.get("XDG_STATE_HOME", HOME / ".local" / "state")
    shutil.rmtree(pathlib.Path(state) / "s3streamer", ignore_errors=True)


def connect_to(url, name="Test Server"):
    """Makes the server at URL the default connection."""
    set_setting("request-url", GLib.Variant("s", url).print_(False), "server")
    set_setting("name", GLib.Variant("s", name).print_(False), "server")
    set_setting("connections", "['server']")
    set_setting("connection", "'server'")


def make_file(path, size, seed=1):
    """A file of SIZE bytes that look random."""
    generator = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        while size > 0:
            block = generator.randbytes(min(size, 1 << 20))
            file.write(block)
            size -= len(block)
    return path


def make_big_file(path, size, step=1 << 20, seed=1):
    """A file of SIZE bytes that takes little room: random blocks every STEP bytes, holes between."""
    generator = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for offset in range(0, size, step):
            file.seek(offset)
            file.write(generator.randbytes(min(4096, size - offset)))
        file.truncate(size)
    return path


def digest_of(stream):
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def same_bytes(link, path):
    with urllib.request.urlopen(link, timeout=60) as answer, open(path, "rb") as file:
        return digest_of(answer) == digest_of(file)


def running_pid():
    """The process that owns the program's name on the bus, or None."""
    return desktop.bus_pid(APP_ID)


def activate(action, path=APP_PATH):
    """What a menu or a notification would do, from outside."""
    Gio.bus_get_sync(Gio.BusType.SESSION, None).call_sync(
        APP_ID, path, "org.gtk.Actions", "Activate",
        GLib.Variant("(sava{sv})", (action, [], {})), None, Gio.DBusCallFlags.NONE, 60000, None)


def quit_running():
    """Ends a program that was started by the bus."""
    activate("quit")
    wait_until(lambda: running_pid() is None, "the program to quit")


def install_for_session():
    """The desktop file and the D-Bus service, in this session only."""
    home = pathlib.Path(os.environ["XDG_DATA_HOME"])
    applications = home / "applications"
    services = home / "dbus-1" / "services"
    applications.mkdir(parents=True, exist_ok=True)
    services.mkdir(parents=True, exist_ok=True)
    name = f"{APP_ID}.desktop"
    (applications / name).write_text((DATA / name).read_text(encoding="utf-8"), encoding="utf-8")
    (services / f"{APP_ID}.service").write_text(
        f"[D-BUS Service]\nName={APP_ID}\n"
        f"Exec={shlex.quote(str(PROGRAMS / 's3streamer-window'))} --gapplication-service\n",
        encoding="utf-8")
    os.environ["PATH"] = f"{PROGRAMS}:{os.environ['PATH']}"
    desktop.call_bus("UpdateActivationEnvironment", GLib.Variant("(a{ss})", (
        {name: os.environ[name] for name in ("GTK_A11Y", "GSETTINGS_BACKEND", "PATH")},)))
    desktop.call_bus("ReloadConfig", None)


class Window(desktop.Program):
    """The program, started by its front door with FILES."""

    def __init__(self, *files):
        super().__init__(str(PROGRAMS / "s3streamer"), *map(str, files))


class View:
    """What the main window of process PID shows."""

    def __init__(self, pid):
        self.pid = pid
        self.frame = desktop.wait_for("frame", "S3Streamer", pid=pid)

    def find(self, role=None, name=None):
        return desktop.find(role, name, within=self.frame)

    def wait_for(self, role=None, name=None, **more):
        return desktop.wait_for(role, name, within=self.frame, **more)

    def names(self, role):
        return desktop.names(role, within=self.frame)

    def part_bars(self):
        """The value of each part's progress bar, by the name of the bar."""
        values = {}
        for bar in desktop.find_all("progress bar", lambda name: name.startswith("Part "),
                                    within=self.frame):
            try:
                value = bar.get_value_iface()
                if value is not None:
                    values[bar.get_name()] = round(value.get_current_value(), 3)
            except GLib.Error:
                # It was finished and gone in the meantime.
                pass
        return values

    def link_of(self, key):
        """The link that the list shows for the object KEY."""
        end = "/" + urllib.parse.quote(key)
        label = self.wait_for("label", lambda name: name.startswith("Uploaded: ") and
                              name.split("?")[0].endswith(end), seconds=120)
        return label.get_name().removeprefix("Uploaded: ")

    def token_dialog(self):
        return desktop.wait_for("dialog", lambda name: name.startswith("Sign In to "),
                                pid=self.pid)

    def sign_in(self, token):
        """Does what the dialog asks for."""
        desktop.act(self.wait_for("push button", "Enter Token…"))
        dialog = self.token_dialog()
        window = desktop.window_of(dialog)
        desktop.set_text(desktop.wait_for("text", "Token", within=dialog), token)
        button = wait_until(
            lambda: next((found for found in desktop.find_all("push button", "Sign In",
                                                              within=dialog)
                          if desktop.is_sensitive(found)), None), "Sign In to be possible")
        desktop.act(button)
        desktop.wait_closed(window)

    def copy_link(self):
        """Clicks Copy Link, and returns what is on the clipboard then."""
        desktop.act(self.wait_for("push button", "Copy Link", seconds=120))
        return wait_until(
            lambda: (text := desktop.read_clipboard()).startswith("http") and text.strip(),
            "a link on the clipboard")
