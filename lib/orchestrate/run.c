#include "orchestrate/run.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/sounds.h"

enum { PROGRESS_US = 1000000, FIRST_PAUSE_MS = 100, LAST_PAUSE_MS = 3200 };

const char *fc_step_name(enum fc_step step)
{
    static const char *const names[] = {
        [FC_STEP_DONE] = "done",       [FC_STEP_WAIT] = "wait",   [FC_STEP_FAILED] = "failed",
        [FC_STEP_STOPPED] = "stopped", [FC_STEP_LATER] = "later",
    };

    return names[step];
}

/* ---- the database ---- */

static void pause_ms(int ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};

    (void)nanosleep(&pause, NULL);
}

/* A restart of the database takes seconds; a take that was under way survives it. */
static fc_status call_until_there(struct fc_job_run *run, struct fc_arena *arena,
                                  enum fc_query query, struct fc_args args,
                                  struct fc_outcome *outcome)
{
    fc_status status;

    for (int pause = FIRST_PAUSE_MS;; pause *= 2) {
        status = fc_db_outcome(run->db, arena, query, args, outcome, &run->error);
        if (status != FC_E_UNAVAILABLE || pause > LAST_PAUSE_MS || fc_job_run_is_stopped(run))
            return status;
        pause_ms(pause);
    }
}

enum fc_step fc_job_run_call(struct fc_job_run *run, struct fc_arena *arena, enum fc_query query,
                             struct fc_args args, struct fc_outcome *outcome)
{
    bool is_terminal, is_gone;

    if (call_until_there(run, arena, query, args, outcome) != FC_OK)
        return FC_STEP_LATER;
    is_terminal = fc_text_equal(outcome->outcome, "terminal");
    is_gone = fc_text_equal(outcome->outcome, "not_found") || outcome->outcome[0] == '\0';
    run->is_terminal |= is_terminal;
    run->is_gone |= is_gone;
    if (is_terminal || is_gone || fc_text_equal(outcome->outcome, "lost"))
        return FC_STEP_STOPPED;
    return FC_STEP_DONE;
}

enum fc_step fc_job_run_fail(struct fc_job_run *run, const char *type, const char *code,
                             const char *message, const char *scene_id)
{
    run->failure = (struct fc_failure){
        .type = type,
        .code = code,
        .message = fc_copy(run->arena, message),
        .scene_id = scene_id,
    };
    return FC_STEP_FAILED;
}

enum fc_step fc_job_run_later(struct fc_job_run *run, const struct fc_error *error)
{
    run->error = *error;
    return FC_STEP_LATER;
}

/* ---- progress ---- */

void fc_put_percent(struct fc_buffer *b, double percent)
{
    fc_putf(b, "%.10g", round(percent * 100) / 100);
}

static void put_patch(const struct fc_job_run *run, const char *phase, double percent,
                      struct fc_buffer *b)
{
    fc_put(b, "{\"phase\":");
    fc_put_json(b, phase);
    fc_put(b, ",\"percent\":");
    fc_put_percent(b, percent);
    if (!run->work->is_image) {
        fc_putf(b, ",\"scenes_total\":%zu,\"scenes_completed\":%zu", run->work->n_scenes,
                fc_work_completed(run->work));
        if (run->current_scene != NULL) {
            fc_put(b, ",\"current_scene\":");
            fc_put_json(b, run->current_scene);
        }
    }
    fc_put(b, "}");
}

/* The second counts from when the last event was surely written, so that no two are closer. */
enum fc_step fc_job_run_progress(struct fc_job_run *run, const char *phase, double percent)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer patch = fc_buffer_in(arena);
    struct fc_outcome outcome;
    enum fc_step step;

    if (fc_monotonic_us() - run->progress_us < PROGRESS_US ||
        (percent <= run->percent && fc_text_equal(phase, run->phase)))
        return FC_STEP_DONE;
    run->percent = fmax(run->percent, percent);
    run->phase = phase;
    put_patch(run, phase, run->percent, &patch);
    step = fc_job_run_call(run, arena, FC_Q_STEP_PROGRESS,
                           FC_RUN_ARGS(run, fc_arg_text(patch.data)), &outcome);
    run->progress_us = fc_monotonic_us();
    return step;
}

enum fc_step fc_job_run_report(struct fc_job_run *run)
{
    return fc_job_run_progress(run, "generating", fc_work_percent(run->work));
}

