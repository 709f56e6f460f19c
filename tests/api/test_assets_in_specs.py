"""Uploads in a storyboard: looked at with the eyes of the caller."""
import uuid

import pytest

from harness import expect, scene, storyboard

TYPES = {"image": "image/png", "audio": "audio/mpeg", "video": "video/mp4"}


@pytest.fixture
def ana(world):
    return world.creator()


def upload(world, actor, kind="audio", owner=None, **columns):
    id = str(uuid.uuid4())
    file = {"filename": "x", "s3_key": f"k/{id}", "content_type": TYPES.get(kind), "size_bytes": 5}
    spec = {"spec": {"prompt": "x"}} if kind in ("character", "storyboard") else file
    return world.insert("artifacts", id=id, owner=owner or actor.urn, created_by=actor.id, kind=kind,
                        **{"status": "ready", **spec, **columns})["id"]


def with_music(id):
    return storyboard(scenes=[scene("a", audio={"music": {"asset_id": id}})])


def with_image(id):
    return storyboard(scenes=[scene("a", prompt="@hero")],
                      symbols={"hero": {"prompt": "x", "reference_images": [{"id": id}]}})


def with_voice(id):
    return storyboard(scenes=[scene("a", prompt="@hero", audio={"dialogue": [{"text": "x", "speaker": "hero"}]})],
                      symbols={"hero": {"prompt": "x", "voice": {"asset_id": id}}})


def errors(actor, spec):
    return expect(actor.post("/v1/spec/validate", {"spec": spec}), 200)["errors"]


def codes(actor, spec):
    return [one["code"] for one in errors(actor, spec)]


def test_a_ready_upload_of_the_right_kind_is_fine(world, ana):
    sound, picture = upload(world, ana), upload(world, ana, "image")
    assert codes(ana, with_music(sound)) == codes(ana, with_image(picture)) == codes(ana, with_voice(sound)) == []
    assert codes(ana, with_music(sound.upper())) == []


def test_the_wrong_kind_is_named(world, ana):
    sound, picture = upload(world, ana), upload(world, ana, "image")
    [found] = errors(ana, with_music(picture))
    assert (found["code"], found["value"], found["valid_values"]) == ("asset_wrong_kind", picture, ["audio"])
    [found] = errors(ana, with_image(sound))
    assert (found["code"], found["valid_values"]) == ("asset_wrong_kind", ["image"])
    assert codes(ana, with_voice(picture)) == ["asset_wrong_kind"]


@pytest.mark.parametrize("kind", ["character", "storyboard"])
def test_stored_specs_are_no_assets(world, ana, kind):
    assert codes(ana, with_music(upload(world, ana, kind))) == ["asset_wrong_kind"]


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_an_upload_must_be_ready(world, ana, status):
    [found] = errors(ana, with_music(upload(world, ana, status=status)))
    assert (found["code"], found["valid_values"]) == ("asset_not_ready", ["ready"])


def test_uploads_of_others_do_not_exist(world, ana):
    bob = world.creator("bob")
    [theirs] = errors(ana, with_music(upload(world, bob)))
    [unknown] = errors(ana, with_music(str(uuid.uuid4())))
    assert theirs["code"] == unknown["code"] == "asset_not_found"
    assert theirs["message"] == unknown["message"]


def test_uploads_of_one_s_teams_are_open_to_viewers_too(world, ana):
    bob = world.creator("bob")
    team = world.team(owner=bob, viewer=ana)
    assert codes(ana, with_music(upload(world, bob, owner=team.urn))) == []
    assert codes(ana, with_music(upload(world, bob, owner=team.urn_of(bob)))) == ["asset_not_found"]
    assert codes(ana, with_music(upload(world, ana, owner=team.urn_of(ana)))) == []
    world.rows("delete from memberships where user_id = %s", ana.id)
    assert codes(ana, with_music(upload(world, bob, owner=team.urn))) == ["asset_not_found"]


def test_what_a_render_made_counts_as_an_upload(world, ana):
    job = world.job_row(ana, "completed")
    sound = upload(world, ana, source="job", source_job_id=job["id"])
    assert codes(ana, with_music(sound)) == []


def test_a_system_asset_that_was_removed_is_not_found(world, ana):
    world.insert("system_assets", id="asset_sfx_short_lived", category="sfx", name="x", s3_key=str(uuid.uuid4()),
                 content_type="audio/mpeg", size_bytes=1)
    assert codes(ana, with_music("asset_sfx_short_lived")) == []
    world.rows("delete from system_assets where id = 'asset_sfx_short_lived'")
    assert codes(ana, with_music("asset_sfx_short_lived")) == ["system_asset_not_found"]


def test_asset_errors_come_after_all_others(world, ana):
    spec = with_music("asset_sfx_none")
    spec["timeline"] = [{"scene": "nowhere"}]
    assert codes(ana, spec) == ["unknown_scene", "system_asset_not_found"]
