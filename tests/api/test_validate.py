"""POST /v1/spec/validate: every code, with its path and what stands beside it."""
import copy
import json

import pytest

from harness import WELCOME, expect, scene, storyboard
from harness.world import World

TYPES = ["cut", "fade", "dissolve", "wipe", "blur", "zoom", "flash", "glitch", "custom"]
NAMED = [type for type in TYPES if type != "custom"]
BIG = 10**9


@pytest.fixture(scope="module")
def ana(server):
    world = World(server)
    yield world.creator()
    world.close()


def validate(actor, spec, **envelope):
    return expect(actor.post("/v1/spec/validate", {"spec": spec, **envelope}), 200)


def without_message(found):
    return [{name: value for name, value in one.items() if name != "message"} for one in found]


def error(path, code, **more):
    return {"path": path, "code": code, **more}


def with_scene(**members):
    return storyboard(scenes=[{**scene("a"), **members}])


def with_audio(**audio):
    return with_scene(audio=audio)


def with_symbol(key="hero", **members):
    return storyboard(scenes=[scene("a", prompt=f"@{key} walks")], symbols={key: {"prompt": "x", **members}})


def with_transition(definition):
    return storyboard(5, 5, transitions={"s0->s1": definition})


def with_timeline(*elements):
    return storyboard(5, 5, timeline=list(elements))


