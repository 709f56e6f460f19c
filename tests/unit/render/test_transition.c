#include "render/transition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/run.h"
#include "render/shot.h"
#include "suites.h"
#include "support.h"

/* A red box on green, at the very end of its shot, leaves; plain blue comes in; seen as a row of
 * colours. */
enum { W = 96, H = 54, FPS = 24, FRAMES = 24, OVERLAP = 12, COLUMNS = 32 };

static const struct fc_film_format small = {W, H, FPS, FC_RENDER_DRAFT};
static struct bench shared;
static const char *leaves, *clip;

static void open_shared(void)
{
    shared = bench_open();
    leaves = make(&shared, "leaves.mp4",
                  "-f lavfi -i color=white:s=96x54:r=24,drawbox=c=lime:t=fill:enable=eq(n\\,23),"
                  "drawbox=x=24:w=48:h=54:c=red:t=fill:enable=eq(n\\,23) "
                  "-frames:v 24 -c:v libx264");
    clip = make(&shared, "blue.mp4", "-f lavfi -i color=blue:s=96x54:r=24:d=1 -c:v libx264");
}

static void close_shared(void)
{
    bench_close(&shared);
}

static void read_effects(const struct bench *bench, const struct fc_json *list,
                         struct fc_transition *transition)
{
    transition->effects = FC_NEW_ARRAY(bench->arena, struct fc_effect, fc_json_count(list));
    for (const struct fc_json *v = fc_json_first(list); v != NULL; v = fc_json_next(v)) {
        const struct fc_json *to = fc_json_have(v, "to"), *easing = fc_json_have(v, "easing");

        transition->effects[transition->n_effects++] = (struct fc_effect){
            .name = fc_json_string(fc_json_get(v, "name")),
            .has_to = to != NULL,
            .to = to != NULL ? fc_json_number(to) : 0,
            .easing = easing != NULL ? fc_json_string(easing) : NULL};
    }
}

/* A transition of half a second with the `params` and `effects` of @json. */
static struct fc_transition transition_of(const struct bench *bench, enum fc_transition_type type,
                                          const char *json)
{
    struct fc_transition transition = {.type = type, .duration_ms = 500};
    const struct fc_json *object;
    struct fc_error error = {0};

    ck_assert_msg(fc_json_parse(bench->arena, json, strlen(json), &object, &error) == FC_OK, "%s",
                  error.text);
    transition.params = fc_json_have(object, "params");
    if (fc_json_have(object, "effects") != NULL)
        read_effects(bench, fc_json_have(object, "effects"), &transition);
    return transition;
}

/* FRAMES rows of COLUMNS colours, R, G and B each: the shot with its transition. */
static const unsigned char *played(const struct bench *bench, enum fc_transition_type type,
                                   const char *json)
{
    struct fc_shot shot = {.duration_ms = 1000, .in = transition_of(bench, type, json)};
    struct fc_shot_job job = {&shot, &small, clip, leaves, FRAMES - 1, FRAMES, FRAMES, NULL};
    struct fc_run run = {.command = fc_shot_command(bench->arena, &tools, &job),
                         .timeout_ms = 60000};
    const char *path = bench_path(bench, "shot.mp4");
    struct fc_span pixels;
    struct fc_error error = {0};

    fc_command_add(&run.command, path);
    ck_assert_msg(fc_run_ffmpeg(&run, NULL, &error) == FC_OK, "%s", error.text);
    pixels = frame_pixels(bench, path, COLUMNS, 1);
    ck_assert_uint_eq(pixels.n, (size_t)FRAMES * COLUMNS * 3);
    return (const unsigned char *)pixels.at;
}

static const unsigned char *pixel(const unsigned char *frames, int frame, int column)
{
    return frames + 3 * (frame * COLUMNS + column);
}

static bool is_color(const unsigned char *rgb, int r, int g, int b)
{
    return abs(rgb[0] - r) < 48 && abs(rgb[1] - g) < 48 && abs(rgb[2] - b) < 48;
}

static bool is_red(const unsigned char *rgb)
{
    return is_color(rgb, 255, 0, 0);
}

