"""GET /internal/render/next: handing jobs to the operator's own renderer."""
import threading

import pytest

from harness import WELCOME, at_once, expect, expect_error, scene, storyboard, until
from harness.signing import callback_token, lasts, token

PATH = "/internal/render/next"


@pytest.fixture(autouse=True)
def nothing_waits(world):
    """Jobs that other tests left behind would be handed out here."""
    world.rows("delete from jobs")


@pytest.fixture
def ana(world):
    return world.creator()


def take(world, server=None, **query):
    worker = world.worker.at(server) if server else world.worker
    return worker.get(PATH, params={"wait": 0, **query})


def test_only_the_worker_key_opens_it(world, ana):
    ana.generates(storyboard())
    wrong = [{}, {"Authorization": "Bearer x"}, {"Authorization": world.worker.headers["Authorization"] + "x"},
             {"Authorization": f"Bearer {token(ana.id, ana.email)}"}, {"Authorization": world.key(ana).raw},
             {"Authorization": world.worker.headers["Authorization"].replace("Bearer ", "")},
             {"Authorization": "Basic " + world.server.settings["RENDER_WORKER_KEY"]}]
    for headers in wrong:
        expect_error(world.nobody.get(PATH, headers=headers, params={"wait": 0}), 401, "AUTHENTICATION_ERROR")
    expect(take(world), 200)


def test_without_such_a_setting_nobody_enters(start_server, world):
    server = start_server(RENDER_PROVIDER="animatic", RENDER_WORKER_KEY=None)
    for headers in ({}, world.worker.headers, {"Authorization": "Bearer"}):
        expect_error(server.request("GET", PATH + "?wait=0", headers=headers), 401, "AUTHENTICATION_ERROR")


@pytest.mark.parametrize("query", ["wait=x", "wait=1.5", "wait=", "worker=", "worker=" + "x" * 101])
def test_bad_values_are_400(world, query):
    expect_error(world.worker.get(f"{PATH}?{query}"), 400, "VALIDATION_ERROR")


def test_when_nothing_waits_it_is_204(world):
    expect(take(world), 204)
    expect(take(world, wait=-5), 204)
    expect(take(world, worker="w" * 100), 204)


def test_an_order_says_all_that_a_worker_needs(world, ana):
    job = ana.generates(WELCOME, options={"quality": "draft", "seed": 4294967295})
    order = expect(take(world, worker="w1"), 200)
    assert order["options"] == {"resolution": "1920x1080", "fps": 24, "quality": "draft", "seed": 4294967295}
    assert (order["job_id"], order["owner"], order["kind"], order["attempt"]) == (job["id"], ana.urn, "video", 1)
    assert order["spec_snapshot"] == WELCOME
    assert order["output"] == {"bucket": "framecast-outputs", "prefix": f"user/{ana.id}/jobs/{job['id']}/"}
    assert order["callback_url"] == world.server.url + "/internal/jobs/callback"
    assert order["callback_token"] == callback_token(job["id"])
    assert set(order["assets"]) == {
        "asset_ambient_theater", "asset_sfx_footsteps", "asset_music_anticipation", "asset_sfx_applause",
        "asset_sfx_confetti", "asset_music_triumphant", "asset_transition_swoosh"}
    for id, link in order["assets"].items():
        assert link.startswith(f"{world.server.url}/v1/blobs/framecast-system/assets/{id.split('_')[1]}/{id}.mp3?")
        assert lasts(link, 3600 + 1800)  # queue timeout + job timeout
    first = order["scenes"][0]
    assert first == {
        "scene_id": "entrance", "position": 0, "duration": 5, "seed": 4294967295, "reference_images": [],
        "clip_url": None,
        "prompt": "film look, seen through the visitor's own eyes, warm golden light, festive mood, crisp detail. "
                  "crowd: a lively audience of all ages and backgrounds applauding, happy faces, bright clothes. "
                  "first-person walk along a backstage corridor towards bright lights, rising excitement, the muffled "
                  "noise of crowd further ahead, long shadows",
        "negative_prompt": "blur, warped shapes, poor quality, gloom, deserted rooms, anger, empty seats, sorrow"}
    assert [(one["scene_id"], one["seed"]) for one in order["scenes"]] == [("entrance", 4294967295), ("welcome", 0)]
    assert order["scenes"][1]["prompt"].index("stage: ") < order["scenes"][1]["prompt"].index("crowd: ")


