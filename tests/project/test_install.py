# test_install.py: an installation has everything at the place where it is looked for
#
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import pathlib
import tempfile

from project import tree
from support import tap

APP_ID = "org.s3streamer.S3Streamer"
EXPECTED = {
    "bin/s3streamer",
    "bin/s3streamer-server",
    "libexec/s3streamer-window",
    f"share/applications/{APP_ID}.desktop",
    "share/bash-completion/completions/s3streamer",
    "share/bash-completion/completions/s3streamer-server",
    f"share/dbus-1/services/{APP_ID}.service",
    "share/file-manager/actions/s3streamer-action.desktop",
    "share/fish/vendor_completions.d/s3streamer-server.fish",
    "share/fish/vendor_completions.d/s3streamer.fish",
    f"share/glib-2.0/schemas/{APP_ID}.gschema.xml",
    f"share/icons/hicolor/scalable/apps/{APP_ID}.svg",
    f"share/icons/hicolor/symbolic/apps/{APP_ID}-symbolic.svg",
    "share/kio/servicemenus/s3streamer-servicemenu.desktop",
    "share/man/man1/s3streamer-server.1",
    "share/man/man1/s3streamer.1",
    f"share/metainfo/{APP_ID}.metainfo.xml",
    "share/nemo/actions/s3streamer.nemo_action",
    "share/s3streamer/deploy/Caddyfile",
    "share/s3streamer/deploy/aws-lambda.yaml",
    "share/s3streamer/deploy/make-lambda-package",
    "share/s3streamer/deploy/nginx.conf",
    "share/s3streamer/deploy/s3streamer-server.service",
    "share/s3streamer/deploy/s3streamer-server.sysusers",
    "share/s3streamer/deploy/server.conf",
    "share/zsh/site-functions/_s3streamer",
    "share/zsh/site-functions/_s3streamer-server",
}


def option(name):
    options = json.loads(tree.run(tree.need("meson"), "introspect", "--buildoptions", tree.BUILD))
    return next(one["value"] for one in options if one["name"] == name)


def extension():
    """Where the extension goes: where the file manager looks, whatever the prefix."""
    if not (tree.BUILD / "src/nautilus/libs3streamer-nautilus.so").exists():
        return set()
    folder = tree.run("pkg-config", "--variable=extensiondir", "libnautilus-extension-4").strip()
    return {folder.strip("/") + "/libs3streamer-nautilus.so"}


def translations():
    languages = (tree.ROOT / "po/LINGUAS").read_text(encoding="utf-8").split()
    return {f"share/locale/{language}/LC_MESSAGES/s3streamer.mo" for language in languages}


@tap.test
def everything_is_at_its_place_and_starts():
    prefix = option("prefix").strip("/")
    with tempfile.TemporaryDirectory() as folder:
        tree.run(tree.need("meson"), "install", "-C", tree.BUILD, "--no-rebuild", "--quiet",
                 "--destdir", folder)
        installed = {str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*")
                     if not path.is_dir()}
        wanted = {f"{prefix}/{name}" for name in EXPECTED | translations()} | extension()
        assert installed == wanted, f"missing: {wanted - installed}, besides: {installed - wanted}"
        for program in ("s3streamer", "s3streamer-server"):
            version = tree.run(pathlib.Path(folder, prefix, "bin", program), "--version")
            assert version.startswith(f"{program} "), version


tap.main()
