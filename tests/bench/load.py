"""The load generators: wrk, pgbench, and bench_streams."""
import contextlib
import os
import pathlib
import re
import subprocess
import time
from dataclasses import dataclass

HERE = pathlib.Path(__file__).parent
CONNECTIONS, THREADS, DATABASE_CLIENTS = 64, 2, 32
MEASURED = {"framecastd", "postgres", "nginx", "wrk"}


class CannotRun(Exception):
    """Why a figure has no number."""


@dataclass
class Load:
    per_second: float
    n: int
    failures: int
    p50_ms: float = 0
    p99_ms: float = 0
    others: float = 0  # per cent of the processors' time that went to whom the measurement is not about


def output_of(command, seconds, **environment):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds,
                              env={**os.environ, **environment})
    except FileNotFoundError:
        raise CannotRun(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise CannotRun(f"{command[0]} did not end within {seconds} s") from None
    if done.returncode != 0:
        raise CannotRun(f"{pathlib.Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def ticks_of_others():
    """By process, but for those that are measured and those that measure: above all the kernel's own threads."""
    ticks = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            name, _, fields = stat.read_text().partition("(")[2].rpartition(")")
            if name not in MEASURED:
                ticks[stat] = sum(map(int, fields.split()[11:13]))
    return ticks


def wrk(port, lua, arguments, seconds):
    before = ticks_of_others()
    said = output_of(["wrk", "-c", CONNECTIONS, "-t", THREADS, "-d", f"{seconds}s", "--timeout", "10s", "-s", HERE / lua,
                      f"http://127.0.0.1:{port}", "--", *arguments], seconds + 30)
    n, us, p50, p99, failures = map(int, re.search(r"^measured (.*)$", said, re.M)[1].split())
    if failures:
        raise CannotRun(f"{failures} of {n} requests failed")
    others = sum(ticks - before.get(process, 0) for process, ticks in ticks_of_others().items()) / os.sysconf("SC_CLK_TCK")
    return Load(n * 1e6 / us, n, failures, p50 / 1000, p99 / 1000, 100 * others / seconds / os.cpu_count())


def pgbench(url, script, seconds, **variables):
    """
    With sessions like the server's. With the generic plan: pgbench's expressions in place of parameters would have PostgreSQL plan
    anew each time, and the yardstick would be half as long. With fresh=1 (see statements.py) they keep their memory too.
    """
    definitions = [f"--define={name}={value}" for name, value in {"null": "null", "fresh": 1, **variables}.items()]
    said = output_of(["pgbench", "-n", "-M", "prepared", "-c", DATABASE_CLIENTS, "-j", THREADS, "-T", seconds,
                      "-f", script, *definitions, url], seconds + 60, PGOPTIONS="-c plan_cache_mode=force_generic_plan")
    number = re.search(r"transactions actually processed: (\d+)", said)
    return Load(float(re.search(r"^tps = ([\d.]+)", said, re.M)[1]), int(number[1]), 0)


class Streams:
    """Event streams of one job that bench_streams holds open."""

    def __init__(self, process):
        self.process = process

    def _hear(self, word):
        line = self.process.stdout.readline().split()
        if not line or line[0] != word:
            raise CannotRun(f"bench_streams: {self.process.stderr.read().strip()[-300:]}")
        return line[1:]

    def mark(self):
        self.process.stdin.write("mark\n")
        self.process.stdin.flush()
        self._hear("marked")

    def all_heard_ns(self):
        """When (CLOCK_MONOTONIC) the last stream had an event since the mark."""
        return int(self._hear("all")[0])


@contextlib.contextmanager
def open_streams(program, port, job, tokens, n):
    process = subprocess.Popen([program, "hold", str(port), f"/v1/jobs/{job}/events", tokens, str(n)], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        streams = Streams(process)
        streams._hear("open")
        yield streams
    finally:
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        time.sleep(0.5)  # the server notices that they are gone
