#include "render/loudness.h"

#include <math.h>

#include "render/encode.h"

enum { CHANNELS = FC_AUDIO_CHANNELS, STEP = FC_AUDIO_RATE / 10, STEPS_PER_BLOCK = 4 };

static const double silence_lufs = -70, gate_lu = -10;

/* One stage of the weighting: a filter of two poles and two zeros. */
struct stage {
    double b0, b1, b2, a1, a2;
};

/* The two stages for 48 kHz, from the recommendation: the head, and how little lows are heard. */
static const struct stage stages[] = {
    {1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585},
    {1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621},
};

enum { N_STAGES = sizeof stages / sizeof *stages };

struct fc_loudness {
    double held[CHANNELS][N_STAGES][2];
    double *steps; /* mean power of each tenth of a second */
    int64_t n_steps;
    double sum; /* of the step that is under way */
    int64_t n_in_step;
};

struct fc_loudness *fc_loudness_new(struct fc_arena *arena, int64_t max_pairs)
{
    struct fc_loudness *loudness = FC_NEW(arena, struct fc_loudness);

    loudness->steps = FC_NEW_ARRAY(arena, double, (size_t)(max_pairs / STEP + 1));
    return loudness;
}

static double weigh(double held[N_STAGES][2], double value)
{
    for (int i = 0; i < N_STAGES; i++) {
        const struct stage *s = &stages[i];
        double out = s->b0 * value + held[i][0];

        held[i][0] = s->b1 * value - s->a1 * out + held[i][1];
        held[i][1] = s->b2 * value - s->a2 * out;
        value = out;
    }
    return value;
}

void fc_loudness_add(struct fc_loudness *loudness, const float *pairs, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        for (int c = 0; c < CHANNELS; c++) {
            double value = weigh(loudness->held[c], (double)pairs[i * CHANNELS + c]);

            loudness->sum += value * value;
        }
        if (++loudness->n_in_step == STEP) {
            loudness->steps[loudness->n_steps++] = loudness->sum / STEP;
            loudness->sum = 0;
            loudness->n_in_step = 0;
        }
    }
}

static double lufs_of(double power)
{
    return power > 0 ? -0.691 + 10 * log10(power) : -INFINITY;
}

static double block_power(const struct fc_loudness *loudness, int64_t first)
{
    double sum = 0;

    for (int64_t i = first; i < first + STEPS_PER_BLOCK; i++)
        sum += loudness->steps[i];
    return sum / STEPS_PER_BLOCK;
}

/* The mean power of the blocks that are louder than @above. */
static double gated_power(const struct fc_loudness *loudness, double above_lufs)
{
    double sum = 0;
    int64_t n = 0;

    for (int64_t i = 0; i + STEPS_PER_BLOCK <= loudness->n_steps; i++) {
        double power = block_power(loudness, i);

        if (lufs_of(power) > above_lufs) {
            sum += power;
            n++;
        }
    }
    return n > 0 ? sum / (double)n : 0;
}

double fc_loudness_whole(const struct fc_loudness *loudness)
{
    double lufs = lufs_of(gated_power(loudness, silence_lufs));

    return isinf(lufs) ? lufs : lufs_of(gated_power(loudness, lufs + gate_lu));
}

double fc_loudness_loudest(const struct fc_loudness *loudness)
{
    double loudest = loudness->n_in_step > 0 ? loudness->sum / STEP : 0;

    for (int64_t i = 0; i < loudness->n_steps; i++)
        loudest = fmax(loudest, loudness->steps[i]);
    return lufs_of(loudest);
}
