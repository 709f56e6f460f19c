/* Places: one function each, on tapes that loop. Times in seconds. */
#include "render/synth_catalogue.h"
#include "render/synth_parts.h"

static void room_tone(struct fc_tape *tape, double gain, double below_hz)
{
    fc_tape_bed(tape, &(struct fc_bed){
                          .gain = gain, .colour = FC_BROWN, .above_hz = 40, .below_hz = below_hz});
}

static void crowd(struct fc_tape *tape)
{
    room_tone(tape, 0.06, 400);
    fc_tape_talk(tape,
                 &(struct fc_talk){.n_people = 22, .pitch_hz = 135, .eager = 0.5, .gain = 0.25});
    fc_tape_room(tape, 1.2, 0.4);
    fc_tape_filter(tape, FC_FILTER_LOW, 2600, 0.7);
}

static void crowd_excited(struct fc_tape *tape)
{
    room_tone(tape, 0.06, 500);
    fc_tape_talk(tape,
                 &(struct fc_talk){.n_people = 26, .pitch_hz = 205, .eager = 1, .gain = 0.25});
    for (int i = 0; i < 5; i++) /* here and there somebody cheers */
        fc_tape_chirp(tape, &(struct fc_chirp){.at = fc_dice(tape, 0, 4.8),
                                               .fade = 0.14,
                                               .from_hz = fc_dice(tape, 420, 600),
                                               .to_hz = fc_dice(tape, 850, 1050),
                                               .glide = 0.15,
                                               .gain = 0.12,
                                               .pan = fc_dice(tape, -0.8, 0.8),
                                               .attack = 0.08});
    fc_tape_room(tape, 1.3, 0.4);
}

/* A phrase of a bird: the same figure some times. */
static void bird(struct fc_tape *tape, double at, double hz, int n_notes, double gain)
{
    double pan = fc_dice(tape, -0.9, 0.9), every = fc_dice(tape, 0.09, 0.17);
    double bend = fc_dice(tape, 0.75, 1.35);

    for (int i = 0; i < n_notes; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.at = at + every * i,
                                               .fade = 0.022,
                                               .from_hz = hz * fc_dice(tape, 0.97, 1.03),
                                               .to_hz = hz * bend,
                                               .glide = 0.03,
                                               .gain = gain,
                                               .pan = pan,
                                               .attack = 0.012});
}

static void nature(struct fc_tape *tape)
{
    room_tone(tape, 0.018, 350);
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.02,
                                       .colour = FC_PINK,
                                       .above_hz = 2200,
                                       .below_hz = 7000,
                                       .swells = 2,
                                       .depth = 0.7});
    for (int i = 0; i < 14; i++)
        bird(tape, 0.42 * i + fc_dice(tape, 0, 0.3), fc_dice(tape, 2300, 5200), 3 + i % 4,
             fc_dice(tape, 0.05, 0.2));
    fc_tape_room(tape, 1.5, 0.25);
}

static void nature_rain(struct fc_tape *tape)
{
    room_tone(tape, 0.04, 300);
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.07,
                                       .colour = FC_PINK,
                                       .above_hz = 700,
                                       .below_hz = 9000,
                                       .swells = 1,
                                       .depth = 0.15});
    for (int i = 0; i < 900; i++)
        fc_tape_burst(tape, &(struct fc_burst){.at = fc_dice(tape, 0, 5.5),
                                               .fade = fc_dice(tape, 0.001, 0.004),
                                               .hz = fc_dice(tape, 1800, 8000),
                                               .q = 2,
                                               .gain = fc_dice(tape, 0.02, 0.14),
                                               .pan = fc_dice(tape, -1, 1)});
    for (int i = 0; i < 60; i++) /* drops into puddles */
        fc_tape_chirp(tape, &(struct fc_chirp){.at = fc_dice(tape, 0, 5.5),
                                               .fade = 0.012,
                                               .from_hz = fc_dice(tape, 700, 1400),
                                               .to_hz = 2400,
                                               .glide = 0.03,
                                               .gain = fc_dice(tape, 0.02, 0.08),
                                               .pan = fc_dice(tape, -1, 1),
                                               .attack = 0.002});
}

static void car(struct fc_tape *tape, int swells, double phase, double gain, double below_hz)
{
    fc_tape_bed(tape, &(struct fc_bed){.gain = gain,
                                       .colour = FC_PINK,
                                       .above_hz = 120,
                                       .below_hz = below_hz,
                                       .swells = swells,
                                       .depth = 0.95,
                                       .phase = phase});
}

