"""What the functions of the database do to jobs: creation, steps, callbacks, ends."""
import json
import uuid

import pytest

from harness.tables import spec


def personal(user):
    return f"framecast:user:{user}"


def usage(db, owner):
    return db.row("select renders_count, render_seconds, credits_used, credits_refunded"
                  " from usage where owner = %s", owner)


# Creation

def test_a_job_is_made_with_all_that_belongs_to_it(db):
    ana = db.user(credits=100)
    outcome, job = db.create(ana, options={"fps": 24}, key="k")
    assert outcome == "ok"
    assert set(job) == {
        "id", "owner", "triggered_by", "project_id", "parent_job_id", "status", "spec_snapshot", "options",
        "progress", "output", "output_size_bytes", "error", "credits_charged", "failure_type",
        "credits_refunded", "idempotency_key", "started_at", "completed_at", "created_at", "updated_at"}
    assert (job["owner"], job["status"], job["credits_charged"]) == (personal(ana), "queued", 40)
    assert (job["spec_snapshot"], job["options"], job["idempotency_key"]) == (spec("a", "b"), {"fps": 24}, "k")
    assert job["progress"] == {"phase": "queued", "percent": 0, "scenes_total": 2, "scenes_completed": 0}
    assert job["started_at"] is job["completed_at"] is job["output"] is None
    assert len(job["created_at"]) == 27 and job["created_at"] == job["updated_at"]
    assert db.credits(ana) == 60
    assert tuple(usage(db, personal(ana))) == (0, 0, 40, 0)
    assert db.events(job["id"]) == [("queued", {"status": "queued", "credits_charged": 40})]
    assert [(s.scene_id, s.position, s.status, s.seed, s.provider) for s in db.scenes(job["id"]).values()] == [
        ("a", 0, "pending", 7, "animatic"), ("b", 1, "pending", 8, "animatic")]
    assert db.one("select provider from job_dispatches where job_id = %s", job["id"]) == "animatic"
    stored = db.one("select fc_job_json(j) from jobs j where id = %s", job["id"])
    assert json.loads(stored) == job


def test_seeds_wrap_around_and_an_image_has_one_scene(db):
    ana = db.user()
    job = db.job(ana, seed=4294967295)
    assert [s.seed for s in db.scenes(job).values()] == [4294967295, 0]
    outcome, image = db.create(ana, scenes=["image"], document={"prompt": "x"}, credits=2)
    assert image["progress"] == {"phase": "queued", "percent": 0}
    assert list(db.scenes(image["id"])) == ["image"]


def test_links_in_reference_images_are_not_stored(db):
    document = spec("a", symbols={"s": {"prompt": "p", "reference_images": [{"id": "i", "url": "https://x"}]}})
    job = db.job(db.user(), document=document)
    assert db.one("select spec_snapshot #> '{symbols,s,reference_images}' from jobs where id = %s",
                  job) == [{"id": "i"}]


def test_who_may_use_an_owner(db):
    ana, bob, eve = db.user(), db.user(), db.user()
    team = db.team(owner=ana, viewer=bob)
    cases = [(ana, personal(ana), True, True), (bob, personal(ana), False, False),
             (ana, f"framecast:team:{team}", True, True), (bob, f"framecast:team:{team}", True, False),
             (eve, f"framecast:team:{team}", False, False), (ana, f"framecast:{team}:{ana}", True, True),
             (ana, f"framecast:{team}:{bob}", False, False), (bob, f"framecast:{team}:{bob}", True, False),
             (ana, "framecast:artifact:x", False, False), (ana, "framecast:team:no-uuid", False, False)]
    for user, owner, visible, usable in cases:
        assert db.one("select fc_owner_visible(%s, %s)", user, owner) is visible, owner
        assert db.one("select fc_owner_usable(%s, %s)", user, owner) is usable, owner
        if not usable:
            assert db.create(user, owner) == ("owner_not_usable", None)
    assert db.one("select fc_visible_owners(%s)", bob) == [
        personal(bob), f"framecast:team:{team}", f"framecast:{team}:{bob}"]


def test_a_repeated_key_gives_the_job_as_it_is_now(db):
    ana, bob = db.user(credits=40), db.user()
    job = db.job(ana, key="k")
    db.call("fc_job_cancel", ana, job)
    outcome, again = db.create(ana, key="k", spec_valid=False, scenes=["x"])
    assert (outcome, again["id"], again["status"]) == ("replay", job, "canceled")
    assert db.call("fc_job_replay", ana, "k").body["id"] == job
    assert db.call("fc_job_replay", ana, "other") == (None, None)
    assert db.create(bob, key="k").outcome == "ok"


