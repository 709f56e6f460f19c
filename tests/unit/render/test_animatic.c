#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/text.h>

#include "suites.h"
#include "support.h"

static const struct {
    int width, height, fps;
} shapes[] = {
    {854, 480, 24},   {480, 854, 30},   {1280, 720, 60},  {720, 1280, 24}, {720, 720, 30},
    {1920, 1080, 24}, {1080, 1920, 30}, {1080, 1080, 60}, {854, 480, 60},
};

START_TEST(a_clip_has_exactly_the_shape_that_was_ordered)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "Dusk over the harbor");
    struct fc_media media;

    order.width = shapes[_i].width;
    order.height = shapes[_i].height;
    order.fps = shapes[_i].fps;
    order.duration_ms = 200;
    media = look_at(&bench, shoot(&bench, &order));
    ck_assert_int_eq(media.width, order.width);
    ck_assert_int_eq(media.height, order.height);
    ck_assert_int_eq(media.rate_num, order.fps * media.rate_den);
    ck_assert_int_eq(media.n_frames, fc_frames_of(200, order.fps));
    ck_assert(media.is_square && !media.is_variable && !media.is_rotated);
    ck_assert_str_eq(media.pixel_format, "yuv420p");
    ck_assert_str_eq(media.video_codec, "h264");
    ck_assert_str_eq(media.audio_codec, "aac");
}
END_TEST

START_TEST(every_quality_makes_a_clip_and_high_keeps_most)
{
    BENCH(bench);
    int64_t sizes[FC_RENDER_QUALITY__COUNT];

    for (int quality = 0; quality < FC_RENDER_QUALITY__COUNT; quality++) {
        struct fc_scene_order order = scene(&bench, "Snow on a mountain");

        order.quality = (enum fc_render_quality)quality;
        order.duration_ms = 400;
        sizes[quality] = look_at(&bench, shoot(&bench, &order)).size_bytes;
    }
    ck_assert_int_gt(sizes[FC_RENDER_HIGH], sizes[FC_RENDER_STANDARD]);
}
END_TEST

static const char *hashes_of(const struct bench *bench, const char *text, uint32_t seed)
{
    struct fc_scene_order order = scene(bench, text);

    order.seed = seed;
    order.duration_ms = 300;
    return frame_hashes(bench, shoot(bench, &order));
}

START_TEST(the_same_seed_gives_the_same_frames_and_another_does_not)
{
    BENCH(bench);
    const char *first = hashes_of(&bench, "A quiet forest", 5);

    ck_assert_str_eq(first, hashes_of(&bench, "A quiet forest", 5));
    ck_assert_str_ne(first, hashes_of(&bench, "A quiet forest", 6));
    ck_assert_str_ne(first, hashes_of(&bench, "A quiet ocean", 5));
}
END_TEST

static const char *const nasty[] = {
    "it's a \"quote\": with, commas; and [brackets] = 100% \\ of C:\\Nights\\new",
    "{\\an8\\pos(0,0)}{\\p1}m 0 0 l 100 100{\\p0} \\{ \\} \\\\",
    "line one\nline two\r\n\nDialogue: 0,0:00:00.00,0:00:09.00,T,,0,0,0,,injected",
    "%{pts} %{eif\\:1\\:d} $(touch /tmp/x) `id` ;drawtext=text=x",
    ("\xF0\x9F\x98\x80 \xE0\xA4\xB9\xE0\xA4\xBF\xE0\xA4\xA8\xE0\xA5\x8D\xE0\xA4\xA6\xE0\xA5\x80 "
     "\xD8\xB4\xD9\x85\xD8\xB3 \xE9\x9B\xAA\xE3\x81\x8C \xE2\x80\xAE reversed"),
    "@crowd @no_such @ @@crowd",
};

START_TEST(no_text_can_break_the_picture)
{
    BENCH(bench);
    static const struct fc_render_symbol symbols[] = {{"crowd", "crowd", "people", NULL},
                                                      {"o{}'\\:", "o{}'\\:", "odd", NULL},
                                                      {"", "", "", NULL}};
    struct fc_scene_order order = scene(&bench, nasty[_i]);

    order.title = nasty[_i];
    order.symbols = symbols;
    order.n_symbols = 3;
    order.duration_ms = 200;
    ck_assert_int_eq(look_at(&bench, shoot(&bench, &order)).n_frames, 5);
}
END_TEST

