"""Several servers on one database and one storage folder, and what must hold whatever happens to them."""
import os
import signal
import time

from harness import until
from harness.server import Server
from harness.world import World
from world import PATIENCE, TERMINAL, holds

LEASE_SECONDS = 2


class Company:
    """servers[0], servers[1], ... and a world whose people call the first one unless told otherwise."""

    def __init__(self, folder, database_url, n=2, **settings):
        self.folder, self.url = folder, database_url
        self.storage = folder / "storage"
        self.settings = {"RENDER_PROVIDER": "animatic", "RENDER_LEASE_SECONDS": LEASE_SECONDS, "RENDER_WORKERS": 2,
                         "JOB_SWEEP_INTERVAL_SECONDS": 1, "STORAGE_DIR": self.storage, **settings}
        self.servers = []
        for _ in range(n):
            self.joined_by()
        self.world = World(self.servers[0])

    def joined_by(self, **settings):
        """One more server."""
        self.servers.append(Server(self.folder / f"server{len(self.servers)}", self.url, **{**self.settings, **settings}))
        return self.servers[-1].start()

    def close(self):
        self.world.close()
        for server in self.servers:
            if server.process:
                server.process.send_signal(signal.SIGCONT)
        for server in self.servers:
            server.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def statuses(self):
        return [row["status"] for row in self.world.rows("select status from jobs order by created_at")]

    def all_over(self):
        return all(status in TERMINAL for status in self.statuses())

    def ends(self, *jobs, status="completed"):
        """Waits for the end of these jobs."""
        ids = [job["id"] if isinstance(job, dict) else job for job in jobs]
        rows = until(lambda: self._rows_if_over(ids), lambda: f"{ids} are over: {self.statuses()}", seconds=PATIENCE)
        assert [row["status"] for row in rows] == [status] * len(ids), rows
        return rows

    def _rows_if_over(self, ids):
        rows = self.world.rows("select id, status, failure_type, error, credits_charged, credits_refunded from jobs "
                               "where id = any (%s::uuid[]) order by array_position(%s::uuid[], id)", ids, ids)
        return len(rows) == len(ids) and all(row["status"] in TERMINAL for row in rows) and rows

    def settled(self):
        """Nothing is left to be done for any job."""
        return not self.world.rows("select 1 from job_dispatches where done_at is null")

    def everything(self):
        """All that is known of jobs, and what is stored for them, as {what: lines}: for `unchanged`."""
        tables = {table: self.world.rows(f"select t::text as line from {table} t")
                  for table in ("jobs", "render_scenes", "job_events", "job_dispatches", "users")}
        tables["usage"] = self.world.rows("select concat_ws(' ', owner, period, renders_count, render_seconds, "
                                          "credits_used, credits_refunded) as line from usage")
        return {"files": self.files(), **{table: {row["line"] for row in rows} for table, rows in tables.items()}}

    def files(self):
        """What is stored: each with its inode, size and time of change."""
        return {f"{path.relative_to(self.storage)} {path.stat().st_ino} {path.stat().st_size} {path.stat().st_mtime_ns}"
                for path in self.storage.rglob("*") if path.is_file() and ".incoming" not in path.parts}


def unchanged(before, after):
    for what in before:
        assert before[what] == after[what], \
            f"{what}: gone {before[what] - after[what]}, new {after[what] - before[what]}"


def freeze(server):
    """All threads stand still; returns once they do. Children go on."""
    os.kill(server.process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, server.process.pid, os.WSTOPPED | os.WNOWAIT)


def thaw(server):
    os.kill(server.process.pid, signal.SIGCONT)


def pause(seconds):
    """Lets the servers work for a while: how long is chance, and nothing depends on it."""
    time.sleep(seconds)


def checkpoints(world):
    """{(job, scene): row} of the finished scenes, which must never change again."""
    return {(row["job_id"], row["scene_id"]): row for row in world.rows(
        "select job_id, scene_id, attempt, clip_key, duration_ms, completed_at, xmin::text from render_scenes "
        "where status = 'completed'")}


def adds_up(company, credits=1000):
    """No job lost, none twice, no event missing, credits and usage exact. Everybody began with these credits."""
    world = company.world
    for job in world.rows("select id, status, credits_charged, credits_refunded from jobs"):
        _events_add_up(world, job)
    for user in world.rows("""
            select u.id, u.credits, sum(j.credits_charged - j.credits_refunded) as paid,
                   sum(j.credits_charged) as charged, sum(j.credits_refunded) as refunded,
                   count(*) filter (where j.status = 'completed') as completed
            from users u join jobs j on j.owner = 'framecast:user:' || u.id group by u.id"""):
        usage = world.row("select sum(credits_used) used, sum(credits_refunded) refunded, sum(renders_count) renders "
                          "from usage where owner = 'framecast:user:' || %s", user["id"])
        assert user["credits"] == credits - user["paid"], user
        assert (usage["used"], usage["refunded"], usage["renders"]) == \
            (user["charged"], user["refunded"], user["completed"]), (user, usage)
    holds(company.servers[0])


def _events_add_up(world, job):
    types = world.sequence(job["id"])
    assert types[0] == "queued" and types.count("started") <= 1, types
    ends = [type for type in types if type in TERMINAL]
    assert ends == ([job["status"]] if job["status"] in TERMINAL else []), types
    assert not ends or types[-1] == ends[0], types
    told = world.rows("select payload ->> 'scene_id' as scene from job_events where job_id = %s "
                      "and event_type = 'scene_complete' order by 1", job["id"])
    done = world.rows("select scene_id as scene from render_scenes where job_id = %s and attempt > 0 "
                      "and status = 'completed' order by 1", job["id"])
    assert told == done, f"each finished scene is told once: {told}, {done}"


def said(answer):
    """Status and, of a refusal, its reason."""
    error = answer.json().get("error") or {}
    return answer.status_code, error.get("details", {}).get("reason")
