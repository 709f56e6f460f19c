#include "render/synth_parts.h"

#include <math.h>
#include <string.h>

enum { RATE = FC_AUDIO_RATE, TUNE_EVERY = 32, LEFT = 0, RIGHT = 1 };

static const double fade_lengths = 7; /* after that many fades nothing is left to be heard */

struct fc_tape fc_tape_new(struct fc_arena *arena, int n, bool loops, uint32_t seed)
{
    struct fc_tape tape = {.arena = arena, .n = n, .loops = loops, .dice = seed | 1};

    for (int c = 0; c < FC_AUDIO_CHANNELS; c++)
        tape.side[c] = FC_NEW_ARRAY(arena, float, (size_t)n);
    return tape;
}

double fc_tape_seconds(const struct fc_tape *tape)
{
    return (double)tape->n / RATE;
}

/* xorshift: enough for noise, and the same on every machine. */
static double dice_unit(struct fc_tape *tape)
{
    tape->dice ^= tape->dice << 13;
    tape->dice ^= tape->dice >> 17;
    tape->dice ^= tape->dice << 5;
    return (double)tape->dice / 4294967296.0;
}

double fc_dice(struct fc_tape *tape, double low, double high)
{
    return low + (high - low) * dice_unit(tape);
}

static float white(struct fc_tape *tape)
{
    return (float)fc_dice(tape, -1.732, 1.732); /* RMS 1 */
}

void fc_tape_add(struct fc_tape *tape, int at, float left, float right)
{
    if (tape->loops)
        at %= tape->n;
    else if (at >= tape->n)
        return;
    tape->side[LEFT][at] += left;
    tape->side[RIGHT][at] += right;
}

struct fc_pan fc_pan_of(double pan)
{
    double angle = (pan + 1) * M_PI / 4;

    return (struct fc_pan){(float)cos(angle), (float)sin(angle)};
}

/* ---- filters ---- */

/* The state-variable filter in its trapezoidal form: it stays stable while its frequency moves. */
void fc_filter_tune(struct fc_filter *filter, double hz, double q)
{
    double g = tan(M_PI * fmin(hz, RATE * 0.45) / RATE), k = 1 / q, a1 = 1 / (1 + g * (g + k));

    filter->k = (float)k;
    filter->a1 = (float)a1;
    filter->a2 = (float)(g * a1);
    filter->a3 = (float)(g * g * a1);
}

struct fc_filter fc_filter_of(enum fc_filter_kind kind, double hz, double q)
{
    struct fc_filter filter = {.kind = kind};

    fc_filter_tune(&filter, hz, q);
    return filter;
}

float fc_filter_run(struct fc_filter *filter, float in)
{
    float v3 = in - filter->s2;
    float v1 = filter->a1 * filter->s1 + filter->a2 * v3;
    float v2 = filter->s2 + filter->a2 * filter->s1 + filter->a3 * v3;

    filter->s1 = 2 * v1 - filter->s1;
    filter->s2 = 2 * v2 - filter->s2;
    if (filter->kind == FC_FILTER_LOW)
        return v2;
    return filter->kind == FC_FILTER_BAND ? filter->k * v1 : in - filter->k * v1 - v2;
}

/* On a circle the filter first hears the end, to begin as if it had always been running. */
static void filter_wave(float *wave, int n, bool loops, struct fc_filter filter)
{
    for (int i = loops && n > RATE ? n - RATE : n; i < n; i++)
        (void)fc_filter_run(&filter, wave[i]);
    for (int i = 0; i < n; i++)
        wave[i] = fc_filter_run(&filter, wave[i]);
}

void fc_tape_filter(struct fc_tape *tape, enum fc_filter_kind kind, double hz, double q)
{
    for (int c = 0; c < FC_AUDIO_CHANNELS; c++)
        filter_wave(tape->side[c], tape->n, tape->loops, fc_filter_of(kind, hz, q));
}

static void sweep_wave(float *wave, int n, const struct fc_bed *bed)
{
    struct fc_filter filter = fc_filter_of(FC_FILTER_BAND, bed->sweep_from_hz, bed->sweep_q);

    for (int i = 0; i < n; i++) {
        if (i % TUNE_EVERY == 0)
            fc_filter_tune(&filter,
                           bed->sweep_from_hz *
                               pow(bed->sweep_to_hz / bed->sweep_from_hz, (double)i / n),
                           bed->sweep_q);
        wave[i] = fc_filter_run(&filter, wave[i]);
    }
}

/* ---- beds ---- */

static double gain_of(const struct fc_point *points, double at)
{
    double share;

    while (at > points[1].at && points[1].at < 1)
        points++;
    share = fmin(1, fmax(0, (at - points[0].at) / (points[1].at - points[0].at)));
    share = share * share * (3 - 2 * share);
    return points[0].gain + (points[1].gain - points[0].gain) * share;
}

static void shape_wave(float *wave, int n, const struct fc_point *points)
{
    for (int i = 0; i < n; i++)
        wave[i] *= (float)gain_of(points, (double)i / n);
}

