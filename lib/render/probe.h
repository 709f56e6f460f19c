/** What is in a media file, as ffprobe sees it. */
#ifndef RENDER_PROBE_H
#define RENDER_PROBE_H

#include <stdbool.h>

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
    int64_t n_frames;    /* as the container says; 0 when it does not */
    const char *headers; /* a hash of the codec's headers: equal ones can follow each other */

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

#endif
