#!/usr/bin/python3
# test-lambda-claims.py: who a caller is, where a gateway has checked the caller's token
#
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.environ["G_TEST_SRCDIR"])
from support import tap  # noqa: E402
from support.lambda_emulator import Emulator  # noqa: E402
from support.lambda_gateway import (  # noqa: E402
    FORMS, TOKEN, call, done, http_event, rest_event)

SERVER = os.environ["STREAMER_SERVER"]
SEAL_SECRET = "0123456789abcdef0123456789abcdef"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example"
CLIENT = "1example23456789"
MIB = 1048576

PRINCIPAL = f"""
[principal alice]
token-sha256 = {hashlib.sha256(TOKEN.encode()).hexdigest()}
prefixes = alice/
rights = create
"""
OIDC = f"""
[oidc]
issuer = {ISSUER}
audience = {CLIENT}
audience-claims = aud;client_id
prefixes-claim = cognito:groups
rights-claim = scope
rights-prefix = s3streamer/
"""
STORAGE = """
[storage]
kind = folder
"""
# Everything here comes from one address.
SERVER_SECTION = "[server]\nfailures-per-minute = 0\n"


@contextlib.contextmanager
def running(config=OIDC + PRINCIPAL, server=""):
    with tempfile.TemporaryDirectory() as root:
        config = SERVER_SECTION + server + STORAGE + config
        variables = os.environ | {"S3STREAMER_CONFIG": config, "S3STREAMER_SEAL_SECRET": SEAL_SECRET}
        with Emulator([SERVER, "--lambda", "--root", root], variables) as function:
            yield function


def claims_of(form, exp=None, groups=("team-a", "team-b"), **more):
    """What the gateway says of a token: an HTTP API and a REST API write lists and times in two ways."""
    exp = time.time() + 300 if exp is None else exp
    claims = {"iss": ISSUER, "sub": "1234", "client_id": CLIENT, "token_use": "access",
              "scope": "openid s3streamer/create s3streamer/remove"}
    if form is http_event:
        claims |= {"exp": str(int(exp)), "cognito:groups": "[" + " ".join(groups) + "]"}
    else:
        claims |= {"exp": time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(exp)),
                   "cognito:groups": ",".join(groups)}
    return {name: value for name, value in (claims | more).items() if value is not None}


def checked(form, body, claims=None, token="what-the-gateway-has-looked-at", **more):
    """An event behind an authoriser. CLAIMS: by default those of a good token."""
    event = form(body, token=token, **more)
    claims = claims_of(form) if claims is None else claims
    event["requestContext"]["authorizer"] = (
        {"jwt": {"claims": claims, "scopes": None}} if form is http_event else {"claims": claims})
    return event


def stat(key="team-a/a"):
    return {"action": "stat", "key": key}


def begin(key):
    return {"action": "begin", "key": key, "size": 3 * MIB, "part_size": MIB,
            "resume_id": uuid.uuid4().hex}


def status(function, event):
    return call(function, event)["status_code"]


@tap.test
def prefixes_and_rights_are_those_of_the_claims():
    with running() as function:
        for form in FORMS:
            for key in ("team-a/a", "team-b/x/y"):
                upload_id = done(function, checked(form, begin(key)))["upload_id"]
                parts = [{"number": 1, "size": MIB}]
                presign = {"action": "presign", "upload_id": upload_id, "parts": parts}
                assert len(done(function, checked(form, presign))) == 1
                assert done(function, checked(form, {"action": "cancel", "upload_id": upload_id})) == {}
            for key in ("team-ab/a", "team", "alice/a", "a"):
                assert status(function, checked(form, begin(key))) == 403, key
            remove = {"action": "remove", "key": "team-a/nothing"}
            assert status(function, checked(form, remove)) == 404
            link = {"action": "link", "key": "team-a/nothing", "expires_in": 60}
            assert status(function, checked(form, link)) == 403
            only_create = claims_of(form, scope="s3streamer/create")
            assert status(function, checked(form, remove, only_create)) == 403
            nothing = claims_of(form, scope=None)
            assert status(function, checked(form, begin("team-a/a"), nothing)) == 403
            assert status(function, checked(form, stat(), nothing)) == 200


