CREATE TYPE webhook_event_type AS ENUM
    ('job.queued', 'job.started', 'job.progress', 'job.completed', 'job.failed', 'job.canceled');
COMMENT ON TYPE webhook_event_type IS 'Events that a webhook may subscribe to';
CREATE TYPE webhook_delivery_status AS ENUM
    ('pending', 'attempting', 'retrying', 'delivered', 'failed');
COMMENT ON TYPE webhook_delivery_status IS
    'The last two are final, but a failed one may be retried by hand';

CREATE TABLE webhooks (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    created_by uuid NOT NULL REFERENCES users (id),
    url varchar(2048) NOT NULL,
    events webhook_event_type[] NOT NULL,
    secret varchar(255) NOT NULL,
    previous_secret varchar(255),
    previous_secret_until timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    last_triggered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- The length of an empty array is null, which a check lets pass; its cardinality is 0.
    CONSTRAINT webhook_events_not_empty CHECK (cardinality(events) > 0),
    CONSTRAINT webhook_https_only
        CHECK (url ~ '^https://'
               OR url ~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?([/?]|$)'),
    CONSTRAINT webhooks_timestamps_order CHECK (created_at <= updated_at)
);
COMMENT ON TABLE webhooks IS 'Addresses that receive the events of a team''s jobs';
COMMENT ON COLUMN webhooks.id IS 'Webhook id';
COMMENT ON COLUMN webhooks.team_id IS 'The team';
COMMENT ON COLUMN webhooks.created_by IS 'The member who registered it';
COMMENT ON COLUMN webhooks.url IS 'https; http to this very machine only for development';
COMMENT ON COLUMN webhooks.events IS 'Events it wants';
COMMENT ON COLUMN webhooks.secret IS 'Key of the signatures; never logged';
COMMENT ON COLUMN webhooks.previous_secret IS 'The secret before the last rotation; never logged';
COMMENT ON COLUMN webhooks.previous_secret_until IS
    'Until when deliveries are signed with it as well';
COMMENT ON COLUMN webhooks.is_active IS 'Inactive ones get nothing';
COMMENT ON COLUMN webhooks.last_triggered_at IS 'Last attempt of a delivery';
COMMENT ON COLUMN webhooks.created_at IS 'When the row was made';
COMMENT ON COLUMN webhooks.updated_at IS 'When the row last changed';

CREATE INDEX idx_webhooks_team_id ON webhooks (team_id);
CREATE INDEX idx_webhooks_team_active ON webhooks (team_id, is_active);
CREATE INDEX idx_webhooks_created_by ON webhooks (created_by);

CREATE TRIGGER trigger_webhooks_updated_at BEFORE UPDATE ON webhooks
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    job_id uuid REFERENCES jobs (id) ON DELETE SET NULL,
    event_type varchar(50) NOT NULL,
    status webhook_delivery_status NOT NULL DEFAULT 'pending',
    payload jsonb NOT NULL,
    response_status integer,
    response_body varchar(10240),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    next_retry_at timestamptz,
    attempt_started_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_deliveries_attempts_range CHECK (attempts BETWEEN 0 AND max_attempts),
    CONSTRAINT webhook_deliveries_delivered_at_set
        CHECK (status <> 'delivered' OR delivered_at IS NOT NULL)
);
COMMENT ON TABLE webhook_deliveries IS
    'One event for one webhook, with its attempts; kept for 30 days';
COMMENT ON COLUMN webhook_deliveries.id IS 'The delivery_id by which receivers drop repeats';
COMMENT ON COLUMN webhook_deliveries.webhook_id IS 'The receiver';
COMMENT ON COLUMN webhook_deliveries.job_id IS 'The job; null for tests and for jobs deleted since';
COMMENT ON COLUMN webhook_deliveries.event_type IS 'A word of webhook_event_type, or webhook.test';
COMMENT ON COLUMN webhook_deliveries.status IS 'State of the delivery';
COMMENT ON COLUMN webhook_deliveries.payload IS 'The body as last sent';
COMMENT ON COLUMN webhook_deliveries.response_status IS 'HTTP status of the latest answer';
COMMENT ON COLUMN webhook_deliveries.response_body IS
    'Beginning of the latest answer, or why nothing was sent';
COMMENT ON COLUMN webhook_deliveries.attempts IS 'Attempts begun';
COMMENT ON COLUMN webhook_deliveries.max_attempts IS 'Attempts allowed';
COMMENT ON COLUMN webhook_deliveries.next_retry_at IS 'Not before; null while pending: due now';
COMMENT ON COLUMN webhook_deliveries.attempt_started_at IS 'When the running attempt began';
COMMENT ON COLUMN webhook_deliveries.delivered_at IS 'When the receiver accepted it';
COMMENT ON COLUMN webhook_deliveries.created_at IS 'When the event happened';

CREATE INDEX idx_webhook_deliveries_webhook_id ON webhook_deliveries (webhook_id);
CREATE INDEX idx_webhook_deliveries_retry ON webhook_deliveries (status, next_retry_at)
    WHERE status = 'retrying';
CREATE INDEX idx_webhook_deliveries_open ON webhook_deliveries (status, next_retry_at)
    WHERE status IN ('pending', 'attempting');
CREATE INDEX idx_webhook_deliveries_created ON webhook_deliveries (created_at);
CREATE INDEX idx_webhook_deliveries_job_id ON webhook_deliveries (job_id);

CREATE FUNCTION cleanup_old_webhook_deliveries() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_deleted integer;
BEGIN
    DELETE FROM webhook_deliveries WHERE created_at < clock_timestamp() - interval '30 days';
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    RETURN v_deleted;
END
$$;
COMMENT ON FUNCTION cleanup_old_webhook_deliveries IS
    'Deletes deliveries older than 30 days; returns how many';
