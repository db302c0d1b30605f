# test_documentation.py: man pages, completions and README tell what the programs do
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import re

from project import tree
from support import tap

PROGRAMS = ("s3streamer", "s3streamer-server")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
# What the lines above the table of README.md show.
DEEDS = {"--upload", "--purge", "--list", "--resume", "--abort", "--verify"}


def options_of(program):
    """What --help says; --help itself may be missing there."""
    text = tree.run(tree.BUILD / "src" / program, "--help",
                    env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z0-9-]*)", text, re.MULTILINE))
    assert len(found) > 5, text
    return found | {"--help"}


def same(program, where, found):
    known = options_of(program)
    assert found <= known, f"{where} has options that do not exist: {sorted(found - known)}"
    assert known <= found, f"{where} lacks {sorted(known - found)}"


@tap.test
def man_pages_describe_all_options():
    for program in PROGRAMS:
        page = (tree.ROOT / f"data/man/{program}.1.in").read_text().replace("\\-", "-")
        own = set(re.findall(r"^\.TP\n\.BI?R? (--[a-z0-9-]+)", page, re.MULTILINE))
        same(program, f"the list of {program}(1)", own)
        # An example may have options of the other program.
        unknown = set(OPTION.findall(page)) - set.union(*map(options_of, PROGRAMS))
        assert not unknown, f"{program}(1) mentions {sorted(unknown)}"


@tap.test
def man_pages_are_sound():
    groff = tree.need("groff")
    for program in PROGRAMS:
        page = tree.BUILD / f"data/man/{program}.1"
        assert not (output := tree.run(groff, "-man", "-ww", "-z", "-Tutf8", page)), output


@tap.test
def completions_offer_all_options():
    for program in PROGRAMS:
        folder = tree.ROOT / "data/completions"
        fish = (folder / f"{program}.fish").read_text()
        same(program, "fish", {f"--{name}" for name in re.findall(r" -l ([a-z0-9-]+)", fish)})
        for shell in ("bash", "zsh"):
            text = re.sub(r"(?m)^#.*", "", (folder / f"{program}.{shell}").read_text())
            same(program, shell, set(OPTION.findall(text)))


@tap.test
def completions_are_sound():
    for program in PROGRAMS:
        tree.run("bash", "-n", tree.ROOT / f"data/completions/{program}.bash")


@tap.test
def the_readme_names_what_exists():
    readme = (tree.ROOT / "README.md").read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (tree.ROOT / link).exists(), f"README.md links to {link}"
    rows = re.findall(r"^\| (`--[^|]*) \|", readme.replace("\\|", "/"), re.MULTILINE)
    same("s3streamer", "the table of README.md",
         set(OPTION.findall("".join(rows))) | DEEDS | {"--help", "--version"})


def has_test(name):
    """/suite/test of a C program, where tests that a table names stand below one, or file.py:test."""
    if name.startswith("/"):
        _, suite, test = name.split("/", 2)
        sources = [path for path in tree.files("tests", ".c") if path.name == f"test-{suite}.c"]
        return any(test in path.read_text() for path in sources)
    file, function = name.split(":")
    sources = [path for path in tree.files("tests", ".py") if path.name == file]
    return any(f"\ndef {function}():" in path.read_text() for path in sources)


@tap.test
def each_fault_has_tests_that_exist():
    rows = [line.split("|") for line in (tree.ROOT / "doc/faults.md").read_text().splitlines()
            if line.startswith("| ") and not line.startswith("| What happens")]
    assert len(rows) > 30, rows
    for row in rows:
        names = re.findall(r"`(/[^`]+|[\w-]+\.py:\w+)`", row[3])
        assert names, f"nothing shows what is done about: {row[1]}"
        unknown = [name for name in names if not has_test(name)]
        assert not unknown, f"doc/faults.md names tests that do not exist: {unknown}"


tap.main()
