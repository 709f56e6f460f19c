-- A kept text in two parts, so that lists can take it too: the job without its closing brace, and
-- what follows when the job is read alone. A job in a list is head || '}', alone it is head || tail.
--
-- Servers from before this read body, find nothing, and put the text together: they may run on
-- until the last of them is replaced. The next migration brings the texts back.

TRUNCATE job_texts;
ALTER TABLE job_texts
    ALTER COLUMN body DROP NOT NULL, ADD COLUMN head text NOT NULL, ADD COLUMN tail text NOT NULL;
COMMENT ON COLUMN job_texts.body IS 'Not used any more: NULL';
COMMENT ON COLUMN job_texts.head IS 'fc_job_head of the job';
COMMENT ON COLUMN job_texts.tail IS 'fc_job_tail of the job';
ALTER TABLE job_texts ALTER COLUMN head SET STORAGE MAIN, ALTER COLUMN tail SET STORAGE MAIN;
DO $$
BEGIN
    ALTER TABLE job_texts ALTER COLUMN head SET COMPRESSION lz4, ALTER COLUMN tail SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

CREATE FUNCTION fc_job_head(j jobs) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT rtrim(fc_job_json(j), E'}\n ')
$$;
COMMENT ON FUNCTION fc_job_head IS
    'A job as JSON text for clients, but for its closing brace; links still s3://';

-- The database does not know the bucket of the clips: s3:///key lies in the outputs bucket.
CREATE FUNCTION fc_job_tail(p_job uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT ', "scenes": ' || fc_scenes_json(p_job, '') || '}'
$$;
COMMENT ON FUNCTION fc_job_tail IS
    'What follows fc_job_head when a job is read alone: its scenes; links still s3://';

CREATE OR REPLACE FUNCTION fc_job_text(j jobs) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT fc_job_head(j) || fc_job_tail(j.id)
$$;

CREATE OR REPLACE FUNCTION fc_job_text_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_texts (job_id, owner, head, tail)
    SELECT j.id, j.owner, fc_job_head(j), fc_job_tail(j.id) FROM jobs j WHERE j.id = NEW.id
    ON CONFLICT (job_id) DO UPDATE
        SET owner = EXCLUDED.owner, head = EXCLUDED.head, tail = EXCLUDED.tail;
    RETURN NULL;
END
$$;
