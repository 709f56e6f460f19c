#include "render/mix.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "render/loudness.h"
#include "render/samples.h"
#include "suites.h"
#include "support.h"

enum { SECOND = FC_AUDIO_RATE };

/* Two seconds of one level. */
static const char *level(const struct bench *bench, const char *name, int16_t value)
{
    const char *path = bench_path(bench, name);
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 2 * SECOND * 2; i++)
        ck_assert_uint_eq(fwrite(&value, sizeof value, 1, file), 1);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static fc_status mix(const struct fc_mix_sound *sounds, size_t n, double lufs, const char *path)
{
    const struct fc_mix_order order = {sounds, n, 4 * SECOND, lufs, -2};
    struct fc_error error;

    return fc_mix(&order, path, NULL, &error);
}

/* Mixes @n sounds to four seconds; gives the left channel. */
static const int16_t *mixed(const struct bench *bench, const struct fc_mix_sound *sounds, size_t n)
{
    const char *path = bench_path(bench, "mix.pcm");
    int16_t *pairs = FC_NEW_ARRAY(bench->arena, int16_t,
                                  (4 * SECOND + 1) * 2); /* one more than there must be */
    FILE *file;

    ck_assert_int_eq(mix(sounds, n, 0, path), FC_OK);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(pairs, 4, 4 * SECOND + 1, file), 4 * SECOND);
    fclose(file);
    for (int i = 0; i < 4 * SECOND; i++)
        pairs[i] = pairs[2 * i];
    return pairs;
}

static void is_about(const int16_t *samples, double at, int value)
{
    ck_assert_msg(abs(samples[(int)(at * SECOND)] - value) <= 3 + abs(value) / 50,
                  "at %.2f: %d instead of %d", at, samples[(int)(at * SECOND)], value);
}

START_TEST(without_sounds_there_is_silence_of_the_right_length)
{
    BENCH(bench);
    const int16_t *samples = mixed(&bench, NULL, 0);

    for (int i = 0; i < 4 * SECOND; i++)
        ck_assert_int_eq(samples[i], 0);
    ck_assert(fc_samples_are_silent(bench_path(&bench, "mix.pcm")));
}
END_TEST

START_TEST(a_sound_plays_from_its_start_to_its_end)
{
    BENCH(bench);
    struct fc_mix_sound sound = {
        .path = level(&bench, "a", 8000), .start = SECOND, .end = 4 * SECOND, .volume = 0.5};
    const int16_t *samples = mixed(&bench, &sound, 1);

    is_about(samples, 0.99, 0);
    is_about(samples, 1.01, 4000);
    is_about(samples, 2.98, 4000);
    is_about(samples, 3.01, 0);
}
END_TEST

START_TEST(a_loop_fills_its_time_and_fades_at_its_end)
{
    BENCH(bench);
    struct fc_mix_sound sound = {.path = level(&bench, "a", 8000),
                                 .end = 4 * SECOND,
                                 .volume = 1,
                                 .loop = true,
                                 .fade_in = SECOND,
                                 .fade_out = SECOND};
    const int16_t *samples = mixed(&bench, &sound, 1);

    is_about(samples, 0.5, 4000);
    is_about(samples, 2.5, 8000);
    is_about(samples, 3.5, 4000);
    is_about(samples, 3.99, 80);
}
END_TEST

START_TEST(a_fade_out_ends_where_the_sound_itself_ends)
{
    BENCH(bench);
    struct fc_mix_sound sound = {
        .path = level(&bench, "a", 8000), .end = 4 * SECOND, .volume = 1, .fade_out = SECOND};
    const int16_t *samples = mixed(&bench, &sound, 1);

    is_about(samples, 0.9, 8000);
    is_about(samples, 1.5, 4000);
    is_about(samples, 2.1, 0);
}
END_TEST

START_TEST(sounds_add_up_and_never_wrap_around)
{
    BENCH(bench);
    struct fc_mix_sound sounds[3];
    const int16_t *samples;

    for (int i = 0; i < 3; i++)
        sounds[i] = (struct fc_mix_sound){
            .path = level(&bench, "a", 30000), .end = 4 * SECOND, .volume = 1};
    samples = mixed(&bench, sounds, 3);
    ck_assert_int_gt(samples[SECOND], 24000);
    ck_assert_int_lt(samples[SECOND], 27570); /* -1.5 dBFS */
    for (int i = 0; i < 3; i++)
        sounds[i].volume = 0.1;
    samples = mixed(&bench, sounds, 3);
    is_about(samples, 1, 9000);
}
END_TEST

