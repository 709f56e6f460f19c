"""Ten thousand event streams, and clients that behave badly among them."""
import json
import threading
import time

import pytest

from crowds import complete, crowded_job, progress
from harness import until
from harness.crowd import Crowd, Watcher, raise_file_limit
from harness.postgres import connect
from world import PATIENCE


@pytest.mark.parametrize("n", [pytest.param(500, marks=pytest.mark.quick), 10_000])
def test_each_of_many_streams_sees_every_event_once_and_in_order(start_server, world, n):
    if not raise_file_limit(n * 4 // 3 + 500):  # the server gives streams three quarters of them
        pytest.skip(f"{n} streams need more open files than this process may have")
    server = start_server()
    job, watchers = crowded_job(world, n)
    with Crowd() as crowd:
        crowd.join(server.port, watchers)
        resting = server.memory_kib()
        for percent in range(20):
            progress(world, job, percent)
            crowd.pump()  # so that some are behind when the next event comes
        complete(world, job)
        crowd.until(crowd.all_ended, lambda: f"all end; {len(crowd.by_fd)} are open", PATIENCE)
        assert {(w.after, w.end, w.n_visits) for w in watchers} == {(21, "whole", 1)}
        assert server.memory_kib("VmHWM") - resting < 20 * 1024, "one event is not copied for each"
    until(lambda: "framecast_event_streams_open 0" in server.client.get("/metrics").text, "no stream is left", PATIENCE)


def test_clients_that_stop_reading_are_dropped_and_cost_little(start_server, world):
    """Each of them could be sent 6 MB; the server holds one chunk for them all, and the kernel a bounded piece."""
    server = start_server()
    job, watchers = crowded_job(world, 300)
    lazy, eager = watchers[:200], watchers[200:]
    with Crowd() as crowd:
        crowd.join(server.port, watchers)
        for watcher in lazy:
            crowd.poller.unregister(watcher.socket.fileno())
            del crowd.by_fd[watcher.socket.fileno()]
        before = server.memory_kib("VmHWM")
        for percent in range(100):
            progress(world, job, percent, note="x" * 60_000)
            crowd.pump(0)
        complete(world, job)
        crowd.until(crowd.all_ended, lambda: f"the eager end; {len(crowd.by_fd)} are open", PATIENCE)
        assert {(w.after, w.end) for w in eager} == {(101, "whole")}
        until(lambda: "framecast_event_streams_open 0" in server.client.get("/metrics").text, "the lazy are dropped", PATIENCE)
        assert server.memory_kib("VmHWM") - before < 16 * 1024
        for watcher in lazy:  # what came before is whole and in order, and then the connection is over
            while not watcher.end:
                watcher.read()
            assert watcher.end == "broken" and 0 <= watcher.after < 101
        crowd.join(server.port, lazy)  # they come again, and miss nothing
        crowd.until(crowd.all_ended, "they end", PATIENCE)
        assert {(w.after, w.end) for w in lazy} == {(101, "whole")}


def test_streams_that_come_and_go_leave_nothing_behind(start_server, world):
    server = start_server()
    job, watchers = crowded_job(world, 2000)
    job_over, late = crowded_job(world, 200)
    complete(world, job_over)
    kib, descriptors = [], []
    for _ in range(12):
        with Crowd() as crowd:
            crowd.join(server.port, watchers)  # whose clients leave
            crowd.join(server.port, late)      # which the server ends
            crowd.until(lambda: all(watcher.end for watcher in late), "the short ones end", PATIENCE)
        until(lambda: "framecast_event_streams_open 0" in server.client.get("/metrics").text, "no stream is left", PATIENCE)
        kib.append(server.memory_kib())
        descriptors.append(server.descriptors())
    assert kib[-1] - kib[3] < 4096, f"memory grows: {kib}"
    assert descriptors[-1] - descriptors[3] < 20, f"descriptors grow by more than the database's connections: {descriptors}"


def write_events(url, job_ids, stop):
    """Goes on writing events until it is told to stop."""
    connection = connect(url)
    connection.autocommit = True
    percent = 0
    while not stop.is_set():
        percent += 1
        with connection.cursor() as cursor:
            cursor.execute("select fc_job_event_add(id, 'progress', %s) from unnest(%s::uuid[]) id",
                           [json.dumps({"percent": percent % 100}), job_ids])
        time.sleep(0.02)
    connection.close()


@pytest.mark.parametrize("n, at_a_time", [pytest.param(200, 200, marks=pytest.mark.quick), (2000, 200), (8000, 8000)])
def test_a_crowd_that_comes_again_after_each_crash_misses_nothing(start_server, world, n, at_a_time):
    if not raise_file_limit(n * 4 // 3 + 500):  # the server gives streams three quarters of them
        pytest.skip(f"{n} streams need more open files than this process may have")
    server = start_server()
    groups = [crowded_job(world, n // 4) for _ in range(4)]
    watchers = [watcher for _, group in groups for watcher in group]
    jobs, stop = [job for job, _ in groups], threading.Event()
    writer = threading.Thread(target=write_events, args=[server.settings["DATABASE_URL"], jobs, stop])
    writer.start()
    try:
        with Crowd() as crowd:
            crowd.join(server.port, watchers, at_a_time)
            for _ in range(2):
                reached = {job: world.one("select max(sequence) from job_events where job_id = %s", job) for job in jobs}
                crowd.until(lambda: all(w.after >= reached[w.job_id] for w in watchers), "all have caught up", PATIENCE)
                server.kill()
                crowd.until(crowd.all_ended, "all notice", PATIENCE)
                server.start()
                crowd.join(server.port, watchers, at_a_time)
            stop.set()
            writer.join()
            for job in jobs:
                complete(world, job)
            crowd.until(crowd.all_ended, lambda: f"all end; {len(crowd.by_fd)} are open", PATIENCE)
            last = {job: world.one("select max(sequence) from job_events where job_id = %s", job) for job in jobs}
            assert {(w.after - last[w.job_id], w.end, w.n_visits) for w in watchers} == {(0, "whole", 3)}
    finally:
        stop.set()
        writer.join()


@pytest.mark.quick
def test_events_come_though_the_listening_connections_are_ended_again_and_again(start_server, world):
    server = start_server()
    job, watchers = crowded_job(world, 100)
    with Crowd() as crowd:
        crowd.join(server.port, watchers)
        for percent in range(10):
            progress(world, job, percent)
            world.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'framecastd listen'"
                       " and datname = current_database()")
            progress(world, job, percent)
            crowd.until(lambda: all(w.after == 2 * percent + 2 for w in watchers), "all have both events", PATIENCE)
        complete(world, job)
        crowd.until(crowd.all_ended, "all end", PATIENCE)
        assert {(w.after, w.end, w.n_visits) for w in watchers} == {(21, "whole", 1)}


@pytest.mark.parametrize("loss", ["membership", "user", "key"])
def test_who_may_not_see_the_job_any_more_is_sent_no_more(server, world, loss):
    ana, bob, eve = world.creator("ana"), world.creator("bob"), world.creator("eve")
    team = world.team(owner=ana, viewer=[bob, eve])
    job = world.job_row(ana, "processing", owner=team.urn)["id"]
    key = world.key(bob)
    loser, keeper = Watcher(job, key.headers if loss == "key" else bob.headers), Watcher(job, eve.headers)
    with Crowd() as crowd:
        crowd.join(server.port, [loser, keeper])
        progress(world, job, 1)
        crowd.until(lambda: loser.after == keeper.after == 1, "both see it")
        if loss == "membership":
            world.rows("delete from memberships where user_id = %s", bob.id)
        elif loss == "user":
            world.rows("delete from users where id = %s", bob.id)
        else:
            world.rows("update api_keys set revoked_at = now() where id = %s", key.key_id)
        crowd.until(lambda: loser.end, "the stream ends", PATIENCE)
        assert loser.end == "whole" and keeper.end is None
        progress(world, job, 2)
        crowd.until(lambda: keeper.after == 2, "the other goes on")
