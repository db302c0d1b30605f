# nginx.py: nginx with TLS in front of a server, with the configuration that we ship
#
# SPDX-License-Identifier: GPL-3.0-or-later

import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile

from support import tap
from support.wait import wait_until

CONF = pathlib.Path(__file__).parents[2] / "data/deploy/nginx.conf"
MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/main.log crit;
{user}
worker_processes 1;
worker_rlimit_nofile 1024;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/s3streamer.conf;
}}
"""


def find(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    return path or tap.skip(f"{program} is not installed")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


class Nginx:
    """`with Nginx("127.0.0.1:8333") as nginx:` listens at `nginx.url` until the block ends."""

    def __init__(self, upstream):
        program, openssl = find("nginx"), find("openssl")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="streamer-nginx-"))
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificate = self.folder / "certificate.pem"
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-keyout", self.folder / "key.pem", "-out", self.certificate, "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, stderr=subprocess.DEVNULL)
        (self.folder / "s3streamer.conf").write_text(self._adapt(CONF.read_text(), upstream))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))
        command = [program, "-p", self.folder, "-e", self.folder / "main.log", "-c",
                   self.folder / "nginx.conf"]
        checked = subprocess.run([*command, "-t"], stdin=subprocess.DEVNULL, text=True,
                                 capture_output=True, check=False)
        assert checked.returncode == 0, checked.stderr
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        wait_until(self._listens, "nginx to listen")

    def _adapt(self, text, upstream):
        """The shipped file, with nothing but names, addresses and paths changed."""
        changes = (
            ("server 127.0.0.1:8333;", f"server {upstream};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("server_name upload.example.org;", "server_name 127.0.0.1;"),
            ("/etc/ssl/certs/upload.example.org.pem", str(self.certificate)),
            ("/etc/ssl/private/upload.example.org.key", str(self.folder / "key.pem")),
            ("/var/log/nginx/", f"{self.folder}/"),
        )
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        assert not re.search(r"example\.org|/etc/|/var/", re.sub("#.*", "", text)), text
        return text

    def _listens(self):
        assert self.process.poll() is None, (self.folder / "main.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True

    def context(self):
        return ssl.create_default_context(cafile=self.certificate)

    def connect(self):
        """A TLS connection, for bytes of one's own."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        return self.context().wrap_socket(plain, server_hostname="127.0.0.1")

    def http(self, **options):
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.context(), timeout=60, **options)

    def logs(self):
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def memory(self):
        """Bytes that the workers have resident."""
        pid = self.process.pid
        workers = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(resident(int(worker)) for worker in workers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        shutil.rmtree(self.folder)


def resident(pid):
    """Bytes of memory of a process."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
