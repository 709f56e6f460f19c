#include "render/captions.h"

#include <stdlib.h>
#include <string.h>

#include "render/stitch.h"
#include "suites.h"
#include "support.h"

static char *srt_of(struct fc_arena *arena, const char *text)
{
    const struct fc_caption caption = {.start_ms = 3723004, .end_ms = 3724000, .text = text};
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_srt(&b, &caption, 1);
    return b.data;
}

#define SEVEN "\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16" /* wide letters */

static const struct {
    const char *why, *text, *rows;
} wrapped[] = {
    {"what fits stays in one row", "Forty-two letters fit in one row, like so!",
     "Forty-two letters fit in one row, like so!\n"},
    {"two rows are of about one length", "One letter more than that takes a second row",
     "One letter more than\nthat takes a second row\n"},
    {"eighty-four letters take two rows",
     "Every row of these captions may be as long as forty-two letters, and these rows are.",
     "Every row of these captions may be as long\nas forty-two letters, and these rows are.\n"},
    {"a long word is cut when nothing else helps",
     "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerk",
     "Donaudampfschifffahrtselekt\nrizitaetenhauptbetriebswerk\n"},
    {"scripts without blanks have rows of half as many",
     "\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c"
     "\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c",
     "\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c\n"
     "\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c\u4f60\u597d\u4e16\u754c\n"},
    {"a row does not begin with a mark that closes",
     SEVEN SEVEN "\u754c\u3001" SEVEN SEVEN, SEVEN SEVEN "\u754c\u3001\n" SEVEN SEVEN "\n"},
    {"white space is no reason for a row", " two\n\n\tlines ", "two lines\n"},
};

START_TEST(rows_are_even_and_hold_forty_two_letters)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    ck_assert_str_eq(srt_of(arena, wrapped[_i].text),
                     fc_printf(arena, "1\n01:02:03,004 --> 01:02:04,000\n%s\n", wrapped[_i].rows));
}
END_TEST

START_TEST(nothing_in_a_text_is_markup_of_webvtt)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const struct fc_caption caption = {.end_ms = 1000,
                                       .text = "<b>A & B</b> --> NOTE\n\n00:01 &amp;"};
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_vtt(&b, &caption, 1);
    ck_assert_str_eq(b.data, "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"
                             "&lt;b&gt;A &amp; B&lt;/b&gt; --&gt; NOTE 00:01 &amp;amp;\n\n");
}
END_TEST

START_TEST(a_line_of_nothing_is_left_out)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const struct fc_caption captions[] = {{.end_ms = 1000, .text = "\x01\n"},
                                          {.start_ms = 1000, .end_ms = 2000, .text = "x"}};
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_srt(&b, captions, 2);
    fc_put_vtt(&b, captions, 2);
    ck_assert_str_eq(b.data, "1\n00:00:01,000 --> 00:00:02,000\nx\n\n"
                             "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nx\n\n");
}
END_TEST

/* ---- in the picture ---- */

static const struct fc_caption two_lines[] = {
    {.start_ms = 1000, .end_ms = 2500, .text = "Hello {\\b1}there"},
    {.start_ms = 3000, .end_ms = 4000, .text = "Good bye"}};

/* The events of the script alone. */
static const char *events(struct fc_arena *arena, const struct fc_caption *captions, size_t n,
                          struct fc_caption_frame frame)
{
    const char *script = fc_captions_script(arena, captions, n, &frame);
    const char *at = script != NULL ? strstr(script, "Dialogue:") : NULL;

    return at != NULL ? at : "";
}

START_TEST(a_part_of_the_film_has_its_own_captions_timed_from_its_beginning)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    ck_assert_str_eq(events(arena, two_lines, 2, (struct fc_caption_frame){854, 480, 2000, 3500}),
                     "Dialogue: 0,0:00:00.00,0:00:00.50,C,,0,0,0,,Hello \\{\\\u2060b1\\}there\n"
                     "Dialogue: 0,0:00:01.00,0:00:01.50,C,,0,0,0,,Good bye\n");
    ck_assert_ptr_null(
        fc_captions_script(arena, two_lines, 2, &(struct fc_caption_frame){854, 480, 2500, 3000}));
}
END_TEST

static const struct fc_caption_frame shapes[] = {
    {1920, 1080, 0, 30000}, {1080, 1920, 0, 30000}, {720, 720, 0, 30000}, {480, 854, 0, 30000}};

START_TEST(long_captions_turn_pages_of_two_rows)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer text = fc_buffer_in(arena);
    struct fc_caption caption = {.end_ms = 30000};
    const char *at;
    int n_pages = 0;

    for (int i = 0; i < 50; i++)
        fc_put(&text, i == 0 ? "long words" : " long words");
    caption.text = text.data;
    at = events(arena, &caption, 1, shapes[_i]);
    for (; *at != '\0'; at = strchr(at, '\n') + 1) {
        const char *first = strstr(at, "\\N"), *end = strchr(at, '\n');

        ck_assert(first == NULL || first > end || strstr(first + 1, "\\N") == NULL ||
                  strstr(first + 1, "\\N") > end);
        n_pages++;
    }
    ck_assert_int_ge(n_pages, 5);
    ck_assert_int_le(n_pages, 15);
    ck_assert_ptr_nonnull(strstr(events(arena, &caption, 1, shapes[_i]), ",0:00:30.00,C"));
}
END_TEST

