/**
 * What the parts of the stitcher share: stitch.c puts the film together, stitch_reel.c makes its
 * pictures, stitch_sound.c its sound. For these files only.
 */
#ifndef RENDER_STITCH_PARTS_H
#define RENDER_STITCH_PARTS_H

#include "render/stitch.h"

/** One making of a film. */
struct fc_stitch {
    struct fc_arena *arena;
    const struct fc_render_settings *settings;
    const struct fc_film_order *order;
    const struct fc_watch *watch; /* its progress is of the whole film and never goes back */
    struct fc_error *error;
    struct fc_film *film;
    int64_t n_frames; /* of the film */
};

/** A part of the work, in percent of the whole. */
struct fc_share {
    double from, to;
};

/** The film's pictures in one shape. */
struct fc_reel {
    const char *name; /* prefix of its files in the work folder */
    struct fc_film_format format;
    const char *const *clips; /* of that format, by index in plan->scenes */
    const char **segments;    /* made: a file of pictures for each shot */
};

/** A path in the work folder. */
const char *fc_stitch_file(const struct fc_stitch *s, const char *name);

fc_status fc_stitch_write(const struct fc_stitch *s, const char *path, struct fc_span text);

/** Runs ffmpeg, which makes @frames frames. */
fc_status fc_stitch_run(const struct fc_stitch *s, struct fc_command command, int64_t frames,
                        struct fc_share share);

/** Makes the shots of @reel; their pictures can follow each other without being encoded again. */
fc_status fc_stitch_reel(const struct fc_stitch *s, struct fc_reel *reel, struct fc_share share);

/** Writes a list of them for ffmpeg's concat demuxer to @path. */
fc_status fc_stitch_list_reel(const struct fc_stitch *s, const struct fc_reel *reel,
                              const char *path);

/** Writes the film's sound, encoded, to @path. */
fc_status fc_stitch_sound(const struct fc_stitch *s, const char *path);

#endif
