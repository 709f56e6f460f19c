/* The keeper: one thread that renews the leases of all workers, also while they stitch, and tells a
 * worker when its job is over or not its own any more. */
#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/runner.h"

enum { BEAT_MS = 500 };

struct held {
    struct fc_worker *worker;
    struct fc_job_id job;
    const char *lease;
    int64_t renewed_us;
};

static int held_now(struct fc_runner *runner, struct fc_arena *arena, struct held *held)
{
    int n = 0;

    (void)pthread_mutex_lock(&runner->lock);
    for (int i = 0; i < runner->n_started; i++) {
        struct fc_worker *worker = &runner->workers[i];

        if (worker->is_busy && atomic_load(&worker->stop) == FC_STOP_NOT)
            held[n++] = (struct held){worker, worker->job, fc_copy(arena, worker->lease),
                                      worker->renewed_us};
    }
    (void)pthread_mutex_unlock(&runner->lock);
    return n;
}

/* The worker may hold another job by now, under a lease of the same name: a name is only unique
 * among the claims of one job. With the runner's lock held. */
static bool still_holds(const struct held *held)
{
    const struct fc_worker *worker = held->worker;

    return worker->is_busy && fc_text_equal(worker->job.uuid.text, held->job.uuid.text) &&
           fc_text_equal(worker->lease, held->lease);
}

static void stop_worker(struct fc_runner *runner, const struct held *held, enum fc_stop stop)
{
    (void)pthread_mutex_lock(&runner->lock);
    if (still_holds(held)) {
        atomic_store(&held->worker->stop, (int)stop);
        (void)pthread_cond_broadcast(&runner->changed);
    }
    (void)pthread_mutex_unlock(&runner->lock);
}

static void look_after(struct fc_runner *runner, const struct held *held,
                       const struct fc_rows *rows)
{
    for (int i = 0; i < rows->n; i++) {
        if (!fc_text_equal(fc_rows_text(rows, i, 0), held->job.uuid.text))
            continue;
        if (fc_text_equal(fc_rows_text(rows, i, 1), "t"))
            stop_worker(runner, held, FC_STOP_TERMINAL);
        else if (!fc_text_equal(fc_rows_text(rows, i, 2), held->lease))
            stop_worker(runner, held, FC_STOP_LOST);
    }
}

/* What cannot be asked now is asked at the next beat; a lease that was not renewed in time ends the
 * run by itself (valid_us). */
static void look_at_all(struct fc_runner *runner, struct fc_arena *arena, const struct held *held,
                        int n)
{
    const char **ids = FC_NEW_ARRAY(arena, const char *, (size_t)n);
    struct fc_error error;
    struct fc_rows rows;

    for (int i = 0; i < n; i++)
        ids[i] = held[i].job.uuid.text;
    if (n == 0 || fc_db_run(runner->keeper_db, arena, FC_Q_RUN_STATES,
                            FC_ARGS(fc_arg_texts(arena, ids, (size_t)n)), &rows, &error) != FC_OK)
        return;
    for (int i = 0; i < n; i++)
        look_after(runner, &held[i], &rows);
}

static void renewed(struct fc_runner *runner, const struct held *held, int64_t asked_us)
{
    struct fc_worker *worker = held->worker;

    (void)pthread_mutex_lock(&runner->lock);
    if (still_holds(held)) {
        worker->renewed_us = asked_us;
        atomic_store(&worker->valid_us, asked_us + runner->config.lease_seconds * INT64_C(1000000));
    }
    (void)pthread_mutex_unlock(&runner->lock);
}

static void renew(struct fc_runner *runner, struct fc_arena *arena, const struct held *held)
{
    const int64_t asked_us = fc_monotonic_us();
    const int64_t due_us = held->renewed_us + runner->config.lease_seconds * INT64_C(1000000) / 3;
    struct fc_outcome outcome;
    struct fc_error error;

    if (asked_us < due_us ||
        fc_db_outcome(runner->keeper_db, arena, FC_Q_DISPATCH_RENEW,
                      FC_ARGS(fc_arg_uuid(&held->job.uuid), fc_arg_text(held->lease),
                              fc_arg_int(runner->config.lease_seconds)),
                      &outcome, &error) != FC_OK)
        return;
    if (fc_text_equal(outcome.outcome, "ok"))
        renewed(runner, held, asked_us);
    else
        stop_worker(runner, held, FC_STOP_LOST);
}

void *fc_keeper_main(void *context)
{
    struct fc_runner *runner = context;

    while (fc_runner_sleep(runner, BEAT_MS)) {
        FC_AUTO(arena) *arena = fc_arena_new();
        struct held *held = FC_NEW_ARRAY(arena, struct held, (size_t)runner->config.n_workers);
        const int n = held_now(runner, arena, held);

        look_at_all(runner, arena, held, n);
        for (int i = 0; i < n; i++)
            renew(runner, arena, &held[i]);
    }
    return NULL;
}