/* The red of a red picture's upper (or lower) part with @text in it. */
static int red_of(const struct bench *bench, const char *text, struct fc_caption_frame frame,
                  bool upper)
{
    const struct fc_caption caption = {.end_ms = 1000, .text = text};
    const char *script = fc_captions_script(bench->arena, &caption, 1, &frame);
    const char *path = bench_path(bench, "captions.ass"), *picture;
    int height = fc_captions_height(frame.width, frame.height);
    FILE *file = fopen(path, "we");
    size_t n;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(script, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    picture = make(bench, "part.png",
                   fc_printf(bench->arena,
                             "-f lavfi -i color=red:s=%dx%d:d=1 -vf "
                             "ass=filename=%s,crop=iw:%d:0:%d -frames:v 1",
                             frame.width, frame.height, path,
                             upper ? frame.height - height : height,
                             upper ? 0 : frame.height - height));
    return frame_colors(bench, picture, &n)[0];
}

START_TEST(captions_stay_below_the_height_that_others_leave_them)
{
    BENCH(bench);
    struct fc_caption_frame frame = shapes[_i];
    int plain = red_of(&bench, "\u2060", frame, true);

    ck_assert_int_eq(red_of(&bench,
                            "\u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j "
                            "\u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j "
                            "\u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j \u00C5j ",
                            frame, true),
                     plain);
    ck_assert_int_lt(red_of(&bench, "some words that fill a row or two", frame, false), plain - 3);
}
END_TEST

/* Two rows that are seen in the colour of the whole picture. */
static const char wide_text[] = "MANY WORDS THAT FILL TWO WHOLE ROWS OF THE PICTURE AND ARE SEEN";

/* Two seconds of red and two of blue, which fades in. */
static const char *film_with(const struct bench *bench, bool burns)
{
    const struct fc_film_format format = {320, 180, 24, FC_RENDER_DRAFT};
    struct fc_caption captions[] = {{.start_ms = 500, .end_ms = 1000, .text = wide_text},
                                    {.start_ms = 1500, .end_ms = 2000, .text = wide_text}};
    struct fc_plan_scene scenes[] = {{"a", 2000, true}, {"b", 2000, true}};
    struct fc_shot shots[] = {{.duration_ms = 2000},
                              {.scene = 1,
                               .start_ms = 2000,
                               .duration_ms = 2000,
                               .in = {.type = FC_TRANSITION_FADE, .duration_ms = 1000}}};
    const struct fc_plan plan = {.title = "Test",
                                 .duration_ms = 4000,
                                 .n_scenes = 2,
                                 .scenes = scenes,
                                 .n_shots = 2,
                                 .shots = shots,
                                 .n_captions = 2,
                                 .captions = captions};
    const char *clips[] = {bench_path(bench, "red.mp4"), bench_path(bench, "blue.mp4")};
    const struct fc_film_order order = {.plan = &plan,
                                        .format = format,
                                        .clips = clips,
                                        .burns_captions = burns,
                                        .work_dir = bench->dir};
    struct fc_error error = {0};
    struct fc_film film;

    for (int i = 0; i < 2; i++) {
        const char *raw = make(bench, "raw.mp4",
                               fc_printf(bench->arena, "-f lavfi -i color=%s:s=320x180:r=24:d=2",
                                         i == 0 ? "red" : "blue"));

        ck_assert_int_eq(fc_clip_normalise(&tools, raw, clips[i], &format, 2000, NULL, &error),
                         FC_OK);
    }
    ck_assert_msg(fc_film_stitch(bench->arena, &tools, &order, NULL, &film, &error) == FC_OK, "%s",
                  error.text);
    return film.video_path;
}

START_TEST(burnt_captions_are_seen_at_their_times_and_never_held_by_a_transition)
{
    BENCH(bench);
    size_t n = 0;
    const unsigned char *colors = frame_colors(&bench, film_with(&bench, true), &n);
    const int plain = colors[0], bye_ends = 47; /* one frame before the shot does */

    ck_assert_uint_eq(n, 96);
    for (int i = 0; i < 48; i++) {
        bool is_read = (i >= 12 && i < 24) || (i >= 36 && i < bye_ends);

        ck_assert_msg((abs(colors[i * 3] - plain) > 3) == is_read, "frame %d: %d of %d", i,
                      colors[i * 3], plain);
    }
    ck_assert_int_le(abs(colors[48 * 3] - plain), 12); /* as the fade begins */
}
END_TEST

START_TEST(captions_stay_out_of_the_picture_unless_they_are_asked_for)
{
    BENCH(bench);
    size_t n = 0;
    const unsigned char *colors = frame_colors(&bench, film_with(&bench, false), &n);

    for (int i = 0; i < 48; i++)
        ck_assert_int_le(abs(colors[i * 3] - colors[0]), 1);
}
END_TEST

TCase *captions_case(void)
{
    TCase *tests = tcase_create("captions");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, rows_are_even_and_hold_forty_two_letters, 0,
                        sizeof wrapped / sizeof *wrapped);
    tcase_add_test(tests, nothing_in_a_text_is_markup_of_webvtt);
    tcase_add_test(tests, a_line_of_nothing_is_left_out);
    tcase_add_test(tests, a_part_of_the_film_has_its_own_captions_timed_from_its_beginning);
    tcase_add_loop_test(tests, long_captions_turn_pages_of_two_rows, 0,
                        sizeof shapes / sizeof *shapes);
    tcase_add_loop_test(tests, captions_stay_below_the_height_that_others_leave_them, 0,
                        sizeof shapes / sizeof *shapes);
    tcase_add_test(tests, burnt_captions_are_seen_at_their_times_and_never_held_by_a_transition);
    tcase_add_test(tests, captions_stay_out_of_the_picture_unless_they_are_asked_for);
    return tests;
}
