"""Two hands reach for one job: whoever is first ends it, and the other one hears that it is over."""
import collections
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from company import said
from harness import at_once, expect, storyboard
from world import holds

RACES = 1000
LANES = 8  # races side by side
CHARGED = 4
# Who may be in a race, and the state that it makes of a job.
HANDS = {"cancel": "canceled", "complete": "completed", "fail": "failed"}
REFUND = {"canceled": CHARGED * 9 // 10, "completed": 0, "failed": CHARGED}


@pytest.fixture
def server(servers):
    return servers[0]


def reach(world, who, job, hand, server):
    """The status and the reason that this hand gets for its attempt to end the job."""
    if hand == "cancel":
        answer = who.at(server).post(f"/v1/jobs/{job['id']}/cancel")
    elif hand == "complete":
        answer = world.report(job["id"], "completed", server=server, output={"duration": 1})
    else:
        answer = world.report(job["id"], "failed", server=server, failure_type="system",
                              error={"code": "broken", "message": "It broke"})
    return said(answer)


def race(world, servers, who, hands):
    """One job and its end; which hand it was. Each hand is at another server than the one before."""
    job = expect(who.at(servers[0]).post("/v1/generate", storyboard(1)), 201)
    assert job["credits_charged"] == CHARGED
    expect(world.report(job["id"], "started", server=servers[1]), 200)
    answers = at_once(len(hands), lambda i: reach(world, who, job, hands[i], servers[i % 2]))
    after = who.job(job["id"])
    winner = next(hand for hand, state in HANDS.items() if state == after["status"])
    for hand, answer in zip(hands, answers):
        if hand != winner:
            assert answer == (409, "job_is_terminal" if hand == "cancel" else "illegal_transition"), (hand, answer)
    won = [answer for hand, answer in zip(hands, answers) if hand == winner]
    # A second cancel is refused, a report that repeats the outcome is recognised.
    again = (409, "job_is_terminal") if winner == "cancel" else (200, None)
    assert sorted(won) == sorted([(200, None)] + [again] * (len(won) - 1)), (winner, won)
    assert after["credits_refunded"] == REFUND[after["status"]]
    return winner


@pytest.mark.parametrize("hands", [("cancel", "complete"), ("cancel", "fail"), ("complete", "fail"),
                                   ("cancel", "complete", "fail", "cancel", "complete", "fail")], ids=" ".join)
def test_a_thousand_races_have_one_winner_each(servers, world, hands):
    people = [world.creator(credits=CHARGED * RACES) for _ in range(LANES)]
    seed = random.randrange(10**6)
    print(f"random seed {seed}")

    def lane(who):
        chance = random.Random(f"{seed} {who.id}")
        return [race(world, servers, who, chance.sample(hands, len(hands))) for _ in range(RACES // 4 // LANES)]

    with ThreadPoolExecutor(LANES) as pool:
        winners = collections.Counter(winner for lane in pool.map(lane, people) for winner in lane)
    print(dict(winners))
    assert len(winners) >= 2, f"a race that one always wins is none: {winners}"
    for who in people:
        kept = world.row("select sum(credits_charged - credits_refunded) as paid, count(*) as jobs from jobs "
                         "where triggered_by = %s", who.id)
        assert who.credits == CHARGED * RACES - kept["paid"] and kept["jobs"] == RACES // 4 // LANES
    holds(servers[0])
