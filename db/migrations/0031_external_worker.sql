-- Jobs of the provider external: handed out to an operator's own workers, who report by callbacks.

CREATE FUNCTION fc_render_next(p_worker text, p_lease_seconds integer) RETURNS SETOF fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    d job_dispatches;
BEGIN
    SELECT o.* INTO d FROM job_dispatches o JOIN jobs j ON j.id = o.job_id
    WHERE o.provider = 'external' AND o.done_at IS NULL AND j.status = 'queued'
      AND o.next_attempt_at <= clock_timestamp()
      AND (o.lease_expires_at IS NULL OR o.lease_expires_at <= clock_timestamp())
    ORDER BY o.created_at, o.job_id LIMIT 1 FOR UPDATE OF o SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    UPDATE job_dispatches SET
        attempts = attempts + 1, leased_by = p_worker,
        lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
        dispatched_at = COALESCE(dispatched_at, clock_timestamp())
    WHERE job_id = d.job_id RETURNING * INTO d;
    RETURN NEXT fc_answer('ok', (fc_job_work(d.job_id)::jsonb || jsonb_build_object(
        'attempt', d.attempts, 'lease_expires_at', fc_time(d.lease_expires_at)))::text);
END
$$;
COMMENT ON FUNCTION fc_render_next IS
    'Hands out the oldest waiting external job: ok with fc_job_work, attempt and '
    'lease_expires_at; or no row';

-- Only members of the right type are kept: a worker's slip must not break what clients read.
CREATE FUNCTION fc_callback_patch(p_body jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_object_agg(m.name, m.value), '{}')
    FROM (VALUES ('percent', p_body -> 'progress_percent', 'number'),
                 ('phase', p_body -> 'phase', 'string'),
                 ('scenes_total', p_body -> 'scenes_total', 'number'),
                 ('scenes_completed', p_body -> 'scenes_completed', 'number'),
                 ('current_scene', p_body -> 'current_scene', 'string'),
                 ('message', p_body -> 'message', 'string')) AS m (name, value, type)
    WHERE jsonb_typeof(m.value) = m.type
      AND (m.name <> 'phase' OR m.value <@ '["queued", "initializing", "generating", "stitching",
                                             "finalizing"]')
$$;
COMMENT ON FUNCTION fc_callback_patch IS 'The members of a callback that go into the progress';

CREATE FUNCTION fc_callback_progress(j jobs, p_body jsonb) RETURNS jobs
LANGUAGE plpgsql AS $$
DECLARE
    v_patch jsonb := fc_callback_patch(p_body);
BEGIN
    IF fc_number(v_patch -> 'percent') < fc_percent(j.progress) THEN
        RETURN j; -- overtaken by a later report
    END IF;
    IF NOT v_patch ? 'phase'
       AND COALESCE(j.progress ->> 'phase', 'queued') IN ('queued', 'initializing') THEN
        v_patch := v_patch || '{"phase": "generating"}';
    END IF;
    UPDATE render_scenes SET status = 'running', attempt = 1, submitted_at = clock_timestamp()
    WHERE job_id = j.id AND scene_id = v_patch ->> 'current_scene'
      AND status IN ('pending', 'submitted');
    RETURN fc_job_advance(j, v_patch);
END
$$;
COMMENT ON FUNCTION fc_callback_progress IS 'Effects of the callback progress on a processing job';

CREATE FUNCTION fc_job_has_scene(j jobs, p_scene text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM render_scenes WHERE job_id = j.id) THEN
        RETURN EXISTS (SELECT 1 FROM render_scenes
                       WHERE job_id = j.id AND scene_id = p_scene);
    ELSIF jsonb_typeof(j.spec_snapshot -> 'scenes') = 'array' THEN
        RETURN jsonb_path_exists(j.spec_snapshot, '$.scenes[*] ? (@.id == $scene)',
                                 jsonb_build_object('scene', p_scene));
    END IF;
    RETURN p_scene = 'image';
END
$$;
COMMENT ON FUNCTION fc_job_has_scene IS
    'Whether a job has a scene of this id; jobs made by hand have it in their spec alone';

CREATE FUNCTION fc_callback_scene(j jobs, p_body jsonb, p_bucket text) RETURNS jobs
LANGUAGE plpgsql AS $$
DECLARE
    v_scene text := p_body ->> 'scene_id';
    v_folder text := 's3://' || p_bucket || '/';
    v_clip text;