static bool is_blue(const unsigned char *rgb)
{
    return is_color(rgb, 0, 0, 255);
}

/* What can be seen of a transition: in frame @frame column @column is of this colour. */
struct sight {
    int frame, column;
    int r, g, b;
};

static const struct {
    const char *what;
    enum fc_transition_type type;
    const char *json;
    struct sight sights[3]; /* the first without a frame ends them */
} looks[] = {
    {"a fade goes through black",
     FC_TRANSITION_FADE,
     "{}",
     {{6, 14, 0, 0, 0}, {2, 14, 170, 0, 0}, {10, 14, 0, 0, 170}}},
    {"a fade goes through the colour that it is given",
     FC_TRANSITION_FADE,
     "{\"params\":{\"color\":\"#ff00ff\"}}",
     {{6, 2, 255, 0, 255}}},
    {"a colour that is none is black",
     FC_TRANSITION_FADE,
     "{\"params\":{\"color\":\"'[in]\"}}",
     {{6, 14, 0, 0, 0}}},
    {"a dissolve shows both",
     FC_TRANSITION_DISSOLVE,
     "{}",
     {{6, 14, 127, 0, 127}, {6, 2, 0, 127, 127}}},
    {"a wipe comes from the right",
     FC_TRANSITION_WIPE,
     "{}",
     {{6, 6, 0, 255, 0}, {6, 26, 0, 0, 255}}},
    {"a wipe goes where it is told to",
     FC_TRANSITION_WIPE,
     "{\"params\":{\"direction\":\"right\"}}",
     {{6, 6, 0, 0, 255}, {6, 26, 0, 255, 0}}},
    {"a wipe can be an iris",
     FC_TRANSITION_WIPE,
     "{\"params\":{\"shape\":\"circle\"}}",
     {{5, 2, 0, 255, 0}, {9, 14, 0, 0, 255}}},
    {"easing holds a wipe back",
     FC_TRANSITION_WIPE,
     "{\"params\":{\"easing\":\"ease-in-quint\"}}",
     {{6, 6, 0, 255, 0}, {6, 26, 0, 255, 0}}},
    {"a blur mixes neighbours",
     FC_TRANSITION_BLUR,
     "{\"params\":{\"strength\":2}}",
     {{3, 7, 70, 180, 0}}},
    {"a zoom fills the frame with what is in its middle",
     FC_TRANSITION_ZOOM,
     "{}",
     {{6, 6, 127, 0, 127}}},
    {"a zoom out leaves the old picture as it is",
     FC_TRANSITION_ZOOM,
     "{\"params\":{\"direction\":\"out\"}}",
     {{6, 6, 0, 127, 127}}},
    {"a flash is white at once, then fades",
     FC_TRANSITION_FLASH,
     "{}",
     {{2, 14, 255, 255, 255}, {7, 14, 127, 127, 255}}},
    {"a custom one dissolves while its effects run",
     FC_TRANSITION_CUSTOM,
     "{\"params\":{\"easing\":\"linear\"},\"effects\":[{\"name\":\"saturation\",\"to\":0,"
     "\"easing\":\"ease-out-expo\"}]}",
     {{3, 2, 112, 146, 176}}},
    {"effects are known by name only",
     FC_TRANSITION_CUSTOM,
     "{\"effects\":[{\"name\":\"'],[in]crash\"}]}",
     {{6, 14, 127, 0, 127}}},
    {"an effect may choose the look",
     FC_TRANSITION_CUSTOM,
     "{\"effects\":[{\"name\":\"slide\"}]}",
     {{6, 22, 0, 0, 255}}},
};

START_TEST(a_transition_looks_like_itself)
{
    BENCH(bench);
    const unsigned char *frames = played(&bench, looks[_i].type, looks[_i].json);

    for (size_t i = 0; i < 3 && looks[_i].sights[i].frame > 0; i++) {
        const struct sight *s = &looks[_i].sights[i];
        const unsigned char *rgb = pixel(frames, s->frame, s->column);

        ck_assert_msg(is_color(rgb, s->r, s->g, s->b),
                      "%s: column %d of frame %d is %d,%d,%d and not %d,%d,%d", looks[_i].what,
                      s->column, s->frame, rgb[0], rgb[1], rgb[2], s->r, s->g, s->b);
    }
}
END_TEST

