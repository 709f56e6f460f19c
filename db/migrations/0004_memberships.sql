CREATE TYPE membership_role AS ENUM ('owner', 'admin', 'member', 'viewer');
COMMENT ON TYPE membership_role IS 'Roles in a team, most powerful first';

CREATE TABLE memberships (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role membership_role NOT NULL DEFAULT 'member',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT unique_team_user UNIQUE (team_id, user_id)
);
COMMENT ON TABLE memberships IS 'Who belongs to which team, and as what';
COMMENT ON COLUMN memberships.id IS 'Membership id';
COMMENT ON COLUMN memberships.team_id IS 'The team';
COMMENT ON COLUMN memberships.user_id IS 'The member';
COMMENT ON COLUMN memberships.role IS 'What the member may do in the team';
COMMENT ON COLUMN memberships.created_at IS 'When the member joined; decides who stands longest';

CREATE INDEX idx_memberships_user_id ON memberships (user_id);
CREATE INDEX idx_memberships_team_id ON memberships (team_id);

CREATE FUNCTION check_membership_constraints() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v_joins boolean := TG_OP = 'INSERT';
    v_becomes_owner boolean := NEW.role = 'owner';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_joins := NEW.user_id <> OLD.user_id;
        v_becomes_owner := NEW.role = 'owner' AND (v_joins OR OLD.role <> 'owner');
    END IF;

    IF NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id AND tier = 'creator') THEN
        RAISE EXCEPTION 'only creators may belong to teams'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_creator_only';
    END IF;
    IF v_joins AND (SELECT count(*) FROM memberships WHERE user_id = NEW.user_id) >= 50 THEN
        RAISE EXCEPTION 'a user may belong to at most 50 teams'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_limit';
    END IF;
    IF v_becomes_owner AND (SELECT count(*) FROM memberships
                            WHERE user_id = NEW.user_id AND role = 'owner') >= 10 THEN
        RAISE EXCEPTION 'a user may own at most 10 teams'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_owner_limit';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION check_membership_constraints IS
    'Trigger: only creators join teams, at most 50 of them, and own at most 10';

CREATE FUNCTION prevent_empty_teams() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM teams WHERE id = OLD.team_id) THEN
        RETURN OLD; -- the team itself is going
    END IF;
    IF NOT EXISTS (SELECT 1 FROM memberships WHERE team_id = OLD.team_id AND id <> OLD.id) THEN
        RAISE EXCEPTION 'a team keeps at least one member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_last_member';
    END IF;
    IF OLD.role = 'owner'
       AND NOT EXISTS (SELECT 1 FROM memberships
                       WHERE team_id = OLD.team_id AND id <> OLD.id AND role = 'owner') THEN
        RAISE EXCEPTION 'a team keeps at least one owner'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_last_owner';
    END IF;
    RETURN OLD;
END
$$;
COMMENT ON FUNCTION prevent_empty_teams IS 'Trigger: the last member and the last owner stay';

CREATE TRIGGER trigger_memberships_check_constraints BEFORE INSERT OR UPDATE ON memberships
    FOR EACH ROW EXECUTE FUNCTION check_membership_constraints();
CREATE TRIGGER trigger_memberships_prevent_empty_teams BEFORE DELETE ON memberships
    FOR EACH ROW EXECUTE FUNCTION prevent_empty_teams();
