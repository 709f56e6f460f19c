"""The database without a server: rows made by hand, functions called directly."""
import json
import uuid
from contextlib import closing

import psycopg2.extras

from harness.postgres import connect

psycopg2.extras.register_uuid()


class Outcome(tuple):
    """(outcome, body), the body read as JSON."""

    outcome = property(lambda self: self[0])
    body = property(lambda self: self[1])


def spec(*scenes, **members):
    return {"title": "T", "scenes": [{"id": id, "prompt": "p", "duration": 5} for id in scenes], **members}


def as_argument(value):
    return json.dumps(value) if isinstance(value, (dict, list)) and not is_array(value) else value


def is_array(value):
    return isinstance(value, list) and value and all(isinstance(item, str) for item in value)


class Tables:
    """One connection; every statement is a transaction of its own unless begin() was called."""

    def __init__(self, url):
        self.url = url
        self.connection = connect(url)
        self.connection.cursor_factory = psycopg2.extras.NamedTupleCursor

    def close(self):
        self.connection.close()

    def another(self):
        return closing(Tables(self.url))

    def begin(self):
        self.connection.autocommit = False

    def commit(self):
        self.connection.commit()
        self.connection.autocommit = True

    def rows(self, text, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description is not None else []

    def row(self, text, *values):
        return self.rows(text, *values)[0]

    def one(self, text, *values):
        return self.row(text, *values)[0]

    def call(self, function, *values):
        """The outcome of a function of the database; None for no row."""
        marks = ", ".join(["%s"] * len(values))
        found = self.rows(f"select outcome, body from {function}({marks})", *map(as_argument, values))
        if not found:
            return None
        return Outcome((found[0].outcome, json.loads(found[0].body) if found[0].body else None))

    def insert(self, table, **columns):
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        values = [json.dumps(v) if isinstance(v, dict) else v for v in columns.values()]
        return self.row(f"insert into {table} ({names}) values ({marks}) returning *", *values)

    def user(self, tier="creator", credits=1000):
        id = uuid.uuid4()
        self.rows("insert into users (id, email, tier, credits, upgraded_at) values (%s, %s, %s, %s,"
                  " case when %s = 'creator' then now() end)", id, f"{id}@example.com", tier, credits, tier)
        return id

    def team(self, credits=1000, **members):
        """team(owner=ana, viewer=bob)"""
        id = self.insert("teams", name="T", credits=credits).id
        for role, user in members.items():
            self.insert("memberships", team_id=id, user_id=user, role=role)
        return id

    def project(self, team, user, spec=None, **columns):
        return self.insert("projects", team_id=team, created_by=user, name="P", spec=spec, **columns).id

    def create(self, user, owner=None, scenes=("a", "b"), credits=40, provider="animatic", options=None,
               spec_valid=True, document=None, key=None, max_credits=None, assets=None, project=None,
               parent=None, artifact=None, seed=7):
        """fc_job_create as the server calls it."""
        document = document or spec(*scenes)
        return self.call(
            "fc_job_create", user, owner or f"framecast:user:{user}", json.dumps(document), options or {},
            credits, [{"scene_id": id} for id in scenes] or "[]", provider, seed, key, max_credits, assets,
            spec_valid, project, parent, artifact)

    def job(self, user, **how):
        """The id of a new job."""
        outcome, body = self.create(user, **how)
        assert outcome == "ok", (outcome, body)
        return body["id"]

    def callback(self, job, event, **members):
        """A report of an external worker."""
        return self.call("fc_job_callback", job, event, members, "out")

    def events(self, job):
        return [(e.event_type, e.payload) for e in self.rows(
            "select event_type, payload from job_events where job_id = %s order by sequence", job)]

    def scenes(self, job):
        return {s.scene_id: s for s in self.rows(
            "select * from render_scenes where job_id = %s order by position", job)}

    def status(self, job):
        return self.one("select status from jobs where id = %s", job)

    def credits(self, id):
        return self.one("select credits from users where id = %s"
                        " union all select credits from teams where id = %s", id, id)
