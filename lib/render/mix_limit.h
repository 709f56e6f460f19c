/**
 * A limiter that looks ahead: it turns the sound down smoothly before a peak comes, instead of
 * bending the peak. What stays below the ceiling passes bit for bit.
 */
#ifndef RENDER_MIX_LIMIT_H
#define RENDER_MIX_LIMIT_H

#include <stdint.h>

#include <framecast/arena.h>

struct fc_limiter; /* of one stream of samples; lives in its arena */

enum { FC_LIMITER_DELAY = 248 }; /* pairs that it looks ahead */

/** No true peak (the curve between the samples counts, too) goes beyond @ceiling, 0..1. */
struct fc_limiter *fc_limiter_new(struct fc_arena *arena, float ceiling);

/** Takes @n pairs of left and right, and puts the limited ones of FC_LIMITER_DELAY pairs ago in
 * their place: silence at first. */
void fc_limiter_run(struct fc_limiter *limiter, float *pairs, int64_t n);

#endif
