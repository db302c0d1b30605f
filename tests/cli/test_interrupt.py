# test_interrupt.py: Ctrl+C, and files of any size
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import signal

from support import tap
from support.headless import Sandbox, has_content_of
from support.server import Server
from support.strace import Traced, can_trace
from support.wait import wait_until

MIB = 1 << 20
# So slow that nothing of more than a few MiB is over before a test has looked at it.
SLOWLY = ["--part-size", "5", "--parts", "2", "--limit-rate", "512K", "--json=stream"]


def moves(run):
    """Whether bytes move, or never will."""
    return any(item["sent"] > 0 for item in run.events("progress")) or not run.is_alive()


def start_slowly(sandbox, path, *arguments, **options):
    """Starts an upload, and comes back when bytes move."""
    run = sandbox.start("--upload", path, *SLOWLY, *arguments, **options)
    wait_until(lambda: moves(run), "the first bytes to move")
    assert run.is_alive(), run.err
    return run


def assert_nothing_left(sandbox, before):
    wait_until(lambda: set(sandbox.stored_files()) <= before, "the server to let go of parts", 20)


@tap.test
def ctrl_c_in_the_middle():
    for number, status in [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]:
        with Sandbox() as sandbox:
            sandbox.run("--upload", sandbox.write("first", b"1")).expect(0)
            before = set(sandbox.stored_files())
            path = sandbox.write_random("a", 40 * MIB)
            other = sandbox.write_random("b", 40 * MIB)
            run = start_slowly(sandbox, path, other)
            run.interrupt(number)
            run.finish().expect(status)
            failed = run.events("failed")
            assert [item["status_code"] for item in failed] == [499, 499], run.out
            ids = [item["id"] for item in failed]
            assert f"To go on: s3streamer --resume {' '.join(ids)}\n" in run.err, run.err
            assert "Not all files" not in run.err, run.err
            assert sandbox.run("--purge", "a").expect(1).out == ""
            sandbox.run("--abort", *ids).expect(0)
            assert_nothing_left(sandbox, before)
            sandbox.run("--upload", path).expect(0)


def child_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as children:
        return int(children.read().split()[0])


@tap.test
def ctrl_c_before_a_folder_is_read():
    if not can_trace():
        tap.skip("processes cannot be traced here")
    with Sandbox() as sandbox:
        first = sandbox.write("top/a/first", b"1")
        last = sandbox.write("top/z/last", b"2")
        # The backend, which lives on, is not to be traced.
        sandbox.run("--upload", sandbox.write("before")).expect(0)
        # The second folder keeps who reads it waiting, and is not read after the interruption.
        run = Traced(sandbox, ["getdents64"], "--upload", first.parents[1], "--json=stream",
                     inject="getdents64:delay_enter=8000000", paths=[last.parent]).run
        wait_until(lambda: bool(run.events("done")) or not run.is_alive(), "the first file")
        os.kill(child_of(run.process), signal.SIGINT)
        run.finish().expect(130)
        assert "Not all files had been found yet" in run.err, run.err
        # As it says.
        again = sandbox.run("--upload", first.parents[1]).expect(6)
        link, = again.lines
        assert has_content_of(link, last), again.out
        assert str(first) in again.err and str(last) not in again.err, again.err


def start_pipe(sandbox, server, read_end):
    """Starts to upload a pipe, of whose end the server is told when it is interrupted."""
    def chunks():
        yield from (bytes(MIB) for _ in range(6))
        os.read(read_end, 1)

    return start_slowly(sandbox, "-", "--name", "x", "--request-url", server.url, stdin=chunks(),
                        environment={"S3STREAMER_TOKEN": server.token})


@tap.test
def a_second_ctrl_c_ends_at_once():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        read_end, write_end = os.pipe()
        run = start_pipe(sandbox, server, read_end)
        server.process.send_signal(signal.SIGSTOP)
        try:
            run.interrupt()
            wait_until(lambda: "telling the server" in run.err, "the first message")
            run.interrupt()
            wait_until(lambda: not run.is_alive(), "the end", 9)
            os.close(write_end)
            run.finish().expect(130)
            assert run.err.count("Interrupted") == 1, run.err
        finally:
            server.process.send_signal(signal.SIGCONT)
            os.close(read_end)


