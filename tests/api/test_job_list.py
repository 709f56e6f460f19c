"""GET /v1/jobs: who sees what, filters, pages."""
import pathlib
import re
import uuid

import pytest

from harness import expect, expect_error


@pytest.fixture
def ana(world):
    return world.creator()


def ids(answer):
    return [job["id"] for job in expect(answer, 200)]


def test_a_new_user_has_none(world):
    assert expect(world.newcomer().get("/v1/jobs"), 200) == []


def test_everybody_sees_their_own_set(world):
    ana, bob, eve, sam = world.creator("ana"), world.creator("bob"), world.creator("eve"), world.starter("sam")
    team = world.team(owner=ana, viewer=bob)
    rows = {name: world.job_row(actor, "completed", owner=owner)["id"] for name, actor, owner in [
        ("ana", ana, ana.urn), ("bob", bob, bob.urn), ("sam", sam, sam.urn), ("team", ana, team.urn),
        ("ana in team", ana, team.urn_of(ana)), ("bob in team", bob, team.urn_of(bob)),
        ("bob for team", bob, team.urn)]}

    def seen(actor):
        found = set(ids(actor.get("/v1/jobs")))
        return {name for name, id in rows.items() if id in found}

    assert seen(ana) == {"ana", "team", "ana in team", "bob for team"}
    assert seen(bob) == {"bob", "team", "bob in team", "bob for team"}
    assert seen(eve) == set()
    assert seen(sam) == {"sam"}
    for name, actor in [("bob", ana), ("bob in team", ana), ("ana in team", bob), ("team", eve), ("ana", sam)]:
        expect_error(actor.get(f"/v1/jobs/{rows[name]}"), 404, "NOT_FOUND")
    world.rows("delete from memberships where user_id = %s", bob.id)
    assert seen(bob) == {"bob"}
    expect_error(bob.get(f"/v1/jobs/{rows['bob for team']}"), 404, "NOT_FOUND")
    world.insert("memberships", team_id=team.id, user_id=bob.id, role="member")
    assert "bob in team" in seen(bob)


def test_a_former_creator_sees_like_a_starter(world, ana):
    team = world.team(owner=ana)
    world.job_row(ana, owner=team.urn)
    world.rows("update users set tier = 'starter', upgraded_at = null where id = %s", ana.id)
    assert ids(ana.get("/v1/jobs")) == []


def test_the_newest_comes_first_and_the_id_breaks_ties(world, ana):
    rows = [world.job_row(ana, "completed", created_at=f"2026-01-0{day}", updated_at="2026-02-01")
            for day in (2, 1, 3, 2, 2, 1)]
    expected = sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    assert ids(ana.get("/v1/jobs")) == [row["id"] for row in expected]


def test_a_list_is_of_jobs_without_scenes(ana):
    ana.generates({"title": "T", "scenes": [{"id": "a", "prompt": "p", "duration": 1}]})
    [job] = expect(ana.get("/v1/jobs"), 200)
    assert "scenes" not in job


# -------------------------------------------------------------------------------------- filters


def test_filters(world, ana):
    team = world.team(owner=ana)
    project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P")["id"]
    done = world.job_row(ana, "completed")["id"]
    failed = world.job_row(ana, "failed", owner=team.urn, project_id=project)["id"]
    active = world.job_row(ana, "queued", owner=team.urn)["id"]
    assert set(ids(ana.get("/v1/jobs?status=completed"))) == {done}
    assert set(ids(ana.get("/v1/jobs?status=canceled"))) == set()
    assert set(ids(ana.get(f"/v1/jobs?owner={team.urn}"))) == {failed, active}
    assert set(ids(ana.get(f"/v1/jobs?owner={ana.urn}"))) == {done}
    assert set(ids(ana.get(f"/v1/jobs?project_id={project}"))) == {failed}
    assert set(ids(ana.get(f"/v1/jobs?project_id={project.upper()}"))) == {failed}
    assert set(ids(ana.get(f"/v1/jobs?owner={team.urn}&status=queued"))) == {active}
    assert set(ids(ana.get(f"/v1/jobs?owner={ana.urn}&project_id={project}"))) == set()
    assert set(ids(ana.get("/v1/jobs?unknown=1"))) == {done, failed, active}