/* Two seconds of a tone of 1000 Hz. */
static const char *tone(const struct bench *bench, const char *name, double height)
{
    const char *path = bench_path(bench, name);
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 2 * SECOND * 2; i++) {
        int16_t value = (int16_t)(height * sin(2 * M_PI * (i / 2) / 48.0));

        ck_assert_uint_eq(fwrite(&value, sizeof value, 1, file), 1);
    }
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* Its tone, looped, mixed to four seconds at @lufs; gives the loudness of that. */
static double loudness_of_mix(double height, double lufs, int *peak)
{
    BENCH(bench);
    const char *path = bench_path(&bench, "mix.pcm");
    struct fc_mix_sound sound = {
        .path = tone(&bench, "tone", height), .end = 4 * SECOND, .volume = 1, .loop = true};
    struct fc_loudness *loudness = fc_loudness_new(bench.arena, 4 * SECOND);
    int16_t pair[2];
    FILE *file;

    ck_assert_int_eq(mix(&sound, 1, lufs, path), FC_OK);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    for (*peak = 0; fread(pair, sizeof pair, 1, file) == 1;) {
        const float values[2] = {(float)pair[0] / 32768, (float)pair[1] / 32768};

        *peak = abs(pair[0]) > *peak ? abs(pair[0]) : *peak;
        fc_loudness_add(loudness, values, 1);
    }
    (void)fclose(file);
    return fc_loudness_whole(loudness);
}

START_TEST(a_film_is_brought_to_its_loudness)
{
    static const double heights[] = {400, 2000, 6000, 32000};
    int peak;

    for (size_t i = 0; i < 4; i++) {
        ck_assert_double_eq_tol(loudness_of_mix(heights[i], -16, &peak), -16, 0.3);
        ck_assert_int_lt(peak, 27570);
    }
}
END_TEST

START_TEST(hiss_and_silence_are_not_blown_up)
{
    int peak;

    ck_assert_double_lt(loudness_of_mix(20, -16, &peak), -30);
    ck_assert_int_lt(peak, 700);
    (void)loudness_of_mix(0, -16, &peak);
    ck_assert_int_eq(peak, 0);
}
END_TEST

/* Music of 4000 all along, a voice of 8000 from 0.6 s to 1.6 s; gives what is heard of the music.
 */
static const int16_t *music_under_voice(const struct bench *bench, double yields, double volume)
{
    const struct fc_mix_sound sounds[] = {
        {.path = level(bench, "music", 4000),
         .end = 4 * SECOND,
         .volume = 1,
         .loop = true,
         .yields = yields},
        {.path = level(bench, "voice", 8000),
         .start = SECOND * 6 / 10,
         .end = SECOND * 16 / 10,
         .volume = volume,
         .is_voice = true},
    };
    const struct fc_mix_sound voice = sounds[1];
    const int16_t *alone = mixed(bench, &voice, 1);
    int16_t *both = (int16_t *)(uintptr_t)mixed(bench, sounds, 2);

    for (int i = 0; i < 4 * SECOND; i++)
        both[i] = (int16_t)(both[i] - alone[i]);
    return both;
}

START_TEST(music_is_down_before_a_voice_begins_and_back_after_it)
{
    BENCH(bench);
    const int16_t *music = music_under_voice(&bench, 0.75, 1);

    is_about(music, 0.2, 4000);
    is_about(music, 0.6, 1000);
    is_about(music, 1.5, 1000);
    is_about(music, 1.95, 1000); /* a breath does not bring it back */
    is_about(music, 3.2, 4000);
    for (int i = 1; i < 3 * SECOND; i++) /* neither steps nor corners that could be heard */
        ck_assert_int_le(abs(music[i] - music[i - 1]), 3);
}
END_TEST

START_TEST(each_sound_yields_as_far_as_it_is_told)
{
    BENCH(bench);

    is_about(music_under_voice(&bench, 0.4, 1), 1, 2400);
    is_about(music_under_voice(&bench, 0, 1), 1, 4000);
}
END_TEST

START_TEST(nothing_yields_to_a_voice_that_cannot_be_heard)
{
    BENCH(bench);

    is_about(music_under_voice(&bench, 0.75, 0), 1, 4000);
}
END_TEST

/* ---- peaks ---- */

