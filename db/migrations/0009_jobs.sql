CREATE TYPE job_status AS ENUM ('queued', 'processing', 'completed', 'failed', 'canceled');
COMMENT ON TYPE job_status IS 'The first two are active, the last three final';
CREATE TYPE job_failure_type AS ENUM ('system', 'validation', 'timeout', 'canceled');
COMMENT ON TYPE job_failure_type IS 'Why a job ended without result; decides the refund';

CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    owner varchar(500) NOT NULL,
    triggered_by uuid NOT NULL REFERENCES users (id),
    project_id uuid REFERENCES projects (id) ON DELETE SET NULL,
    parent_job_id uuid REFERENCES jobs (id) ON DELETE SET NULL,
    status job_status NOT NULL DEFAULT 'queued',
    spec_snapshot jsonb NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    progress jsonb NOT NULL DEFAULT '{}',
    output jsonb,
    output_size_bytes bigint,
    error jsonb,
    credits_charged integer NOT NULL DEFAULT 0,
    failure_type job_failure_type,
    credits_refunded integer NOT NULL DEFAULT 0,
    idempotency_key varchar(255),
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT jobs_credits_charged_not_negative CHECK (credits_charged >= 0),
    CONSTRAINT jobs_credits_refunded_not_negative CHECK (credits_refunded >= 0),
    CONSTRAINT refund_not_exceeding_charge CHECK (credits_refunded <= credits_charged),
    CONSTRAINT terminal_jobs_have_completion
        CHECK (status IN ('queued', 'processing') OR completed_at IS NOT NULL),
    CONSTRAINT project_jobs_team_owned
        CHECK (project_id IS NULL OR owner LIKE 'framecast:team:%'),
    CONSTRAINT failure_type_when_failed
        CHECK (status NOT IN ('failed', 'canceled') OR failure_type IS NOT NULL),
    CONSTRAINT completed_jobs_no_failure_type
        CHECK (status <> 'completed' OR failure_type IS NULL),
    CONSTRAINT processing_jobs_started CHECK (status <> 'processing' OR started_at IS NOT NULL),
    CONSTRAINT completed_jobs_have_output CHECK (status <> 'completed' OR output IS NOT NULL),
    CONSTRAINT failed_jobs_have_error CHECK (status <> 'failed' OR error IS NOT NULL),
    CONSTRAINT jobs_timestamps_order CHECK (created_at <= updated_at),
    CONSTRAINT jobs_owner_is_urn CHECK (is_valid_urn(owner))
);
COMMENT ON TABLE jobs IS 'Attempts to render a storyboard or a character';
COMMENT ON COLUMN jobs.id IS 'Job id';
COMMENT ON COLUMN jobs.owner IS 'Owner URN: who sees the job and who pays';
COMMENT ON COLUMN jobs.triggered_by IS 'The user who created it';
COMMENT ON COLUMN jobs.project_id IS 'The project it renders; null for ephemeral jobs';
COMMENT ON COLUMN jobs.parent_job_id IS 'The failed or canceled job that this one retries';
COMMENT ON COLUMN jobs.status IS 'State of the job, moved only along its state machine';
COMMENT ON COLUMN jobs.spec_snapshot IS 'The spec at creation; never changes';
COMMENT ON COLUMN jobs.options IS 'Options as submitted, defaults not filled in';
COMMENT ON COLUMN jobs.progress IS
    '{phase, percent, scenes_total, scenes_completed, current_scene, message, previews}';
COMMENT ON COLUMN jobs.output IS 'What a completed job made; links stored as s3://bucket/key';
COMMENT ON COLUMN jobs.output_size_bytes IS 'Size of the finished file as reported';
COMMENT ON COLUMN jobs.error IS '{code, message, scene_id} of a failed job';
COMMENT ON COLUMN jobs.credits_charged IS 'Credits taken at creation';
COMMENT ON COLUMN jobs.failure_type IS 'Set exactly for failed and canceled jobs';
COMMENT ON COLUMN jobs.credits_refunded IS 'Credits given back when it failed or was canceled';
COMMENT ON COLUMN jobs.idempotency_key IS
    'Repeating a creation with this key by the same user gives this job';
COMMENT ON COLUMN jobs.started_at IS 'When it was picked up';
COMMENT ON COLUMN jobs.completed_at IS 'When it became completed, failed or canceled';
COMMENT ON COLUMN jobs.created_at IS 'When it was created; jobs are taken in this order';
COMMENT ON COLUMN jobs.updated_at IS 'When the row last changed';

CREATE INDEX idx_jobs_owner ON jobs (owner);
CREATE INDEX idx_jobs_triggered_by ON jobs (triggered_by);
CREATE INDEX idx_jobs_project_id ON jobs (project_id);
CREATE INDEX idx_jobs_parent_job_id ON jobs (parent_job_id) WHERE parent_job_id IS NOT NULL;
CREATE INDEX idx_jobs_status ON jobs (status);
CREATE INDEX idx_jobs_created_at ON jobs (created_at DESC);
CREATE UNIQUE INDEX idx_jobs_idempotency ON jobs (triggered_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX idx_jobs_one_active_per_project ON jobs (project_id)
    WHERE project_id IS NOT NULL AND status IN ('queued', 'processing');
-- For lists, newest first, per owner.
CREATE INDEX idx_jobs_owner_created ON jobs (owner, created_at DESC, id DESC);
-- For the limits, which count a team's two forms of URN together.
CREATE INDEX idx_jobs_active_bucket ON jobs (fc_owner_bucket(owner))
    WHERE status IN ('queued', 'processing');
