"""framecastd admin check: each rule is broken by hand once, and found."""
import itertools
import json
from contextlib import closing
from types import SimpleNamespace

import pytest
from psycopg2 import sql

from harness.postgres import create_database, url_of
from harness.server import JWT_SECRET, migrate, run
from harness.tables import Tables, spec

NUMBERS = itertools.count(1)


def check(url, *options, **settings):
    return run("admin", "check", *options, check=False, env={"DATABASE_URL": url, "JWT_SECRET": JWT_SECRET, **settings})


def broken(url, **settings):
    """{rule: its ids} of the rules that do not hold."""
    done = check(url, "--json", **settings)
    found = json.loads(done.stdout)
    assert all(rule["failure"] is None and len(rule["ids"]) == min(rule["rows"], 3) for rule in found), done.stdout
    broken = {rule["name"]: rule["ids"] for rule in found if rule["rows"]}
    assert done.returncode == (1 if broken else 0), done.stdout
    return broken


def submitted(db, job, scene):
    lease = db.one("select leased_by from job_dispatches where job_id = %s", job)
    assert db.call("fc_scene_submit", job, lease, scene, "ref").outcome == "ok"
    return lease


def rendered(db, job, *scenes):
    """Takes a claimed job's scenes to their clips; its lease."""
    for scene in scenes:
        lease = submitted(db, job, scene)
        assert db.call("fc_scene_complete", job, lease, scene, f"clips/{job}/{scene}.mp4", 5000, 40).outcome == "ok"
    return lease


def begun(db, job):
    outcome, body = db.call("fc_dispatch_claim", "w", 60, None)
    assert (outcome, body["job_id"]) == ("ok", job)
    assert db.call("fc_job_begin", job, body["lease"]).outcome == "ok"
    return body["lease"]


def populate(db):
    """One of everything that a database at work holds."""
    ana = db.user(credits=1000)
    w = SimpleNamespace(ana=ana, sam=db.user("starter", credits=50), bob=db.user())
    w.team = db.team(owner=ana, member=w.bob)
    w.project = db.project(w.team, ana, spec("a", "b"))
    w.done = db.job(ana)
    lease = begun(db, w.done)
    rendered(db, w.done, "a", "b")
    assert db.call("fc_job_complete", w.done, lease, {"duration": 10}, 1000, 10).outcome == "ok"
    assert db.call("fc_dispatch_done", w.done, lease).outcome == "ok"
    w.failed = db.job(ana, credits=30)
    lease = begun(db, w.failed)
    rendered(db, w.failed, "a")
    assert db.call("fc_job_fail", w.failed, lease, "validation", {"code": "c", "message": "m"}, "b").outcome == "ok"
    db.call("fc_dispatch_done", w.failed, lease)
    w.retry = db.job(ana, parent=w.failed)
    begun(db, w.retry)
    submitted(db, w.retry, "b")
    w.gone = db.job(ana)
    db.call("fc_job_cancel", ana, w.gone)
    w.canceled = db.job(w.sam)
    db.call("fc_job_cancel", w.sam, w.canceled)
    assert db.call("fc_job_delete", ana, w.gone, "out").outcome == "ok"
    w.external = db.job(ana, provider="external")
    for event, members in (("started", {}), ("scene_complete", {"scene_id": "a"}), ("completed", {"output": {}})):
        assert db.callback(w.external, event, **members).outcome == "ok"
    w.queued = db.job(ana, owner=f"framecast:team:{w.team}", project=w.project)
    w.by_hand = db.insert("jobs", owner=f"framecast:user:{ana}", triggered_by=ana, status="failed", failure_type="system",
                          spec_snapshot={}, credits_charged=7, credits_refunded=7).id
    w.artifact = db.insert("artifacts", owner=f"framecast:user:{ana}", created_by=ana, kind="video", status="ready",
                           source="job", source_job_id=w.done, filename="f", s3_key="k", content_type="video/mp4",
                           size_bytes=1000).id
    db.rows("update users set ephemeral_storage_bytes = 1000 where id = %s", ana)
    w.chat = db.insert("conversations", user_id=ana, model="m", message_count=1).id
    db.insert("messages", conversation_id=w.chat, role="user", content="c", sequence=1)
    w.hook = db.insert("webhooks", team_id=w.team, created_by=ana, url="https://x.example", events="{job.queued}", secret="s").id
    w.key = db.insert("api_keys", user_id=ana, owner=f"framecast:user:{ana}", key_prefix="sk_live_", key_hash="h").id
    return w


