#!/usr/bin/python3
# test-version-1.py: whole uploads with a client of version 1, to the real server with a folder
#
# SPDX-License-Identifier: GPL-3.0-or-later

import ast
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import client_v1, tap  # noqa: E402
from support.client_v1 import MIB  # noqa: E402
import server_process  # noqa: E402
from server_process import Server  # noqa: E402


def make_client(server, **options):
    return client_v1.Client(
        server.client.request_url, "no api key is asked for", server_process.TOKEN, **options
    )


def stored(server, key):
    return (server.root / "objects" / key).read_bytes()


def assert_nothing_is_left(server):
    for folder in ("uploads", "staged"):
        assert not list((server.root / folder).iterdir()), folder


class Source:
    """A file with these bytes."""

    def __init__(self, data, name="a file.bin"):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / name
        self.path.write_bytes(data)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        self.folder.cleanup()


@tap.test
def files_of_all_sizes_arrive_as_they_are():
    part = MIB // 4
    batch = 3 * part
    sizes = [0, 1, part - 1, part, part + 1, batch - 1, batch, batch + 1, 3 * batch + 17]
    with Server() as server:
        client = make_client(server, parts=3, part_size=0.25)
        for size in sizes:
            data = os.urandom(size)
            with Source(data) as path:
                answer = client.multipart(path, f" /team-a/{size}/ ")
            assert answer["status_code"] == 200, (size, answer)
            assert answer["status"] == "Document recombined."
            assert list(answer) == ["status", "request_id", "status_code"], answer
            assert stored(server, f"team-a/{size}/a file.bin") == data, size
            assert_nothing_is_left(server)


@tap.test
def names_that_are_written_into_the_query_as_they_are():
    names = ["R&D+x=1.txt", "a b.txt", "100%.txt", "grüße 😀.txt", "it's (1).txt", "a%2Fb.txt"]
    with Server() as server:
        client = make_client(server)
        for name in names:
            with Source(name.encode(), name) as path:
                answer = client.multipart(path, "team-a")
            assert answer["status_code"] == 200, (name, answer)
            assert stored(server, f"team-a/{name}") == name.encode(), name


@tap.test
def a_document_is_replaced_only_when_that_is_asked_for():
    with Server() as server:
        client = make_client(server)
        with Source(b"old") as path:
            assert client.multipart(path, "a")["status_code"] == 200
        with Source(b"new") as path:
            refused = client.multipart(path, "a")
            assert refused["status_code"] == 401, refused
            assert refused["status"] == "Document already exists and overwrite is not set."
            assert stored(server, "a/a file.bin") == b"old"
            assert client.multipart(path, "a", overwrite="YES")["status_code"] == 200
            assert stored(server, "a/a file.bin") == b"new"


@tap.test
def a_document_is_purged_once():
    with Server() as server:
        client = make_client(server)
        with Source(b"data") as path:
            assert client.multipart(path, "a")["status_code"] == 200
            purged = client.multipart(path, "a", purge="YES")
            assert (purged["status_code"], purged["status"]) == (200, "Document purged."), purged
            assert not (server.root / "objects/a").exists()
            again = client.multipart(path, "a", purge="YES")
            assert again["status_code"] == 404, again
            assert again["status"] == "Document does not exist and therefore cannot be purged."


@tap.test
def a_given_up_upload_leaves_nothing():
    with Server() as server:
        client = make_client(server)
        upload_id = client.done("create", "a/k", filesize="6", overwrite="NO")
        names = ["/tmp/k_1_abcde.bin.1", "/tmp/k_1_abcde.bin.2"]
        for name in names:
            client.send("geturl", name, b"abc")
        # The second one waits for the first.
        client.done("add", "a/k", uploadid=upload_id, partname=names[1], partnumber="2")
        assert client.call("abort", "a/k", uploadid=upload_id)["status_code"] == 200
        deleted = client.delete("a/k", names)
        assert deleted["status"] == "Temporary file(s) deleted.", deleted
        assert_nothing_is_left(server)
        gone = client.call("complete", "a/k", uploadid=upload_id, parts="[]")
        assert gone["status_code"] == 404, gone


@tap.test
def parts_may_be_added_in_any_order_and_twice():
    parts = {number: os.urandom(1000 + number) for number in range(1, 8)}
    with Server() as server:
        client = make_client(server)
        total = sum(len(data) for data in parts.values())
        upload_id = client.done("create", "k", filesize=str(total), overwrite="NO")
        etags = {}
        for number in (7, 2, 1, 4, 3, 5, 6):
            name = f"/tmp/k.{number}"
            etags[number] = client.send("geturl", name, parts[number])
            for _ in range(2):
                client.done("add", "k", uploadid=upload_id, partname=name, partnumber=str(number))
            # As after an answer that was lost: all of it again.
            client.send("geturl", name, parts[number])
            client.done("add", "k", uploadid=upload_id, partname=name, partnumber=str(number))
        listed = str([{"ETag": etags[number], "PartNumber": number} for number in sorted(etags)])
        for _ in range(2):
            client.done("complete", "k", uploadid=upload_id, parts=listed)
        assert stored(server, "k") == b"".join(parts[number] for number in sorted(parts))
        client.delete("k", [f"/tmp/k.{number}" for number in parts])
        assert_nothing_is_left(server)


@tap.test
def one_request_puts_a_whole_document():
    with Server() as server:
        client = make_client(server)
        client.send("geturls", "team-a/k", b"first")
        assert stored(server, "team-a/k") == b"first"
        client.send("geturls", "team-a/k", b"")
        assert stored(server, "team-a/k") == b""
        assert_nothing_is_left(server)


@tap.test
def the_server_may_be_killed_between_any_two_steps():
    parts = [os.urandom(5000), os.urandom(4000), os.urandom(3000)]
    with Server() as server:
        client = make_client(server)
        upload_id = client.done("create", "k", filesize="12000", overwrite="NO")
        port = int(server.url.rsplit(":", 1)[1])
        etags = []

        def restart():
            server.end(9)
            server.start(port=port)

        for number in (3, 1, 2):
            name = f"/tmp/k.{number}"
            etag = client.send("geturl", name, parts[number - 1])
            etags.append({"ETag": etag, "PartNumber": number})
            restart()
            client.done("add", "k", uploadid=upload_id, partname=name, partnumber=str(number))
            restart()
        client.done("complete", "k", uploadid=upload_id, parts=str(etags))
        restart()
        assert stored(server, "k") == b"".join(parts)
        assert_nothing_is_left(server)


@tap.test
def a_file_that_breaks_off_is_not_there():
    with Server() as server:
        client = make_client(server)
        form = ast.literal_eval(client.done("geturl", "/tmp/k.1"))
        content_type, body = client_v1.make_form(form["fields"].items(), "k", bytes(100000))
        connection = server_process.start_post(form["url"], content_type, len(body))
        connection.sendall(body[:50000])
        connection.close()
        server.end()
        assert_nothing_is_left(server)


@tap.test
def memory_does_not_grow_with_what_is_posted():
    with Server() as server:
        client = make_client(server, parts=2, part_size=64)
        data = os.urandom(MIB) * 160
        with Source(b"warm") as path:
            client.multipart(path, "a")
        before = server.peak_memory()
        with Source(data, "big") as path:
            assert client.multipart(path, "a")["status_code"] == 200
        assert stored(server, "a/big") == data
        tap.skip_where_sanitized()
        grown = server.peak_memory() - before
        assert grown < 8 * MIB, f"{grown} bytes more"


tap.main()
