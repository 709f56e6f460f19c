-- The migrations' own book.

-- name: schema_has_table :plain read
SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL

-- name: schema_applied :plain read
SELECT number, checksum FROM schema_migrations ORDER BY number

-- name: schema_is_applied :plain read
-- params: number int
SELECT 1 FROM schema_migrations WHERE number = :number

-- name: schema_record :plain write
-- params: number int, name text, checksum text
INSERT INTO schema_migrations (number, name, checksum) VALUES (:number, :name, :checksum)

-- Whether the newest migration that this binary knows is there: what /ready asks.
-- name: schema_ready :plain read
-- params: newest int
SELECT 'ok', NULL FROM schema_migrations WHERE number = :newest

-- name: system_assets_seed :plain write
SELECT fc_system_assets_seed()

-- What the database knows about the work, as Prometheus' text format.
-- name: metrics :plain read
WITH jobs_by AS (
    SELECT s.status, count(j.id) AS n FROM unnest(enum_range(NULL::job_status)) AS s (status)
      LEFT JOIN jobs j ON j.status = s.status GROUP BY s.status
), waiting AS (
    SELECT count(*) AS n, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS age
      FROM job_dispatches WHERE done_at IS NULL AND dispatched_at IS NULL
), scenes_by AS (
    SELECT provider, status, count(*) AS n FROM render_scenes WHERE status IN ('completed', 'failed', 'canceled')
     GROUP BY provider, status
), deliveries_by AS (
    SELECT s.status, count(d.id) AS n FROM unnest(enum_range(NULL::webhook_delivery_status)) AS s (status)
      LEFT JOIN webhook_deliveries d ON d.status = s.status GROUP BY s.status
)
SELECT 'ok', concat(
    E'# HELP framecast_jobs Jobs by status.\n# TYPE framecast_jobs gauge\n',
    (SELECT string_agg(format(E'framecast_jobs{status="%s"} %s\n', status, n), '' ORDER BY status) FROM jobs_by),
    E'# HELP framecast_runs_waiting Runs that nobody has begun.\n# TYPE framecast_runs_waiting gauge\n',
    (SELECT format(E'framecast_runs_waiting %s\n', n) FROM waiting),
    E'# HELP framecast_runs_oldest_waiting_seconds Age of the oldest of them.\n# TYPE framecast_runs_oldest_waiting_seconds gauge\n',
    (SELECT format(E'framecast_runs_oldest_waiting_seconds %s\n', round(age, 3)) FROM waiting),
    E'# HELP framecast_scenes Scenes by provider and outcome.\n# TYPE framecast_scenes gauge\n',
    (SELECT string_agg(format(E'framecast_scenes{provider="%s",outcome="%s"} %s\n', provider, status, n), '') FROM scenes_by),
    E'# HELP framecast_webhook_deliveries Webhook deliveries by status.\n# TYPE framecast_webhook_deliveries gauge\n',
    (SELECT string_agg(format(E'framecast_webhook_deliveries{status="%s"} %s\n', status, n), '' ORDER BY status) FROM deliveries_by))