def test_a_key_whose_job_is_out_of_sight_is_in_use(db):
    ana, bob = db.user(), db.user()
    team = db.team(owner=ana, member=bob)
    db.job(bob, owner=f"framecast:team:{team}", key="k")
    db.rows("delete from memberships where user_id = %s", bob)
    assert db.create(bob, key="k") == (
        "idempotency_key_in_use", {"reason": "idempotency_key_in_use", "idempotency_key": "k"})


def test_assets_must_exist_be_ready_and_fit(db):
    ana, bob = db.user(), db.user()

    def file(owner, kind, type, status):
        return str(db.insert("artifacts", owner=personal(owner), created_by=owner, kind=kind, content_type=type,
                             status=status, filename="f", s3_key=str(uuid.uuid4()), size_bytes=1).id)

    good, pending = file(ana, "audio", "audio/ogg", "ready"), file(ana, "audio", "audio/ogg", "pending")
    image, foreign = file(ana, "image", "image/png", "ready"), file(bob, "audio", "audio/ogg", "ready")
    use = [{"id": "asset_sfx_whoosh", "need": "audio"}, {"id": good, "need": "audio"}, {"id": image, "need": "image"}]
    assert db.create(ana, assets=use).outcome == "ok"
    for bad in ({"id": pending, "need": "audio"}, {"id": image, "need": "audio"}, {"id": foreign, "need": "audio"},
                {"id": "asset_sfx_nothing", "need": "audio"}, {"id": "no uuid", "need": "audio"}):
        assert db.create(ana, assets=[*use, bad]).outcome == "invalid_spec", bad
    outcome, facts = db.create(ana, spec_valid=False, assets=[*use, {"id": foreign, "need": "audio"}, use[0]])
    assert outcome == "invalid_spec"
    assert [(f["id"], f["system"], f["found"], f["status"], f["content_type"]) for f in facts] == [
        ("asset_sfx_whoosh", True, True, "ready", "audio/mpeg"), (good, False, True, "ready", "audio/ogg"),
        (image, False, True, "ready", "image/png"), (foreign, False, False, None, None)]


def test_refusals_before_the_purse_is_opened(db):
    ana = db.user(credits=10)
    assert db.create(ana, max_credits=39) == (
        "max_credits_exceeded", {"reason": "max_credits_exceeded", "required": 40, "max_credits": 39})
    assert db.create(ana) == ("insufficient_credits", {
        "reason": "insufficient_credits", "owner": personal(ana), "source": "user", "required": 40, "available": 10})
    assert db.credits(ana) == 10 and db.rows("select 1 from jobs where triggered_by = %s", ana) == []


def test_limits_of_active_jobs(db):
    starter, ana = db.user("starter"), db.user()
    job = db.job(starter)
    assert db.create(starter) == ("concurrency_limit", {
        "reason": "concurrency_limit", "owner": personal(starter), "active": 1, "limit": 1})
    db.call("fc_job_cancel", starter, job)
    db.job(starter)
    team = db.team(owner=ana)
    for n in range(5):
        db.job(ana)
        db.job(ana, owner=f"framecast:{team}:{ana}" if n % 2 else f"framecast:team:{team}")
    assert db.create(ana).body["limit"] == 5
    outcome, details = db.create(ana, owner=f"framecast:{team}:{ana}")
    assert (outcome, details["active"], details["owner"]) == ("concurrency_limit", 5, f"framecast:{team}:{ana}")
    assert (db.credits(ana), db.credits(team)) == (800, 800)


SCENES = [{"id": "a", "duration": 2}, {"id": "b", "duration": 3.5}]


@pytest.mark.parametrize("document, seconds", [
    ({"prompt": "x"}, 0), ({"scenes": []}, 0), ({"scenes": SCENES}, 5.5), ({"scenes": SCENES, "timeline": []}, 5.5),
    ({"scenes": SCENES, "timeline": None}, 5.5), ({"scenes": [{"duration": "5"}, 3]}, 0),
    ({"scenes": SCENES, "timeline": [{"scene": "a"}, {"transition": "cut"}, {"scene": "a"}]}, 4),
    ({"scenes": SCENES, "timeline": [{"flashback": {"scenes": ["b", "a"]}}, {"montage": {"scenes": ["b"]}}]}, 9),
])
def test_how_long_a_spec_plays(db, document, seconds):
    assert db.one("select fc_spec_seconds(%s)", json.dumps(document)) == pytest.approx(seconds)


