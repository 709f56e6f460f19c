#include "render/typeset.h"

#include <string.h>

#include "render/mood.h"
#include "suites.h"

static const struct fc_text_box box = {
    .width = 600, .em_max = 40, .height = 200, .em_small = 24, .height_max = 400};

static const char *repeat(struct fc_arena *arena, const char *word, size_t letters)
{
    struct fc_buffer b = fc_buffer_in(arena);

    while (fc_utf8_length(b.data, b.n) < letters)
        fc_put(&b, word);
    b.data[fc_utf8_prefix(b.data, b.n, letters)] = '\0';
    return b.data;
}

static const char *const kinds[] = {
    "lorem ipsum dolor ", "W",  "\xE9\x9B\xAA", "\xD8\xB4\xD9\x85\xD8\xB3 ",
    "\xF0\x9F\x98\x80",   "i ",
};

START_TEST(every_text_fits_into_its_box_and_nothing_is_lost)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *text = fc_text_tidy(arena, repeat(arena, kinds[_i], 2000));
    struct fc_set_text set = fc_text_set(arena, text, &box);
    size_t letters = 0, blanks = 0;

    ck_assert_float_le((float)set.n_lines * set.leading, box.height_max);
    for (size_t i = 0; i < set.n_lines; i++) {
        ck_assert_float_le(fc_text_width(set.lines[i].at, set.lines[i].n) * set.em,
                           box.width + 0.01f);
        letters += set.lines[i].n;
        blanks += i > 0 && set.lines[i].at > set.lines[i - 1].at + set.lines[i - 1].n;
    }
    ck_assert_uint_eq(letters + blanks, strlen(text));
}
END_TEST

START_TEST(no_line_begins_with_what_closes_a_sentence)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_set_text set = fc_text_set(
        arena, repeat(arena, "\u8001\u706F\u5854\u3002\uAE00\uC790.", 700), &box);

    for (size_t i = 1; i < set.n_lines; i++) {
        ck_assert_int_ne(set.lines[i].at[0], '.');
        ck_assert_int_ne(memcmp(set.lines[i].at, "\u3002", 3), 0);
    }
}
END_TEST

START_TEST(short_texts_are_set_large)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_set_text set = fc_text_set(arena, "A red door", &box);

    ck_assert_uint_eq(set.n_lines, 1);
    ck_assert_float_eq(set.em, box.em_max);
    ck_assert(fc_span_is(set.lines[0], "A red door"));
}
END_TEST

START_TEST(an_empty_text_has_no_lines)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    ck_assert_uint_eq(fc_text_set(arena, "", &box).n_lines, 0);
}
END_TEST

START_TEST(white_space_and_control_characters_become_one_blank)
{
    FC_AUTO(arena) *arena = fc_arena_new();

    ck_assert_str_eq(fc_text_tidy(arena, " \t a\r\n\n b \x01\x7f c\xE2\x80\xA8 d "), "a b c d");
}
END_TEST

START_TEST(markup_is_only_text)
{
    static const struct {
        const char *text, *set;
    } rows[] = {
        {"plain", "plain"},
        {"{\\b1}", "\\{\\\u2060b1\\}"},
        {"a\\Nb", "a\\\u2060Nb"},
        {"\\{", "\\\u2060\\{"},
    };
    FC_AUTO(arena) *arena = fc_arena_new();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fc_buffer b = fc_buffer_in(arena);

        fc_put_ass(&b, rows[i].text, strlen(rows[i].text));
        ck_assert_str_eq(b.data, rows[i].set);
    }
}
END_TEST

START_TEST(the_first_letter_decides_the_direction)
{
    ck_assert(fc_text_is_rtl("1. \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D abc", 15));
    ck_assert(!fc_text_is_rtl("abc \xD7\xA9", 6));
    ck_assert(!fc_text_is_rtl("123", 3));
}
END_TEST

START_TEST(words_decide_the_mood)
{
    static const struct {
        const char *text;
        enum fc_scenery scenery;
        enum fc_weather weather;
    } rows[] = {
        {"Snow falls on the mountains", FC_SCENERY_MOUNTAINS, FC_WEATHER_SNOW},
        {"A NEON street in the rain", FC_SCENERY_CITY, FC_WEATHER_RAIN},
        {"the boat leaves the harbor", FC_SCENERY_SEA, FC_WEATHER_DUST},
        {"step onto the stage, confetti", FC_SCENERY_STAGE, FC_WEATHER_CONFETTI},
        {"along a corridor", FC_SCENERY_CORRIDOR, FC_WEATHER_DUST},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fc_mood mood = fc_mood_of(rows[i].text, rows[i].text, 1);

        ck_assert_msg(mood.scenery == rows[i].scenery && mood.weather == rows[i].weather, "%s",
                      rows[i].text);
    }
}
END_TEST

START_TEST(stems_are_found_at_the_beginning_of_words_only)
{
    struct fc_mood mood = fc_mood_of("a brain, a trainer", "", 3); /* no rain */

    ck_assert_int_eq(mood.weather, FC_WEATHER_DUST);
}
END_TEST

TCase *typeset_case(void)
{
    TCase *tests = tcase_create("typeset");

    tcase_add_loop_test(tests, every_text_fits_into_its_box_and_nothing_is_lost, 0,
                        sizeof kinds / sizeof *kinds);
    tcase_add_test(tests, no_line_begins_with_what_closes_a_sentence);
    tcase_add_test(tests, short_texts_are_set_large);
    tcase_add_test(tests, an_empty_text_has_no_lines);
    tcase_add_test(tests, white_space_and_control_characters_become_one_blank);
    tcase_add_test(tests, markup_is_only_text);
    tcase_add_test(tests, the_first_letter_decides_the_direction);
    tcase_add_test(tests, words_decide_the_mood);
    tcase_add_test(tests, stems_are_found_at_the_beginning_of_words_only);
    return tests;
}
