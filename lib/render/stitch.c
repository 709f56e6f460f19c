#include "render/stitch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/captions.h"
#include "render/mix.h"
#include "render/probe.h"
#include "render/shot.h"

enum { TIMEOUT_BASE_MS = 120000, TIMEOUT_PER_FRAME_MS = 1500 };

/* As loud as what people watch elsewhere: nobody has to turn a knob. */
static const double film_lufs = -16;

/* Where the percent go. */
enum { SHOTS_PERCENT = 80, SOUND_PERCENT = 88, JOINED_PERCENT = 97 };

/* One making of a film. */
struct stitch {
    struct fc_arena *arena;
    const struct fc_render_settings *settings;
    const struct fc_film_order *order;
    const struct fc_watch *watch; /* forwards to the caller's, but never goes back */
    const struct fc_watch *callers;
    double reached; /* percent */
    struct fc_error *error;
    struct fc_film *film;

    const char **segments; /* a file of pictures for each shot */
    int64_t total_frames, done_frames;
    const char *held_path; /* last frame of the shot before */
    const char *mix_path;
    struct fc_mix_sound *sounds;
    size_t n_sounds;
};

static const char *file(const struct stitch *s, const char *name)
{
    return fc_printf(s->arena, "%s/%s", s->order->work_dir, name);
}

static fc_status write_file(struct stitch *s, const char *path, const struct fc_buffer *text)
{
    FILE *out = fopen(path, "we");
    bool is_written = out != NULL && fwrite(text->data, 1, text->n, out) == text->n;

    if (out != NULL && fclose(out) != 0)
        is_written = false;
    return is_written ? FC_OK
                      : fc_fail(s->error, FC_E_INTERNAL, "%s cannot be written: %s", path,
                                strerror(errno));
}

static fc_status run(struct stitch *s, struct fc_command command, int64_t frames, double from,
                     double to)
{
    struct fc_run task = {.command = command,
                          .timeout_ms = TIMEOUT_BASE_MS + TIMEOUT_PER_FRAME_MS * frames,
                          .length_us = frames * 1000000 / s->order->format.fps,
                          .from = from,
                          .to = to};

    return fc_run_ffmpeg(&task, s->watch, s->error);
}

/* ---- pictures ---- */

/* Frames are counted from the beginning of the film, so that roundings never add up. */
static int64_t frames_of_shot(const struct stitch *s, const struct fc_shot *shot)
{
    int fps = s->order->format.fps;

    return fc_frames_of(shot->start_ms + shot->duration_ms, fps) -
           fc_frames_of(shot->start_ms, fps);
}

static double shots_percent(const struct stitch *s)
{
    return SHOTS_PERCENT * (double)s->done_frames /
           (double)(s->total_frames > 0 ? s->total_frames : 1);
}

/* The muxer writes every frame over the one before: what stays is the last. */
static fc_status hold_last_frame(struct stitch *s, const char *segment)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);

    fc_command_add_all(&command, "-sseof", "-0.5", "-i", fc_local_path(s->arena, segment), "-map",
                       "0:v:0", "-pix_fmt", "yuv420p", "-c:v", "rawvideo", "-f", "image2",
                       "-update", "1", fc_local_path(s->arena, s->held_path), NULL);
    return run(s, command, 1, shots_percent(s), shots_percent(s));
}

static struct fc_shot_job job_of(const struct stitch *s, size_t i)
{
    const struct fc_shot *shot = &s->order->plan->shots[i];
    bool is_over = i > 0 && shot->in.type != FC_TRANSITION_CUT && shot->in.duration_ms > 0;

    return (struct fc_shot_job){
        .shot = shot,
        .format = &s->order->format,
        .clip = s->order->clips[shot->scene],
        .held = is_over ? s->held_path : NULL,
        .n_frames = frames_of_shot(s, shot),
        .clip_frames = fc_frames_of(shot->duration_ms, s->order->format.fps),
    };
}

/* The pictures of a clip as they are. Without its sound, whose encoder's delay would shift them. */
static struct fc_command copy_command(const struct stitch *s, const struct fc_shot_job *job)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);

    fc_command_add_all(&command, "-i", fc_local_path(s->arena, job->clip), "-map", "0:v:0", "-c",
                       "copy", "-video_track_timescale", "90000", "-f", "mp4", NULL);
    return command;
}

