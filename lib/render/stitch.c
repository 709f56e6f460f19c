#include "render/stitch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/captions.h"
#include "render/cut.h"
#include "render/probe.h"
#include "render/stitch_parts.h"

enum { TIMEOUT_BASE_MS = 120000, TIMEOUT_PER_FRAME_MS = 1500 };

/* Where the percent go. */
enum { SOUND_PERCENT = 8, FILMS_PERCENT = 96, THUMBNAIL_PERCENT = 97 };

const char *fc_stitch_file(const struct fc_stitch *s, const char *name)
{
    return fc_printf(s->arena, "%s/%s", s->order->work_dir, name);
}

fc_status fc_stitch_write(const struct fc_stitch *s, const char *path, struct fc_span text)
{
    FILE *out = fopen(path, "we");
    bool is_written = out != NULL && fwrite(text.at, 1, text.n, out) == text.n;

    if (out != NULL && fclose(out) != 0)
        is_written = false;
    return is_written ? FC_OK
                      : fc_fail(s->error, FC_E_INTERNAL, "%s cannot be written: %s", path,
                                strerror(errno));
}

fc_status fc_stitch_run(const struct fc_stitch *s, struct fc_command command, int64_t frames,
                        struct fc_share share)
{
    struct fc_run task = {.command = command,
                          .timeout_ms = TIMEOUT_BASE_MS + TIMEOUT_PER_FRAME_MS * frames,
                          .length_us = frames * 1000000 / s->order->format.fps,
                          .from = share.from,
                          .to = share.to};

    return fc_run_ffmpeg(&task, s->watch, s->error);
}

/* Whether it can be read to its end, by itself. */
static bool is_broken(const struct fc_stitch *s, const char *clip)
{
    struct fc_error why;
    struct fc_run task = {.command = fc_command_ffmpeg(s->arena, s->settings),
                          .timeout_ms = TIMEOUT_BASE_MS};

    if (fc_file_is_cut(clip))
        return true;
    fc_command_add_all(&task.command, "-xerror", "-i", fc_local_path(s->arena, clip), "-map",
                       "0:v:0", "-f", "null", "-", NULL);
    return fc_run_ffmpeg(&task, s->watch, &why) == FC_E_INTERNAL;
}

fc_status fc_stitch_blame(const struct fc_stitch *s, fc_status st, const char *clip, size_t scene)
{
    if (st != FC_E_INTERNAL || !is_broken(s, clip))
        return st;
    return fc_fail(s->error, FC_E_VALIDATION, "The clip of scene %s is broken",
                   s->order->plan->scenes[scene].id);
}

/* ---- sound ---- */

static const char *sound_path(const struct fc_stitch *s)
{
    return fc_stitch_file(s, "sound.m4a");
}

static fc_status make_sound(const struct fc_stitch *s)
{
    fc_status st = fc_stitch_sound(s, sound_path(s));

    fc_watch_progress(s->watch, SOUND_PERCENT);
    return st;
}

/* ---- the film, and the same in other shapes ---- */

/* Pictures and sound, as they are, into the file @path. */
static fc_status join(const struct fc_stitch *s, const struct fc_reel *reel, const char *path,
                      struct fc_share share)
{
    const char *list = fc_stitch_file(s, fc_printf(s->arena, "%sshots.ffconcat", reel->name));
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);
    fc_status st = fc_stitch_list_reel(s, reel, list);

    if (st != FC_OK)
        return st;
    /* Sound in a clip begins a little before its pictures; -copyts: it shall not move them. */
    fc_command_add_all(&command, "-copyts", "-f", "concat", "-safe", "0", "-i",
                       fc_local_path(s->arena, list), "-i", fc_local_path(s->arena, sound_path(s)),
                       "-map", "0:v:0", "-map", "1:a:0", "-c", "copy", "-video_track_timescale",
                       "90000", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags",
                       "+bitexact", "-metadata", NULL);
    fc_command_addf(&command, "title=%s", s->order->plan->title);
    fc_command_add_all(&command, "-movflags", "+faststart", "-f", "mp4",
                       fc_local_path(s->arena, path), NULL);
    return fc_stitch_run(s, command, s->n_frames, share);
}

