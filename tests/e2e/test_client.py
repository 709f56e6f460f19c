"""framecast against a server that misbehaves on purpose: refusals, lost connections, half downloads."""
import json
import os
import random
import signal
import ssl
import subprocess
import threading

import pytest

from client_world import (DONE, J, PROGRAM, STARTED, STORYBOARD, VIDEO, environment, plays_whole_job)
from fakes.framecast_server import (FramecastServer, broken, completed_job, error, event_log, events, file_answer, job,
                                    json_answer, silence)
from harness.check import conforms, until


@pytest.mark.parametrize("status", ["queued", "processing", "completed", "failed", "canceled"])
def test_the_fake_server_speaks_as_the_api_reference_says(status):
    conforms(job(status), "JobWithScenes")


# ------------------------------------------------------------------------------------ command line


@pytest.mark.parametrize("arguments, says", [
    ([], "usage: framecast COMMAND"),
    (["fly"], "there is no command 'fly'"),
    (["jobs"], "'jobs' wants one of list, get"),
    (["render"], "missing FILE"),
    (["render", "a", "b"], "unexpected argument b"),
    (["render", "a", "--speed"], "unknown option --speed"),
    (["render", "a", "-o"], "missing value after -o"),
    (["render", "a", "--fps", "fast"], "--fps takes a whole number from 0, not 'fast'"),
    (["jobs", "list", "--limit", "-1"], "--limit takes a whole number"),
    (["render", "absent.yaml"], "cannot read absent.yaml: No such file"),
    (["whoami", "--url", "localhost"], "must begin with http:// or https://"),
])
def test_wrong_usage_is_explained_and_exits_with_2(framecast, arguments, says):
    done = framecast(*arguments, code=2)
    assert says in done.stderr
    assert done.stdout == ""


def test_help_and_version_go_to_stdout(framecast):
    assert "render FILE" in framecast("help").stdout
    assert "--max-credits N" in framecast("help", "render").stdout
    assert framecast("render", "--help").stdout == framecast("help", "render").stdout
    assert framecast("--version").stdout.startswith("framecast 0")


def test_the_patience_must_be_a_number(framecast):
    assert "FRAMECAST_PATIENCE" in framecast("whoami", env={"FRAMECAST_PATIENCE": "soon"}, code=2).stderr


# ---------------------------------------------------------------------------------------- refusals


REFUSALS = [
    ("without a key", {"FRAMECAST_API_KEY": ""}, error(401, "MISSING_AUTHORIZATION"), 4, "set FRAMECAST_API_KEY"),
    ("with a wrong key", {}, error(401, "INVALID_API_KEY"), 4, "FRAMECAST_API_KEY holds a key that"),
    ("too few credits", {}, error(402, "INSUFFICIENT_CREDITS", details={
        "reason": "insufficient_credits", "required": 40, "available": 7}), 4, "it costs 40 credits and there are 7"),
    ("dearer than allowed", {}, error(402, "INSUFFICIENT_CREDITS", details={
        "reason": "max_credits_exceeded", "required": 40, "max_credits": 10}), 4, "raise --max-credits"),
    ("a key without the scope", {}, error(403, "AUTHORIZATION_ERROR", details={
        "reason": "missing_scope", "required_scope": "generate"}), 4, "lacks the scope 'generate'"),
    ("too many jobs", {}, error(409, "CONFLICT", details={
        "reason": "concurrency_limit", "active": 5, "limit": 5}), 4, "let a job end"),
    ("a fault of the server", {}, error(500, "INTERNAL_ERROR"), 3, "its log tells more about request r-1"),
    ("no Framecast", {}, json_answer([1], 404), 4, "is perhaps no Framecast server"),
    ("a page", {}, file_answer(b"<html>hello"), 3, "is perhaps no Framecast server"),
    ("another API", {}, json_answer(["hello"]), 3, "the server's answer is no job"),
]


