"""/v1/auth/keys: making, listing, renaming and revoking keys."""
import re
import uuid

import pytest

from harness import at_once, expect, expect_error
from harness.signing import key_hash_prefix

ALL_SCOPES = ["generate", "jobs:read", "jobs:write", "assets:read", "assets:write", "artifacts:read",
              "artifacts:write", "conversations:read", "conversations:write", "projects:read", "projects:write",
              "team:read", "team:admin", "webhooks:read", "webhooks:write", "*"]
CREATOR_SCOPES = [scope for scope in ALL_SCOPES if re.match(r"projects|team|webhooks|\*", scope)]
STARTER_SCOPES = [scope for scope in ALL_SCOPES if scope not in CREATOR_SCOPES]


@pytest.fixture
def ana(world):
    return world.creator()


def makes_key(actor, **members):
    return expect(actor.post("/v1/auth/keys", members), 201)


def test_a_key_is_made_with_defaults(world, ana):
    made = makes_key(ana)
    key = made["api_key"]
    assert key == {"id": key["id"], "user_id": ana.id, "owner": ana.urn, "name": "Default",
                   "key_prefix": "sk_live_", "scopes": ["*"], "last_used_at": None, "expires_at": None,
                   "revoked_at": None, "created_at": key["created_at"]}
    assert uuid.UUID(key["id"]).version == 4
    stored = world.row("select key_hash, key_hash_prefix from api_keys where id = %s", key["id"])
    assert re.fullmatch(r"[0-9a-f]{64}:[0-9a-f]{64}", stored["key_hash"])
    assert stored["key_hash_prefix"] == key_hash_prefix(made["raw_key"])
    assert expect(world.nobody.get("/v1/auth/whoami", headers={"Authorization": made["raw_key"]}), 200)


def test_null_members_are_absent_ones(ana):
    key = makes_key(ana, name=None, owner=None, scopes=None, expires_at=None)["api_key"]
    assert (key["name"], key["owner"], key["scopes"]) == ("Default", ana.urn, ["*"])


def test_no_two_keys_are_alike(ana):
    keys = {makes_key(ana)["raw_key"] for _ in range(5)}
    assert len(keys) == 5


def test_repeated_scopes_are_dropped_and_the_order_is_kept(ana):
    key = makes_key(ana, scopes=["jobs:read", "generate", "jobs:read", "generate"])["api_key"]
    assert key["scopes"] == ["jobs:read", "generate"]


@pytest.mark.parametrize("scope", ALL_SCOPES)
def test_a_creator_may_hold_every_scope(ana, scope):
    assert makes_key(ana, scopes=[scope])["api_key"]["scopes"] == [scope]


@pytest.mark.parametrize("scope", STARTER_SCOPES)
def test_a_starter_may_hold(world, scope):
    assert makes_key(world.starter(), scopes=[scope])["api_key"]["scopes"] == [scope]


@pytest.mark.parametrize("scope", CREATOR_SCOPES)
def test_a_starter_may_not_hold(world, scope):
    expect_error(world.starter().post("/v1/auth/keys", {"scopes": ["generate", scope]}), 403, "AUTHORIZATION_ERROR")


def test_a_starter_who_names_no_scopes_asks_for_all_of_them(world):
    expect_error(world.starter().post("/v1/auth/keys", {}), 403, "AUTHORIZATION_ERROR")


@pytest.mark.parametrize("given, out", [
    ("2120-01-30T12:34:56Z", "2120-01-30T12:34:56.000000Z"),
    ("2120-01-30T12:34:56.123456Z", "2120-01-30T12:34:56.123456Z"),
    ("2120-01-30T12:34:56.1Z", "2120-01-30T12:34:56.100000Z"),
    ("2120-01-30T12:34:56+02:00", "2120-01-30T10:34:56.000000Z"),
    ("2120-01-30T12:34:56-11:30", "2120-01-31T00:04:56.000000Z"),
    ("2120-01-30T12:34:56+23:30", "2120-01-29T13:04:56.000000Z"),
    ("2120-01-30t12:34:56z", "2120-01-30T12:34:56.000000Z"),
    ("2120-02-29T00:00:00Z", "2120-02-29T00:00:00.000000Z"),
])
def test_the_expiry_is_any_rfc_3339_time(ana, given, out):
    assert makes_key(ana, expires_at=given)["api_key"]["expires_at"] == out


