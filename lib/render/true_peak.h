/** The highest point of the curve that a sound is between its samples, too. */
#ifndef RENDER_TRUE_PEAK_H
#define RENDER_TRUE_PEAK_H

#include <stdint.h>

#include "render/encode.h"

/* Samples that a point between two of them is drawn from; points that are looked at. */
enum { FC_PEAK_TAPS = 12, FC_PEAK_BETWEEN = 3 };

/** One stream of pairs of left and right at 48 kHz. */
struct fc_true_peak {
    float quiet; /* below this a sample cannot be part of a peak that matters */
    float curve[FC_PEAK_BETWEEN][FC_PEAK_TAPS];        /* what each sample adds to a point */
    float recent[FC_AUDIO_CHANNELS][2 * FC_PEAK_TAPS]; /* twice, so that TAPS lie in a row */
    int slot, n_loud; /* pairs for which a loud sample is still among the recent ones */
};

/** A meter that is exact for peaks above @least. */
struct fc_true_peak fc_true_peak_above(float least);

/** Takes a pair; gives its height, or that of the curve half of TAPS pairs ago if it is higher. */
float fc_true_peak_of(struct fc_true_peak *meter, const float *pair);

#endif
