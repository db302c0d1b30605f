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
        self.process = subprocess.Popen(
            [PROGRAMS / "s3streamer-server", "--listen", "127.0.0.1:0", *self.arguments(sandbox)],
            env=sandbox.environment | self.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        sandbox.servers.append(self.process)
        address = self.process.stdout.readline().split()[-1]
        self.url = f"{address}/upload/request"

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
