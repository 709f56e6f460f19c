"""Users, teams, keys and job rows, and the actors that call the API."""
import json
import time
import uuid

import psycopg2.extensions
import psycopg2.extras

from harness.check import expect
from harness.events import EventStream
from harness.postgres import connect
from harness import signing

# Ids are text here, as they are in JSON.
UUID = psycopg2.extensions.new_type((2950,), "UUID", lambda value, _: value)
ROLES = ("owner", "admin", "member", "viewer")


class Actor:
    """Somebody who sends requests. Every answer is held against the API reference."""

    def __init__(self, world, headers, id=None, email=None):
        self.world, self.headers, self.id, self.email = world, headers, id, email
        self.urn = f"framecast:user:{id}"

    def at(self, server):
        """The same actor, calling another server."""
        other = Actor(self.world, self.headers, self.id, self.email)
        other.server = server
        return other

    @property
    def server(self):
        return self.__dict__.get("_server") or self.world.server

    @server.setter
    def server(self, server):
        self._server = server

    def request(self, method, path, headers=None, **how):
        return self.server.request(method, path, headers={**self.headers, **(headers or {})}, **how)

    def get(self, path, **how):
        return self.request("GET", path, **how)

    def post(self, path, json=None, **how):
        return self.request("POST", path, **({**how, "json": json} if json is not None else how))

    def put(self, path, **how):
        return self.request("PUT", path, **how)

    def patch(self, path, json=None, **how):
        return self.request("PATCH", path, **({**how, "json": json} if json is not None else how))

    def delete(self, path, **how):
        return self.request("DELETE", path, **how)

    def events(self, job_id, headers=None, **how):
        return EventStream(self.server, f"/v1/jobs/{job_id}/events",
                           {**self.headers, **(headers or {})}, **how)

    def generates(self, spec, **members):
        """A new job, through the API."""
        return expect(self.post("/v1/generate", {"spec": spec, **members}), 201)

    def job(self, job_id):
        return expect(self.get(f"/v1/jobs/{job_id}"), 200)

    @property
    def credits(self):
        return self.world.one("select credits from users where id = %s", self.id)


class Team:
    def __init__(self, world, id):
        self.world, self.id, self.urn = world, id, f"framecast:team:{id}"

    def urn_of(self, actor):
        return f"framecast:{self.id}:{actor.id}"

    @property
    def credits(self):
        return self.world.one("select credits from teams where id = %s", self.id)


class World:
    def __init__(self, server):
        self.server = server
        self.connection = connect(server.settings["DATABASE_URL"])
        psycopg2.extensions.register_type(UUID, self.connection)
        self.nobody = Actor(self, {})
        self.worker = Actor(self, {"Authorization": f"Bearer {server.settings.get('RENDER_WORKER_KEY')}"})

    def close(self):
        self.connection.close()

    # ------------------------------------------------------------------------------------- SQL

    def rows(self, statement, *values):
        with self.connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(statement, values or None)
            return [dict(row) for row in cursor.fetchall()] if cursor.description is not None else []

    def row(self, statement, *values):
        found = self.rows(statement, *values)
        assert len(found) == 1, f"{len(found)} rows: {statement}"
        return found[0]

    def one(self, statement, *values):
        return next(iter(self.row(statement, *values).values()))

    def insert(self, table, **columns):
        values = [psycopg2.extras.Json(value) if isinstance(value, (dict, list)) else value
                  for value in columns.values()]
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        return self.row(f"insert into {table} ({names}) values ({marks}) returning *", *values)

    # ---------------------------------------------------------------------------------- people

    def newcomer(self, name="ana", **claims):
        """Somebody with a JWT whom the server does not know yet."""
        id = str(uuid.uuid4())
        email = f"{name}-{id[:8]}@example.com"
        return self.with_token(signing.token(id, email, **claims), id, email)

    def with_token(self, token, id=None, email=None):
        return Actor(self, {"Authorization": f"Bearer {token}"}, id, email)

    def starter(self, name="sam", credits=1000):
        return self._user(name, credits, "starter")

    def creator(self, name="ana", credits=1000):
        return self._user(name, credits, "creator")

    def _user(self, name, credits, tier):
        actor = self.newcomer(name)
        upgraded = "now()" if tier == "creator" else "null"
        self.rows(f"insert into users (id, email, tier, credits, upgraded_at) values (%s, %s, %s, %s, {upgraded})",
                  actor.id, actor.email, tier, credits)
        return actor

    def team(self, credits=1000, **members):
        """team(owner=ana, viewer=[bob, eve])"""
        team = Team(self, self.insert("teams", name="Blue", credits=credits)["id"])
        for role in ROLES:
            people = members.get(role, [])
            for actor in people if isinstance(people, list) else [people]:
                self.insert("memberships", team_id=team.id, user_id=actor.id, role=role)
        return team

    def key(self, actor, scopes=("*",), raw=None, **columns):
        """An actor that calls with an API key of the given one; the row is inserted as another tool would."""
        raw = raw or signing.raw_key()
        columns = {"owner": actor.urn, "key_hash": signing.key_hash(raw),
                   "key_hash_prefix": signing.key_hash_prefix(raw), **columns}
        row = self.insert("api_keys", user_id=actor.id, key_prefix="sk_live_", scopes=list(scopes), **columns)
        holder = Actor(self, {"Authorization": f"Bearer {raw}"}, actor.id, actor.email)
        holder.raw, holder.key_id = raw, row["id"]
        return holder

    # ------------------------------------------------------------------------------------ jobs

    def job_row(self, actor, status="queued", **columns):
        """A job inserted by hand, without scenes and without a dispatch row."""
        columns = {"owner": actor.urn, "spec_snapshot": {"title": "T", "scenes": []}, **columns}
        if status in ("failed", "canceled"):
            columns = {"failure_type": "system" if status == "failed" else "canceled", **columns}
        return self.insert("jobs", triggered_by=actor.id, status=status, **columns)

    def report(self, job_id, event, token=None, server=None, **members):
        """A worker's callback."""
        token = signing.callback_token(job_id) if token is None else token
        body = json.dumps({"job_id": job_id, "event": event, **members})
        return (server or self.server).request(
            "POST", "/internal/jobs/callback", content=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})

    def finish(self, job_id, output=None, **members):
        """Takes a job of an external worker to its success."""
        expect(self.report(job_id, "started"), 200)
        return expect(self.report(job_id, "completed", output=output or {"duration": 5}, **members), 200)

    def fail(self, job_id, failure_type="system", percent=None):
        expect(self.report(job_id, "started"), 200)
        if percent is not None:
            expect(self.report(job_id, "progress", progress_percent=percent), 200)
        return expect(self.report(job_id, "failed", failure_type=failure_type,
                                  error={"code": "broken", "message": "It broke"}), 200)

    def sequence(self, job_id):
        """The types of the job's events, whose numbers have no gap."""
        events = self.rows("select sequence, event_type from job_events where job_id = %s order by 1", job_id)
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1)), events
        return [event["event_type"] for event in events]

    def usage(self, urn):
        """This month's row of the owner, without what other requests count."""
        period = time.strftime("%Y-%m", time.gmtime())
        found = self.rows("select renders_count, render_seconds, credits_used, credits_refunded from usage "
                          "where owner = %s and period = %s", urn, period)
        return found[0] if found else dict.fromkeys(
            ("renders_count", "render_seconds", "credits_used", "credits_refunded"), 0)