static void horn(struct fc_tape *tape, double at, double hz, double gain, double pan)
{
    for (int i = 1; i <= 4; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.at = at,
                                               .fade = 0.11,
                                               .from_hz = hz * i,
                                               .gain = gain / i,
                                               .pan = pan,
                                               .attack = 0.02});
}

static void city(struct fc_tape *tape)
{
    room_tone(tape, 0.1, 260);
    car(tape, 2, 0.0, 0.12, 1400);
    car(tape, 3, 0.3, 0.08, 2200);
    horn(tape, 1.1, 415, 0.06, -0.6);
    horn(tape, 1.45, 415, 0.05, -0.6);
    horn(tape, 3.8, 349, 0.035, 0.7);
    fc_tape_talk(tape,
                 &(struct fc_talk){.n_people = 5, .pitch_hz = 160, .eager = 0.4, .gain = 0.09});
    fc_tape_room(tape, 1.4, 0.3);
}

static void city_night(struct fc_tape *tape)
{
    room_tone(tape, 0.08, 180);
    car(tape, 1, 0.4, 0.09, 900);
    car(tape, 2, 0.1, 0.03, 1500);
    horn(tape, 3.3, 311, 0.015, 0.6);
    for (int i = 0; i < 5; i++) /* a cricket */
        bird(tape, 1.0 * i + 0.2, 4600, 3, 0.016);
    fc_tape_room(tape, 2.2, 0.4);
}

static void key_strokes(struct fc_tape *tape, int n, double gain)
{
    for (int i = 0; i < n; i++)
        fc_tape_burst(tape, &(struct fc_burst){.at = fc_dice(tape, 0, fc_tape_seconds(tape)),
                                               .fade = 0.004,
                                               .hz = fc_dice(tape, 1800, 3600),
                                               .q = 1.5,
                                               .gain = gain * fc_dice(tape, 0.4, 1),
                                               .pan = fc_dice(tape, -0.7, 0.7)});
}

static void office(struct fc_tape *tape)
{
    room_tone(tape, 0.03, 400);
    fc_tape_hum(tape, 100, 0.008);
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.01, .colour = FC_PINK, .above_hz = 500});
    key_strokes(tape, 30, 0.2);
    fc_tape_talk(tape,
                 &(struct fc_talk){.n_people = 3, .pitch_hz = 150, .eager = 0.2, .gain = 0.07});
    for (int i = 0; i < 2; i++) /* a phone, two rooms away */
        fc_tape_chirp(tape, &(struct fc_chirp){.at = 3.9 + 0.35 * i,
                                               .fade = 0.07,
                                               .from_hz = 1180,
                                               .gain = 0.03,
                                               .pan = 0.7,
                                               .attack = 0.02});
    fc_tape_room(tape, 0.7, 0.3);
}

static void theater(struct fc_tape *tape)
{
    room_tone(tape, 0.045, 300);
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.01, .colour = FC_PINK, .above_hz = 400});
    fc_tape_talk(tape,
                 &(struct fc_talk){.n_people = 6, .pitch_hz = 140, .eager = 0.1, .gain = 0.05});
    for (int i = 0; i < 2; i++) /* a cough */
        fc_tape_burst(tape, &(struct fc_burst){.at = 2.6 + 0.3 * i,
                                               .fade = 0.045,
                                               .hz = 850,
                                               .q = 0.9,
                                               .gain = 0.12,
                                               .pan = -0.5,
                                               .attack = 0.01});
    fc_tape_burst(
        tape,
        &(struct fc_burst){
            .at = 1.1, .fade = 0.03, .hz = 380, .q = 2, .gain = 0.12, .pan = 0.6}); /* a seat */
    fc_tape_room(tape, 3.2, 0.6);
}

static void clang(struct fc_tape *tape, double at, double hz, double gain, double pan)
{
    static const double ratios[] = {1, 1.53, 2.31, 3.17, 4.73};

    for (int i = 0; i < 5; i++)
        fc_tape_chirp(tape, &(struct fc_chirp){.at = at,
                                               .fade = 0.12 / (1 + 0.2 * i),
                                               .from_hz = hz * ratios[i],
                                               .gain = gain / (1 + 0.5 * i),
                                               .pan = pan});
}