PROMPTS = [
    ("p", {}, {}, "p", ""),
    ("  p  ", {"positive": "  a. ", "negative": " n "}, {}, "a. p", "n"),
    ("p", {"positive": "a!"}, {}, "a! p", ""),
    ("p", {"positive": "a?"}, {}, "a? p", ""),
    ("p", {"positive": "a"}, {}, "a. p", ""),
    ("p", {"positive": "  "}, {}, "p", ""),
    ("@old_man waits", {}, {"old_man": {"prompt": " grey "}}, "old man: grey. old man waits", ""),
    ("@b and @a and @b", {}, {"a": {"prompt": "A.", "negative": "x"}, "b": {"prompt": "B", "negative": " y "}},
     "b: B. a: A. b and a and b", "y, x"),
    ("@a", {"negative": "n"}, {"a": {"prompt": "see @b", "negative": " "}, "b": {"prompt": "B"}},
     "a: see @b. a", "n"),
    ("@crowd's joy", {}, {"crowd": {"prompt": "people"}}, "crowd: people. crowd's joy", ""),
]


@pytest.mark.parametrize("prompt, common, symbols, expected, negative", PROMPTS)
def test_the_effective_prompt(world, ana, prompt, common, symbols, expected, negative):
    ana.generates(storyboard(scenes=[scene("a", prompt=prompt)], global_prompt=common, symbols=symbols))
    [one] = expect(take(world), 200)["scenes"]
    assert (one["prompt"], one["negative_prompt"]) == (expected, negative)


def test_reference_images_come_with_their_weights(world, ana):
    image = world.insert("artifacts", owner=ana.urn, created_by=ana.id, kind="image", status="ready", filename="h.png",
                         s3_key=f"user/{ana.id}/assets/h.png", content_type="image/png", size_bytes=5)["id"]
    ana.generates(storyboard(scenes=[scene("a", prompt="@hero"), scene("b")], symbols={
        "hero": {"prompt": "x", "reference_images": [{"id": image}, {"id": image, "weight": 0.25}]}}))
    order = expect(take(world), 200)
    assert [one["reference_images"] for one in order["scenes"]] == \
        [[{"id": image, "weight": 1}, {"id": image, "weight": 0.25}], []]
    assert f"/v1/blobs/framecast-outputs/user/{ana.id}/assets/h.png?" in order["assets"][image]


def test_an_image_job_has_one_scene(world, ana):
    row = world.job_row(ana, "completed", spec_snapshot={"prompt": " a cat ", "name": "Cat", "negative": "dog"})
    expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)
    order = expect(take(world), 200)
    [one] = order["scenes"]
    assert order["kind"] == "image"
    assert (one["scene_id"], one["duration"], one["prompt"], one["negative_prompt"]) == ("image", None, "a cat", "dog")
    assert one["seed"] == order["options"]["seed"]


def test_a_team_s_results_have_the_team_s_prefix(world, ana):
    team = world.team(owner=ana)
    for owner, folder in [(team.urn, f"team/{team.id}/shared"), (team.urn_of(ana), f"team/{team.id}/{ana.id}")]:
        job = ana.generates(storyboard(), owner=owner)
        assert expect(take(world), 200)["output"]["prefix"] == f"{folder}/jobs/{job['id']}/"


def test_what_a_retry_took_over_need_not_be_rendered(world, ana):
    job = ana.generates(storyboard(5, 5))
    expect(world.report(job["id"], "scene_complete", scene_id="s0",
                        url=f"s3://framecast-outputs/user/{ana.id}/jobs/{job['id']}/scene_s0.mp4"), 200)
    expect(world.report(job["id"], "failed"), 200)
    expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)
    links = [one["clip_url"] for one in expect(take(world), 200)["scenes"]]
    assert f"/jobs/{job['id']}/scene_s0.mp4?" in links[0] and links[1] is None


