-- Parts that several job functions share.

CREATE FUNCTION fc_spec_clean(p_spec jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_spec jsonb := p_spec;
    v_symbol text;
BEGIN
    IF NOT jsonb_path_exists(p_spec, '$.symbols.*.reference_images[*].url') THEN
        RETURN p_spec;
    END IF;
    FOR v_symbol IN
        SELECT key FROM jsonb_each(CASE WHEN jsonb_typeof(p_spec -> 'symbols') = 'object'
                                        THEN p_spec -> 'symbols' ELSE '{}' END)
        WHERE jsonb_typeof(value) = 'object'
          AND jsonb_typeof(value -> 'reference_images') = 'array'
    LOOP
        v_spec := jsonb_set(v_spec, ARRAY['symbols', v_symbol, 'reference_images'], (
            SELECT COALESCE(jsonb_agg(CASE WHEN jsonb_typeof(image) = 'object'
                                           THEN image - 'url' ELSE image END ORDER BY n), '[]')
            FROM jsonb_array_elements(p_spec #> ARRAY['symbols', v_symbol, 'reference_images'])
                 WITH ORDINALITY AS i (image, n)));
    END LOOP;
    RETURN v_spec;
END
$$;
COMMENT ON FUNCTION fc_spec_clean IS
    'A spec as it is stored: without the links in reference images, which only answers carry';

CREATE FUNCTION fc_number(p_value jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(p_value) = 'number' THEN (p_value #>> '{}')::numeric END
$$;
COMMENT ON FUNCTION fc_number IS 'A JSON number, null for anything else';

CREATE FUNCTION fc_without_nulls(p_object jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(p_object) WHERE value <> 'null'
$$;
COMMENT ON FUNCTION fc_without_nulls IS
    'An object without its members that are null; inner ones stay';

CREATE FUNCTION fc_percent(p_progress jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(fc_number(p_progress -> 'percent'), 0)
$$;
COMMENT ON FUNCTION fc_percent IS 'Percent of a progress object; missing reads as 0';

-- Seconds that a completed job counts for when its output does not say how long it is.
CREATE FUNCTION fc_spec_seconds(p_spec jsonb) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(p_spec -> 'scenes') IS DISTINCT FROM 'array' THEN
        RETURN 0; -- an image
    END IF;
    RETURN COALESCE((
        SELECT sum(fc_number(scene.value -> 'duration'))
        FROM jsonb_array_elements(p_spec -> 'scenes') AS scene
        LEFT JOIN (
            SELECT jsonb_path_query(p_spec, '$.timeline[*].scene') AS id
            UNION ALL SELECT jsonb_path_query(p_spec, '$.timeline[*].flashback.scenes[*]')
            UNION ALL SELECT jsonb_path_query(p_spec, '$.timeline[*].montage.scenes[*]')
        ) AS played ON played.id = scene.value -> 'id'
        WHERE played.id IS NOT NULL OR NOT jsonb_path_exists(p_spec, '$.timeline[*] ? (@ != null)')
    ), 0);
END
$$;
COMMENT ON FUNCTION fc_spec_seconds IS 'How long the video of a spec lasts; 0 for an image';

-- Integers throughout, rounded down: nobody gets back a fraction more than was paid.
CREATE FUNCTION fc_refund(p_failure job_failure_type, p_charged integer, p_percent numeric)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_charged bigint := p_charged;
    v_left bigint := 10000 - LEAST(GREATEST(round(p_percent * 100), 0), 10000); -- 1/100 percent
BEGIN
    RETURN CASE p_failure
        WHEN 'validation' THEN v_charged * v_left / 10000
        WHEN 'canceled' THEN LEAST(v_charged * v_left * 9 / 100000, v_charged * 9 / 10)
        ELSE v_charged END;
END
$$;
COMMENT ON FUNCTION fc_refund IS
    'Credits that a job gives back when it ends this way at this percent';

CREATE FUNCTION fc_credit(p_owner text, p_credits integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- A balance at its type's end stays there: a refund is never a reason to fail.
    IF fc_owner_user(p_owner) IS NOT NULL THEN
        UPDATE users SET credits = LEAST(credits::bigint + p_credits, 2147483647)
        WHERE id = fc_owner_user(p_owner);
    ELSE
        UPDATE teams SET credits = LEAST(credits::bigint + p_credits, 2147483647)
        WHERE id = fc_owner_team(p_owner);
    END IF;
END
$$;
COMMENT ON FUNCTION fc_credit IS 'Adds to the balance that pays for an owner, or takes from it';

CREATE FUNCTION fc_storage_add(p_owner text, p_bytes bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF fc_owner_user(p_owner) IS NOT NULL THEN
        UPDATE users SET ephemeral_storage_bytes = GREATEST(ephemeral_storage_bytes + p_bytes, 0)
        WHERE id = fc_owner_user(p_owner);
    ELSE
        UPDATE teams SET ephemeral_storage_bytes = GREATEST(ephemeral_storage_bytes + p_bytes, 0)
        WHERE id = fc_owner_team(p_owner);
    END IF;
END
$$;
COMMENT ON FUNCTION fc_storage_add IS 'Moves the storage counter of an owner, never below 0';

-- How functions answer that the server turns into a response: ok with the body, or the name of a
-- refusal with the details that the error carries.
CREATE TYPE fc_outcome AS (outcome text, body text);
COMMENT ON TYPE fc_outcome IS 'Outcome by name, and JSON text or null';

CREATE FUNCTION fc_answer(p_outcome text, p_body text DEFAULT NULL) RETURNS fc_outcome
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_outcome, p_body)::fc_outcome
$$;
COMMENT ON FUNCTION fc_answer IS 'An outcome and its body';

CREATE FUNCTION fc_job_event_add(p_job uuid, p_type job_event_type, p_payload jsonb)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_sequence bigint := get_next_job_event_sequence(p_job);
BEGIN
    INSERT INTO job_events (job_id, sequence, event_type, payload, created_at)
    VALUES (p_job, v_sequence, p_type, p_payload, clock_timestamp());
    RETURN v_sequence;
END
$$;
COMMENT ON FUNCTION fc_job_event_add IS
    'The one way in which a job''s event is written; the job''s row must be locked; returns '
    'its number';
