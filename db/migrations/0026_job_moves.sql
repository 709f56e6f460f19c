-- The moves of a job's state machine. Each takes a row that its caller has locked, changes all that
-- belongs together, and gives the row as it is afterwards. Who may call them, and when, is the
-- business of the functions for clients, for the server's own steps and for workers' callbacks.

CREATE FUNCTION fc_job_lock(p_job uuid) RETURNS jobs
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = p_job FOR NO KEY UPDATE;
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_lock IS
    'Locks a job for a move that touches no balance; null if unknown';

-- Balance and project are locked ahead of the job, in the order that everybody keeps. Neither can
-- become another one in between; a project that is deleted meanwhile needs no lock.
CREATE FUNCTION fc_job_lock_to_end(p_job uuid) RETURNS jobs
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = p_job;
    IF fc_owner_user(j.owner) IS NOT NULL THEN
        PERFORM 1 FROM users WHERE id = fc_owner_user(j.owner) FOR NO KEY UPDATE;
    ELSE
        PERFORM 1 FROM teams WHERE id = fc_owner_team(j.owner) FOR NO KEY UPDATE;
    END IF;
    IF j.project_id IS NOT NULL THEN
        PERFORM 1 FROM projects WHERE id = j.project_id FOR NO KEY UPDATE;
    END IF;
    RETURN fc_job_lock(p_job);
END
$$;
COMMENT ON FUNCTION fc_job_lock_to_end IS
    'Locks a job with its purse and project for a final move; null if unknown';

-- queued -> processing
CREATE FUNCTION fc_job_start(j jobs) RETURNS jobs
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET status = 'processing',
                    started_at = GREATEST(clock_timestamp(), created_at),
                    progress = progress || '{"phase": "initializing"}'
    WHERE id = j.id RETURNING * INTO j;
    UPDATE job_dispatches SET dispatched_at = COALESCE(dispatched_at, j.started_at)
    WHERE job_id = j.id;
    PERFORM fc_job_event_add(j.id, 'started', jsonb_build_object(
        'status', 'processing', 'started_at', fc_time(j.started_at)));
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_start IS 'A queued job is picked up';

