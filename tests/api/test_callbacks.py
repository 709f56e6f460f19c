"""POST /internal/jobs/callback: how an external worker reports."""
import uuid

import pytest

from harness import WELCOME, at_once, expect, expect_error, storyboard
from harness.signing import callback_token, token

PATH = "/internal/jobs/callback"
VECTOR_JOB = "3f0e1d2c-4b5a-4697-8877-66554433221f"


@pytest.fixture
def ana(world):
    return world.creator()


@pytest.fixture
def job(ana):
    """A job of two scenes, 40 credits."""
    return ana.generates(WELCOME)


def send(world, body, headers=None, query=""):
    return world.nobody.request("POST", PATH + query, json=body, headers=headers)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# -------------------------------------------------------------------------------------- the token


@pytest.mark.parametrize("settings, expected", [
    ({"JWT_SECRET": "example-jwt-secret-do-not-use"},
     "4967368657f60dd1a1bc1a4f4eb985370570daa1f4be606ff986026da4935340"),
    ({"CALLBACK_SECRET": "example-callback-secret-of-32-bytes-or-more"},
     "c1a88e0d19a47059ced01b7338106c3167b4fd017f222b40264f561cee53e51a"),
])
def test_the_check_values_of_the_token(start_server, world, settings, expected):
    server = start_server(**settings)
    body = {"job_id": VECTOR_JOB, "event": "started"}
    # 404: the token was right, and there is no such job.
    expect_error(server.request("POST", PATH, json=body, headers=bearer(expected)), 404, "NOT_FOUND")
    expect_error(server.request("POST", PATH, json=body, headers=bearer(expected[::-1])), 401,
                 "AUTHENTICATION_ERROR")


def test_a_former_secret_is_accepted_during_a_rotation(start_server, world):
    old, new = "an-old-callback-secret-of-32-bytes-or-more", "a-new-callback-secret-of-32-bytes-or-more"
    server = start_server(CALLBACK_SECRET=new, CALLBACK_SECRET_PREVIOUS=old)
    for key, status in [(new, 404), (old, 404), ("another-callback-secret-of-32-bytes-or-more", 401)]:
        answer = server.request("POST", PATH, json={"job_id": VECTOR_JOB, "event": "started"},
                                headers=bearer(callback_token(VECTOR_JOB, key=key)))
        assert answer.status_code == status


def test_the_token_comes_in_the_header_or_the_query(world, job):
    body = {"job_id": job["id"], "event": "started"}
    right, wrong = callback_token(job["id"]), callback_token(str(uuid.uuid4()))
    expect_error(send(world, body), 401, "AUTHENTICATION_ERROR")
    expect_error(send(world, body, query=f"?token={wrong}"), 401, "AUTHENTICATION_ERROR")
    expect_error(send(world, body, bearer(wrong), query=f"?token={right}"), 401, "AUTHENTICATION_ERROR")
    expect(send(world, body, query=f"?token={right}"), 200)
    expect(send(world, body, bearer(right), query=f"?token={wrong}"), 200)
    expect(send(world, {**body, "job_id": job["id"].upper()}, bearer(right)), 200)


def test_nothing_else_opens_it(world, ana, job):
    body = {"job_id": job["id"], "event": "started"}
    for other in (token(ana.id, ana.email), world.key(ana).raw, world.server.settings["RENDER_WORKER_KEY"], "x",
                  callback_token(job["id"]).upper(), callback_token(job["id"]) + "0"):
        expect_error(send(world, body, bearer(other)), 401, "AUTHENTICATION_ERROR")


def test_tokens_are_neither_logged_nor_shown(world, ana, job):
    secret = callback_token(job["id"])
    expect(send(world, {"job_id": job["id"], "event": "started"}, query=f"?token={secret}"), 200)
    assert secret not in world.server.logged()
    assert secret not in ana.get(f"/v1/jobs/{job['id']}").text


# ------------------------------------------------------------------------------ answers in order


def test_the_media_type_comes_first(world, job):
    answer = world.nobody.request("POST", PATH, content=b"{broken", headers={"Content-Type": "application/yaml"})
    expect_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("body", [b"", b"{broken", b"[]", b"{}", b'{"job_id": 5}', b'{"job_id": "x"}',
                                  b'{"job_id": null}'])
def test_then_the_body_and_the_job_s_id(world, body):
    expect_error(world.nobody.request("POST", PATH, content=body), 400, "VALIDATION_ERROR")


