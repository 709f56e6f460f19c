/* Effects: one function each. Times in seconds. */
#include "render/synth_catalogue.h"
#include "render/synth_parts.h"

static const struct fc_point pass_by[] = {{0, 0}, {0.45, 1}, {0.6, 0.8}, {1, 0}};

static void whoosh(struct fc_tape *tape)
{
    fc_tape_bed(tape, &(struct fc_bed){.gain = 1,
                                       .sweep_from_hz = 500,
                                       .sweep_to_hz = 4200,
                                       .sweep_q = 1.2,
                                       .shape = pass_by});
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.3, .above_hz = 3000, .shape = pass_by});
}

static void whoosh_heavy(struct fc_tape *tape)
{
    fc_tape_bed(
        tape,
        &(struct fc_bed){
            .gain = 1, .sweep_from_hz = 900, .sweep_to_hz = 160, .sweep_q = 0.8, .shape = pass_by});
    fc_tape_bed(
        tape, &(struct fc_bed){.gain = 0.9, .colour = FC_BROWN, .below_hz = 220, .shape = pass_by});
    fc_tape_chirp(tape, &(struct fc_chirp){.at = 0.3,
                                           .fade = 0.15,
                                           .from_hz = 95,
                                           .to_hz = 45,
                                           .glide = 0.1,
                                           .gain = 0.5,
                                           .attack = 0.05});
}

static void impact(struct fc_tape *tape)
{
    fc_tape_chirp(tape, &(struct fc_chirp){
                            .fade = 0.06, .from_hz = 190, .to_hz = 60, .glide = 0.02, .gain = 1});
    fc_tape_burst(tape, &(struct fc_burst){.fade = 0.012, .hz = 1800, .q = 0.5, .gain = 0.5});
    fc_tape_burst(tape, &(struct fc_burst){.fade = 0.05, .hz = 350, .q = 0.6, .gain = 0.3});
}

/* What rings in metal are tones that fit no scale. */
static void impact_metal(struct fc_tape *tape)
{
    static const double tones[] = {523, 811, 1347, 1873, 2671, 3517, 4703};

    for (int i = 0; i < 7; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.fade = 0.16 / (1 + 0.15 * i),
                                               .from_hz = tones[i],
                                               .gain = 0.5 / (1 + 0.4 * i),
                                               .pan = i % 2 == 0 ? -0.3 : 0.3});
    fc_tape_burst(tape, &(struct fc_burst){.fade = 0.008, .hz = 3000, .q = 0.5, .gain = 0.6});
}

static void click(struct fc_tape *tape)
{
    fc_tape_chirp(tape, &(struct fc_chirp){.at = 0.004,
                                           .fade = 0.006,
                                           .from_hz = 1900,
                                           .to_hz = 1200,
                                           .glide = 0.004,
                                           .gain = 0.8});
    fc_tape_burst(tape,
                  &(struct fc_burst){.at = 0.004, .fade = 0.003, .hz = 4000, .q = 1, .gain = 0.3});
    fc_tape_chirp(tape,
                  &(struct fc_chirp){.at = 0.07, .fade = 0.004, .from_hz = 1500, .gain = 0.25});
}

static void pop(struct fc_tape *tape)
{
    fc_tape_chirp(tape, &(struct fc_chirp){.at = 0.01,
                                           .fade = 0.022,
                                           .from_hz = 380,
                                           .to_hz = 1500,
                                           .glide = 0.03,
                                           .gain = 1,
                                           .attack = 0.002});
    fc_tape_burst(tape,
                  &(struct fc_burst){.at = 0.055, .fade = 0.004, .hz = 3500, .q = 1, .gain = 0.25});
}

/* A clap is three to four skins within some milliseconds; the room sees to the rest. */
static void clap(struct fc_tape *tape, double at, double hz, double gain, double pan)
{
    for (int i = 0; i < 3; i++)
        fc_tape_burst(tape, &(struct fc_burst){.at = at + fc_dice(tape, 0, 0.006),
                                               .fade = fc_dice(tape, 0.004, 0.011),
                                               .hz = hz * fc_dice(tape, 0.85, 1.2),
                                               .q = 1.3,
                                               .gain = gain,
                                               .pan = pan});
}