void fc_tape_shape(struct fc_tape *tape, const struct fc_point *points)
{
    for (int c = 0; c < FC_AUDIO_CHANNELS; c++)
        shape_wave(tape->side[c], tape->n, points);
}

/* Brown is white summed up with a leak; pink, between both, is the sum of three leaks (Kellet). */
static void colour_wave(float *wave, int n, bool loops, enum fc_colour colour)
{
    float b0 = 0, b1 = 0, b2 = 0, brown = 0;

    for (int i = loops ? -n : 0; i < n; i++) {
        float in = wave[i < 0 ? i + n : i];

        b0 = 0.99765f * b0 + in * 0.0990460f;
        b1 = 0.96300f * b1 + in * 0.2965164f;
        b2 = 0.57000f * b2 + in * 1.0526913f;
        brown = 0.99f * brown + in * 0.14f;
        if (i >= 0)
            wave[i] = colour == FC_PINK ? 0.55f * (b0 + b1 + b2 + in * 0.1848f) : brown;
    }
}

static void swell_wave(float *wave, int n, const struct fc_bed *bed)
{
    for (int i = 0; i < n; i++) {
        double turn = bed->swells * (double)i / n + bed->phase;

        wave[i] *= (float)(1 - bed->depth * (0.5 + 0.5 * cos(2 * M_PI * turn)));
    }
}

void fc_tape_bed(struct fc_tape *tape, const struct fc_bed *bed)
{
    const int n = tape->n;
    float *wave = FC_NEW_ARRAY(tape->arena, float, (size_t)n);

    for (int c = 0; c < FC_AUDIO_CHANNELS; c++) {
        for (int i = 0; i < n; i++)
            wave[i] = white(tape) * (float)bed->gain;
        if (bed->colour != FC_WHITE)
            colour_wave(wave, n, tape->loops, bed->colour);
        if (bed->above_hz > 0)
            filter_wave(wave, n, tape->loops, fc_filter_of(FC_FILTER_HIGH, bed->above_hz, 0.7));
        if (bed->below_hz > 0)
            filter_wave(wave, n, tape->loops, fc_filter_of(FC_FILTER_LOW, bed->below_hz, 0.7));
        if (bed->sweep_from_hz > 0)
            sweep_wave(wave, n, bed);
        if (bed->swells > 0)
            swell_wave(wave, n, bed);
        if (bed->shape != NULL)
            shape_wave(wave, n, bed->shape);
        for (int i = 0; i < n; i++)
            tape->side[c][i] += wave[i];
    }
}

/* ---- single events ---- */

static double attacked(double seconds, double attack)
{
    return seconds < attack ? seconds / attack : 1;
}

void fc_tape_burst(struct fc_tape *tape, const struct fc_burst *burst)
{
    const int at = fc_tape_index(burst->at), n = fc_tape_index(burst->fade * fade_lengths);
    const double attack = fmax(burst->attack, 0.0005);
    const float keep = (float)exp(-1 / (burst->fade * RATE));
    struct fc_filter filter = fc_filter_of(FC_FILTER_BAND, burst->hz, burst->q);
    struct fc_pan pan = fc_pan_of(burst->pan);
    /* A narrow band lets little noise through: made up for. */
    float gain = (float)(burst->gain * sqrt(burst->q * 6000 / burst->hz));

    for (int i = 0; i < n; i++) {
        float value = fc_filter_run(&filter, white(tape)) * gain *
                      (float)attacked((double)i / RATE, attack);

        fc_tape_add(tape, at + i, value * pan.left, value * pan.right);
        gain *= keep;
    }
}

void fc_tape_chirp(struct fc_tape *tape, const struct fc_chirp *chirp)
{
    const int at = fc_tape_index(chirp->at), n = fc_tape_index(chirp->fade * fade_lengths);
    const double attack = fmax(chirp->attack, 0.0005);
    const double keep = exp(-1 / (chirp->fade * RATE));
    const double glide = chirp->glide > 0 ? exp(-1 / (chirp->glide * RATE)) : 1;
    const double target = chirp->glide > 0 ? chirp->to_hz : 0;
    struct fc_pan pan = fc_pan_of(chirp->pan);
    double gain = chirp->gain, away = chirp->from_hz - target, turn = 0;

    for (int i = 0; i < n; i++) {
        float value = (float)(sin(2 * M_PI * turn) * gain * attacked((double)i / RATE, attack));

        turn += (target + away) / RATE;
        fc_tape_add(tape, at + i, value * pan.left, value * pan.right);
        gain *= keep;
        away *= glide;
    }
}

void fc_tape_hum(struct fc_tape *tape, double hz, double gain)
{
    const double turns = round(hz * fc_tape_seconds(tape));

    for (int i = 0; i < tape->n; i++) {
        float value = (float)(gain * sin(2 * M_PI * turns * i / tape->n));

        fc_tape_add(tape, i, value, value);
    }
}

/* ---- talk ---- */

