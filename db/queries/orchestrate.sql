-- What the orchestrator says to the database. The rules live in the functions of db/migrations
-- (0028 to 0030); all of them may be repeated.

-- ---- the queue ----

-- name: dispatch_claim :plain write
-- params: worker text, lease_seconds int, providers text[]
SELECT outcome, body FROM fc_dispatch_claim(:worker, :lease_seconds, :providers)

-- name: dispatch_renew :plain write
-- params: job uuid, lease text, lease_seconds int
SELECT outcome, body FROM fc_dispatch_renew(:job, :lease, :lease_seconds)

-- name: dispatch_release :plain write
-- params: job uuid, lease text, delay_seconds int, error text
SELECT outcome, body FROM fc_dispatch_release(:job, :lease, :delay_seconds, :error)

-- name: dispatch_done :plain write
-- params: job uuid, lease text
SELECT outcome, body FROM fc_dispatch_done(:job, :lease)

-- name: run_states :plain read
-- What became of the jobs that this process holds: job, is it over (or gone), who holds it.
-- params: jobs uuid[]
SELECT held.id::text, COALESCE(j.status NOT IN ('queued', 'processing'), true), d.leased_by
FROM unnest(:jobs) AS held (id)
LEFT JOIN jobs j ON j.id = held.id
LEFT JOIN job_dispatches d ON d.job_id = held.id

-- ---- steps ----

-- name: step_begin :plain write
-- params: job uuid, lease text
SELECT outcome, body FROM fc_job_begin(:job, :lease)

-- name: step_work :plain read
-- The work of a job in whatever state; no row when it is gone.
-- params: job uuid
SELECT 'ok', work::text FROM fc_job_work(:job) AS work WHERE work IS NOT NULL

-- name: step_progress :plain write
-- params: job uuid, lease text, patch text
SELECT outcome, body FROM fc_job_progress(:job, :lease, :patch)

-- name: step_complete :plain write
-- params: job uuid, lease text, output text, size_bytes bigint
SELECT outcome, body FROM fc_job_complete(:job, :lease, :output, :size_bytes, NULL)

-- name: step_fail :plain write
-- params: job uuid, lease text, failure_type text, error text, scene text
SELECT outcome, body FROM fc_job_fail(:job, :lease, :failure_type, :error, :scene)

-- name: scene_submit :plain write
-- params: job uuid, lease text, scene text, ref text
SELECT outcome, body FROM fc_scene_submit(:job, :lease, :scene, :ref)

-- name: scene_ref :plain write
-- params: job uuid, lease text, scene text, ref text
SELECT outcome, body FROM fc_scene_ref(:job, :lease, :scene, :ref)

-- name: scene_running :plain write
-- params: job uuid, lease text, scene text
SELECT outcome, body FROM fc_scene_running(:job, :lease, :scene)

-- name: scene_progress :plain write
-- params: job uuid, lease text, scene text, percent numeric
SELECT outcome, body FROM fc_scene_progress(:job, :lease, :scene, :percent)

-- name: scene_complete :plain write
-- params: job uuid, lease text, scene text, clip_key text, duration_ms int, percent numeric
SELECT outcome, body
FROM fc_scene_complete(:job, :lease, :scene, :clip_key, :duration_ms, :percent)

-- name: scene_failed :plain write
-- The attempt failed and another one is allowed; a scene is given up with its job (step_fail).
-- params: job uuid, lease text, scene text, error text
SELECT outcome, body FROM fc_scene_failed(:job, :lease, :scene, :error, false)

-- name: run_assets :plain read
-- Where sounds and pictures lie: id, key, is it in the system's bucket.
-- params: ids text[], uuids uuid[]
SELECT id, s3_key, true FROM system_assets WHERE id = ANY (:ids)
UNION ALL
SELECT id::text, s3_key, false FROM artifacts
WHERE id = ANY (:uuids) AND status = 'ready' AND s3_key IS NOT NULL

-- ---- upkeep ----

-- name: upkeep_timeouts :plain write
-- params: timeout_seconds int, queue_timeout_seconds int, max int
SELECT job::text FROM fc_jobs_sweep(:timeout_seconds, :queue_timeout_seconds, :max) AS job

-- name: upkeep_events :plain write
SELECT cleanup_old_job_events()

-- name: upkeep_keys :plain write
SELECT fc_api_keys_cleanup()

-- name: deletions_claim :plain write
-- Claiming postpones: what is not deleted now is due again after a pause that grows to an hour. A
-- key that ends in a slash means all below it but what is still named: those keys as JSON.
-- params: max int
UPDATE object_deletions o
SET attempts = o.attempts + 1,
    next_attempt_at = clock_timestamp() + make_interval(secs => LEAST(30 * 2 ^ LEAST(o.attempts, 7), 3600))
FROM (SELECT id FROM object_deletions WHERE next_attempt_at <= clock_timestamp()
      ORDER BY next_attempt_at LIMIT :max FOR UPDATE SKIP LOCKED) AS due
WHERE o.id = due.id
RETURNING o.id, o.bucket, o.s3_key,
          CASE WHEN right(o.s3_key, 1) = '/' THEN to_json(fc_keys_named(o.s3_key))::text END

-- name: deletions_done :plain write
-- params: ids bigint[]
DELETE FROM object_deletions WHERE id = ANY (:ids)
