"""Paths, methods, request ids, CORS, and the endpoints of the service itself."""
import re
import uuid

import httpx
import pytest

from harness import expect, expect_error, until
from harness.server import free_port

ORIGIN = "http://localhost:3000"


@pytest.mark.parametrize("path", [
    "/nothing", "/v1", "/v1/", "/v1/jobs/", "/V1/jobs", "/v1/Jobs", "/v1/auth/signup", "/health/",
    "/v1/jobs/3f0e1d2c-4b5a-4697-8877-66554433221f/unknown", "/internal", "/internal/jobs",
    "/v1/teamz", "/api", "/v1//jobs",
])
def test_an_unknown_path_is_404_for_everybody(world, path):
    expect_error(world.nobody.get(path), 404, "NOT_FOUND")


def test_an_unknown_path_is_404_with_any_method_and_body(world):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        expect_error(world.nobody.request(method, "/v1/nothing", content=b"x"), 404, "NOT_FOUND")


def test_segments_are_percent_decoded(world):
    assert expect(world.creator().get("/v1/%6Aobs"), 200) == []


def test_a_wrong_method_comes_before_authentication(world):
    answer = world.nobody.delete("/v1/jobs")
    expect_error(answer, 405, "METHOD_NOT_ALLOWED")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/metrics"])
def test_head_is_get_without_a_body(world, path):
    head, get = world.nobody.request("HEAD", path), world.nobody.get(path)
    assert head.status_code == get.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.content == b""


def test_head_works_on_authenticated_paths_too(world):
    ana = world.creator()
    assert ana.request("HEAD", "/v1/jobs").status_code == 200
    assert world.nobody.request("HEAD", "/v1/jobs").status_code == 401
    assert ana.request("HEAD", f"/v1/jobs/{uuid.uuid4()}").status_code == 404


def test_head_does_not_hand_out_work(world):
    assert world.worker.request("HEAD", "/internal/render/next").status_code == 405


# ---------------------------------------------------------------------------------- request id


@pytest.mark.parametrize("id", ["a", "A-b_c.9", "x" * 128])
def test_a_good_request_id_is_echoed(world, id):
    assert world.nobody.get("/health", headers={"X-Request-Id": id}).headers["x-request-id"] == id
    error = expect_error(world.nobody.get("/nothing", headers={"X-Request-Id": id}), 404, "NOT_FOUND")
    assert error["request_id"] == id


@pytest.mark.parametrize("id", ["", "x" * 129, "a b", "a/b", "a\"b", "ä".encode()])
def test_any_other_is_replaced_by_a_uuid(world, id):
    given = world.nobody.get("/health", headers={"X-Request-Id": id}).headers["x-request-id"]
    assert uuid.UUID(given).version == 4


# ---------------------------------------------------------------------------------------- CORS