BEGIN
    IF starts_with(p_body ->> 'url', v_folder || fc_job_prefix(j.owner, j.id)) THEN
        v_clip := substr(p_body ->> 'url', length(v_folder) + 1);
        IF v_clip ~ '(^|/)\.{0,2}(/|$)' THEN -- an empty or dotted segment names nothing below the prefix
            v_clip := NULL;
        END IF;
    END IF;
    UPDATE render_scenes
    SET status = 'completed', progress = 100, attempt = GREATEST(attempt, 1),
        clip_key = CASE WHEN length(v_clip) <= 500 THEN v_clip END,
        completed_at = clock_timestamp()
    WHERE job_id = j.id AND scene_id = v_scene AND status IN ('pending', 'submitted', 'running');
    IF NOT FOUND
       AND (EXISTS (SELECT 1 FROM render_scenes WHERE job_id = j.id)
            OR EXISTS (SELECT 1 FROM job_events
                       WHERE job_id = j.id AND event_type = 'scene_complete'
                         AND payload ->> 'scene_id' = v_scene)) THEN
        RETURN j; -- counted before
    END IF;
    RETURN fc_job_count_scene(j, v_scene, jsonb_build_object(
        'percent', fc_callback_patch(p_body) -> 'percent',
        'previews', COALESCE(j.progress -> 'previews', '[]') || jsonb_build_array(
            jsonb_build_object('scene_id', v_scene, 'url', p_body -> 'url',
                               'generated_at', fc_time(clock_timestamp())))));
END
$$;
COMMENT ON FUNCTION fc_callback_scene IS
    'Effects of the callback scene_complete on a processing job';

CREATE FUNCTION fc_callback_failed(j jobs, p_body jsonb) RETURNS jobs
LANGUAGE plpgsql AS $$
DECLARE
    v_error jsonb := COALESCE(p_body -> 'error',
                              '{"code": "unknown_error", "message": "Unknown error"}');
    v_type text := p_body ->> 'failure_type';
BEGIN
    IF v_type IS NULL OR v_type NOT IN ('system', 'validation', 'timeout', 'canceled') THEN
        v_type := 'system';
    END IF;
    RETURN fc_job_break(j, v_type::job_failure_type, v_error, v_error ->> 'scene_id', true);
END
$$;
COMMENT ON FUNCTION fc_callback_failed IS 'Effects of the callback failed on a processing job';

-- What each event does in each state. A repeated terminal report is recognised, not repeated.
CREATE FUNCTION fc_callback_legal(p_event text, p_status job_status) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_event WHEN 'completed' THEN p_status IN ('processing', 'completed')
                        WHEN 'failed' THEN p_status IN ('processing', 'failed')
                        ELSE p_status IN ('queued', 'processing') END
$$;
COMMENT ON FUNCTION fc_callback_legal IS 'Whether a worker may report this event in this state';

CREATE FUNCTION fc_job_callback(p_job uuid, p_event text, p_body text, p_bucket text)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_body jsonb := fc_without_nulls(p_body::jsonb);
    j jobs := CASE WHEN p_event IN ('completed', 'failed') THEN fc_job_lock_to_end(p_job)
                   ELSE fc_job_lock(p_job) END;
BEGIN
    IF j.id IS NULL THEN
        RETURN fc_answer('not_found');
    ELSIF p_event = 'scene_complete'
          AND fc_job_has_scene(j, v_body ->> 'scene_id') IS NOT TRUE THEN
        RETURN fc_answer('unknown_scene');
    ELSIF EXISTS (SELECT 1 FROM job_dispatches
                  WHERE job_id = p_job AND provider <> 'external')
          OR NOT fc_callback_legal(p_event, j.status) THEN
        RETURN fc_illegal_transition(j, p_event);
    END IF;

    IF j.status = 'queued' THEN
        j := fc_job_start(j);
    END IF;
    IF j.status = 'processing' THEN
        CASE p_event
            WHEN 'started' THEN NULL;
            WHEN 'progress' THEN j := fc_callback_progress(j, v_body);
            WHEN 'scene_complete' THEN j := fc_callback_scene(j, v_body, p_bucket);
            WHEN 'completed' THEN
                j := fc_job_finish(j, v_body -> 'output',
                                   fc_number(v_body -> 'output_size_bytes')::bigint, NULL);
            WHEN 'failed' THEN j := fc_callback_failed(j, v_body);
        END CASE;
    END IF;
    RETURN fc_answer('ok', fc_job_json(j));
END
$$;
COMMENT ON FUNCTION fc_job_callback IS
    'A worker reports: ok with the job, illegal_transition, unknown_scene, not_found';
