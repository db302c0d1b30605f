# desktop.py: what a person does with a desktop: looks for things, clicks, types, drags
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Needs the surroundings that with-display gives. Programs are read and operated by AT-SPI;
pointer and keys are real events of the X server, sent by xdotool."""

import subprocess

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

from support.wait import wait_until  # noqa: E402


def xdotool(*arguments):
    return subprocess.run(["xdotool", *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE, timeout=60).stdout


class Program:
    """A program under test; it ends with the `with` block."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(command))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


def bus_pid(name):
    """The process that owns NAME on the session bus, or None."""
    try:
        return call_bus("GetConnectionUnixProcessID", GLib.Variant("(s)", (name,))).unpack()[0]
    except GLib.Error:
        return None


def call_bus(method, parameters):
    return Gio.bus_get_sync(Gio.BusType.SESSION, None).call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
        parameters, None, Gio.DBusCallFlags.NONE, 60000, None)


class Files(Program):
    """Files (nautilus), with one window on FOLDER."""

    NAME = "org.gnome.Nautilus"

    def __init__(self, folder, within=()):
        super().__init__(*within, "nautilus", "-w", str(folder))

    def end(self):
        super().end()
        wait_until(lambda: bus_pid(self.NAME) is None, "Files to end")

    def cell(self, name):
        """Where the name of a file is written."""
        pid = wait_until(lambda: bus_pid(self.NAME), "Files to start")
        return wait_for("label", name, pid=pid)


def _walk(node):
    try:
        if node.get_role() != Atspi.Role.APPLICATION and not has_state(node,
                                                                       Atspi.StateType.VISIBLE):
            return
        yield node
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None:
                yield from _walk(child)
    except GLib.Error:
        # It went away while it was looked at.
        return


def applications():
    desktop = Atspi.get_desktop(0)
    found = []
    for index in range(desktop.get_child_count()):
        try:
            child = desktop.get_child_at_index(index)
            if child is not None:
                # What a program says is asked for each time: the cache of this library is filled
                # by events, which nobody waits for here.
                child.set_cache_mask(Atspi.Cache.NONE)
                found.append(child)
        except GLib.Error:
            pass
    return found


def walk(pid=None, within=None):
    """All accessible objects of a program (or of all), outermost first."""
    roots = [within] if within is not None else applications()
    for root in roots:
        try:
            if pid is not None and within is None and root.get_process_id() != pid:
                continue
        except GLib.Error:
            continue
        yield from _walk(root)


def _matches(value, wanted):
    return wanted is None or (wanted(value) if callable(wanted) else value == wanted)


def find_all(role=None, name=None, **where):
    found = []
    for node in walk(**where):
        try:
            if _matches(node.get_role_name(), role) and _matches(node.get_name(), name):
                found.append(node)
        except GLib.Error:
            pass
    return found


def names(role, **where):
    found = []
    for node in find_all(role, **where):
        try:
            found.append(node.get_name())
        except GLib.Error:
            # It went away in the meantime.
            pass
    return found


def find(role=None, name=None, **where):
    """The first with this ROLE and NAME (a string, or a function of it), or None."""
    return next(iter(find_all(role, name, **where)), None)


def wait_for(role=None, name=None, seconds=60, **where):
    return wait_until(lambda: find(role, name, **where), f"{role or 'an object'} “{name}”", seconds)


def act(node):
    """What a click on NODE would do."""
    node.get_action_iface().do_action(0)


def set_text(node, text):
    node.get_editable_text_iface().set_text_contents(text)


def get_text(node):
    return node.get_text_iface().get_text(0, -1)


def has_state(node, state):
    return node.get_state_set().contains(state)


def is_sensitive(node):
    return has_state(node, Atspi.StateType.SENSITIVE)


def describe(**where):
    """The tree as text, for the report of a test that failed."""
    lines = []
    for node in walk(**where):
        try:
            lines.append(f"{node.get_role_name()} “{node.get_name()}” “{node.get_description()}”")
        except GLib.Error:
            pass
    return "\n".join(lines)


def frame_of(node):
    """The window in which NODE is, as AT-SPI has it."""
    while node.get_role() not in (Atspi.Role.FRAME, Atspi.Role.DIALOG, Atspi.Role.WINDOW):
        node = node.get_parent()
    return node


def _shown_windows(pid):
    result = subprocess.run(
        ["xdotool", "search", "--all", "--onlyvisible", "--pid", str(pid), "--name", ".*"],
        text=True, stdout=subprocess.PIPE, check=False)
    return [int(line) for line in result.stdout.split()]


def window_of(node):
    """The id of the X window in which NODE is."""
    name = frame_of(node).get_name()

    def search():
        return next((window for window in _shown_windows(node.get_process_id())
                     if xdotool("getwindowname", window).strip() == name), None)

    return wait_until(search, f"the window “{name}”")


def wait_closed(window):
    """Waits until WINDOW is gone.

    Asked of the X server: GTK 4.8 crashes when a screen reader lists the windows of a program at
    the moment in which one of them is being destroyed.
    """
    def gone():
        return subprocess.run(["xdotool", "getwindowname", str(window)], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    wait_until(gone, "the window to close")


def _geometry(window):
    values = dict(line.split("=") for line in
                  xdotool("getwindowgeometry", "--shell", window).split())
    return [int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")]


def box(node):
    """Where on the screen NODE is: x, y, width, height.

    AT-SPI counts from the frame, which has a shadow around it within its X window.
    """
    x, y, width, height = _geometry(window_of(node))
    frame = frame_of(node).get_extents(Atspi.CoordType.WINDOW)
    extents = node.get_extents(Atspi.CoordType.WINDOW)
    return (x + (width - frame.width) // 2 + extents.x,
            y + (height - frame.height) // 2 + extents.y, extents.width, extents.height)


def centre(node):
    x, y, width, height = box(node)
    return (x + width // 2, y + height // 2)


def place(node, x, y, width, height):
    """Moves the window of NODE, which draws its own title bar, and waits until it is there."""
    window = window_of(node)
    xdotool("windowsize", window, width, height, "windowmove", window, x, y)
    wait_until(lambda: _geometry(window)[:2] == [x, y], "the window to move")


def click(node, button=1):
    """A real click in the middle of NODE."""
    x, y = centre(node)
    xdotool("mousemove", x, y, "click", button)


def drag(source, target, ready):
    """Drags SOURCE over TARGET with the pointer; the button goes up once READY gives true."""
    x, y = centre(source)
    to_x, to_y = centre(target)
    steps = 20
    xdotool("mousemove", x, y, "mousedown", 1)
    try:
        for step in range(1, steps + 1):
            xdotool("mousemove", x + (to_x - x) * step // steps, y + (to_y - y) * step // steps)
        wiggle = [1]

        def over_target():
            # A pointer that stands still says nothing to a target that was not ready yet.
            wiggle[0] = -wiggle[0]
            xdotool("mousemove", to_x + wiggle[0], to_y)
            return ready()

        wait_until(over_target, "the target to take what is dragged")
    finally:
        xdotool("mouseup", 1)


def press(*keys):
    xdotool("key", *keys)


def picture(x, y, width, height):
    """The pixels of a part of the screen."""
    return subprocess.run(
        ["import", "-silent", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "+repage",
         "-depth", "8", "rgb:-"], check=True, stdout=subprocess.PIPE, timeout=60).stdout


def read_clipboard():
    result = subprocess.run(["xclip", "-selection", "clipboard", "-o"], text=True, timeout=20,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    # Converted for X, a text has a NUL behind it now and then.
    return result.stdout.rstrip("\0") if result.returncode == 0 else ""
