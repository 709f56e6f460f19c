-- Two queues in one table: those who claim look at one of them, however long the other is. A job
-- that waits for an operator's own worker is in nobody else's way, and the other way round.
DROP INDEX idx_job_dispatches_order;
CREATE INDEX idx_job_dispatches_claim ON job_dispatches (created_at, job_id)
    WHERE done_at IS NULL AND provider <> 'external';
CREATE INDEX idx_job_dispatches_hand_out ON job_dispatches (created_at, job_id)
    WHERE done_at IS NULL AND provider = 'external';
