"""A crowd asks at once: for one purse, for one place, with one key."""
import collections

import pytest

from company import said
from harness import at_once, expect, storyboard
from world import PATIENCE, holds

CROWD = 200
SPEC = storyboard(5)  # costs 20


@pytest.fixture
def server(servers):
    return servers[0]


def crowd(servers, who, bodies):
    """The answers to one POST /v1/generate for each body, all under way at once, at both servers in turn."""
    return at_once(len(bodies), lambda i: who.at(servers[i % 2]).post("/v1/generate", bodies[i], timeout=PATIENCE))


def outcomes(answers):
    """{(status, reason): how many}"""
    return collections.Counter(map(said, answers))


@pytest.mark.quick
def test_a_balance_for_three_pays_for_three_of_two_hundred(servers, world):
    ana = world.creator(credits=79)
    answers = crowd(servers, ana, [{"spec": SPEC}] * CROWD)
    assert outcomes(answers) == {(201, None): 3, (402, "insufficient_credits"): CROWD - 3}
    assert ana.credits == 19
    assert world.usage(ana.urn)["credits_used"] == 60
    holds(servers[0])


@pytest.mark.quick
@pytest.mark.parametrize("tier, places", [("starter", 1), ("creator", 5)])
def test_only_as_many_get_in_as_there_are_places(servers, world, tier, places):
    ana = getattr(world, tier)(credits=10000)
    answers = crowd(servers, ana, [{"spec": SPEC}] * CROWD)
    assert outcomes(answers) == {(201, None): places, (409, "concurrency_limit"): CROWD - places}
    assert ana.credits == 10000 - 20 * places
    holds(servers[0])


def test_the_forms_of_a_team_share_its_places(servers, world):
    ana, bob = world.creator(), world.creator("bob")
    team = world.team(owner=ana, member=bob, credits=10000)
    people = [ana, bob]
    both = at_once(2, lambda n: crowd(servers, people[n], [
        {"spec": SPEC, "owner": team.urn if i % 3 else team.urn_of(people[n])} for i in range(CROWD // 2)]))
    assert outcomes(both[0] + both[1]) == {(201, None): 5, (409, "concurrency_limit"): CROWD - 5}
    assert team.credits == 10000 - 100
    holds(servers[0])


@pytest.mark.quick
def test_one_key_makes_one_job_whoever_is_faster(servers, world):
    ana = world.creator(credits=10000)
    answers = crowd(servers, ana, [{"spec": SPEC, "idempotency_key": "one"}] * CROWD)
    assert outcomes(answers) == {(201, None): 1, (200, None): CROWD - 1}
    assert {answer.headers.get("Idempotent-Replayed") for answer in answers if answer.status_code == 200} == {"true"}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert ana.credits == 10000 - 20 and len(expect(ana.get("/v1/jobs"), 200)) == 1
    holds(servers[0])


def test_one_key_for_several_owners_makes_one_job(servers, world):
    ana = world.creator(credits=10000)
    owners = [ana.urn] + [world.team(owner=ana).urn for _ in range(3)]
    answers = crowd(servers, ana, [{"spec": SPEC, "idempotency_key": "one", "owner": owners[i % 4]}
                                   for i in range(CROWD)])
    assert outcomes(answers) == {(201, None): 1, (200, None): CROWD - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert world.one("select count(*) from jobs where triggered_by = %s", ana.id) == 1
    holds(servers[0])


def test_twenty_keys_make_twenty_answers_but_five_jobs(servers, world):
    ana = world.creator(credits=10000)
    answers = crowd(servers, ana, [{"spec": SPEC, "idempotency_key": f"key {i % 20}"} for i in range(CROWD)])
    made = {answer.json()["idempotency_key"]: answer.json()["id"] for answer in answers if answer.status_code == 201}
    found = outcomes(answers)
    assert found[201, None] == len(made) == 5 and set(found) == {(201, None), (200, None), (409, "concurrency_limit")}
    for answer in answers:
        if answer.status_code == 200:
            assert made[answer.json()["idempotency_key"]] == answer.json()["id"]
    holds(servers[0])
