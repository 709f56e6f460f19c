-- The texts of all jobs that have ended. A migration of its own, for it takes a while, and a table
-- that is being altered can not be read meanwhile.

-- First the jobs are locked: whoever changes one, or a scene of it, waits, and then writes the text
-- anew or drops it (0052_job_texts.sql). What was changed before, the next statement sees.
DO $$
BEGIN
    PERFORM FROM jobs WHERE status IN ('completed', 'failed', 'canceled') FOR NO KEY UPDATE;
END
$$;

INSERT INTO job_texts (job_id, owner, head, tail)
SELECT j.id, j.owner, fc_job_head(j), fc_job_tail(j.id) FROM jobs j
 WHERE j.status IN ('completed', 'failed', 'canceled')
ON CONFLICT (job_id) DO NOTHING;
