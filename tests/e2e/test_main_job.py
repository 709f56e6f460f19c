"""The main job: a storyboard goes in, a video comes out."""
import pathlib
import random

import pytest

from film_world import PATIENCE, agrees, ends, film_of
from harness import SMALL, WELCOME, conforms, expect, expect_error, scene, storyboard, until
from harness.film import Film, children, download
from harness.server import Server
from harness.world import World


@pytest.fixture
def server(films):
    return films


# ---------------------------------------------------------------------------------- the main job


def test_the_welcome_storyboard_becomes_a_video_while_one_watches(world, ana, tmp_path):
    job = ana.generates(WELCOME, options=SMALL)
    with ana.events(job["id"], read_timeout=PATIENCE) as stream:
        events = list(stream)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    types = [event.type for event in events]
    assert types[:2] == ["queued", "started"] and types[-1] == "completed"
    assert set(types[2:-1]) <= {"progress", "scene_complete"}
    assert sorted(event.data["scene_id"] for event in events if event.type == "scene_complete") == ["entrance", "welcome"]
    percents = [event.data["percent"] for event in events if event.type == "progress"]
    assert percents == sorted(percents)

    job = ana.job(job["id"])
    film = film_of(job, tmp_path)
    agrees(film, job)
    assert (film.size, film.fps) == ("854x480", 24) and abs(film.duration - 10) <= 1 / 24 + 0.001
    assert job["created_at"] <= job["started_at"] <= job["completed_at"]
    assert job["progress"] == {**job["progress"], "percent": 100, "phase": "finalizing", "scenes_completed": 2}
    assert "previews" not in job["progress"]
    assert job["output"]["metadata"] == {"provider": "animatic", "model_used": "animatic", "seed": 7,
                                         "generation_time_ms": job["output"]["metadata"]["generation_time_ms"]}
    assert job["output"]["captions"] is None
    assert [(one["status"], one["attempt"], one["progress"], one["seed"], one["error"]) for one in job["scenes"]] == \
        [("completed", 1, 100, 7, None), ("completed", 1, 100, 8, None)]
    assert ana.credits == 5000 - job["credits_charged"] and job["credits_refunded"] == 0
    assert world.usage(ana.urn) == {"renders_count": 1, "render_seconds": 10,
                                    "credits_used": job["credits_charged"], "credits_refunded": 0}


def test_clips_and_thumbnail_are_there(ana, tmp_path):
    job = ends(ana, ana.generates(storyboard(1.5, 1), options=SMALL)["id"])
    clips = job["output"]["scene_clips"]
    assert [(clip["scene_id"], clip["duration"]) for clip in clips] == [("s0", 1.5), ("s1", 1)]
    for clip, one in zip(clips, job["scenes"]):
        assert clip["url"].split("?")[0] == one["clip_url"].split("?")[0]
        film = Film(download(clip["url"], tmp_path / f"{clip['scene_id']}.mp4"))
        assert film.frames == clip["duration"] * 24 and film.size == "854x480"
    thumbnail = Film(download(job["output"]["thumbnail_url"], tmp_path / "thumbnail.jpg"))
    assert thumbnail.video["codec_name"] == "mjpeg"
    assert thumbnail.video["width"] * 480 == pytest.approx(thumbnail.video["height"] * 854, rel=0.02)


def test_further_outputs_are_the_same_film_in_other_shapes(ana, tmp_path):
    outputs = [{"resolution": "480x854"}, {"resolution": "720x720", "fit": "crop"}, {"resolution": "854x480"}]
    job = ends(ana, ana.generates(storyboard(1.5, 1), options={**SMALL, "outputs": outputs})["id"])
    conforms(job["output"], "VideoOutput")
    film = film_of(job, tmp_path)
    assert [(one["resolution"], one["width"], one["height"], one["fit"]) for one in job["output"]["renditions"]] == \
        [("480x854", 480, 854, "pad"), ("720x720", 720, 720, "crop"), ("854x480", 854, 480, "pad")]
    for one in job["output"]["renditions"]:
        rendition = Film(download(one["url"], tmp_path / f"{one['resolution']}.mp4"))
        assert (rendition.size, rendition.frames, rendition.fps) == (one["resolution"], film.frames, film.fps)
        assert rendition.audio["codec_name"] == "aac" and rendition.is_playable_while_it_loads()
    assert job["credits_charged"] == ends(ana, ana.generates(storyboard(1.5, 1), options=SMALL)["id"])["credits_charged"]


