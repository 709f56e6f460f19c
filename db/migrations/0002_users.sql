CREATE TYPE user_tier AS ENUM ('starter', 'creator');
COMMENT ON TYPE user_tier IS 'starter: works alone; creator: may belong to teams';

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    email varchar(255) NOT NULL,
    name varchar(100),
    avatar_url text,
    tier user_tier NOT NULL DEFAULT 'starter',
    credits integer NOT NULL DEFAULT 0,
    ephemeral_storage_bytes bigint NOT NULL DEFAULT 0,
    upgraded_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idx_users_email UNIQUE (email),
    CONSTRAINT valid_email
        CHECK (email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'),
    CONSTRAINT users_credits_not_negative CHECK (credits >= 0),
    CONSTRAINT users_storage_not_negative CHECK (ephemeral_storage_bytes >= 0),
    CONSTRAINT tier_upgrade_consistency CHECK ((tier = 'creator') = (upgraded_at IS NOT NULL))
);
COMMENT ON TABLE users IS
    'People; a row appears with the first valid token of the identity provider';
COMMENT ON COLUMN users.id IS 'The identity provider''s user id';
COMMENT ON COLUMN users.email IS
    'As the identity provider spells it; compared without regard to case';
COMMENT ON COLUMN users.name IS 'Shown to team members';
COMMENT ON COLUMN users.avatar_url IS 'http or https link to a picture';
COMMENT ON COLUMN users.tier IS 'What the user may do; creator is final for the API';
COMMENT ON COLUMN users.credits IS 'Whole credits that pay for personal jobs';
COMMENT ON COLUMN users.ephemeral_storage_bytes IS
    'Sum of size_bytes of the user''s ready media artifacts';
COMMENT ON COLUMN users.upgraded_at IS 'When the user became a creator';
COMMENT ON COLUMN users.created_at IS 'When the row was made';
COMMENT ON COLUMN users.updated_at IS 'When the row last changed';

CREATE INDEX idx_users_tier ON users (tier);
CREATE UNIQUE INDEX idx_users_email_lower ON users (lower(email));

CREATE TRIGGER trigger_users_updated_at BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
