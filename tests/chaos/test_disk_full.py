"""Folders without room: who runs out says so, leaves nothing behind, and goes on when there is room again."""
import os
from contextlib import contextmanager

import pytest

from company import Company
from harness import SMALL, expect, signing, storyboard, until
from world import PATIENCE, holds, small_disk

MIB = 1 << 20


@contextmanager
def full(folder):
    """Nothing more can be written there."""
    ballast = folder / "ballast"
    fd = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(fd, b"x" * 4096)
    except OSError:
        os.close(fd)
    try:
        yield
    finally:
        ballast.unlink()


def left_over(folder):
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "ballast"]


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 24) as disk:
        yield disk


def fails_for_want_of_room(company, who, job, code):
    company.ends(job, status="failed")
    after = who.job(job["id"])
    assert (after["failure_type"], after["error"]["code"]) == ("system", code), after["error"]
    assert after["error"]["message"] == "The server's disk is full"
    assert after["credits_refunded"] == after["credits_charged"] and who.credits == 1000


@pytest.mark.quick
def test_a_full_work_folder_fails_the_job_and_nothing_else(new_database, tmp_path, disk):
    with Company(tmp_path, new_database("work"), n=1, WORK_DIR=disk / "work", RENDER_SCENE_ATTEMPTS=2,
                 RENDER_LEASE_SECONDS=30) as company:
        ana = company.world.creator()
        with full(disk):
            job = ana.generates(storyboard(2, 2), options=SMALL)
            fails_for_want_of_room(company, ana, job, "render_failed")
            expect(ana.get("/v1/jobs"), 200)
        company.ends(ana.generates(storyboard(1), options=SMALL))
        until(company.settled, "the runs are closed", seconds=PATIENCE)
        assert not left_over(disk)
        holds(company.servers[0])


def test_a_work_folder_that_cannot_be_made_postpones_the_job(new_database, tmp_path, disk):
    with Company(tmp_path, new_database("folder"), n=1, WORK_DIR=disk / "file" / "work", RENDER_LEASE_SECONDS=30) as company:
        (disk / "file").touch()
        ana = company.world.creator()
        job = ana.generates(storyboard(1), options=SMALL)
        until(lambda: company.world.one("select last_error from job_dispatches"), "it is postponed", seconds=PATIENCE)
        assert ana.job(job["id"])["status"] == "processing"
        (disk / "file").unlink()
        company.ends(job)
        holds(company.servers[0])


def test_a_full_storage_folder_fails_the_job_and_nothing_else(new_database, tmp_path, disk):
    with Company(tmp_path, new_database("storage"), n=1, STORAGE_DIR=disk / "storage", RENDER_SCENE_ATTEMPTS=2,
                 RENDER_LEASE_SECONDS=30) as company:
        ana = company.world.creator()
        with full(disk):
            job = ana.generates(storyboard(1, 1), options=SMALL)
            fails_for_want_of_room(company, ana, job, "render_failed")
            assert not left_over(disk / "storage"), "half a file is no file"
        retry = expect(ana.post(f"/v1/jobs/{job['id']}/retry"), 201)
        company.ends(retry)
        holds(company.servers[0])


@pytest.mark.quick
def test_an_upload_without_room_is_refused_and_leaves_nothing(new_database, tmp_path, disk):
    with Company(tmp_path, new_database("upload"), n=1, STORAGE_DIR=disk / "storage", RENDER_WORKERS=0) as company:
        server, body = company.servers[0], os.urandom(4 * MIB)
        path = signing.blob_path("framecast-outputs", "user/x/a.mp4")
        link = signing.signed("PUT", path, content_type="video/mp4", length=len(body))
        headers = {"Content-Type": "video/mp4"}
        with full(disk):
            answer = server.client.put(link, content=body, headers=headers)
            assert answer.status_code >= 500 and answer.json()["error"]["code"], answer.text
            assert str(disk) not in answer.text
            until(lambda: not left_over(disk / "storage"), "nothing is left", seconds=PATIENCE)
            assert server.client.get("/health").status_code == 200
        assert server.client.put(link, content=body, headers=headers).status_code == 200
        [stored] = left_over(disk / "storage")
        assert stored.read_bytes() == body


def test_a_film_that_outgrows_the_disk_midway_leaves_room_again(new_database, tmp_path):
    """Not full at the beginning: the encoder itself runs out of room."""
    with small_disk(tmp_path / "disk", 1) as disk, \
            Company(tmp_path, new_database("midway"), n=1, WORK_DIR=disk / "work", RENDER_SCENE_ATTEMPTS=1,
                    RENDER_LEASE_SECONDS=30) as company:
        ana = company.world.creator()
        job = ana.generates(storyboard(20), options={"resolution": "1280x720", "quality": "high", "fps": 24})
        fails_for_want_of_room(company, ana, job, "render_failed")
        until(company.settled, "the run is closed", seconds=PATIENCE)
        assert not left_over(disk)
        holds(company.servers[0])