@pytest.mark.parametrize("symbols", [None, [], 3, {"a": 3}, {"a": {"reference_images": {"url": "x"}}}])
def test_specs_of_any_shape_can_be_stored(db, symbols):
    document = spec("a", symbols=symbols)
    assert db.one("select fc_spec_clean(%s)", json.dumps(document)) == document


def test_a_snapshot_without_scenes_is_still_a_job(db):
    outcome, job = db.create(db.user(), document={"scenes": []}, scenes=[], credits=2)
    assert (outcome, job["progress"]["scenes_total"]) == ("ok", 0)
    assert db.scenes(job["id"]) == {}


# Projects, artifacts, retries

def test_a_project_is_rendered_once_at_a_time(db):
    ana = db.user()
    team = db.team(owner=ana)
    document = spec("a", "b")
    project = db.project(team, ana, document)
    owner = f"framecast:team:{team}"
    assert db.create(ana, owner, document=spec("c"), project=project) == ("spec_changed", None)
    job = db.job(ana, owner=owner, document=document, project=project)
    assert db.one("select status from projects where id = %s", project) == "rendering"
    assert db.create(ana, owner, document=document, project=project, spec_valid=False) == ("project_has_active_job", {
        "reason": "project_has_active_job", "project_id": str(project), "job_id": job})
    assert db.call("fc_job_delete", ana, job, "out").outcome == "job_has_project"
    db.call("fc_job_cancel", ana, job)
    assert db.one("select status from projects where id = %s", project) == "draft"
    assert db.create(ana, owner, document=document, project=project, spec_valid=False) == ("invalid_spec", [])
    db.rows("update projects set status = 'archived' where id = %s", project)
    assert db.create(ana, owner, document=document, project=project) == ("project_state", {
        "reason": "project_state", "project_id": str(project), "status": "archived", "allowed": ["draft", "completed"]})
    assert db.create(ana, owner, document=document, project=uuid.uuid4()) == ("not_found", None)


@pytest.mark.parametrize("kind, file, type, size, stored", [
    ("character", "png", "image/png", 5000, 5000), ("storyboard", "mp4", "video/mp4", 60000000, 52428800),
    ("character", "png", "image/png", None, 1),
])
def test_an_artifact_is_rendered_into_another_one(db, kind, file, type, size, stored):
    ana = db.user()
    document = {"prompt": "x"} if kind == "character" else spec("a")
    source = db.insert("artifacts", owner=personal(ana), created_by=ana, kind=kind, status="ready", spec=document).id
    scenes = ["image"] if kind == "character" else ["a"]
    outcome, made = db.create(ana, document=document, scenes=scenes, artifact=source, key="k")
    job, artifact = made["job"]["id"], made["artifact"]
    assert (artifact["status"], artifact["source"], artifact["source_job_id"]) == ("pending", "job", job)
    assert (artifact["filename"], artifact["content_type"]) == (f"render-{source}.{file}", type)
    assert artifact["s3_key"] == f"user/{ana}/jobs/{job}/final.{file}"
    assert artifact["spec"] == document and artifact["size_bytes"] == 1
    outcome, again = db.create(ana, document=document, artifact=source, key="k")
    assert (outcome, again["artifact"]["id"]) == ("replay", artifact["id"])
    db.call("fc_job_begin", job, None)
    db.call("fc_job_complete", job, None, {"duration": 4.2}, size, None)
    row = db.row("select status, size_bytes, metadata from artifacts where id = %s", artifact["id"])
    assert tuple(row) == ("ready", stored, {"actual_size_bytes": size} if size == 60000000 else {})
    assert db.one("select ephemeral_storage_bytes from users where id = %s", ana) == stored
    assert tuple(usage(db, personal(ana)))[:2] == (1, 0 if kind == "character" else 5)
    assert db.call("fc_job_delete", ana, job, "out") == ("ok", None)
    row = db.row("select source, source_job_id, status from artifacts where id = %s", artifact["id"])
    assert tuple(row) == ("upload", None, "ready")
    assert db.one("select fc_keys_named(%s)", f"user/{ana}/") == [artifact["s3_key"]]


def finish_scene(db, job, scene, key=None):
    db.call("fc_scene_submit", job, None, scene, f"ref-{scene}")
    return db.call("fc_scene_complete", job, None, scene, key or f"clips/{job}/{scene}", 5000, 45)


