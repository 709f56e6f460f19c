#include "render/probe.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "process/process.h"
#include "render/encode.h"
#include "json/json.h"

enum { TIMEOUT_MS = 30000, OUTPUT_MAX = 256 * 1024 };

static const char *text_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = object != NULL ? fc_json_have(object, name) : NULL;

    return value != NULL && fc_json_type(value) == FC_JSON_STRING ? fc_json_string(value) : "";
}

/* ffprobe writes some numbers as numbers and some as strings. */
static int64_t integer_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = object != NULL ? fc_json_have(object, name) : NULL;
    int64_t number = 0;

    if (value != NULL && fc_json_type(value) == FC_JSON_NUMBER)
        return fc_json_int(value, &number) ? number : 0;
    return fc_int_parse(text_of(object, name), &number) ? number : 0;
}

static const struct fc_json *child_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *child = object != NULL ? fc_json_have(object, name) : NULL;

    return child != NULL && fc_json_type(child) == FC_JSON_OBJECT ? child : NULL;
}

static int64_t microseconds(const char *seconds)
{
    double value = strtod(seconds, NULL); /* 0 for "N/A" and the like */

    return value > 0 && value < 1e9 ? (int64_t)(value * 1e6 + 0.5) : 0;
}

static bool turns(const struct fc_json *stream)
{
    const struct fc_json *list = fc_json_have(stream, "side_data_list");

    if (list == NULL || fc_json_type(list) != FC_JSON_ARRAY)
        return false;
    for (const struct fc_json *item = fc_json_first(list); item != NULL;
         item = fc_json_next(item)) {
        if (integer_of(item, "rotation") != 0)
            return true;
    }
    return false;
}

/* "24000/1001"; 0/0 when it is no such text. */
static void read_rate(const char *rate, int *num, int *den)
{
    char *slash;
    long above = strtol(rate, &slash, 10), below = *slash == '/' ? strtol(slash + 1, NULL, 10) : 0;
    bool fits = above > 0 && above <= INT_MAX && below > 0 && below <= INT_MAX;

    *num = fits ? (int)above : 0;
    *den = fits ? (int)below : 0;
}

static void read_video(const struct fc_json *stream, struct fc_media *media)
{
    const char *ratio = text_of(stream, "sample_aspect_ratio");
    const char *rate = text_of(stream, "r_frame_rate");

    media->has_video = true;
    media->video_codec = text_of(stream, "codec_name");
    media->pixel_format = text_of(stream, "pix_fmt");
    media->width = (int)integer_of(stream, "width");
    media->height = (int)integer_of(stream, "height");
    read_rate(rate, &media->rate_num, &media->rate_den);
    media->is_square = ratio[0] == '\0' || strcmp(ratio, "1:1") == 0;
    media->is_variable = strcmp(rate, text_of(stream, "avg_frame_rate")) != 0;
    media->is_rotated = turns(stream);
    media->n_frames = integer_of(stream, "nb_frames");
}

static void read_audio(const struct fc_json *stream, struct fc_media *media)
{
    media->has_audio = true;
    media->audio_codec = text_of(stream, "codec_name");
    media->sample_rate = (int)integer_of(stream, "sample_rate");
    media->channels = (int)integer_of(stream, "channels");
}

static void read_streams(const struct fc_json *streams, struct fc_media *media)
{
    for (const struct fc_json *stream = fc_json_first(streams); stream != NULL;
         stream = fc_json_next(stream)) {
        const char *type = text_of(stream, "codec_type");
        bool is_cover = integer_of(child_of(stream, "disposition"), "attached_pic") != 0;

        if (strcmp(type, "video") == 0 && !is_cover && !media->has_video)
            read_video(stream, media);
        if (strcmp(type, "audio") == 0 && !media->has_audio)
            read_audio(stream, media);
    }
}

static fc_status read_report(struct fc_arena *arena, struct fc_span text, struct fc_media *media,
                             struct fc_error *error)
{
    const struct fc_json *report, *streams, *format;
    fc_status st = fc_json_parse(arena, text.at, text.n, &report, error);

    if (st != FC_OK)
        return st;
    streams = fc_json_type(report) == FC_JSON_OBJECT ? fc_json_have(report, "streams") : NULL;
    format = child_of(report, "format");
    if (streams == NULL || fc_json_type(streams) != FC_JSON_ARRAY || format == NULL)
        return fc_fail(error, FC_E_VALIDATION, "ffprobe found nothing");
    read_streams(streams, media);
    media->format = text_of(format, "format_name");
    media->comment = text_of(child_of(format, "tags"), "comment");
    media->duration_us = microseconds(text_of(format, "duration"));
    media->size_bytes = integer_of(format, "size");
    return FC_OK;
}

