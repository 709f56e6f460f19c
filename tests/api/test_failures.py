"""A database that refuses for a reason nobody has thought of: each route says 500, and keeps the reason to itself."""
import uuid
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from harness import WELCOME, expect, storyboard
from harness.postgres import connect
from harness.server import Server, run
from harness.signing import callback_token

ID = "3f0e1d2c-4b5a-4697-8877-66554433221f"
ASSET = "sha256-" + "0" * 64
READ_NO_TABLE = {"GET /", "GET /health", "GET /ready", "GET /metrics", "GET /v1/blobs/{bucket}/{key...}",
                 "PUT /v1/blobs/{bucket}/{key...}"}
TAKE_KEYS = ("/v1/jobs", "/v1/generate", "/v1/spec")
BODIES = {
    "PATCH /v1/account": {"name": "Ana"},
    "POST /v1/auth/keys": {"name": "a key", "scopes": ["*"]},
    "PATCH /v1/auth/keys/{key_id}": {"name": "another name"},
    "POST /v1/spec/validate": {"spec": storyboard(1)},
    "POST /v1/spec/estimate": {"spec": storyboard(1)},
    "POST /v1/generate": {"spec": WELCOME},
    "POST /v1/jobs/{job_id}/clone": {},
    "POST /v1/jobs/{job_id}/retry": {},
    "POST /internal/jobs/callback": {"job_id": ID, "event": "started"},
}
ROUTES = [line for line in run("routes", env={}).stdout.splitlines() if line and line not in READ_NO_TABLE]


@pytest.fixture(scope="module")
def database(new_database):
    """As an operator has it who gives the server a role of its own: the database, and its URL for that role."""
    url = new_database("failures")
    role = urlsplit(url).path[1:]
    with closing(connect(url)) as admin, admin.cursor() as cursor:
        cursor.execute(f"drop role if exists {role}")
        cursor.execute(f"create role {role} login")
        for things in ("tables", "sequences", "functions"):
            cursor.execute(f"grant all on all {things} in schema public to {role}")
        yield url, url.replace("//postgres@", f"//{role}@")
        cursor.execute(f"drop owned by {role}")
        cursor.execute(f"drop role {role}")


@pytest.fixture(scope="module")
def server(database, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), database[1]).start()
    yield server
    server.stop()


@pytest.fixture
def broken(database, world):
    """The role has lost the right to read what every statement reads."""
    ana = world.creator()
    holder = world.key(ana)
    expect(ana.get("/v1/account"), 200)
    expect(holder.get("/v1/jobs"), 200)
    tables = "users, api_keys, jobs, job_dispatches, system_assets"
    with closing(connect(database[0])) as admin, admin.cursor() as cursor:
        cursor.execute(f"revoke all on {tables} from public, {urlsplit(database[1]).username}")
        yield ana, holder
        cursor.execute(f"grant all on {tables} to {urlsplit(database[1]).username}")


def ask(actor, route, headers):
    method, path = route.split()
    path = path.replace("{job_id}", ID).replace("{key_id}", ID).replace("{asset}", ASSET)
    return actor.request(method, path, json=BODIES.get(route), headers=headers)


@pytest.mark.parametrize("route", ROUTES)
def test_a_failure_is_told_but_not_its_reason(world, broken, server, route):
    ana, holder = broken
    if route.startswith("POST /internal"):
        askers = [world.with_token(callback_token(ID))]
    elif route.startswith("GET /internal"):
        askers = [world.worker]
    else:
        askers = [ana] + [holder] * any(part in route for part in TAKE_KEYS)
    for asker in askers:
        id = str(uuid.uuid4())
        error = expect(ask(asker, route, {"X-Request-Id": id}), 500)["error"]
        assert error["request_id"] == id
        assert "denied" not in str(error) and "users" not in str(error), error
        reasons = [line for line in server.lines(settled=True) if line.get("request_id") == id and "permission denied" in line.get("error", "")]
        assert reasons, f"the log says why {route} failed"