@pytest.mark.parametrize("why, env, answer, code, says", REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_refusal_says_what_to_do(fake, framecast, why, env, answer, code, says):
    fake.on("POST", "/v1/generate", answer)
    done = framecast("render", "sea.yaml", env=env, code=code)
    assert says in done.stderr
    assert done.stdout == ""


def test_a_server_that_is_not_there_is_not_waited_for(framecast, fake):
    fake.stop()
    done = framecast("whoami", code=3)
    assert "cannot reach the server" in done.stderr and "is it running" in done.stderr
    fake.start()


def test_the_key_is_sent_and_never_shown(fake, framecast):
    fake.on("GET", "/v1/auth/whoami", error(401, "INVALID_API_KEY"))
    done = framecast("whoami", code=4)
    assert fake.requests("GET", "/v1/auth/whoami")[0].headers["Authorization"] == "Bearer sk_live_test"
    assert "sk_live_test" not in done.stderr


def test_a_certificate_that_nobody_vouches_for_is_refused(framecast, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-keyout", tmp_path / "key", "-out", tmp_path / "cert"], check=True, capture_output=True, timeout=60)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    secure = FramecastServer(tls=tls)
    done = framecast("whoami", "--url", secure.url.replace("127.0.0.1", "localhost"), code=3)
    secure.stop()
    assert "certificate" in done.stderr and secure.seen == []


def test_a_proxy_is_not_asked_for_this_machine(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job()))
    framecast("jobs", "get", J, env={"http_proxy": "http://127.0.0.1:1"})


def test_a_busy_server_is_asked_again_after_the_time_it_names(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", error(429, "RATE_LIMIT_EXCEEDED", Retry_After=1), json_answer(job()))
    assert J in framecast("jobs", "get", J).stdout
    assert len(fake.requests("GET", f"/v1/jobs/{J}")) == 2


def test_a_server_that_is_busy_for_too_long_is_not_waited_for(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", error(429, "RATE_LIMIT_EXCEEDED", Retry_After=3600))
    framecast("jobs", "get", J, code=4)


# ------------------------------------------------------------------------- validate and estimate


INVALID = {
    "valid": False,
    "errors": [
        {"path": "scenes[1].duration", "code": "out_of_range", "message": "Must be between 1 and 30", "value": 45},
        {"path": "title", "code": "empty", "message": "Must not be empty"},
    ],
    "warnings": [{"path": "scenes[0]", "code": "unused_scene", "message": "Never played"}],
}
WRAPPED = "options:\n  fps: 24\nspec:\n" + "".join(f"  {line}\n" for line in STORYBOARD.splitlines())
AS_JSON = json.dumps({"title": "", "scenes": [{"id": "a"}, {"id": "b", "duration": 45}]}, indent=1)


@pytest.mark.parametrize("name, text, lines", [
    ("sea.yaml", STORYBOARD, (8, 1, 3)),
    ("wrapped.yml", WRAPPED, (11, 4, 6)),
    ("sea.json", AS_JSON, (9, 2, 4)),
    ("tabs.json", AS_JSON.replace(" " * 1, "\t"), (9, 2, 4)),
    ("unnamed", AS_JSON, (9, 2, 4)),
])
def test_problems_come_with_file_and_line(fake, framecast, name, text, lines):
    (framecast.folder / name).write_text(text)
    fake.on("POST", "/v1/spec/validate", json_answer(INVALID))
    done = framecast("validate", name, code=1)
    assert done.stdout.splitlines() == [
        f"{name}:{lines[0]}: scenes[1].duration: Must be between 1 and 30 (out_of_range)",
        f"{name}:{lines[1]}: title: Must not be empty (empty)",
        f"{name}:{lines[2]}: warning: scenes[0]: Never played (unused_scene)",
    ]
    assert done.stderr == f"framecast: {name} is not valid: 2 errors\n"


def test_a_valid_storyboard_exits_with_0(fake, framecast):
    fake.on("POST", "/v1/spec/validate", json_answer({"valid": True, "errors": [], "warnings": []}))
    done = framecast("validate", "sea.yaml")
    assert (done.stdout, done.stderr) == ("", "framecast: sea.yaml is valid\n")
    assert framecast("validate", "-", stdin=STORYBOARD, env={}).stderr == "framecast: <stdin> is valid\n"
    assert framecast.json_lines("validate", "sea.yaml", "--quiet") == [{"valid": True, "errors": [], "warnings": []}]
    assert fake.requests("POST", "/v1/spec/validate")[0].json["spec"]["scenes"][1]["id"] == "storm"


@pytest.mark.parametrize("name, text, says", [
    ("bad.yaml", "title: [a\nscenes: 1\n", "bad.yaml:2: "),
    ("anchor.yaml", "title: a\nscenes: &here []\n", "anchor.yaml:2: "),
    ("bad.json", '{"title": "a",\n "scenes": [1,]}', "bad.json:2:"),
])
def test_a_syntax_error_is_found_without_the_server(fake, framecast, name, text, says):
    (framecast.folder / name).write_text(text)
    done = framecast("validate", name, code=1)
    assert says in done.stderr
    assert fake.seen == []


def test_an_estimate_is_a_table(fake, framecast):
    fake.on("POST", "/v1/spec/estimate", json_answer({
        "estimated_duration_seconds": 12.25, "estimated_credits": 64, "estimated_generation_time_seconds": 84,
        "scenes": [{"id": "calm", "duration": 5, "credits": 20}, {"id": "storm", "duration": 7.25, "credits": 44}],
        "warnings": []}))
    done = framecast("estimate", "sea.yaml", "--quality", "high")
    assert done.stdout == ("SCENE                 SECONDS  CREDITS\n"
                           "calm                        5       20\n"
                           "storm                    7.25       44\n"
                           "total                   12.25       64\n"
                           "rendering takes about 1:24\n")
    assert fake.requests("POST", "/v1/spec/estimate")[0].json["options"] == {"quality": "high"}


@pytest.mark.parametrize("command, path", [("estimate", "/v1/spec/estimate"), ("render", "/v1/generate")])
def test_what_is_not_valid_is_refused_with_its_lines(fake, framecast, command, path):
    fake.on("POST", path, error(400, "VALIDATION_ERROR", details=INVALID))
    done = framecast(command, "sea.yaml", code=1)
    assert "sea.yaml:8: scenes[1].duration: Must be between 1 and 30 (out_of_range)\n" in done.stderr
    assert done.stdout == ""


# ------------------------------------------------------------------------------------------ render


def test_a_storyboard_becomes_a_file(fake, framecast):
    plays_whole_job(fake)
    done = framecast("render", "sea.yaml")
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO
    assert done.stdout == "the-sea.mp4  10.2 kB  10.0 s  1920x1080  40 credits\n"
    assert done.stderr.splitlines() == [f"framecast: {line}" for line in (
        "queued", "started", "generating, 45 %, scene storm", "scene 1 of 2 is complete")]
    assert os.listdir(framecast.folder).sort() == ["sea.yaml", "the-sea.mp4"].sort()
    mask = os.umask(0)
    os.umask(mask)
    assert (framecast.folder / "the-sea.mp4").stat().st_mode & 0o777 == 0o666 & ~mask
    assert "Authorization" not in fake.requests("GET", "/blob")[0].headers, "a signed link needs no key"


def test_options_of_the_command_line_win_over_those_of_the_file(fake, framecast):
    (framecast.folder / "wrapped.json").write_text(json.dumps({
        "spec": {"title": "T", "scenes": []}, "options": {"fps": 60, "quality": "draft"}, "max_credits": 9,
        "owner": "framecast:user:1", "idempotency_key": "from-file"}))
    plays_whole_job(fake)
    framecast("render", "wrapped.json", "--fps", 30, "--seed", 4294967295, "-r", "854x480", "-d", "--max-credits", 50,
              "--captions", "burn")
    request = fake.requests("POST", "/v1/generate")[0]
    assert request.json == {"spec": {"title": "T", "scenes": []}, "owner": "framecast:user:1", "max_credits": 50,
                            "options": {"fps": 30, "quality": "draft", "seed": 4294967295, "resolution": "854x480",
                                        "captions": "burn"}}
    assert request.headers["Idempotency-Key"] == "from-file"


def test_each_run_has_a_key_of_its_own(fake, framecast):
    plays_whole_job(fake)
    framecast("render", "sea.yaml", "-d")
    framecast("render", "sea.yaml", "-d")
    framecast("render", "sea.yaml", "-d", "--idempotency-key", "mine")
    keys = [request.headers["Idempotency-Key"] for request in fake.requests("POST", "/v1/generate")]
    assert len(set(keys)) == 3 and keys[2] == "mine"


def test_a_request_that_broke_is_repeated_with_the_same_key(fake, framecast):
    plays_whole_job(fake)
    fake.on("POST", "/v1/generate", broken(), error(503, "SERVICE_UNAVAILABLE"),
            json_answer(job(), 200, Idempotent_Replayed="true"))
    framecast("render", "sea.yaml")
    keys = [request.headers["Idempotency-Key"] for request in fake.requests("POST", "/v1/generate")]
    assert len(keys) == 3 and len(set(keys)) == 1


def test_detached_it_prints_the_id_alone(fake, framecast):
    plays_whole_job(fake)
    done = framecast("render", "sea.yaml", "--detach")
    assert done.stdout == J + "\n"
    assert f"framecast jobs watch {J}" in done.stderr
    assert fake.requests("GET", f"/v1/jobs/{J}/events") == []


def test_quiet_says_only_where_the_video_is(fake, framecast):
    plays_whole_job(fake)
    done = framecast("render", "sea.yaml", "-q", "-o", "sea.mp4")
    assert (done.stdout, done.stderr) == ("sea.mp4\n", "")


def test_json_is_one_object_a_line(fake, framecast):
    plays_whole_job(fake)
    lines = framecast.json_lines("render", "sea.yaml")
    assert [line["type"] for line in lines] == ["job"] + ["event"] * 5 + ["result"]
    assert lines[0]["job"]["id"] == J
    assert lines[3] == {"type": "event", "job_id": J, "id": f"{J}:3", "event": "progress", "data": DONE[0][2]}
    assert lines[-1]["status"] == "completed" and lines[-1]["file"] == "the-sea.mp4"
    assert lines[-1]["size_bytes"] == len(VIDEO) and lines[-1]["credits_charged"] == 40


def test_an_existing_file_is_refused_before_anything_is_paid(fake, framecast):
    plays_whole_job(fake)
    video = framecast.folder / "the-sea.mp4"
    video.write_text("mine")
    assert "--force overwrites it" in framecast("render", "sea.yaml", code=2).stderr
    assert fake.seen == [] and video.read_text() == "mine"
    framecast("render", "sea.yaml", "--force")
    assert video.read_bytes() == VIDEO


def test_a_folder_takes_the_video_under_its_default_name(fake, framecast):
    plays_whole_job(fake)
    (framecast.folder / "out").mkdir()
    framecast("render", "sea.yaml", "-o", "out")
    assert (framecast.folder / "out" / "the-sea.mp4").read_bytes() == VIDEO
    assert "cannot write to absent" in framecast("render", "sea.yaml", "-o", "absent/a.mp4", code=2).stderr


def test_a_failed_job_exits_with_1_and_tells_why(fake, framecast):
    plays_whole_job(fake)
    failed = {"code": "render_failed", "message": "The renderer gave up", "scene_id": "storm"}
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, (3, "failed", {
        "status": "failed", "failure_type": "system", "error": failed, "credits_refunded": 30}), job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("failed", error=failed, credits_refunded=30)))
    done = framecast("render", "sea.yaml", code=1)
    assert "failed: The renderer gave up (render_failed)" in done.stderr
    assert "scene 'storm'" in done.stderr and "30 of 40 credits were refunded" in done.stderr
    assert f"framecast jobs retry {J}" in done.stderr
    assert done.stdout == "" and not (framecast.folder / "the-sea.mp4").exists()


def test_a_job_that_somebody_cancels_exits_with_1(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, (3, "canceled", {"status": "canceled"}), job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("canceled", credits_refunded=40)))
    assert "was canceled" in framecast("render", "sea.yaml", code=1).stderr


