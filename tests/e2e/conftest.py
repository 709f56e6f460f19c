"""What several files have in common: a server that makes films, and one that only plays its part."""
import pytest

from client_world import Client
from fakes.framecast_server import FramecastServer
from harness.server import Server


@pytest.fixture(scope="module")
def films(new_database, tmp_path_factory):
    """A server with a database of its own that renders by itself."""
    server = Server(tmp_path_factory.mktemp("films"), new_database("films"), RENDER_PROVIDER="animatic",
                    JOB_SWEEP_INTERVAL_SECONDS=1, RENDER_LEASE_SECONDS=5).start()
    yield server
    server.stop()


@pytest.fixture
def ana(world):
    return world.creator("ana", credits=5000)


@pytest.fixture
def fake():
    fake = FramecastServer()
    yield fake
    fake.stop()


@pytest.fixture
def framecast(fake, tmp_path):
    return Client(fake.url, tmp_path)
