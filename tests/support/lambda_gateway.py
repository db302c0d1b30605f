# lambda_gateway.py: what API Gateway makes of requests, and of a function's answers
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of both kinds of gateway, and the answers to them as a client gets them."""

import json

TOKEN = "a-token-for-the-tests-of-the-function"


def http_event(body, token=TOKEN, query="", **more):
    """As an HTTP API writes it, format 2.0."""
    event = {
        "version": "2.0",
        "routeKey": "POST /upload/request",
        "rawPath": "/upload/request",
        "rawQueryString": query,
        "headers": {"authorization": f"Bearer {token}", "host": "api.example", "content-length": "1"},
        "requestContext": {
            "accountId": "1",
            "apiId": "a",
            "domainName": "api.example",
            "http": {"method": "POST", "path": "/upload/request", "protocol": "HTTP/1.1",
                     "sourceIp": "192.0.2.1", "userAgent": "test"},
            "requestId": "r",
            "stage": "$default",
        },
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
    event.update(more)
    return event


def rest_event(body, token=TOKEN, query=None, **more):
    """As a REST API writes it."""
    headers = {"Authorization": f"Bearer {token}", "Host": "api.example"}
    event = {
        "resource": "/upload/request",
        "path": "/upload/request",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {n: [v] for n, v in query.items()},
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "domainName": "api.example",
            "httpMethod": "POST",
            "identity": {"sourceIp": "192.0.2.1", "apiKey": "k"},
            "stage": "live",
        },
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
    event.update(more)
    return event


FORMS = (http_event, rest_event)


def ask(function, event):
    """HTTP status, headers and text of the answer."""
    outcome = function.invoke(event)
    assert outcome.kind == "response", (outcome.kind, outcome.body)
    assert outcome.body["isBase64Encoded"] is False, outcome.body
    return outcome.body["statusCode"], outcome.body["headers"], outcome.body["body"]


def call(function, event):
    """The envelope; the gateway gets the same status as the client."""
    status, headers, text = ask(function, event)
    envelope = json.loads(text)
    assert status == envelope["status_code"], (status, envelope)
    assert headers["Content-Type"] == "application/json", headers
    assert headers["Cache-Control"] == "no-store", headers
    return envelope


def done(function, event):
    envelope = call(function, event)
    assert envelope["status_code"] == 200, envelope
    return envelope["status"]
