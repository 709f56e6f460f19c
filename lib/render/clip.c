#include "render/clip.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/cut.h"
#include "render/probe.h"

enum { TIMEOUT_BASE_MS = 120000, TIMEOUT_PER_FRAME_MS = 1500 };

/* ---- looking ---- */

static fc_status judge(const struct fc_media *m, const struct fc_film_format *format,
                       int64_t n_frames, struct fc_error *error)
{
    if (!m->has_video || strcmp(m->video_codec, "h264") != 0 ||
        strcmp(m->pixel_format, "yuv420p") != 0)
        return fc_fail(error, FC_E_INTERNAL, "no H.264 in yuv420p");
    if (m->width != format->width || m->height != format->height || !m->is_square || m->is_rotated)
        return fc_fail(error, FC_E_INTERNAL, "%dx%d instead of %dx%d", m->width, m->height,
                       format->width, format->height);
    if (m->rate_num != format->fps || m->rate_den != 1)
        return fc_fail(error, FC_E_INTERNAL, "%d/%d frames a second", m->rate_num, m->rate_den);
    if (m->n_frames != n_frames)
        return fc_fail(error, FC_E_INTERNAL, "%lld frames instead of %lld", (long long)m->n_frames,
                       (long long)n_frames);
    if (!m->has_audio || m->sample_rate != FC_AUDIO_RATE || m->channels != FC_AUDIO_CHANNELS)
        return fc_fail(error, FC_E_INTERNAL, "no 48 kHz stereo sound");
    return FC_OK;
}

fc_status fc_clip_check(const struct fc_render_settings *settings, const char *path,
                        const struct fc_film_format *format, int64_t n_frames,
                        struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_media media;
    fc_status st = fc_media_probe(arena, settings, path, &media, error);

    return st == FC_OK ? judge(&media, format, n_frames, error) : st;
}

/* ---- making it fit ---- */

/* The picture's graph: upright (ffmpeg turns by itself), square pixels, inside the frame, black
 * around it. */
static const char *fit(struct fc_arena *arena, int width, int height)
{
    return fc_printf(
        arena,
        "scale=w='max(2,trunc(iw*if(sar,sar,1)))':h=ih,setsar=1,"
        "scale=w=%d:h=%d:force_original_aspect_ratio=decrease:flags=bicubic+accurate_rnd:"
        "out_range=tv:out_color_matrix=bt709,"
        "pad=w=%d:h=%d:x=(ow-iw)/2:y=(oh-ih)/2,setsar=1",
        width, height, width, height);
}

