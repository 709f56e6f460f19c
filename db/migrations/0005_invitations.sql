CREATE TYPE invitation_role AS ENUM ('admin', 'member', 'viewer');
COMMENT ON TYPE invitation_role IS 'Roles that one can be invited to; nobody is invited as owner';

CREATE TABLE invitations (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    invited_by uuid NOT NULL REFERENCES users (id),
    email varchar(255) NOT NULL,
    role invitation_role NOT NULL DEFAULT 'member',
    token varchar(255) NOT NULL,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    accepted_at timestamptz,
    declined_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idx_invitations_token UNIQUE (token),
    CONSTRAINT valid_email_invitation
        CHECK (email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'),
    CONSTRAINT invitation_terminal_state_exclusion
        CHECK (num_nonnulls(accepted_at, declined_at, revoked_at) <= 1)
);
COMMENT ON TABLE invitations IS
    'Invitations to teams; pending while none of the three end times is set';
COMMENT ON COLUMN invitations.id IS 'Invitation id, part of the mailed link';
COMMENT ON COLUMN invitations.team_id IS 'The inviting team';
COMMENT ON COLUMN invitations.invited_by IS 'The member who invited';
COMMENT ON COLUMN invitations.email IS 'Who is invited, with or without an account';
COMMENT ON COLUMN invitations.role IS 'The role after accepting';
COMMENT ON COLUMN invitations.token IS 'May stand in for the id when accepting; never returned';
COMMENT ON COLUMN invitations.expires_at IS 'Pending ends here by the clock alone';
COMMENT ON COLUMN invitations.accepted_at IS 'Set when accepted';
COMMENT ON COLUMN invitations.declined_at IS 'Set when the invited person declined';
COMMENT ON COLUMN invitations.revoked_at IS 'Set when the team took it back or replaced it';
COMMENT ON COLUMN invitations.created_at IS 'When the row was made; counts towards the daily limit';

CREATE INDEX idx_invitations_email ON invitations (email);
CREATE INDEX idx_invitations_team_email ON invitations (team_id, email);
CREATE INDEX idx_invitations_invited_by ON invitations (invited_by);

CREATE FUNCTION check_invitation_constraints() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM users
               WHERE id = NEW.invited_by AND lower(email) = lower(NEW.email)) THEN
        RAISE EXCEPTION 'nobody may invite themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_self';
    END IF;
    IF num_nonnulls(NEW.accepted_at, NEW.declined_at, NEW.revoked_at) > 0 THEN
        RETURN NEW; -- history, such as the accepted invitation of a present member
    END IF;
    IF EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
               WHERE m.team_id = NEW.team_id AND lower(u.email) = lower(NEW.email)) THEN
        RAISE EXCEPTION 'already a member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_already_member';
    END IF;
    IF (SELECT count(*) FROM invitations
        WHERE team_id = NEW.team_id AND expires_at > clock_timestamp()
          AND num_nonnulls(accepted_at, declined_at, revoked_at) = 0) >= 50 THEN
        RAISE EXCEPTION 'maximum pending invitations'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_pending_limit';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION check_invitation_constraints IS
    'Trigger: nobody invites themselves or a member, and at most 50 invitations are pending '
    'per team';

CREATE TRIGGER trigger_invitations_check_constraints BEFORE INSERT ON invitations
    FOR EACH ROW EXECUTE FUNCTION check_invitation_constraints();
