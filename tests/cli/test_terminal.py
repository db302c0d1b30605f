# test_terminal.py: the progress display and the question for a token, on a terminal
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import re
import signal
import subprocess

from support import tap
from support.backend import Backend
from support.headless import PROGRAMS, Sandbox, has_content_of
from support.server import Server
from support.terminal import Terminal
from support.wait import wait_until

MIB = 1 << 20
SLOWLY = ["--part-size", "5", "--parts", "2", "--limit-rate", "6M"]


def start(sandbox, terminal, *arguments, environment=None, everything=False):
    """Starts s3streamer with its errors, or everything, on the terminal."""
    variables = sandbox.environment | {"TERM": "xterm-256color"} | (environment or {})
    process = subprocess.Popen(
        [PROGRAMS / "s3streamer", *arguments], cwd=sandbox.files, env=variables,
        stdin=terminal.device if everything else subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=terminal.device, start_new_session=True)
    return sandbox.watch(process)


def is_drawn(run, terminal, pattern):
    return lambda: re.search(pattern, terminal.text) or not run.is_alive()


@tap.test
def parts_are_shown_and_taken_away_again():
    with Sandbox() as sandbox, Terminal() as terminal:
        path = sandbox.write_random("größe-日本語.iso", 24 * MIB)
        run = start(sandbox, terminal, "--upload", path, *SLOWLY)
        wait_until(is_drawn(run, terminal, r"\d+ %.*part 2 of 5  größe-日本語.iso"),
                   "a line per part")
        run.finish().expect(0)
        terminal.end()
        assert re.search(r"of 25.2\xa0MB, .*/s, .* left", terminal.text), terminal.text
        assert "█" in terminal.text and "\x1b[32m" in terminal.text
        assert terminal.screen() == [], terminal.screen()
        assert has_content_of(run.lines[0], path)


@tap.test
def messages_stay_above_the_display():
    with Sandbox() as sandbox, Terminal() as terminal:
        path = sandbox.write_random("a", 12 * MIB)
        run = start(sandbox, terminal, "--upload", path, "missing", *SLOWLY, "--verbose")
        wait_until(is_drawn(run, terminal, r"part 1 of 3"), "a line per part")
        run.finish().expect(6)
        terminal.end()
        lines = terminal.screen()
        assert lines[0].startswith("s3streamer: "), lines
        assert any("missing: " in line for line in lines), lines
        assert not any("%" in line for line in lines), lines


@tap.test
def it_follows_the_width():
    with Sandbox() as sandbox, Terminal(100, 24) as terminal:
        path = sandbox.write_random("a", 24 * MIB)
        run = start(sandbox, terminal, "--upload", path, *SLOWLY)
        wait_until(is_drawn(run, terminal, r"part 1 of 5"), "a line per part")
        before = len(terminal.text)
        terminal.resize(40, 10)
        wait_until(lambda: terminal.text.count("\x1b[J", before) > 2 or not run.is_alive(),
                   "it to be drawn again")
        assert run.is_alive(), terminal.text
        drawn = terminal.text[before:].split("\x1b[J")[2]
        run.interrupt(signal.SIGTERM)
        run.finish().expect(143)
        plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", drawn)
        assert all(len(line.strip("\r")) < 40 for line in plain.split("\n")), plain


@tap.test
def no_color_and_dumb_terminals():
    with Sandbox() as sandbox:
        path = sandbox.write_random("a", 12 * MIB)
        with Terminal() as terminal:
            run = start(sandbox, terminal, "--upload", path, *SLOWLY, environment={"NO_COLOR": "1"})
            wait_until(is_drawn(run, terminal, r"part 1 of 3"), "a line per part")
            run.finish().expect(0)
            terminal.end()
            assert not re.search(r"\x1b\[[0-9;]*m", terminal.text), terminal.text
        for arguments, variables in [([], {"TERM": "dumb"}), (["--quiet"], {})]:
            with Terminal() as terminal:
                run = start(sandbox, terminal, "--upload", path, "--overwrite", *SLOWLY, *arguments,
                            environment=variables)
                run.finish().expect(0)
                terminal.end()
                assert terminal.text == "", terminal.text


@tap.test
def names_cannot_steer_the_terminal():
    with Sandbox() as sandbox, Terminal() as terminal:
        name = b"evil\x1b]0;title\x07\x1b[2J"
        with open(os.path.join(os.fsencode(sandbox.files), name), "wb") as file:
            file.write(os.urandom(12 * MIB))
        run = start(sandbox, terminal, "--upload", name, "--name", "a", *SLOWLY, "--verbose")
        run.finish().expect(0)
        terminal.end()
        assert "\x1b]" not in terminal.text and "\x1b[2J" not in terminal.text, terminal.text
        assert "evil\\x1B" in terminal.text, terminal.text


