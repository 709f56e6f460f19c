#include "render/true_peak.h"

#include <math.h>

enum {
    TAPS = FC_PEAK_TAPS,
    HALF = TAPS / 2,
    BETWEEN = FC_PEAK_BETWEEN,
    CHANNELS = FC_AUDIO_CHANNELS
};

/* A sinc, let out softly at both ends; each point's weights add up to 1. */
static void draw_curve(struct fc_true_peak *meter)
{
    for (int p = 0; p < BETWEEN; p++) {
        double sum = 0, weights[TAPS];

        for (int i = 0; i < TAPS; i++) {
            double x = i - (HALF - 1) - (double)(p + 1) / (BETWEEN + 1);
            double hann = 0.5 + 0.5 * cos(M_PI * x / HALF);

            weights[i] = sin(M_PI * x) / (M_PI * x) * hann;
            sum += weights[i];
        }
        for (int i = 0; i < TAPS; i++)
            meter->curve[p][i] = (float)(weights[i] / sum);
    }
}

struct fc_true_peak fc_true_peak_above(float least)
{
    /* No curve rises to twice its samples. */
    struct fc_true_peak meter = {.quiet = least / 2};

    draw_curve(&meter);
    return meter;
}

/* The highest point in the middle of the recent samples of one side. */
static float peak_between(const struct fc_true_peak *meter, const float *samples)
{
    float peak = 0;

    for (int p = 0; p < BETWEEN; p++) {
        float point = 0;

        for (int i = 0; i < TAPS; i++)
            point += meter->curve[p][i] * samples[i];
        peak = fmaxf(peak, fabsf(point));
    }
    return peak;
}

float fc_true_peak_of(struct fc_true_peak *meter, const float *pair)
{
    float peak = 0;

    for (int c = 0; c < CHANNELS; c++) {
        meter->recent[c][meter->slot] = meter->recent[c][meter->slot + TAPS] = pair[c];
        peak = fmaxf(peak, fabsf(pair[c]));
    }
    meter->slot = (meter->slot + 1) % TAPS; /* of the oldest */
    if (peak > meter->quiet)
        meter->n_loud = TAPS;
    if (meter->n_loud == 0)
        return peak;
    meter->n_loud--;
    for (int c = 0; c < CHANNELS; c++)
        peak = fmaxf(peak, peak_between(meter, &meter->recent[c][meter->slot]));
    return peak;
}
