-- What has ended does not change any more, and is read again and again: its answer is kept as text.
-- Putting it together anew takes longer than everything else that a read does (docs/performance.md).
--
-- A text is written at the commit of whatever changes an ended job, when its scenes are settled too,
-- and goes when a scene changes after that. A job without a text is put together by its reader, so
-- none has to be there. Whoever replaces fc_job_json or fc_scene_json empties this table.
CREATE TABLE job_texts (
    job_id uuid PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    owner varchar(500) NOT NULL,
    body text NOT NULL
);
COMMENT ON TABLE job_texts IS 'Answers that are kept: jobs that have ended, as clients see them';
COMMENT ON COLUMN job_texts.job_id IS 'The job';
COMMENT ON COLUMN job_texts.owner IS 'The job''s owner, so that its row need not be read to see who may see it';
COMMENT ON COLUMN job_texts.body IS 'fc_job_text of the job';

-- In the row itself: fetching it from elsewhere costs as much again as finding the row.
ALTER TABLE job_texts ALTER COLUMN body SET STORAGE MAIN;
DO $$
BEGIN
    ALTER TABLE job_texts ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

-- The database does not know the bucket of the clips: s3:///key lies in the outputs bucket.
CREATE FUNCTION fc_job_text(j jobs) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT rtrim(fc_job_json(j), E'}\n ') || ', "scenes": ' || fc_scenes_json(j.id, '') || '}'
$$;
COMMENT ON FUNCTION fc_job_text IS
    'A job with its scenes as JSON text for clients; links still s3://';

CREATE FUNCTION fc_job_text_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_texts (job_id, owner, body)
    SELECT j.id, j.owner, fc_job_text(j) FROM jobs j WHERE j.id = NEW.id
    ON CONFLICT (job_id) DO UPDATE SET owner = EXCLUDED.owner, body = EXCLUDED.body;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_job_text_keep IS 'Trigger: keeps the text of a job that has ended';

-- Whoever changes the job at the same time has it locked until the text is written, and vice versa.
CREATE FUNCTION fc_job_text_drop() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM jobs
    WHERE id = OLD.job_id AND status IN ('completed', 'failed', 'canceled') FOR SHARE;
    IF FOUND THEN
        DELETE FROM job_texts WHERE job_id = OLD.job_id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_job_text_drop IS
    'Trigger: a text goes when a scene changes after the job has ended';

CREATE CONSTRAINT TRIGGER trigger_jobs_keep_text AFTER UPDATE ON jobs
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed', 'canceled'))
    EXECUTE FUNCTION fc_job_text_keep();
CREATE TRIGGER trigger_render_scenes_drop_text AFTER UPDATE OR DELETE ON render_scenes
    FOR EACH ROW EXECUTE FUNCTION fc_job_text_drop();
