# test_resume.py: what an interrupted run leaves, and the runs that go on with it
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import re
import signal

from support import tap
from support.backend import Backend
from support.headless import Sandbox, has_content_of
from support.server import Server
from support.wait import wait_until

MIB = 1 << 20
TOKEN = "secret-token-of-the-test"
N_PARTS = 8
PARALLEL = 2


def environment(token=TOKEN):
    return {"S3STREAMER_TOKEN": token}


def start_held(sandbox, backend, path, *arguments):
    """Starts an upload of eight parts and comes back when three are stored, and no more get on."""
    backend.hold_parts(MIB, after_parts=3)
    run = sandbox.start("--upload", path, "--part-size", "5", "--parts", str(PARALLEL),
                        "--request-url", backend.url, "--json=stream", *arguments,
                        environment=environment())
    wait_until(lambda: (len(backend.received) >= 3 and backend.active == PARALLEL)
               or not run.is_alive(), "parts to be held")
    assert run.is_alive(), run.err
    return run


def find_command(run):
    """The words of the command that the message of an interrupted run names."""
    command = re.search(r"To go on: s3streamer (--resume .*)", run.err)
    assert command, run.err
    return command.group(1).split()


def list_entries(sandbox):
    return sandbox.run("--list", "--json").expect(0).objects


def assert_sent_once_more_at_most(backend, path, before):
    """Only what was on its way when it was interrupted is sent again."""
    sent = len(backend.received)
    assert backend.has_bytes_of(path.name, path)
    assert before >= 3 and N_PARTS <= sent <= N_PARTS + PARALLEL, (before, backend.received)
    assert len(set(backend.received[:before]) & set(backend.received[before:])) == 0, (
        before, backend.received)


@tap.test
def an_interrupted_upload_goes_on():
    for number, status in [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]:
        with Sandbox() as sandbox, Backend(TOKEN) as backend:
            path = sandbox.write_random("a", (5 * N_PARTS - 1) * MIB)
            run = start_held(sandbox, backend, path)
            run.interrupt(number)
            run.finish().expect(status)
            before = len(backend.received)
            backend.release()
            entry, = list_entries(sandbox)
            assert entry["state"] == "waiting" and entry["sent"] == before * 5 * MIB, entry
            assert "cancel" not in backend.requests, backend.requests
            again = sandbox.run(*find_command(run), "--json", environment=environment()).expect(0)
            receipt, = again.objects
            assert receipt["id"] == entry["id"] and receipt["parts"] == N_PARTS, receipt
            assert receipt["url"] == f"{backend.origin}/downloads/a", receipt
            assert_sent_once_more_at_most(backend, path, before)
            assert [item["state"] for item in list_entries(sandbox)] == ["done"]


@tap.test
def a_killed_upload_goes_on():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", (5 * N_PARTS - 1) * MIB)
        run = start_held(sandbox, backend, path)
        run.interrupt(signal.SIGKILL)
        run.finish().expect(-signal.SIGKILL)
        before = len(backend.received)
        backend.release()
        again = sandbox.run("--resume", environment=environment()).expect(0)
        assert again.lines == [f"{backend.origin}/downloads/a"], again.out
        assert backend.has_bytes_of("a", path)
        # What was stored a moment before the end may not be in the journal.
        assert len(backend.received) <= N_PARTS + PARALLEL, (before, backend.received)


@tap.test
def an_upload_to_this_computer_goes_on():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 39 * MIB)
        run = sandbox.start("--upload", path, "--part-size", "5", "--parts", "2", "--limit-rate",
                            "8M", "--json=stream")
        wait_until(lambda: any(item["sent"] > 12 * MIB for item in run.events("progress"))
                   or not run.is_alive(), "the first parts to be stored")
        run.interrupt()
        run.finish().expect(130)
        again = sandbox.run(*find_command(run)).expect(0)
        link, = again.lines
        assert has_content_of(link, path)


@tap.test
def several_go_on_in_the_order_of_the_journal():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        paths = [sandbox.write_random(name, 6 * MIB) for name in "cab"]
        backend.hold_parts(0)
        run = sandbox.start("--upload", *paths, "--part-size", "5", "--parts", "1",
                            "--request-url", backend.url, environment=environment())
        wait_until(lambda: backend.active == 1 or not run.is_alive(), "a part to be held")
        run.interrupt()
        run.finish().expect(130)
        backend.release()
        again = sandbox.run(*find_command(run), environment=environment()).expect(0)
        assert [link.rsplit("/", 1)[1] for link in again.lines] == list("cab"), again.out
        assert all(backend.has_bytes_of(path.name, path) for path in paths)


@tap.test
def nothing_to_resume_is_no_failure():
    with Sandbox() as sandbox:
        run = sandbox.run("--resume").expect(0)
        assert run.out == "" and "nothing to resume" in run.err, run.err
        sandbox.run("--upload", sandbox.write("a", b"1")).expect(0)
        assert "nothing to resume" in sandbox.run("--resume").expect(0).err