@tap.test
def version_1_is_held_to_the_claims():
    queries = {http_event: lambda name: "filename=" + name,
               rest_event: lambda name: {"filename": name}}
    create = {"action": "create", "filesize": "1000", "overwrite": "NO"}
    with running() as function:
        for form, query in queries.items():
            upload_id = done(function, checked(form, create, query=query("team-a/a.bin")))
            assert isinstance(upload_id, str), upload_id
            abort = {"action": "abort", "uploadid": upload_id}
            query_a = query("team-a/a.bin")
            stranger = checked(form, abort, claims_of(form, sub="5678"), query=query_a)
            assert status(function, stranger) != 200
            assert done(function, checked(form, abort, query=query_a))
            assert status(function, checked(form, create, query=query("team-c/a.bin"))) == 403
            expired = checked(form, create, claims_of(form, exp=time.time() - 100), query=query_a)
            assert status(function, expired) == 401


@tap.test
def an_upload_belongs_to_issuer_and_subject():
    with running() as function:
        for form in FORMS:
            upload_id = done(function, checked(form, begin("team-a/a")))["upload_id"]
            parts = {"action": "parts", "upload_id": upload_id}
            for other in FORMS:
                assert done(function, checked(other, parts)) == []
                stranger = checked(other, parts, claims_of(other, sub="5678"))
                assert status(function, stranger) == 404
            assert status(function, form(parts)) == 404


@tap.test
def what_the_gateway_says_is_checked_again():
    now = time.time()
    wrong = (
        {"iss": ISSUER + "2"}, {"iss": ISSUER + "/"}, {"iss": ""}, {"iss": None}, {"iss": [ISSUER]},
        {"exp": now - 100}, {"exp": 0},
        {"client_id": "another"}, {"client_id": None}, {"aud": "another"}, {"aud": ""},
        {"aud": "another " + CLIENT}, {"aud": [CLIENT]},
        {"sub": None}, {"sub": ""}, {"sub": "a\nb"}, {"sub": 7},
        {"nbf": str(int(now) + 1000)}, {"nbf": "soon"}, {"nbf": None, "iss": None},
    )
    with running() as function:
        for form in FORMS:
            for more in wrong:
                assert status(function, checked(form, stat(), claims_of(form, **more))) == 401, more
            for exp in ("", "never", "1e99", "-1", "0x7fffffff", " 9999999999", True, int(now) + 300,
                        None, "Sun Dec 17 07:28:12 CET 2090", ["9999999999"]):
                claims = claims_of(form)
                claims["exp"] = exp
                assert status(function, checked(form, stat(), claims)) == 401, exp
            assert status(function, checked(form, stat(), {})) == 401
            id_token = claims_of(form, client_id=None, aud=CLIENT)
            assert status(function, checked(form, stat(), id_token)) == 200
            several = claims_of(form, aud=f"[x {CLIENT}]", nbf=str(int(now) - 1))
            assert status(function, checked(form, stat(), several)) == 200


@tap.test
def lists_that_could_be_read_in_two_ways_give_nothing():
    with running() as function:
        for form in FORMS:
            for groups in ("", "[]", "[team-a", "team-a]", "[team-a]]", "[[team-a] x]", "[team-a,x y]",
                           "team-a, team-b", "[team-a  x]", "/", "[/]", "..", ["team-a"], None, 7):
                claims = claims_of(form) | {"cognito:groups": groups}
                assert status(function, checked(form, stat(), claims)) == 403, groups
            for groups in ("team-a", "[team-a]", "x,team-a", "[x team-a]", "x team-a"):
                claims = claims_of(form) | {"cognito:groups": groups}
                assert status(function, checked(form, stat(), claims)) == 200, groups


