"""Tricks on /v1/blobs: rightly signed links whose paths, ranges and folders are wrong. Nothing but objects is ever served."""
import pathlib
import time
import uuid

import pytest

from clients import Bystander, Memory, Wire, head
from harness import until
from harness.signing import blob_path, blob_signature, signed

pytestmark = pytest.mark.quick

BUCKET = "framecast-outputs"
SECRET = b"what lies outside of the buckets"
DATA = bytes(range(256)) * 40

PATHS = [
    f"/v1/blobs/{BUCKET}/..", f"/v1/blobs/{BUCKET}/../secret", f"/v1/blobs/{BUCKET}/a/../../secret",
    f"/v1/blobs/{BUCKET}/%2e%2e/secret", f"/v1/blobs/{BUCKET}/%2E%2E/secret", f"/v1/blobs/{BUCKET}/.%2e/secret",
    f"/v1/blobs/{BUCKET}/..%2fsecret", f"/v1/blobs/{BUCKET}/..%5csecret",
    f"/v1/blobs/{BUCKET}/..;/secret", f"/v1/blobs/{BUCKET}/..%00/secret", f"/v1/blobs/{BUCKET}/secret%00.png",
    f"/v1/blobs/{BUCKET}/%c0%ae%c0%ae/secret", f"/v1/blobs/{BUCKET}/%ff/secret", f"/v1/blobs/{BUCKET}/%", f"/v1/blobs/{BUCKET}/%2",
    f"/v1/blobs/{BUCKET}/%zz", f"/v1/blobs/{BUCKET}//secret", f"/v1/blobs/{BUCKET}/a//b", f"/v1/blobs/{BUCKET}/a/",
    f"/v1/blobs/{BUCKET}/.", f"/v1/blobs/{BUCKET}/a/./b", f"/v1/blobs/{BUCKET}/", f"/v1/blobs/{BUCKET}",
    "/v1/blobs/%2e%2e/secret", "/v1/blobs/../secret", "/v1/blobs/./secret", "/v1/blobs//secret", "/v1/blobs/.types/secret",
    "/v1/blobs/.incoming/secret", "/v1/blobs/%2fetc/passwd", "/v1/blobs/a%2fb/secret",
    "//v1/blobs/x/y", "/v1//blobs/x/y", "/v1/blobs/" + "../" * 40 + "etc/passwd", f"/v1/blobs/{BUCKET}/" + "a/" * 1500 + "x",
    f"/v1/blobs/{BUCKET}/" + "x" * 501, f"/v1/blobs/{BUCKET}/" + "x" * 12000, f"/v1/blobs/{BUCKET}/" + "%41" * 3000,
]
RANGES = ["bytes=-0", "bytes=0--1", "bytes=--1", "bytes=1-0", "bytes=99999999999999999999999-", "bytes=-99999999999999999999999",
          "bytes=0-18446744073709551615", "bytes=9223372036854775807-", "bytes=0x0-0x9", "bytes= 0 - 9", "bytes=0-9,", "bytes=,0-9",
          "bytes=" + "0-1," * 3000 + "0-1", "BYTES=0-9", "bytes", "=", "bytes=\xff-\xff", "items=0-9", "bytes=0-9;q=1", "bytes=+0-+9"]


@pytest.fixture
def folder(world):
    """The folder of the buckets, with a file beside each and links that lead out of them."""
    folder = pathlib.Path(world.server.settings["STORAGE_DIR"])
    inside = folder / BUCKET / "inside"
    inside.mkdir(parents=True, exist_ok=True)
    (folder / "secret").write_bytes(SECRET)
    (folder.parent / "secret").write_bytes(SECRET)
    for link, target in ((folder / BUCKET / "up", folder.parent), (inside / "up", folder.parent),
                         (folder / BUCKET / "file", folder / "secret"), (inside / "file", folder / "secret")):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return folder


