"""What a film sounds like, and what can be read in it."""
import json
import subprocess
import uuid

import pytest

from film_world import ends, film_of
from harness import SMALL, scene, storyboard
from harness.captions import Wrong, read_srt, read_vtt
from harness.film import download, heard, loudness_of
from harness.world import World

LONG = ("When the curtain rises tonight, nobody in this house will know which of us two is the one who wrote the "
        "letter, not even the one who reads it aloud.")


@pytest.fixture
def server(films):
    return films


def voice(world, actor):
    """An uploaded sample, which makes a symbol a speaker. The embedded renderer does not listen to it."""
    id = str(uuid.uuid4())
    world.insert("artifacts", id=id, owner=actor.urn, created_by=actor.id, kind="audio", status="ready", filename="x.mp3",
                 s3_key=f"k/{id}", content_type="audio/mpeg", size_bytes=5)
    return {"asset_id": id}


def play(world, actor, **more):
    """Two scenes of three seconds, music and ambience below, two speakers."""
    lines = [{"speaker": "ana", "text": "Good evening, & welcome to <the show>!"},
             {"speaker": "bob", "text": "Thank you. -->", "start": 1.8}]
    return storyboard(
        symbols={"ana": {"prompt": "an old woman", "voice": voice(world, actor)},
                 "bob": {"prompt": "a boy", "voice": voice(world, actor)}},
        global_audio={"ambient": {"asset_id": "asset_ambient_theater", "volume": 0.3, "loop": True}},
        scenes=[scene("a", 3, audio={"dialogue": lines, "music": {"asset_id": "asset_music_playful", "volume": 0.8},
                                     "sfx": [{"asset_id": "asset_sfx_applause", "start": 2}]}),
                scene("b", 3, audio={"dialogue": [{"text": LONG, "start": 0.25}]})],
        transitions={"default": {"type": "fade", "audio": {"asset_id": "asset_transition_swoosh"}}}, **more)


@pytest.fixture(scope="module")
def shown(films, tmp_path_factory):
    """The play as a film, once for all tests of it: (job, film, folder)."""
    world = World(films)
    actor = world.creator("director", credits=5000)
    folder = tmp_path_factory.mktemp("play")
    job = ends(actor, actor.generates(play(world, actor), options=SMALL)["id"])
    yield job, film_of(job, folder), folder
    world.close()


def captions_of(job, folder):
    return [download(job["output"]["captions"][f"{kind}_url"], folder / f"captions.{kind}") for kind in ("srt", "vtt")]


def packets(path):
    """What ffmpeg's own parser reads: (start, duration) of each caption."""
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "json", path],
                          capture_output=True, text=True, check=True)
    return [(round(float(one["pts_time"]), 3), round(float(one["duration_time"]), 3))
            for one in json.loads(done.stdout)["packets"]]


def test_a_film_has_the_loudness_of_all_others_and_no_peak_above_its_ceiling(shown):
    _, film, _ = shown
    lufs, peak = loudness_of(film.path)
    assert lufs == pytest.approx(-16, abs=0.5)
    assert peak < -1.5


def test_captions_are_valid_and_both_formats_say_the_same(shown):
    job, _, folder = shown
    srt, vtt = captions_of(job, folder)
    cues = read_vtt(vtt.read_bytes())
    assert cues == read_srt(srt.read_bytes())
    assert [" ".join(cue.rows) for cue in cues] == ["Good evening, & welcome to <the show>!", "Thank you. -->", LONG]
    for path in (srt, vtt):
        assert packets(path) == [(round(cue.start, 3), round(cue.end - cue.start, 3)) for cue in cues]


def test_captions_are_timed_within_their_scenes_and_can_be_read(shown):
    job, _, folder = shown
    first, second, third = read_vtt(captions_of(job, folder)[1].read_bytes())
    assert (first.start, first.end) == (0, 1.8)  # 38 letters take longer, but the next line begins
    assert (second.start, second.end) == (1.8, 2.8)  # a second at least
    assert (third.start, third.end) == (3.25, 6)  # the scene is over
    assert all(len(row) <= 42 for cue in (first, second, third) for row in cue.rows)


def test_dialogue_is_spoken_from_the_start_of_its_line(ana, tmp_path):
    spec = storyboard(scenes=[scene("a", 3, audio={"dialogue": [{"text": "And so it begins.", "start": 1}]})])
    film = film_of(ends(ana, ana.generates(spec, options=SMALL)["id"]), tmp_path)
    assert heard(film.path, 0, 0.9) < 0.001 < 0.02 < heard(film.path, 1.1, 1.8)


@pytest.mark.parametrize("resolution", ["854x480", "480x854", "720x720"])
def test_burnt_captions_are_part_of_the_picture(world, ana, tmp_path, resolution):
    spec = storyboard(scenes=[scene("a", 2, audio={"dialogue": [{"text": LONG, "start": 0.5}]})])
    options = {**SMALL, "resolution": resolution}
    plain = film_of(ends(ana, ana.generates(spec, options=options)["id"]), tmp_path).pictures()
    burnt = film_of(ends(ana, ana.generates(spec, options={**options, "captions": "burn"})["id"]), tmp_path)
    pictures = burnt.pictures()
    assert burnt.size == resolution and len(pictures) == len(plain) == 48
    assert all(a != b for a, b in zip(pictures[12:47], plain[12:47]))


def test_a_film_without_sounds_has_a_silent_track(ana, tmp_path):
    film = film_of(ends(ana, ana.generates(storyboard(1), options=SMALL)["id"]), tmp_path)
    assert film.audio["codec_name"] == "aac" and heard(film.path, 0, 1) == 0


@pytest.mark.parametrize("text, what", [
    ("WEBVTT\n00:00.000 --> 00:01.000\nx\n", "no empty line"), ("00:00.000 --> 00:01.000\nx\n", "no signature"),
    ("WEBVTT\n\n00:00.000 -> 00:01.000\nx\n", "no timing"), ("WEBVTT\n\n00:01.000 --> 00:01.000\nx\n", "ends before"),
    ("WEBVTT\n\n00:00.000 --> 00:01.000\na < b\n", "no tag"), ("WEBVTT\n\n00:00.000 --> 00:01.000\na & b\n", "no escape"),
    ("WEBVTT\n\n00:00.000 --> 00:01.000\na --> b\n", "an arrow"), ("WEBVTT\n\n00:00.000 --> 00:01.000\n\nx\n", "without text"),
    ("WEBVTT\n\n00:02.000 --> 00:03.000\nx\n\n00:00.000 --> 00:01.000\ny\n", "begins before"),
])
def test_the_judge_of_captions_is_strict(text, what):
    with pytest.raises(Wrong, match=what):
        read_vtt(text.encode())
