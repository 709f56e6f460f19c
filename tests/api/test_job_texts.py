"""The kept text of a job that has ended is what reading the job anew would give, whatever was changed."""
import secrets
import threading

import pytest

from harness import storyboard, until
from harness.ends import ENDS, begun, completed, failed, finished_scene, kept


def test_a_job_that_is_active_has_no_text(db):
    job = begun(db)
    finished_scene(db, job, "a")
    assert not kept(db, job)


@pytest.mark.parametrize("end", ENDS)
def test_a_job_that_has_ended_has_its_text(db, end):
    job = end(db)
    assert kept(db, job)
    text = db.one("select head || tail from job_texts where job_id = %s", job)
    scenes = db.scenes(job)
    assert [text.count(f'"scene_id":"{id}"') for id in scenes] == [1] * len(scenes)


CHANGES = {
    "the job": "update jobs set progress = '{\"phase\": \"by hand\"}' where id = %s",
    "its owner": "update jobs set owner = 'framecast:user:00000000-0000-4000-8000-000000000009' where id = %s",
    "a scene": "update render_scenes set seed = 99 where job_id = %s and scene_id = 'a'",
    "all scenes": "update render_scenes set clip_key = 'other' where job_id = %s",
    "a scene that goes": "delete from render_scenes where job_id = %s and scene_id = 'b'",
    "job and scene at once": "with j as (update jobs set output_size_bytes = 7 where id = %s returning id)"
                             " update render_scenes s set seed = 7 from j where s.job_id = j.id",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("end", [completed, failed])
def test_a_change_by_hand_leaves_no_wrong_text(db, end, change):
    job = end(db)
    before = db.one("select fc_job_text(j) from jobs j where id = %s", job)
    db.rows(CHANGES[change], job)
    kept(db, job)
    assert db.one("select fc_job_text(j) from jobs j where id = %s", job) != before
    db.rows("update jobs set progress = progress where id = %s", job)
    assert kept(db, job)


def test_a_retried_parent_that_goes_leaves_no_wrong_text(db):
    ana = db.user()
    parent = db.job(ana)
    db.call("fc_job_cancel", ana, parent)
    child = db.job(ana, parent=parent)
    db.call("fc_job_cancel", ana, child)
    assert db.call("fc_job_delete", ana, parent, "out").outcome == "ok"
    assert kept(db, child)
    assert db.one("select count(*) from job_texts where job_id = %s", parent) == 0


@pytest.mark.parametrize("first, second", [
    ("update jobs set output_size_bytes = 8 where id = %s", "update render_scenes set seed = 8 where job_id = %s"),
    ("update render_scenes set seed = 8 where job_id = %s", "update jobs set output_size_bytes = 8 where id = %s")])
def test_a_job_and_its_scene_changed_at_once_leave_no_wrong_text(db, first, second):
    job = completed(db)
    with db.another() as own, db.another() as other:
        own.rows("begin")
        own.rows(first, job)
        waiting = threading.Thread(target=other.rows, args=(second, job))
        waiting.start()
        until(lambda: db.one("select count(*) from pg_locks where not granted and locktype in ('transactionid', 'tuple')") > 0)
        own.rows("commit")
        waiting.join()
    kept(db, job)


def test_a_reader_gets_the_same_with_and_without_the_text(world):
    ana = world.creator()
    job = ana.generates(storyboard(5, 2))["id"]
    ana.post(f"/v1/jobs/{job}/cancel")
    world.rows("update render_scenes set clip_key = 'user/x/jobs/y/a b.mp4' where job_id = %s and position = 0", job)
    world.rows("update jobs set progress = progress where id = %s", job)

    def read():
        answer = ana.get(f"/v1/jobs/{job}").text
        return answer[:answer.index("?expires=")] + answer[answer.index('","error"'):]

    assert world.one("select count(*) from job_texts where job_id = %s", job) == 1
    with_text = read()
    assert world.server.url + "/v1/blobs/framecast-outputs/user/x/jobs/y/a%20b.mp4" in with_text
    world.rows("delete from job_texts where job_id = %s", job)
    assert read() == with_text


def test_a_list_gives_the_same_with_and_without_the_texts_and_so_does_a_job_alone(world):
    ana = world.creator()
    assert ana.get("/v1/jobs").text == "[]"
    active, failed, canceled = (ana.generates(storyboard(5, 1))["id"] for _ in range(3))
    world.fail(failed)
    ana.post(f"/v1/jobs/{canceled}/cancel")

    def read():
        answer = ana.get("/v1/jobs")
        jobs = answer.json()
        for job in jobs:
            assert {**job, "scenes": None} == {**ana.job(job["id"]), "scenes": None}
        return answer.text, [job["id"] for job in jobs]

    assert world.one("select count(*) from job_texts where job_id = any(%s::uuid[])", [active, failed, canceled]) == 2
    with_texts = read()
    assert with_texts[1] == [canceled, failed, active]
    world.rows("delete from job_texts where job_id = any(%s::uuid[])", [active, failed, canceled])
    assert read() == with_texts


def test_the_owner_of_a_long_text_stands_in_its_row(db):
    """Not in the TOAST table, where PostgreSQL puts what it may of a row of more than 2 KB, and where it would be compressed."""
    ana = db.user()
    job = db.job(ana, document={"prompts": [secrets.token_hex(32) for _ in range(60)]})
    db.call("fc_job_cancel", ana, job)
    size, n_owner, n_row = db.row("select pg_column_size(t.owner) as size, octet_length(t.owner) as n_owner, pg_column_size(t) as n_row"
                                  " from job_texts t where job_id = %s", job)
    assert 2048 < n_row < 8192 and size > n_owner