WRONG = [
    # ------------------------------------------------------------------------------------ root
    ("a list", [], [error("$", "wrong_type", valid_values=["object"])]),
    ("text", "x", [error("$", "wrong_type", value="x", valid_values=["object"])]),
    ("a number", 5, [error("$", "wrong_type", value=5, valid_values=["object"])]),
    ("nothing", {}, [error("title", "required", value=None), error("scenes", "required", value=None)]),
    ("null members", {"title": None, "scenes": None},
     [error("title", "required", value=None), error("scenes", "required", value=None)]),
    ("an empty title", storyboard(title=""), [error("title", "empty", value="", limit=1)]),
    ("a blank title", storyboard(title=" \t\n"), [error("title", "empty", value=" \t\n", limit=1)]),
    ("a long title", storyboard(title="ä" * 201), [error("title", "too_long", value=201, limit=200)]),
    ("a numeric title", storyboard(title=5), [error("title", "wrong_type", value=5, valid_values=["string"])]),
    ("a title list", storyboard(title=["x"]), [error("title", "wrong_type", valid_values=["string"])]),
    ("no scenes", storyboard(scenes=[]), [error("scenes", "empty", value=0, limit=1)]),
    ("a scenes object", storyboard(scenes={}), [error("scenes", "wrong_type", valid_values=["array"])]),
    ("51 scenes", storyboard(*[1] * 51), [error("scenes", "too_many", value=51, limit=50)]),
    ("301 seconds", storyboard(*[30] * 10, 1), [error("scenes", "total_duration", value=301, limit=300)]),
    ("300.001 seconds", storyboard(*[30] * 9, 29, 1.001),
     [error("scenes", "total_duration", value=300.001, limit=300)]),
    ("a list as global_prompt", storyboard(global_prompt=[]),
     [error("global_prompt", "wrong_type", valid_values=["object"])]),
    ("a long positive prompt", storyboard(global_prompt={"positive": "x" * 2001, "negative": 5}),
     [error("global_prompt.positive", "too_long", value=2001, limit=2000),
      error("global_prompt.negative", "wrong_type", value=5, valid_values=["string"])]),
    # ---------------------------------------------------------------------------------- scenes
    ("a scene that is text", storyboard(scenes=["x"]),
     [error("scenes[0]", "wrong_type", value="x", valid_values=["object"])]),
    ("a null scene", storyboard(scenes=[None]), {("scenes[0]", "wrong_type")}),
    ("an empty scene", storyboard(scenes=[{}]), [error(f"scenes[0].{name}", "required", value=None)
                                                for name in ("id", "prompt", "duration")]),
    ("an id with a blank", with_scene(id="a b"), [error("scenes[0].id", "invalid_format", value="a b")]),
    ("an id with an arrow", with_scene(id="a->b"), [error("scenes[0].id", "invalid_format", value="a->b")]),
    ("an id of 65 characters", with_scene(id="x" * 65), [error("scenes[0].id", "invalid_format", value="x" * 65)]),
    ("a numeric id", with_scene(id=7), [error("scenes[0].id", "wrong_type", value=7, valid_values=["string"])]),
    ("an id twice", storyboard(scenes=[scene("a"), scene("b"), scene("a")]),
     [error("scenes[2].id", "duplicate", value="a")]),
    ("a blank prompt", with_scene(prompt="  "), [error("scenes[0].prompt", "empty", value="  ", limit=1)]),
    ("a long prompt", with_scene(prompt="😀" * 2001), [error("scenes[0].prompt", "too_long", value=2001, limit=2000)]),
    ("a short scene", with_scene(duration=0.999), [error("scenes[0].duration", "out_of_range", value=0.999, limit=1)]),
    ("a long scene", with_scene(duration=30.001),
     [error("scenes[0].duration", "out_of_range", value=30.001, limit=30)]),
    ("a negative scene", with_scene(duration=-5), [error("scenes[0].duration", "out_of_range", value=-5, limit=1)]),
    ("a huge scene", with_scene(duration=BIG), {("scenes", "total_duration"), ("scenes[0].duration", "out_of_range")}),
    ("a duration in words", with_scene(duration="5"),
     [error("scenes[0].duration", "wrong_type", value="5", valid_values=["number"])]),
    ("a true duration", with_scene(duration=True),
     [error("scenes[0].duration", "wrong_type", value=True, valid_values=["number"])]),
    ("an order in words", with_scene(order="1"),
     [error("scenes[0].order", "wrong_type", value="1", valid_values=["number"])]),
    ("an unknown symbol", with_scene(prompt="@hero and @villain meet @hero, @x"),
     [error("scenes[0].prompt", "unknown_symbol", value=name, valid_values=[]) for name in ("hero", "villain", "x")]),
    ("the longest run counts", storyboard(scenes=[scene("a", prompt="@heroes, @hero's")],
                                          symbols={"hero": {"prompt": "x"}}),
     [error("scenes[0].prompt", "unknown_symbol", value="heroes", valid_values=["hero"])]),
    ("an address is a reference", with_scene(prompt="mail ana@example.com"),
     [error("scenes[0].prompt", "unknown_symbol", value="example", valid_values=[])]),
    # --------------------------------------------------------------------------------- symbols
    ("21 symbols", storyboard(symbols={f"s{i}": {"prompt": "x"} for i in range(21)}),
     [error("symbols", "too_many", value=21, limit=20)]),
    ("a list of symbols", storyboard(symbols=[]), [error("symbols", "wrong_type", valid_values=["object"])]),
    ("a symbol in words", storyboard(symbols={"hero": "x"}),
     [error("symbols.hero", "wrong_type", value="x", valid_values=["object"])]),
    ("a symbol without prompt", storyboard(scenes=[scene("a", prompt="@hero")], symbols={"hero": {}}),
     [error("symbols.hero.prompt", "required", value=None)]),
    ("an empty key", storyboard(symbols={"": {"prompt": "x"}}), [error('symbols[""]', "empty", value="", limit=1)]),
    ("a long key", storyboard(symbols={"x" * 65: {"prompt": "x"}}),
     [error(f"symbols.{'x' * 65}", "too_long", value=65, limit=64)]),
    ("a blank symbol prompt", with_symbol(prompt=" "), [error("symbols.hero.prompt", "empty", value=" ", limit=1)]),
    ("long symbol texts", with_symbol(prompt="x" * 1001, negative="x" * 1001),
     [error("symbols.hero.prompt", "too_long", value=1001, limit=1000),
      error("symbols.hero.negative", "too_long", value=1001, limit=1000)]),
    ("a key that needs quotes", storyboard(symbols={"old man": {"prompt": ""}}),
     [error('symbols["old man"].prompt', "empty", value="", limit=1)]),
    ("a key that needs escapes", storyboard(symbols={'a"b\\c': {"prompt": ""}}),
     [error('symbols["a\\"b\\\\c"].prompt', "empty", value="", limit=1)]),
    ("11 images", with_symbol(reference_images=[{"id": "asset_x"}] * 11),
     [error("symbols.hero.reference_images", "too_many", value=11, limit=10)] ),
    ("an image without id", with_symbol(reference_images=[{}]),
     [error("symbols.hero.reference_images[0].id", "required", value=None)]),
    ("an image's weight", with_symbol(reference_images=[{"id": "3f0e1d2c-4b5a-4697-8877-66554433221f", "weight": 2}]),
     [error("symbols.hero.reference_images[0].weight", "out_of_range", value=2, limit=1),
      error("symbols.hero.reference_images[0].id", "asset_not_found", value="3f0e1d2c-4b5a-4697-8877-66554433221f")]),
    ("a voice without asset", with_symbol(voice={}),
     [error("symbols.hero.voice.asset_id", "required", value=None)]),
    # ----------------------------------------------------------------------------------- audio
    ("audio in words", with_scene(audio="loud"),
     [error("scenes[0].audio", "wrong_type", value="loud", valid_values=["object"])]),
    ("music without asset", with_audio(music={}), [error("scenes[0].audio.music.asset_id", "required", value=None)]),
    ("volumes", with_audio(music={"asset_id": "asset_music_tense", "volume": 1.01},
                           ambient={"asset_id": "asset_ambient_city", "volume": -0.1}),
     {("scenes[0].audio.music.volume", "out_of_range"), ("scenes[0].audio.ambient.volume", "out_of_range")}),
    ("fades and loop", with_audio(music={"asset_id": "asset_music_tense", "fade_in": -1, "fade_out": "2", "loop": 1}),
     [error("scenes[0].audio.music.fade_in", "out_of_range", value=-1, limit=0),
      error("scenes[0].audio.music.fade_out", "wrong_type", value="2", valid_values=["number"]),
      error("scenes[0].audio.music.loop", "wrong_type", value=1, valid_values=["boolean"])]),
    ("11 sounds", with_audio(sfx=[{"asset_id": "asset_sfx_pop"}] * 11),
     [error("scenes[0].audio.sfx", "too_many", value=11, limit=10)]),
    ("a sound's members", with_audio(sfx=[{"trigger": "x" * 501, "start": -1, "volume": 5}]),
     [error("scenes[0].audio.sfx[0].asset_id", "required", value=None),
      error("scenes[0].audio.sfx[0].trigger", "too_long", value=501, limit=500),
      error("scenes[0].audio.sfx[0].start", "out_of_range", value=-1, limit=0),
      error("scenes[0].audio.sfx[0].volume", "out_of_range", value=5, limit=1)]),
    ("6 lines of dialogue", with_audio(dialogue=[{"text": "x"}] * 6),
     [error("scenes[0].audio.dialogue", "too_many", value=6, limit=5)]),
    ("a line without text", with_audio(dialogue=[{}]),
     [error("scenes[0].audio.dialogue[0].text", "required", value=None)]),
    ("a long line", with_audio(dialogue=[{"text": "x" * 501}]),
     [error("scenes[0].audio.dialogue[0].text", "too_long", value=501, limit=500)]),
    ("an unknown speaker", with_audio(dialogue=[{"text": "x", "speaker": "bob"}]),
     [error("scenes[0].audio.dialogue[0].speaker", "unknown_speaker", value="bob", valid_values=[])]),
    ("a mute speaker", storyboard(symbols={"bob": {"prompt": "x"}}, scenes=[scene("a", audio={
        "dialogue": [{"text": "x", "speaker": "bob"}]})]),
     [error("scenes[0].audio.dialogue[0].speaker", "speaker_without_voice", value="bob", valid_values=[])]),
    # ------------------------------------------------------------------------------ transitions
    ("a strange key", storyboard(transitions={"a to b": "cut"}),
     [error('transitions["a to b"]', "invalid_transition_key", value="a to b")]),
    ("unknown scenes in a key", storyboard(transitions={"x->y": "cut"}),
     [error('transitions["x->y"]', "unknown_scene", value=name, valid_values=["s0"]) for name in ("x", "y")]),
    ("an unknown preset", storyboard(transitions={"default": "swoosh"}),
     [error("transitions.default", "unknown_transition", value="swoosh", valid_values=NAMED)]),
    ("the type custom by name", storyboard(transitions={"default": "custom"}),
     [error("transitions.default", "unknown_transition", value="custom", valid_values=NAMED)]),
    ("a transition that is a number", storyboard(transitions={"default": 5}),
     [error("transitions.default", "wrong_type", value=5, valid_values=["string", "object"])]),
    ("a transition without type", with_transition({}),
     [error('transitions["s0->s1"].type', "required", value=None)]),
    ("an unknown type", with_transition({"type": "warp"}),
     [error('transitions["s0->s1"].type', "invalid_value", value="warp", valid_values=TYPES)]),
    ("a long transition", with_transition({"type": "fade", "duration": 10.5}),
     [error('transitions["s0->s1"].duration', "out_of_range", value=10.5, limit=10)]),
    ("transition members", with_transition({"type": "fade", "params": [], "effects": [{}, {"name": "", "from": "x"}],
                                            "audio": {"volume": 2}}),
     [error('transitions["s0->s1"].params', "wrong_type", valid_values=["object"]),
      error('transitions["s0->s1"].effects[0].name', "required", value=None),
      error('transitions["s0->s1"].effects[1].name', "empty", value="", limit=1),
      error('transitions["s0->s1"].effects[1].from', "wrong_type", value="x", valid_values=["number"]),
      error('transitions["s0->s1"].audio.volume', "out_of_range", value=2, limit=1)]),
    ("21 effects", with_transition({"type": "custom", "effects": [{"name": "x"}] * 21}),
     [error('transitions["s0->s1"].effects', "too_many", value=21, limit=20)]),
    ("21 presets", storyboard(transition_presets={f"p{i}": {"type": "cut"} for i in range(21)}),
     [error("transition_presets", "too_many", value=21, limit=20)]),
    ("a preset without type", storyboard(transition_presets={"p": {}}),
     [error("transition_presets.p.type", "required", value=None)]),
    # --------------------------------------------------------------------------------- timeline
    ("a timeline object", storyboard(timeline={}), [error("timeline", "wrong_type", valid_values=["array"])]),
    ("101 elements", storyboard(timeline=[{"scene": "s0"}] * 101), [error("timeline", "too_many", value=101, limit=100)]),
    ("an element that is text", with_timeline("s0"),
     [error("timeline[0]", "wrong_type", value="s0", valid_values=["object"])]),
    ("an empty element", with_timeline({}),
     [error("timeline[0]", "invalid_element", value=[], valid_values=["scene", "transition", "flashback", "montage"])]),
    ("an unknown scene", with_timeline({"scene": "harbor"}),
     [error("timeline[0].scene", "unknown_scene", value="harbor", valid_values=["s0", "s1"])]),
    ("a type name in the timeline", with_timeline({"scene": "s0"}, {"transition": "fade"}, {"scene": "s1"}),
     [error("timeline[1].transition", "unknown_transition", value="fade", valid_values=[])]),
    ("a flashback without scenes", with_timeline({"flashback": {}}),
     [error("timeline[0].flashback.scenes", "required", value=None)]),
    ("an empty flashback", with_timeline({"flashback": {"scenes": []}}),
     [error("timeline[0].flashback.scenes", "empty", value=0, limit=1)]),
    ("a flashback of the unknown", with_timeline({"flashback": {"scenes": ["s0", "x"]}}),
     [error("timeline[0].flashback.scenes[1]", "unknown_scene", value="x", valid_values=["s0", "s1"])]),
    ("a treatment", with_timeline({"flashback": {"scenes": ["s0"], "treatment": {
        "desaturate": 2, "vignette": 1, "grain": -1, "blur": 101}}}),
     [error("timeline[0].flashback.treatment.desaturate", "out_of_range", value=2, limit=1),
      error("timeline[0].flashback.treatment.vignette", "wrong_type", value=1, valid_values=["boolean"]),
      error("timeline[0].flashback.treatment.grain", "out_of_range", value=-1, limit=0),
      error("timeline[0].flashback.treatment.blur", "out_of_range", value=101, limit=100)]),
    ("a montage's members", with_timeline({"montage": {"scenes": ["s0"] * 51, "pace": "x" * 51, "transition": "x"}}),
     [error("timeline[0].montage.scenes", "too_many", value=51, limit=50),
      error("timeline[0].montage.pace", "too_long", value=51, limit=50),
      error("timeline[0].montage.transition", "unknown_transition", value="x", valid_values=[])]),
    # ----------------------------------------------------------------------------------- assets
    ("an asset that is no id", with_audio(music={"asset_id": "tense"}),
     [error("scenes[0].audio.music.asset_id", "invalid_asset_id", value="tense")]),
    ("a URN as an asset", with_audio(music={"asset_id": "framecast:system:music:tense"}),
     [error("scenes[0].audio.music.asset_id", "invalid_asset_id", value="framecast:system:music:tense")]),
    ("an unknown system asset", with_audio(music={"asset_id": "asset_music_none"}),
     [error("scenes[0].audio.music.asset_id", "system_asset_not_found", value="asset_music_none")]),
    ("a system asset as a voice", with_symbol(voice={"asset_id": "asset_music_tense"}),
     [error("symbols.hero.voice.asset_id", "invalid_asset_id", value="asset_music_tense")]),
    ("a system asset as an image", with_symbol(reference_images=[{"id": "asset_music_tense"}]),
     [error("symbols.hero.reference_images[0].id", "invalid_asset_id", value="asset_music_tense")]),
]

