# test_layers.py: each room uses only the rooms above it, and only the window knows GTK
#
# SPDX-License-Identifier: GPL-3.0-or-later

import re

from project import tree
from support import tap

# What a room may include besides its own headers; main.c is the front door.
ALLOWED = {
    "engine": set(),
    "server": {"engine"},
    "cli": {"engine"},
    "ui": {"engine"},
    "nautilus": set(),
    "main.c": {"engine", "cli"},
}
FOR_EVERYBODY = {"streamer-config.h"}
WINDOWED = re.compile(r"<(gtk|gdk|gsk|adwaita|graphene|pango|cairo)[-./a-z0-9]*>")
WINDOWED_LIBRARY = re.compile(r"lib(gtk|gdk|gsk|adwaita|graphene|pango|cairo)\S*")
INCLUDE = re.compile(r'^ *# *include *([<"][^>"]+[>"])', re.MULTILINE)


def rooms():
    """The room of each source file."""
    return {path: path.relative_to(tree.ROOT / "src").parts[0]
            for path in tree.files("src", ".c", ".h")}


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def linked(program):
    """All libraries that PROGRAM loads, directly or not."""
    return tree.run(tree.need("ldd"), tree.BUILD / program)


def linked_directly(program):
    dynamic = tree.run(tree.need("readelf"), "-d", "-W", tree.BUILD / program)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)


@tap.test
def every_room_is_known():
    assert set(rooms().values()) == set(ALLOWED), set(rooms().values())


@tap.test
def rooms_include_only_what_is_above_them():
    room_of = rooms()
    rooms_of_header = {}
    for path, room in room_of.items():
        rooms_of_header.setdefault(path.name, set()).add(room)
    found = []
    for path, room in room_of.items():
        for header in includes(path):
            name = header.strip('"').rpartition("/")[2]
            if header[0] == "<" or name in FOR_EVERYBODY:
                continue
            theirs = rooms_of_header.get(name, {room})
            # The compiler looks beside the file first.
            if room not in theirs and not theirs <= ALLOWED[room]:
                found.append(f"{tree.show(path)} includes {name} of {theirs}")
    assert not found, "\n".join(found)


@tap.test
def only_the_window_includes_gtk():
    found = [f"{tree.show(path)} includes {header}"
             for path, room in rooms().items() if room != "ui"
             for header in includes(path) if WINDOWED.match(header)]
    assert not found, "\n".join(found)


@tap.test
def only_the_window_links_gtk():
    assert WINDOWED_LIBRARY.search(linked("src/s3streamer-window"))
    for program in ("src/s3streamer", "src/s3streamer-server"):
        found = WINDOWED_LIBRARY.search(linked(program))
        assert not found, f"{program} loads {found[0]}"


@tap.test
def the_extension_links_little():
    module = "src/nautilus/libs3streamer-nautilus.so"
    if not (tree.BUILD / module).exists():
        tap.skip("the extension is not built")
    known = re.compile(r"lib(nautilus-extension|gio-2.0|gobject-2.0|glib-2.0|c|asan|ubsan)\.so\b")
    found = [name for name in linked_directly(module) if not known.match(name)]
    assert not found, f"the extension links {found}"


tap.main()
