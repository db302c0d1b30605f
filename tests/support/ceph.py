# ceph.py: a real S3 on loopback, for as long as a test runs
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""One monitor, one object store in memory, one RADOS gateway, in a folder of their own.

    with Ceph(folder) as ceph:
        s3 = ceph.client()            # boto3
        environment = ceph.environment()
"""

import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import tempfile
import uuid

from support.wait import wait_until

PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw",
            "radosgw-admin")
REGION = "default"
MEMORY = 4 << 30

CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{v2},v1:127.0.0.1:{v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
mon data avail crit = 1
mon allow pool size one = true
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = {memory}
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{rgw}
"""


def is_installed():
    return all(shutil.which(program) for program in PROGRAMS)


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Ceph:
    """Its keys may do everything; `bucket` is there and empty."""

    def __init__(self, bucket="uploads"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="s3streamer-ceph-"))
        self.bucket = bucket
        self.region = REGION
        self.access_key = "TEST" + secrets.token_hex(8).upper()
        self.secret_key = secrets.token_urlsafe(30)
        self.processes = []
        v2, v1, self.port = _free_ports(3)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.fsid = str(uuid.uuid4())
        self.addresses = f"[v2:127.0.0.1:{v2},v1:127.0.0.1:{v1}]"
        (self.folder / "ceph.conf").write_text(CONFIGURATION.format(
            fsid=self.fsid, v1=v1, v2=v2, rgw=self.port, folder=self.folder, memory=MEMORY))

    def __enter__(self):
        try:
            self._make_keys()
            self._start_monitor()
            self._start_store()
            self._start_gateway()
            self.client().create_bucket(Bucket=self.bucket)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends what it started, by process, and takes its folder away."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments, stdin=None):
        command = [program, *map(str, arguments)]
        if program not in ("monmaptool", "ceph-authtool"):
            command[1:1] = ["-c", str(self.folder / "ceph.conf")]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def _start(self, program, *arguments):
        with open(self.folder / f"{program}.out", "wb") as output:
            self.processes.append(subprocess.Popen(
                [program, "-c", str(self.folder / "ceph.conf"), "-f", *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True))

    def _make_keys(self):
        keyring = self.folder / "keyring"
        everything = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr",
                      "allow *"]
        self._run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.",
                  "--cap", "mon", "allow *")
        for name in ("client.admin", "client.rgw"):
            self._run("ceph-authtool", keyring, "--gen-key", "-n", name, *everything)
        self._run("ceph-authtool", keyring, "--gen-key", "-n", "osd.0", "--cap", "mon",
                  "allow profile osd", "--cap", "osd", "allow *")

    def _start_monitor(self):
        monmap = self.folder / "monmap"
        self._run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", self.addresses,
                  monmap)
        (self.folder / "mon").mkdir()
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring",
                  self.folder / "keyring")
        self._start("ceph-mon", "-i", "a")

    def _start_store(self):
        identity = str(uuid.uuid4())
        (self.folder / "osd").mkdir()
        self._run("ceph", "osd", "new", identity, "0")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", identity)
        self._start("ceph-osd", "-i", "0")

    def _start_gateway(self):
        self._run("radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=test",
                  "--display-name=test", f"--access-key={self.access_key}",
                  f"--secret-key={self.secret_key}")
        self._start("radosgw", "-n", "client.rgw")
        wait_until(self._answers, "the gateway to listen", seconds=120)

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def client(self):
        """A boto3 client: the other implementation, which says what is really there."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=self.region,
            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4",
                          retries={"max_attempts": 2}))

    def environment(self):
        """What programs that are given these keys find in their environment."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def collect_garbage(self):
        """What was deleted stays in memory for two hours otherwise."""
        self._run("radosgw-admin", "-n", "client.rgw", "gc", "process", "--include-all")

    def list_unfinished(self):
        return self.client().list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])

    def list_keys(self):
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]
