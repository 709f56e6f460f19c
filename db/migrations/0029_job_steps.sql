-- What the server's own steps report. Each may be run twice or late: it changes nothing about a
-- job that has ended, or for a lease that another claim has followed. Common outcomes: terminal
-- and lost (body {status}), not_found.

CREATE FUNCTION fc_step_refusal(j jobs, p_lease text) RETURNS fc_outcome
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF j.id IS NULL THEN
        RETURN fc_answer('not_found');
    ELSIF j.status NOT IN ('queued', 'processing') THEN
        RETURN fc_answer('terminal', json_build_object('status', j.status)::text);
    ELSIF p_lease IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM job_dispatches
                          WHERE job_id = j.id AND leased_by = p_lease) THEN
        RETURN fc_answer('lost', json_build_object('status', j.status)::text);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_step_refusal IS
    'Why a step must not touch a job: terminal, lost, not_found, or nulls';

CREATE FUNCTION fc_illegal_transition(j jobs, p_event text) RETURNS fc_outcome
LANGUAGE sql STABLE AS $$
    SELECT fc_answer('illegal_transition', json_build_object(
        'reason', 'illegal_transition', 'job_id', j.id, 'status', j.status,
        'event', p_event)::text)
$$;
COMMENT ON FUNCTION fc_illegal_transition IS
    'The refusal of an event that a job''s state does not know';

CREATE FUNCTION fc_job_begin(p_job uuid, p_lease text) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs := fc_job_lock(p_job);
    v_refusal fc_outcome := fc_step_refusal(j, p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    ELSIF j.status = 'processing' THEN
        RETURN fc_answer('already', fc_job_work(p_job)::text);
    END IF;
    PERFORM fc_job_start(j);
    RETURN fc_answer('ok', fc_job_work(p_job)::text);
END
$$;
COMMENT ON FUNCTION fc_job_begin IS
    'Picks a job up: ok or already, both with all that is known of it';

CREATE FUNCTION fc_job_progress(p_job uuid, p_lease text, p_patch text) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs := fc_job_lock(p_job);
    v_refusal fc_outcome := fc_step_refusal(j, p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    ELSIF j.status = 'queued' THEN
        RETURN fc_illegal_transition(j, 'progress');
    END IF;
    j := fc_job_advance(j, p_patch::jsonb);
    RETURN fc_answer('ok', j.progress::text);
END
$$;
COMMENT ON FUNCTION fc_job_progress IS
    'Merges a patch into the progress and writes the event: ok with the progress; '
    'illegal_transition when queued';

CREATE FUNCTION fc_job_complete(p_job uuid, p_lease text, p_output text, p_size_bytes bigint,
                                p_render_seconds integer)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs := fc_job_lock_to_end(p_job);
    v_refusal fc_outcome := fc_step_refusal(j, p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    ELSIF j.status = 'queued' THEN
        RETURN fc_illegal_transition(j, 'completed');
    END IF;
    j := fc_job_finish(j, p_output::jsonb, p_size_bytes, p_render_seconds);
    RETURN fc_answer('ok', fc_job_json(j));
END
$$;
COMMENT ON FUNCTION fc_job_complete IS
    'Success: ok with the job; illegal_transition when still queued';

CREATE FUNCTION fc_job_fail(p_job uuid, p_lease text, p_failure_type text, p_error text,
                            p_scene text)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs := fc_job_lock_to_end(p_job);
    v_refusal fc_outcome := fc_step_refusal(j, p_lease);
BEGIN
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    j := fc_job_break(j, p_failure_type::job_failure_type, p_error::jsonb, p_scene, false);
    RETURN fc_answer('ok', fc_job_json(j));
END
$$;
COMMENT ON FUNCTION fc_job_fail IS
    'Failure with refund: ok with the job; p_scene, if not null, is the scene that was given up';
