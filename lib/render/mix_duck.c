#include "render/mix_duck.h"

#include <math.h>
#include <stdlib.h>

#include "render/encode.h"

/* The curve has a point for each step; between them it is a line. */
enum { CHANNELS = FC_AUDIO_CHANNELS, STEP = FC_AUDIO_RATE / 100, MS_PER_STEP = 10 };

/* Down in a quarter of a second, so that the first syllable is free; the breath between two
 * sentences is held; then back up, too slowly to be noticed as a movement. */
enum { ATTACK_MS = 250, HOLD_MS = 450, RELEASE_MS = 900 };

/* A mean size below this is a pause. */
static const double pause_size = 0.004; /* -48 dBFS */

struct fc_duck {
    float *depth; /* of each step, and one more */
    int64_t n_steps;
};

struct fc_duck *fc_duck_new(struct fc_arena *arena, int64_t length)
{
    struct fc_duck *duck = FC_NEW(arena, struct fc_duck);

    duck->n_steps = length / STEP + 1;
    duck->depth = FC_NEW_ARRAY(arena, float, (size_t)duck->n_steps + 1);
    return duck;
}

static bool is_voiced(const int16_t *pairs, int64_t n, double volume)
{
    int64_t sum = 0;

    for (int64_t i = 0; i < n * CHANNELS; i++)
        sum += abs(pairs[i]);
    return volume * (double)sum > pause_size * 32768 * (double)(n * CHANNELS);
}

void fc_duck_add(struct fc_duck *duck, int64_t start, const int16_t *pairs, int64_t n,
                 double volume)
{
    for (int64_t from = 0; from < n; from += STEP) {
        int64_t step = (start + from) / STEP, part = n - from < STEP ? n - from : STEP;

        if (step < duck->n_steps && is_voiced(pairs + from * CHANNELS, part, volume))
            duck->depth[step] = 1;
    }
}

/* Without the corners that a line would have at its ends. */
static float rounded(float depth)
{
    return depth * depth * (3 - 2 * depth);
}

void fc_duck_settle(struct fc_duck *duck)
{
    const float down = (float)MS_PER_STEP / ATTACK_MS, up = (float)MS_PER_STEP / RELEASE_MS;
    /* Held: as if it had begun to come back from deeper than it can go. */
    const float held = 1 + (float)HOLD_MS / RELEASE_MS;
    float level = 0;

    for (int64_t i = 0; i < duck->n_steps; i++) {
        level = duck->depth[i] >= 1 ? held : fmaxf(level - up, 0);
        duck->depth[i] = fmaxf(duck->depth[i], fminf(level, 1));
    }
    level = 0;
    for (int64_t i = duck->n_steps - 1; i >= 0; i--) {
        level = fmaxf(duck->depth[i], level - down);
        duck->depth[i] = level;
    }
    for (int64_t i = 0; i < duck->n_steps; i++)
        duck->depth[i] = rounded(duck->depth[i]);
    duck->depth[duck->n_steps] = duck->depth[duck->n_steps - 1];
}

float fc_duck_at(const struct fc_duck *duck, int64_t at)
{
    int64_t step = at / STEP;
    float share = (float)(at % STEP) / STEP;

    if (step >= duck->n_steps)
        return duck->depth[duck->n_steps];
    return duck->depth[step] + (duck->depth[step + 1] - duck->depth[step]) * share;
}
