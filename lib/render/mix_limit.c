#include "render/mix_limit.h"

#include <math.h>

#include "render/true_peak.h"

/*
 * A peak is seen FC_PEAK_TAPS / 2 pairs after it came in. The gain that it needs holds for WINDOW
 * pairs and is then averaged over RAMP of them: when the peak leaves, the mean holds nothing but
 * gains that are low enough for it.
 */
enum { CHANNELS = FC_AUDIO_CHANNELS, RAMP = FC_AUDIO_RATE / 200, WINDOW = FC_LIMITER_DELAY + 1 };

_Static_assert(FC_LIMITER_DELAY >= RAMP + FC_PEAK_TAPS / 2,
               "a peak must not leave before its gain has come");

/* Share of the way back up that is gone for each pair: half of it in about 50 ms. */
static const float release = 0.0003f;

/* A gain that is needed at a pair, in the list of those that may yet become the least. */
struct need {
    int64_t at;
    float gain;
};

struct fc_limiter {
    float ceiling;
    struct fc_true_peak meter;
    struct need needs[WINDOW];        /* a ring, gains rising */
    int64_t first_need, end_need, at; /* never go back */
    float ramp[RAMP];                 /* a ring of gains, and their sum */
    double sum;
    float gain;
    float delayed[FC_LIMITER_DELAY][CHANNELS]; /* a ring */
};

struct fc_limiter *fc_limiter_new(struct fc_arena *arena, float ceiling)
{
    struct fc_limiter *limiter = FC_NEW(arena, struct fc_limiter);

    limiter->ceiling = ceiling;
    limiter->meter = fc_true_peak_above(ceiling);
    limiter->gain = 1;
    limiter->sum = RAMP;
    for (int i = 0; i < RAMP; i++)
        limiter->ramp[i] = 1;
    return limiter;
}

/* The least gain that any of the last WINDOW pairs needs. */
static float least_need(struct fc_limiter *limiter, float gain)
{
    if (limiter->first_need < limiter->end_need &&
        limiter->needs[limiter->first_need % WINDOW].at <= limiter->at - WINDOW)
        limiter->first_need++;
    while (limiter->end_need > limiter->first_need &&
           limiter->needs[(limiter->end_need - 1) % WINDOW].gain >= gain)
        limiter->end_need--;
    limiter->needs[limiter->end_need++ % WINDOW] = (struct need){limiter->at, gain};
    return limiter->needs[limiter->first_need % WINDOW].gain;
}

static float gain_for(struct fc_limiter *limiter, float peak)
{
    float need = least_need(limiter, peak > limiter->ceiling ? limiter->ceiling / peak : 1);
    float *oldest = &limiter->ramp[limiter->at % RAMP];

    limiter->gain = fminf(need, limiter->gain + (1 - limiter->gain) * release);
    if (need >= 1 && limiter->gain > 0.9999f)
        limiter->gain = 1;
    limiter->sum += (double)(limiter->gain - *oldest);
    *oldest = limiter->gain;
    return (float)(limiter->sum / RAMP);
}

void fc_limiter_run(struct fc_limiter *limiter, float *pairs, int64_t n)
{
    for (int64_t i = 0; i < n; i++, limiter->at++) {
        float *pair = pairs + i * CHANNELS;
        float *delayed = limiter->delayed[limiter->at % FC_LIMITER_DELAY];
        float gain = gain_for(limiter, fc_true_peak_of(&limiter->meter, pair));

        for (int c = 0; c < CHANNELS; c++) {
            float out = delayed[c] * gain;

            delayed[c] = pair[c];
            pair[c] = out;
        }
    }
}
