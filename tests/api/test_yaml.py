"""Storyboards in YAML: the subset that is read, and what is refused with its line."""
import json
import pathlib
import re

import pytest

from harness import expect, expect_error, storyboard

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
YAML = {"Content-Type": "application/yaml"}
SCENES = "\nscenes:\n  - {id: a, prompt: sea, duration: 5}\n"


@pytest.fixture
def ana(world):
    return world.creator()


def validates(actor, text):
    return expect(actor.request("POST", "/v1/spec/validate", content=text.encode(), headers=YAML), 200)


def stored(actor, text):
    """What a job keeps of the storyboard."""
    body = expect(actor.request("POST", "/v1/generate", content=text.encode(), headers=YAML), 201)
    return body["spec_snapshot"]


def test_a_storyboard_is_read_as_people_write_it(ana):
    spec = stored(ana, """\
# A comment
--- # one document
title: Harbour   # another
global_prompt:
  positive: >
    film look,
    warm light
  negative: |-
    blur
    gloom
symbols:
  boat: {prompt: 'it''s red', negative: "\\u00e4\\t\\x41"}
scenes:
  - id: dawn
    prompt: "@boat leaves"
    duration: 5.50
  -
    id: sea
    prompt: the open
      sea
    duration: 4
...
""")
    assert spec == {
        "title": "Harbour",
        "global_prompt": {"positive": "film look, warm light\n", "negative": "blur\ngloom"},
        "symbols": {"boat": {"prompt": "it's red", "negative": "ä\tA"}},
        "scenes": [{"id": "dawn", "prompt": "@boat leaves", "duration": 5.5},
                   {"id": "sea", "prompt": "the open sea", "duration": 4}],
    }


