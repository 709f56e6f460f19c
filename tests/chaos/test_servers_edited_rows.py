"""Somebody edited rows by hand: the job that has them fails clearly, the server goes on."""
from contextlib import contextmanager

import pytest

from company import Company
from harness import SMALL, expect, signing, storyboard, until
from world import PATIENCE, TERMINAL


@pytest.fixture(scope="module")
def company(new_database, tmp_path_factory):
    with Company(tmp_path_factory.mktemp("company"), new_database("edited"), n=1, RENDER_WORKERS=1,
                 RENDER_LEASE_SECONDS=30) as company:
        company.world.rows("""
            create function held_back() returns trigger language plpgsql as
                $$ begin new.next_attempt_at := 'infinity'; return new; end $$;
            create trigger held_back before insert on job_dispatches for each row execute function held_back()""")
        yield company


@pytest.fixture
def world(company):
    return company.world


@contextmanager
def no_rules(world):
    """Without the triggers and checks that would refuse it, as a superuser may."""
    world.rows("set session_replication_role = replica")
    try:
        yield
    finally:
        world.rows("set session_replication_role = default")


# What is done to the job :job before it is picked up.
BROKEN = {
    "the spec is a number": "update jobs set spec_snapshot = '7' where id = %s",
    "the spec is a text": "update jobs set spec_snapshot = '\"x\"' where id = %s",
    "the spec is an array": "update jobs set spec_snapshot = '[1]' where id = %s",
    "the spec is null": "update jobs set spec_snapshot = 'null' where id = %s",
    "the spec has other scenes": """update jobs set spec_snapshot =
        '{"title": "T", "scenes": [{"id": "x", "prompt": "p", "duration": 1}]}' where id = %s""",
    "the spec has scenes without length": """update jobs set spec_snapshot =
        '{"title": "T", "scenes": [{"id": "s0"}, {"id": "s1"}]}' where id = %s""",
    "the scenes are numbers": "update jobs set spec_snapshot = '{\"scenes\": [1, 2]}' where id = %s",
    "the spec is an empty object": "update jobs set spec_snapshot = '{}' where id = %s",
    "the options are nonsense": "update jobs set options = '{\"resolution\": [7], \"fps\": \"x\"}' where id = %s",
    "the options are a number": "update jobs set options = '7' where id = %s",
    "the progress is a text": "update jobs set progress = '\"half\"' where id = %s",
    "the progress is a number": "update jobs set progress = '3' where id = %s",
    "the progress is an array": "update jobs set progress = '[1, 2]' where id = %s",
    "the percent is a text": "update jobs set progress = '{\"percent\": \"x\", \"scenes_total\": []}' where id = %s",
    "the percent is huge": "update jobs set progress = '{\"percent\": 1e300}' where id = %s",
    "a scene is missing": "delete from render_scenes where job_id = %s and position = 1",
    "all scenes are missing": "delete from render_scenes where job_id = %s",
    "a scene has another name": "update render_scenes set scene_id = 'x' where job_id = %s and position = 1",
    "a scene has an id with a path": "update render_scenes set scene_id = '../x' where job_id = %s and position = 1",
    "a scene has failed already":
        "update render_scenes set status = 'failed', error = '{}' where job_id = %s and position = 1",
    "a scene is completed without a clip":
        "update render_scenes set status = 'completed', completed_at = now() where job_id = %s and position = 1",
    "a scene's clip is not there": "update render_scenes set status = 'completed', completed_at = now(), attempt = 1, "
                                   "clip_key = 'user/x/no.mp4' where job_id = %s and position = 1",
    "a scene's clip lies elsewhere": "update render_scenes set status = 'completed', completed_at = now(), attempt = 1, "
                                     "clip_key = '../../etc/passwd' where job_id = %s and position = 1",
    "nobody knows the provider": "alter table job_dispatches drop constraint if exists job_dispatches_provider_known; "
                                 "update job_dispatches set provider = 'pigeon' where job_id = %s",
    "another server's provider": "update job_dispatches set provider = 'runpod' where job_id = %s",
    "an event is missing": "update job_events set sequence = 9223372036854775000 where job_id = %s",
}
# After these the film can be made all the same, or must be.
HARMLESS = {"the progress is a text", "the progress is a number", "the progress is an array", "the percent is a text",
            "the percent is huge", "an event is missing"}


