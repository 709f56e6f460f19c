"""One job: get, cancel, delete, clone, retry."""
import uuid

import pytest

from harness import WELCOME, at_once, expect, expect_error, storyboard
from harness.signing import callback_token, lasts

TERMINAL = ["completed", "failed", "canceled"]


@pytest.fixture
def ana(world):
    return world.creator()


def with_key(key):
    return {"headers": {"Idempotency-Key": key}}


@pytest.mark.parametrize("method, path", [("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/clone"),
                                          ("POST", "/retry"), ("GET", "/events")])
def test_what_one_may_not_see_does_not_exist(world, ana, method, path):
    theirs = world.job_row(world.creator("bob"), "failed")["id"]
    unknown = expect_error(ana.request(method, f"/v1/jobs/{uuid.uuid4()}{path}"), 404, "NOT_FOUND")
    hidden = expect_error(ana.request(method, f"/v1/jobs/{theirs}{path}"), 404, "NOT_FOUND")
    assert hidden["message"] == unknown["message"]
    for id in ("x", "1", theirs[:-1], theirs + "0", f"{{{theirs}}}"):
        expect_error(ana.request(method, f"/v1/jobs/{id}{path}"), 400, "VALIDATION_ERROR")


def test_ids_are_read_in_either_case(ana):
    job = ana.generates(storyboard())
    assert ana.job(job["id"].upper())["id"] == job["id"]


# ------------------------------------------------------------------------------------------ get


def test_scenes_are_told_by_position(ana):
    job = ana.job(ana.generates(storyboard(5, 2), options={"seed": 7})["id"])
    assert job["scenes"] == [
        {"scene_id": f"s{i}", "position": i, "status": "pending", "attempt": 0, "progress": 0, "seed": 7 + i,
         "clip_url": None, "error": None} for i in (0, 1)]


@pytest.mark.parametrize("status", ["queued", "processing", *TERMINAL])
def test_rows_made_by_hand_are_served(world, ana, status):
    row = world.job_row(ana, status)
    job = ana.job(row["id"])
    assert job["status"] == status and job["scenes"] == [] and job["progress"] == {}
    assert job["output"] == ({} if status == "completed" else None)
    assert (job["completed_at"] is not None) == (status in TERMINAL)
    if status == "failed":
        assert job["error"] == {"code": "unknown_error", "message": "Unknown error"}


def test_stored_links_are_signed_when_a_completed_job_is_read(world, ana):
    s3 = "s3://framecast-outputs/user/x/jobs/y/"
    output = {"video_url": s3 + "final.mp4", "thumbnail_url": s3 + "a b.jpg", "url": s3 + "final.png",
              "contact_sheet_url": s3 + "sheet.jpg", "renditions": [{"fit": "pad", "url": s3 + "final_1x2_pad.mp4"}],
              "captions": {"srt_url": s3 + "c.srt", "vtt_url": "https://cdn.example/c.vtt", "other": s3 + "x"},
              "scene_clips": [{"scene_id": "a", "url": s3 + "scene_a.mp4", "duration": 5}, {"url": 5}, "x"],
              "other_url": s3 + "z", "duration": 5.250, "poster": {"url": s3 + "p"}}
    row = world.job_row(ana, "completed", output=output)
    got = ana.job(row["id"])["output"]
    base = world.server.url + "/v1/blobs/framecast-outputs/user/x/jobs/y/"
    for signed, name in [(got["video_url"], "final.mp4"), (got["thumbnail_url"], "a%20b.jpg"),
                         (got["url"], "final.png"), (got["captions"]["srt_url"], "c.srt"),
                         (got["scene_clips"][0]["url"], "scene_a.mp4"), (got["contact_sheet_url"], "sheet.jpg"),
                         (got["renditions"][0]["url"], "final_1x2_pad.mp4")]:
        assert signed.startswith(base + name + "?expires=") and lasts(signed, 3600), signed
        expect_error(world.nobody.get(signed.removeprefix(world.server.url)), 404, "NOT_FOUND")  # signed rightly
    for path in (("captions", "vtt_url"), ("captions", "other"), ("scene_clips", 1), ("scene_clips", 2),
                 ("other_url",), ("duration",), ("poster",)):
        one, other = got, output
        for step in path:
            one, other = one[step], other[step]
        assert one == other
    assert world.one("select output from jobs where id = %s", row["id"]) == output
    [listed] = expect(ana.get("/v1/jobs"), 200)
    assert listed["output"]["video_url"].startswith(base)


