"""PostgreSQL goes away and comes back: everybody gets an answer, nothing is lost, nothing is done twice."""
import pytest

from world import Load, goes_on, survived


@pytest.mark.quick
def test_a_restart_is_survived(database, scene):
    with survived(scene) as load:
        database.stop()
        load.more(("read", 503), ("list", 503), ("write", 503), ("rename", 503), ("health", 200))
        database.start()
        load.flows()


def test_a_kill_and_its_recovery_are_survived(database, scene):
    with survived(scene) as load:
        for _ in range(3):
            database.kill()
            load.more(("health", 200))
            database.start()
            load.flows()


def test_nothing_spins_while_there_is_no_database(database, scene):
    before = scene.server.descriptors()
    with Load(scene) as load:
        pass
    scene.comes_to_rest()  # drawing takes time that is not meant here
    database.stop()
    scene.stays_calm()
    database.start()
    goes_on(scene, load, before)


def test_connections_that_are_ended_one_by_one_are_made_again(database, scene):
    with survived(scene) as load:
        ended = 0
        for _ in range(20):
            ended += database.terminate(scene.url)
            load.more(("health", 200))
        assert ended > 20
        load.flows()
