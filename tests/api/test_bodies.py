"""What makes a request body unreadable, on an endpoint that reads JSON and on one that reads both."""
import json
import socket

import httpx
import pytest

from harness import expect, expect_error, storyboard

JSON_TYPES = ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON",
              "application/vnd.api+json", "application/json;foo=bar"]
OTHER_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
               "application/jsonp", "application/octet-stream"]
YAML_TYPES = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml",
              "application/yaml; charset=utf-8"]

BROKEN = {
    "an empty body": b"",
    "blanks alone": b"  \n ",
    "an open brace": b"{",
    "a stray comma": b'{"name": "a",}',
    "garbage after the object": b'{"name": "a"} x',
    "two objects": b'{"name": "a"}{"name": "b"}',
    "an array": b"[]",
    "a string": b'"name"',
    "a number": b"1",
    "null": b"null",
    "single quotes": b"{'name': 'a'}",
    "a name without quotes": b'{name: "a"}',
    "a comment": b'{"name": "a" /* b */}',
    "a control character in a string": b'{"name": "a\nb"}',
    "a bad escape": b'{"name": "\\x41"}',
    "half an escape": b'{"name": "\\u12"}',
    "invalid UTF-8": b'{"name": "\xff"}',
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "half a UTF-8 character": b'{"name": "\xe2\x82"}',
    "a lone high surrogate": b'{"name": "\\ud800"}',
    "a lone low surrogate": b'{"name": "\\udc00"}',
    "surrogates the wrong way round": b'{"name": "\\udc00\\ud800"}',
    "a NUL": b'{"name": "a\\u0000b"}',
    "a NUL in a name": b'{"na\\u0000me": "b"}',
    "a NUL deep inside": b'{"other": [{"x": ["\\u0000"]}]}',
    "a raw NUL": b'{"name": "a"}\0',
    "a number with a leading zero": b'{"other": 01}',
    "a number with a plus": b'{"other": +1}',
    "a number that ends in a point": b'{"other": 1.}',
    "a number that begins with one": b'{"other": .5}',
    "not a number": b'{"other": NaN}',
    "infinity": b'{"other": Infinity}',
    "a number of 401 characters": b'{"other": ' + b"1" * 401 + b"}",
    "an exponent beyond 400": b'{"other": 1e401}',
    "an exponent beyond -400": b'{"other": 1e-401}',
    "an exponent that would wrap": b'{"other": 1e99999999999999999999}',
    "33 levels": b'{"other": ' + b"[" * 32 + b"]" * 32 + b"}",
    "very many levels": b'{"other": ' + b"[" * 100_000,
    "more than 250,000 values": b'{"other": [' + b"0," * 250_000 + b"0]}",
    "more than 250,000 names": b'{"a":0' + b"".join(b',"%d":0' % i for i in range(250_000)) + b"}",
    "a byte order mark": b'\xff\xfe{}',
}

READABLE = {
    "32 levels": b'{"other": ' + b"[" * 31 + b"]" * 31 + b"}",
    "an exponent of 400": b'{"other": 1e400}',
    "a number of 400 characters": b'{"other": ' + b"1" * 400 + b"}",
    "250,000 values": b'{"other": [' + b"0," * 249_997 + b"0]}",
    "unknown members": b'{"other": {"a": [1, null, true]}, "email": "x", "credits": 5}',
    "a surrogate pair": b'{"name": "\\ud83d\\ude00"}',
    "blanks around": b' \r\n\t{ } \n',
}


