/**
 * How a job in progress is shown: redrawn in place, as plain lines, as JSON lines, or not at all.
 */
#ifndef FRAMECAST_VIEW_H
#define FRAMECAST_VIEW_H

#include "client.h"

#include "job.h"
#include "outbound/sse.h"

struct view; /* one job being shown */

/** One way to show; a NULL member does nothing. */
struct view_kind {
    void (*event)(struct view *view, const struct fc_sse_event *event); /* after job_apply */
    void (*tick)(struct view *view);                   /* five times a second, and at the end */
    void (*note)(struct view *view, const char *text); /* NULL: what was noted is over */
    bool wants_scenes; /* shows the progress of each scene, which the job tells but no event */
};

extern const struct view_kind view_live, view_lines, view_json, view_quiet;

struct view {
    const struct view_kind *kind;
    struct client *client;
    struct job *job;
    int64_t began_us;    /* monotonic */
    char noted[200];     /* "" when all is well */
    double last_percent; /* last one said in a plain line */
    char last_phase[JOB_WORD_SIZE];
};

/** The way that fits terminal and options. */
struct view view_of(struct client *client, struct job *job);
void view_event(struct view *view, const struct fc_sse_event *event);
void view_tick(struct view *view);
void view_note(struct view *view, const char *text);

#endif
