#include "render/stitch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "support.h"

enum { W = 160, H = 90, FPS = 24 };

static const struct fc_film_format small = {W, H, FPS, FC_RENDER_DRAFT};

/* Clips of one second, which most tests use: made once, before the tests are forked off. */
static struct bench shared;

/* A normalised clip of one colour. */
static const char *clip(const struct bench *bench, const char *color, int64_t ms)
{
    const char *name = fc_printf(bench->arena, "%s-%d.mp4", color, (int)ms);
    const struct bench *place = ms == 1000 ? &shared : bench;
    const char *path = bench_path(place, name);

    return access(path, R_OK) == 0
               ? path
               : make_clip(place, name, &small, fc_printf(bench->arena, "color=%s", color), NULL,
                           fc_frames_of(ms, FPS));
}

/* A film of a few shots, each of a scene of its own. */
enum { SHOTS_MAX = 12 };
struct film {
    struct fc_plan plan;
    struct fc_plan_scene scenes[SHOTS_MAX];
    struct fc_shot shots[SHOTS_MAX];
    const char *clips[SHOTS_MAX];
    struct fc_cue cues[4];
    const char *sounds[4];
};

static void add_shot(const struct bench *bench, struct film *film, const char *color, int64_t ms)
{
    size_t i = film->plan.n_shots++;

    film->scenes[i] = (struct fc_plan_scene){color, ms, true};
    film->shots[i] = (struct fc_shot){
        .scene = i, .start_ms = film->plan.duration_ms, .duration_ms = ms};
    film->clips[i] = clip(bench, color, ms);
    film->plan.duration_ms += ms;
    film->plan.n_scenes++;
    film->plan.scenes = film->scenes;
    film->plan.shots = film->shots;
    film->plan.cues = film->cues;
    film->plan.title = "Test";
}

static fc_status stitch(const struct bench *bench, const struct film *film,
                        const struct fc_watch *watch, struct fc_film *made, struct fc_error *error)
{
    struct fc_film_order order = {.plan = &film->plan,
                                  .format = small,
                                  .clips = film->clips,
                                  .sounds = film->sounds,
                                  .is_mute = film->plan.n_captions == 0, /* nobody is to speak */
                                  .work_dir = bench->dir};

    return fc_film_stitch(bench->arena, &tools, &order, watch, made, error);
}

static struct fc_film stitched(const struct bench *bench, const struct film *film)
{
    struct fc_film made;
    struct fc_error error = {0};

    ck_assert_msg(stitch(bench, film, NULL, &made, &error) == FC_OK, "%s", error.text);
    return made;
}

struct audience {
    double percent;
    bool went_back;
    double leave_at; /* cancels from there on */
};

static void see(void *context, double percent)
{
    struct audience *audience = context;

    audience->went_back |= percent < audience->percent;
    audience->percent = percent;
}

static bool has_left(void *context)
{
    struct audience *audience = context;

    return audience->percent >= audience->leave_at;
}

/* ---- one film that many tests look at ---- */

static struct film play;
static struct fc_film played;
static struct audience audience = {.leave_at = 1000};

/* A beep from 1.0 s, from 2.5 s on the same without a pause, and what is no sound at all. */
static void add_sounds(void)
{
    play.plan.n_cues = 4;
    play.sounds[0] = make(&shared, "beep.wav", "-f lavfi -i sine=f=500:d=0.5:r=44100");
    play.cues[0] = (struct fc_cue){
        .kind = FC_CUE_SFX, .start_ms = 1000, .end_ms = 3500, .volume = 0.5};
    play.sounds[1] = play.sounds[0];
    play.cues[1] = (struct fc_cue){
        .kind = FC_CUE_MUSIC, .start_ms = 2500, .end_ms = 3500, .volume = 1, .loop = true};
    play.sounds[2] = NULL; /* missing from the store */
    play.sounds[3] = make(&shared, "picture.png", "-f lavfi -i color=red:s=32x32 -frames:v 1");
    play.cues[3] = (struct fc_cue){.kind = FC_CUE_SFX, .end_ms = 1000, .volume = 1};
}

