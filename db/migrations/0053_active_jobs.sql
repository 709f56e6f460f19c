-- The limits look at the active jobs of one owner, user or project, and at no others. As a plain
-- "owner = ... AND status IN (...)" the condition fits every index of the active jobs; when there
-- were none as the statistics were taken, each of them looks equally cheap, and a creation then
-- reads every active job there is. The expressions below fit one index only, and "IS TRUE" leaves
-- nothing but the index by project.
CREATE FUNCTION fc_active_bucket(p_owner text, p_status job_status) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_status IN ('queued', 'processing') THEN fc_owner_bucket(p_owner) END
$$;
COMMENT ON FUNCTION fc_active_bucket IS 'fc_owner_bucket of a job that is active, else null';

CREATE FUNCTION fc_active_user(p_user uuid, p_status job_status) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_status IN ('queued', 'processing') THEN p_user END
$$;
COMMENT ON FUNCTION fc_active_user IS 'The user of a job that is active, else null';

DROP INDEX idx_jobs_active_bucket;
CREATE INDEX idx_jobs_active_bucket ON jobs (fc_active_bucket(owner, status))
    WHERE fc_active_bucket(owner, status) IS NOT NULL;
CREATE INDEX idx_jobs_active_user ON jobs (fc_active_user(triggered_by, status))
    WHERE fc_active_user(triggered_by, status) IS NOT NULL;

CREATE OR REPLACE FUNCTION check_job_concurrency_limits() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RETURN NEW; -- only a new job can exceed a limit
    END IF;
    IF EXISTS (SELECT 1 FROM users WHERE id = NEW.triggered_by AND tier = 'starter')
       AND EXISTS (SELECT 1 FROM jobs
                   WHERE fc_active_user(triggered_by, status) = NEW.triggered_by) THEN
        RAISE EXCEPTION 'a starter may have 1 active job (CARD-6)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_concurrency_limit';
    END IF;
    IF NEW.owner NOT LIKE 'framecast:user:%'
       AND (SELECT count(*) FROM jobs
            WHERE fc_active_bucket(owner, status) = fc_owner_bucket(NEW.owner)) >= 5 THEN
        RAISE EXCEPTION 'a team may have 5 active jobs (CARD-5)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_concurrency_limit';
    END IF;
    IF NEW.project_id IS NOT NULL
       AND EXISTS (SELECT 1 FROM jobs WHERE project_id = NEW.project_id
                                        AND (status IN ('queued', 'processing')) IS TRUE) THEN
        RAISE EXCEPTION 'a project may have 1 active job (INV-J12)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_one_active_per_project';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION fc_project_refusal(p_project uuid, p_owner text, p_spec jsonb,
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
    WHERE project_id = p_project AND (status IN ('queued', 'processing')) IS TRUE;
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

CREATE OR REPLACE FUNCTION fc_bucket_refusal(p_owner text, p_limit integer, p_available integer,
                                             p_credits integer)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_active integer;
BEGIN
    SELECT count(*) INTO v_active FROM jobs
    WHERE fc_active_bucket(owner, status) = fc_owner_bucket(p_owner);
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
