/* The animatic's picture: frames as they are drawn, before any encoder sees them. */
#include "render/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/animatic.h"
#include "render/cast.h"
#include "render/sketch.h"
#include "render/traits.h"
#include "suites.h"
#include "support.h"

static const struct fc_render_symbol keeper = {
    "keeper", "keeper", "an old lighthouse keeper, yellow coat, white beard", NULL};

static struct fc_scene_order small_scene(const struct bench *bench, const char *text)
{
    struct fc_scene_order order = scene(bench, text);

    order.width = 320;
    order.height = 180;
    order.quality = FC_RENDER_STANDARD;
    order.duration_ms = 4000;
    order.film_total_ms = 12000;
    return order;
}

/* One drawn frame, yuv420p. */
static const uint8_t *drawn(const struct bench *bench, const struct fc_scene_order *order,
                            const struct fc_picture *pictures, int64_t number)
{
    struct fc_animatic *animatic = fc_animatic_new(bench->arena, order, pictures);
    uint8_t *frame = fc_alloc(bench->arena, fc_animatic_frame_size(animatic));

    fc_animatic_draw(animatic, number, frame);
    return frame;
}

/* Mean difference of luma, in steps of 8 bits. */
static double difference(const struct fc_scene_order *order, const uint8_t *a, const uint8_t *b)
{
    size_t n = (size_t)order->width * (size_t)order->height;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += abs(a[i] - b[i]);
    return sum / (double)n;
}

static double brightness(const struct fc_scene_order *order, const uint8_t *frame)
{
    size_t n = (size_t)order->width * (size_t)order->height;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += frame[i];
    return sum / (double)n;
}

/* ---- qualities, rates ---- */

START_TEST(draft_standard_and_high_differ_visibly)
{
    BENCH(bench);
    static const char *const texts[] = {"A neon city at night", "Green hills at noon",
                                        "A corridor backstage", "The sea at dusk"};
    struct fc_scene_order order = small_scene(&bench, texts[_i]);
    const uint8_t *frames[FC_RENDER_QUALITY__COUNT];

    for (int quality = 0; quality < FC_RENDER_QUALITY__COUNT; quality++) {
        order.quality = (enum fc_render_quality)quality;
        frames[quality] = drawn(&bench, &order, NULL, 48);
    }
    ck_assert_double_gt(brightness(&order, frames[FC_RENDER_DRAFT]), 110); /* paper */
    ck_assert_double_gt(difference(&order, frames[FC_RENDER_DRAFT], frames[FC_RENDER_STANDARD]),
                        12);
    ck_assert_double_gt(difference(&order, frames[FC_RENDER_STANDARD], frames[FC_RENDER_HIGH]), 2);
}
END_TEST

START_TEST(a_draft_says_that_it_is_one)
{
    BENCH(bench);
    struct fc_scene_order order = small_scene(&bench, "A garden");
    bool has_word[FC_RENDER_QUALITY__COUNT];

    for (int quality = 0; quality < FC_RENDER_QUALITY__COUNT; quality++) {
        struct fc_animatic *animatic;

        order.quality = (enum fc_render_quality)quality;
        animatic = fc_animatic_new(bench.arena, &order, NULL);
        has_word[quality] = strstr(fc_animatic_subtitles(animatic, bench.arena), "DRAFT") != NULL;
    }
    ck_assert(has_word[FC_RENDER_DRAFT] && !has_word[FC_RENDER_STANDARD] &&
              !has_word[FC_RENDER_HIGH]);
}
END_TEST

START_TEST(every_rate_shows_the_same_motion)
{
    BENCH(bench);
    struct fc_scene_order order = small_scene(&bench, "Snow over the mountains, the camera pans");
    const uint8_t *slow, *fast;

    order.symbols = &keeper;
    order.n_symbols = 1;
    order.fps = 24;
    slow = drawn(&bench, &order, NULL, 24);
    order.fps = 60;
    fast = drawn(&bench, &order, NULL, 60);
    ck_assert_int_eq(memcmp(slow, fast, (size_t)order.width * (size_t)order.height), 0);
}
END_TEST