def test_a_contact_sheet_comes_with_every_film(ana, tmp_path):
    job = ends(ana, ana.generates(storyboard(1, 1, 1), options=SMALL)["id"])
    sheet = Film(download(job["output"]["contact_sheet_url"], tmp_path / "sheet.jpg"))
    assert sheet.video["codec_name"] == "mjpeg" and sheet.video["width"] <= 1600
    assert job["output"]["renditions"] == []


@pytest.mark.parametrize("resolution, fps, quality", [
    ("854x480", 60, "standard"), ("480x854", 30, "draft"), ("1280x720", 24, "high"), ("720x1280", 60, "draft"),
    ("720x720", 30, "standard"), ("1920x1080", 30, "draft"), ("1080x1920", 24, "draft"), ("1080x1080", 24, "standard"),
])
def test_options_are_honoured_exactly(ana, tmp_path, resolution, fps, quality):
    job = ana.generates(storyboard(1), options={"resolution": resolution, "fps": fps, "quality": quality})
    job = ends(ana, job["id"])
    film = film_of(job, tmp_path)
    agrees(film, job)
    assert (film.size, film.fps) == (resolution, fps)
    assert abs(film.frames - fps) <= 1


def test_the_defaults_are_1080p_at_24_frames(ana, tmp_path):
    job = ends(ana, ana.generates(storyboard(1))["id"])
    film = film_of(job, tmp_path)
    agrees(film, job)
    assert (film.size, film.fps) == ("1920x1080", 24)
    assert job["output"]["metadata"]["seed"] == job["scenes"][0]["seed"]


def test_the_same_seed_gives_the_same_pictures_and_another_one_others(world, tmp_path):
    spec = storyboard(1, 1)
    pictures = []
    for n, seed in enumerate((5, 5, 6)):
        ana = world.creator(f"u{n}")
        job = ends(ana, ana.generates(spec, options={**SMALL, "seed": seed})["id"])
        pictures.append(film_of(job, tmp_path).pictures())
    assert pictures[0] == pictures[1] != pictures[2]
    assert len(set(pictures[0])) > 12  # it moves


def test_the_prompt_makes_the_picture(world, tmp_path):
    pictures = []
    for prompt in ("a calm sea", "a busy street"):
        ana = world.creator()
        job = ends(ana, ana.generates(storyboard(scenes=[scene("a", 1, prompt)]), options=SMALL)["id"])
        pictures.append(film_of(job, tmp_path).pictures()[10])
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("more, seconds", [
    ({"transitions": {"default": {"type": "fade", "duration": 1}}}, 4),
    ({"timeline": [{"scene": "s1"}, {"transition": {"type": "wipe"}}, {"scene": "s0"}, {"scene": "s1"}]}, 5.5),
    ({"timeline": [{"flashback": {"scenes": ["s0"], "treatment": {"desaturate": 1, "vignette": True, "grain": 0.5,
                                                                    "blur": 3}}},
                   {"montage": {"scenes": ["s1", "s0", "s1"], "pace": "fast"}}]}, 8),
    ({"transitions": {"s0->s1": {"type": "custom", "effects": [{"name": "spin", "from": 0, "to": 1}]}}}, 4),
])
def test_the_video_lasts_as_long_as_estimated(ana, tmp_path, more, seconds):
    spec = storyboard(2.5, 1.5, **more)
    assert expect(ana.post("/v1/spec/estimate", spec), 200)["estimated_duration_seconds"] == seconds
    job = ends(ana, ana.generates(spec, options=SMALL)["id"])
    film = film_of(job, tmp_path)
    agrees(film, job)
    assert abs(film.duration - seconds) <= 1 / 24 + 0.001


