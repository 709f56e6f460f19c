/* Upkeep: one thread that works down a table of chores. Several servers may do the same at once. */
#include <string.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/runner.h"
#include "orchestrate/sounds.h"
#include "orchestrate/work_dir.h"
#include "process/process.h"
#include "json/json.h"

enum {
    TICK_MS = 500,
    AWAY_MS = 5000,
    FAILED_S = 15,
    PROGRAM_MS = 20000, /* to say its version, on a machine that has better things to do */
    SWEEP_MAX = 100,
    DELETIONS_MAX = 20,
    HOUR = 3600,
    DAY = 24 * HOUR
};

/* ---- chores; each gives FC_OK, or says what went wrong ---- */

static fc_status end_overdue_jobs(struct fc_runner *runner, struct fc_arena *arena,
                                  struct fc_error *error)
{
    const struct fc_runner_config *config = &runner->config;
    struct fc_rows rows;
    fc_status status = fc_db_run(runner->upkeep_db, arena, FC_Q_UPKEEP_TIMEOUTS,
                                 FC_ARGS(fc_arg_int(config->job_timeout_seconds),
                                         fc_arg_int(config->queue_timeout_seconds),
                                         fc_arg_int(SWEEP_MAX)),
                                 &rows, error);

    for (int i = 0; status == FC_OK && i < rows.n; i++)
        fc_log(FC_LOG_WARNING, "job timed out", FC_KV("job_id", fc_rows_text(&rows, i, 0)));
    return status;
}

static fc_status drop_old_events(struct fc_runner *runner, struct fc_arena *arena,
                                 struct fc_error *error)
{
    struct fc_rows rows;

    return fc_db_run(runner->upkeep_db, arena, FC_Q_UPKEEP_EVENTS, FC_NO_ARGS, &rows, error);
}

static fc_status drop_old_keys(struct fc_runner *runner, struct fc_arena *arena,
                               struct fc_error *error)
{
    struct fc_rows rows;

    return fc_db_run(runner->upkeep_db, arena, FC_Q_UPKEEP_KEYS, FC_NO_ARGS, &rows, error);
}

static fc_status drop_stale_folders(struct fc_runner *runner, struct fc_arena *arena,
                                    struct fc_error *error)
{
    (void)arena;
    (void)error;
    fc_work_dirs_sweep(runner->config.steps.work_dir);
    return FC_OK;
}

static fc_status ask_version(struct fc_runner *runner, const char *program, struct fc_error *error)
{
    const char *const argv[] = {program, "-version", NULL};
    const struct fc_process_plan plan = {.argv = argv, .timeout_ms = PROGRAM_MS, .nice = 5};
    FC_AUTO(process) *child = NULL;
    fc_status status = fc_process_start(&child, &plan, error);

    return status == FC_OK ? fc_process_wait(child, fc_runner_is_stopping, runner, error) : status;
}

/* Jobs fail one by one where ffmpeg is missing; whoever starts such a server shall know it at once.
 * */
static fc_status look_for_programs(struct fc_runner *runner, struct fc_arena *arena,
                                   struct fc_error *error)
{
    const struct fc_render_settings *render = &runner->config.steps.render;
    const char *const programs[] = {render->ffmpeg, render->ffprobe};

    (void)arena;
    if (runner->config.n_workers == 0)
        return FC_OK;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (ask_version(runner, programs[i], error) != FC_OK && !fc_runner_is_stopping(runner))
            fc_log(FC_LOG_ERROR, "films cannot be made", FC_KV("error", error->text));
    }
    return FC_OK;
}

/* ---- deletion of objects ---- */

/* The keys below a prefix that something still names, from a JSON array of texts. */
static bool kept_keys(struct fc_arena *arena, const char *text, const char ***keys, size_t *n)
{
    const struct fc_json *array;
    size_t i = 0;

    if (fc_json_parse(arena, text, strlen(text), &array, NULL) != FC_OK ||
        fc_json_type(array) != FC_JSON_ARRAY)
        return false;
    *n = fc_json_count(array);
    *keys = FC_NEW_ARRAY(arena, const char *, *n);
    for (const struct fc_json *key = fc_json_first(array); key != NULL; key = fc_json_next(key))
        (*keys)[i++] = fc_json_string(key);
    return true;
}

