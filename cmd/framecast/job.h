/** A job as the client knows it: read from its JSON and kept up to date by its events. */
#ifndef FRAMECAST_JOB_H
#define FRAMECAST_JOB_H

#include "client.h"

#include "outbound/sse.h"
#include "json/json.h"

enum { JOB_SCENES_MAX = 256, JOB_WORD_SIZE = 32, JOB_NAME_SIZE = 72 };

struct job_scene {
    char id[JOB_NAME_SIZE];
    char status[JOB_WORD_SIZE];
    double percent; /* 0..100 */
    int attempt;
};

/** Fixed sizes, since it lives as long as a job may take, and is read anew every second. */
struct job {
    char id[40];
    char title[256]; /* "" without one */
    char status[JOB_WORD_SIZE], phase[JOB_WORD_SIZE], current_scene[JOB_NAME_SIZE];
    double percent, credits_charged, credits_refunded;
    struct job_scene scenes[JOB_SCENES_MAX];
    size_t n_scenes, n_completed, n_total; /* n_total may be known before the scenes are */
};

/** From a job object of the API, with or without "scenes". */
void job_read(struct job *job, const struct fc_json *json);

/** From an event; payloads that are no JSON objects are ignored. */
void job_apply(struct job *job, const struct fc_sse_event *event);

bool job_has_ended(const struct job *job); /* completed, failed, canceled */

/**
 * "welcome-to-framecast.mp4": a file name made of a title, which may be NULL or hold nothing that
 * can be kept.
 */
const char *job_file_name(struct fc_arena *arena, const char *title);

#endif