def test_a_retry_takes_over_what_was_finished(db):
    ana = db.user()
    parent = db.job(ana, options={"fps": 30})
    assert db.create(ana, document=spec("a", "b"), parent=parent).outcome == "job_not_retryable"
    db.call("fc_job_begin", parent, None)
    finish_scene(db, parent, "a")
    db.call("fc_job_fail", parent, None, "system", {"code": "render_failed", "message": "m"}, "b")
    outcome, child = db.call(
        "fc_job_create", ana, personal(ana), None, None, 20, None, "animatic", None, None, None, None, True, None,
        parent, None)
    assert (outcome, child["parent_job_id"], child["options"]) == ("ok", parent, {"fps": 30})
    assert child["progress"] == {"phase": "queued", "percent": 0, "scenes_total": 2, "scenes_completed": 1}
    scenes = db.scenes(child["id"])
    assert (scenes["a"].status, scenes["a"].clip_key, scenes["a"].duration_ms) == (
        "completed", f"clips/{parent}/a", 5000)
    assert (scenes["b"].status, scenes["b"].seed, scenes["b"].attempt, scenes["b"].error) == ("pending", 8, 0, None)

    assert db.call("fc_job_delete", ana, parent, "out").outcome == "ok"
    assert db.one("select parent_job_id from jobs where id = %s", child["id"]) is None
    assert db.one("select fc_keys_named(%s)", f"clips/{parent}/") == [f"clips/{parent}/a"]
    db.call("fc_job_cancel", ana, child["id"])
    db.call("fc_job_delete", ana, child["id"], "out")
    assert [row[0] for row in db.rows(
        "select s3_key from object_deletions where s3_key like %s or s3_key like %s order by id",
        f"%{child['id']}/", f"clips/{parent}/%")] == [f"user/{ana}/jobs/{child['id']}/", f"clips/{parent}/a"]


def test_a_retry_of_a_project_job_renders_the_project_again(db):
    ana = db.user()
    team = db.team(owner=ana)
    owner = f"framecast:team:{team}"
    project = db.project(team, ana, spec("a", "b"))
    parent = db.job(ana, owner=owner, project=project)
    db.call("fc_job_cancel", ana, parent)
    db.rows("update projects set spec = '{}' where id = %s", project)
    child = db.job(ana, owner=owner, parent=parent)
    row = db.row("select project_id, spec_snapshot from jobs where id = %s", child)
    assert tuple(row) == (project, spec("a", "b"))
    assert db.create(ana, owner, parent=parent).outcome == "project_has_active_job"
    db.call("fc_job_cancel", ana, child)
    db.rows("delete from projects where id = %s", project)
    assert db.create(ana, owner, parent=parent).body["project_id"] is None


# Clients

def test_who_may_cancel(db):
    ana, bob, cid, eve = db.user(), db.user(), db.user(), db.user()
    team = db.team(owner=ana, member=bob, viewer=cid)
    for owner in (f"framecast:team:{team}", f"framecast:{team}:{bob}"):
        for user, allowed in ((cid, False), (eve, False), (ana, True)):
            job = db.job(bob, owner=owner)
            assert db.call("fc_job_cancel", user, job).outcome == ("ok" if allowed else "not_found")
            assert allowed or db.call("fc_job_cancel", bob, job).outcome == "ok"


def test_a_cancel_refunds_and_ends_everything(db):
    ana = db.user(credits=100)
    job = db.job(ana)
    db.call("fc_job_begin", job, None)
    db.call("fc_scene_submit", job, None, "a", "r")
    db.call("fc_job_progress", job, None, {"percent": 40})
    outcome, ended = db.call("fc_job_cancel", ana, job)
    assert (outcome, ended["status"], ended["failure_type"], ended["error"]) == ("ok", "canceled", "canceled", None)
    assert (ended["credits_refunded"], db.credits(ana)) == (21, 81)
    assert ended["created_at"] <= ended["started_at"] <= ended["completed_at"]
    assert {s.status for s in db.scenes(job).values()} == {"canceled"}
    assert db.events(job)[-1] == ("canceled", {
        "status": "canceled", "failure_type": "canceled", "canceled_by": str(ana), "progress": {"percent": 40},
        "credits_charged": 40, "credits_refunded": 21, "completed_at": ended["completed_at"]})
    assert tuple(usage(db, personal(ana))) == (0, 0, 40, 21)
    assert db.call("fc_job_cancel", ana, job) == (
        "job_is_terminal", {"reason": "job_is_terminal", "job_id": job, "status": "canceled"})


def test_what_may_be_deleted(db):
    ana, bob, eve = db.user(), db.user(), db.user()
    team = db.team(owner=ana, viewer=bob)
    job = db.job(ana, owner=f"framecast:team:{team}")
    for user, outcome in ((eve, "not_found"), (bob, "viewer_may_not"), (ana, "job_not_terminal")):
        assert db.call("fc_job_delete", user, job, "out") == (outcome, None)
    db.call("fc_job_cancel", ana, job)
    assert db.call("fc_job_delete", ana, job, "out") == ("ok", None)
    assert db.call("fc_job_delete", ana, job, "out") == ("not_found", None)
    assert db.one("select s3_key from object_deletions where bucket = 'out' order by id desc limit 1") == \
        f"team/{team}/shared/jobs/{job}/"


