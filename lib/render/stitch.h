/** The film: clips and sounds, joined as the storyboard's plan says. */
#ifndef RENDER_STITCH_H
#define RENDER_STITCH_H

#include "render/encode.h"
#include "render/run.h"
#include "storyboard/storyboard.h"

/** What goes in. The caller owns all of it. */
struct fc_film_order {
    const struct fc_plan *plan;
    struct fc_film_format format;
    const char *const
        *clips; /* normalised clips by index in plan->scenes; NULL for what is never played */
    const char *const
        *sounds;         /* local files by index in plan->cues; NULL for a sound that is missing */
    bool burns_captions; /* into the pictures, too */
    bool is_mute;        /* the clips have no sound: dialogue is spoken over them */
    const struct fc_rendition *renditions; /* further ones of the same film */
    size_t n_renditions;
    const char *work_dir; /* an existing folder of its own; the results are put there as well */
};

/** What comes out: files in the work folder. Texts live in the arena given to fc_film_stitch. */
struct fc_film {
    const char *video_path;     /* final.mp4: H.264, AAC, plays while it loads */
    const char *thumbnail_path; /* thumbnail.jpg: the frame at one second, or the last */
    const char *sheet_path;     /* contact_sheet.jpg: one picture of each scene, its id and time */
    const char **rendition_paths; /* as video_path, by index in order->renditions */
    const char *srt_path;         /* captions.srt, captions.vtt; NULL without dialogue */
    const char *vtt_path;
    int64_t duration_ms; /* of the video, by ffprobe */
    int64_t size_bytes;
    size_t n_unreadable;  /* sounds that are no sound and were left out */
    const char *unspoken; /* why some line of dialogue is not spoken, or NULL */
};

/** The name of a rendition's file: final_1080x1920_crop.mp4. */
char *fc_rendition_name(struct fc_arena *arena, const struct fc_rendition *rendition);

/**
 * Makes the film. Its length is plan->duration_ms to one frame. Whatever the storyboard, one ffmpeg
 * runs at a time, which decodes at most two clips, or takes a few single pictures. The same order
 * gives the same frames and samples.
 *
 * FC_E_VALIDATION   a clip that is played is missing or broken
 * FC_E_UNAVAILABLE  canceled, or out of time
 * FC_E_INTERNAL     ffmpeg failed, or the disk is full; @error says what
 */
fc_status fc_film_stitch(struct fc_arena *arena, const struct fc_render_settings *settings,
                         const struct fc_film_order *order, const struct fc_watch *watch,
                         struct fc_film *film, struct fc_error *error);

#endif
