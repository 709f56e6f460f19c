/* What comes with a film: renditions of other shapes, and the contact sheet. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/sheet.h"
#include "render/stitch.h"
#include "suites.h"
#include "support.h"

enum { W = 160, H = 90, FPS = 24, N_SCENES = 3 };

static const struct fc_film_format small = {W, H, FPS, FC_RENDER_DRAFT};

/* Three scenes of a second: red, lime, blue, each with white at both sides; the last is never
 * played, the first twice. */
static const char *const colors[N_SCENES] = {"red", "lime", "blue"};

struct film {
    struct fc_plan plan;
    struct fc_plan_scene scenes[N_SCENES];
    struct fc_shot shots[N_SCENES];
    const char *clips[N_SCENES];
};

static const char *clip(const struct bench *bench, const char *color)
{
    const char *picture = fc_printf(bench->arena,
                                    "color=%s:s=%dx%d,drawbox=w=40:c=white:t=fill,"
                                    "drawbox=x=120:w=40:c=white:t=fill",
                                    color, W, H);

    return make_clip(bench, fc_printf(bench->arena, "%s.mp4", color), &small, picture, NULL, FPS);
}

static void shoot_film(const struct bench *bench, struct film *film)
{
    static const size_t played[N_SCENES] = {0, 1, 0};

    for (size_t i = 0; i < N_SCENES; i++) {
        film->scenes[i] = (struct fc_plan_scene){colors[i], 1000, i < 2};
        film->clips[i] = clip(bench, colors[i]);
        film->shots[i] = (struct fc_shot){
            .scene = played[i], .start_ms = 1000 * (int64_t)i, .duration_ms = 1000};
    }
    film->shots[1].in = (struct fc_transition){.type = FC_TRANSITION_DISSOLVE, .duration_ms = 300};
    film->plan = (struct fc_plan){.title = "Three colours",
                                  .duration_ms = 3000,
                                  .n_scenes = N_SCENES,
                                  .scenes = film->scenes,
                                  .n_shots = N_SCENES,
                                  .shots = film->shots};
}

static fc_status stitch(const struct bench *bench, const struct film *film,
                        const struct fc_rendition *renditions, size_t n, struct fc_film *made,
                        struct fc_error *error)
{
    struct fc_film_order order = {.plan = &film->plan,
                                  .format = small,
                                  .clips = film->clips,
                                  .is_mute = true,
                                  .renditions = renditions,
                                  .n_renditions = n,
                                  .work_dir = bench->dir};

    return fc_film_stitch(bench->arena, &tools, &order, NULL, made, error);
}

/* ---- renditions ---- */

static void is_whole(const struct bench *bench, const char *path, int width, int height)
{
    struct fc_media media = look_at(bench, path);

    ck_assert_int_eq(media.width, width);
    ck_assert_int_eq(media.height, height);
    ck_assert(media.is_square);
    ck_assert_int_eq(media.n_frames, 3 * FPS);
    ck_assert_str_eq(media.audio_codec, "aac");
}

static const unsigned char *frame_at(const unsigned char *frames, int second)
{
    return frames + 3 * (second * FPS + FPS / 2);
}

START_TEST(a_rendition_is_the_whole_film_in_another_shape)
{
    static const struct fc_rendition upright[] = {{90, 160, FC_FIT_CROP}, {90, 160, FC_FIT_PAD}};
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    struct fc_error error = {0};
    const unsigned char *cropped, *padded;
    size_t n;

    shoot_film(&bench, &film);
    ck_assert_msg(stitch(&bench, &film, upright, 2, &made, &error) == FC_OK, "%s", error.text);
    ck_assert_str_eq(made.rendition_paths[0], bench_path(&bench, "final_90x160_crop.mp4"));
    ck_assert_str_eq(made.rendition_paths[1], bench_path(&bench, "final_90x160_pad.mp4"));
    is_whole(&bench, made.rendition_paths[0], 90, 160);
    is_whole(&bench, made.rendition_paths[1], 90, 160);

    cropped = frame_colors(&bench, made.rendition_paths[0], &n);
    padded = frame_colors(&bench, made.rendition_paths[1], &n);
    for (int second = 0; second < 3; second++) {
        const unsigned char *full = frame_at(cropped, second), *dim = frame_at(padded, second);
        int own = second == 1 ? 1 : 0; /* the sides, which are white, are cut off */

        ck_assert_int_gt(full[own], 230);
        ck_assert_int_lt(full[2], 30);
        ck_assert_int_gt(dim[2], 30); /* they are all there, between two darker fields */
        ck_assert_int_lt(dim[own], 200);
    }
}
END_TEST

