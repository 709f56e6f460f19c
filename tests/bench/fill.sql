-- What the measurements read and write: users, a key, a team, and many finished jobs of one user.
-- psql variables: n_users, n_jobs, n_mine (jobs of user 0; the others' are spread over a thousand users), n_members, spec (JSON), key_hash, key_prefix.
-- Ids are a constant and twelve decimal digits, so that a load generator can make them from a number.
\set ON_ERROR_STOP on
SET session_replication_role = replica; -- no triggers: the rows are right as they stand
BEGIN;

INSERT INTO users (id, email, tier, credits, upgraded_at)
SELECT ('00000000-0000-4000-9000-' || n)::uuid, 'u' || n || '@example.com', 'creator', 1000000, now()
  FROM generate_series(100000000000, 100000000000 + :n_users - 1) n;

INSERT INTO api_keys (user_id, owner, key_prefix, key_hash, key_hash_prefix)
VALUES ('00000000-0000-4000-9000-100000000000', 'framecast:user:00000000-0000-4000-9000-100000000000', 'sk_live_',
        :'key_hash', :'key_prefix');

INSERT INTO jobs (id, owner, triggered_by, status, spec_snapshot, options, progress, output, output_size_bytes, credits_charged,
                  started_at, completed_at, created_at, updated_at)
SELECT ('00000000-0000-4000-8000-' || n)::uuid, 'framecast:user:00000000-0000-4000-9000-' || u,
       ('00000000-0000-4000-9000-' || u)::uuid, 'completed', jsonb_set(:'spec', '{title}', to_jsonb('Film ' || n)),
       '{"resolution": "1280x720"}', '{"phase": "completed", "percent": 100, "scenes_total": 2, "scenes_completed": 2}',
       jsonb_build_object('video_url', 's3://framecast-outputs/users/u/jobs/' || n || '/final.mp4', 'thumbnail_url',
                          's3://framecast-outputs/users/u/jobs/' || n || '/thumbnail.jpg', 'duration', 10, 'width', 1280,
                          'height', 720, 'fps', 30, 'size_bytes', 4000000),
       4000000, 20, t, t, t, t
  FROM generate_series(100000000000, 100000000000 + :n_jobs - 1) n,
       LATERAL (SELECT now() - (n - 100000000000) * interval '1 second',
                       CASE WHEN n < 100000000000 + :n_mine THEN 100000000000 ELSE 100000000001 + n % 1000 END) AS made (t, u);

INSERT INTO render_scenes (job_id, scene_id, position, provider, status, attempt, seed, progress, clip_key, duration_ms,
                           completed_at)
SELECT j.id, 'scene' || i, i, 'external', 'completed', 1, 7, 100, 'users/u/jobs/' || j.id || '/' || i || '.mp4', 5000, now()
  FROM jobs j, generate_series(0, 1) i;

INSERT INTO job_texts (job_id, owner, head, tail) SELECT j.id, j.owner, fc_job_head(j), fc_job_tail(j.id) FROM jobs j;

-- One job that many may watch.
INSERT INTO teams (id, name, slug, credits) VALUES ('00000000-0000-4000-a000-100000000000', 'Blue', 'blue', 1000);
INSERT INTO memberships (team_id, user_id, role)
SELECT '00000000-0000-4000-a000-100000000000', ('00000000-0000-4000-9000-' || n)::uuid, 'owner'
  FROM generate_series(100000000001, 100000000000 + :n_members) n;
INSERT INTO jobs (id, owner, triggered_by, spec_snapshot)
VALUES ('00000000-0000-4000-b000-100000000000', 'framecast:team:00000000-0000-4000-a000-100000000000',
        '00000000-0000-4000-9000-100000000001', :'spec');
COMMIT;

VACUUM ANALYZE;
CHECKPOINT;

-- Read once, so that the first round does not wait for the disk.
SELECT sum(length(spec_snapshot::text)) > 0 AS is_warm FROM jobs;
SELECT count(*) > 0 AS is_warm FROM render_scenes WHERE clip_key IS NOT NULL;
