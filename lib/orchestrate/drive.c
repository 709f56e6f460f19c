#include "orchestrate/drive.h"

#include "orchestrate/run.h"

static bool is_at_work(const struct fc_work_scene *scene)
{
    return scene->status == FC_SCENE_SUBMITTED || scene->status == FC_SCENE_RUNNING;
}

static bool goes_on(enum fc_step step)
{
    return step == FC_STEP_DONE || step == FC_STEP_WAIT;
}

/* Looks after each scene at work; *@n_busy is how many of them still are. */
static enum fc_step collect_all(struct fc_job_run *run, int *n_busy)
{
    *n_busy = 0;
    for (size_t i = 0; i < run->work->n_scenes; i++) {
        struct fc_work_scene *scene = &run->work->scenes[i];
        enum fc_step step;

        if (!is_at_work(scene))
            continue;
        step = fc_step_collect(run, scene);
        if (!goes_on(step))
            return step;
        *n_busy += is_at_work(scene);
    }
    return FC_STEP_DONE;
}

static enum fc_step submit_some(struct fc_job_run *run, int room)
{
    for (size_t i = 0; i < run->work->n_scenes && room > 0; i++) {
        struct fc_work_scene *scene = &run->work->scenes[i];
        enum fc_step step;

        if (scene->status != FC_SCENE_PENDING)
            continue;
        step = fc_step_submit(run, scene);
        if (!goes_on(step))
            return step;
        room--;
    }
    return FC_STEP_DONE;
}

static enum fc_step render_scenes(struct fc_job_run *run, int parallel, void (*pause)(void *),
                                  void *context)
{
    enum fc_step step = FC_STEP_DONE;

    while (fc_work_completed(run->work) < run->work->n_scenes) {
        int n_busy;

        if (fc_job_run_is_stopped(run))
            return FC_STEP_STOPPED;
        step = collect_all(run, &n_busy);
        if (step == FC_STEP_DONE)
            step = submit_some(run, parallel - n_busy);
        if (step == FC_STEP_DONE)
            step = fc_job_run_report(run);
        if (step != FC_STEP_DONE)
            return step;
        pause(context);
    }
    return FC_STEP_DONE;
}

enum fc_step fc_drive(struct fc_job_run *run, int parallel, void (*pause)(void *), void *context)
{
    enum fc_step step = fc_step_begin(run);

    if (step == FC_STEP_DONE && fc_job_run_work_dir(run) != FC_OK)
        return FC_STEP_LATER;
    if (step == FC_STEP_DONE)
        step = render_scenes(run, parallel, pause, context);
    if (step == FC_STEP_DONE)
        step = fc_step_stitch(run);
    if (step == FC_STEP_DONE)
        step = fc_step_finish(run);
    return step;
}