@pytest.mark.parametrize("scalar, value", [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
    ("tRUE", "tRUE"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
    ("0", 0), ("12", 12), ("-12", -12), ("+12", 12), ("012", 12), ("0x1F", 31), ("0o17", 15),
    ("1.5", 1.5), ("-1.5", -1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1.5E-2", 0.015), ("+1.5", 1.5),
    ("2026-01-01", "2026-01-01"), ("12:30:45", "12:30:45"), ("1_000", "1_000"), ("0b11", "0b11"), ("0x", "0x"),
    ("1.2.3", "1.2.3"), ("a b", "a b"), ('"5"', "5"), ("'true'", "true"), ('""', ""), ("'~'", "~"),
    ('"\\U0001F600"', "😀"), ('"\\ud83d\\ude00"', "😀"), ("ä", "ä"), ("'-'", "-"),
])
def test_a_scalar_is(ana, scalar, value):
    note = stored(ana, f"title: T\nnote: {scalar}{SCENES}")["note"]
    assert note == value and isinstance(note, bool) == isinstance(value, bool)


@pytest.mark.parametrize("key, name", [("5", "5"), ("true", "true"), ("1.50", "1.50"), ("'a b'", "a b"),
                                       ("0x1F", "0x1F"), ("null", "null"), ("~", "~")])
def test_keys_become_their_literal_text(ana, key, name):
    assert stored(ana, f"title: T\nother: {{{key}: 1}}{SCENES}")["other"] == {name: 1}


def test_numbers_keep_their_value(ana):
    number = "12345678901234567890.12345678901234567890"
    body = f"title: T\nnote: {number}{SCENES}"
    answer = ana.request("POST", "/v1/generate", content=body.encode(), headers=YAML)
    assert expect(answer, 201) and re.search(rf'"note": ?{re.escape(number)}\b', answer.text)


def test_the_last_of_two_keys_counts(ana):
    assert stored(ana, f"title: A\ntitle: B{SCENES}")["title"] == "B"


@pytest.mark.parametrize("chomp, text", [("|", "a\nb\n"), ("|-", "a\nb"), ("|+", "a\nb\n\n"), (">", "a b\n"),
                                         (">-", "a b"), (">+", "a b\n\n")])
def test_block_scalars(ana, chomp, text):
    assert stored(ana, f"title: T\nnote: {chomp}\n  a\n  b\n\nscenes:\n  - {{id: a, prompt: p, duration: 5}}\n"
                  )["note"] == text


REFUSED = {
    "a tab as indentation": ("title: T\nscenes:\n\t- a\n", 3),
    "two documents": (f"title: T{SCENES}---\ntitle: U\n", None),
    "an anchor": (f"title: &a T{SCENES}", 1),
    "an alias": (f"title: T\nnote: *a{SCENES}", 2),
    "an anchor and its alias": ("title: &a T\nscenes: []\nnote: *a\n", 1),
    "a tag": (f"title: !!str T{SCENES}", 1),
    "a local tag": (f"note: !x T{SCENES}", 1),
    "a tag on a mapping": ("title: T\nnote: !!map {a: 1}\n", 2),
    "a merge key": (f"title: T\nother:\n  <<: {{a: 1}}{SCENES}", 3),
    "not a number": (f"title: T\nnote: .nan{SCENES}", 2),
    "NaN": (f"title: T\nnote: .NaN{SCENES}", 2),
    "infinity": (f"title: T\nnote: .inf{SCENES}", 2),
    "minus infinity": (f"title: T\nnote: -.Inf{SCENES}", 2),
    "an open bracket": ("title: T\nscenes: [\n", None),
    "a colon too many": ("title: T: U\n", 1),
    "a mapping as a key": ("title: T\n? {a: 1}\n: x\n", 2),
    "an unknown escape": ('title: "\\q"\n', 1),
    "a lone surrogate": ('title: "\\ud800"\n', None),
    "a NUL": ('title: "\\0"\n', None),
    "a list": ("- a\n- b\n", None),
    "text": ("hello\n", None),
    "nothing": ("", None),
    "a comment alone": ("# nothing\n", None),
    "a null document": ("~\n", None),
    "33 levels": ("title: T\nnote: " + "[" * 32 + "]" * 32 + "\n", None),
    "very many levels": ("note: " + "[" * 20_000, None),
    "a number that is too long": (f"note: {'1' * 401}\n", None),
    "an exponent that is too large": ("note: 1e401\n", None),
}


@pytest.mark.parametrize("text, line", REFUSED.values(), ids=REFUSED)
def test_it_refuses(ana, text, line):
    for path in ("/v1/spec/validate", "/v1/generate"):
        error = expect_error(ana.request("POST", path, content=text.encode(), headers=YAML), 400, "VALIDATION_ERROR")
        assert "details" not in error
        if line:
            assert f"line {line}" in error["message"].lower(), error["message"]


def test_invalid_utf_8_is_refused(ana):
    for bytes in (b"title: \xff\n", b"title: \xc3\n", "title: T\n".encode("utf-16")):
        expect_error(ana.request("POST", "/v1/spec/validate", content=bytes, headers=YAML), 400, "VALIDATION_ERROR")


def test_an_envelope_may_be_yaml(ana):
    text = "spec:\n  title: T\n  scenes:\n    - {id: a, prompt: p, duration: 5}\noptions:\n  fps: 30\n  seed: 0x10\n"
    job = expect(ana.request("POST", "/v1/generate", content=text.encode(), headers=YAML), 201)
    assert job["options"] == {"fps": 30, "seed": 16}


def test_the_size_is_measured_as_json(ana):
    spec = storyboard(note="x")
    text = "\n".join(f"{name}:     {json.dumps(value)}   # {'c' * 60_000}" for name, value in spec.items())
    assert len(text) > 102_400
    assert validates(ana, text)["valid"] is True


def test_errors_have_the_same_paths_as_in_json(ana):
    found = validates(ana, "title: 5\nscenes:\n  - id: a\n")["errors"]
    assert [one["path"] for one in found] == ["title", "scenes[0].prompt", "scenes[0].duration"]


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_valid_and_warns_of_nothing(ana, example):
    answer = validates(ana, example.read_text())
    assert (answer["valid"], answer["errors"], answer["warnings"]) == (True, [], [])