BAD = {
    "a past expiry": {"expires_at": "2020-01-01T00:00:00Z"},
    "an expiry without zone": {"expires_at": "2120-01-01T00:00:00"},
    "an expiry that is a date": {"expires_at": "2120-01-01"},
    "an expiry of no such day": {"expires_at": "2121-02-29T00:00:00Z"},
    "an expiry of hour 25": {"expires_at": "2120-01-01T25:00:00Z"},
    "an expiry in words": {"expires_at": "tomorrow"},
    "an expiry as a number": {"expires_at": 4733510400},
    "an empty name": {"name": ""},
    "a long name": {"name": "x" * 101},
    "a numeric name": {"name": 5},
    "no scopes at all": {"scopes": []},
    "an unknown scope": {"scopes": ["jobs:delete"]},
    "a scope in capitals": {"scopes": ["Generate"]},
    "a scope that is no text": {"scopes": [5]},
    "a scope that is null": {"scopes": [None]},
    "scopes as text": {"scopes": "generate"},
    "scopes as an object": {"scopes": {"generate": True}},
    "an owner that is no URN": {"owner": "ana"},
    "an owner without an id": {"owner": "framecast:user:"},
    "an owner with a word for an id": {"owner": "framecast:user:ana"},
    "an owner of another system": {"owner": f"other:user:{uuid.uuid4()}"},
    "an artifact as owner": {"owner": f"framecast:artifact:{uuid.uuid4()}"},
    "a system asset as owner": {"owner": "framecast:system:sfx:whoosh"},
    "an empty owner": {"owner": ""},
    "an owner that is no text": {"owner": 5},
    "a URN with blanks": {"owner": f" framecast:user:{uuid.uuid4()}"},
    "a URN with too many parts": {"owner": f"framecast:user:{uuid.uuid4()}:x"},
}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
def test_a_key_is_400_with(ana, members):
    expect_error(ana.post("/v1/auth/keys", members), 400, "VALIDATION_ERROR")
    assert expect(ana.get("/v1/auth/keys"), 200) == []


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_a_key_may_belong_to_a_team_of_the_creator(world, ana, role):
    bob = world.creator("bob")
    team = world.team(**({"owner": ana} if role == "owner" else {"owner": bob, role: ana}))
    for owner in (team.urn, team.urn_of(ana)):
        assert makes_key(ana, owner=owner)["api_key"]["owner"] == owner


def test_the_owner_is_stored_in_lower_case(ana):
    assert makes_key(ana, owner="framecast:user:" + ana.id.upper())["api_key"]["owner"] == ana.urn


def test_a_key_may_not_belong_to(world, ana):
    bob = world.creator("bob")
    theirs = world.team(owner=bob)
    watched = world.team(owner=bob, viewer=ana)
    for owner in (bob.urn, theirs.urn, theirs.urn_of(ana), theirs.urn_of(bob), watched.urn, watched.urn_of(ana),
                  watched.urn_of(bob), f"framecast:team:{uuid.uuid4()}", f"framecast:{uuid.uuid4()}:{ana.id}",
                  f"framecast:user:{uuid.uuid4()}"):
        expect_error(ana.post("/v1/auth/keys", {"owner": owner}), 403, "AUTHORIZATION_ERROR")


def test_a_starter_s_key_belongs_to_the_starter(world):
    sam, ana = world.starter(), world.creator()
    team = world.team(owner=ana)
    for owner in (team.urn, team.urn_of(sam), ana.urn):
        expect_error(sam.post("/v1/auth/keys", {"owner": owner, "scopes": ["generate"]}), 403, "AUTHORIZATION_ERROR")


@pytest.mark.parametrize("members, status", [
    ({"expires_at": "2020-01-01T00:00:00Z", "owner": "other", "scopes": []}, 400),
    ({"owner": f"framecast:user:{uuid.uuid4()}", "scopes": []}, 403),
    ({"owner": f"framecast:user:{uuid.uuid4()}", "scopes": ["nothing"]}, 403),
    ({"scopes": ["nothing", "*"]}, 400),
    ({"scopes": ["*", "nothing"]}, 403),
])
def test_refusals_come_in_the_order_of_the_table(world, members, status):
    assert world.starter().post("/v1/auth/keys", members).status_code == status