static fc_status make_shot(struct stitch *s, size_t i, bool copy_plain)
{
    struct fc_shot_job job = job_of(s, i);
    bool as_it_is = copy_plain && fc_shot_is_plain(&job);
    double from = shots_percent(s);
    struct fc_command command;
    fc_status st = FC_OK;

    if (job.clip == NULL)
        return fc_fail(s->error, FC_E_VALIDATION, "The clip of scene %s is missing",
                       s->order->plan->scenes[job.shot->scene].id);
    if (fc_shot_transition_frames(&job) > 0)
        st = hold_last_frame(s, s->segments[i - 1]);
    if (st != FC_OK)
        return st;
    s->segments[i] = file(s, fc_printf(s->arena, "shot-%04zu.mp4", i));
    s->done_frames += job.n_frames;
    command = as_it_is ? copy_command(s, &job) : fc_shot_command(s->arena, s->settings, &job);
    fc_command_add(&command, fc_local_path(s->arena, s->segments[i]));
    return run(s, command, job.n_frames, from, shots_percent(s));
}

/* Pictures can only follow each other unchanged when their headers say the same: clips that another
 * version of the encoder has made do not fit. */
static fc_status are_alike(struct stitch *s, bool *alike)
{
    const char *first = NULL;

    *alike = true;
    for (size_t i = 0; i < s->order->plan->n_shots && *alike; i++) {
        struct fc_media media;
        fc_status st = fc_media_probe(s->arena, s->settings, s->segments[i], &media, s->error);

        if (st != FC_OK)
            return st;
        first = first == NULL ? media.headers : first;
        *alike = strcmp(first, media.headers) == 0;
    }
    return FC_OK;
}

static fc_status make_shots(struct stitch *s, bool copy_plain)
{
    fc_status st = FC_OK;

    s->done_frames = 0;
    for (size_t i = 0; i < s->order->plan->n_shots && st == FC_OK; i++) {
        if (fc_watch_canceled(s->watch))
            return fc_fail(s->error, FC_E_UNAVAILABLE, "The film was canceled");
        st = make_shot(s, i, copy_plain);
    }
    return st;
}

static fc_status make_pictures(struct stitch *s)
{
    bool alike;
    fc_status st = make_shots(s, true);

    if (st == FC_OK)
        st = are_alike(s, &alike);
    if (st == FC_OK && !alike)
        st = make_shots(s, false);
    return st;
}

/* ---- sound ---- */

static int64_t samples_of(int64_t ms)
{
    return ms * (FC_AUDIO_RATE / 1000);
}

/* Decodes each file once; NULL in *@path for what is no sound, or cannot be heard. */
static fc_status decode(struct stitch *s, const char *in, const char *name, double seconds,
                        bool *can_be_heard)
{
    struct fc_error why;
    const char *path = file(s, name);
    fc_status st = fc_mix_decode(s->settings, in, path, seconds, s->watch, &why);

    *can_be_heard = st == FC_OK && !fc_mix_is_silent(path);
    if (st == FC_E_INTERNAL) { /* a broken sound is left out, like a missing one */
        s->film->n_unreadable++;
        return FC_OK;
    }
    return st == FC_OK ? FC_OK : fc_fail(s->error, st, "%s", why.text);
}

static fc_status add_cue(struct stitch *s, size_t i)
{
    const struct fc_cue *cue = &s->order->plan->cues[i];
    const char *in = s->order->sounds[i], *name = NULL;
    bool can_be_heard = true;
    fc_status st = FC_OK;

    for (size_t k = 0; k < i && name == NULL; k++) { /* the same file sounds often */
        if (s->order->sounds[k] != NULL && strcmp(s->order->sounds[k], in) == 0)
            name = fc_printf(s->arena, "sound-%zu.pcm", k);
    }
    if (name == NULL) {
        name = fc_printf(s->arena, "sound-%zu.pcm", i);
        st = decode(s, in, name, (double)s->order->plan->duration_ms / 1000, &can_be_heard);
    }
    if (st != FC_OK || !can_be_heard || access(file(s, name), R_OK) != 0)
        return st;
    s->sounds[s->n_sounds++] = (struct fc_mix_sound){.path = file(s, name),
                                                     .start = samples_of(cue->start_ms),
                                                     .end = samples_of(cue->end_ms),
                                                     .volume = cue->volume,
                                                     .fade_in = samples_of(cue->fade_in_ms),
                                                     .fade_out = samples_of(cue->fade_out_ms),
                                                     .loop = cue->loop};
    return FC_OK;
}

