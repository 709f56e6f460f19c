#include "render/synth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <framecast/text.h>

#include "render/loudness.h"
#include "render/synth_catalogue.h"
#include "render/synth_parts.h"
#include "render/synth_score.h"

enum { CHANNELS = FC_AUDIO_CHANNELS, LEVEL_ROUNDS = 4, TIMEOUT_MS = 60000 };

static const double lowest_hz = 25;       /* below that nothing is heard, but room is taken up */
static const float ceiling = 0.7f;        /* MP3 adds up to a decibel to a peak */
static const double most_overdrive = 1.2; /* peaks may be driven so far into the limiter */
static const double begin_ms = 0.5, end_ms = 8; /* the fades of what does not loop */
static const double seam_ms = 20;               /* how far a circle may be turned for its seam */

static const struct category {
    const struct fc_synth_recipe *recipes;
    bool loops;
    double lufs; /* of the whole for what loops, else of the loudest tenth of a second; the MP3
                  * encoder takes away 0.4 */
} categories[] = {
    {fc_synth_sfx, false, -14},
    {fc_synth_ambient, true, -19.6},
    {fc_synth_music, true, -19.6},
    {fc_synth_transition, false, -14},
};

enum { N_CATEGORIES = sizeof categories / sizeof *categories };

/* ---- the catalogue ---- */

const struct fc_synth_recipe *fc_synth_recipe_at(size_t index)
{
    for (size_t i = 0; i < N_CATEGORIES; i++) {
        for (const struct fc_synth_recipe *r = categories[i].recipes; r->id != NULL; r++) {
            if (index-- == 0)
                return r;
        }
    }
    return NULL;
}

const struct fc_synth_recipe *fc_synth_recipe(const char *id)
{
    const struct fc_synth_recipe *recipe;

    for (size_t i = 0; (recipe = fc_synth_recipe_at(i)) != NULL; i++) {
        if (strcmp(recipe->id, id) == 0)
            return recipe;
    }
    return NULL;
}

static const struct category *category_of(const struct fc_synth_recipe *recipe)
{
    for (size_t i = 0; i < N_CATEGORIES; i++) {
        for (const struct fc_synth_recipe *r = categories[i].recipes; r->id != NULL; r++) {
            if (r == recipe)
                return &categories[i];
        }
    }
    return &categories[0];
}

bool fc_synth_loops(const struct fc_synth_recipe *recipe)
{
    return category_of(recipe)->loops;
}

/* ---- from the tape to the finished sound ---- */

/* How far from zero both sides are around the cut before sample @at. */
static float seam_height(const struct fc_tape *tape, int at)
{
    int before = (at + tape->n - 1) % tape->n, after = at % tape->n;

    return fabsf(tape->side[0][before]) + fabsf(tape->side[0][after]) +
           fabsf(tape->side[1][before]) + fabsf(tape->side[1][after]);
}

/* A circle is cut where it is nearest to zero, so that it also begins and ends without a click. */
static int find_seam(const struct fc_tape *tape)
{
    const int reach = (int)(seam_ms * FC_AUDIO_RATE / 1000);
    int best = tape->n;

    for (int at = tape->n - reach; at < tape->n; at++) {
        if (seam_height(tape, at) < seam_height(tape, best))
            best = at;
    }
    return best;
}

static float *pairs_of(const struct fc_tape *tape)
{
    float *pairs = FC_NEW_ARRAY(tape->arena, float, (size_t)tape->n *CHANNELS);
    const int seam = tape->loops ? find_seam(tape) : 0;

    for (int i = 0; i < tape->n; i++) {
        for (int c = 0; c < CHANNELS; c++)
            pairs[i * CHANNELS + c] = tape->side[c][(seam + i) % tape->n];
    }
    return pairs;
}

static void soften_ends(float *pairs, int n)
{
    const int begin = (int)(begin_ms * FC_AUDIO_RATE / 1000);
    const int end = (int)(end_ms * FC_AUDIO_RATE / 1000);

    for (int i = 0; i < n; i++) {
        float gain = fminf(1, fminf((float)i / (float)begin, (float)(n - 1 - i) / (float)end));

        for (int c = 0; c < CHANNELS; c++)
            pairs[i * CHANNELS + c] *= gain;
    }
}

