-- Rows that somebody edited by hand must not hurt anything but their own job.

-- As in 0010; in addition a progress that is no object becomes an empty one, whoever writes the row next.
CREATE OR REPLACE FUNCTION normalize_job_row() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.spec_snapshot IS DISTINCT FROM OLD.spec_snapshot THEN
            RAISE EXCEPTION 'the spec of a job never changes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_spec_snapshot_fixed';
        END IF;
    ELSE
        IF NEW.status = 'processing' THEN
            NEW.started_at := COALESCE(NEW.started_at, clock_timestamp());
        ELSIF NEW.status <> 'queued' THEN
            NEW.completed_at := COALESCE(NEW.completed_at, clock_timestamp());
        END IF;
        NEW.updated_at := GREATEST(NEW.updated_at, NEW.created_at);
    END IF;

    IF jsonb_typeof(NEW.progress) <> 'object' THEN
        NEW.progress := '{}';
    END IF;
    IF NEW.status = 'completed' THEN
        NEW.output := COALESCE(NEW.output, '{}');
    ELSIF NEW.status = 'failed' THEN
        NEW.error := COALESCE(NEW.error, '{"code": "unknown_error", "message": "Unknown error"}');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION normalize_job_row IS
    'Trigger: fills in what a state demands, mends the progress; refuses another spec_snapshot';

-- As in 0032; in addition a job that cannot be ended is left where it is, instead of keeping all
-- others from their end.
CREATE OR REPLACE FUNCTION fc_jobs_sweep(p_timeout_seconds integer, p_queue_timeout_seconds integer,
                                         p_max integer)
RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_jobs uuid[];
    v_users uuid[];
    v_teams uuid[];
    v_projects uuid[];
    j jobs;
BEGIN
    SELECT array_agg(o.id), array_agg(fc_owner_user(o.owner)), array_agg(fc_owner_team(o.owner)),
           array_agg(o.project_id)
    INTO v_jobs, v_users, v_teams, v_projects
    FROM (SELECT id, owner, project_id FROM jobs
          WHERE status IN ('queued', 'processing')
            AND fc_job_overdue(jobs, p_timeout_seconds, p_queue_timeout_seconds)
          ORDER BY created_at LIMIT p_max) AS o;
    PERFORM 1 FROM users WHERE id = ANY (v_users) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM teams WHERE id = ANY (v_teams) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM projects WHERE id = ANY (v_projects) ORDER BY id FOR NO KEY UPDATE;

    FOR j IN SELECT * FROM jobs WHERE id = ANY (v_jobs) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        IF fc_job_overdue(j, p_timeout_seconds, p_queue_timeout_seconds) THEN
            BEGIN
                PERFORM fc_job_expire(j, p_timeout_seconds, p_queue_timeout_seconds);
                RETURN NEXT j.id;
            EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                RAISE WARNING 'job % cannot be ended: %', j.id, SQLERRM;
            END;
        END IF;
    END LOOP;
    PERFORM fc_projects_reset();
END
$$;
COMMENT ON FUNCTION fc_jobs_sweep IS
    'Fails jobs that waited or ran too long, resets stray projects; gives the ids of the '
    'failed jobs';
