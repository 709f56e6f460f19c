/* The steps of one scene: submit and collect. */
#include <string.h>
#include <unistd.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/run.h"
#include "render/clip.h"

enum { NO_ROOM_PAUSE_US = 2000000, SCENE_PROGRESS_US = 1000000 };

/* ---- failures ---- */

static const char *failure_type(const struct fc_take_report *report)
{
    if (report->is_users_fault)
        return "validation";
    return report->is_timeout ? "timeout" : "system";
}

static enum fc_step give_up(struct fc_job_run *run, const struct fc_work_scene *scene,
                            const struct fc_take_report *report)
{
    return fc_job_run_fail(run, failure_type(report), "render_failed", report->message, scene->id);
}

static enum fc_step repeat(struct fc_job_run *run, struct fc_work_scene *scene,
                           const struct fc_take_report *report)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer error = fc_buffer_in(arena);
    struct fc_outcome outcome;
    enum fc_step step;

    fc_put(&error, "{\"code\":");
    fc_put_json(&error, report->code);
    fc_put(&error, ",\"message\":");
    fc_put_json(&error, report->message);
    fc_put(&error, "}");
    step = fc_job_run_call(run, arena, FC_Q_SCENE_FAILED,
                           FC_RUN_ARGS(run, fc_arg_text(scene->id), fc_arg_text(error.data)),
                           &outcome);
    if (step != FC_STEP_DONE)
        return step;
    fc_work_scene_update(arena, scene, outcome.body);
    scene->progress = 0;
    return FC_STEP_WAIT;
}

/* An attempt failed: another one, or the end of the job. Of a job that is over by now nothing is
 * told: another worker may just have cleaned up under our feet. */
static enum fc_step attempt_failed(struct fc_job_run *run, struct fc_work_scene *scene,
                                   const struct fc_take_report *report, const char *cause)
{
    const bool is_last = !report->may_repeat || scene->attempt >= run->settings->scene_attempts;
    const char *why = fc_copy(run->arena, cause);
    enum fc_step step = is_last ? give_up(run, scene, report) : repeat(run, scene, report);

    if (step == FC_STEP_WAIT || step == FC_STEP_FAILED)
        fc_log(FC_LOG_WARNING, is_last ? "scene given up" : "scene attempt failed",
               FC_KV("job_id", run->job.uuid.text), FC_KV("scene", scene->id),
               FC_KV_INT("attempt", scene->attempt), FC_KV("code", report->code),
               FC_KV("error", why));
    return step;
}

/* The attempt failed in our own hands, as run->error says. */
static enum fc_step attempt_broke(struct fc_job_run *run, struct fc_work_scene *scene,
                                  const char *code, const char *message)
{
    struct fc_take_report report = {.state = FC_TAKE_FAILED, .may_repeat = true};

    (void)snprintf(report.code, sizeof report.code, "%s", code);
    (void)snprintf(report.message, sizeof report.message, "%s",
                   fc_job_run_public_cause(run->error.text, message));
    return attempt_failed(run, scene, &report, run->error.text);
}

/* What names a file of ours is for the log. */
static enum fc_step take_failed(struct fc_job_run *run, struct fc_work_scene *scene,
                                struct fc_take_report *report)
{
    const char *cause = fc_copy(run->arena, report->message);
    const char *plain = strchr(cause, '/') == NULL ? cause : "The scene could not be drawn";

    if (run->renderer->is_local)
        fc_scene_cancel(run, scene); /* what is left of the take keeps its pictures in memory */
    (void)snprintf(report->message, sizeof report->message, "%s",
                   fc_job_run_public_cause(cause, plain));
    return attempt_failed(run, scene, report, cause);
}

/* ---- ordering ---- */

/* Reference images that are stored; a symbol shows the first of its own. */
static enum fc_step add_references(struct fc_job_run *run, const struct fc_scene_text *text,
                                   struct fc_scene_order *order)
{
    const char **ids = FC_NEW_ARRAY(run->arena, const char *, text->n_references);
    struct fc_render_reference *references = FC_NEW_ARRAY(run->arena, struct fc_render_reference,
                                                          text->n_references);
    struct fc_render_symbol *symbols = FC_NEW_ARRAY(run->arena, struct fc_render_symbol,
                                                    order->n_symbols);
    const char *const *paths;
    enum fc_step step;

    for (size_t i = 0; i < text->n_references; i++)
        ids[i] = text->references[i].asset_id;
    step = fc_job_run_assets(run, ids, text->n_references, &paths);
    if (step != FC_STEP_DONE)
        return step;
    if (order->n_symbols > 0)
        memcpy(symbols, order->symbols, order->n_symbols * sizeof *symbols);
    for (size_t i = 0; i < text->n_references; i++) {
        struct fc_render_symbol *symbol = &symbols[text->references[i].symbol];

        if (paths[i] == NULL)
            continue;
        references[order->n_references++] = (struct fc_render_reference){
            paths[i], text->references[i].weight};
        if (symbol->image_path == NULL)
            symbol->image_path = paths[i];
    }
    order->references = references;
    order->symbols = symbols;
    return FC_STEP_DONE;
}