def test_then_the_token_without_a_look_at_the_database(world):
    for id in (str(uuid.uuid4()), VECTOR_JOB):
        expect_error(send(world, {"job_id": id, "event": "nonsense"}), 401, "AUTHENTICATION_ERROR")


BAD = {
    "no event": {"event": None}, "an unknown event": {"event": "paused"}, "a numeric event": {"event": 5},
    "a percent above": {"event": "progress", "progress_percent": 100.01},
    "a percent below": {"event": "progress", "progress_percent": -0.01},
    "a percent in words": {"event": "progress", "progress_percent": "50"},
    "a percent with a scene": {"event": "scene_complete", "scene_id": "entrance", "progress_percent": 101},
    "an output in words": {"event": "completed", "output": "x"},
    "an output list": {"event": "completed", "output": []},
    "an error in words": {"event": "failed", "error": "it broke"},
    "a negative size": {"event": "completed", "output_size_bytes": -1},
    "a broken size": {"event": "completed", "output_size_bytes": 1.5},
    "a size in words": {"event": "completed", "output_size_bytes": "5"},
    "no scene": {"event": "scene_complete"},
    "an unknown scene": {"event": "scene_complete", "scene_id": "nowhere"},
    "a numeric scene": {"event": "scene_complete", "scene_id": 5},
}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
def test_then_the_members(world, ana, job, members):
    body = {"job_id": job["id"], **members}
    expect_error(send(world, body, bearer(callback_token(job["id"]))), 400, "VALIDATION_ERROR")
    assert ana.job(job["id"])["status"] == "queued"


def test_then_the_job(world):
    id = str(uuid.uuid4())
    expect_error(world.report(id, "started"), 404, "NOT_FOUND")


def test_unknown_members_are_ignored(world, job):
    assert expect(world.report(job["id"], "started", worker="w1", extra={"a": [1]}), 200)["status"] == "processing"


def test_a_job_that_the_server_renders_itself_takes_no_reports(world, ana):
    world.rows("update job_dispatches set provider = 'animatic', next_attempt_at = now() + interval '1 hour' "
               "where job_id = %s", ana.generates(WELCOME)["id"])
    [row] = expect(ana.get("/v1/jobs"), 200)
    error = expect_error(world.report(row["id"], "started"), 409, "CONFLICT")
    assert error["details"] == {"reason": "illegal_transition", "job_id": row["id"], "status": "queued",
                                "event": "started"}
    assert ana.job(row["id"])["status"] == "queued"


def test_a_job_without_a_dispatch_row_counts_as_external(world, ana):
    row = world.job_row(ana)
    assert expect(world.report(row["id"], "started"), 200)["status"] == "processing"


# ------------------------------------------------------------------------------- effects by state

STATES = ("queued", "processing", "completed", "failed", "canceled")
EFFECTS = {  # event: what it does in each state; "=": 200 and nothing changes; "!": 409
    "started":        ("processing", "=",          "!", "!", "!"),
    "progress":       ("processing", "processing", "!", "!", "!"),
    "scene_complete": ("processing", "processing", "!", "!", "!"),
    "completed":      ("!",          "completed",  "=", "!", "!"),
    "failed":         ("!",          "failed",     "!", "=", "!"),
}
MEMBERS = {"progress": {"progress_percent": 60}, "scene_complete": {"scene_id": "entrance"},
           "completed": {"output": {"video_url": "https://x/y.mp4"}, "output_size_bytes": 7},
           "failed": {"error": {"code": "a", "message": "b"}}}


def in_state(world, ana, state):
    job = ana.generates(WELCOME)
    if state != "queued":
        expect(world.report(job["id"], "started"), 200)
    if state in ("completed", "failed"):
        expect(world.report(job["id"], state), 200)
    if state == "canceled":
        expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    return ana.job(job["id"])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EFFECTS)
def test_what_an_event_does(world, ana, event, state):
    before = in_state(world, ana, state)
    id, events = before["id"], world.sequence(before["id"])
    balance, usage = ana.credits, world.usage(ana.urn)
    answer = world.report(id, event, **MEMBERS.get(event, {}))
    effect = EFFECTS[event][STATES.index(state)]
    if effect == "!":
        error = expect_error(answer, 409, "CONFLICT")
        assert error["details"] == {"reason": "illegal_transition", "job_id": id, "status": state, "event": event}
    else:
        body = expect(answer, 200)
        assert body["status"] == (state if effect == "=" else effect)
        after = ana.job(id)
        after.pop("scenes")
        assert body == after
    if effect in "=!":
        assert ana.job(id) == before
        assert (world.sequence(id), ana.credits, world.usage(ana.urn)) == (events, balance, usage)
    else:
        first = ["started"] if state == "queued" and event != "started" else []
        assert world.sequence(id) == events + first + [event]


