"""What the server does by itself: timeouts, retention, settings, its end."""
import json
import os
import signal
import socket
from contextlib import closing

import httpx
import pytest

from harness import WELCOME, expect, expect_error, storyboard, until
from harness.postgres import closed_to_all, connect, create_database
from harness.server import JWT_SECRET, WORKER_KEY, Server, migrate, run
from harness.world import World


@pytest.fixture
def ana(world):
    return world.creator()


@pytest.fixture
def sweeper(start_server):
    return start_server(JOB_SWEEP_INTERVAL_SECONDS=1)


def read_on(descriptor, read):
    """What is there now, behind what was read before."""
    try:
        while piece := os.read(descriptor, 65536):
            read += piece
    except BlockingIOError:
        pass
    return read


def ends(actor, job_id, status):
    return until(lambda: (job := actor.job(job_id))["status"] == status and job, f"the job is {status}", seconds=30)


# ------------------------------------------------------------------------------------- timeouts


def test_a_job_that_renders_too_long_fails_with_a_full_refund(sweeper, world, ana):
    job = ana.generates(WELCOME)
    expect(world.report(job["id"], "progress", progress_percent=80, current_scene="entrance"), 200)
    world.rows("update jobs set started_at = now() - interval '1801 seconds' where id = %s", job["id"])
    after = ends(ana, job["id"], "failed")
    assert (after["failure_type"], after["error"]["code"], after["credits_refunded"]) == ("timeout", "timeout", 40)
    assert ana.credits == 1000 and world.usage(ana.urn)["credits_refunded"] == 40
    assert world.sequence(job["id"]) == ["queued", "started", "progress", "failed"]
    assert {scene["status"] for scene in after["scenes"]} == {"canceled"}
    assert world.report(job["id"], "completed").status_code == 409


def test_a_job_that_waits_too_long_fails(sweeper, world, ana):
    job = ana.generates(WELCOME)
    world.rows("update jobs set created_at = now() - interval '3601 seconds' where id = %s", job["id"])
    after = ends(ana, job["id"], "failed")
    assert (after["failure_type"], after["error"]["code"]) == ("system", "queue_timeout")
    assert after["started_at"] is None and after["credits_refunded"] == 40


def test_rows_made_by_hand_time_out_too(sweeper, world, ana):
    row = world.job_row(ana, "processing", started_at="2026-01-01", created_at="2026-01-01", credits_charged=5)
    assert ends(ana, row["id"], "failed")["credits_refunded"] == 5


def test_younger_jobs_are_left_alone(sweeper, world, ana):
    old, young = ana.generates(WELCOME)["id"], ana.generates(WELCOME)["id"]
    world.rows("update jobs set created_at = now() - interval '3000 seconds' where id = %s", young)
    world.rows("update jobs set created_at = now() - interval '3601 seconds' where id = %s", old)
    ends(ana, old, "failed")
    assert ana.job(young)["status"] == "queued"


def test_two_servers_sweep_each_job_once(start_server, world, ana):
    start_server(JOB_SWEEP_INTERVAL_SECONDS=1)
    start_server(JOB_SWEEP_INTERVAL_SECONDS=1)
    team = world.team(owner=ana, credits=1000)
    jobs = [ana.generates(WELCOME)["id"] for _ in range(5)]
    jobs += [ana.generates(WELCOME, owner=team.urn)["id"] for _ in range(5)]
    world.rows("update jobs set created_at = now() - interval '2 hours' where id = any(%s::uuid[])", jobs)
    for job in jobs:
        ends(ana, job, "failed")
        assert world.sequence(job) == ["queued", "failed"]
    assert (ana.credits, team.credits) == (1000, 1000)


def test_the_limits_are_settings(start_server, world, ana):
    start_server(JOB_SWEEP_INTERVAL_SECONDS=1, JOB_TIMEOUT_SECONDS=600, JOB_QUEUE_TIMEOUT_SECONDS=1200)
    waiting, running = ana.generates(WELCOME)["id"], ana.generates(WELCOME)["id"]
    expect(world.report(running, "started"), 200)
    world.rows("update jobs set created_at = now() - interval '1201 seconds' where id = %s", waiting)
    world.rows("update jobs set created_at = now() - interval '1000 seconds', started_at = now() - interval '601 seconds' "
               "where id = %s", running)
    assert ends(ana, running, "failed")["failure_type"] == "timeout"
    assert ends(ana, waiting, "failed")["failure_type"] == "system"


def test_a_project_that_renders_without_a_job_becomes_a_draft(sweeper, world, ana):
    team = world.team(owner=ana)
    project = world.insert("projects", team_id=team.id, created_by=ana.id, name="P", status="rendering")["id"]
    until(lambda: world.one("select status from projects where id = %s", project) == "draft", "it is a draft")


def test_old_events_are_removed(world, ana):
    row = world.job_row(ana, "completed")
    for days in (8, 6):
        world.insert("job_events", job_id=row["id"], event_type="queued")
        world.rows("update job_events set created_at = now() - make_interval(days => %s) where job_id = %s "
                   "and created_at > now() - interval '1 hour'", days, row["id"])
    assert world.one("select cleanup_old_job_events()") >= 1
    assert world.one("select sequence from job_events where job_id = %s", row["id"]) == 2


