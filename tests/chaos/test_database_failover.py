"""Another machine takes the database over: what was confirmed is there, and the server finds it by itself."""
import pytest

from harness import until
from world import PATIENCE, Machine, Pair, survived


@pytest.fixture
def database():
    pair = Pair()
    yield pair
    pair.remove()


@pytest.fixture
def machine(database):
    """The primary is reached by way of another machine."""
    machine = Machine(database)
    database.machine = machine
    yield machine
    machine.remove()


@pytest.mark.quick
def test_a_standby_takes_over_from_a_primary_that_is_gone(database, scene):
    with survived(scene) as load:
        database.kill()
        load.more(("read", 503), ("write", 503), ("health", 200))  # nobody is served by a standby
        database.fails_over()
        load.flows()
    scene.renders_another()


def test_a_standby_takes_over_from_a_primary_that_does_not_answer(database, scene):
    with survived(scene) as load:
        database.freeze()
        database.fails_over()
        load.flows()
        database.kill()  # before it could come back beside the new one
        database.thaw()
        load.flows()
    scene.renders_another()


def test_a_standby_takes_over_from_a_machine_that_was_unplugged(database, machine, scene):
    """Nothing comes back from it any more, not even that a connection is over. Who listens never asks, and sees it all the same."""
    with survived(scene) as load:
        machine.unplugged()
        database.fails_over()
        load.flows()
        until(lambda: database.connections(scene.url).get("framecastd listen") == 2, "both loops listen to the new one", seconds=PATIENCE)
    scene.renders_another()