START_TEST(no_frame_stands_still_and_none_jumps)
{
    BENCH(bench);
    static const int rates[] = {24, 30, 60};
    struct fc_scene_order order = small_scene(&bench, "A calm forest, the camera pans right");
    struct fc_animatic *animatic;
    double least = 1e9, most = 0;
    uint8_t *frames[2];

    order.fps = rates[_i];
    animatic = fc_animatic_new(bench.arena, &order, NULL);
    frames[0] = fc_alloc(bench.arena, fc_animatic_frame_size(animatic));
    frames[1] = fc_alloc(bench.arena, fc_animatic_frame_size(animatic));
    fc_animatic_draw(animatic, 40, frames[0]);
    for (int i = 1; i < 24; i++) {
        double step;

        fc_animatic_draw(animatic, 40 + i, frames[i % 2]);
        step = difference(&order, frames[0], frames[1]);
        least = fmin(least, step);
        most = fmax(most, step);
    }
    ck_assert_double_gt(least, 0.02);
    ck_assert_double_lt(most, 4 * least);
}
END_TEST

/* ---- the progress line ---- */

START_TEST(the_progress_line_is_as_long_as_the_film_has_run)
{
    enum { W = 1280, H = 720, SIDE = 44, HALF = W / 2 };
    BENCH(bench);
    struct fc_scene_order order = small_scene(&bench, "Night");
    const uint8_t *row;

    order.width = W;
    order.height = H;
    order.film_start_ms = 4000;
    row = drawn(&bench, &order, NULL, 48) + (H - 17) * W; /* 6 of 12 s */
    for (int x = SIDE; x < W - SIDE; x++) {
        bool is_done = abs(row[x] - row[SIDE]) < 12;

        if (abs(x - HALF) > 3)
            ck_assert_msg(is_done == (x < HALF), "column %d", x);
    }
}
END_TEST

/* ---- figures ---- */

static const struct {
    const char *key, *prompt;
    enum fc_figure figure;
    int variant;   /* -1: whatever */
    uint32_t main; /* 0: whatever */
} figures[] = {
    {"keeper", "an old lighthouse keeper with a blue cap, yellow coat", FC_FIGURE_PERSON, -1,
     0xF2C230},
    {"someone", "red hair, a green dress", FC_FIGURE_PERSON, -1, 0x3F9A57},
    {"crowd", "a lively audience of all ages", FC_FIGURE_GROUP, -1, 0},
    {"stage", "a big theatre stage, red curtains", FC_FIGURE_BUILDING, FC_BUILDING_STAGE, 0xD0342C},
    {"Rex", "a brown dog in front of a house", FC_FIGURE_ANIMAL, FC_EARS_FLOPPY, 0x7B5230},
    {"old_boat", "made of wood", FC_FIGURE_VEHICLE, FC_VEHICLE_SHIP, 0},
    {"Reineke", "a red fox", FC_FIGURE_ANIMAL, FC_EARS_POINTED, 0xBF5A2A},
    {"star", "an astronaut on the moon", FC_FIGURE_PERSON, -1, 0xECEFF2},
    {"x", "a small robot that loves a rose", FC_FIGURE_ROBOT, -1, 0},
    {"place", "the castle of the king", FC_FIGURE_BUILDING, FC_BUILDING_CASTLE, 0},
    {"@!?", "", FC_FIGURE_THING, -1, 0},
    {"\u706F\u5854", "\u8001\u706F\u5854", FC_FIGURE_THING, -1, 0},
};

START_TEST(words_decide_what_a_figure_is)
{
    struct fc_traits traits = fc_traits_of(figures[_i].key, figures[_i].prompt);
    struct fc_color main = fc_color_of(figures[_i].main);

    ck_assert_msg(traits.figure == figures[_i].figure, "%s is a %d", figures[_i].key,
                  traits.figure);
    ck_assert_msg(figures[_i].variant < 0 || traits.variant == figures[_i].variant, "%s",
                  figures[_i].key);
    if (figures[_i].main != 0)
        ck_assert_msg(memcmp(&main, &traits.main, sizeof main) == 0, "the colour of %s",
                      figures[_i].key);
}
END_TEST

START_TEST(dark_is_a_colour_of_hair_only)
{
    struct fc_color dark = fc_color_of(0x2A1D17);
    struct fc_traits ann = fc_traits_of("ann", "a woman in a blue coat, short dark hair");
    struct fc_traits wood = fc_traits_of("wood", "a dark forest");

    ck_assert_float_eq(ann.hair.r, dark.r);
    ck_assert_float_eq(ann.main.b, fc_color_of(0x2F6FC4).b);
    ck_assert(!ann.has_long_hair);
    ck_assert_float_ne(wood.main.r, dark.r);
}
END_TEST

