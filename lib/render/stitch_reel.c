/* The film's pictures: shot after shot, each a file that the next can follow as it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/captions.h"
#include "render/probe.h"
#include "render/shot.h"
#include "render/stitch_parts.h"

/* One making of a reel. */
struct reeling {
    const struct fc_stitch *film;
    struct fc_reel *reel;
    struct fc_share share;
    int64_t done_frames;
    const char **captions; /* a script for each shot, NULL where nothing is set over it */
};

/* Frames are counted from the beginning of the film, so that roundings never add up. */
static int64_t frames_of_shot(const struct fc_reel *reel, const struct fc_shot *shot)
{
    int fps = reel->format.fps;

    return fc_frames_of(shot->start_ms + shot->duration_ms, fps) -
           fc_frames_of(shot->start_ms, fps);
}

static bool is_made(const struct fc_segment *segment)
{
    return segment->n_made == segment->n_frames;
}

static double percent_of(const struct reeling *r)
{
    int64_t frames = r->film->n_frames > 0 ? r->film->n_frames : 1;

    return r->share.from + (r->share.to - r->share.from) * (double)r->done_frames / (double)frames;
}

static struct fc_shot_job job_of(const struct reeling *r, size_t i)
{
    const struct fc_shot *shot = &r->film->order->plan->shots[i];
    struct fc_shot_job job = {
        .shot = shot,
        .format = &r->reel->format,
        .clip = r->reel->clips[shot->scene],
        .captions = r->captions[i],
        .n_frames = frames_of_shot(r->reel, shot),
        .clip_frames = fc_frames_of(shot->duration_ms, r->reel->format.fps),
    };

    if (i > 0 && shot->in.duration_ms > 0) {
        const struct fc_segment *before = &r->reel->segments[i - 1];

        job.before = is_made(before) ? before->made : before->clip;
        job.before_frame = before->n_frames - 1;
    }
    return job;
}

/* How many pictures have to be made until the clip can go on as it is. */
static fc_status count_to_make(const struct fc_stitch *s, const struct fc_shot_job *job,
                               int64_t *n_made)
{
    const int64_t covered = fc_shot_transition_frames(job);
    fc_status st;

    *n_made = job->n_frames;
    if (!fc_shot_is_plain(job))
        return FC_OK;
    if (covered == 0) {
        *n_made = 0;
        return FC_OK;
    }
    if (job->n_frames - covered <= (int64_t)FC_KEY_FRAME_SECONDS * job->format->fps)
        return FC_OK; /* as soon made as looked at */
    st = fc_media_key_frame(s->arena, s->settings, job->clip, job->format->fps, covered + 1,
                            job->n_frames, n_made, s->error);
    return st == FC_E_VALIDATION ? fc_stitch_blame(s, FC_E_INTERNAL, job->clip, job->shot->scene)
                                 : st;
}

static fc_status make_shot(struct reeling *r, size_t i, bool keeps_clip)
{
    const struct fc_stitch *s = r->film;
    struct fc_shot_job job = job_of(r, i);
    struct fc_segment *segment = &r->reel->segments[i];
    struct fc_share share = {.from = percent_of(r)};
    struct fc_command command;
    fc_status st = FC_OK;

    if (job.clip == NULL)
        return fc_fail(s->error, FC_E_VALIDATION, "The clip of scene %s is missing",
                       s->order->plan->scenes[job.shot->scene].id);
    *segment = (struct fc_segment){NULL, job.n_frames, job.clip, job.n_frames};
    if (keeps_clip)
        st = count_to_make(s, &job, &segment->n_made);
    r->done_frames += job.n_frames;
    if (st != FC_OK || segment->n_made == 0)
        return st;
    segment->made = fc_stitch_file(s, fc_printf(s->arena, "%sshot-%04zu.mp4", r->reel->name, i));
    job.n_frames = segment->n_made;
    share.to = percent_of(r);
    command = fc_shot_command(s->arena, s->settings, &job);
    fc_command_add(&command, fc_local_path(s->arena, segment->made));
    st = fc_stitch_run(s, command, job.n_frames, share);
    return st == FC_OK ? FC_OK : fc_stitch_blame(s, st, job.clip, job.shot->scene);
}

/* Pictures can only follow each other unchanged when their headers say the same: clips that another
 * version of the encoder has made do not fit. */
static fc_status are_alike(const struct reeling *r, bool *alike)
{
    const struct fc_stitch *s = r->film;
    const struct fc_plan *plan = s->order->plan;
    const char **paths = FC_NEW_ARRAY(s->arena, const char *, plan->n_scenes + 1);
    bool *is_known = FC_NEW_ARRAY(s->arena, bool, plan->n_scenes);
    const char *made = NULL; /* what was encoded here is all alike */
    size_t n = 0;
    fc_status st;

    for (size_t i = 0; i < plan->n_shots; i++) {
        const struct fc_segment *segment = &r->reel->segments[i];
        bool *known = &is_known[plan->shots[i].scene];

        made = segment->made != NULL ? segment->made : made;
        if (is_made(segment) || *known)
            continue;
        *known = true;
        paths[n++] = segment->clip;
    }
    if (made != NULL)
        paths[n++] = made;
    *alike = true;
    if (n < 2)
        return FC_OK;
    st = fc_media_alike(s->arena, s->settings, paths, n, alike, s->error);
    return st == FC_E_VALIDATION ? fc_stitch_blame_reel(s, FC_E_INTERNAL, r->reel) : st;
}

