#include "render/synth_score.h"

#include <math.h>
#include <string.h>

enum { RATE = FC_AUDIO_RATE, PARTIALS_MAX = 10, OCTAVE = 12 };

static const double highest_hz = 12000;

/* ---- instruments with pitch ---- */

/* A tone is a sum of partials, each weaker than the one before, which die away, the high ones
 * first. */
struct voice {
    int n_partials;
    double ratios[PARTIALS_MAX];  /* to the lowest; the first 0: 1, 2, 3, … */
    double rolloff;               /* partial k has the strength 1 / k^rolloff */
    double attack, fade, release; /* seconds; fade 0: lasts as long as the note */
    double detune;                /* of the two strings of a tone, as a share of its frequency */
    double width;                 /* how far left and right they stand */
    double gain;
};

static const struct voice voices[FC_KICK] = {
    /* partials, ratios, rolloff; attack, fade, release; detune, width; gain */
    [FC_STRINGS] = {8, {0}, 1.25, 0.25, 0, 0.55, 0.0030, 0.7, 0.30},
    [FC_PIANO] = {8, {0}, 1.5, 0.004, 1.1, 0.25, 0.0006, 0.3, 0.55},
    [FC_PIZZICATO] = {6, {0}, 1.3, 0.003, 0.14, 0.08, 0.0010, 0.3, 0.80},
    [FC_BASS] = {5, {0}, 1.4, 0.01, 0.9, 0.08, 0.0008, 0.1, 0.60},
    [FC_BRASS] = {10, {0}, 0.9, 0.06, 0, 0.18, 0.0018, 0.4, 0.22},
    [FC_BELL] = {4, {1, 2.76, 5.4, 8.93}, 0.9, 0.002, 0.9, 0.6, 0.0004, 0.5, 0.40},
    [FC_MARIMBA] = {3, {1, 3.93, 9.2}, 1.4, 0.002, 0.22, 0.15, 0.0004, 0.3, 0.80},
    [FC_SYNTH] = {8, {0}, 1.0, 0.006, 0.35, 0.06, 0.0040, 0.6, 0.35},
};

/* One turning pointer per partial: a sine without asking for one at each sample. */
struct partial {
    double x, y, turn_x, turn_y, keep;
};

static int set_partials(struct partial *partials, const struct voice *voice, double hz)
{
    int n = 0;

    for (int k = 0; k < voice->n_partials; k++) {
        double ratio = voice->ratios[0] > 0 ? voice->ratios[k] : k + 1;
        double angle = 2 * M_PI * hz * ratio / RATE, phase = 2.4 * k;
        double strength = voice->gain / pow(k + 1, voice->rolloff);
        double fade = voice->fade / (1 + 0.35 * k);

        if (hz * ratio > highest_hz)
            break;
        partials[n++] = (struct partial){strength * cos(phase), strength * sin(phase), cos(angle),
                                         sin(angle), voice->fade > 0 ? exp(-1 / (fade * RATE)) : 1};
    }
    return n;
}

static float step_partials(struct partial *partials, int n)
{
    double sum = 0;

    for (int k = 0; k < n; k++) {
        struct partial *p = &partials[k];
        double x = (p->x * p->turn_x - p->y * p->turn_y) * p->keep;

        p->y = (p->x * p->turn_y + p->y * p->turn_x) * p->keep;
        p->x = x;
        sum += p->y;
    }
    return (float)sum;
}

struct note {
    double at, seconds, hz, gain, pan;
};

static void play_string(struct fc_tape *tape, const struct voice *voice, const struct note *note,
                        double hz, double pan_at)
{
    struct partial partials[PARTIALS_MAX];
    struct fc_pan pan = fc_pan_of(fmax(-1, fmin(1, pan_at)));
    const int n_partials = set_partials(partials, voice, hz);
    const int at = fc_tape_index(note->at), held = fc_tape_index(note->seconds);
    const int attack = fc_tape_index(fmin(voice->attack, note->seconds / 2));
    const int release = fc_tape_index(voice->release);

    for (int i = 0; i < held + release; i++) {
        double up = i < attack ? (double)i / attack : 1;
        double down = i > held ? 1 - (double)(i - held) / release : 1;
        float value = step_partials(partials, n_partials) * (float)(note->gain * up * down * down);

        fc_tape_add(tape, at + i, value * pan.left, value * pan.right);
    }
}

static void play_tone(struct fc_tape *tape, enum fc_instrument instrument, const struct note *note)
{
    const struct voice *voice = &voices[instrument];

    play_string(tape, voice, note, note->hz * (1 - voice->detune), note->pan - voice->width);
    play_string(tape, voice, note, note->hz * (1 + voice->detune), note->pan + voice->width);
}

/* ---- drums ---- */

