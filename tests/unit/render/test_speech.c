#include "render/speech.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/samples.h"
#include "render/stitch.h"
#include "suites.h"
#include "support.h"

/* ---- voices ---- */

static const char *voice(struct fc_arena *arena, const char *speaker, const char *looks)
{
    return fc_speech_voice(arena, speaker, looks);
}

START_TEST(a_speaker_has_the_same_voice_every_time)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    ck_assert_str_eq(voice(arena, "ana", NULL), voice(arena, "ana", NULL));
    ck_assert_str_eq(voice(arena, "ana", "a woman"), voice(arena, "ana", "A woman, tall."));
    ck_assert_str_ne(voice(arena, "ana", "a woman"), voice(arena, "bob", "a man"));
}
END_TEST

START_TEST(voices_fit_what_is_known_of_a_figure)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    for (char name[] = "a"; name[0] <= 'z'; name[0]++) {
        ck_assert_ptr_nonnull(strstr(voice(arena, name, "an old woman with a man's hat"), "+f"));
        ck_assert_ptr_nonnull(strstr(voice(arena, name, "the King of Mars"), "+m"));
        ck_assert_ptr_nonnull(strstr(voice(arena, name, "a boy and his father"), "+f"));
    }
}
END_TEST

START_TEST(of_ten_speakers_most_have_voices_of_their_own)
{
    static const char *const names[] = {"ana", "bob", "cleo", "dan",  "eve",
                                        "fay", "gus", "hans", "iris", "jo"};
    FC_AUTO(arena) *arena = fc_arena_new();
    char seen[256] = "";
    int n = 0;

    for (int i = 0; i < 10; i++) {
        const char *own = voice(arena, names[i], NULL);

        if (strstr(seen, own) == NULL)
            n++;
        (void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s ", own);
    }
    ck_assert_int_ge(n, 4);
}
END_TEST

/* ---- languages ---- */

static const struct {
    const char *line, *all, *language;
} spoken[] = {
    {"Hello!", "Hello! What is this?", "en"},
    {"...", "...", "en"},
    {"Hallo!", "Hallo! Ich bin da, und du?", "de"},
    {"Schöne Grüße", "Schöne Grüße", "de"},
    {"Bonjour", "Bonjour, où est la gare? C'est ça.", "fr-fr"},
    {"Hola", "Hola. ¿Qué es esto? No lo sé.", "es"},
    {"Привет", "Привет. Что это? Я не знаю, ты где", "ru"},
    {"Привіт", "Привіт. Що це? Її немає", "uk"},
    {"Γεια σου", "Γεια σου, hello", "el"},
    {"こんにちは世界", "こんにちは世界", "ja"},
    {"你好，世界", "你好，世界", "cmn"},
    {"안녕하세요", "안녕하세요", "ko"},
    {"مرحبا", "مرحبا hello and the rest is English", "ar"},
    {"OK, 你好 to you and yours", "OK, 你好 to you and yours", "en"},
};

START_TEST(a_line_is_spoken_in_its_language)
{
    ck_assert_str_eq(fc_speech_language(spoken[_i].line, spoken[_i].all), spoken[_i].language);
}
END_TEST

/* ---- speaking ---- */

static const struct fc_speech_line greeting = {
    .text = "Good evening, and welcome to the theatre. [[Not a phoneme]]",
    .speaker = "host",
    .looks = "a man",
    .language = "en",
    .room_ms = 10000};

static double seconds_of(const char *path)
{
    struct fc_samples samples;
    double seconds;

    ck_assert(fc_samples_open(path, &samples));
    seconds = (double)samples.n / FC_AUDIO_RATE;
    fc_samples_close(&samples);
    return seconds;
}

START_TEST(a_line_is_said_as_loud_as_all_others)
{
    BENCH(bench);
    const char *path = bench_path(&bench, "line.pcm");
    double volume = 0;
    struct heard heard;

    ck_assert_int_eq(fc_speech_say(&tools, &greeting, path, &volume, NULL, NULL), FC_OK);
    heard = listen_to(&bench, make(&bench, "line.wav",
                                   fc_printf(bench.arena, "-f s16le -ar 48000 -ac 2 -i %s", path)));
    ck_assert_double_eq_tol(heard.lufs + 20 * log10(volume), -18, 0.3);
    ck_assert_double_gt(seconds_of(path), 1.5);
    ck_assert(access(fc_printf(bench.arena, "%s.wav", path), F_OK) != 0);
    ck_assert(access(fc_printf(bench.arena, "%s.txt", path), F_OK) != 0);
}
END_TEST

START_TEST(a_line_that_takes_too_long_is_said_faster)
{
    BENCH(bench);
    const char *path = bench_path(&bench, "line.pcm");
    struct fc_speech_line line = greeting;
    double volume, calm_s;

    ck_assert_int_eq(fc_speech_say(&tools, &line, path, &volume, NULL, NULL), FC_OK);
    calm_s = seconds_of(path);
    line.room_ms = (int64_t)(calm_s * 1000 / 1.2);
    ck_assert_int_eq(fc_speech_say(&tools, &line, path, &volume, NULL, NULL), FC_OK);
    ck_assert_double_le(seconds_of(path), calm_s / 1.1);
    line.room_ms = (int64_t)(calm_s * 500); /* never so fast that nobody understands it */
    ck_assert_int_eq(fc_speech_say(&tools, &line, path, &volume, NULL, NULL), FC_OK);
    ck_assert_double_gt(seconds_of(path), calm_s / 1.7);
}
END_TEST

static const struct {
    const char *program;
    fc_status status;
} broken[] = {
    {"/nowhere/espeak-ng", FC_E_NOT_FOUND}, {NULL, FC_E_NOT_FOUND}, {"false", FC_E_INTERNAL}};

START_TEST(without_a_speaker_that_is_said)
{
    BENCH(bench);
    const struct fc_render_settings mute = {
        .ffmpeg = "ffmpeg", .ffprobe = "ffprobe", .espeak = broken[_i].program};
    struct fc_error error;
    double volume;

    ck_assert_int_eq(
        fc_speech_say(&mute, &greeting, bench_path(&bench, "line.pcm"), &volume, NULL, &error),
        broken[_i].status);
}
END_TEST

/* ---- in a film ---- */

/* A scene of two seconds, played twice, with a line that would take longer from 0.5 s on. */
static struct fc_film film_with(const struct bench *bench, const char *espeak, bool is_mute)
{
    const struct fc_film_format format = {320, 180, 24, FC_RENDER_DRAFT};
    const struct fc_render_settings settings = {
        .ffmpeg = "ffmpeg", .ffprobe = "ffprobe", .espeak = espeak};
    struct fc_caption lines[2];
    struct fc_plan_scene scenes[] = {{"a", 2000, true}};
    struct fc_shot shots[] = {{.duration_ms = 2000}, {.start_ms = 2000, .duration_ms = 2000}};
    const struct fc_plan plan = {.title = "Test",
                                 .duration_ms = 4000,
                                 .n_scenes = 1,
                                 .scenes = scenes,
                                 .n_shots = 2,
                                 .shots = shots,
                                 .n_captions = 2,
                                 .captions = lines};
    const char *clip = make_clip(bench, "clip.mp4", &format, "color=red", NULL, 48);
    const struct fc_film_order order = {.plan = &plan,
                                        .format = format,
                                        .clips = &clip,
                                        .is_mute = is_mute,
                                        .work_dir = bench->dir};
    struct fc_error error = {0};
    struct fc_film film;

    for (int i = 0; i < 2; i++)
        lines[i] = (struct fc_caption){.start_ms = 2000 * i + 500,
                                       .end_ms = 2000 * i + 2000,
                                       .limit_ms = 2000 * i + 2000,
                                       .text = greeting.text,
                                       .speaker = "host",
                                       .volume = 1};
    ck_assert_msg(fc_film_stitch(bench->arena, &settings, &order, NULL, &film, &error) == FC_OK,
                  "%s", error.text);
    return film;
}

START_TEST(a_film_speaks_from_the_start_of_a_line_to_the_end_of_its_scene)
{
    BENCH(bench);
    struct fc_film film = film_with(&bench, "espeak-ng", true);

    ck_assert_ptr_null(film.unspoken);
    ck_assert_int_lt(loudest(&bench, film.video_path, 0, 0.45), 300);
    ck_assert_int_gt(loudest(&bench, film.video_path, 0.5, 2), 5000);
    ck_assert_int_lt(loudest(&bench, film.video_path, 2.05, 2.45), 300);
    ck_assert_int_gt(loudest(&bench, film.video_path, 2.5, 4), 5000);
}
END_TEST

START_TEST(clips_that_have_voices_of_their_own_are_not_spoken_over)
{
    BENCH(bench);
    struct fc_film film = film_with(&bench, "espeak-ng", false);

    ck_assert_ptr_null(film.unspoken);
    ck_assert_int_lt(loudest(&bench, film.video_path, 0, 4), 300);
}
END_TEST

START_TEST(without_espeak_a_film_is_silent_and_says_why)
{
    BENCH(bench);
    struct fc_film film = film_with(&bench, "/nowhere/espeak-ng", true);

    ck_assert_ptr_nonnull(strstr(film.unspoken, "espeak-ng"));
    ck_assert_int_lt(loudest(&bench, film.video_path, 0, 4), 300);
}
END_TEST

/* Speaks once, and then no more. */
static const char *short_lived_espeak(const struct bench *bench)
{
    const char *path = bench_path(bench, "espeak");
    FILE *script = fopen(path, "we");

    ck_assert_ptr_nonnull(script);
    ck_assert_int_gt(fputs("#!/bin/sh\n[ -e \"$0.ran\" ] && exit 1\n: >\"$0.ran\"\n"
                           "exec espeak-ng \"$@\"\n",
                           script),
                     0);
    ck_assert_int_eq(fclose(script), 0);
    ck_assert_int_eq(chmod(path, 0700), 0);
    return path;
}

START_TEST(a_line_that_could_not_be_said_in_time_is_not_heard_when_it_comes_again)
{
    BENCH(bench);
    struct fc_film film = film_with(&bench, short_lived_espeak(&bench), true);

    ck_assert_ptr_nonnull(film.unspoken);
    ck_assert_int_lt(loudest(&bench, film.video_path, 0, 4), 300);
}
END_TEST

/* How much of a low tone is left under a clip's own voice, a high one from the third second on. */
static double left_of(const struct bench *bench, enum fc_cue_kind kind)
{
    const struct fc_film_format format = {320, 180, 24, FC_RENDER_DRAFT};
    struct fc_caption line = {
        .start_ms = 2000, .end_ms = 4000, .limit_ms = 4000, .text = "Hello", .volume = 1};
    struct fc_plan_scene scene = {"a", 4000, true};
    struct fc_shot shot = {.duration_ms = 4000};
    struct fc_cue cue = {.kind = kind, .end_ms = 4000, .volume = 1, .loop = true};
    const struct fc_plan plan = {.title = "Test",
                                 .duration_ms = 4000,
                                 .n_scenes = 1,
                                 .scenes = &scene,
                                 .n_shots = 1,
                                 .shots = &shot,
                                 .n_cues = 1,
                                 .cues = &cue,
                                 .n_captions = 1,
                                 .captions = &line};
    const char *clip = make_clip(bench, "clip.mp4", &format, "color=red",
                                 "sine=4000:r=48000,volume=0:enable=lt(t\\,2)", 96);
    const char *low;
    const char *sound = make(bench, "low.wav", "-f lavfi -i sine=110:r=48000:d=1");
    const struct fc_film_order order = {
        .plan = &plan, .format = format, .clips = &clip, .sounds = &sound, .work_dir = bench->dir};
    struct fc_error error = {0};
    struct fc_film film;

    ck_assert_msg(fc_film_stitch(bench->arena, &tools, &order, NULL, &film, &error) == FC_OK, "%s",
                  error.text);
    low = make(bench, "left.wav",
               fc_printf(bench->arena, "-i %s -vn -af lowpass=f=300,lowpass=f=300,lowpass=f=300",
                         film.video_path));
    return (double)loudest(bench, low, 2.5, 3.8) / loudest(bench, low, 0.5, 1.5);
}

static const struct {
    enum fc_cue_kind kind;
    double left;
} yielding[] = {
    {FC_CUE_MUSIC, 0.28}, {FC_CUE_AMBIENT, 0.63}, {FC_CUE_SFX, 1}, {FC_CUE_TRANSITION, 1}};

START_TEST(in_a_film_music_and_ambience_step_back_and_effects_do_not)
{
    BENCH(bench);

    ck_assert_double_eq_tol(left_of(&bench, yielding[_i].kind), yielding[_i].left, 0.03);
}
END_TEST

TCase *speech_case(void)
{
    TCase *tests = tcase_create("speech");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_speaker_has_the_same_voice_every_time);
    tcase_add_test(tests, voices_fit_what_is_known_of_a_figure);
    tcase_add_test(tests, of_ten_speakers_most_have_voices_of_their_own);
    tcase_add_loop_test(tests, a_line_is_spoken_in_its_language, 0, sizeof spoken / sizeof *spoken);
    tcase_add_test(tests, a_line_is_said_as_loud_as_all_others);
    tcase_add_test(tests, a_line_that_takes_too_long_is_said_faster);
    tcase_add_loop_test(tests, without_a_speaker_that_is_said, 0, sizeof broken / sizeof *broken);
    tcase_add_test(tests, a_film_speaks_from_the_start_of_a_line_to_the_end_of_its_scene);
    tcase_add_test(tests, clips_that_have_voices_of_their_own_are_not_spoken_over);
    tcase_add_loop_test(tests, in_a_film_music_and_ambience_step_back_and_effects_do_not, 0,
                        sizeof yielding / sizeof *yielding);
    tcase_add_test(tests, without_espeak_a_film_is_silent_and_says_why);
    tcase_add_test(tests, a_line_that_could_not_be_said_in_time_is_not_heard_when_it_comes_again);
    return tests;
}