static void open_shared(void)
{
    static struct fc_caption captions[] = {
        {.start_ms = 500, .end_ms = 1500, .text = "Hello <b>you</b> & me --> there"},
        {.start_ms = 1500, .end_ms = 2000, .text = "two\n\nlines"}};
    struct fc_error error = {0};

    shared = bench_open();
    add_shot(&shared, &play, "red", 1000);
    add_shot(&shared, &play, "lime", 1500);
    add_shot(&shared, &play, "blue", 1000);
    add_sounds();
    play.plan.n_captions = 2;
    play.plan.captions = captions;
    ck_assert_msg(stitch(&shared, &play, &(struct fc_watch){has_left, see, &audience}, &played,
                         &error) == FC_OK,
                  "%s", error.text);
}

static void close_shared(void)
{
    bench_close(&shared);
}

enum hue { RED, GREEN, BLUE };

static enum hue hue_of(const unsigned char *rgb)
{
    return rgb[RED] > rgb[GREEN] && rgb[RED] > rgb[BLUE] ? RED
           : rgb[GREEN] > rgb[BLUE]                      ? GREEN
                                                         : BLUE;
}

START_TEST(cuts_fall_on_the_frame)
{
    BENCH(bench);
    size_t n;
    const unsigned char *colors = frame_colors(&bench, played.video_path, &n);

    ck_assert_uint_eq(n, 84);
    ck_assert_int_eq(played.duration_ms, 3500);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(hue_of(colors + 3 * i) == (i < 24   ? RED
                                                 : i < 60 ? GREEN
                                                          : BLUE),
                      "frame %zu", i);
}
END_TEST

START_TEST(the_film_is_one_that_players_take)
{
    BENCH(bench);
    struct fc_media media = look_at(&bench, played.video_path);

    ck_assert_str_eq(media.video_codec, "h264");
    ck_assert_str_eq(media.pixel_format, "yuv420p");
    ck_assert_int_eq(media.width, W);
    ck_assert_int_eq(media.height, H);
    ck_assert(media.is_square && !media.is_variable);
    ck_assert_int_eq(media.rate_num, FPS);
    ck_assert_str_eq(media.audio_codec, "aac");
    ck_assert_int_eq(media.sample_rate, 48000);
    ck_assert_int_eq(media.channels, 2);
    ck_assert_int_eq(media.size_bytes, played.size_bytes);
    media = look_at(&bench, played.thumbnail_path);
    ck_assert_str_eq(media.video_codec, "mjpeg");
    ck_assert_int_eq(media.width, W);
}
END_TEST

START_TEST(sounds_play_when_and_as_loud_as_they_should)
{
    BENCH(bench);

    ck_assert_int_lt(loudest(&bench, played.video_path, 0, 0.9), 40);
    ck_assert_int_gt(loudest(&bench, played.video_path, 1.1, 1.4), 1200);
    ck_assert_int_lt(loudest(&bench, played.video_path, 1.6, 2.4), 40);
    ck_assert_int_gt(loudest(&bench, played.video_path, 3.1, 3.4), 2500);
}
END_TEST

START_TEST(a_broken_sound_is_left_out_and_a_missing_one_is_not_broken)
{
    ck_assert_uint_eq(played.n_unreadable, 1);
}
END_TEST

static const char *content(const struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = fc_alloc(bench->arena, 4096);

    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, 4095, file)] = '\0';
    fclose(file);
    return text;
}

START_TEST(captions_are_written_in_both_formats)
{
    BENCH(bench);

    ck_assert_str_eq(content(&bench, played.srt_path),
                     "1\n00:00:00,500 --> 00:00:01,500\nHello <b>you</b> & me --> there\n\n"
                     "2\n00:00:01,500 --> 00:00:02,000\ntwo lines\n\n");
    ck_assert_str_eq(content(&bench, played.vtt_path),
                     "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nHello &lt;b&gt;you&lt;/b&gt; &amp; "
                     "me --&gt; there\n\n"
                     "00:00:01.500 --> 00:00:02.000\ntwo lines\n\n");
}
END_TEST

START_TEST(progress_goes_up_to_a_hundred)
{
    ck_assert(!audience.went_back);
    ck_assert_double_eq(audience.percent, 100);
}
END_TEST