CREATE FUNCTION fc_progress_merge(p_progress jsonb, p_patch jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_progress || fc_without_nulls(p_patch) || jsonb_build_object(
        'percent', GREATEST(fc_percent(p_progress), fc_percent(p_patch)))
$$;
COMMENT ON FUNCTION fc_progress_merge IS
    'A progress object after a change: given members replaced, percent never lower';

CREATE FUNCTION fc_job_advance(j jobs, p_patch jsonb) RETURNS jobs
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET progress = fc_progress_merge(progress, p_patch)
    WHERE id = j.id RETURNING * INTO j;
    PERFORM fc_job_event_add(j.id, 'progress', j.progress);
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_advance IS 'A processing job reports progress';

CREATE FUNCTION fc_job_count_scene(j jobs, p_scene text, p_patch jsonb) RETURNS jobs
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET progress = fc_progress_merge(progress, p_patch || jsonb_build_object(
                        'scenes_completed',
                        COALESCE(fc_number(progress -> 'scenes_completed'), 0) + 1))
    WHERE id = j.id RETURNING * INTO j;
    PERFORM fc_job_event_add(j.id, 'scene_complete', jsonb_build_object(
        'scene_id', p_scene, 'scenes_completed', j.progress -> 'scenes_completed',
        'scenes_total', COALESCE(j.progress -> 'scenes_total', to_jsonb(
            (SELECT count(*) FROM render_scenes WHERE job_id = j.id)))));
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_count_scene IS
    'A scene of a processing job is finished; counted once by the caller';

-- A run that nobody drives any more is over at once; another one stays due until it is cleaned up.
CREATE FUNCTION fc_dispatch_settle(p_job uuid, p_take_lease boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE job_dispatches
    SET done_at = CASE WHEN provider = 'external' OR attempts = 0 THEN clock_timestamp() END,
        next_attempt_at = clock_timestamp(),
        leased_by = CASE WHEN p_take_lease THEN NULL ELSE leased_by END,
        lease_expires_at = CASE WHEN p_take_lease THEN NULL ELSE lease_expires_at END
    WHERE job_id = p_job AND done_at IS NULL;
END
$$;
COMMENT ON FUNCTION fc_dispatch_settle IS
    'A job has ended: its dispatch row becomes due for cleaning up, or done';

CREATE FUNCTION fc_artifacts_ready(j jobs) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_bytes bigint;
BEGIN
    WITH finished AS (
        UPDATE artifacts SET
            status = 'ready',
            size_bytes = LEAST(CASE WHEN j.output_size_bytes > 0 THEN j.output_size_bytes
                                    ELSE size_bytes END, 52428800),
            metadata = CASE WHEN j.output_size_bytes > 52428800
                THEN metadata || jsonb_build_object('actual_size_bytes', j.output_size_bytes)
                ELSE metadata END
        WHERE source_job_id = j.id AND status = 'pending'
        RETURNING kind, size_bytes)
    SELECT sum(size_bytes) INTO v_bytes FROM finished
    WHERE kind NOT IN ('storyboard', 'character');
    IF v_bytes > 0 THEN
        PERFORM fc_storage_add(j.owner, v_bytes);
    END IF;
END
$$;
COMMENT ON FUNCTION fc_artifacts_ready IS
    'The pending artifacts of a completed job have their file';

-- processing -> completed. A length that the output does not tell is that of the spec.
CREATE FUNCTION fc_job_finish(j jobs, p_output jsonb, p_size_bytes bigint,
                              p_render_seconds integer)
RETURNS jobs
LANGUAGE plpgsql AS $$
DECLARE
    v_seconds numeric;
BEGIN
    UPDATE jobs SET
        status = 'completed', output = COALESCE(p_output, '{}'),
        output_size_bytes = p_size_bytes,
        completed_at = GREATEST(clock_timestamp(), started_at),
        progress = progress || '{"phase": "finalizing", "percent": 100}'
            || CASE WHEN fc_number(progress -> 'scenes_total') IS NULL THEN '{}'
                    ELSE jsonb_build_object('scenes_completed', progress -> 'scenes_total') END
    WHERE id = j.id RETURNING * INTO j;

    UPDATE render_scenes SET status = 'completed', progress = 100, completed_at = j.completed_at
    WHERE job_id = j.id AND status IN ('pending', 'submitted', 'running');
    PERFORM fc_dispatch_settle(j.id, false);
    PERFORM fc_artifacts_ready(j);
    PERFORM fc_job_event_add(j.id, 'completed', jsonb_build_object(
        'status', 'completed', 'output_size_bytes', j.output_size_bytes,
        'credits_charged', j.credits_charged, 'completed_at', fc_time(j.completed_at)));

    v_seconds := CASE WHEN jsonb_typeof(j.spec_snapshot -> 'scenes') IS DISTINCT FROM 'array' THEN 0
                      ELSE COALESCE(fc_number(j.output -> 'duration'), p_render_seconds,
                                    fc_spec_seconds(j.spec_snapshot)) END;
    PERFORM fc_usage_add(j.owner, 1, LEAST(GREATEST(ceil(v_seconds), 0), 2147483647)::bigint, 0, 0);
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_finish IS 'A processing job is done; its purse must be locked as well';

-- queued, processing -> failed, canceled
CREATE FUNCTION fc_job_end(j jobs, p_failure job_failure_type, p_error jsonb, p_scene text,
                           p_take_lease boolean)
RETURNS jobs
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET
        status = CASE WHEN p_error IS NULL THEN 'canceled' ELSE 'failed' END::job_status,
        failure_type = p_failure, error = p_error,
        completed_at = GREATEST(clock_timestamp(), created_at, started_at),
        credits_refunded = fc_refund(p_failure, credits_charged, fc_percent(progress))
    WHERE id = j.id RETURNING * INTO j;
    IF j.credits_refunded > 0 THEN
        PERFORM fc_credit(j.owner, j.credits_refunded);
    END IF;

    UPDATE render_scenes SET
        status = CASE WHEN scene_id = p_scene THEN 'failed' ELSE 'canceled'
                 END::render_scene_status,
        error = CASE WHEN scene_id = p_scene
                     THEN jsonb_build_object('code', p_error -> 'code', 'message',
                                             p_error -> 'message')
                     ELSE error END
    WHERE job_id = j.id AND status IN ('pending', 'submitted', 'running');
    PERFORM fc_dispatch_settle(j.id, p_take_lease);
    UPDATE artifacts SET status = 'failed' WHERE source_job_id = j.id AND status = 'pending';
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_end IS
    'An active job ends without result, canceled if p_error is null; its event is the caller''s';

CREATE FUNCTION fc_job_break(j jobs, p_failure job_failure_type, p_error jsonb, p_scene text,
                             p_take_lease boolean)
RETURNS jobs
LANGUAGE plpgsql AS $$
BEGIN
    j := fc_job_end(j, p_failure, p_error, p_scene, p_take_lease);
    PERFORM fc_job_event_add(j.id, 'failed', jsonb_build_object(
        'status', 'failed', 'failure_type', j.failure_type, 'error', j.error,
        'credits_charged', j.credits_charged, 'credits_refunded', j.credits_refunded,
        'completed_at', fc_time(j.completed_at)));
    PERFORM fc_usage_add(j.owner, 0, 0, 0, j.credits_refunded);
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_break IS 'An active job fails; its purse must be locked as well';

CREATE FUNCTION fc_job_stop(j jobs, p_user uuid) RETURNS jobs
LANGUAGE plpgsql AS $$
BEGIN
    j := fc_job_end(j, 'canceled', NULL, NULL, true);
    PERFORM fc_job_event_add(j.id, 'canceled', jsonb_build_object(
        'status', 'canceled', 'failure_type', 'canceled', 'canceled_by', p_user,
        'progress', jsonb_build_object('percent', fc_percent(j.progress)),
        'credits_charged', j.credits_charged, 'credits_refunded', j.credits_refunded,
        'completed_at', fc_time(j.completed_at)));
    PERFORM fc_usage_add(j.owner, 0, 0, 0, j.credits_refunded);
    PERFORM pg_notify('fc_jobs_stop', j.id::text);
    RETURN j;
END
$$;
COMMENT ON FUNCTION fc_job_stop IS
    'An active job is canceled, by a user or, if null, by the system; its purse must be '
    'locked as well';
