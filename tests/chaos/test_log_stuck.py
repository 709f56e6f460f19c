"""The disk that the log lies on hangs: nobody waits for it, and the lines are there once it goes on."""
import pytest

from harness import expect, until
from harness.server import client_of
from harness.world import World
from world import PATIENCE


@pytest.mark.quick
def test_a_log_that_cannot_be_written_keeps_no_request_waiting(start_server, preloaded, tmp_path):
    stuck, tried = tmp_path / "stuck", tmp_path / "stuck.tried"
    server = start_server(LD_PRELOAD=preloaded("log_stuck"), LOG_STUCK=stuck)
    world = World(server)
    ana = world.creator()
    stuck.touch()
    ids = [f"asked-{i}" for i in range(40)]
    for id in ids:  # each of a new connection: each loop gets some
        with client_of(server.url) as client:
            headers = {**ana.headers, "X-Request-Id": id}
            expect(client.get("/v1/account", headers=headers, timeout=PATIENCE), 200)
    until(tried.exists, "a line was to be written")
    assert not [id for id in ids if id in server.tail(100_000)], "none has been"
    stuck.unlink()
    until(lambda: ids[-1] in server.tail(100_000), "the lines are written", seconds=PATIENCE)
    said = [line.get("request_id") for line in server.lines()]
    assert [id for id in said if id in ids] == ids
    world.close()
