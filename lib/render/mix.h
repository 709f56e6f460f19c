/** The film's sound: all cues added up, sample by sample. */
#ifndef RENDER_MIX_H
#define RENDER_MIX_H

#include "render/encode.h"
#include "render/run.h"

/**
 * A sound that plays in the film. Times in samples of 48 kHz (one for each pair of left and right).
 */
struct fc_mix_sound {
    const char *path;   /* 16-bit stereo samples at 48 kHz, without header; may be shared */
    int64_t start, end; /* in the film; it ends sooner when the samples do, unless it loops */
    double volume;      /* 0..1 */
    int64_t fade_in, fade_out;
    bool loop;
};

/**
 * Writes @length samples to @out (16-bit stereo, 48 kHz): the sum of all sounds, brought to a
 * loudness of @lufs (0: left as it is), its true peak below -1.5 dBTP. Silence stays silent. Holds
 * one second of the film at a time.
 *
 * FC_E_UNAVAILABLE  canceled
 * FC_E_INTERNAL     a file cannot be read or written
 */
fc_status fc_mix(const struct fc_mix_sound *sounds, size_t n_sounds, int64_t length, double lufs,
                 const char *out, const struct fc_watch *watch, struct fc_error *error);

/**
 * Turns any sound file into samples as fc_mix reads them, at most @seconds of it; fails like
 * fc_run_ffmpeg.
 */
fc_status fc_mix_decode(const struct fc_render_settings *settings, const char *in, const char *out,
                        double seconds, const struct fc_watch *watch, struct fc_error *error);

/** True when the file at @path holds no sample that can be heard. */
bool fc_mix_is_silent(const char *path);

#endif
