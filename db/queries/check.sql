-- What must always hold: `framecastd admin check` runs them all. Each yields what breaks the rule: the first three ids, and on each row
-- how many there are in all. Each sees one moment, so a database at work breaks none of them in passing.
--
-- Rows may also be made by hand or by other tools; what is known of a job that came through the API alone is asked only of jobs with a
-- dispatch row, which only the API writes. Events are kept for 7 days, so older jobs may lack their first ones.

-- fragment: first
ORDER BY 1 LIMIT 3

-- fragment: booked
FROM (
    SELECT owner, sum(credits_used) AS used, sum(credits_refunded) AS refunded, sum(renders_count) AS renders,
           bool_or(2147483647 IN (credits_used, credits_refunded, renders_count)) AS full
      FROM usage GROUP BY owner
) AS u FULL JOIN (
    SELECT owner, sum(charged) AS charged, sum(refunded) AS refunded, sum(renders) AS renders,
           sum(charged) FILTER (WHERE is_booked) AS charged_least,
           sum(refunded) FILTER (WHERE is_booked) AS refunded_least,
           sum(renders) FILTER (WHERE is_booked) AS renders_least
      FROM (
        SELECT j.owner, j.credits_charged AS charged, j.credits_refunded AS refunded, (j.status = 'completed')::integer AS renders,
               d.job_id IS NOT NULL AS is_booked
          FROM jobs j LEFT JOIN job_dispatches d ON d.job_id = j.id
        UNION ALL
        SELECT owner, credits_charged, credits_refunded, renders_count, false FROM deleted_jobs) AS one
     GROUP BY owner
) AS j ON j.owner = u.owner
WHERE u.full IS NOT TRUE AND

-- The rest rests on these. (DISABLE TRIGGER ALL switches foreign keys off as well.)
-- name: check_schema_in_force :plain read
SELECT o.name, count(*) OVER ()
  FROM (SELECT format('%s.%s', t.tgrelid::regclass, t.tgname) AS name, t.tgrelid AS relation FROM pg_trigger t WHERE t.tgenabled <> 'O'
        UNION ALL SELECT i.indexrelid::regclass::text, i.indrelid FROM pg_index i WHERE NOT i.indisvalid
        UNION ALL SELECT format('%s.%s', c.conrelid::regclass, c.conname), c.conrelid FROM pg_constraint c WHERE NOT c.convalidated) AS o
  JOIN pg_class r ON r.oid = o.relation AND r.relnamespace = current_schema()::regnamespace
{{first}}

-- name: check_starter_alone :plain read
SELECT u.id::text, count(*) OVER () FROM users u
 WHERE u.tier = 'starter' AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id) {{first}}

-- name: check_team_has_owner :plain read
SELECT t.id::text, count(*) OVER () FROM teams t
 WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.team_id = t.id AND m.role = 'owner') {{first}}

-- name: check_membership_limits :plain read
SELECT user_id::text, count(*) OVER () FROM memberships
 GROUP BY user_id HAVING count(*) > 50 OR count(*) FILTER (WHERE role = 'owner') > 10 {{first}}

-- name: check_invitation_of_member :plain read
SELECT i.id::text, count(*) OVER () FROM invitations i
 WHERE num_nonnulls(i.accepted_at, i.declined_at, i.revoked_at) = 0 AND i.expires_at > clock_timestamp()
   AND EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
                WHERE m.team_id = i.team_id AND lower(u.email) = lower(i.email)) {{first}}

-- name: check_invitation_limit :plain read
SELECT team_id::text, count(*) OVER () FROM invitations
 WHERE num_nonnulls(accepted_at, declined_at, revoked_at) = 0 AND expires_at > clock_timestamp()
 GROUP BY team_id HAVING count(*) > 50 {{first}}