@pytest.mark.parametrize("type", ["cut", "fade", "dissolve", "wipe", "blur", "zoom", "flash", "glitch"])
def test_every_transition_can_be_drawn(ana, tmp_path, type):
    spec = storyboard(1, 1, transitions={"default": {"type": type, "duration": 0.4}})
    job = ends(ana, ana.generates(spec, options=SMALL)["id"])
    assert film_of(job, tmp_path).frames == pytest.approx(48, abs=1)


def test_any_text_can_be_drawn(ana):
    prompt = "Ünïcödé 中文 😀 100% 'quoted' \"double\" back\\slash %{pts} : ; , [in] {brace} $HOME `x`\nnew line\ttab"
    spec = storyboard(scenes=[scene("a-b_C", 1, prompt), scene("x" * 64, 1, "x" * 2000), scene("c", 1, "\u202e\x01.")])
    ends(ana, ana.generates(spec, options=SMALL)["id"])


def test_dialogue_becomes_captions(ana, tmp_path):
    spec = storyboard(scenes=[scene("a", 2, audio={"dialogue": [{"text": "Hello <there>", "start": 0.5}]}),
                              scene("b", 2, audio={"dialogue": [{"text": "Good\nbye"}]})])
    job = ends(ana, ana.generates(spec, options=SMALL)["id"])
    captions = job["output"]["captions"]
    srt = download(captions["srt_url"], tmp_path / "c.srt").read_text()
    vtt = download(captions["vtt_url"], tmp_path / "c.vtt").read_text()
    assert "00:00:00,500 --> 00:00:01,500" in srt and "Hello" in srt
    assert "00:00:02,000 --> 00:00:03,000" in srt
    assert vtt.startswith("WEBVTT") and "00:00:00.500 --> 00:00:01.500" in vtt


def test_an_image_job_becomes_a_still(world, ana, tmp_path):
    row = world.job_row(ana, "completed", spec_snapshot={"prompt": "a cat with a hat", "name": "Cat"})
    clone = expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)
    job = ends(ana, clone["id"])
    conforms(job["output"], "ImageOutput")
    still = Film(download(job["output"]["url"], tmp_path / "final.png"))
    assert still.video["codec_name"] == "png" and still.size == job["output"]["resolution"] == "1920x1080"
    assert world.usage(ana.urn)["render_seconds"] == 0
    assert [one["scene_id"] for one in job["scenes"]] == ["image"]


def test_what_cannot_be_rendered_fails_at_the_beginning(world, ana):
    row = world.job_row(ana, "completed", spec_snapshot={"scenes": []})
    clone = expect(ana.post(f"/v1/jobs/{row['id']}/clone"), 201)
    job = ends(ana, clone["id"], "failed")
    assert (job["failure_type"], job["error"]["code"]) == ("validation", "invalid_spec")
    assert job["credits_refunded"] == job["credits_charged"] == 2


def test_deleting_a_job_removes_its_files(world, ana):
    job = ends(ana, ana.generates(storyboard(1), options={**SMALL, "outputs": [{"resolution": "480x854", "fit": "crop"}]})["id"])
    folder = pathlib.Path(world.server.settings["STORAGE_DIR"]) / "framecast-outputs" / "user" / ana.id / "jobs" / job["id"]
    assert {file.name for file in folder.iterdir()} == {"final.mp4", "final_480x854_crop.mp4", "thumbnail.jpg",
                                                        "contact_sheet.jpg", "scene_s0.mp4"}
    expect(ana.delete(f"/v1/jobs/{job['id']}"), 204)
    until(lambda: not world.rows("select from object_deletions"), "nothing is left to delete")
    assert not folder.exists()


# ------------------------------------------------------------------------------- cancel and retry


HEAVY = {"resolution": "1920x1080", "fps": 60, "quality": "high"}