/* ---- names and files ---- */

char *fc_job_run_path(const struct fc_job_run *run, struct fc_arena *arena, const char *name)
{
    return fc_printf(arena, "%s/%s", run->work_dir, name);
}

struct fc_object fc_job_run_object(const struct fc_job_run *run, const char *key)
{
    return (struct fc_object){run->settings->outputs_bucket, key};
}

static bool is_unwanted(void *context)
{
    return fc_job_run_is_stopped(context);
}

/* A sound of the catalogue that the store lacks is made now: upkeep has not come to it yet. */
static fc_status object_fetch(struct fc_job_run *run, const char *id, struct fc_object object,
                              bool is_system, const char **path, struct fc_error *error)
{
    struct fc_storage *storage = run->storage;
    const struct fc_watch watch = {.is_canceled = is_unwanted, .context = run};
    fc_status status = storage->fetch_file(storage, run->arena, object, run->work_dir, path, error);

    if (status != FC_E_NOT_FOUND || !is_system || !fc_sound_is_known(id, object.key))
        return status;
    status = fc_sound_store(storage, run->settings, id, object.key, run->work_dir, &watch, error);
    return status != FC_OK
               ? status
               : storage->fetch_file(storage, run->arena, object, run->work_dir, path, error);
}

/* *@path is NULL when there is no such asset: films are made without what is missing. */
static enum fc_step asset_fetch(struct fc_job_run *run, const struct fc_rows *rows, const char *id,
                                const char **path)
{
    struct fc_error error = {.text = "no such asset"};
    const char *fetched;

    *path = NULL;
    for (int i = 0; i < rows->n; i++) {
        const bool is_system = fc_text_equal(fc_rows_text(rows, i, 2), "t");
        const struct fc_object object = {
            is_system ? run->settings->system_bucket : run->settings->outputs_bucket,
            fc_rows_text(rows, i, 1),
        };
        fc_status status;

        if (!fc_text_equal(fc_rows_text(rows, i, 0), id))
            continue;
        status = object_fetch(run, id, object, is_system, &fetched, &error);
        if (status == FC_OK) {
            *path = fetched;
            return FC_STEP_DONE;
        }
        if (fc_job_run_is_stopped(run))
            return FC_STEP_STOPPED;
        if (status == FC_E_UNAVAILABLE)
            return fc_job_run_later(run, &error);
    }
    fc_log(FC_LOG_WARNING, "asset left out", FC_KV("job_id", run->job.uuid.text),
           FC_KV("asset", id), FC_KV("error", error.text));
    return FC_STEP_DONE;
}

enum fc_step fc_job_run_assets(struct fc_job_run *run, const char *const *ids, size_t n,
                               const char *const **paths)
{
    const char **found = FC_NEW_ARRAY(run->arena, const char *, n);
    const char **uuids = FC_NEW_ARRAY(run->arena, const char *, n);
    struct fc_error error;
    struct fc_uuid uuid;
    struct fc_rows rows;
    enum fc_step step = FC_STEP_DONE;
    size_t n_uuids = 0;

    *paths = found;
    if (n == 0)
        return FC_STEP_DONE;
    for (size_t i = 0; i < n; i++) {
        if (fc_uuid_parse(ids[i], &uuid))
            uuids[n_uuids++] = ids[i];
    }
    if (fc_db_run(
            run->db, run->arena, FC_Q_RUN_ASSETS,
            FC_ARGS(fc_arg_texts(run->arena, ids, n), fc_arg_texts(run->arena, uuids, n_uuids)),
            &rows, &error) != FC_OK)
        return fc_job_run_later(run, &error);
    for (size_t i = 0; i < n && step == FC_STEP_DONE; i++)
        step = asset_fetch(run, &rows, ids[i], &found[i]);
    return step;
}

const char *fc_job_run_public_cause(const char *text, const char *otherwise)
{
    static const struct {
        const char *words, *sentence;
    } causes[] = {
        {"No space left on device",    "The server's disk is full"},
        {"disk of the storage folder", "The server's disk is full"},
        {"Disk quota exceeded",        "The server's disk is full"},
        {"disk quota",                 "The server's disk is full"},
        {"cannot be started",          "The server cannot run ffmpeg"},
    };

    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (strstr(text, causes[i].words) != NULL)
            return causes[i].sentence;
    }
    return otherwise;
}