/* Each person claps at a speed and with hands of their own. */
static void clapping(struct fc_tape *tape, int n_people, double latest)
{
    for (int person = 0; person < n_people; person++) {
        double every = fc_dice(tape, 0.17, 0.29), hz = fc_dice(tape, 750, 2300);
        double pan = fc_dice(tape, -0.9, 0.9), gain = fc_dice(tape, 0.15, 0.6);
        double end = fc_dice(tape, 0.7, 1) * latest;

        double at = fc_dice(tape, 0, 0.3);

        while (at < end) {
            clap(tape, at, hz, gain, pan);
            at += every * fc_dice(tape, 0.93, 1.07);
        }
    }
}

static void applause(struct fc_tape *tape)
{
    static const struct fc_point shape[] = {{0, 0.3}, {0.15, 1}, {0.7, 0.9}, {1, 0}};

    clapping(tape, 60, 3.2);
    fc_tape_talk(tape, &(struct fc_talk){.n_people = 6, .pitch_hz = 240, .eager = 1, .gain = 0.12});
    fc_tape_room(tape, 1.1, 0.3);
    fc_tape_shape(tape, shape);
}

static void applause_short(struct fc_tape *tape)
{
    static const struct fc_point shape[] = {{0, 0.5}, {0.15, 1}, {0.55, 0.8}, {1, 0}};

    clapping(tape, 28, 1.1);
    fc_tape_room(tape, 0.7, 0.25);
    fc_tape_shape(tape, shape);
}

/* The heel, then the sole. */
static void footstep(struct fc_tape *tape, double at, double gap, double gain, double pan)
{
    double weight = gain * fc_dice(tape, 0.8, 1);

    fc_tape_chirp(tape, &(struct fc_chirp){.at = at,
                                           .fade = 0.03,
                                           .from_hz = 130,
                                           .to_hz = 70,
                                           .glide = 0.02,
                                           .gain = weight,
                                           .pan = pan});
    fc_tape_burst(tape, &(struct fc_burst){.at = at,
                                           .fade = 0.012,
                                           .hz = fc_dice(tape, 900, 1300),
                                           .q = 0.7,
                                           .gain = 0.4 * weight,
                                           .pan = pan});
    fc_tape_burst(tape, &(struct fc_burst){.at = at + gap,
                                           .fade = 0.03,
                                           .hz = fc_dice(tape, 1800, 2600),
                                           .q = 0.6,
                                           .gain = 0.12 * weight,
                                           .pan = pan,
                                           .attack = 0.008});
}

static void footsteps(struct fc_tape *tape)
{
    for (int i = 0; i < 3; i++)
        footstep(tape, 0.06 + 0.58 * i, 0.09, 1, i % 2 == 0 ? -0.2 : 0.2);
    fc_tape_room(tape, 0.35, 0.15);
}

static void footsteps_running(struct fc_tape *tape)
{
    for (int i = 0; i < 4; i++)
        footstep(tape, 0.03 + 0.29 * i, 0.04, 1, i % 2 == 0 ? -0.2 : 0.2);
    fc_tape_room(tape, 0.3, 0.12);
}

static void confetti(struct fc_tape *tape)
{
    fc_tape_burst(tape, &(struct fc_burst){.fade = 0.02, .hz = 1200, .q = 0.5, .gain = 1});
    fc_tape_chirp(
        tape,
        &(struct fc_chirp){.fade = 0.03, .from_hz = 300, .to_hz = 90, .glide = 0.015, .gain = 0.8});
    for (int i = 0; i < 90; i++) {
        double at = 0.04 + fc_dice(tape, 0, 0.5);

        fc_tape_burst(tape, &(struct fc_burst){.at = at,
                                               .fade = fc_dice(tape, 0.002, 0.006),
                                               .hz = fc_dice(tape, 4000, 9500),
                                               .q = 2,
                                               .gain = 0.35 * (0.6 - at),
                                               .pan = fc_dice(tape, -0.9, 0.9)});
    }
}