/* One film with all of them: red and blue in turn, each shot coming in by the next type. */
START_TEST(every_transition_overlaps_and_adds_no_time)
{
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    const unsigned char *colors;
    size_t n;

    for (int type = 0; type <= FC_TRANSITION__COUNT; type++) {
        add_shot(&bench, &film, type % 2 == 0 ? "red" : "blue", 1000);
        if (type > 1) /* the first shot comes in by nothing, the second by a cut */
            film.shots[type].in = (struct fc_transition){
                .type = (enum fc_transition_type)(type - 1), .duration_ms = 500};
    }
    made = stitched(&bench, &film);
    colors = frame_colors(&bench, made.video_path, &n);
    ck_assert_uint_eq(n, (FC_TRANSITION__COUNT + 1) * FPS);
    for (size_t shot = 0; shot <= FC_TRANSITION__COUNT; shot++) {
        const unsigned char *rgb = colors + 3 * shot * FPS;
        enum hue own = shot % 2 == 0 ? RED : BLUE, other = shot % 2 == 0 ? BLUE : RED;
        int n_between = 0;

        for (size_t i = shot < 2 ? 0 : 13; i < FPS; i++) /* over after twelve frames */
            ck_assert_msg(rgb[3 * i + own] > 200 && rgb[3 * i + other] < 40,
                          "frame %zu of shot %zu is all its own", i, shot);
        for (size_t i = 0; i < 12; i++) /* on the way it is not */
            n_between += rgb[3 * i + own] < 195 || rgb[3 * i + other] > 60;
        ck_assert_msg((shot < 2) == (n_between == 0), "shot %zu: %d frames", shot, n_between);
    }
}
END_TEST

START_TEST(a_flashback_is_gray_and_ends_with_its_shot)
{
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    const unsigned char *colors;
    size_t n;

    add_shot(&bench, &film, "red", 1000);
    add_shot(&bench, &film, "blue", 1000);
    film.shots[0].treatment = (struct fc_treatment){
        .is_flashback = true, .desaturate = 1, .grain = 0.5, .blur = 20, .vignette = true};
    made = stitched(&bench, &film);
    colors = frame_colors(&bench, made.video_path, &n);
    ck_assert_uint_eq(n, 48);
    ck_assert_ptr_null(made.srt_path); /* nobody says anything */
    ck_assert_int_lt(abs(colors[30] - colors[32]), 12);
    ck_assert_int_eq(hue_of(colors + 3 * 24), BLUE);
}
END_TEST

START_TEST(the_same_film_is_made_twice_the_same)
{
    BENCH(bench);
    struct film film = {0};
    const char *first;

    add_shot(&bench, &film, "red", 1000);
    add_shot(&bench, &film, "blue", 1000);
    film.shots[1].in = (struct fc_transition){.type = FC_TRANSITION_GLITCH, .duration_ms = 400};
    film.shots[0].treatment.grain = 0.8;
    first = frame_hashes(&bench, stitched(&bench, &film).video_path);
    ck_assert_str_eq(first, frame_hashes(&bench, stitched(&bench, &film).video_path));
}
END_TEST

START_TEST(a_missing_clip_is_named)
{
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    struct fc_error error;

    add_shot(&bench, &film, "red", 1000);
    film.clips[0] = NULL;
    ck_assert_int_eq(stitch(&bench, &film, NULL, &made, &error), FC_E_VALIDATION);
    ck_assert_str_eq(error.text, "The clip of scene red is missing");
}
END_TEST

START_TEST(a_film_that_nobody_wants_is_not_finished)
{
    BENCH(bench);
    struct film film = {0};
    struct audience guest = {.leave_at = 30};
    struct fc_film made;
    struct fc_error error;

    add_shot(&bench, &film, "red", 1000);
    add_shot(&bench, &film, "blue", 1000);
    film.shots[1].treatment.grain = 1;
    ck_assert_int_eq(
        stitch(&bench, &film, &(struct fc_watch){has_left, see, &guest}, &made, &error),
        FC_E_UNAVAILABLE);
    ck_assert_int_ne(access(bench_path(&bench, "final.mp4"), F_OK), 0);
}
END_TEST

