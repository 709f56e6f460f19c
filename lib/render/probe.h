/** What is in a media file, as ffprobe sees it. */
#ifndef RENDER_PROBE_H
#define RENDER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include <framecast/arena.h>

#include "render/render.h"

struct fc_media {
    bool has_video, has_audio;
    const char *format;  /* names of the container, "mov,mp4,m4a,..." */
    const char *comment; /* of the container, "" without */
    int64_t duration_us; /* of the container; 0 when unknown */
    int64_t size_bytes;

    /* the first stream of pictures that is no cover image */
    const char *video_codec, *pixel_format;
    int width, height;      /* as stored, before rotation */
    int rate_num, rate_den; /* frames per second; 0/0 when unknown */
    bool is_square, is_rotated, is_variable;
    int64_t n_frames; /* as the container says; 0 when it does not */

    /* the first stream of sound */
    const char *audio_codec;
    int sample_rate, channels;
};

/**
 * FC_E_VALIDATION   no media file, or one that is broken
 * FC_E_UNAVAILABLE  ffprobe could not be run now, or took too long
 * FC_E_NOT_FOUND    there is no ffprobe
 */
fc_status fc_media_probe(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const char *path, struct fc_media *media, struct fc_error *error);

/**
 * Finds in a clip of @fps the first picture at or behind @from, and before @end, that needs none
 * before it; *@frame is @end when there is none. Fails like fc_media_probe.
 */
fc_status fc_media_key_frame(struct fc_arena *arena, const struct fc_render_settings *settings,
                             const char *path, int fps, int64_t from, int64_t end, int64_t *frame,
                             struct fc_error *error);

/**
 * Whether the pictures of all @n files have the same headers: only then can they follow each other
 * as they are. @n is at least 1.
 *
 * FC_E_VALIDATION   one of them holds no pictures, or cannot be read
 * FC_E_UNAVAILABLE  ffmpeg could not be run now, or took too long
 * FC_E_NOT_FOUND    there is no ffmpeg
 */
fc_status fc_media_alike(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const char *const *paths, size_t n, bool *are_alike,
                         struct fc_error *error);

#endif
