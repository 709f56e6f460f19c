#include "render/mix.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/loudness.h"
#include "render/mix_duck.h"
#include "render/mix_limit.h"
#include "render/samples.h"

enum {
    BLOCK = FC_AUDIO_RATE,
    CHANNELS = FC_AUDIO_CHANNELS,
    SMOOTH = FC_AUDIO_RATE / 200,
    LEVEL_REPEATS = 8,
    ENCODE_REPEATS = 8
};

/* A sound of the catalogue at a twentieth of its volume still becomes as loud as other films; the
 * hiss of a silent clip does not. */
static const double most_gain_db = 30;

/* Nobody hears less than this. */
static const double close_enough_db = 0.15;

/* Of encoded films. The encoder adds a little to most peaks and much to a few. */
static const double most_peak_db = -1.6, usual_ceiling_db = -2.2;

/* ---- the sum ---- */

/* One film's worth of sounds. */
struct mix {
    const struct fc_mix_order *order;
    struct fc_samples *samples; /* one for each sound */
    struct fc_duck *duck;
    float *block; /* room for BLOCK pairs */
    const struct fc_watch *watch;
    struct fc_error *error;
};

/* Where a sound really ends in the film. */
static int64_t end_of(const struct fc_mix_sound *sound, int64_t n_samples)
{
    int64_t natural = sound->start + n_samples;

    return sound->loop || natural > sound->end ? sound->end : natural;
}

/* The fades as asked for, and never less than 5 ms where the sound is cut off: a cut-off wave
 * clicks. */
static float gain_at(const struct fc_mix_sound *sound, int64_t end, bool is_cut, int64_t at)
{
    int64_t fade_out = is_cut && sound->fade_out < SMOOTH ? SMOOTH : sound->fade_out;
    float gain = (float)sound->volume;

    if (at - sound->start < sound->fade_in)
        gain *= (float)(at - sound->start) / (float)sound->fade_in;
    if (end - at < fade_out)
        gain *= (float)(end - at) / (float)fade_out;
    return gain;
}

static void add_sound(const struct mix *mix, int64_t from, int64_t n, size_t i)
{
    const struct fc_mix_sound *sound = &mix->order->sounds[i];
    const struct fc_samples *samples = &mix->samples[i];
    int64_t end = end_of(sound, samples->n), first = sound->start > from ? sound->start : from;
    int64_t last = end < from + n ? end : from + n;
    bool is_cut = end < sound->start + samples->n || sound->loop;
    const float yields = (float)sound->yields;

    for (int64_t at = first; at < last; at++) {
        const int16_t *pair = samples->at + (at - sound->start) % samples->n * CHANNELS;
        float gain = gain_at(sound, end, is_cut, at) / 32768.0f;

        if (yields > 0)
            gain *= 1 - yields * fc_duck_at(mix->duck, at);
        for (int c = 0; c < CHANNELS; c++)
            mix->block[(at - from) * CHANNELS + c] += gain * (float)pair[c];
    }
}

/* The sum of all sounds from @from on; nothing of what lies past the film. */
static void add_up(const struct mix *mix, int64_t from, int64_t n)
{
    int64_t in_film = from + n > mix->order->length ? mix->order->length - from : n;

    memset(mix->block, 0, sizeof *mix->block * (size_t)n * CHANNELS);
    for (size_t i = 0; i < mix->order->n_sounds; i++) {
        if (mix->samples[i].n > 0 && mix->order->sounds[i].start < from + in_film &&
            end_of(&mix->order->sounds[i], mix->samples[i].n) > from)
            add_sound(mix, from, in_film, i);
    }
}

/* ---- what becomes of it ---- */

/* The blocks, one after the other: turned up, limited, measured, written. */
struct sink {
    float gain;
    struct fc_limiter *limiter;   /* NULL: only measured */
    struct fc_loudness *loudness; /* of what comes out */
    FILE *out;
    int16_t *rounded; /* room for a block */
    int64_t n_late;   /* pairs that the limiter is yet to hand out before the film's first */
};

static bool write_pairs(const struct sink *sink, const float *pairs, int64_t n)
{
    for (int64_t i = 0; i < n * CHANNELS; i++)
        sink->rounded[i] = (int16_t)lrintf(pairs[i] * 32767);
    return fwrite(sink->rounded, sizeof *sink->rounded * CHANNELS, (size_t)n, sink->out) ==
           (size_t)n;
}

static bool put_block(struct sink *sink, float *pairs, int64_t n)
{
    int64_t n_early;

    for (int64_t i = 0; i < n * CHANNELS; i++)
        pairs[i] *= sink->gain;
    if (sink->limiter != NULL)
        fc_limiter_run(sink->limiter, pairs, n);
    n_early = n < sink->n_late ? n : sink->n_late;
    sink->n_late -= n_early;
    fc_loudness_add(sink->loudness, pairs + n_early * CHANNELS, n - n_early);
    return sink->out == NULL || write_pairs(sink, pairs + n_early * CHANNELS, n - n_early);
}

static fc_status pour(const struct mix *mix, struct sink *sink)
{
    int64_t length = mix->order->length +
                     sink->n_late; /* silence behind it brings out the last ones */

    for (int64_t from = 0; from < length; from += BLOCK) {
        int64_t n = length - from < BLOCK ? length - from : BLOCK;

        if (fc_watch_canceled(mix->watch))
            return fc_fail(mix->error, FC_E_UNAVAILABLE, "The film was canceled");
        add_up(mix, from, n);
        if (!put_block(sink, mix->block, n))
            return fc_fail(mix->error, FC_E_INTERNAL, "The sound cannot be written: %s",
                           strerror(errno));
    }
    return FC_OK;
}

