#include "render/speech.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <framecast/text.h>

#include "process/process.h"
#include "render/loudness.h"
#include "render/samples.h"

enum {
    CHANNELS = FC_AUDIO_CHANNELS,
    TIMEOUT_MS = 20000,
    MEMORY_MAX = 512 * 1024 * 1024,
    WORDS_PER_MINUTE = 160,
    PITCH = 42
};

/* Faster than this nobody follows: what is still too long is cut. */
static const double most_haste = 1.4;

/* Above ducked music, below a shout. A whisper is not blown up. */
static const double voice_lufs = -18, most_gain_db = 12;

/* What espeak-ng reads and writes. */
struct files {
    const char *text, *wave, *samples;
};

/* Without brackets: what stands in two of them would be taken for phonemes. */
static fc_status write_text(const char *path, const char *text, struct fc_error *error)
{
    FILE *file = fopen(path, "we");
    bool is_written = file != NULL;

    for (; is_written && *text != '\0'; text++)
        is_written = fputc(*text == '[' || *text == ']' ? ' ' : *text, file) != EOF;
    if (file != NULL && fclose(file) != 0)
        is_written = false;
    return is_written ? FC_OK
                      : fc_fail(error, FC_E_INTERNAL, "The dialogue cannot be written: %s",
                                strerror(errno));
}

static bool is_canceled(void *watch)
{
    return fc_watch_canceled(watch);
}

/* Within its kind of voice everybody speaks a little higher or lower, faster or slower. */
static struct fc_command command_of(struct fc_arena *arena,
                                    const struct fc_render_settings *settings,
                                    const struct fc_speech_line *line, double haste,
                                    const struct files *files)
{
    const uint32_t self = fc_hash(line->speaker != NULL ? line->speaker : "");
    struct fc_command command = fc_command_new(arena, settings->espeak);

    fc_command_add(&command, "-v");
    fc_command_addf(&command, "%s%s", line->language,
                    fc_speech_voice(arena, line->speaker, line->looks));
    fc_command_add(&command, "-p");
    fc_command_addf(&command, "%u", PITCH + (self >> 8) % 24);
    fc_command_add(&command, "-s");
    fc_command_addf(&command, "%.0f", haste * (WORDS_PER_MINUTE + (double)((self >> 16) % 20)));
    fc_command_add_all(&command, "-b", "1", "-f", fc_local_path(arena, files->text), "-w",
                       fc_local_path(arena, files->wave), NULL);
    return command;
}

static fc_status speak(const struct fc_render_settings *settings, const struct fc_speech_line *line,
                       double haste, const struct files *files, const struct fc_watch *watch,
                       struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    FC_AUTO(process) *espeak = NULL;
    struct fc_process_plan plan = {
        .argv = command_of(arena, settings, line, haste, files).argv,
        .timeout_ms = TIMEOUT_MS,
        .nice = 5,
        .memory_max = MEMORY_MAX,
    };
    /* What comes later is not heard even when it is said as fast as can be. */
    const double longest_s = (double)line->room_ms / 1000 * most_haste + 1;
    fc_status st = fc_process_start(&espeak, &plan, error);

    /* The watch is only handed on to is_canceled, which does not write to it. */
    if (st == FC_OK)
        st = fc_process_wait(espeak, is_canceled, (void *)(uintptr_t)watch, error);
    if (st == FC_OK)
        st = fc_samples_decode(settings, files->wave, files->samples, longest_s, watch, error);
    return st;
}

static fc_status measure(const char *path, int64_t *length_ms, double *volume,
                         struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_loudness *loudness;
    struct fc_samples samples;
    double lufs;

    if (!fc_samples_open(path, &samples))
        return fc_fail(error, FC_E_INTERNAL, "The speech cannot be read: %s", strerror(errno));
    loudness = fc_loudness_new(arena, samples.n);
    for (int64_t i = 0; i < samples.n; i++) {
        const float pair[CHANNELS] = {(float)samples.at[i * CHANNELS] / 32768,
                                      (float)samples.at[i * CHANNELS + 1] / 32768};

        fc_loudness_add(loudness, pair, 1);
    }
    *length_ms = samples.n * 1000 / FC_AUDIO_RATE;
    fc_samples_close(&samples);
    lufs = fc_loudness_whole(loudness);
    if (isinf(lufs)) /* a single short word */
        lufs = fc_loudness_loudest(loudness);
    *volume = isinf(lufs) ? 0 : pow(10, fmin(voice_lufs - lufs, most_gain_db) / 20);
    return FC_OK;
}

fc_status fc_speech_say(const struct fc_render_settings *settings,
                        const struct fc_speech_line *line, const char *out, double *volume,
                        const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const struct files files = {fc_printf(arena, "%s.txt", out), fc_printf(arena, "%s.wav", out),
                                out};
    int64_t length_ms = 0;
    double measured = 0;
    fc_status st;

    if (settings->espeak == NULL)
        return fc_fail(error, FC_E_NOT_FOUND, "There is no espeak-ng");
    st = write_text(files.text, line->text, error);
    if (st == FC_OK)
        st = speak(settings, line, 1, &files, watch, error);
    if (st == FC_OK)
        st = measure(out, &length_ms, &measured, error);
    if (st == FC_OK && length_ms > line->room_ms) {
        const double haste = (double)length_ms / (double)line->room_ms * 1.04; /* pauses stay */

        st = speak(settings, line, fmin(haste, most_haste), &files, watch, error);
        if (st == FC_OK)
            st = measure(out, &length_ms, &measured, error);
    }
    if (st == FC_OK)
        *volume = measured;
    (void)unlink(files.text); /* the folder is removed anyway */
    (void)unlink(files.wave);
    return st;
}
