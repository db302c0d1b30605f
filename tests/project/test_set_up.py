# test_set_up.py: build-aux/run and build-aux/test on systems of all kinds, played by small scripts
#
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

from project import tree
from support import tap

TOOLS = ("awk", "bash", "cat", "chmod", "comm", "cp", "dirname", "env", "flock", "id", "mkdir",
         "readlink", "rm", "sed", "sh", "sort", "touch")
RECORD = 'echo "${0##*/} $*" >>"$WORLD/log"\n'
PROGRAM = """#!/bin/sh
printf 'argument <%s>\\n' "$@"
cat
"""
# What is installed is what lies in $WORLD/installed.
DPKG_QUERY = 'cd "$WORLD/installed" && for p in *; do echo "$p installed"; done\n'
APT_GET = RECORD + 'echo chatter\n[ "${NO_PACKAGE:-}" = "" ] || exit 100\n' \
                   'for p; do touch "$WORLD/installed/$p"; done\n'
RPM = 'for p; do :; done; [ -e "$WORLD/installed/$p" ]\n'
SUDO = RECORD + '"$@"\n'
MESON = RECORD + """echo chatter
for folder; do case $folder in */build) break ;; esac; done
mkdir -p "$folder/src" && touch "$folder/build.ninja"
cp "$WORLD/program" "$folder/src/s3streamer"
"""


def write_script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


class World:
    """A computer with these package tools, and a checkout whose path has blanks."""

    def __init__(self, folder, *package_tools, is_root=True):
        self.path = pathlib.Path(folder)
        self.bin = self.path / "bin"
        self.checkout = self.path / "my check out"
        (self.path / "installed").mkdir()
        self.bin.mkdir()
        shutil.copytree(tree.ROOT / "build-aux", self.checkout / "build-aux")
        shutil.copy(tree.ROOT / "README.md", self.checkout)
        (self.path / "program").write_text(PROGRAM)
        (self.path / "program").chmod(0o755)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(tree.need(tool))
        scripts = {"apt-get": APT_GET, "dnf": APT_GET, "dpkg-query": DPKG_QUERY, "rpm": RPM,
                   "sudo": SUDO, "meson": MESON, "ninja": RECORD + "echo chatter\n"}
        for name in (*package_tools, "meson", "ninja"):
            write_script(self.bin / name, scripts[name])
        (self.bin / "id").unlink()
        write_script(self.bin / "id", f"echo {0 if is_root else 1000}\n")

    def install(self, *groups, column=2):
        for line in (tree.ROOT / "build-aux/packages").read_text().splitlines():
            words = line.split()
            if words and words[0] in groups and words[column] != "-":
                (self.path / "installed" / words[column]).touch()

    def run(self, *arguments, stdin="", **environment):
        return subprocess.run(
            [self.checkout / "build-aux/run", *arguments], cwd="/", text=True, input=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            env={"PATH": str(self.bin), "WORLD": str(self.path), **environment})

    def take_log(self):
        log = self.path / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines


def in_world(*package_tools, **keywords):
    def decorate(function):
        def test():
            with tempfile.TemporaryDirectory() as folder:
                function(World(folder, *package_tools, **keywords))
        test.__name__ = function.__name__
        return tap.test(test)
    return decorate


def installs(log):
    return [line for line in log if " install " in line]


