/**
 * The work of a job as the database hands it out: its spec laid out, its scenes and their state.
 */
#ifndef ORCHESTRATE_WORK_H
#define ORCHESTRATE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/time.h>

#include "render/render.h"
#include "storyboard/storyboard.h"
#include "json/json.h"

enum fc_scene_status {
    FC_SCENE_PENDING,
    FC_SCENE_SUBMITTED,
    FC_SCENE_RUNNING,
    FC_SCENE_COMPLETED,
    FC_SCENE_FAILED,
    FC_SCENE_CANCELED,
    FC_SCENE__COUNT
};

struct fc_film_format; /* render/encode.h */

/** One row of render_scenes. */
struct fc_work_scene {
    const char *id;
    int position;
    enum fc_scene_status status;
    int attempt;                  /* 0 before the first */
    char ref[FC_RENDER_REF_SIZE]; /* provider_ref, "" when there is none */
    uint32_t seed;
    double progress;       /* 0..100, as stored */
    const char *clip_key;  /* NULL until the clip is stored */
    int64_t duration_ms;   /* of the storyboard's scene; 0 for a still */
    const char *error;     /* JSON text of the last failed attempt, or NULL */
    bool is_taken_over;    /* completed by the job that this one retries: counts for nothing here */
    int64_t not_before_us; /* monotonic: submit no sooner (the provider had no room) */
    int64_t noted_us;      /* monotonic: when the progress was last stored */
};

struct fc_work {
    const char *status; /* "processing" after begin */
    const char *prefix; /* of the job's keys in the outputs bucket, ends in a slash */
    const char *provider;
    struct fc_time started_at;
    double percent; /* of the job's progress, as stored */
    bool is_image;
    const struct fc_json *spec;
    struct fc_options options;
    uint32_t seed;       /* the job's: that of position 0 */
    struct fc_plan plan; /* of a film; unset for an image */
    size_t n_scenes;
    struct fc_work_scene *scenes; /* by position */
};

/**
 * Reads @text, the body of fc_job_begin, into *@work, in @arena.
 *
 * FC_E_VALIDATION  the snapshot is no renderable storyboard or image; @error says why. *@work is
 *                  set nevertheless, with all but plan and scenes
 * FC_E_INTERNAL    the body is not what it should be
 */
fc_status fc_work_read(struct fc_arena *arena, const char *text, struct fc_work **work,
                       struct fc_error *error);

enum fc_scene_status fc_scene_status_by_name(const char *name);

/** Takes over {status, attempt, provider_ref}, which the functions for scenes answer with. */
void fc_work_scene_update(struct fc_arena *arena, struct fc_work_scene *scene, const char *body);

/** 90 % of the mean progress of the scenes that this job has to render, weighted by duration; 90
 * when there is none. */
double fc_work_percent(const struct fc_work *work);

size_t fc_work_completed(const struct fc_work *work); /* scenes, those taken over included */

/** What the job's pictures have to look like. */
struct fc_film_format fc_work_format(const struct fc_work *work);

/** The key of a file of the job: fc_work_key(arena, work, "final.mp4"). */
char *fc_work_key(struct fc_arena *arena, const struct fc_work *work, const char *name);
/** The key of a scene's clip or still. */
char *fc_work_clip_key(struct fc_arena *arena, const struct fc_work *work,
                       const struct fc_work_scene *scene);

/**
 * The order for a scene, but for job_id, work_dir and pictures, which are the caller's to fill in;
 * *@text names the references. Both live in @arena. FC_E_VALIDATION: nothing to draw.
 */
fc_status fc_work_order(struct fc_arena *arena, const struct fc_work *work,
                        const struct fc_work_scene *scene, struct fc_scene_order *order,
                        struct fc_scene_text *text, struct fc_error *error);

#endif
