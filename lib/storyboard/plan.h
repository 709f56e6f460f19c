/** What the parts of the planning share: plan.c lays out the shots, sound.c what is heard and read
 * over them. */
#ifndef FRAMECAST_STORYBOARD_PLAN_H
#define FRAMECAST_STORYBOARD_PLAN_H

#include "storyboard/check.h"

/** Where a shot came from. */
struct fc_playing {
    const struct fc_json *scene;
    const struct fc_json *transition; /* the definition it comes in by, NULL for a plain one */
};

/** Adds cues and captions to @plan, whose shots are laid out; @playings has one for each. */
void fc_plan_sounds(struct fc_arena *arena, const struct fc_json *spec,
                    const struct fc_playing *playings, struct fc_plan *plan);

#endif