def test_only_links_into_the_outputs_bucket_are_signed(world, ana):
    output = {"video_url": "s3://elsewhere/x.mp4", "url": "s3://framecast-outputs", "thumbnail_url": "https://x/y"}
    assert ana.job(world.job_row(ana, "completed", output=output)["id"])["output"] == output


def test_previews_and_clips_are_signed_in_any_state(world, ana):
    job = ana.generates(storyboard(5, 5))
    prefix = f"user/{ana.id}/jobs/{job['id']}/"
    expect(world.report(job["id"], "scene_complete", scene_id="s0",
                        url=f"s3://framecast-outputs/{prefix}scene_s0.mp4"), 200)
    got = ana.job(job["id"])
    base = f"{world.server.url}/v1/blobs/framecast-outputs/{prefix}scene_s0.mp4?"
    assert got["status"] == "processing"
    for link in (got["progress"]["previews"][0]["url"], got["scenes"][0]["clip_url"]):
        assert link.startswith(base) and lasts(link, 3600)


def test_numbers_in_output_are_not_rounded(world, ana):
    row = world.job_row(ana, "completed")
    world.rows("update jobs set output = '{\"n\": 12345678901234567890.5, \"duration\": 1.10}' where id = %s", row["id"])
    text = ana.get(f"/v1/jobs/{row['id']}").text
    assert "12345678901234567890.5" in text and "1.10" in text


# --------------------------------------------------------------------------------------- cancel


@pytest.mark.parametrize("started", [False, True])
def test_a_job_is_canceled_once(world, ana, started):
    job = ana.generates(WELCOME)
    if started:
        expect(world.report(job["id"], "progress", progress_percent=50), 200)
    canceled = expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    refund = 18 if started else 36
    assert (canceled["status"], canceled["failure_type"], canceled["error"]) == ("canceled", "canceled", None)
    assert canceled["credits_refunded"] == refund and ana.credits == 960 + refund
    assert canceled["created_at"] <= (canceled["started_at"] or canceled["created_at"]) <= canceled["completed_at"]
    error = expect_error(ana.post(f"/v1/jobs/{job['id']}/cancel"), 409, "CONFLICT")
    assert error["details"] == {"reason": "job_is_terminal", "job_id": job["id"], "status": "canceled"}
    assert ana.credits == 960 + refund
    assert world.usage(ana.urn) == {"renders_count": 0, "render_seconds": 0, "credits_used": 40,
                                    "credits_refunded": refund}
    assert world.sequence(job["id"]) == ["queued", *(["started", "progress"] if started else []), "canceled"]
    payload = world.one("select payload from job_events where job_id = %s order by sequence desc limit 1", job["id"])
    assert payload == {"status": "canceled", "failure_type": "canceled", "canceled_by": ana.id,
                       "progress": {"percent": 50 if started else 0}, "credits_charged": 40,
                       "credits_refunded": refund, "completed_at": canceled["completed_at"]}
    assert {scene["status"] for scene in ana.job(job["id"])["scenes"]} == {"canceled"}


@pytest.mark.parametrize("status", TERMINAL)
def test_a_terminal_job_is_not_canceled(world, ana, status):
    row = world.job_row(ana, status)
    error = expect_error(ana.post(f"/v1/jobs/{row['id']}/cancel"), 409, "CONFLICT")
    assert error["details"] == {"reason": "job_is_terminal", "job_id": row["id"], "status": status}