# ---------------------------------------------------------------------------------- lost streams


def last_ids(fake):
    return [request.headers.get("Last-Event-ID") for request in fake.requests("GET", f"/v1/jobs/{J}/events")]


def test_a_broken_stream_goes_on_after_the_last_event(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, job_id=J, and_then="break"), events(*DONE, job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")), json_answer(completed_job(fake.url + "/blob")))
    done = framecast("render", "sea.yaml")
    assert last_ids(fake) == [None, f"{J}:2"]
    assert done.stderr.count("started") == 1


def test_a_stream_that_ends_by_itself_is_opened_again(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, job_id=J), events(job_id=J), events(*DONE, job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")), json_answer(job("processing")),
            json_answer(completed_job(fake.url + "/blob")))
    framecast("render", "sea.yaml")
    assert last_ids(fake) == [None, f"{J}:2", f"{J}:2"]


def test_expired_events_are_made_up_for_by_the_job_itself(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, job_id=J),
            error(410, "GONE", details={"status": "processing", "oldest_sequence": 3}), events(*DONE, job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")), json_answer(job("processing")),
            json_answer(completed_job(fake.url + "/blob")))
    framecast("render", "sea.yaml")
    assert last_ids(fake) == [None, f"{J}:2", None]


def test_a_job_that_ended_while_the_stream_was_away_is_concluded(fake, framecast):
    plays_whole_job(fake, events(*STARTED, job_id=J, and_then="break"))
    framecast("render", "sea.yaml")
    assert len(last_ids(fake)) == 1
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO


def test_a_deleted_job_ends_the_watching(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, job_id=J), error(404, "NOT_FOUND", "Not found: Job"))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")))
    assert "Not found: Job" in framecast("render", "sea.yaml", code=4).stderr