static struct fc_command fitting_command(struct fc_arena *arena,
                                         const struct fc_render_settings *settings, const char *in,
                                         const struct fc_media *media,
                                         const struct fc_film_format *format, int64_t n_frames)
{
    struct fc_command command = fc_command_ffmpeg(arena, settings);
    double seconds = (double)n_frames / format->fps;

    /* What cannot be decoded is no picture of the scene: another attempt may bring a whole one. */
    fc_command_add(&command, "-xerror");
    fc_command_add_foreign(&command, in);
    if (!media->has_audio)
        fc_command_add_all(&command, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", NULL);
    fc_command_add(&command, "-filter_complex");
    fc_command_addf(
        &command,
        "[0:v:0]setpts=PTS-STARTPTS,fps=%d,%s,format=yuv420p,"
        "tpad=stop_mode=clone:stop=-1,trim=end_frame=%lld[v];"
        "[%d:a:0]aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo,apad,"
        "atrim=end=%.6f[a]",
        format->fps, fit(arena, format->width, format->height), (long long)n_frames,
        media->has_audio ? 0 : 1, seconds);
    fc_command_add_all(&command, "-map", "[v]", "-map", "[a]", NULL);
    fc_command_add_h264(&command, format);
    fc_command_add_aac(&command);
    fc_command_add_all(&command, "-movflags", "+faststart", "-f", "mp4", NULL);
    return command;
}

/* A failure that is the clip's own fault, not ours, unless it was canceled. */
static fc_status blame(fc_status st, const char *what, struct fc_error *error)
{
    struct fc_error cause = *error;

    return st == FC_E_UNAVAILABLE || st == FC_E_NOT_FOUND
               ? st
               : fc_fail(error, st, "%s: %.600s", what, cause.text);
}

static fc_status move(const char *from, const char *to, struct fc_error *error)
{
    if (rename(from, to) != 0)
        return fc_fail(error, FC_E_INTERNAL, "The clip cannot be moved: %s", strerror(errno));
    return FC_OK;
}

/* Runs @command, which writes to @part, and puts that in @in's place under @out. */
static fc_status replace(struct fc_run *run, const char *in, const char *part, const char *out,
                         const struct fc_watch *watch, struct fc_error *error)
{
    fc_status st;

    fc_command_add(&run->command, fc_local_path(run->command.arena, part));
    st = fc_run_ffmpeg(run, watch, error);
    if (st == FC_OK)
        st = move(part, out, error);
    if (st != FC_OK)
        (void)unlink(part); /* may not be there */
    else if (strcmp(in, out) != 0)
        (void)unlink(in); /* a leftover goes with the work folder */
    return st;
}

fc_status fc_clip_normalise(const struct fc_render_settings *settings, const char *in,
                            const char *out, const struct fc_film_format *format,
                            int64_t duration_ms, const struct fc_watch *watch,
                            struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_error own;
    struct fc_media media;
    int64_t n_frames = fc_frames_of(duration_ms, format->fps);
    struct fc_run run = {.timeout_ms = TIMEOUT_BASE_MS + TIMEOUT_PER_FRAME_MS * n_frames,
                         .length_us = n_frames * 1000000 / format->fps,
                         .to = 100};
    fc_status st;

    error = error != NULL ? error : &own;
    st = fc_media_probe(arena, settings, in, &media, error);
    if (st != FC_OK)
        return blame(st, "The clip cannot be read", error);
    if (!media.has_video)
        return fc_fail(error, FC_E_VALIDATION, "The clip holds no pictures");
    if (fc_file_is_cut(in))
        return fc_fail(error, FC_E_VALIDATION, "The clip cannot be read: it ends too early");
    if (fc_text_equal(media.comment, FC_CLIP_MARK) &&
        judge(&media, format, n_frames, error) == FC_OK)
        return move(in, out, error);
    run.command = fitting_command(arena, settings, in, &media, format, n_frames);
    st = replace(&run, in, fc_printf(arena, "%s.part", out), out, watch, error);
    if (st == FC_OK)
        st = fc_clip_check(settings, out, format, n_frames, error);
    return st == FC_OK ? FC_OK : blame(st, "The clip cannot be made to fit", error);
}

fc_status fc_still_normalise(const struct fc_render_settings *settings, const char *in,
                             const char *out, const struct fc_film_format *format,
                             const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_error own;
    struct fc_media media;
    struct fc_run run = {.timeout_ms = TIMEOUT_BASE_MS};
    fc_status st;

    error = error != NULL ? error : &own;
    st = fc_media_probe(arena, settings, in, &media, error);
    if (st != FC_OK)
        return blame(st, "The image cannot be read", error);
    if (!media.has_video)
        return fc_fail(error, FC_E_VALIDATION, "The file holds no image");
    run.command = fc_command_ffmpeg(arena, settings);
    /* A picture that is not all there would be gray from somewhere on. */
    fc_command_add_all(&run.command, "-xerror", "-err_detect", "explode", NULL);
    fc_command_add_foreign(&run.command, in);
    fc_command_add_all(&run.command, "-vf", fit(arena, format->width, format->height), "-frames:v",
                       "1", "-c:v", "png", "-pix_fmt", "rgb24", "-f", "image2", "-update", "1",
                       NULL);
    st = replace(&run, in, fc_printf(arena, "%s.part", out), out, watch, error);
    return st == FC_OK ? FC_OK : blame(st, "The image cannot be made to fit", error);
}
