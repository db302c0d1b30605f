# test_translations.py: whatever a person reads can be translated
#
# SPDX-License-Identifier: GPL-3.0-or-later

import re
import tempfile

from project import tree
from support import tap

MARKED = re.compile(r"\b(N?C?_|ngettext|g_dngettext) \(\s*\"")
MARKED_UI = re.compile(r'translatable="(yes|true)"')


def listed():
    lines = (tree.ROOT / "po/POTFILES").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def with_text():
    """The files that have something to translate."""
    found = [tree.show(path) for path in tree.files("src", ".c")
             if MARKED.search(path.read_text(encoding="utf-8"))]
    found += [tree.show(path) for path in tree.files("src", ".ui")
              if MARKED_UI.search(path.read_text(encoding="utf-8"))]
    found += [tree.show(path) for path in tree.files("data", ".in")
              if path.name.endswith((".desktop.in", ".metainfo.xml.in"))]
    return found


@tap.test
def all_files_with_text_are_listed():
    assert listed() == sorted(set(listed())), "po/POTFILES is not sorted, or names a file twice"
    missing = set(with_text()) - set(listed())
    needless = set(listed()) - set(with_text())
    assert not missing, f"not in po/POTFILES: {sorted(missing)}"
    assert not needless, f"in po/POTFILES without text: {sorted(needless)}"


@tap.test
def the_texts_can_be_collected():
    with tempfile.TemporaryDirectory() as folder:
        output = tree.run(
            tree.need("xgettext"), "--from-code=UTF-8", "--add-comments=Translators",
            "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2",
            "--keyword=ngettext:1,2", "--keyword=g_dngettext:2,3", "--files-from=po/POTFILES",
            f"--output={folder}/s3streamer.pot", cwd=tree.ROOT)
        assert "warning" not in output, output


@tap.test
def translations_are_whole_and_consistent():
    languages = (tree.ROOT / "po/LINGUAS").read_text(encoding="utf-8").split()
    assert languages == sorted(path.stem for path in (tree.ROOT / "po").glob("*.po"))
    for language in languages:
        report = tree.run(tree.need("msgfmt"), "--check", "--statistics", "--output-file=/dev/null",
                          tree.ROOT / f"po/{language}.po")
        assert "untranslated" not in report and "fuzzy" not in report, report


@tap.test
def translations_reach_the_desktop():
    entry = (tree.BUILD / "data/org.s3streamer.S3Streamer.desktop").read_text(encoding="utf-8")
    actions = (tree.BUILD / "data/file-managers/s3streamer.nemo_action").read_text(encoding="utf-8")
    for language in (tree.ROOT / "po/LINGUAS").read_text(encoding="utf-8").split():
        assert f"\nComment[{language}]=" in entry
        assert f"\nName[{language}]=" in actions


tap.main()