def asks(world, method, path, *lines, body=b""):
    """The status, headers and body of a rightly signed request for exactly this path."""
    type, length = ("image/png", len(body)) if method == "PUT" else ("", "")
    expires = int(time.time()) + 600
    query = f"?expires={expires}&signature={blob_signature(method, path, expires, type, length)}"
    if method == "PUT":
        lines = (*lines, f"Content-Type: {type}", f"Content-Length: {length}")
    with Wire(world.server) as wire:
        wire.sends(head(method, path + query, *lines, "Connection: close") + body)
        return wire.answer()


def tree(folder):
    """All files with what is in them, but for the server's log."""
    return {path: path.read_bytes() for path in folder.parent.rglob("*")
            if path.is_file() and not path.name.startswith("log")}


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_no_path_leads_out_of_the_buckets(world, folder, path):
    before = tree(folder)
    for method in ("GET", "PUT"):
        status, _, body = asks(world, method, path, body=b"abc" if method == "PUT" else b"")
        assert status in (400, 403, 404, 405, 414, 431), (method, status)
        assert SECRET not in body
    until(lambda: tree(folder) == before, "nothing is left of it")


def test_what_only_looks_like_a_trick_is_an_object(world, folder):
    for key in ("%252e%252e/secret", "..a/b", "a..", "...", "%25", "~", "-rf"):
        path = f"/v1/blobs/{BUCKET}/looks/{key}"
        assert asks(world, "PUT", path, body=b"abc")[0] == 200, key
        assert asks(world, "GET", path)[2] == b"abc"


@pytest.mark.parametrize("key", ["up/secret", "inside/up/secret"])
def test_no_symbolic_link_on_the_way_is_followed(world, folder, key):
    before, path = tree(folder), blob_path(BUCKET, key)
    assert asks(world, "GET", path)[0] == 404
    assert asks(world, "PUT", path, body=b"abc")[0] in (400, 404, 500)
    until(lambda: tree(folder) == before, "nothing is left of it")


@pytest.mark.parametrize("key", ["file", "inside/file"])
def test_a_symbolic_link_is_no_object_and_an_object_takes_its_place(world, folder, key):
    path = blob_path(BUCKET, key)
    assert asks(world, "GET", path)[0] == 404
    assert asks(world, "PUT", path, body=b"abc")[0] == 200
    assert asks(world, "GET", path)[2] == b"abc"
    assert not (folder / BUCKET / key).is_symlink()
    assert (folder / "secret").read_bytes() == (folder.parent / "secret").read_bytes() == SECRET


@pytest.mark.parametrize("range", RANGES, ids=range(len(RANGES)))
def test_ranges_give_a_part_the_whole_or_nothing(world, folder, range):
    path = blob_path(BUCKET, f"ranges/{uuid.uuid4()}.png")
    assert asks(world, "PUT", path, body=DATA)[0] == 200
    status, headers, body = asks(world, "GET", path, f"Range: {range}")
    if status == 206:
        first, _, last = headers[b"content-range"].partition(b"/")[0].split()[1].partition(b"-")
        assert body == DATA[int(first):int(last) + 1]
    else:
        assert (status, body) == (200, DATA) or status == 416


def test_many_who_ask_for_files_and_do_not_read_them_cost_no_memory(world, folder):
    ana, memory = world.creator(), Memory(world.server)
    path = blob_path(BUCKET, f"large/{uuid.uuid4()}.mp4")
    link = signed("PUT", path, content_type="video/mp4", length=20_000_000)
    with Wire(world.server) as wire:
        wire.sends(head("PUT", link, "Content-Type: video/mp4", "Content-Length: 20000000"), b"x" * 20_000_000)
        assert wire.answer()[0] == 200
    wires = [Wire(world.server, receive_buffer=2048) for _ in range(200)]
    with Bystander(world.server, ana, ["/health", "/v1/account"]) as bystander:
        for wire in wires:
            wire.sends(head("GET", signed("GET", path)))
        assert all(wire.status() == 200 for wire in wires)
    bystander.was_always_answered(at_least=2)
    assert memory.grew_mib() < 64
    for wire in wires:
        wire.close()
