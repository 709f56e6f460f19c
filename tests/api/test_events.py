"""GET /v1/jobs/{id}/events: the live stream."""
import resource
import signal
import socket
import struct
import uuid

import pytest

from harness import WELCOME, expect, expect_error, storyboard, until

STORY = ["queued", "started", "progress", "scene_complete", "scene_complete", "completed"]


@pytest.fixture
def ana(world):
    return world.creator()


def tell_the_story(world, job_id):
    """The rest of STORY after `queued`."""
    expect(world.report(job_id, "started"), 200)
    expect(world.report(job_id, "progress", progress_percent=20, current_scene="entrance"), 200)
    expect(world.report(job_id, "scene_complete", scene_id="entrance"), 200)
    expect(world.report(job_id, "scene_complete", scene_id="welcome"), 200)
    expect(world.report(job_id, "completed", output={"duration": 10}), 200)


def told(stream):
    events = list(stream)
    if events:
        assert [event.sequence for event in events] == list(range(events[0].sequence, events[0].sequence + len(events)))
    return [event.type for event in events]


def test_a_running_job_is_followed_to_its_end(world, ana):
    job = ana.generates(WELCOME)
    with ana.events(job["id"]) as stream:
        assert next(stream).type == "queued"
        tell_the_story(world, job["id"])
        assert told(stream) == STORY[1:]


def test_a_finished_job_replays_and_ends(world, ana):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    for _ in range(2):
        with ana.events(job["id"]) as stream:
            assert told(stream) == STORY


def test_each_event_arrives_soon(world, ana):
    job = ana.generates(WELCOME)
    with ana.events(job["id"], read_timeout=10) as stream:
        next(stream)
        for percent in (10, 20, 30):
            expect(world.report(job["id"], "progress", progress_percent=percent), 200)
            while (event := next(stream)).type != "progress":
                pass
            assert event.data["percent"] == percent


def test_events_written_by_others_arrive_too(world, ana):
    row = world.job_row(ana)
    with ana.events(row["id"], read_timeout=10) as stream:
        world.insert("job_events", job_id=row["id"], event_type="progress", payload={"percent": 7, "note": "ä\u2028"})
        event = next(stream)
        assert (event.sequence, event.data["percent"], event.data["note"]) == (1, 7, "ä\u2028")
        world.rows("delete from jobs where id = %s", row["id"])
        assert told(stream) == []


@pytest.mark.parametrize("after", range(1, 7))
def test_a_stream_goes_on_after_the_last_id(world, ana, after):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    for how in ({"headers": {"Last-Event-ID": f"{job['id']}:{after}"}},
                {"params": {"last_event_id": f"{job['id']}:{after}"}},
                {"headers": {"Last-Event-ID": f"{job['id'].upper()}:{after}"}},
                {"headers": {"Last-Event-ID": f"{job['id']}:{after}"}, "params": {"last_event_id": f"{job['id']}:1"}}):
        with ana.events(job["id"], **how) as stream:
            assert told(stream) == STORY[after:]


def test_a_running_job_goes_on_after_the_last_id(world, ana):
    job = ana.generates(WELCOME)
    with ana.events(job["id"], headers={"Last-Event-ID": f"{job['id']}:1"}) as stream:
        tell_the_story(world, job["id"])
        assert told(stream) == STORY[1:]


@pytest.mark.parametrize("id", ["x", "1", "{job}", "{job}:", "{job}:0", "{job}:-1", "{job}:1x", "{job}:x", ":1",
                                "{other}:3", "{job}:1:1", "{job} :1", "", "{job}:1.0", "{job}:+1", "{short}:1"])
def test_anything_else_is_as_if_it_were_not_there(world, ana, id):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    id = id.format(job=job["id"], other=uuid.uuid4(), short=job["id"][:-1])
    with ana.events(job["id"], headers={"Last-Event-ID": id}) as stream:
        assert told(stream) == STORY


