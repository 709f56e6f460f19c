"""/v1/blobs: signed links of file storage."""
import pathlib
import socket
import time
import uuid

import httpx
import pytest

from harness import expect, expect_error, until
from harness.signing import blob_path, blob_signature, signed

BUCKET = "framecast-outputs"
DATA = bytes(range(256)) * 40


@pytest.fixture
def key():
    return f"user/{uuid.uuid4()}/assets/a b+ä~.png"


@pytest.fixture
def stored(world, key):
    """The path of an object of 10240 bytes."""
    path = blob_path(BUCKET, key)
    put(world, path, DATA)
    return path


def put(world, path, data, type="image/png", **how):
    link = signed("PUT", path, content_type=type, length=len(data), **how)
    return world.nobody.put(link, content=data, headers={"Content-Type": type})


def fetch(world, path, headers=None):
    return world.nobody.get(signed("GET", path), headers=headers)


def files(world):
    folder = pathlib.Path(world.server.settings["STORAGE_DIR"])
    return {path for path in folder.rglob("*") if path.is_file()}


def test_the_check_values_of_the_signature(start_server, world):
    server = start_server(JWT_SECRET="example-jwt-secret-do-not-use")
    path = "/v1/blobs/framecast-outputs/user/0f2b6d5c-3a41-4d0e-8a77-51c0e9b7d3aa/assets/" \
           "5b0c7a3e-8c0e-4b55-9d5b-0d7f5a1c2e10/hero.png"
    secret = "example-jwt-secret-do-not-use"
    assert blob_signature("GET", path, 1772358300, secret=secret) == \
        "5393de394f4152d7bf102173b3166ef86c54952238087c4698d1f7fb43d99254"
    # The documented moment is past by now; a link of the same make that is not is taken.
    answer = server.request("GET", signed("GET", path, secret=secret))
    expect_error(answer, 404, "NOT_FOUND")


def test_what_was_put_is_got(world, stored):
    answer = fetch(world, stored)
    assert answer.status_code == 200 and answer.content == DATA
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(DATA))


def test_put_and_get_name_the_same_etag(world, key):
    path = blob_path(BUCKET, key)
    first = put(world, path, b"one").headers["etag"]
    assert first == fetch(world, path).headers["etag"]
    assert put(world, path, b"two").headers["etag"] != first
    assert fetch(world, path).content == b"two"


def test_head_is_signed_like_get(world, stored):
    answer = world.nobody.request("HEAD", signed("GET", stored))
    assert answer.status_code == 200 and answer.headers["content-length"] == str(len(DATA))
    assert world.nobody.request("HEAD", signed("HEAD", stored)).status_code == 403


def test_objects_of_no_and_of_some_size(world, key):
    for n, data in enumerate([b"", b"x", b"y" * 3_000_000]):
        path = blob_path(BUCKET, f"{key}{n}")
        expect(put(world, path, data), 200)
        assert fetch(world, path).content == data


