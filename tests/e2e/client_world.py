"""What the tests of the client share: the program, a fake server, a storyboard on disk."""
import json
import os
import pathlib
import subprocess

from fakes.framecast_server import completed_job, events, file_answer, job, json_answer

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("FRAMECAST") or ROOT / "build" / "debug" / "framecast")
KEPT = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")

J = job()["id"]  # the id of the job in most tests
VIDEO = bytes(range(256)) * 40
STORYBOARD = """\
title: The Sea
scenes:
  - id: calm
    prompt: a calm sea
    duration: 5
  - id: storm
    prompt: the same sea in a storm
    duration: 5
"""
STARTED = [(1, "queued", {"status": "queued", "credits_charged": 40}), (2, "started", {"status": "processing"})]
DONE = [
    (3, "progress", {"phase": "generating", "percent": 45, "scenes_completed": 1, "scenes_total": 2,
                     "current_scene": "storm"}),
    (4, "scene_complete", {"scene_id": "calm", "scenes_completed": 1, "scenes_total": 2}),
    (5, "completed", {"status": "completed", "output_size_bytes": len(VIDEO), "credits_charged": 40}),
]


def environment(url, **more):
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "FRAMECAST_URL": url, "FRAMECAST_API_KEY": "sk_live_test",
            "FRAMECAST_PATIENCE": "20", **more}


class Client:
    """framecast, run in a folder of its own."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        (folder / "sea.yaml").write_text(STORYBOARD)

    def __call__(self, *arguments, stdin="", env=None, code=0, text=True):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True, text=text,
                              input=stdin, timeout=60, env={**environment(self.url), **(env or {})})
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json_lines(self, *arguments, **how):
        return [json.loads(line) for line in self(*arguments, "--json", **how).stdout.splitlines()]


def plays_whole_job(fake, *before):
    """POST /v1/generate to the download, without a fault; `before` plays before the stream that works."""
    fake.on("POST", "/v1/generate", json_answer(job(), 201))
    fake.on("GET", f"/v1/jobs/{J}/events", *before, events(*STARTED, *DONE, job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(completed_job(fake.url + "/blob")))
    fake.on("GET", "/blob", file_answer(VIDEO))