static const struct fc_area stage = {.left = 20, .top = 10, .right = 300, .bottom = 120};

static const struct fc_sprite *sprite_in(const struct bench *bench, const char *text, uint32_t seed,
                                         const struct fc_render_symbol *symbol)
{
    struct fc_scene_order order = small_scene(bench, text);

    order.seed = seed;
    order.symbols = symbol;
    order.n_symbols = 1;
    return fc_cast_new(bench->arena, &order, NULL, &stage)->members[0].sprite;
}

static bool is_same(const struct fc_sprite *a, const struct fc_sprite *b)
{
    size_t n = sizeof(int16_t) * (size_t)a->width * (size_t)a->height;

    return memcmp(a->levels[0], b->levels[0], n) == 0 && memcmp(a->shares[0], b->shares[0], n) == 0;
}

START_TEST(a_symbol_is_the_same_figure_in_every_scene_and_others_are_not)
{
    BENCH(bench);
    struct fc_render_symbol other = keeper;
    const struct fc_sprite *first = sprite_in(&bench, "A storm at night", 1, &keeper);

    other.key = "captain";
    ck_assert(is_same(first, sprite_in(&bench, "Morning on the hills", 99, &keeper)));
    ck_assert(!is_same(first, sprite_in(&bench, "A storm at night", 1, &other)));
}
END_TEST

START_TEST(everybody_finds_a_place_and_nobody_stands_on_another)
{
    BENCH(bench);
    struct fc_render_symbol symbols[FC_CAST_MAX];
    struct fc_scene_order order = small_scene(&bench, "Everybody");
    struct fc_cast *cast;

    for (size_t i = 0; i < FC_CAST_MAX; i++)
        symbols[i] = keeper;
    order.symbols = symbols;
    order.n_symbols = (size_t)_i;
    cast = fc_cast_new(bench.arena, &order, NULL, &stage);
    ck_assert_uint_eq(cast->n, order.n_symbols);
    for (size_t i = 0; i < cast->n; i++) {
        const struct fc_member *m = &cast->members[i];

        ck_assert(m->x - cast->size * 0.46f >= stage.left - 1 &&
                  m->x + cast->size * 0.46f <= stage.right + 1);
        ck_assert(m->y - cast->size >= stage.top - 1 && m->y + cast->label <= stage.bottom);
        for (size_t k = 0; k < i; k++)
            ck_assert(fabsf(m->x - cast->members[k].x) > cast->size * 0.9f ||
                      fabsf(m->y - cast->members[k].y) > cast->size);
    }
}
END_TEST

START_TEST(the_still_of_a_character_shows_that_character)
{
    BENCH(bench);
    struct fc_scene_order order = small_scene(&bench, "a knight in a red cloak");
    const uint8_t *clip = drawn(&bench, &order, NULL, 48), *still;
    int n_changed = 0;

    order.kind = FC_RENDER_STILL;
    still = drawn(&bench, &order, NULL, 0);
    for (int y = 40; y < 100; y++)
        n_changed += abs(still[y * order.width + 160] - clip[y * order.width + 160]) > 8;
    ck_assert_int_gt(n_changed, 12); /* somebody stands in the middle */
}
END_TEST

/* ---- pictures ---- */

/* Pixels that are of this colour, by their chroma. */
static int n_magenta(const struct fc_scene_order *order, const uint8_t *frame)
{
    size_t n = (size_t)order->width * (size_t)order->height / 4;
    const uint8_t *u = frame + 4 * n, *v = u + n;
    int count = 0;

    for (size_t i = 0; i < n; i++)
        count += u[i] > 190 && v[i] > 190;
    return 4 * count;
}

static struct fc_picture magenta(const struct bench *bench)
{
    uint8_t *rgb = fc_alloc(bench->arena, 3 * 90 * 120);

    for (int i = 0; i < 90 * 120; i++) {
        rgb[3 * i] = rgb[3 * i + 2] = 255;
        rgb[3 * i + 1] = 0;
    }
    return (struct fc_picture){90, 120, rgb};
}

