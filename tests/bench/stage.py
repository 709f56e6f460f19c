"""What is measured: a PostgreSQL that keeps its promises (fsync on), a filled database, a server, an nginx."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import signing
from harness.postgres import ROOT, connect
from harness.server import Server, free_port, migrate

N_JOBS = 100_000
N_MINE = 50_000          # of them, those of the user who reads: the planner must not take one owner for granted
SPEC_BYTES = 2048
FIRST = 100_000_000_000  # ids end with FIRST + n
STREAMS_PER_USER = 20    # the server's limit
JOBS_PER_USER = 5        # active at once, the server's limit
WATCHED_JOB = "00000000-0000-4000-b000-100000000000"


def user_id(n):
    return f"00000000-0000-4000-9000-{FIRST + n}"


def email(n):
    return f"u{FIRST + n}@example.com"


def token(n):
    return signing.token(user_id(n), email(n))


def job_path():
    """Of a job, but for the last twelve digits of its id."""
    return "/v1/jobs/00000000-0000-4000-8000-"


def storyboard():
    """Two scenes; 2 KB as JSON."""
    spec = {"title": "Film", "symbols": {"crowd": {"prompt": "a lively audience, happy faces, bright clothes"}},
            "scenes": [{"id": f"scene{i}", "prompt": "", "duration": 5} for i in range(2)],
            "transitions": {"default": "cut"}}
    words = [f"light {i * 7919 % 1000} over the sea, wind from the {i * 104729 % 360}," for i in range(40)]
    room = (SPEC_BYTES - len(json.dumps(spec))) // 2
    for i, scene in enumerate(spec["scenes"]):
        scene["prompt"] = " ".join(words[i * 20:])[:room - 1] + "."
    return spec


def large_storyboard():
    """Fifty scenes with everything in them; close to the largest that the API takes (100 KB)."""
    def scene(i):
        return {"id": f"scene_{i}", "duration": 6, "prompt": f"the crowd of act {i}, @crowd moves on. " * 20, "audio": {
            "music": {"asset_id": "asset_music_triumphant", "volume": 0.5, "fade_in": 0.5, "loop": True},
            "sfx": [{"asset_id": f"asset_sfx_{n}", "start": n * 0.25, "volume": 0.75} for n in range(8)],
            "dialogue": [{"text": f"Line {n}: " + "we have come a long way \u2013 " * 3, "start": n} for n in range(5)]}}
    return {"title": "Long", "symbols": {"crowd": {"prompt": "many people"}}, "scenes": [scene(i) for i in range(50)],
            "transitions": {"default": "cut", "scene_0->scene_1": {"type": "fade", "duration": 0.5}}}


def asset_facts():
    """What the database says of the assets in it."""
    ids = ["asset_music_triumphant", *(f"asset_sfx_{n}" for n in range(8))]
    return [{"id": id, "system": True, "found": True, "status": "ready", "kind": "audio", "content_type": "audio/mpeg"} for id in ids]


@contextlib.contextmanager
def folder():
    """A folder for this run, on the disk of the temporary files; gone afterwards."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="framecast-bench-"))
    path.chmod(0o711)  # PostgreSQL runs as another user when the measurements run as root
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def database(run_folder):
    """The URL of a migrated, empty database in a cluster of its own."""
    program, place = str(ROOT / "scripts" / "pg"), str(run_folder / "pg")
    try:
        subprocess.run([program, "start", place], check=True)
        url = subprocess.run([program, "url", place], check=True, capture_output=True, text=True).stdout.strip()
        migrate(url)
        yield url
    finally:
        subprocess.run([program, "remove", place], check=False)


def fill(url, n_users, n_members):
    """Runs fill.sql; returns the raw API key of user 0."""
    raw = signing.raw_key()
    values = {"n_users": n_users, "n_jobs": N_JOBS, "n_mine": N_MINE, "n_members": n_members, "spec": json.dumps(storyboard()),
              "key_hash": signing.key_hash(raw), "key_prefix": signing.key_hash_prefix(raw)}
    assignments = [f"--set={name}={value}" for name, value in values.items()]
    script = pathlib.Path(__file__).with_name("fill.sql")
    subprocess.run(["psql", "--no-psqlrc", "-q", *assignments, "-f", str(script), url], check=True,
                   stdout=subprocess.DEVNULL)
    return raw


def resident_kib(pid, part="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(part + ":"))


class Stage:
    """The filled database with its facts, and the servers that the figures ask for."""

    def __init__(self, run_folder, url, n_streams, users_per_round, n_rounds):
        self.folder, self.url, self.n_streams = run_folder, url, n_streams
        self.users_per_round = users_per_round
        self.n_members = -(-n_streams // STREAMS_PER_USER)
        # Each round of each side makes jobs for users of its own, who have none yet.
        self.first_writer = self.n_members + 1
        self.key = fill(url, self.first_writer + 2 * n_rounds * users_per_round, self.n_members)
        self.watchers = run_folder / "watchers"
        self.watchers.write_text("".join(token(1 + n) + "\n" for n in range(self.n_members)))

    @contextlib.contextmanager
    def server(self):
        """A server with its default settings (it logs each request, to a file), but without rate limits."""
        server = Server(self.folder / "server", self.url)
        try:
            yield server.start()
        finally:
            server.stop()
            server.log.unlink(missing_ok=True)

    def writers(self, round_number):
        """The first of the users who make jobs in this round."""
        return self.first_writer + round_number * self.users_per_round

    def tidy(self):
        """What the database has to do after many writes is done now, not beside the next figure."""
        subprocess.run(["psql", "--no-psqlrc", "-q", "-c", "vacuum analyze", "-c", "checkpoint", self.url], check=True)

    def one(self, statement, *values):
        with contextlib.closing(connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]


@contextlib.contextmanager
def nginx(run_folder):
    """The port of an nginx that answers as /health does."""
    port, place = free_port(), run_folder / "nginx"
    place.mkdir()
    (place / "nginx.conf").write_text(f"""
daemon off; worker_processes {os.cpu_count()}; pid {place}/pid; error_log {place}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000; client_body_temp_path {place}/a; proxy_temp_path {place}/b;
    fastcgi_temp_path {place}/c; uwsgi_temp_path {place}/d; scgi_temp_path {place}/e; default_type text/plain;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "OK"; }} }}
}}
""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", str(place), "-c", str(place / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
