/**
 * What the parts of the stitcher share: stitch.c puts the film together, stitch_reel.c makes its
 * pictures, stitch_rendition.c clips for other shapes, stitch_sound.c its sound, stitch_sheet.c the
 * contact sheet. For these files only.
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

/** The part of @share that lies between two fractions (0..1) of it. */
static inline struct fc_share fc_share_part(struct fc_share share, double from, double to)
{
    double span = share.to - share.from;

    return (struct fc_share){share.from + span * from, share.from + span * to};
}

/** The pictures of a shot: those that were made for it, then its clip as it is, from one of its key
 * frames on. */
struct fc_segment {
    const char *made; /* a file with the first n_made of them, or NULL */
    int64_t n_made;
    const char *clip;
    int64_t n_frames; /* in all */
};

/** The film's pictures in one shape. */
struct fc_reel {
    const char *name; /* prefix of its files in the work folder */
    struct fc_film_format format;
    const char *const *clips;    /* of that format, by index in plan->scenes */
    struct fc_segment *segments; /* made: one for each shot */
};

/** A path in the work folder. */
const char *fc_stitch_file(const struct fc_stitch *s, const char *name);

fc_status fc_stitch_write(const struct fc_stitch *s, const char *path, struct fc_span text);

/** Runs ffmpeg, which makes @frames frames. */
fc_status fc_stitch_run(const struct fc_stitch *s, struct fc_command command, int64_t frames,
                        struct fc_share share);

/** What a failure of ffmpeg with the clip of @scene means: FC_E_VALIDATION, with the scene's name,
 * when the clip cannot be read by itself either; else @st, as s->error tells. */
fc_status fc_stitch_blame(const struct fc_stitch *s, fc_status st, const char *clip, size_t scene);

/** The same for a failure with all that @reel is made of. */
fc_status fc_stitch_blame_reel(const struct fc_stitch *s, fc_status st, const struct fc_reel *reel);

/** Makes the film's clips fit @reel's format, in files of their own, and gives them to it. */
fc_status fc_stitch_fit(const struct fc_stitch *s, struct fc_reel *reel, enum fc_fit fit,
                        struct fc_share share);

/** Makes the shots of @reel; their pictures can follow each other without being encoded again. */
fc_status fc_stitch_reel(const struct fc_stitch *s, struct fc_reel *reel, struct fc_share share);

/** Writes a list of its pictures for ffmpeg's concat demuxer to @path. */
fc_status fc_stitch_list_reel(const struct fc_stitch *s, const struct fc_reel *reel,
                              const char *path);

/** Writes the film's sound, encoded, to @path. */
fc_status fc_stitch_sound(const struct fc_stitch *s, const char *path);

/** Writes the contact sheet of the finished film, a JPEG, to @path. */
fc_status fc_stitch_sheet(const struct fc_stitch *s, const char *path);

#endif