@pytest.mark.parametrize("seed", range(4))
def test_however_a_stream_is_cut_each_event_comes_once_and_in_order(fake, framecast, seed):
    dice = random.Random(seed)
    rows = STARTED + [(n, "progress", {"phase": "generating", "percent": n}) for n in range(3, 60)]
    rows.append((60, "completed", {"status": "completed"}))
    fake.on("POST", "/v1/generate", json_answer(job(), 201))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")))
    fake.on("GET", f"/v1/jobs/{J}/events", event_log(
        rows, J, [dice.randrange(20, 2000) for _ in range(6)],
        lambda: fake.on("GET", f"/v1/jobs/{J}", json_answer(completed_job(fake.url + "/blob")))))
    fake.on("GET", "/blob", file_answer(VIDEO))
    lines = framecast.json_lines("render", "sea.yaml")
    assert [line["id"] for line in lines if line["type"] == "event"] == [f"{J}:{n}" for n in range(1, 61)]


def test_too_many_streams_are_waited_for(fake, framecast):
    plays_whole_job(fake, error(429, "RATE_LIMIT_EXCEEDED", Retry_After=1))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("queued")), json_answer(completed_job(fake.url + "/blob")))
    framecast("render", "sea.yaml")


def start(framecast, *arguments, **env):
    return subprocess.Popen([PROGRAM, *arguments], cwd=framecast.folder, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(framecast.url, **env))


