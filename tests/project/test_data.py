# test_data.py: what is installed beside the programs is valid, and says the same everywhere
#
# SPDX-License-Identifier: GPL-3.0-or-later

import configparser
import re
import xml.etree.ElementTree as ElementTree

from project import tree
from support import tap

APP_ID = "org.s3streamer.S3Streamer"
DATA = tree.BUILD / "data"
ACTIONS = {
    "file-managers/s3streamer.nemo_action": "Nemo Action",
    "file-managers/s3streamer-action.desktop": "X-Action-Profile upload",
    "file-managers/s3streamer-servicemenu.desktop": "Desktop Action upload",
}


def read_keys(path):
    keys = configparser.RawConfigParser(delimiters="=", strict=True)
    keys.optionxform = str
    with open(path, encoding="utf-8") as file:
        keys.read_file(file)
    return keys


def project_version():
    return re.search(r"version: '([^']+)'", (tree.ROOT / "meson.build").read_text())[1]


@tap.test
def the_desktop_file_is_valid():
    output = tree.run(tree.need("desktop-file-validate"), DATA / f"{APP_ID}.desktop")
    assert not output, output


@tap.test
def the_desktop_file_is_started_by_the_bus():
    entry = read_keys(DATA / f"{APP_ID}.desktop")["Desktop Entry"]
    service = read_keys(DATA / f"{APP_ID}.service")["D-BUS Service"]
    assert entry["DBusActivatable"] == "true"
    assert service["Name"] == APP_ID
    assert re.fullmatch(r"/\S+/s3streamer-window --gapplication-service", service["Exec"])


@tap.test
def the_desktop_file_opens_nothing_on_a_double_click():
    # As the handler of a type, it would upload a file that somebody only wanted to look at.
    assert "MimeType" not in read_keys(DATA / f"{APP_ID}.desktop")["Desktop Entry"]


@tap.test
def the_desktop_files_action_is_one_of_the_program():
    entry = read_keys(DATA / f"{APP_ID}.desktop")
    for name in filter(None, entry["Desktop Entry"]["Actions"].split(";")):
        assert f"Desktop Action {name}" in entry
        sources = tree.files("src/ui", ".c")
        assert any(re.search(rf'\{{ "{name}",', path.read_text()) for path in sources), \
            f"the window has no action “{name}” for the bus to activate"


@tap.test
def the_metainfo_is_valid():
    tree.run(tree.need("appstreamcli"), "validate", "--no-net", "--no-color",
             DATA / f"{APP_ID}.metainfo.xml")


@tap.test
def the_newest_release_is_this_version():
    root = ElementTree.parse(DATA / f"{APP_ID}.metainfo.xml").getroot()
    assert root.find("releases/release").get("version") == project_version()


@tap.test
def the_icons_are_well_formed_and_self_contained():
    lint = tree.need("xmllint")
    icons = {path.name: path for path in tree.files("data/icons", ".svg")}
    assert set(icons) == {f"{APP_ID}.svg", f"{APP_ID}-symbolic.svg"}
    for path in icons.values():
        tree.run(lint, "--noout", "--nonet", path)
        text = path.read_text()
        assert "<image" not in text and "href=\"http" not in text
    assert 'viewBox="0 0 128 128"' in icons[f"{APP_ID}.svg"].read_text()
    assert 'viewBox="0 0 16 16"' in icons[f"{APP_ID}-symbolic.svg"].read_text()


@tap.test
def file_managers_get_the_same_entry_from_files():
    for name, group in ACTIONS.items():
        keys = read_keys(DATA / name)
        assert keys[group]["Exec"] == "s3streamer %U", name
        names = {section["Name"] for section in keys.values() if "Name" in section}
        assert names == {"Upload to S3"}, name


@tap.test
def file_managers_offer_the_entry_for_files_and_folders():
    nemo = read_keys(DATA / "file-managers/s3streamer.nemo_action")["Nemo Action"]
    assert nemo["Selection"] == "notnone" and nemo["Extensions"] == "any;"
    action = read_keys(DATA / "file-managers/s3streamer-action.desktop")
    assert action["X-Action-Profile upload"]["MimeTypes"] == "all/all;"
    menu = read_keys(DATA / "file-managers/s3streamer-servicemenu.desktop")
    assert menu["Desktop Entry"]["MimeType"] == "all/all;"


tap.main()