-- name: check_key_owner :plain read
SELECT k.id::text, count(*) OVER () FROM api_keys k JOIN users u ON u.id = k.user_id
 WHERE k.revoked_at IS NULL AND k.owner <> 'framecast:user:' || k.user_id
   AND (u.tier = 'starter' OR fc_owner_team(k.owner) IS NULL
        OR k.owner NOT IN ('framecast:team:' || fc_owner_team(k.owner), 'framecast:' || fc_owner_team(k.owner) || ':' || k.user_id)) {{first}}

-- name: check_storage_of_user :plain read
SELECT u.id::text, count(*) OVER () FROM users u
  LEFT JOIN (SELECT fc_owner_user(owner) AS id, sum(size_bytes) AS size_bytes FROM artifacts
              WHERE status = 'ready' AND kind NOT IN ('storyboard', 'character') GROUP BY 1) AS a ON a.id = u.id
 WHERE u.ephemeral_storage_bytes <> coalesce(a.size_bytes, 0) {{first}}

-- name: check_storage_of_team :plain read
SELECT t.id::text, count(*) OVER () FROM teams t
  LEFT JOIN (SELECT fc_owner_team(owner) AS id, sum(size_bytes) AS size_bytes FROM artifacts
              WHERE status = 'ready' AND kind NOT IN ('storyboard', 'character') GROUP BY 1) AS a ON a.id = t.id
 WHERE t.ephemeral_storage_bytes <> coalesce(a.size_bytes, 0) {{first}}

-- name: check_project_rendering :plain read
SELECT p.id::text, count(*) OVER () FROM projects p
 WHERE (p.status = 'rendering') <> EXISTS (SELECT 1 FROM jobs j WHERE j.project_id = p.id AND j.status IN ('queued', 'processing')) {{first}}

-- name: check_project_team :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN projects p ON p.id = j.project_id
 WHERE j.owner <> 'framecast:team:' || p.team_id {{first}}

-- name: check_job_times :plain read
SELECT id::text, count(*) OVER () FROM jobs WHERE started_at < created_at OR completed_at < greatest(created_at, started_at) {{first}}

-- name: check_job_limits :plain read
SELECT b.owner, count(*) OVER ()
  FROM (SELECT fc_owner_bucket(j.owner) AS owner, count(*) AS n FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
         WHERE j.status IN ('queued', 'processing') GROUP BY 1) AS b
  LEFT JOIN users u ON u.id = fc_owner_user(b.owner)
 WHERE b.n > CASE u.tier WHEN 'starter' THEN 1 ELSE 5 END {{first}}

-- name: check_job_parent :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN jobs parent ON parent.id = j.parent_job_id
 WHERE parent.status NOT IN ('failed', 'canceled') {{first}}

-- name: check_job_refund :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
 WHERE j.credits_refunded <> CASE WHEN j.status IN ('failed', 'canceled')
                                  THEN fc_refund(j.failure_type, j.credits_charged, fc_percent(j.progress)) ELSE 0 END {{first}}

-- name: check_job_percent :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
 WHERE fc_percent(j.progress) NOT BETWEEN 0 AND 100 OR (j.status = 'completed' AND fc_percent(j.progress) <> 100) {{first}}

-- name: check_job_text :plain read
SELECT j.id::text, count(*) OVER () FROM job_texts t JOIN jobs j ON j.id = t.job_id
 WHERE j.status IN ('queued', 'processing') OR (t.owner, t.head || t.tail) <> (j.owner, fc_job_text(j)) {{first}}

-- name: check_job_overdue :plain read
-- params: timeout_seconds int, queue_timeout_seconds int
SELECT j.id::text, count(*) OVER () FROM jobs j
 WHERE j.status IN ('queued', 'processing') AND fc_job_overdue(j, :timeout_seconds + 300, :queue_timeout_seconds + 300) {{first}}

-- name: check_usage_used :plain read
SELECT coalesce(u.owner, j.owner), count(*) OVER () {{booked}}
       coalesce(u.used, 0) NOT BETWEEN coalesce(j.charged_least, 0) AND coalesce(j.charged, 0) {{first}}