/* What a clip itself sounds like is heard wherever it plays; most clips are silent. */
static fc_status add_scene_sound(struct stitch *s, size_t scene)
{
    const struct fc_plan *plan = s->order->plan;
    const char *name = fc_printf(s->arena, "scene-%zu.pcm", scene);
    bool can_be_heard = false;
    fc_status st = FC_OK;

    if (s->order->clips[scene] != NULL)
        st = decode(s, s->order->clips[scene], name, (double)plan->scenes[scene].duration_ms / 1000,
                    &can_be_heard);
    for (size_t i = 0; i < plan->n_shots && can_be_heard; i++) {
        const struct fc_shot *shot = &plan->shots[i];

        if (shot->scene == scene)
            s->sounds[s->n_sounds++] = (struct fc_mix_sound){
                .path = file(s, name),
                .start = samples_of(shot->start_ms),
                .end = samples_of(shot->start_ms + shot->duration_ms),
                .volume = 1};
    }
    return st;
}

static fc_status make_sound(struct stitch *s)
{
    const struct fc_plan *plan = s->order->plan;
    int64_t length = s->total_frames * FC_AUDIO_RATE / s->order->format.fps;
    fc_status st = FC_OK;

    s->sounds = FC_NEW_ARRAY(s->arena, struct fc_mix_sound, plan->n_cues + plan->n_shots);
    for (size_t i = 0; i < plan->n_cues && st == FC_OK; i++) {
        if (s->order->sounds[i] != NULL)
            st = add_cue(s, i);
    }
    for (size_t i = 0; i < plan->n_scenes && st == FC_OK; i++) {
        if (plan->scenes[i].is_played)
            st = add_scene_sound(s, i);
    }
    s->mix_path = file(s, "mix.pcm");
    if (st == FC_OK)
        st = fc_mix(s->sounds, s->n_sounds, length, film_lufs, s->mix_path, s->watch, s->error);
    fc_watch_progress(s->watch, SOUND_PERCENT);
    return st;
}

/* ---- the film ---- */

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

static fc_status write_list(struct stitch *s, const char *path)
{
    struct fc_buffer list = fc_buffer_in(s->arena);
    char here[4096];

    if (getcwd(here, sizeof here) == NULL)
        return fc_fail(s->error, FC_E_INTERNAL, "There is no working directory: %s",
                       strerror(errno));
    fc_put(&list, "ffconcat version 1.0\n");
    for (size_t i = 0; i < s->order->plan->n_shots; i++) {
        fc_put(&list, "file 'file:");
        if (s->segments[i][0] != '/') {
            put_quoted(&list, here);
            fc_put(&list, "/");
        }
        put_quoted(&list, s->segments[i]);
        /* Said and not left to the file: its sound may be a little longer than its pictures. */
        fc_putf(&list, "'\nduration %.6f\n",
                (double)frames_of_shot(s, &s->order->plan->shots[i]) / s->order->format.fps);
    }
    return write_file(s, path, &list);
}

static fc_status join(struct stitch *s)
{
    const char *list = file(s, "shots.ffconcat");
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);
    fc_status st = write_list(s, list);

    if (st != FC_OK)
        return st;
    s->film->video_path = file(s, "final.mp4");
    fc_command_add_all(&command, "-f", "concat", "-safe", "0", "-i", fc_local_path(s->arena, list),
                       "-f", "s16le", "-ar", "48000", "-ac", "2", "-i",
                       fc_local_path(s->arena, s->mix_path), "-map", "0:v:0", "-map", "1:a:0",
                       "-c:v", "copy", "-video_track_timescale", "90000", "-map_metadata", "-1",
                       "-map_chapters", "-1", "-fflags", "+bitexact", NULL);
    fc_command_add_aac(&command);
    fc_command_add(&command, "-metadata");
    fc_command_addf(&command, "title=%s", s->order->plan->title);
    fc_command_add_all(&command, "-movflags", "+faststart", "-f", "mp4",
                       fc_local_path(s->arena, s->film->video_path), NULL);
    return run(s, command, s->total_frames, SOUND_PERCENT, JOINED_PERCENT);
}

