/* Sounds for transitions: one function each. Times in seconds. */
#include "render/synth_catalogue.h"
#include "render/synth_parts.h"

static const struct fc_point swell[] = {{0, 0}, {0.4, 1}, {1, 0}};

/* Air, and a chord that is drawn along with it. */
static void swoosh(struct fc_tape *tape)
{
    static const double tones[] = {392, 493.9, 587.3, 784};

    fc_tape_bed(tape, &(struct fc_bed){
                          .gain = 0.8, .sweep_from_hz = 700, .sweep_to_hz = 5200, .sweep_q = 1.6});
    for (int i = 0; i < 4; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.fade = 1,
                                               .from_hz = tones[i],
                                               .to_hz = 2 * tones[i],
                                               .glide = 0.35,
                                               .gain = 0.06,
                                               .pan = 0.4 * i - 0.6,
                                               .attack = 0.2});
    fc_tape_shape(tape, swell);
}

static void fade(struct fc_tape *tape)
{
    static const double tones[] = {220, 277.2, 329.6, 440, 554.4};

    for (int i = 0; i < 5; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.fade = 2,
                                               .from_hz = tones[i],
                                               .gain = 0.2 / (1 + 0.3 * i),
                                               .pan = 0.3 * i - 0.6,
                                               .attack = 0.1});
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.12, .colour = FC_PINK, .below_hz = 3000});
    fc_tape_shape(tape, swell);
}

/* Splinters of tone and noise, each held for a moment, with holes between them. */
static void glitch(struct fc_tape *tape)
{
    double at = 0.005;

    while (at < 0.36) {
        double pan = fc_dice(tape, -0.8, 0.8), seconds = fc_dice(tape, 0.004, 0.014);

        if (fc_dice(tape, 0, 1) < 0.55)
            fc_tape_burst(tape, &(struct fc_burst){.at = at,
                                                   .fade = seconds,
                                                   .hz = fc_dice(tape, 1500, 9000),
                                                   .q = 1.5,
                                                   .gain = 0.5,
                                                   .pan = pan});
        else
            fc_tape_chirp(tape, &(struct fc_chirp){.at = at,
                                                   .fade = seconds,
                                                   .from_hz = fc_dice(tape, 200, 3500),
                                                   .to_hz = fc_dice(tape, 200, 3500),
                                                   .glide = 0.01,
                                                   .gain = 0.5,
                                                   .pan = pan});
        at += fc_dice(tape, 0.012, 0.038);
    }
}

static void boom(struct fc_tape *tape)
{
    fc_tape_chirp(
        tape,
        &(struct fc_chirp){
            .fade = 0.22, .from_hz = 130, .to_hz = 42, .glide = 0.06, .gain = 1, .attack = 0.002});
    fc_tape_burst(tape, &(struct fc_burst){.fade = 0.1, .hz = 160, .q = 0.5, .gain = 0.12});
    fc_tape_burst(tape, &(struct fc_burst){.fade = 0.012, .hz = 900, .q = 0.5, .gain = 0.3});
    fc_tape_room(tape, 0.9, 0.15);
}

static void turn_around(float *wave, int n)
{
    for (int i = 0; i < n / 2; i++) {
        float first = wave[i];

        wave[i] = wave[n - 1 - i];
        wave[n - 1 - i] = first;
    }
}

/* A struck chord with a cymbal, played backwards. */
static void reverse(struct fc_tape *tape)
{
    static const double tones[] = {261.6, 392, 523.3, 784};

    for (int i = 0; i < 4; i++)
        fc_tape_chirp(
            tape,
            &(struct fc_chirp){
                .at = 0.03, .fade = 0.16, .from_hz = tones[i], .gain = 0.3, .pan = 0.3 * i - 0.45});
    fc_tape_burst(tape,
                  &(struct fc_burst){.at = 0.03, .fade = 0.18, .hz = 5500, .q = 0.5, .gain = 0.35});
    fc_tape_room(tape, 1, 0.2);
    for (int c = 0; c < FC_AUDIO_CHANNELS; c++)
        turn_around(tape->side[c], tape->n);
}

static void rise(struct fc_tape *tape)
{
    static const struct fc_point shape[] = {{0, 0}, {0.9, 1}, {0.97, 1}, {1, 0}};
    static const double tones[] = {110, 110.9, 164.8, 220};

    for (int i = 0; i < 4; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.fade = 9,
                                               .from_hz = tones[i],
                                               .to_hz = 10 * tones[i],
                                               .glide = 1.6,
                                               .gain = 0.2,
                                               .pan = 0.4 * i - 0.6});
    fc_tape_bed(tape, &(struct fc_bed){
                          .gain = 0.6, .sweep_from_hz = 400, .sweep_to_hz = 7000, .sweep_q = 2});
    fc_tape_shape(tape, shape);
}

const struct fc_synth_recipe fc_synth_transition[] = {
    {"asset_transition_swoosh", 600, swoosh, NULL},
    {"asset_transition_fade", 1000, fade, NULL},
    {"asset_transition_glitch", 400, glitch, NULL},
    {"asset_transition_boom", 800, boom, NULL},
    {"asset_transition_reverse", 700, reverse, NULL},
    {"asset_transition_rise", 1200, rise, NULL},
    {0},
};
