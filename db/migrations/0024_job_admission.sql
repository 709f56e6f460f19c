-- Making a job: generate, project render, artifact render, clone and retry. One call does all.

CREATE FUNCTION fc_job_answer(j jobs, p_with_artifact boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT p_with_artifact THEN
        RETURN fc_job_json(j);
    END IF;
    RETURN '{"job":' || fc_job_json(j) || ',"artifact":' || COALESCE((
        SELECT fc_artifact_json(a) FROM artifacts a WHERE a.source_job_id = j.id
        ORDER BY a.created_at LIMIT 1), 'null') || '}';
END
$$;
COMMENT ON FUNCTION fc_job_answer IS
    'What a creation answers: the job, or {job, artifact} when an artifact is rendered';

-- Null in both members when the key is null or new.
CREATE FUNCTION fc_job_replay(p_user uuid, p_key text, p_with_artifact boolean DEFAULT false)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
BEGIN
    IF p_key IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO j FROM jobs WHERE triggered_by = p_user AND idempotency_key = p_key;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NOT fc_owner_visible(p_user, j.owner) THEN
        RETURN fc_answer('idempotency_key_in_use', json_build_object(
            'reason', 'idempotency_key_in_use', 'idempotency_key', p_key)::text);
    END IF;
    RETURN fc_answer('replay', fc_job_answer(j, p_with_artifact));
END
$$;
COMMENT ON FUNCTION fc_job_replay IS
    'The job that a user''s idempotency key stands for: replay, idempotency_key_in_use, or nulls';

CREATE FUNCTION fc_assets_ok(p_user uuid, p_assets jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(p_assets) AS w
        WHERE NOT CASE WHEN starts_with(w ->> 'id', 'asset_')
            THEN EXISTS (SELECT 1 FROM system_assets s WHERE s.id = w ->> 'id')
            ELSE EXISTS (SELECT 1 FROM artifacts a
                         WHERE a.id = fc_uuid(w ->> 'id') AND a.status = 'ready'
                           AND a.kind NOT IN ('storyboard', 'character')
                           AND starts_with(a.content_type, (w ->> 'need') || '/')
                           AND fc_owner_visible(p_user, a.owner))
            END);
END
$$;
COMMENT ON FUNCTION fc_assets_ok IS
    'Whether a user may render with these assets: JSON array of {id, need}, need audio or image';

-- What speaks against a spec and its price before anybody's balance is looked at.
CREATE FUNCTION fc_job_spec_refusal(p_user uuid, p_assets jsonb, p_spec_valid boolean,
                                    p_credits integer, p_max_credits bigint)
RETURNS fc_outcome
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT p_spec_valid OR (p_assets IS NOT NULL AND NOT fc_assets_ok(p_user, p_assets)) THEN
        RETURN fc_answer('invalid_spec', fc_assets_facts(p_user, ARRAY(
            SELECT w ->> 'id' FROM jsonb_array_elements(p_assets) AS w)));
    END IF;
    IF p_max_credits < p_credits THEN
        RETURN fc_answer('max_credits_exceeded', json_build_object(
            'reason', 'max_credits_exceeded', 'required', p_credits,
            'max_credits', p_max_credits)::text);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_job_spec_refusal IS
    'invalid_spec (body: facts of the assets) or max_credits_exceeded, else nulls';

-- The row that pays is the lock of the bucket: whoever holds it is alone in counting its jobs.
CREATE FUNCTION fc_purse_lock(p_user uuid, p_owner text, OUT o_limit integer,
                              OUT o_available integer)
LANGUAGE plpgsql AS $$
BEGIN
    IF fc_owner_user(p_owner) IS NOT NULL THEN
        SELECT CASE tier WHEN 'starter' THEN 1 ELSE 5 END, credits INTO o_limit, o_available
        FROM users WHERE id = fc_owner_user(p_owner) FOR NO KEY UPDATE;
        RETURN;
    END IF;

    PERFORM 1 FROM users WHERE id = p_user FOR KEY SHARE;
    SELECT 5, credits INTO o_limit, o_available
    FROM teams WHERE id = fc_owner_team(p_owner) FOR NO KEY UPDATE;
    IF NOT fc_owner_usable(p_user, p_owner) THEN
        o_limit := NULL; -- left the team, or became a viewer, while we waited
    END IF;
END
$$;
COMMENT ON FUNCTION fc_purse_lock IS
    'Locks who pays for an owner; gives the limit of active jobs and the balance, limit '
    'null: not usable';

CREATE FUNCTION fc_project_refusal(p_project uuid, p_owner text, p_spec jsonb,
                                   p_check_spec boolean)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_project projects;
    v_active uuid;
BEGIN
    SELECT * INTO v_project FROM projects WHERE id = p_project FOR NO KEY UPDATE;
    IF NOT FOUND OR p_owner <> 'framecast:team:' || v_project.team_id THEN
        RETURN fc_answer('not_found');
    END IF;
    IF v_project.status = 'archived' THEN
        RETURN fc_answer('project_state', json_build_object(
            'reason', 'project_state', 'project_id', p_project, 'status', v_project.status,
            'allowed', json_build_array('draft', 'completed'))::text);
    END IF;
    SELECT id INTO v_active FROM jobs
    WHERE project_id = p_project AND status IN ('queued', 'processing');
    IF v_project.status = 'rendering' OR v_active IS NOT NULL THEN
        RETURN fc_answer('project_has_active_job', json_build_object(
            'reason', 'project_has_active_job', 'project_id', p_project,
            'job_id', v_active)::text);
    END IF;
    IF p_check_spec AND v_project.spec IS DISTINCT FROM p_spec THEN
        RETURN fc_answer('spec_changed');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_project_refusal IS
    'Locks a project for a new job: not_found, project_state, project_has_active_job, '
    'spec_changed, or nulls';

CREATE FUNCTION fc_bucket_refusal(p_owner text, p_limit integer, p_available integer,
                                  p_credits integer)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_active integer;
BEGIN
    SELECT count(*) INTO v_active FROM jobs
    WHERE fc_owner_bucket(owner) = fc_owner_bucket(p_owner)
      AND status IN ('queued', 'processing');
    IF v_active >= p_limit THEN
        RETURN fc_answer('concurrency_limit', json_build_object(
            'reason', 'concurrency_limit', 'owner', p_owner, 'active', v_active,
            'limit', p_limit)::text);
    END IF;
    IF p_available < p_credits THEN
        RETURN fc_answer('insufficient_credits', json_build_object(
            'reason', 'insufficient_credits', 'owner', p_owner,
            'source', CASE WHEN fc_owner_user(p_owner) IS NULL THEN 'team' ELSE 'user' END,
            'required', p_credits, 'available', p_available)::text);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_bucket_refusal IS
    'concurrency_limit or insufficient_credits, else nulls; the purse must be locked';

CREATE FUNCTION fc_scenes_add(p_job uuid, p_parent uuid, p_scenes jsonb, p_provider text,
                              p_seed bigint)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_parent IS NOT NULL AND EXISTS (SELECT 1 FROM render_scenes WHERE job_id = p_parent) THEN
        -- What the parent finished is taken over and not paid for again.
        INSERT INTO render_scenes (job_id, scene_id, position, seed, provider, status, progress,
                                   clip_key, duration_ms, completed_at)
        SELECT p_job, s.scene_id, s.position, s.seed, t.*
        FROM render_scenes s
        CROSS JOIN LATERAL (
            SELECT s.provider, s.status, 100, s.clip_key, s.duration_ms, s.completed_at
            WHERE s.status = 'completed' AND s.clip_key IS NOT NULL
            UNION ALL
            SELECT p_provider, 'pending', 0, NULL, NULL, NULL
            WHERE s.status <> 'completed' OR s.clip_key IS NULL) AS t
        WHERE s.job_id = p_parent;
        RETURN;
    END IF;

    INSERT INTO render_scenes (job_id, scene_id, position, provider, seed)
    SELECT p_job, w.scene ->> 'scene_id', w.n - 1, p_provider,
           COALESCE((w.scene ->> 'seed')::bigint, (p_seed + w.n - 1) % 4294967296)
    FROM jsonb_array_elements(p_scenes) WITH ORDINALITY AS w (scene, n);
END
$$;
COMMENT ON FUNCTION fc_scenes_add IS
    'Writes the scenes of a new job: those of its parent, else as given in order of position';

CREATE FUNCTION fc_job_first_progress(p_spec jsonb, p_parent uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_taken_over bigint := 0;
BEGIN
    IF jsonb_typeof(p_spec -> 'scenes') IS DISTINCT FROM 'array' THEN
        RETURN '{"phase": "queued", "percent": 0}';
    END IF;
    IF p_parent IS NOT NULL THEN
        SELECT count(*) INTO v_taken_over FROM render_scenes
        WHERE job_id = p_parent AND status = 'completed' AND clip_key IS NOT NULL;
    END IF;
    RETURN jsonb_build_object(
        'phase', 'queued', 'percent', 0, 'scenes_completed', v_taken_over,
        'scenes_total', jsonb_array_length(p_spec -> 'scenes'));
END
$$;
COMMENT ON FUNCTION fc_job_first_progress IS 'Progress of a job at creation';

CREATE FUNCTION fc_job_artifact_add(p_source uuid, p_job jobs) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO artifacts (owner, created_by, project_id, kind, status, source, filename, s3_key,
                           content_type, size_bytes, spec, source_job_id)
    SELECT a.owner, p_job.triggered_by, a.project_id, o.kind::artifact_kind, 'pending', 'job',
           'render-' || a.id || '.' || o.suffix,
           fc_job_prefix(p_job.owner, p_job.id) || 'final.' || o.suffix,
           o.content_type, 1, a.spec, p_job.id
    FROM artifacts a
    JOIN (VALUES ('character', 'image', 'png', 'image/png'),
                 ('storyboard', 'video', 'mp4', 'video/mp4'))
         AS o (source_kind, kind, suffix, content_type) ON o.source_kind = a.kind::text
    WHERE a.id = p_source;
END
$$;
COMMENT ON FUNCTION fc_job_artifact_add IS
    'The pending artifact that a job rendering the artifact p_source will fill';
