"""A server that is told to end while it makes a film: the job goes back to the queue, and nothing is left behind."""
import json
import signal
import socket

import pytest

from company import Company, adds_up
from harness import SMALL, storyboard, until
from harness.server import EXIT_SECONDS
from world import PATIENCE

# Whose lease would keep everybody else away for longer than any test lasts.
LEASE_SECONDS = 3600
STAGES = {"a scene is drawn": "*.take*", "the sound is mixed": "*.pcm*", "a shot is joined": "*/shot-*",
          "the film is put together": "*/shots.ffconcat*", "a rendition is made": "*/rendition-*"}
ENDS = {"SIGTERM": [signal.SIGTERM], "SIGTERM twice": [signal.SIGTERM] * 2, "SIGINT": [signal.SIGINT],
        "SIGINT, then SIGTERM": [signal.SIGINT, signal.SIGTERM]}
FILM = storyboard(1, 1, transitions={"default": {"type": "fade", "duration": 0.5}})
OPTIONS = {**SMALL, "outputs": [{"resolution": "480x854", "fit": "crop"}]}


def told_to_end(server, signals):
    for number in signals:
        server.process.send_signal(number)
        until(lambda: "stopping" in server.tail(), "it has heard", seconds=PATIENCE)
    assert server.process.wait(EXIT_SECONDS) == 0, server.tail()
    server.stop()


def handed_back(company, stage):
    """Nobody holds the job, nothing has failed, and no half-made file is left."""
    server, world = company.servers[0], company.world
    dispatch = world.row("select leased_by, lease_expires_at, done_at, next_attempt_at <= now() as is_due, last_error "
                         "from job_dispatches")
    assert dispatch == {"leased_by": None, "lease_expires_at": None, "done_at": None, "is_due": True, "last_error": None}
    assert world.row("select status, error from jobs") == {"status": "processing", "error": None}
    assert not world.rows("select from render_scenes where error is not null or attempt > 1")
    assert not list((server.folder / "work").iterdir()), stage
    assert not [path for path in company.storage.rglob("*") if path.parent.name == ".incoming"]
    assert not [line for line in server.lines() if line["level"] in ("warning", "error")]


@pytest.mark.parametrize("stage, end", [
    *[pytest.param(stage, "SIGTERM", marks=[pytest.mark.quick] if stage == "the film is put together" else [])
      for stage in STAGES],
    *[("the film is put together", end) for end in list(ENDS)[1:]],
])
def test_a_job_goes_back_to_the_queue(new_database, tmp_path, ffmpeg, stage, end):
    ffmpeg.does("hang", when=STAGES[stage])
    with Company(tmp_path, new_database("signals"), n=1, FFMPEG=ffmpeg.program,
                 RENDER_LEASE_SECONDS=LEASE_SECONDS) as company:
        server, ana = company.servers[0], company.world.creator()
        job = ana.generates(FILM, options=OPTIONS)
        until(ffmpeg.sleepers, f"it hangs while {stage}", seconds=PATIENCE)
        told_to_end(server, ENDS[end])
        until(lambda: not ffmpeg.sleepers(), "ffmpeg is gone with all that it started", seconds=PATIENCE)
        handed_back(company, stage)
        ffmpeg.behaves()
        server.start()
        company.ends(job)
        assert [scene["attempt"] for scene in ana.job(job["id"])["scenes"]] == [1, 1]
        until(company.settled, "its run is closed", seconds=PATIENCE)
        assert not list((server.folder / "work").iterdir())
        adds_up(company)


def test_programs_that_hang_while_they_are_looked_for_keep_nobody_from_ending(new_database, tmp_path, ffmpeg):
    ffmpeg.does("hang", when="-version")
    with Company(tmp_path, new_database("signals"), n=1, FFMPEG=ffmpeg.program, FFPROBE=ffmpeg.program) as company:
        until(ffmpeg.sleepers, "it hangs", seconds=PATIENCE)
        told_to_end(company.servers[0], ENDS["SIGTERM"])
        assert "films cannot be made" not in company.servers[0].tail()


def test_a_job_goes_back_before_the_last_request_has_been_read(new_database, tmp_path, ffmpeg):
    """Who waits for slow clients first is killed by impatient supervisors with its leases in its hands."""
    ffmpeg.does("hang", when="*.take*")
    with Company(tmp_path, new_database("signals"), n=1, FFMPEG=ffmpeg.program,
                 RENDER_LEASE_SECONDS=LEASE_SECONDS) as company:
        server, ana = company.servers[0], company.world.creator()
        ana.generates(FILM, options=OPTIONS)
        until(ffmpeg.sleepers, "it hangs", seconds=PATIENCE)
        body = json.dumps({"spec": FILM}).encode()
        with socket.create_connection(("127.0.0.1", server.port), timeout=EXIT_SECONDS) as wire:
            wire.sendall(f"POST /v1/spec/validate HTTP/1.1\r\nHost: x\r\nAuthorization: {ana.headers['Authorization']}\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                         "Expect: 100-continue\r\n\r\n".encode())
            assert wire.recv(4096).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(signal.SIGTERM)
            until(lambda: company.world.one("select leased_by is null and done_at is null from job_dispatches"),
                  "it has gone back", seconds=PATIENCE)
            wire.sendall(body)
            assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(EXIT_SECONDS) == 0
        server.stop()
