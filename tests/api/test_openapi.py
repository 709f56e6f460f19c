"""The API reference itself: it is sound, and the server's routes are the ones it lists."""
import re

import pytest
from jsonschema import Draft202012Validator

from harness import expect_error
from harness.contract import CONTRACT
from harness.server import run

OPERATIONS = list(CONTRACT.operations())
PATHS = list(CONTRACT.document["paths"])
UUID = "3f0e1d2c-4b5a-4697-8877-66554433221f"


def filled(path):
    """The path with a value for every parameter; ids unless something else is known."""
    known = {"asset": "asset_sfx_whoosh", "bucket": "framecast-outputs", "key": "user/x.png"}
    return re.sub(r"\{(\w+)\}", lambda name: known.get(name[1], UUID), path)


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
            assert CONTRACT._resolver.resolve(node["$ref"]), where


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


def test_the_server_has_exactly_these_routes():
    # A line each: method, path, and what else there is to say.
    routes = {tuple(line.split()[:2]) for line in run("routes", env={}).stdout.splitlines() if line.startswith(
        ("GET", "PUT", "POST", "PATCH", "DELETE"))}
    plain = {(method, re.sub(r"\{\w+(\.\.\.)?\}", "{}", path)) for method, path in routes}
    assert plain == {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in OPERATIONS}


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
