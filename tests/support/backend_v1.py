# backend_v1.py: a backend of version 1 of the request API, and a store for it
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Written from the description of the protocol alone, with nothing of the program in it.

    with MemoryStore() as store, Backend(store, token, api_key) as backend:
        … backend.url, store.objects

MemoryStore takes posted forms, checks their policy and signature, and keeps the bytes. BotoStore
signs for a real S3 with boto3, and lets it do the rest. Backend has the weaknesses that deployed
ones have, but evaluates nothing.
"""

import ast
import base64
import collections
import datetime
import hashlib
import hmac
import http.server
import json
import re
import secrets
import threading
import urllib.parse

MIN_PART = 5 << 20
FORM_MAX = 64 << 20


class StoreError(Exception):
    """Has the words of boto3's ClientError."""

    def __init__(self, code, operation):
        super().__init__(f"An error occurred ({code}) when calling the {operation} operation: x")


def md5_of(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class _Listener:
    """A server on a free port, from `with` to its end."""

    def __init__(self, handler):
        class Handler(handler):
            owner = self

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.handle_error = lambda *_: None
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner = None

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def read_body(self):
        length = int(self.headers["Content-Length"])
        assert length <= FORM_MAX
        return self.rfile.read(length)

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# A store that is not there


def _read_form(content_type, body):
    """The fields in their order, and the file, which has to be the last."""
    boundary = re.fullmatch(r"multipart/form-data; boundary=([A-Za-z0-9'()+_,./:=?-]{1,70})",
                            content_type).group(1).encode()
    assert body.startswith(b"--" + boundary + b"\r\n")
    assert body.endswith(b"\r\n--" + boundary + b"--\r\n")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    fields = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.match(rb'Content-Disposition: form-data; name="([^"]+)"', head).group(1).decode()
        assert not fields or fields[-1][0] != "file", "a field behind the file"
        fields.append((name, content))
    assert fields[-1][0] == "file"
    names = [name for name, _ in fields]
    assert len(set(names)) == len(names), names
    return {name: content.decode() for name, content in fields[:-1]}, fields[-1][1]


class Upload:
    def __init__(self, key):
        self.key = key
        self.parts = {}


class MemoryStore(_Listener):
    """SIGNATURE is "v2" or "v4". Without ETAGS it names nothing that it was sent, as Ceph's gateway
    16. What is in `next_answers` (status, body) is what the next forms get instead."""

    def __init__(self, signature="v2", etags=True, session_token=None):
        super().__init__(_StoreHandler)
        self.signature = signature
        self.etags = etags
        self.session_token = session_token
        self.access_key = "AKIA" + secrets.token_hex(8).upper()
        self.secret_key = secrets.token_urlsafe(30)
        self.bucket = "bücket+1"
        self.objects = {}
        self.uploads = {}
        self.posts = []
        self.next_answers = collections.deque()
        self._lock = threading.Lock()

    @property
    def temporaries(self):
        return [key for key in self.objects if key.startswith("tmp/")]

    def _sign(self, policy, scope):
        if self.signature == "v2":
            digest = hmac.new(self.secret_key.encode(), policy.encode(), hashlib.sha1).digest()
            return base64.b64encode(digest).decode()
        key = ("AWS4" + self.secret_key).encode()
        for step in scope:
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        return hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()

    def presign_post(self, key):
        """As boto3's generate_presigned_post."""
        now = datetime.datetime.now(datetime.timezone.utc)
        fields = {"key": key}
        scope = [f"{now:%Y%m%d}", "somewhere-1", "s3", "aws4_request"]
        conditions = [{"bucket": self.bucket}, {"key": key}]
        if self.signature == "v4":
            fields |= {"x-amz-algorithm": "AWS4-HMAC-SHA256",
                       "x-amz-credential": "/".join([self.access_key, *scope]),
                       "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}"}
            conditions += [{name: value} for name, value in fields.items() if name != "key"]
        else:
            fields["AWSAccessKeyId"] = self.access_key
        if self.session_token:
            fields["x-amz-security-token"] = self.session_token
            conditions.append({"x-amz-security-token": self.session_token})
        expiration = now + datetime.timedelta(minutes=60)
        policy = json.dumps({"expiration": f"{expiration:%Y-%m-%dT%H:%M:%SZ}",
                             "conditions": conditions})
        fields["policy"] = base64.b64encode(policy.encode()).decode()
        name = "signature" if self.signature == "v2" else "x-amz-signature"
        fields[name] = self._sign(fields["policy"], scope)
        return {"url": f"{self.origin}/{urllib.parse.quote(self.bucket)}", "fields": fields}

    def check_form(self, fields):
        """Whether the form is what was signed, and nothing more."""
        fields = dict(fields)
        scope = fields.get("x-amz-credential", "").split("/")[1:]
        name = "signature" if self.signature == "v2" else "x-amz-signature"
        policy = fields.pop("policy")
        assert hmac.compare_digest(fields.pop(name), self._sign(policy, scope)), "signature"
        policy = json.loads(base64.b64decode(policy))
        now = datetime.datetime.now(datetime.timezone.utc)
        assert policy["expiration"] > f"{now:%Y-%m-%dT%H:%M:%SZ}", "expired"
        allowed = {}
        for condition in policy["conditions"]:
            allowed |= condition
        assert allowed.pop("bucket") == self.bucket
        if self.signature == "v2":
            assert fields.pop("AWSAccessKeyId") == self.access_key
        assert fields == allowed, (fields, allowed)

    def post(self, content_type, body):
        fields, data = _read_form(content_type, body)
        self.check_form(fields)
        with self._lock:
            self.posts.append(fields["key"])
            self.objects[fields["key"]] = data
        return md5_of(data)

    # What the backend does with S3.

    def exists(self, key):
        return key in self.objects

    def create(self, key):
        upload_id = "2~" + secrets.token_urlsafe(24)
        self.uploads[upload_id] = Upload(key)
        return upload_id

    def _get_upload(self, upload_id, operation):
        if upload_id not in self.uploads:
            raise StoreError("NoSuchUpload", operation)
        return self.uploads[upload_id]

    def copy_part(self, upload_id, _key, number, source):
        upload = self._get_upload(upload_id, "UploadPartCopy")
        if source not in self.objects:
            raise StoreError("NoSuchKey", "UploadPartCopy")
        upload.parts[number] = self.objects[source]

    def complete(self, upload_id, _key, parts):
        upload = self._get_upload(upload_id, "CompleteMultipartUpload")
        if not parts or [part["PartNumber"] for part in parts] != sorted(
                part["PartNumber"] for part in parts):
            raise StoreError("MalformedXML", "CompleteMultipartUpload")
        for part in parts:
            if md5_of(upload.parts.get(part["PartNumber"], b"-")) != part["ETag"]:
                raise StoreError("InvalidPart", "CompleteMultipartUpload")
        data = [upload.parts[part["PartNumber"]] for part in parts]
        if any(len(part) < MIN_PART for part in data[:-1]):
            raise StoreError("EntityTooSmall", "CompleteMultipartUpload")
        self.objects[upload.key] = b"".join(data)
        del self.uploads[upload_id]

    def abort(self, upload_id, _key):
        self._get_upload(upload_id, "AbortMultipartUpload")
        del self.uploads[upload_id]

    def delete(self, keys):
        assert len(keys) <= 1000
        for key in keys:
            self.objects.pop(key, None)


class _StoreHandler(_Handler):
    def do_POST(self):  # pylint: disable=invalid-name
        store = self.owner
        body = self.read_body()
        if store.next_answers:
            self.answer(*store.next_answers.popleft())
            return
        try:
            assert urllib.parse.unquote(self.path) == f"/{store.bucket}", self.path
            etag = store.post(self.headers["Content-Type"], body)
        except Exception as error:  # pylint: disable=broad-except
            self.answer(403, f"<Error><Code>AccessDenied</Code><Message>{error!r}</Message></Error>"
                        .encode(), [("Content-Type", "application/xml")])
            return
        self.answer(204, headers=[("ETag", f'"{etag}"')] if store.etags else [])

    def do_GET(self):  # pylint: disable=invalid-name
        key = urllib.parse.unquote(self.path).removeprefix("/downloads/")
        data = self.owner.objects.get(key)
        self.answer(404 if data is None else 200, data or b"")


class BotoStore:
    """A bucket behind a client of boto3."""

    def __init__(self, client, bucket):
        self.client = client
        self.bucket = bucket

    def presign_post(self, key):
        return self.client.generate_presigned_post(self.bucket, key)

    def exists(self, key):
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        return any(item["Key"] == key for item in found.get("Contents", []))

    def create(self, key):
        return self.client.create_multipart_upload(Bucket=self.bucket, Key=key)["UploadId"]

    def copy_part(self, upload_id, key, number, source):
        self.client.upload_part_copy(Bucket=self.bucket, Key=key, UploadId=upload_id,
                                     PartNumber=number,
                                     CopySource={"Bucket": self.bucket, "Key": source})

    def complete(self, upload_id, key, parts):
        self.client.complete_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id,
                                              MultipartUpload={"Parts": parts})

    def abort(self, upload_id, key):
        self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)

    def delete(self, keys):
        self.client.delete_objects(Bucket=self.bucket,
                                   Delete={"Objects": [{"Key": key} for key in keys]})