@pytest.mark.parametrize("form", ["team", "membership"])
def test_who_may_cancel_a_team_s_job(world, form):
    bob = world.creator("bob")
    people = {role: world.creator(role) for role in ("owner", "admin", "member", "viewer")}
    team = world.team(**people)
    world.insert("memberships", team_id=team.id, user_id=bob.id, role="member")

    def job():
        return world.job_row(bob, owner=team.urn if form == "team" else team.urn_of(bob))["id"]

    for role, status in [("owner", 200), ("admin", 200), ("member", 404), ("viewer", 404)]:
        id = job()
        assert people[role].post(f"/v1/jobs/{id}/cancel").status_code == status, role
        world.rows("delete from jobs where id = %s", id)
    id = job()
    world.rows("update memberships set role = 'viewer' where user_id = %s", bob.id)
    expect(bob.post(f"/v1/jobs/{id}/cancel"), 200)
    id = job()
    world.rows("delete from memberships where user_id = %s", bob.id)
    expect_error(bob.post(f"/v1/jobs/{id}/cancel"), 404, "NOT_FOUND")


def test_a_refund_goes_to_the_team(world, ana):
    team = world.team(owner=ana)
    job = ana.generates(WELCOME, owner=team.urn_of(ana))
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    assert (team.credits, ana.credits) == (996, 1000)
    assert world.usage(team.urn_of(ana))["credits_refunded"] == 36


def test_of_parallel_cancels_one_succeeds(ana):
    job = ana.generates(WELCOME)
    answers = at_once(8, lambda _: ana.post(f"/v1/jobs/{job['id']}/cancel"))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert ana.credits == 996


# --------------------------------------------------------------------------------------- delete


@pytest.mark.parametrize("status", TERMINAL)
def test_a_terminal_job_is_deleted_with_its_events_and_scenes(world, ana, status):
    row = world.job_row(ana, status)
    world.insert("job_events", job_id=row["id"], event_type="queued")
    expect(ana.delete(f"/v1/jobs/{row['id']}"), 204)
    expect_error(ana.delete(f"/v1/jobs/{row['id']}"), 404, "NOT_FOUND")
    expect_error(ana.get(f"/v1/jobs/{row['id']}"), 404, "NOT_FOUND")
    assert not world.rows("select from job_events where job_id = %s", row["id"])


@pytest.mark.parametrize("status", ["queued", "processing"])
def test_an_active_job_is_not_deleted(world, ana, status):
    row = world.job_row(ana, status)
    expect_error(ana.delete(f"/v1/jobs/{row['id']}"), 400, "VALIDATION_ERROR")


def test_a_project_s_job_is_not_deleted(world, ana):
    team = world.team(owner=ana)
    project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P")["id"]
    row = world.job_row(ana, "completed", owner=team.urn, project_id=project)
    expect_error(ana.delete(f"/v1/jobs/{row['id']}"), 400, "VALIDATION_ERROR")
    world.rows("delete from projects where id = %s", project)
    expect(ana.delete(f"/v1/jobs/{row['id']}"), 204)


@pytest.mark.parametrize("role, status", [("owner", 204), ("admin", 204), ("member", 204), ("viewer", 403)])
def test_viewers_delete_nothing(world, role, status):
    bob, ana = world.creator("bob"), world.creator("ana")
    team = world.team(**({"owner": [ana, bob]} if role == "owner" else {"owner": bob, role: ana}))
    job = world.job_row(bob, "completed", owner=team.urn)
    assert ana.delete(f"/v1/jobs/{job['id']}").status_code == status


def test_artifacts_of_a_deleted_job_live_on_as_uploads(world, ana):
    row = world.job_row(ana, "completed")
    artifact = world.insert("artifacts", owner=ana.urn, created_by=ana.id, kind="video", status="ready", source="job",
                            source_job_id=row["id"], filename="x", s3_key=str(uuid.uuid4()), content_type="video/mp4",
                            size_bytes=5)["id"]
    expect(ana.delete(f"/v1/jobs/{row['id']}"), 204)
    assert world.row("select source, source_job_id from artifacts where id = %s", artifact) == \
        {"source": "upload", "source_job_id": None}


def test_deleting_gives_no_credits_back(world, ana):
    job = ana.generates(WELCOME)
    world.finish(job["id"])
    before = (ana.credits, world.usage(ana.urn))
    expect(ana.delete(f"/v1/jobs/{job['id']}"), 204)
    assert (ana.credits, world.usage(ana.urn)) == before


# ---------------------------------------------------------------------------------------- clone