@pytest.mark.parametrize("charged, percent, validation, canceled", [
    (100, 0, 100, 90), (100, 40, 60, 54), (100, 30, 70, 63), (101, 33.33, 67, 60), (99, 50.5, 49, 44),
    (5, 33.33, 3, 3), (1000, 0.1, 999, 899), (1, 0, 1, 0), (1, 75, 0, 0), (7, 100, 0, 0), (7, -5, 7, 6), (7, 900, 0, 0),
    (2147483647, 0, 2147483647, 1932735282),
])
def test_refunds(db, charged, percent, validation, canceled):
    refunds = [db.one("select fc_refund(%s, %s, %s)", how, charged, percent)
               for how in ("validation", "canceled", "system", "timeout")]
    assert refunds == [validation, canceled, charged, charged]


def test_a_full_balance_does_not_stop_a_refund(db):
    ana = db.user(credits=100)
    job = db.job(ana)
    db.rows("update users set credits = 2147483647 where id = %s", ana)
    db.rows("update usage set credits_refunded = 2147483647 where owner = %s", personal(ana))
    assert db.call("fc_job_cancel", ana, job).outcome == "ok"
    assert db.credits(ana) == 2147483647


# The server's own steps

def test_a_run_from_claim_to_done(db):
    ana = db.user()
    job = db.job(ana, provider="comfyui")
    db.rows("update job_dispatches set created_at = '2000-01-01' where job_id = %s", job)
    outcome, claim = db.call("fc_dispatch_claim", "w", 60, ["comfyui"])
    assert (outcome, claim["job_id"], claim["status"], claim["attempts"]) == ("ok", job, "queued", 1)
    lease = claim["lease"]
    outcome, work = db.call("fc_job_begin", job, lease)
    assert outcome == "ok" and work["prefix"] == f"user/{ana}/jobs/{job}/"
    assert [s["scene_id"] for s in work["scenes"]] == ["a", "b"]
    assert db.call("fc_job_begin", job, lease).outcome == "already"

    assert db.call("fc_scene_complete", job, lease, "a", "k", 1, 1).outcome == "already"
    assert db.call("fc_scene_submit", job, lease, "a", "r1") == (
        "ok", {"status": "submitted", "attempt": 1, "provider_ref": "r1"})
    assert db.call("fc_scene_submit", job, lease, "a", "r2") == (
        "already", {"status": "submitted", "attempt": 1, "provider_ref": "r1"})
    assert db.call("fc_scene_ref", job, lease, "a", "r3").body["provider_ref"] == "r3"
    assert db.call("fc_scene_running", job, lease, "a").body["status"] == "running"
    for percent, stored in ((50, 50), (20, 50), (200, 100)):
        db.call("fc_scene_progress", job, lease, "a", percent)
        assert db.scenes(job)["a"].progress == stored
    error = {"code": "x", "message": "m"}
    assert db.call("fc_scene_failed", job, lease, "a", error, False).body == {
        "status": "pending", "attempt": 1, "provider_ref": None}
    assert db.call("fc_scene_submit", job, lease, "a", "r4").body["attempt"] == 2
    assert db.call("fc_scene_complete", job, lease, "a", "k", 5000, 45) == ("ok", {
        "phase": "initializing", "percent": 45, "scenes_total": 2, "scenes_completed": 1})
    assert db.call("fc_scene_complete", job, lease, "a", "k", 5000, 45).outcome == "already"
    assert db.call("fc_scene_submit", job, lease, "nothing", "r").outcome == "unknown_scene"
    assert db.call("fc_job_progress", job, lease, {"percent": 30, "phase": "generating", "current_scene": "b"}) == (
        "ok", {"phase": "generating", "percent": 45, "scenes_total": 2, "scenes_completed": 1, "current_scene": "b"})
    finish_scene(db, job, "b")

    outcome, done = db.call("fc_job_complete", job, lease, {"duration": 9.2}, 123, None)
    assert (outcome, done["status"], done["output"], done["output_size_bytes"]) == (
        "ok", "completed", {"duration": 9.2}, 123)
    assert done["progress"]["percent"] == 100 and done["progress"]["phase"] == "finalizing"
    assert [name for name, _ in db.events(job)] == [
        "queued", "started", "scene_complete", "progress", "scene_complete", "completed"]
    assert db.events(job)[2][1] == {"scene_id": "a", "scenes_completed": 1, "scenes_total": 2}
    assert db.events(job)[-1][1] == {"status": "completed", "output_size_bytes": 123, "credits_charged": 40,
                                     "completed_at": done["completed_at"]}
    assert [row[0] for row in db.rows("select sequence from job_events where job_id = %s order by 1", job)] == [
        1, 2, 3, 4, 5, 6]
    assert tuple(usage(db, personal(ana))) == (1, 10, 40, 0)
    for late in (("fc_job_begin",), ("fc_scene_submit", "b", "r"), ("fc_job_progress", {}),
                 ("fc_job_fail", "system", {"code": "x"}, None), ("fc_job_complete", {}, None, None)):
        assert db.call(late[0], job, lease, *late[1:]) == ("terminal", {"status": "completed"})
    assert db.call("fc_dispatch_renew", job, lease, 60) == ("ok", {"status": "completed"})
    assert db.call("fc_dispatch_done", job, lease).outcome == "ok"
    assert db.call("fc_dispatch_done", job, lease).outcome == "lost"


