-- The steps of single scenes. A scene changes on condition of its own present status, or under its
-- job's lock; when the job has ended all its scenes have, so none changes any more.

CREATE FUNCTION fc_scene_answer(p_outcome text, p_job uuid, p_scene text) RETURNS fc_outcome
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_body text;
BEGIN
    SELECT json_build_object('status', status, 'attempt', attempt,
                             'provider_ref', provider_ref)::text INTO v_body
    FROM render_scenes WHERE job_id = p_job AND scene_id = p_scene;
    RETURN fc_answer(CASE WHEN v_body IS NULL THEN 'unknown_scene' ELSE p_outcome END, v_body);
END
$$;
COMMENT ON FUNCTION fc_scene_answer IS
    'The outcome with {status, attempt, provider_ref}, or unknown_scene';

CREATE FUNCTION fc_scene_submit(p_job uuid, p_lease text, p_scene text, p_ref text)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_refusal fc_outcome := fc_step_refusal(fc_job_lock(p_job), p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    UPDATE render_scenes SET status = 'submitted', attempt = attempt + 1, provider_ref = p_ref,
                             progress = 0, submitted_at = clock_timestamp()
    WHERE job_id = p_job AND scene_id = p_scene AND status = 'pending';
    RETURN fc_scene_answer(CASE WHEN FOUND THEN 'ok' ELSE 'already' END, p_job, p_scene);
END
$$;
COMMENT ON FUNCTION fc_scene_submit IS
    'Records an attempt before the provider is called: ok, already (with the attempt in '
    'hand), unknown_scene';

CREATE FUNCTION fc_scene_ref(p_job uuid, p_lease text, p_scene text, p_ref text)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_refusal fc_outcome := fc_step_refusal(fc_job_lock(p_job), p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    UPDATE render_scenes SET provider_ref = p_ref
    WHERE job_id = p_job AND scene_id = p_scene AND status IN ('submitted', 'running');
    RETURN fc_scene_answer(CASE WHEN FOUND THEN 'ok' ELSE 'already' END, p_job, p_scene);
END
$$;
COMMENT ON FUNCTION fc_scene_ref IS
    'Notes the provider''s id of the present attempt: ok, already (none is running), unknown_scene';

CREATE FUNCTION fc_scene_running(p_job uuid, p_lease text, p_scene text) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_refusal fc_outcome := fc_step_refusal(fc_job_lock(p_job), p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    UPDATE render_scenes SET status = 'running'
    WHERE job_id = p_job AND scene_id = p_scene AND status = 'submitted';
    RETURN fc_scene_answer(CASE WHEN FOUND THEN 'ok' ELSE 'already' END, p_job, p_scene);
END
$$;
COMMENT ON FUNCTION fc_scene_running IS 'The provider has begun: ok, already, unknown_scene';

-- Told often, so it locks nothing but the scene.
CREATE FUNCTION fc_scene_progress(p_job uuid, p_lease text, p_scene text, p_percent numeric)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
    v_refusal fc_outcome;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = p_job;
    v_refusal := fc_step_refusal(j, p_lease);
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    UPDATE render_scenes SET progress = LEAST(GREATEST(progress, p_percent), 100)
    WHERE job_id = p_job AND scene_id = p_scene AND status IN ('submitted', 'running');
    RETURN fc_scene_answer(CASE WHEN FOUND THEN 'ok' ELSE 'already' END, p_job, p_scene);
END
$$;
COMMENT ON FUNCTION fc_scene_progress IS
    'Percent of the present attempt, never lower: ok, already (none is running), unknown_scene';

CREATE FUNCTION fc_scene_complete(p_job uuid, p_lease text, p_scene text, p_clip_key text,
                                  p_duration_ms integer, p_percent numeric)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs := fc_job_lock(p_job);
    v_refusal fc_outcome := fc_step_refusal(j, p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    UPDATE render_scenes SET status = 'completed', progress = 100, clip_key = p_clip_key,
                             duration_ms = p_duration_ms, completed_at = clock_timestamp()
    WHERE job_id = p_job AND scene_id = p_scene AND status IN ('submitted', 'running');
    IF NOT FOUND THEN
        RETURN fc_scene_answer('already', p_job, p_scene);
    END IF;
    j := fc_job_count_scene(j, p_scene, jsonb_build_object('percent', p_percent));
    RETURN fc_answer('ok', j.progress::text);
END
$$;
COMMENT ON FUNCTION fc_scene_complete IS
    'The clip is stored: ok with the job''s progress, already, unknown_scene';

CREATE FUNCTION fc_scene_failed(p_job uuid, p_lease text, p_scene text, p_error text,
                                p_final boolean)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_refusal fc_outcome := fc_step_refusal(fc_job_lock(p_job), p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    UPDATE render_scenes SET
        status = CASE WHEN p_final THEN 'failed' ELSE 'pending' END::render_scene_status,
        error = p_error::jsonb, progress = 0,
        provider_ref = CASE WHEN p_final THEN provider_ref END
    WHERE job_id = p_job AND scene_id = p_scene
      AND (status IN ('submitted', 'running') OR (p_final AND status = 'pending'));
    RETURN fc_scene_answer(CASE WHEN FOUND THEN 'ok' ELSE 'already' END, p_job, p_scene);
END
$$;
COMMENT ON FUNCTION fc_scene_failed IS
    'An attempt failed: back to pending, or given up if p_final: ok, already, unknown_scene';
