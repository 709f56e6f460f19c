/** One shot of a film: its clip with the treatment and the transition that brings it in. */
#ifndef RENDER_SHOT_H
#define RENDER_SHOT_H

#include "render/encode.h"
#include "storyboard/storyboard.h"

struct fc_shot_job {
    const struct fc_shot *shot;
    const struct fc_film_format *format;
    const char *clip;     /* normalised clip of its scene */
    const char *before;   /* pictures that end with those of the shot before; NULL: there is none */
    int64_t before_frame; /* the last one of that shot, counted from 0 */
    int64_t n_frames;     /* of the shot in the film */
    int64_t clip_frames;  /* of the clip */
    const char *captions; /* script that is set over it (render/captions.h), or NULL */
};

/** Frames that the transition covers, 0 for a cut. */
int64_t fc_shot_transition_frames(const struct fc_shot_job *job);

/** True when the clip can be played as it is, but for the frames that the transition covers. */
bool fc_shot_is_plain(const struct fc_shot_job *job);

/** ffmpeg's arguments that make the shot's pictures, all but the path of the result. */
struct fc_command fc_shot_command(struct fc_arena *arena, const struct fc_render_settings *settings,
                                  const struct fc_shot_job *job);

#endif
