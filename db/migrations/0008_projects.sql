CREATE TYPE project_status AS ENUM ('draft', 'rendering', 'completed', 'archived');
COMMENT ON TYPE project_status IS 'rendering exactly while one of the project''s jobs is active';

CREATE TABLE projects (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    created_by uuid NOT NULL REFERENCES users (id),
    name varchar(200) NOT NULL,
    status project_status NOT NULL DEFAULT 'draft',
    spec jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT projects_name_not_empty CHECK (char_length(name) >= 1),
    CONSTRAINT projects_timestamps_order CHECK (created_at <= updated_at)
);
COMMENT ON TABLE projects IS 'A team''s storyboard workspaces';
COMMENT ON COLUMN projects.id IS 'Project id';
COMMENT ON COLUMN projects.team_id IS 'The team that owns it';
COMMENT ON COLUMN projects.created_by IS 'The member who made it';
COMMENT ON COLUMN projects.name IS 'Shown to the members';
COMMENT ON COLUMN projects.status IS 'Moved by its jobs, archived and unarchived by people';
COMMENT ON COLUMN projects.spec IS 'The storyboard as saved, not yet validated';
COMMENT ON COLUMN projects.created_at IS 'When the row was made';
COMMENT ON COLUMN projects.updated_at IS 'When the row last changed';

CREATE INDEX idx_projects_team_id ON projects (team_id);
CREATE INDEX idx_projects_created_by ON projects (created_by);
CREATE INDEX idx_projects_status ON projects (status);
CREATE INDEX idx_projects_team_updated ON projects (team_id, updated_at DESC);

CREATE TRIGGER trigger_projects_updated_at BEFORE UPDATE ON projects
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
