CREATE TABLE teams (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    name varchar(100) NOT NULL,
    slug varchar(50) NOT NULL,
    credits integer NOT NULL DEFAULT 0,
    ephemeral_storage_bytes bigint NOT NULL DEFAULT 0,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idx_teams_slug UNIQUE (slug),
    CONSTRAINT teams_name_not_empty CHECK (char_length(trim(name)) >= 1),
    CONSTRAINT valid_slug CHECK (slug ~ '^([a-z0-9][a-z0-9-]*[a-z0-9]|[a-z0-9])$'),
    CONSTRAINT teams_credits_not_negative CHECK (credits >= 0),
    CONSTRAINT teams_storage_not_negative CHECK (ephemeral_storage_bytes >= 0),
    CONSTRAINT timestamps_order CHECK (created_at <= updated_at)
);
COMMENT ON TABLE teams IS 'Workspaces that own projects, jobs and files in common';
COMMENT ON COLUMN teams.id IS 'Team id';
COMMENT ON COLUMN teams.name IS 'Shown to its members';
COMMENT ON COLUMN teams.slug IS 'Short name for links, never changed by the API';
COMMENT ON COLUMN teams.credits IS
    'Whole credits that pay for jobs of the team and of its members within it';
COMMENT ON COLUMN teams.ephemeral_storage_bytes IS
    'Sum of size_bytes of the ready media artifacts of the team and of its members within it';
COMMENT ON COLUMN teams.settings IS 'Free JSON object of the team';
COMMENT ON COLUMN teams.created_at IS 'When the row was made';
COMMENT ON COLUMN teams.updated_at IS 'When the row last changed';

CREATE FUNCTION generate_team_slug() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_base text;
BEGIN
    IF NEW.slug IS NOT NULL AND NEW.slug <> '' THEN
        RETURN NEW;
    END IF;

    v_base := trim('-' FROM regexp_replace(lower(NEW.name), '[^a-z0-9]+', '-', 'g'));
    v_base := CASE WHEN v_base = '' THEN 'team' ELSE rtrim(left(v_base, 50), '-') END;
    NEW.slug := v_base;
    WHILE EXISTS (SELECT 1 FROM teams WHERE slug = NEW.slug) LOOP
        NEW.slug := rtrim(left(v_base, 43), '-') || '-' || encode(gen_random_bytes(3), 'hex');
    END LOOP;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION generate_team_slug IS
    'Trigger: a team inserted without slug gets one from its name';

CREATE TRIGGER trigger_teams_generate_slug BEFORE INSERT ON teams
    FOR EACH ROW EXECUTE FUNCTION generate_team_slug();
CREATE TRIGGER trigger_teams_updated_at BEFORE UPDATE ON teams
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
