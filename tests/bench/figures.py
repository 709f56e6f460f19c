"""The figures, a function each: it measures by rounds, its yardstick by turns with it, and returns rows of the table."""
import http.client
import json
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass

import load
import stage as staging
import statements
from harness.server import Server, clean_environment, program
from load import CannotRun
from stage import FIRST, JOBS_PER_USER, N_MINE, WATCHED_JOB
from table import Figure, rounds

SETTLE_SECONDS = 2
DATABASE = f"pgbench -M prepared -c {load.DATABASE_CLIENTS}, the same statement"


@dataclass
class Bench:
    stage: staging.Stage
    programs: object  # folder of bench_validate and bench_streams
    made: object      # queries.c
    rounds: int
    seconds: int

    def script(self, name, *arguments, before=""):
        path = self.stage.folder / f"{name}.sql"
        path.write_text(statements.script(self.made, name, *arguments, before))
        return path

    def outcome_of(self, script, **variables):
        """What the script's statement answers when psql runs it; a yardstick that is refused measures nothing."""
        text = "\n".join(line for line in script.read_text().splitlines() if not line.startswith("\\"))
        quoted = [f"--set={name}='{value}'" for name, value in {"null": "null", **variables}.items()]
        done = subprocess.run(["psql", "--no-psqlrc", "-qAt", *quoted, self.stage.url], input=text, capture_output=True, text=True)
        if done.stdout.split("|")[3:4] != ["ok"]:
            raise CannotRun(f"pgbench's statement does not answer: {(done.stderr or done.stdout)[:300]}")

    def reads(self, server, path, token, jobs=""):
        return load.wrk(server.port, "jobs.lua", [path, token, *([jobs] if jobs else [])], self.seconds)

    def database_reads(self, script, **variables):
        return load.pgbench(self.stage.url, script, self.seconds, **variables)


def per_second(loads):
    return [each.per_second for each in loads]


# ------------------------------------------------------------------------------------------------ reads

def caller(bench, credential, scope):
    """The first five arguments of a statement of the measured user, as the server binds them, and pgbench's variables for them."""
    if credential == statements.BY_JWT:
        return [":user", ":email", "''", ":no", None], {"user": staging.user_id(0), "email": staging.email(0), "no": "false"}
    id, hash = (bench.stage.one(f"select {column}::text from api_keys") for column in ("id", "key_hash"))
    return [":key", ":hash", "''", ":no", ":scope"], {"key": id, "hash": hash, "no": "false", "scope": scope}


def job_read(bench, credential):
    """(loads of the server, loads of pgbench): random jobs of one user, each finished, with four links to sign."""
    arguments, variables = caller(bench, credential, "jobs:read")
    script = bench.script("job_get", credential, [*arguments, "'00000000-0000-4000-8000-' || :job::text"],
                          before=f"\\set job random({FIRST}, {FIRST + N_MINE - 1})")
    bench.outcome_of(script, job=FIRST, **variables)
    token = bench.stage.key if credential == statements.BY_KEY else staging.token(0)
    with bench.stage.server() as server:
        def ours(_):
            return bench.reads(server, staging.job_path(), token, N_MINE)

        ours(None)  # whoever is first fills the database's cache for all
        return rounds(bench.rounds, ours, lambda _: bench.database_reads(script, **variables))


def job_by_key(bench):
    ours, theirs = job_read(bench, statements.BY_KEY)
    name = "GET /v1/jobs/{id}, API key"
    return [Figure(name, "1/s", DATABASE, ">= 1.1", per_second(ours), per_second(theirs)),
            Figure(f"{name}: p99", "ms", "", "<= 3", [each.p99_ms for each in ours]),
            Figure(f"{name}: processor time of others", "%", "", "", [each.others for each in ours])]


def job_by_jwt(bench):
    ours, theirs = job_read(bench, statements.BY_JWT)
    name = "GET /v1/jobs/{id}, JWT"
    return [Figure(name, "1/s", DATABASE, ">= 1.1", per_second(ours), per_second(theirs)),
            Figure(f"{name}: p99", "ms", "", "", [each.p99_ms for each in ours])]


def job_with_streams(bench):
    stage = bench.stage
    with stage.server() as server:
        def alone(_):
            return bench.reads(server, staging.job_path(), stage.key, N_MINE)

        def crowded(i):
            with load.open_streams(bench.programs / "bench_streams", server.port, WATCHED_JOB, stage.watchers, stage.n_streams):
                return alone(i)

        ours, theirs = rounds(bench.rounds, crowded, alone)
    return [Figure(f"GET /v1/jobs/{{id}}, API key, beside {stage.n_streams} idle streams", "1/s", "itself without them", ">= 0.95",
                   per_second(ours), per_second(theirs))]


