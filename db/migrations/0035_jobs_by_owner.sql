-- One index serves the look-up by owner and the list of an owner's jobs, newest first. Beside an
-- index of the owner alone the planner took that one, and read and sorted all jobs of an owner who
-- has more than the average.
DROP INDEX idx_jobs_owner;
ALTER INDEX idx_jobs_owner_created RENAME TO idx_jobs_owner;