/* The provider may know the take by a name of its own, which is told to the database at once: after
 * a crash it is what the take is found by. */
static enum fc_step keep_ref(struct fc_job_run *run, struct fc_work_scene *scene, const char *ref)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_outcome outcome;

    if (strcmp(scene->ref, ref) == 0)
        return FC_STEP_DONE;
    (void)snprintf(scene->ref, sizeof scene->ref, "%s", ref);
    return fc_job_run_call(run, arena, FC_Q_SCENE_REF,
                           FC_RUN_ARGS(run, fc_arg_text(scene->id), fc_arg_text(ref)), &outcome);
}

static enum fc_step place_order(struct fc_job_run *run, struct fc_work_scene *scene)
{
    struct fc_take_report refusal = {.state = FC_TAKE_FAILED};
    struct fc_scene_order order;
    struct fc_scene_text text;
    enum fc_step step;
    fc_status status;

    if (fc_work_order(run->arena, run->work, scene, &order, &text, &run->error) != FC_OK)
        return fc_job_run_fail(run, "validation", "invalid_spec", run->error.text, scene->id);
    order.job_id = run->job;
    order.work_dir = run->work_dir;
    step = add_references(run, &text, &order);
    if (step != FC_STEP_DONE)
        return step;

    status = run->renderer->submit(&run->settings->render, &order, &run->error);
    if (status == FC_OK)
        return keep_ref(run, scene, order.ref);
    if (status == FC_E_UNAVAILABLE) {
        scene->not_before_us = fc_monotonic_us() + NO_ROOM_PAUSE_US;
        return FC_STEP_WAIT;
    }
    if (status != FC_E_VALIDATION)
        return attempt_broke(run, scene, "submit_failed", "The scene could not be started");
    refusal.is_users_fault = true;
    (void)snprintf(refusal.code, sizeof refusal.code, "refused");
    (void)snprintf(refusal.message, sizeof refusal.message, "%.399s", run->error.text);
    return attempt_failed(run, scene, &refusal, run->error.text);
}

/* The attempt is counted before the provider hears of it: whatever happens then, it was one. */
static enum fc_step record_attempt(struct fc_job_run *run, struct fc_work_scene *scene)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *ref = fc_printf(arena, "%s-%s-%d", run->job.uuid.text, scene->id,
                                scene->attempt + 1);
    struct fc_outcome outcome;
    enum fc_step step = fc_job_run_call(run, arena, FC_Q_SCENE_SUBMIT,
                                        FC_RUN_ARGS(run, fc_arg_text(scene->id), fc_arg_text(ref)),
                                        &outcome);

    if (step == FC_STEP_DONE)
        fc_work_scene_update(arena, scene, outcome.body);
    return step;
}

enum fc_step fc_step_submit(struct fc_job_run *run, struct fc_work_scene *scene)
{
    enum fc_step step;

    if (scene->status != FC_SCENE_PENDING)
        return FC_STEP_DONE;
    step = record_attempt(run, scene);
    if (step != FC_STEP_DONE || scene->status != FC_SCENE_SUBMITTED)
        return step;
    run->current_scene = scene->id;
    return place_order(run, scene);
}

/* ---- collecting ---- */

static struct fc_scene_order order_name(const struct fc_job_run *run,
                                        const struct fc_work_scene *scene)
{
    struct fc_scene_order order = {.job_id = run->job, .scene_id = scene->id};

    memcpy(order.ref, scene->ref, sizeof order.ref);
    return order;
}

/* Tells the database that the take has begun, then how far it is, at most once a second. */
static enum fc_step note_progress(struct fc_job_run *run, struct fc_work_scene *scene,
                                  double percent)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer number = fc_buffer_in(arena);
    const int64_t now = fc_monotonic_us();
    struct fc_outcome outcome;
    enum fc_step step = FC_STEP_DONE;

    if (scene->status == FC_SCENE_SUBMITTED) {
        step = fc_job_run_call(run, arena, FC_Q_SCENE_RUNNING,
                               FC_RUN_ARGS(run, fc_arg_text(scene->id)), &outcome);
        scene->status = FC_SCENE_RUNNING;
    }
    if (step != FC_STEP_DONE)
        return step;
    if (percent <= scene->progress || now - scene->noted_us < SCENE_PROGRESS_US)
        return FC_STEP_WAIT;
    scene->noted_us = now;
    scene->progress = percent;
    fc_put_percent(&number, percent);
    step = fc_job_run_call(run, arena, FC_Q_SCENE_PROGRESS,
                           FC_RUN_ARGS(run, fc_arg_text(scene->id), fc_arg_text(number.data)),
                           &outcome);
    return step == FC_STEP_DONE ? FC_STEP_WAIT : step;
}

/* The stored clip becomes the scene's checkpoint. Of a job that is gone nobody would ever delete
 * it. */
