"""What several files of accidents have in common."""
import os
import pathlib
import signal
import subprocess

import pytest

from fakes.ffmpeg import Ffmpeg
from harness.server import Server
from world import Database, Scene


@pytest.fixture(scope="module")
def database():
    """A PostgreSQL of this file's own, to be broken."""
    database = Database()
    yield database
    database.remove()


@pytest.fixture
def scene(database, tmp_path):
    """A server on that database; whatever was done to the database is undone afterwards."""
    scene = Scene(database, tmp_path / "server")
    yield scene
    database.thaw()
    database.comes_back()
    scene.close()


@pytest.fixture(scope="module")
def servers(new_database, tmp_path_factory, request):
    """Two servers on one database of this file's own."""
    url = new_database(request.module.__name__)
    servers = [Server(tmp_path_factory.mktemp(f"server{i}"), url).start() for i in (0, 1)]
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def preloaded(tmp_path_factory):
    """preloaded("names_away"): names_away.c as a library for LD_PRELOAD."""
    def build(name):
        library = tmp_path_factory.mktemp("preload") / f"{name}.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, pathlib.Path(__file__).parent / f"{name}.c"], check=True)
        return library

    return build


@pytest.fixture
def ffmpeg(tmp_path):
    ffmpeg = Ffmpeg(tmp_path / "bin")
    yield ffmpeg
    for pid in ffmpeg.sleepers():  # a killed server can only take its own children with it
        os.kill(pid, signal.SIGKILL)
