-- A spec as a single job or project shows it: each reference image with the place of its file.

CREATE FUNCTION fc_spec_with_links(p_spec jsonb, p_bucket text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
SELECT CASE WHEN jsonb_typeof(p_spec -> 'symbols') = 'object' THEN jsonb_set(p_spec, '{symbols}', coalesce((
    SELECT jsonb_object_agg(s.key, CASE WHEN jsonb_typeof(s.value -> 'reference_images') = 'array'
        THEN jsonb_set(s.value, '{reference_images}', coalesce((
            SELECT jsonb_agg(CASE WHEN a.s3_key IS NULL THEN r.image
                                  ELSE r.image || jsonb_build_object('url', 's3://' || p_bucket || '/' || a.s3_key) END
                             ORDER BY r.n)
              FROM jsonb_array_elements(s.value -> 'reference_images') WITH ORDINALITY AS r (image, n)
              LEFT JOIN artifacts a ON a.id::text = lower(r.image ->> 'id') AND a.kind = 'image' AND a.status = 'ready'
        ), '[]'))
        ELSE s.value END)
      FROM jsonb_each(p_spec -> 'symbols') AS s), '{}')) ELSE p_spec END
$$;

COMMENT ON FUNCTION fc_spec_with_links IS 'The spec with reference_images[].url = s3://bucket/key of each ready image';
