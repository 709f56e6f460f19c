CREATE TABLE job_dispatches (
    job_id uuid PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    provider varchar(20) NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    leased_by varchar(200),
    lease_expires_at timestamptz,
    dispatched_at timestamptz,
    done_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT job_dispatches_provider_known
        CHECK (provider IN ('animatic', 'comfyui', 'runpod', 'external')),
    CONSTRAINT job_dispatches_attempts_not_negative CHECK (attempts >= 0)
);
COMMENT ON TABLE job_dispatches IS
    'The outbox: one row per job made through the API, until its run is over';
COMMENT ON COLUMN job_dispatches.job_id IS 'The job';
COMMENT ON COLUMN job_dispatches.provider IS 'Who renders it; fixed at creation';
COMMENT ON COLUMN job_dispatches.attempts IS 'Claims, sent events or hand-outs so far';
COMMENT ON COLUMN job_dispatches.next_attempt_at IS 'Not to be claimed before';
COMMENT ON COLUMN job_dispatches.leased_by IS 'The present claim: worker and number of the attempt';
COMMENT ON COLUMN job_dispatches.lease_expires_at IS 'Until when the claim holds unless renewed';
COMMENT ON COLUMN job_dispatches.dispatched_at IS 'First claimed, accepted or handed out';
COMMENT ON COLUMN job_dispatches.done_at IS 'The run is over and nothing is left to clean up';
COMMENT ON COLUMN job_dispatches.last_error IS 'Why the last attempt was handed back';
COMMENT ON COLUMN job_dispatches.created_at IS 'As the job''s; rows are taken in this order';

CREATE INDEX idx_job_dispatches_due ON job_dispatches (next_attempt_at) WHERE done_at IS NULL;
CREATE INDEX idx_job_dispatches_order ON job_dispatches (created_at, job_id)
    WHERE done_at IS NULL;