def job_list(bench):
    arguments, variables = caller(bench, statements.BY_KEY, "jobs:read")
    variables |= {"skip": 0, "limit": 50}
    script = bench.script("job_list", statements.BY_KEY, [*arguments, *[None] * 7, ":skip", ":limit"])
    bench.outcome_of(script, **variables)
    with bench.stage.server() as server:
        def ours(_):
            return bench.reads(server, "/v1/jobs?limit=50", bench.stage.key)

        alike = rounds(bench.rounds, ours, lambda _: bench.database_reads(script, **variables))
        plain = rounds(bench.rounds, ours, lambda _: bench.database_reads(script, **variables, fresh=0))
    name = "GET /v1/jobs?limit=50, API key"
    return [Figure(name, "1/s", DATABASE, ">= 0.9", *map(per_second, alike)),
            Figure(f"{name}: beside plain sessions", "1/s", f"{DATABASE}; its sessions give their memory back", "", *map(per_second, plain))]


# ----------------------------------------------------------------------------------------------- writes

def generate_script(bench, credits):
    """(script, variables): job_create as the server binds it for the same body, its user and key made from counters."""
    spec = staging.storyboard()
    writer = ":writer::text"
    urn = f"'framecast:user:00000000-0000-4000-9000-' || {writer}"
    script = bench.script(
        "job_create", statements.BY_JWT,
        [f"'00000000-0000-4000-9000-' || {writer}", f"'u' || {writer} || '@example.com'", "''", ":no", None, urn, ":spec", ":options",
         ":credits", ":scenes", ":provider", ":seed", ":round::text || '-' || :client_id::text || '-' || :n::text", None, ":assets",
         ":yes", None],
        before=f"\\set n :n + 1\n\\set writer :first + :client_id * :per_client + (:n - 1) / {JOBS_PER_USER}")
    return script, {"no": "false", "yes": "true", "spec": json.dumps(spec, separators=(",", ":")), "options": "{}",
                    "credits": credits, "provider": "external", "seed": 7, "assets": "[]", "n": 0,
                    "scenes": json.dumps([{"scene_id": scene["id"], "seed": 7 + i} for i, scene in enumerate(spec["scenes"])])}


def generate_once(bench, server):
    """One job through the API, with the body that the load generator sends: shows that it is accepted, and its price."""
    body = json.dumps({"spec": staging.storyboard()}, separators=(",", ":"))
    answer = server.client.post("/v1/generate", content=body, headers={
        "Authorization": f"Bearer {staging.token(1)}", "Content-Type": "application/json"})
    if answer.status_code != 201:
        raise CannotRun(f"POST /v1/generate answers {answer.status_code}: {answer.text[:200]}")
    path = bench.stage.folder / "body.json"
    path.write_text(body)
    return path, answer.json()["credits_charged"]


def generate(bench):
    stage = bench.stage
    per_client = stage.users_per_round // load.DATABASE_CLIENTS
    false_answers = []

    with stage.server() as server:
        body, credits = generate_once(bench, server)
        script, variables = generate_script(bench, credits)
        answered = stage.folder / "answered"

        def ours(i):
            first = stage.writers(2 * i)
            tokens = stage.folder / "tokens"
            tokens.write_text("".join(staging.token(first + n) + "\n" for n in range(stage.users_per_round)))
            done = load.wrk(server.port, "generate.lua", [tokens, body, answered, f"w{i}"], bench.seconds)
            ids = [id for part in range(load.THREADS) for id in answered.with_name(f"answered.{part}").read_text().split()]
            found = stage.one("select count(*) from jobs where id::text = any(%s)", ids)
            false_answers.append(len(ids) - found)
            return done

        def theirs(i):
            done = load.pgbench(stage.url, script, bench.seconds, **variables, round=f"p{i}",
                                first=FIRST + stage.writers(2 * i + 1), per_client=per_client)
            made = stage.one("select count(*) from jobs where idempotency_key like %s", f"p{i}-%")
            if made < done.n:
                raise CannotRun(f"pgbench's statement made {made} jobs in {done.n} calls")
            return done

        ours, theirs = rounds(bench.rounds, ours, theirs)
    stage.tidy()
    return [Figure("POST /v1/generate, two scenes", "1/s", DATABASE + ", fsync on", ">= 1.0", per_second(ours), per_second(theirs)),
            Figure("POST /v1/generate: p99", "ms", "", "", [each.p99_ms for each in ours]),
            Figure("POST /v1/generate: 201 without a row", "", "", "<= 0", false_answers)]


# ---------------------------------------------------------------------------------------- without a database

