"""A server stands still for longer than its lease, and wakes."""
import pytest

from company import LEASE_SECONDS, Company, adds_up, freeze, pause, thaw, unchanged
from fakes.ffmpeg import Ffmpeg
from harness import SMALL, storyboard, until
from world import PATIENCE

# What the command lines of ffmpeg have in each stage.
STAGES = {"drawing": "-1.take", "mixing": ".pcm", "cutting": "/shot-", "joining": "ffconcat"}
FILM = storyboard(1, 1, transitions={"default": {"type": "fade", "duration": 0.5}})


def quick_is(which, values):
    return [pytest.param(value, marks=pytest.mark.quick) if value == which else value for value in values]


@pytest.fixture
def ffmpeg(tmp_path):
    return Ffmpeg(tmp_path / "bin")


@pytest.fixture
def company(new_database, tmp_path, ffmpeg):
    with Company(tmp_path, new_database("frozen"), n=1, FFMPEG=ffmpeg.program) as company:
        yield company


def frozen_at(company, ffmpeg, stage):
    """The only server stands still while ffmpeg works in this stage of the only job."""
    ffmpeg.does("linger", when=f"*{STAGES[stage]}*")
    job = company.world.creator().generates(FILM, options=SMALL)
    until(lambda: ffmpeg.calls(STAGES[stage]), f"it is {stage}", seconds=PATIENCE)
    freeze(company.servers[0])
    ffmpeg.behaves()
    return job


def stopped(server):
    return any(line["message"].startswith("run stopped") for line in server.lines())


@pytest.mark.parametrize("stage", quick_is("joining", STAGES))
def test_a_lone_server_goes_on_where_it_was_frozen(company, ffmpeg, stage):
    job = frozen_at(company, ffmpeg, stage)
    pause(LEASE_SECONDS + 1)
    thaw(company.servers[0])
    company.ends(job)
    assert [row["attempt"] for row in company.world.rows("select attempt from render_scenes")] == [1, 1]
    until(company.settled, "the run is closed")
    adds_up(company)


@pytest.mark.parametrize("stage", quick_is("drawing", STAGES))
def test_who_wakes_after_its_job_was_finished_by_another_changes_nothing(company, ffmpeg, stage):
    job = frozen_at(company, ffmpeg, stage)
    company.joined_by()
    company.ends(job)
    until(company.settled, "the run is closed")
    before = company.everything()
    thaw(company.servers[0])
    until(lambda: stopped(company.servers[0]), "the sleeper lets go", seconds=PATIENCE)
    unchanged(before, company.everything())
    assert not list((company.servers[0].folder / "work").iterdir()), "half-made files are gone"
    adds_up(company)


@pytest.mark.parametrize("name", ["scene_s0.mp4", "final.mp4", "thumbnail.jpg"])
def test_not_even_the_last_moment_lets_a_sleeper_write_over_a_stored_file(new_database, tmp_path, preloaded, name):
    flag = tmp_path / "flag"
    flag.touch()
    with Company(tmp_path, new_database("moment"), n=1, LD_PRELOAD=preloaded("stop_at_rename"), STOP_AT=name,
                 STOP_FLAG=flag) as company:
        job = company.world.creator().generates(storyboard(1), options=SMALL)
        until(lambda: not flag.exists(), "it is about to store the file", seconds=PATIENCE)
        company.joined_by()
        company.ends(job)
        until(company.settled, "the run is closed")
        before = company.everything()
        thaw(company.servers[0])
        until(lambda: stopped(company.servers[0]), "the sleeper lets go", seconds=PATIENCE)
        unchanged(before, company.everything())
        adds_up(company)