/* The file is believed only after ffprobe has seen it. */
static fc_status inspect(const struct fc_stitch *s, const struct fc_film_format *format,
                         const char *path, struct fc_media *media)
{
    fc_status st = fc_media_probe(s->arena, s->settings, path, media, s->error);

    if (st != FC_OK)
        return st;
    if (media->n_frames != s->n_frames || !media->has_audio || media->width != format->width ||
        media->height != format->height)
        return fc_fail(s->error, FC_E_INTERNAL,
                       "The film has %lld frames of %dx%d instead of %lld of %dx%d",
                       (long long)media->n_frames, media->width, media->height,
                       (long long)s->n_frames, format->width, format->height);
    return FC_OK;
}

static fc_status make_reel(const struct fc_stitch *s, struct fc_reel *reel, const char *path,
                           struct fc_share share, struct fc_media *media)
{
    fc_status st = fc_stitch_reel(s, reel, fc_share_part(share, 0, 0.9));

    if (st != FC_OK)
        return st;
    st = join(s, reel, path, fc_share_part(share, 0.9, 1));
    if (st == FC_OK)
        st = inspect(s, &reel->format, path, media);
    if (st != FC_OK)
        return fc_stitch_blame_reel(s, st, reel);
    for (size_t i = 0; i < s->order->plan->n_shots; i++) {
        if (reel->segments[i].made != NULL)
            (void)unlink(reel->segments[i].made); /* room; the rest goes with the folder */
    }
    return FC_OK;
}

/* The film and its renditions take about as long as each other. */
static struct fc_share share_of(const struct fc_stitch *s, size_t i)
{
    double n = (double)(1 + s->order->n_renditions);

    return fc_share_part((struct fc_share){SOUND_PERCENT, FILMS_PERCENT}, (double)i / n,
                         (double)(i + 1) / n);
}

static fc_status make_film(const struct fc_stitch *s)
{
    struct fc_reel reel = {.name = "", .format = s->order->format, .clips = s->order->clips};
    const char *path = fc_stitch_file(s, "final.mp4");
    struct fc_media media;
    fc_status st = make_reel(s, &reel, path, share_of(s, 0), &media);

    if (st != FC_OK)
        return st;
    s->film->video_path = path;
    s->film->duration_ms = (media.n_frames * 1000 + reel.format.fps / 2) / reel.format.fps;
    s->film->size_bytes = media.size_bytes;
    return FC_OK;
}

char *fc_rendition_name(struct fc_arena *arena, const struct fc_rendition *rendition)
{
    return fc_printf(arena, "final_%dx%d_%s.mp4", rendition->width, rendition->height,
                     fc_fit_name(rendition->fit));
}

static fc_status make_rendition(const struct fc_stitch *s, size_t i)
{
    const struct fc_rendition *rendition = &s->order->renditions[i];
    struct fc_reel reel = {.name = fc_printf(s->arena, "rendition-%zu-", i),
                           .format = s->order->format};
    const char *path = fc_stitch_file(s, fc_rendition_name(s->arena, rendition));
    struct fc_share share = share_of(s, i + 1);
    struct fc_media media;
    fc_status st;

    reel.format.width = rendition->width;
    reel.format.height = rendition->height;
    st = fc_stitch_fit(s, &reel, rendition->fit, fc_share_part(share, 0, 0.6));
    if (st == FC_OK)
        st = make_reel(s, &reel, path, fc_share_part(share, 0.6, 1), &media);
    for (size_t k = 0; k < s->order->plan->n_scenes && st == FC_OK; k++) {
        if (reel.clips[k] != NULL)
            (void)unlink(reel.clips[k]);
    }
    s->film->rendition_paths[i] = path;
    return st;
}