def test_the_list_holds_all_own_keys_newest_first(world, ana):
    bob = world.creator("bob")
    team = world.team(owner=ana)
    makes_key(bob)
    ids = [world.key(ana, created_at=f"2026-01-0{day}", **columns).key_id for day, columns in [
        (1, {}), (2, {"revoked_at": "2026-01-02"}), (3, {"expires_at": "2026-01-03"}), (4, {"owner": team.urn})]]
    listed = expect(ana.get("/v1/auth/keys"), 200)
    assert [key["id"] for key in listed] == ids[::-1]
    assert [bool(key["revoked_at"]) for key in listed] == [False, False, True, False]


def test_keys_of_one_moment_are_listed_by_id(world, ana):
    ids = [world.key(ana, created_at="2026-01-01").key_id for _ in range(6)]
    assert [key["id"] for key in expect(ana.get("/v1/auth/keys"), 200)] == sorted(ids, reverse=True)


def test_the_list_is_not_cut(world, ana):
    for _ in range(120):
        world.key(ana)
    assert len(expect(ana.get("/v1/auth/keys?limit=10"), 200)) == 120


def test_a_key_is_read_by_its_id_revoked_or_not(world, ana):
    key = makes_key(ana, name="One")["api_key"]
    assert expect(ana.get(f"/v1/auth/keys/{key['id'].upper()}"), 200) == key
    expect(ana.delete(f"/v1/auth/keys/{key['id']}"), 204)
    after = expect(ana.get(f"/v1/auth/keys/{key['id']}"), 200)
    assert after["revoked_at"] and {**after, "revoked_at": None} == key


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_keys_of_others_do_not_exist(world, ana, method):
    theirs = makes_key(world.creator("bob"))["api_key"]["id"]
    body = b'{"name": "Mine"}' if method == "PATCH" else None
    for id in (theirs, uuid.uuid4()):
        expect_error(ana.request(method, f"/v1/auth/keys/{id}", content=body), 404, "NOT_FOUND")
    for id in ("x", "1", theirs + "0", theirs.replace("-", "")):
        expect_error(ana.request(method, f"/v1/auth/keys/{id}", content=body), 400, "VALIDATION_ERROR")


def test_a_key_is_renamed_and_nothing_else_changes(ana):
    key = makes_key(ana, scopes=["generate"])["api_key"]
    sent = {"name": "Laptop", "scopes": ["*"], "owner": "x", "expires_at": "x"}
    assert expect(ana.patch(f"/v1/auth/keys/{key['id']}", sent), 200) == {**key, "name": "Laptop"}
    assert expect(ana.patch(f"/v1/auth/keys/{key['id']}", {}), 200) == {**key, "name": "Laptop"}


@pytest.mark.parametrize("name", [None, "", "x" * 101, 5, [], False])
def test_a_bad_new_name_is_400(ana, name):
    key = makes_key(ana)["api_key"]
    expect_error(ana.patch(f"/v1/auth/keys/{key['id']}", {"name": name}), 400, "VALIDATION_ERROR")


def test_a_revoked_key_is_neither_renamed_nor_revoked_again(ana):
    key = makes_key(ana)["api_key"]
    expect(ana.delete(f"/v1/auth/keys/{key['id']}"), 204)
    expect_error(ana.patch(f"/v1/auth/keys/{key['id']}", {"name": "x"}), 409, "CONFLICT")
    expect_error(ana.delete(f"/v1/auth/keys/{key['id']}"), 409, "CONFLICT")


def test_an_expired_key_can_be_revoked(world, ana):
    holder = world.key(ana, expires_at="2020-01-01")
    expect(ana.delete(f"/v1/auth/keys/{holder.key_id}"), 204)


def test_of_parallel_revocations_one_succeeds(ana):
    key = makes_key(ana)["api_key"]
    statuses = at_once(6, lambda _: ana.delete(f"/v1/auth/keys/{key['id']}").status_code)
    assert sorted(statuses) == [204] + [409] * 5