START_TEST(a_folder_with_an_odd_name_does_no_harm)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "Morning");

    order.work_dir = bench_path(&bench, "it's [odd], a:b;c=d %41 \\e");
    ck_assert_int_eq(mkdir(order.work_dir, 0700), 0);
    order.duration_ms = 200;
    ck_assert_int_eq(look_at(&bench, shoot(&bench, &order)).n_frames, 5);
}
END_TEST

START_TEST(long_texts_and_many_symbols_find_room)
{
    BENCH(bench);
    struct fc_buffer text = fc_buffer_in(bench.arena);
    struct fc_render_symbol symbols[20];
    struct fc_scene_order order;

    for (int i = 0; i < 20; i++)
        symbols[i] = (struct fc_render_symbol){
            "someone", "someone with a long name that goes on and on", "", NULL};
    while (text.n < 1990)
        fc_put(&text, "lorem ipsum ");
    order = scene(&bench, text.data);
    order.symbols = symbols;
    order.n_symbols = 20;
    order.width = 480;
    order.height = 854;
    order.duration_ms = 200;
    ck_assert_int_eq(look_at(&bench, shoot(&bench, &order)).n_frames, 5);
}
END_TEST

START_TEST(a_still_is_a_png_of_the_ordered_size)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "A portrait of an old captain");
    struct fc_media media;

    order.kind = FC_RENDER_STILL;
    order.duration_ms = 0;
    media = look_at(&bench, shoot(&bench, &order));
    ck_assert_str_eq(media.video_codec, "png");
    ck_assert_int_eq(media.width, 320);
    ck_assert_int_eq(media.height, 180);
}
END_TEST

START_TEST(a_reference_that_nobody_submitted_is_unknown)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "Nothing");
    struct fc_error error;

    ck_assert_int_eq(fc_renderer_animatic.poll(&tools, &order).state, FC_TAKE_UNKNOWN);
    ck_assert_int_eq(fc_renderer_animatic.fetch(&tools, &order, bench_path(&bench, "x"), &error),
                     FC_E_NOT_FOUND);
    fc_renderer_animatic.cancel(&tools, &order);
}
END_TEST

static int n_files(const char *dir)
{
    DIR *folder = opendir(dir);
    struct dirent *entry;
    int n = 0;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

START_TEST(a_canceled_take_is_forgotten_with_its_files)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "A very long scene");

    order.duration_ms = 30000;
    order.width = 1920;
    order.height = 1080;
    ck_assert_int_eq(fc_renderer_animatic.submit(&tools, &order, NULL), FC_OK);
    while (fc_renderer_animatic.poll(&tools, &order).percent < 0.5)
        usleep(1000);
    fc_renderer_animatic.cancel(&tools, &order);
    ck_assert_int_eq(fc_renderer_animatic.poll(&tools, &order).state, FC_TAKE_UNKNOWN);
    ck_assert_int_eq(n_files(bench.dir), 0);
}
END_TEST

START_TEST(submitting_again_while_at_work_changes_nothing)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "Twice");

    ck_assert_int_eq(fc_renderer_animatic.submit(&tools, &order, NULL), FC_OK);
    (void)shoot(&bench, &order);
    ck_assert_int_eq(fc_renderer_animatic.poll(&tools, &order).state, FC_TAKE_UNKNOWN);
}
END_TEST

START_TEST(percent_grows_while_a_take_is_at_work)
{
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, "Growth");
    struct fc_take_report report;
    double percent = 0;
    bool seen_between = false;

    order.duration_ms = 3000;
    ck_assert_int_eq(fc_renderer_animatic.submit(&tools, &order, NULL), FC_OK);
    while ((report = fc_renderer_animatic.poll(&tools, &order)).state == FC_TAKE_RUNNING) {
        ck_assert(report.percent >= percent);
        percent = report.percent;
        seen_between |= percent > 0 && percent < 100;
    }
    ck_assert_int_eq(report.state, FC_TAKE_DONE);
    ck_assert(seen_between);
    fc_renderer_animatic.cancel(&tools, &order);
}
END_TEST

