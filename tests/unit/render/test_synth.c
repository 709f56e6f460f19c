#include "render/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/loudness.h"
#include "render/samples.h"
#include "suites.h"
#include "support.h"

enum { SOUNDS_MAX = 64, CHANNELS = FC_AUDIO_CHANNELS, LINE_SIZE = 512 };

/* All sounds, made once for all tests. */
static struct {
    struct fc_arena *arena;
    struct fc_synth_sound sounds[SOUNDS_MAX];
    size_t n;
} made;

static void make_all(void)
{
    const struct fc_synth_recipe *recipe;

    made.arena = fc_arena_new();
    for (made.n = 0; (recipe = fc_synth_recipe_at(made.n)) != NULL; made.n++)
        made.sounds[made.n] = fc_synth_make(made.arena, recipe);
}

static void drop_all(void)
{
    fc_arena_free(made.arena);
}

static double loudness_of(struct fc_synth_sound sound, bool of_whole)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_loudness *loudness = fc_loudness_new(arena, sound.n);

    fc_loudness_add(loudness, sound.pairs, sound.n);
    return of_whole ? fc_loudness_whole(loudness) : fc_loudness_loudest(loudness);
}

static double peak_of(const float *pairs, int from, int n)
{
    double peak = 0;

    for (int i = from * CHANNELS; i < (from + n) * CHANNELS; i++)
        peak = fmax(peak, fabs((double)pairs[i]));
    return peak;
}

/* The largest step from one sample to the next. */
static double step_of(struct fc_synth_sound sound)
{
    double step = 0;

    for (int i = CHANNELS; i < sound.n * CHANNELS; i++)
        step = fmax(step, fabs((double)(sound.pairs[i] - sound.pairs[i - CHANNELS])));
    return step;
}

START_TEST(every_sound_of_the_catalogue_has_a_recipe_of_its_length)
{
    FILE *catalogue = fopen("db/migrations/0018_system_assets.sql", "re");
    char line[LINE_SIZE], id[LINE_SIZE] = "";
    size_t n = 0;

    ck_assert_ptr_nonnull(catalogue);
    while (fgets(line, sizeof line, catalogue) != NULL) {
        const char *seconds = strstr(line, "', ");

        if (sscanf(line, " ('%[a-z_]', '", id) == 1 && strncmp(id, "asset_", 6) == 0)
            continue; /* name and length are on the next line */
        if (id[0] == '\0' || seconds == NULL)
            continue;
        ck_assert_msg(fc_synth_recipe(id) != NULL, "%s cannot be made", id);
        while (strstr(seconds + 1, "', ") != NULL) /* the length follows the last but one text */
            seconds = strstr(seconds + 1, "', ");
        ck_assert_msg(fabs(strtod(seconds + 3, NULL) * 1000 - fc_synth_recipe(id)->length_ms) < 0.5,
                      "%s has another length", id);
        id[0] = '\0';
        n++;
    }
    (void)fclose(catalogue);
    ck_assert_uint_eq(n, 42);
    ck_assert_uint_eq(made.n, n);
}
END_TEST

START_TEST(what_others_have_added_has_no_recipe)
{
    ck_assert_ptr_null(fc_synth_recipe("asset_sfx_of_somebody"));
    ck_assert_ptr_null(fc_synth_recipe(""));
}
END_TEST

START_TEST(sounds_have_exactly_their_length_and_only_numbers)
{
    for (size_t i = 0; i < made.n; i++) {
        const struct fc_synth_recipe *recipe = fc_synth_recipe_at(i);
        struct fc_synth_sound sound = made.sounds[i];
        int n_numbers = 0;

        for (int k = 0; k < sound.n * CHANNELS; k++)
            n_numbers += isfinite(sound.pairs[k]) ? 1 : 0;
        ck_assert_int_eq(sound.n, recipe->length_ms * 48);
        ck_assert_msg(n_numbers == sound.n * CHANNELS, "%s", recipe->id);
    }
}
END_TEST

START_TEST(sounds_are_evenly_loud_and_leave_room_for_peaks)
{
    for (size_t i = 0; i < made.n; i++) {
        const struct fc_synth_recipe *recipe = fc_synth_recipe_at(i);
        struct fc_synth_sound sound = made.sounds[i];

        bool loops = fc_synth_loops(recipe);
        double lufs = loudness_of(sound, loops), peak = peak_of(sound.pairs, 0, sound.n);

        ck_assert_msg(loops ? fabs(lufs + 19.6) < 0.5 : lufs > -20 && lufs < -13.5,
                      "%s has %.1f LUFS", recipe->id, lufs);
        ck_assert_msg(peak < 0.71 && peak > 0.1, "%s has a peak of %.2f", recipe->id, peak);
    }
}
END_TEST

START_TEST(sounds_have_no_direct_current)
{
    for (size_t i = 0; i < made.n; i++) {
        const struct fc_synth_recipe *recipe = fc_synth_recipe_at(i);
        struct fc_synth_sound sound = made.sounds[i];

        double sum = 0;

        for (int k = 0; k < sound.n * CHANNELS; k++)
            sum += (double)sound.pairs[k];
        ck_assert_msg(fabs(sum / sound.n / CHANNELS) < 0.002, "%s", recipe->id);
    }
}
END_TEST