# ------------------------------------------------------------------------------------- progress


def test_progress_is_stored_and_told(world, ana, job):
    body = expect(world.report(job["id"], "progress", progress_percent=12.5, phase="stitching", scenes_total=9,
                               scenes_completed=3, current_scene="entrance", message="half way"), 200)
    expected = {"phase": "stitching", "percent": 12.5, "scenes_total": 9, "scenes_completed": 3,
                "current_scene": "entrance", "message": "half way"}
    assert body["progress"] == expected and body["started_at"]
    payload = world.one("select payload from job_events where job_id = %s order by sequence desc limit 1", job["id"])
    assert payload == expected
    scenes = ana.job(job["id"])["scenes"]
    assert [(scene["status"], scene["attempt"]) for scene in scenes] == [("running", 1), ("pending", 0)]


def test_without_a_phase_it_becomes_generating(world, job):
    assert expect(world.report(job["id"], "progress", progress_percent=1), 200)["progress"]["phase"] == "generating"
    expect(world.report(job["id"], "progress", progress_percent=2, phase="stitching"), 200)
    assert expect(world.report(job["id"], "progress", progress_percent=3), 200)["progress"]["phase"] == "stitching"


def test_started_initializes(world, job):
    assert expect(world.report(job["id"], "started"), 200)["progress"]["phase"] == "initializing"


def test_percent_never_goes_back(world, job):
    expect(world.report(job["id"], "progress", progress_percent=50, message="a"), 200)
    body = expect(world.report(job["id"], "progress", progress_percent=49.99, message="b"), 200)
    assert (body["progress"]["percent"], body["progress"]["message"]) == (50, "a")
    assert world.sequence(job["id"]) == ["queued", "started", "progress"]
    body = expect(world.report(job["id"], "progress", progress_percent=50, message="c"), 200)
    assert body["progress"]["message"] == "c"


def test_progress_without_a_percent_keeps_it(world, job):
    expect(world.report(job["id"], "progress", progress_percent=50), 200)
    body = expect(world.report(job["id"], "progress", message="still here"), 200)
    assert (body["progress"]["percent"], body["progress"]["message"]) == (50, "still here")
    assert world.sequence(job["id"])[-1] == "progress"


def test_a_row_with_empty_progress_begins_at_0(world, ana):
    row = world.job_row(ana)
    body = expect(world.report(row["id"], "progress", message="x"), 200)
    assert body["progress"]["percent"] == 0 and body["progress"]["phase"] == "generating"


# --------------------------------------------------------------------------------------- scenes


def test_a_scene_is_counted_once(world, ana, job):
    body = expect(world.report(job["id"], "scene_complete", scene_id="welcome", url="https://x/w.mp4",
                               progress_percent=40), 200)
    [preview] = body["progress"]["previews"]
    assert (preview["scene_id"], preview["url"]) == ("welcome", "https://x/w.mp4")
    assert body["progress"]["scenes_completed"] == 1 and body["progress"]["percent"] == 40
    assert expect(world.report(job["id"], "scene_complete", scene_id="welcome", url="https://x/2.mp4"), 200) == body
    assert world.sequence(job["id"]) == ["queued", "started", "scene_complete"]
    payload = world.one("select payload from job_events where job_id = %s and sequence = 3", job["id"])
    assert payload == {"scene_id": "welcome", "scenes_completed": 1, "scenes_total": 2}
    body = expect(world.report(job["id"], "scene_complete", scene_id="entrance"), 200)
    assert body["progress"]["scenes_completed"] == 2
    assert [scene["status"] for scene in ana.job(job["id"])["scenes"]] == ["completed", "completed"]


@pytest.mark.parametrize("url, stored", [
    ("s3://framecast-outputs/{prefix}x.mp4", True), ("s3://framecast-outputs/{prefix}a/b.mp4", True),
    ("s3://elsewhere/{prefix}x.mp4", False), ("https://x/{prefix}x.mp4", False),
    ("s3://framecast-outputs/user/x.mp4", False), ("s3://framecast-outputs/{prefix}", False), (None, False),
    ("s3://framecast-outputs/{prefix}../../x.mp4", False),
])
def test_a_clip_is_known_when_it_lies_below_the_job_s_prefix(world, ana, job, url, stored):
    prefix = f"user/{ana.id}/jobs/{job['id']}/"
    url = {"url": url.format(prefix=prefix)} if url else {}
    expect(world.report(job["id"], "scene_complete", scene_id="entrance", **url), 200)
    key = world.one("select clip_key from render_scenes where job_id = %s and position = 0", job["id"])
    assert (key is not None) == stored


