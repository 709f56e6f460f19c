#include "render/mix.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/loudness.h"

enum {
    BLOCK = FC_AUDIO_RATE,
    CHANNELS = FC_AUDIO_CHANNELS,
    SMOOTH = FC_AUDIO_RATE / 200,
    TIMEOUT_MS = 120000
};

/* A film of nothing but a murmur is not blown up to the level of a shout. */
static const double most_gain_db = 15;

/* The samples of a file, as they lie in the page cache. */
struct samples {
    const int16_t *at;
    int64_t n; /* pairs */
    size_t bytes;
};

static bool open_samples(const char *path, struct samples *samples)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    void *map = MAP_FAILED;

    *samples = (struct samples){0};
    if (fd < 0)
        return false;
    if (fstat(fd, &about) == 0 && about.st_size == 0) {
        (void)close(fd);
        return true;
    }
    map = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd); /* only read from */
    if (map == MAP_FAILED)
        return false;
    *samples = (struct samples){map, about.st_size / (CHANNELS * (int64_t)sizeof(int16_t)),
                                (size_t)about.st_size};
    return true;
}

static void close_samples(struct samples *samples)
{
    if (samples->at != NULL)
        (void)munmap((void *)(uintptr_t)samples->at, samples->bytes);
}

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

static void add_sound(float *block, int64_t from, int64_t n, const struct fc_mix_sound *sound,
                      const struct samples *samples)
{
    int64_t end = end_of(sound, samples->n), first = sound->start > from ? sound->start : from;
    int64_t last = end < from + n ? end : from + n;
    bool is_cut = end < sound->start + samples->n || sound->loop;

    for (int64_t at = first; at < last; at++) {
        const int16_t *pair = samples->at + (at - sound->start) % samples->n * CHANNELS;
        float gain = gain_at(sound, end, is_cut, at) / 32768.0f;

        for (int c = 0; c < CHANNELS; c++)
            block[(at - from) * CHANNELS + c] += gain * (float)pair[c];
    }
}

/* Quiet sums pass unchanged; louder ones bend towards the ceiling. That is low enough for what the
 * curve between the samples and the encoder add to stay below -1.5 dBTP. */
static int16_t limit(float value)
{
    const float knee = 0.55f, ceiling = 0.76f;
    float size = fabsf(value);

    if (size > knee)
        size = knee + (ceiling - knee) * tanhf((size - knee) / (ceiling - knee));
    return (int16_t)lrintf(copysignf(size, value) * 32767);
}

/* What becomes of the blocks, one after the other: measured at first, then written. */
struct sink {
    struct fc_loudness *loudness; /* NULL: written */
    FILE *out;
    float gain;
    int16_t *limited; /* room for a block */
};

static bool put_block(const struct sink *sink, const float *block, int64_t n)
{
    if (sink->loudness != NULL) {
        fc_loudness_add(sink->loudness, block, n);
        return true;
    }
    assert(sink->limited != NULL);
    for (int64_t i = 0; i < n * CHANNELS; i++)
        sink->limited[i] = limit(block[i] * sink->gain);
    return fwrite(sink->limited, sizeof *sink->limited * CHANNELS, (size_t)n, sink->out) ==
           (size_t)n;
}

static fc_status add_up(const struct sink *sink, const struct fc_mix_sound *sounds,
                        const struct samples *samples, size_t n_sounds, int64_t length,
                        const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    float *block = FC_NEW_ARRAY(arena, float, (size_t)BLOCK *CHANNELS);

    for (int64_t from = 0; from < length; from += BLOCK) {
        int64_t n = length - from < BLOCK ? length - from : BLOCK;

        if (fc_watch_canceled(watch))
            return fc_fail(error, FC_E_UNAVAILABLE, "The film was canceled");
        memset(block, 0, sizeof *block * BLOCK * CHANNELS);
        for (size_t i = 0; i < n_sounds; i++) {
            if (samples[i].n > 0 && sounds[i].start < from + n &&
                end_of(&sounds[i], samples[i].n) > from)
                add_sound(block, from, n, &sounds[i], &samples[i]);
        }
        if (!put_block(sink, block, n))
            return fc_fail(error, FC_E_INTERNAL, "The sound cannot be written: %s",
                           strerror(errno));
    }
    return FC_OK;
}

/* What brings the film to its loudness; 1 for silence. */
static float gain_for(const struct fc_loudness *loudness, double lufs)
{
    const double whole = fc_loudness_whole(loudness);

    return isfinite(whole) ? (float)pow(10, fmin(lufs - whole, most_gain_db) / 20) : 1;
}

static fc_status write_mix(FILE *out, const struct fc_mix_sound *sounds,
                           const struct samples *samples, size_t n_sounds, int64_t length,
                           double lufs, const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct sink meter = {.loudness = fc_loudness_new(arena, length)};
    struct sink file = {.out = out, .gain = 1};
    fc_status st = FC_OK;

    file.limited = FC_NEW_ARRAY(arena, int16_t, (size_t)BLOCK * CHANNELS);
    if (lufs < 0) {
        st = add_up(&meter, sounds, samples, n_sounds, length, watch, error);
        file.gain = gain_for(meter.loudness, lufs);
    }
    return st == FC_OK ? add_up(&file, sounds, samples, n_sounds, length, watch, error) : st;
}

fc_status fc_mix(const struct fc_mix_sound *sounds, size_t n_sounds, int64_t length, double lufs,
                 const char *out, const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct samples *samples = FC_NEW_ARRAY(arena, struct samples, n_sounds);
    FILE *file = fopen(out, "we");
    fc_status st = FC_OK;

    if (file == NULL)
        return fc_fail(error, FC_E_INTERNAL, "The sound cannot be written: %s", strerror(errno));
    for (size_t i = 0; i < n_sounds && st == FC_OK; i++) {
        if (!open_samples(sounds[i].path, &samples[i]))
            st = fc_fail(error, FC_E_INTERNAL, "A sound cannot be read: %s", strerror(errno));
    }
    if (st == FC_OK)
        st = write_mix(file, sounds, samples, n_sounds, length, lufs, watch, error);
    for (size_t i = 0; i < n_sounds; i++)
        close_samples(&samples[i]);
    if (fclose(file) != 0 && st == FC_OK)
        st = fc_fail(error, FC_E_INTERNAL, "The sound cannot be written: %s", strerror(errno));
    return st;
}

fc_status fc_mix_decode(const struct fc_render_settings *settings, const char *in, const char *out,
                        double seconds, const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_run run = {.command = fc_command_ffmpeg(arena, settings), .timeout_ms = TIMEOUT_MS};
    struct fc_watch quiet = watch != NULL ? *watch : (struct fc_watch){0};

    quiet.on_progress = NULL;
    fc_command_add_foreign(&run.command, in);
    fc_command_add_all(&run.command, "-map", "0:a:0", "-t", NULL);
    fc_command_addf(&run.command, "%.3f", seconds);
    fc_command_add_all(&run.command, "-ar", "48000", "-ac", "2", "-flags", "+bitexact", "-c:a",
                       "pcm_s16le", "-f", "s16le", fc_local_path(arena, out), NULL);
    return fc_run_ffmpeg(&run, &quiet, error);
}

bool fc_mix_is_silent(const char *path)
{
    struct samples samples;
    bool is_silent = true;

    if (!open_samples(path, &samples))
        return true;
    for (int64_t i = 0; i < samples.n * CHANNELS && is_silent; i++)
        is_silent = samples.at[i] > -8 && samples.at[i] < 8; /* what encoders leave of silence */
    close_samples(&samples);
    return is_silent;
}
