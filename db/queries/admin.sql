-- What operators do from the command line.

-- name: admin_user_create :plain write
-- params: email text, tier text, credits int
INSERT INTO users (email, tier, credits, upgraded_at)
VALUES (:email, :tier::user_tier, :credits, CASE WHEN :tier = 'creator' THEN now() END) RETURNING id::text

-- name: admin_user_find :plain read
-- params: who text
SELECT id::text, email FROM users WHERE id::text = lower(:who) OR lower(email) = lower(:who)

-- name: admin_user_grant :plain write
-- params: user uuid, credits int
UPDATE users SET credits = credits + :credits WHERE id = :user RETURNING credits

-- name: admin_team_grant :plain write
-- params: team uuid, credits int
UPDATE teams SET credits = credits + :credits WHERE id = :team RETURNING credits

-- name: admin_key_create :plain write
-- params: user uuid, name text, hash text, fingerprint text, scopes jsonb
INSERT INTO api_keys (user_id, owner, name, key_prefix, key_hash, key_hash_prefix, scopes)
VALUES (:user, 'framecast:user:' || :user, :name, 'sk_live_', :hash, :fingerprint, :scopes) RETURNING id::text
