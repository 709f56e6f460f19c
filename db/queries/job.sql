-- Jobs. Their changes are functions of the database (db/migrations), because each takes locks and then looks again.

-- fragment: visible_job
FROM me JOIN jobs j ON j.id = :job AND fc_owner_visible(me.user_id, j.owner)

-- What a spec names, in the eyes of the caller.
-- name: asset_facts :api read
-- params: assets jsonb
SELECT 'ok' AS outcome,
       fc_assets_facts(me.user_id, ARRAY(SELECT a ->> 'id' FROM jsonb_array_elements(:assets) AS a)) AS body, NULL AS more
  FROM me

-- The same, with the balance that would pay for the job.
-- name: estimate_facts :api read
-- params: assets jsonb, owner text
SELECT CASE WHEN :owner::text IS NOT NULL AND NOT fc_owner_usable(me.user_id, :owner) THEN 'owner_not_usable' ELSE 'ok' END AS outcome,
       fc_assets_facts(me.user_id, ARRAY(SELECT a ->> 'id' FROM jsonb_array_elements(:assets) AS a)) AS body,
       CASE WHEN split_part(:owner, ':', 2) = 'user'
            THEN 'user ' || (SELECT u.credits FROM users u WHERE u.id = me.user_id)
            ELSE 'team ' || (SELECT t.credits FROM teams t WHERE t.id = fc_owner_team(:owner)) END AS more
  FROM me

-- name: job_create :api write together
-- order: fc_owner_bucket(:owner)
-- params: owner text, spec text, options text, credits int, scenes text, provider text, seed bigint, key text, max_credits bigint, assets text, valid boolean, parent uuid
SELECT r.outcome, r.body, NULL AS more
  FROM me, fc_job_create(me.user_id, :owner, :spec, :options, :credits, :scenes, :provider, :seed, :key, :max_credits, :assets,
                         :valid, NULL, :parent, NULL) r

-- A job to start again: its replay, when the idempotency key has been used; else what its price and its successor need.
-- name: job_source :api read
-- params: job uuid, key text
WITH replay AS MATERIALIZED (
    SELECT r.outcome, r.body FROM me, fc_job_replay(me.user_id, :key) r WHERE :key::text IS NOT NULL AND r.outcome IS NOT NULL
)
SELECT outcome, body, NULL AS more FROM replay
UNION ALL
(SELECT 'ok', json_build_object(
        'status', j.status, 'owner', j.owner, 'spec', j.spec_snapshot, 'options', j.options,
        'missing', (SELECT json_agg(s.scene_id ORDER BY s.position)
                           FILTER (WHERE NOT (s.status = 'completed' AND s.clip_key IS NOT NULL))
                      FROM render_scenes s WHERE s.job_id = j.id),
        'n_scenes', (SELECT count(*) FROM render_scenes s WHERE s.job_id = j.id))::text, NULL
   {{visible_job}} WHERE NOT EXISTS (SELECT FROM replay))

-- Newest first, by the index of each visible owner. One row more than asked tells whether there is a next page. Of what has
-- ended the text is kept.
-- name: job_list :api read together
-- params: owner text, status text, project uuid, since timestamptz, until timestamptz, last_time timestamptz, last_id uuid, skip bigint, up_to bigint
WITH owners AS (
    SELECT o FROM me, unnest(fc_visible_owners(me.user_id)) AS o WHERE :owner::text IS NULL OR o = :owner
), page AS (
    SELECT p.j FROM owners CROSS JOIN LATERAL (
        SELECT j FROM jobs j
         WHERE j.owner = o AND (:status::text IS NULL OR j.status = :status::job_status)
           AND (:project::uuid IS NULL OR j.project_id = :project)
           AND (:since::timestamptz IS NULL OR j.created_at >= :since)
           AND (:until::timestamptz IS NULL OR j.created_at < :until)
           AND (:last_id::uuid IS NULL OR (j.created_at, j.id) < (:last_time, :last_id))
         ORDER BY j.created_at DESC, j.id DESC LIMIT :skip + :up_to + 1) AS p
     ORDER BY (p.j).created_at DESC, (p.j).id DESC OFFSET :skip LIMIT :up_to + 1
), numbered AS (
    SELECT j, row_number() OVER () AS n FROM page
)
SELECT 'ok' AS outcome,
       concat('[', string_agg(coalesce((SELECT t.head FROM job_texts t WHERE t.job_id = (j).id), fc_job_head(j)), '},')
                   FILTER (WHERE n <= :up_to) || '}', ']') AS body,
       CASE WHEN max(n) > :up_to THEN
            max(fc_time((j).created_at) || '|' || (j).id) FILTER (WHERE n = :up_to) END AS more
  FROM numbered

-- The scenes stand behind the job's own members. Of what has ended the text is kept, and the job itself is not looked at.
-- name: job_get :api read together
-- params: job uuid
SELECT 'ok' AS outcome, b.body, NULL AS more
  FROM me LEFT JOIN job_texts t ON t.job_id = :job AND fc_owner_visible(me.user_id, t.owner)
 CROSS JOIN LATERAL (
    SELECT coalesce(t.head || t.tail, (SELECT fc_job_text(j) FROM jobs j
                              WHERE j.id = :job AND fc_owner_visible(me.user_id, j.owner))) AS body
    OFFSET 0) b -- put together once, not once more to see whether it is there
 WHERE b.body IS NOT NULL