START_TEST(a_symbol_with_a_picture_is_shown_by_it)
{
    static const int shapes[][2] = {{320, 180}, {180, 320}, {180, 180}};
    BENCH(bench);
    struct fc_scene_order order = small_scene(&bench, "The keeper waits");
    struct fc_picture picture = magenta(&bench), none = {0};

    order.symbols = &keeper;
    order.n_symbols = 1;
    order.width = shapes[_i][0];
    order.height = shapes[_i][1];
    ck_assert_int_gt(n_magenta(&order, drawn(&bench, &order, &picture, 48)), 1200);
    ck_assert_int_eq(n_magenta(&order, drawn(&bench, &order, &none, 48)), 0);
}
END_TEST

static const char *const formats[] = {
    "a.jpg",
    "b.png",
    "c.webp",
};

START_TEST(the_image_formats_of_uploads_are_read)
{
    BENCH(bench);
    const char *path = make(&bench, formats[_i], "-f lavfi -i color=0xFF00FF:s=301x77 -frames:v 1");
    struct fc_picture picture = {0};
    struct fc_error error = {0};

    ck_assert_msg(fc_picture_read(bench.arena, &tools, path, 90, 120, NULL, &picture, &error) ==
                      FC_OK,
                  "%s", error.text);
    ck_assert_int_eq(picture.width, 90);
    ck_assert_int_eq(picture.height, 120);
    ck_assert_int_gt(picture.rgb[3 * (60 * 90 + 45)], 240);
    ck_assert_int_lt(picture.rgb[3 * (60 * 90 + 45) + 1], 20);
}
END_TEST

static const char *write_file(const struct bench *bench, const char *name, const char *text)
{
    const char *path = bench_path(bench, name);
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

START_TEST(what_is_no_picture_is_refused)
{
    static const char *const texts[] = {"", "not a picture", "ffconcat version 1.0\nfile b.png\n",
                                        "#EXTM3U\n#EXTINF:1,\nb.png\n"};
    BENCH(bench);
    const char *path = write_file(&bench, "a.png", texts[_i]);
    struct fc_picture picture = {0};
    struct fc_error error = {0};

    (void)make(&bench, "b.png", "-f lavfi -i color=red:s=32x32 -frames:v 1");
    ck_assert_int_eq(fc_picture_read(bench.arena, &tools, path, 90, 120, NULL, &picture, &error),
                     FC_E_VALIDATION);
    ck_assert_ptr_null(picture.rgb);
}
END_TEST

static const char *write_bytes(const struct bench *bench, const char *name, struct fc_span bytes)
{
    const char *path = bench_path(bench, name);
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes.at, 1, bytes.n, file), bytes.n);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

START_TEST(a_picture_that_claims_to_be_huge_is_refused)
{
    static const uint8_t png[] = { /* 30000 x 30000 pixels, it says */
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48,
        0x44, 0x52, 0x00, 0x00, 0x75, 0x30, 0x00, 0x00, 0x75, 0x30, 0x08, 0x02, 0x00, 0x00,
        0x00, 0xE9, 0x45, 0x6F, 0xED, 0x00, 0x00, 0x00, 0x0C, 0x49, 0x44, 0x41, 0x54, 0x78,
        0x9C, 0x63, 0x60, 0xA0, 0x3D, 0x00, 0x00, 0x00, 0x64, 0x00, 0x01, 0x86, 0x64, 0x3C,
        0x35, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
    };
    BENCH(bench);
    const char *path = write_bytes(&bench, "huge.png",
                                   (struct fc_span){(const char *)png, sizeof png});
    struct fc_picture picture = {0};
    struct fc_error error = {0};

    ck_assert_int_eq(fc_picture_read(bench.arena, &tools, path, 90, 120, NULL, &picture, &error),
                     FC_E_VALIDATION);
}
END_TEST

/* Cameras write pictures as their chips lie, and say how they were held. */
START_TEST(a_photo_is_shown_upright)
{
    static const uint8_t held_upright[] = { /* EXIF: turn right */
        0xFF, 0xE1, 0x00, 0x22, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00, 0x49, 0x49, 0x2A, 0x00,
        0x08, 0x00, 0x00, 0x00, 0x01, 0x00, 0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00,
        0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    };
    BENCH(bench);
    FILE *file = fopen(
        make(&bench, "lying.jpg",
             "-f lavfi -i color=red:s=120x90,drawbox=x=60:w=60:h=90:color=blue:t=fill "
             "-frames:v 1"),
        "re");
    char bytes[20000];
    size_t n;
    struct fc_picture picture = {0};
    const uint8_t *above, *below;

    ck_assert_ptr_nonnull(file);
    n = fread(bytes, 1, sizeof bytes - sizeof held_upright, file);
    fclose(file);
    memmove(bytes + 2 + sizeof held_upright, bytes + 2, n - 2);
    memcpy(bytes + 2, held_upright, sizeof held_upright);
    ck_assert_int_eq(fc_picture_read(bench.arena, &tools,
                                     write_bytes(&bench, "photo.jpg",
                                                 (struct fc_span){bytes, n + sizeof held_upright}),
                                     90, 120, NULL, &picture, NULL),
                     FC_OK);
    above = picture.rgb + 3 * (size_t)(20 * 90 + 45);
    below = picture.rgb + 3 * (size_t)(100 * 90 + 45);
    ck_assert(above[0] > 200 && above[2] < 60 && below[0] < 60 && below[2] > 200);
}
END_TEST