START_TEST(clips_of_another_encoder_are_encoded_again)
{
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    const unsigned char *colors;
    size_t n;

    add_shot(&bench, &film, "red", 1000);
    add_shot(&bench, &film, "blue", 1000);
    film.clips[1] = make(
        &bench, "foreign.mp4",
        "-f lavfi -i color=lime:s=160x90:r=24:d=1 -f lavfi -i anullsrc=r=48000:cl=stereo -shortest "
        "-c:v libx264 -profile:v baseline -pix_fmt yuv420p -c:a aac");
    made = stitched(&bench, &film);
    colors = frame_colors(&bench, made.video_path, &n);
    ck_assert_uint_eq(n, 48);
    ck_assert_int_eq(hue_of(colors + 3 * 20), RED);
    ck_assert_int_eq(hue_of(colors + 3 * 40), GREEN);
}
END_TEST

/* Everything at once, through the plan that lib/storyboard makes of it. */
static const char everything[] =
    "{\"title\":\"All\",\"symbols\":{\"ann\":{\"prompt\":\"a woman\","
    "\"voice\":{\"asset_id\":\"11111111-1111-1111-1111-111111111111\"}}},"
    "\"scenes\":[{\"id\":\"a\",\"prompt\":\"one\",\"duration\":1,"
    "\"audio\":{\"dialogue\":[{\"speaker\":\"ann\",\"text\":\"Hello\",\"start\":0.2}]}},"
    "{\"id\":\"b\",\"prompt\":\"two\",\"duration\":1.25},"
    "{\"id\":\"c\",\"prompt\":\"three\",\"duration\":1.61}],"
    "\"timeline\":[{\"scene\":\"a\"},"
    "{\"transition\":{\"type\":\"wipe\",\"duration\":5,\"params\":{\"direction\":\"up\"}}},"
    "{\"scene\":\"b\"},"
    "{\"flashback\":{\"scenes\":[\"a\",\"c\"],\"treatment\":{\"desaturate\":1}}},"
    "{\"montage\":{\"scenes\":[\"b\",\"c\",\"a\"],\"pace\":\"fast\",\"transition\":"
    "{\"type\":\"custom\",\"effects\":[{\"name\":\"zoom\",\"from\":1,\"to\":2}]}}}]}";

START_TEST(a_storyboard_becomes_a_film_of_its_length)
{
    BENCH(bench);
    const char *clips[] = {clip(&bench, "red", 1000), clip(&bench, "blue", 1250),
                           clip(&bench, "lime", 1610)};
    struct fc_film_order order = {.format = small, .clips = clips, .work_dir = bench.dir};
    const struct fc_json *spec;
    const unsigned char *colors;
    struct fc_plan plan;
    struct fc_film made;
    struct fc_error error = {0};
    size_t n;

    ck_assert_int_eq(fc_json_parse(bench.arena, everything, strlen(everything), &spec, &error),
                     FC_OK);
    ck_assert_msg(fc_plan_make(bench.arena, spec, &plan, &error) == FC_OK, "%s", error.text);
    order.plan = &plan;
    order.sounds = FC_NEW_ARRAY(bench.arena, const char *, plan.n_cues);
    ck_assert_msg(fc_film_stitch(bench.arena, &tools, &order, NULL, &made, &error) == FC_OK, "%s",
                  error.text);
    colors = frame_colors(&bench, made.video_path, &n);
    ck_assert_int_eq(plan.duration_ms, 1000 + 1250 + 1000 + 1610 + 1250 + 1610 + 1000);
    ck_assert_int_eq((int64_t)n, fc_frames_of(plan.duration_ms, FPS));
    ck_assert_ptr_nonnull(made.srt_path);
    ck_assert_int_eq(hue_of(colors + 3 * 10), RED);
    ck_assert_int_eq(hue_of(colors + 3 * 48), BLUE);
    ck_assert_int_lt(abs(colors[3 * 65] - colors[3 * 65 + 2]), 12); /* red, without its colour */
}
END_TEST

/* ---- what is not encoded again ---- */

static const struct fc_film_format as_they_are[] = {
    {96, 54, 24, FC_RENDER_HIGH}, {96, 54, 30, FC_RENDER_STANDARD}, {96, 54, 60, FC_RENDER_DRAFT}};

