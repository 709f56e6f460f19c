"""framecastd as a child process: started with given settings, awaited, stopped, killed."""
import ctypes
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import uuid

import httpcore
import httpx

from harness.check import until
from harness.contract import CONTRACT
from harness.postgres import ROOT

JWT_SECRET = "test-secret-of-the-identity-provider"
WORKER_KEY = "test-worker-key-of-at-least-32-characters"
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
EXIT_SECONDS = 30


def program():
    return os.path.abspath(os.environ.get("FRAMECASTD") or ROOT / "build" / "debug" / "framecastd")


def run(*arguments, env, check=True):
    """One of framecastd's other commands: migrate, admin, settings."""
    done = subprocess.run([program(), *arguments], env={**clean_environment(), **env},
                          capture_output=True, text=True, timeout=120)
    if check:
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def migrate(url):
    run("migrate", env={"DATABASE_URL": url, "JWT_SECRET": JWT_SECRET})


def clean_environment():
    kept = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
    return {name: os.environ[name] for name in kept if name in os.environ}


def free_port():
    """Below the range that the kernel hands out by itself, so that nothing takes it meanwhile."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue


class Backend(httpcore.backends.sync.SyncBackend):
    """Debian's httpcore sends head and body apart and waits 40 ms for an acknowledgement between them."""

    def connect_tcp(self, *arguments, **how):
        stream = super().connect_tcp(*arguments, **how)
        stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream


def client_of(url):
    client = httpx.Client(base_url=url, timeout=30, limits=httpx.Limits(max_connections=None))
    client._transport._pool._network_backend = Backend()
    return client


class Server:
    """A running framecastd. The answers to its requests are held against the API reference."""

    def __init__(self, folder, database_url, **settings):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "DATABASE_URL": database_url, "PORT": str(self.port), "JWT_SECRET": JWT_SECRET,
            "API_BASE_URL": self.url, "ENVIRONMENT": "test", "STORAGE_DIR": str(self.folder / "storage"), "WORK_DIR": str(self.folder / "work"),
            "RENDER_PROVIDER": "external", "RENDER_WORKER_KEY": WORKER_KEY,
            "RATE_LIMIT_STARTER_RPM": "0", "RATE_LIMIT_CREATOR_RPM": "0", "RATE_LIMIT_ANONYMOUS_RPM": "0",
            **{name: str(value) for name, value in settings.items() if value is not None},
        }
        for name in [name for name, value in settings.items() if value is None]:
            self.settings.pop(name, None)
        self.log = self.folder / f"log-{self.port}"
        self.process = self.client = None
        self.crashes = []

    def start(self):
        """Starts it, the first time or again, and waits until it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.client = client_of(self.url)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [program(), "serve"], env={**clean_environment(), **self.settings}, stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder,
                preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        until(self._is_ready, lambda: f"the server is ready; its log ends with\n{self.tail()}", seconds=30)
        return self

    def _is_ready(self):
        assert self.process.poll() is None, f"the server ended: {self.process.returncode}\n{self.tail()}"
        try:
            return httpx.get(self.url + "/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def revive(self):
        """Starts it again when it ended by itself. What it did is told when it is stopped; one crash, one failed run."""
        if self.process and self.process.poll() is not None:
            self.crashes.append(f"ended with {self.process.returncode}\n{self.tail()}")
            self.client.close()
            self.start()

    def stop(self):
        """SIGTERM; a server that does not leave in peace, with 0, has failed its test."""
        if self.client:
            self.client.close()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(EXIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"no exit within {EXIT_SECONDS} s of SIGTERM\n{self.tail()}") from None
        if self.process:
            code, self.process = self.process.returncode, None
            assert code == 0, f"the server ended with {code}\n{self.tail()}"
        assert not self.crashes, "\n".join(self.crashes)

    def kill(self):
        if self.client:
            self.client.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def request(self, method, path, **how):
        answer = self.client.request(method, path, **how)
        CONTRACT.check(answer)
        return answer

    @property
    def proc(self):
        """What the kernel knows of its process."""
        return pathlib.Path(f"/proc/{self.process.pid}")

    def memory_kib(self, part="VmRSS"):
        status = (self.proc / "status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(part + ":"))

    def descriptors(self):
        return len(os.listdir(self.proc / "fd"))

    def cpu_seconds(self):
        """What the process itself has used, without its children."""
        fields = (self.proc / "stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def logged(self):
        """The log with all that was said until now: it is written a little later, in order."""
        mark = f"mark-{uuid.uuid4()}"
        self.client.get("/v1/nothing", headers={"X-Request-Id": mark})
        return until(lambda: mark in (log := self.log.read_text()) and log, "the log is written")

    def lines(self, settled=False):
        """The log, each whole line as an object: as far as it is written, or settled, with all that was said until now."""
        whole, _, _ = (self.logged() if settled else self.log.read_text()).rpartition("\n")
        return [json.loads(line) for line in whole.splitlines() if line.strip()]

    def tail(self, size=6000):
        return self.log.read_text(errors="replace")[-size:] if self.log.is_file() else ""  # one of a pipe would wait
