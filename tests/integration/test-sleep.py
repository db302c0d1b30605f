# test-sleep.py: the computer sleeps in the middle of an upload
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sleep is stopping the program, and takes its real time."""

import signal
import time

from support import tap
from support.headless import Sandbox, has_content_of
from support.proxy import Proxy
from support.server import Server
from support.wait import wait_until

MIB = 1 << 20
# A sleep is noticed from 15 s on, by a timer of 5 s.
SOON = 5
# Who did not notice this one would wait for the timeout of its sockets, 30 s with the sleep.
NAP = 22
# Behind this one all timeouts are over at once, and none may count as a fault of the server's.
LID_CLOSED = 60


def start(sandbox, server, proxy, path):
    """Comes back in the middle of some part. The server has no second to be away."""
    run = sandbox.start("--upload", path, "--part-size", "5", "--parts", "2", "--limit-rate", "6M",
                        "--retry-for", "5", "--json=stream", "--request-url",
                        proxy.origin + "/upload/request",
                        environment={"S3STREAMER_TOKEN": server.token})
    wait_until(lambda: any(event["sent"] > 8 * MIB for event in run.events("progress"))
               or not run.is_alive(), "some parts")
    assert run.is_alive(), run.err
    return run


def sleep_in_the_middle(seconds_asleep):
    with Sandbox() as sandbox:
        server = Server(sandbox)
        paths = [sandbox.write_random(name, 36 * MIB) for name in ("closed", "forgotten")]
        with Proxy(server.port) as closing, Proxy(server.port) as forgetting:
            runs = [start(sandbox, server, proxy, path)
                    for proxy, path in zip((closing, forgetting), paths)]
            for run in runs:
                run.interrupt(signal.SIGSTOP)
            begin = time.monotonic()
            # One server closes its connections; of the other's, nothing is heard any more.
            closing.cut()
            closing.mend()
            for connection in forgetting.connections():
                connection.strike("stall")
            wait_until(lambda: time.monotonic() - begin > seconds_asleep, "the morning",
                       seconds=2 * seconds_asleep)
            before = forgetting.puts
            for run in runs:
                run.interrupt(signal.SIGCONT)
            begin = time.monotonic()
            wait_until(lambda: forgetting.puts > before or not runs[1].is_alive(),
                       "what was lost to be sent again", seconds=SOON)
            for run, path in zip(runs, paths):
                receipt, = run.finish().expect(0).events("done")
                states = [event["state"] for event in run.events("state")]
                seconds = time.monotonic() - begin
                tap.diagnose(f"{path.name}: done {seconds:.0f} s after the sleep, "
                             f"{receipt['retries']} retries, {states}")
                assert "failed" not in states, states
                assert has_content_of(receipt["url"], path)
            # Of each, what was on its way; and what began anew before the sleep was noticed.
            assert max(closing.puts, forgetting.puts) <= 8 + 4, (closing.puts, forgetting.puts)


@tap.test
def an_upload_goes_on_by_itself_after_a_nap():
    sleep_in_the_middle(NAP)


@tap.test
def an_upload_goes_on_by_itself_after_a_minute_of_sleep():
    sleep_in_the_middle(LID_CLOSED)


tap.main()
