-- Users and their API keys.

-- fragment: user_object
json_build_object('id', u.id, 'email', u.email, 'name', u.name, 'avatar_url', u.avatar_url, 'tier', u.tier,
    'credits', u.credits, 'ephemeral_storage_bytes', u.ephemeral_storage_bytes, 'upgraded_at', fc_time(u.upgraded_at),
    'created_at', fc_time(u.created_at), 'updated_at', fc_time(u.updated_at))

-- fragment: key_object
json_build_object('id', k.id, 'user_id', k.user_id, 'owner', k.owner, 'name', k.name, 'key_prefix', k.key_prefix,
    'scopes', k.scopes, 'last_used_at', fc_time(k.last_used_at), 'expires_at', fc_time(k.expires_at),
    'revoked_at', fc_time(k.revoked_at), 'created_at', fc_time(k.created_at))

-- fragment: key_columns
k.id, k.user_id, k.owner, k.name, k.key_prefix, k.scopes, k.last_used_at, k.expires_at, k.revoked_at, k.created_at

-- name: account_get :api read
SELECT 'ok' AS outcome, {{user_object}} AS body, NULL AS more FROM users u JOIN me ON me.user_id = u.id

-- name: account_patch :api write
-- params: set_name boolean, name text, set_avatar boolean, avatar text
WITH changed AS (
    UPDATE users u SET name = CASE WHEN :set_name THEN :name ELSE u.name END,
                       avatar_url = CASE WHEN :set_avatar THEN :avatar ELSE u.avatar_url END
      FROM me WHERE u.id = me.user_id
    RETURNING u.id, u.email, u.name, u.avatar_url, u.tier, u.credits, u.ephemeral_storage_bytes, u.upgraded_at, u.created_at,
              u.updated_at
)
SELECT 'ok' AS outcome, {{user_object}} AS body, NULL AS more FROM changed u

-- name: whoami :api read
SELECT 'ok' AS outcome,
       CASE WHEN me.key_id IS NULL THEN json_build_object('auth_method', 'jwt', 'user', {{user_object}})
            ELSE json_build_object('auth_method', 'api_key', 'user', {{user_object}}, 'api_key',
                 (SELECT json_build_object('id', k.id, 'owner', k.owner, 'name', k.name, 'key_prefix', k.key_prefix,
                                           'scopes', k.scopes, 'expires_at', fc_time(k.expires_at))
                    FROM api_keys k WHERE k.id = me.key_id)) END AS body, NULL AS more
  FROM users u JOIN me ON me.user_id = u.id

-- name: status_get :api read
-- params: version text
SELECT 'ok' AS outcome,
       json_build_object('status', 'ok', 'version', :version, 'time', fc_time(clock_timestamp())) AS body, NULL AS more
  FROM me

-- name: key_list :api read
SELECT 'ok' AS outcome, coalesce(json_agg({{key_object}} ORDER BY k.created_at DESC, k.id DESC), '[]') AS body, NULL AS more
  FROM api_keys k JOIN me ON me.user_id = k.user_id

-- name: key_get :api read
-- params: key uuid
SELECT 'ok' AS outcome, {{key_object}} AS body, NULL AS more
  FROM api_keys k JOIN me ON me.user_id = k.user_id WHERE k.id = :key

-- What is wrong with the scopes depends on the tier, so both answers come along; the owner is looked at before them.
-- name: key_create :api write
-- params: owner text, name text, hash text, fingerprint text, scopes jsonb, expires timestamptz, of_starter text, of_creator text
WITH verdict AS (
    SELECT me.user_id, CASE WHEN NOT fc_owner_usable(me.user_id, :owner) THEN 'owner_not_usable'
                            WHEN me.tier = 'starter' THEN :of_starter ELSE :of_creator END AS outcome FROM me
), made AS (
    INSERT INTO api_keys AS k (user_id, owner, name, key_prefix, key_hash, key_hash_prefix, scopes, expires_at)
    SELECT user_id, :owner, :name, 'sk_live_', :hash, :fingerprint, :scopes, :expires FROM verdict WHERE outcome = 'ok'
    RETURNING {{key_columns}}
)
SELECT v.outcome, (SELECT {{key_object}} FROM made k) AS body, NULL AS more FROM verdict v

-- name: key_rename :api write
-- params: key uuid, name text
WITH found AS (
    SELECT k.id FROM api_keys k JOIN me ON me.user_id = k.user_id WHERE k.id = :key
), changed AS (
    UPDATE api_keys k SET name = coalesce(:name, k.name) FROM found f WHERE k.id = f.id AND k.revoked_at IS NULL
    RETURNING {{key_columns}}
)
SELECT CASE WHEN k.id IS NULL THEN 'key_revoked' ELSE 'ok' END AS outcome,
       CASE WHEN k.id IS NOT NULL THEN {{key_object}} END AS body, NULL AS more
  FROM found f LEFT JOIN changed k ON true

-- name: key_revoke :api write
-- params: key uuid
WITH found AS (
    SELECT k.id FROM api_keys k JOIN me ON me.user_id = k.user_id WHERE k.id = :key
), changed AS (
    UPDATE api_keys k SET revoked_at = clock_timestamp() FROM found f WHERE k.id = f.id AND k.revoked_at IS NULL RETURNING k.id
)
SELECT CASE WHEN c.id IS NULL THEN 'key_revoked' ELSE 'ok' END AS outcome, NULL AS body, NULL AS more
  FROM found f LEFT JOIN changed c ON true
