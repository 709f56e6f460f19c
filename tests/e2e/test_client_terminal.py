"""framecast at a terminal: the picture of a job, and Ctrl-C."""
import threading
import time

import pytest

from client_world import DONE, J, PROGRAM, STARTED, VIDEO, environment
from fakes.framecast_server import completed_job, events, file_answer, job, json_answer
from fakes.screen import Terminal


@pytest.fixture
def held(fake):
    """A job that stands at 45 % until the test lets it go on."""
    go_on = threading.Event()
    fake.on("POST", "/v1/generate", json_answer(job(), 201))
    fake.on("GET", f"/v1/jobs/{J}/events",
            events(*STARTED, DONE[0], job_id=J, and_then="hold", hold=go_on), events(*DONE[1:], job_id=J))
    fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing", done=1)))
    fake.on("GET", "/blob", file_answer(VIDEO))
    fake.on("POST", f"/v1/jobs/{J}/cancel", json_answer(job("canceled", credits_refunded=22)))

    def finish():
        fake.on("GET", f"/v1/jobs/{J}", json_answer(job("processing", done=1)),
                json_answer(completed_job(fake.url + "/blob")))
        go_on.set()

    fake.finish = finish
    return fake


@pytest.fixture
def render(framecast):
    """render(TERM="xterm", columns=80): the program at work, at a terminal."""
    def start(*arguments, columns=80, rows=24, **env):
        env = {**environment(framecast.url), "TERM": "xterm", **env}
        return Terminal([PROGRAM, "render", "sea.yaml", *arguments], env, columns, rows, cwd=framecast.folder)
    return start


def test_each_scene_and_the_whole_have_a_bar(held, render):
    with render() as terminal:
        terminal.wait_for("calm   ████████████████████████████████ 100%  done")
        terminal.wait_for("storm  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0%  waiting")
        terminal.wait_for("all    ██████████████▍░░░░░░░░░░░░░░░░░  45%  generating")
        held.finish()
        assert terminal.wait() == 0
        assert terminal.stdout == "the-sea.mp4  10.2 kB  10.0 s  1920x1080  40 credits\n"


def test_the_picture_is_redrawn_in_place_and_stays_when_it_is_done(held, render):
    with render() as terminal:
        terminal.wait_for("generating")
        held.finish()
        assert terminal.wait() == 0
        lines = terminal.screen.text.strip().splitlines()
        assert [line.split()[0] for line in lines] == ["The", "calm", "storm", "all"], terminal.screen.text
        assert all("100%" in line for line in lines[1:])
        assert "\x1b[4A" in terminal.raw


def test_no_colour_means_none(held, render):
    with render(NO_COLOR="1") as terminal:
        terminal.wait_for("generating")
        held.finish()
        assert terminal.wait() == 0
        assert terminal.screen.colours == set()
    with render("--force") as terminal:
        assert terminal.wait() == 0
        assert "32" in terminal.screen.colours


def test_without_utf8_the_bars_are_ascii(held, render):
    with render(LC_ALL="C") as terminal:
        terminal.wait_for("all    ##############------------------  45%")
        held.finish()
        assert terminal.wait() == 0


@pytest.mark.parametrize("columns", [20, 40, 60, 200])
def test_no_line_is_wider_than_the_window(held, render, columns):
    with render(columns=columns) as terminal:
        terminal.wait_for("45%")
        assert max(map(len, terminal.screen.lines)) < columns
        held.finish()
        assert terminal.wait() == 0


def test_many_scenes_show_the_part_that_moves(held, framecast, render):
    scenes = [f"s{i:02}" for i in range(50)]
    held.on("GET", f"/v1/jobs/{J}", json_answer(job("processing", scenes=scenes, done=30)))
    with render(rows=16) as terminal:
        terminal.wait_for("s30")
        terminal.wait_for("before")
        terminal.wait_for("after")
        assert len(terminal.screen.lines) <= 16


def test_a_dumb_terminal_gets_plain_lines(held, render):
    with render(TERM="dumb") as terminal:
        terminal.wait_for("framecast: generating, 45 %, scene storm")
        held.finish()
        assert terminal.wait() == 0
        assert "\x1b" not in terminal.raw


def test_a_title_cannot_steer_the_terminal(held, render):
    held.on("POST", "/v1/generate", json_answer(job(title="A\x1b[2J\x07b 海"), 201))
    held.on("GET", f"/v1/jobs/{J}", json_answer(job("processing", title="A\x1b[2J\x07b 海")))
    with render() as terminal:
        terminal.wait_for("A?[2J?b 海")
        assert "\x1b[2J" not in terminal.raw and "\x07" not in terminal.raw


@pytest.mark.parametrize("answer, is_canceled", [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False)])
def test_ctrl_c_asks_once_whether_to_cancel_the_job(held, render, answer, is_canceled):
    with render() as terminal:
        terminal.wait_for("generating")
        terminal.type("\x03")
        terminal.wait_for("Cancel the remote job too? [y/N]")
        terminal.type(answer)
        assert terminal.wait() == 130
        if is_canceled:
            assert "is canceled; 22 of 40 credits were refunded" in terminal.screen.text
        else:
            assert f"framecast jobs watch {J}" in terminal.screen.text.replace("\n", "")
        assert len(held.requests("POST", f"/v1/jobs/{J}/cancel")) == is_canceled


def test_a_second_ctrl_c_leaves_at_once(held, render):
    with render() as terminal:
        terminal.wait_for("generating")
        terminal.type("\x03")
        terminal.wait_for("[y/N]")
        terminal.type("\x03")
        assert terminal.wait(5) == 130
        assert held.requests("POST", f"/v1/jobs/{J}/cancel") == []


def test_a_lost_connection_is_shown_until_it_is_back(held, render):
    with render() as terminal:
        terminal.wait_for("generating")
        held.stop()
        terminal.wait_for("trying again")
        held.on("GET", f"/v1/jobs/{J}/events", events(*DONE[1:], job_id=J))
        held.on("GET", f"/v1/jobs/{J}", json_answer(job("processing", done=1)),
                json_answer(completed_job(held.url + "/blob")))
        held.start()
        assert terminal.wait(60) == 0
        assert "trying again" not in terminal.screen.text


def test_the_scenes_are_read_again_at_most_once_a_second(held, render):
    many = [(n, "progress", {"phase": "generating", "percent": n / 10}) for n in range(3, 300)]
    held.on("GET", f"/v1/jobs/{J}/events", events(*STARTED, *many, job_id=J, and_then="hold"))
    began = time.monotonic()
    with render() as terminal:
        terminal.wait_for(" 30%")
        elapsed = time.monotonic() - began
        assert len(held.requests("GET", f"/v1/jobs/{J}")) <= elapsed + 2
