CREATE TABLE usage (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    owner varchar(500) NOT NULL,
    period varchar(7) NOT NULL,
    renders_count integer NOT NULL DEFAULT 0,
    render_seconds integer NOT NULL DEFAULT 0,
    credits_used integer NOT NULL DEFAULT 0,
    credits_refunded integer NOT NULL DEFAULT 0,
    api_calls integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT unique_owner_period UNIQUE (owner, period),
    CONSTRAINT valid_period_format CHECK (period ~ '^\d{4}-(0[1-9]|1[0-2])$'),
    CONSTRAINT usage_counts_not_negative CHECK (
        renders_count >= 0 AND render_seconds >= 0 AND credits_used >= 0
        AND credits_refunded >= 0 AND api_calls >= 0)
);
COMMENT ON TABLE usage IS
    'What each owner used per month (UTC); kept for billing when the owner is gone';
COMMENT ON COLUMN usage.id IS 'Row id';
COMMENT ON COLUMN usage.owner IS 'Owner URN, verbatim as in the job';
COMMENT ON COLUMN usage.period IS 'YYYY-MM';
COMMENT ON COLUMN usage.renders_count IS 'Jobs completed';
COMMENT ON COLUMN usage.render_seconds IS 'Seconds of finished video, each job rounded up';
COMMENT ON COLUMN usage.credits_used IS 'Credits charged';
COMMENT ON COLUMN usage.credits_refunded IS 'Credits given back';
COMMENT ON COLUMN usage.api_calls IS 'Authenticated requests, best effort';
COMMENT ON COLUMN usage.updated_at IS 'When a counter last grew';

CREATE INDEX idx_usage_period ON usage (period);

-- Counters stop at their type's end: a full counter must never refuse a refund.
CREATE FUNCTION fc_usage_add(p_owner text, p_renders bigint, p_seconds bigint, p_used bigint,
                             p_refunded bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage AS u (owner, period, renders_count, render_seconds, credits_used,
                            credits_refunded, updated_at)
    VALUES (p_owner, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM'),
            p_renders, p_seconds, p_used, p_refunded, clock_timestamp())
    ON CONFLICT (owner, period) DO UPDATE SET
        renders_count = LEAST(u.renders_count + p_renders, 2147483647),
        render_seconds = LEAST(u.render_seconds + p_seconds, 2147483647),
        credits_used = LEAST(u.credits_used + p_used, 2147483647),
        credits_refunded = LEAST(u.credits_refunded + p_refunded, 2147483647),
        updated_at = clock_timestamp();
END
$$;
COMMENT ON FUNCTION fc_usage_add IS 'Adds to an owner''s counters of the present month';