@tap.test
def a_server_that_does_not_let_go():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        read_end, write_end = os.pipe()
        run = start_pipe(sandbox, server, read_end)
        server.process.send_signal(signal.SIGSTOP)
        try:
            run.interrupt()
            wait_until(lambda: not run.is_alive(), "the end")
            os.close(write_end)
            run.finish().expect(130)
            assert "could not be told" in run.err, run.err
        finally:
            server.process.send_signal(signal.SIGCONT)
            os.close(read_end)


@tap.test
def a_server_that_does_not_answer_does_not_hold_up_the_end():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        path = sandbox.write_random("a", 40 * MIB)
        variables = {"S3STREAMER_TOKEN": server.token}
        run = start_slowly(sandbox, path, "--request-url", server.url, environment=variables)
        server.process.send_signal(signal.SIGSTOP)
        try:
            run.interrupt()
            run.finish().expect(130)
            assert "--resume" in run.err, run.err
        finally:
            server.process.send_signal(signal.SIGCONT)
        link, = sandbox.run("--resume", environment=variables).expect(0).lines
        assert has_content_of(link, path)


@tap.test
def a_signal_that_is_ignored_stays_ignored():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", MIB)
        run = sandbox.start("--upload", path, *SLOWLY, preexec_fn=lambda: signal.signal(
            signal.SIGHUP, signal.SIG_IGN))
        wait_until(lambda: run.events("progress") or not run.is_alive(), "progress")
        run.interrupt(signal.SIGHUP)
        run.finish().expect(0)


@tap.test
def a_pipe_that_is_interrupted():
    with Sandbox() as sandbox:
        read_end, write_end = os.pipe()
        process = sandbox.start("--upload", "-", "--name", "x", "--json=stream", "--verbose",
                                stdin=waiting_chunks(read_end))
        wait_until(lambda: process.events("state") or not process.is_alive(), "the first state")
        process.interrupt()
        wait_until(lambda: not process.is_alive(), "the end")
        os.close(write_end)
        process.finish().expect(130)
        os.close(read_end)
        assert sandbox.run("--purge", "x").expect(1).out == ""


def waiting_chunks(fd):
    """Something, and then nothing until the other end of FD is closed."""
    yield b"x" * 1000
    os.read(fd, 1)


@tap.test
def a_terabyte_starts_at_once():
    with Sandbox() as sandbox:
        path = sandbox.files / "huge"
        path.touch()
        os.truncate(path, 1 << 40)
        run = sandbox.start("--upload", path, "--limit-rate", "20M", "--json=stream")
        wait_until(lambda: moves(run), "the first bytes to move")
        run.interrupt()
        run.finish().expect(130)
        failed, = run.events("failed")
        assert failed["size"] == 1 << 40 and 1 < failed["parts"] <= 10_000, failed
        assert run.peak_kib <= 40 * 1024, run.peak_kib
        before = {item for item in sandbox.stored_files() if item.stat().st_size < MIB}
        sandbox.run("--abort", failed["id"]).expect(0)
        assert_nothing_left(sandbox, before)


@tap.test
def memory_does_not_grow_with_the_file():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 300 * MIB)
        run = sandbox.run("--upload", path, "--part-size", "16").expect(0)
        tap.diagnose(f"{run.peak_kib} KiB")
        assert run.peak_kib <= 40 * 1024, run.peak_kib


@tap.test
def memory_does_not_grow_with_a_pipe():
    with Sandbox() as sandbox:
        chunk = os.urandom(MIB)
        run = sandbox.run("--upload", "-", "--name", "x", "--part-size", "16",
                          stdin=(chunk for _ in range(200))).expect(0)
        tap.diagnose(f"{run.peak_kib} KiB")
        assert run.peak_kib <= 40 * 1024, run.peak_kib


tap.main()
