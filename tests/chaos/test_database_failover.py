"""Another machine takes the database over: what was confirmed is there, and the server finds it by itself."""
import pytest

from world import Pair, Scene, survived


@pytest.fixture
def database():
    pair = Pair()
    yield pair
    pair.remove()


@pytest.fixture
def scene(database, tmp_path):
    scene = Scene(database, tmp_path / "server")
    yield scene
    scene.close()


@pytest.mark.quick
def test_a_standby_takes_over_from_a_primary_that_is_gone(database, scene):
    with survived(scene) as load:
        database.kill()
        load.more(("read", 503), ("write", 503), ("health", 200))  # nobody is served by a standby
        database.fails_over()
        load.flows()


def test_a_standby_takes_over_from_a_primary_that_does_not_answer(database, scene):
    with survived(scene) as load:
        database.freeze()
        database.fails_over()
        load.flows()
        database.kill()  # before it could come back beside the new one
        database.thaw()
        load.flows()
