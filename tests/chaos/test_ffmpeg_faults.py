"""ffmpeg is missing, crashes, hangs, lies: its job says so, everything else goes on."""
import pytest

from company import Company
from fakes.ffmpeg import runs
from harness import SMALL, expect, storyboard, until
from harness.film import children
from world import PATIENCE, holds

ATTEMPTS = 2
FAULTS = ["crash", "segfault", "nothing", "rubbish"]
GRAY = [{"flashback": {"scenes": ["s0"], "treatment": {"desaturate": 1}}}]  # so that its pictures are made anew


@pytest.fixture
def company(new_database, tmp_path, ffmpeg):
    with Company(tmp_path, new_database("ffmpeg"), n=1, FFMPEG=ffmpeg.program, RENDER_SCENE_ATTEMPTS=ATTEMPTS,
                 RENDER_LEASE_SECONDS=30) as company:
        yield company


def warnings(server, message):
    return [line for line in server.lines() if line["message"] == message]


def renders(company, who):
    """The proof that the server is well: somebody's film is made."""
    company.ends(who.generates(storyboard(1), options=SMALL))


def fails_clearly(company, who, job, code):
    """The job failed, its money is back, and what it says is for people."""
    after = who.job(job["id"])
    assert (after["status"], after["failure_type"], after["error"]["code"]) == ("failed", "system", code)
    assert after["credits_refunded"] == after["credits_charged"] > 0 and who.credits == 1000
    assert after["error"]["message"] and "/" not in after["error"]["message"], "no paths for clients"
    for scene in after["scenes"]:
        assert "/" not in (scene["error"] or {}).get("message", ""), "no paths for clients"
    return after


