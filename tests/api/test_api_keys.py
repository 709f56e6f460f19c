"""Calling with an API key."""
import pytest

from harness import expect, expect_error, storyboard
from harness.signing import key_hash, raw_key, token

NULL_PREFIX = {"key_hash_prefix": None}


@pytest.fixture
def ana(world):
    return world.creator()


def test_a_key_works_with_and_without_the_scheme(world, ana):
    holder = world.key(ana)
    for header in (f"Bearer {holder.raw}", f"bearer  {holder.raw}", holder.raw):
        answer = expect(world.nobody.get("/v1/auth/whoami", headers={"Authorization": header}), 200)
        assert answer["auth_method"] == "api_key" and answer["user"]["id"] == ana.id


@pytest.mark.parametrize("path", ["/v1/account", "/v1/auth/keys"])
def test_accounts_and_keys_are_managed_with_a_jwt_only(world, ana, path):
    holder = world.key(ana)
    unknown = raw_key()
    for raw in (holder.raw, unknown):
        expect_error(world.nobody.get(path, headers={"Authorization": f"Bearer {raw}"}), 401, "INVALID_TOKEN")
        expect_error(world.nobody.get(path, headers={"Authorization": raw}), 401, "INVALID_AUTHORIZATION")


UNUSABLE = {
    "revoked": {"revoked_at": "2020-01-01"},
    "expired": {"expires_at": "2020-01-01"},
    "revoked in the future": {"revoked_at": "2120-01-01"},
}


@pytest.mark.parametrize("columns", UNUSABLE.values(), ids=UNUSABLE)
def test_a_key_is_invalid_when(world, ana, columns):
    expect_error(world.key(ana, **columns).get("/v1/jobs"), 401, "INVALID_API_KEY")


SOME = "sk_live_0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("raw", ["sk_live_", "sk_live_0", SOME, SOME + "0", "sk_live_" + SOME[8:].upper(),
                                 pytest.param("sk_live_" + "x" * 5000, id="very long")])
def test_a_key_that_nobody_made_is_invalid(world, raw):
    expect_error(world.nobody.get("/v1/jobs", headers={"Authorization": f"Bearer {raw}"}), 401, "INVALID_API_KEY")
    expect_error(world.nobody.get("/v1/jobs", headers={"Authorization": raw}), 401, "INVALID_API_KEY")


def test_a_key_that_expires_later_works(world, ana):
    expect(world.key(ana, expires_at="2120-01-01").get("/v1/jobs"), 200)


@pytest.mark.parametrize("salt_bytes", [0, 1, 8, 16, 32, 64])
def test_foreign_rows_may_have_any_salt_and_no_prefix(world, ana, salt_bytes):
    raw = raw_key()
    hash = key_hash(raw, salt_bytes)
    answer = world.key(ana, raw=raw, key_hash=hash, **NULL_PREFIX).get("/v1/jobs")
    if salt_bytes == 0:
        assert answer.status_code in (200, 401)  # ":" and a hash: no salt is hex of length 0
    else:
        expect(answer, 200)


def test_foreign_keys_need_not_be_hexadecimal(world, ana):
    raw = "sk_live_Foreign-Tools_make0ther~keys"
    expect(world.key(ana, raw=raw, **NULL_PREFIX).get("/v1/jobs"), 200)


MALFORMED = ["x", "zz:zz", "abc", "ab:", ":", "ab:cd:ef", "a:" + "0" * 64, "ab:" + "0" * 63, "ab:" + "0" * 66]


@pytest.mark.parametrize("hash", MALFORMED)
def test_a_stored_value_that_is_no_hash_never_matches(world, ana, hash):
    raw = raw_key()
    holder = world.key(ana, raw=raw, key_hash=f"{hash}", **NULL_PREFIX)
    expect_error(holder.get("/v1/jobs"), 401, "INVALID_API_KEY")
    world.rows("delete from api_keys where id = %s", holder.key_id)


def test_malformed_rows_do_not_hide_good_ones(world, ana):
    for hash in MALFORMED:
        world.key(ana, key_hash=hash, **NULL_PREFIX)
    expect(world.key(ana, **NULL_PREFIX).get("/v1/jobs"), 200)
    expect(world.key(ana).get("/v1/jobs"), 200)
    world.rows("delete from api_keys where user_id = %s", ana.id)


def test_another_prefix_is_not_looked_up(world, ana):
    raw = raw_key()
    world.insert("api_keys", user_id=ana.id, owner=ana.urn, key_prefix="sk_test_", key_hash=key_hash(raw))
    expect_error(world.nobody.get("/v1/jobs", headers={"Authorization": raw}), 401, "INVALID_API_KEY")


def test_a_wrong_lookup_prefix_is_no_match(world, ana):
    expect_error(world.key(ana, key_hash_prefix="0" * 16).get("/v1/jobs"), 401, "INVALID_API_KEY")


def test_using_a_key_is_noted(world, ana):
    holder = world.key(ana)
    assert world.one("select last_used_at from api_keys where id = %s", holder.key_id) is None
    expect(holder.get("/v1/jobs"), 200)
    listed = expect(ana.get(f"/v1/auth/keys/{holder.key_id}"), 200)
    assert listed["last_used_at"] >= listed["created_at"]


