# identity.py: an identity provider that signs tokens
#
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import json
import re
import shutil
import subprocess
import time

from support import tap

ISSUER = "https://issuer.example"
AUDIENCE = "s3streamer"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Identity:
    """Has a key of its own in FOLDER, and its public half in the file `jwks`."""

    def __init__(self, folder, kid="k"):
        self.openssl = shutil.which("openssl") or tap.skip("openssl is not installed")
        self.kid = kid
        self.key = folder / f"{kid}.pem"
        self.jwks = folder / "jwks.json"
        self._run("genrsa", "-out", self.key, "2048")
        text = self._run("rsa", "-in", self.key, "-noout", "-modulus").decode()
        modulus = bytes.fromhex(re.search("Modulus=([0-9A-F]+)", text)[1])
        self.jwks.write_text(json.dumps({"keys": [
            {"kid": kid, "kty": "RSA", "alg": "RS256", "n": encode(modulus), "e": "AQAB"}]}))
        self.jwks.chmod(0o644)

    def _run(self, *arguments, data=b""):
        return subprocess.run([self.openssl, *arguments], input=data, capture_output=True,
                              check=True).stdout

    def section(self, more="prefixes-claim = folders\nrights-claim = scope\n"):
        """[oidc] of a configuration."""
        return (f"[oidc]\nissuer = {ISSUER}\naudience = {AUDIENCE}\n"
                f"jwks-file = {self.jwks}\n{more}\n")

    def token(self, subject, **claims):
        """With what is good in all claims that are not given."""
        head = {"alg": "RS256", "kid": self.kid}
        body = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": int(time.time()) + 300}
        text = ".".join(encode(json.dumps(part).encode()) for part in (head, body | claims))
        return f"{text}.{encode(self._run('dgst', '-sha256', '-sign', self.key, data=text.encode()))}"
