"""POST /v1/generate: what a new job is, what it costs, and when there is none."""
import json
import re
import uuid
from decimal import Decimal

import pytest

from harness import WELCOME, at_once, expect, expect_error, scene, storyboard


@pytest.fixture
def ana(world):
    return world.creator()


def test_a_job_is_made_from_a_storyboard(world, ana):
    job = ana.generates(WELCOME, options={"fps": 30})
    assert job == {
        "id": job["id"], "owner": ana.urn, "triggered_by": ana.id, "project_id": None, "parent_job_id": None,
        "status": "queued", "spec_snapshot": WELCOME, "options": {"fps": 30},
        "progress": {"phase": "queued", "percent": 0, "scenes_total": 2, "scenes_completed": 0},
        "output": None, "output_size_bytes": None, "error": None, "credits_charged": 40, "failure_type": None,
        "credits_refunded": 0, "idempotency_key": None, "started_at": None, "completed_at": None,
        "created_at": job["created_at"], "updated_at": job["created_at"]}
    assert uuid.UUID(job["id"]).version == 4
    read = ana.job(job["id"])
    assert {name: read[name] for name in job} == job


def test_everything_appears_together(world, ana):
    job = ana.generates(storyboard(5, 3), options={"seed": 4294967295})
    assert ana.credits == 1000 - 32
    assert world.sequence(job["id"]) == ["queued"]
    assert world.one("select payload from job_events where job_id = %s", job["id"]) == \
        {"status": "queued", "credits_charged": 32}
    assert world.usage(ana.urn) == {"renders_count": 0, "render_seconds": 0, "credits_used": 32,
                                    "credits_refunded": 0}
    scenes = world.rows("select scene_id, position, status, attempt, seed, provider, clip_key from render_scenes "
                        "where job_id = %s order by position", job["id"])
    assert scenes == [{"scene_id": f"s{i}", "position": i, "status": "pending", "attempt": 0,
                       "seed": (4294967295 + i) % 2**32, "provider": "external", "clip_key": None} for i in (0, 1)]
    assert world.one("select provider from job_dispatches where job_id = %s", job["id"]) == "external"


def test_the_seed_is_drawn_when_none_is_given(world, ana):
    seeds = {ana.job(ana.generates(storyboard())["id"])["scenes"][0]["seed"] for _ in range(4)}
    assert len(seeds) > 1 and all(0 <= seed < 2**32 for seed in seeds)


def test_the_bare_form_is_the_storyboard_itself(ana):
    assert expect(ana.post("/v1/generate", storyboard()), 201)["spec_snapshot"] == storyboard()


def test_unknown_members_are_ignored_in_the_envelope_and_kept_in_the_storyboard(ana):
    job = ana.generates(storyboard(mood={"a": [1, None, {"b": "ä\u2028"}]}), priority="high")
    assert job["spec_snapshot"]["mood"] == {"a": [1, None, {"b": "ä\u2028"}]}


@pytest.mark.parametrize("number", ["0.1", "1e2", "12345678901234567890", "0.12345678901234567890123", "1E-20",
                                    "-0.5", "100", "1.10", "9007199254740993"])
def test_numbers_are_stored_exactly(world, ana, number):
    body = f'{{"spec": {{"title": "T", "n": {number}, "scenes": [{json.dumps(scene("a"))}]}}}}'
    answer = ana.request("POST", "/v1/generate", content=body)
    job = expect(answer, 201)
    stored = re.search(r'"n": ?([^,}]+)', answer.text)[1]
    assert Decimal(stored) == Decimal(number) and "e" not in stored.lower()
    assert re.search(rf'"n": ?{re.escape(stored)}[,}}]', ana.get(f"/v1/jobs/{job['id']}").text)
    assert world.one("select spec_snapshot->>'n' from jobs where id = %s", job["id"]) == stored


def test_duplicate_members_are_validated_and_stored_alike(ana):
    body = b'{"spec": {"title": "A", "title": "B", "scenes": [{"id": "a", "prompt": "p", "duration": 99, "duration": 5}]}}'
    job = expect(ana.request("POST", "/v1/generate", content=body), 201)
    assert job["spec_snapshot"]["title"] == "B" and job["credits_charged"] == 20


