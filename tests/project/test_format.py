# test_format.py: sources are laid out as .clang-format and .editorconfig say, and are not too long
#
# SPDX-License-Identifier: GPL-3.0-or-later

import re

from project import tree
from support import tap

# clang-format holds code to 100; a comment or a text may run over by a word.
MAX_COLUMNS = 110
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 80


def assert_none(found):
    assert not found, "\n" + "\n".join(found)


def lines_where(paths, is_wrong):
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if is_wrong(line):
                found.append(f"{tree.show(path)}:{number}: {line[:120]!r}")
    return found


def c_files():
    return tree.files("src", ".c", ".h") + tree.files("tests", ".c", ".h")


@tap.test
def c_code_is_formatted():
    program = tree.need("clang-format")
    tree.run(program, "--dry-run", "--Werror", *c_files(), cwd=tree.ROOT)


@tap.test
def lines_have_no_blanks_at_their_ends():
    paths = [path for path in tree.text_files() if path.name != "COPYING"]
    assert_none(lines_where(paths, lambda line: line != line.rstrip()))


@tap.test
def nothing_is_indented_by_tabs():
    assert_none(lines_where(tree.text_files(), lambda line: "\t" in line))


@tap.test
def files_end_with_one_line_feed():
    assert_none([tree.show(path) for path in tree.text_files()
                 if (data := path.read_bytes()) and (not data.endswith(b"\n")
                                                     or data.endswith(b"\n\n"))])


@tap.test
def no_line_is_much_too_long():
    paths = c_files() + tree.files("tests", ".py")
    assert_none(lines_where(paths, lambda line: len(line) > MAX_COLUMNS))


@tap.test
def no_file_is_too_long():
    long = [(len(path.read_text(encoding="utf-8").splitlines()), path)
            for path in tree.files("src", ".c", ".h")]
    assert_none([f"{tree.show(path)}: {n} lines" for n, path in long if n > MAX_FILE_LINES])


@tap.test
def no_function_is_too_long():
    found = []
    for path in tree.files("src", ".c"):
        start = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start + 1 > MAX_FUNCTION_LINES:
                    found.append(f"{tree.show(path)}:{start}: {number - start + 1} lines")
                start = None
    assert_none(found)


@tap.test
def every_source_says_what_it_is_for():
    found = []
    for path in tree.files("src", ".c", ".h"):
        text = path.read_text(encoding="utf-8")
        if not text.startswith(f"/* {path.name}"):
            found.append(f"{tree.show(path)}: does not begin with its name")
        if path.suffix == ".c" and not text.startswith(f"/* {path.name}: "):
            found.append(f"{tree.show(path)}: does not say what it is for")
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in text:
            found.append(f"{tree.show(path)}: names no licence")
    assert_none(found)


@tap.test
def nothing_is_left_for_later():
    # In pieces, so that this file is not found.
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) +
                       r")\b")
    paths = [path for path in tree.text_files() if path.name != "COPYING"]
    assert_none(lines_where(paths, words.search))


@tap.test
def tests_wait_for_conditions_and_never_for_time():
    waits = re.compile(r"\b(g_usleep|usleep|nanosleep|time\.sleep|sleep) ?\(")
    paths = tree.files("tests", ".c", ".h", ".py")
    paths.remove(tree.ROOT / "tests/project/test_format.py")
    assert_none(lines_where(paths, waits.search))


tap.main()
