-- Usage is kept when a job is deleted. To hold it against the jobs nevertheless, `admin check` needs
-- to know what the deleted ones had booked.
CREATE TABLE deleted_jobs (
    owner varchar(500) PRIMARY KEY,
    credits_charged bigint NOT NULL DEFAULT 0,
    credits_refunded bigint NOT NULL DEFAULT 0,
    renders_count bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE deleted_jobs IS 'Sums of the jobs that were deleted, by owner';
COMMENT ON COLUMN deleted_jobs.owner IS 'Owner URN, verbatim as in the jobs';
COMMENT ON COLUMN deleted_jobs.credits_charged IS 'What they had cost';
COMMENT ON COLUMN deleted_jobs.credits_refunded IS 'What they had given back';
COMMENT ON COLUMN deleted_jobs.renders_count IS 'How many of them were completed';

CREATE FUNCTION fc_deleted_job_add() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_jobs AS d (owner, credits_charged, credits_refunded, renders_count)
    VALUES (OLD.owner, OLD.credits_charged, OLD.credits_refunded,
            (OLD.status = 'completed')::integer)
    ON CONFLICT (owner) DO UPDATE SET
        credits_charged = d.credits_charged + EXCLUDED.credits_charged,
        credits_refunded = d.credits_refunded + EXCLUDED.credits_refunded,
        renders_count = d.renders_count + EXCLUDED.renders_count;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_deleted_job_add IS 'Trigger: keeps the sums of a job that goes';

CREATE FUNCTION fc_deleted_jobs_add() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_jobs AS d (owner, credits_charged, credits_refunded, renders_count)
    SELECT owner, sum(credits_charged), sum(credits_refunded),
           count(*) FILTER (WHERE status = 'completed')
    FROM jobs GROUP BY owner
    ON CONFLICT (owner) DO UPDATE SET
        credits_charged = d.credits_charged + EXCLUDED.credits_charged,
        credits_refunded = d.credits_refunded + EXCLUDED.credits_refunded,
        renders_count = d.renders_count + EXCLUDED.renders_count;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_deleted_jobs_add IS 'Trigger: keeps the sums of all jobs when all go';

CREATE TRIGGER trigger_jobs_deleted AFTER DELETE ON jobs
    FOR EACH ROW EXECUTE FUNCTION fc_deleted_job_add();
CREATE TRIGGER trigger_jobs_truncated BEFORE TRUNCATE ON jobs
    FOR EACH STATEMENT EXECUTE FUNCTION fc_deleted_jobs_add();

-- What was deleted before this table was there is what usage knows and the jobs do not.
INSERT INTO deleted_jobs (owner, credits_charged, credits_refunded, renders_count)
SELECT u.owner, GREATEST(u.used - COALESCE(j.charged, 0), 0),
       GREATEST(u.refunded - COALESCE(j.refunded, 0), 0),
       GREATEST(u.renders - COALESCE(j.renders, 0), 0)
FROM (SELECT owner, sum(credits_used) AS used, sum(credits_refunded) AS refunded,
             sum(renders_count) AS renders FROM usage GROUP BY owner) AS u
LEFT JOIN (SELECT owner, sum(credits_charged) AS charged, sum(credits_refunded) AS refunded,
                  count(*) FILTER (WHERE status = 'completed') AS renders
           FROM jobs GROUP BY owner) AS j ON j.owner = u.owner;