@pytest.mark.parametrize("n", ["7", "99999", "9223372036854775807", "99999999999999999999999"])
def test_an_event_that_never_was_is_gone(world, ana, n):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    answer = ana.get(f"/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": f"{job['id']}:{n}"})
    if n == "99999999999999999999999" and answer.status_code == 200:
        return  # too large for any number of an event: whether that is well-formed is open
    error = expect_error(answer, 410, "GONE")
    assert error["details"] == {"status": "completed", "oldest_sequence": 1}


def test_expired_events_are_gone(world, ana):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    world.rows("update job_events set created_at = now() - interval '8 days' where job_id = %s and sequence < 4", job["id"])
    world.rows("select cleanup_old_job_events()")
    for n in (1, 3):
        answer = ana.get(f"/v1/jobs/{job['id']}/events", params={"last_event_id": f"{job['id']}:{n}"})
        assert expect_error(answer, 410, "GONE")["details"] == {"status": "completed", "oldest_sequence": 4}
    with ana.events(job["id"], headers={"Last-Event-ID": f"{job['id']}:4"}) as stream:
        assert told(stream) == STORY[4:]
    with ana.events(job["id"]) as stream:
        assert told(stream) == STORY[3:]


def test_when_everything_expired_a_finished_job_says_nothing(world, ana):
    row = world.job_row(ana, "completed")
    with ana.events(row["id"]) as stream:
        assert told(stream) == []
    answer = ana.get(f"/v1/jobs/{row['id']}/events", headers={"Last-Event-ID": f"{row['id']}:1"})
    assert expect_error(answer, 410, "GONE")["details"] == {"status": "completed", "oldest_sequence": None}


def test_after_the_last_event_a_finished_job_says_nothing(world, ana):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    with ana.events(job["id"], headers={"Last-Event-ID": f"{job['id']}:6"}) as stream:
        assert told(stream) == []


def test_a_cancel_ends_the_stream_with_its_event(world, ana):
    job = ana.generates(WELCOME)
    with ana.events(job["id"]) as stream:
        next(stream)
        expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
        assert told(stream) == ["canceled"]


def test_a_terminal_status_without_its_event_does_not_end_the_stream(world, ana):
    row = world.job_row(ana, "processing")
    world.insert("job_events", job_id=row["id"], event_type="queued", payload={"status": "queued", "credits_charged": 0})
    with ana.events(row["id"]) as stream:
        assert next(stream).type == "queued"
        connection = world.connection
        connection.autocommit = False
        try:
            world.rows("update jobs set status = 'completed' where id = %s", row["id"])
            world.insert("job_events", job_id=row["id"], event_type="completed", payload={
                "status": "completed", "output_size_bytes": None, "credits_charged": 0,
                "completed_at": "2026-01-01T00:00:00.000000Z"})
            connection.commit()
        finally:
            connection.autocommit = True
        assert told(stream) == ["completed"]


def test_deleting_the_job_ends_the_stream(world, ana):
    job = ana.generates(storyboard())
    with ana.events(job["id"], read_timeout=10) as stream:  # sooner than the keep-alive
        next(stream)
        world.rows("delete from jobs where id = %s", job["id"])
        assert told(stream) == []


def test_the_server_ends_a_stream_after_its_longest_time(start_server, ana):
    server = start_server(SSE_MAX_DURATION_SECONDS=1)
    job = ana.generates(storyboard())
    with ana.at(server).events(job["id"]) as stream:
        assert told(stream) in (["queued"], [])  # the second may be over before the event has been read
    with ana.at(server).events(job["id"], headers={"Last-Event-ID": f"{job['id']}:1"}) as stream:
        assert told(stream) == []


def test_silence_is_broken_by_comments(ana):
    job = ana.generates(storyboard())
    with ana.events(job["id"], read_timeout=40) as stream:
        next(stream)
        assert stream.comment() == ": keep-alive"


