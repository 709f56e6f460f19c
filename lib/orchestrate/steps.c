/* The steps of the whole job: begin, finish, fail, cancel_cleanup. Those of scenes are in scenes.c,
 * stitch in film.c. */
#include "orchestrate/steps.h"

#include <string.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/film.h"
#include "orchestrate/run.h"
#include "orchestrate/work_dir.h"

/* ---- begin ---- */

static const struct fc_renderer *renderer_for(const struct fc_job_run *run, const char *name)
{
    if (run->settings->renderer_by_name != NULL)
        return run->settings->renderer_by_name(name);
    return fc_renderer_by_name(name);
}

/* A scene can only have ended badly when the process died between giving it up and failing the job.
 * */
static enum fc_step refuse_ended_scenes(struct fc_job_run *run)
{
    for (size_t i = 0; i < run->work->n_scenes; i++) {
        const struct fc_work_scene *scene = &run->work->scenes[i];

        if (scene->status == FC_SCENE_FAILED || scene->status == FC_SCENE_CANCELED)
            return fc_job_run_fail(run, "system", "render_failed", "The scene was given up",
                                   scene->id);
    }
    return FC_STEP_DONE;
}

static enum fc_step take_up(struct fc_job_run *run, const char *body)
{
    fc_status status = fc_work_read(run->arena, body, &run->work, &run->error);

    if (status == FC_E_VALIDATION)
        return fc_job_run_fail(run, "validation", "invalid_spec", run->error.text, NULL);
    if (status != FC_OK)
        return FC_STEP_LATER;
    run->percent = run->work->percent;
    run->progress_us = fc_monotonic_us(); /* an earlier run may just have told */
    run->renderer = renderer_for(run, run->work->provider);
    if (run->renderer == NULL)
        return fc_job_run_fail(run, "system", "dispatch_failed",
                               "This server has no renderer of the job's provider", NULL);
    return refuse_ended_scenes(run);
}

enum fc_step fc_step_begin(struct fc_job_run *run)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_outcome outcome;
    enum fc_step step = fc_job_run_call(run, arena, FC_Q_STEP_BEGIN, FC_RUN_ARGS(run), &outcome);

    return step == FC_STEP_DONE ? take_up(run, fc_copy(run->arena, outcome.body)) : step;
}

/* ---- finish ---- */

enum fc_step fc_step_finish(struct fc_job_run *run)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer output = fc_buffer_in(arena);
    struct fc_outcome outcome;
    int64_t size_bytes = 0;
    enum fc_step step = fc_job_run_progress(run, "finalizing", 99);

    if (step == FC_STEP_DONE)
        step = fc_film_put_output(run, &output, &size_bytes);
    if (step != FC_STEP_DONE)
        return step;
    return fc_job_run_call(run, arena, FC_Q_STEP_COMPLETE,
                           FC_RUN_ARGS(run, fc_arg_text(output.data), fc_arg_int(size_bytes)),
                           &outcome);
}

/* ---- fail, cancel_cleanup ---- */

static void put_error(const struct fc_failure *failure, struct fc_buffer *b)
{
    fc_put(b, "{\"code\":");
    fc_put_json(b, failure->code);
    fc_put(b, ",\"message\":");
    fc_put_json(b, failure->message);
    if (failure->scene_id != NULL) {
        fc_put(b, ",\"scene_id\":");
        fc_put_json(b, failure->scene_id);
    }
    fc_put(b, "}");
}

enum fc_step fc_step_fail(struct fc_job_run *run)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer error = fc_buffer_in(arena);
    struct fc_outcome outcome;
    enum fc_step step;

    put_error(&run->failure, &error);
    step = fc_job_run_call(run, arena, FC_Q_STEP_FAIL,
                           FC_RUN_ARGS(run, fc_arg_text(run->failure.type), fc_arg_text(error.data),
                                       fc_arg_text(run->failure.scene_id)),
                           &outcome);
    if (step != FC_STEP_DONE && !run->is_terminal && !run->is_gone)
        return step;
    return fc_step_cancel_cleanup(run);
}

/* After a restart the provider may still be at work for a job that this process knows nothing of.
 * */
static enum fc_step read_scenes(struct fc_job_run *run)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_outcome outcome;
    enum fc_step step = fc_job_run_call(run, arena, FC_Q_STEP_WORK,
                                        FC_ARGS(fc_arg_uuid(&run->job.uuid)), &outcome);

    if (step != FC_STEP_DONE)
        return step;
    (void)fc_work_read(run->arena, fc_copy(run->arena, outcome.body), &run->work, &run->error);
    if (run->work != NULL)
        run->renderer = renderer_for(run, run->work->provider);
    return FC_STEP_DONE;
}

static void cancel_takes(const struct fc_job_run *run)
{
    for (size_t i = 0; run->work != NULL && i < run->work->n_scenes; i++) {
        if (run->work->scenes[i].status != FC_SCENE_COMPLETED)
            fc_scene_cancel(run, &run->work->scenes[i]);
    }
}

enum fc_step fc_step_cancel_cleanup(struct fc_job_run *run)
{
    enum fc_step step = run->work == NULL && !run->is_gone ? read_scenes(run) : FC_STEP_DONE;

    if (step == FC_STEP_LATER)
        return step;
    cancel_takes(run);
    fc_work_dirs_remove(run->settings->work_dir, run->job);
    run->work_dir = NULL;
    return FC_STEP_DONE;
}

void fc_job_run_abandon(struct fc_job_run *run)
{
    if (run->renderer != NULL && run->renderer->is_local)
        cancel_takes(run);
    if (run->work_dir != NULL)
        fc_work_dir_remove(run->work_dir);
    run->work_dir = NULL;
}