/* All of them; @again: those that are not wholly made, which now are. */
static fc_status make_shots(struct reeling *r, bool again)
{
    const struct fc_stitch *s = r->film;
    fc_status st = FC_OK;

    r->done_frames = 0;
    for (size_t i = 0; i < s->order->plan->n_shots && st == FC_OK; i++) {
        if (fc_watch_canceled(s->watch))
            return fc_fail(s->error, FC_E_UNAVAILABLE, "The film was canceled");
        if (!again || !is_made(&r->reel->segments[i]))
            st = make_shot(r, i, !again);
    }
    return st;
}

/* What is read in each shot. The last frame stays free: a transition holds it while the next shot
 * has captions of its own. */
static fc_status write_captions(struct reeling *r)
{
    const struct fc_stitch *s = r->film;
    const struct fc_plan *plan = s->order->plan;
    const struct fc_film_format *format = &r->reel->format;
    fc_status st = FC_OK;

    for (size_t i = 0; i < plan->n_shots && s->order->burns_captions && st == FC_OK; i++) {
        int64_t first = fc_frames_of(plan->shots[i].start_ms, format->fps);
        int64_t last = first + frames_of_shot(r->reel, &plan->shots[i]) - 1;
        struct fc_caption_frame frame = {format->width, format->height, first * 1000 / format->fps,
                                         last * 1000 / format->fps};
        const char *script = fc_captions_script(s->arena, plan->captions, plan->n_captions, &frame);

        if (script == NULL)
            continue;
        r->captions[i] = fc_stitch_file(s,
                                        fc_printf(s->arena, "%sshot-%04zu.ass", r->reel->name, i));
        st = fc_stitch_write(s, r->captions[i], fc_span_of(script));
    }
    return st;
}

fc_status fc_stitch_reel(const struct fc_stitch *s, struct fc_reel *reel, struct fc_share share)
{
    struct reeling r = {.film = s, .reel = reel, .share = share};
    bool alike = true;
    fc_status st;

    reel->segments = FC_NEW_ARRAY(s->arena, struct fc_segment, s->order->plan->n_shots);
    r.captions = FC_NEW_ARRAY(s->arena, const char *, s->order->plan->n_shots);
    st = write_captions(&r);
    if (st == FC_OK)
        st = make_shots(&r, false);
    if (st == FC_OK)
        st = are_alike(&r, &alike);
    if (st == FC_OK && !alike)
        st = make_shots(&r, true);
    return st;
}

fc_status fc_stitch_blame_reel(const struct fc_stitch *s, fc_status st, const struct fc_reel *reel)
{
    const struct fc_plan *plan = s->order->plan;

    for (size_t i = 0; i < plan->n_scenes && st == FC_E_INTERNAL; i++) {
        if (plan->scenes[i].is_played)
            st = fc_stitch_blame(s, st, reel->clips[i], i);
    }
    return st;
}

/* ---- the list ---- */

/* In this list a quote ends the name; it is closed, escaped and opened again. */
static void put_path(struct fc_buffer *b, const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path == '\'')
            fc_put(b, "'\\''");
        else
            fc_put_char(b, *path);
    }
}

/* Part of a file. Its length is said and not left to the file, whose sound may be a little longer
 * than its pictures. */
static void put_part(struct fc_buffer *b, const char *here, const char *path, int fps, int64_t from,
                     int64_t n)
{
    fc_put(b, "file 'file:");
    if (path[0] != '/') {
        put_path(b, here);
        fc_put(b, "/");
    }
    put_path(b, path);
    fc_putf(b, "'\ninpoint %.6f\nduration %.6f\n", (double)from / fps, (double)n / fps);
}

fc_status fc_stitch_list_reel(const struct fc_stitch *s, const struct fc_reel *reel,
                              const char *path)
{
    struct fc_buffer list = fc_buffer_in(s->arena);
    int fps = reel->format.fps;
    char here[4096];

    if (getcwd(here, sizeof here) == NULL)
        return fc_fail(s->error, FC_E_INTERNAL, "There is no working directory: %s",
                       strerror(errno));
    fc_put(&list, "ffconcat version 1.0\n");
    for (size_t i = 0; i < s->order->plan->n_shots; i++) {
        const struct fc_segment *segment = &reel->segments[i];

        if (segment->n_made > 0)
            put_part(&list, here, segment->made, fps, 0, segment->n_made);
        if (!is_made(segment))
            put_part(&list, here, segment->clip, fps, segment->n_made,
                     segment->n_frames - segment->n_made);
    }
    return fc_stitch_write(s, path, fc_span_of(list.data));
}