static enum fc_step record_clip(struct fc_job_run *run, struct fc_work_scene *scene,
                                const char *key)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer percent = fc_buffer_in(arena);
    const enum fc_scene_status before = scene->status;
    struct fc_outcome outcome;
    enum fc_step step;

    scene->status = FC_SCENE_COMPLETED;
    fc_put_percent(&percent, fc_work_percent(run->work));
    step = fc_job_run_call(
        run, arena, FC_Q_SCENE_COMPLETE,
        FC_RUN_ARGS(run, fc_arg_text(scene->id), fc_arg_text(key),
                    run->work->is_image ? fc_arg_text(NULL) : fc_arg_int(scene->duration_ms),
                    fc_arg_text(percent.data)),
        &outcome);
    if (step != FC_STEP_DONE)
        scene->status = before;
    else
        scene->clip_key = fc_copy(run->arena, key);
    if (run->is_gone)
        (void)run->storage->delete (run->storage, fc_job_run_object(run, key), &run->error);
    return step;
}

/* Stores the file at @path as the scene's clip. */
static enum fc_step store_clip(struct fc_job_run *run, struct fc_work_scene *scene,
                               const char *path)
{
    const char *key = fc_work_clip_key(run->arena, run->work, scene);
    fc_status status;

    if (fc_job_run_is_stopped(run))
        return FC_STEP_STOPPED;
    status = run->storage->put_file(run->storage, fc_job_run_object(run, key), path,
                                    fc_content_type_of(key), &run->error);
    if (status == FC_E_UNAVAILABLE)
        return FC_STEP_LATER;
    if (status != FC_OK)
        return attempt_broke(run, scene, "storage_failed", "The clip could not be stored");
    return record_clip(run, scene, key);
}

/* Whatever came becomes exactly what the film is made of. */
static enum fc_step normalise(struct fc_job_run *run, struct fc_work_scene *scene,
                              const char *taken, const char *clean)
{
    const struct fc_render_settings *settings = &run->settings->render;
    const struct fc_film_format format = fc_work_format(run->work);
    const struct fc_watch watch = {.is_canceled = run->is_stopped, .context = run->context};
    fc_status status;

    if (run->work->is_image)
        status = fc_still_normalise(settings, taken, clean, &format, &watch, &run->error);
    else
        status = fc_clip_normalise(settings, taken, clean, &format, scene->duration_ms, &watch,
                                   &run->error);
    if (status == FC_OK)
        return FC_STEP_DONE;
    if (fc_job_run_is_stopped(run))
        return FC_STEP_STOPPED;
    return attempt_broke(run, scene, "bad_clip",
                         status == FC_E_VALIDATION
                             ? fc_copy(run->arena, run->error.text) /* says what is wrong with it */
                             : "The clip that came is broken");
}

static enum fc_step keep_clip(struct fc_job_run *run, struct fc_work_scene *scene,
                              const struct fc_scene_order *order)
{
    const char *extension = run->work->is_image ? "png" : "mp4";
    const char *taken = fc_job_run_path(run, run->arena,
                                        fc_printf(run->arena, "taken_%s.%s", scene->id, extension));
    const char *clean = fc_job_run_path(run, run->arena,
                                        fc_printf(run->arena, "clean_%s.%s", scene->id, extension));
    enum fc_step step;
    fc_status status = run->renderer->fetch(&run->settings->render, order, taken, &run->error);

    if (status == FC_E_UNAVAILABLE || status == FC_E_NOT_FOUND)
        return FC_STEP_WAIT; /* the next poll tells whether it is still known */
    if (status != FC_OK)
        return attempt_broke(run, scene, "fetch_failed", "The clip could not be fetched");
    step = normalise(run, scene, taken, clean);
    if (step == FC_STEP_DONE)
        step = store_clip(run, scene, clean);
    (void)unlink(taken);
    (void)unlink(clean);
    return step;
}

enum fc_step fc_step_collect(struct fc_job_run *run, struct fc_work_scene *scene)
{
    struct fc_scene_order order = order_name(run, scene);
    struct fc_take_report report;

    if (scene->status == FC_SCENE_COMPLETED)
        return FC_STEP_DONE;
    if (scene->status == FC_SCENE_PENDING || fc_monotonic_us() < scene->not_before_us)
        return FC_STEP_WAIT;
    report = run->renderer->poll(&run->settings->render, &order);
    switch (report.state) {
    case FC_TAKE_UNKNOWN: { /* lost with the process that had it: the same attempt once more */
        enum fc_step step = place_order(run, scene);

        return step == FC_STEP_DONE ? FC_STEP_WAIT : step;
    }
    case FC_TAKE_RUNNING:
        return note_progress(run, scene, report.percent);
    case FC_TAKE_FAILED:
        return take_failed(run, scene, &report);
    case FC_TAKE_DONE:
        break;
    }
    return keep_clip(run, scene, &order);
}

void fc_scene_cancel(const struct fc_job_run *run, const struct fc_work_scene *scene)
{
    const struct fc_scene_order order = order_name(run, scene);

    if (run->renderer != NULL && scene->ref[0] != '\0')
        run->renderer->cancel(&run->settings->render, &order);
}
