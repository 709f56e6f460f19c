-- The second line of defence: what must hold for rows written by anybody. The first line is the
-- row locks of the job functions, which alone see what others have not committed yet.

CREATE FUNCTION check_job_concurrency_limits() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RETURN NEW; -- only a new job can exceed a limit
    END IF;
    IF EXISTS (SELECT 1 FROM users WHERE id = NEW.triggered_by AND tier = 'starter')
       AND EXISTS (SELECT 1 FROM jobs WHERE triggered_by = NEW.triggered_by
                                        AND status IN ('queued', 'processing')) THEN
        RAISE EXCEPTION 'a starter may have 1 active job (CARD-6)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_concurrency_limit';
    END IF;
    IF NEW.owner NOT LIKE 'framecast:user:%'
       AND (SELECT count(*) FROM jobs
            WHERE fc_owner_bucket(owner) = fc_owner_bucket(NEW.owner)
              AND status IN ('queued', 'processing')) >= 5 THEN
        RAISE EXCEPTION 'a team may have 5 active jobs (CARD-5)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_concurrency_limit';
    END IF;
    IF NEW.project_id IS NOT NULL
       AND EXISTS (SELECT 1 FROM jobs WHERE project_id = NEW.project_id
                                        AND status IN ('queued', 'processing')) THEN
        RAISE EXCEPTION 'a project may have 1 active job (INV-J12)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_one_active_per_project';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION check_job_concurrency_limits IS
    'Trigger: limits of active jobs per starter, team and project';

CREATE FUNCTION normalize_job_row() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.spec_snapshot IS DISTINCT FROM OLD.spec_snapshot THEN
            RAISE EXCEPTION 'the spec of a job never changes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_spec_snapshot_fixed';
        END IF;
    ELSE
        IF NEW.status = 'processing' THEN
            NEW.started_at := COALESCE(NEW.started_at, clock_timestamp());
        ELSIF NEW.status <> 'queued' THEN
            NEW.completed_at := COALESCE(NEW.completed_at, clock_timestamp());
        END IF;
        NEW.updated_at := GREATEST(NEW.updated_at, NEW.created_at);
    END IF;

    IF NEW.status = 'completed' THEN
        NEW.output := COALESCE(NEW.output, '{}');
    ELSIF NEW.status = 'failed' THEN
        NEW.error := COALESCE(NEW.error, '{"code": "unknown_error", "message": "Unknown error"}');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION normalize_job_row IS
    'Trigger: fills in what a state demands; refuses another spec_snapshot';

CREATE FUNCTION validate_job_status_transitions() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ((OLD.status = 'queued' AND NEW.status IN ('processing', 'failed', 'canceled'))
            OR (OLD.status = 'processing'
                AND NEW.status IN ('completed', 'failed', 'canceled'))) THEN
        RAISE EXCEPTION 'a job cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_status_transition';
    END IF;
    IF NEW.status = 'processing' THEN
        NEW.started_at := COALESCE(NEW.started_at, clock_timestamp());
    ELSE
        NEW.completed_at := COALESCE(NEW.completed_at, clock_timestamp());
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION validate_job_status_transitions IS
    'Trigger: a job moves only along its state machine';

CREATE FUNCTION update_project_status_from_jobs() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status IN ('queued', 'processing') THEN
            UPDATE projects SET status = 'rendering'
            WHERE id = NEW.project_id AND status IN ('draft', 'completed');
        END IF;
    ELSIF OLD.status IN ('queued', 'processing')
          AND NEW.status IN ('completed', 'failed', 'canceled') THEN
        UPDATE projects
        SET status = CASE WHEN NEW.status = 'completed' THEN 'completed' ELSE 'draft'
                     END::project_status
        WHERE id = NEW.project_id AND status = 'rendering';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION update_project_status_from_jobs IS
    'Trigger: a project follows the changes of its jobs';

CREATE TRIGGER trigger_jobs_check_concurrency_limits BEFORE INSERT OR UPDATE ON jobs
    FOR EACH ROW WHEN (NEW.status IN ('queued', 'processing'))
    EXECUTE FUNCTION check_job_concurrency_limits();
CREATE TRIGGER trigger_jobs_normalize_row BEFORE INSERT OR UPDATE ON jobs
    FOR EACH ROW EXECUTE FUNCTION normalize_job_row();
CREATE TRIGGER trigger_jobs_updated_at BEFORE UPDATE ON jobs
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE TRIGGER trigger_jobs_validate_status_transitions BEFORE UPDATE ON jobs
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION validate_job_status_transitions();
CREATE TRIGGER trigger_jobs_update_project_status AFTER INSERT OR UPDATE ON jobs
    FOR EACH ROW WHEN (NEW.project_id IS NOT NULL)
    EXECUTE FUNCTION update_project_status_from_jobs();
