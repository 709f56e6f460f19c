-- What clients do to a job that exists.

-- Members and viewers who see a job but did not make it get the same answer as strangers.
CREATE FUNCTION fc_job_may_cancel(p_user uuid, j jobs) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF j.triggered_by = p_user AND fc_owner_visible(p_user, j.owner) THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
                   WHERE m.user_id = p_user AND m.team_id = fc_owner_team(j.owner)
                     AND m.role IN ('owner', 'admin') AND u.tier = 'creator');
END
$$;
COMMENT ON FUNCTION fc_job_may_cancel IS 'Whether a user may cancel a job';

CREATE FUNCTION fc_job_cancel(p_user uuid, p_job uuid) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = p_job;
    IF NOT FOUND OR NOT fc_job_may_cancel(p_user, j) THEN
        RETURN fc_answer('not_found');
    END IF;
    j := fc_job_lock_to_end(p_job);
    IF j.id IS NULL THEN
        RETURN fc_answer('not_found');
    ELSIF j.status NOT IN ('queued', 'processing') THEN
        RETURN fc_answer('job_is_terminal', json_build_object(
            'reason', 'job_is_terminal', 'job_id', j.id, 'status', j.status)::text);
    END IF;
    j := fc_job_stop(j, p_user);
    RETURN fc_answer('ok', fc_job_json(j));
END
$$;
COMMENT ON FUNCTION fc_job_cancel IS 'A user cancels a job: ok, job_is_terminal, not_found';

CREATE FUNCTION fc_keys_named(p_prefix text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(
        SELECT s3_key::text FROM artifacts
        WHERE s3_key ~>=~ p_prefix AND s3_key ~<~ (p_prefix || chr(1114111))
        UNION
        SELECT clip_key FROM render_scenes
        WHERE clip_key ~>=~ p_prefix AND clip_key ~<~ (p_prefix || chr(1114111)));
END
$$;
COMMENT ON FUNCTION fc_keys_named IS
    'Keys of the outputs bucket that begin so and that an artifact or a scene still names';

-- The job's own folder, and the clips that it had taken over; the worker that deletes asks
-- fc_keys_named what to spare.
CREATE FUNCTION fc_job_files_discard(j jobs, p_bucket text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO object_deletions (bucket, s3_key)
    SELECT p_bucket, fc_job_prefix(j.owner, j.id)
    UNION ALL
    SELECT p_bucket, mine.clip_key FROM render_scenes mine
    WHERE mine.job_id = j.id AND NOT starts_with(mine.clip_key, fc_job_prefix(j.owner, j.id))
      AND NOT EXISTS (SELECT 1 FROM render_scenes other
                      WHERE other.clip_key = mine.clip_key AND other.job_id <> j.id)
      AND NOT EXISTS (SELECT 1 FROM artifacts WHERE s3_key = mine.clip_key);
END
$$;
COMMENT ON FUNCTION fc_job_files_discard IS 'Queues what is stored for a job for removal';

CREATE FUNCTION fc_job_delete(p_user uuid, p_job uuid, p_bucket text) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
BEGIN
    SELECT * INTO j FROM jobs WHERE id = p_job FOR UPDATE;
    IF NOT FOUND OR NOT fc_owner_visible(p_user, j.owner) THEN
        RETURN fc_answer('not_found');
    ELSIF NOT fc_owner_usable(p_user, j.owner) THEN
        RETURN fc_answer('viewer_may_not');
    ELSIF j.project_id IS NOT NULL THEN
        RETURN fc_answer('job_has_project');
    ELSIF j.status IN ('queued', 'processing') THEN
        RETURN fc_answer('job_not_terminal');
    END IF;
    PERFORM fc_job_files_discard(j, p_bucket);
    DELETE FROM jobs WHERE id = p_job;
    RETURN fc_answer('ok');
END
$$;
COMMENT ON FUNCTION fc_job_delete IS
    'A user deletes a finished job: ok, viewer_may_not, job_has_project, job_not_terminal, '
    'not_found';