@in_world("apt-get", "dpkg-query")
def standard_streams_belong_to_the_program(world):
    done = world.run("--upload", "a file", "-", stdin="from the pipe\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "argument <--upload>\nargument <a file>\nargument <->\nfrom the pipe\n"
    assert "chatter" in done.stderr


@in_world("apt-get", "dpkg-query")
def only_what_is_missing_is_installed(world):
    world.install("build", "run")
    (world.path / "installed/meson").unlink()
    world.run("x")
    log = world.take_log()
    assert any(line.endswith(" update") for line in log)
    assert [line.rpartition(" --no-install-recommends install ")[2] for line in installs(log)] \
        == ["meson"], log


@in_world("apt-get", "dpkg-query")
def a_second_call_does_no_work_twice(world):
    world.run("x")
    assert any(line.startswith("meson ") for line in world.take_log())
    world.run("x")
    assert [line.split()[0] for line in world.take_log()] == ["ninja"]


@in_world("apt-get", "dpkg-query")
def a_tree_that_was_moved_is_set_up_again(world):
    world.run("x")
    world.take_log()
    world.checkout = world.checkout.rename(world.path / "elsewhere")
    world.run("x")
    assert any(line.startswith("meson ") for line in world.take_log())


@in_world("apt-get", "dpkg-query")
def without_display_and_arguments_the_readme_is_uploaded(world):
    words = world.run().stdout.splitlines()
    assert "argument <--upload>" in words
    assert f"argument <{world.checkout}/README.md>" in words
    assert "argument <this-computer>" in words


@in_world("apt-get", "dpkg-query")
def with_a_display_nothing_is_added(world):
    assert world.run(DISPLAY=":0").stdout == "argument <>\n"
    assert world.run(WAYLAND_DISPLAY="wayland-0").stdout == "argument <>\n"


@in_world("apt-get", "dpkg-query", "sudo", is_root=False)
def a_user_installs_by_sudo(world):
    assert world.run("x").returncode == 0
    log = world.take_log()
    assert any(line.startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get ") for line in log)


@in_world("apt-get", "dpkg-query", is_root=False)
def a_user_without_sudo_is_told_what_is_missing(world):
    done = world.run("x")
    assert done.returncode == 1 and not done.stdout
    assert "meson" in done.stderr and not world.take_log()


@in_world("dnf", "rpm")
def fedora_installs_by_dnf(world):
    assert world.run("x").returncode == 0
    assert "gtk4-devel" in installs(world.take_log())[0]
    world.install("build", "run", column=3)
    world.run("x")
    assert not installs(world.take_log())


@in_world()
def elsewhere_what_is_missing_is_named(world):
    done = world.run("x")
    assert done.returncode == 1 and not done.stdout
    assert "gtk4.pc" in done.stderr and " cc" in done.stderr and " meson" not in done.stderr


@in_world("apt-get", "dpkg-query")
def a_package_that_cannot_be_had_is_an_error(world):
    done = world.run("x", NO_PACKAGE="yes")
    assert done.returncode == 1 and not done.stdout and "could not install" in done.stderr


@tap.test
def the_list_of_packages_is_whole():
    for line in (tree.ROOT / "build-aux/packages").read_text().splitlines():
        if line and not line.startswith("#"):
            assert len(words := line.split()) == 4, line
            assert words[0] in ("build", "run", "test", "fuzz"), line


@tap.test
def all_scripts_are_executable_and_sound():
    names = ("build-aux/run", "build-aux/test", "build-aux/fuzz", ".ci/run")
    scripts = [tree.ROOT / name for name in names]
    for script in scripts:
        assert os.stat(script).st_mode & stat.S_IXUSR, script
    tree.run(tree.need("shellcheck"), "-x", *scripts, tree.ROOT / "build-aux/setup.sh",
             cwd=tree.ROOT)


# The count that build-aux/test closes with.

JUNIT = """<?xml version='1.0'?><testsuites>
<testsuite name="s3streamer.s3streamer:suite / one">{cases}</testsuite>
<testsuite name="s3streamer"><testcase name="two"/></testsuite></testsuites>"""


def count(cases, **results):
    """What is said of a run of the program ONE, with sub-tests, and TWO, without any."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "run.json")
        log.write_text("".join(json.dumps({"name": f"s3streamer:suite / {name}", "result": result})
                               + "\n" for name, result in results.items()))
        log.with_suffix(".junit.xml").write_text(JUNIT.format(cases=cases))
        done = subprocess.run(["/usr/bin/python3", tree.ROOT / "build-aux/count-tests.py", log],
                              stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.splitlines()[-1], done.returncode


@tap.test
def sub_tests_are_counted():
    cases = '<testcase name="a"/><testcase name="b"><skipped/></testcase>'
    assert count(cases, one="OK", two="OK") == ("2 passed, 0 failed, 1 skipped", 0)


@tap.test
def a_sub_test_that_fails_is_counted_once():
    cases = '<testcase name="a"/><testcase name="b"><failure/></testcase>'
    assert count(cases, one="FAIL") == ("1 passed, 1 failed, 0 skipped", 1)


@tap.test
def a_crash_after_good_sub_tests_is_a_failure():
    assert count('<testcase name="a"/>', one="ERROR") == ("1 passed, 1 failed, 0 skipped", 1)


@tap.test
def running_out_of_time_is_a_failure():
    assert count("", two="TIMEOUT") == ("0 passed, 1 failed, 0 skipped", 1)


@tap.test
def no_test_at_all_is_a_failure():
    assert count("") == ("0 passed, 0 failed, 0 skipped", 1)
    assert count("", two="SKIP") == ("0 passed, 0 failed, 1 skipped", 1)


tap.main()