def test_a_cancel_ends_the_rendering(world, ana):
    job = ana.generates(storyboard(30, 30, 30), options=HEAVY)
    server = world.server
    until(lambda: children(server.process.pid), "ffmpeg is at work", seconds=30)
    canceled = expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    until(lambda: not children(server.process.pid), "ffmpeg has ended", seconds=30)
    until(lambda: world.one("select done_at from job_dispatches where job_id = %s", job["id"]), "it is cleaned up")
    after = ana.job(job["id"])
    assert {one["status"] for one in after["scenes"]} <= {"canceled", "completed"}
    assert {**after, "scenes": None} == {**canceled, "scenes": None}
    assert world.sequence(job["id"])[-1] == "canceled"
    assert ana.credits == 5000 - job["credits_charged"] + canceled["credits_refunded"]
    assert not list((server.folder / "work").rglob("*.mp4")), "half-made files are gone"
    # The place is free, and the next job is rendered.
    ends(ana, ana.generates(storyboard(1), options=SMALL)["id"])


def test_a_retry_renders_only_what_is_missing(world, ana, tmp_path):
    spec = storyboard(1, 30)
    options = {**HEAVY, "seed": 3}
    job = ana.generates(spec, options=options)
    until(lambda: ana.job(job["id"])["scenes"][0]["status"] == "completed", "the first scene is done", seconds=PATIENCE)
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    first = ana.job(job["id"])["scenes"][0]
    retry = expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)
    assert retry["credits_charged"] < job["credits_charged"]
    taken = ana.job(retry["id"])["scenes"][0]
    assert (taken["status"], taken["seed"]) == ("completed", 3)
    assert taken["clip_url"].split("?")[0] == first["clip_url"].split("?")[0]
    until(lambda: ana.job(retry["id"])["scenes"][1]["status"] in ("submitted", "running"), "the second is at work",
          seconds=60)
    assert ana.job(retry["id"])["scenes"][0] == {**taken, "clip_url": ana.job(retry["id"])["scenes"][0]["clip_url"]}
    assert world.one("select count(*) from job_events where job_id = %s and event_type = 'scene_complete'",
                     retry["id"]) == 0
    expect(ana.post(f"/v1/jobs/{retry['id']}/cancel"), 200)


def gives_up(world, job):
    """As if the second scene of a completed job had failed for good."""
    world.rows("alter table jobs disable trigger user")
    try:
        world.rows("update jobs set status = 'failed', failure_type = 'system', error = '{}' where id = %s", job["id"])
    finally:
        world.rows("alter table jobs enable trigger user")
    world.rows("update render_scenes set status = 'failed', clip_key = null, error = '{}' where job_id = %s "
               "and position = 1", job["id"])


def test_a_retry_of_a_small_job_completes_with_the_old_clip(world, ana, tmp_path):
    job = ends(ana, ana.generates(storyboard(1, 1), options=SMALL)["id"])
    gives_up(world, job)
    retry = ends(ana, expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)["id"])
    agrees(film_of(retry, tmp_path), retry)
    assert [one["attempt"] for one in retry["scenes"]][1] == 1
    assert world.sequence(retry["id"]).count("scene_complete") == 1
    expect(ana.delete(f"/v1/jobs/{job['id']}"), 204)
    until(lambda: not world.rows("select from object_deletions"), "the parent's files are gone")
    download(ana.job(retry["id"])["output"]["scene_clips"][0]["url"], tmp_path / "clip.mp4")


