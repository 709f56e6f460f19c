"""Nobody resolves the name of the database's host: whoever needs no database is answered all the same."""
from urllib.parse import urlsplit

import pytest

from harness import until
from harness.server import client_of
from world import PATIENCE


def by_name(database, url):
    """The same database, by TCP and the name localhost."""
    password, port = ((database.folder / "home" / file).read_text().strip() for file in ("password", "port"))
    return f"postgresql://postgres:{password}@localhost:{port}/{urlsplit(url).path[1:]}"


@pytest.mark.quick
def test_a_name_that_nobody_resolves_stops_no_loop(database, start_server, preloaded, tmp_path):
    url, away = database.create(), tmp_path / "away"
    server = start_server(database_url=by_name(database, url), LD_PRELOAD=preloaded("names_away"), NAMES_AWAY=away)
    away.touch()
    database.terminate(url)
    until(lambda: (tmp_path / "away.asked").exists(), "somebody asks for the name")
    for _ in range(20):  # new connections: each loop gets some
        with client_of(server.url) as client:
            assert client.get("/health", timeout=PATIENCE).status_code == 200
    assert away.exists(), "the name is still being asked for"
    away.unlink()
    until(lambda: server.request("GET", "/ready").status_code == 200, "it is ready again", seconds=PATIENCE)


def test_a_server_can_be_stopped_while_nobody_resolves_the_name(database, start_server, preloaded, tmp_path):
    """Its workers and its upkeep ask for the name as well; nobody waits for the answer."""
    url, away = database.create(), tmp_path / "away"
    server = start_server(database_url=by_name(database, url), RENDER_PROVIDER="animatic", JOB_SWEEP_INTERVAL_SECONDS=1,
                          LD_PRELOAD=preloaded("names_away"), NAMES_AWAY=away)
    away.touch()
    database.terminate(url)
    until(lambda: (tmp_path / "away.asked").exists(), "somebody asks for the name")
    until(lambda: "its name is not found in time" in server.tail(100_000), "a worker has given the question up", seconds=PATIENCE)
    server.stop()
