-- What every table uses: extensions, the clock, owner URNs.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS pgcrypto;

-- Fixed width, so that clients may compare times as plain strings.
CREATE FUNCTION fc_time(p_time timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(p_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
COMMENT ON FUNCTION fc_time IS 'A time as the API writes it: 2025-01-30T12:34:56.123456Z';

CREATE FUNCTION update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- A row may have been seeded by a clock that is ahead of ours.
    NEW.updated_at := GREATEST(clock_timestamp(), NEW.created_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION update_updated_at_column IS
    'Trigger: updated_at follows the clock, but never lies before created_at';

CREATE FUNCTION is_valid_urn(p_urn text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p_urn ~ '^framecast:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$'
$$;
COMMENT ON FUNCTION is_valid_urn IS
    'Whether a text has the form of an owner: framecast:user:X, framecast:team:X or framecast:X:Y';

-- Both forms of a team's URN share one purse and one limit.
CREATE FUNCTION fc_owner_bucket(p_owner text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN split_part(p_owner, ':', 2) IN ('user', 'team') THEN p_owner
                ELSE 'framecast:team:' || split_part(p_owner, ':', 2) END
$$;
COMMENT ON FUNCTION fc_owner_bucket IS
    'The URN under which an owner''s active jobs are counted and paid: its user''s or its team''s';

-- A text that is no uuid names nobody; rows made by hand may hold such owners.
CREATE FUNCTION fc_uuid(p_text text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_text ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'
                THEN p_text::uuid END
$$;
COMMENT ON FUNCTION fc_uuid IS 'A text as uuid, null if it is none';

CREATE FUNCTION fc_owner_user(p_owner text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_owner LIKE 'framecast:user:%' THEN fc_uuid(split_part(p_owner, ':', 3)) END
$$;
COMMENT ON FUNCTION fc_owner_user IS 'The user whose credits pay for an owner, null for team URNs';

CREATE FUNCTION fc_owner_team(p_owner text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE split_part(p_owner, ':', 2)
           WHEN 'user' THEN NULL
           WHEN 'team' THEN fc_uuid(split_part(p_owner, ':', 3))
           ELSE fc_uuid(split_part(p_owner, ':', 2)) END
$$;
COMMENT ON FUNCTION fc_owner_team IS
    'The team whose credits pay for an owner, null for personal URNs';

CREATE FUNCTION fc_owner_folder(p_owner text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE split_part(p_owner, ':', 2)
           WHEN 'user' THEN 'user/' || split_part(p_owner, ':', 3) || '/'
           WHEN 'team' THEN 'team/' || split_part(p_owner, ':', 3) || '/shared/'
           ELSE 'team/' || split_part(p_owner, ':', 2) || '/' || split_part(p_owner, ':', 3) || '/'
           END
$$;
COMMENT ON FUNCTION fc_owner_folder IS
    'Where an owner''s files lie in the outputs bucket, with final /';

CREATE FUNCTION fc_job_prefix(p_owner text, p_job uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT fc_owner_folder(p_owner) || 'jobs/' || p_job || '/'
$$;
COMMENT ON FUNCTION fc_job_prefix IS 'Where a job''s files lie in the outputs bucket, with final /';