def test_a_retry_makes_the_further_outputs_of_old_and_new_clips(world, ana, tmp_path):
    outputs = [{"resolution": "480x854", "fit": "crop"}, {"resolution": "720x720", "fit": "pad"}]
    spec = storyboard(1, 1.5, transitions={"default": {"type": "fade", "duration": 0.5}})
    job = ends(ana, ana.generates(spec, options={**SMALL, "captions": "burn", "outputs": outputs})["id"])
    gives_up(world, job)
    retry = ends(ana, expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)["id"])
    assert retry["options"] == job["options"] and retry["options"]["outputs"] == outputs
    assert retry["scenes"][0]["clip_url"].split("?")[0] == job["scenes"][0]["clip_url"].split("?")[0]
    folder = pathlib.Path(world.server.settings["STORAGE_DIR"]) / "framecast-outputs" / "user" / ana.id / "jobs"
    assert {file.name for file in (folder / retry["id"]).iterdir()} == {
        "final.mp4", "final_480x854_crop.mp4", "final_720x720_pad.mp4", "thumbnail.jpg", "contact_sheet.jpg", "scene_s1.mp4"}

    expect(ana.delete(f"/v1/jobs/{job['id']}"), 204)
    until(lambda: not world.rows("select from object_deletions"), "the parent's files are gone")
    assert [file.name for file in (folder / job["id"]).iterdir()] == ["scene_s0.mp4"]
    retry = ana.job(retry["id"])
    film = film_of(retry, tmp_path)
    agrees(film, retry)
    for one in retry["output"]["renditions"]:
        assert f"/jobs/{retry['id']}/" in one["url"]
        rendition = Film(download(one["url"], tmp_path / f"{one['resolution']}.mp4"))
        assert (rendition.size, rendition.frames, rendition.fps) == (one["resolution"], film.frames, film.fps)
    assert [(one["resolution"], one["fit"]) for one in retry["output"]["renditions"]] == \
        [(one["resolution"], one["fit"]) for one in outputs]


def test_a_renderer_that_fails_is_tried_again_and_then_given_up(start_server, new_database):
    server = start_server(database_url=new_database("broken"), RENDER_PROVIDER="animatic", FFMPEG="/bin/false",
                          RENDER_SCENE_ATTEMPTS=2)
    world = World(server)
    ana = world.creator()
    job = ends(ana, ana.generates(storyboard(1, 1), options=SMALL)["id"], "failed")
    assert (job["failure_type"], job["error"]["code"]) == ("system", "render_failed")
    assert job["credits_refunded"] == job["credits_charged"] and ana.credits == 1000
    [given_up] = [one for one in job["scenes"] if one["scene_id"] == job["error"]["scene_id"]]
    assert (given_up["status"], given_up["attempt"]) == ("failed", 2) and given_up["error"]["message"]
    assert "/" not in job["error"]["message"], "no paths for clients"
    world.close()


# --------------------------------------------------------------------------- crashes and company


def completed(world, job_id):
    """What must not change any more: the finished scenes."""
    return {row["scene_id"]: row for row in world.rows(
        "select scene_id, attempt, clip_key, duration_ms, completed_at from render_scenes "
        "where job_id = %s and status = 'completed'", job_id)}


def adds_up(world, actor, job):
    events = world.sequence(job["id"])
    assert events[:2] == ["queued", "started"] and events[-1] == "completed"
    assert events.count("started") == events.count("completed") == 1
    finished = [row["scene_id"] for row in world.rows(
        "select payload->>'scene_id' scene_id from job_events where job_id = %s and event_type = 'scene_complete'",
        job["id"])]
    assert sorted(finished) == sorted(one["scene_id"] for one in job["scenes"])
    percents = [row["percent"] for row in world.rows(
        "select (payload->>'percent')::float percent from job_events where job_id = %s and event_type = 'progress' "
        "order by sequence", job["id"])]
    assert percents == sorted(percents)
    times = [row["created_at"] for row in world.rows(
        "select created_at from job_events where job_id = %s order by sequence", job["id"])]
    assert times == sorted(times)
    assert world.usage(job["owner"])["credits_used"] == job["credits_charged"]
    assert world.usage(job["owner"])["renders_count"] == 1
    assert actor.credits == 1000 - job["credits_charged"] and job["credits_refunded"] == 0


