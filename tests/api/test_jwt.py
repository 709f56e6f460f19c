"""JWTs: which are taken, which are refused, and what their first use does."""
import base64
import hashlib
import hmac
import json
import socket
import time
import uuid

import jwt as pyjwt
import pytest

from harness import at_once, expect, expect_error
from harness.server import JWT_SECRET
from harness.signing import token

class FromNow(float):
    """A time in a table: seconds from the moment of the request."""


def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hand_made(payload, header=None, secret=JWT_SECRET):
    """A token that no library would make; `payload` as an object or as bytes."""
    text = f"{b64(header or {'alg': 'HS256', 'typ': 'JWT'})}.{b64(payload)}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{b64(signature)}"


def claims(**changes):
    payload = {"sub": str(uuid.uuid4()), "email": f"u{uuid.uuid4().hex}@example.com", "role": "authenticated",
               "aud": "authenticated", "iat": FromNow(0), "exp": FromNow(3600), **changes}
    now = int(time.time())
    return {name: now + int(value) if isinstance(value, FromNow) else value
            for name, value in payload.items() if value != "absent"}


ACCEPTED = {
    "the usual claims": {},
    "sub in upper case": {"sub": str(uuid.uuid4()).upper()},
    "exp up to a minute ago": {"exp": FromNow(-5)},
    "exp with a fraction": {"exp": 4102444800.5},
    "exp far away": {"exp": 99999999999},
    "iat in the future": {"iat": FromNow(99999)},
    "iat zero": {"iat": 0},
    "iat with a fraction": {"iat": 1.5},
    "nbf now": {"nbf": FromNow(0)},
    "nbf up to a minute ahead": {"nbf": FromNow(30)},
    "any audience": {"aud": "somebody"},
    "several audiences": {"aud": ["a", "b"]},
    "any role": {"role": "service_role"},
    "any issuer": {"iss": "https://elsewhere.example"},
    "claims that nobody knows": {"framecast_tier": "creator", "user_metadata": {"a": [1]}, "email_verified": False},
}

REFUSED = {
    "no sub": {"sub": "absent"},
    "sub is no uuid": {"sub": "ana"},
    "sub is a number": {"sub": 5},
    "sub is empty": {"sub": ""},
    "sub without hyphens": {"sub": uuid.uuid4().hex},
    "no exp": {"exp": "absent"},
    "exp is text": {"exp": "4102444800"},
    "exp long past": {"exp": FromNow(-3600)},
    "exp past the leeway": {"exp": FromNow(-300)},
    "exp negative": {"exp": -1},
    "no iat": {"iat": "absent"},
    "iat is text": {"iat": "1700000000"},
    "iat negative": {"iat": -1},
    "nbf ahead": {"nbf": FromNow(3600)},
    "nbf is text": {"nbf": "soon"},
    "no aud": {"aud": "absent"},
    "aud is a number": {"aud": 5},
    "aud is an array with a number": {"aud": ["a", 5]},
    "aud is null": {"aud": None},
    "no role": {"role": "absent"},
    "role is a number": {"role": 5},
    "role is null": {"role": None},
    "email is a number": {"email": 5},
    "email is not one": {"email": "ana"},
    "email without a dot": {"email": "ana@example"},
    "email is too long": {"email": "a" * 250 + "@example.com"},
    "email is empty": {"email": ""},
}


def call(world, jwt, path="/v1/account"):
    return world.nobody.get(path, headers={"Authorization": f"Bearer {jwt}"})


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_a_token_is_taken_with(world, changes):
    payload = claims(**changes)
    user = expect(call(world, hand_made(payload)), 200)
    assert user["id"] == payload["sub"].lower()
    assert user["email"] == payload["email"]
    assert user["tier"] == "starter"


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_a_token_is_refused_with(world, changes):
    payload = claims(**changes)
    expect_error(call(world, hand_made(payload)), 401, "INVALID_TOKEN")
    if "sub" not in changes:
        assert not world.rows("select from users where id = %s", payload["sub"])


def test_every_bad_token_gets_the_same_sentence(world):
    sentences = {expect_error(call(world, hand_made(claims(**changes))), 401, "INVALID_TOKEN")["message"]
                 for changes in REFUSED.values()}
    assert len(sentences) == 1