def test_an_owner_that_is_out_of_sight_has_no_jobs(world, ana):
    bob = world.creator("bob")
    world.job_row(bob)
    for owner in (bob.urn, f"framecast:team:{uuid.uuid4()}", f"framecast:{uuid.uuid4()}:{ana.id}"):
        assert ids(ana.get("/v1/jobs", params={"owner": owner})) == []
    for owner in (f"framecast:artifact:{uuid.uuid4()}", "framecast:system:sfx:whoosh"):
        expect_error(ana.get("/v1/jobs", params={"owner": owner}), 403, "AUTHORIZATION_ERROR")


def test_times_are_from_inclusive_to_exclusive(world, ana):
    a, b, c = [world.job_row(ana, "completed", created_at=f"2026-01-01T0{hour}:00:00.000001Z",
                             updated_at="2026-02-01")["id"] for hour in (1, 2, 3)]
    for query, expected in [
        ({"created_after": "2026-01-01T02:00:00.000001Z"}, [c, b]),
        ({"created_after": "2026-01-01T02:00:00.000002Z"}, [c]),
        ({"created_before": "2026-01-01T02:00:00.000001Z"}, [a]),
        ({"created_before": "2026-01-01T02:00:00.000002Z"}, [b, a]),
        ({"created_after": "2026-01-01T02:00:00Z", "created_before": "2026-01-01T03:00:00Z"}, [b]),
        ({"created_after": "2026-01-01T04:00:00+02:00"}, [c, b]),
        ({"created_after": "2026-01-02T00:00:00Z"}, []),
        ({"created_after": "2026-01-02T00:00:00+22:00"}, [c, b]),
        ({"created_before": "2025-12-31T02:30:00-23:30"}, [a]),
        ({"created_after": "0001-01-01T00:00:00+23:59", "created_before": "9999-12-31T23:59:59-23:59"}, [c, b, a]),
    ]:
        assert ids(ana.get("/v1/jobs", params=query)) == expected, query


@pytest.mark.parametrize("query", [
    "status=done", "status=", "status=Queued", "project_id=x", "project_id=", "owner=x",
    "created_after=yesterday", "created_after=2026-01-01", "created_before=2026-01-01T00:00:00",
    "created_after=2026-13-01T00:00:00Z", "created_before=2026-01-01T00:00:00+02:00",
    "limit=x", "limit=1.5", "limit=", "limit=5x", "offset=x", "offset=1e3", "cursor=x", "cursor=%00",
    "cursor=AAAA", "cursor=" + "A" * 600, "limit=99999999999999999999x",
])
def test_a_value_that_cannot_be_read_is_400(ana, query):
    # A plus that is not percent-encoded is a blank.
    expect_error(ana.get("/v1/jobs?" + query), 400, "VALIDATION_ERROR")


# ---------------------------------------------------------------------------------------- pages


@pytest.fixture
def many(world, ana):
    """125 jobs, several of each moment; their ids in order."""
    rows = world.rows("""
        insert into jobs (owner, triggered_by, status, spec_snapshot, output, completed_at, created_at)
        select %s, %s, 'completed', '{}', '{}', now(), now() - interval '1 hour' + n / 4 * interval '1 second'
        from generate_series(1, 125) n returning id, created_at""", ana.urn, ana.id)
    return [row["id"] for row in sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)]