def until_line(stream, text):
    for line in stream:
        if text in line:
            return
    raise AssertionError(f"ended without {text!r}")


def test_a_restarted_server_is_found_again(fake, framecast):
    plays_whole_job(fake, events(*STARTED, job_id=J, and_then="hold"))
    client = start(framecast, "render", "sea.yaml")
    until_line(client.stderr, "started")
    fake.stop()
    until_line(client.stderr, "trying again")
    fake.start()
    out, err = client.communicate(timeout=60)
    assert client.returncode == 0, err
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO


def test_a_server_that_stays_away_is_given_up_after_the_patience(fake, framecast):
    plays_whole_job(fake, events(*STARTED, job_id=J, and_then="hold"))
    client = start(framecast, "render", "sea.yaml", FRAMECAST_PATIENCE="1")
    until_line(client.stderr, "started")
    fake.stop()
    out, err = client.communicate(timeout=60)
    assert client.returncode == 3
    assert "cannot reach the server" in err and f"framecast jobs watch {J}" in err
    fake.start()


def test_without_a_reader_of_its_json_it_leaves_the_job_alone(fake, framecast):
    go_on = threading.Event()
    fake.on("POST", "/v1/generate", json_answer(job(), 201))
    fake.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, job_id=J, and_then="hold", hold=go_on),
            events(DONE[0], job_id=J, and_then="hold"))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")))
    client = start(framecast, "render", "sea.yaml", "--json")
    until_line(client.stdout, '"started"')
    client.stdout.close()
    go_on.set()
    assert client.wait(30) == 2
    client.stderr.close()