-- name: check_usage_refunded :plain read
SELECT coalesce(u.owner, j.owner), count(*) OVER () {{booked}}
       coalesce(u.refunded, 0) NOT BETWEEN coalesce(j.refunded_least, 0) AND coalesce(j.refunded, 0) {{first}}

-- name: check_usage_renders :plain read
SELECT coalesce(u.owner, j.owner), count(*) OVER () {{booked}}
       coalesce(u.renders, 0) NOT BETWEEN coalesce(j.renders_least, 0) AND coalesce(j.renders, 0) {{first}}

-- name: check_event_numbers :plain read
SELECT job_id::text, count(*) OVER () FROM job_events
 GROUP BY job_id HAVING min(sequence) < 1 OR max(sequence) - min(sequence) + 1 <> count(*) {{first}}

-- name: check_event_first :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
 WHERE j.created_at > clock_timestamp() - interval '7 days'
   AND NOT EXISTS (SELECT 1 FROM job_events e WHERE e.job_id = j.id AND e.sequence = 1 AND e.event_type = 'queued') {{first}}

-- name: check_event_once :plain read
SELECT job_id::text, count(*) OVER () FROM job_events
 WHERE event_type IN ('queued', 'started')
 GROUP BY job_id HAVING count(*) <> count(DISTINCT event_type) {{first}}

-- name: check_event_last :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j
  LEFT JOIN job_dispatches d ON d.job_id = j.id
 CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE event_type IN ('completed', 'failed', 'canceled')) AS n_ends,
           (array_agg(event_type::text ORDER BY sequence DESC))[1] AS last
      FROM job_events WHERE job_id = j.id) AS e
 WHERE CASE WHEN j.status IN ('queued', 'processing') THEN e.n_ends > 0
            WHEN e.n = 0 THEN d.job_id IS NOT NULL AND j.completed_at > clock_timestamp() - interval '7 days'
            ELSE e.n_ends <> 1 OR e.last <> j.status::text END {{first}}

-- name: check_scene_numbers :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
  JOIN (SELECT job_id, count(*) AS n, count(DISTINCT position) AS n_positions, max(position) AS last
          FROM render_scenes GROUP BY job_id) AS s ON s.job_id = j.id
 WHERE s.n_positions <> s.n OR s.last <> s.n - 1
    OR s.n <> CASE jsonb_typeof(j.spec_snapshot -> 'scenes') WHEN 'array' THEN jsonb_array_length(j.spec_snapshot -> 'scenes') ELSE 1 END
{{first}}

-- name: check_scene_state :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j
 WHERE EXISTS (SELECT 1 FROM render_scenes s
                WHERE s.job_id = j.id AND NOT CASE j.status WHEN 'queued' THEN s.status IN ('pending', 'completed')
                                                            WHEN 'processing' THEN s.status <> 'canceled'
                                                            WHEN 'completed' THEN s.status = 'completed'
                                                            ELSE s.status IN ('completed', 'failed', 'canceled') END) {{first}}

-- name: check_scene_attempt :plain read
SELECT format('%s/%s', job_id, scene_id), count(*) OVER () FROM render_scenes
 WHERE status IN ('submitted', 'running') AND (attempt = 0 OR submitted_at IS NULL) {{first}}

-- A team that is gone took its clips with it.
-- name: check_scene_clip :plain read
SELECT format('%s/%s', s.job_id, s.scene_id), count(*) OVER ()
  FROM render_scenes s JOIN jobs j ON j.id = s.job_id
 WHERE s.status = 'completed' AND s.clip_key IS NULL AND s.provider <> 'external'
   AND (fc_owner_team(j.owner) IS NULL OR EXISTS (SELECT 1 FROM teams t WHERE t.id = fc_owner_team(j.owner))) {{first}}

