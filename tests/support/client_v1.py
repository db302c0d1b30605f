# client_v1.py: a client of version 1 of the request API, as the old one behaves
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Written from the description of the protocol alone, with nothing of the program in it.

    answer = Client(request_url, api_key, token).multipart("/home/me/a.bin", "team-a/b")
    answer["status_code"], answer["status"]
"""

import ast
import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import random
import string
import time
import urllib.error
import urllib.parse
import urllib.request

MIB = 1048576
TRIES = 3
# What HTTP libraries leave as it is in a URL that somebody wrote by hand.
UNESCAPED = "/!$&'()*+,;=:@?~"


class Failed(Exception):
    """The backend said no; the envelope is its argument."""


def make_form(fields, name, data):
    """Content type and body of multipart/form-data with the fields in their order, then the file."""
    boundary = "".join(random.choices(string.ascii_letters + string.digits, k=32))
    body = bytearray()
    for field, value in fields:
        body += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        ).encode()
    body += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    ).encode()
    body += data
    body += f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(body)


def post_form(url, fields, name, data):
    """Status, ETag (or None) and body of the answer."""
    content_type, body = make_form(fields, name, data)
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=120)
    try:
        connection.request("POST", parts.path or "/", body, {"Content-Type": content_type})
        answer = connection.getresponse()
        return answer.status, answer.getheader("ETag"), answer.read()
    finally:
        connection.close()


class Client:
    def __init__(self, request_url, api_key, token, parts=5, part_size=100, tmp="/tmp"):
        self.request_url = request_url
        self.api_key = api_key
        self.token = token
        self.parts = parts
        self.part_size = part_size
        self.tmp = tmp

    def call(self, action, filename, **members):
        """The whole envelope. FILENAME goes into the query as it is."""
        query = urllib.parse.quote(filename, safe=UNESCAPED)
        request = urllib.request.Request(
            f"{self.request_url}?filename={query}",
            data=json.dumps({"action": action, **members}).encode(),
            headers={"x-api-key": self.api_key, "Authorization": f"Bearer {self.token}"},
            method="POST",
        )
        request.remove_header("Content-type")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)

    def done(self, action, filename, **members):
        envelope = self.call(action, filename, **members)
        if envelope["status_code"] != 200:
            raise Failed(envelope)
        return envelope["status"]

    def send(self, action, filename, data):
        """Gets a form by ACTION, and posts DATA by it. The ETag, without its quotes."""
        form = ast.literal_eval(self.done(action, filename))
        status, etag, body = post_form(
            form["url"], form["fields"].items(), os.path.basename(filename), data
        )
        if status != 204:
            raise Failed({"status_code": status, "status": body.decode(errors="replace")})
        return (etag or hashlib.md5(data).hexdigest()).strip('"')

    def send_part(self, name, data):
        for attempt in range(TRIES):
            try:
                return self.send("geturl", name, data)
            except (Failed, OSError, http.client.HTTPException):
                if attempt == TRIES - 1:
                    raise

    def send_batch(self, batch):
        """BATCH: part name and bytes of each. Their ETags."""
        with concurrent.futures.ThreadPoolExecutor(max_workers=self.parts) as pool:
            return list(pool.map(lambda part: self.send_part(*part), batch))

    def part_names(self, path):
        """Endless: the paths that temporary files of the parts would have."""
        letters = "".join(random.choices(string.ascii_letters + string.digits, k=5))
        stem = f"{self.tmp}/{path.stem}_{int(time.time())}_{letters}{path.suffix}"
        number = 0
        while True:
            number += 1
            yield f"{stem}.{number}"

    def upload_parts(self, path, key, upload_id, names):
        """Sends the file in batches of `parts` parts, and adds them. Adds to NAMES what it made."""
        etags = []
        generator = self.part_names(path)
        with path.open("rb") as file:
            while True:
                batch = []
                while len(batch) < self.parts:
                    data = file.read(int(self.part_size * MIB))
                    if not data:
                        break
                    batch.append((next(generator), data))
                if not batch:
                    return etags
                names += [name for name, _ in batch]
                for (name, _), etag in zip(batch, self.send_batch(batch)):
                    etags.append({"ETag": etag, "PartNumber": len(etags) + 1})
                    self.done("add", key, uploadid=upload_id, partname=name,
                              partnumber=str(len(etags)))

    def delete(self, key, names):
        objects = [{"Key": f"tmp/{name}"} for name in names]
        return self.call("delete", key, objects=str(objects))

    def multipart(self, file, path, overwrite="NO", purge="NO"):
        """What the old client returns: `status_code` and `status` of what decided."""
        file = pathlib.Path(file)
        key = f"{path.strip(' /')}/{file.name}"
        if purge == "YES":
            return self.call("purge", key, objects=str([{"Key": key}]))
        created = self.call(
            "create", key, filesize=str(file.stat().st_size), overwrite=overwrite
        )
        if created["status_code"] != 200:
            return created
        names = []
        try:
            etags = self.upload_parts(file, key, created["status"], names)
            result = self.call("complete", key, uploadid=created["status"], parts=str(etags))
            if result["status_code"] != 200:
                raise Failed(result)
        except (Failed, OSError, http.client.HTTPException) as error:
            self.call("abort", key, uploadid=created["status"])
            self.delete(key, names)
            if isinstance(error, Failed):
                return error.args[0]
            return {"status_code": 500, "status": str(error)}
        self.delete(key, names)
        return result