FORGED = {
    "another secret": lambda: hand_made(claims(), secret="another"),
    "alg none": lambda: f"{b64({'alg': 'none'})}.{b64(claims())}.",
    "alg None with a signature": lambda: hand_made(claims(), {"alg": "None"}),
    "alg hs256": lambda: hand_made(claims(), {"alg": "hs256"}),
    "alg missing": lambda: hand_made(claims(), {"typ": "JWT"}),
    "alg is a number": lambda: hand_made(claims(), {"alg": 256}),
    "alg HS512": lambda: pyjwt.encode(claims(), JWT_SECRET, algorithm="HS512"),
    "alg HS384": lambda: pyjwt.encode(claims(), JWT_SECRET, algorithm="HS384"),
    "another payload": lambda: ".".join([hand_made(claims()).split(".")[0], b64(claims()),
                                         hand_made(claims()).split(".")[2]]),
    "no signature": lambda: hand_made(claims()).rpartition(".")[0] + ".",
    "two parts": lambda: hand_made(claims()).rpartition(".")[0],
    "four parts": lambda: hand_made(claims()) + ".x",
    "padding": lambda: hand_made(claims()) + "=",
    "a signature cut short": lambda: hand_made(claims())[:-4],
    "not base64url": lambda: hand_made(claims()).replace(".", ".!", 1),
    "text": lambda: "token",
    "dots": lambda: "..",
    "payload is no JSON": lambda: hand_made(b"{broken"),
    "payload is an array": lambda: hand_made(b"[]"),
    "payload is null": lambda: hand_made(b"null"),
    "header is no JSON": lambda: hand_made(claims(), header=b"HS256"),
}


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(world, make):
    expect_error(call(world, make()), 401, "INVALID_TOKEN")


def test_other_header_members_are_ignored(world):
    expect(call(world, hand_made(claims(), {"alg": "HS256", "kid": "x", "typ": "anything", "crit": ["b"]})), 200)


HEADERS = {
    "nothing": ({}, "MISSING_AUTHORIZATION"),
    "basic": ({"Authorization": "Basic dXNlcjpwYXNz"}, "INVALID_AUTHORIZATION"),
    "a bare JWT": ({"Authorization": token(uuid.uuid4(), "a@example.com")}, "INVALID_AUTHORIZATION"),
    "bare text": ({"Authorization": "hello"}, "INVALID_AUTHORIZATION"),
    "bytes": ({"Authorization": "Bearer schlüssel".encode()}, "INVALID_AUTHORIZATION"),
    "a bad token": ({"Authorization": "Bearer x.y.z"}, "INVALID_TOKEN"),
}


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/account"])
@pytest.mark.parametrize("headers, code", HEADERS.values(), ids=HEADERS)
def test_the_header_decides_the_code(world, path, headers, code):
    expect_error(world.nobody.get(path, headers=headers), 401, code)


def test_an_empty_token_is_a_bad_one(world):
    # httpx does not send a value that ends in a blank.
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=20) as wire:
        wire.sendall(b"GET /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \r\nConnection: close\r\n\r\n")
        answer = wire.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 401 ") and b'"INVALID_TOKEN"' in answer


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_read_in_any_case_with_any_blanks(world, scheme):
    ana = world.creator()
    jwt = ana.headers["Authorization"].split()[1]
    for blanks in (" ", "   "):
        expect(world.nobody.get("/v1/account", headers={"Authorization": scheme + blanks + jwt}), 200)


# ---------------------------------------------------------------------- issuer and audience


def test_the_audience_is_checked_when_it_is_set(start_server, world):
    server = start_server(JWT_AUDIENCE="framecast")
    for aud, status in [("framecast", 200), (["x", "framecast"], 200), ("x", 401), (["x"], 401), ([], 401),
                        ("Framecast", 401)]:
        answer = server.request("GET", "/v1/account",
                                headers={"Authorization": "Bearer " + hand_made(claims(aud=aud))})
        assert answer.status_code == status, aud


def test_the_issuer_is_checked_when_it_is_set(start_server, world):
    server = start_server(JWT_ISSUER="https://id.example/auth/v1")
    for iss, status in [("https://id.example/auth/v1", 200), ("absent", 200), ("https://evil.example", 401), (5, 401)]:
        answer = server.request("GET", "/v1/account",
                                headers={"Authorization": "Bearer " + hand_made(claims(iss=iss))})
        assert answer.status_code == status, iss


# ------------------------------------------------------------------------------ provisioning