@pytest.fixture(scope="module")
def world(worker_name):
    """What populate() made, in a database of which each test takes a copy."""
    name = f"framecast_{worker_name}_check"
    with closing(Tables(create_database(name, migrate))) as db:
        world = populate(db)
    world.name = name
    assert broken(url_of(name)) == {}
    return world


@pytest.fixture
def db(world):
    name = f"{world.name}_{next(NUMBERS)}"
    with closing(Tables(url_of("postgres"))) as admin:
        admin.rows(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(world.name)).as_string(
            admin.connection))
        with closing(Tables(url_of(name))) as db:
            yield db
        admin.rows(f"drop database {name} with (force)")


# rule: what breaks it (%(x)s: the x of the world), and what else that breaks
BREAKS = {
    "schema_in_force": ["alter table jobs disable trigger trigger_jobs_normalize_row"],
    "starter_alone": ["update users set tier = 'starter', upgraded_at = null where id = %(bob)s"],
    "team_has_owner": ["update memberships set role = 'admin' where team_id = %(team)s"],
    "membership_limits": [
        "insert into teams (name) select 'N' from generate_series(1, 10)",
        "alter table memberships disable trigger user",
        "insert into memberships (team_id, user_id, role) select id, %(ana)s, 'owner' from teams where name = 'N'",
        "alter table memberships enable trigger user"],
    "invitation_of_member": [
        "alter table invitations disable trigger user",
        "insert into invitations (team_id, invited_by, email, token)"
        " select %(team)s, %(ana)s, upper(email), 't' from users where id = %(bob)s",
        "alter table invitations enable trigger user"],
    "invitation_limit": [
        "alter table invitations disable trigger user",
        "insert into invitations (team_id, invited_by, email, token)"
        " select %(team)s, %(ana)s, 'x' || n || '@example.com', n from generate_series(1, 51) n",
        "alter table invitations enable trigger user"],
    "key_owner": [
        "insert into api_keys (user_id, owner, key_prefix, key_hash) values (%(bob)s, 'framecast:user:other', 'p', 'i')"],
    "storage_of_user": ["update users set ephemeral_storage_bytes = 1001 where id = %(ana)s"],
    "storage_of_team": ["update teams set ephemeral_storage_bytes = 1 where id = %(team)s"],
    "project_rendering": ["update projects set status = 'draft' where id = %(project)s"],
    "project_team": ["insert into teams (name) values ('N')",
                     "insert into memberships (team_id, user_id, role) select id, %(ana)s, 'owner' from teams where name = 'N'",
                     "update projects set team_id = (select id from teams where name = 'N') where id = %(project)s"],
    "job_times": ["update jobs set completed_at = started_at - interval '1 s' where id = %(done)s"],
    "job_limits": [
        "insert into jobs (owner, triggered_by, spec_snapshot)"
        " select 'framecast:user:' || %(bob)s, %(bob)s, '{}' from generate_series(1, 6)",
        "insert into job_dispatches (job_id, provider) select id, 'external' from jobs where triggered_by = %(bob)s",
        "insert into job_events (job_id, sequence, event_type) select id, 1, 'queued' from jobs where triggered_by = %(bob)s"],
    "job_parent": ["update jobs set parent_job_id = %(done)s where id = %(retry)s"],
    "job_refund": ["update jobs set credits_refunded = 1 where id = %(done)s"],
    "job_percent": ["update jobs set progress = progress || '{\"percent\": 99}' where id = %(done)s"],
    "job_text": ["update job_texts set head = replace(head, 'completed', 'queued') where job_id = %(done)s"],
    "job_overdue": ["update jobs set created_at = now() - interval '2 hours', started_at = now() - interval '1 hour'"
                    " where id = %(retry)s"],
    "usage_used": ["update usage set credits_used = credits_used + 1 where owner = 'framecast:team:' || %(team)s"],
    "usage_refunded": ["update usage set credits_refunded = 0 where owner = 'framecast:user:' || %(sam)s"],
    "usage_renders": ["update usage set renders_count = 1 where owner = 'framecast:user:' || %(ana)s"],
    "event_numbers": ["delete from job_events where job_id = %(done)s and sequence = 3", "scene_reported"],
    "event_first": ["delete from job_events where job_id = %(retry)s and sequence = 1"],
    "event_once": ["insert into job_events (job_id, event_type) values (%(retry)s, 'started')"],
    "event_last": ["insert into job_events (job_id, event_type) values (%(done)s, 'completed')"],
    "scene_numbers": ["update render_scenes set position = 5 where job_id = %(retry)s and scene_id = 'b'"],
    "scene_state": ["update render_scenes set status = 'pending' where job_id = %(failed)s and scene_id = 'b'"],
    "scene_attempt": ["update render_scenes set attempt = 0 where job_id = %(retry)s and scene_id = 'b'"],
    "scene_clip": ["update render_scenes set clip_key = null where job_id = %(done)s and scene_id = 'b'"],
    "scene_provider": ["update render_scenes set provider = 'runpod' where job_id = %(queued)s and scene_id = 'b'"],
    "scene_once": ["insert into job_events (job_id, event_type, payload) values"
                   " (%(external)s, 'scene_complete', '{\"scene_id\": \"a\"}')", "event_last"],
    "scene_reported": ["insert into job_events (job_id, event_type, payload) values"
                       " (%(retry)s, 'scene_complete', '{\"scene_id\": \"b\"}')"],
    "scene_count": ["update jobs set progress = progress || '{\"scenes_completed\": 2}' where id = %(retry)s"],
    "dispatch_there": ["delete from job_dispatches where job_id = %(canceled)s"],
    "dispatch_open": ["update job_dispatches set done_at = now() where job_id = %(queued)s"],
    "dispatch_closed": ["update job_dispatches set done_at = null where job_id = %(done)s",
                        "update jobs set created_at = now() - interval '3 hours', started_at = now() - interval '3 hours',"
                        " completed_at = now() - interval '2 hours' where id = %(done)s"],
    "lease_held": ["update job_dispatches set lease_expires_at = null where job_id = %(retry)s"],
    "lease_length": ["update job_dispatches set lease_expires_at = now() + interval '1 day' where job_id = %(retry)s"],
    "artifact_of_job": ["update artifacts set status = 'pending' where id = %(artifact)s", "storage_of_user"],
    "message_count": ["update conversations set message_count = 2 where id = %(chat)s"],
    "delivery_state": ["insert into webhook_deliveries (webhook_id, event_type, payload, status)"
                       " values (%(hook)s, 'job.queued', '{}', 'retrying')"],
}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_rule_that_is_broken_by_hand_is_found(rule, world, db):
    steps = [step for step in BREAKS[rule] if " " in step]
    also = [step for step in BREAKS[rule] if " " not in step]
    for step in steps:
        with db.connection.cursor() as cursor:
            cursor.execute(step, {name: str(value) for name, value in vars(world).items()})
    assert set(broken(db.url)) == {rule, *also}


def test_every_rule_is_broken_once(world):
    rules = [rule["name"] for rule in json.loads(check(url_of(world.name), "--json").stdout)]
    assert rules == list(BREAKS)


def test_the_table_names_the_first_three_that_break_a_rule(world, db):
    db.rows("update users set ephemeral_storage_bytes = 5")
    done = check(db.url)
    [line] = [line for line in done.stdout.splitlines() if not line.startswith("ok ")][:1]
    assert line.split()[:3] == ["3", "rows", "storage_of_user"] and line.count(", ") == 2
    assert all(str(id) in line for id in (world.ana, world.sam, world.bob))
    assert done.stdout.splitlines()[-1] == f"{len(BREAKS) - 1} of {len(BREAKS)} rules hold"


def test_emptied_tables_and_rows_made_by_hand_break_nothing(db):
    db.rows("truncate jobs, artifacts, conversations cascade")
    db.rows("update projects set status = 'draft'")
    db.rows("update users set ephemeral_storage_bytes = 0")
    assert broken(db.url) == {}


def test_a_database_of_another_schema_is_not_judged(db):
    db.rows("delete from schema_migrations where number = 7")
    done = check(db.url)
    assert (done.returncode, done.stdout) == (1, "") and "framecastd migrate status" in done.stderr
