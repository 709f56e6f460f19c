"""What can be seen in a film: the picture of a symbol that has one, a figure where it is missing."""
import subprocess
import uuid

import pytest

from film_world import ends, film_of
from harness import SMALL, scene, storyboard


@pytest.fixture
def server(films):
    return films


def picture(world, actor, server, content=None):
    """An uploaded image, magenta all over; `content` instead of it, or nothing in the store when that is empty."""
    id, key = str(uuid.uuid4()), f"user/{actor.id}/{uuid.uuid4()}.png"
    world.insert("artifacts", id=id, owner=actor.urn, created_by=actor.id, kind="image", status="ready", filename="x.png",
                 s3_key=key, content_type="image/png", size_bytes=5)
    file = server.folder / "storage" / "framecast-outputs" / key
    file.parent.mkdir(parents=True, exist_ok=True)
    if content is None:
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=0xFF00FF:s=300x400", "-frames:v", "1", file],
                       check=True)
    elif content:
        file.write_bytes(content)
    return {"id": id}


def magenta_share(film):
    """How much of the last frame is magenta, of the pixels of a small copy."""
    pixels = subprocess.run(["ffmpeg", "-v", "error", "-sseof", "-0.2", "-i", film.path, "-frames:v", "1", "-vf",
                             "scale=106:60", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    return sum(r > 150 and g < 110 and b > 150 for r, g, b in zip(*[iter(pixels)] * 3)) / (106 * 60)


def film_with(world, actor, server, tmp_path, *images):
    spec = storyboard(scenes=[scene("a", 1, prompt="@hero waits")],
                      symbols={"hero": {"prompt": "a sailor", "reference_images": list(images)}})
    return film_of(ends(actor, actor.generates(spec, options={**SMALL, "quality": "standard"})["id"]), tmp_path)


def test_a_symbol_is_shown_by_its_first_reference_image_that_is_there(world, ana, films, tmp_path):
    gone, there = picture(world, ana, films, b""), picture(world, ana, films)
    assert magenta_share(film_with(world, ana, films, tmp_path, gone, there)) > 0.02


def test_a_picture_that_is_none_costs_nothing_but_itself(world, ana, films, tmp_path):
    assert magenta_share(film_with(world, ana, films, tmp_path, picture(world, ana, films, b"not a picture"))) == 0
    assert "picture of a symbol left out" in films.logged()