START_TEST(an_encoder_that_cannot_work_is_a_failure_with_a_reason)
{
    static const struct {
        const char *ffmpeg, *code;
        bool may_repeat;
    } broken[] = {{"/nowhere/ffmpeg", "no_encoder", false}, {"false", "encoder_failed", true}};
    BENCH(bench);
    struct fc_render_settings settings = {.ffmpeg = broken[_i].ffmpeg, .ffprobe = "ffprobe"};
    struct fc_scene_order order = scene(&bench, "Nothing");
    struct fc_take_report report;

    ck_assert_int_eq(fc_renderer_animatic.submit(&settings, &order, NULL), FC_OK);
    while ((report = fc_renderer_animatic.poll(&settings, &order)).state == FC_TAKE_RUNNING)
        usleep(1000);
    ck_assert_int_eq(report.state, FC_TAKE_FAILED);
    ck_assert_str_eq(report.code, broken[_i].code);
    ck_assert(report.may_repeat == broken[_i].may_repeat);
    ck_assert(!report.is_users_fault);
    fc_renderer_animatic.cancel(&settings, &order);
}
END_TEST

START_TEST(takes_that_nobody_asks_for_make_room_for_others)
{
    enum { MANY = 100 };
    BENCH(bench);
    struct fc_render_settings settings = {.ffmpeg = "/nowhere/ffmpeg", .ffprobe = "ffprobe"};
    struct fc_scene_order first = scene(&bench, "Forgotten"), others[MANY];

    first.width = first.height = 64;
    ck_assert_int_eq(fc_renderer_animatic.submit(&settings, &first, NULL), FC_OK);
    for (int i = 0; i < MANY; i++) {
        others[i] = first;
        (void)snprintf(others[i].ref, sizeof others[i].ref, "many-%d", i);
        ck_assert_int_eq(fc_renderer_animatic.submit(&settings, &others[i], NULL), FC_OK);
        while (fc_renderer_animatic.poll(&settings, &others[i]).state == FC_TAKE_RUNNING)
            usleep(500);
    }
    ck_assert_int_eq(fc_renderer_animatic.poll(&settings, &first).state, FC_TAKE_UNKNOWN);
    for (int i = 0; i < MANY; i++)
        fc_renderer_animatic.cancel(&settings, &others[i]);
}
END_TEST

START_TEST(renderers_are_found_by_name)
{
    ck_assert_ptr_eq(fc_renderer_by_name("animatic"), &fc_renderer_animatic);
    ck_assert_ptr_null(fc_renderer_by_name("external"));
    ck_assert_ptr_null(fc_renderer_by_name(""));
}
END_TEST

TCase *animatic_case(void)
{
    TCase *tests = tcase_create("animatic");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_clip_has_exactly_the_shape_that_was_ordered, 0,
                        sizeof shapes / sizeof *shapes);
    tcase_add_test(tests, every_quality_makes_a_clip_and_high_keeps_most);
    tcase_add_test(tests, the_same_seed_gives_the_same_frames_and_another_does_not);
    tcase_add_loop_test(tests, no_text_can_break_the_picture, 0, sizeof nasty / sizeof *nasty);
    tcase_add_test(tests, a_folder_with_an_odd_name_does_no_harm);
    tcase_add_test(tests, long_texts_and_many_symbols_find_room);
    tcase_add_test(tests, a_still_is_a_png_of_the_ordered_size);
    tcase_add_test(tests, a_reference_that_nobody_submitted_is_unknown);
    tcase_add_test(tests, a_canceled_take_is_forgotten_with_its_files);
    tcase_add_test(tests, submitting_again_while_at_work_changes_nothing);
    tcase_add_test(tests, percent_grows_while_a_take_is_at_work);
    tcase_add_loop_test(tests, an_encoder_that_cannot_work_is_a_failure_with_a_reason, 0, 2);
    tcase_add_test(tests, takes_that_nobody_asks_for_make_room_for_others);
    tcase_add_test(tests, renderers_are_found_by_name);
    return tests;
}