/* A vowel: the buzz of the vocal cords through two resonances of the mouth. */
static void syllable(struct fc_tape *tape, double at, double seconds, double hz, double gain,
                     struct fc_pan pan)
{
    struct fc_filter low = fc_filter_of(FC_FILTER_BAND, fc_dice(tape, 320, 760), 5);
    struct fc_filter high = fc_filter_of(FC_FILTER_BAND, fc_dice(tape, 1000, 2300), 7);
    const double bend = fc_dice(tape, -0.12, 0.12);
    const int begin = fc_tape_index(at), n = fc_tape_index(seconds);
    double turn = 0;

    for (int i = 0; i < n; i++) {
        double share = (double)i / n, swell = sin(M_PI * share);
        float buzz, value;

        turn += hz * (1 + bend * share) / RATE;
        turn -= floor(turn);
        buzz = (float)(1 - 2 * turn) + 0.15f * white(tape);
        value = fc_filter_run(&low, buzz) + 0.5f * fc_filter_run(&high, buzz);
        value *= (float)(gain * swell * swell);
        fc_tape_add(tape, begin + i, value * pan.left, value * pan.right);
    }
}

void fc_tape_talk(struct fc_tape *tape, const struct fc_talk *talk)
{
    const double end = fc_tape_seconds(tape);

    for (int person = 0; person < talk->n_people; person++) {
        struct fc_pan pan = fc_pan_of(fc_dice(tape, -0.9, 0.9));
        double voice = talk->pitch_hz * pow(2, fc_dice(tape, -0.7, 0.7));
        double near = talk->gain * fc_dice(tape, 0.4, 1);

        for (double at = fc_dice(tape, 0, 0.4); at < end;) {
            double seconds = fc_dice(tape, 0.11, 0.26) * (1 - 0.25 * talk->eager);
            double move = (0.12 + 0.25 * talk->eager) * fc_dice(tape, -1, 1);

            syllable(tape, at, seconds, voice * (1 + move), near * fc_dice(tape, 0.5, 1), pan);
            at += seconds * fc_dice(tape, 0.8, 1.1);
            if (fc_dice(tape, 0, 1) < 0.22 * (1.1 - talk->eager))
                at += fc_dice(tape, 0.15, 0.7);
        }
    }
}

/* ---- the room ---- */

enum { N_COMBS = 6, N_ALLPASSES = 2, DELAY_MAX = 4096, SPREAD = 37 };

struct delay {
    float line[DELAY_MAX];
    int length, at;
    float feedback, damped;
};

static float comb_run(struct delay *comb, float in)
{
    float out = comb->line[comb->at];

    comb->damped = out * 0.7f + comb->damped * 0.3f; /* walls swallow the high tones first */
    comb->line[comb->at] = in + comb->damped * comb->feedback;
    comb->at = comb->at + 1 == comb->length ? 0 : comb->at + 1;
    return out;
}

static float allpass_run(struct delay *allpass, float in)
{
    float held = allpass->line[allpass->at], out = held - 0.5f * in;

    allpass->line[allpass->at] = in + 0.5f * out;
    allpass->at = allpass->at + 1 == allpass->length ? 0 : allpass->at + 1;
    return out;
}

struct room {
    struct delay combs[N_COMBS], allpasses[N_ALLPASSES];
};

static void room_build(struct room *room, double seconds, int side)
{
    static const int combs[N_COMBS] = {1557, 1687, 1847, 2053, 2251, 2399};
    static const int allpasses[N_ALLPASSES] = {556, 225};

    memset(room, 0, sizeof *room);
    for (int i = 0; i < N_COMBS; i++) {
        room->combs[i].length = combs[i] + side * SPREAD;
        room->combs[i].feedback = (float)pow(10, -3.0 * room->combs[i].length / (seconds * RATE));
    }
    for (int i = 0; i < N_ALLPASSES; i++)
        room->allpasses[i].length = allpasses[i] + side * SPREAD;
}

static float room_run(struct room *room, float in)
{
    float out = 0;

    for (int i = 0; i < N_COMBS; i++)
        out += comb_run(&room->combs[i], in);
    for (int i = 0; i < N_ALLPASSES; i++)
        out = allpass_run(&room->allpasses[i], out);
    return out / N_COMBS;
}

void fc_tape_room(struct fc_tape *tape, double seconds, double wet)
{
    struct room *room = FC_NEW(tape->arena, struct room);
    float *echo = FC_NEW_ARRAY(tape->arena, float, (size_t)tape->n *FC_AUDIO_CHANNELS);

    for (int c = 0; c < FC_AUDIO_CHANNELS; c++) {
        room_build(room, seconds, c);
        for (int i = tape->loops ? -tape->n : 0; i < tape->n; i++) {
            int at = i < 0 ? i + tape->n : i;
            float in = 0.7f * tape->side[c][at] + 0.3f * tape->side[1 - c][at];

            echo[c * tape->n + at] = room_run(room, in);
        }
    }
    for (int c = 0; c < FC_AUDIO_CHANNELS; c++) {
        for (int i = 0; i < tape->n; i++)
            tape->side[c][i] += (float)wet * 2 * echo[c * tape->n + i];
    }
}
