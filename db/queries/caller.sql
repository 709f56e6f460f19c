-- Who is asking: the beginning of every :api statement, one text for each kind of credential. It yields no row when the user or
-- key is unknown, else state 'ok' or why the caller is turned away; only an 'ok' caller appears in "me", so that the work behind
-- it is done for nobody else.
--
-- $1 user uuid (from the token)   or key uuid (from the key's fingerprint)
-- $2 e-mail of the token, or null or the key_hash that the key was verified against
-- $3 tiers that are over their rate limit now, e.g. '', 'starter', 'starter creator'
-- $4 whether the endpoint is for creators alone
-- $5 scope that an API key needs, or null

-- fragment: caller_jwt
SELECT u.id AS user_id, u.tier, NULL::uuid AS key_id,
       CASE WHEN $2::text IS NOT NULL AND u.email <> $2 THEN 'email'
            WHEN strpos($3, u.tier::text) > 0 THEN 'rate'
            WHEN $4 AND u.tier <> 'creator' THEN 'tier'
            ELSE 'ok' END AS state
  FROM users u WHERE u.id = $1 AND $5::text IS NULL

-- fragment: caller_key
SELECT u.id AS user_id, u.tier, k.id AS key_id,
       CASE WHEN k.owner NOT LIKE 'framecast:user:%' AND NOT fc_owner_member(u.id, k.owner) THEN 'owner'
            WHEN strpos($3, u.tier::text) > 0 THEN 'rate'
            WHEN jsonb_typeof(k.scopes) <> 'array' OR jsonb_path_exists(k.scopes, '$[*] ? (@.type() != "string")') THEN 'scopes'
            WHEN $4 AND u.tier <> 'creator' THEN 'tier'
            WHEN $5::text IS NOT NULL AND NOT k.scopes ?| ARRAY[$5, '*'] THEN 'scope'
            ELSE 'ok' END AS state
  FROM api_keys k JOIN users u ON u.id = k.user_id
 WHERE k.id = $1 AND k.key_hash = $2 AND k.key_prefix = 'sk_live_' AND k.revoked_at IS NULL
   AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())

-- The keys that a raw key with this fingerprint may be; the process compares the hashes itself, in constant time.
-- name: key_candidates :plain read
-- params: fingerprint text
SELECT id::text, key_hash, user_id::text, owner FROM api_keys
 WHERE key_prefix = 'sk_live_' AND (key_hash_prefix = :fingerprint OR key_hash_prefix IS NULL)
   AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())

-- The first request of a user makes the row; n of them at once make one. 'taken': the e-mail is another user's.
-- name: user_provision :plain write
-- params: user uuid, email text
WITH made AS (INSERT INTO users (id, email) VALUES (:user, :email) ON CONFLICT DO NOTHING RETURNING id)
SELECT CASE WHEN EXISTS (SELECT FROM made) OR EXISTS (SELECT FROM users WHERE id = :user) THEN 'ok'
            WHEN EXISTS (SELECT FROM users WHERE lower(email) = lower(:email)) THEN 'taken'
            ELSE 'again' END, NULL::text

-- The identity provider owns the e-mail; an address of another user stays where it is.
-- name: user_email_sync :plain write
-- params: user uuid, email text
UPDATE users SET email = :email WHERE id = :user
   AND NOT EXISTS (SELECT FROM users o WHERE lower(o.email) = lower(:email) AND o.id <> :user)

-- Whether the caller is let in, for a request that is refused for another reason next.
-- name: caller_only :api read
SELECT 'ok' AS outcome, NULL::text AS body, NULL::text AS more FROM me

-- Best effort and often: it must not wait for the disk.
-- name: key_used :plain write
-- params: key uuid
WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE api_keys SET last_used_at = clock_timestamp() FROM relaxed WHERE id = :key

-- name: usage_api_calls :plain write
-- params: owners text[], calls bigint[]
INSERT INTO usage (owner, period, api_calls)
SELECT owner, to_char(now() AT TIME ZONE 'utc', 'YYYY-MM'), least(calls, 2147483647) FROM unnest(:owners, :calls) AS t (owner, calls)
 ORDER BY owner
    ON CONFLICT (owner, period) DO UPDATE SET
       api_calls = least(usage.api_calls::bigint + excluded.api_calls, 2147483647), updated_at = now()
