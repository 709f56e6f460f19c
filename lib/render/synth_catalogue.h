/**
 * The recipes by category, each table in the catalogue's order and closed by a NULL id; in
 * lib/render only.
 */
#ifndef RENDER_SYNTH_CATALOGUE_H
#define RENDER_SYNTH_CATALOGUE_H

#include "render/synth.h"

extern const struct fc_synth_recipe fc_synth_sfx[];
extern const struct fc_synth_recipe fc_synth_ambient[];
extern const struct fc_synth_recipe fc_synth_music[];
extern const struct fc_synth_recipe fc_synth_transition[];

#endif
