/**
 * What the tests of lib/render share: a folder of their own, scene orders, looks into made files.
 */
#ifndef UNIT_RENDER_SUPPORT_H
#define UNIT_RENDER_SUPPORT_H

#include <check.h>

#include "render/clip.h"
#include "render/probe.h"
#include "render/render.h"

extern const struct fc_render_settings tools;

/** A folder for one test and an arena; both are gone afterwards. */
struct bench {
    struct fc_arena *arena;
    const char *dir;
};
struct bench bench_open(void);
void bench_close(struct bench *bench);
#define BENCH(name) __attribute__((cleanup(bench_close))) struct bench name = bench_open()

const char *bench_path(const struct bench *bench, const char *name);

/** A small scene of one second, draft; change what the test is about. */
struct fc_scene_order scene(const struct bench *bench, const char *text);

/** Renders it with the animatic renderer and gives the path of the result. */
const char *shoot(const struct bench *bench, struct fc_scene_order *order);

struct fc_media look_at(const struct bench *bench, const char *path);

/** Runs ffmpeg with @arguments (blanks between them) writing to @name; gives its path. */
const char *make(const struct bench *bench, const char *name, const char *arguments);

/**
 * Makes a clip that the stitcher takes as it is: @n_frames of the source @picture with the sound of
 * @sound (NULL: silence), both as filters of ffmpeg; gives its path.
 */
const char *make_clip(const struct bench *bench, const char *name,
                      const struct fc_film_format *format, const char *picture, const char *sound,
                      int64_t n_frames);

/** The MD5 of each decoded frame, one a line. */
const char *frame_hashes(const struct bench *bench, const char *path);

/** The average colour of each frame: 3 bytes (R, G, B) for each of *@n_frames. */
const unsigned char *frame_colors(const struct bench *bench, const char *path, size_t *n_frames);

/** Every decoded frame, shrunk to @width x @height pixels of 3 bytes (R, G, B). */
struct fc_span frame_pixels(const struct bench *bench, const char *path, int width, int height);

/** Loudest sample (0..32767) of the sound between two times. */
int loudest(const struct bench *bench, const char *path, double from, double to);

/** The sound of a whole file as ffmpeg's ebur128 measures it. */
struct heard {
    double lufs;         /* integrated */
    double true_peak_db; /* dBTP */
};
struct heard listen_to(const struct bench *bench, const char *path);

#endif
