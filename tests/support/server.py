# server.py: backends with a token and storage of their own
#
# SPDX-License-Identifier: GPL-3.0-or-later

import hashlib
import secrets
import subprocess

from support.headless import PROGRAMS

BUCKET_CONFIGURATION = """\
[storage]
kind = s3
endpoint = {ceph.endpoint}
region = {ceph.region}
addressing = path
bucket = {ceph.bucket}
prefix = {prefix}
root = {root}

[principal tester]
token-sha256 = {digest}
prefixes = /
rights = create;overwrite;remove;link
"""


class Server:
    """Runs until the sandbox ends. Everybody with its `token` may do everything at its `url`."""

    def __init__(self, sandbox, token=None):
        self.token = token or secrets.token_urlsafe()
        self.root = sandbox.root / "storage"
        self.sandbox = sandbox
        self._start(0)

    def _start(self, port):
        self.process = subprocess.Popen(
            [PROGRAMS / "s3streamer-server", "--listen", f"127.0.0.1:{port}",
             *self.arguments(self.sandbox)],
            env=self.sandbox.environment | self.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.sandbox.servers.append(self.process)
        address = self.process.stdout.readline().split()[-1]
        self.url = f"{address}/upload/request"
        self.port = int(address.rsplit(":", 1)[1])

    def crash(self):
        """Ends at once, whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def start_again(self):
        """After crash(), at the same address, with what it has stored and another token."""
        self.token = secrets.token_urlsafe()
        self._start(self.port)

    def unfinished(self):
        """The files of uploads that are neither finished nor given up."""
        return [path for path in self.root.rglob("*")
                if path.is_file() and "uploads" in path.relative_to(self.root).parts]

    def arguments(self, _sandbox):
        return ["--root", self.root]

    def environment(self):
        return {"S3STREAMER_TOKEN": self.token}


class BucketServer(Server):
    """The same with a configuration, in front of Ceph's bucket: documents are below PREFIX."""

    def __init__(self, sandbox, ceph, prefix):
        self.ceph = ceph
        self.prefix = prefix
        super().__init__(sandbox)

    def arguments(self, sandbox):
        config = sandbox.root / "server.conf"
        config.touch(0o600)
        config.write_text(BUCKET_CONFIGURATION.format(
            ceph=self.ceph, prefix=self.prefix, root=self.root,
            digest=hashlib.sha256(self.token.encode()).hexdigest()))
        return ["--config", config]

    def environment(self):
        return self.ceph.environment()