# The backend


class Lost:
    """The request is done, and its answer never arrives."""


LOST = Lost()


def envelope(code, status):
    """What the function itself answers."""
    return 200, json.dumps({"status": status, "request_id": secrets.token_hex(8),
                            "status_code": code}).encode()


def gateway(status, message):
    """What the gateway answers in its place."""
    return status, json.dumps({"message": message}).encode()


class Backend(_Listener):
    """PREFIX is what keys have to begin with. `requests` has the (action, filename) of all.
    `next_answers[action]` has what the next ones of an action get: LOST, or (status, body) without
    that they are done."""

    def __init__(self, store, token, api_key, prefix=""):
        super().__init__(_BackendHandler)
        self.store = store
        self.token = token
        self.api_key = api_key
        self.prefix = prefix
        self.url = self.origin + "/upload/request"
        self.requests = []
        self.bodies = []
        self.next_answers = collections.defaultdict(collections.deque)

    @property
    def actions(self):
        return [action for action, _ in self.requests]

    def count(self, action):
        return self.actions.count(action)

    def handle(self, action, filename, body):
        try:
            if action in ("create", "purge") and not filename.startswith(self.prefix):
                return envelope(403, "No access to the specified path.")
            return envelope(*getattr(self, "do_" + action)(filename, body))
        except Exception as error:  # pylint: disable=broad-except
            return envelope(500, str(error))

    def do_create(self, filename, body):
        assert body["filesize"].isdecimal() and body["overwrite"] in ("YES", "NO"), body
        if body["overwrite"] == "NO" and self.store.exists(filename):
            return 401, "Document already exists and overwrite is not set."
        return 200, self.store.create(filename)

    def do_geturl(self, filename, _body):
        return 200, repr(self.store.presign_post("tmp/" + filename))

    def do_geturls(self, filename, _body):
        return 200, repr(self.store.presign_post(filename))

    def do_add(self, filename, body):
        self.store.copy_part(body["uploadid"], filename, int(body["partnumber"]),
                             "tmp/" + body["partname"])
        return 200, "Part added to the main document."

    def do_complete(self, filename, body):
        self.store.complete(body["uploadid"], filename, ast.literal_eval(body["parts"]))
        return 200, "Document recombined."

    def do_delete(self, _filename, body):
        self.store.delete([item["Key"] for item in ast.literal_eval(body["objects"])])
        return 200, "Temporary file(s) deleted."

    def do_abort(self, filename, body):
        self.store.abort(body["uploadid"], filename)
        return 200, "Upload aborted."

    def do_purge(self, _filename, body):
        keys = [item["Key"] for item in ast.literal_eval(body["objects"])]
        if not all(self.store.exists(key) for key in keys):
            return 404, "Document does not exist and therefore cannot be purged."
        self.store.delete(keys)
        return 200, "Document purged."


class _BackendHandler(_Handler):
    def _refuse(self):
        """What the gateway in front checks."""
        if self.headers.get("x-api-key") != self.owner.api_key:
            return gateway(403, "Forbidden")
        if self.headers.get("Authorization") != f"Bearer {self.owner.token}":
            return gateway(401, "Unauthorized")
        return None

    def do_POST(self):  # pylint: disable=invalid-name
        backend = self.owner
        body = json.loads(self.read_body())
        query = urllib.parse.urlsplit(self.path).query
        filename = urllib.parse.unquote(query.removeprefix("filename="), errors="strict")
        action = body["action"]
        answer = self._refuse()
        if answer is None:
            backend.requests.append((action, filename))
            backend.bodies.append(body)
            planned = backend.next_answers[action]
            answer = planned.popleft() if planned else None
        if answer is None or answer is LOST:
            done = backend.handle(action, filename, body)
            if answer is LOST:
                self.close_connection = True
                return
            answer = done
        self.answer(*answer, headers=[("Content-Type", "application/json")])
