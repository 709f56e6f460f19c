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
    const char *held_path; /* last frame of the shot before */
    const char **captions; /* a script for each shot, NULL where nothing is set over it */
};

/* Frames are counted from the beginning of the film, so that roundings never add up. */
static int64_t frames_of_shot(const struct fc_reel *reel, const struct fc_shot *shot)
{
    int fps = reel->format.fps;

    return fc_frames_of(shot->start_ms + shot->duration_ms, fps) -
           fc_frames_of(shot->start_ms, fps);
}

static double percent_of(const struct reeling *r)
{
    int64_t frames = r->film->n_frames > 0 ? r->film->n_frames : 1;

    return r->share.from + (r->share.to - r->share.from) * (double)r->done_frames / (double)frames;
}

/* The muxer writes every frame over the one before: what stays is the last. */
static fc_status hold_last_frame(const struct reeling *r, const char *segment)
{
    struct fc_arena *arena = r->film->arena;
    struct fc_command command = fc_command_ffmpeg(arena, r->film->settings);

    fc_command_add_all(&command, "-sseof", "-0.5", "-i", fc_local_path(arena, segment), "-map",
                       "0:v:0", "-pix_fmt", "yuv420p", "-c:v", "rawvideo", "-f", "image2",
                       "-update", "1", fc_local_path(arena, r->held_path), NULL);
    return fc_stitch_run(r->film, command, 1, (struct fc_share){percent_of(r), percent_of(r)});
}

static struct fc_shot_job job_of(const struct reeling *r, size_t i)
{
    const struct fc_shot *shot = &r->film->order->plan->shots[i];
    bool is_over = i > 0 && shot->in.type != FC_TRANSITION_CUT && shot->in.duration_ms > 0;

    return (struct fc_shot_job){
        .shot = shot,
        .format = &r->reel->format,
        .clip = r->reel->clips[shot->scene],
        .held = is_over ? r->held_path : NULL,
        .captions = r->captions[i],
        .n_frames = frames_of_shot(r->reel, shot),
        .clip_frames = fc_frames_of(shot->duration_ms, r->reel->format.fps),
    };
}

/* The pictures of a clip as they are. Without its sound, whose encoder's delay would shift them. */
static struct fc_command copy_command(const struct fc_stitch *s, const struct fc_shot_job *job)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);

    fc_command_add_all(&command, "-i", fc_local_path(s->arena, job->clip), "-map", "0:v:0", "-c",
                       "copy", "-video_track_timescale", "90000", "-f", "mp4", NULL);
    return command;
}

static fc_status make_shot(struct reeling *r, size_t i, bool copy_plain)
{
    const struct fc_stitch *s = r->film;
    struct fc_shot_job job = job_of(r, i);
    bool as_it_is = copy_plain && fc_shot_is_plain(&job);
    struct fc_share share = {.from = percent_of(r)};
    struct fc_command command;
    fc_status st = FC_OK;

    if (job.clip == NULL)
        return fc_fail(s->error, FC_E_VALIDATION, "The clip of scene %s is missing",
                       s->order->plan->scenes[job.shot->scene].id);
    if (fc_shot_transition_frames(&job) > 0)
        st = hold_last_frame(r, r->reel->segments[i - 1]);
    if (st != FC_OK)
        return st;
    r->reel->segments[i] = fc_stitch_file(
        s, fc_printf(s->arena, "%sshot-%04zu.mp4", r->reel->name, i));
    r->done_frames += job.n_frames;
    share.to = percent_of(r);
    command = as_it_is ? copy_command(s, &job) : fc_shot_command(s->arena, s->settings, &job);
    fc_command_add(&command, fc_local_path(s->arena, r->reel->segments[i]));
    st = fc_stitch_run(s, command, job.n_frames, share);
    return st == FC_OK ? FC_OK : fc_stitch_blame(s, st, job.clip, job.shot->scene);
}

/* Pictures can only follow each other unchanged when their headers say the same: clips that another
 * version of the encoder has made do not fit. */
static fc_status are_alike(const struct reeling *r, bool *alike)
{
    const struct fc_stitch *s = r->film;
    const struct fc_plan *plan = s->order->plan;
    bool *is_known = FC_NEW_ARRAY(s->arena, bool, plan->n_scenes + 1);
    const char *first = NULL;

    *alike = true;
    for (size_t i = 0; i < plan->n_shots && *alike; i++) {
        struct fc_shot_job job = job_of(r, i);
        /* What was encoded here is all alike; one clip is always like itself. */
        bool *known = &is_known[fc_shot_is_plain(&job) ? plan->shots[i].scene : plan->n_scenes];
        struct fc_media media;
        fc_status st = FC_OK;

        if (*known)
            continue;
        st = fc_media_probe(s->arena, s->settings, r->reel->segments[i], &media, s->error);
        if (st != FC_OK)
            return st;
        *known = true;
        first = first == NULL ? media.headers : first;
        *alike = strcmp(first, media.headers) == 0;
    }
    return FC_OK;
}

/* All of them; @again: only those that were copied, which are now encoded. */
static fc_status make_shots(struct reeling *r, bool again)
{
    const struct fc_stitch *s = r->film;
    fc_status st = FC_OK;

    r->done_frames = 0;
    for (size_t i = 0; i < s->order->plan->n_shots && st == FC_OK; i++) {
        struct fc_shot_job job = job_of(r, i);

        if (fc_watch_canceled(s->watch))
            return fc_fail(s->error, FC_E_UNAVAILABLE, "The film was canceled");
        if (!again || fc_shot_is_plain(&job))
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

    reel->segments = FC_NEW_ARRAY(s->arena, const char *, s->order->plan->n_shots);
    r.held_path = fc_stitch_file(s, fc_printf(s->arena, "%sheld.yuv", reel->name));
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

/* In this list a quote ends the name; it is closed, escaped and opened again. */
static void put_quoted(struct fc_buffer *b, const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path == '\'')
            fc_put(b, "'\\''");
        else
            fc_put_char(b, *path);
    }
}

fc_status fc_stitch_list_reel(const struct fc_stitch *s, const struct fc_reel *reel,
                              const char *path)
{
    const struct fc_plan *plan = s->order->plan;
    struct fc_buffer list = fc_buffer_in(s->arena);
    char here[4096];

    if (getcwd(here, sizeof here) == NULL)
        return fc_fail(s->error, FC_E_INTERNAL, "There is no working directory: %s",
                       strerror(errno));
    fc_put(&list, "ffconcat version 1.0\n");
    for (size_t i = 0; i < plan->n_shots; i++) {
        fc_put(&list, "file 'file:");
        if (reel->segments[i][0] != '/') {
            put_quoted(&list, here);
            fc_put(&list, "/");
        }
        put_quoted(&list, reel->segments[i]);
        /* Said and not left to the file: its sound may be a little longer than its pictures. */
        fc_putf(&list, "'\nduration %.6f\n",
                (double)frames_of_shot(reel, &plan->shots[i]) / reel->format.fps);
    }
    return fc_stitch_write(s, path, fc_span_of(list.data));
}