def test_an_interrupted_request_tells_how_to_find_its_job(fake, framecast):
    fake.on("POST", "/v1/generate", silence())
    client = start(framecast, "render", "sea.yaml", "--idempotency-key", "mine")
    until(lambda: fake.requests("POST", "/v1/generate"), "the request arrives")
    client.send_signal(signal.SIGINT)
    out, err = client.communicate(timeout=30)
    assert client.returncode == 130 and "--idempotency-key mine" in err


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_without_a_terminal_a_signal_leaves_the_job_alone(fake, framecast, number, code):
    plays_whole_job(fake, events(*STARTED, job_id=J, and_then="hold"))
    client = start(framecast, "render", "sea.yaml")
    until_line(client.stderr, "started")
    client.send_signal(number)
    out, err = client.communicate(timeout=30)
    assert client.returncode == code
    assert f"framecast jobs watch {J}" in err
    assert fake.requests("POST", f"/v1/jobs/{J}/cancel") == []


# -------------------------------------------------------------------------------------- downloads


def downloads(fake, framecast, *answers, code=0):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(completed_job(fake.url + "/blob")))
    fake.on("GET", "/blob", *answers)
    return framecast("jobs", "download", J, code=code)


def test_a_broken_download_goes_on_where_it_was(fake, framecast):
    done = downloads(fake, framecast, file_answer(VIDEO, break_after=4000), file_answer(VIDEO))
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO
    assert [request.headers["Range"] for request in fake.requests("GET", "/blob")] == [None, "bytes=4000-"]
    assert "trying again" in done.stderr


def test_a_server_without_ranges_sends_it_all_again(fake, framecast):
    downloads(fake, framecast, file_answer(VIDEO, break_after=4000), file_answer(VIDEO, ranges=False))
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO


def test_a_video_that_changed_meanwhile_is_not_pieced_together(fake, framecast):
    other = VIDEO[::-1]
    downloads(fake, framecast, file_answer(VIDEO, break_after=4000), file_answer(other, etag='"two"'))
    assert (framecast.folder / "the-sea.mp4").read_bytes() == other


def test_an_expired_link_is_renewed(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(completed_job(fake.url + "/old")),
            json_answer(completed_job(fake.url + "/old")), json_answer(completed_job(fake.url + "/new")))
    fake.on("GET", "/old", error(403, "AUTHORIZATION_ERROR"))
    fake.on("GET", "/new", file_answer(VIDEO))
    framecast("jobs", "download", J)
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO


