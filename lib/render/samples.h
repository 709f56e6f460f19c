/** Sound as plain samples in a file: 16-bit stereo at 48 kHz, without header. */
#ifndef RENDER_SAMPLES_H
#define RENDER_SAMPLES_H

#include "render/run.h"

/** The samples of a file, as they lie in the page cache. */
struct fc_samples {
    const int16_t *at;
    int64_t n; /* pairs of left and right; may be 0 */
    size_t bytes;
};

/** False, with errno, when the file cannot be read. */
bool fc_samples_open(const char *path, struct fc_samples *samples);
void fc_samples_close(struct fc_samples *samples);

/**
 * Turns any sound file into samples, at most @seconds of it; fails like fc_run_ffmpeg.
 */
fc_status fc_samples_decode(const struct fc_render_settings *settings, const char *in,
                            const char *out, double seconds, const struct fc_watch *watch,
                            struct fc_error *error);

/** Encodes samples as a film's sound is, into an MP4 file; fails like fc_run_ffmpeg. */
fc_status fc_samples_encode(const struct fc_render_settings *settings, const char *in,
                            const char *out, const struct fc_watch *watch, struct fc_error *error);

/** True when the file at @path holds no sample that can be heard. */
bool fc_samples_are_silent(const char *path);

/** Height of the true peak, 1 is full level; 0 when the file cannot be read. */
double fc_samples_peak(const char *path);

#endif
