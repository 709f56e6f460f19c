"""Two servers on one database, twenty jobs, and one of the servers always in trouble."""
import random

import pytest

from company import LEASE_SECONDS, Company, adds_up, checkpoints, freeze, pause, thaw
from fakes.ffmpeg import Ffmpeg
from harness import SMALL, storyboard, until
from harness.film import Film, download
from world import PATIENCE

N_JOBS = 20


def killed(server, chance):
    server.kill()
    pause(chance.uniform(0, LEASE_SECONDS))
    server.start()


def stopped(server, chance):
    server.stop()
    pause(chance.uniform(0, 1))
    server.start()


def frozen(server, chance):
    """For longer than the lease, so that the other one takes its work."""
    freeze(server)
    pause(LEASE_SECONDS + chance.uniform(0.2, 2))
    thaw(server)


def interrupted(server, chance):
    """For less than the lease: it goes on as if nothing had been."""
    freeze(server)
    pause(chance.uniform(0, LEASE_SECONDS / 2))
    thaw(server)


FAULTS = {"kill -9": [killed], "SIGTERM": [stopped], "SIGSTOP": [frozen, interrupted],
          "anything": [killed, stopped, frozen, interrupted]}


@pytest.fixture
def company(new_database, tmp_path):
    ffmpeg = Ffmpeg(tmp_path / "bin")
    with Company(tmp_path, new_database("rounds"), FFMPEG=ffmpeg.program) as company:
        company.ffmpeg = ffmpeg
        yield company


def orders(company):
    """Twenty jobs of twenty people, ordered at either server."""
    people = [company.world.creator(f"u{i}") for i in range(N_JOBS)]
    return [(person, person.at(company.servers[i % 2]).generates(storyboard(1, 1.5), options=SMALL))
            for i, person in enumerate(people)]


def take_of(row):
    return f"/{row['scene_id']}-{row['attempt']}.take"


def nothing_was_rendered_after_its_checkpoint(company):
    for row in company.world.rows("select job_id, scene_id, attempt, extract(epoch from completed_at)::float as done "
                                  "from render_scenes"):
        calls = [when for when, what in company.ffmpeg.calls(row["job_id"]) if take_of(row) in what]
        assert calls, f"{row} was never drawn"
        assert max(calls) <= row["done"], f"{row} was drawn again: {calls}"


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_twenty_jobs_survive_whatever_befalls_one_of_two_servers(company, tmp_path, faults):
    seed = random.randrange(10**6)
    print(f"random seed {seed}")
    chance = random.Random(seed)
    jobs = orders(company)
    seen, n_faults = {}, 0
    while not company.all_over():
        pause(chance.uniform(0.1, 3))
        chance.choice(faults)(chance.choice(company.servers), chance)
        n_faults += 1
        now = checkpoints(company.world)
        assert {key: now.get(key) for key in seen} == seen, "a finished scene stays as it is"
        seen = now
    company.ends(*[job for _, job in jobs])
    until(company.settled, "every run is closed", seconds=PATIENCE)
    print(f"{n_faults} faults")
    assert len(company.statuses()) == N_JOBS
    assert [row["attempt"] for row in company.world.rows("select attempt from render_scenes")] == [1] * 2 * N_JOBS, \
        "an attempt that died with its server is the same attempt when it is made again"
    nothing_was_rendered_after_its_checkpoint(company)
    adds_up(company)
    for person, job in jobs[:3]:
        film = Film(download(person.job(job["id"])["output"]["video_url"], tmp_path / "film.mp4"))
        assert film.frames == 60 and film.size == "854x480"
