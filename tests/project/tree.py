# tree.py: the project's files, as the tests of the project see them
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import pathlib
import shutil
import subprocess

from support import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["S3STREAMER_BUILD"])
BINARY = {".png", ".mo", ".gmo"}
# What nobody would write so is the point of it.
INPUTS = ROOT / "tests/fuzz/corpus"


def files(folder="", *suffixes):
    """All files under FOLDER that belong to the project, or those with one of SUFFIXES."""
    found = []
    for path, folders, names in os.walk(ROOT / folder):
        folders[:] = sorted(name for name in folders if not is_by_product(pathlib.Path(path), name))
        found += [pathlib.Path(path, name) for name in sorted(names)
                  if not suffixes or pathlib.Path(name).suffix in suffixes]
    assert found, f"no {suffixes} in {folder}"
    return found


def is_by_product(parent, name):
    if name in (".git", "__pycache__"):
        return True
    return parent == ROOT and name != "build-aux" and name.startswith(("build", "_build"))


def text_files():
    return [path for path in files()
            if path.suffix not in BINARY and path.name != ".git" and not path.is_symlink()
            and INPUTS not in path.parents]


def show(path):
    return str(path.relative_to(ROOT))


def need(program):
    """Skips the test where PROGRAM is missing; build-aux/test installs it."""
    found = shutil.which(program)
    if not found:
        tap.skip(f"{program} is not installed")
    return found


def run(*command, **keywords):
    """The output of COMMAND, which has to succeed."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **keywords)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout
