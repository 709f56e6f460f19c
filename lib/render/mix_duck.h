/** How far music and ambience step back, because somebody speaks. */
#ifndef RENDER_MIX_DUCK_H
#define RENDER_MIX_DUCK_H

#include <stdint.h>

#include <framecast/arena.h>

struct fc_duck; /* one film's; lives in its arena */

/** For a film of @length pairs of left and right at 48 kHz. */
struct fc_duck *fc_duck_new(struct fc_arena *arena, int64_t length);

/** Marks where @n pairs of a voice, which begin at @start in the film, can be heard. */
void fc_duck_add(struct fc_duck *duck, int64_t start, const int16_t *pairs, int64_t n,
                 double volume);

/**
 * Once, after the last voice: draws the curve. It goes down before a voice begins and comes back
 * slowly after it; pauses between words stay down.
 */
void fc_duck_settle(struct fc_duck *duck);

/** 0: nobody speaks .. 1: stepped back all the way. @at is a pair of the film. */
float fc_duck_at(const struct fc_duck *duck, int64_t at);

#endif