@pytest.mark.parametrize("fault", [pytest.param("crash", marks=pytest.mark.quick), *FAULTS[1:]])
def test_one_failed_attempt_is_followed_by_another(company, ffmpeg, fault):
    ffmpeg.does(fault, when="*.take*", times=1)
    ana = company.world.creator()
    job = ana.generates(storyboard(1, 1), options=SMALL)
    company.ends(job)
    assert sorted(scene["attempt"] for scene in ana.job(job["id"])["scenes"]) == [1, 2]
    assert len(ffmpeg.calls(".take")) == 3
    holds(company.servers[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_scene_that_always_fails_fails_its_job_alone(new_database, tmp_path, ffmpeg, fault):
    with Company(tmp_path, new_database("alone"), n=1, FFMPEG=ffmpeg.program, RENDER_SCENE_ATTEMPTS=ATTEMPTS,
                 RENDER_PARALLEL_SCENES=1) as company:
        one_scene_always_fails(company, ffmpeg, fault)


def one_scene_always_fails(company, ffmpeg, fault):
    ffmpeg.does(fault, when="*/bad-*.take*")
    ana, bob = company.world.creator(), company.world.creator("bob")
    bad = ana.generates({"title": "T", "scenes": [{"id": id, "prompt": "p", "duration": 1} for id in ("good", "bad")]},
                        options=SMALL)
    renders(company, bob)
    company.ends(bad, status="failed")
    after = fails_clearly(company, ana, bad, "render_failed")
    assert after["error"]["scene_id"] == "bad"
    [scene] = [scene for scene in after["scenes"] if scene["scene_id"] == "bad"]
    assert (scene["status"], scene["attempt"]) == ("failed", ATTEMPTS)
    # Whoever retries pays and waits for the missing scene only.
    ffmpeg.behaves()
    retry = expect(ana.post(f"/v1/jobs/{bad['id']}/retry"), 201)
    company.ends(retry)
    assert len(ffmpeg.calls("/good-1.take")) == 1
    holds(company.servers[0])


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stage", [".pcm", "/shot-", "ffconcat"])
def test_a_film_that_cannot_be_joined_fails_its_job_alone(company, ffmpeg, fault, stage):
    ffmpeg.does(fault, when=f"*{stage}*")
    ana = company.world.creator()
    job = ana.generates(storyboard(1, timeline=GRAY), options=SMALL)
    company.ends(job, status="failed")
    fails_clearly(company, ana, job, "stitch_failed")
    ffmpeg.behaves()
    retry = expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)
    company.ends(retry)
    assert len(ffmpeg.calls(".take")) == 1, "the finished scene is not drawn again"
    holds(company.servers[0])


@pytest.mark.quick
def test_a_hanging_ffmpeg_ends_with_its_job_and_so_does_all_that_it_started(company, ffmpeg):
    ffmpeg.does("hang")
    ana, bob = company.world.creator(), company.world.creator("bob")
    job = ana.generates(storyboard(1), options=SMALL)
    until(ffmpeg.sleepers, "it hangs", seconds=PATIENCE)
    expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    until(lambda: not ffmpeg.sleepers() and not children(company.servers[0].process.pid), "all is gone",
          seconds=PATIENCE)
    ffmpeg.behaves()
    renders(company, bob)
    holds(company.servers[0])


def test_a_hanging_ffmpeg_is_killed_when_the_job_has_run_for_too_long(new_database, tmp_path, ffmpeg):
    ffmpeg.does("hang", when="*ffconcat*")
    with Company(tmp_path, new_database("hang"), n=1, FFMPEG=ffmpeg.program, JOB_TIMEOUT_SECONDS=8) as company:
        ana = company.world.creator()
        job = ana.generates(storyboard(1), options=SMALL)
        company.ends(job, status="failed")
        after = ana.job(job["id"])
        assert (after["failure_type"], after["error"]["code"]) == ("timeout", "timeout")
        assert ana.credits == 1000
        until(lambda: not ffmpeg.sleepers(), "all is gone", seconds=PATIENCE)
        ffmpeg.behaves()
        renders(company, ana)
        holds(company.servers[0])


def test_a_take_that_hangs_is_an_attempt_that_failed(company, ffmpeg):
    """It has a minute, and a second more for each frame."""
    ffmpeg.does("hang", when="*.take*", times=1)
    ana = company.world.creator()
    job = ana.generates(storyboard(1), options=SMALL)
    company.ends(job)
    assert ana.job(job["id"])["scenes"][0]["attempt"] == 2
    assert not ffmpeg.sleepers()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_child_outlives_its_server(company, ffmpeg, end):
    ffmpeg.does("hang")
    company.world.creator().generates(storyboard(1), options=SMALL)
    until(ffmpeg.sleepers, "it hangs", seconds=PATIENCE)
    programs = children(company.servers[0].process.pid, "ffmpeg")
    getattr(company.servers[0], end)()
    until(lambda: not any(map(runs, programs)), "they are gone", seconds=PATIENCE)
    ffmpeg.behaves()
    company.servers[0].start()
    until(company.all_over, "the job goes on", seconds=PATIENCE)


@pytest.mark.quick
def test_a_missing_ffmpeg_is_told_at_the_start_and_by_each_job(new_database, tmp_path):
    missing = tmp_path / "there" / "is" / "no" / "ffmpeg"
    with Company(tmp_path, new_database("missing"), n=1, FFMPEG=missing) as company:
        server = company.servers[0]
        [told] = until(lambda: warnings(server, "films cannot be made"), "it is told")
        assert str(missing) in told["error"] and told["level"] == "error"
        ana = company.world.creator()
        job = ana.generates(storyboard(1), options=SMALL)
        company.ends(job, status="failed")
        after = fails_clearly(company, ana, job, "render_failed")
        assert "ffmpeg" in after["error"]["message"]
        expect(ana.get("/v1/jobs"), 200)
        # Once it is there nothing need be started again.
        missing.parent.mkdir(parents=True)
        missing.symlink_to("/usr/bin/ffmpeg")
        renders(company, ana)
        holds(server)