def health(bench):
    with bench.stage.server() as server, staging.nginx(bench.stage.folder) as port:
        ours, theirs = rounds(bench.rounds, lambda _: load.wrk(server.port, "jobs.lua", ["/health"], bench.seconds),
                              lambda _: load.wrk(port, "jobs.lua", ["/health"], bench.seconds))
    return [Figure("GET /health", "1/s", "nginx return 200, no access log", ">= 1.0", per_second(ours), per_second(theirs)),
            Figure("GET /health: p99", "ms", "nginx", "", [each.p99_ms for each in ours], [each.p99_ms for each in theirs])]


def validate(bench):
    path, facts = bench.stage.folder / "large.json", bench.stage.folder / "facts.json"
    path.write_text(json.dumps(staging.large_storyboard(), separators=(",", ":"), ensure_ascii=False))
    facts.write_text(json.dumps(staging.asset_facts()))
    program_path = bench.programs / "bench_validate"
    ours, theirs = rounds(bench.rounds, lambda _: float(load.output_of([program_path, "check", path, facts], 60)),
                          lambda _: float(load.output_of([program_path, "parse", path], 60)))
    return [Figure(f"validate a storyboard of {path.stat().st_size // 1024} KB", "us", "cJSON_Parse of the same text", "<= 3",
                   ours, theirs)]


# ---------------------------------------------------------------------------------------------- streams

def event_ms(stage, streams):
    """From the INSERT of one event until the last stream has it."""
    streams.mark()
    began_ns = time.monotonic_ns()
    stage.one("select fc_job_event_add(%s, 'progress', %s)", WATCHED_JOB, json.dumps({"percent": 5, "phase": "rendering"}))
    return (streams.all_heard_ns() - began_ns) / 1e6


def streams(bench):
    stage, n = bench.stage, bench.stage.n_streams
    program_path = bench.programs / "bench_streams"
    kib, opened_s = [], []

    def ours(_):
        with stage.server() as server:
            before = staging.resident_kib(server.process.pid)
            began = time.monotonic()
            with load.open_streams(program_path, server.port, WATCHED_JOB, stage.watchers, n) as held:
                opened_s.append(time.monotonic() - began)
                time.sleep(SETTLE_SECONDS)  # what was needed to open them is given back
                kib.append((staging.resident_kib(server.process.pid) - before) / n)
                return statistics.median(event_ms(stage, held) for _ in range(5))

    def theirs(_):
        bytes_each = 120
        said = load.output_of([program_path, "bare", n, bytes_each, 5], 120)
        return statistics.median(float(line) for line in said.splitlines()) / 1000

    events, bare = rounds(bench.rounds, ours, theirs)
    return [Figure(f"memory of one idle stream of {n}", "KiB", "", "<= 4", kib,
                   note="growth of the server's resident memory; what the kernel keeps for a socket is not in it"),
            Figure(f"one event to {n} streams", "ms", "bare loop of write, until the last byte is read", "<= 5", events, bare,
                   note="from the INSERT, its commit included"),
            Figure(f"opening {n} streams", "s", "", "", opened_s)]


# ------------------------------------------------------------------------------------------------- rest

def first_answer_ms(server, path, headers):
    """Starts the server; milliseconds until it has answered with 200. Leaves it running."""
    began = time.monotonic()
    with server.log.open("ab") as log:
        server.process = subprocess.Popen([program(), "serve"], env={**clean_environment(), **server.settings}, stdout=log, stderr=log,
                                          cwd=server.folder)
    while time.monotonic() - began < 30:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("GET", path, headers=headers)
            if connection.getresponse().status == 200:
                return (time.monotonic() - began) * 1000
        except (ConnectionError, socket.timeout):
            time.sleep(0.001)
        finally:
            connection.close()
    raise CannotRun(f"no answer within 30 s\n{server.tail()}")


def start(bench):
    stage = bench.stage
    path, headers = f"{staging.job_path()}{FIRST}", {"Authorization": f"Bearer {stage.key}"}
    ms, mib, private_mib = [], [], []
    for _ in range(bench.rounds):
        server = Server(stage.folder / "cold", stage.url)
        server.folder.mkdir(exist_ok=True)
        try:
            ms.append(first_answer_ms(server, path, headers))
            time.sleep(1)
            mib.append(staging.resident_kib(server.process.pid) / 1024)
            private_mib.append(staging.resident_kib(server.process.pid, "RssAnon") / 1024)
        finally:
            server.stop()
    return [Figure("cold start to the first answer", "ms", "", "< 100", ms, note="the answer is a job, read with an API key"),
            Figure("memory at rest", "MiB", "", "< 15", mib,
                   note=f"resident, shared libraries included; of it {statistics.median(private_mib):.1f} MiB private")]


ALL = [job_by_key, job_by_jwt, job_with_streams, job_list, generate, health, validate, streams, start]
