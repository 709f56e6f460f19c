"""PostgreSQL's disk is full: what cannot be stored is refused for now, and nothing is half done."""
import os
import pathlib
import secrets
import tempfile

import psycopg2
import pytest

from harness import expect, expect_error, scene as one_scene
from world import Database, Load, holds, ignored, small_disk, survived

SIZE_MB = 400


class SmallDatabase(Database):
    """One whose disk can be filled, to the last byte, and emptied again."""

    def __init__(self, disk):
        self.ballast = disk / "ballast"
        (disk / "pg").mkdir()
        super().__init__(disk / "pg")

    def fill(self):
        with self.ballast.open("ab", buffering=0) as file, ignored(OSError):
            while True:
                file.write(bytes(1 << 16))

    def empty(self):
        self.ballast.unlink(missing_ok=True)

    def thaw(self):
        self.empty()
        super().thaw()

    def write_until_it_breaks(self):
        """The log of changes needs room as well; without it PostgreSQL gives up, and cannot come back by itself."""
        with pytest.raises(psycopg2.Error):
            for _ in range(SIZE_MB):
                self.sql("select pg_logical_emit_message(false, 'fill', repeat('x', 1000000))")


@pytest.fixture
def database():
    # A short path: with a long one the files of PostgreSQL would lie elsewhere, because of the name of its socket.
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        os.chmod(folder, 0o711)  # PostgreSQL runs as another user when the tests run as root
        with small_disk(pathlib.Path(folder) / "d", SIZE_MB) as disk:
            database = SmallDatabase(disk)
            yield database
            database.empty()
            database.remove()


def large():
    """A storyboard that cannot be stored in what is left of a page."""
    return {"title": "Large", "scenes": [one_scene(f"s{i}", 1, prompt=secrets.token_hex(900)) for i in range(50)]}


def test_a_full_disk_refuses_what_needs_room(database, scene):
    before = scene.server.descriptors()
    with Load(scene) as load:
        database.fill()
        refused = scene.server.client.post("/v1/generate", json={"spec": large()}, headers=scene.people[3].headers)
        expect_error(refused, 503, "SERVICE_UNAVAILABLE")
        assert refused.headers["Retry-After"].isdigit()
        load.more(("read", 200), ("list", 200), ("health", 200))
        database.empty()
        load.flows()
        made = expect(scene.server.client.post("/v1/generate", json={"spec": large()}, headers=scene.people[3].headers), 201)
        expect(scene.server.client.post(f"/v1/jobs/{made['id']}/cancel", headers=scene.people[3].headers), 200)
    load.stands()
    scene.comes_to_rest()
    holds(scene.server)
    scene.leaks_nothing(before)


def test_a_database_that_broke_for_want_of_room_goes_on_where_it_was(database, scene):
    with survived(scene) as load:
        database.fill()
        database.write_until_it_breaks()
        load.more(("read", 503), ("list", 503), ("write", 503), ("rename", 503), ("health", 200))
        database.empty()
        database.comes_back()
        load.flows()
