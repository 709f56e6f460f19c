"""The API reference itself is sound, and what it says of each route alike is true. (`just check routes` sees that it
lists them all.)"""
import re
import socket
from contextlib import closing

import pytest
from jsonschema import Draft202012Validator

from harness import expect, expect_error, signing
from harness.contract import CONTRACT
from harness.postgres import closed_to_all
from harness.server import Server
from harness.world import World

OPERATIONS = list(CONTRACT.operations())
PATHS = list(CONTRACT.document["paths"])
UUID = "3f0e1d2c-4b5a-4697-8877-66554433221f"


def filled(path):
    """The path with a value for every parameter; ids unless something else is known."""
    known = {"asset": "asset_sfx_whoosh", "bucket": "framecast-outputs", "key": "user/x.png"}
    return re.sub(r"\{(\w+)\}", lambda name: known.get(name[1], UUID), path)


def with_(status):
    """Decorates a test of every operation that may be answered with this status, by the reference."""
    return pytest.mark.parametrize("method, path", [
        (method, path) for method, path, operation in OPERATIONS if str(status) in operation["responses"]])


def nodes(node, where=""):
    yield where, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else []
    for name, child in children:
        yield from nodes(child, f"{where}/{name}")


def test_every_schema_is_one():
    for schema in CONTRACT.document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere():
    for where, node in nodes(CONTRACT.document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert CONTRACT.follow(node["$ref"]), where


def test_every_example_has_its_own_shape():
    for where, node in nodes(CONTRACT.document):
        if not isinstance(node, dict):
            continue
        if "example" in node and "schema" in node:
            CONTRACT.conforms(node["example"], node["schema"])
        if isinstance(node.get("examples"), dict) and "schema" in node:
            for example in node["examples"].values():
                CONTRACT.conforms(example["value"], node["schema"])
        if isinstance(node.get("examples"), list):
            for example in node["examples"]:
                CONTRACT.conforms(example, node)


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


def test_every_operation_says_who_may_call_it():
    assert all("security" in operation for _, _, operation in OPERATIONS)


@pytest.mark.parametrize("path", PATHS)
def test_the_server_knows_exactly_the_methods_of(path, world):
    listed = {method for method, known, _ in OPERATIONS if known == path}
    answer = world.nobody.request("TRACE", filled(path))
    expect_error(answer, 405, "METHOD_NOT_ALLOWED")
    allowed = {method.strip() for method in answer.headers["allow"].split(",")}
    assert allowed - {"HEAD", "OPTIONS"} == listed


@pytest.mark.parametrize("method, path", [(method, path) for method, path, _ in OPERATIONS])
def test_unlisted_methods_are_refused_before_anything_else(method, path, world):
    for other in {"GET", "PUT", "POST", "PATCH", "DELETE"} - {m for m, known, _ in OPERATIONS if known == path}:
        expect_error(world.nobody.request(other, filled(path)), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("method, path", [
    (method, path) for method, path, operation in OPERATIONS if {"jwt": []} in operation["security"]])
def test_a_caller_without_credentials_is_401(method, path, world):
    answer = world.nobody.request(method, filled(path), content=b"{broken",
                                  headers={"Content-Type": "image/png"})
    expect_error(answer, 401, "MISSING_AUTHORIZATION")


@pytest.mark.parametrize("method, path, scope", [
    (method, path, scheme["apiKey"][0]) for method, path, operation in OPERATIONS
    for scheme in operation["security"] if scheme.get("apiKey")])
def test_a_key_needs_the_scope(method, path, scope, world):
    every = set(CONTRACT.document["components"]["schemas"]["Scope"]["enum"]) - {"*", scope}
    holder = world.key(world.creator(), sorted(every))
    # The scope comes before path and body: neither is looked at.
    error = expect_error(holder.request(method, re.sub(r"\{\w+\}", "no-uuid", path), content=b"{broken"),
                         403, "AUTHORIZATION_ERROR", reason="missing_scope")
    assert error["details"] == {"reason": "missing_scope", "required_scope": scope}


@pytest.mark.parametrize("method, path", [
    (method, path) for method, path, operation in OPERATIONS if {"apiKey": []} in operation["security"]])
def test_any_key_will_do_for(method, path, world):
    holder = world.key(world.starter(), ["assets:read"])
    assert holder.request(method, filled(path), content=b"{}" if method == "POST" else None
                          ).status_code in (200, 400)


# ---------------------------------------------------------- what may befall each operation alike


@with_(413)
def test_what_announces_too_much_is_413_before_credentials(method, path, server):
    """The body is never sent. Files may be longer."""
    size = 52_428_801 if "blobs" in path else 5_242_881
    link = signing.signed(method, filled(path), content_type="image/png", length=size) if "blobs" in path else filled(path)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(f"{method} {link} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
                     f"Content-Length: {size}\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("method, path, type", [
    (method, path, type) for method, path, operation in OPERATIONS if "415" in operation["responses"]
    for type in ("text/plain", "application/yaml") if type not in operation["requestBody"]["content"]])
def test_a_body_of_a_type_that_is_not_listed_is_415(method, path, type, world):
    answer = world.creator().request(method, filled(path), content=b"{broken", headers={"Content-Type": type})
    expect_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.fixture(scope="module")
def strict(database_url, tmp_path_factory):
    """A server where everybody has one request a minute."""
    server = Server(tmp_path_factory.mktemp("strict"), database_url, RATE_LIMIT_STARTER_RPM=1, RATE_LIMIT_CREATOR_RPM=1).start()
    yield server
    server.stop()


@with_(429)
def test_who_has_asked_enough_is_429(method, path, strict, world):
    ana = world.creator().at(strict)
    expect(ana.get("/v1/status"), 200)
    expect_error(ana.request(method, filled(path), content=b"{broken"), 429, "RATE_LIMIT_EXCEEDED")


@pytest.mark.parametrize("method, path", [
    (method, path) for method, path, operation in OPERATIONS if {"jwt": []} in operation["security"]])
def test_a_newcomer_with_somebody_else_s_e_mail_is_409(method, path, world):
    ana = world.creator()
    other = world.with_token(signing.token(UUID, ana.email.upper()))
    error = expect_error(other.request(method, filled(path), content=b"{broken"), 409, "CONFLICT")
    assert "details" not in error


@pytest.fixture(scope="module")
def stranded(new_database, tmp_path_factory):
    """The world of a server whose database lets nobody in."""
    server = Server(tmp_path_factory.mktemp("stranded"), new_database("stranded")).start()
    with closing(World(server)) as world:
        world.actor = world.creator()
    with closed_to_all(server.settings["DATABASE_URL"]):
        yield world
    server.stop()


@pytest.mark.parametrize("method, path", [(method, path) for method, path, operation in OPERATIONS if operation["security"]])
def test_without_a_database_it_is_503(method, path, stranded):
    callers = {"/internal/jobs/callback": {"Authorization": f"Bearer {signing.callback_token(UUID)}"},
               "/internal/render/next": stranded.worker.headers}
    body = f'{{"job_id": "{UUID}", "event": "started"}}'.encode() if method in ("POST", "PATCH") else None
    answer = stranded.server.request(method, filled(path), content=body, headers=callers.get(path, stranded.actor.headers))
    expect_error(answer, 503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", [path for method, path, _ in OPERATIONS if method == "GET" and "next" not in path])
def test_head_is_answered_as_get_is_of(path, world):
    """A stream has a test of its own."""
    ana = world.creator()
    got, head = ana.get(filled(path)), ana.request("HEAD", filled(path))
    assert head.status_code == got.status_code and head.headers["content-type"] == got.headers["content-type"]
    assert set(head.headers) == set(got.headers)
