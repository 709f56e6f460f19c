-- lz4 reads these documents faster than the default; a server built without it keeps the default.
DO $$
BEGIN
    ALTER TABLE jobs ALTER COLUMN spec_snapshot SET COMPRESSION lz4;
    ALTER TABLE jobs ALTER COLUMN output SET COMPRESSION lz4;
    ALTER TABLE jobs ALTER COLUMN progress SET COMPRESSION lz4;
    ALTER TABLE projects ALTER COLUMN spec SET COMPRESSION lz4;
    ALTER TABLE artifacts ALTER COLUMN spec SET COMPRESSION lz4;
    ALTER TABLE job_events ALTER COLUMN payload SET COMPRESSION lz4;
    ALTER TABLE webhook_deliveries ALTER COLUMN payload SET COMPRESSION lz4;
    ALTER TABLE messages ALTER COLUMN content SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
