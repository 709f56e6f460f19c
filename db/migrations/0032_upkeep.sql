-- What runs by the clock, and figures for operators.

CREATE FUNCTION fc_job_overdue(j jobs, p_timeout_seconds integer, p_queue_timeout_seconds integer)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE j.status
           WHEN 'processing' THEN
               j.started_at < clock_timestamp() - make_interval(secs => p_timeout_seconds)
           WHEN 'queued' THEN
               j.created_at < clock_timestamp() - make_interval(secs => p_queue_timeout_seconds)
           ELSE false END
$$;
COMMENT ON FUNCTION fc_job_overdue IS 'Whether a job has been waiting or processing for too long';

CREATE FUNCTION fc_job_expire(j jobs, p_timeout_seconds integer, p_queue_timeout_seconds integer)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF j.status = 'processing' THEN
        PERFORM fc_job_break(j, 'timeout', jsonb_build_object(
            'code', 'timeout', 'message',
            format('The job took longer than %s seconds', p_timeout_seconds)), NULL, true);
    ELSE
        PERFORM fc_job_break(j, 'system', jsonb_build_object(
            'code', 'queue_timeout', 'message',
            format('The job waited longer than %s seconds', p_queue_timeout_seconds)), NULL, true);
    END IF;
    PERFORM pg_notify('fc_jobs_stop', j.id::text);
END
$$;
COMMENT ON FUNCTION fc_job_expire IS 'Fails an overdue job and tells who renders it to stop';

CREATE FUNCTION fc_projects_reset() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_project uuid;
BEGIN
    FOR v_project IN
        SELECT id FROM projects p
        WHERE status = 'rendering'
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE project_id = p.id
                                               AND status IN ('queued', 'processing'))
        FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        -- Looked at again under the lock: a job may have come in between.
        UPDATE projects p SET status = 'draft'
        WHERE id = v_project AND status = 'rendering'
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE project_id = p.id
                                               AND status IN ('queued', 'processing'));
    END LOOP;
END
$$;
COMMENT ON FUNCTION fc_projects_reset IS
    'Projects that say rendering without an active job (removed by hand) become drafts';

-- Several servers may sweep at once. All purses and projects are locked first, each kind in order
-- of its ids, then what is still overdue and not in somebody else's hands.
CREATE FUNCTION fc_jobs_sweep(p_timeout_seconds integer, p_queue_timeout_seconds integer,
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
            PERFORM fc_job_expire(j, p_timeout_seconds, p_queue_timeout_seconds);
            RETURN NEXT j.id;
        END IF;
    END LOOP;
    PERFORM fc_projects_reset();
END
$$;
COMMENT ON FUNCTION fc_jobs_sweep IS
    'Fails jobs that waited or ran too long, resets stray projects; gives the ids of the '
    'failed jobs';

CREATE FUNCTION get_job_stats() RETURNS TABLE (status job_status, count bigint)
LANGUAGE sql STABLE AS $$
    SELECT j.status, count(*) FROM jobs j GROUP BY j.status ORDER BY j.status
$$;
COMMENT ON FUNCTION get_job_stats IS 'Number of jobs by status';

CREATE FUNCTION get_team_stats(p_team uuid)
RETURNS TABLE (member_count bigint, project_count bigint, active_job_count bigint,
               total_credits_used bigint)
LANGUAGE sql STABLE AS $$
    SELECT (SELECT count(*) FROM memberships WHERE team_id = p_team),
           (SELECT count(*) FROM projects WHERE team_id = p_team),
           (SELECT count(*) FROM jobs
            WHERE fc_owner_bucket(owner) = 'framecast:team:' || p_team
              AND status IN ('queued', 'processing')),
           (SELECT COALESCE(sum(credits_used), 0) FROM usage
            WHERE fc_owner_bucket(owner) = 'framecast:team:' || p_team)
$$;
COMMENT ON FUNCTION get_team_stats IS 'Members, projects, active jobs and credits used of a team';