def test_a_member_who_leaves_sees_no_more(world, ana):
    bob = world.creator("bob")
    team = world.team(owner=ana, viewer=bob)
    job = ana.generates(storyboard(), owner=team.urn)
    with bob.events(job["id"]) as stream:
        assert next(stream).type == "queued"
    world.rows("delete from memberships where user_id = %s", bob.id)
    expect_error(bob.get(f"/v1/jobs/{job['id']}/events"), 404, "NOT_FOUND")


def test_twenty_streams_are_open_at_once_and_no_more(world, ana):
    job = ana.generates(storyboard())
    streams = [ana.events(job["id"]) for _ in range(20)]
    try:
        answer = ana.get(f"/v1/jobs/{job['id']}/events")
        assert expect_error(answer, 429, "RATE_LIMIT_EXCEEDED")["retryAfter"] == 5
        expect_error(world.key(ana).get(f"/v1/jobs/{job['id']}/events"), 429, "RATE_LIMIT_EXCEEDED")
        bob = world.creator("bob")
        theirs = bob.generates(storyboard())
        with bob.events(theirs["id"]) as stream:
            assert next(stream).type == "queued"
        expect(ana.get("/v1/jobs"), 200)
        streams.pop().close()
        until(lambda: can_open(ana, job["id"]), "a place is free again", seconds=60)
        expect(world.report(job["id"], "started"), 200)
        expect(world.report(job["id"], "completed"), 200)
        assert all(told(stream) == ["queued", "started", "completed"] for stream in streams)
    finally:
        for stream in streams:
            stream.close()