def test_links_of_reference_images_are_dropped(world, ana):
    image = str(uuid.uuid4())
    world.insert("artifacts", id=image, owner=ana.urn, created_by=ana.id, kind="image", status="ready",
                 filename="h.png", s3_key=f"user/{ana.id}/assets/{image}/h.png", content_type="image/png",
                 size_bytes=5)
    spec = storyboard(scenes=[scene("a", prompt="@hero")], symbols={"hero": {"prompt": "x", "reference_images": [
        {"id": image, "url": "https://evil.example/x.png", "weight": 0.5}]}})
    job = ana.generates(spec)
    stored = {"id": image, "weight": 0.5}
    assert job["spec_snapshot"]["symbols"]["hero"]["reference_images"] == [stored]
    # ... and filled in when the single job is read, but not in lists.
    [read] = ana.job(job["id"])["spec_snapshot"]["symbols"]["hero"]["reference_images"]
    assert read.pop("url").startswith(world.server.url + "/v1/blobs/framecast-outputs/") and read == stored
    [listed] = expect(ana.get("/v1/jobs"), 200)
    assert listed["spec_snapshot"]["symbols"]["hero"]["reference_images"] == [stored]


INVALID = {
    "no storyboard": {"spec": {}}, "a list": {"spec": []}, "options alone": {"options": {}},
    "an invalid storyboard": {"spec": storyboard(99)},
    "an unknown asset": {"spec": storyboard(global_audio={"music": {"asset_id": "asset_music_none"}})},
    "an unknown option": {"spec": storyboard(), "options": {"x": 1}},
    "options that are no object": {"spec": storyboard(), "options": []},
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
def test_what_is_not_valid_is_400_with_the_result(world, ana, body):
    error = expect_error(ana.post("/v1/generate", body), 400, "VALIDATION_ERROR")
    assert error["details"]["valid"] is False and error["details"]["errors"]
    assert ana.credits == 1000 and not world.rows("select from jobs where triggered_by = %s", ana.id)


MISTYPED = {
    "a null storyboard": {"spec": None},
    "an owner that is a number": {"spec": storyboard(), "owner": 5},
    "an unreadable owner": {"spec": storyboard(), "owner": "me"},
    "a negative price": {"spec": storyboard(), "max_credits": -1},
    "a price in words": {"spec": storyboard(), "max_credits": "20"},
    "a broken price": {"spec": storyboard(), "max_credits": 19.5},
    "an empty key": {"spec": storyboard(), "idempotency_key": ""},
    "a long key": {"spec": storyboard(), "idempotency_key": "x" * 256},
    "a numeric key": {"spec": storyboard(), "idempotency_key": 5},
}


@pytest.mark.parametrize("body", MISTYPED.values(), ids=MISTYPED)
def test_what_is_mistyped_is_400_without_details(ana, body):
    assert "details" not in expect_error(ana.post("/v1/generate", body), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("members", [{"owner": None}, {"options": None}, {"max_credits": None},
                                     {"idempotency_key": None}, {"max_credits": 20}, {"max_credits": 10**12},
                                     {"max_credits": 20.0}])
def test_optional_members_may_be(ana, members):
    answer = ana.post("/v1/generate", {"spec": storyboard(), **members})
    assert answer.status_code == 201 or members == {"max_credits": 20.0}


# -------------------------------------------------------------------------------------- credits


def test_the_balance_must_suffice_to_the_credit(world):
    ana = world.creator(credits=19)
    error = expect_error(ana.post("/v1/generate", storyboard()), 402, "INSUFFICIENT_CREDITS")
    assert error["details"] == {"reason": "insufficient_credits", "owner": ana.urn, "source": "user",
                                "required": 20, "available": 19}
    world.rows("update users set credits = 20 where id = %s", ana.id)
    ana.generates(storyboard())
    assert ana.credits == 0


def test_max_credits_refuses_what_is_dearer(ana):
    error = expect_error(ana.post("/v1/generate", {"spec": WELCOME, "max_credits": 39}), 402, "INSUFFICIENT_CREDITS")
    estimate = expect(ana.post("/v1/spec/estimate", WELCOME), 200)
    assert error["details"] == {"reason": "max_credits_exceeded", "required": 40, "max_credits": 39,
                                "estimate": estimate}
    ana.generates(WELCOME, max_credits=40)
    expect_error(ana.post("/v1/generate", {"spec": WELCOME, "max_credits": 0}), 402, "INSUFFICIENT_CREDITS",
                 reason="max_credits_exceeded")


def test_the_team_pays_for_both_of_its_urns(world):
    ana = world.creator(credits=0)
    team = world.team(owner=ana, credits=100)
    for spent, owner in [(20, team.urn), (40, team.urn_of(ana))]:
        assert ana.generates(storyboard(), owner=owner)["owner"] == owner
        assert team.credits == 100 - spent
        assert world.usage(owner)["credits_used"] == 20
    world.rows("update teams set credits = 5 where id = %s", team.id)
    for owner in (team.urn, team.urn_of(ana)):
        error = expect_error(ana.post("/v1/generate", {"spec": storyboard(), "owner": owner}), 402,
                             "INSUFFICIENT_CREDITS", reason="insufficient_credits")
        assert (error["details"]["source"], error["details"]["available"]) == ("team", 5)


# --------------------------------------------------------------------------------------- owners


@pytest.mark.parametrize("role, status", [("owner", 201), ("admin", 201), ("member", 201), ("viewer", 403)])
def test_the_role_decides_who_creates_for_a_team(world, ana, role, status):
    team = world.team(**({"owner": [ana]} if role == "owner" else {"owner": [world.creator()], role: [ana]}))
    for owner in (team.urn, team.urn_of(ana)):
        assert ana.post("/v1/generate", {"spec": storyboard(), "owner": owner}).status_code == status


def test_nobody_creates_for_others(world, ana):
    bob = world.creator("bob")
    theirs, ours = world.team(owner=bob), world.team(owner=[ana, bob])
    for owner in (bob.urn, theirs.urn, theirs.urn_of(ana), ours.urn_of(bob), f"framecast:team:{uuid.uuid4()}",
                  f"framecast:user:{uuid.uuid4()}", f"framecast:artifact:{uuid.uuid4()}",
                  "framecast:system:sfx:whoosh"):
        expect_error(ana.post("/v1/generate", {"spec": storyboard(), "owner": owner}), 403, "AUTHORIZATION_ERROR")


def test_a_starter_creates_only_for_itself(world):
    sam, ana = world.starter(), world.creator()
    team = world.team(owner=ana)
    for owner in (team.urn, team.urn_of(sam)):
        expect_error(sam.post("/v1/generate", {"spec": storyboard(), "owner": owner}), 403, "AUTHORIZATION_ERROR")
    assert sam.generates(storyboard(), owner=sam.urn)["owner"] == sam.urn


SOMEBODY = "0f2b6d5c-3a41-4d0e-8a77-51c0e9b7d3aa"


@pytest.mark.parametrize("owner", [
    "x", "", "framecast", "framecast:", "framecast:user", "framecast:user:", "framecast:user:ana", "framecast:team:",
    "framecast:team:blue", "framecast:x:y", f"framecast:user:{SOMEBODY}:", f"framecast:{SOMEBODY}",
    f"framecast:{SOMEBODY}:ana", f"framecast:ana:{SOMEBODY}", f"Framecast:user:{SOMEBODY}",
    f"framecast:USER:{SOMEBODY}", f"framecast:user:{SOMEBODY} ", "framecast:user:" + SOMEBODY.replace("-", ""),
    "framecast:artifact:x", "framecast:system:sfx", "framecast:system::whoosh", "framecast:system:sfx:",
    f"framecast:team:user:{SOMEBODY}", f"urn:user:{SOMEBODY}",
])
def test_an_owner_that_is_no_urn_is_400(ana, owner):
    expect_error(ana.post("/v1/generate", {"spec": storyboard(), "owner": owner}), 400, "VALIDATION_ERROR")
    if owner:
        expect_error(ana.get("/v1/jobs", params={"owner": owner}), 400, "VALIDATION_ERROR")


def test_urns_are_stored_in_lower_case(world, ana):
    team = world.team(owner=ana)
    for given, stored in [(f"framecast:user:{ana.id.upper()}", ana.urn),
                          (f"framecast:team:{team.id.upper()}", team.urn),
                          (f"framecast:{team.id.upper()}:{ana.id.upper()}", team.urn_of(ana))]:
        assert ana.generates(storyboard(), owner=given)["owner"] == stored


# --------------------------------------------------------------------------------------- limits


def test_a_starter_has_one_active_job_and_a_creator_five(world):
    for actor, limit in [(world.starter(), 1), (world.creator(), 5)]:
        jobs = [actor.generates(storyboard()) for _ in range(limit)]
        error = expect_error(actor.post("/v1/generate", storyboard()), 409, "CONFLICT", reason="concurrency_limit")
        assert error["details"] == {"reason": "concurrency_limit", "owner": actor.urn, "active": limit, "limit": limit}
        expect(actor.post(f"/v1/jobs/{jobs[0]['id']}/cancel"), 200)
        actor.generates(storyboard())


@pytest.mark.parametrize("status", ["queued", "processing"])
def test_queued_and_processing_jobs_are_active(world, status):
    sam = world.starter()
    world.job_row(sam, status)
    expect_error(sam.post("/v1/generate", storyboard()), 409, "CONFLICT", reason="concurrency_limit")


def test_a_team_has_five_active_jobs_in_both_forms_together(world):
    ana, bob = world.creator("ana"), world.creator("bob")
    team = world.team(owner=ana, member=bob)
    for actor, owner in [(ana, team.urn), (bob, team.urn), (ana, team.urn_of(ana)), (bob, team.urn_of(bob)),
                         (bob, team.urn)]:
        actor.generates(storyboard(), owner=owner)
    for actor, owner in [(ana, team.urn), (bob, team.urn_of(bob))]:
        error = expect_error(actor.post("/v1/generate", {"spec": storyboard(), "owner": owner}), 409, "CONFLICT",
                             reason="concurrency_limit")
        assert (error["details"]["active"], error["details"]["limit"]) == (5, 5)
    ana.generates(storyboard())  # personal jobs are counted apart


def test_the_checks_come_in_order(world):
    sam = world.starter(credits=20)
    sam.generates(storyboard(), idempotency_key="k")
    expect(sam.post("/v1/generate", {"spec": {}, "idempotency_key": "k"}), 200)
    expect_error(sam.post("/v1/generate", {"spec": {}, "max_credits": 0}), 400, "VALIDATION_ERROR")
    expect_error(sam.post("/v1/generate", {"spec": storyboard(), "max_credits": 0}), 402, "INSUFFICIENT_CREDITS",
                 reason="max_credits_exceeded")
    expect_error(sam.post("/v1/generate", {"spec": storyboard()}), 409, "CONFLICT", reason="concurrency_limit")
    expect_error(sam.post("/v1/generate", {"spec": {}, "owner": "framecast:system:sfx:pop"}), 403, "AUTHORIZATION_ERROR")


# ---------------------------------------------------------------------------------------- races


def test_parallel_requests_never_pass_the_limit(world):
    for actor, limit in [(world.creator(), 5), (world.starter(), 1)]:
        answers = at_once(12, lambda _: actor.post("/v1/generate", storyboard()))
        assert sorted(answer.status_code for answer in answers) == [201] * limit + [409] * (12 - limit)
        assert actor.credits == 1000 - 20 * limit
        assert world.usage(actor.urn)["credits_used"] == 20 * limit


def test_parallel_requests_of_a_team_s_members_never_pass_the_limit(world):
    ana, bob = world.creator("ana"), world.creator("bob")
    team = world.team(owner=ana, member=bob)
    answers = at_once(12, lambda i: (ana, bob)[i % 2].post("/v1/generate", {
        "spec": storyboard(), "owner": team.urn if i % 3 else team.urn_of((ana, bob)[i % 2])}))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 7
    assert team.credits == 900


def test_parallel_requests_never_overdraw(world):
    ana = world.creator(credits=50)
    answers = at_once(8, lambda _: ana.post("/v1/generate", storyboard()))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [402] * 6
    assert ana.credits == 10


def test_membership_lost_meanwhile_counts_at_once(world):
    ana, bob = world.creator("ana"), world.creator("bob")
    team = world.team(owner=ana, member=bob)
    bob.generates(storyboard(), owner=team.urn)
    world.rows("update memberships set role = 'viewer' where user_id = %s", bob.id)
    expect_error(bob.post("/v1/generate", {"spec": storyboard(), "owner": team.urn}), 403, "AUTHORIZATION_ERROR")
    world.rows("delete from memberships where user_id = %s", bob.id)
    expect_error(bob.post("/v1/generate", {"spec": storyboard(), "owner": team.urn}), 403, "AUTHORIZATION_ERROR")


# ---------------------------------------------------------------------------------- idempotency


def replayed(answer):
    assert answer.headers["idempotent-replayed"] == "true"
    return expect(answer, 200)


def with_key(key, **how):
    return {"headers": {"Idempotency-Key": key, **how}}


def test_a_key_gives_the_same_job_again(world, ana):
    job = ana.generates(storyboard(), idempotency_key="k1")
    assert job["idempotency_key"] == "k1"
    assert replayed(ana.post("/v1/generate", {"spec": storyboard(), "idempotency_key": "k1"})) == job
    assert replayed(ana.post("/v1/generate", storyboard(), **with_key("k1"))) == job
    assert ana.credits == 980 and len(expect(ana.get("/v1/jobs"), 200)) == 1


def test_the_header_is_the_way_of_the_bare_form(ana):
    job = expect(ana.post("/v1/generate", storyboard(), **with_key("a key: ~!{}")), 201)
    assert job["idempotency_key"] == "a key: ~!{}"
    assert ana.post("/v1/generate", storyboard(), **with_key("other")).status_code == 201


def test_the_key_alone_decides(world):
    ana = world.creator(credits=20)
    job = ana.generates(storyboard(), idempotency_key="k")
    for body in ({"spec": []}, {"spec": storyboard(99)}, {"spec": WELCOME, "max_credits": 0}, {"spec": {}, "options": 5}):
        answer = ana.post("/v1/generate", {**body, "idempotency_key": "k"})
        assert replayed(answer)["id"] == job["id"]


def test_a_replay_shows_the_job_as_it_is_now(world, ana):
    job = ana.generates(storyboard(), idempotency_key="k")
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    assert replayed(ana.post("/v1/generate", {"spec": {}, "idempotency_key": "k"}))["status"] == "canceled"


def test_keys_belong_to_their_user(world, ana):
    bob = world.creator("bob")
    assert ana.generates(storyboard(), idempotency_key="k")["id"] != bob.generates(storyboard(), idempotency_key="k")["id"]


def test_a_key_is_free_again_when_its_job_is_gone(ana):
    job = ana.generates(storyboard(), idempotency_key="k")
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    expect(ana.delete(f"/v1/jobs/{job['id']}"), 204)
    assert ana.generates(storyboard(), idempotency_key="k")["id"] != job["id"]


def test_header_and_member_must_agree(ana):
    body = {"spec": storyboard(), "idempotency_key": "a"}
    expect_error(ana.post("/v1/generate", body, **with_key("b")), 400, "VALIDATION_ERROR")
    expect(ana.post("/v1/generate", body, **with_key("a")), 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "ä".encode(), b"a\x01b", b"tab\there", b"\x7f"])
def test_a_bad_key_in_the_header_is_400(ana, key):
    expect_error(ana.post("/v1/generate", storyboard(), **with_key(key)), 400, "VALIDATION_ERROR")


def test_a_header_given_twice_is_400(ana):
    headers = [*ana.headers.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    answer = ana.server.client.post("/v1/generate", json=storyboard(), headers=headers)
    expect_error(answer, 400, "VALIDATION_ERROR")


def test_keys_of_the_full_length_work(ana):
    assert ana.generates(storyboard(), idempotency_key="😀" * 255)["idempotency_key"] == "😀" * 255
    assert expect(ana.post("/v1/generate", storyboard(), **with_key("~" * 255)), 201)


def test_a_key_whose_job_is_out_of_sight_is_in_use(world, ana):
    team = world.team(owner=[world.creator("bob")], member=ana)
    ana.generates(storyboard(), owner=team.urn, idempotency_key="k")
    world.rows("delete from memberships where user_id = %s", ana.id)
    error = expect_error(ana.post("/v1/generate", {"spec": storyboard(), "idempotency_key": "k"}), 409, "CONFLICT")
    assert error["details"] == {"reason": "idempotency_key_in_use", "idempotency_key": "k"}


def test_parallel_requests_with_one_key_make_one_job(world):
    for actor in (world.creator(), world.starter()):
        answers = at_once(8, lambda _: actor.post("/v1/generate", storyboard(), **with_key("k")))
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert actor.credits == 980


def test_parallel_requests_with_one_key_and_different_owners_make_one_job(world, ana):
    team = world.team(owner=ana)
    owners = [ana.urn, team.urn, team.urn_of(ana)]
    answers = at_once(9, lambda i: ana.post("/v1/generate", {"spec": storyboard(), "owner": owners[i % 3],
                                                            "idempotency_key": "k"}))
    assert sorted(answer.status_code for answer in answers) == [200] * 8 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert ana.credits + team.credits == 1980
