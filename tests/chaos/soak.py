"""Everybody does everything for a while; then the books must agree, and the server be as small as before.

usage: soak.py SECONDS      (scripts/soak makes the database and the program)
"""
import collections
import os
import statistics
import sys
import tempfile
import threading
import time

from harness import storyboard, until
from harness.postgres import create_database
from harness.server import Server, client_of, migrate, run
from harness.signing import blob_path, signed
from harness.world import World

SMALL = {"resolution": "854x480", "quality": "draft", "fps": 24}
PATIENCE = 300       # seconds for what a busy machine has to do
BREATH = 0.02        # seconds between two requests of one client: it is a soak, not a race
SAMPLE_SECONDS = 2
SETTLED = 0.3        # of the time: by then every cache, pool and arena has been used
MAY_GROW = 1.10      # of the memory afterwards, and
MAY_GROW_MIB = 4     # as much again for chance
MEDIA = os.urandom(1 << 18)


class Soak:
    def __init__(self, seconds, folder):
        self.seconds = seconds
        self.server = Server(folder, create_database("framecast_soak", migrate), RENDER_PROVIDER="animatic",
                             RENDER_WORKERS=1, LOG_LEVEL="warning").start()
        self.world = World(self.server)
        self.counts, self.wrong, self.samples = collections.Counter(), [], []
        self.is_over, self.lock = threading.Event(), threading.Lock()

    # ------------------------------------------------------------------------- what clients do

    def read(self, client, who, n):
        return client.get(f"/v1/jobs/{who.still[n % len(who.still)]}", headers=who.headers), 200

    def list(self, client, who, n):
        return client.get(f"/v1/jobs?limit=20&offset={n % 5}", headers=who.headers), 200

    def validate(self, client, who, n):
        return client.post("/v1/spec/validate", json=storyboard(*[2] * (n % 40 + 1)), headers=who.headers), 200

    def estimate(self, client, who, n):
        return client.post("/v1/spec/estimate", json=storyboard(5, 3), headers=who.headers), 200

    def upload(self, client, who, n):
        path = blob_path("framecast-outputs", f"soak/{n % 8}.mp4")
        link = signed("PUT", path, content_type="video/mp4", length=len(MEDIA))
        return client.put(link, content=MEDIA, headers={"Content-Type": "video/mp4"}), 200

    def fetch(self, client, who, n):
        return client.get(signed("GET", blob_path("framecast-outputs", "soak/0.mp4"))), 200

    def stranger(self, client, who, n):
        return client.get("/v1/jobs", headers={"Authorization": f"Bearer sk_live_{n:032x}"}), 401

    def nonsense(self, client, who, n):
        return client.post("/v1/generate", content=b'{"spec": ' + b"[" * (n % 2000), headers=who.headers), 400

    def film(self, client, who, n):
        """A whole job, watched to its end, then deleted."""
        answer = client.post("/v1/generate", json={"spec": storyboard(1), "options": SMALL}, headers=who.headers)
        if answer.status_code != 201:
            return answer, 201
        job = answer.json()["id"]
        with client.stream("GET", f"/v1/jobs/{job}/events", headers=who.headers, timeout=PATIENCE) as stream:
            text = "".join(stream.iter_text())
        if "event: completed" not in text:
            self.wrong.append(("film", text[-500:]))
        return client.delete(f"/v1/jobs/{job}", headers=who.headers), 204

    # --------------------------------------------------------------------------------- the run

    def client(self, request, who):
        with client_of(self.server.url) as client:
            client.timeout = PATIENCE
            n = 0
            while not self.is_over.wait(BREATH):
                answer, status = request(client, who, n)
                n += 1
                with self.lock:
                    self.counts[request.__name__, answer.status_code] += 1
                if answer.status_code != status:
                    self.wrong.append((request.__name__, answer.status_code, answer.text[:500]))

    def people(self):
        for i in range(4):
            who = self.world.key(self.world.creator(f"p{i}", credits=10**9))
            who.still = [self.world.job_row(who, "canceled")["id"] for _ in range(20)]
            yield who

    def sample(self):
        return self.server.memory_kib() / 1024, self.server.descriptors()

    def go(self):
        people = list(self.people())
        self.upload(self.server.client, people[0], 0)  # there is something to fetch from the beginning
        requests = [self.read, self.read, self.list, self.validate, self.estimate, self.upload, self.fetch, self.stranger,
                    self.nonsense, self.film, self.film]
        threads = [threading.Thread(target=self.client, args=[request, people[i % 4]]) for i, request in enumerate(requests)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end and not self.wrong:
            time.sleep(SAMPLE_SECONDS)
            self.samples.append(self.sample())
        self.is_over.set()
        for thread in threads:
            thread.join()

    # ----------------------------------------------------------------------------- the verdict

    def verdict(self):
        """[(what, is it so, how much)]"""
        settled = int(len(self.samples) * SETTLED)
        early = [mib for mib, _ in self.samples[settled:settled * 2]]
        late = [mib for mib, _ in self.samples[-settled:]]
        descriptors = [fds for _, fds in self.samples]
        before, after = statistics.median(early), statistics.median(late)
        checked = run("admin", "check", env=self.server.settings, check=False)
        return [
            ("every answer is the expected one", not self.wrong, f"{sum(self.counts.values())} answers {self.wrong[:3] or ''}"),
            ("memory stays", after <= before * MAY_GROW + MAY_GROW_MIB, f"{before:.1f} MiB, later {after:.1f} MiB"),
            ("descriptors stay", max(descriptors[-settled:]) <= max(descriptors[:settled * 2]),
             f"at most {max(descriptors[:settled * 2])}, later {max(descriptors[-settled:])}"),
            ("the books agree", checked.returncode == 0, checked.stdout.strip().splitlines()[-1] if checked.stdout else checked.stderr),
        ]

    def close(self):
        self.world.close()
        self.server.stop()


def main(seconds):
    with tempfile.TemporaryDirectory(prefix="framecast-soak-") as folder:
        soak = Soak(seconds, folder)
        try:
            soak.go()
            until(lambda: not soak.world.rows("select 1 from job_dispatches where done_at is null"), "all jobs are over",
                  seconds=PATIENCE)
            print(f"{seconds} seconds\n")
            for (name, status), n in sorted(soak.counts.items()):
                print(f"    {name:<10} {status}  {n:>8}")
            print()
            rows = soak.verdict()
            for what, is_so, how in rows:
                print(f"    {'ok    ' if is_so else 'FAILED'}  {what:<34}  {how}")
        finally:
            soak.close()
    return 0 if all(is_so for _, is_so, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