static fc_status delete_claimed(struct fc_runner *runner, struct fc_arena *arena,
                                const struct fc_rows *rows, int row, struct fc_error *error)
{
    struct fc_storage *storage = runner->config.storage;
    const struct fc_object object = {fc_rows_text(rows, row, 1), fc_rows_text(rows, row, 2)};
    const char *kept = fc_rows_text(rows, row, 3), **keys;
    fc_status status;
    size_t n;

    if (kept == NULL)
        status = storage->delete (storage, object, error);
    else if (kept_keys(arena, kept, &keys, &n))
        status = storage->delete_below(storage, object, keys, n, error);
    else
        status = fc_fail(error, FC_E_INTERNAL, "the kept keys of %s cannot be read", object.key);
    if (status == FC_OK)
        return FC_OK;
    fc_log(FC_LOG_WARNING, "object not deleted", FC_KV("key", object.key),
           FC_KV("error", error->text));
    /* A key that cannot be an object's never was one: there is nothing to delete. */
    return status == FC_E_VALIDATION ? FC_OK : status;
}

/* Deletes what is due, some rows at a time; those that fail wait for their next turn. */
static fc_status delete_objects(struct fc_runner *runner, struct fc_arena *arena,
                                struct fc_error *error)
{
    const char *done[DELETIONS_MAX];
    struct fc_rows rows, none;
    fc_status status = fc_db_run(runner->upkeep_db, arena, FC_Q_DELETIONS_CLAIM,
                                 FC_ARGS(fc_arg_int(DELETIONS_MAX)), &rows, error);
    size_t n = 0;

    if (status != FC_OK || rows.n == 0)
        return status;
    for (int i = 0; i < rows.n && !atomic_load(&runner->is_stopping); i++) {
        if (delete_claimed(runner, arena, &rows, i, error) == FC_OK)
            done[n++] = fc_rows_text(&rows, i, 0);
    }
    atomic_fetch_add(&runner->counters.objects_deleted, (int64_t)n);
    return fc_db_run(runner->upkeep_db, arena, FC_Q_DELETIONS_DONE,
                     FC_ARGS(fc_arg_texts(arena, done, n)), &none, error);
}

/* ---- the thread ---- */

static const struct chore {
    const char *name;
    int first_s; /* after the start */
    int every_s; /* 0: JOB_SWEEP_INTERVAL_SECONDS */
    fc_status (*run)(struct fc_runner *runner, struct fc_arena *arena, struct fc_error *error);
} chores[] = {
    {"look for programs",  0,  HOUR, look_for_programs},
    {"end overdue jobs",   0,  0,    end_overdue_jobs},
    {"delete objects",     0,  1,    delete_objects},
    {"drop old events",    0,  HOUR, drop_old_events},
    {"drop stale folders", 0,  HOUR, drop_stale_folders},
    {"drop old keys",      0,  DAY,  drop_old_keys},
    /* a film's own sounds do not wait for it */
    {"make system sounds", 60, 1,    fc_sounds_make_next},
};

enum { N_CHORES = sizeof chores / sizeof *chores };

static fc_status run_chore(struct fc_runner *runner, const struct chore *chore)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_error error = {.text = ""};
    fc_status status = chore->run(runner, arena, &error);

    if (status != FC_OK)
        fc_log(FC_LOG_WARNING, "chore failed", FC_KV("chore", chore->name),
               FC_KV("error", error.text));
    return status;
}

/* Runs what is due; gives the pause until the next look. */
static int64_t run_due(struct fc_runner *runner, int64_t due_us[static N_CHORES])
{
    for (size_t i = 0; i < N_CHORES && !atomic_load(&runner->is_stopping); i++) {
        int every_s = chores[i].every_s > 0 ? chores[i].every_s
                                            : runner->config.sweep_interval_seconds;
        fc_status status;

        if (fc_monotonic_us() < due_us[i])
            continue;
        status = run_chore(runner, &chores[i]);
        if (status == FC_E_UNAVAILABLE)
            return AWAY_MS; /* the others would fail as well */
        if (status != FC_OK && every_s < FAILED_S)
            every_s = FAILED_S;
        due_us[i] = fc_monotonic_us() + every_s * INT64_C(1000000);
    }
    return TICK_MS;
}

void *fc_upkeep_main(void *context)
{
    struct fc_runner *runner = context;
    int64_t due_us[N_CHORES];

    for (size_t i = 0; i < N_CHORES; i++)
        due_us[i] = fc_monotonic_us() + chores[i].first_s * INT64_C(1000000);
    while (fc_runner_sleep(runner, run_due(runner, due_us)))
        ;
    return NULL;
}
