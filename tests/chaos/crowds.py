"""A job that many watch, and what happens to it."""
import json
import uuid

from harness import signing
from harness.crowd import Watcher

PER_USER = 20  # streams that one user may have open


def members_headers(world, team, n):
    """n new members of the team: what each of them sends."""
    people = [(str(uuid.uuid4()), f"m{i}-{uuid.uuid4().hex[:8]}@example.com") for i in range(n)]
    ids, emails = map(list, zip(*people))
    world.rows("insert into users (id, email, tier, upgraded_at) select id, email, 'creator', now()"
               " from unnest(%s::uuid[], %s::text[]) as new (id, email)", ids, emails)
    world.rows("insert into memberships (team_id, user_id, role) select %s, unnest(%s::uuid[]), 'viewer'", team.id, ids)
    return [{"Authorization": f"Bearer {signing.token(*person)}"} for person in people]


def crowded_job(world, n_streams):
    """A job of a team, and watchers of it who together open n streams."""
    ana = world.creator()
    team = world.team(owner=ana)
    job = world.job_row(ana, "processing", owner=team.urn)["id"]
    headers = members_headers(world, team, -(-n_streams // PER_USER))
    return job, [Watcher(job, headers[i // PER_USER]) for i in range(n_streams)]


def progress(world, job_id, percent, **more):
    return world.one("select fc_job_event_add(%s, 'progress', %s)", job_id, json.dumps({"percent": percent, **more}))


def complete(world, job_id):
    """The job's end, as another process writes it."""
    world.connection.autocommit = False
    try:
        world.rows("update jobs set status = 'completed' where id = %s", job_id)
        world.one("select fc_job_event_add(%s, 'completed', '{\"status\": \"completed\"}')", job_id)
        world.connection.commit()
    finally:
        world.connection.autocommit = True
