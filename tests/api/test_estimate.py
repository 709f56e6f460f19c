"""POST /v1/spec/estimate: length, price and time, to the credit."""
import json
import re
import uuid

import pytest

from harness import WELCOME, expect, expect_error, scene, storyboard


@pytest.fixture
def ana(world):
    return world.creator()


def estimate(actor, spec, **envelope):
    return expect(actor.post("/v1/spec/estimate", {"spec": spec, **envelope}), 200)


def test_the_welcome_storyboard_costs_40(ana):
    expected = {"estimated_duration_seconds": 10, "estimated_credits": 40, "estimated_generation_time_seconds": 54,
                "scenes": [{"id": "entrance", "duration": 5, "credits": 20},
                           {"id": "welcome", "duration": 5, "credits": 20}], "warnings": []}
    assert estimate(ana, WELCOME) == expected
    assert expect(ana.post("/v1/spec/estimate", WELCOME), 200) == expected


PRICES = [
    (5, {}, 20), (7.25, {"resolution": "1280x720", "fps": 60, "quality": "high"}, 44),
    (1, {"resolution": "854x480", "quality": "draft"}, 2), (1, {"resolution": "854x480"}, 2),
    (2.001, {"resolution": "854x480"}, 3), (2, {"resolution": "854x480"}, 2),
    (5, {"resolution": "480x854"}, 5), (5, {"resolution": "720x1280"}, 10), (5, {"resolution": "720x720"}, 10),
    (5, {"resolution": "1080x1920"}, 20), (5, {"resolution": "1080x1080"}, 20), (5, {"fps": 30}, 20),
    (5, {"fps": 60}, 40), (5, {"quality": "draft"}, 10), (5, {"quality": "high"}, 30),
    (30, {"fps": 60, "quality": "high"}, 360), (1.0004, {}, 4), (1.0005, {}, 5), (1.00049, {}, 4),
    (5.2500, {}, 21), (5.2501, {}, 21), (5.2505, {}, 22), (9.9995, {}, 40), (5, {"seed": 1, "fps": None}, 20),
]


@pytest.mark.parametrize("duration, options, credits", PRICES)
def test_a_scene_costs(ana, duration, options, credits):
    answer = estimate(ana, storyboard(duration), options=options)
    assert answer["estimated_credits"] == answer["scenes"][0]["credits"] == credits
    assert answer["scenes"][0]["duration"] == pytest.approx(duration, abs=0.001)


def test_milliseconds_are_rounded_half_up_from_the_decimal_text(ana):
    # 1.0005 as a double lies below; what counts is what was written.
    body = b'{"spec": {"title": "T", "scenes": [{"id": "a", "prompt": "p", "duration": 1.00050000000000000000}]}}'
    assert expect(ana.request("POST", "/v1/spec/estimate", content=body), 200)["estimated_credits"] == 5
    body = body.replace(b"1.00050000000000000000", b"1.00049999999999999999")
    assert expect(ana.request("POST", "/v1/spec/estimate", content=body), 200)["estimated_credits"] == 4
    body = body.replace(b"1.00049999999999999999", b"0.525e1")
    assert expect(ana.request("POST", "/v1/spec/estimate", content=body), 200)["estimated_credits"] == 21


def test_every_scene_counts_once_whatever_the_timeline_plays(ana):
    spec = storyboard(5, 4, 3, timeline=[{"scene": "s0"}, {"transition": {"type": "fade", "duration": 2}},
                                         {"scene": "s0"}, {"flashback": {"scenes": ["s1", "s0"]}},
                                         {"montage": {"scenes": ["s1", "s1"]}}])
    answer = estimate(ana, spec)
    assert answer["estimated_credits"] == 48
    assert answer["estimated_duration_seconds"] == 5 + 5 + 4 + 5 + 4 + 4
    assert [one["id"] for one in answer["scenes"]] == ["s0", "s1", "s2"]
    assert [one["code"] for one in answer["warnings"]] == ["unused_scene"]


@pytest.mark.parametrize("durations, total", [((1.5, 2.25), 3.75), ((1.001, 1.002), 2.003), ((1.1, 2.2), 3.3),
                                              ((5,) * 3, 15), ((1.0005,), 1.001)])
def test_the_length_has_at_most_three_decimals(ana, durations, total):
    answer = ana.post("/v1/spec/estimate", {"spec": storyboard(*durations)})
    assert expect(answer, 200)["estimated_duration_seconds"] == total
    assert re.search(rf'"estimated_duration_seconds": ?{total}[,}}]', answer.text)


@pytest.mark.parametrize("options, seconds", [
    ({}, 54), ({"resolution": "1280x720"}, 44), ({"resolution": "854x480"}, 39), ({"fps": 60}, 64),
    ({"quality": "draft"}, 44), ({"quality": "high"}, 64), ({"fps": 30}, 54),
])
def test_the_time_is_forecast(ana, options, seconds):
    assert estimate(ana, WELCOME, options=options)["estimated_generation_time_seconds"] == seconds


def test_the_forecast_is_rounded_up(ana):
    assert estimate(ana, storyboard(1.001), options={"resolution": "854x480"}
                    )["estimated_generation_time_seconds"] == 33
    assert estimate(ana, storyboard(*[6] * 50), options={"fps": 60, "quality": "high"}
                    )["estimated_generation_time_seconds"] == 1480