START_TEST(the_same_order_is_drawn_the_same_twice)
{
    BENCH(bench);
    struct fc_scene_order order = small_scene(&bench, "Rain on the roofs, the keeper waits");

    order.symbols = &keeper;
    order.n_symbols = 1;
    order.quality = (enum fc_render_quality)_i;
    ck_assert_int_eq(memcmp(drawn(&bench, &order, NULL, 30), drawn(&bench, &order, NULL, 30),
                            (size_t)order.width * (size_t)order.height * 3 / 2),
                     0);
}
END_TEST

START_TEST(a_broken_picture_is_drawn_as_a_figure)
{
    BENCH(bench);
    struct fc_render_symbol symbol = keeper;
    struct fc_scene_order order = small_scene(&bench, "The keeper waits");
    const char *without;

    order.symbols = &symbol;
    order.n_symbols = 1;
    order.duration_ms = 200;
    without = frame_hashes(&bench, shoot(&bench, &order));
    symbol.image_path = write_file(&bench, "broken.jpg", "gone");
    ck_assert_str_eq(without, frame_hashes(&bench, shoot(&bench, &order)));
}
END_TEST

/* ---- texts ---- */

static const char *repeated(struct fc_arena *arena, const char *words, size_t letters)
{
    struct fc_buffer b = fc_buffer_in(arena);

    while (fc_utf8_length(b.data, b.n) < letters)
        fc_put(&b, words);
    b.data[fc_utf8_prefix(b.data, b.n, letters)] = '\0';
    return b.data;
}

/* The texts of all events that follow the scene's id, without blanks and marks. */
static const char *set_letters(struct fc_arena *arena, const char *subtitles)
{
    struct fc_buffer b = fc_buffer_in(arena);
    const char *at = strstr(subtitles, "}intro\n");

    ck_assert_ptr_nonnull(at);
    while ((at = strstr(at, ",,{")) != NULL) {
        int depth = 0;

        for (at += 2; *at != '\n'; at++) {
            depth += *at == '{';
            if (depth == 0 && *at != ' ')
                fc_put_char(&b, *at);
            depth -= *at == '}';
        }
    }
    return b.data;
}

static const char *without_blanks(struct fc_arena *arena, const char *text)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (; *text != '\0'; text++) {
        if (*text != ' ')
            fc_put_char(&b, *text);
    }
    return b.data;
}

static const char *const prompts[] = {
    "The keeper climbs the winding stairs, step by step, while the storm rages. ",
    "\u0421\u043C\u043E\u0442\u0440\u0438\u0442\u0435\u043B\u044C \u043C\u0430\u044F\u043A\u0430. ",
    "\u0635\u0639\u062F \u062D\u0627\u0631\u0633 \u0627\u0644\u0645\u0646\u0627\u0631\u0629. ",
    "\u8001\u706F\u5854\u770B\u5B88\u4EBA\u3002",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
};

START_TEST(every_letter_of_the_longest_prompt_stands_on_the_picture)
{
    static const int shapes[][2] = {{854, 480}, {480, 854}, {720, 720}};
    BENCH(bench);

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const char *text = repeated(bench.arena, prompts[_i], 2000);
        struct fc_scene_order order = scene(&bench, text);

        order.width = shapes[i][0];
        order.height = shapes[i][1];
        ck_assert_str_eq(
            set_letters(bench.arena, fc_animatic_subtitles(
                                         fc_animatic_new(bench.arena, &order, NULL), bench.arena)),
            without_blanks(bench.arena, text));
    }
}
END_TEST