@tap.test
def what_is_done_gives_its_link_again():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", MIB)
        receipt, = sandbox.run("--upload", path, "--json", "--request-url", backend.url,
                               environment=environment()).expect(0).objects
        run = sandbox.run("--resume", receipt["id"], environment=environment()).expect(0)
        assert run.lines == [receipt["url"]], run.out
        assert len(backend.received) == 1, backend.received


@tap.test
def what_is_done_at_this_computer_gets_a_fresh_link():
    with Sandbox() as sandbox:
        paths = [sandbox.write_random(name, 70_000) for name in "ab"]
        receipts = sandbox.run("--upload", *paths, "--json").expect(0).objects
        ids = [receipt["id"] for receipt in receipts]
        run = sandbox.run("--resume", *ids).expect(0)
        assert len(run.lines) == 2 and run.err == "", (run.out, run.err)
        for link, path in zip(run.lines, paths):
            assert has_content_of(link, path), link
        # Where it is gone there is nothing to link to, and the journal still has the receipts.
        sandbox.run("--purge", "a").expect(0)
        run = sandbox.run("--resume", ids[0]).expect(1)
        assert run.out == "" and str(paths[0]) in run.err, (run.out, run.err)
        assert [item["state"] for item in list_entries(sandbox)] == ["done", "done"]


@tap.test
def ids_may_be_shortened_while_they_are_unique():
    with Sandbox() as sandbox:
        for number in range(17):
            sandbox.run("--upload", sandbox.write(f"f{number}", b"1")).expect(0)
        ids = [item["id"] for item in list_entries(sandbox)]
        # Of 17 hexadecimal numbers, two begin with the same digit.
        digit = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
        run = sandbox.run("--resume", digit).expect(2)
        matching = [one for one in ids if one[0] == digit]
        assert any(one in run.err for one in matching) and run.out == "", run.err
        assert sandbox.run("--resume", ids[3][:-1]).expect(0).out != ""
        missing = sandbox.run("--resume", "nothing").expect(1)
        assert "“nothing”" in missing.err and "--list" in missing.err, missing.err


@tap.test
def a_file_that_changed_is_not_mixed():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", 39 * MIB)
        run = start_held(sandbox, backend, path)
        run.interrupt()
        run.finish().expect(130)
        backend.release()
        with open(path, "r+b") as file:
            file.write(b"changed")
        again = sandbox.run("--resume", environment=environment()).expect(5)
        assert again.out == "" and "--resume" not in again.err, again.err
        assert backend.finished == {} and list_entries(sandbox) == []
        assert backend.uploads == {}, "something is left at the server"


@tap.test
def two_processes_do_not_share_an_upload():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", 39 * MIB)
        run = start_held(sandbox, backend, path)
        entry, = list_entries(sandbox)
        assert entry["state"] == "active", entry
        for arguments in [["--resume"], ["--resume", entry["id"]], ["--abort", entry["id"]]]:
            other = sandbox.run(*arguments, environment=environment()).expect(1)
            assert "Another process" in other.err and entry["id"] in other.err, other.err
            assert f"number {run.process.pid}," in other.err, other.err
        backend.release()
        run.finish().expect(0)
        assert backend.has_bytes_of("a", path)
        assert len(backend.received) == N_PARTS, backend.received


@tap.test
def the_network_is_away_and_comes_back():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", 39 * MIB)
        run = start_held(sandbox, backend, path, "--retry-for", "0")
        backend.refuse()
        run.finish().expect(4)
        assert find_command(run)[:1] == ["--resume"]
        before = len(backend.received)
        entry, = list_entries(sandbox)
        assert entry["state"] == "failed" and entry["status"], entry
        backend.accept()
        again = sandbox.run(*find_command(run), environment=environment()).expect(0)
        assert again.lines == [f"{backend.origin}/downloads/a"], again.out
        assert_sent_once_more_at_most(backend, path, before)


@tap.test
def a_server_that_was_never_there_is_tried_again_by_name():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", MIB)
        backend.refuse()
        run = sandbox.run("--upload", path, "--request-url", backend.url, "--retry-for", "0",
                          environment=environment()).expect(4)
        backend.accept()
        again = sandbox.run(*find_command(run), environment=environment()).expect(0)
        assert again.lines == [f"{backend.origin}/downloads/a"], again.out


@tap.test
def what_was_refused_leaves_nothing():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", MIB)
        arguments = ["--upload", path, "--request-url", backend.url]
        sandbox.run(*arguments, environment=environment()).expect(0)
        refused = sandbox.run(*arguments, environment=environment()).expect(1)
        assert "--resume" not in refused.err, refused.err
        unknown = sandbox.run(*arguments, environment=environment("wrong")).expect(3)
        assert "--resume" not in unknown.err, unknown.err
        assert [item["state"] for item in list_entries(sandbox)] == ["done"]