def test_the_oldest_comes_first_and_each_only_once(world):
    people = [world.creator(f"u{i}") for i in range(4)]
    jobs = [person.generates(storyboard())["id"] for person in people]
    assert [expect(take(world), 200)["job_id"] for _ in jobs] == jobs
    expect(take(world), 204)


def test_parallel_calls_get_different_jobs(world):
    jobs = {world.creator(f"u{i}").generates(storyboard())["id"] for i in range(4)}
    answers = at_once(6, lambda _: take(world))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [204] * 2
    assert {answer.json()["job_id"] for answer in answers if answer.status_code == 200} == jobs


def test_only_waiting_jobs_of_external_workers_are_handed_out(world, ana):
    world.job_row(ana)  # made by hand: no dispatch row
    canceled = ana.generates(storyboard())["id"]
    expect(ana.post(f"/v1/jobs/{canceled}/cancel"), 200)
    started = ana.generates(storyboard())["id"]
    expect(world.report(started, "started"), 200)
    other = ana.generates(storyboard())["id"]
    world.rows("update job_dispatches set provider = 'animatic', next_attempt_at = now() + interval '1 hour' "
               "where job_id = %s", other)
    expect(take(world), 204)


def test_a_handed_out_job_stays_queued_until_its_first_report(world, ana):
    job = ana.generates(storyboard())
    expect(take(world, worker="w1"), 200)
    assert ana.job(job["id"])["status"] == "queued"
    assert world.sequence(job["id"]) == ["queued"]
    assert expect(world.report(job["id"], "started"), 200)["status"] == "processing"


def test_a_lapsed_lease_makes_it_due_again(world, ana):
    job = ana.generates(storyboard())
    first = expect(take(world, worker="w1"), 200)
    assert first["lease_expires_at"] > job["created_at"]
    world.rows("update job_dispatches set lease_expires_at = now() - interval '1 second' where job_id = %s", job["id"])
    again = expect(take(world, worker="w2"), 200)
    assert (again["job_id"], again["attempt"]) == (job["id"], 2)
    expect(world.report(job["id"], "started"), 200)
    world.rows("update job_dispatches set lease_expires_at = now() - interval '1 second' where job_id = %s", job["id"])
    expect(take(world), 204)


def test_a_call_waits_for_the_next_job(world, ana):
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(take(world, wait=25)))
    waiting.start()
    job = ana.generates(storyboard())
    waiting.join(30)
    assert expect(answers[0], 200)["job_id"] == job["id"]


def test_many_waiting_calls_hold_up_nobody(world, ana):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(take(world, wait=30))) for _ in range(40)]
    for thread in threads:
        thread.start()
    expect(ana.get("/v1/jobs"), 200)
    people = [world.creator(f"u{i}") for i in range(8)]
    jobs = {job["id"] for person in people for job in (person.generates(storyboard()) for _ in range(5))}
    for thread in threads:
        thread.join(40)
    assert {answer.json()["job_id"] for answer in answers if answer.status_code == 200} == jobs


def test_where_workers_reach_the_server_is_a_setting(start_server, world, ana):
    server = start_server(RENDER_CALLBACK_BASE_URL="https://workers.example/api/")
    ana.generates(WELCOME)
    order = expect(take(world, server), 200)
    assert order["callback_url"] == "https://workers.example/api/internal/jobs/callback"
    assert all(link.startswith("https://workers.example/api/v1/blobs/") for link in order["assets"].values())


def test_the_lease_is_a_setting(start_server, world, ana):
    server = start_server(RENDER_LEASE_SECONDS=1)
    job = ana.generates(storyboard())
    expect(take(world, server), 200)
    order = until(lambda: (answer := take(world, server)).status_code == 200 and answer.json(), "the lease lapses")
    assert (order["job_id"], order["attempt"]) == (job["id"], 2)


def test_nothing_secret_is_logged(world, ana):
    ana.generates(storyboard())
    order = expect(world.worker.get(f"{PATH}?wait=0&worker=secret-name"), 200)
    log = world.server.logged()
    for secret in (order["callback_token"], world.server.settings["RENDER_WORKER_KEY"], "secret-name"):
        assert secret not in log