def claim_of(db, job, provider="runpod", seconds=60):
    db.rows("update job_dispatches set created_at = '2000-01-01' where job_id = %s", job)
    found = db.call("fc_dispatch_claim", "w", seconds, [provider])
    return found and found.body


def test_a_lost_lease_moves_nothing(db):
    job = db.job(db.user(), provider="runpod")
    first = claim_of(db, job, seconds=-1)["lease"]
    second = claim_of(db, job)["lease"]
    assert first != second
    assert db.call("fc_job_begin", job, first) == ("lost", {"status": "queued"})
    assert db.call("fc_dispatch_renew", job, first, 60).outcome == "lost"
    assert db.call("fc_dispatch_release", job, second, 3600, "later").outcome == "ok"
    assert claim_of(db, job) is None
    db.rows("update job_dispatches set done_at = now() where job_id = %s", job)


def test_an_ended_run_is_due_for_cleaning_up(db):
    ana = db.user()
    job = db.job(ana, provider="runpod")
    lease = claim_of(db, job)["lease"]
    db.call("fc_job_begin", job, lease)
    db.call("fc_job_cancel", ana, job)
    assert db.call("fc_scene_submit", job, lease, "a", "r") == ("terminal", {"status": "canceled"})
    assert db.call("fc_dispatch_renew", job, lease, 60) == ("lost", {"status": "canceled"})
    again = claim_of(db, job)
    assert (again["job_id"], again["status"]) == (job, "canceled")
    assert db.call("fc_dispatch_done", job, again["lease"]).outcome == "ok"
    untouched = db.job(ana, provider="runpod")
    db.call("fc_job_cancel", ana, untouched)
    assert claim_of(db, untouched) is None


def test_the_run_of_an_active_job_cannot_be_closed(db):
    ana = db.user(credits=40)
    job = db.job(ana, provider="runpod")
    lease = claim_of(db, job)["lease"]
    assert db.call("fc_dispatch_done", job, lease) == ("lost", {"status": "queued"})
    db.call("fc_job_begin", job, lease)
    assert db.call("fc_dispatch_done", job, lease) == ("lost", {"status": "processing"})
    assert db.call("fc_dispatch_renew", job, lease, 60).outcome == "ok"


def test_a_scene_that_is_given_up_fails_its_job(db):
    ana = db.user(credits=40)
    job = db.job(ana)
    db.call("fc_job_begin", job, None)
    db.call("fc_scene_submit", job, None, "a", "r")
    error = {"code": "render_failed", "message": "m", "scene_id": "a"}
    outcome, failed = db.call("fc_job_fail", job, None, "system", error, "a")
    assert (outcome, failed["status"], failed["failure_type"], failed["error"]) == ("ok", "failed", "system", error)
    scenes = db.scenes(job)
    assert (scenes["a"].status, scenes["a"].error) == ("failed", {"code": "render_failed", "message": "m"})
    assert scenes["b"].status == "canceled" and db.credits(ana) == 40


def test_scenes_as_clients_see_them(db):
    job = db.job(db.user())
    db.call("fc_job_begin", job, None)
    finish_scene(db, job, "a", key="k/a.mp4")
    db.call("fc_scene_submit", job, None, "b", "r")
    db.call("fc_scene_progress", job, None, "b", 12.5)
    error = {"code": "x", "message": "m"}
    assert db.call("fc_scene_failed", job, None, "b", error, True).body["status"] == "failed"
    assert json.loads(db.one("select fc_scenes_json(%s, 'out')", job)) == [
        {"scene_id": "a", "position": 0, "status": "completed", "attempt": 1, "progress": 100, "seed": 7,
         "clip_url": "s3://out/k/a.mp4", "error": None},
        {"scene_id": "b", "position": 1, "status": "failed", "attempt": 1, "progress": 0, "seed": 8,
         "clip_url": None, "error": error}]
    assert db.one("select fc_scenes_json(%s, 'out')", uuid.uuid4()) == "[]"