def test_the_first_request_makes_a_starter(world):
    ana = world.newcomer()
    user = expect(ana.get("/v1/account"), 200)
    assert user == {"id": ana.id, "email": ana.email, "name": None, "avatar_url": None, "tier": "starter",
                    "credits": 0, "ephemeral_storage_bytes": 0, "upgraded_at": None,
                    "created_at": user["created_at"], "updated_at": user["updated_at"]}
    assert user["created_at"] <= user["updated_at"]
    assert expect(ana.get("/v1/account"), 200) == user


@pytest.mark.parametrize("method, path", [("GET", "/v1/jobs"), ("GET", "/v1/status"), ("GET", "/v1/auth/whoami"),
                                          ("GET", "/v1/auth/keys"), ("GET", "/v1/system-assets"),
                                          ("POST", "/v1/spec/validate")])
def test_any_endpoint_that_takes_a_jwt_makes_the_user(world, method, path):
    ana = world.newcomer()
    expect(ana.request(method, path, content=b'{"spec": {}}' if method == "POST" else None), 200)
    assert world.one("select email from users where id = %s", ana.id) == ana.email


def test_parallel_first_requests_all_succeed_and_make_one_user(world):
    ana = world.newcomer()
    users = at_once(12, lambda _: ana.get("/v1/account"))
    assert {answer.status_code for answer in users} == {200}
    assert len({answer.json()["created_at"] for answer in users}) == 1


def test_of_parallel_newcomers_with_one_e_mail_one_gets_in(world):
    email = f"Shared-{uuid.uuid4().hex}@example.com"
    tokens = [token(uuid.uuid4(), email if i % 2 else email.lower()) for i in range(8)]
    answers = at_once(8, lambda i: call(world, tokens[i]))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


def test_an_unknown_user_needs_an_e_mail(world):
    expect_error(call(world, hand_made(claims(email="absent"))), 401, "MISSING_EMAIL")
    expect_error(call(world, hand_made(claims(email="absent")), "/v1/jobs"), 401, "MISSING_EMAIL")


def test_a_null_e_mail_is_a_missing_one(world):
    answer = call(world, hand_made(claims(email=None)))
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] in ("MISSING_EMAIL", "INVALID_TOKEN")


def test_a_known_user_needs_none(world):
    ana = world.creator()
    assert expect(call(world, token(ana.id)), 200)["email"] == ana.email


def test_an_e_mail_is_never_taken_over(world):
    ana = world.creator()
    thief = str(uuid.uuid4())
    for email in (ana.email, ana.email.upper()):
        expect_error(call(world, token(thief, email)), 409, "CONFLICT")
        expect_error(call(world, token(thief, email), "/v1/jobs"), 409, "CONFLICT")
    assert not world.rows("select from users where id = %s", thief)


def test_the_e_mail_follows_the_token(world):
    ana = world.creator()
    changed = f"New.{ana.email}"
    assert expect(call(world, token(ana.id, changed)), 200)["email"] == changed
    assert expect(ana.get("/v1/auth/whoami"), 200)["user"]["email"] == ana.email


def test_the_case_of_the_e_mail_follows_too(world):
    ana = world.creator()
    assert expect(call(world, token(ana.id, ana.email.upper())), 200)["email"] == ana.email.upper()


def test_an_e_mail_that_is_taken_does_not_follow(world):
    ana, bob = world.creator("ana"), world.creator("bob")
    assert expect(call(world, token(ana.id, bob.email.upper())), 200)["email"] == ana.email
    assert world.one("select email from users where id = %s", ana.id) == ana.email


def test_an_invalid_e_mail_of_a_known_user_changes_nothing(world):
    ana = world.creator()
    for email in ("nonsense", "a" * 250 + "@example.com"):
        answer = call(world, token(ana.id, email))
        assert answer.status_code in (200, 401)
        assert world.one("select email from users where id = %s", ana.id) == ana.email


def test_a_removed_user_starts_anew(world):
    ana = world.creator(credits=500)
    expect(ana.get("/v1/account"), 200)
    world.rows("delete from users where id = %s", ana.id)
    user = expect(ana.get("/v1/account"), 200)
    assert (user["tier"], user["credits"]) == ("starter", 0)


def test_tier_and_credits_come_from_the_database_at_once(world):
    ana = world.creator(credits=7)
    assert expect(ana.get("/v1/account"), 200)["credits"] == 7
    world.rows("update users set tier = 'starter', upgraded_at = null, credits = 9 where id = %s", ana.id)
    user = expect(ana.get("/v1/account"), 200)
    assert (user["tier"], user["credits"], user["upgraded_at"]) == ("starter", 9, None)