static fc_status make_renditions(const struct fc_stitch *s)
{
    const struct fc_film_order *order = s->order;
    fc_status st = FC_OK;

    s->film->rendition_paths = FC_NEW_ARRAY(s->arena, const char *, order->n_renditions);
    for (size_t i = 0; i < order->n_renditions && st == FC_OK; i++) {
        if (order->renditions[i].width == order->format.width &&
            order->renditions[i].height == order->format.height)
            s->film->rendition_paths[i] = s->film->video_path; /* there is nothing to fit */
        else
            st = make_rendition(s, i);
    }
    return st;
}

/* ---- what goes with it ---- */

static fc_status make_thumbnail(const struct fc_stitch *s)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);
    bool is_short = s->n_frames <= s->order->format.fps;

    s->film->thumbnail_path = fc_stitch_file(s, "thumbnail.jpg");
    fc_command_add_all(&command, is_short ? "-sseof" : "-ss", is_short ? "-0.5" : "1", "-i",
                       fc_local_path(s->arena, s->film->video_path), "-map", "0:v:0", NULL);
    if (!is_short)
        fc_command_add_all(&command, "-frames:v", "1", NULL);
    fc_command_add_all(&command, "-vf", "scale=out_range=pc", "-c:v", "mjpeg", "-pix_fmt",
                       "yuvj420p", "-q:v", "3", "-f", "image2", "-update", "1",
                       fc_local_path(s->arena, s->film->thumbnail_path), NULL);
    return fc_stitch_run(s, command, 1, (struct fc_share){FILMS_PERCENT, THUMBNAIL_PERCENT});
}

static fc_status make_sheet(const struct fc_stitch *s)
{
    s->film->sheet_path = fc_stitch_file(s, "contact_sheet.jpg");
    return fc_stitch_sheet(s, s->film->sheet_path);
}

static fc_status make_captions(const struct fc_stitch *s)
{
    const struct fc_plan *plan = s->order->plan;
    struct fc_buffer srt = fc_buffer_in(s->arena), vtt = fc_buffer_in(s->arena);
    fc_status st;

    if (plan->n_captions == 0)
        return FC_OK;
    fc_put_srt(&srt, plan->captions, plan->n_captions);
    fc_put_vtt(&vtt, plan->captions, plan->n_captions);
    s->film->srt_path = fc_stitch_file(s, "captions.srt");
    s->film->vtt_path = fc_stitch_file(s, "captions.vtt");
    st = fc_stitch_write(s, s->film->srt_path, fc_span_of(srt.data));
    return st == FC_OK ? fc_stitch_write(s, s->film->vtt_path, fc_span_of(vtt.data)) : st;
}

/* ---- all of it ---- */

static fc_status (*const stages[])(const struct fc_stitch *) = {
    make_sound, make_film, make_renditions, make_thumbnail, make_sheet, make_captions};

/* Between the parts and the caller: what has been told never goes back. */
struct audience {
    const struct fc_watch *watch;
    double reached; /* percent */
};

static void forward_progress(void *context, double percent)
{
    struct audience *audience = context;

    if (percent > audience->reached) {
        audience->reached = percent;
        fc_watch_progress(audience->watch, percent);
    }
}

static bool forward_canceled(void *context)
{
    return fc_watch_canceled(((struct audience *)context)->watch);
}

fc_status fc_film_stitch(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const struct fc_film_order *order, const struct fc_watch *watch,
                         struct fc_film *film, struct fc_error *error)
{
    struct audience audience = {.watch = watch};
    struct fc_watch forward = {forward_canceled, forward_progress, &audience};
    struct fc_film made = {0};
    struct fc_stitch s = {.arena = arena,
                          .settings = settings,
                          .order = order,
                          .watch = &forward,
                          .error = error,
                          .film = &made,
                          .n_frames = fc_frames_of(order->plan->duration_ms, order->format.fps)};
    fc_status st = FC_OK;

    for (size_t i = 0; i < sizeof stages / sizeof *stages && st == FC_OK; i++)
        st = stages[i](&s);
    if (st != FC_OK)
        return st;
    fc_watch_progress(&forward, 100);
    *film = made;
    return FC_OK;
}