START_TEST(sounds_begin_and_end_near_zero)
{
    for (size_t i = 0; i < made.n; i++) {
        const struct fc_synth_recipe *recipe = fc_synth_recipe_at(i);
        struct fc_synth_sound sound = made.sounds[i];

        double begin = peak_of(sound.pairs, 0, 1), end = peak_of(sound.pairs, sound.n - 1, 1);

        ck_assert_msg(begin < 0.03 && end < 0.03, "%s: %.3f to %.3f", recipe->id, begin, end);
    }
}
END_TEST

START_TEST(the_end_of_a_loop_runs_into_its_beginning)
{
    for (size_t i = 0; i < made.n; i++) {
        const struct fc_synth_recipe *recipe = fc_synth_recipe_at(i);
        struct fc_synth_sound sound = made.sounds[i];

        double seam = 0;

        for (int c = 0; c < CHANNELS; c++)
            seam = fmax(seam,
                        fabs((double)(sound.pairs[c] - sound.pairs[(sound.n - 1) * CHANNELS + c])));
        if (fc_synth_loops(recipe))
            ck_assert_msg(seam < 0.03 && seam <= step_of(sound), "%s: %.3f", recipe->id, seam);
    }
}
END_TEST

START_TEST(a_recipe_gives_the_same_samples_each_time)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    for (size_t i = 0; i < made.n; i++) {
        const struct fc_synth_recipe *recipe = fc_synth_recipe_at(i);
        struct fc_synth_sound sound = made.sounds[i];

        struct fc_synth_sound again = {0};

        if (recipe->score != NULL && i % 3 != 0)
            continue; /* all pieces come out of the same instruments */
        again = fc_synth_make(arena, recipe);
        ck_assert_int_eq(again.n, sound.n);
        ck_assert_msg(
            memcmp(again.pairs, sound.pairs, (size_t)sound.n * CHANNELS * sizeof *sound.pairs) == 0,
            "%s", recipe->id);
    }
}
END_TEST

START_TEST(no_two_sounds_are_alike)
{
    for (size_t i = 0; i < made.n; i++) {
        for (size_t k = 0; k < i; k++)
            ck_assert(memcmp(made.sounds[i].pairs, made.sounds[k].pairs, 9600 * sizeof(float)) !=
                      0);
    }
}
END_TEST

START_TEST(an_encoded_sound_keeps_its_length_and_needs_sixteen_thousand_bytes_a_second)
{
    BENCH(bench);
    const char *path = bench_path(&bench, "applause.mp3");
    const char *pcm = bench_path(&bench, "applause.pcm");
    const struct fc_synth_recipe *recipe = fc_synth_recipe("asset_sfx_applause");
    FILE *file;

    ck_assert_int_eq(fc_synth_encode(&tools, recipe, path, NULL, NULL), FC_OK);
    ck_assert_int_eq(fc_samples_decode(&tools, path, pcm, 10, NULL, NULL), FC_OK);
    ck_assert(!fc_samples_are_silent(pcm));
    file = fopen(pcm, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    ck_assert_int_eq(ftell(file), 3200 * 48 * 4);
    (void)fclose(file);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    ck_assert_msg(ftell(file) > 51000 && ftell(file) < 53000, "%ld bytes", ftell(file));
    (void)fclose(file);
}
END_TEST

START_TEST(without_ffmpeg_nothing_is_left_behind)
{
    BENCH(bench);
    const struct fc_render_settings none = {.ffmpeg = "/no/ffmpeg", .ffprobe = "/no/ffprobe"};
    const char *path = bench_path(&bench, "click.mp3");
    struct fc_error error;

    ck_assert_int_eq(fc_synth_encode(&none, fc_synth_recipe("asset_sfx_click"), path, NULL, &error),
                     FC_E_NOT_FOUND);
    ck_assert_ptr_null(fopen(path, "re"));
    ck_assert_ptr_null(fopen(fc_printf(bench.arena, "%s.f32", path), "re"));
}
END_TEST

/* The recommendation: a tone of 997 Hz at full level on one side has -3.01 LUFS. */
START_TEST(loudness_is_measured_as_recommended)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_synth_sound tone = {.n = 5 * FC_AUDIO_RATE};
    float *pairs = FC_NEW_ARRAY(arena, float, (size_t)tone.n *CHANNELS);

    for (int i = 0; i < tone.n; i++)
        pairs[i * CHANNELS] = (float)sin(2 * M_PI * 997 * i / FC_AUDIO_RATE);
    tone.pairs = pairs;
    ck_assert_double_eq_tol(loudness_of(tone, true), -3.01, 0.05);
}
END_TEST

TCase *synth_case(void)
{
    TCase *tests = tcase_create("synth");

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, make_all, drop_all);
    tcase_add_test(tests, every_sound_of_the_catalogue_has_a_recipe_of_its_length);
    tcase_add_test(tests, what_others_have_added_has_no_recipe);
    tcase_add_test(tests, sounds_have_exactly_their_length_and_only_numbers);
    tcase_add_test(tests, sounds_are_evenly_loud_and_leave_room_for_peaks);
    tcase_add_test(tests, sounds_have_no_direct_current);
    tcase_add_test(tests, sounds_begin_and_end_near_zero);
    tcase_add_test(tests, the_end_of_a_loop_runs_into_its_beginning);
    tcase_add_test(tests, a_recipe_gives_the_same_samples_each_time);
    tcase_add_test(tests, no_two_sounds_are_alike);
    tcase_add_test(tests,
                   an_encoded_sound_keeps_its_length_and_needs_sixteen_thousand_bytes_a_second);
    tcase_add_test(tests, without_ffmpeg_nothing_is_left_behind);
    tcase_add_test(tests, loudness_is_measured_as_recommended);
    return tests;
}