# -------------------------------------------------------------------------------------- startup


GOOD = {"DATABASE_URL": "postgresql:///nowhere", "JWT_SECRET": "x"}
REFUSED = [
    ("DATABASE_URL", None), ("JWT_SECRET", None), ("JWT_SECRET", ""), ("PORT", "x"), ("PORT", "70000"),
    ("PORT", "-1"), ("RATE_LIMIT_STARTER_RPM", "many"), ("RENDER_PROVIDER", "magic"),
    ("ORCHESTRATOR_PROVIDER", "cron"), ("STORAGE_PROVIDER", "floppy"), ("ENVIRONMENT", "home"),
    ("JOB_TIMEOUT_SECONDS", "1.5"), ("CALLBACK_SECRET", "short"), ("CREDITS_PER_SECOND_1080P", "0"),
    ("CREDITS_MIN_PER_SCENE", "-2"),
]


def test_a_file_that_could_not_be_removed_for_ages_is_tried_again(world):
    world.rows("insert into object_deletions (bucket, s3_key, attempts) values ('framecast-outputs', 'user/x/old.mp4', 1024)")
    until(lambda: not world.rows("select from object_deletions where attempts >= 1024"), "it is removed")


@pytest.mark.parametrize("name, value", REFUSED)
def test_a_bad_environment_stops_the_server_and_is_named(tmp_path, name, value):
    env = {**GOOD, "STORAGE_DIR": str(tmp_path), name: value}
    done = run(env={key: given for key, given in env.items() if given is not None}, check=False)
    assert done.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert name in done.stdout + done.stderr


def test_external_rendering_needs_a_worker_key(tmp_path):
    for key in (None, "short"):
        env = {**GOOD, "STORAGE_DIR": str(tmp_path), "RENDER_PROVIDER": "external",
               **({"RENDER_WORKER_KEY": key} if key else {})}
        done = run(env=env, check=False)
        assert done.returncode != 0 and "RENDER_WORKER_KEY" in done.stdout + done.stderr


def test_all_mistakes_are_reported_at_once_and_no_secret_is_printed(tmp_path):
    done = run(env={"JWT_SECRET": "hush-hush", "PORT": "x", "FFMPEG": "", "RATE_LIMIT_CREATOR_RPM": "y",
                    "CALLBACK_SECRET": "too-short-secret", "STORAGE_DIR": str(tmp_path)}, check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    for name in ("DATABASE_URL", "PORT", "RATE_LIMIT_CREATOR_RPM", "CALLBACK_SECRET"):
        assert name in said
    assert "hush-hush" not in said and "too-short-secret" not in said


def test_the_settings_are_told_without_secrets(tmp_path):
    done = run("settings", env={**GOOD, "JWT_SECRET": "hush-hush", "RENDER_WORKER_KEY": WORKER_KEY, "PORT": "4711"})
    assert "4711" in done.stdout and "JWT_SECRET" in done.stdout
    assert "hush-hush" not in done.stdout and WORKER_KEY not in done.stdout


def test_a_server_refuses_a_schema_that_it_does_not_know(tmp_path, worker_name):
    url = create_database(f"framecast_{worker_name}_empty", migrate)
    connection = connect(url)
    connection.cursor().execute("drop schema public cascade; create schema public")
    connection.close()
    done = run("serve", env={"DATABASE_URL": url, "JWT_SECRET": JWT_SECRET, "STORAGE_DIR": str(tmp_path)}, check=False)
    assert done.returncode != 0


def test_calls_are_counted_for_the_user_or_the_key_s_owner(world, ana):
    team = world.team(owner=ana)
    holder = world.key(ana, owner=team.urn)
    for _ in range(3):
        expect(ana.get("/v1/status"), 200)
    for _ in range(2):
        expect(holder.get("/v1/status"), 200)
    count = "select coalesce(sum(api_calls), 0) from usage where owner = %s"
    until(lambda: (world.one(count, ana.urn), world.one(count, team.urn)) == (3, 2), "all calls are counted", seconds=70)


def test_a_counter_of_calls_that_is_full_stays_full(world, ana):
    largest = 2**31 - 1
    world.one("insert into usage (owner, period, api_calls) values (%s, to_char(now() at time zone 'utc', 'YYYY-MM'), %s) returning id",
              ana.urn, largest - 1)
    for _ in range(3):
        expect(ana.get("/v1/status"), 200)
    count = "select max(api_calls) from usage where owner = %s"
    until(lambda: world.one(count, ana.urn) == largest, "the counter is at its end", seconds=70)


def test_migrating_twice_is_once(new_database):
    env = {"DATABASE_URL": new_database("migrated"), "JWT_SECRET": JWT_SECRET}
    run("migrate", env=env)
    run("migrate", "up", env=env)
    assert run("migrate", "status", env=env).returncode == 0


# -------------------------------------------------------------------------- a database that is away


def test_without_its_database_a_server_lives_but_is_not_ready(start_server, new_database):
    url = new_database("away")
    server = start_server(database_url=url)
    with closing(World(server)) as world:
        ana = world.creator()
    expect(ana.get("/v1/jobs"), 200)
    with closed_to_all(url):
        answer = until(lambda: (got := server.request("GET", "/ready")).status_code == 503 and got, "it is not ready")
        expect_error(answer, 503, "SERVICE_UNAVAILABLE")
        assert server.request("GET", "/health").text == "OK"
        answer = ana.get("/v1/jobs")
        error = expect(answer, 503)["error"]
        assert int(answer.headers["Retry-After"]) >= 1
        assert "sql" not in error["message"].lower() and "_away" not in error["message"]
    until(lambda: server.request("GET", "/ready").status_code == 200, "it is ready again", seconds=30)
    expect(ana.get("/v1/jobs"), 200)


# -------------------------------------------------------------------------------------- the end


def test_sigterm_finishes_requests_closes_streams_and_exits_with_0(start_server, world, ana):
    server = start_server()
    job = ana.generates(storyboard())
    stream = ana.at(server).events(job["id"])
    assert next(stream).type == "queued"
    server.process.send_signal(signal.SIGTERM)
    assert list(stream) == []
    stream.close()
    assert server.process.wait(30) == 0


def test_after_sigterm_nobody_new_is_let_in(start_server):
    server = start_server()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url + "/health")


