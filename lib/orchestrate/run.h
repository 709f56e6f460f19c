/** What the steps have in common; inside of lib/orchestrate only. */
#ifndef ORCHESTRATE_RUN_H
#define ORCHESTRATE_RUN_H

#include "orchestrate/steps.h"

static inline bool fc_job_run_is_stopped(const struct fc_job_run *run)
{
    return run->is_stopped != NULL && run->is_stopped(run->context);
}

/**
 * Runs a statement that yields (outcome, body). A database that is away is asked again for some
 * seconds: all of these statements may be repeated.
 *
 * DONE     *outcome, in @arena, is none of the following ones
 * STOPPED  terminal, lost, not_found
 * LATER    the database is away, or failed
 */
enum fc_step fc_job_run_call(struct fc_job_run *run, struct fc_arena *arena, enum fc_query query,
                             struct fc_args args, struct fc_outcome *outcome);

/** The first two arguments of every step's statement. */
#define FC_RUN_ARGS(run, ...)                                                                      \
    FC_ARGS(fc_arg_uuid(&(run)->job.uuid), fc_arg_text((run)->lease), ##__VA_ARGS__)

/** FC_STEP_FAILED, with the reason put into the run. @message is copied. */
enum fc_step fc_job_run_fail(struct fc_job_run *run, const char *type, const char *code,
                             const char *message, const char *scene_id);

/** FC_STEP_LATER, with run->error. */
enum fc_step fc_job_run_later(struct fc_job_run *run, const struct fc_error *error);

/** Writes a progress event when there is something new to say, at most one a second. */
enum fc_step fc_job_run_progress(struct fc_job_run *run, const char *phase, double percent);

/** A number as JSON, at most two decimals. */
void fc_put_percent(struct fc_buffer *b, double percent);

/** A path in the run's own folder. */
char *fc_job_run_path(const struct fc_job_run *run, struct fc_arena *arena, const char *name);

struct fc_object fc_job_run_object(const struct fc_job_run *run,
                                   const char *key); /* in the outputs bucket */

/**
 * Local files of stored sounds or pictures: *@paths has one for each of @ids, NULL where there is
 * none (which is logged: a missing one is left out). All in the run's arena. FC_STEP_LATER when the
 * store is away.
 */
enum fc_step fc_job_run_assets(struct fc_job_run *run, const char *const *ids, size_t n,
                               const char *const **paths);

/** Stops a scene's take, if it has one. */
void fc_scene_cancel(const struct fc_job_run *run, const struct fc_work_scene *scene);

/** A sentence about what ails this machine (a full disk, a missing program) when that is what @text
 * tells, else @otherwise: a client is told what it can understand, the log has the rest. */
const char *fc_job_run_public_cause(const char *text, const char *otherwise);

#endif