def test_parallel_reports_of_one_scene_count_once(world, ana, job):
    answers = at_once(6, lambda _: world.report(job["id"], "scene_complete", scene_id="entrance"))
    assert {answer.status_code for answer in answers} == {200}
    assert ana.job(job["id"])["progress"]["scenes_completed"] == 1
    assert world.sequence(job["id"]) == ["queued", "started", "scene_complete"]


# ---------------------------------------------------------------------------------------- ends


def test_success(world, ana, job):
    expect(world.report(job["id"], "progress", progress_percent=30, current_scene="entrance"), 200)
    output = {"video_url": "https://cdn.example/v.mp4", "duration": 9.2, "custom": {"n": 12345678901234567890}}
    body = expect(world.report(job["id"], "completed", output=output, output_size_bytes=2**40), 200)
    assert (body["status"], body["output"], body["output_size_bytes"]) == ("completed", output, 2**40)
    assert body["failure_type"] is body["error"] is None and body["credits_refunded"] == 0
    assert body["created_at"] <= body["started_at"] <= body["completed_at"]
    assert {name: body["progress"][name] for name in ("percent", "phase", "scenes_completed")} == \
        {"percent": 100, "phase": "finalizing", "scenes_completed": 2}
    assert {scene["status"] for scene in ana.job(job["id"])["scenes"]} == {"completed"}
    assert world.usage(ana.urn) == {"renders_count": 1, "render_seconds": 10, "credits_used": 40, "credits_refunded": 0}
    payload = world.one("select payload from job_events where job_id = %s order by sequence desc limit 1", job["id"])
    assert payload == {"status": "completed", "output_size_bytes": 2**40, "credits_charged": 40,
                       "completed_at": body["completed_at"]}


@pytest.mark.parametrize("output, seconds", [({"duration": 9.2}, 10), ({"duration": 3}, 3), ({"duration": "9"}, 8),
                                             ({}, 8), (None, 8)])
def test_rendered_seconds_are_the_output_s_or_the_estimate(world, ana, output, seconds):
    job = ana.generates(storyboard(4.5, 3))
    expect(world.report(job["id"], "started"), 200)
    body = expect(world.report(job["id"], "completed", **({} if output is None else {"output": output})), 200)
    assert body["output"] == (output or {})
    assert world.usage(ana.urn)["render_seconds"] == seconds


def test_an_image_job_renders_no_seconds(world, ana):
    row = world.job_row(ana, "completed", spec_snapshot={"prompt": "a cat"})
    clone = expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)
    world.finish(clone["id"], output={"url": "https://x/y.png"})
    assert world.usage(ana.urn)["render_seconds"] == 0 and world.usage(ana.urn)["renders_count"] == 1


def test_the_first_terminal_report_wins(world, ana, job):
    world.finish(job["id"], output={"n": 1}, output_size_bytes=1)
    body = expect(world.report(job["id"], "completed", output={"n": 2}, output_size_bytes=2), 200)
    assert (body["output"], body["output_size_bytes"]) == ({"n": 1}, 1)
    assert world.usage(ana.urn)["renders_count"] == 1


def test_failure(world, ana, job):
    expect(world.report(job["id"], "scene_complete", scene_id="entrance"), 200)
    given = {"code": "oom", "message": "no memory", "scene_id": "welcome", "detail": {"n": [1]}}
    body = expect(world.report(job["id"], "failed", error=given, failure_type="system"), 200)
    assert (body["status"], body["error"], body["failure_type"]) == ("failed", given, "system")
    assert body["output"] is None and body["credits_refunded"] == 40 and ana.credits == 1000
    assert [scene["status"] for scene in ana.job(job["id"])["scenes"]] == ["completed", "failed"]
    payload = world.one("select payload from job_events where job_id = %s order by sequence desc limit 1", job["id"])
    assert payload == {"status": "failed", "failure_type": "system", "error": given, "credits_charged": 40,
                       "credits_refunded": 40, "completed_at": body["completed_at"]}


def test_an_unknown_failure_type_counts_as_system(world, job):
    body = world.fail(job["id"], failure_type="gremlins")
    assert body["failure_type"] == "system"
    assert body["error"] == {"code": "broken", "message": "It broke"}


