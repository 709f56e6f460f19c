"""A crowd retries one job, while others cancel and delete."""
import collections

import pytest

from company import said
from harness import at_once, expect, storyboard
from world import PATIENCE, holds

CROWD = 100


@pytest.fixture
def server(servers):
    return servers[0]


def failed(world, who, **members):
    """A job whose first of two scenes was finished before it failed."""
    job = who.generates(storyboard(1, 1), **members)
    expect(world.report(job["id"], "started"), 200)
    folder = world.one("select fc_job_prefix(owner, id) from jobs where id = %s", job["id"])
    expect(world.report(job["id"], "scene_complete", scene_id="s0", url=f"s3://framecast-outputs/{folder}scene_s0.mp4"),
           200)
    expect(world.report(job["id"], "failed", failure_type="system", error={"code": "x", "message": "x"}), 200)
    return job


def crowd(servers, who, path, **how):
    answers = at_once(CROWD, lambda i: who.at(servers[i % 2]).post(path, timeout=PATIENCE, **how))
    return answers, collections.Counter(map(said, answers))


def taken_over(world, answers):
    """Each new job has the finished scene and renders the other one."""
    for answer in answers:
        if answer.status_code == 201:
            scenes = world.rows("select status from render_scenes where job_id = %s order by position",
                                answer.json()["id"])
            assert [scene["status"] for scene in scenes] == ["completed", "pending"]


@pytest.mark.quick
def test_a_crowd_of_retries_gets_as_many_jobs_as_there_are_places(servers, world):
    ana = world.creator()
    job = failed(world, ana)
    answers, found = crowd(servers, ana, f"/v1/jobs/{job['id']}/retry")
    assert found == {(201, None): 5, (409, "concurrency_limit"): CROWD - 5}
    taken_over(world, answers)
    assert ana.credits == 1000 - sum(answer.json()["credits_charged"] for answer in answers
                                     if answer.status_code == 201)
    holds(servers[0])


def test_a_crowd_of_retries_with_one_key_makes_one_job(servers, world):
    ana = world.creator()
    job = failed(world, ana)
    answers, found = crowd(servers, ana, f"/v1/jobs/{job['id']}/retry", headers={"Idempotency-Key": "again"})
    assert found == {(201, None): 1, (200, None): CROWD - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1
    holds(servers[0])


def test_a_retry_against_the_deletion_of_its_original(servers, world):
    """Either it comes first and keeps the clip, or there is nothing left to retry."""
    ana, results = world.creator(), collections.Counter()
    for _ in range(100):
        job = failed(world, ana)
        retry, gone = at_once(2, lambda i: ana.at(servers[i]).post(f"/v1/jobs/{job['id']}/retry") if i == 0
                              else ana.at(servers[i]).delete(f"/v1/jobs/{job['id']}"))
        expect(gone, 204)
        results[retry.status_code] += 1
        assert retry.status_code in (201, 404), retry.text
        if retry.status_code == 201:
            taken_over(world, [retry])
            assert expect(ana.get(f"/v1/jobs/{retry.json()['id']}"), 200)["parent_job_id"] is None
            expect(ana.post(f"/v1/jobs/{retry.json()['id']}/cancel"), 200)
    print(dict(results))
    holds(servers[0])


def test_a_retry_against_a_retry_of_a_project(servers, world):
    ana = world.creator()
    team = world.team(owner=ana)
    for _ in range(20):
        project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P", status="rendering",
                               spec=storyboard(1, 1))
        job = failed(world, ana, owner=team.urn)
        world.rows("update jobs set project_id = %s where id = %s", project["id"], job["id"])
        world.rows("update projects set status = 'draft' where id = %s", project["id"])
        answers = at_once(6, lambda i: ana.at(servers[i % 2]).post(f"/v1/jobs/{job['id']}/retry"))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
        assert {answer.json()["error"]["details"]["reason"] for answer in answers if answer.status_code == 409} == \
            {"project_has_active_job"}
        made = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
        expect(ana.post(f"/v1/jobs/{made}/cancel"), 200)
    holds(servers[0])