/* Under a long text, above burnt-in captions and beside a long name nobody may have room. */
START_TEST(where_nobody_has_room_nobody_is_drawn)
{
    BENCH(bench);
    struct fc_area nowhere = {.left = 20, .top = 60, .right = 300, .bottom = 50};
    struct fc_scene_order order = scene(&bench, repeated(bench.arena, prompts[4], 2000));

    order.width = 854;
    order.height = 480;
    order.scene_id = "the_keeper_climbs_the_winding_stairs";
    order.symbols = &keeper;
    order.n_symbols = 1;
    order.is_captioned = true;
    (void)drawn(&bench, &order, NULL, 24);
    ck_assert_uint_eq(fc_cast_new(bench.arena, &order, NULL, &nowhere)->n, 0);
}
END_TEST

static uint8_t *luma_of(const struct bench *bench, const char *path, size_t n)
{
    uint8_t *luma = fc_alloc(bench->arena, n);
    FILE *file = fopen(make(bench, "luma.raw",
                            fc_printf(bench->arena,
                                      "-i %s -vf scale=out_color_matrix=bt709:out_range=tv "
                                      "-pix_fmt yuv420p -f rawvideo",
                                      path)),
                       "re");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(luma, 1, n, file), n);
    fclose(file);
    return luma;
}

/* Where the still differs from the picture below its texts there are letters. */
START_TEST(no_letter_leaves_the_margins)
{
    enum { W = 480, H = 270, SIDE = 14, ABOVE = 12, BELOW = 15 };
    BENCH(bench);
    struct fc_scene_order order = scene(&bench, repeated(bench.arena, prompts[_i], 2000));
    const uint8_t *set, *plain;
    int n_letters = 0;

    order.kind = FC_RENDER_STILL;
    order.width = W;
    order.height = H;
    order.quality = FC_RENDER_STANDARD;
    set = luma_of(&bench, shoot(&bench, &order), (size_t)W * H);
    plain = drawn(&bench, &order, NULL, 0);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            bool is_margin = x < SIDE || x >= W - SIDE || y < ABOVE || y >= H - BELOW;
            bool is_letter = abs(set[y * W + x] - plain[y * W + x]) > 16;

            n_letters += is_letter;
            ck_assert_msg(!is_margin || !is_letter, "%d,%d is written on", x, y);
        }
    }
    ck_assert_int_gt(n_letters, 2000);
}
END_TEST

TCase *picture_case(void)
{
    TCase *tests = tcase_create("picture");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, draft_standard_and_high_differ_visibly, 0, 4);
    tcase_add_test(tests, a_draft_says_that_it_is_one);
    tcase_add_test(tests, every_rate_shows_the_same_motion);
    tcase_add_loop_test(tests, no_frame_stands_still_and_none_jumps, 0, 3);
    tcase_add_test(tests, the_progress_line_is_as_long_as_the_film_has_run);
    tcase_add_loop_test(tests, words_decide_what_a_figure_is, 0, sizeof figures / sizeof *figures);
    tcase_add_test(tests, dark_is_a_colour_of_hair_only);
    tcase_add_test(tests, a_symbol_is_the_same_figure_in_every_scene_and_others_are_not);
    tcase_add_loop_test(tests, everybody_finds_a_place_and_nobody_stands_on_another, 1,
                        FC_CAST_MAX + 1);
    tcase_add_test(tests, the_still_of_a_character_shows_that_character);
    tcase_add_loop_test(tests, a_symbol_with_a_picture_is_shown_by_it, 0, 3);
    tcase_add_loop_test(tests, the_image_formats_of_uploads_are_read, 0,
                        sizeof formats / sizeof *formats);
    tcase_add_loop_test(tests, what_is_no_picture_is_refused, 0, 4);
    tcase_add_test(tests, a_picture_that_claims_to_be_huge_is_refused);
    tcase_add_test(tests, a_photo_is_shown_upright);
    tcase_add_loop_test(tests, the_same_order_is_drawn_the_same_twice, 0, FC_RENDER_QUALITY__COUNT);
    tcase_add_test(tests, a_broken_picture_is_drawn_as_a_figure);
    tcase_add_loop_test(tests, every_letter_of_the_longest_prompt_stands_on_the_picture, 0,
                        sizeof prompts / sizeof *prompts);
    tcase_add_test(tests, where_nobody_has_room_nobody_is_drawn);
    tcase_add_loop_test(tests, no_letter_leaves_the_margins, 0, sizeof prompts / sizeof *prompts);
    return tests;
}