# The clock

def test_jobs_that_take_too_long_fail_with_full_refund(db):
    ana = db.user(credits=200)
    waiting, running, fresh = (db.job(ana) for _ in range(3))
    db.call("fc_job_begin", running, None)
    db.call("fc_job_progress", running, None, {"percent": 70})
    db.rows("update jobs set created_at = now() - interval '2 days' where id in (%s, %s)", waiting, running)
    db.rows("update jobs set started_at = now() - interval '1 day' where id = %s", running)
    swept = {str(row[0]) for row in db.rows("select fc_jobs_sweep(3600, 7200, 100)")}
    assert {waiting, running} <= swept and fresh not in swept
    for job, type, code in ((waiting, "system", "queue_timeout"), (running, "timeout", "timeout")):
        row = db.row("select status, failure_type, error ->> 'code', credits_refunded from jobs where id = %s", job)
        assert tuple(row) == ("failed", type, code, 40)
        assert db.events(job)[-1][0] == "failed"
    assert db.credits(ana) == 160 and db.one("select started_at from jobs where id = %s", waiting) is None


def test_a_stray_project_becomes_a_draft_but_a_rendering_one_does_not(db):
    ana = db.user()
    team = db.team(owner=ana)
    stray = db.project(team, ana, spec("a"), status="rendering")
    busy = db.project(team, ana, spec("a", "b"))
    db.job(ana, owner=f"framecast:team:{team}", project=busy)
    db.rows("select fc_jobs_sweep(36000000, 36000000, 100)")
    assert db.one("select status from projects where id = %s", stray) == "draft"
    assert db.one("select status from projects where id = %s", busy) == "rendering"


# External workers

def test_external_jobs_are_handed_out_one_by_one(db):
    ana = db.user()
    job = db.job(ana, provider="external")
    db.rows("update job_dispatches set done_at = now() where provider = 'external' and job_id <> %s", job)
    outcome, order = db.call("fc_render_next", "w", 60)
    assert (outcome, order["job_id"], order["attempt"], order["status"]) == ("ok", job, 1, "queued")
    assert db.call("fc_render_next", "w", 60) is None
    db.rows("update job_dispatches set lease_expires_at = now() where job_id = %s", job)
    assert db.call("fc_render_next", "w", 60).body["attempt"] == 2
    db.callback(job, "started")
    db.rows("update job_dispatches set lease_expires_at = now() where job_id = %s", job)
    assert db.call("fc_render_next", "w", 60) is None


def job_in(db, state):
    job = db.job(db.user(), provider="external")
    if state != "queued":
        db.callback(job, "started")
    if state in ("completed", "failed"):
        db.callback(job, state)
    if state == "canceled":
        db.call("fc_job_cancel", db.one("select triggered_by from jobs where id = %s", job), job)
    return job


CALLBACKS = {  # state before: the state after each event, - for a refusal
    "queued": "processing processing processing - -",
    "processing": "processing processing processing completed failed",
    "completed": "- - - completed -", "failed": "- - - - failed", "canceled": "- - - - -",
}


@pytest.mark.parametrize("state", CALLBACKS)
def test_callbacks_by_state(db, state):
    events = ("started", "progress", "scene_complete", "completed", "failed")
    for event, after in zip(events, CALLBACKS[state].split()):
        job = job_in(db, state)
        before = len(db.events(job))
        outcome, body = db.callback(job, event, scene_id="a", progress_percent=5)
        if after == "-":
            assert (outcome, body) == ("illegal_transition", {
                "reason": "illegal_transition", "job_id": job, "status": state, "event": event})
        else:
            assert (outcome, body["status"]) == ("ok", after)
        if after in ("-", state) and event not in ("progress", "scene_complete"):
            assert len(db.events(job)) == before