/* The loudness of the bare sum. */
static fc_status measure(const struct mix *mix, double *lufs)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct sink sink = {.gain = 1, .loudness = fc_loudness_new(arena, mix->order->length)};
    fc_status st = pour(mix, &sink);

    *lufs = fc_loudness_whole(sink.loudness);
    return st;
}

/* Writes the sum @gain_db louder; *@lufs is the loudness of that, once it was limited. */
static fc_status write_sum(const struct mix *mix, double gain_db, FILE *out, double *lufs)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const int64_t delay = FC_LIMITER_DELAY;
    struct sink sink = {
        .gain = (float)pow(10, gain_db / 20),
        .limiter = fc_limiter_new(arena, (float)pow(10, mix->order->ceiling_db / 20)),
        .loudness = fc_loudness_new(arena, mix->order->length + delay),
        .out = out,
        .rounded = FC_NEW_ARRAY(arena, int16_t, (size_t)BLOCK * CHANNELS),
        .n_late = delay};
    fc_status st;

    rewind(out);
    st = pour(mix, &sink);
    *lufs = fc_loudness_whole(sink.loudness);
    return st;
}

/* What the limiter takes away is given back, as far as a few repeats can. */
static fc_status write_level(const struct mix *mix, FILE *out)
{
    const double lufs = mix->order->lufs;
    double reached = -INFINITY, gain_db = 0;
    fc_status st = lufs < 0 ? measure(mix, &reached) : FC_OK;

    if (isfinite(reached))
        gain_db = fmin(lufs - reached, most_gain_db);
    for (int i = 0; i < LEVEL_REPEATS && st == FC_OK; i++) {
        double more_db;

        st = write_sum(mix, gain_db, out, &reached);
        more_db = isfinite(reached) ? fmin(lufs - reached, most_gain_db - gain_db) : 0;
        if (lufs >= 0 || more_db < close_enough_db)
            break;
        gain_db += more_db;
    }
    return st;
}

/* ---- mixes ---- */

/* Where somebody speaks; without a voice the curve stays flat. */
static void listen_for_voices(const struct mix *mix)
{
    for (size_t i = 0; i < mix->order->n_sounds; i++) {
        const struct fc_mix_sound *sound = &mix->order->sounds[i];
        const struct fc_samples *samples = &mix->samples[i];
        int64_t n = end_of(sound, samples->n) - sound->start;

        if (sound->is_voice) /* whose loops, if it has any, are no speech */
            fc_duck_add(mix->duck, sound->start, samples->at, n < samples->n ? n : samples->n,
                        sound->volume);
    }
    fc_duck_settle(mix->duck);
}

static fc_status open_all(const struct mix *mix)
{
    for (size_t i = 0; i < mix->order->n_sounds; i++) {
        if (!fc_samples_open(mix->order->sounds[i].path, &mix->samples[i]))
            return fc_fail(mix->error, FC_E_INTERNAL, "A sound cannot be read: %s",
                           strerror(errno));
    }
    return FC_OK;
}

fc_status fc_mix(const struct fc_mix_order *order, const char *out, const struct fc_watch *watch,
                 struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct mix mix = {.order = order,
                      .samples = FC_NEW_ARRAY(arena, struct fc_samples, order->n_sounds),
                      .duck = fc_duck_new(arena, order->length),
                      .block = FC_NEW_ARRAY(arena, float, (size_t)BLOCK *CHANNELS),
                      .watch = watch,
                      .error = error};
    FILE *file = fopen(out, "we");
    fc_status st;

    if (file == NULL)
        return fc_fail(error, FC_E_INTERNAL, "The sound cannot be written: %s", strerror(errno));
    st = open_all(&mix);
    if (st == FC_OK) {
        listen_for_voices(&mix);
        st = write_level(&mix, file);
    }
    for (size_t i = 0; i < order->n_sounds; i++)
        fc_samples_close(&mix.samples[i]);
    if (fclose(file) != 0 && st == FC_OK)
        st = fc_fail(error, FC_E_INTERNAL, "The sound cannot be written: %s", strerror(errno));
    return st;
}

static double peak_db_of(const char *path)
{
    return 20 * log10(fc_samples_peak(path));
}

/* Encodes @mixed; *@peak_db is the true peak of what a player makes of that. */
static fc_status encode(const struct fc_render_settings *settings, const char *mixed,
                        const char *out, double seconds, double *peak_db,
                        const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *played = fc_printf(arena, "%s.played", out);
    fc_status st = fc_samples_encode(settings, mixed, out, watch, error);

    if (st == FC_OK)
        st = fc_samples_decode(settings, out, played, seconds, watch, error);
    *peak_db = peak_db_of(played);
    (void)unlink(played); /* the folder is removed anyway */
    return st;
}

fc_status fc_mix_film(const struct fc_render_settings *settings, const struct fc_mix_order *film,
                      const char *out, const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *mixed = fc_printf(arena, "%s.pcm", out);
    const double seconds = (double)film->length / FC_AUDIO_RATE;
    struct fc_mix_order order = *film;
    double peak_db = 0;
    fc_status st = FC_OK;

    order.ceiling_db = usual_ceiling_db;
    for (int i = 0; i < ENCODE_REPEATS && st == FC_OK && peak_db > most_peak_db; i++) {
        st = fc_mix(&order, mixed, watch, error);
        if (st == FC_OK)
            st = encode(settings, mixed, out, seconds, &peak_db, watch, error);
        if (st == FC_OK && peak_db > most_peak_db)
            order.ceiling_db = fmin(order.ceiling_db, peak_db_of(mixed)) -
                               (peak_db - most_peak_db) - close_enough_db;
    }
    (void)unlink(mixed); /* the folder is removed anyway */
    return st;
}
