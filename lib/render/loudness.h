/** Loudness as ITU-R BS.1770 measures it: how loud people hear a sound, in LUFS. */
#ifndef RENDER_LOUDNESS_H
#define RENDER_LOUDNESS_H

#include <stdint.h>

#include <framecast/arena.h>

struct fc_loudness; /* a measurement that grows; lives in its arena */

/** For at most @max_pairs pairs of left and right at 48 kHz. */
struct fc_loudness *fc_loudness_new(struct fc_arena *arena, int64_t max_pairs);

/** The next @n pairs. */
void fc_loudness_add(struct fc_loudness *loudness, const float *pairs, int64_t n);

/** Of the whole, pauses left out (gated); -INFINITY for silence and for less than 0.4 s. */
double fc_loudness_whole(const struct fc_loudness *loudness);

/** Of the loudest tenth of a second. */
double fc_loudness_loudest(const struct fc_loudness *loudness);

#endif
