-- The catalogue of ready-made sounds.

-- fragment: system_asset_object
json_build_object('id', a.id,
    'urn', 'framecast:system:' || a.category || ':' || substr(a.id, length('asset_' || a.category) + 2),
    'category', a.category, 'name', a.name, 'description', a.description,
    'duration_seconds', a.duration_seconds::text, 's3_key', a.s3_key, 'content_type', a.content_type,
    'size_bytes', a.size_bytes, 'tags', a.tags, 'created_at', fc_time(a.created_at))

-- One row more than a page tells whether another page follows. The cursor is the last row's id: its name may be too long for one.
-- name: system_asset_list :api read
-- params: category text, tags text[], search text, limit bigint, offset bigint, after text
WITH found AS (
    SELECT a.id, {{system_asset_object}} AS body, row_number() OVER (ORDER BY a.category, a.name, a.id) AS n
      FROM system_assets a
     WHERE (:category IS NULL OR a.category::text = :category)
       AND (:tags IS NULL OR EXISTS (SELECT FROM unnest(a.tags) AS has (tag), unnest(:tags) AS asked (tag)
                                      WHERE lower(has.tag) = lower(asked.tag)))
       AND (:search IS NULL OR strpos(lower(a.name), lower(:search)) > 0
            OR strpos(lower(a.description), lower(:search)) > 0)
       AND (:after IS NULL OR (a.category, a.name, a.id) >
            (SELECT last.category, last.name, last.id FROM system_assets last WHERE last.id = :after))
     ORDER BY n LIMIT :limit + 1 OFFSET :offset
)
SELECT 'ok' AS outcome,
       coalesce(json_agg(f.body ORDER BY f.n) FILTER (WHERE f.n <= :offset + :limit), '[]') AS body,
       CASE WHEN count(f.id) > :limit THEN max(f.id) FILTER (WHERE f.n = :offset + :limit) END AS more
  FROM me LEFT JOIN found f ON true

-- name: system_asset_get :api read
-- params: asset text
SELECT 'ok' AS outcome, {{system_asset_object}} AS body, a.s3_key AS more
  FROM me JOIN system_assets a ON a.id = :asset