def over(world, job):
    def is_over():
        row = world.row("select status, error, credits_refunded = credits_charged as refunded from jobs where id = %s",
                        job["id"])
        return row["status"] in TERMINAL and row

    return until(is_over, lambda: "the job is over: " + str(world.rows(
        "select status, attempts, last_error from jobs j join job_dispatches d on d.job_id = j.id where j.id = %s",
        job["id"])), seconds=PATIENCE)


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_job_fails_clearly_and_alone(company, world, what):
    ana, bob = world.creator(), world.creator("bob")
    job, sound = ana.generates(storyboard(1, 1), options=SMALL), bob.generates(storyboard(1), options=SMALL)
    with no_rules(world):
        world.rows(BROKEN[what], job["id"])
    world.rows("update job_dispatches set next_attempt_at = now() where next_attempt_at = 'infinity'")
    company.ends(sound)
    row = over(world, job)
    if what not in HARMLESS:
        assert row["status"] == "failed" and row["refunded"], row
        assert row["error"]["code"] in ("invalid_spec", "render_failed", "stitch_failed", "dispatch_failed",
                                        "internal_error"), row
        assert row["error"]["message"] and "/" not in row["error"]["message"], row
        assert ana.credits == 1000
    until(company.settled, "every run is closed", seconds=PATIENCE)
    assert world.rows("select event_type from job_events where job_id = %s order by sequence desc limit 1",
                      job["id"]) == [{"event_type": row["status"]}]
    expect(ana.server.client.get("/v1/jobs", headers=ana.headers), 200)
    expect(ana.server.client.get(f"/v1/jobs/{job['id']}", headers=ana.headers), 200)
    world.rows("delete from jobs where id = %s", job["id"])


@pytest.mark.parametrize("column", ["spec_snapshot", "options", "progress", "output", "error"])
@pytest.mark.parametrize("value", ["7", '"x"', "[1]", "null", '{"scenes": 7, "symbols": [], "reference_images": {}}'])
def test_no_request_about_a_broken_job_harms_the_server(company, world, column, value):
    ana = world.creator()
    job = world.job_row(ana, "failed", error={"code": "x", "message": "x"})
    with no_rules(world):
        world.rows(f"update jobs set {column} = %s where id = %s", value, job["id"])
    client, path = company.servers[0].client, f"/v1/jobs/{job['id']}"
    for method, path in [("GET", path), ("GET", "/v1/jobs"), ("POST", path + "/retry"), ("POST", path + "/clone"),
                         ("POST", path + "/cancel"), ("DELETE", path)]:
        answer = client.request(method, path, headers=ana.headers)
        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
    world.rows("update job_dispatches set next_attempt_at = now() where next_attempt_at = 'infinity'")
    until(company.settled, "what was retried is over", seconds=PATIENCE)


def test_one_broken_job_keeps_no_other_from_timing_out(new_database, tmp_path):
    """Overdue jobs are ended together: the one that cannot be must not hold the others up."""
    with Company(tmp_path, new_database("overdue"), n=1, RENDER_PROVIDER="external", JOB_QUEUE_TIMEOUT_SECONDS=2) as company:
        world = company.world
        people = [world.creator(f"u{i}") for i in range(6)]
        jobs = [who.generates(storyboard(1, 1)) for who in people]
        with no_rules(world):
            for job, progress in zip(jobs, ("7", '"x"', "[1]", '{"percent": 1e300}', "null")):
                world.rows("update jobs set progress = %s where id = %s", progress, job["id"])
        for job in jobs:
            assert over(world, job)["error"]["code"] == "queue_timeout"
        assert [who.credits for who in people] == [1000] * 6


def test_a_job_that_cannot_be_ended_keeps_no_other_from_its_end(new_database, tmp_path):
    with Company(tmp_path, new_database("stuck"), n=1, RENDER_PROVIDER="external", JOB_QUEUE_TIMEOUT_SECONDS=2) as company:
        world = company.world
        ana, bob = world.creator(), world.creator("bob")
        stuck, sound = ana.generates(storyboard(1)), bob.generates(storyboard(1))
        world.rows("alter table jobs add constraint stuck check (id <> '%s' or status = 'queued')" % stuck["id"])
        assert over(world, sound)["error"]["code"] == "queue_timeout"
        world.rows("alter table jobs drop constraint stuck")
        assert over(world, stuck)["error"]["code"] == "queue_timeout"


@pytest.fixture(scope="module")
def outside(new_database, tmp_path_factory):
    with Company(tmp_path_factory.mktemp("outside"), new_database("outside"), n=1, RENDER_PROVIDER="external") as company:
        yield company


@pytest.mark.parametrize("what", [what for what in BROKEN if "provider" not in what])
def test_a_broken_job_can_be_handed_out_and_reported(outside, what):
    """The worker may find that it can do nothing with it; the server does not fall over it."""
    world = outside.world
    ana = world.creator()
    job = ana.generates(storyboard(1, 1))
    with no_rules(world):
        world.rows(BROKEN[what], job["id"])
    client = outside.servers[0].client
    answer = client.get("/internal/render/next", headers=world.worker.headers)
    assert answer.status_code in (200, 204), answer.text
    token = {"Authorization": f"Bearer {signing.callback_token(job['id'])}"}
    for event, more in [("started", {}), ("progress", {"progress_percent": 5, "current_scene": "s0"}),
                        ("scene_complete", {"scene_id": "s0", "url": "s3://x/y"}), ("completed", {"output": {}})]:
        answer = client.post("/internal/jobs/callback", headers=token, json={"job_id": job["id"], "event": event, **more})
        assert answer.status_code < 500, f"{event}: {answer.text}"
    world.rows("update job_dispatches set done_at = now()")
