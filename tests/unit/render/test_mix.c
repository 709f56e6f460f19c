#include "render/mix.h"

#include <math.h>
#include <stdlib.h>

#include "render/loudness.h"
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

/* Mixes @n sounds to four seconds; gives the left channel. */
static const int16_t *mixed(const struct bench *bench, const struct fc_mix_sound *sounds, size_t n)
{
    const char *path = bench_path(bench, "mix.pcm");
    int16_t *pairs = FC_NEW_ARRAY(bench->arena, int16_t,
                                  (4 * SECOND + 1) * 2); /* one more than there must be */
    FILE *file;

    ck_assert_int_eq(fc_mix(sounds, n, 4 * SECOND, 0, path, NULL, NULL), FC_OK);
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
    ck_assert(fc_mix_is_silent(bench_path(&bench, "mix.pcm")));
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

    ck_assert_int_eq(fc_mix(&sound, 1, 4 * SECOND, lufs, path, NULL, NULL), FC_OK);
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
    static const double heights[] = {2000, 6000, 32000};
    int peak;

    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq_tol(loudness_of_mix(heights[i], -16, &peak), -16, 0.3);
        ck_assert_int_lt(peak, 27570);
    }
}
END_TEST

START_TEST(a_murmur_and_silence_are_not_blown_up)
{
    int peak;

    ck_assert_double_lt(loudness_of_mix(100, -16, &peak), -30);
    ck_assert_int_lt(peak, 600);
    (void)loudness_of_mix(0, -16, &peak);
    ck_assert_int_eq(peak, 0);
}
END_TEST

START_TEST(a_sound_that_cannot_be_read_is_an_error)
{
    BENCH(bench);
    struct fc_mix_sound sound = {.path = bench_path(&bench, "missing"), .end = SECOND, .volume = 1};
    struct fc_error error;

    ck_assert_int_eq(fc_mix(&sound, 1, SECOND, 0, bench_path(&bench, "mix.pcm"), NULL, &error),
                     FC_E_INTERNAL);
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
    tcase_add_test(tests, a_murmur_and_silence_are_not_blown_up);
    tcase_add_test(tests, a_sound_that_cannot_be_read_is_an_error);
    return tests;
}
