/**
 * Everything that can be set: environment variables, read once at start into one struct that is
 * const from then on.
 */
#ifndef FRAMECAST_SETTINGS_H
#define FRAMECAST_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/text.h>

struct fc_settings {
    /* server */
    const char *environment;
    const char *database_url;
    int64_t port, metrics_port; /* metrics_port 0: none of its own */
    const char *api_base_url;   /* no slash at its end */
    const char *cors_allowed_origins;
    int64_t rate_limit_starter_rpm, rate_limit_creator_rpm, rate_limit_anonymous_rpm; /* 0: off */
    int64_t sse_max_duration_seconds;
    const char *log_level;
    int64_t front_loops, front_workers, database_read_connections,
        database_write_connections; /* per loop the last two */
    /* identity */
    const char *jwt_secret, *jwt_issuer, *jwt_audience; /* NULL: not looked at */
    /* jobs and rendering */
    int64_t job_timeout_seconds, job_queue_timeout_seconds, job_sweep_interval_seconds;
    const char *orchestrator_provider, *render_provider;
    int64_t render_workers, render_parallel_scenes, render_scene_attempts, render_lease_seconds;
    const char *render_callback_base_url, *render_worker_key, *callback_secret,
        *callback_secret_previous;
    const char *ffmpeg, *ffprobe, *espeak, *work_dir;
    /* storage */
    const char *storage_provider, *storage_dir, *s3_bucket_outputs, *s3_bucket_system;
    /* prices and forecast */
    int64_t credits_per_second_480p, credits_per_second_720p, credits_per_second_1080p;
    int64_t credits_fps_60_percent;
    int64_t credits_quality_draft_percent, credits_quality_standard_percent,
        credits_quality_high_percent;
    int64_t credits_min_per_scene, credits_per_image;
    int64_t generation_base_seconds, generation_per_scene_seconds;
    int64_t generation_percent_480p, generation_percent_720p, generation_percent_1080p,
        generation_fps_60_percent;
};

/**
 * Reads the environment. An empty variable counts as unset.
 *
 * FC_E_VALIDATION  something is missing or does not parse: everything that is wrong stands in
 *                  @problems, a line each
 */
fc_status fc_settings_read(struct fc_arena *arena, struct fc_settings *settings,
                           struct fc_buffer *problems);

/** A table of the variables: name, value in use (secrets only as "set"), default, meaning. */
void fc_settings_print(FILE *out, const struct fc_settings *settings);

#endif