@tap.test
def a_token_is_asked_for_without_echo():
    with Sandbox() as sandbox, Terminal() as terminal:
        server = Server(sandbox)
        path = sandbox.write("a", b"1")
        run = start(sandbox, terminal, "--upload", path, "--path", "team-a", "--request-url",
                    server.url, everything=True)
        wait_until(is_drawn(run, terminal, "Token for"), "the question")
        assert not terminal.echoes()
        terminal.type("wrong-token\n")
        wait_until(lambda: terminal.text.count("Token for") == 2 or not run.is_alive(),
                   "the second question")
        terminal.type(server.token + "\n")
        run.finish().expect(0)
        assert has_content_of(run.lines[0], path)
        assert terminal.echoes()
        terminal.end()
        assert server.token not in terminal.text and "wrong-token" not in terminal.text


class Forgetful(Backend):
    """Wants another token for every ten parts, and gives few URLs at a time."""

    @property
    def token(self):
        return f"token-{len(self.received) // 10}"

    @token.setter
    def token(self, value):
        pass

    def capabilities(self, body):
        return super().capabilities(body) | {"max_urls": 4}


@tap.test
def a_token_that_ends_again_and_again_loses_nothing():
    with Sandbox() as sandbox, Terminal() as terminal, Forgetful(None) as backend:
        path = sandbox.write_random("a", (5 * 35 - 1) * MIB)
        run = start(sandbox, terminal, "--upload", path, "--part-size", "5", "--parts", "2",
                    "--request-url", backend.url, everything=True)
        answered = 0

        def is_over():
            nonlocal answered
            if terminal.text.count("Token for") > answered:
                answered += 1
                terminal.type(backend.token + "\n")
            return not run.is_alive()

        wait_until(is_over, "the end", seconds=120)
        assert run.finish().status == 0, terminal.text
        assert answered >= 4, terminal.text
        assert backend.has_bytes_of("a", path)
        assert len(backend.received) == 35, backend.received


@tap.test
def a_token_is_asked_for_before_purging():
    with Sandbox() as sandbox, Terminal() as terminal:
        server = Server(sandbox)
        run = start(sandbox, terminal, "--purge", "team-a/x", "team-a/y", "--request-url",
                    server.url, everything=True)
        wait_until(is_drawn(run, terminal, "Token for"), "the question")
        terminal.type(server.token + "\n")
        run.finish().expect(1)
        assert terminal.text.count("Token for") == 1, terminal.text


@tap.test
def three_wrong_tokens_are_enough():
    with Sandbox() as sandbox, Terminal() as terminal:
        server = Server(sandbox)
        run = start(sandbox, terminal, "--upload", sandbox.write("a", b"1"), "--request-url",
                    server.url, everything=True)
        for count in range(1, 4):
            wait_until(lambda count=count: terminal.text.count("Token for") == count
                       or not run.is_alive(), f"question {count}")
            terminal.type("wrong\n")
        run.finish().expect(3)
        assert terminal.text.count("Token for") == 3, terminal.text


@tap.test
def an_empty_answer_gives_up():
    with Sandbox() as sandbox, Terminal() as terminal:
        server = Server(sandbox)
        run = start(sandbox, terminal, "--upload", sandbox.write("a", b"1"), "--request-url",
                    server.url, everything=True)
        wait_until(is_drawn(run, terminal, "Token for"), "the question")
        terminal.type("\n")
        run.finish().expect(3)


@tap.test
def ctrl_c_at_the_question_restores_the_terminal():
    with Sandbox() as sandbox, Terminal() as terminal:
        server = Server(sandbox)
        run = start(sandbox, terminal, "--upload", sandbox.write("a", b"1"), "--request-url",
                    server.url, everything=True)
        wait_until(is_drawn(run, terminal, "Token for"), "the question")
        run.interrupt()
        run.finish().expect(130)
        assert terminal.echoes()


@tap.test
def nothing_is_asked_where_nobody_answers():
    with Sandbox() as sandbox:
        server = Server(sandbox)
        for option in ["--no-input", "--quiet", "--json"]:
            with Terminal() as terminal:
                run = start(sandbox, terminal, "--upload", sandbox.write("a", b"1"),
                            "--request-url", server.url, option, everything=True)
                run.finish().expect(3)
                terminal.end()
                assert "Token for" not in terminal.text, terminal.text


tap.main()