@pytest.mark.parametrize("spec, errors", [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_it_names(ana, spec, errors):
    answer = validate(ana, spec)
    assert answer["valid"] is False
    found = without_message(answer["errors"])
    if isinstance(errors, set):
        assert {(one["path"], one["code"]) for one in found} == errors
        return
    if errors[0]["code"] == "too_many":  # whether the elements of an overlong array are looked at is open
        found = [one for one in found if one in errors or not one["path"].startswith(errors[0]["path"] + "[")]
    assert sorted(found, key=json.dumps) == sorted(errors, key=json.dumps)


# ------------------------------------------------------------------------------------- warnings

FIRST = {"audio": {"sfx": [{"asset_id": "asset_sfx_pop", "start": 5}],
                   "dialogue": [{"text": "x", "start": 9}]}}
WARNINGS = [
    ("a long scene", storyboard(10, 10.001), [("scenes[1].duration", "long_scene")]),
    ("unknown fields", storyboard(scenes=[{**scene("a"), "mood": 1}], extra=[], global_prompt={"neutral": "x"}),
     [("extra", "unknown_field"), ("global_prompt.neutral", "unknown_field"), ("scenes[0].mood", "unknown_field")]),
    ("an unknown field that needs quotes", storyboard(**{"a b": 1}), [('["a b"]', "unknown_field")]),
    ("a key that no prompt can name", storyboard(symbols={"old man": {"prompt": "x"}}),
     [('symbols["old man"]', "unreferencable_symbol"), ('symbols["old man"]', "unused_symbol")]),
    ("an unused symbol", storyboard(symbols={"hero": {"prompt": "x"}}), [("symbols.hero", "unused_symbol")]),
    ("an unused scene", storyboard(5, 5, timeline=[{"scene": "s0"}]), [("scenes[1]", "unused_scene")]),
    ("the same order twice", storyboard(scenes=[scene("a", order=1), scene("b", order=2), scene("c", order=1.0)]),
     [("scenes[2].order", "duplicate_order")]),
    ("sound after the end", storyboard(scenes=[{**scene("a"), **FIRST}]),
     [("scenes[0].audio.sfx[0].start", "starts_after_scene"),
      ("scenes[0].audio.dialogue[0].start", "starts_after_scene")]),
    ("transitions at the edge", storyboard(5, timeline=[{"transition": {"type": "cut"}}, {"scene": "s0"},
                                                       {"transition": {"type": "cut"}}]),
     [("timeline[0]", "transition_position"), ("timeline[2]", "transition_position")]),
    ("a long timeline", storyboard(30, timeline=[{"scene": "s0"}] * 11),
     [("scenes[0].duration", "long_scene"), ("timeline", "timeline_too_long")]),
    ("a custom transition", storyboard(5, 5, transitions={"default": {"type": "custom", "effects": []}}),
     [("transitions.default", "custom_without_effects")]),
]


@pytest.mark.parametrize("spec, warnings", [case[1:] for case in WARNINGS], ids=[case[0] for case in WARNINGS])
def test_it_warns_of(ana, spec, warnings):
    answer = validate(ana, spec)
    assert answer["valid"] is True and answer["errors"] == []
    assert sorted((one["path"], one["code"]) for one in answer["warnings"]) == sorted(warnings)


def test_two_transitions_in_a_row_are_warned_of(ana):
    cut = {"transition": {"type": "cut"}}
    answer = validate(ana, storyboard(5, 5, timeline=[{"scene": "s0"}, cut, cut, {"scene": "s1"}]))
    assert answer["valid"] and {one["code"] for one in answer["warnings"]} == {"transition_position"}


# ------------------------------------------------------------------------------------ what is fine

FINE = {
    "the welcome storyboard": WELCOME,
    "one scene": storyboard(),
    "the shortest and the longest scene": storyboard(1, 10),
    "50 scenes": storyboard(*[6] * 50),
    "300 seconds": storyboard(*[10] * 30),
    "a title of 200 characters": storyboard(title="😀" * 200),
    "nulls for what is optional": storyboard(global_prompt=None, global_audio=None, symbols=None,
                                             transition_presets=None, transitions=None, timeline=None),
    "nulls inside": storyboard(scenes=[scene("a", order=None, audio={
        "music": {"asset_id": "asset_music_tense", "volume": None, "fade_in": None, "loop": None},
        "ambient": None, "sfx": [{"asset_id": "asset_sfx_pop", "start": None, "trigger": None}], "dialogue": None})]),
    "an empty timeline": storyboard(5, 5, timeline=[]),
    "a dialogue without speaker": storyboard(scenes=[scene("a", audio={"dialogue": [{"text": "Hello", "start": 0}]})]),
    "presets": storyboard(5, 5, transition_presets={"soft": {"type": "fade", "duration": 1}},
                          transitions={"default": "soft", "s0->s1": "dissolve"}),
    "a preset hides a type": storyboard(5, 5, transition_presets={"cut": {"type": "fade"}},
                                        transitions={"default": "cut"}),
    "all kinds of elements": storyboard(5, 5, transition_presets={"p": {"type": "wipe"}}, timeline=[
        {"scene": "s0"}, {"transition": "p"}, {"flashback": {"scenes": ["s0", "s1"], "treatment": {
            "desaturate": 1, "vignette": True, "grain": 0, "blur": 100}}},
        {"montage": {"scenes": ["s1", "s0", "s1"], "pace": "fast", "transition": "p"}}, {"scene": "s1"}]),
    "null beside the one member": storyboard(5, timeline=[{"scene": "s0", "transition": None, "montage": None}]),
    "params may be anything": storyboard(5, transitions={"default": {"type": "glitch", "params": {"a": {"b": [1]}}}}),
    "any system asset anywhere": storyboard(scenes=[scene("a", audio={
        "music": {"asset_id": "asset_sfx_pop"}, "ambient": {"asset_id": "asset_transition_boom"}})]),
}


@pytest.mark.parametrize("spec", FINE.values(), ids=FINE)
def test_this_is_fine(ana, spec):
    assert validate(ana, spec) == {"valid": True, "errors": [], "warnings": []}


def test_the_welcome_storyboard_is_valid_as_a_bare_body(ana):
    assert expect(ana.post("/v1/spec/validate", WELCOME), 200) == {"valid": True, "errors": [], "warnings": []}


# ---------------------------------------------------------------------------------------- limits


def test_a_document_over_100_kb_is_too_large_and_nothing_else(ana):
    spec = storyboard(note="x" * 102_400, title=5)
    size = len(json.dumps(spec, separators=(",", ":")))
    answer = validate(ana, spec)
    assert without_message(answer["errors"]) == [error("$", "too_large", value=size, limit=102_400)]
    assert answer["warnings"] == []


def test_the_size_is_that_of_compact_json_with_plain_unicode(ana):
    room = 102_400 - len(json.dumps(storyboard(note=""), separators=(",", ":")))
    spec = storyboard(note="ä" * (room // 2) + "x" * (room % 2))
    # Sent with \u escapes and white space it is longer, but that is not what counts.
    body = json.dumps({"spec": spec}, indent=4)
    assert expect(ana.request("POST", "/v1/spec/validate", content=body), 200)["valid"] is True
    spec["note"] += "x"
    answer = validate(ana, spec)
    assert without_message(answer["errors"]) == [error("$", "too_large", value=102_401, limit=102_400)]


def test_at_most_100_errors_and_100_warnings_are_told(ana):
    answer = validate(ana, storyboard(scenes=[{"x1": 1, "x2": 2, "x3": 3} for _ in range(50)]))
    assert len(answer["errors"]) == 100 and len(answer["warnings"]) == 100


def test_errors_come_in_the_order_of_the_document_assets_last(ana):
    spec = {
        "timeline": [{"scene": "x"}], "transitions": {"?": "cut"},
        "scenes": [{"id": "a", "prompt": "@x", "duration": 5, "audio": {"music": {"asset_id": "bad"}}}, {}],
        "transition_presets": {"p": {}}, "symbols": {"s": {}}, "global_audio": {"music": {"asset_id": "bad"}},
        "global_prompt": {"positive": 5}, "title": 5,
    }
    found = [(one["path"], one["code"]) for one in validate(ana, spec)["errors"]]
    assets = [one for one in found if one[1] == "invalid_asset_id"]
    assert found[-2:] == assets == [("global_audio.music.asset_id", "invalid_asset_id"),
                                    ("scenes[0].audio.music.asset_id", "invalid_asset_id")]
    structure = [one for one in found if one[1] in ("required", "wrong_type")]
    assert structure == [("title", "wrong_type"), ("global_prompt.positive", "wrong_type"),
                         ("symbols.s.prompt", "required"), ("transition_presets.p.type", "required"),
                         ("scenes[1].id", "required"), ("scenes[1].prompt", "required"),
                         ("scenes[1].duration", "required")]


def test_long_values_are_cut_to_200_characters(ana):
    answer = validate(ana, with_transition({"type": "ä" * 500}))
    assert answer["errors"][0]["value"] == "ä" * 200


def test_the_value_of_several_members_lists_them(ana):
    answer = validate(ana, with_timeline({"montage": {"scenes": ["s0"]}, "scene": "s0"}))
    [found] = answer["errors"]
    assert (found["path"], found["code"]) == ("timeline[0]", "invalid_element")
    assert sorted(found["value"]) == ["montage", "scene"]


# --------------------------------------------------------------------------------------- options


@pytest.mark.parametrize("options, errors", [
    ({"resolution": "640x480"}, [("options.resolution", "invalid_value")]),
    ({"resolution": 1080}, [("options.resolution", "wrong_type")]),
    ({"fps": 25}, [("options.fps", "invalid_value")]),
    ({"fps": "24"}, [("options.fps", "wrong_type")]),
    ({"quality": "High"}, [("options.quality", "invalid_value")]),
    ({"seed": -1}, [("options.seed", "out_of_range")]),
    ({"seed": 4294967296}, [("options.seed", "out_of_range")]),
    ({"seed": 1.5}, [("options.seed", "wrong_type")]),
    ({"seed": "1"}, [("options.seed", "wrong_type")]),
    ({"sharpness": 5}, [("options.sharpness", "unknown_option")]),
    ({"FPS": 24}, [("options.FPS", "unknown_option")]),
    ({"outputs": {}}, [("options.outputs", "wrong_type")]),
    ({"outputs": [{"resolution": "720x720"}] * 5}, [("options.outputs", "too_many")]),
    ({"outputs": ["720x720", {"resolution": "720x720"}]}, [("options.outputs[0]", "wrong_type")]),
    ({"outputs": [{"fit": "crop"}]}, [("options.outputs[0].resolution", "required")]),
    ({"outputs": [{"resolution": "720x721", "fit": "zoom"}]},
     [("options.outputs[0].resolution", "invalid_value"), ("options.outputs[0].fit", "invalid_value")]),
    ({"outputs": [{"resolution": "720x720", "fps": 24}]}, [("options.outputs[0].fps", "unknown_option")]),
    ({"outputs": [{"resolution": "720x720"}, {"resolution": "720x720", "fit": "pad"}]},
     [("options.outputs[1]", "duplicate")]),
    ([], [("options", "wrong_type")]),
    ("draft", [("options", "wrong_type")]),
])
def test_options_are_a_closed_set(ana, options, errors):
    answer = validate(ana, storyboard(), options=options)
    assert [(one["path"], one["code"]) for one in answer["errors"]] == errors
    for one in answer["errors"]:
        if one["code"] == "unknown_option" and "outputs" not in one["path"]:
            assert set(one["valid_values"]) == {"resolution", "fps", "quality", "seed", "captions", "outputs"}


@pytest.mark.parametrize("options", [None, {}, {"fps": None, "seed": None, "quality": None, "resolution": None},
                                     {"seed": 0}, {"seed": 4294967295}, {"fps": 60, "quality": "high"},
                                     {"resolution": "720x720"}, {"seed": 5.0}, {"outputs": None}, {"outputs": []},
                                     {"outputs": [{"resolution": "720x720", "fit": None},
                                                  {"resolution": "720x720", "fit": "crop"},
                                                  {"resolution": "1920x1080"}]}])
def test_these_options_are_fine(ana, options):
    answer = validate(ana, storyboard(), options=options)
    assert answer["valid"] or options == {"seed": 5.0}


# ----------------------------------------------------------------------------------- the two forms


def test_envelope_and_bare_form(ana):
    assert expect(ana.post("/v1/spec/validate", storyboard()), 200)["valid"] is True
    assert validate(ana, [])["errors"][0]["code"] == "wrong_type"
    answer = ana.post("/v1/spec/validate", {"spec": None})
    assert answer.status_code == 400
    found = expect(ana.post("/v1/spec/validate", {"options": {"fps": 24}}), 200)
    assert [one["path"] for one in found["errors"]] == ["title", "scenes"]
    assert [one["path"] for one in found["warnings"]] == ["options"]


def test_of_two_members_the_last_is_looked_at(ana):
    body = b'{"spec": {"title": 5, "scenes": [], "title": "T", "scenes": [{"id": "a", "id": "b", "prompt": "p", ' \
           b'"duration": 99, "duration": 5}]}}'
    assert expect(ana.request("POST", "/v1/spec/validate", content=body), 200)["valid"] is True


def test_validating_writes_nothing(ana):
    before = ana.world.row("select credits, updated_at from users where id = %s", ana.id)
    validate(ana, copy.deepcopy(WELCOME))
    assert ana.world.row("select credits, updated_at from users where id = %s", ana.id) == before
