-- p_user             who asks; triggered_by of the job
-- p_owner            URN; of a retry the parent's, of an artifact's render the artifact's
-- p_spec, p_options  JSON text; of a project the text of its spec as read before; of a retry unused
-- p_credits          price of what is to be rendered
-- p_scenes           JSON array of {scene_id, seed} by position; without seed: p_seed + position
-- p_idempotency_key, p_max_credits, p_assets  null: none given
-- p_assets           JSON array of {id, need}, need audio or image: what the spec names
-- p_spec_valid       false: the spec is refused, and only the facts of its assets are wanted
-- p_project          render of this project; of a retry unused
-- p_parent           the job to retry
-- p_artifact         the character or storyboard to render; the answer is then {job, artifact}
--
-- ok, replay, owner_not_usable, idempotency_key_in_use, invalid_spec, max_credits_exceeded,
-- concurrency_limit, insufficient_credits, project_has_active_job, project_state, spec_changed
-- (read the project again), job_not_retryable, not_found (project, parent or artifact is gone).
CREATE FUNCTION fc_job_create(
    p_user uuid, p_owner text, p_spec text, p_options text, p_credits integer, p_scenes text,
    p_provider text, p_seed bigint, p_idempotency_key text, p_max_credits bigint, p_assets text,
    p_spec_valid boolean, p_project uuid, p_parent uuid, p_artifact uuid)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    v_refusal fc_outcome;
    v_project uuid := p_project;
    v_parent jobs;
    v_purse record;
BEGIN
    IF NOT fc_owner_usable(p_user, p_owner) THEN
        RETURN fc_answer('owner_not_usable');
    END IF;
    v_refusal := fc_job_replay(p_user, p_idempotency_key, p_artifact IS NOT NULL);
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;

    IF p_parent IS NOT NULL THEN
        SELECT * INTO v_parent FROM jobs WHERE id = p_parent AND owner = p_owner;
        IF NOT FOUND THEN
            RETURN fc_answer('not_found');
        ELSIF v_parent.status NOT IN ('failed', 'canceled') THEN
            RETURN fc_answer('job_not_retryable', json_build_object(
                'reason', 'job_not_retryable', 'job_id', p_parent,
                'status', v_parent.status)::text);
        END IF;
        v_project := v_parent.project_id;
    END IF;
    IF v_project IS NULL THEN -- a project's state is reported before its spec
        v_refusal := fc_job_spec_refusal(p_user, p_assets::jsonb, p_spec_valid, p_credits,
                                         p_max_credits);
        IF v_refusal.outcome IS NOT NULL THEN
            RETURN v_refusal;
        END IF;
    END IF;

    SELECT * INTO v_purse FROM fc_purse_lock(p_user, p_owner);
    IF v_purse.o_limit IS NULL THEN
        RETURN fc_answer('owner_not_usable');
    END IF;
    -- A concurrent request with the same key may have been faster.
    v_refusal := fc_job_replay(p_user, p_idempotency_key, p_artifact IS NOT NULL);
    IF v_refusal.outcome IS NULL AND v_project IS NOT NULL THEN
        v_refusal := fc_project_refusal(v_project, p_owner, p_spec::jsonb, p_parent IS NULL);
        IF v_refusal.outcome = 'not_found' AND p_parent IS NOT NULL THEN
            v_refusal := NULL; -- deleted since: the parent has become an ephemeral job
        END IF;
        IF v_refusal.outcome IS NULL THEN
            v_refusal := fc_job_spec_refusal(p_user, p_assets::jsonb, p_spec_valid, p_credits,
                                             p_max_credits);
        END IF;
    END IF;
    IF v_refusal.outcome IS NULL THEN
        v_refusal := fc_bucket_refusal(p_owner, v_purse.o_limit, v_purse.o_available, p_credits);
    END IF;
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;

    IF p_parent IS NOT NULL THEN
        SELECT * INTO v_parent FROM jobs WHERE id = p_parent FOR KEY SHARE;
        IF NOT FOUND THEN
            RETURN fc_answer('not_found');
        END IF;
        v_project := v_parent.project_id;
    END IF;
    IF p_artifact IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM artifacts WHERE id = p_artifact AND owner = p_owner) THEN
        RETURN fc_answer('not_found');
    END IF;

    RETURN fc_job_insert(
        p_user, p_owner,
        CASE WHEN p_parent IS NULL THEN fc_spec_clean(p_spec::jsonb)
             ELSE v_parent.spec_snapshot END,
        CASE WHEN p_parent IS NULL THEN COALESCE(p_options::jsonb, '{}') ELSE v_parent.options END,
        p_credits, p_scenes::jsonb, p_provider, p_seed, p_idempotency_key, v_project, p_parent,
        p_artifact);
END
$$;
COMMENT ON FUNCTION fc_job_create IS 'Makes a job with all that belongs to it, or says why not';

-- All checks are done and all locks held.
CREATE FUNCTION fc_job_insert(
    p_user uuid, p_owner text, p_spec jsonb, p_options jsonb, p_credits integer, p_scenes jsonb,
    p_provider text, p_seed bigint, p_idempotency_key text, p_project uuid, p_parent uuid,
    p_artifact uuid)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    j jobs;
    v_now timestamptz := clock_timestamp();
BEGIN
    -- The same key with another owner is not kept out by the purse's lock, but here.
    INSERT INTO jobs (owner, triggered_by, project_id, parent_job_id, spec_snapshot, options,
                      progress, credits_charged, idempotency_key, created_at, updated_at)
    VALUES (p_owner, p_user, p_project, p_parent, p_spec, p_options,
            fc_job_first_progress(p_spec, p_parent), p_credits, p_idempotency_key, v_now, v_now)
    ON CONFLICT (triggered_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING * INTO j;
    IF NOT FOUND THEN
        RETURN fc_job_replay(p_user, p_idempotency_key, p_artifact IS NOT NULL);
    END IF;

    PERFORM fc_credit(p_owner, -p_credits);
    PERFORM fc_scenes_add(j.id, p_parent, p_scenes, p_provider, p_seed);
    INSERT INTO job_dispatches (job_id, provider, next_attempt_at, created_at)
    VALUES (j.id, p_provider, v_now, v_now);
    IF p_artifact IS NOT NULL THEN
        PERFORM fc_job_artifact_add(p_artifact, j);
    END IF;
    PERFORM fc_job_event_add(j.id, 'queued', jsonb_build_object(
        'status', 'queued', 'credits_charged', p_credits));
    PERFORM fc_usage_add(p_owner, 0, 0, p_credits, 0);
    RETURN fc_answer('ok', fc_job_answer(j, p_artifact IS NOT NULL));
END
$$;
COMMENT ON FUNCTION fc_job_insert IS
    'Writes a job that fc_job_create has admitted: ok, or replay when the key was taken just now';