START_TEST(a_rendition_of_the_same_size_is_the_film)
{
    static const struct fc_rendition same = {W, H, FC_FIT_CROP};
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    struct fc_error error = {0};

    shoot_film(&bench, &film);
    ck_assert_msg(stitch(&bench, &film, &same, 1, &made, &error) == FC_OK, "%s", error.text);
    ck_assert_str_eq(made.rendition_paths[0], made.video_path);
}
END_TEST

/* Without its table, which is at the beginning, and with it. */
static const off_t lengths_left[] = {500, 2600};

START_TEST(a_broken_clip_is_named)
{
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    struct fc_error error = {0};

    shoot_film(&bench, &film);
    film.shots[1].in.type = FC_TRANSITION_CUT; /* played as it is */
    ck_assert_int_eq(truncate(film.clips[1], lengths_left[_i]), 0);
    ck_assert_int_eq(stitch(&bench, &film, NULL, 0, &made, &error), FC_E_VALIDATION);
    ck_assert_str_eq(error.text, "The clip of scene lime is broken");
}
END_TEST

/* ---- the contact sheet ---- */

static const struct fc_film_format shapes[] = {
    {1920, 1080, 24, 0}, {1080, 1920, 24, 0}, {1080, 1080, 24, 0}, {854, 480, 24, 0}};

/* A plan with so many scenes, each played once. */
static struct fc_plan plan_of(const struct bench *bench, size_t n)
{
    struct fc_plan plan = {.title = "Any", .n_scenes = n, .n_shots = n};

    plan.scenes = FC_NEW_ARRAY(bench->arena, struct fc_plan_scene, n);
    plan.shots = FC_NEW_ARRAY(bench->arena, struct fc_shot, n);
    for (size_t i = 0; i < n; i++) {
        plan.scenes[i] = (struct fc_plan_scene){"scene", 1000, true};
        plan.shots[i] = (struct fc_shot){
            .scene = i, .start_ms = plan.duration_ms, .duration_ms = 1000};
        plan.duration_ms += 1000;
    }
    return plan;
}

START_TEST(a_sheet_of_any_number_of_scenes_is_bounded_and_legible)
{
    for (size_t n = 1; n <= 50; n++) {
        BENCH(bench);
        struct fc_plan plan = plan_of(&bench, n);
        struct fc_sheet sheet = fc_sheet_layout(bench.arena, &plan, &shapes[_i]);
        struct fc_sheet_place last = fc_sheet_place(&sheet, n - 1);

        ck_assert_int_le(sheet.width, FC_SHEET_WIDTH_MAX);
        ck_assert_int_le(sheet.height, FC_SHEET_HEIGHT_MAX);
        ck_assert_int_ge(sheet.cell_width, 140);
        ck_assert_int_le(last.x + sheet.cell_width, sheet.width);
        ck_assert_int_lt(last.y + sheet.cell_height, sheet.height);
        ck_assert(n == 1 || fc_sheet_place(&sheet, 1).x >= sheet.cell_width ||
                  fc_sheet_place(&sheet, 1).y >= sheet.cell_height);
    }
}
END_TEST