@tap.test
def claims_are_for_nobody_without_an_identity_provider():
    with running(PRINCIPAL) as function:
        for form in FORMS:
            assert status(function, checked(form, stat("alice/a"))) == 401
            # Not even beside a good token: who has an authoriser says so in the configuration.
            assert status(function, checked(form, stat("alice/a"), token=TOKEN)) == 401
            assert status(function, form(stat("alice/a"))) == 200


@tap.test
def without_claims_the_token_is_looked_at():
    with running() as function:
        for form in FORMS:
            assert status(function, form(stat("alice/a"))) == 200
            assert status(function, form(stat("team-a/a"))) == 403
            assert status(function, form(stat("alice/a"), token="x")) == 401
            # A function as authoriser, one of IAM, none at all, or what is no object.
            for authorizer in (None, {}, {"claims": None}, {"jwt": None}, {"jwt": {"claims": None}},
                               {"claims": json.dumps(claims_of(form))}, {"lambda": claims_of(form)},
                               claims_of(form) | {"principalId": "user"}, {"iam": claims_of(form)},
                               {"claims": [claims_of(form)]}, [claims_of(form)], "claims"):
                event = form(stat("alice/a"))
                event["requestContext"]["authorizer"] = authorizer
                assert status(function, event) == 200, authorizer
                event = form(stat("team-a/a"), token="x")
                event["requestContext"]["authorizer"] = authorizer
                assert status(function, event) == 401, authorizer


@tap.test
def a_client_cannot_say_what_the_gateway_says():
    def unsigned(claims):
        header, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                        for part in ({"alg": "none"}, claims))
        return f"{header}.{body}."

    with running() as function:
        for form in FORMS:
            claims = claims_of(form)
            context = checked(form, "")["requestContext"]
            forged = {"requestContext": context, "authorizer": context["authorizer"], "claims": claims}
            assert status(function, form(stat() | forged, token="x")) == 401
            # In the body, a whole event; in the query and in headers, every name that might be read.
            assert status(function, form(json.dumps(checked(form, stat())), token="x")) == 401
            event = form(stat(), token="x")
            event["rawQueryString"] = "requestContext.authorizer.jwt.claims=x&claims=" + json.dumps(claims)
            event["queryStringParameters"] = {"claims": json.dumps(claims)}
            for name in ("claims", "requestContext", "authorizer", "x-amzn-oidc-data",
                         "x-amzn-request-context", "x-apigateway-event", "x-amzn-oidc-identity"):
                event["headers"][name] = json.dumps(forged.get(name, forged))
            assert status(function, event) == 401
            everything = {"exp": int(time.time()) + 300, "cognito:groups": ["team-a"]}
            token = unsigned(claims | everything)
            assert status(function, form(stat(), token=token)) == 401
            # What a client sends beside a checked token changes nothing of it.
            other = claims_of(form, groups=("team-c",), sub="root")
            event = checked(form, stat("team-c/a") | {"claims": other, "principal": "root"})
            event["headers"]["claims"] = json.dumps(other)
            assert status(function, event) == 403


@tap.test
def an_http_api_of_the_old_format_has_claims_too():
    with running() as function:
        for authorizer in ({"claims": claims_of(http_event), "scopes": None},
                           {"jwt": {"claims": claims_of(http_event), "scopes": None}}):
            event = rest_event(stat(), token="x", version="1.0")
            event["requestContext"]["authorizer"] = authorizer
            assert status(function, event) == 200, authorizer


@tap.test
def the_api_key_of_the_configuration_is_asked_for_as_well():
    api_key = f"api-key-sha256 = {hashlib.sha256(b'an-api-key').hexdigest()}\n"
    with running(OIDC, api_key) as function:
        for form in FORMS:
            event = checked(form, stat())
            assert status(function, event) == 401
            for headers in ("headers", "multiValueHeaders"):
                if headers in event:
                    key = "an-api-key" if headers == "headers" else ["an-api-key"]
                    event[headers]["x-api-key"] = key
            assert status(function, event) == 200


tap.main()