static float peak_of(const float *pairs, int n)
{
    float peak = 0;

    for (int i = 0; i < n * CHANNELS; i++)
        peak = fmaxf(peak, fabsf(pairs[i]));
    return peak;
}

/* Nothing changes below half of the ceiling; above, peaks bend towards it. */
static float limited(float value)
{
    const float knee = ceiling / 2;
    float size = fabsf(value);

    if (size > knee)
        size = knee + (ceiling - knee) * tanhf((size - knee) / (ceiling - knee));
    return copysignf(size, value);
}

static double measured(const float *pairs, int n, bool loops)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_loudness *loudness = fc_loudness_new(arena, n);

    fc_loudness_add(loudness, pairs, n);
    return loops ? fc_loudness_whole(loudness) : fc_loudness_loudest(loudness);
}

/* Limiting takes some loudness away: more gain makes up for it, as far as the peaks allow. */
static void set_level(const float *raw, float *pairs, int n, const struct category *category)
{
    const double most = most_overdrive / (double)fmaxf(peak_of(raw, n), 1e-6f);
    double gain = 1, lufs = measured(raw, n, category->loops);

    for (int round = 0; round < LEVEL_ROUNDS && isfinite(lufs); round++) {
        gain = fmin(most, gain * pow(10, (category->lufs - lufs) / 20));
        for (int i = 0; i < n * CHANNELS; i++)
            pairs[i] = limited(raw[i] * (float)gain);
        lufs = measured(pairs, n, category->loops);
    }
}

static float *play(struct fc_arena *arena, const struct fc_synth_recipe *recipe, int n)
{
    uint32_t seed = fc_hash(recipe->id); /* each sound has a noise of its own */
    struct fc_tape tape = fc_tape_new(arena, n, fc_synth_loops(recipe), seed);
    float *pairs;

    if (recipe->score != NULL)
        fc_score_play(recipe->score, &tape);
    else
        recipe->play(&tape);
    fc_tape_filter(&tape, FC_FILTER_HIGH, lowest_hz, 0.7);
    pairs = pairs_of(&tape);
    if (!tape.loops)
        soften_ends(pairs, n);
    return pairs;
}

struct fc_synth_sound fc_synth_make(struct fc_arena *arena, const struct fc_synth_recipe *recipe)
{
    FC_AUTO(arena) *work = fc_arena_new(); /* a tape and its beds are many times the sound */
    const int n = recipe->length_ms * (FC_AUDIO_RATE / 1000);
    float *pairs = FC_NEW_ARRAY(arena, float, (size_t)n *CHANNELS);

    set_level(play(work, recipe, n), pairs, n, category_of(recipe));
    return (struct fc_synth_sound){pairs, n};
}

/* ---- MP3 ---- */

static fc_status write_samples(const char *path, struct fc_synth_sound sound,
                               struct fc_error *error)
{
    const size_t n = (size_t)sound.n * CHANNELS;
    FILE *file = fopen(path, "we");
    bool is_written = file != NULL && fwrite(sound.pairs, sizeof *sound.pairs, n, file) == n;

    if (file != NULL && fclose(file) != 0)
        is_written = false;
    return is_written
               ? FC_OK
               : fc_fail(error, FC_E_INTERNAL, "The sound cannot be written: %s", strerror(errno));
}

fc_status fc_synth_encode(const struct fc_render_settings *settings,
                          const struct fc_synth_recipe *recipe, const char *path,
                          const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *samples = fc_printf(arena, "%s.f32", path);
    struct fc_run run = {.command = fc_command_ffmpeg(arena, settings), .timeout_ms = TIMEOUT_MS};
    fc_status st = write_samples(samples, fc_synth_make(arena, recipe), error);

    fc_command_add_all(&run.command, "-f", "f32le", "-ar", "48000", "-ac", "2", "-i",
                       fc_local_path(arena, samples), "-c:a", "libmp3lame", "-b:a", "128k",
                       "-map_metadata", "-1", "-flags", "+bitexact", "-f", "mp3",
                       fc_local_path(arena, path), NULL);
    if (st == FC_OK)
        st = fc_run_ffmpeg(&run, watch, error);
    (void)unlink(samples); /* the folder is removed anyway */
    return st;
}
