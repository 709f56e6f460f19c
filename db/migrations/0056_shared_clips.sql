-- Two jobs that share a clip, deleted at the same moment: each saw the other's scene name it, and
-- nobody removed it. Now whoever deletes first locks all scenes that name its clips.
CREATE OR REPLACE FUNCTION fc_job_files_discard(j jobs, p_bucket text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM render_scenes WHERE clip_key IN (
        SELECT mine.clip_key FROM render_scenes mine
        WHERE mine.job_id = j.id AND NOT starts_with(mine.clip_key, fc_job_prefix(j.owner, j.id)))
    ORDER BY clip_key, job_id, scene_id FOR UPDATE;
    INSERT INTO object_deletions (bucket, s3_key)
    SELECT p_bucket, fc_job_prefix(j.owner, j.id)
    UNION ALL
    SELECT p_bucket, mine.clip_key FROM render_scenes mine
    WHERE mine.job_id = j.id AND NOT starts_with(mine.clip_key, fc_job_prefix(j.owner, j.id))
      AND NOT EXISTS (SELECT 1 FROM render_scenes other
                      WHERE other.clip_key = mine.clip_key AND other.job_id <> j.id)
      AND NOT EXISTS (SELECT 1 FROM artifacts WHERE s3_key = mine.clip_key);
END
$$;