@pytest.mark.parametrize("status", TERMINAL)
def test_a_clone_is_a_new_job_of_the_same_storyboard(world, ana, status):
    original = ana.generates(WELCOME, options={"fps": 60})
    world.rows("update jobs set status = 'processing' where id = %s", original["id"])
    world.rows("update jobs set status = %s::job_status, failure_type = %s where id = %s", status,
               None if status == "completed" else "system" if status == "failed" else "canceled", original["id"])
    clone = expect(ana.post(f"/v1/jobs/{original['id']}/clone"), 201)
    assert clone["id"] != original["id"]
    assert {**original, **{name: clone[name] for name in ("id", "created_at", "updated_at")}} == clone
    assert clone["credits_charged"] == 80 and ana.credits == 1000 - 160
    assert world.sequence(clone["id"]) == ["queued"]
    assert len(ana.job(clone["id"])["scenes"]) == 2


@pytest.mark.parametrize("status", ["queued", "processing"])
def test_an_active_job_is_not_cloned(world, ana, status):
    expect_error(ana.post(f"/v1/jobs/{world.job_row(ana, status)['id']}/clone"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("spec, credits", [
    ({"scenes": []}, 2), ({"title": "T"}, 2), ({"prompt": "a cat"}, 2), ({"scenes": [{}, {"duration": "x"}, {"duration": None}]}, 6),
    ({"scenes": [{"duration": 5}, 7, {"duration": 99}, {"duration": -1}]}, 20 + 2 + 120 + 4),
    ({"scenes": [{"duration": 0.1}]}, 4), ({"scenes": {"a": 1}}, 2), ({"scenes": [{"id": "a", "duration": 1e300}]}, 120),
])
def test_what_was_never_validated_has_its_price_too(world, ana, spec, credits):
    row = world.job_row(ana, "completed", spec_snapshot=spec)
    assert expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)["credits_charged"] == credits


def test_an_image_job_has_one_scene_and_a_short_progress(world, ana):
    row = world.job_row(ana, "completed", spec_snapshot={"prompt": "a cat", "name": "Cat"})
    clone = expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)
    assert clone["progress"] == {"phase": "queued", "percent": 0}
    [scene] = ana.job(clone["id"])["scenes"]
    assert (scene["scene_id"], scene["position"], scene["status"]) == ("image", 0, "pending")


def test_a_clone_s_owner_is_the_original_s_or_another(world, ana):
    team = world.team(owner=ana)
    for original_owner, given, expected in [(ana.urn, None, ana.urn), (team.urn, None, team.urn),
                                            (team.urn, ana.urn, ana.urn), (ana.urn, team.urn_of(ana), team.urn_of(ana))]:
        row = world.job_row(ana, "completed", owner=original_owner, spec_snapshot=storyboard())
        body = {"owner": given} if given else None
        assert expect(ana.post(f"/v1/jobs/{row['id']}/clone", body), 201)["owner"] == expected


def test_a_viewer_clones_for_itself_only(world, ana):
    team = world.team(owner=world.creator("bob"), viewer=ana)
    row = world.job_row(ana, "completed", owner=team.urn)
    path = f"/v1/jobs/{row['id']}/clone"
    expect_error(ana.post(path), 403, "AUTHORIZATION_ERROR")
    expect_error(ana.post(path, {"owner": team.urn_of(ana)}), 403, "AUTHORIZATION_ERROR")
    assert expect(ana.post(path, {"owner": ana.urn}), 201)["owner"] == ana.urn


def test_a_clone_of_a_project_s_job_is_ephemeral(world, ana):
    team = world.team(owner=ana)
    project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P")["id"]
    row = world.job_row(ana, "completed", owner=team.urn, project_id=project)
    assert expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)["project_id"] is None