/* A press that strikes sixteen times in a round, and what stands around it. */
static void factory(struct fc_tape *tape)
{
    const double stroke = fc_tape_seconds(tape) / 16;

    room_tone(tape, 0.05, 500);
    for (int i = 1; i <= 6; i++)
        fc_tape_hum(tape, 50 * i, 0.05 / i);
    for (int i = 0; i < 16; i++) {
        fc_tape_chirp(tape, &(struct fc_chirp){.at = stroke * i,
                                               .fade = 0.05,
                                               .from_hz = 140,
                                               .to_hz = 65,
                                               .glide = 0.02,
                                               .gain = 0.28,
                                               .pan = -0.2});
        fc_tape_burst(tape, &(struct fc_burst){.at = stroke * (i + 0.5),
                                               .fade = 0.06,
                                               .hz = 3800,
                                               .q = 0.7,
                                               .gain = 0.05,
                                               .pan = 0.5,
                                               .attack = 0.02});
    }
    for (int i = 0; i < 4; i++)
        clang(tape, stroke * (4 * i + 2.5), i % 2 == 0 ? 610 : 540, 0.14, 0.4);
    fc_tape_room(tape, 1.8, 0.35);
}

static void clink(struct fc_tape *tape, double at)
{
    double hz = fc_dice(tape, 2600, 4200), pan = fc_dice(tape, -0.8, 0.8);

    for (int i = 0; i < 2; i++) {
        fc_tape_chirp(
            tape, &(struct fc_chirp){
                      .at = at + 0.06 * i, .fade = 0.05, .from_hz = hz, .gain = 0.05, .pan = pan});
        fc_tape_chirp(
            tape,
            &(struct fc_chirp){
                .at = at + 0.06 * i, .fade = 0.03, .from_hz = 2.4 * hz, .gain = 0.025, .pan = pan});
    }
}

static void cafe(struct fc_tape *tape)
{
    static const struct fc_point steam[] = {{0, 0},      {0.55, 0}, {0.6, 1},
                                            {0.75, 0.9}, {0.8, 0},  {1, 0}};

    room_tone(tape, 0.05, 400);
    fc_tape_talk(tape,
                 &(struct fc_talk){.n_people = 12, .pitch_hz = 165, .eager = 0.45, .gain = 0.2});
    for (int i = 0; i < 6; i++)
        clink(tape, 0.9 * i + fc_dice(tape, 0, 0.6));
    fc_tape_bed(tape,
                &(struct fc_bed){.gain = 0.05, .above_hz = 2500, .below_hz = 9000, .shape = steam});
    fc_tape_room(tape, 0.9, 0.3);
}

/* One wave comes and draws back in each round, a smaller one between. */
static void ocean(struct fc_tape *tape)
{
    static const struct fc_point breaker[] = {
        {0, 0.15}, {0.35, 0.5}, {0.45, 1}, {0.7, 0.4}, {1, 0.15}};

    room_tone(tape, 0.2, 220);
    fc_tape_bed(
        tape,
        &(struct fc_bed){
            .gain = 0.3, .colour = FC_PINK, .above_hz = 150, .below_hz = 1600, .shape = breaker});
    fc_tape_bed(
        tape, &(struct fc_bed){.gain = 0.12, .above_hz = 2000, .below_hz = 9000, .shape = breaker});
    fc_tape_bed(tape, &(struct fc_bed){.gain = 0.1,
                                       .colour = FC_PINK,
                                       .above_hz = 300,
                                       .below_hz = 2500,
                                       .swells = 2,
                                       .depth = 0.9});
}

const struct fc_synth_recipe fc_synth_ambient[] = {
    {"asset_ambient_crowd", 5000, crowd, NULL},
    {"asset_ambient_crowd_excited", 4800, crowd_excited, NULL},
    {"asset_ambient_nature", 6000, nature, NULL},
    {"asset_ambient_nature_rain", 5500, nature_rain, NULL},
    {"asset_ambient_city", 5200, city, NULL},
    {"asset_ambient_city_night", 5000, city_night, NULL},
    {"asset_ambient_office", 5800, office, NULL},
    {"asset_ambient_theater", 4500, theater, NULL},
    {"asset_ambient_factory", 6200, factory, NULL},
    {"asset_ambient_cafe", 5300, cafe, NULL},
    {"asset_ambient_ocean", 5700, ocean, NULL},
    {0},
};
