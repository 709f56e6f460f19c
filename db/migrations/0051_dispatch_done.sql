-- As in 0028; in addition the run of a job that is still active is never closed: whoever thinks that
-- it is over is mistaken, and the job would wait for its timeout.
CREATE OR REPLACE FUNCTION fc_dispatch_done(p_job uuid, p_lease text) RETURNS fc_outcome
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE job_dispatches
    SET done_at = clock_timestamp(), leased_by = NULL, lease_expires_at = NULL
    WHERE job_id = p_job AND (p_lease IS NULL OR leased_by = p_lease) AND done_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = p_job AND status IN ('queued', 'processing'));
    RETURN fc_dispatch_answer(p_job, FOUND);
END
$$;
COMMENT ON FUNCTION fc_dispatch_done IS
    'The run is over and cleaned up: ok or lost, also when the job is still active';
