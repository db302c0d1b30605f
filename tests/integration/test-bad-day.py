# test-bad-day.py: everything goes wrong at once
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import signal
import zlib

from support import tap
from support.headless import Sandbox, has_content_of
from support.proxy import Proxy
from support.server import Server
from support.strace import Traced, can_trace
from support.wait import wait_until

MIB = 1 << 20
PART = 5 * MIB
SIZE = 61 * MIB
# By then some parts are written down.
FULL_FROM = 32


def token_of(server):
    return {"S3STREAMER_TOKEN": server.token}


def start(sandbox, server, proxy, path):
    """Comes back when some parts are stored and the journal's disk is full for good."""
    folder = sandbox.root / "state" / "s3streamer"
    traced = Traced(sandbox, ["pwrite64"], "--upload", path, "--part-size", "5", "--parts", "2",
                    "--limit-rate", "20M", "--request-url", proxy.origin + "/upload/request",
                    inject=f"pwrite64:error=ENOSPC:when={FULL_FROM}+",
                    paths=[folder / name for name in ("journal.db", "journal.db-wal")],
                    environment=token_of(server))
    wait_until(lambda: "journal.db”" in traced.run.err or not traced.run.is_alive(),
               "the full disk to be told")
    assert "journal.db”" in traced.run.err, traced.run.err
    return traced.run


def kill(run):
    """What strace has started, and strace with it."""
    children = f"/proc/{run.process.pid}/task/{run.process.pid}/children"
    with open(children, encoding="utf-8") as pids:
        for pid in pids.read().split():
            os.kill(int(pid), signal.SIGKILL)
    run.finish()


def crc32_of(path):
    crc32 = 0
    with open(path, "rb") as file:
        while chunk := file.read(MIB):
            crc32 = zlib.crc32(chunk, crc32)
    return f"{crc32:08x}"


def have_a_bad_day(sandbox, server, proxy, path):
    """The disk is full, the cable is out, the server crashes, the token ends, and the program is
    killed."""
    if not can_trace():
        tap.skip("processes cannot be traced here")
    run = start(sandbox, server, proxy, path)
    proxy.cut()
    server.crash()
    kill(run)
    old = token_of(server)
    server.start_again()
    proxy.mend()
    refused = sandbox.run("--resume", environment=old).expect(3)
    assert "token" in refused.err and "--resume" in refused.err, refused.err


def check_receipt(sandbox, server, proxy, path, receipt):
    assert receipt["checksum"].endswith(crc32_of(path)), receipt
    assert receipt["size"] == path.stat().st_size, receipt
    link = receipt["url"].replace(proxy.origin, server.url.rsplit("/", 2)[0])
    assert has_content_of(link, path), "the object is another"
    assert server.unfinished() == [], server.unfinished()
    verified = sandbox.run("--verify", path, environment=token_of(server)).expect(0)
    assert "byte for byte" in verified.err, verified.err


@tap.test
def an_upload_is_finished_the_day_after():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        path = sandbox.write_random("film", SIZE)
        with Proxy(server.port) as proxy:
            have_a_bad_day(sandbox, server, proxy, path)
            before = proxy.puts
            run = sandbox.run("--resume", "--json", environment=token_of(server))
            receipt, = run.expect(0).objects
            again = proxy.puts - before
            tap.diagnose(f"{again} of {receipt['parts']} parts were sent the day after")
            assert again < receipt["parts"] - 1, again
            check_receipt(sandbox, server, proxy, path, receipt)


@tap.test
def a_file_that_changed_meanwhile_is_sent_anew_and_never_mixed():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        path = sandbox.write_random("film", SIZE)
        with Proxy(server.port) as proxy:
            have_a_bad_day(sandbox, server, proxy, path)
            with open(path, "r+b") as file:
                file.seek(PART + 1)
                file.write(b"another scene")
            changed = sandbox.run("--resume", environment=token_of(server)).expect(5)
            assert "start the upload over" in changed.err, changed.err
            run = sandbox.run("--upload", path, "--json", "--request-url",
                              proxy.origin + "/upload/request",
                              environment=token_of(server))
            receipt, = run.expect(0).objects
            check_receipt(sandbox, server, proxy, path, receipt)


tap.main()
