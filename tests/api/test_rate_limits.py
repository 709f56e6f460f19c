"""Requests per minute: counted per user, per address where nobody is known."""
import time

import pytest

from harness import at_once, expect_error
from harness.signing import token


@pytest.fixture
def strict(start_server):
    """A server of its own: its counters start empty."""
    return start_server(RATE_LIMIT_STARTER_RPM=3, RATE_LIMIT_CREATOR_RPM=6, RATE_LIMIT_ANONYMOUS_RPM=4)


def shown(answer):
    return tuple(int(answer.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining"))


def expect_429(answer):
    error = expect_error(answer, 429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= error["retryAfter"] <= 60
    assert answer.headers["retry-after"] == answer.headers["x-ratelimit-retryafter"] == str(error["retryAfter"])
    assert answer.headers["x-ratelimit-remaining"] == "0"
    reset = int(answer.headers["x-ratelimit-reset"])
    assert abs(reset - (time.time() + error["retryAfter"])) < 10
    return error


def test_each_tier_has_its_limit(strict, world):
    for actor, limit in [(world.starter().at(strict), 3), (world.creator().at(strict), 6)]:
        for remaining in range(limit - 1, -1, -1):
            answer = actor.get("/v1/jobs")
            assert answer.status_code == 200 and shown(answer) == (limit, remaining)
        expect_429(actor.get("/v1/jobs"))
        expect_429(actor.get("/v1/status"))


def test_users_are_counted_apart(strict, world):
    ana, bob = world.starter().at(strict), world.starter().at(strict)
    for _ in range(3):
        ana.get("/v1/jobs")
    expect_429(ana.get("/v1/jobs"))
    assert shown(bob.get("/v1/jobs")) == (3, 2)


def test_a_user_s_tokens_and_keys_share_one_counter(strict, world):
    ana = world.creator()
    callers = [ana, world.key(ana), world.key(ana, ["jobs:read"]), world.with_token(token(ana.id, ana.email))]
    for i in range(6):
        assert shown(callers[i % 4].at(strict).get("/v1/jobs")) == (6, 5 - i)
    for caller in callers:
        expect_429(caller.at(strict).get("/v1/jobs"))


def test_errors_are_counted_and_carry_the_headers(strict, world):
    ana = world.creator().at(strict)
    assert shown(ana.get("/v1/jobs/no-uuid")) == (6, 5)
    assert shown(ana.post("/v1/generate")) == (6, 4)
    assert shown(ana.get("/v1/jobs/3f0e1d2c-4b5a-4697-8877-66554433221f")) == (6, 3)


def test_a_refused_request_is_not_counted(strict, world):
    sam = world.starter()
    here = sam.at(strict)
    for _ in range(3):
        here.get("/v1/jobs")
    for _ in range(5):
        expect_429(here.get("/v1/jobs"))
    world.rows("update users set tier = 'creator', upgraded_at = now() where id = %s", sam.id)
    assert shown(here.get("/v1/jobs")) == (6, 2)


def test_the_limit_comes_before_scope_and_body(strict, world):
    sam = world.starter()
    holder = world.key(sam, ["assets:read"]).at(strict)
    for _ in range(3):
        expect_error(holder.get("/v1/jobs"), 403, "AUTHORIZATION_ERROR")
    expect_429(holder.get("/v1/jobs"))
    expect_429(sam.at(strict).post("/v1/generate"))


def test_failed_authentication_is_counted_by_address(strict, world):
    nobody, ana = world.nobody.at(strict), world.creator().at(strict)
    for remaining, headers in zip((3, 2, 1, 0), ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"},
                                                 {"Authorization": "sk_live_nothing"})):
        answer = nobody.get("/v1/jobs", headers=headers)
        assert answer.status_code == 401 and shown(answer) == (4, remaining)
    expect_429(nobody.get("/v1/jobs"))
    expect_429(nobody.get("/v1/jobs", headers={"Authorization": "Bearer x"}))
    # ... and never stands in the way of somebody who is known.
    assert shown(ana.get("/v1/jobs")) == (6, 5)


def test_what_is_exempt_is_neither_counted_nor_marked(strict, world):
    ana = world.creator().at(strict)
    for method, path in [("GET", "/"), ("GET", "/health"), ("GET", "/ready"), ("GET", "/metrics"),
                         ("GET", "/v1/nothing"), ("DELETE", "/v1/jobs"), ("OPTIONS", "/v1/jobs"),
                         ("GET", "/v1/blobs/framecast-outputs/x"), ("GET", "/internal/render/next"),
                         ("POST", "/internal/jobs/callback")]:
        for _ in range(2):
            answer = ana.request(method, path)
            assert answer.status_code != 429 and "x-ratelimit-limit" not in answer.headers, path
    assert shown(ana.get("/v1/jobs")) == (6, 5)


def test_a_limit_of_zero_is_none_and_shows_no_headers(world):
    for actor in (world.starter(), world.creator(), world.nobody):
        assert "x-ratelimit-limit" not in actor.get("/v1/jobs").headers


def test_the_defaults_are_60_300_and_30(start_server, world):
    server = start_server(RATE_LIMIT_STARTER_RPM=None, RATE_LIMIT_CREATOR_RPM=None, RATE_LIMIT_ANONYMOUS_RPM=None)
    assert shown(world.starter().at(server).get("/v1/jobs")) == (60, 59)
    assert shown(world.creator().at(server).get("/v1/jobs")) == (300, 299)
    assert shown(world.nobody.at(server).get("/v1/jobs")) == (30, 29)


def test_counting_is_exact_under_parallel_requests(strict, world):
    ana = world.creator().at(strict)
    statuses = at_once(16, lambda _: ana.get("/v1/jobs").status_code)
    assert sorted(statuses) == [200] * 6 + [429] * 10


def test_the_headers_name_the_end_of_one_fixed_window(strict, world):
    ana = world.creator().at(strict)
    first = ana.get("/v1/jobs").headers["x-ratelimit-reset"]
    assert ana.get("/v1/jobs").headers["x-ratelimit-reset"] == first
    assert 0 < int(first) - time.time() <= 61