/* The hash of each frame; *@n of them. */
static const char **hashes_of(const struct bench *bench, const char *path, size_t *n)
{
    const char *text = frame_hashes(bench, path), *end;
    const char **hashes = FC_NEW_ARRAY(bench->arena, const char *, strlen(text));

    for (*n = 0; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        if (*text != '#')
            hashes[(*n)++] = fc_copy_n(bench->arena, end - 32, 32);
    }
    return hashes;
}

/* Three seconds, four that come in by a dissolve, three by a fade. */
START_TEST(from_a_key_frame_on_pictures_are_the_clips_own)
{
    static const int64_t seconds[] = {3, 4, 3}, starts[] = {0, 3, 7}, own[] = {0, 2, 2};
    BENCH(bench);
    const struct fc_film_format *format = &as_they_are[_i];
    const int fps = format->fps;
    const char *clips[] = {make_clip(&bench, "a.mp4", format, "testsrc2=r=60", NULL, 3 * fps),
                           make_clip(&bench, "b.mp4", format, "testsrc2=r=60", NULL, 4 * fps)};
    struct fc_plan_scene scenes[] = {{"a", 3000, true}, {"b", 4000, true}};
    struct fc_shot shots[] = {{.scene = 0, .duration_ms = 3000},
                              {.scene = 1,
                               .start_ms = 3000,
                               .duration_ms = 4000,
                               .in = {FC_TRANSITION_DISSOLVE, .duration_ms = 500}},
                              {.scene = 0,
                               .start_ms = 7000,
                               .duration_ms = 3000,
                               .in = {FC_TRANSITION_FADE, .duration_ms = 700}}};
    struct fc_plan plan = {.title = "Own",
                           .duration_ms = 10000,
                           .n_scenes = 2,
                           .scenes = scenes,
                           .n_shots = 3,
                           .shots = shots};
    struct fc_film_order order = {
        .plan = &plan, .format = *format, .clips = clips, .is_mute = true, .work_dir = bench.dir};
    struct fc_error error = {0};
    struct fc_film made;
    const char **film;
    size_t n;

    ck_assert_msg(fc_film_stitch(bench.arena, &tools, &order, NULL, &made, &error) == FC_OK, "%s",
                  error.text);
    film = hashes_of(&bench, made.video_path, &n);
    ck_assert_uint_eq(n, 10 * (size_t)fps);
    for (size_t i = 0; i < 3; i++) {
        const char **clip_hashes = hashes_of(&bench, clips[shots[i].scene], &n);

        for (int64_t k = own[i] * fps; k < seconds[i] * fps; k++)
            ck_assert_msg(strcmp(film[starts[i] * fps + k], clip_hashes[k]) == 0,
                          "frame %d of shot %zu", (int)k, i);
        ck_assert(i == 0 || strcmp(film[starts[i] * fps + 1], clip_hashes[1]) != 0);
    }
}
END_TEST

TCase *stitch_case(void)
{
    TCase *tests = tcase_create("stitch");

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, open_shared, close_shared);
    tcase_add_test(tests, cuts_fall_on_the_frame);
    tcase_add_test(tests, the_film_is_one_that_players_take);
    tcase_add_test(tests, every_transition_overlaps_and_adds_no_time);
    tcase_add_test(tests, a_flashback_is_gray_and_ends_with_its_shot);
    tcase_add_test(tests, the_same_film_is_made_twice_the_same);
    tcase_add_test(tests, sounds_play_when_and_as_loud_as_they_should);
    tcase_add_test(tests, a_broken_sound_is_left_out_and_a_missing_one_is_not_broken);
    tcase_add_test(tests, captions_are_written_in_both_formats);
    tcase_add_test(tests, a_missing_clip_is_named);
    tcase_add_test(tests, progress_goes_up_to_a_hundred);
    tcase_add_test(tests, a_film_that_nobody_wants_is_not_finished);
    tcase_add_test(tests, clips_of_another_encoder_are_encoded_again);
    tcase_add_test(tests, a_storyboard_becomes_a_film_of_its_length);
    tcase_add_loop_test(tests, from_a_key_frame_on_pictures_are_the_clips_own, 0,
                        sizeof as_they_are / sizeof *as_they_are);
    return tests;
}