def test_the_limit_is_50_mib_not_5(world, key):
    path = blob_path(BUCKET, key)
    expect(put(world, path, b"z" * 6_000_000), 200)
    link = signed("PUT", path, content_type="video/mp4", length=52_428_801)
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as wire:
        wire.sendall(f"PUT {link} HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\n"
                     "Content-Length: 52428801\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("key", ["a", "deep/er/and/deeper", "a b", "ä/ö", "100%", "q?x=1&y#z", "a+b", "a:b", "..a/b.."])
def test_keys_may_hold_what_urls_cannot(world, key):
    path = blob_path(BUCKET, f"{uuid.uuid4()}/{key}")
    expect(put(world, path, b"x"), 200)
    assert fetch(world, path).content == b"x"


# -------------------------------------------------------------------------------------- refusals


def refused(answer):
    expect_error(answer, 403, "AUTHORIZATION_ERROR")


def test_nothing_but_the_right_signature_opens_it(world, stored):
    soon = int(time.time()) + 600
    good = blob_signature("GET", stored, soon)
    for query in ("", f"?expires={soon}", f"?signature={good}", f"?expires={soon + 1}&signature={good}",
                  f"?expires={soon}&signature={good[:-1]}", f"?expires={soon}&signature={good.upper()}",
                  f"?expires={soon}&signature={good}0", f"?expires=x&signature={good}", "?expires=&signature=",
                  f"?expires={soon}&signature={'0' * 64}", f"?expires=0{soon}&signature={good}"):
        refused(world.nobody.get(stored + query))
    refused(world.nobody.get(signed("GET", stored, secret="another secret")))
    refused(world.nobody.get(signed("PUT", stored)))
    refused(world.nobody.get(signed("GET", stored + "x").replace("x?", "?")))


def test_existence_is_nobody_s_business(world, stored):
    missing = blob_path(BUCKET, str(uuid.uuid4()))
    for path in (stored, missing):
        refused(world.nobody.get(path))
    expect_error(fetch(world, missing), 404, "NOT_FOUND")


def test_a_link_ends_by_itself(world, stored):
    refused(world.nobody.get(signed("GET", stored, expires=int(time.time()) - 5)))
    refused(world.nobody.get(signed("GET", stored, expires=0)))
    refused(world.nobody.get(signed("GET", stored, expires=-1)))


def test_authorization_is_neither_needed_nor_looked_at(world, stored):
    for headers in ({}, {"Authorization": "nonsense"}, world.creator().headers):
        assert world.nobody.get(signed("GET", stored), headers=headers).status_code == 200
    refused(world.creator().get(stored))


def test_type_and_length_must_be_the_signed_ones(world, key):
    path = blob_path(BUCKET, key)
    link = signed("PUT", path, content_type="image/png", length=3)
    refused(world.nobody.put(link, content=b"abcd", headers={"Content-Type": "image/png"}))
    refused(world.nobody.put(link, content=b"ab", headers={"Content-Type": "image/png"}))
    refused(world.nobody.put(link, content=b"abc", headers={"Content-Type": "image/jpeg"}))
    refused(world.nobody.put(link, content=b"abc"))
    refused(world.nobody.put(signed("GET", path), content=b"abc", headers={"Content-Type": "image/png"}))
    expect_error(fetch(world, path), 404, "NOT_FOUND")
    expect(world.nobody.put(link, content=b"abc", headers={"Content-Type": "image/png"}), 200)


def test_an_upload_needs_a_length(world, key):
    link = signed("PUT", blob_path(BUCKET, key), content_type="image/png", length=3)
    answer = world.nobody.put(link, content=iter([b"a", b"bc"]), headers={"Content-Type": "image/png"})
    expect_error(answer, 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_other_methods_are_405(world, stored, method):
    expect_error(world.nobody.request(method, signed(method, stored)), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", [
    f"/v1/blobs/{BUCKET}/../../etc/passwd", f"/v1/blobs/{BUCKET}/%2e%2e/%2e%2e/etc/passwd",
    f"/v1/blobs/{BUCKET}/a/%2e%2e/b", f"/v1/blobs/{BUCKET}/..%2f..%2fetc%2fpasswd", "/v1/blobs/%2e%2e/x",
    f"/v1/blobs/{BUCKET}//etc/passwd", f"/v1/blobs/{BUCKET}/a%00b",
    f"/v1/blobs/{BUCKET}/%2e", f"/v1/blobs/{BUCKET}/" + "x" * 3000,
])
def test_no_link_leads_out_of_the_buckets(world, path):
    before = files(world)
    expires = int(time.time()) + 600
    for method, headers in (("GET", ""), ("PUT", "Content-Type: image/png\r\nContent-Length: 1\r\n")):
        type, length = ("image/png", 1) if headers else ("", "")
        signature = blob_signature(method, path, expires, type, length)
        with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as wire:
            wire.sendall(f"{method} {path}?expires={expires}&signature={signature} HTTP/1.1\r\nHost: x\r\n"
                         f"{headers}Connection: close\r\n\r\n{'x' if headers else ''}".encode())
            status = int(wire.recv(4096).split()[1])
        assert status in (400, 403, 404, 414, 431), (method, status)
    assert files(world) == before


# ---------------------------------------------------------------------------------------- ranges


@pytest.mark.parametrize("range, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), ("bytes=100-", 100, 10239), ("bytes=-1", 10239, 10239),
    ("bytes=-100", 10140, 10239), ("bytes=-99999", 0, 10239), ("bytes=10000-99999", 10000, 10239),
    ("bytes=0-", 0, 10239),
])
def test_a_range_is_206(world, stored, range, first, last):
    answer = fetch(world, stored, {"Range": range})
    assert answer.status_code == 206 and answer.content == DATA[first:last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/10240"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("range", ["bytes=10240-", "bytes=10240-10250", "bytes=99999999999999999999-", "bytes=-0"])
def test_a_range_outside_is_416(world, stored, range):
    expect_error(fetch(world, stored, {"Range": range}), 416, "RANGE_NOT_SATISFIABLE")


@pytest.mark.parametrize("range", ["bytes=0-1,3-4", "bytes=0-0, -1", "items=0-5", "bytes=5-2", "bytes=x-y", "bytes",
                                   "bytes=", "bytes=-"])
def test_several_ranges_or_none_are_everything(world, stored, range):
    answer = fetch(world, stored, {"Range": range})
    assert answer.status_code == 200 and answer.content == DATA


def test_if_range_honours_the_etag_and_the_date(world, stored):
    head = fetch(world, stored).headers
    for validator, status in [(head["etag"], 206), ('"other"', 200), (head["last-modified"], 206),
                              ("Thu, 01 Jan 1970 00:00:00 GMT", 200)]:
        answer = fetch(world, stored, {"Range": "bytes=0-9", "If-Range": validator})
        assert answer.status_code == status, validator


def test_a_range_of_nothing_cannot_be_satisfied(world, key):
    path = blob_path(BUCKET, key)
    expect(put(world, path, b""), 200)
    assert fetch(world, path, {"Range": "bytes=0-0"}).status_code == 416


# ------------------------------------------------------------------------------------- wholeness


def test_an_upload_that_breaks_off_leaves_nothing(world, stored, key):
    before = files(world)
    for path in (stored, blob_path(BUCKET, key + "-new")):
        link = signed("PUT", path, content_type="image/png", length=1_000_000)
        with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as wire:
            wire.sendall(f"PUT {link} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
                         "Content-Length: 1000000\r\n\r\n".encode() + b"x" * 500_000)
    until(lambda: files(world) == before, "what was half there is gone", seconds=120)
    assert fetch(world, stored).content == DATA
    expect_error(fetch(world, blob_path(BUCKET, key + "-new")), 404, "NOT_FOUND")


def test_the_old_object_is_served_until_the_new_one_is_complete(world, stored):
    link = signed("PUT", stored, content_type="image/png", length=10)
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as wire:
        wire.sendall(f"PUT {link} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
                     "Content-Length: 10\r\n\r\n12345".encode())
        assert fetch(world, stored).content == DATA
        wire.sendall(b"67890")
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert fetch(world, stored).content == b"1234567890"


def test_a_slow_reader_gets_everything(world, key):
    path = blob_path(BUCKET, key)
    data = b"0123456789abcdef" * 500_000
    expect(put(world, path, data), 200)
    with httpx.stream("GET", world.server.url + signed("GET", path)) as answer:
        received = b"".join(answer.iter_raw(65536))
    assert received == data


def test_signatures_are_not_logged(world, stored):
    link = signed("GET", stored)
    assert world.nobody.get(link).status_code == 200
    refused(world.nobody.get(stored + "?signature=remarkable"))
    log = world.server.logged()
    assert link.partition("signature=")[2] not in log and "remarkable" not in log
