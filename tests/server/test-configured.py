#!/usr/bin/python3
# test-configured.py: the real server does as its configuration file says
#
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import tap  # noqa: E402
from support.identity import Identity  # noqa: E402
from support.wait import wait_until  # noqa: E402
from server_process import (  # noqa: E402
    SERVER, Configured, get, hash_token, principal, put, token_of)

KIB = 1024


def run(*arguments):
    return subprocess.run([SERVER, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)


def code(envelope):
    """`200`, or status and code of what failed."""
    error = envelope.get("error", {}).get("code")
    return (envelope["status_code"], error) if error else envelope["status_code"]


# -- how often

@tap.test
def who_asks_too_often_is_told_when_to_come_again():
    with Configured(principal("alice", "rate = 1\nburst = 2") + principal("bob")) as server:
        for _ in range(200):
            status, headers, envelope = server.of("alice").ask(action="capabilities")
            if status != 200:
                break
        assert (status, code(envelope)) == (429, (429, "limited")), envelope
        assert headers["Retry-After"] == str(envelope["error"]["retry_after"]), headers
        assert int(headers["Retry-After"]) in (1, 2), headers
        assert headers["Content-Type"] == "application/json", headers
        # Everybody has a rate of one's own.
        assert server.of("bob").ask(action="capabilities")[0] == 200
        # It is over after a while.
        wait_until(lambda: server.of("alice").ask(action="capabilities")[0] == 200, "the rate")


@tap.test
def an_address_that_guesses_is_told_to_wait():
    with Configured(principal("alice"), "failures-per-minute = 3") as server:
        answers = [server.of("some-guess").ask(action="capabilities") for _ in range(6)]
        assert [answer[0] for answer in answers] == [401] * 3 + [429] * 3, answers
        assert int(answers[-1][1]["Retry-After"]) > 1, answers[-1][1]
        assert server.of("alice").ask(action="capabilities")[0] == 200
        lines = [line for line in server.audit_lines() if line["action"] == "authenticate"]
        assert [line["status"] for line in lines] == [401] * 3 + [429], lines


# -- how much

@tap.test
def a_quota_holds_in_both_versions_and_over_a_restart():
    with Configured(principal("alice", "quota = 10K") + principal("bob")) as server:
        alice = server.of("alice")
        alice.upload("kept", bytes(4 * KIB))
        begun = alice.begin("open", 5 * KIB, 100 * KIB)["upload_id"]
        wanted = {"action": "begin", "part_size": 100 * KIB, "resume_id": "r" * 32}
        full = alice.call(**wanted, key="more", size=2 * KIB)
        assert code(full) == (507, "quota"), full
        assert "10" in full["status"] and "1.0" in full["status"], full
        old = alice.ask("more", action="create", filesize=str(2 * KIB), overwrite="NO")[2]
        assert old["status_code"] == 507 and "error" not in old, old
        # A pipe is counted part by part.
        pipe = alice.call(**(wanted | {"resume_id": "p" * 32}), key="pipe", size=None)
        parts = [{"number": 1, "size": 2 * KIB}]
        answer = alice.call(action="presign", upload_id=pipe["status"]["upload_id"], parts=parts)
        assert code(answer) == (507, "quota"), answer
        assert code(server.of("bob").call(**wanted, key="bobs", size=100 * KIB)) == 200

        server.end()
        server.start()
        alice = server.of("alice")
        assert code(alice.call(**wanted, key="more", size=2 * KIB)) == (507, "quota")
        alice.done(action="cancel", upload_id=begun)
        assert code(alice.call(**wanted, key="more", size=2 * KIB)) == 200


@tap.test
def open_uploads_are_counted():
    with Configured(principal("alice", "open-uploads = 2")) as server:
        alice = server.of("alice")
        ids = [alice.begin(f"k{i}", 10, 10)["upload_id"] for i in range(2)]
        wanted = {"action": "begin", "key": "k", "size": 1, "part_size": 1, "resume_id": "r" * 32}
        assert code(alice.call(**wanted)) == (507, "quota")
        alice.done(action="cancel", upload_id=ids[0])
        assert code(alice.call(**wanted)) == 200


# -- SIGHUP

@tap.test
def the_audit_log_goes_on_in_a_new_file():
    with Configured(principal("alice")) as server:
        server.of("alice").done(action="stat", key="before")
        old = server.audit.rename(server.folder / "audit.log.1")
        server.of("alice").done(action="stat", key="between")
        server.hang_up()
        server.of("alice").done(action="stat", key="behind")
        assert [line["key"] for line in server.audit_lines()] == ["behind"]
        lines = [json.loads(line) for line in old.read_text().splitlines()]
        assert [line["key"] for line in lines] == ["before", "between"], lines
        assert stat.S_IMODE(server.audit.stat().st_mode) & 0o007 == 0


@tap.test
def principals_are_read_again():
    with Configured(principal("alice") + principal("bob")) as server:
        alice, bob, carol = server.of("alice"), server.of("bob"), server.of("carol")
        upload_id = alice.begin("team-a/k", 2 * KIB, KIB)["upload_id"]
        url = alice.presign(upload_id, 1, KIB)
        bobs = bob.begin("team-a/bobs", 10, 10)["upload_id"]
        server.configure(principal("alice", "quota = 3K", prefixes="team-a") + principal("carol"),
                         f"api-key-sha256 = {hash_token('the-api-key')}")
        # Not before it is told to.
        assert alice.ask(action="stat", key="elsewhere")[0] == 200
        assert carol.ask(action="capabilities")[0] == 401
        assert [line["level"] for line in server.hang_up()] == ["info"]

        assert alice.ask(action="capabilities")[0] == 401
        key = {"x-api-key": "the-api-key"}
        alice, carol = server.of("alice", **key), server.of("carol", **key)
        assert server.of("bob", **key).ask(action="cancel", upload_id=bobs)[0] == 401
        assert carol.ask(action="capabilities")[0] == 200
        assert alice.ask(action="stat", key="elsewhere")[0] == 403
        # What was begun goes on, within what holds now.
        assert put(url, bytes(KIB)) == 200
        assert alice.put(upload_id, 2, bytes(KIB)) == 200
        finished = alice.done(action="finish", upload_id=upload_id)
        assert get(finished["url"]) == bytes(2 * KIB)
        more = alice.call(action="begin", key="team-a/l", size=2 * KIB, part_size=KIB,
                          resume_id="r" * 32)
        assert code(more) == (507, "quota"), more


@tap.test
def somebody_added_is_known_without_a_restart():
    with Configured(principal("alice", "rate = 1\nburst = 1")) as server:
        added = run("--add-principal", "dora", "--config", server.config, "--prefix", "team-d/",
                    "--right", "create")
        token = added.stdout.strip()
        assert server.of(token + "-").ask(action="capabilities")[0] == 401
        server.hang_up()
        dora = server.of("dora")
        dora.token = token
        assert dora.done(action="capabilities")["prefixes"] == ["team-d/"]
        # A limit that is taken away is gone at once.
        server.configure(principal("alice"))
        server.hang_up()
        statuses = {server.of("alice").ask(action="capabilities")[0] for _ in range(20)}
        assert statuses == {200}, statuses
        assert dora.ask(action="capabilities")[0] == 401


@tap.test
def an_identity_provider_is_read_again():
    with Configured(principal("alice")) as server:
        identity = Identity(server.folder)
        token = identity.token("1", folders=["team-o"], scope="create link")
        user = server.of(token)
        assert user.ask(action="capabilities")[0] == 401
        server.configure(identity.section())
        server.hang_up()
        assert user.done(action="capabilities")["prefixes"] == ["team-o/"]
        assert server.of("alice").ask(action="capabilities")[0] == 401
        assert user.ask(action="stat", key="team-oo/k")[0] == 403
        assert user.ask(action="remove", key="team-o/k")[0] == 403
        server.configure(identity.section("prefixes = team-p\nrights = create\nquota = 1K\n"))
        server.hang_up()
        assert user.done(action="capabilities")["prefixes"] == ["team-p/"]
        full = user.call(action="begin", key="team-p/k", size=2 * KIB, part_size=KIB,
                         resume_id="r" * 32)
        assert code(full) == (507, "quota"), full
        server.configure(principal("alice"))
        server.hang_up()
        assert user.ask(action="capabilities")[0] == 401


@tap.test
def a_file_that_is_wrong_changes_nothing_and_is_told():
    with Configured(principal("alice") + principal("bob")) as server:
        server.configure(principal("alice", "quota = lots") + "nonsense\n")
        assert [line["level"] for line in server.hang_up()] == ["error"]
        found = [line["error"] for line in server.log_lines("config")]
        lines = server.config.read_text().splitlines()
        quota, nonsense = lines.index("quota = lots") + 1, lines.index("nonsense") + 1
        assert [text.split(": ")[0] for text in found] == [
            f"{server.config}:{quota}", f"{server.config}:{nonsense}"], found
        assert "[principal alice] quota: " in found[0], found
        for name in ("alice", "bob"):
            assert server.of(name).ask(action="capabilities")[0] == 200

        # Nor does one that everybody can read, or that is gone.
        server.write(server.config.read_text(), mode=0o644)
        assert [line["level"] for line in server.hang_up()] == ["error"]
        server.config.unlink()
        assert [line["level"] for line in server.hang_up()] == ["error"]
        assert server.of("bob").ask(action="capabilities")[0] == 200
        server.configure(principal("alice"))
        assert [line["level"] for line in server.hang_up()] == ["info"]
        assert server.of("bob").ask(action="capabilities")[0] == 401


@tap.test
def what_needs_a_restart_is_told():
    with Configured(principal("alice")) as server:
        text = server.config.read_text().replace("kind = folder", "kind = folder\ndownloads = public")
        server.write(text + principal("bob"))
        lines = server.hang_up()
        lines = wait_until(lambda: server.log_lines("reload")[1:] and server.log_lines("reload"),
                           "both lines") if len(lines) < 2 else lines
        assert [line["level"] for line in lines] == ["warning", "info"], lines
        assert "next start" in lines[0]["message"], lines
        assert server.of("bob").ask(action="capabilities")[0] == 200
        assert "?" in server.of("alice").upload("k", b"data")


# -- where from

@tap.test
def only_proxies_are_believed_where_a_client_is():
    forged = "203.0.113.9, 192.0.2.7"

    def remote_of_last():
        server.of("alice", **{"X-Forwarded-For": forged}).done(action="stat", key="k")
        return server.audit_lines()[-1]["remote"]

    with Configured(principal("alice"), "trusted-proxy = 10.0.0.0/8") as server:
        assert remote_of_last() == "127.0.0.1"
        server.configure(principal("alice"), "trusted-proxy = 127.0.0.1")
        server.hang_up()
        assert remote_of_last() == "192.0.2.7"
        server.configure(principal("alice"), "trusted-proxy = 127.0.0.1; 192.0.2.0/24")
        server.hang_up()
        assert remote_of_last() == "203.0.113.9"
        server.configure(principal("alice"))
        server.hang_up()
        assert remote_of_last() == "127.0.0.1"


@tap.test
def failures_count_for_the_client_and_not_for_its_proxy():
    options = "trusted-proxy = 127.0.0.1\nfailures-per-minute = 2"
    with Configured(principal("alice"), options) as server:
        def guess(address):
            return server.of("some-guess", **{"X-Forwarded-For": address}).ask(action="stat")[0]

        assert [guess("192.0.2.1") for _ in range(3)] == [401, 401, 429]
        assert guess("192.0.2.2") == 401
        # Who writes another address in front of one's own stays who one is.
        assert guess("198.51.100.1, 192.0.2.1") == 429


# -- --check

GOOD = """[server]
listen = 127.0.0.1:0
audit-log = stderr
[storage]
kind = folder
root = /nowhere
""" + principal("alice", prefixes="team-a/;team-b", rights="create")

OIDC = """[oidc]
issuer = https://issuer.example
audience = a
jwks-uri = https://issuer.example/jwks
prefixes-claim = folders
rights-claim = scope
"""

# What becomes of one line of GOOD and OIDC, and on which line and at which key it is told.
MISTAKES = [
    ("listen = 127.0.0.1:0", "listen = localhost:1", "[server] listen"),
    ("listen = 127.0.0.1:0", "listen = 127.0.0.1:70000", "[server] listen"),
    ("listen = 127.0.0.1:0", "listen = 192.0.2.1:80", "[server] listen"),
    ("listen = 127.0.0.1:0", "listen =", "[server] listen"),
    ("listen = 127.0.0.1:0", "lisen = 127.0.0.1:0", "[server] lisen"),
    ("audit-log = stderr", "audit-log = here", "[server] audit-log"),
    ("audit-log = stderr", "failures-per-minute = -1", "[server] failures-per-minute"),
    ("audit-log = stderr", "trusted-proxy = 300.0.0.1", "[server] trusted-proxy"),
    ("audit-log = stderr", "api-key-sha256 = plain", "[server] api-key-sha256"),
    ("audit-log = stderr", "allow-remote = maybe", "[server] allow-remote"),
    ("audit-log = stderr", "domain = files.example", "[server] domain"),
    ("kind = folder", "kind = tape", "[storage] kind"),
    ("kind = folder", "", "[storage] kind"),
    ("kind = folder", "kind = s3", "[storage] bucket"),
    ("root = /nowhere", "root = nowhere", "[storage] root"),
    ("root = /nowhere", "", "[storage] root"),
    ("root = /nowhere", "root = /nowhere\ndownloads = all", "[storage] downloads"),
    ("[principal alice]", "[principal al ice]", "[principal al ice]"),
    ("[principal alice]", "[principle alice]", "[principle alice]"),
    ("token-sha256", "token", "[principal alice] token"),
    ("prefixes = team-a/;team-b", "prefixes = team-a/../team-b", "[principal alice] prefixes"),
    ("prefixes = team-a/;team-b", "prefixes = ;", "[principal alice] prefixes"),
    ("prefixes = team-a/;team-b", "", "[principal alice] prefixes"),
    ("rights = create", "rights = create;rule", "[principal alice] rights"),
    ("rights = create", "", "[principal alice] rights"),
    ("rights = create", "rights = create\nquota = 1 GB", "[principal alice] quota"),
    ("rights = create", "rights = create\nopen-uploads = 0", "[principal alice] open-uploads"),
    ("rights = create", "rights = create\nrate = fast", "[principal alice] rate"),
    ("rights = create", "rights = create\nburst = 0", "[principal alice] burst"),
    ("rights = create", "rights = create\nrights = link", "[principal alice] rights"),
    ("issuer = https://issuer.example\n", "", "[oidc] issuer"),
    ("audience = a", "audience =", "[oidc] audience"),
    ("jwks-uri = https://issuer.example/jwks", "jwks-uri = http://issuer.example", "[oidc] jwks-uri"),
    ("jwks-uri = https://issuer.example/jwks", "jwks-file = /nowhere/k", "[oidc] jwks-file"),
    ("jwks-uri = https://issuer.example/jwks", "", "[oidc] jwks-uri"),
    ("prefixes-claim = folders", "prefixes-claim = folders\nprefixes = a", "[oidc] prefixes"),
    ("prefixes-claim = folders", "", "[oidc] prefixes-claim"),
    ("rights-claim = scope", "rights = fly", "[oidc] rights"),
    ("rights-claim = scope", "rights-prefix = x/", "[oidc] rights-claim"),
    ("rights-claim = scope", "rights-claim = scope\nalgorithms = HS256", "[oidc] algorithms"),
]


def line_of(text, place):
    """Of the key in its section; of the section, where the key is not there; else the last."""
    section, _, key = place.partition("] ")
    section = section.rstrip("]") + "]"
    lines = text.splitlines()
    if section not in lines:
        return len(lines)
    begun = lines.index(section)
    found = [number for number, line in enumerate(lines[begun + 1 :], begun + 2)
             if key and re.match(rf"{key} *=", line)]
    ends = [number for number, line in enumerate(lines[begun + 1 :], begun + 2) if line[:1] == "["]
    found = [number for number in found if number < (ends or [len(lines) + 1])[0]]
    return found[-1] if found else begun + 1


@tap.test
def each_mistake_is_told_with_its_line():
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "server.conf"
        config.touch(mode=0o600)
        config.write_text(GOOD + OIDC)
        good = run("--check", "--config", config)
        assert (good.returncode, good.stderr) == (0, ""), good
        assert good.stdout == f"{config} is in order.\n", good
        for old, new, place in MISTAKES:
            assert old in GOOD + OIDC, old
            text = (GOOD + OIDC).replace(old, new, 1)
            config.write_text(text)
            found = run("--check", "--config", config)
            assert (found.returncode, found.stdout) == (1, ""), (new, found)
            wanted = f"{config}:{line_of(text, place)}: {place}"
            assert [line for line in found.stderr.splitlines() if line.startswith(wanted)], (
                wanted, found.stderr)
            # The server does not start with it, and says the same.
            started = run("--config", config, "--listen", "127.0.0.1:0")
            assert (started.returncode, started.stdout) == (1, ""), (new, started)
            assert started.stderr == found.stderr, (started, found)


@tap.test
def what_cannot_be_checked_is_told():
    with tempfile.TemporaryDirectory() as folder:
        missing = run("--check", "--config", folder + "/none")
        assert missing.returncode == 1 and f"{folder}/none: " in missing.stderr, missing
        config = pathlib.Path(folder) / "server.conf"
        config.write_bytes(GOOD.encode() + b"\0")
        config.chmod(0o600)
        assert run("--check", "--config", config).returncode == 1
        config.write_text("")
        empty = run("--check", "--config", config)
        assert empty.returncode == 1 and len(empty.stderr.splitlines()) == 2, empty
    assert run("--check").returncode == 2
    assert run("--check", "--config", "x", "--token-file", "y").returncode == 2


@tap.test
def a_secret_that_everybody_can_read_is_no_start():
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "server.conf"
        config.write_text(GOOD.replace("/nowhere", folder + "/root"))
        token = pathlib.Path(folder) / "token"
        token.write_text("a-token-that-is-long-enough")
        cases = [(0o604, "Everybody"), (0o644, "Everybody"), (0o602, "Everybody"), (0o660, "group")]
        for mode, word in cases:
            config.chmod(mode)
            token.chmod(mode)
            for arguments in (("--config", config, "--listen", "127.0.0.1:0"),
                              ("--check", "--config", config),
                              ("--root", folder + "/root", "--listen", "127.0.0.1:0",
                               "--token-file", token)):
                result = run(*arguments)
                assert result.returncode in (1, 2) and result.stdout == "", (oct(mode), result)
                assert word in result.stderr, (oct(mode), result)
        assert not os.path.exists(folder + "/root")
        config.chmod(0o640)
        assert run("--check", "--config", config).returncode == 0


# -- --add-principal

@tap.test
def a_token_is_printed_once():
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "server.conf"
        config.write_text("# kept\n" + GOOD)
        config.chmod(0o640)
        wanted = ("--add-principal", "dora", "--config", config, "--prefix", "team-d/", "--right",
                  "create", "--right", "link", "--quota", "5G")
        added = run(*wanted)
        assert (added.returncode, added.stderr) == (0, ""), added
        token = added.stdout.removesuffix("\n")
        assert re.fullmatch(r"[A-Za-z0-9_-]{43,}", token), added
        text = config.read_text()
        assert text.startswith("# kept\n" + GOOD.rstrip()), text
        assert token not in text and hash_token(token) in text, text
        assert stat.S_IMODE(config.stat().st_mode) == 0o640
        assert os.listdir(folder) == ["server.conf"]
        assert run("--check", "--config", config).returncode == 0

        again = run(*wanted)
        assert (again.returncode, again.stdout) == (1, ""), again
        assert config.read_text() == text
        for wrong in (("--prefix", "../x", "--right", "create"),
                      ("--prefix", "a", "--right", "fly"), ("--prefix", "a")):
            refused = run("--add-principal", "eve", "--config", config, *wrong)
            assert (refused.returncode, refused.stdout) == (2, ""), refused
        assert config.read_text() == text


# -- the audit log

@tap.test
def each_decision_is_a_line_and_no_secret_is_in_it():
    key = {"x-api-key": "an-api-key-that-is-secret"}
    options = f"api-key-sha256 = {hash_token(key['x-api-key'])}"
    evil = 'x", "outcome": "done\u2028\\"}{'
    with Configured(principal("alice", prefixes="team-a"), options) as server:
        alice = server.of("alice", **key)
        stranger = server.of("a-token-that-somebody-mistyped", **key)
        secrets, expected = [token_of("alice"), stranger.token, *key.values()], []

        def ask(outcome, filename=None, **body):
            expected.append((body["action"], outcome))
            envelope = alice.ask(filename, **body)[2]
            assert (envelope["status_code"] == 200) == (outcome == "done"), (body, envelope)
            return envelope["status"]

        begun = ask("done", action="begin", key="team-a/k", size=10, part_size=5, resume_id="r" * 16)
        upload_id = begun["upload_id"]
        parts = [{"number": number, "size": 5} for number in (1, 2)]
        urls = ask("done", action="presign", upload_id=upload_id, parts=parts)
        for url in urls:
            assert put(url["url"], b"12345") == 200
        ask("done", action="parts", upload_id=upload_id)
        link = ask("done", action="finish", upload_id=upload_id)["url"]
        timed = ask("done", action="link", key="team-a/k", expires_in=60)["url"]
        ask("forbidden", action="stat", key=evil)
        ask("invalid", action="stat", key="team-a/\n{\"outcome\":\"done\"}")
        ask("no_upload", action="cancel", upload_id="forged-" + upload_id)
        ask("not_found", "team-a", action="purge", objects="[{'Key': 'team-a/none'}]")
        form = ask("done", "/tmp/part.1", action="geturl")
        ask("forbidden", "team-b/k", action="create", filesize="1", overwrite="NO")
        # Each of the items is a decision.
        alice.done(action="stat", items=[{"key": "team-a/k"}, {"key": "team-b/k"}])
        expected += [("stat", "done"), ("stat", "forbidden")]
        assert stranger.ask(action="stat", key="team-a/k")[0] == 401
        assert server.of("alice").ask(action="stat", key="team-a/k")[0] == 401
        expected += [("authenticate", "auth")] * 2
        assert alice.ask(action="nothing")[0] == 400
        expected.append(("request", "invalid"))

        text = server.audit.read_text()
        lines = [json.loads(line) for line in text.split("\n")[:-1]]
        # Parts are no decisions: who may send one was decided when its URL was given.
        assert [(line["action"], line["outcome"]) for line in lines] == expected, lines
        for line in lines:
            assert line["remote"] == "127.0.0.1" and line["request_id"] and line["time"], line
            assert line.get("principal") == (None if line["outcome"] == "auth" else "alice"), line
        assert lines[5]["key"] == evil, lines[5]
        secrets += [upload_id, *(re.findall(r"'(?:policy|signature)': '([^']+)'", form))]
        for url in (link, timed, *(url["url"] for url in urls)):
            secrets += [value for _, value in urllib.parse.parse_qsl(url.partition("?")[2])
                        if len(value) > 20]
        assert len(secrets) >= 8, secrets
        log = server.log.read_text()
        for secret in secrets:
            assert secret not in text and secret not in log, secret


tap.main()