@pytest.fixture
def ana(world):
    return world.creator()


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_an_unreadable_body_is_400(ana, body):
    expect_error(ana.request("PATCH", "/v1/account", content=body,
                             headers={"Content-Type": "application/json"}), 400, "VALIDATION_ERROR")
    expect_error(ana.request("POST", "/v1/spec/validate", content=body,
                             headers={"Content-Type": "application/json"}), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("body", READABLE.values(), ids=READABLE)
def test_what_is_unusual_but_right_is_read(ana, body):
    expect(ana.request("PATCH", "/v1/account", content=body), 200)


@pytest.mark.parametrize("type", JSON_TYPES)
def test_json_may_be_called(ana, type):
    body = expect(ana.request("PATCH", "/v1/account", content=b'{"name": "Ana"}',
                              headers={"Content-Type": type}), 200)
    assert body["name"] == "Ana"


def test_no_content_type_means_json(ana):
    assert expect(ana.request("PATCH", "/v1/account", content=b'{"name": "Ana"}'), 200)["name"] == "Ana"


@pytest.mark.parametrize("type", OTHER_TYPES + YAML_TYPES)
def test_any_other_content_type_is_415(ana, type):
    expect_error(ana.request("PATCH", "/v1/account", content=b'{"name": "Ana"}',
                             headers={"Content-Type": type}), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("type", OTHER_TYPES)
@pytest.mark.parametrize("path", ["/v1/spec/validate", "/v1/spec/estimate", "/v1/generate"])
def test_storyboards_come_as_json_or_yaml_only(ana, path, type):
    expect_error(ana.request("POST", path, content=json.dumps(storyboard()), headers={"Content-Type": type}),
                 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("type", JSON_TYPES + YAML_TYPES)
def test_a_storyboard_may_be_called(ana, type):
    # JSON is YAML, too.
    answer = ana.request("POST", "/v1/spec/validate", content=json.dumps(storyboard()),
                         headers={"Content-Type": type})
    assert expect(answer, 200)["valid"] is True


def test_the_media_type_comes_before_the_syntax(ana):
    expect_error(ana.request("PATCH", "/v1/account", content=b"{broken", headers={"Content-Type": "text/plain"}),
                 415, "UNSUPPORTED_MEDIA_TYPE")


def test_endpoints_without_a_body_ignore_one(ana):
    how = {"content": b"{broken", "headers": {"Content-Type": "image/png"}}
    expect(ana.request("GET", "/v1/account", **how), 200)
    job = ana.generates(storyboard())
    expect(ana.request("POST", f"/v1/jobs/{job['id']}/cancel", **how), 200)
    expect(ana.request("DELETE", f"/v1/jobs/{job['id']}", **how), 204)


def test_an_optional_body_may_be_empty_whatever_its_type(ana):
    job = ana.generates(storyboard())
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    how = {"content": b"", "headers": {"Content-Type": "image/png"}}
    expect(ana.request("POST", f"/v1/jobs/{job['id']}/clone", **how), 201)
    expect_error(ana.request("POST", f"/v1/jobs/{job['id']}/clone", content=b"[]"), 400, "VALIDATION_ERROR")


def test_the_last_of_two_names_counts(ana):
    body = b'{"name": 5, "name": "Second"}'
    assert expect(ana.request("PATCH", "/v1/account", content=body), 200)["name"] == "Second"
    expect_error(ana.request("PATCH", "/v1/account", content=b'{"name": "First", "name": 5}'),
                 400, "VALIDATION_ERROR")


def test_names_are_case_sensitive(ana):
    assert expect(ana.patch("/v1/account", {"Name": "Ana", "NAME": "Eve"}), 200)["name"] is None


def test_a_body_of_5_mib_is_read(ana):
    body = b'{"other": "' + b"x" * (5 * 1024 * 1024 - 13) + b'"}'
    assert len(body) == 5_242_880
    expect(ana.request("PATCH", "/v1/account", content=body), 200)


def test_a_byte_more_is_refused_by_its_announcement_before_credentials(world):
    # Content-Length alone; the body is never sent.
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as wire:
        wire.sendall(b"PATCH /v1/account HTTP/1.1\r\nHost: x\r\nContent-Length: 5242881\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_is_read_and_limited(ana):
    def chunks(n):
        yield b'{"name": "Ana", "other": "'
        for _ in range(n):
            yield b"x" * 65536
        yield b'"}'

    assert expect(ana.request("PATCH", "/v1/account", content=chunks(3)), 200)["name"] == "Ana"
    try:
        expect_error(ana.request("PATCH", "/v1/account", content=chunks(100)), 413, "PAYLOAD_TOO_LARGE")
    except httpx.TransportError:
        pass  # the server may close the connection while more is being sent


ORDER = [
    ("the route", dict(method="PUT", path="/v1/nothing", as_="nobody"), 404, "NOT_FOUND"),
    ("the method", dict(method="PUT", path="/v1/generate", as_="nobody"), 405, "METHOD_NOT_ALLOWED"),
    ("credentials", dict(path="/v1/jobs/no-uuid/clone", as_="nobody"), 401, "MISSING_AUTHORIZATION"),
    ("the scope", dict(path="/v1/jobs/no-uuid/clone", as_="reader"), 403, "AUTHORIZATION_ERROR"),
    ("the path", dict(path="/v1/jobs/no-uuid/clone", as_="ana", type="text/plain"), 400, "VALIDATION_ERROR"),
    ("the headers", dict(path="/v1/jobs/{unknown}/clone", as_="ana", type="text/plain", key="ä"),
     400, "VALIDATION_ERROR"),
    ("the media type", dict(path="/v1/jobs/{unknown}/clone", as_="ana", type="text/plain"),
     415, "UNSUPPORTED_MEDIA_TYPE"),
    ("the syntax", dict(path="/v1/jobs/{unknown}/clone", as_="ana"), 400, "VALIDATION_ERROR"),
    ("a member's type", dict(path="/v1/jobs/{unknown}/clone", as_="ana", body=b'{"owner": 5}'),
     400, "VALIDATION_ERROR"),
    ("existence", dict(path="/v1/jobs/{unknown}/clone", as_="ana", body=b"{}"), 404, "NOT_FOUND"),
]


@pytest.mark.parametrize("case, status, code", [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_checks_come_in_order(world, ana, case, status, code):
    callers = {"nobody": world.nobody, "ana": ana, "reader": world.key(ana, ["jobs:read"])}
    headers = {"Content-Type": case.get("type", "application/json")}
    if "key" in case:
        headers["Idempotency-Key"] = case["key"].encode()
    answer = callers[case["as_"]].request(
        case.get("method", "POST"), case["path"].format(unknown="3f0e1d2c-4b5a-4697-8877-66554433221f"),
        content=case.get("body", b"{broken"), headers=headers)
    expect_error(answer, status, code)