/* Four seconds of @n_bursts of something that is hard to limit. */
static const char *bursts(const struct bench *bench, const char *name, double hertz, int n_bursts)
{
    const char *path = bench_path(bench, name);
    FILE *file = fopen(path, "we");
    uint32_t noise = 7;

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 4 * SECOND; i++) {
        int since = i % (4 * SECOND / n_bursts);
        int16_t pair[2];

        for (int c = 0; c < 2; c++) {
            double wave = sin(2 * M_PI * hertz * i / SECOND + c);

            noise = noise * 1664525 + 1013904223;
            if (hertz <= 0)
                wave = (double)(noise >> 8) / (1 << 23) - 1;
            pair[c] = (int16_t)(32700 * exp(-since / 6000.0) * (wave > 0 ? 1 : -1) *
                                sqrt(fabs(wave)));
        }
        ck_assert_uint_eq(fwrite(pair, sizeof pair, 1, file), 1);
    }
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* Hertz, 0 for noise: one burst, two, ... of each. */
static const double hard_to_limit[] = {0, 55, 440, 5000, 11999, 17300};

static const struct {
    size_t from, n; /* of these */
} loud_mixes[] = {{0, 1}, {0, 3}, {0, 6}, {1, 1}, {1, 4}, {2, 3}, {5, 1}};

START_TEST(no_film_peaks_above_its_ceiling_once_it_is_encoded)
{
    BENCH(bench);
    const char *film = bench_path(&bench, "film.m4a");
    size_t from = loud_mixes[_i].from, n = loud_mixes[_i].n;
    struct fc_mix_sound sounds[6];
    const struct fc_mix_order order = {sounds + from, n, 4 * SECOND, -16, 0};
    struct heard heard;

    for (size_t i = from; i < from + n; i++)
        sounds[i] = (struct fc_mix_sound){.path = bursts(&bench, fc_printf(bench.arena, "%zu", i),
                                                         hard_to_limit[i], 1 + (int)i * 3),
                                          .end = 4 * SECOND,
                                          .volume = 1};
    ck_assert_int_eq(fc_mix_film(&tools, &order, film, NULL, NULL), FC_OK);
    heard = listen_to(&bench, film);
    ck_assert_msg(heard.true_peak_db < -1.5, "%.2f dBTP", heard.true_peak_db);
    /* One burst of a tenth of a second would need more than the gain that there is. */
    ck_assert_double_eq_tol(heard.lufs, -16, n == 1 && from == 0 ? 2 : 0.3);
    ck_assert(access(fc_printf(bench.arena, "%s.pcm", film), F_OK) != 0);
}
END_TEST

START_TEST(what_does_not_reach_the_ceiling_is_not_touched)
{
    BENCH(bench);
    struct fc_mix_sound sounds[] = {
        {.path = tone(&bench, "tone", 20000), .end = 4 * SECOND, .volume = 1}};
    const int16_t *samples = mixed(&bench, sounds, 1);

    for (int i = 0; i < 2 * SECOND; i++)
        ck_assert_int_le(abs(samples[i] - (int16_t)(20000 * sin(2 * M_PI * i / 48.0))), 1);
}
END_TEST

START_TEST(a_sound_that_cannot_be_read_is_an_error)
{
    BENCH(bench);
    struct fc_mix_sound sound = {.path = bench_path(&bench, "missing"), .end = SECOND, .volume = 1};

    ck_assert_int_eq(mix(&sound, 1, 0, bench_path(&bench, "mix.pcm")), FC_E_INTERNAL);
}
END_TEST

TCase *mix_case(void)
{
    TCase *tests = tcase_create("mix");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, without_sounds_there_is_silence_of_the_right_length);
    tcase_add_test(tests, a_sound_plays_from_its_start_to_its_end);
    tcase_add_test(tests, a_loop_fills_its_time_and_fades_at_its_end);
    tcase_add_test(tests, a_fade_out_ends_where_the_sound_itself_ends);
    tcase_add_test(tests, sounds_add_up_and_never_wrap_around);
    tcase_add_test(tests, a_film_is_brought_to_its_loudness);
    tcase_add_test(tests, hiss_and_silence_are_not_blown_up);
    tcase_add_test(tests, music_is_down_before_a_voice_begins_and_back_after_it);
    tcase_add_test(tests, each_sound_yields_as_far_as_it_is_told);
    tcase_add_test(tests, nothing_yields_to_a_voice_that_cannot_be_heard);
    tcase_add_test(tests, what_does_not_reach_the_ceiling_is_not_touched);
    tcase_add_loop_test(tests, no_film_peaks_above_its_ceiling_once_it_is_encoded, 0,
                        sizeof loud_mixes / sizeof *loud_mixes);
    tcase_add_test(tests, a_sound_that_cannot_be_read_is_an_error);
    return tests;
}
