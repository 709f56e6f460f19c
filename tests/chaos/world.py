"""A database that may be hurt, clients that go on asking meanwhile, and what must hold afterwards."""
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest

from harness import SMALL, expect, storyboard, until
from harness.postgres import ROOT, connect
from harness.server import Server, client_of, migrate, run
from harness.world import World

PG = str(ROOT / "scripts" / "pg")
PATIENCE = 180  # seconds for what a busy machine has to do; a bound, not a measurement
BREATH = 0.01   # seconds between two requests of one client: it shall ask all the time, not as fast as it can
TERMINAL = ("completed", "failed", "canceled")
NAMES = itertools.count(1)


class Database:
    """A PostgreSQL of its own in one folder, crash-safe, and everything that can happen to it."""

    def __init__(self, folder=None):
        # In memory, where there is room: what survives the death of a process lies there as well, and a crash is
        # recovered from without waiting for a disk.
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="framecast-chaos-", dir=memory()))
        os.chmod(self.folder, 0o711)
        self.frozen = []
        self.start()
        self.admin_url = self._pg("url", "postgres")

    def _pg(self, command, *arguments):
        done = subprocess.run([PG, command, str(self.folder), *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"pg {command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def remove(self):
        self.thaw()
        self._pg("remove")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name):
        return self._pg("url", name)

    def create(self):
        """The URL of a new migrated database."""
        name = f"chaos{next(NAMES)}"
        self.sql(f"create database {name}")
        migrate(self.url(name))
        return self.url(name)

    def sql(self, statement, *values, url=None):
        with closing(connect(url or self.admin_url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description is not None else []

    @property
    def data(self):
        return self.folder / "home" / "data"

    @property
    def place(self):
        """The folder of its socket, and its port."""
        query = parse_qs(urlsplit(self.admin_url).query)
        return query["host"][0], query["port"][0]

    # ------------------------------------------------------------------------------ what happens

    def start(self):
        subprocess.run([PG, "start", str(self.folder)], check=True, timeout=120)

    def stop(self):
        self._pg("stop")

    def kill(self):
        """kill -9 of the postmaster; its children see that and go."""
        postmaster = self.postmaster()
        os.kill(postmaster, signal.SIGKILL)
        until(lambda: not pathlib.Path(f"/proc/{postmaster}").exists(), "the postmaster is gone", seconds=PATIENCE)

    def freeze(self):
        """All its processes stand still: connections stay open, and nothing answers."""
        self.frozen = [self.postmaster()]
        stop(self.frozen[0])  # first, so that it makes no more
        while fresh := [child for child in children(self.frozen[0]) if child not in self.frozen]:
            for child in fresh:
                stop(child)
            self.frozen += fresh

    def thaw(self):
        for pid in reversed(self.frozen):
            with ignored(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.frozen = []

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def answers(self):
        try:
            return self.sql("select 1") == [(1,)]
        except psycopg2.OperationalError:
            return False

    def comes_back(self):
        """By itself, if there is still somebody to do so; else it is started."""
        if not self.answers():
            self.start()

    def terminate(self, url):
        """Ends each connection of the server, one after the other; how many there were."""
        pids = self.sql("select pid from pg_stat_activity where application_name like 'framecastd %%' and datname = %s "
                        "order by backend_start", name_in(url))
        return sum(self.sql("select pg_terminate_backend(%s)", pid) == [(True,)] for pid, in pids)

    def connections(self, url):
        """How many connections the server has under each name."""
        return dict(self.sql("select application_name, count(*) from pg_stat_activity where application_name like 'framecastd %%' "
                             "and datname = %s group by 1", name_in(url)))

    def replace(self, url, keep_as, take):
        """Puts the database `take`, or an empty one, in the place of another, which is kept under a new name."""
        name = name_in(url)
        self.sql(f"alter database {name} allow_connections false")  # else whoever comes back keeps it from being renamed
        until(lambda: self.terminate(url) == 0, "nobody is connected")
        self.sql(f"alter database {name} rename to {keep_as}")
        self.sql(f"alter database {take} rename to {name}" if take else f"create database {name}")
        self.sql(f"alter database {name} allow_connections true")


class Pair(Database):
    """A primary, and a standby that has whatever the primary has confirmed."""

    machine = None  # by way of which the primary is reached

    def __init__(self):
        super().__init__()
        self.standby = Standby(self)
        self.sql("alter system set synchronous_standby_names = '*'")
        self.sql("select pg_reload_conf()")
        until(lambda: self.sql("select 1 from pg_stat_replication where sync_state = 'sync'"), "the standby keeps up")

    def remove(self):
        super().remove()
        self.standby.remove()

    def url(self, name):
        """Of both, in this order, whichever is the primary."""
        first = self.machine.place if self.machine else super().place
        hosts, ports = (",".join(each) for each in zip(first, self.standby.place))
        return f"postgresql://postgres@/{name}?host={hosts}&port={ports}"

    def fails_over(self):
        self.standby.sql("select pg_promote()")
        self.admin_url = self.standby.admin_url


class Standby(Database):
    def __init__(self, primary):
        self.primary = primary
        super().__init__()

    def start(self):
        if self.data.exists():
            super().start()
        else:
            self._pg("standby", str(self.primary.folder))


class Machine:
    """A machine at the end of a cable, where a database is to be had by TCP; it can be unplugged."""

    place = "10.213.77.2", "5432"
    OURS = "10.213.77.1"

    def __init__(self, database):
        self.name = f"fc{os.getpid()}"
        self.ends, self._forwarder = (f"{self.name}a", f"{self.name}b"), None
        try:
            self._make()
            folder, port = database.place
            self._forwarder = subprocess.Popen([*self._inside("socat"), f"TCP-LISTEN:{self.place[1]},fork,reuseaddr",
                                                f"UNIX-CONNECT:{folder}/.s.PGSQL.{port}"], start_new_session=True)
            until(self._is_reached, "it can be reached")
        except BaseException:
            self.remove()
            raise

    def _inside(self, *command):
        return ["ip", "netns", "exec", self.name, *command]

    def _make(self):
        ours, theirs = self.ends
        for step in (["ip", "netns", "add", self.name],
                     ["ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", self.name],
                     ["ip", "address", "add", f"{self.OURS}/30", "dev", ours], ["ip", "link", "set", ours, "up"],
                     self._inside("ip", "address", "add", f"{self.place[0]}/30", "dev", theirs),
                     self._inside("ip", "link", "set", theirs, "up")):
            done = subprocess.run(step, capture_output=True, text=True)
            if done.returncode != 0:
                pytest.skip(f"no machine can be made here: {' '.join(step)}: {done.stderr.strip()}")

    def _is_reached(self):
        with ignored(OSError):
            socket.create_connection(self.place, timeout=5).close()
            return True

    def unplugged(self):
        subprocess.run(self._inside("ip", "link", "set", self.ends[1], "down"), check=True)

    def remove(self):
        if self._forwarder:
            os.killpg(self._forwarder.pid, signal.SIGKILL)
            self._forwarder.wait()
        # The cable first: connections that wait for an answer keep what is inside for a while.
        for step in (["ip", "link", "delete", self.ends[0]], ["ip", "netns", "delete", self.name]):
            subprocess.run(step, capture_output=True)


def name_in(url):
    return urlsplit(url).path[1:]


def memory():
    """A folder in memory with room for a cluster, if there is one."""
    folder = pathlib.Path("/dev/shm")
    return folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 1 << 30 else None


@contextmanager
def ignored(*errors):
    try:
        yield
    except errors:
        pass


@contextmanager
def small_disk(folder, mib):
    """A disk of its own, in memory."""
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", folder],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def stop(pid):
    """SIGSTOP; returns when the process stands still, or is gone."""
    with ignored(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        until(lambda: state_of(pid) in "TZX", f"process {pid} stands still")


def state_of(pid):
    with ignored(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    return "X"


def children(pid):
    return [int(one) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]


def holds(server):
    """Every invariant that the database can tell, by the server's own checker."""
    run("admin", "check", env=server.settings)


class Scene:
    """A server on a database that may be hurt, and people with jobs."""

    def __init__(self, database, folder, **settings):
        self.database = database
        self.url = database.create()
        self.server = Server(folder, self.url, RENDER_PROVIDER="animatic", RENDER_LEASE_SECONDS=3, RENDER_WORKERS=2,
                             JOB_SWEEP_INTERVAL_SECONDS=1, FRONT_LOOPS=2, **settings).start()
        self.joined_by_people()

    def joined_by_people(self):
        """With keys, and with jobs that are over and never change: what the readers read."""
        with closing(World(self.server)) as world:
            self.people = [world.creator(f"p{i}", credits=1000) for i in range(4)]
            self.keys = [world.key(person) for person in self.people]
            self.still = {person.urn: [world.job_row(person, "canceled")["id"] for _ in range(25)] for person in self.people}

    def close(self):
        self.server.stop()

    def sql(self, statement, *values):
        return self.database.sql(statement, *values, url=self.url)

    # -------------------------------------------------------------------------- what must hold

    def at_rest(self):
        """Every job of the API is over and settled."""
        try:
            return not self.sql("select 1 from job_dispatches where done_at is null")
        except psycopg2.OperationalError:
            return False

    def comes_to_rest(self):
        until(self.at_rest, lambda: f"all jobs are over: {self.sql('select status, count(*) from jobs group by 1')}\n"
              f"{self.server.tail()}", seconds=PATIENCE)

    def all_completed(self):
        """The jobs went on and none was lost, nor done twice; the books agree."""
        self.comes_to_rest()
        jobs = self.sql("select j.id, j.status, j.error from jobs j join job_dispatches d on d.job_id = j.id")
        assert jobs and all(status == "completed" for _, status, _ in jobs), jobs
        spent = dict(self.sql("select owner, sum(credits_charged - credits_refunded) from jobs j "
                              "join job_dispatches d on d.job_id = j.id group by 1"))
        for person in self.people:
            [(credits,)] = self.sql("select credits from users where id = %s", person.id)
            assert credits == 1000 - spent.get(person.urn, 0), person.urn
        holds(self.server)
        return len(jobs)

    def renders_another(self):
        """Its workers have found back to their work."""
        job = expect(self.server.client.post("/v1/generate", json={"spec": storyboard(1), "options": SMALL}, headers=self.people[0].headers), 201)
        until(lambda: self.sql("select 1 from jobs where id = %s and status = 'completed'", job["id"]),
              lambda: f"a new job is done\n{self.server.tail()}", seconds=PATIENCE)

    def leaks_nothing(self, before):
        """Connections are within what the settings allow, descriptors what they were and the connections opened since."""
        most = {"read": 2 * 1, "write": 2 * 4, "listen": 2, "worker": 2, "leases": 1, "upkeep": 2, "usage": 1}

        def within():
            now = self.database.connections(self.url)
            return all(n <= most[name.split()[1]] for name, n in now.items())

        until(within, lambda: f"no connection leaks: {self.database.connections(self.url)}", seconds=PATIENCE)
        until(lambda: self.server.descriptors() <= before + sum(most.values()),
              lambda: f"no descriptor leaks: {before} before, {self.server.descriptors()} now", seconds=PATIENCE)

    def stays_calm(self, seconds=3):
        """Nothing spins while the database is away: a loop that did would use all of the time."""
        before = self.server.cpu_seconds()
        time.sleep(seconds)  # the length of the measurement, not a wait for anything
        used = self.server.cpu_seconds() - before
        assert used < seconds / 3, f"{used} s of CPU in {seconds} s of waiting"


class Load:
    """Clients that go on asking. Each answer must be the request's own, or 503 with Retry-After."""

    N_JOBS = 2  # new jobs each writer asks for; afterwards it repeats them

    def __init__(self, scene):
        self.scene = scene
        self.counts = Counter()
        self.wrong = []
        self.made = {}  # idempotency key: job id
        self.keys = {}  # idempotency key: who used it
        self.names = {}  # who: names that may be stored, the last confirmed one and what came after it
        self._stop = threading.Event()
        self._lock = threading.Lock()
        clients = [(request, key) for request in (self._read, self._list) for key in scene.keys]
        clients += [(self._read, scene.people[0]), (self._list, scene.people[1]), (self._write, scene.people[2]),
                    (self._write, scene.keys[3]), (self._rename, scene.people[0]), (self._rename, scene.people[1]), (self._health, None)]
        self._threads = [threading.Thread(target=self._go_on, args=client, daemon=True) for client in clients]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.flows()
        return self

    def __exit__(self, *failure):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"a request without an answer\n{self.scene.server.tail()}"
        print(f"{sum(self.counts.values())} answers:", ", ".join(f"{kind} {status}: {n}" for (kind, status), n in sorted(self.counts.items())))
        if failure == (None, None, None):
            assert not self.wrong, f"{len(self.wrong)} wrong answers of {self.counts}: {self.wrong[:5]}\n{self.scene.server.tail()}"

    # ------------------------------------------------------------------------------ the clients

    def _go_on(self, request, who):
        with client_of(self.scene.server.url) as client:
            client.timeout = PATIENCE
            for n in itertools.count():
                if self._stop.wait(BREATH):
                    return
                self._ask(client, request, who, n)

    def _ask(self, client, request, who, n):
        kind = request.__name__[1:]
        try:
            answer = request(client, who, n)
        except Exception as error:  # whatever it is, the test shall tell it
            self.wrong.append((kind, repr(error)))
            return
        with self._lock:
            self.counts[kind, answer.status_code] += 1
        if answer.status_code == 503:
            retry_after = answer.headers.get("Retry-After", "")
            code = answer.json()["error"]["code"]
            if not retry_after.isdigit() or code != "SERVICE_UNAVAILABLE":
                self.wrong.append((kind, 503, retry_after, code))

    def _read(self, client, who, n):
        ids = self.scene.still[who.urn]
        id = ids[n % len(ids)]
        answer = client.get(f"/v1/jobs/{id}", headers=who.headers)
        assert answer.status_code == 503 or expect(answer, 200)["id"] == id, answer.text
        return answer

    def _list(self, client, who, n):
        answer = client.get(f"/v1/jobs?limit=10&offset={n % 10}", headers=who.headers)
        assert answer.status_code == 503 or {job["owner"] for job in expect(answer, 200)} == {who.urn}, answer.text
        return answer

    def _write(self, client, who, n):
        key = f"{who.id}-{n % self.N_JOBS}"
        body = {"spec": storyboard(1), "options": SMALL, "idempotency_key": key}
        self.keys[key] = who
        answer = client.post("/v1/generate", json=body, headers=who.headers)
        assert answer.status_code in (200, 201, 503), f"{answer.status_code} {answer.text}"
        if answer.status_code != 503:
            job = answer.json()
            assert job["idempotency_key"] == key and job["owner"] == who.urn, job
            assert self.made.setdefault(key, job["id"]) == job["id"], f"a second job for {key}"
        return answer

    def _rename(self, client, who, n):
        name = f"{who.id[:8]} {n}"
        possible = self.names.setdefault(who.id, [None])
        possible.append(name)  # from now on, for nobody knows when it is stored
        answer = client.patch("/v1/account", json={"name": name}, headers=who.headers)
        assert answer.status_code == 503 or expect(answer, 200)["name"] == name, answer.text
        if answer.status_code == 200:
            possible[:] = [name]
        return answer

    def _health(self, client, who, n):
        answer = client.get("/health")
        assert answer.status_code == 200 and answer.text == "OK", answer.text
        return answer

    # -------------------------------------------------------------------------------- the story

    def n(self, kind, *statuses):
        with self._lock:
            return sum(n for (one, status), n in self.counts.items() if one == kind and status in statuses)

    def more(self, *wanted):
        """Waits until each of these answers, (kind, status...), has come three more times."""
        before = [self.n(*one) for one in wanted]
        until(lambda: self.wrong or all(self.n(*one) >= n + 3 for one, n in zip(wanted, before)),
              lambda: f"more of {wanted}: {dict(self.counts)}\n{self.scene.server.tail()}", seconds=PATIENCE)
        assert not self.wrong, f"{len(self.wrong)} wrong answers of {dict(self.counts)}: {self.wrong[:5]}"

    def flows(self):
        """Everybody is served."""
        self.more(("read", 200), ("list", 200), ("write", 200, 201), ("rename", 200), ("health", 200))

    def stands(self):
        """What was confirmed is stored, and every key stands for exactly one job, also one that was answered with 503."""
        for id, possible in self.names.items():
            [(name,)] = self.scene.sql("select name from users where id = %s", id)
            assert name in possible, f"{name} is none of {possible}"
        for key, who in self.keys.items():
            job = self.scene.sql("select id::text from jobs where idempotency_key = %s", key)
            assert len(job) == 1, f"{key}: {job}"
            assert self.made.get(key, job[0][0]) == job[0][0], key


def goes_on(scene, load, before):
    """What every accident ends with."""
    load.stands()
    assert scene.all_completed() == len(load.keys)
    scene.leaks_nothing(before)


@contextmanager
def survived(scene):
    """Clients that go on asking while something happens to the database."""
    before = scene.server.descriptors()
    with Load(scene) as load:
        yield load
    goes_on(scene, load, before)
