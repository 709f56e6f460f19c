"""Clients that take their time, or never come to an end: the server lets go of them, and nobody else waits for them."""
import contextlib
import json
import resource
import selectors
import time

import pytest

from clients import Bystander, Memory, Wire, head
from harness import expect, storyboard, until
from harness.server import program
from harness.signing import blob_path, signed

PATIENCE = 240  # seconds; the server's own bounds are 60 and 75
SMALL_BODY = json.dumps({"spec": storyboard()}).encode()


def drip(text):
    """The bytes of a text one by one, from the beginning again when it ends."""
    while True:
        for byte in text:
            yield bytes([byte])


# what is sent at once, and what follows byte by byte
SLOW = {
    "the first line": (b"", b"GET /v1/account?x=" + b"y" * 1000),
    "a header": (b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"y" * 1000),
    "headers without end": (b"GET /health HTTP/1.1\r\nHost: x\r\n", b"X-Slow: y\r\n"),
    "headers of a stream without end": (b"GET /v1/jobs/3f0e1d2c-4b5a-4697-8877-66554433221f/events HTTP/1.1\r\n", b"X: y\r\n"),
    "a body": (head("PATCH", "/v1/account", "{auth}", "Content-Length: 1000000"), b'{"name":"'),
    "a body in chunks": (head("PATCH", "/v1/account", "{auth}", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "the body of a callback": (head("POST", "/internal/jobs/callback", "Content-Length: 1000"), b" "),
    "an upload": ("upload", b"x"),
    "the line after an answer": (head("GET", "/health"), b"GET /" + b"y" * 1000),
    "the line after a refused stream":
        (head("GET", "/v1/jobs/3f0e1d2c-4b5a-4697-8877-66554433221f/events", "{auth}"), b"GET /" + b"y" * 1000),
    "nothing": (b"", b""),
    "nothing more of a head": (b"GET /v1/account HTTP/1.1\r\n", b""),
    "nothing more of a stream's head": (b"GET /v1/jobs/3f0e1d2c-4b5a-4697-8877-66554433221f/events HTTP/1.1\r\n", b""),
    "nothing more of a body": (head("PATCH", "/v1/account", "{auth}", "Content-Length: 9") + b"{}", b""),
    "nothing after an answer": (head("GET", "/health"), b""),
    "nothing after a refused stream": (head("GET", "/v1/jobs/3f0e1d2c-4b5a-4697-8877-66554433221f/events"), b""),
}


class Slow:
    """A client that sends its first bytes at once and the others one a second."""

    def __init__(self, server, why, first, rest):
        self.why, self.wire, self.rest = why, Wire(server), drip(rest) if rest else None
        self.wire.sends(first)
        self.wire.socket.setblocking(False)

    def goes_on(self):
        """False once the server has let go of it."""
        with contextlib.suppress(BlockingIOError):
            while self.wire.socket.recv(65536):
                pass
            return False
        return self.rest is None or self.wire.sends(next(self.rest))


@pytest.fixture
def ana(world):
    return world.creator()


def test_the_slow_are_let_go_and_nobody_waits_for_them(world, ana):
    server, credentials = world.server, f"Authorization: {ana.headers['Authorization']}".encode()
    link = signed("PUT", blob_path("framecast-outputs", "slow"), content_type="video/mp4", length=1_000_000)
    upload = head("PUT", link, "Content-Type: video/mp4", "Content-Length: 1000000")
    before, memory = server.descriptors(), Memory(server)
    job = ana.generates(storyboard())["id"]
    with Bystander(server, ana, ["/health", f"/v1/jobs/{job}"]) as bystander:
        clients = [Slow(server, why, (upload if first == "upload" else first).replace(b"{auth}", credentials), rest)
                   for why, (first, rest) in SLOW.items() for _ in range(20)]
        end = time.monotonic() + PATIENCE
        while clients and time.monotonic() < end:
            clients = [client for client in clients if client.goes_on()]
            time.sleep(1)
    assert not clients, f"still there: {sorted({client.why for client in clients})}"
    bystander.was_always_answered(at_least=100)
    assert memory.grew_mib() < 64
    until(lambda: server.descriptors() <= before + 5, "their descriptors are closed")
    expect(ana.get("/v1/account"), 200)


def test_a_slow_body_is_read_while_it_comes_fast_enough(world, ana):
    body = SMALL_BODY + b" " * 60_000
    with Wire(world.server) as wire:
        wire.sends(head("POST", "/v1/spec/validate", f"Authorization: {ana.headers['Authorization']}",
                        f"Content-Length: {len(body)}"))
        for at in range(0, len(body), 4096):
            assert wire.sends(body[at:at + 4096])
            time.sleep(0.2)
        assert wire.answer()[0] == 200


def test_a_file_may_be_taken_piece_by_piece_but_not_left_lying(world):
    server, path, n = world.server, blob_path("framecast-outputs", "film"), 20_000_000
    with Wire(server) as wire:
        wire.sends(head("PUT", signed("PUT", path, content_type="video/mp4", length=n), "Content-Type: video/mp4", f"Content-Length: {n}"),
                   b"x" * n)
        assert wire.answer()[0] == 200
    before = server.descriptors()
    ask = head("GET", signed("GET", path), "Connection: close")
    lying = [Wire(server, receive_buffer=2048) for _ in range(20)]
    with Wire(server, receive_buffer=65536) as player:
        for wire in (player, *lying):
            wire.sends(ask)
        assert [wire.status() for wire in lying] == [200] * 20
        end = time.monotonic() + PATIENCE
        while server.descriptors() > before + 5 and time.monotonic() < end:
            player.takes_some()
            time.sleep(1)
        assert server.descriptors() <= before + 5, "they are still there"
        status, _, body = player.answer()
    assert (status, len(body)) == (200, n)
    for wire in lying:
        wire.close()


# ------------------------------------------------------------------------------------- half closed


@pytest.mark.parametrize("path", ["/health", "/v1/account", "/v1/nothing"])
def test_a_half_closed_connection_is_answered_or_let_go(world, ana, path):
    before = world.server.descriptors()
    with Bystander(world.server, ana) as bystander:
        for _ in range(50):
            with Wire(world.server) as wire:
                wire.sends(head("GET", path, f"Authorization: {ana.headers['Authorization']}"))
                wire.says_no_more()
                assert wire.statuses() in ([], [404 if path == "/v1/nothing" else 200])
    bystander.was_always_answered()
    until(lambda: world.server.descriptors() <= before + 5, "nothing is left of them")


def test_a_body_that_ends_before_its_length_is_not_acted_on(world, ana):
    expect(ana.patch("/v1/account", {"name": "Ana"}), 200)
    for lines, body in (("Content-Length: 100", b'{"name": "Eve"}'), ("Transfer-Encoding: chunked", b'f\r\n{"name": "Eve"}\r\n')):
        with Wire(world.server) as wire:
            wire.sends(head("PATCH", "/v1/account", f"Authorization: {ana.headers['Authorization']}", lines) + body)
            wire.says_no_more()
            assert wire.statuses() == []
    assert expect(ana.get("/v1/account"), 200)["name"] == "Ana"


def test_who_does_not_read_holds_nobody_up(world, ana):
    job = ana.generates(storyboard(title="x" * 200))["id"]
    memory, wires = Memory(world.server), []
    ask = head("GET", f"/v1/jobs/{job}", f"Authorization: {ana.headers['Authorization']}") * 2000
    with Bystander(world.server, ana, ["/health", f"/v1/jobs/{job}"]) as bystander:
        for _ in range(20):
            wire = Wire(world.server, seconds=1, receive_buffer=2048)
            wire.sends(ask)  # the rest of it does not fit any more: nobody reads the answers
            wires.append(wire)
        bystander.is_answered(100)
    bystander.was_always_answered()
    assert memory.grew_mib() < 64
    for wire in wires:
        wire.close()


# ------------------------------------------------------------------------------------------- many


@pytest.fixture
def descriptors_for_all():
    """How many connections this process may have, up to 10,000."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield min(10_000, hard - 1000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_ten_thousand_idle_connections_cost_little_and_end(world, ana, descriptors_for_all):
    server, memory, before = world.server, Memory(world.server), world.server.descriptors()
    firsts = [b"", b"GET /health HTTP/1.1\r\n", head("GET", "/health")]  # silent, half a head, kept alive
    watch = selectors.DefaultSelector()
    with Bystander(server, ana, ["/health", "/v1/account"]) as bystander:
        for i in range(descriptors_for_all):
            wire = Wire(server)
            assert wire.sends(firsts[i % 3])
            wire.socket.setblocking(False)
            watch.register(wire.socket, selectors.EVENT_READ)
        grown = memory.grew_mib()
        bystander.is_answered(100)
        end = time.monotonic() + PATIENCE
        while watch.get_map() and time.monotonic() < end:
            for key, _ in watch.select(timeout=5):
                with contextlib.suppress(ConnectionError):
                    if key.fileobj.recv(65536):
                        continue
                watch.unregister(key.fileobj)
                key.fileobj.close()
    assert not watch.get_map(), f"{len(watch.get_map())} are still open"
    bystander.was_always_answered()
    assert grown * 1024 / descriptors_for_all < 32, f"{grown} MiB"
    until(lambda: server.descriptors() <= before + 10, "their descriptors are closed")


def test_more_connections_than_descriptors_are_refused_and_not_kept_waiting(start_server, world, tmp_path, monkeypatch):
    small = tmp_path / "framecastd"
    small.write_text(f'#!/bin/sh\nulimit -n 300\nexec {program()} "$@"\n')
    small.chmod(0o755)
    monkeypatch.setenv("FRAMECASTD", str(small))
    server, ana = start_server(), world.creator()
    before = server.descriptors()
    wires = [Wire(server, seconds=60) for _ in range(400)]
    for wire in wires:
        wire.sends(head("GET", "/health"))
    answered = [wire for wire in wires if wire.answer() is not None]
    assert 100 < len(answered) < 300
    # there is a reserve for what the server itself has to open
    path = blob_path("framecast-outputs", "reserve")
    link = signed("PUT", path, content_type="image/png", length=3)
    answered[0].sends(head("PUT", link, "Content-Type: image/png", "Content-Length: 3") + b"abc")
    assert answered[0].answer()[0] == 200
    for wire in wires:
        wire.close()
    until(lambda: server.descriptors() <= before + 10, "their descriptors are closed")
    expect(ana.at(server).get("/v1/account"), 200)