/* Runs ffprobe or ffmpeg; when that fails, it is the file's fault. */
static fc_status run(struct fc_arena *arena, const struct fc_process_plan *plan,
                     struct fc_span *text, struct fc_error *error)
{
    fc_status st = fc_process_run(arena, plan, text, error);

    return st != FC_E_INTERNAL ? st
                               : fc_fail(error, FC_E_VALIDATION,
                                         "The file cannot be read as video, sound or image");
}

fc_status fc_media_probe(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const char *path, struct fc_media *media, struct fc_error *error)
{
    struct fc_command command = fc_command_new(arena, settings->ffprobe);
    struct fc_process_plan plan = {.timeout_ms = TIMEOUT_MS, .output_max = OUTPUT_MAX};
    struct fc_media found = {
        .format = "", .comment = "", .video_codec = "", .pixel_format = "", .audio_codec = ""};
    struct fc_span text;
    fc_status st;

    fc_command_add_all(&command, "-v", "error", "-show_format", "-show_streams", "-of", "json",
                       NULL);
    fc_command_add_foreign(&command, path);
    plan.argv = command.argv;
    st = run(arena, &plan, &text, error);
    if (st == FC_OK)
        st = read_report(arena, text, &found, error);
    if (st == FC_OK)
        *media = found;
    return st;
}

/* ---- pictures that follow each other ---- */

struct key_frame {
    int fps;
    int64_t from, found;
};

/* "<time in seconds>|<flags>", K for a picture that stands by itself; in coding order. */
static void read_packet(void *context, const char *line)
{
    struct key_frame *key = context;
    char *flags;
    int64_t frame = llround(strtod(line, &flags) * key->fps);

    if (strncmp(flags, "|K", 2) == 0 && frame >= key->from && frame < key->found)
        key->found = frame;
}

fc_status fc_media_key_frame(struct fc_arena *arena, const struct fc_render_settings *settings,
                             const char *path, int fps, int64_t from, int64_t end, int64_t *frame,
                             struct fc_error *error)
{
    struct fc_command command = fc_command_new(arena, settings->ffprobe);
    struct key_frame key = {fps, from, end};
    struct fc_process_plan plan = {
        .timeout_ms = TIMEOUT_MS, .on_line = read_packet, .context = &key};
    struct fc_span text;
    fc_status st;

    fc_command_add_all(&command, "-v", "error", "-select_streams", "v:0", "-show_entries",
                       "packet=pts_time,flags", "-of", "compact=p=0:nk=1", "-read_intervals", NULL);
    fc_command_addf(&command, "%%+%.3f", (double)end / fps);
    fc_command_add_foreign(&command, path);
    plan.argv = command.argv;
    st = run(arena, &plan, &text, error);
    if (st == FC_OK)
        *frame = key.found;
    return st;
}

/* "#extradata <stream>, <bytes>, <hash>", one line for each. */
static bool are_all_equal(const char *report, size_t n)
{
    static const char word[] = "#extradata ";
    const char *first = NULL;
    size_t first_n = 0, n_equal = 0;

    for (const char *at = report; (at = strstr(at, word)) != NULL; at++) {
        const char *headers = strchr(at, ','); /* the number in front of it differs */
        size_t headers_n = headers != NULL ? strcspn(headers, "\n") : 0;

        if (first == NULL) {
            first = headers;
            first_n = headers_n;
        }
        n_equal += headers_n > 0 && headers_n == first_n && memcmp(headers, first, first_n) == 0;
    }
    return n_equal == n;
}

fc_status fc_media_alike(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const char *const *paths, size_t n, bool *are_alike,
                         struct fc_error *error)
{
    struct fc_command command = fc_command_ffmpeg(arena, settings);
    struct fc_process_plan plan = {.timeout_ms = TIMEOUT_MS, .output_max = OUTPUT_MAX};
    struct fc_span text;
    fc_status st;

    for (size_t i = 0; i < n; i++)
        fc_command_add_foreign(&command, paths[i]);
    for (size_t i = 0; i < n; i++) {
        fc_command_add(&command, "-map");
        fc_command_addf(&command, "%zu:v:0", i);
    }
    fc_command_add_all(&command, "-c", "copy", "-frames:v", "1", "-f", "framehash", "-", NULL);
    plan.argv = command.argv;
    st = run(arena, &plan, &text, error);
    if (st == FC_OK)
        *are_alike = are_all_equal(fc_copy_n(arena, text.at, text.n), n);
    return st;
}
