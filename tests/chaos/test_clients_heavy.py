"""Bodies that are made to be expensive: each costs a bounded time of a worker and bounded memory, and no loop stands still."""
from collections import Counter

import httpx
import pytest

from clients import Bystander, Memory, Wire, head
from harness import at_once, expect, storyboard, until
from harness.server import client_of

MIB = 1024 * 1024
ROOM = 5 * MIB
JSON, YAML = "application/json", "application/yaml"


def filled(start, unit, end):
    """As many units as 5 MiB hold; the last one without its comma."""
    return (start + unit * ((ROOM - len(start) - len(end)) // len(unit))).rstrip(b",") + end


def numbered(start, unit, end, n):
    return start + b",".join(unit % i for i in range(n)) + end


# media type, body, status of POST /v1/spec/validate: 200 is "read, and wrong as a storyboard"
HEAVY = {
    "zeros": (JSON, filled(b'{"a":[', b"0,", b"]}"), 400),
    "empty objects": (JSON, filled(b'{"a":[', b"{},", b"]}"), 400),
    "names": (JSON, numbered(b"{", b'"k%d":1', b"}", 300_000), 400),
    "as many names as are read": (JSON, numbered(b"{", b'"k%d":1', b"}", 249_990), 200),
    "one name again and again": (JSON, filled(b"{", b'"a":0,', b"}"), 400),
    "long names": (JSON, numbered(b"{", b'"' + b"x" * 900 + b'%d":1', b"}", 5_600), 200),
    "long numbers": (JSON, filled(b'{"a":[', b"1" * 400 + b",", b"]}"), 200),
    "small exponents": (JSON, filled(b'{"a":[', b"1e-399,", b"]}"), 400),
    "escapes": (JSON, filled(b'{"a":"', b"\\ud83d\\ude00", b'"}'), 200),
    "open brackets": (JSON, filled(b"", b"[", b""), 400),
    "blanks": (JSON, filled(b"", b" ", b"{}"), 200),
    "5 MiB of prompt": (JSON, filled(b'{"title":"x","scenes":[{"id":"a","duration":5,"prompt":"', b"@a ", b'"}]}'), 200),
    "YAML: zeros": (YAML, filled(b"{a: [", b"0,", b"]}"), 400),
    "YAML: a list": (YAML, filled(b"a:\n", b"- 0\n", b""), 400),
    "YAML: keys": (YAML, b"".join(b"k%d: 1\n" % i for i in range(300_000)), 400),
    "YAML: open brackets": (YAML, filled(b"", b"[", b""), 400),
    "YAML: open braces": (YAML, filled(b"", b"{", b""), 400),
    "YAML: dashes": (YAML, filled(b"", b"- ", b""), 400),
    "YAML: question marks": (YAML, filled(b"", b"? ", b""), 400),
    "YAML: colons": (YAML, filled(b"", b"a: ", b""), 400),
    "YAML: anchors": (YAML, filled(b"", b"&a ", b""), 400),
    "YAML: laughter": (YAML, b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (i, i) for i in range(99)), 400),
    "YAML: tags": (YAML, filled(b"", b"%TAG !a! b\n", b"--- a"), 400),
    "YAML: one long scalar": (YAML, filled(b"a: ", b"x ", b""), 200),
    "YAML: a quoted scalar": (YAML, filled(b'a: "', b"x\\n", b'"'), 200),
    "YAML: pairs of escapes": (YAML, filled(b'a: "', b"\\ud83d\\ude00", b'"'), 200),
    "YAML: comments": (YAML, filled(b"", b"#x\n", b"a: 1"), 200),
    "YAML: many lines": (YAML, filled(b"a:\n", b" x\n\n\n\n", b""), 200),
}


@pytest.fixture
def ana(world):
    return world.creator()


def validate(world, actor, type, body):
    headers = {**actor.headers, "Content-Type": type}
    with client_of(world.server.url) as client:
        return client.post("/v1/spec/validate", content=body, headers=headers, timeout=120).status_code


@pytest.mark.parametrize("type, body, status", HEAVY.values(), ids=HEAVY)
def test_a_heavy_body_costs_little_and_delays_nobody(world, ana, type, body, status):
    job, memory = ana.generates(storyboard())["id"], Memory(world.server)
    with Bystander(world.server, ana, ["/health", f"/v1/jobs/{job}"]) as bystander:
        found = at_once(6, lambda _: validate(world, ana, type, body))
    bystander.was_always_answered(at_least=2)
    assert found == [status] * 6
    assert memory.grew_mib() < 6 * 80


def test_a_stranger_s_heavy_bodies_are_bounded_too(world, ana):
    body, memory = HEAVY["names"][1], Memory(world.server)
    with Bystander(world.server, ana) as bystander:
        found = at_once(6, lambda _: httpx.post(f"{world.server.url}/internal/jobs/callback", content=body,
                                                timeout=120).status_code)
    bystander.was_always_answered()
    assert found == [400] * 6 and memory.grew_mib() < 6 * 80


def test_all_large_bodies_together_are_bounded_and_small_ones_are_still_read(world, ana):
    memory, wires = Memory(world.server), []
    piece = b" " * (4 * MIB + MIB // 2)
    with Bystander(world.server, ana, ["/health", "/v1/account"]) as bystander:
        for _ in range(80):  # 360 MiB, none of them complete
            wire = Wire(world.server)
            assert wire.sends(head("POST", "/v1/spec/validate", f"Authorization: {ana.headers['Authorization']}",
                                   f"Content-Length: {len(piece) + 2}"), piece)
            wires.append(wire)
        assert expect(ana.post("/v1/spec/validate", storyboard()), 200)["valid"]
        assert memory.grew_mib() < 320
        bystander.is_answered(10)
        for wire in wires:
            wire.sends(b"{}")
        found = Counter(wire.answer()[0] for wire in wires)
    bystander.was_always_answered()
    assert set(found) == {200, 503} and found[200] >= 15, found
    for wire in wires:
        wire.close()
    until(lambda: validate(world, ana, JSON, b'{"a":"' + b"x" * 4 * MIB + b'"}') == 200, "there is room again")


def test_two_hundred_large_bodies_one_after_the_other_leave_nothing_behind(world, ana):
    type, body, status = HEAVY["as many names as are read"]
    for _ in range(4):
        validate(world, ana, type, body)
    memory = Memory(world.server)
    for _ in range(200):
        assert validate(world, ana, JSON, body[:MIB - 1] + b"}") in (200, 400)
    assert memory.grew_mib() < 100