static fc_status make_thumbnail(struct stitch *s)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);
    bool is_short = s->total_frames <= s->order->format.fps;

    s->film->thumbnail_path = file(s, "thumbnail.jpg");
    fc_command_add_all(&command, is_short ? "-sseof" : "-ss", is_short ? "-0.5" : "1", "-i",
                       fc_local_path(s->arena, s->film->video_path), "-map", "0:v:0", NULL);
    if (!is_short)
        fc_command_add_all(&command, "-frames:v", "1", NULL);
    fc_command_add_all(&command, "-vf", "scale=out_range=pc", "-c:v", "mjpeg", "-pix_fmt",
                       "yuvj420p", "-q:v", "3", "-f", "image2", "-update", "1",
                       fc_local_path(s->arena, s->film->thumbnail_path), NULL);
    return run(s, command, 1, JOINED_PERCENT, 99);
}

static fc_status make_captions(struct stitch *s)
{
    const struct fc_plan *plan = s->order->plan;
    struct fc_buffer srt = fc_buffer_in(s->arena), vtt = fc_buffer_in(s->arena);
    fc_status st;

    if (plan->n_captions == 0)
        return FC_OK;
    fc_put_srt(&srt, plan->captions, plan->n_captions);
    fc_put_vtt(&vtt, plan->captions, plan->n_captions);
    s->film->srt_path = file(s, "captions.srt");
    s->film->vtt_path = file(s, "captions.vtt");
    st = write_file(s, s->film->srt_path, &srt);
    return st == FC_OK ? write_file(s, s->film->vtt_path, &vtt) : st;
}

/* The file is believed only after ffprobe has seen it. */
static fc_status inspect(struct stitch *s)
{
    struct fc_media media;
    fc_status st = fc_media_probe(s->arena, s->settings, s->film->video_path, &media, s->error);

    if (st != FC_OK)
        return st;
    if (media.n_frames != s->total_frames || !media.has_audio ||
        media.width != s->order->format.width || media.height != s->order->format.height)
        return fc_fail(s->error, FC_E_INTERNAL,
                       "The film has %lld frames of %dx%d instead of %lld of %dx%d",
                       (long long)media.n_frames, media.width, media.height,
                       (long long)s->total_frames, s->order->format.width, s->order->format.height);
    s->film->duration_ms = (media.n_frames * 1000 + s->order->format.fps / 2) /
                           s->order->format.fps;
    s->film->size_bytes = media.size_bytes;
    fc_watch_progress(s->watch, 100);
    return FC_OK;
}

static fc_status (*const stages[])(struct stitch *) = {make_pictures,  make_sound,    join,
                                                       make_thumbnail, make_captions, inspect};

static void forward_progress(void *context, double percent)
{
    struct stitch *s = context;

    if (percent > s->reached) {
        s->reached = percent;
        fc_watch_progress(s->callers, percent);
    }
}

static bool forward_canceled(void *context)
{
    return fc_watch_canceled(((struct stitch *)context)->callers);
}

fc_status fc_film_stitch(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const struct fc_film_order *order, const struct fc_watch *watch,
                         struct fc_film *film, struct fc_error *error)
{
    struct fc_film made = {0};
    struct stitch s = {.arena = arena,
                       .settings = settings,
                       .order = order,
                       .callers = watch,
                       .error = error,
                       .film = &made};
    struct fc_watch forward = {forward_canceled, forward_progress, &s};
    fc_status st = FC_OK;

    s.watch = &forward;
    s.segments = FC_NEW_ARRAY(arena, const char *, order->plan->n_shots);
    s.total_frames = fc_frames_of(order->plan->duration_ms, order->format.fps);
    s.held_path = file(&s, "held.yuv");
    for (size_t i = 0; i < sizeof stages / sizeof *stages && st == FC_OK; i++)
        st = stages[i](&s);
    if (st == FC_OK)
        *film = made;
    return st;
}
