"""What the tests of films share: their end, the file, and whether both agree."""
from harness import conforms, until
from harness.film import Film, download

PATIENCE = 120  # seconds for one film on a busy machine; a bound, not a measurement


def ends(actor, job_id, status="completed"):
    """Waits for the job's end, and returns it."""
    def is_over():
        job = actor.job(job_id)
        return job["status"] in ("completed", "failed", "canceled") and job

    job = until(is_over, f"the job is {status}", seconds=PATIENCE)
    assert job["status"] == status, job["error"]
    return job


def film_of(job, tmp_path):
    conforms(job["output"], "VideoOutput")
    return Film(download(job["output"]["video_url"], tmp_path / f"{job['id']}.mp4"))


def agrees(film, job):
    """ffprobe and the job's output say the same."""
    output = job["output"]
    assert film.size == output["resolution"] and output["format"] == "mp4"
    assert film.path.stat().st_size == output["size_bytes"] == job["output_size_bytes"]
    assert abs(film.duration - output["duration"]) <= 1 / film.fps + 0.001
    assert (film.video["codec_name"], film.audio["codec_name"]) == ("h264", "aac")
    assert film.video["pix_fmt"] == "yuv420p"
    assert film.video.get("sample_aspect_ratio", "1:1") == "1:1"
    assert (film.audio["sample_rate"], film.audio["channels"]) == ("48000", 2)
    assert film.is_playable_while_it_loads()
