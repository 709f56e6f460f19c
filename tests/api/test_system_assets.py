"""The catalogue of ready-made sounds."""
import uuid

import pytest

from harness import expect, expect_error
from harness.signing import end_of, lasts

CATEGORIES = ["sfx", "ambient", "music", "transition"]


@pytest.fixture
def sam(world):
    return world.starter()


def ids(answer):
    return [asset["id"] for asset in expect(answer, 200)]


@pytest.fixture
def extra(world):
    """A sound without length and tags, made by hand."""
    id = "asset_sfx_zz_extra"
    world.insert("system_assets", id=id, category="sfx", name="Extra 100%_off", s3_key=str(uuid.uuid4()),
                 content_type="video/mp4", size_bytes=5)
    yield id
    world.rows("delete from system_assets where id = %s", id)


def test_the_catalogue_has_42_entries_in_order(sam):
    assets = expect(sam.get("/v1/system-assets"), 200)
    assert len(assets) == 42
    assert assets == sorted(assets, key=lambda asset: (CATEGORIES.index(asset["category"]), asset["name"], asset["id"]))
    counts = {category: sum(asset["category"] == category for asset in assets) for category in CATEGORIES}
    assert counts == {"sfx": 15, "ambient": 11, "music": 10, "transition": 6}


def test_an_entry_is_told_exactly(sam):
    [whoosh] = [asset for asset in expect(sam.get("/v1/system-assets"), 200) if asset["id"] == "asset_sfx_whoosh"]
    assert whoosh == {
        "id": "asset_sfx_whoosh", "urn": "framecast:system:sfx:whoosh", "category": "sfx", "name": "Whoosh",
        "description": "Short, airy pass-by", "duration_seconds": "0.500", "s3_key": "assets/sfx/asset_sfx_whoosh.mp3",
        "content_type": "audio/mpeg", "size_bytes": 8000, "tags": ["movement", "air", "fast", "transition"],
        "created_at": whoosh["created_at"]}


def test_sizes_and_keys_follow_from_the_rest(sam):
    for asset in expect(sam.get("/v1/system-assets"), 200):
        assert asset["size_bytes"] == round(float(asset["duration_seconds"]) * 16000)
        assert asset["s3_key"] == f"assets/{asset['category']}/{asset['id']}.mp3"
        assert asset["urn"] == f"framecast:system:{asset['category']}:{asset['id'].split('_', 2)[2]}"


@pytest.mark.parametrize("query, expected", [
    ("category=transition&search=swoosh", ["asset_transition_swoosh"]),
    ("tags=metal", ["asset_sfx_impact_metal"]),
    ("tags=metal,clang", ["asset_sfx_impact_metal"]),
    ("tags=%20METAL%20,,", ["asset_sfx_impact_metal"]),
    ("tags=metal&tags=playful", ["asset_sfx_confetti", "asset_sfx_impact_metal", "asset_sfx_pop", "asset_music_playful"]),
    ("tags=playful&category=music", ["asset_music_playful"]),
    ("tags=nothing", []), ("tags=met", []),
    ("search=bubble", ["asset_sfx_pop"]), ("search=BuBBle", ["asset_sfx_pop"]),
    ("search=whoosh", ["asset_sfx_whoosh", "asset_sfx_whoosh_heavy"]), ("search=%25", []), ("search=a_b", []),
    ("search=nothing+of+this+kind", []),
])
def test_filters(sam, query, expected):
    assert ids(sam.get("/v1/system-assets?" + query)) == expected


@pytest.mark.parametrize("query", ["", "tags=", "tags=,%20,", "search=", "unknown=x"])
def test_an_empty_filter_filters_nothing(sam, query):
    assert len(ids(sam.get("/v1/system-assets?" + query))) == 42


def test_percent_and_underscore_are_literal(sam, extra):
    assert ids(sam.get("/v1/system-assets?search=100%25_O")) == [extra]
    assert ids(sam.get("/v1/system-assets?search=%25_")) == [extra]


@pytest.mark.parametrize("query", ["category=voice", "category=SFX", "category=", "limit=x", "offset=x", "cursor=x"])
def test_bad_values_are_400(sam, query):
    expect_error(sam.get("/v1/system-assets?" + query), 400, "VALIDATION_ERROR")


def test_pages_are_cut_only_when_asked_for(sam):
    everything = ids(sam.get("/v1/system-assets"))
    assert ids(sam.get("/v1/system-assets?offset=0")) == everything[:50]
    assert ids(sam.get("/v1/system-assets?limit=5&offset=14")) == everything[14:19]
    seen, query = [], {"limit": 10}
    while query:
        answer = sam.get("/v1/system-assets", params=query)
        seen += ids(answer)
        cursor = answer.headers.get("x-next-cursor")
        query = cursor and {"limit": 10, "cursor": cursor}
    assert seen == everything


def test_pages_of_a_filter(sam):
    first = sam.get("/v1/system-assets?category=music&limit=6")
    rest = sam.get("/v1/system-assets", params={"category": "music", "limit": 6,
                                                "cursor": first.headers["x-next-cursor"]})
    assert len(ids(first)) == 6 and len(ids(rest)) == 4 and "link" not in rest.headers


def test_one_sound_has_a_link_for_a_day(world, sam):
    asset = expect(sam.get("/v1/system-assets/asset_sfx_whoosh_heavy"), 200)
    assert expect(sam.get("/v1/system-assets/framecast:system:sfx:whoosh_heavy"), 200)["id"] == asset["id"]
    assert expect(sam.get("/v1/system-assets/framecast%3Asystem%3Asfx%3Awhoosh_heavy"), 200)["id"] == asset["id"]
    link = asset["preview_url"]
    assert link.startswith(f"{world.server.url}/v1/blobs/framecast-system/assets/sfx/asset_sfx_whoosh_heavy.mp3?")
    assert lasts(link, 24 * 3600)
    assert world.one("select extract(epoch from %s::timestamptz)::bigint", asset["preview_url_expires_at"]) == end_of(link)
    path = link.removeprefix(world.server.url)
    assert world.nobody.get(path).status_code in (200, 404)  # signed; the sound itself is made a minute after the start
    expect_error(world.nobody.get(path.replace("whoosh_heavy", "whoosh")), 403, "AUTHORIZATION_ERROR")


@pytest.mark.parametrize("id", ["x", "asset_sfx_none", "ASSET_SFX_WHOOSH", "framecast:system:sfx:none",
                                "framecast:system:sfx", "framecast:system:music:whoosh", "asset_sfx_whoosh%00",
                                "3f0e1d2c-4b5a-4697-8877-66554433221f", "%27%20or%201=1", "framecast:system:SFX:whoosh"])
def test_anything_unknown_is_404(sam, id):
    answer = sam.get(f"/v1/system-assets/{id}")
    if "%00" in id:
        assert answer.status_code in (400, 404)
    else:
        expect_error(answer, 404, "NOT_FOUND")


def test_rows_of_others_appear_and_the_table_may_be_empty(world, sam, extra):
    asset = expect(sam.get(f"/v1/system-assets/{extra}"), 200)
    assert (asset["duration_seconds"], asset["tags"], asset["description"]) == (None, [], "")
    assert extra in ids(sam.get("/v1/system-assets"))
