/* One worker thread: claims a job, drives it, settles what became of it. */
#include <stdio.h>
#include <string.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/drive.h"
#include "orchestrate/runner.h"
#include "json/json.h"

enum {
    IDLE_MS = 1000,      /* a notice can be lost, a job cannot */
    LOOK_MS = 100,       /* between two looks at the scenes */
    RETRY_MAX_MS = 5000, /* between two attempts to reach the database: then jobs go on */
    DELAY_MAX_S = 60,    /* until a job that could not go on is due again */
};

/* ---- what the run asks of its driver ---- */

/* This process stood still, or could not renew: the job may be another's by now. That is final,
 * though the lease may turn out to be ours still: what was broken off for it must not look like a
 * failure. */
static bool has_lapsed(struct fc_worker *worker)
{
    int not_stopped = FC_STOP_NOT;

    if (fc_monotonic_us() <= atomic_load(&worker->valid_us))
        return false;
    (void)atomic_compare_exchange_strong(&worker->stop, &not_stopped, FC_STOP_LOST);
    return true;
}

static bool is_stopped(void *context)
{
    struct fc_worker *worker = context;

    return atomic_load(&worker->runner->is_stopping) || atomic_load(&worker->stop) != FC_STOP_NOT ||
           has_lapsed(worker);
}

static void look_pause(void *context)
{
    struct fc_worker *worker = context;
    struct fc_runner *runner = worker->runner;

    (void)pthread_mutex_lock(&runner->lock);
    if (!is_stopped(worker))
        fc_runner_wait_locked(runner, LOOK_MS);
    (void)pthread_mutex_unlock(&runner->lock);
}

/* ---- claiming ---- */

struct claim {
    struct fc_job_id job;
    const char *status; /* of the job */
    const char *lease;
    int attempts;
};

static bool claim_read(struct fc_arena *arena, const char *body, struct claim *claim)
{
    const struct fc_json *json, *id, *status, *lease, *attempts;
    int64_t number;

    if (body == NULL || fc_json_parse(arena, body, strlen(body), &json, NULL) != FC_OK ||
        (id = fc_json_have(json, "job_id")) == NULL ||
        (status = fc_json_have(json, "status")) == NULL ||
        (lease = fc_json_have(json, "lease")) == NULL ||
        (attempts = fc_json_have(json, "attempts")) == NULL || !fc_json_int(attempts, &number) ||
        !fc_uuid_parse(fc_json_string(id), &claim->job.uuid))
        return false;
    claim->status = fc_json_string(status);
    claim->lease = fc_json_string(lease);
    claim->attempts = (int)number;
    return true;
}

/* FC_E_NOT_FOUND: nothing is due. */
static fc_status claim_next(struct fc_worker *worker, struct fc_arena *arena, struct claim *claim,
                            struct fc_error *error)
{
    const char *name = fc_printf(arena, "%s/%d", worker->runner->name, worker->index);
    struct fc_outcome outcome;
    fc_status status = fc_db_outcome(worker->db, arena, FC_Q_DISPATCH_CLAIM,
                                     FC_ARGS(fc_arg_text(name),
                                             fc_arg_int(worker->runner->config.lease_seconds),
                                             fc_arg_text(NULL)),
                                     &outcome, error);

    if (status != FC_OK)
        return status;
    if (outcome.outcome[0] == '\0')
        return FC_E_NOT_FOUND;
    if (!claim_read(arena, outcome.body, claim))
        return fc_fail(error, FC_E_INTERNAL, "a claim cannot be read");
    return FC_OK;
}

static void hold(struct fc_worker *worker, const struct claim *claim, int64_t asked_us)
{
    struct fc_runner *runner = worker->runner;

    (void)pthread_mutex_lock(&runner->lock);
    worker->is_busy = true;
    worker->job = claim->job;
    (void)snprintf(worker->lease, sizeof worker->lease, "%s", claim->lease);
    worker->renewed_us = asked_us;
    atomic_store(&worker->valid_us, asked_us + runner->config.lease_seconds * INT64_C(1000000));
    atomic_store(&worker->stop, FC_STOP_NOT);
    (void)pthread_mutex_unlock(&runner->lock);
    atomic_fetch_add(&runner->counters.claimed, 1);
}

static void let_go(struct fc_worker *worker)
{
    (void)pthread_mutex_lock(&worker->runner->lock);
    worker->is_busy = false;
    (void)pthread_mutex_unlock(&worker->runner->lock);
}

/* ---- the end of a run ---- */

static void log_end(const struct fc_job_run *run, const char *what)
{
    fc_log(FC_LOG_INFO, what, FC_KV("job_id", run->job.uuid.text));
}

static void log_trouble(const struct fc_job_run *run, const char *what)
{
    fc_log(FC_LOG_WARNING, what, FC_KV("job_id", run->job.uuid.text),
           FC_KV("error", run->error.text));
}

static void done(struct fc_job_run *run)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_outcome outcome;

    if (fc_db_outcome(run->db, arena, FC_Q_DISPATCH_DONE,
                      FC_ARGS(fc_arg_uuid(&run->job.uuid), fc_arg_text(run->lease)), &outcome,
                      &run->error) != FC_OK)
        log_trouble(run,
                    "run could not be closed"); /* it will be claimed again, and be over at once */
}

static void release(struct fc_job_run *run, int64_t delay_s, const char *why)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_outcome outcome;

    if (fc_db_outcome(run->db, arena, FC_Q_DISPATCH_RELEASE,
                      FC_ARGS(fc_arg_uuid(&run->job.uuid), fc_arg_text(run->lease),
                              fc_arg_int(delay_s), fc_arg_text(why)),
                      &outcome, &run->error) != FC_OK)
        log_trouble(run, "lease could not be handed back"); /* it lapses by itself */
}

