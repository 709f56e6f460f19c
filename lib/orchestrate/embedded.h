/**
 * The embedded orchestrator: worker threads that take due jobs from the database queue and drive
 * their steps, and one thread of upkeep (timeouts, retention, deletion of objects).
 *
 *     struct fc_runner *runner;
 *     if (fc_runner_start(&runner, &config, &error) == FC_OK) ...
 *     fc_runner_wake(runner);      after each commit that created a job
 *     fc_runner_halt(runner);      on SIGTERM: hands the leases back, kills children
 *     fc_runner_stop(runner);      joins, frees
 *
 * Any number of processes may run beside each other on one database, and any may be killed: a job
 * is held under a lease that is renewed while the process lives.
 */
#ifndef ORCHESTRATE_EMBEDDED_H
#define ORCHESTRATE_EMBEDDED_H

#include <stdint.h>

#include "orchestrate/steps.h"

struct fc_runner;

struct fc_runner_config {
    const char *database_url;
    struct fc_storage *storage;
    struct fc_steps_settings steps;
    int n_workers;              /* RENDER_WORKERS, 0..64; 0: upkeep only */
    int parallel_scenes;        /* RENDER_PARALLEL_SCENES, at least 1 */
    int lease_seconds;          /* RENDER_LEASE_SECONDS */
    int sweep_interval_seconds; /* JOB_SWEEP_INTERVAL_SECONDS */
    int job_timeout_seconds;    /* JOB_TIMEOUT_SECONDS */
    int queue_timeout_seconds;  /* JOB_QUEUE_TIMEOUT_SECONDS */
};

/** Copies @config; what it points to outlives the runner. FC_E_UNAVAILABLE: no threads to be had.
 * Does not wait for the database. */
fc_status fc_runner_start(struct fc_runner **runner, const struct fc_runner_config *config,
                          struct fc_error *error);

/** Work may be due: idle workers look now. From any thread; accepts NULL. Not for external jobs. */
void fc_runner_wake(struct fc_runner *runner);

/** Tells all threads to end and does not wait for them; the runner may still be woken and counted.
 * Accepts NULL. */
void fc_runner_halt(struct fc_runner *runner);

/** fc_runner_halt, if it was not called, and the end within a few seconds, whatever the workers are
 * at. Accepts NULL. */
void fc_runner_stop(struct fc_runner *runner);

struct fc_runner_counts {
    int n_workers;
    int n_busy;           /* workers that hold a job now */
    int64_t jobs_claimed; /* since start; the others too */
    int64_t jobs_completed;
    int64_t jobs_failed;
    int64_t jobs_released; /* handed back, or lost to another worker */
    int64_t objects_deleted;
};

struct fc_runner_counts fc_runner_counts(struct fc_runner *runner); /* all 0 for NULL */

#endif
