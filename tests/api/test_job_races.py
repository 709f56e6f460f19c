"""Jobs under simultaneous calls: what row locks must decide, and who hears of it."""
import concurrent.futures
import threading
import uuid

from harness import until
from harness.tables import spec


def at_once(db, *calls):
    """Runs the calls on connections of their own, let go together."""
    gate = threading.Barrier(len(calls))

    def run(call):
        with db.another() as own:
            gate.wait(30)
            return call(own)

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_parallel_creations_never_overdraw_or_exceed_the_limit(db):
    for credits, made in ((120, 3), (1000, 5)):
        ana = db.user(credits=credits)
        outcomes = [o.outcome for o in at_once(db, *[lambda own: own.create(ana)] * 8)]
        assert outcomes.count("ok") == made
        assert set(outcomes) - {"ok"} == {"insufficient_credits" if credits == 120 else "concurrency_limit"}
        assert db.credits(ana) == credits - 40 * made


def test_parallel_creations_with_one_key_make_one_job(db):
    ana = db.user("starter")
    outcomes = at_once(db, *[lambda own: own.create(ana, key="k")] * 6)
    assert sorted(o.outcome for o in outcomes) == ["ok"] + ["replay"] * 5
    assert len({o.body["id"] for o in outcomes}) == 1 and db.credits(ana) == 960


def test_one_key_with_two_owners_makes_one_job(db):
    ana = db.user()
    teams = [f"framecast:team:{db.team(owner=ana)}" for _ in range(4)]
    outcomes = at_once(db, *[lambda own, t=t: own.create(ana, owner=t, key="k") for t in teams])
    assert sorted(o.outcome for o in outcomes) == ["ok"] + ["replay"] * 3
    assert len({o.body["id"] for o in outcomes}) == 1


def test_a_project_gets_one_of_two_simultaneous_jobs(db):
    ana = db.user()
    team = db.team(owner=ana)
    project = db.project(team, ana, spec("a", "b"))
    outcomes = at_once(db, *[lambda own: own.create(ana, f"framecast:team:{team}", project=project)] * 4)
    assert sorted(o.outcome for o in outcomes) == ["ok"] + ["project_has_active_job"] * 3


def test_cancel_and_completion_have_one_winner(db):
    for _ in range(5):
        ana = db.user(credits=40)
        job = db.job(ana, provider="external")
        db.callback(job, "started")
        canceled, completed = at_once(db, lambda own: own.call("fc_job_cancel", ana, job),
                                      lambda own: own.callback(job, "completed"))
        assert sorted([canceled.outcome, completed.outcome]) in (
            ["job_is_terminal", "ok"], ["illegal_transition", "ok"])
        assert db.credits(ana) == (36 if canceled.outcome == "ok" else 0)
        assert [name for name, _ in db.events(job)][2:] == [
            "canceled" if canceled.outcome == "ok" else "completed"]


def test_each_due_job_is_claimed_once(db):
    ana = db.user()
    db.rows("update job_dispatches set done_at = now() where done_at is null")
    jobs = [db.job(ana, provider="runpod") for _ in range(4)]
    claims = at_once(db, *[lambda own: own.call("fc_dispatch_claim", "w", 60, ["runpod"])] * 4)
    taken = [c.body["job_id"] for c in claims if c]
    assert len(taken) == len(set(taken))
    while claim := db.call("fc_dispatch_claim", "w", 60, ["runpod"]):
        taken.append(claim.body["job_id"])
    assert sorted(taken) == sorted(jobs)


def test_two_sweeps_refund_once(db):
    ana, bob = db.user(credits=40), db.user(credits=40)
    team = db.team(owner=ana)
    for user, owner in ((ana, None), (bob, None), (ana, f"framecast:team:{team}")):
        job = db.job(user, owner=owner)
        db.rows("update jobs set created_at = now() - interval '2 days' where id = %s", job)
    at_once(db, *[lambda own: own.rows("select fc_jobs_sweep(3600000, 7200, 100)")] * 4)
    assert (db.credits(ana), db.credits(bob), db.credits(team)) == (40, 40, 1000)


def test_a_clip_that_two_jobs_share_goes_with_the_last_of_them(db):
    ana = db.user()
    first, second = (db.job(ana) for _ in range(2))
    clip = f"user/{ana}/jobs/{uuid.uuid4()}/a.mp4"  # of a third job, which both had taken it from
    for job in (first, second):
        db.call("fc_job_begin", job, None)
        db.call("fc_scene_submit", job, None, "a", "ref")
        assert db.call("fc_scene_complete", job, None, "a", clip, 5000, 45).outcome == "ok"
        db.call("fc_job_cancel", ana, job)
    with db.another() as one, db.another() as other, concurrent.futures.ThreadPoolExecutor(1) as pool:
        one.begin()
        assert one.call("fc_job_delete", ana, first, "out").outcome == "ok"
        pid = other.one("select pg_backend_pid()")
        deletion = pool.submit(other.call, "fc_job_delete", ana, second, "out")
        until(lambda: deletion.done() or db.one("select wait_event_type from pg_stat_activity where pid = %s", pid) == "Lock",
              "the second one is over, or waits for the first")
        one.commit()
        assert deletion.result(30).outcome == "ok"
    assert db.rows("select s3_key from object_deletions where s3_key = %s", clip) == [(clip,)]


# Notifications

def test_listeners_hear_of_events_but_not_of_creations(db):
    ana = db.user()
    with db.another() as own:
        own.rows("listen fc_job_events; listen fc_jobs_stop")
        job = db.job(ana)
        db.call("fc_job_begin", job, None)
        db.call("fc_job_cancel", ana, job)
        db.call("fc_job_delete", ana, job, "out")
        own.rows("select 1")
        own.connection.poll()
        heard = [(n.channel, n.payload) for n in own.connection.notifies if job in n.payload]
    assert heard == [("fc_job_events", f"{job}:2"), ("fc_job_events", f"{job}:3"), ("fc_jobs_stop", job),
                     ("fc_job_events", f"{job}:0")]
