# server.py: a backend with a token and storage of its own
#
# SPDX-License-Identifier: GPL-3.0-or-later

import secrets
import subprocess

from support.headless import PROGRAMS


class Server:
    """Runs until the sandbox ends. Everybody with its `token` may do everything at its `url`."""

    def __init__(self, sandbox, token=None):
        self.token = token or secrets.token_urlsafe()
        self.process = subprocess.Popen(
            [PROGRAMS / "s3streamer-server", "--listen", "127.0.0.1:0", "--root",
             sandbox.root / "storage"], env=sandbox.environment | {"S3STREAMER_TOKEN": self.token},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        sandbox.servers.append(self.process)
        address = self.process.stdout.readline().split()[-1]
        self.url = f"{address}/upload/request"
