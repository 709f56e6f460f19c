"""GET and PATCH /v1/account."""
import pytest

from harness import expect, expect_error

GOOD_URLS = ["https://example.com/a.png", "http://x", "https://example.com:8443/a?b=c#d",
             "https://[::1]/a", "https://example.com/ä", "http://h/" + "x" * 2039]
BAD_URLS = ["", "example.com/a.png", "ftp://example.com/a", "javascript:alert(1)", "https://", "https:///a",
            "http:/example.com", "https://exa mple.com", "https://example.com/a b", "https://example.com/\n",
            "http://h/" + "x" * 2040, "//example.com/a", " https://example.com", "https://?a"]


@pytest.fixture(params=["starter", "creator"])
def actor(world, request):
    return getattr(world, request.param)()


def test_both_tiers_read_and_change_their_profile(actor):
    before = expect(actor.get("/v1/account"), 200)
    after = expect(actor.patch("/v1/account", {"name": "Ana Silva", "avatar_url": GOOD_URLS[0]}), 200)
    assert after == {**before, "name": "Ana Silva", "avatar_url": GOOD_URLS[0], "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert expect(actor.get("/v1/account"), 200) == after


def test_absent_members_keep_their_value_and_null_clears(actor):
    expect(actor.patch("/v1/account", {"name": "Ana", "avatar_url": "https://example.com/a"}), 200)
    user = expect(actor.patch("/v1/account", {"name": None}), 200)
    assert (user["name"], user["avatar_url"]) == (None, "https://example.com/a")
    user = expect(actor.patch("/v1/account", {"avatar_url": None}), 200)
    assert (user["name"], user["avatar_url"]) == (None, None)


def test_an_empty_change_only_sets_the_time(actor):
    before = expect(actor.get("/v1/account"), 200)
    after = expect(actor.patch("/v1/account", {}), 200)
    assert {**before, "updated_at": after["updated_at"]} == after
    assert after["updated_at"] > before["updated_at"]


def test_other_members_are_ignored(actor):
    before = expect(actor.get("/v1/account"), 200)
    sent = {"email": "new@example.com", "tier": "creator", "credits": 10**6, "id": "x", "upgraded_at": None}
    after = expect(actor.patch("/v1/account", sent), 200)
    assert {**before, "updated_at": after["updated_at"]} == after


TEXTS = ["a", " a ", "ä" * 100, "😀" * 100, "<b>'; drop table users; --", "\\ \" \n\t\r\x01\x7f", "\u2028\ufeff",
         "e\u0301"]


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_stored_exactly_as_given(world, text):
    ana = world.creator()
    assert expect(ana.patch("/v1/account", {"name": text}), 200)["name"] == text
    assert expect(ana.get("/v1/account"), 200)["name"] == text
    assert world.one("select name from users where id = %s", ana.id) == text


@pytest.mark.parametrize("name", ["", "x" * 101, "😀" * 101, 5, True, [], {}, 1.5])
def test_a_bad_name_is_400(world, name):
    ana = world.creator()
    expect_error(ana.patch("/v1/account", {"name": name}), 400, "VALIDATION_ERROR")
    assert world.one("select name from users where id = %s", ana.id) is None


@pytest.mark.parametrize("url", GOOD_URLS)
def test_a_good_url_is_kept(world, url):
    assert expect(world.creator().patch("/v1/account", {"avatar_url": url}), 200)["avatar_url"] == url


@pytest.mark.parametrize("url", [*BAD_URLS, 5, [], {}, False])
def test_a_bad_url_is_400(world, url):
    expect_error(world.creator().patch("/v1/account", {"avatar_url": url}), 400, "VALIDATION_ERROR")


def test_one_bad_member_changes_nothing(world):
    ana = world.creator()
    expect_error(ana.patch("/v1/account", {"name": "Ana", "avatar_url": "x"}), 400, "VALIDATION_ERROR")
    assert expect(ana.get("/v1/account"), 200)["name"] is None
