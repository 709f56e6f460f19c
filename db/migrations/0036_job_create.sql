-- Creation with fewer statements: the purse is locked first, so that what is looked up need not be
-- looked up again behind the lock. The order in which refusals are reported is the same.

CREATE OR REPLACE FUNCTION fc_purse_lock(p_user uuid, p_owner text, OUT o_limit integer,
                                         OUT o_available integer)
LANGUAGE plpgsql AS $$
BEGIN
    IF p_owner = 'framecast:user:' || p_user THEN
        SELECT CASE tier WHEN 'starter' THEN 1 ELSE 5 END, credits INTO o_limit, o_available
        FROM users WHERE id = p_user FOR NO KEY UPDATE;
        RETURN;
    END IF;
    IF NOT fc_owner_usable(p_user, p_owner) THEN
        RETURN; -- a stranger must not make a team wait
    END IF;

    PERFORM 1 FROM users WHERE id = p_user FOR KEY SHARE;
    SELECT 5, credits INTO o_limit, o_available
    FROM teams WHERE id = fc_owner_team(p_owner) FOR NO KEY UPDATE;
    IF NOT fc_owner_usable(p_user, p_owner) THEN
        o_limit := NULL; -- left the team, or became a viewer, while we waited
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION fc_job_spec_refusal(p_user uuid, p_assets jsonb, p_spec_valid boolean,
                                               p_credits integer, p_max_credits bigint)
RETURNS fc_outcome
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT p_spec_valid OR (p_assets <> '[]' AND NOT fc_assets_ok(p_user, p_assets)) THEN
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
CREATE OR REPLACE FUNCTION fc_job_create(
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
    v_purse := fc_purse_lock(p_user, p_owner);
    IF v_purse.o_limit IS NULL THEN
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
    IF v_project IS NOT NULL THEN -- a project's state is reported before its spec
        v_refusal := fc_project_refusal(v_project, p_owner, p_spec::jsonb, p_parent IS NULL);
        IF v_refusal.outcome = 'not_found' AND p_parent IS NOT NULL THEN
            v_refusal := NULL; -- deleted since: the parent has become an ephemeral job
        END IF;
    END IF;
    IF v_refusal.outcome IS NULL THEN
        v_refusal := fc_job_spec_refusal(p_user, p_assets::jsonb, p_spec_valid, p_credits,
                                         p_max_credits);
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

-- The first event of a job needs no look for the number of the one before.
DROP FUNCTION fc_job_event_add(uuid, job_event_type, jsonb);
CREATE FUNCTION fc_job_event_add(p_job uuid, p_type job_event_type, p_payload jsonb,
                                 p_sequence bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_sequence bigint := COALESCE(p_sequence, get_next_job_event_sequence(p_job));
BEGIN
    INSERT INTO job_events (job_id, sequence, event_type, payload, created_at)
    VALUES (p_job, v_sequence, p_type, p_payload, clock_timestamp());
    RETURN v_sequence;
END
$$;
COMMENT ON FUNCTION fc_job_event_add IS
    'The one way in which a job''s event is written; the job''s row must be locked; p_sequence '
    'only where it is known, as of a new job; returns the number';

CREATE OR REPLACE FUNCTION fc_job_insert(
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
        'status', 'queued', 'credits_charged', p_credits), 1);
    PERFORM fc_usage_add(p_owner, 0, 0, p_credits, 0);
    RETURN fc_answer('ok', fc_job_answer(j, p_artifact IS NOT NULL));
END
$$;
