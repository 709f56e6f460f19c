/**
 * What sounds are built from: beds of noise, bursts, chirps, hums, talk, an echoing room; in
 * lib/render only.
 *
 * All of them add to a tape. On one that loops, time is a circle: what lasts beyond the end goes on
 * at the beginning, and filters and rooms begin as they end.
 */
#ifndef RENDER_SYNTH_PARTS_H
#define RENDER_SYNTH_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>

#include "render/synth.h"

struct fc_tape {
    struct fc_arena *arena;
    float *side[FC_AUDIO_CHANNELS]; /* n samples each */
    int n;
    bool loops;
    uint32_t dice; /* state of fc_dice; never 0 */
};

struct fc_tape fc_tape_new(struct fc_arena *arena, int n, bool loops, uint32_t seed);
double fc_tape_seconds(const struct fc_tape *tape);
static inline int fc_tape_index(double seconds)
{
    return (int)(seconds * FC_AUDIO_RATE + 0.5);
}

/** A number between @low and @high; the same ones in the same order for each tape of a seed. */
double fc_dice(struct fc_tape *tape, double low, double high);

/** Adds one sample to both sides; @at may lie beyond the end. */
void fc_tape_add(struct fc_tape *tape, int at, float left, float right);

/** Shares of left and right for -1..1, at equal power. */
struct fc_pan {
    float left, right;
};
struct fc_pan fc_pan_of(double pan);

/* ---- filters ---- */

enum fc_filter_kind { FC_FILTER_LOW, FC_FILTER_HIGH, FC_FILTER_BAND };

/**
 * A filter of two poles whose frequency may change while it runs. A band passes its middle
 * unchanged.
 */
struct fc_filter {
    enum fc_filter_kind kind;
    float k, a1, a2, a3;
    float s1, s2;
};
struct fc_filter fc_filter_of(enum fc_filter_kind kind, double hz, double q);
void fc_filter_tune(struct fc_filter *filter, double hz, double q);
float fc_filter_run(struct fc_filter *filter, float in);

/** Filters the whole tape. */
void fc_tape_filter(struct fc_tape *tape, enum fc_filter_kind kind, double hz, double q);

/* ---- what a tape can be given ---- */

/** A line of loudness over the tape: @at 0..1 of its length; the last point has @at 1. */
struct fc_point {
    double at, gain;
};
void fc_tape_shape(struct fc_tape *tape, const struct fc_point *points);

enum fc_colour { FC_WHITE, FC_PINK, FC_BROWN };

/**
 * Noise over the whole tape, different left and right. Frequencies of 0 leave out what they are
 * for.
 */
struct fc_bed {
    double gain; /* RMS of the noise before it is filtered */
    enum fc_colour colour;
    double above_hz, below_hz;
    double sweep_from_hz, sweep_to_hz, sweep_q; /* a band that moves from one end to the other */
    int swells;                                 /* whole waves of loudness over the tape */
    double depth, phase;                        /* of them, 0..1 each */
    const struct fc_point *shape;
};
void fc_tape_bed(struct fc_tape *tape, const struct fc_bed *bed);

/** A short noise that dies away: claps, drops, keys, steps. */
struct fc_burst {
    double at, fade; /* seconds: begin; time to a third */
    double hz, q;
    double gain, pan;
    double attack; /* seconds; at least half a millisecond */
};
void fc_tape_burst(struct fc_tape *tape, const struct fc_burst *burst);

/** A tone that glides and dies away: drums, birds, bubbles, things that ring. */
struct fc_chirp {
    double at, fade;              /* seconds */
    double from_hz, to_hz, glide; /* glide: seconds to two thirds of the way; 0: stays at from_hz */
    double gain, pan;
    double attack;
};
void fc_tape_chirp(struct fc_tape *tape, const struct fc_chirp *chirp);

/** A steady tone of the nearest frequency that fits the tape whole. */
void fc_tape_hum(struct fc_tape *tape, double hz, double gain);

/** People who talk so that no word is understood. */
struct fc_talk {
    int n_people;
    double pitch_hz; /* of the middle voice */
    double eager;    /* 0..1: how little they pause, how much the voice moves */
    double gain;
};
void fc_tape_talk(struct fc_tape *tape, const struct fc_talk *talk);

/** Lays the sound of a room over the tape: @seconds until it has died away, @wet 0..1. */
void fc_tape_room(struct fc_tape *tape, double seconds, double wet);

#endif
