-- The outbox as a queue. A lease is the name of one claim: whoever holds the present one drives the
-- run, and every step of an older one is refused.

CREATE FUNCTION fc_dispatch_claim(p_worker text, p_lease_seconds integer, p_providers text[])
RETURNS SETOF fc_outcome
LANGUAGE plpgsql AS $$
DECLARE
    d job_dispatches;
BEGIN
    SELECT * INTO d FROM job_dispatches
    WHERE done_at IS NULL AND next_attempt_at <= clock_timestamp()
      AND (lease_expires_at IS NULL OR lease_expires_at <= clock_timestamp())
      AND provider <> 'external' AND (p_providers IS NULL OR provider = ANY (p_providers))
    ORDER BY created_at, job_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    UPDATE job_dispatches SET
        attempts = attempts + 1, leased_by = left(p_worker, 180) || '#' || (attempts + 1),
        lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds),
        dispatched_at = COALESCE(dispatched_at, clock_timestamp())
    WHERE job_id = d.job_id RETURNING * INTO d;
    RETURN NEXT fc_answer('ok', json_build_object(
        'job_id', d.job_id, 'status', (SELECT status FROM jobs WHERE id = d.job_id),
        'provider', d.provider, 'attempts', d.attempts, 'lease', d.leased_by,
        'lease_expires_at', fc_time(d.lease_expires_at))::text);
END
$$;
COMMENT ON FUNCTION fc_dispatch_claim IS
    'Leases the oldest due job (of these providers): ok with the lease, or no row; an ended '
    'job needs cleaning up';

-- Zero rows changed means that another claim, or the end of the run, came first.
CREATE FUNCTION fc_dispatch_answer(p_job uuid, p_held boolean) RETURNS fc_outcome
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN fc_answer(CASE WHEN p_held THEN 'ok' ELSE 'lost' END, json_build_object(
        'status', (SELECT status FROM jobs WHERE id = p_job))::text);
END
$$;
COMMENT ON FUNCTION fc_dispatch_answer IS
    'ok or lost, with the job''s status, null when it is gone';

CREATE FUNCTION fc_dispatch_renew(p_job uuid, p_lease text, p_lease_seconds integer)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE job_dispatches
    SET lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    WHERE job_id = p_job AND leased_by = p_lease AND done_at IS NULL;
    RETURN fc_dispatch_answer(p_job, FOUND);
END
$$;
COMMENT ON FUNCTION fc_dispatch_renew IS 'Heartbeat of a lease: ok or lost';

CREATE FUNCTION fc_dispatch_release(p_job uuid, p_lease text, p_delay_seconds integer, p_error text)
RETURNS fc_outcome
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE job_dispatches
    SET leased_by = NULL, lease_expires_at = NULL, last_error = p_error,
        next_attempt_at = clock_timestamp() + make_interval(secs => p_delay_seconds)
    WHERE job_id = p_job AND leased_by = p_lease AND done_at IS NULL;
    RETURN fc_dispatch_answer(p_job, FOUND);
END
$$;
COMMENT ON FUNCTION fc_dispatch_release IS
    'Hands a lease back, due again after a pause: ok or lost';

CREATE FUNCTION fc_dispatch_done(p_job uuid, p_lease text) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE job_dispatches
    SET done_at = clock_timestamp(), leased_by = NULL, lease_expires_at = NULL
    WHERE job_id = p_job AND (p_lease IS NULL OR leased_by = p_lease) AND done_at IS NULL;
    RETURN fc_dispatch_answer(p_job, FOUND);
END
$$;
COMMENT ON FUNCTION fc_dispatch_done IS 'The run is over and cleaned up: ok or lost';