def test_streams_leave_descriptors_to_others(start_server, world):
    server = start_server()
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (120, 120))
    people = [world.creator(f"u{i}").at(server) for i in range(5)]
    jobs = [person.generates(storyboard())["id"] for person in people]
    streams = [person.events(job) for person, job in zip(people, jobs) for _ in range(18)]
    try:
        answer = people[0].get(f"/v1/jobs/{jobs[0]}/events")
        expect_error(answer, 503, "SERVICE_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        expect(people[0].get("/v1/jobs"), 200)
        streams.pop().close()
        until(lambda: can_open(people[0], jobs[0]), "there is room again", seconds=60)
    finally:
        for stream in streams:
            stream.close()


def can_open(actor, job_id):
    stream = actor.events(job_id)
    stream.close()
    return stream.answer.status_code == 200


def test_many_streams_of_many_people_all_hear_everything(world):
    people = [world.creator(f"u{i}") for i in range(20)]
    jobs = [person.generates(WELCOME)["id"] for person in people]
    streams = [person.events(job) for person, job in zip(people, jobs) for _ in range(5)]
    for job in jobs:
        tell_the_story(world, job)
    for stream in streams:
        assert told(stream) == STORY
        stream.close()


def test_a_reader_that_stops_reading_holds_up_nobody(world, ana):
    row = world.job_row(ana, "processing")
    lazy = ana.events(row["id"])
    with ana.events(row["id"]) as stream:
        big = {"percent": 1, "note": "x" * 60_000}
        for _ in range(100):  # 6 MB, more than the sockets between the two can hold
            world.insert("job_events", job_id=row["id"], event_type="progress", payload=big)
        assert [next(stream).sequence for _ in range(100)] == list(range(1, 101))
        expect(ana.get("/v1/jobs?limit=1"), 200)
    assert next(lazy).sequence == 1
    lazy.close()


def test_head_says_what_get_would(world, ana):
    row = world.job_row(ana, "completed")
    answer = ana.request("HEAD", f"/v1/jobs/{row['id']}/events")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")


def test_a_stream_is_one_request_of_the_rate_limit(start_server, world):
    server = start_server(RATE_LIMIT_CREATOR_RPM=5)
    ana = world.creator().at(server)
    job = ana.generates(storyboard())
    with ana.events(job["id"]) as stream:
        next(stream)
        expect(world.report(job["id"], "started"), 200)
        next(stream)
        assert stream.answer.headers["x-ratelimit-remaining"] == "3"
    assert ana.get("/v1/jobs").headers["x-ratelimit-remaining"] == "2"


def test_the_terminal_event_is_the_last_in_every_ending(world, ana):
    for ending in ("completed", "failed", "canceled"):
        job = ana.generates(storyboard())
        expect(world.report(job["id"], "started"), 200)
        if ending == "canceled":
            expect(ana.post(f"/v1/jobs/{job['id']}/cancel"), 200)
        else:
            expect(world.report(job["id"], ending), 200)
        assert world.sequence(job["id"]) == ["queued", "started", ending]


# ------------------------------------------------------------------------------------ what lies below the events

def request_text(actor, job_id, version="1.1", path=None):
    path = path or f"/v1/jobs/{job_id}/events"
    return f"GET {path} HTTP/{version}\r\nHost: localhost\r\nAuthorization: {actor.headers['Authorization']}\r\n\r\n".encode()


def connected(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def everything(connection):
    """What comes until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_stream_has_the_headers_of_every_answer(ana):
    job = ana.generates(storyboard())
    with ana.events(job["id"], headers={"X-Request-Id": "my-own", "Origin": "http://localhost:5173"}) as stream:
        headers = stream.answer.headers
        assert headers["x-request-id"] == "my-own" and headers["cache-control"] == "no-cache"
        assert headers["x-accel-buffering"] == "no" and headers["vary"] == "Origin" and headers["date"].endswith(" GMT")


def test_http_1_0_gets_the_events_as_they_are(world, ana):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    with connected(ana.server) as connection:
        connection.sendall(request_text(ana, job["id"], "1.0"))
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert b"200 OK" in head and b"chunked" not in head
    blocks = body.decode().split("\n\n")
    assert blocks[0] == "retry: 3000" and blocks[-1] == ""
    assert [block.split("\n")[1] for block in blocks[1:-1]] == [f"event: {name}" for name in STORY]


def test_a_stream_may_be_asked_for_behind_another_request(world, ana):
    job = ana.generates(WELCOME)
    tell_the_story(world, job["id"])
    with connected(ana.server) as connection:
        connection.sendall(request_text(ana, job["id"], path="/v1/auth/whoami") + request_text(ana, job["id"]))
        said = everything(connection)
    assert said.count(b"HTTP/1.1 200 OK") == 2 and said.count(b"\nevent: ") == len(STORY) and said.endswith(b"\r\n0\r\n\r\n")


def test_who_hangs_up_before_the_answer_keeps_no_place(world, ana):
    job = ana.generates(storyboard())
    for _ in range(40):  # twice as many as may be open
        connection = connected(ana.server)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(request_text(ana, job["id"]))
        connection.close()
    streams = []
    until(lambda: len(streams) == 20 or open_into(streams, ana, job["id"]), "twenty can be open", seconds=60)
    for stream in streams:
        stream.close()


def open_into(streams, actor, job_id):
    stream = actor.events(job_id)
    if stream.answer.status_code == 200:
        streams.append(stream)
    return len(streams) == 20


def test_a_server_that_leaves_ends_its_streams(start_server, world):
    server = start_server()
    ana = world.creator().at(server)
    job = ana.generates(storyboard())
    with ana.events(job["id"]) as stream:
        next(stream)
        server.process.send_signal(signal.SIGTERM)
        assert told(stream) == []
    server.process.wait(30)


def test_events_come_though_the_listening_connection_is_ended(world, ana):
    row = world.job_row(ana)
    with ana.events(row["id"], read_timeout=10) as stream:  # sooner than the slow poll
        for percent in (1, 2, 3):
            world.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'framecastd listen'"
                       " and datname = current_database()")
            world.insert("job_events", job_id=row["id"], event_type="progress", payload={"percent": percent})
            assert next(stream).data["percent"] == percent