def test_without_an_owner_no_balance_is_looked_at(world):
    assert estimate(world.creator(credits=0), WELCOME)["estimated_credits"] == 40


def test_with_an_owner_the_balance_must_suffice(world):
    ana = world.creator(credits=39)
    error = expect_error(ana.post("/v1/spec/estimate", {"spec": WELCOME, "owner": ana.urn}),
                         402, "INSUFFICIENT_CREDITS", reason="insufficient_credits")
    assert error["details"] == {"reason": "insufficient_credits", "owner": ana.urn, "source": "user",
                                "required": 40, "available": 39, "estimate": estimate(ana, WELCOME)}
    world.rows("update users set credits = 40 where id = %s", ana.id)
    estimate(ana, WELCOME, owner=ana.urn.upper().replace("FRAMECAST:USER", "framecast:user"))
    assert ana.credits == 40


def test_a_team_s_balance_is_looked_at(world):
    ana = world.creator(credits=0)
    team = world.team(owner=ana, credits=39)
    for owner in (team.urn, team.urn_of(ana)):
        error = expect_error(ana.post("/v1/spec/estimate", {"spec": WELCOME, "owner": owner}),
                             402, "INSUFFICIENT_CREDITS")
        assert (error["details"]["owner"], error["details"]["source"]) == (owner, "team")


def test_the_owner_must_be_usable(world, ana):
    bob = world.creator("bob")
    watched = world.team(owner=bob, viewer=ana)
    for owner in ("nobody", "framecast:user:x", ""):
        expect_error(ana.post("/v1/spec/estimate", {"spec": WELCOME, "owner": owner}), 400, "VALIDATION_ERROR")
    for owner in (bob.urn, watched.urn, f"framecast:team:{uuid.uuid4()}", "framecast:system:sfx:pop"):
        expect_error(ana.post("/v1/spec/estimate", {"spec": WELCOME, "owner": owner}), 403, "AUTHORIZATION_ERROR")


def test_an_invalid_storyboard_is_400_with_the_whole_result(ana):
    spec = storyboard(99, title="", extra=1)
    error = expect_error(ana.post("/v1/spec/estimate", {"spec": spec, "options": {"fps": 1}}), 400, "VALIDATION_ERROR")
    validated = expect(ana.post("/v1/spec/validate", {"spec": spec, "options": {"fps": 1}}), 200)
    assert error["details"] == validated
    assert {one["path"] for one in validated["errors"]} == {"title", "scenes[0].duration", "options.fps"}


def test_warnings_are_passed_on(ana):
    assert {one["code"] for one in estimate(ana, storyboard(12, extra=1))["warnings"]} == {"unknown_field", "long_scene"}


def test_prices_and_forecast_are_settings(start_server, world, ana):
    server = start_server(CREDITS_PER_SECOND_1080P=10, CREDITS_FPS_60_PERCENT=300, CREDITS_QUALITY_HIGH_PERCENT=200,
                          CREDITS_MIN_PER_SCENE=7, CREDITS_PER_SECOND_480P=3, GENERATION_BASE_SECONDS=100,
                          GENERATION_PER_SCENE_SECONDS=10, GENERATION_PERCENT_1080P=1000, JOB_TIMEOUT_SECONDS=159)
    here = ana.at(server)
    assert estimate(here, storyboard(5))["estimated_credits"] == 50
    assert estimate(here, storyboard(5), options={"fps": 60, "quality": "high"})["estimated_credits"] == 300
    assert estimate(here, storyboard(1, 3), options={"resolution": "854x480"})["estimated_credits"] == 16
    answer = estimate(here, storyboard(5))
    assert answer["estimated_generation_time_seconds"] == 160
    assert [(one["path"], one["code"]) for one in answer["warnings"]] == [("$", "may_time_out")]


def test_renditions_are_part_of_the_forecast_and_cost_nothing(ana):
    longest, options = storyboard(*[10] * 30), {"fps": 60, "quality": "high"}
    alone = estimate(ana, longest, options=options)
    outputs = [{"resolution": "1080x1920"}, {"resolution": "1080x1920", "fit": "crop"}]
    with_outputs = estimate(ana, longest, options={**options, "outputs": outputs})
    assert alone["warnings"] == [] and [one["code"] for one in with_outputs["warnings"]] == ["may_time_out"]
    assert with_outputs["estimated_generation_time_seconds"] == alone["estimated_generation_time_seconds"] + 2 * 675
    assert with_outputs["estimated_credits"] == alone["estimated_credits"]


def test_estimating_writes_nothing(world, ana):
    estimate(ana, WELCOME, owner=ana.urn)
    assert ana.credits == 1000
    assert not world.rows("select from jobs where triggered_by = %s", ana.id)


def test_a_yaml_envelope_is_priced_too(ana):
    text = "spec:\n  title: T\n  scenes: [{id: a, prompt: p, duration: 5.0}]\noptions: {fps: 60}\n"
    answer = ana.request("POST", "/v1/spec/estimate", content=text, headers={"Content-Type": "text/yaml"})
    assert expect(answer, 200)["estimated_credits"] == 40


def test_scenes_keep_their_order_and_names(ana):
    spec = storyboard(scenes=[scene("b", 2, order=2), scene("a", 3, order=1)])
    assert json.dumps([(one["id"], one["duration"]) for one in estimate(ana, spec)["scenes"]]) == '[["b", 2], ["a", 3]]'
