/* The embedded runner: making, waking and ending its threads. */
#include "orchestrate/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <framecast/time.h>

#include "orchestrate/runner.h"

/* Generous: what takes longer comes from a database that is gone without a word. */
enum { WORKER_LIMIT_MS = 60 * 1000, UPKEEP_LIMIT_MS = 600 * 1000 };

bool fc_runner_is_stopping(void *runner)
{
    return atomic_load(&((struct fc_runner *)runner)->is_stopping);
}

void fc_runner_wait_locked(struct fc_runner *runner, int64_t ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_cond_timedwait(&runner->changed, &runner->lock, &until);
}

bool fc_runner_sleep(struct fc_runner *runner, int64_t ms)
{
    const int64_t until_us = fc_monotonic_us() + ms * 1000;
    int64_t left_us;

    (void)pthread_mutex_lock(&runner->lock);
    while (!atomic_load(&runner->is_stopping) && (left_us = until_us - fc_monotonic_us()) > 0)
        fc_runner_wait_locked(runner, left_us / 1000 + 1);
    (void)pthread_mutex_unlock(&runner->lock);
    return !atomic_load(&runner->is_stopping);
}

void fc_runner_wake(struct fc_runner *runner)
{
    if (runner == NULL)
        return;
    (void)pthread_mutex_lock(&runner->lock);
    runner->n_wakes++;
    (void)pthread_cond_broadcast(&runner->changed);
    (void)pthread_mutex_unlock(&runner->lock);
}

/* ---- making and ending ---- */

static void runner_free(struct fc_runner *runner)
{
    for (int i = 0; i < runner->config.n_workers; i++)
        fc_db_free(runner->workers[i].db);
    fc_db_free(runner->keeper_db);
    fc_db_free(runner->upkeep_db);
    (void)pthread_cond_destroy(&runner->changed);
    (void)pthread_mutex_destroy(&runner->lock);
    free(runner->workers);
    free(runner);
}

/* A database that does not answer must not keep the threads from ending. */
static void hurry(struct fc_runner *runner)
{
    for (int i = 0; i < runner->config.n_workers; i++)
        fc_db_hurry(runner->workers[i].db);
    fc_db_hurry(runner->keeper_db);
    fc_db_hurry(runner->upkeep_db);
}

void fc_runner_halt(struct fc_runner *runner)
{
    if (runner == NULL || fc_runner_is_stopping(runner))
        return;
    (void)pthread_mutex_lock(&runner->lock);
    atomic_store(&runner->is_stopping, true);
    (void)pthread_cond_broadcast(&runner->changed);
    (void)pthread_mutex_unlock(&runner->lock);
    hurry(runner);
}

void fc_runner_stop(struct fc_runner *runner)
{
    if (runner == NULL)
        return;
    fc_runner_halt(runner);
    for (int i = 0; i < runner->n_started; i++)
        (void)pthread_join(runner->workers[i].thread, NULL);
    if (runner->has_keeper)
        (void)pthread_join(runner->keeper, NULL);
    if (runner->has_upkeep)
        (void)pthread_join(runner->upkeep, NULL);
    runner_free(runner);
}

static struct fc_runner *runner_new(const struct fc_runner_config *config)
{
    struct fc_runner *runner = calloc(1, sizeof *runner);
    pthread_condattr_t monotonic;

    if (runner == NULL ||
        (runner->workers = calloc((size_t)config->n_workers + 1, sizeof *runner->workers)) == NULL)
        abort(); /* as arenas do */
    runner->config = *config;
    if (gethostname(runner->name, sizeof runner->name - 16) != 0)
        (void)snprintf(runner->name, sizeof runner->name, "host");
    (void)snprintf(runner->name + strnlen(runner->name, sizeof runner->name - 16), 16, ":%d",
                   (int)getpid());
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&runner->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&runner->lock, NULL);
    runner->keeper_db = fc_db_new(config->database_url, "framecastd leases");
    runner->upkeep_db = fc_db_new(config->database_url, "framecastd upkeep");
    fc_db_limit(runner->keeper_db,
                config->lease_seconds * INT64_C(1000) / 3); /* to ask again in time */
    fc_db_limit(runner->upkeep_db, UPKEEP_LIMIT_MS);
    for (int i = 0; i < config->n_workers; i++) {
        runner->workers[i].runner = runner;
        runner->workers[i].index = i;
        runner->workers[i].db = fc_db_new(config->database_url, "framecastd worker");
        fc_db_limit(runner->workers[i].db, WORKER_LIMIT_MS);
    }
    return runner;
}

static bool start_threads(struct fc_runner *runner)
{
    const int n_workers = runner->config.n_workers;

    for (; runner->n_started < n_workers; runner->n_started++) {
        struct fc_worker *worker = &runner->workers[runner->n_started];

        if (pthread_create(&worker->thread, NULL, fc_worker_main, worker) != 0)
            return false;
    }
    if (n_workers > 0)
        runner->has_keeper = pthread_create(&runner->keeper, NULL, fc_keeper_main, runner) == 0;
    runner->has_upkeep = pthread_create(&runner->upkeep, NULL, fc_upkeep_main, runner) == 0;
    return (runner->has_keeper || n_workers == 0) && runner->has_upkeep;
}

fc_status fc_runner_start(struct fc_runner **runner, const struct fc_runner_config *config,
                          struct fc_error *error)
{
    struct fc_runner *new = runner_new(config);

    if (!start_threads(new)) {
        fc_runner_stop(new);
        return fc_fail(error, FC_E_UNAVAILABLE, "no threads for the workers");
    }
    *runner = new;
    return FC_OK;
}

struct fc_runner_counts fc_runner_counts(struct fc_runner *runner)
{
    struct fc_runner_counts counts = {0};

    if (runner == NULL)
        return counts;
    counts.n_workers = runner->config.n_workers;
    (void)pthread_mutex_lock(&runner->lock);
    for (int i = 0; i < runner->config.n_workers; i++)
        counts.n_busy += runner->workers[i].is_busy;
    (void)pthread_mutex_unlock(&runner->lock);
    counts.jobs_claimed = atomic_load(&runner->counters.claimed);
    counts.jobs_completed = atomic_load(&runner->counters.completed);
    counts.jobs_failed = atomic_load(&runner->counters.failed);
    counts.jobs_released = atomic_load(&runner->counters.released);
    counts.objects_deleted = atomic_load(&runner->counters.objects_deleted);
    return counts;
}
