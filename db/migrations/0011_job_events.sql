CREATE TYPE job_event_type AS ENUM
    ('queued', 'started', 'progress', 'scene_complete', 'completed', 'failed', 'canceled');
COMMENT ON TYPE job_event_type IS 'What can happen to a job';

CREATE TABLE job_events (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    sequence bigint NOT NULL,
    event_type job_event_type NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT unique_job_sequence UNIQUE (job_id, sequence)
);
COMMENT ON TABLE job_events IS 'The log of each job, streamed to clients; kept for 7 days';
COMMENT ON COLUMN job_events.id IS 'Event id';
COMMENT ON COLUMN job_events.job_id IS 'The job';
COMMENT ON COLUMN job_events.sequence IS '1, 2, 3 ... per job, without gaps';
COMMENT ON COLUMN job_events.event_type IS 'What happened';
COMMENT ON COLUMN job_events.payload IS 'Details for clients';
COMMENT ON COLUMN job_events.created_at IS 'When it happened';

CREATE INDEX idx_job_events_job_created ON job_events (job_id, created_at);
CREATE INDEX idx_job_events_job_sequence ON job_events (job_id, sequence);
CREATE INDEX idx_job_events_created ON job_events (created_at);

CREATE FUNCTION get_next_job_event_sequence(p_job uuid) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT COALESCE(max(sequence), 0) + 1 FROM job_events WHERE job_id = p_job);
END
$$;
COMMENT ON FUNCTION get_next_job_event_sequence IS
    'The number of a job''s next event; exact while the job''s row is locked';

CREATE FUNCTION auto_set_job_event_sequence() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := get_next_job_event_sequence(NEW.job_id);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION auto_set_job_event_sequence IS
    'Trigger: numbers an event inserted without number';

CREATE TRIGGER trigger_job_events_auto_sequence BEFORE INSERT ON job_events
    FOR EACH ROW WHEN (NEW.sequence IS NULL OR NEW.sequence = 0)
    EXECUTE FUNCTION auto_set_job_event_sequence();

CREATE FUNCTION fc_job_events_notify() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fc_job_events', NEW.job_id || ':' || NEW.sequence);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_job_events_notify IS
    'Trigger: wakes the streams of a job, payload job:sequence';

-- Nobody can be listening for the event of a creation, and a NOTIFY makes commits queue up:
-- creations stay free of it.
CREATE TRIGGER trigger_job_events_notify AFTER INSERT ON job_events
    FOR EACH ROW WHEN (NEW.sequence > 1 OR NEW.event_type <> 'queued')
    EXECUTE FUNCTION fc_job_events_notify();

CREATE FUNCTION fc_job_gone_notify() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fc_job_events', OLD.id || ':0');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION fc_job_gone_notify IS
    'Trigger: ends the streams of a deleted job, payload job:0';

CREATE TRIGGER trigger_jobs_gone_notify AFTER DELETE ON jobs
    FOR EACH ROW EXECUTE FUNCTION fc_job_gone_notify();

CREATE FUNCTION cleanup_old_job_events() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_deleted bigint;
BEGIN
    DELETE FROM job_events WHERE created_at < clock_timestamp() - interval '7 days';
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    RETURN v_deleted;
END
$$;
COMMENT ON FUNCTION cleanup_old_job_events IS 'Deletes events older than 7 days; returns how many';