-- name: check_scene_provider :plain read
SELECT format('%s/%s', s.job_id, s.scene_id), count(*) OVER ()
  FROM render_scenes s JOIN job_dispatches d ON d.job_id = s.job_id
 WHERE s.status <> 'completed' AND s.provider <> d.provider {{first}}

-- name: check_scene_once :plain read
SELECT format('%s/%s', job_id, payload ->> 'scene_id'), count(*) OVER () FROM job_events
 WHERE event_type = 'scene_complete' GROUP BY job_id, payload ->> 'scene_id' HAVING count(*) > 1 {{first}}

-- Scenes taken over from a parent have no attempt; a worker of its own system may leave scenes out of its reports.
-- name: check_scene_reported :plain read
SELECT format('%s/%s', s.job_id, s.scene_id), count(*) OVER ()
  FROM render_scenes s JOIN job_dispatches d ON d.job_id = s.job_id AND d.provider <> 'external'
 WHERE (s.status = 'completed' AND s.attempt > 0)
       <> EXISTS (SELECT 1 FROM job_events e
                   WHERE e.job_id = s.job_id AND e.event_type = 'scene_complete' AND e.payload ->> 'scene_id' = s.scene_id)
   AND EXISTS (SELECT 1 FROM job_events e WHERE e.job_id = s.job_id AND e.sequence = 1) {{first}}

-- name: check_scene_count :plain read
SELECT j.id::text, count(*) OVER ()
  FROM jobs j JOIN job_dispatches d ON d.job_id = j.id AND d.provider <> 'external'
  JOIN (SELECT job_id, count(*) FILTER (WHERE status = 'completed') AS n FROM render_scenes GROUP BY job_id) AS s ON s.job_id = j.id
 WHERE fc_number(j.progress -> 'scenes_completed') <> s.n {{first}}

-- name: check_dispatch_there :plain read
SELECT e.job_id::text, count(*) OVER () FROM job_events e LEFT JOIN job_dispatches d ON d.job_id = e.job_id
 WHERE e.event_type = 'queued' AND d.job_id IS NULL {{first}}

-- name: check_dispatch_open :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
 WHERE j.status IN ('queued', 'processing') AND d.done_at IS NOT NULL {{first}}

-- name: check_dispatch_closed :plain read
SELECT j.id::text, count(*) OVER () FROM jobs j JOIN job_dispatches d ON d.job_id = j.id
 WHERE j.completed_at < clock_timestamp() - interval '1 hour' AND d.done_at IS NULL {{first}}

-- name: check_lease_held :plain read
SELECT job_id::text, count(*) OVER () FROM job_dispatches
 WHERE (leased_by IS NULL) <> (lease_expires_at IS NULL) OR (leased_by IS NOT NULL AND attempts = 0)
    OR (leased_by IS NOT NULL AND done_at IS NOT NULL AND provider <> 'external') {{first}}

-- name: check_lease_length :plain read
-- params: lease_seconds int
SELECT job_id::text, count(*) OVER () FROM job_dispatches
 WHERE done_at IS NULL AND lease_expires_at > clock_timestamp() + make_interval(secs => 10 * :lease_seconds) {{first}}

-- name: check_artifact_of_job :plain read
SELECT a.id::text, count(*) OVER () FROM artifacts a JOIN jobs j ON j.id = a.source_job_id
 WHERE a.source = 'job' AND ((a.status = 'pending' AND j.status = 'completed')
                             OR (a.status = 'ready' AND j.status IN ('queued', 'processing'))) {{first}}

-- name: check_message_count :plain read
SELECT c.id::text, count(*) OVER () FROM conversations c
 WHERE c.message_count <> (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id) {{first}}

-- name: check_delivery_state :plain read
SELECT id::text, count(*) OVER () FROM webhook_deliveries
 WHERE (status = 'retrying' AND next_retry_at IS NULL) OR (status = 'attempting' AND (attempt_started_at IS NULL OR attempts = 0)) {{first}}
