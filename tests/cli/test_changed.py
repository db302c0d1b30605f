# test_changed.py: files that change under the upload
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os

from support import tap
from support.backend import Backend
from support.headless import Sandbox
from support.wait import wait_until

MIB = 1 << 20


def change_under_way(change):
    """Lets CHANGE do something to a file while its parts are held, and checks what comes of it."""
    with Sandbox() as sandbox, Backend("token") as backend:
        path = sandbox.write_random("a", 24 * MIB)
        backend.hold_parts(MIB)
        run = sandbox.start("--upload", path, "--part-size", "5", "--parts", "2", "--json=stream",
                            "--request-url", backend.url,
                            environment={"S3STREAMER_TOKEN": "token"})
        wait_until(lambda: backend.active == 2 or not run.is_alive(), "parts to be held")
        change(sandbox, path)
        backend.release()
        run.finish().expect(5)
        failed, = run.events("failed")
        assert failed["status_code"] == 412, failed
        assert run.events("done") == []
        assert f"s3streamer: {failed['file']}: " in run.err, run.err
        assert "--resume" not in run.err, run.err
        assert backend.finished == {} and backend.uploads == {}


@tap.test
def a_file_that_grows():
    def grow(_, path):
        with open(path, "ab") as file:
            file.write(b"more")

    change_under_way(grow)


@tap.test
def a_file_that_shrinks():
    change_under_way(lambda _, path: os.truncate(path, 12 * MIB))


@tap.test
def a_file_that_is_replaced():
    change_under_way(lambda sandbox, path: os.replace(
        sandbox.write_random("other", 24 * MIB), path))


tap.main()