def test_a_clone_is_refused_like_any_new_job(world):
    sam = world.starter(credits=30)
    row = world.job_row(sam, "completed", spec_snapshot=storyboard(10))
    path = f"/v1/jobs/{row['id']}/clone"
    error = expect_error(sam.post(path, {"max_credits": 39}), 402, "INSUFFICIENT_CREDITS", reason="max_credits_exceeded")
    assert error["details"]["required"] == error["details"]["estimate"]["estimated_credits"] == 40
    expect_error(sam.post(path), 402, "INSUFFICIENT_CREDITS", reason="insufficient_credits")
    expect_error(sam.post(path, {"owner": "x"}), 400, "VALIDATION_ERROR")
    expect_error(sam.post(path, {"owner": f"framecast:user:{uuid.uuid4()}"}), 403, "AUTHORIZATION_ERROR")
    expect_error(sam.post(path, {"max_credits": -1}), 400, "VALIDATION_ERROR")
    world.job_row(sam)
    expect_error(sam.post(path), 409, "CONFLICT", reason="concurrency_limit")


@pytest.mark.parametrize("action", ["clone", "retry"])
def test_the_key_alone_decides_before_the_job_is_looked_at(world, ana, action):
    row = world.job_row(ana, "failed", spec_snapshot=storyboard())
    made = expect(ana.post(f"/v1/jobs/{row['id']}/{action}", **with_key("k")), 201)
    assert made["idempotency_key"] == "k"
    for path in (f"/v1/jobs/{row['id']}/{action}", f"/v1/jobs/{uuid.uuid4()}/{action}", "/v1/generate"):
        answer = ana.post(path, {"spec": storyboard()} if "generate" in path else None, **with_key("k"))
        assert expect(answer, 200)["id"] == made["id"]
        assert answer.headers["idempotent-replayed"] == "true"
    assert ana.credits == 980


# ---------------------------------------------------------------------------------------- retry


def half_done(world, ana, then="failed", **members):
    """A job of three scenes whose first one is stored; failed or canceled."""
    job = ana.generates(storyboard(5, 4, 3), options={"seed": 100}, **members)
    owner = job["owner"].split(":")
    folder = {"user": f"user/{owner[2]}", "team": f"team/{owner[2]}/shared"}.get(owner[1], f"team/{owner[1]}/{owner[2]}")
    expect(world.report(job["id"], "scene_complete", scene_id="s0",
                        url=f"s3://framecast-outputs/{folder}/jobs/{job['id']}/scene_s0.mp4"), 200)
    expect(world.report(job["id"], "scene_complete", scene_id="s1", url="https://cdn.example/s1.mp4"), 200)
    if then == "failed":
        expect(world.report(job["id"], "failed", error={"code": "x", "message": "y", "scene_id": "s2"}), 200)
    elif then == "canceled":
        expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    return ana.job(job["id"])


@pytest.mark.parametrize("then", ["failed", "canceled"])
def test_a_retry_takes_over_what_is_stored(world, ana, then):
    original = half_done(world, ana, then)
    assert [scene["status"] for scene in original["scenes"]] == \
        ["completed", "completed", "failed" if then == "failed" else "canceled"]
    retry = expect(ana.post(f"/v1/jobs/{original['id']}/retry"), 201)
    assert retry["parent_job_id"] == original["id"]
    for same in ("owner", "project_id", "spec_snapshot", "options", "triggered_by"):
        assert retry[same] == original[same]
    assert retry["credits_charged"] == 16 + 12  # s1 is done, but its clip is not stored here
    assert retry["progress"] == {"phase": "queued", "percent": 0, "scenes_total": 3, "scenes_completed": 1}
    scenes = ana.job(retry["id"])["scenes"]
    assert [scene["status"] for scene in scenes] == ["completed", "pending", "pending"]
    assert [scene["seed"] for scene in scenes] == [100, 101, 102]
    assert scenes[0]["clip_url"].split("?")[0] == original["scenes"][0]["clip_url"].split("?")[0]


def test_the_clip_of_a_retry_outlives_its_parent(world, ana):
    original = half_done(world, ana)
    retry = expect(ana.post(f"/v1/jobs/{original['id']}/retry"), 201)
    expect(ana.delete(f"/v1/jobs/{original['id']}"), 204)
    job = ana.job(retry["id"])
    assert job["parent_job_id"] is None and job["scenes"][0]["clip_url"]
    key = f"user/{ana.id}/jobs/{original['id']}/scene_s0.mp4"
    assert not world.rows("select from object_deletions where s3_key = %s", key)


