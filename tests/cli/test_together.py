# test_together.py: several programs at once on one journal
#
# SPDX-License-Identifier: GPL-3.0-or-later

import re
import signal

from support import tap
from support.backend import Backend
from support.headless import Sandbox
from support.wait import wait_until

MIB = 1 << 20
TOKEN = "secret-token-of-the-test"
ENVIRONMENT = {"S3STREAMER_TOKEN": TOKEN}


def start(sandbox, backend, path):
    return sandbox.start("--upload", path, "--part-size", "5", "--parts", "2", "--request-url",
                         backend.url, environment=ENVIRONMENT)


def leave_unfinished(sandbox, backend, path):
    """Uploads a part or two of PATH, and is killed."""
    before = len(backend.received)
    backend.hold_parts(MIB, after_parts=before + 1)
    run = start(sandbox, backend, path)
    wait_until(lambda: (len(backend.received) > before and backend.active >= 2)
               or not run.is_alive(), "parts to be held")
    run.interrupt(signal.SIGKILL)
    run.finish().expect(-signal.SIGKILL)
    backend.release()
    wait_until(lambda: backend.active == 0, "the backend to notice")


def list_states(sandbox):
    return {item["key"]: item["state"]
            for item in sandbox.run("--list", "--json").expect(0).objects}


@tap.test
def uploads_of_several_programs_are_all_done():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        paths = [sandbox.write_random(f"f{number}", 24 * MIB) for number in range(4)]
        # They make the journal together, too.
        runs = [start(sandbox, backend, path) for path in paths]
        for run, path in zip(runs, paths):
            run.finish().expect(0)
            assert run.lines == [f"{backend.origin}/downloads/{path.name}"], run.out
            assert run.err == "", run.err
            assert backend.has_bytes_of(path.name, path)
        assert len(backend.received) == 4 * 5, backend.received
        assert list_states(sandbox) == dict.fromkeys(["f0", "f1", "f2", "f3"], "done")


@tap.test
def of_two_that_resume_the_same_one_does_it():
    for _ in range(4):
        with Sandbox() as sandbox, Backend(TOKEN) as backend:
            path = sandbox.write_random("a", 39 * MIB)
            leave_unfinished(sandbox, backend, path)
            # Whoever has it is held until the other has spoken.
            backend.hold_parts(0)
            runs = [sandbox.start("--resume", environment=ENVIRONMENT) for _ in range(2)]
            wait_until(lambda: any(not run.is_alive() for run in runs), "one of them to end")
            refused, = [run for run in runs if not run.is_alive()]
            winner, = [run for run in runs if run is not refused]
            refused.finish().expect(1)
            entry, = sandbox.run("--list", "--json").expect(0).objects
            assert refused.out == "" and "Another " in refused.err, refused.err
            assert entry["id"] in refused.err, refused.err
            assert re.search(rf"\b{winner.process.pid}\b", refused.err), refused.err
            backend.release()
            winner.finish().expect(0)
            assert winner.lines == [f"{backend.origin}/downloads/a"], winner.out
            assert backend.has_bytes_of("a", path)
            assert len(backend.received) <= 8 + 2, backend.received
            assert list_states(sandbox) == {"a": "done"}


@tap.test
def what_is_unfinished_is_resumed_beside_another_upload():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        left, other = (sandbox.write_random(name, 39 * MIB) for name in ("left", "other"))
        leave_unfinished(sandbox, backend, left)
        with Backend(TOKEN) as slow:
            slow.hold_parts(0)
            run = start(sandbox, slow, other)
            wait_until(lambda: slow.active == 2 or not run.is_alive(), "the other upload")
            # Only what nobody has: without a name, too.
            again = sandbox.run("--resume", environment=ENVIRONMENT).expect(0)
            assert again.lines == [f"{backend.origin}/downloads/left"], again.out
            assert backend.has_bytes_of("left", left)
            assert list_states(sandbox) == {"left": "done", "other": "active"}
            slow.release()
            run.finish().expect(0)
            assert slow.has_bytes_of("other", other) and len(slow.received) == 8, slow.received
        assert list_states(sandbox) == {"left": "done", "other": "done"}


tap.main()
