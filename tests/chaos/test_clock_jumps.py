"""A server's clock is wrong, or jumps: leases and timeouts go by the database's clock and by monotonic ones."""
import pathlib

import pytest

from company import Company, pause
from harness import SMALL, expect, storyboard, until
from world import PATIENCE, holds

LIBRARY = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
HOUR = 3600
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="Debian's package faketime is not installed")


class Clock:
    """The time of day of one server; what only runs forward is left alone, as in a real jump."""

    def __init__(self, folder, seconds=0):
        self.file = folder / "offset"
        folder.mkdir(parents=True, exist_ok=True)
        self.jump(seconds)

    def jump(self, seconds):
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.rename(self.file)

    @property
    def settings(self):
        return {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": self.file, "FAKETIME_NO_CACHE": 1,
                "FAKETIME_DONT_FAKE_MONOTONIC": 1, "FAKETIME_DONT_RESET": 1}


def hour(server):
    """The hour in the server's newest log line, to see that its clock is the wrong one."""
    return server.lines()[-1]["time"][11:13]


def all_in_one_attempt(company, *jobs):
    company.ends(*jobs)
    until(company.settled, "every run is closed", seconds=PATIENCE)
    claims = company.world.rows("select attempts from job_dispatches")
    assert [claim["attempts"] for claim in claims] == [1] * len(claims), "no lease was lost"
    assert {row["attempt"] for row in company.world.rows("select attempt from render_scenes")} == {1}
    for server in company.servers:
        assert not [line for line in server.lines(settled=True) if line["message"] in ("run stopped", "job timed out")]
    holds(company.servers[0])


@pytest.mark.parametrize("offset", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_a_server_whose_clock_is_an_hour_off_shares_the_work(new_database, tmp_path, offset):
    clock = Clock(tmp_path / "clock", offset)
    with Company(tmp_path, new_database("clock"), n=1, RENDER_LEASE_SECONDS=60, RENDER_WORKERS=1) as company:
        wrong = company.joined_by(**clock.settings)
        people = [company.world.key(company.world.creator(f"u{i}")) for i in range(6)]
        jobs = [expect(who.at(company.servers[i % 2]).post("/v1/generate", {"spec": storyboard(1), "options": SMALL}), 201)
                for i, who in enumerate(people)]
        all_in_one_attempt(company, *jobs)
        assert hour(wrong) != hour(company.servers[0])
        assert [line for line in wrong.lines(settled=True) if line["message"] == "job completed"], "it has worked as well"


@pytest.mark.parametrize("offset", [HOUR, -HOUR, 48 * HOUR], ids=["forward", "back", "two days"])
def test_a_jump_in_the_middle_of_a_job_changes_nothing(new_database, tmp_path, offset):
    clock = Clock(tmp_path / "clock")
    with Company(tmp_path, new_database("jump"), n=1, RENDER_LEASE_SECONDS=60, JOB_TIMEOUT_SECONDS=600,
                 JOB_QUEUE_TIMEOUT_SECONDS=600, **clock.settings) as company:
        ana = company.world.key(company.world.creator())
        jobs = [expect(ana.post("/v1/generate", {"spec": storyboard(1, 1), "options": SMALL}), 201) for _ in range(3)]
        until(lambda: company.world.rows("select 1 from jobs where status = 'processing'"), "it is at work",
              seconds=PATIENCE)
        clock.jump(offset)
        pause(1)
        expect(ana.get("/v1/jobs"), 200)
        clock.jump(0)
        pause(1)
        clock.jump(offset)
        all_in_one_attempt(company, *jobs)
        company.ends(expect(ana.post("/v1/generate", {"spec": storyboard(1), "options": SMALL}), 201))
