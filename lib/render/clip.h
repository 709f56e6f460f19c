/** Clips as they come, made into clips that fit: size, rate, length, pixels, sound. */
#ifndef RENDER_CLIP_H
#define RENDER_CLIP_H

#include "render/encode.h"
#include "render/run.h"

/**
 * Makes @in (any video that ffmpeg reads: other size or rate, variable rate, rotated, without
 * sound, too long or too short) into @out: an MP4 of @format, fc_frames_of(@duration_ms) frames
 * long, scaled and padded, yuv420p, square pixels, with a 48 kHz stereo track. Longer ones are cut,
 * of shorter ones the last frame is held. A clip that fits already is only moved. The result is
 * looked at with ffprobe before it counts; @in is gone afterwards on success.
 *
 * FC_E_VALIDATION   @in is broken or holds no pictures: another attempt may bring a better one
 * FC_E_UNAVAILABLE  canceled, or out of time
 * FC_E_INTERNAL     ffmpeg failed on a file that looked sound
 */
fc_status fc_clip_normalise(const struct fc_render_settings *settings, const char *in,
                            const char *out, const struct fc_film_format *format,
                            int64_t duration_ms, const struct fc_watch *watch,
                            struct fc_error *error);

/** The same for a still: @out is a PNG of exactly the format's size. Each is read to its end. */
fc_status fc_still_normalise(const struct fc_render_settings *settings, const char *in,
                             const char *out, const struct fc_film_format *format,
                             const struct fc_watch *watch, struct fc_error *error);

/**
 * True when the file at @path is what fc_clip_normalise promises; else @error says what is wrong.
 */
fc_status fc_clip_check(const struct fc_render_settings *settings, const char *path,
                        const struct fc_film_format *format, int64_t n_frames,
                        struct fc_error *error);

#endif
