CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    owner varchar(500) NOT NULL,
    name varchar(100) NOT NULL DEFAULT 'Default',
    key_prefix varchar(20) NOT NULL,
    key_hash varchar(255) NOT NULL,
    key_hash_prefix varchar(16),
    scopes jsonb NOT NULL DEFAULT '["*"]',
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idx_api_keys_hash UNIQUE (key_hash),
    CONSTRAINT api_keys_hash_not_empty CHECK (key_hash <> '')
);
COMMENT ON TABLE api_keys IS
    'Keys that act as their user, limited by scopes; only salted hashes are kept';
COMMENT ON COLUMN api_keys.id IS 'Key id';
COMMENT ON COLUMN api_keys.user_id IS 'As whom the key acts';
COMMENT ON COLUMN api_keys.owner IS
    'URN the key belongs to; a team''s key works only while its user is a member';
COMMENT ON COLUMN api_keys.name IS 'For the user''s eyes';
COMMENT ON COLUMN api_keys.key_prefix IS 'The constant beginning of the raw key: sk_live_';
COMMENT ON COLUMN api_keys.key_hash IS 'hex(salt):hex(SHA-256(raw key, salt))';
COMMENT ON COLUMN api_keys.key_hash_prefix IS
    'First 16 hex digits of the unsalted SHA-256 of the raw key, for the look-up; null in '
    'foreign rows';
COMMENT ON COLUMN api_keys.scopes IS 'JSON array of scopes, * for all';
COMMENT ON COLUMN api_keys.last_used_at IS 'Last successful authentication, best effort';
COMMENT ON COLUMN api_keys.expires_at IS 'From then on the key is refused; null: never';
COMMENT ON COLUMN api_keys.revoked_at IS 'When the key was revoked; the row stays for 30 days';
COMMENT ON COLUMN api_keys.created_at IS 'When the row was made';

CREATE INDEX idx_api_keys_user_id ON api_keys (user_id);
CREATE INDEX idx_api_keys_owner ON api_keys (owner);
CREATE INDEX idx_api_keys_hash_prefix ON api_keys (key_hash_prefix)
    WHERE key_hash_prefix IS NOT NULL;
-- The look-up also tries the rows of other tools, which hold no prefix.
CREATE INDEX idx_api_keys_without_hash_prefix ON api_keys (key_prefix)
    WHERE key_hash_prefix IS NULL;

CREATE FUNCTION check_api_key_owner_constraints() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_valid_urn(NEW.owner) THEN
        RAISE EXCEPTION 'the owner of an API key must be an owner URN'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_keys_owner_is_urn';
    END IF;
    IF NEW.owner <> 'framecast:user:' || NEW.user_id
       AND EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id AND tier = 'starter') THEN
        RAISE EXCEPTION 'an API key of a starter belongs to the starter'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_keys_starter_owner';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION check_api_key_owner_constraints IS
    'Trigger: the owner is a URN, and a starter''s own one';

-- Not for other columns: last_used_at is written with almost every request.
CREATE TRIGGER trigger_api_keys_check_owner_constraints
    BEFORE INSERT OR UPDATE OF owner, user_id ON api_keys
    FOR EACH ROW EXECUTE FUNCTION check_api_key_owner_constraints();

CREATE FUNCTION fc_api_keys_cleanup() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_deleted integer;
BEGIN
    DELETE FROM api_keys WHERE revoked_at < clock_timestamp() - interval '30 days';
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    RETURN v_deleted;
END
$$;
COMMENT ON FUNCTION fc_api_keys_cleanup IS
    'Deletes keys 30 days after their revocation; returns how many';
