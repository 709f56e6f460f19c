"""What an older version left in the database is as good as new once `framecastd migrate` has run."""
import hashlib
import json
from contextlib import closing

import pytest
from psycopg2 import sql

from harness import expect
from harness.ends import ENDS, begun, finish, kept
from harness.postgres import ROOT, connect, url_of
from harness.server import JWT_SECRET, migrate, run
from harness.signing import token
from harness.tables import Tables

MIGRATIONS = sorted((ROOT / "db" / "migrations").glob("*.sql"))
# Those behind which a version's data had another form: no texts, in one piece, in two, with far owners.
LAST_OF_AN_OLDER_VERSION = [51, 53, 54, 56]


@pytest.fixture
def older(request, worker_name):
    """The URL of a database that has the migrations up to a number, as the program records them."""
    name = f"framecast_{worker_name}_older"
    with closing(connect(url_of("postgres"))) as admin, admin.cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    with closing(connect(url_of(name))) as connection, connection.cursor() as cursor:
        cursor.execute("create table schema_migrations (number integer primary key, name text not null, checksum text not null,"
                       " applied_at timestamptz not null default now())")
        for path in MIGRATIONS:
            number, _, rest = path.stem.partition("_")
            if int(number) <= request.param:
                cursor.execute(path.read_text())
                cursor.execute("insert into schema_migrations values (%s, %s, %s)",
                               [int(number), rest, hashlib.sha256(path.read_bytes()).hexdigest()])
    return url_of(name)


@pytest.mark.parametrize("older", LAST_OF_AN_OLDER_VERSION, indirect=True)
def test_the_jobs_of_an_older_version_are_read_and_go_on(older, start_server):
    with closing(Tables(older)) as db:
        ended = [end(db) for end in ENDS for _ in range(3)]
        active, waiting = begun(db, provider="external"), db.job(db.user(), provider="external")
        statuses = {job: db.status(job) for job in [*ended, active, waiting]}
        scenes = {job: set(db.scenes(job)) for job in statuses}

        migrate(older)
        assert all(kept(db, job) for job in ended)
        assert not kept(db, active) and not kept(db, waiting)

        server = start_server(older)
        for job, status in statuses.items():
            user = db.one("select triggered_by from jobs where id = %s", job)
            bearer = {"Authorization": f"Bearer {token(user, f'{user}@example.com')}"}
            found = expect(server.request("GET", f"/v1/jobs/{job}", headers=bearer), 200)
            assert (found["status"], {scene["scene_id"] for scene in found["scenes"]}) == (status, scenes[job])
            assert job in [each["id"] for each in expect(server.request("GET", "/v1/jobs", headers=bearer), 200)]

        finish(db, active)
        assert kept(db, active)
        checked = run("admin", "check", "--json", check=False, env={"DATABASE_URL": older, "JWT_SECRET": JWT_SECRET})
        assert [rule for rule in json.loads(checked.stdout) if rule["rows"] or rule["failure"]] == []
