CREATE TYPE render_scene_status AS ENUM
    ('pending', 'submitted', 'running', 'completed', 'failed', 'canceled');
COMMENT ON TYPE render_scene_status IS 'The last three are final';

CREATE TABLE render_scenes (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    scene_id varchar(64) NOT NULL,
    position integer NOT NULL,
    provider varchar(20) NOT NULL,
    provider_ref text,
    status render_scene_status NOT NULL DEFAULT 'pending',
    attempt integer NOT NULL DEFAULT 0,
    seed bigint,
    progress numeric(5, 2) NOT NULL DEFAULT 0,
    clip_key varchar(500),
    duration_ms integer,
    error jsonb,
    submitted_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT unique_render_scene UNIQUE (job_id, scene_id),
    CONSTRAINT render_scenes_position_not_negative CHECK (position >= 0),
    CONSTRAINT render_scenes_attempt_not_negative CHECK (attempt >= 0),
    CONSTRAINT render_scenes_seed_range CHECK (seed BETWEEN 0 AND 4294967295),
    CONSTRAINT render_scenes_progress_range CHECK (progress BETWEEN 0 AND 100),
    CONSTRAINT render_scenes_duration_not_negative CHECK (duration_ms >= 0),
    CONSTRAINT completed_scenes_have_completion
        CHECK (status <> 'completed' OR completed_at IS NOT NULL),
    CONSTRAINT failed_scenes_have_error CHECK (status <> 'failed' OR error IS NOT NULL)
);
COMMENT ON TABLE render_scenes IS 'One row per scene of a job; a completed one is a checkpoint';
COMMENT ON COLUMN render_scenes.id IS 'Row id';
COMMENT ON COLUMN render_scenes.job_id IS 'The job';
COMMENT ON COLUMN render_scenes.scene_id IS
    'The scene''s id in the spec; image for the one of an image job';
COMMENT ON COLUMN render_scenes.position IS 'Index in the spec''s scenes, from 0';
COMMENT ON COLUMN render_scenes.provider IS 'Who made, or is to make, the clip';
COMMENT ON COLUMN render_scenes.provider_ref IS 'The provider''s id of the present attempt';
COMMENT ON COLUMN render_scenes.status IS 'State of the scene';
COMMENT ON COLUMN render_scenes.attempt IS 'Attempts begun; counted before the provider is called';
COMMENT ON COLUMN render_scenes.seed IS 'Seed of every attempt, 32 bits unsigned';
COMMENT ON COLUMN render_scenes.progress IS 'Percent of the present attempt';
COMMENT ON COLUMN render_scenes.clip_key IS 'Key of the normalised clip in the outputs bucket';
COMMENT ON COLUMN render_scenes.duration_ms IS
    'Length of the clip in milliseconds; null for a still';
COMMENT ON COLUMN render_scenes.error IS '{code, message} of the last failed attempt';
COMMENT ON COLUMN render_scenes.submitted_at IS 'When the present attempt began';
COMMENT ON COLUMN render_scenes.completed_at IS 'When the clip was stored';
COMMENT ON COLUMN render_scenes.created_at IS 'When the row was made';
COMMENT ON COLUMN render_scenes.updated_at IS 'When the row last changed';

CREATE INDEX idx_render_scenes_open ON render_scenes (job_id)
    WHERE status IN ('submitted', 'running');
CREATE INDEX idx_render_scenes_clip ON render_scenes (clip_key) WHERE clip_key IS NOT NULL;

CREATE TRIGGER trigger_render_scenes_updated_at BEFORE UPDATE ON render_scenes
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