def test_kill_9_at_random_moments_neither_loses_nor_repeats_work(new_database, tmp_path):
    seed = random.randrange(10**6)
    print(f"random seed {seed}")
    chance = random.Random(seed)
    server = Server(tmp_path / "server", new_database("killed"), RENDER_PROVIDER="animatic", RENDER_LEASE_SECONDS=2,
                    JOB_SWEEP_INTERVAL_SECONDS=1).start()
    world = World(server)
    try:
        ana = world.creator()
        spec = storyboard(3, 2, 3, 2, 3, 2, transitions={"default": {"type": "fade", "duration": 0.5}})
        job = ana.generates(spec, options={**SMALL, "resolution": "1280x720"})
        status, n_kills, seen = "queued", 0, {}
        while status not in ("completed", "failed") and n_kills < 12:
            moment = chance.uniform(0.05, 3)
            try:
                until(lambda: ana.job(job["id"])["status"] in ("completed", "failed"), seconds=moment)
            except AssertionError:
                pass  # not over yet: the moment has come
            server.kill()
            n_kills += 1
            now = completed(world, job["id"])
            assert {id: now[id] for id in seen} == seen, "a finished scene stays as it is"
            seen = now
            server.start()
            status = ana.job(job["id"])["status"]
        job = ends(ana, job["id"])
        final = completed(world, job["id"])
        assert {id: final[id] for id in seen} == seen
        adds_up(world, ana, job)
        film = film_of(job, tmp_path)
        agrees(film, job)
        assert abs(film.duration - 15) <= 1 / 24 + 0.001
        assert n_kills >= 2, "the job was over before the server was killed twice: make it longer"
    finally:
        world.close()
        server.stop()


def test_sigterm_hands_the_job_back_at_once(new_database, tmp_path):
    # The lease is so long that without handing it back nobody would go on within this test.
    server = Server(tmp_path / "server", new_database("stopped"), RENDER_PROVIDER="animatic", RENDER_LEASE_SECONDS=3600)
    world = World(server.start())
    try:
        ana = world.creator()
        job = ana.generates(storyboard(2, 2, 2, 2), options={**SMALL, "resolution": "1280x720"})
        until(lambda: completed(world, job["id"]), "one scene is done", seconds=PATIENCE)
        server.stop()
        before = completed(world, job["id"])
        server.start()
        job = ends(ana, job["id"])
        after = completed(world, job["id"])
        assert {id: after[id] for id in before} == before
        adds_up(world, ana, job)
    finally:
        world.close()
        server.stop()


def test_two_servers_share_one_database(new_database, tmp_path):
    url, storage = new_database("shared"), tmp_path / "storage"
    servers = [Server(tmp_path / f"server{i}", url, RENDER_PROVIDER="animatic", STORAGE_DIR=storage,
                      RENDER_WORKERS=1).start() for i in (0, 1)]
    world = World(servers[0])
    try:
        people = [world.creator(f"u{i}").at(servers[i % 2]) for i in range(6)]
        jobs = [person.generates(storyboard(1, 1), options=SMALL) for person in people]
        # Each is watched at the server that did not take the order.
        for i, (person, job) in enumerate(zip(people, jobs)):
            with person.at(servers[1 - i % 2]).events(job["id"], read_timeout=PATIENCE) as stream:
                assert [event.type for event in stream][-1] == "completed"
        for person, job in zip(people, jobs):
            job = person.job(job["id"])
            assert [one["attempt"] for one in job["scenes"]] == [1, 1]
            adds_up(world, person, job)
        taken = [server.logged().count(job["id"]) for server in servers for job in jobs]
        assert all(taken), "both servers were asked about every job"
    finally:
        world.close()
        for server in servers:
            server.stop()


def test_the_api_goes_on_while_films_are_made(world, ana):
    jobs = [ana.generates(storyboard(1, 1, 1), options=SMALL)["id"] for _ in range(4)]
    for _ in range(20):
        expect(ana.get("/v1/jobs"), 200)
    expect_error(ana.delete(f"/v1/jobs/{jobs[-1]}"), 400, "VALIDATION_ERROR")
    for job in jobs:
        ends(ana, job)