START_TEST(after_a_transition_there_is_only_the_new_shot)
{
    BENCH(bench);
    const unsigned char *frames = played(&bench, (enum fc_transition_type)_i,
                                         "{\"effects\":[{\"name\":\"blur\"},{\"name\":\"noise\"},"
                                         "{\"name\":\"rotate\"},{\"name\":\"scale\",\"to\":3},"
                                         "{\"name\":\"vignette\"},{\"name\":\"hue\"},"
                                         "{\"name\":\"brightness\"},{\"name\":\"contrast\"}]}");

    for (int i = OVERLAP + 1; i < FRAMES; i++) {
        for (int column = 0; column < COLUMNS; column++)
            ck_assert_msg(is_blue(pixel(frames, i, column)), "frame %d", i);
    }
}
END_TEST

START_TEST(a_glitch_jumps_between_the_pictures)
{
    BENCH(bench);
    const unsigned char *frames = played(&bench, FC_TRANSITION_GLITCH, "{}");
    int n_jumps = 0;

    for (int i = 1; i < OVERLAP; i++) {
        const unsigned char *now = pixel(frames, i, 15), *before = pixel(frames, i - 1, 15);

        n_jumps += (now[0] > now[2]) != (before[0] > before[2]);
    }
    ck_assert_int_ge(n_jumps, 3);
    ck_assert(!is_red(pixel(frames, OVERLAP, 15)));
}
END_TEST

static size_t n_filters(const char *graph, const char *name)
{
    size_t n = 0;

    while ((graph = strstr(graph, name)) != NULL) {
        n++;
        graph += strlen(name);
    }
    return n;
}

START_TEST(twenty_effects_of_one_name_cost_no_more_than_one)
{
    BENCH(bench);
    struct fc_effect effects[20];
    struct fc_transition transition = {.type = FC_TRANSITION_CUSTOM, .duration_ms = 500};
    struct fc_overlap overlap = {&transition, &small, OVERLAP};
    struct fc_buffer graph = fc_buffer_in(bench.arena);

    for (size_t i = 0; i < 20; i++)
        effects[i] = (struct fc_effect){.name = "Blur"};
    transition.effects = effects;
    transition.n_effects = 20;
    fc_effects_put(&graph, &overlap);
    ck_assert_uint_eq(n_filters(graph.data, "gblur="), OVERLAP);
}
END_TEST

START_TEST(easings_go_from_nothing_to_everything)
{
    static const struct {
        const char *name;
        double half; /* done after half of the time */
    } rows[] = {{"linear", 0.5},      {"", 0.5},          {"nobody knows", 0.5},
                {"ease-in", 0.25},    {"ease-out", 0.75}, {"easeInCubic", 0.125},
                {"EASE_IN_OUT", 0.5}, {"ease", 0.5},      {"ease-out-quad", 0.75}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fc_easing easing = fc_easing_of(rows[i].name);

        ck_assert_double_eq_tol(fc_easing_at(&easing, 0), 0, 1e-9);
        ck_assert_double_eq_tol(fc_easing_at(&easing, 1), 1, 1e-9);
        ck_assert_msg(fabs(fc_easing_at(&easing, 0.5) - rows[i].half) < 1e-9, "%s", rows[i].name);
    }
}
END_TEST

TCase *transition_case(void)
{
    TCase *tests = tcase_create("transition");

    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, open_shared, close_shared);
    tcase_add_loop_test(tests, a_transition_looks_like_itself, 0, sizeof looks / sizeof *looks);
    tcase_add_loop_test(tests, after_a_transition_there_is_only_the_new_shot, FC_TRANSITION_FADE,
                        FC_TRANSITION__COUNT);
    tcase_add_test(tests, a_glitch_jumps_between_the_pictures);
    tcase_add_test(tests, twenty_effects_of_one_name_cost_no_more_than_one);
    tcase_add_test(tests, easings_go_from_nothing_to_everything);
    return tests;
}
