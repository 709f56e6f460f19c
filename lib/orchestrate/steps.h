/**
 * The steps that turn a queued job into a film: begin, submit and collect per scene, stitch,
 * finish; fail; cancel_cleanup.
 *
 * Each step leaves its result in PostgreSQL (or as a stored object) before it returns, and looks
 * for that result first: running one twice, half, or on another machine does no harm. None of them
 * changes a terminal job. A step knows nothing of the loop that drives it:
 *
 *     step = fc_step_begin(run);
 *     for each scene that is not completed:
 *         step = fc_step_submit(run, scene);
 *         while ((step = fc_step_collect(run, scene)) == FC_STEP_WAIT) ... pause ...
 *     step = fc_step_stitch(run);
 *     step = fc_step_finish(run);
 *
 * A driver that keeps nothing between steps begins each of them with fc_step_begin, which reads the
 * stored state again.
 */
#ifndef ORCHESTRATE_STEPS_H
#define ORCHESTRATE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/ids.h>
#include <framecast/status.h>

#include "db/db.h"
#include "orchestrate/work.h"
#include "render/render.h"
#include "storage/storage.h"

/** What the steps of all jobs need. Constant after start; all texts outlive every run. */
struct fc_steps_settings {
    const char *outputs_bucket; /* S3_BUCKET_OUTPUTS */
    const char *system_bucket;  /* S3_BUCKET_SYSTEM */
    const char *work_dir;       /* WORK_DIR: half-made files, one folder a run; made when missing */
    int scene_attempts;         /* RENDER_SCENE_ATTEMPTS */
    struct fc_render_settings render;
    const struct fc_renderer *(*renderer_by_name)(const char *name); /* NULL: lib/render's table */
};

/** How a step ended. */
enum fc_step {
    FC_STEP_DONE,    /* its result is stored */
    FC_STEP_WAIT,    /* collect: not finished; or the scene is pending again: submit it once more */
    FC_STEP_FAILED,  /* the job cannot succeed, run->failure says why: fc_step_fail is next */
    FC_STEP_STOPPED, /* the job is terminal (run->is_terminal), or gone, or not ours any more */
    FC_STEP_LATER, /* database or store is away, run->error says more: the same step again later */
};

/** Why a job fails: failure_type and the members of `error`. */
struct fc_failure {
    const char *type;     /* "system", "validation", "timeout" */
    const char *code;     /* "render_failed", "stitch_failed", "invalid_spec", "dispatch_failed" */
    const char *message;  /* for people */
    const char *scene_id; /* the scene that was given up, or NULL */
};

/** One job in the hands of one thread. The first group is the driver's to fill. */
struct fc_job_run {
    const struct fc_steps_settings *settings;
    struct fc_db *db;
    struct fc_storage *storage;
    struct fc_arena *arena; /* of the run */
    struct fc_job_id job;
    const char *lease;                 /* as fc_dispatch_claim gave it; NULL: not checked */
    bool (*is_stopped)(void *context); /* asked during long work; NULL: never. True ends the step */
    void *context;

    struct fc_work *work;               /* the job as begin found it, kept current by the steps */
    const struct fc_renderer *renderer; /* of the job's provider */
    const char *work_dir;               /* this run's own folder, made by fc_job_run_work_dir */
    const char *current_scene;          /* the one last begun, or NULL */
    bool is_terminal;                   /* the database said so */
    bool is_gone;                       /* the job does not exist any more */
    int64_t progress_us;                /* monotonic: when the last progress event was written */
    double percent;                     /* of it */
    const char *phase;                  /* of it, NULL before the first */
    struct fc_failure failure;
    struct fc_error error; /* cause of FC_STEP_LATER, and of failures, for the log */
};

/** Picks the job up (or finds it picked up) and reads its work. */
enum fc_step fc_step_begin(struct fc_job_run *run);

/** Records the attempt, then orders the scene. DONE also for a scene that is at work or completed:
 * collect tells. WAIT: the provider takes no order now. */
enum fc_step fc_step_submit(struct fc_job_run *run, struct fc_work_scene *scene);

/** Looks after a submitted scene: its progress, its clip, its failure. Waits for nothing but the
 * normalising and storing of a finished clip. */
enum fc_step fc_step_collect(struct fc_job_run *run, struct fc_work_scene *scene);

/** Makes final.mp4 and its renditions, thumbnail.jpg, contact_sheet.jpg and captions (final.png for
 * an image) from the stored clips. */
enum fc_step fc_step_stitch(struct fc_job_run *run);

/** Completes the job with its output. */
enum fc_step fc_step_finish(struct fc_job_run *run);

/** Fails the job as run->failure says, then cleans up. */
enum fc_step fc_step_fail(struct fc_job_run *run);

/** Tells the provider to stop what is still at work for the job and removes its half-made files.
 * Needs no begin before it. */
enum fc_step fc_step_cancel_cleanup(struct fc_job_run *run);

/* ---- for drivers ---- */

/** Makes the run's own folder, removing those that earlier runs of the job left here. */
fc_status fc_job_run_work_dir(struct fc_job_run *run);

/** Lets go of the job, whatever became of it: ends the takes that live in this process and removes
 * the run's folder. What works elsewhere goes on for whoever takes the job up next. */
void fc_job_run_abandon(struct fc_job_run *run);

/**
 * Writes a progress event of phase `generating` from the scenes' progress, at most one a second.
 */
enum fc_step fc_job_run_report(struct fc_job_run *run);

const char *fc_step_name(enum fc_step step); /* "done", ... for logs */

#endif