def test_when_only_the_stitching_is_left_a_retry_costs_the_minimum(world, ana):
    job = ana.generates(storyboard(5))
    expect(world.report(job["id"], "scene_complete", scene_id="s0",
                        url=f"s3://framecast-outputs/user/{ana.id}/jobs/{job['id']}/scene_s0.mp4"), 200)
    expect(world.report(job["id"], "failed"), 200)
    assert expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)["credits_charged"] == 2


def test_a_retry_can_be_retried_and_a_job_more_than_once(world, ana):
    original = half_done(world, ana)
    first = expect(ana.post(f"/v1/jobs/{original['id']}/retry"), 201)
    world.fail(first["id"])
    second = expect(ana.post(f"/v1/jobs/{first['id']}/retry"), 201)
    assert second["parent_job_id"] == first["id"] and second["credits_charged"] == 28
    assert ana.job(second["id"])["scenes"][0]["status"] == "completed"
    assert expect(ana.post(f"/v1/jobs/{original['id']}/retry"), 201)["parent_job_id"] == original["id"]


@pytest.mark.parametrize("status", ["queued", "processing", "completed"])
def test_only_failed_and_canceled_jobs_are_retried(world, ana, status):
    row = world.job_row(ana, status)
    error = expect_error(ana.post(f"/v1/jobs/{row['id']}/retry"), 409, "CONFLICT")
    assert error["details"] == {"reason": "job_not_retryable", "job_id": row["id"], "status": status}


def test_a_viewer_retries_nothing(world, ana):
    team = world.team(owner=world.creator("bob"), viewer=ana)
    row = world.job_row(ana, "failed", owner=team.urn)
    expect_error(ana.post(f"/v1/jobs/{row['id']}/retry"), 403, "AUTHORIZATION_ERROR")


def test_a_retry_is_refused_like_any_new_job(world):
    sam = world.starter(credits=60)
    original = half_done(world, sam)  # 48 charged, 48 refunded
    path = f"/v1/jobs/{original['id']}/retry"
    error = expect_error(sam.post(path, {"max_credits": 27}), 402, "INSUFFICIENT_CREDITS", reason="max_credits_exceeded")
    assert error["details"]["required"] == 28
    assert [scene["id"] for scene in error["details"]["estimate"]["scenes"]] == ["s1", "s2"]
    world.rows("update users set credits = 27 where id = %s", sam.id)
    expect_error(sam.post(path), 402, "INSUFFICIENT_CREDITS", reason="insufficient_credits")
    world.job_row(sam)
    expect_error(sam.post(path), 409, "CONFLICT", reason="concurrency_limit")


def test_a_project_s_job_is_retried_for_the_project(world, ana):
    team = world.team(owner=ana)
    project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P")["id"]
    row = world.job_row(ana, "failed", owner=team.urn, project_id=project, spec_snapshot=storyboard())
    retry = expect(ana.post(f"/v1/jobs/{row['id']}/retry"), 201)
    assert retry["project_id"] == project
    assert world.one("select status from projects where id = %s", project) == "rendering"
    error = expect_error(ana.post(f"/v1/jobs/{row['id']}/retry"), 409, "CONFLICT", reason="project_has_active_job")
    assert (error["details"]["project_id"], error["details"]["job_id"]) == (project, retry["id"])
    world.finish(retry["id"])
    assert world.one("select status from projects where id = %s", project) == "completed"
    world.rows("update projects set status = 'archived' where id = %s", project)
    error = expect_error(ana.post(f"/v1/jobs/{row['id']}/retry"), 409, "CONFLICT", reason="project_state")
    assert error["details"] == {"reason": "project_state", "project_id": project, "status": "archived",
                                "allowed": ["draft", "completed"]}


def test_late_reports_of_a_canceled_job_change_nothing(world, ana):
    job = ana.generates(WELCOME)
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    before = ana.job(job["id"])
    for event in ("started", "progress", "completed", "failed"):
        expect_error(world.report(job["id"], event, token=callback_token(job["id"])), 409, "CONFLICT",
                     reason="illegal_transition")
    assert ana.job(job["id"]) == before
