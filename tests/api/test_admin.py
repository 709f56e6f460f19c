"""framecastd admin: what operators do, since no endpoint makes users or credits."""
import uuid

import jwt
import pytest

from harness import expect
from harness.server import JWT_SECRET, run


@pytest.fixture
def admin(world):
    """admin("user", "create", …): what it printed."""
    env = {"DATABASE_URL": world.server.settings["DATABASE_URL"], "JWT_SECRET": JWT_SECRET}

    def call(*arguments, fails=False):
        done = run("admin", *arguments, env=env, check=False)
        assert (done.returncode != 0) == fails, f"{arguments}: {done.returncode} {done.stdout} {done.stderr}"
        assert not fails or done.stderr
        return done.stdout.strip()

    return call


@pytest.fixture
def email():
    return f"ops-{uuid.uuid4().hex[:8]}@example.com"


def test_a_user_with_credits_a_token_and_a_key_can_call_the_api(admin, world, email):
    id = admin("user", "create", "--email", email, "--tier", "creator", "--credits", "500")
    assert uuid.UUID(id)
    by_token = world.with_token(admin("token", "--user", email), id, email)
    user = expect(by_token.get("/v1/account"), 200)
    assert (user["id"], user["email"], user["tier"], user["credits"]) == (id, email, "creator", 500)
    raw = admin("key", "create", "--user", id, "--name", "CI", "--scopes", "generate,jobs:read")
    who = expect(world.nobody.get("/v1/auth/whoami", headers={"Authorization": raw}), 200)
    assert (who["user"]["id"], who["api_key"]["name"], who["api_key"]["scopes"]) == (id, "CI", ["generate", "jobs:read"])


def test_credits_are_granted_to_users_and_teams(admin, world, email):
    id = admin("user", "create", "--email", email, "--credits", "1")
    admin("credits", "grant", "--user", email, "10")
    admin("credits", "grant", "--user", id, "100")
    assert world.one("select credits from users where id = %s", id) == 111
    team = world.team(owner=world.creator(), credits=5)
    admin("credits", "grant", "--team", team.id, "7")
    assert team.credits == 12


def test_a_token_ends_when_it_was_said_to(admin, world, email):
    admin("user", "create", "--email", email)
    token = admin("token", "--user", email, "--ttl", "60")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] == claims["iat"] + 60
    expect(world.with_token(token).get("/v1/account"), 200)


@pytest.mark.parametrize("arguments", [
    ("user", "create", "--email", "{new}", "--name", "Ada"), ("user", "create", "--email", "{new}", "500"),
    ("credits", "grant", "--user", "{email}", "10", "20"), ("credits", "grant", "--user", "{email}", "10", "--credits", "20"),
    ("credits", "grant", "--user", "{email}", "--team", "{team}", "10"), ("token", "--user", "{email}", "3600"),
    ("key", "create", "--user", "{email}", "--ttl", "60"), ("check", "now"), ("token", "--user", "{email}", "--json"),
])
def test_what_a_command_does_not_know_is_refused_and_nothing_is_done(admin, world, email, arguments):
    id = admin("user", "create", "--email", email, "--credits", "1")
    team = world.team(owner=world.creator(), credits=5)
    known = {"email": email, "new": "new-" + email, "team": team.id}
    assert admin(*(one.format(**known) for one in arguments), fails=True) == ""
    assert (world.one("select credits from users where id = %s", id), team.credits) == (1, 5)
    assert not world.rows("select from users where email = %s", known["new"])
    assert not world.rows("select from api_keys where user_id = %s", id)


@pytest.mark.parametrize("arguments", [
    ("user", "create"), ("user", "create", "--email", "nonsense"), ("nothing",), (), ("token", "--user", "nobody@example.com"),
    ("key", "create", "--user", str(uuid.uuid4())), ("credits", "grant", "--user", "nobody@example.com", "5"),
    ("credits", "grant", "--team", str(uuid.uuid4()), "5"), ("user", "create", "--email", "x@example.com", "--tier", "king"),
])
def test_what_makes_no_sense_fails_and_says_why(admin, arguments):
    admin(*arguments, fails=True)


def test_an_unknown_scope_makes_no_key(admin, email):
    id = admin("user", "create", "--email", email)
    admin("key", "create", "--user", id, "--scopes", "jobs:delete", fails=True)
