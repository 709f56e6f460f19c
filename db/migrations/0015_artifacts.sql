CREATE TYPE artifact_kind AS ENUM ('storyboard', 'image', 'audio', 'video', 'character');
COMMENT ON TYPE artifact_kind IS 'storyboard and character hold a spec, the others a file';
CREATE TYPE artifact_source AS ENUM ('upload', 'conversation', 'job');
COMMENT ON TYPE artifact_source IS 'Where an artifact came from';
CREATE TYPE asset_status AS ENUM ('pending', 'ready', 'failed');
COMMENT ON TYPE asset_status IS 'State of an artifact''s file';

CREATE TABLE artifacts (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    owner varchar(500) NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    project_id uuid REFERENCES projects (id) ON DELETE CASCADE,
    kind artifact_kind NOT NULL,
    status asset_status NOT NULL DEFAULT 'pending',
    source artifact_source NOT NULL DEFAULT 'upload',
    filename varchar(255),
    s3_key varchar(500),
    content_type varchar(255),
    size_bytes bigint,
    spec jsonb,
    conversation_id uuid,
    source_job_id uuid REFERENCES jobs (id) ON DELETE SET NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_artifacts_conversation FOREIGN KEY (conversation_id)
        REFERENCES conversations (id) ON DELETE SET NULL,
    CONSTRAINT artifacts_s3_key_unique UNIQUE (s3_key),
    CONSTRAINT artifacts_size_range CHECK (size_bytes BETWEEN 1 AND 52428800),
    CONSTRAINT media_has_file_fields
        CHECK (kind IN ('storyboard', 'character')
               OR num_nulls(filename, s3_key, content_type, size_bytes) = 0),
    CONSTRAINT spec_required_for_spec_kinds
        CHECK (kind NOT IN ('storyboard', 'character') OR spec IS NOT NULL),
    CONSTRAINT source_conversation_consistency
        CHECK (source <> 'conversation' OR conversation_id IS NOT NULL),
    CONSTRAINT source_job_consistency CHECK (source <> 'job' OR source_job_id IS NOT NULL),
    CONSTRAINT project_artifacts_team_owned
        CHECK (project_id IS NULL OR owner LIKE 'framecast:team:%'),
    CONSTRAINT artifacts_content_type_for_kind CHECK (CASE kind
        WHEN 'image' THEN content_type IN ('image/jpeg', 'image/png', 'image/webp')
        WHEN 'audio' THEN content_type IN ('audio/mpeg', 'audio/wav', 'audio/ogg')
        WHEN 'video' THEN content_type IN ('video/mp4')
        ELSE true END),
    -- A missing prompt must make this false: a check that comes out null lets the row pass.
    CONSTRAINT artifacts_character_prompt
        CHECK (kind <> 'character'
               OR COALESCE(jsonb_typeof(spec -> 'prompt') = 'string'
                           AND spec ->> 'prompt' ~ '[^[:space:]]', false)),
    CONSTRAINT artifacts_owner_is_urn CHECK (is_valid_urn(owner)),
    CONSTRAINT artifacts_timestamps_order CHECK (created_at <= updated_at)
);
COMMENT ON TABLE artifacts IS 'Every creative item: storyboards, characters, and files (assets)';
COMMENT ON COLUMN artifacts.id IS 'Artifact id, the same in the assets view';
COMMENT ON COLUMN artifacts.owner IS 'Owner URN: who sees it and whose storage it counts towards';
COMMENT ON COLUMN artifacts.created_by IS 'The user who made it';
COMMENT ON COLUMN artifacts.project_id IS 'The project it belongs to; only for team owners';
COMMENT ON COLUMN artifacts.kind IS 'What it is';
COMMENT ON COLUMN artifacts.status IS 'pending until its file is there';
COMMENT ON COLUMN artifacts.source IS 'Where it came from';
COMMENT ON COLUMN artifacts.filename IS 'Name as given by the client';
COMMENT ON COLUMN artifacts.s3_key IS
    'Key in the outputs bucket; authoritative, whatever its shape';
COMMENT ON COLUMN artifacts.content_type IS 'Media type of the file';
COMMENT ON COLUMN artifacts.size_bytes IS
    'Size of the file; 1 as a placeholder while a render is pending';
COMMENT ON COLUMN artifacts.spec IS
    'Storyboard or character; media may carry the spec they came from';
COMMENT ON COLUMN artifacts.conversation_id IS 'The chat it came out of';
COMMENT ON COLUMN artifacts.source_job_id IS 'The job that makes or made it';
COMMENT ON COLUMN artifacts.metadata IS 'failure_reason, actual_size_bytes';
COMMENT ON COLUMN artifacts.created_at IS 'When the row was made';
COMMENT ON COLUMN artifacts.updated_at IS 'When the row last changed';

CREATE INDEX idx_artifacts_owner ON artifacts (owner);
CREATE INDEX idx_artifacts_project_id ON artifacts (project_id);
CREATE INDEX idx_artifacts_kind ON artifacts (kind);
CREATE INDEX idx_artifacts_created_by ON artifacts (created_by);
CREATE INDEX idx_artifacts_owner_created ON artifacts (owner, created_at DESC, id DESC);
CREATE INDEX idx_artifacts_conversation_id ON artifacts (conversation_id);
CREATE INDEX idx_artifacts_source_job_id ON artifacts (source_job_id);

CREATE FUNCTION check_artifact_project() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects
                   WHERE id = NEW.project_id AND NEW.owner = 'framecast:team:' || team_id) THEN
        RAISE EXCEPTION 'an artifact of a project is owned by the project''s team'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'artifacts_project_team';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION check_artifact_project IS
    'Trigger: an artifact of a project is owned by exactly the project''s team';

CREATE TRIGGER trigger_artifacts_check_project
    BEFORE INSERT OR UPDATE OF owner, project_id ON artifacts
    FOR EACH ROW WHEN (NEW.project_id IS NOT NULL) EXECUTE FUNCTION check_artifact_project();
CREATE TRIGGER trigger_artifacts_updated_at BEFORE UPDATE ON artifacts
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- An artifact outlives what it came from. Without these two, the set-null actions of the foreign
-- keys would break the checks on source, and the deletion would fail.
CREATE FUNCTION fc_conversation_release_artifacts() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE artifacts SET source = 'upload', conversation_id = NULL
    WHERE conversation_id = OLD.id AND source = 'conversation';
    RETURN OLD;
END
$$;
COMMENT ON FUNCTION fc_conversation_release_artifacts IS
    'Trigger: artifacts of a conversation that goes count as uploads';

CREATE FUNCTION fc_job_release_artifacts() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE artifacts SET source = 'upload', source_job_id = NULL
    WHERE source_job_id = OLD.id AND source = 'job';
    RETURN OLD;
END
$$;
COMMENT ON FUNCTION fc_job_release_artifacts IS
    'Trigger: artifacts of a job that goes count as uploads';

CREATE TRIGGER trigger_conversations_release_artifacts BEFORE DELETE ON conversations
    FOR EACH ROW EXECUTE FUNCTION fc_conversation_release_artifacts();
CREATE TRIGGER trigger_jobs_release_artifacts BEFORE DELETE ON jobs
    FOR EACH ROW EXECUTE FUNCTION fc_job_release_artifacts();
