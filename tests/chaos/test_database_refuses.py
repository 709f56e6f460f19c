"""PostgreSQL is there, but not as it should be: it stands still, takes no changes, is full, or is empty."""
import pytest

from harness import expect_error, until
from harness.server import migrate
from world import Load, goes_on, name_in, survived


@pytest.mark.quick
def test_a_database_that_takes_no_changes_is_read(database, scene):
    with survived(scene) as load:
        database.sql("alter system set default_transaction_read_only = on")
        database.sql("select pg_reload_conf()")
        database.terminate(scene.url)
        load.more(("read", 200), ("list", 200), ("write", 503), ("rename", 503))
        database.sql("alter system reset default_transaction_read_only")
        database.sql("select pg_reload_conf()")
        load.flows()


@pytest.mark.quick
def test_an_empty_database_in_its_place_is_no_failure_of_ours(database, scene):
    """As after a failover to the wrong place. The operator is told, and may migrate it while the server runs."""
    name = name_in(scene.url)
    with survived(scene) as load:
        database.replace(scene.url, keep_as=f"{name}_true", take=None)
        load.more(("read", 503), ("list", 503), ("write", 503), ("rename", 503), ("health", 200))
        expect_error(scene.server.client.get("/ready"), 503, "SERVICE_UNAVAILABLE")
        until(lambda: "see framecastd migrate" in scene.server.tail(100_000), "the log says what to do")
        database.replace(scene.url, keep_as=f"{name}_empty", take=f"{name}_true")
        load.flows()  # perhaps all on one of the loops: the other one tries again within two seconds
        until(lambda: scene.server.client.get("/ready").status_code == 200, "it is ready again")


def test_an_empty_database_can_be_migrated_under_a_running_server(database, scene):
    with Load(scene):
        pass
    scene.comes_to_rest()
    database.replace(scene.url, keep_as=f"{name_in(scene.url)}_true", take=None)
    until(lambda: scene.server.client.get("/ready").status_code == 503, "the server misses its schema")
    migrate(scene.url)
    scene.joined_by_people()
    with Load(scene) as load:
        pass
    load.stands()
    assert scene.all_completed() == len(load.keys)


def test_a_database_that_stands_still_is_waited_for(database, scene):
    with survived(scene) as load:
        database.freeze()
        load.more(("health", 200))
        database.thaw()
        load.flows()


def test_who_asks_a_database_that_does_not_answer_is_told_so(database, scene):
    with survived(scene) as load:
        database.freeze()
        load.more(("read", 503), ("list", 503), ("write", 503), ("rename", 503), ("health", 200))
        database.thaw()
        load.flows()


def test_a_server_can_be_stopped_while_the_database_stands_still(database, scene):
    """Its threads wait for an answer that does not come: without spinning, and SIGTERM reaches them all the same."""
    with Load(scene) as load:
        database.freeze()
        load.more(("read", 503), ("write", 503))
    scene.stays_calm()
    scene.server.stop()
    database.thaw()
    scene.server.start()
    goes_on(scene, load, scene.server.descriptors())
