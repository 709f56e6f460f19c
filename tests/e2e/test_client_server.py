"""framecast and framecastd together: what one says, the other understands."""
import json
import subprocess

import pytest

from client_world import PROGRAM, ROOT, VIDEO, Client, environment
from fakes.framecast_server import file_answer
from harness.check import until
from harness.storyboards import storyboard

WELCOME = ROOT / "examples" / "welcome.yaml"


class Member(Client):
    """A user with credits and a key, at the command line."""

    def __init__(self, world, folder, server=None):
        super().__init__((server or world.server).url, folder)
        self.world = world
        self.actor = world.creator("ana", credits=1000)
        self.env = {"FRAMECAST_API_KEY": world.key(self.actor).raw}
        (folder / "short.json").write_text(json.dumps(storyboard(1, 1)))

    def __call__(self, *arguments, env=None, **how):
        return super().__call__(*arguments, env={**self.env, **(env or {})}, **how)

    def starts(self, *arguments):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**environment(self.url), **self.env})

    @property
    def only_job(self):
        jobs = self.json_lines("jobs", "list")
        return jobs[0]["id"] if len(jobs) == 1 else None


@pytest.fixture
def ana(world, tmp_path):
    return Member(world, tmp_path)


def test_whoami_names_the_account_and_its_credits(ana):
    out = ana("whoami").stdout
    assert ana.actor.email in out and "creator" in out and "1000" in out


def test_a_key_that_the_server_does_not_know_is_explained(ana):
    done = ana("whoami", env={"FRAMECAST_API_KEY": "sk_live_wrong"}, code=4)
    assert "FRAMECAST_API_KEY holds a key that" in done.stderr
    assert "set FRAMECAST_API_KEY" in ana("whoami", env={"FRAMECAST_API_KEY": ""}, code=4).stderr


def test_the_welcome_storyboard_is_valid_and_costs_40_credits(ana):
    assert "is valid" in ana("validate", WELCOME).stderr
    out = ana("estimate", WELCOME).stdout
    assert out.splitlines()[-2].split() == ["total", "10", "40"]


def test_problems_carry_the_lines_of_the_file(ana):
    (ana.folder / "bad.yaml").write_text("title: T\nscenes:\n  - id: a\n    prompt: p\n    duration: 45\nextra: 1\n")
    lines = ana("validate", "bad.yaml", code=1).stdout.splitlines()
    assert any(line.startswith("bad.yaml:5: scenes[0].duration: ") and "(out_of_range)" in line for line in lines)
    assert any(line.startswith("bad.yaml:6: warning: extra: ") and "(unknown_field)" in line for line in lines)


def test_the_same_key_is_the_same_job_and_one_charge(ana):
    first = ana("render", "short.json", "-d", "--idempotency-key", "once").stdout
    done = ana("render", "short.json", "-d", "--idempotency-key", "once")
    assert done.stdout == first and "was used before" in done.stderr
    assert ana.actor.credits == 1000 - ana.json_lines("jobs", "get", first.strip())[0]["credits_charged"]


def test_what_is_too_dear_is_refused_before_it_starts(ana):
    assert "raise --max-credits" in ana("render", "short.json", "--max-credits", 1, code=4).stderr
    assert ana("jobs", "list", "-q").stdout == ""


def test_a_job_of_a_worker_is_followed_to_its_video(ana, fake):
    fake.on("GET", "/video", file_answer(VIDEO))
    client = ana.starts("render", "short.json", "-o", "a.mp4", "--json")
    job = until(lambda: ana.only_job, "the job is listed")
    ana.world.finish(job, {"video_url": fake.url + "/video", "duration": 2})
    out, err = client.communicate(timeout=60)
    assert client.returncode == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines if line["type"] == "event"] == ["queued", "started", "completed"]
    assert (ana.folder / "a.mp4").read_bytes() == VIDEO


def test_a_killed_server_is_waited_for(start_server, fake, world, tmp_path):
    server = start_server()
    ana = Member(world, tmp_path, server)
    fake.on("GET", "/video", file_answer(VIDEO))
    client = ana.starts("render", "short.json", "-o", "a.mp4", "--json")
    job = until(lambda: ana.only_job, "the job is listed")
    for _ in range(2):
        server.kill()
        server.start()
    world.finish(job, {"video_url": fake.url + "/video", "duration": 2})
    out, err = client.communicate(timeout=60)
    assert client.returncode == 0, err
    ids = [json.loads(line)["id"] for line in out.splitlines() if '"type":"event"' in line]
    assert ids == [f"{job}:{number}" for number in range(1, len(ids) + 1)], "each event once, in order"


def test_cancel_refunds_and_retry_starts_again(ana):
    job = ana("render", "short.json", "-d").stdout.strip()
    assert "is canceled" in ana("jobs", "cancel", job).stdout
    assert "it has ended already" in ana("jobs", "cancel", job, code=4).stderr
    retried = ana("jobs", "retry", job, "-d").stdout.strip()
    assert ana.json_lines("jobs", "get", retried)[0]["parent_job_id"] == job
    assert "only a failed or canceled job" in ana("jobs", "retry", retried, code=4).stderr


def test_the_list_is_filtered_and_has_titles(ana):
    job = ana("render", "short.json", "-d").stdout.strip()
    assert job in ana("jobs", "list", "--status", "queued").stdout
    assert ana("jobs", "list", "--status", "failed", "-q").stdout == ""
    assert "status" in ana("jobs", "list", "--status", "lost", code=4).stderr


def test_a_storyboard_becomes_a_video_that_ffprobe_can_read(start_server, world, tmp_path):
    ana = Member(world, tmp_path, start_server(RENDER_PROVIDER="animatic"))
    done = ana("render", "short.json", "-r", "854x480", "--quality", "draft", "-o", "short.mp4")
    assert done.stdout.startswith("short.mp4  ")
    facts = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", tmp_path / "short.mp4"],
        capture_output=True, check=True, timeout=60).stdout)
    video = next(stream for stream in facts["streams"] if stream["codec_type"] == "video")
    assert (video["width"], video["height"]) == (854, 480)
    assert abs(float(facts["format"]["duration"]) - 2) < 0.1
