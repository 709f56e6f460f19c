"""Fixtures of the API and the end-to-end tests. See harness/__init__.py."""
import os

import pytest

from harness.contract import CONTRACT
from harness.postgres import Cluster, create_database
from harness.server import Server, migrate
from harness.world import World

CLUSTER = Cluster()
RUNNING = []  # servers whose log a failing test prints


def is_controller(config):
    return not hasattr(config, "workerinput")


def pytest_configure(config):
    # Before the workers of xdist start, which inherit where the database is.
    if is_controller(config) and not config.option.collectonly:
        CLUSTER.start()


def pytest_unconfigure(config):
    if is_controller(config):
        CLUSTER.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for server in RUNNING:
            report.sections.append((f"log of the server on port {server.port}", server.tail()))


@pytest.fixture(scope="session")
def contract():
    """docs/openapi.yaml"""
    return CONTRACT


@pytest.fixture(scope="session")
def worker_name():
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def new_database(worker_name):
    """new_database("e2e"): the URL of an empty migrated database."""
    return lambda name: create_database(f"framecast_{worker_name}_{name}", migrate)


@pytest.fixture(scope="session")
def database_url(new_database):
    """The database that the tests of one worker share."""
    return new_database("api")


@pytest.fixture(scope="session")
def server(database_url, tmp_path_factory):
    """The server that most tests call: provider external, so that jobs move only when a test moves them."""
    server = Server(tmp_path_factory.mktemp("server"), database_url).start()
    RUNNING.append(server)
    yield server
    RUNNING.remove(server)
    server.stop()


@pytest.fixture
def world(server):
    """A file whose people call another server overrides `server`."""
    server.revive()
    world = World(server)
    yield world
    world.close()


@pytest.fixture
def start_server(database_url, tmp_path):
    """start_server(JOB_TIMEOUT_SECONDS=1): another server, on the same database unless told otherwise."""
    started = []

    def start(database_url=database_url, **settings):
        server = Server(tmp_path / f"server{len(started)}", database_url, **settings)
        started.append(server)
        RUNNING.append(server)
        return server.start()

    yield start
    for server in started:
        RUNNING.remove(server)
    for server in started:
        server.stop()
