/**
 * Runs ffmpeg and ffprobe to their end, watched: how far they are, and whether they are still
 * wanted.
 */
#ifndef RENDER_RUN_H
#define RENDER_RUN_H

#include "render/encode.h"

/**
 * Who waits for long work. All members may be NULL; both functions are called by the working
 * thread.
 */
struct fc_watch {
    bool (*is_canceled)(void *context);
    void (*on_progress)(void *context, double percent); /* 0..100, never goes back */
    void *context;
};

/**
 * Runs ffmpeg, telling @watch the share of @length_us (0: tells nothing) that is written, mapped
 * onto @from..@to percent. Killed when it makes no end in @timeout_ms.
 *
 * FC_E_UNAVAILABLE  canceled, out of time, or no process to be had
 * FC_E_INTERNAL     ffmpeg failed; @error holds its last words
 * FC_E_NOT_FOUND    there is no ffmpeg
 */
struct fc_run {
    struct fc_command command;
    int64_t timeout_ms;
    int64_t length_us;
    double from, to;
};
fc_status fc_run_ffmpeg(struct fc_run *run, const struct fc_watch *watch, struct fc_error *error);

/** True when @watch says that nobody wants the result any more. */
bool fc_watch_canceled(const struct fc_watch *watch);
void fc_watch_progress(const struct fc_watch *watch, double percent);

#endif
