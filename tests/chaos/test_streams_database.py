"""Event streams stay open while the database goes away, and miss nothing."""
import os
import signal
from contextlib import closing

import pytest

from crowds import complete, crowded_job, progress
from harness.crowd import Crowd
from harness.world import World
from world import PATIENCE, stop


def restarted(database):
    database.stop()
    database.start()


def killed(database):
    database.kill()
    database.start()


def frozen(database):
    database.freeze()
    database.thaw()


@pytest.mark.parametrize("accident", [restarted, killed, frozen])
def test_streams_outlive_the_database(database, scene, accident):
    with closing(World(scene.server)) as world:
        job, watchers = crowded_job(world, 200)
    with Crowd() as crowd:
        crowd.join(scene.server.port, watchers)
        for n in range(3):
            with closing(World(scene.server)) as world:
                progress(world, job, n)
            accident(database)
            crowd.pump()
            with closing(World(scene.server)) as world:
                progress(world, job, n)
            crowd.until(lambda: all(w.after == 2 * n + 2 for w in watchers), "all have both events", PATIENCE)
        with closing(World(scene.server)) as world:
            complete(world, job)
        crowd.until(crowd.all_ended, "all end", PATIENCE)
        assert {(w.after, w.end, w.n_visits) for w in watchers} == {(7, "whole", 1)}


def test_two_thousand_streams_wait_for_the_database_in_peace(database, scene):
    with closing(World(scene.server)) as world:
        job, watchers = crowded_job(world, 2000)
    with Crowd() as crowd:
        crowd.join(scene.server.port, watchers)
        database.stop()
        scene.stays_calm()
        database.start()
        with closing(World(scene.server)) as world:
            complete(world, job)
        crowd.until(crowd.all_ended, "all end", PATIENCE)
        assert {(w.after, w.end, w.n_visits) for w in watchers} == {(1, "whole", 1)}


def test_events_come_though_those_who_listen_stand_still(scene):
    """Nothing tells the server that its connections are dead; it reads now and then all the same."""
    with closing(World(scene.server)) as world, Crowd() as crowd:
        job, watchers = crowded_job(world, 100)
        crowd.join(scene.server.port, watchers)
        listeners = [row["pid"] for row in world.rows(
            "select pid from pg_stat_activity where application_name = 'framecastd listen' and datname = current_database()")]
        assert listeners
        try:
            for pid in listeners:
                stop(pid)
            progress(world, job, 1)
            crowd.until(lambda: all(w.after == 1 for w in watchers), "all have it", PATIENCE)
        finally:
            for pid in listeners:
                os.kill(pid, signal.SIGCONT)
        complete(world, job)
        crowd.until(crowd.all_ended, "all end", PATIENCE)
        assert {(w.after, w.end, w.n_visits) for w in watchers} == {(2, "whole", 1)}