static int64_t retry_delay_s(int attempts)
{
    int64_t delay = INT64_C(1) << (attempts < 10 ? attempts : 10);

    return delay < DELAY_MAX_S ? delay : DELAY_MAX_S;
}

/* The run ended without an end: the job is over, or another worker's, or the server stops. */
static void end_stopped(struct fc_worker *worker, struct fc_job_run *run)
{
    const int stop = atomic_load(&worker->stop);

    if (run->is_terminal || run->is_gone || stop == FC_STOP_TERMINAL) {
        if (fc_step_cancel_cleanup(run) == FC_STEP_DONE)
            done(run);
        log_end(run, "run stopped: the job is over");
        return;
    }
    fc_job_run_abandon(run);
    release(run, 0, NULL); /* changes nothing when another worker holds it */
    log_end(run, "run stopped");
    atomic_fetch_add(&worker->runner->counters.released, 1);
}

/* Another time, or somebody else: it changes nothing when another worker holds the job. */
static void postpone(struct fc_worker *worker, struct fc_job_run *run, int attempts)
{
    fc_job_run_abandon(run);
    log_trouble(run, "run postponed");
    release(run, retry_delay_s(attempts), run->error.text);
    atomic_fetch_add(&worker->runner->counters.released, 1);
}

static void end_failed(struct fc_worker *worker, struct fc_job_run *run, int attempts)
{
    if (fc_step_fail(run) != FC_STEP_DONE) {
        postpone(worker, run, attempts);
        return;
    }
    done(run);
    if (run->is_terminal || run->is_gone) { /* it was canceled, or timed out, before */
        log_end(run, "run stopped: the job is over");
        return;
    }
    atomic_fetch_add(&worker->runner->counters.failed, 1);
    fc_log(FC_LOG_WARNING, "job failed", FC_KV("job_id", run->job.uuid.text),
           FC_KV("code", run->failure.code), FC_KV("error", run->failure.message));
}

static void end_run(struct fc_worker *worker, struct fc_job_run *run, enum fc_step step,
                    int attempts)
{
    switch (step) {
    case FC_STEP_DONE:
        fc_job_run_abandon(run);
        done(run);
        atomic_fetch_add(&worker->runner->counters.completed, 1);
        log_end(run, "job completed");
        break;
    case FC_STEP_FAILED:
        end_failed(worker, run, attempts);
        break;
    case FC_STEP_STOPPED:
        end_stopped(worker, run);
        break;
    case FC_STEP_WAIT:
    case FC_STEP_LATER:
        postpone(worker, run, attempts);
        break;
    }
}

static void run_job(struct fc_worker *worker, struct fc_arena *arena, const struct claim *claim)
{
    const struct fc_runner_config *config = &worker->runner->config;
    struct fc_job_run run = {
        .settings = &config->steps,
        .db = worker->db,
        .storage = config->storage,
        .arena = arena,
        .job = claim->job,
        .lease = claim->lease,
        .is_stopped = is_stopped,
        .context = worker,
    };
    enum fc_step step;

    fc_log(FC_LOG_INFO, "job claimed", FC_KV("job_id", run.job.uuid.text),
           FC_KV("status", claim->status), FC_KV_INT("attempt", claim->attempts));
    step = fc_drive(&run, config->parallel_scenes, look_pause, worker);
    end_run(worker, &run, step, claim->attempts);
}

/* ---- the thread ---- */

/* Waits for a wake after the @seen-th, at most IDLE_MS. */
static void idle(struct fc_runner *runner, unsigned seen)
{
    (void)pthread_mutex_lock(&runner->lock);
    if (runner->n_wakes == seen && !atomic_load(&runner->is_stopping))
        fc_runner_wait_locked(runner, IDLE_MS);
    (void)pthread_mutex_unlock(&runner->lock);
}

static unsigned wakes(struct fc_runner *runner)
{
    unsigned n;

    (void)pthread_mutex_lock(&runner->lock);
    n = runner->n_wakes;
    (void)pthread_mutex_unlock(&runner->lock);
    return n;
}

/* One look at the queue; the status tells how to go on. */
static fc_status take_one(struct fc_worker *worker, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const int64_t asked_us = fc_monotonic_us();
    struct claim claim = {0};
    fc_status status = claim_next(worker, arena, &claim, error);

    if (status != FC_OK)
        return status;
    hold(worker, &claim, asked_us);
    run_job(worker, arena, &claim);
    let_go(worker);
    return FC_OK;
}

void *fc_worker_main(void *context)
{
    struct fc_worker *worker = context;
    struct fc_runner *runner = worker->runner;
    int64_t retry_ms = IDLE_MS;

    while (!atomic_load(&runner->is_stopping)) {
        const unsigned seen = wakes(runner);
        struct fc_error error;
        fc_status status = take_one(worker, &error);

        if (status == FC_E_NOT_FOUND)
            idle(runner, seen);
        if (status == FC_OK || status == FC_E_NOT_FOUND) {
            retry_ms = IDLE_MS;
            continue;
        }
        fc_log(FC_LOG_WARNING, "queue out of reach", FC_KV_INT("worker", worker->index),
               FC_KV_INT("retry_ms", retry_ms), FC_KV("error", error.text));
        (void)fc_runner_sleep(runner, retry_ms);
        retry_ms = retry_ms * 2 < RETRY_MAX_MS ? retry_ms * 2 : RETRY_MAX_MS;
    }
    return NULL;
}
