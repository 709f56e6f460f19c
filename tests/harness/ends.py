"""The ways in which jobs end, by the functions of the database (see tables.py), and the text that is kept of them then."""


def kept(db, job):
    """Whether there is a text; if so, it is the right one."""
    there, is_right = db.row("select t.head is not null as there, (t.owner, t.head || t.tail) = (j.owner, fc_job_text(j)) as same"
                             " from jobs j left join job_texts t on t.job_id = j.id where j.id = %s", job)
    assert is_right or not there
    return there


def begun(db, **how):
    job = db.job(db.user(), **how)
    db.call("fc_job_begin", job, None)
    return job


def finished_scene(db, job, scene):
    db.call("fc_scene_submit", job, None, scene, f"ref-{scene}")
    assert db.call("fc_scene_complete", job, None, scene, f"clips/{job}/{scene}", 5000, 45).outcome == "ok"


def finish(db, job):
    """A job that has begun, to its film."""
    for scene in ("a", "b"):
        finished_scene(db, job, scene)
    output = {"video_url": f"s3://out/{job}/final.mp4"}
    assert db.call("fc_job_complete", job, None, output, 5, None).outcome == "ok"


def completed(db):
    job = begun(db)
    finish(db, job)
    return job


def failed(db):
    job = begun(db)
    finished_scene(db, job, "a")
    db.call("fc_job_fail", job, None, "system", {"code": "render_failed", "message": "m"}, "b")
    return job


def canceled(db):
    ana = db.user()
    job = db.job(ana)
    db.call("fc_job_cancel", ana, job)
    return job


def reported(db):
    job = db.job(db.user(), provider="external")
    db.callback(job, "started")
    assert db.callback(job, "completed", output={"video_url": "https://x/y.mp4"}).outcome == "ok"
    return job


ENDS = [completed, failed, canceled, reported]