-- The same with the links of the storyboard's reference images: asked for when job_get shows that there are some.
-- name: job_get_with_links :api read
-- params: job uuid, bucket text
SELECT 'ok' AS outcome,
       (fc_job_json(j)::jsonb || jsonb_build_object('spec_snapshot', fc_spec_with_links(j.spec_snapshot, :bucket),
                                                    'scenes', fc_scenes_json(j.id, :bucket)::jsonb))::text AS body, NULL AS more
  {{visible_job}}

-- name: job_cancel :api write
-- params: job uuid
SELECT r.outcome, r.body, NULL AS more FROM me, fc_job_cancel(me.user_id, :job) r

-- name: job_delete :api write
-- params: job uuid, bucket text
SELECT r.outcome, r.body, NULL AS more FROM me, fc_job_delete(me.user_id, :job, :bucket) r

-- Where a stream may begin: anywhere that is still held.
-- name: job_events_open :api read
-- params: job uuid, last bigint
SELECT CASE WHEN :last::bigint IS NULL OR EXISTS (SELECT FROM job_events e WHERE e.job_id = j.id AND e.sequence = :last)
            THEN 'ok' ELSE 'event_gone' END AS outcome,
       json_build_object('status', j.status, 'oldest_sequence',
                         (SELECT min(e.sequence) FROM job_events e WHERE e.job_id = j.id)) AS body, NULL AS more
  {{visible_job}}

-- What a stream sends next, as it goes over the wire. A job that has ended, and of which nothing is left to send, is over.
-- name: job_events_after :plain read
-- params: job uuid, last bigint, up_to int, up_to_bytes int
WITH near AS (
    SELECT sequence, event_type, payload, sum(octet_length(payload::text)) OVER (ORDER BY sequence) AS bytes
      FROM (SELECT sequence, event_type, payload FROM job_events WHERE job_id = :job AND sequence > :last
             ORDER BY sequence LIMIT :up_to) e
), page AS ( -- one at least
    SELECT sequence, event_type, payload FROM near
     WHERE bytes <= :up_to_bytes OR sequence = (SELECT min(sequence) FROM near)
), rest AS (
    SELECT EXISTS (SELECT FROM job_events WHERE job_id = :job
                      AND sequence > coalesce((SELECT max(sequence) FROM page), :last)) AS has_more
)
SELECT coalesce((SELECT string_agg(format(E'id: %s:%s\nevent: %s\ndata: %s\n\n', j.id, sequence, event_type, payload), ''
                                   ORDER BY sequence) FROM page), ''),
       coalesce((SELECT max(sequence) FROM page), :last)::text,
       j.status IN ('completed', 'failed', 'canceled') AND NOT has_more, has_more
  FROM jobs j, rest WHERE j.id = :job

-- Whether each of these may still watch: the user sees the job, and the key that opened the stream (if one did) still stands.
-- name: job_streams_visible :plain read
-- params: users uuid[], jobs uuid[], keys uuid[]
SELECT coalesce(fc_owner_visible(a.user_id, j.owner), false) AND EXISTS (SELECT FROM users u WHERE u.id = a.user_id)
       AND (a.key_id = '00000000-0000-0000-0000-000000000000' OR EXISTS (
            SELECT FROM api_keys k WHERE k.id = a.key_id AND k.revoked_at IS NULL
               AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())))
  FROM unnest(:users, :jobs, :keys) WITH ORDINALITY AS a (user_id, job_id, key_id, n) LEFT JOIN jobs j ON j.id = a.job_id
 ORDER BY a.n

-- name: job_callback :plain write
-- params: job uuid, event text, body text, bucket text
SELECT outcome, body FROM fc_job_callback(:job, :event, :body, :bucket)

-- name: render_next :plain write
-- params: worker text, lease_seconds int
SELECT n.outcome, n.body, (
    SELECT json_agg(json_build_object('id', f ->> 'id', 'system', (f ->> 'system')::boolean, 's3_key', coalesce(s.s3_key, a.s3_key)))
      FROM jsonb_array_elements(fc_assets_facts(j.triggered_by, ARRAY(
               SELECT DISTINCT i #>> '{}' FROM jsonb_path_query(j.spec_snapshot, '$.**.asset_id') AS i WHERE jsonb_typeof(i) = 'string'
                UNION SELECT i ->> 'id' FROM jsonb_path_query(j.spec_snapshot, '$.symbols.*.reference_images[*]') AS i))::jsonb) AS f
      LEFT JOIN system_assets s ON s.id = f ->> 'id'
      LEFT JOIN artifacts a ON a.id::text = lower(f ->> 'id') AND NOT (f ->> 'system')::boolean
     WHERE (f ->> 'found')::boolean AND coalesce(s.s3_key, a.s3_key) IS NOT NULL)
  FROM fc_render_next(:worker, :lease_seconds) n JOIN jobs j ON j.id = (n.body::jsonb ->> 'job_id')::uuid
