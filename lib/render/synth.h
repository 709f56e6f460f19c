/**
 * The sounds of the system catalogue, made by calculation: no recording is shipped.
 *
 *     const struct fc_synth_recipe *recipe = fc_synth_recipe("asset_sfx_applause");
 *     fc_synth_encode(settings, recipe, "sounds/applause.mp3", NULL, &error);
 *
 * A recipe gives the same samples each time. Music and ambience are circles: their end runs into
 * their beginning, so that they can be looped without a gap or a click.
 */
#ifndef RENDER_SYNTH_H
#define RENDER_SYNTH_H

#include "render/run.h"

struct fc_tape;
struct fc_score;

/** How one sound is made: by a function, or (music) by playing a score. */
struct fc_synth_recipe {
    const char *id; /* asset_<category>_<name>; NULL ends a table */
    int length_ms;  /* of the catalogue */
    void (*play)(struct fc_tape *tape);
    const struct fc_score *score;
};

/** What can be made, one after the other in the catalogue's order; NULL from the end on. */
const struct fc_synth_recipe *fc_synth_recipe_at(size_t index);

/** NULL when nothing of that id can be made. */
const struct fc_synth_recipe *fc_synth_recipe(const char *id);

/** True for what is made to be looped. */
bool fc_synth_loops(const struct fc_synth_recipe *recipe);

/** Samples of one sound: @n pairs of left and right at 48 kHz, -1..1, in the arena. */
struct fc_synth_sound {
    const float *pairs;
    int n;
};
struct fc_synth_sound fc_synth_make(struct fc_arena *arena, const struct fc_synth_recipe *recipe);

/**
 * Makes the sound and writes it as MP3 (128 kbit/s: 16,000 bytes a second) to @path, with a file of
 * samples beside it meanwhile. Fails like fc_run_ffmpeg.
 */
fc_status fc_synth_encode(const struct fc_render_settings *settings,
                          const struct fc_synth_recipe *recipe, const char *path,
                          const struct fc_watch *watch, struct fc_error *error);

#endif