def test_requests_under_way_are_answered_before_the_end(start_server, world, ana):
    server, body = start_server(), json.dumps(storyboard()).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(f"POST /v1/spec/validate HTTP/1.1\r\nHost: x\r\nAuthorization: {ana.headers['Authorization']}\r\n"
                     f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: '"stopping"' in server.tail(), "it begins to stop")
        wire.sendall(body)
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(30) == 0


# --------------------------------------------------------------------------------------- the log


def test_every_line_of_the_log_is_an_object_and_carries_the_request(world, ana):
    expect(ana.get("/v1/jobs", headers={"X-Request-Id": "look-for-this-one"}), 200)
    lines = until(lambda: [line for line in world.server.lines() if "look-for-this-one" in json.dumps(line)],
                  "the request is logged")
    assert all(isinstance(line, dict) for line in world.server.lines())
    assert any("/v1/jobs" in json.dumps(line) for line in lines)


def test_probes_that_go_well_do_not_fill_the_log(world, ana):
    for path in ("/health", "/ready"):
        assert world.server.request("GET", path, headers={"X-Request-Id": "a-quiet-probe"}).status_code == 200
    expect(ana.get("/v1/jobs", headers={"X-Request-Id": "the-last-one"}), 200)
    until(lambda: "the-last-one" in world.server.tail(), "what came later is logged")
    assert "a-quiet-probe" not in world.server.tail()


def test_a_log_that_nobody_reads_stops_nobody(database_url, tmp_path):
    server = Server(tmp_path / "server", database_url)
    server.folder.mkdir()
    os.mkfifo(server.log)
    reader = os.open(server.log, os.O_RDONLY | os.O_NONBLOCK)
    try:
        server.start()
        path = "/" + "x" * 4000
        for _ in range(1300):  # 5 MB of lines: more than the pipe and what the server keeps
            assert server.client.get(path).status_code == 404
        read = bytearray()
        until(lambda: b"nobody read them" in read_on(reader, read) and read.endswith(b"\n"), "the server says what was lost")
    finally:
        server.stop()
        os.close(reader)
    lines = [json.loads(line) for line in read.splitlines()]
    n_dropped = next(line["n"] for line in lines if "nobody read them" in line["message"])
    assert sum(line.get("status") == 404 for line in lines) + n_dropped == 1300


def test_what_the_database_says_unasked_is_a_line_of_the_log_too(start_server, new_database, world):
    server = start_server(database_url=new_database("hung_up"))
    other = World(server)
    expect(other.creator().get("/v1/account"), 200)
    other.rows("select pg_terminate_backend(pid) from pg_stat_activity"
               " where datname = current_database() and pid <> pg_backend_pid()")
    other.close()
    until(lambda: "administrator command" in server.log.read_text(), "it has been heard")
    until(lambda: httpx.get(f"{server.url}/ready").status_code == 200, "the server is well again")
    assert all(isinstance(line, dict) for line in server.lines())


def test_emptied_tables_are_no_trouble(start_server, world):
    url = create_database("framecast_emptied_" + str(world.server.port), migrate)
    server = start_server(database_url=url)
    other = World(server)
    ana = other.creator()
    job = ana.generates(storyboard())
    other.rows("truncate users, teams, jobs, system_assets cascade")
    user = expect(ana.get("/v1/account"), 200)
    assert user["tier"] == "starter" and user["credits"] == 0
    assert expect(ana.get("/v1/jobs"), 200) == []
    assert ana.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert expect(ana.get("/v1/system-assets"), 200) == []
    other.close()