def test_a_failure_without_an_error_gets_one(world, job):
    expect(world.report(job["id"], "started"), 200)
    body = expect(world.report(job["id"], "failed"), 200)
    assert body["error"] == {"code": "unknown_error", "message": "Unknown error"}
    assert body["failure_type"] == "system"


REFUNDS = [  # charged, percent, validation, canceled
    (100, 0, 100, 90), (100, 40, 60, 54), (100, 30, 70, 63), (101, 33.33, 67, 60), (99, 50.5, 49, 44),
    (5, 33.33, 3, 3), (1000, 0.1, 999, 899), (1, 0, 1, 0), (1, 75, 0, 0), (37, 100, 0, 0), (10, 33.335, 6, 5),
    (2147483647, 0, 2147483647, 1932735282), (0, 10, 0, 0),
]


@pytest.mark.parametrize("charged, percent, validation, canceled", REFUNDS)
def test_refunds(world, charged, percent, validation, canceled):
    for how, refund in [("system", charged), ("timeout", charged), ("validation", validation), ("canceled", canceled),
                        ("cancel", canceled)]:
        ana = world.creator(credits=0)
        row = world.job_row(ana, "processing", credits_charged=charged, progress={"percent": percent})
        if how == "cancel":
            body = expect(ana.post(f"/v1/jobs/{row['id']}/cancel"), 200)
        else:
            body = expect(world.report(row["id"], "failed", failure_type=how), 200)
            assert (body["status"], body["failure_type"]) == ("failed", how)
        assert body["credits_refunded"] == refund, how
        assert ana.credits == refund and world.usage(ana.urn)["credits_refunded"] == refund


def test_a_missing_percent_reads_as_0(world):
    row = world.job_row(world.creator(credits=0), "processing", credits_charged=100, progress={})
    assert expect(world.report(row["id"], "failed", failure_type="validation"), 200)["credits_refunded"] == 100


def test_a_refund_without_anybody_to_take_it_is_still_recorded(world, ana):
    team = world.team(owner=ana)
    job = ana.generates(WELCOME, owner=team.urn)
    world.rows("delete from teams where id = %s", team.id)
    assert world.fail(job["id"])["credits_refunded"] == 40
    assert world.usage(team.urn)["credits_refunded"] == 40


def test_the_project_follows_its_job(world, ana):
    team = world.team(owner=ana)
    for ending, status in [("failed", "draft"), ("completed", "completed")]:
        project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P")["id"]
        row = world.job_row(ana, owner=team.urn, project_id=project)
        assert world.one("select status from projects where id = %s", project) == "rendering"
        expect(world.report(row["id"], "started"), 200)
        expect(world.report(row["id"], ending), 200)
        assert world.one("select status from projects where id = %s", project) == status


@pytest.mark.parametrize("ending, status, size", [("completed", "ready", 77), ("failed", "failed", 1),
                                                  ("canceled", "failed", 1)])
def test_pending_artifacts_follow_their_job(world, ana, ending, status, size):
    job = ana.generates(storyboard())
    artifact = world.insert("artifacts", owner=ana.urn, created_by=ana.id, kind="video", status="pending",
                            source="job", source_job_id=job["id"], filename="x", s3_key=str(uuid.uuid4()),
                            content_type="video/mp4", size_bytes=1)["id"]
    expect(world.report(job["id"], "started"), 200)
    if ending == "canceled":
        expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    else:
        expect(world.report(job["id"], ending, **({"output_size_bytes": 77} if ending == "completed" else {})), 200)
    assert world.row("select status, size_bytes from artifacts where id = %s", artifact) == \
        {"status": status, "size_bytes": size}


# ---------------------------------------------------------------------------------------- races


def test_cancel_and_completion_exclude_each_other(world, ana):
    for _ in range(4):
        job = ana.generates(WELCOME)
        expect(world.report(job["id"], "started"), 200)
        calls = [lambda: ana.post(f"/v1/jobs/{job['id']}/cancel"),
                 lambda: world.report(job["id"], "completed"), lambda: world.report(job["id"], "failed")]
        answers = at_once(3, lambda i: calls[i]())
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        after = ana.job(job["id"])
        events = world.sequence(job["id"])
        assert len(events) == 3 and events[-1] == after["status"]
    used, refunded = (world.usage(ana.urn)[name] for name in ("credits_used", "credits_refunded"))
    assert ana.credits == 1000 - used + refunded