def test_revocation_counts_from_the_next_request_on(world, ana):
    holder = world.key(ana)
    expect(holder.get("/v1/jobs"), 200)
    expect(ana.delete(f"/v1/auth/keys/{holder.key_id}"), 204)
    expect_error(holder.get("/v1/jobs"), 401, "INVALID_API_KEY")


def test_a_key_of_a_vanished_user_is_invalid(world, ana):
    holder = world.key(ana)
    world.rows("delete from users where id = %s", ana.id)
    expect_error(holder.get("/v1/jobs"), 401, "INVALID_API_KEY")


@pytest.mark.parametrize("form", ["team", "membership"])
def test_a_team_s_key_works_only_while_its_user_is_a_member(world, ana, form):
    bob = world.creator("bob")
    team = world.team(owner=bob, viewer=ana)
    holder = world.key(ana, owner=team.urn if form == "team" else team.urn_of(ana))
    expect(holder.get("/v1/jobs"), 200)
    world.rows("delete from memberships where user_id = %s", ana.id)
    expect_error(holder.get("/v1/jobs"), 401, "INVALID_API_KEY")
    world.insert("memberships", team_id=team.id, user_id=ana.id, role="member")
    expect(holder.get("/v1/jobs"), 200)


def test_a_key_acts_as_its_user_whatever_its_owner(world, ana):
    team = world.team(owner=ana)
    mine, ours = world.job_row(ana), world.job_row(ana, owner=team.urn)
    for owner in (ana.urn, team.urn, team.urn_of(ana)):
        seen = {job["id"] for job in expect(world.key(ana, owner=owner).get("/v1/jobs"), 200)}
        assert seen == {mine["id"], ours["id"]}


def test_the_default_owner_is_personal_also_for_a_team_s_key(world, ana):
    team = world.team(owner=ana)
    job = world.key(ana, ["generate"], owner=team.urn).generates(storyboard())
    assert job["owner"] == ana.urn and job["triggered_by"] == ana.id


def test_scopes_do_not_imply_each_other(world, ana):
    writer, reader = world.key(ana, ["jobs:write"]), world.key(ana, ["jobs:read"])
    job = world.job_row(ana)
    expect(writer.post(f"/v1/jobs/{job['id']}/cancel"), 200)
    expect_error(writer.get(f"/v1/jobs/{job['id']}"), 403, "AUTHORIZATION_ERROR", reason="missing_scope")
    expect(reader.get(f"/v1/jobs/{job['id']}"), 200)
    expect_error(reader.delete(f"/v1/jobs/{job['id']}"), 403, "AUTHORIZATION_ERROR", reason="missing_scope")


@pytest.mark.parametrize("scopes", ['"generate"', "{}", "5", "null", "[5]", '["*", 5]'])
def test_scopes_that_are_no_list_of_words_are_our_fault(world, ana, scopes):
    holder = world.key(ana)
    world.rows("update api_keys set scopes = %s::jsonb where id = %s", scopes, holder.key_id)
    expect_error(holder.get("/v1/jobs"), 500, "AUTH_ERROR")


def test_an_empty_list_of_scopes_opens_what_needs_none(world, ana):
    holder = world.key(ana, [])
    expect(holder.get("/v1/auth/whoami"), 200)
    expect_error(holder.get("/v1/jobs"), 403, "AUTHORIZATION_ERROR", reason="missing_scope")


def test_whoami_describes_the_key_and_says_nothing_of_one_to_a_jwt(world, ana):
    holder = world.key(ana, ["generate", "jobs:read"], name="CI", expires_at="2120-01-01T00:00:00Z")
    body = expect(holder.get("/v1/auth/whoami"), 200)
    assert body["api_key"] == {"id": holder.key_id, "owner": ana.urn, "name": "CI", "key_prefix": "sk_live_",
                               "scopes": ["generate", "jobs:read"], "expires_at": "2120-01-01T00:00:00.000000Z"}
    assert "api_key" not in expect(ana.get("/v1/auth/whoami"), 200)
    assert body["user"] == expect(ana.get("/v1/account"), 200)


def test_a_changed_tier_shows_at_once(world):
    sam = world.starter()
    holder = world.key(sam, ["generate"])
    assert expect(holder.get("/v1/auth/whoami"), 200)["user"]["tier"] == "starter"
    world.rows("update users set tier = 'creator', upgraded_at = now() where id = %s", sam.id)
    assert expect(holder.get("/v1/auth/whoami"), 200)["user"]["tier"] == "creator"


def test_neither_keys_nor_tokens_are_logged(world, ana):
    holder = world.key(ana)
    expect(holder.get("/v1/jobs"), 200)
    jwt = token(ana.id, ana.email)
    expect(world.nobody.get("/v1/account", headers={"Authorization": f"Bearer {jwt}"}), 200)
    log = world.server.logged()
    assert holder.raw not in log and jwt not in log and jwt.split(".")[2] not in log
