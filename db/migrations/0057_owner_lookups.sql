-- Two look-ups that each read did, and need not.

-- Of a long row PostgreSQL moves to the TOAST table whatever is not told to stay, and of a kept text
-- that was the owner alone: a second index and a second row for forty bytes. It stays from now on;
-- the next migration brings back what was moved.
ALTER TABLE job_texts ALTER COLUMN owner SET STORAGE PLAIN;

-- In PL/pgSQL, so that a statement whose key is personal does not even prepare to look.
CREATE FUNCTION fc_owner_member(p_user uuid, p_owner text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM memberships m
                   WHERE m.user_id = p_user AND m.team_id = fc_owner_team(p_owner));
END
$$;
COMMENT ON FUNCTION fc_owner_member IS 'Whether a user is in the team of a team URN';
