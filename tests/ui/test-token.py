#!/usr/bin/python3
# test-token.py: a server that wants a token gets it, and uploads go on by themselves
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import os
import pathlib
import subprocess
import tempfile

import desktop
import streamer
from support import tap
from support.wait import wait_until

TOKEN = "a-token-of-the-test-4711"


@contextlib.contextmanager
def backend():
    """The real server, in front of a folder; gives its request URL."""
    with tempfile.TemporaryDirectory() as root:
        process = subprocess.Popen(
            [str(streamer.PROGRAMS / "s3streamer-server"), "--root", root, "--listen",
             "127.0.0.1:0"], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "S3STREAMER_TOKEN": TOKEN})
        try:
            origin = process.stdout.readline().strip().removeprefix("listening on ")
            assert origin.startswith("http://127.0.0.1:"), origin
            yield origin + "/upload/request"
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()


@contextlib.contextmanager
def upload(name):
    """A window that was given one file, for the server that wants a token."""
    streamer.reset_settings()
    path = streamer.make_file(streamer.HOME / name, 6 << 20)
    with backend() as url:
        streamer.connect_to(url, "Team & Server")
        with streamer.Window(path) as window:
            yield streamer.View(window.process.pid), path


def knows(text):
    """Whether anything that the program leaves behind holds TEXT."""
    for folder in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        for path in pathlib.Path(os.environ[folder]).rglob("*"):
            if path.is_file() and text.encode() in path.read_bytes():
                return True
    return False


@tap.test
def a_missing_token_is_asked_for_and_the_upload_goes_on():
    with upload("missing.bin") as (view, path):
        # It comes by itself.
        dialog = view.token_dialog()
        assert dialog.get_name() == "Sign In to Team & Server", dialog.get_name()
        view.sign_in(TOKEN)
        assert streamer.same_bytes(view.link_of("missing.bin"), path)
        assert not view.find("label", "Sign-in needed")
    assert not knows(TOKEN), "the token was written to a file"


@tap.test
def a_wrong_token_is_refused_with_a_sentence_and_asked_for_again():
    with upload("wrong.bin") as (view, path):
        view.sign_in("wrong-" + TOKEN)
        view.wait_for("label", "Sign-in needed")
        dialog = view.token_dialog()
        sentences = " ".join(node.get_name() for node in desktop.find_all("label", within=dialog))
        assert "refused" in sentences or "not accept" in sentences, sentences
        assert TOKEN not in sentences
        view.sign_in(TOKEN)
        assert streamer.same_bytes(view.link_of("wrong.bin"), path)


@tap.test
def not_now_leaves_the_upload_waiting_for_a_token():
    with upload("later.bin") as (view, path):
        dialog = view.token_dialog()
        window = desktop.window_of(dialog)
        desktop.xdotool("windowfocus", window, "key", "Escape")
        desktop.wait_closed(window)
        view.wait_for("label", "Team & Server needs a token.")
        view.wait_for("label", "Sign-in needed")
        assert not view.find("push button", "Copy Link")
        view.sign_in(TOKEN)
        assert streamer.same_bytes(view.link_of("later.bin"), path)


@tap.test
def what_is_typed_is_entered_with_the_return_key():
    with upload("return.bin") as (view, path):
        dialog = view.token_dialog()
        window = desktop.window_of(dialog)
        desktop.xdotool("windowfocus", window, "type", TOKEN)
        wait_until(lambda: any(map(desktop.is_sensitive,
                                   desktop.find_all("push button", "Sign In", within=dialog))),
                   "what was typed to arrive")
        desktop.press("Return")
        desktop.wait_closed(window)
        assert streamer.same_bytes(view.link_of("return.bin"), path)


tap.main()