/* A hinge sticks and slips: single cracks, at first slow, then fast, that ring in the wood. */
static void creak(struct fc_tape *tape, double from, double to)
{
    double at = from, share = 0;

    while (at < to) {
        share = (at - from) / (to - from);
        fc_tape_chirp(
            tape,
            &(struct fc_chirp){
                .at = at, .fade = 0.007, .from_hz = 620 + 420 * share, .gain = 0.35, .pan = 0.1});
        fc_tape_burst(tape,
                      &(struct fc_burst){
                          .at = at, .fade = 0.004, .hz = 2100, .q = 3, .gain = 0.12, .pan = -0.1});
        at += 0.016 - 0.009 * share;
    }
}

static void latch(struct fc_tape *tape, double at, double gain)
{
    fc_tape_burst(tape,
                  &(struct fc_burst){.at = at, .fade = 0.006, .hz = 3200, .q = 2, .gain = gain});
    fc_tape_chirp(tape,
                  &(struct fc_chirp){.at = at, .fade = 0.015, .from_hz = 1150, .gain = 0.5 * gain});
}

static void door_open(struct fc_tape *tape)
{
    latch(tape, 0.01, 0.6);
    latch(tape, 0.06, 0.35);
    creak(tape, 0.14, 0.62);
    fc_tape_room(tape, 0.4, 0.15);
}

static void door_close(struct fc_tape *tape)
{
    creak(tape, 0.01, 0.11);
    fc_tape_chirp(
        tape, &(struct fc_chirp){
                  .at = 0.14, .fade = 0.07, .from_hz = 120, .to_hz = 62, .glide = 0.03, .gain = 1});
    fc_tape_burst(tape,
                  &(struct fc_burst){.at = 0.14, .fade = 0.03, .hz = 420, .q = 0.6, .gain = 0.5});
    latch(tape, 0.18, 0.4);
    fc_tape_room(tape, 0.5, 0.25);
}

static void typing(struct fc_tape *tape)
{
    double at = 0.02;

    while (at < 1.3) {
        double hz = fc_dice(tape, 1900, 3400), pan = fc_dice(tape, -0.4, 0.4);
        double gain = fc_dice(tape, 0.5, 0.9);

        fc_tape_burst(tape,
                      &(struct fc_burst){
                          .at = at, .fade = 0.005, .hz = hz, .q = 1.2, .gain = gain, .pan = pan});
        fc_tape_chirp(tape,
                      &(struct fc_chirp){
                          .at = at, .fade = 0.01, .from_hz = 260, .gain = 0.4 * gain, .pan = pan});
        fc_tape_burst(tape, &(struct fc_burst){.at = at + 0.045,
                                               .fade = 0.003,
                                               .hz = 1.4 * hz,
                                               .q = 1.5,
                                               .gain = 0.35 * gain,
                                               .pan = pan});
        at += fc_dice(tape, 0.075, 0.16);
    }
}

static void notification(struct fc_tape *tape)
{
    static const double tones[] = {1318.5, 2637, 3955.5};

    for (int i = 0; i < 3; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.at = 0.003,
                                               .fade = 0.085 / (i + 1),
                                               .from_hz = tones[i],
                                               .gain = 0.8 / (1 + 3 * i),
                                               .attack = 0.003});
}

const struct fc_synth_recipe fc_synth_sfx[] = {
    {"asset_sfx_whoosh", 500, whoosh, NULL},
    {"asset_sfx_whoosh_heavy", 800, whoosh_heavy, NULL},
    {"asset_sfx_impact", 300, impact, NULL},
    {"asset_sfx_impact_metal", 400, impact_metal, NULL},
    {"asset_sfx_click", 200, click, NULL},
    {"asset_sfx_pop", 250, pop, NULL},
    {"asset_sfx_applause", 3200, applause, NULL},
    {"asset_sfx_applause_short", 1100, applause_short, NULL},
    {"asset_sfx_footsteps", 1800, footsteps, NULL},
    {"asset_sfx_footsteps_running", 1200, footsteps_running, NULL},
    {"asset_sfx_confetti", 600, confetti, NULL},
    {"asset_sfx_door_open", 700, door_open, NULL},
    {"asset_sfx_door_close", 600, door_close, NULL},
    {"asset_sfx_typing", 1400, typing, NULL},
    {"asset_sfx_notification", 300, notification, NULL},
    {0},
};
