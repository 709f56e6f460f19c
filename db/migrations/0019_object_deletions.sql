CREATE TABLE object_deletions (
    id bigserial PRIMARY KEY,
    bucket text NOT NULL,
    s3_key text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE object_deletions IS
    'Stored objects to remove, written in the transaction that removes the rows which named them';
COMMENT ON COLUMN object_deletions.id IS 'Row id';
COMMENT ON COLUMN object_deletions.bucket IS 'The bucket';
COMMENT ON COLUMN object_deletions.s3_key IS
    'The key; one that ends in / means all below it but what fc_keys_named still returns';
COMMENT ON COLUMN object_deletions.attempts IS 'Failed attempts so far';
COMMENT ON COLUMN object_deletions.next_attempt_at IS 'Not before';
COMMENT ON COLUMN object_deletions.created_at IS 'When it was decided';

CREATE INDEX idx_object_deletions_due ON object_deletions (next_attempt_at);

-- Starts_with on a key needs a range to use an index whatever the collation is.
CREATE INDEX idx_artifacts_s3_key_prefix ON artifacts (s3_key text_pattern_ops)
    WHERE s3_key IS NOT NULL;
CREATE INDEX idx_render_scenes_clip_prefix ON render_scenes (clip_key text_pattern_ops)
    WHERE clip_key IS NOT NULL;