@pytest.mark.parametrize("query, first, last", [
    ("", 0, 50), ("limit=7", 0, 7), ("limit=0", 0, 1), ("limit=-5", 0, 1), ("limit=1000", 0, 100),
    ("limit=99999999999999999999", 0, 100), ("offset=120", 120, 125), ("limit=10&offset=5", 5, 15),
    ("offset=-3", 0, 50), ("offset=500", 125, 125), ("limit=%2B5", None, None),
])
def test_limit_and_offset(ana, many, query, first, last):
    answer = ana.get("/v1/jobs?" + query)
    if first is None:
        assert answer.status_code in (200, 400)  # whether "+5" is an integer is open
        return
    assert ids(answer) == many[first:last]
    assert ("x-next-cursor" in answer.headers) == ("link" in answer.headers) == (last < 125)


def test_cursors_lead_through_everything_once(world, ana, many):
    seen, path = [], "/v1/jobs?limit=20&status=completed"
    while path:
        answer = ana.get(path)
        seen += ids(answer)
        world.job_row(ana, "completed")  # what is added in front moves nothing
        link = answer.headers.get("link")
        path = link and re.fullmatch(r'<(.+)>; rel="next"', link)[1]
        if path:
            assert "limit=20" in path and "status=completed" in path and "offset" not in path
            cursor = answer.headers["x-next-cursor"]
            assert ids(ana.get("/v1/jobs", params={"cursor": cursor, "limit": 20, "status": "completed"})) \
                == ids(ana.get(path))
    assert seen == many


def test_a_cursor_survives_the_deletion_of_its_row(world, ana, many):
    cursor = ana.get("/v1/jobs?limit=10").headers["x-next-cursor"]
    world.rows("delete from jobs where id = %s", many[9])
    assert ids(ana.get("/v1/jobs", params={"cursor": cursor, "limit": 5})) == many[10:15]


def test_the_last_page_names_no_next(ana, many):
    answer = ana.get("/v1/jobs?limit=25&offset=100")
    assert len(ids(answer)) == 25
    assert "x-next-cursor" not in answer.headers and "link" not in answer.headers


def test_cursor_and_offset_exclude_each_other(ana, many):
    cursor = ana.get("/v1/jobs?limit=10").headers["x-next-cursor"]
    expect_error(ana.get("/v1/jobs", params={"cursor": cursor, "offset": 0}), 400, "VALIDATION_ERROR")


def test_a_cursor_is_nobody_s_secret(world, ana, many):
    cursor = ana.get("/v1/jobs?limit=10").headers["x-next-cursor"]
    assert ids(world.creator("bob").get("/v1/jobs", params={"cursor": cursor})) == []


def test_the_next_page_of_an_offset_goes_on_by_cursor(ana, many):
    answer = ana.get("/v1/jobs?offset=10&limit=10")
    link = re.fullmatch(r'<(.+)>; rel="next"', answer.headers["link"])[1]
    assert "offset" not in link
    assert ids(ana.get(link)) == many[20:30]


# ------------------------------------------------------------------------------------- what it costs

def page_faults(pids):
    """Pages that these processes were given so far: field 10 of /proc/<pid>/stat, counted behind the name."""
    return sum(int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7]) for pid in pids)


def test_long_lists_use_the_same_memory_of_the_database_again(world, start_server):
    """Else the C library gives it back to the kernel after each, and takes it again page by page: half of a list's time."""
    server = start_server(FRONT_LOOPS=1)
    bea = world.creator().at(server)
    spec = {"title": "T", "scenes": [{"id": "a", "prompt": "p" * 3000, "duration": 5}]}
    for _ in range(50):
        world.job_row(bea, "completed", spec_snapshot=spec, output={})

    def read(times):
        for _ in range(times):
            assert len(expect(bea.get("/v1/jobs?limit=50"), 200)) == 50

    read(20)
    pids = world.rows("select pid from pg_stat_activity where application_name = 'framecastd read' and datname = current_database()")
    before = page_faults(row["pid"] for row in pids)
    read(50)
    faults = page_faults(row["pid"] for row in pids) - before
    assert faults < 50 * 20, f"{faults / 50} new pages for each list of 150 KB"
