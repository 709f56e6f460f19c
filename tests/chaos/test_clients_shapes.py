"""Requests in shapes that no decent client sends: each gets the one answer that is due, nobody is mistaken for another."""
import json

import pytest

from clients import Bystander, Wire, head
from harness import expect, storyboard

pytestmark = pytest.mark.quick

BODY = b'{"name":"x"}'
CHUNKED = b"c\r\n" + BODY + b"\r\n0\r\n\r\n"


def patch(*lines, version="HTTP/1.1"):
    return head("PATCH", "/v1/account", "{auth}", *lines, version=version)


def get(path, *lines, **how):
    return head("GET", path, *lines, **how)


# Behind each of these stands LAST, and credentials where {auth} stands.
TWO_WAYS = {
    "a length and chunks": patch("Content-Length: 12", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "chunks and a length": patch("Transfer-Encoding: chunked", "Content-Length: 12") + CHUNKED,
    "a length twice": patch("Content-Length: 12", "Content-Length: 12") + BODY,
    "two lengths": patch("Content-Length: 12", "Content-Length: 0") + BODY,
    "two lengths, the other way round": patch("Content-Length: 0", "Content-Length: 12") + BODY,
    "a space before the colon of the length": patch("Content-Length : 12") + BODY,
    "a space before the colon of the encoding": patch("Transfer-Encoding : chunked") + CHUNKED,
    "no encoding at all": patch("Transfer-Encoding: identity") + BODY,
    "an encoding nobody knows": patch("Transfer-Encoding: xchunked") + CHUNKED,
    "two encodings in one": patch("Transfer-Encoding: gzip, chunked") + CHUNKED,
    "two encodings": patch("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + CHUNKED,
    "an encoding on two lines": patch("Transfer-Encoding:", " chunked") + CHUNKED,
    "two hosts": get("/health", "Host: y"),
    "a header without a colon": get("/health", "nonsense"),
    "a list of lengths": patch("Content-Length: 12, 12") + BODY,
    "a length with a sign": patch("Content-Length: +12") + BODY,
    "a negative length": patch("Content-Length: -12") + BODY,
    "a hexadecimal length": patch("Content-Length: 0xc") + BODY,
    "an empty length": patch("Content-Length: ") + BODY,
    "a chunk of no number": patch("Transfer-Encoding: chunked") + b"zz\r\n" + BODY,
    "a chunk of a negative number": patch("Transfer-Encoding: chunked") + b"-1\r\n" + BODY,
    "a chunk that is longer than it says": patch("Transfer-Encoding: chunked") + b"5\r\n" + BODY + b"\r\n0\r\n\r\n",
}
TOO_MUCH = {
    "5 MiB and a byte": (patch("Content-Length: 5242881"), 413),
    "2^63 bytes": (patch("Content-Length: 9223372036854775808"), 413),
    "2^64 - 1 bytes": (patch("Content-Length: 18446744073709551615"), 413),
    "a chunk of 2^70 bytes": (patch("Transfer-Encoding: chunked") + b"4" + b"0" * 17 + b"\r\n", 413),
    "a method of 20,000 letters": (head("G" * 20000, "/health"), 414),
    "a path of 20,000 letters": (get("/" + "a" * 20000), 414),
    "a query of 40,000 letters": (get("/v1/jobs?status=" + "a" * 40000), 414),
    "a header of 30,000 letters": (get("/health", "X: " + "y" * 30000), 431),
    "5,000 headers": (get("/health", *[f"X-{i}: y" for i in range(5000)]), 431),
}
OTHER_PROTOCOLS = {
    "HTTP/0.9": (b"GET /health\r\n\r\n", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", [505]),
    "HTTP/9.9": (get("/health", version="HTTP/9.9"), [505]),
    "another protocol": (get("/health", version="FOO/1.1"), [400]),
    "TLS": (bytes.fromhex("16030100c8010000c40303") + bytes(range(200)), []),
    "NULs": (b"\0" * 64, [400]),
    "no path": (get(""), [400]),
}
UNUSUAL = {
    "HTTP/1.0": (get("/health", version="HTTP/1.0"), [200]),
    "HTTP/1.0 that stays": (get("/health", "Connection: keep-alive", version="HTTP/1.0"), [200, 200]),
    "chunks in capitals": (patch("Transfer-Encoding: CHUNKED") + CHUNKED, [200, 200]),
    "chunks with extensions": (patch("Transfer-Encoding: chunked") + CHUNKED.replace(b"c\r", b"c;a=b\r"), [200, 200]),
    "chunks with a trailer": (patch("Transfer-Encoding: chunked") + CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n", [200, 200]),
    "a chunk whose size has 3,000 zeros": (patch("Transfer-Encoding: chunked") + b"0" * 3000 + CHUNKED, [200, 200]),
    "a body where none is read": (head("GET", "/v1/account", "{auth}", "Content-Length: 12") + BODY, [200, 200]),
    "Expect: 100-continue": (patch("Expect: 100-continue", "Content-Length: 12") + BODY, [100, 200, 200]),
    "another expectation": (patch("Expect: miracle", "Content-Length: 12") + BODY, [200, 200]),
    "an upgrade": (get("/health", "Connection: Upgrade", "Upgrade: h2c"), [200, 200]),
    "a whole URI": (get("http://other.example/health"), [200, 200]),
    "a whole URI without a path": (get("http://other.example"), [200, 200]),
    "an authority": (get("other.example:80"), [404, 200]),
    "a star": (head("OPTIONS", "*"), [200, 200]),
    "CONNECT": (head("CONNECT", "x:443"), [404, 200]),
    "TRACE": (head("TRACE", "/health"), [405, 200]),
    "a method in small letters": (head("get", "/health"), [405, 200]),
    "a fragment": (get("/health#x"), [404, 200]),
    "a blank in the path": (get("/heal th"), [404, 200]),
    "a NUL in the path": (get("/heal\0th"), [404, 200]),
    "a long query": (get("/v1/jobs?status=" + "a" * 14000, "{auth}"), [400, 200]),
    "200 headers": (get("/health", *[f"X-{i}: y" for i in range(200)]), [200, 200]),
    "no UTF-8 in the path": (get("/v1/jobs/\xff\xfe", "{auth}"), [404, 200]),
    "no UTF-8 in the path, escaped": (get("/v1/jobs/%ff%fe", "{auth}"), [404, 200]),
    "no UTF-8 in the query": (get("/v1/jobs?status=\xff", "{auth}"), [400, 200]),
    "no UTF-8 in the query, escaped": (get("/v1/jobs?status=%ff", "{auth}"), [400, 200]),
    "no UTF-8 in the request's id": (get("/v1/account", "{auth}", "X-Request-Id: \xff"), [200, 200]),
    "no UTF-8 in the token": (get("/v1/account", "Authorization: Bearer \xff\xfe"), [401, 200]),
    "no UTF-8 in the key": (get("/v1/account", "X-API-Key: sk_live_\xff\xfe"), [401, 200]),
    "no UTF-8 in the origin": (get("/v1/account", "{auth}", "Origin: \xff"), [200, 200]),
    "no UTF-8 in the idempotency key": (head("POST", "/v1/generate", "{auth}", "Idempotency-Key: \xff",
                                             "Content-Length: 2") + b"{}", [400, 200]),
    "no UTF-8 in the media type": (patch("Content-Type: \xff", "Content-Length: 12") + BODY, [415, 200]),
    "an idempotency key twice": (head("POST", "/v1/generate", "{auth}", "Idempotency-Key: a", "Idempotency-Key: a",
                                      "Content-Length: 2") + b"{}", [400, 200]),
    "two credentials, the first wrong": (get("/v1/account", "Authorization: Bearer x", "{auth}"), [401, 200]),
}
LAST = get("/health", "Connection: close")


@pytest.fixture
def ana(world):
    return world.creator()


@pytest.fixture
def send(world, ana):
    """send(bytes): a wire on which they were sent, with Ana's credentials where they say {auth}, and a last request."""
    wires = []

    def send(data):
        credentials = f"Authorization: {ana.headers['Authorization']}".encode()
        wire = Wire(world.server)
        wires.append(wire)
        wire.sends(data.replace(b"{auth}", credentials) + LAST)
        return wire

    with Bystander(world.server, ana, ["/health", "/v1/account"]) as bystander:
        yield send
    for wire in wires:
        wire.close()
    bystander.was_always_answered(at_least=2)


@pytest.mark.parametrize("data", TWO_WAYS.values(), ids=TWO_WAYS)
def test_what_can_be_read_in_two_ways_is_400_and_the_end(send, data):
    wire = send(data)
    assert wire.status() == 400
    assert wire.is_closed_without("200 OK")


@pytest.mark.parametrize("data, status", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_too_much_is_refused_before_it_comes(send, data, status):
    wire = send(data)
    assert wire.status() == status
    assert wire.is_closed_without("200 OK")


@pytest.mark.parametrize("data, statuses", OTHER_PROTOCOLS.values(), ids=OTHER_PROTOCOLS)
def test_another_protocol_is_told_so_or_left(send, data, statuses):
    assert send(data).statuses() == statuses


@pytest.mark.parametrize("data, statuses", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_has_its_answer_and_what_follows_too(send, data, statuses):
    assert send(data).statuses() == statuses


def test_the_log_stays_readable_whatever_is_said(world, send):
    for data, _ in UNUSUAL.values():
        send(data).statuses()
    assert all(isinstance(line, dict) for line in world.server.lines(settled=True))


def test_the_first_of_two_credentials_counts(world, ana, send):
    eve = world.creator("eve")
    other = f"Authorization: {eve.headers['Authorization']}"
    for lines, owner in ((["{auth}", other], ana), ([other, "{auth}"], eve)):
        _, _, body = send(get("/v1/account", *lines)).answer()
        assert json.loads(body)["id"] == owner.id


def test_pipelined_requests_are_answered_in_order_each_with_its_own(world, ana, send):
    jobs = [ana.generates(storyboard())["id"] for _ in range(5)]
    paths = [("/health", 200), ("/v1/nothing", 404), ("/v1/jobs/no-uuid", 400),
             *[(f"/v1/jobs/{job}", 200) for job in jobs]] * 30
    wires = [send(b"".join(get(path, "{auth}", f"X-Request-Id: {n}-{i}") for i, (path, _) in enumerate(paths)))
             for n in range(4)]
    for n, wire in enumerate(wires):
        for i, (path, expected) in enumerate(paths):
            status, headers, body = wire.answer()
            assert (status, headers[b"x-request-id"]) == (expected, f"{n}-{i}".encode())
            if status == 200 and path != "/health":
                assert json.loads(body)["id"] in path
        assert wire.statuses() == [200]


def test_pipelined_writes_are_done_once_each_and_in_order(world, ana, send):
    bodies = [json.dumps({"name": f"Ana {i}"}).encode() for i in range(100)]
    wire = send(b"".join(head("PATCH", "/v1/account", "{auth}", f"Content-Length: {len(body)}") + body for body in bodies))
    assert [json.loads(wire.answer()[2])["name"] for _ in bodies] == [f"Ana {i}" for i in range(100)]
    assert wire.statuses() == [200]
    assert expect(ana.get("/v1/account"), 200)["name"] == "Ana 99"


def test_a_body_that_looks_like_requests_is_a_body(ana, send):
    body = json.dumps({"name": "x", "other": get("/v1/nothing").decode() * 50}).encode()
    assert send(patch(f"Content-Length: {len(body)}") + body).statuses() == [200, 200]