def test_callbacks_move_progress_and_scenes(db):
    ana = db.user()
    job = db.job(ana, provider="external")
    _, body = db.callback(job, "progress", progress_percent=33.33, current_scene="a", message="m", phase=5)
    assert body["progress"] == {"phase": "generating", "percent": 33.33, "scenes_total": 2, "scenes_completed": 0,
                                "current_scene": "a", "message": "m"}
    assert [name for name, _ in db.events(job)] == ["queued", "started", "progress"]
    assert (db.scenes(job)["a"].status, db.scenes(job)["a"].attempt) == ("running", 1)
    assert db.callback(job, "progress", progress_percent=33, message="late").body["progress"]["message"] == "m"
    db.callback(job, "progress", phase="stitching")
    key = f"user/{ana}/jobs/{job}/scene_a.mp4"
    for _ in range(2):
        _, body = db.callback(job, "scene_complete", scene_id="a", url=f"s3://out/{key}", progress_percent=20)
    assert (body["progress"]["percent"], body["progress"]["scenes_completed"]) == (33.33, 1)
    assert [(p["scene_id"], p["url"]) for p in body["progress"]["previews"]] == [("a", f"s3://out/{key}")]
    assert db.scenes(job)["a"].clip_key == key
    db.callback(job, "scene_complete", scene_id="b", url="s3://out/elsewhere/b.mp4")
    assert db.scenes(job)["b"].clip_key is None
    assert db.callback(job, "scene_complete", scene_id="zzz") == ("unknown_scene", None)
    assert [name for name, _ in db.events(job)] == [
        "queued", "started", "progress", "progress", "scene_complete", "scene_complete"]
    _, body = db.callback(job, "completed", output_size_bytes=7)
    assert (body["output"], body["output_size_bytes"]) == ({}, 7)
    assert tuple(usage(db, personal(ana)))[:2] == (1, 10)
    assert db.one("select done_at from job_dispatches where job_id = %s", job) is not None


def test_a_worker_reports_a_failure(db):
    for type, stored, refund in (("validation", "validation", 24), ("canceled", "canceled", 21), ("odd", "system", 40),
                                 (None, "system", 40)):
        job = job_in(db, "processing")
        db.callback(job, "progress", progress_percent=40)
        _, body = db.callback(job, "failed", failure_type=type)
        assert (body["status"], body["failure_type"], body["credits_refunded"]) == ("failed", stored, refund)
        assert body["error"] == {"code": "unknown_error", "message": "Unknown error"}


def test_jobs_made_by_hand_count_as_external(db):
    ana = db.user()
    job = str(db.insert("jobs", owner=personal(ana), triggered_by=ana, spec_snapshot=spec("a"), credits_charged=5).id)
    assert db.callback(job, "scene_complete", scene_id="b").outcome == "unknown_scene"
    for _ in range(2):
        _, body = db.callback(job, "scene_complete", scene_id="a")
    assert body["progress"]["scenes_completed"] == 1 and body["progress"]["percent"] == 0
    assert db.callback(job, "completed").body["status"] == "completed"
    assert db.callback(uuid.uuid4(), "started") == ("not_found", None)
    own = db.job(ana)
    assert db.callback(own, "started").outcome == "illegal_transition"


def test_figures_for_operators(db):
    ana, bob = db.user(), db.user()
    team = db.team(owner=ana, member=bob)
    db.project(team, ana)
    canceled = db.job(ana, owner=f"framecast:team:{team}")
    db.call("fc_job_cancel", ana, canceled)
    db.job(bob, owner=f"framecast:{team}:{bob}")
    assert tuple(db.row("select * from get_team_stats(%s)", team)) == (2, 1, 1, 80)
    counts = {row[0]: row[1] for row in db.rows("select * from get_job_stats()")}
    assert counts["canceled"] >= 1 and counts["queued"] >= 1


# Rows of jobs, and entries of its indexes, that this transaction has come across.
JOBS_READ = """
    select sum(pg_stat_get_xact_tuples_returned(oid))::int
      from (select 'jobs'::regclass::oid union all select indexrelid from pg_index where indrelid = 'jobs'::regclass) t"""


@pytest.mark.parametrize("tier", ["starter", "creator"])
def test_a_creation_reads_no_jobs_of_others(db, tier):
    """However many are active, and although there were none when the statistics were taken."""
    ana, crowd = db.user(tier), [db.user() for _ in range(100)]
    for user in [ana, *crowd]:
        db.rows("insert into jobs (owner, triggered_by, spec_snapshot, status, output, completed_at) select"
                " 'framecast:user:' || %s, %s, '{}', 'completed', '{}', now() from generate_series(1, 20)", user, user)
    db.rows("analyze jobs")
    for user in crowd:
        db.rows("insert into jobs (owner, triggered_by, spec_snapshot) select 'framecast:user:' || %s, %s, '{}'"
                " from generate_series(1, 5)", user, user)
    db.begin()
    before = db.one(JOBS_READ)
    db.job(ana)
    read = db.one(JOBS_READ) - before
    db.commit()
    assert read < 50, f"{read} of 500"