@tap.test
def a_token_that_ends_in_the_middle_keeps_what_was_sent():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", (5 * 70 - 1) * MIB)
        backend.hold_parts(MIB, after_parts=3)
        run = sandbox.start("--upload", path, "--part-size", "5", "--parts", "2", "--request-url",
                            backend.url, environment=environment())
        wait_until(lambda: (len(backend.received) >= 3 and backend.active == 2)
                   or not run.is_alive(), "parts to be held")
        backend.token = "another"
        backend.release()
        run.finish().expect(3)
        before = len(backend.received)
        assert before > 3
        refused = sandbox.run(*find_command(run), environment=environment()).expect(3)
        assert find_command(refused) == find_command(run)
        sandbox.run(*find_command(run), environment=environment("another")).expect(0)
        assert backend.has_bytes_of("a", path)
        assert len(backend.received) <= 70 + 2, len(backend.received)


@tap.test
def urls_that_expire_in_the_middle_are_made_anew():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        path = sandbox.write_random("a", (5 * 30 - 1) * MIB)
        backend.url_life = 7
        run = sandbox.run("--upload", path, "--part-size", "5", "--parts", "2", "--request-url",
                          backend.url, environment=environment()).expect(0)
        assert run.lines == [f"{backend.origin}/downloads/a"], run.out
        assert backend.refused >= 2, backend.refused
        assert backend.has_bytes_of("a", path)
        assert len(backend.received) == 30, backend.received


@tap.test
def a_token_is_not_given_to_several_servers():
    with Sandbox() as sandbox, Backend(TOKEN) as one, Backend(TOKEN) as other:
        path = sandbox.write_random("a", MIB)
        for backend in [one, other]:
            backend.refuse()
            sandbox.run("--upload", path, "--request-url", backend.url, "--retry-for", "0",
                        environment=environment()).expect(4)
            backend.accept()
        run = sandbox.run("--resume", environment=environment()).expect(2)
        assert "several" in run.err and "--list" in run.err, run.err
        assert one.requests == [] and other.requests == []
        first, second = (item["id"] for item in list_entries(sandbox))
        for item in [first, second]:
            sandbox.run("--resume", item, environment=environment()).expect(0)
        assert one.has_bytes_of("a", path) and other.has_bytes_of("a", path)


@tap.test
def a_pipe_that_is_interrupted_leaves_nothing():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        read_end, write_end = os.pipe()

        def chunks():
            yield bytes(12 * MIB)
            os.read(read_end, 1)

        run = sandbox.start("--upload", "-", "--name", "x", "--part-size", "5", "--request-url",
                            backend.url, environment=environment(), stdin=chunks())
        wait_until(lambda: len(backend.received) == 2 or not run.is_alive(), "two parts")
        run.interrupt()
        wait_until(lambda: not run.is_alive(), "the end")
        os.close(write_end)
        run.finish().expect(130)
        os.close(read_end)
        assert "--resume" not in run.err and "Nothing unfinished is left" in run.err, run.err
        assert backend.uploads == {} and list_entries(sandbox) == []


@tap.test
def a_journal_that_cannot_be_written_does_not_stop_an_upload():
    with Sandbox() as sandbox, Backend(TOKEN) as backend:
        (sandbox.root / "state" / "s3streamer").write_text("no folder")
        path = sandbox.write_random("a", 39 * MIB)
        run = start_held(sandbox, backend, path)
        assert "Warning: " in run.err and "cannot be resumed" in run.err, run.err
        run.interrupt()
        run.finish().expect(130)
        assert "--resume" not in run.err and "Nothing unfinished is left" in run.err, run.err
        assert backend.uploads == {}
        backend.release()
        done = sandbox.run("--upload", path, "--request-url", backend.url,
                           environment=environment()).expect(0)
        assert done.lines == [f"{backend.origin}/downloads/a"], done.out
        for arguments in [["--list"], ["--resume"], ["--abort", "1"], ["--verify", path]]:
            refused = sandbox.run(*arguments).expect(1)
            assert "journal" in refused.err, refused.err


@tap.test
def a_damaged_journal_is_set_aside():
    with Sandbox() as sandbox:
        folder = sandbox.root / "state" / "s3streamer"
        folder.mkdir()
        (folder / "journal.db").write_bytes(b"SQLite format 3\0" + os.urandom(8000))
        run = sandbox.run("--upload", sandbox.write("a", b"1")).expect(0)
        aside = re.search(r"The old one is in (\S+)\.\n", run.err)
        assert aside and os.path.exists(aside.group(1)), run.err
        assert len(list_entries(sandbox)) == 1


@tap.test
def the_journal_has_no_secrets():
    with Sandbox() as sandbox:
        server = Server(sandbox, token=TOKEN)
        path = sandbox.write_random("a", 12 * MIB)
        variables = environment() | {"S3STREAMER_API_KEY": "api-key-of-the-test"}
        run = sandbox.run("--upload", path, "--part-size", "5", "--request-url", server.url,
                          "--json", environment=variables).expect(0)
        here = sandbox.run("--upload", path, "--part-size", "5").expect(0)
        query = here.lines[0].partition("?")[2]
        assert query, here.out
        content = sandbox.journal_bytes()
        assert run.objects[0]["id"].encode() in content
        for secret in [TOKEN, "api-key-of-the-test", query, "Bearer", "X-Amz-Signature", "sig="]:
            assert secret.encode() not in content, secret


tap.main()