def test_a_download_that_fails_leaves_no_half_file(fake, framecast):
    done = downloads(fake, framecast, error(403, "AUTHORIZATION_ERROR"), code=4)
    assert "its link answers with status 403" in done.stderr
    assert os.listdir(framecast.folder) == ["sea.yaml"]


def test_an_output_without_a_video_is_no_file(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("completed", output={"note": "elsewhere"})))
    assert "no link to a video" in framecast("jobs", "download", J, code=1).stderr


# ------------------------------------------------------------------------------------------- jobs


def test_jobs_are_listed_page_by_page(fake, framecast):
    pages = [[job(id=f"{page}{i:03}", title="A\x1b[2Jb") for i in range(100)] for page in range(2)]
    fake.on("GET", "/v1/jobs", json_answer(pages[0], X_Next_Cursor="c+1"), json_answer(pages[1], X_Next_Cursor="c2"))
    done = framecast("jobs", "list", "-n", 150, "--status", "queued")
    assert len(done.stdout.splitlines()) == 151
    assert "\x1b" not in done.stdout, "a title cannot steer the terminal"
    assert [request.query for request in fake.requests("GET", "/v1/jobs")] == [
        "limit=100&status=queued", "limit=50&status=queued&cursor=c%2B1"]


def test_a_job_is_shown_with_its_scenes(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing", done=1)))
    out = framecast("jobs", "get", J).stdout
    assert "calm                  completed   100%        1\n" in out
    assert framecast.json_lines("jobs", "get", J)[0]["id"] == J


def test_cancelling_tells_the_refund(fake, framecast):
    fake.on("POST", f"/v1/jobs/{J}/cancel", json_answer(job("canceled", credits_refunded=38)),
            error(409, "CONFLICT", details={"reason": "job_is_terminal", "job_id": J, "status": "canceled"}))
    assert "38 of 40 credits were refunded" in framecast("jobs", "cancel", J).stdout
    assert "it has ended already" in framecast("jobs", "cancel", J, code=4).stderr


def test_a_retry_is_followed_like_a_new_job(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", "/v1/jobs/old", json_answer(job("failed", id="old")))
    fake.on("POST", "/v1/jobs/old/retry", json_answer(job(), 201))
    framecast("jobs", "retry", "old", "--max-credits", 25)
    request = fake.requests("POST", "/v1/jobs/old/retry")[0]
    assert request.json == {"max_credits": 25} and request.headers["Idempotency-Key"]
    assert (framecast.folder / "the-sea.mp4").read_bytes() == VIDEO


def test_watching_downloads_only_when_asked(fake, framecast):
    plays_whole_job(fake)
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job()), json_answer(completed_job(fake.url + "/blob")))
    assert framecast("jobs", "watch", J).stdout == f"{J} is completed\n"
    assert fake.requests("GET", "/blob") == []
    framecast("jobs", "watch", J, "-o", "a.mp4")
    assert (framecast.folder / "a.mp4").read_bytes() == VIDEO


def test_an_unfinished_job_cannot_be_downloaded(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing")))
    assert "is still processing" in framecast("jobs", "download", J, code=1).stderr


def test_whoami_shows_account_and_key(fake, framecast):
    fake.on("GET", "/v1/auth/whoami", json_answer({
        "auth_method": "api_key",
        "user": {"id": "u", "email": "ana@example.com", "name": None, "tier": "creator", "credits": 960},
        "api_key": {"id": "k", "name": "CI", "scopes": ["generate", "jobs:read"], "expires_at": None}}))
    out = framecast("whoami").stdout
    assert "ana@example.com" in out and "960" in out and "CI (generate, jobs:read), expires never" in out


def test_a_closed_stdout_is_no_success(fake, framecast):
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job()))
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "jobs", "get", J], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30,
                              env=environment(fake.url))
    assert done.returncode == 2 and "cannot write to stdout" in done.stderr