@pytest.mark.parametrize("path", ["/", "/v1/jobs", "/nothing", "/v1/blobs/a/b", "/internal/render/next"])
def test_options_is_always_a_preflight(world, path):
    answer = world.nobody.request("OPTIONS", path, headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET,POST,PUT,PATCH,DELETE,OPTIONS"
    assert answer.headers["access-control-allow-headers"] == \
        "content-type,authorization,x-api-key,last-event-id,x-request-id,idempotency-key,range"
    assert answer.headers["access-control-max-age"] == "3600"


def test_a_stranger_s_preflight_names_no_origin(world):
    answer = world.nobody.request("OPTIONS", "/v1/jobs", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("path, status", [("/health", 200), ("/v1/jobs", 401), ("/nothing", 404)])
def test_every_answer_to_a_listed_origin_names_it(world, path, status):
    answer = world.nobody.get(path, headers={"Origin": ORIGIN})
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == \
        "x-request-id,x-next-cursor,link,idempotent-replayed,retry-after,x-ratelimit-limit," \
        "x-ratelimit-remaining,x-ratelimit-reset,x-ratelimit-retryafter,accept-ranges,content-range,etag"
    assert "access-control-allow-credentials" not in answer.headers


def test_an_unlisted_origin_is_served_without_the_header(world):
    for origin in ("https://evil.example", ORIGIN + "/", ORIGIN.upper(), "null"):
        answer = world.creator().get("/v1/jobs", headers={"Origin": origin})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


def test_the_origins_are_a_setting(start_server):
    server = start_server(CORS_ALLOWED_ORIGINS=" https://a.example , ,https://b.example")
    for origin, named in [("https://a.example", True), ("https://b.example", True), (ORIGIN, False)]:
        answer = server.request("GET", "/health", headers={"Origin": origin})
        assert ("access-control-allow-origin" in answer.headers) == named


def test_x_api_key_does_not_authenticate(world):
    holder = world.key(world.creator())
    expect_error(world.nobody.get("/v1/jobs", headers={"X-Api-Key": holder.raw}), 401, "MISSING_AUTHORIZATION")


# ------------------------------------------------------------------------------------- service


def test_the_root_names_the_server(world):
    assert world.nobody.get("/").text == "Framecast API v0.0.1-SNAPSHOT"


def test_health_is_ok(world):
    assert world.nobody.get("/health").text == "OK"


def test_ready_is_ready(world):
    assert expect(world.nobody.get("/ready"), 200) == {"status": "ready"}


def test_status_tells_version_and_time(world):
    ana = world.creator()
    for caller in (ana, world.key(ana, ["generate"]), world.starter()):
        answer = expect(caller.get("/v1/status"), 200)
        assert answer["version"] == "0.0.1-SNAPSHOT"


def test_service_paths_need_and_mind_no_authorization(world):
    for path in ("/", "/health", "/ready", "/metrics"):
        assert world.nobody.get(path, headers={"Authorization": "nonsense"}).status_code == 200


def test_metrics_count_requests_by_route(world):
    ana = world.creator()
    job = ana.generates({"title": "T", "scenes": [{"id": "a", "prompt": "p", "duration": 1}]})
    ana.job(job["id"])

    def has_the_route():
        text = world.nobody.get("/metrics").text
        return re.search(r'^framecast_\w+\{[^}]*"/v1/jobs/\{\w+\}"[^}]*\} \d', text, re.M) and text

    text = until(has_the_route, "the route's counter")
    assert job["id"] not in text and ana.id not in text and ana.email not in text
    for line in text.splitlines():
        assert re.fullmatch(r"#.*|framecast_[a-z0-9_]+(\{.*\})? [-+0-9.eE]+|.*(NaN|\+Inf)", line), line
    for word in ("request", "stream", "jobs", "waiting", "scene", "webhook", "connection", "worker"):
        assert re.search(rf"^# TYPE framecast_\w*{word}", text, re.M), f"a metric about {word}"


def test_the_histogram_of_a_route_counts_each_request_in_every_bound_that_it_keeps(world):
    ana = world.creator()
    for n in range(1, 6):
        expect(ana.get("/v1/status"), 200)
        text = world.nobody.get("/metrics").text
        labels = re.escape('method="GET",route="/v1/status",status="200"')
        name = "framecast_http_request_duration_seconds"
        buckets = re.findall(rf'^{name}_bucket\{{{labels},le="([^"]+)"\}} (\d+)$', text, re.M)
        counts = [int(count) for _, count in buckets]
        total = int(re.search(rf"^{name}_count\{{{labels}\}} (\d+)$", text, re.M)[1])
        assert [bound for bound, _ in buckets] == ["0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
                                                   "0.25", "1", "5", "+Inf"]
        assert counts == sorted(counts) and counts[-1] == total >= n


def test_metrics_may_have_a_port_of_their_own(start_server):
    port = free_port()
    server = start_server(METRICS_PORT=port)
    expect_error(server.request("GET", "/metrics"), 404, "NOT_FOUND")
    assert "framecast_" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