START_TEST(a_sheet_shows_scenes_as_they_first_play)
{
    BENCH(bench);
    struct fc_plan plan = plan_of(&bench, 3);
    struct fc_sheet sheet;
    const char *script;

    plan.scenes[0] = (struct fc_plan_scene){"never", 2000, false};
    plan.scenes[1].id = "a-name-that-is-much-too-long-for-its-place-in-any-contact-sheet_";
    plan.scenes[2].id = "twice";
    plan.title = "{\\an5}Title";
    plan.shots[0].scene = 2;
    plan.shots[1].scene = 1;
    plan.shots[2].scene = 2;
    sheet = fc_sheet_layout(bench.arena, &plan, &(struct fc_film_format){480, 854, 24, 0});
    ck_assert_uint_eq(sheet.scenes[0], 2);
    ck_assert_uint_eq(sheet.scenes[1], 1);
    ck_assert_uint_eq(sheet.scenes[2], 0);
    script = fc_sheet_script(bench.arena, &sheet, &plan);
    ck_assert_ptr_nonnull(strstr(script, "}0:00.0\u20130:01.0, 2 times\n"));
    ck_assert_ptr_nonnull(strstr(script, "}not played\n"));
    ck_assert_ptr_nonnull(strstr(script, "}3 scenes, 0:03.0\n"));
    ck_assert_ptr_null(strstr(script, "{\\an5}Title"));
}
END_TEST

/* The colour of a cell's middle. */
static const unsigned char *cell_color(const struct bench *bench, const char *path,
                                       const struct fc_sheet *sheet, size_t cell)
{
    struct fc_sheet_place at = fc_sheet_place(sheet, cell);
    const char *patch = make(bench, "patch.png",
                             fc_printf(bench->arena, "-i %s -vf crop=8:8:%d:%d -frames:v 1", path,
                                       at.x + sheet->cell_width / 2,
                                       at.y + sheet->cell_height / 2));
    size_t n;

    return frame_colors(bench, patch, &n);
}

START_TEST(a_contact_sheet_comes_with_every_film)
{
    BENCH(bench);
    struct film film = {0};
    struct fc_film made;
    struct fc_error error = {0};
    struct fc_media media;
    struct fc_sheet sheet;
    const unsigned char *gray;

    shoot_film(&bench, &film);
    film.shots[1].treatment = (struct fc_treatment){.is_flashback = true, .desaturate = 1};
    film.clips[2] = NULL; /* never played: there may be none */
    ck_assert_msg(stitch(&bench, &film, NULL, 0, &made, &error) == FC_OK, "%s", error.text);
    ck_assert_str_eq(made.sheet_path, bench_path(&bench, "contact_sheet.jpg"));
    sheet = fc_sheet_layout(bench.arena, &film.plan, &small);
    media = look_at(&bench, made.sheet_path);
    ck_assert_str_eq(media.video_codec, "mjpeg");
    ck_assert_int_eq(media.width, sheet.width);
    ck_assert_int_eq(media.height, sheet.height);
    ck_assert_int_gt(cell_color(&bench, made.sheet_path, &sheet, 0)[0], 200);
    gray = cell_color(&bench, made.sheet_path, &sheet, 1); /* as it is in the film */
    ck_assert_int_lt(abs(gray[1] - gray[0]), 12);
    ck_assert_int_lt(cell_color(&bench, made.sheet_path, &sheet, 2)[2], 60); /* an empty one */
}
END_TEST

TCase *outputs_case(void)
{
    TCase *tests = tcase_create("outputs");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_rendition_is_the_whole_film_in_another_shape);
    tcase_add_test(tests, a_rendition_of_the_same_size_is_the_film);
    tcase_add_loop_test(tests, a_broken_clip_is_named, 0,
                        sizeof lengths_left / sizeof *lengths_left);
    tcase_add_loop_test(tests, a_sheet_of_any_number_of_scenes_is_bounded_and_legible, 0,
                        sizeof shapes / sizeof *shapes);
    tcase_add_test(tests, a_sheet_shows_scenes_as_they_first_play);
    tcase_add_test(tests, a_contact_sheet_comes_with_every_film);
    return tests;
}
