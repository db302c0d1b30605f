#!/usr/bin/python3
# test-unfinished.py: what a bucket has of uploads that nobody ended, on a real S3
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import desktop
import streamer
from support import tap
from support.ceph import Ceph, is_installed
from support.wait import wait_until
from streamer import GLib


def connect_to_bucket(ceph):
    for key, value in (("kind", "s3"), ("bucket", ceph.bucket), ("endpoint", ceph.endpoint),
                       ("name", "Test Bucket")):
        streamer.set_setting(key, GLib.Variant("s", value).print_(False), "bucket")
    streamer.set_setting("connections", "['bucket']")
    streamer.set_setting("connection", "'bucket'")
    os.environ.update(ceph.environment())


def begin_upload(ceph, key, size):
    s3 = ceph.client()
    upload = s3.create_multipart_upload(Bucket=ceph.bucket, Key=key)["UploadId"]
    s3.upload_part(Bucket=ceph.bucket, Key=key, UploadId=upload, PartNumber=1, Body=bytes(size))


@tap.test
def uploads_of_others_are_shown_and_aborted():
    streamer.reset_settings()
    begin_upload(CEPH, "folder/left behind.bin", 5 << 20)
    connect_to_bucket(CEPH)
    with streamer.Window() as window:
        pid = window.process.pid
        streamer.View(pid).wait_for("push button", "Choose Files…")
        streamer.activate("unfinished")
        frame = desktop.wait_for(None, "Unfinished Uploads", pid=pid)
        desktop.wait_for("label", "folder/left behind.bin", within=frame)
        desktop.wait_for("label", lambda name: name.endswith(
            " by someone else, or another program"), within=frame)
        desktop.act(desktop.wait_for("push button", lambda name: name.startswith("Abort…"),
                                     within=frame))
        dialog = desktop.wait_for(name="Abort the Upload?", pid=pid)
        assert CEPH.list_unfinished() != []
        desktop.act(desktop.wait_for("push button", "Abort Upload", within=dialog))
        wait_until(lambda: CEPH.list_unfinished() == [], "the upload to be aborted")
        desktop.wait_for("label", "There are none.", within=frame)


if is_installed():
    with Ceph() as CEPH:
        tap.main()
else:
    print("1..0 # SKIP Ceph is not installed")