/* A stroke is a tone of the skin and a noise. */
static const struct drum {
    struct fc_chirp skin;
    struct fc_burst noise;
} drums[FC_INSTRUMENT__COUNT] = {
    [FC_KICK] = {{.fade = 0.12, .from_hz = 150, .to_hz = 48, .glide = 0.03, .gain = 1.0},
                 {.fade = 0.006, .hz = 2500, .q = 0.7, .gain = 0.08}},
    [FC_SNARE] = {{.fade = 0.06, .from_hz = 240, .to_hz = 180, .glide = 0.02, .gain = 0.35},
                  {.fade = 0.09, .hz = 2600, .q = 0.5, .gain = 0.28}},
    [FC_HAT] = {{.fade = 0.002, .from_hz = 6000, .gain = 0.02},
                {.fade = 0.03, .hz = 9000, .q = 0.9, .gain = 0.16}},
    [FC_TIMPANI] = {{.fade = 0.45, .from_hz = 92, .to_hz = 73, .glide = 0.05, .gain = 1.0},
                    {.fade = 0.05, .hz = 300, .q = 0.7, .gain = 0.12}},
    [FC_TICK] = {{.fade = 0.012, .from_hz = 1700, .gain = 0.35},
                 {.fade = 0.01, .hz = 4200, .q = 1.5, .gain = 0.12}},
};

static void play_drum(struct fc_tape *tape, enum fc_instrument instrument, const struct note *note)
{
    struct fc_chirp skin = drums[instrument].skin;
    struct fc_burst noise = drums[instrument].noise;

    skin.at = noise.at = note->at;
    skin.pan = noise.pan = note->pan;
    skin.gain *= note->gain;
    noise.gain *= note->gain;
    fc_tape_chirp(tape, &skin);
    fc_tape_burst(tape, &noise);
}

static void play_note(struct fc_tape *tape, enum fc_instrument instrument, const struct note *note)
{
    if (instrument >= FC_KICK)
        play_drum(tape, instrument, note);
    else
        play_tone(tape, instrument, note);
}

/* ---- the score ---- */

static const int chord_tones[FC_CHORD_KIND__COUNT][FC_CHORD_TONES] = {
    [FC_MAJOR] = {0, 4, 7, 12},  [FC_MINOR] = {0, 3, 7, 12},  [FC_SUS2] = {0, 2, 7, 12},
    [FC_MAJOR7] = {0, 4, 7, 11}, [FC_MINOR7] = {0, 3, 7, 10}, [FC_DIMINISHED] = {0, 3, 6, 9},
};

static const int scales[2][7] = {{0, 2, 4, 5, 7, 9, 11}, {0, 2, 3, 5, 7, 8, 10}};

static double hz_of(int midi_note)
{
    return 440 * pow(2, (midi_note - 69) / 12.0);
}

/* Roots from the fifth on are taken below the key, so that the voices of a chord move little. */
static int root_of(struct fc_chord chord)
{
    return chord.root >= 7 ? chord.root - OCTAVE : chord.root;
}

static int tone_of(const struct fc_score *score, struct fc_chord chord, char step)
{
    if (step >= 'a') {
        int degree = step - 'a';

        return scales[score->is_minor][degree % 7] + degree / 7 * OCTAVE;
    }
    step = (char)(step - '0');
    return root_of(chord) + chord_tones[chord.kind][step % FC_CHORD_TONES] +
           step / FC_CHORD_TONES * OCTAVE;
}

static void play_step(const struct fc_score *score, const struct fc_line *line,
                      struct fc_tape *tape, struct fc_chord chord, char step, struct note note)
{
    const int base = score->key + OCTAVE * line->octave;
    const bool is_chord = step == 'x' && line->instrument < FC_KICK;

    for (int i = 0; i < (is_chord ? FC_CHORD_TONES : 1); i++) {
        char tone = is_chord ? (char)('0' + i) : step;

        note.hz = step == 'x' && !is_chord ? 0 : hz_of(base + tone_of(score, chord, tone));
        play_note(tape, line->instrument, &note);
    }
}

static void play_line(const struct fc_score *score, const struct fc_line *line,
                      struct fc_tape *tape)
{
    const int n_steps = score->n_chords * score->steps_per_chord;
    const double step_seconds = fc_tape_seconds(tape) / n_steps;
    const double last_gain = line->gain_to > 0 ? line->gain_to : line->gain;
    const size_t n_written = strlen(line->steps);

    for (int i = 0; i < n_steps; i++) {
        char step = line->steps[(size_t)i % n_written];
        struct note note = {
            .at = i * step_seconds,
            .seconds = line->length * step_seconds,
            .gain = line->gain + (last_gain - line->gain) * i / n_steps,
            .pan = line->pan,
        };

        note.gain *= fc_dice(tape, 0.92, 1); /* nobody strikes twice alike */
        if (step != '.')
            play_step(score, line, tape, score->chords[i / score->steps_per_chord], step, note);
    }
}

void fc_score_play(const struct fc_score *score, struct fc_tape *tape)
{
    for (int i = 0; i < FC_SCORE_LINES && score->lines[i].steps != NULL; i++)
        play_line(score, &score->lines[i], tape);
    fc_tape_room(tape, score->room, score->wet);
}
