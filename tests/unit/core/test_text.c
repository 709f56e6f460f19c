#include <string.h>

#include <framecast/text.h>

#include "core/suites.h"

START_TEST(a_buffer_grows_and_is_always_closed)
{
    struct fc_buffer b = fc_buffer_in(arena);

    ck_assert_str_eq(b.data, "");
    for (int i = 0; i < 10000; i++) {
        fc_put_char(&b, 'x');
        ck_assert_int_eq(b.data[b.n], '\0');
    }
    ck_assert_uint_eq(strlen(b.data), 10000);
    fc_put_n(&b, NULL, 0);
    fc_putf(&b, "%s-%d", "y", 5);
    ck_assert_str_eq(b.data + 10000, "y-5");
}
END_TEST

static const struct {
    const char *text, *json;
} escaped[] = {
    {NULL, "null"},
    {"", "\"\""},
    {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
    {"\b\f\n\r\t\x01\x1F\x7F", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\""},
    {"\xC3\xA9\xF0\x9F\x98\x80", "\"\xC3\xA9\xF0\x9F\x98\x80\""},
};

START_TEST(text_becomes_a_json_string)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_json(&b, escaped[_i].text);
    ck_assert_str_eq(b.data, escaped[_i].json);
}
END_TEST

static const struct {
    const char *names[3], *path;
} paths[] = {
    {{"title"}, "title"},
    {{"scenes", "_x9", "Y"}, "scenes._x9.Y"},
    {{"transitions", "a->b", "type"}, "transitions[\"a->b\"].type"},
    {{"old man"}, "[\"old man\"]"},
    {{"x", "9a"}, "x[\"9a\"]"},
    {{"x", ""}, "x[\"\"]"},
    {{"x", "a\"b\n"}, "x[\"a\\\"b\\n\"]"},
    {{"x", "\xC3\xA9"}, "x[\"\xC3\xA9\"]"},
};

START_TEST(paths_bracket_what_is_no_word)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (int i = 0; i < 3 && paths[_i].names[i] != NULL; i++)
        fc_put_path(&b, paths[_i].names[i], strlen(paths[_i].names[i]));
    ck_assert_str_eq(b.data, paths[_i].path);
}
END_TEST

START_TEST(urls_are_encoded_and_decoded)
{
    struct fc_buffer b = fc_buffer_in(arena);
    char text[] = "a%20b%2Fc%C3%A9+", bad[] = "a%2", worse[] = "%zz", nul[] = "a%00";
    size_t n;

    fc_put_url(&b, "a b/c~\xC3\xA9", false);
    fc_put_url(&b, "/x?", true);
    ck_assert_str_eq(b.data, "a%20b%2Fc~%C3%A9/x%3F");
    ck_assert(fc_url_decode(text, &n));
    ck_assert_str_eq(text, "a b/c\xC3\xA9+");
    ck_assert_uint_eq(n, strlen(text));
    ck_assert(!fc_url_decode(bad, &n));
    ck_assert(!fc_url_decode(worse, &n));
    ck_assert(!fc_url_decode(nul, &n));
}
END_TEST

static const struct {
    const char *why, *text;
    bool ok;
} utf8[] = {
    {"nothing", "", true},
    {"ASCII", "abc", true},
    {"two to four bytes",
     "\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", true},
    {"a lone continuation", "\x80", false},
    {"an overlong slash", "\xC0\xAF", false},
    {"overlong in three", "\xE0\x9F\xBF", false},
    {"overlong in four", "\xF0\x8F\xBF\xBF", false},
    {"a surrogate", "\xED\xA0\x80", false},
    {"beyond U+10FFFF", "\xF4\x90\x80\x80", false},
    {"cut short", "a\xE2\x82", false},
    {"broken inside", "\xE2\x28\xA1", false},
    {"no such byte", "\xFF", false},
};

START_TEST(utf8_is_checked)
{
    ck_assert_msg(fc_utf8_ok(utf8[_i].text, strlen(utf8[_i].text)) == utf8[_i].ok, "%s",
                  utf8[_i].why);
}
END_TEST

START_TEST(code_points_are_counted_cut_and_written)
{
    const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    static const uint32_t codes[] = {0x61, 0xE9, 0x20AC, 0x1F600};
    static const size_t ends[] = {0, 1, 3, 6, 10, 10};
    char out[4];

    ck_assert_uint_eq(fc_utf8_length(text, 10), 4);
    for (size_t i = 0; i < 6; i++)
        ck_assert_uint_eq(fc_utf8_prefix(text, 10, i), ends[i]);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(fc_utf8_encode(codes[i], out), ends[i + 1] - ends[i]);
        ck_assert_mem_eq(out, text + ends[i], ends[i + 1] - ends[i]);
    }
}
END_TEST

START_TEST(blank_is_all_white_space_of_unicode)
{
    static const char *const blank[] = {"", " \t\r\n\v\f", "\xC2\xA0\xC2\x85",
                                        "\xE2\x80\x83\xE3\x80\x80\xE2\x80\xA8"};
    static const char *const not_blank[] = {"x", " x ", "\xE2\x80\x8B", "\xC2\xAD"};

    for (int i = 0; i < N(blank); i++)
        ck_assert_msg(fc_is_blank(blank[i], strlen(blank[i])), "%d", i);
    for (int i = 0; i < N(not_blank); i++)
        ck_assert_msg(!fc_is_blank(not_blank[i], strlen(not_blank[i])), "%d", i);
}
END_TEST

START_TEST(texts_are_compared)
{
    ck_assert(fc_text_equal("a", "a") && !fc_text_equal("a", "A") && fc_text_equal(NULL, NULL));
    ck_assert(!fc_text_equal(NULL, "") && !fc_text_equal("", NULL));
    ck_assert(fc_text_equal_nocase("aB-9", "Ab-9") && !fc_text_equal_nocase("a", "ab"));
    ck_assert(fc_text_starts("abc", "ab") && fc_text_starts("abc", "") &&
              !fc_text_starts("a", "ab"));
    ck_assert(fc_span_is(fc_span_of("ab"), "ab") && !fc_span_is(fc_span_of("ab"), "a"));
    ck_assert_uint_eq(fc_span_of(NULL).n, 0);
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    int64_t value;
} integers[] = {
    {"0", true, 0},
    {"-5", true, -5},
    {"+5", true, 5},
    {"007", true, 7},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1.0", false, 0},
    {"0x1", false, 0},
    {"--1", false, 0},
};

START_TEST(whole_numbers_are_read_strictly)
{
    int64_t value = 77;

    ck_assert_msg(fc_int_parse(integers[_i].text, &value) == integers[_i].ok, "%s",
                  integers[_i].text);
    ck_assert_int_eq(value, integers[_i].ok ? integers[_i].value : 77);
}
END_TEST

START_TEST(bytes_become_hexadecimal_and_back)
{
    unsigned char bytes[] = {0x00, 0x9F, 0xFF}, back[3];
    char hex[7];

    fc_hex(bytes, 3, hex);
    ck_assert_str_eq(hex, "009fff");
    ck_assert(fc_unhex("009FfF", 6, back));
    ck_assert_mem_eq(bytes, back, 3);
    ck_assert(!fc_unhex("009", 3, back));
    ck_assert(!fc_unhex("0g", 2, back));
}
END_TEST

/* The vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c */
START_TEST(a_hash_is_fnv_1a)
{
    ck_assert_uint_eq(fc_hash(""), 0x811C9DC5);
    ck_assert_uint_eq(fc_hash("a"), 0xE40C292C);
    ck_assert_uint_eq(fc_hash("foobar"), 0xBF9CF968);
}
END_TEST

TCase *text_case(void)
{
    TCase *claims = tcase_create("text");

    tcase_add_test(claims, a_buffer_grows_and_is_always_closed);
    tcase_add_loop_test(claims, text_becomes_a_json_string, 0, N(escaped));
    tcase_add_loop_test(claims, paths_bracket_what_is_no_word, 0, N(paths));
    tcase_add_test(claims, urls_are_encoded_and_decoded);
    tcase_add_loop_test(claims, utf8_is_checked, 0, N(utf8));
    tcase_add_test(claims, code_points_are_counted_cut_and_written);
    tcase_add_test(claims, blank_is_all_white_space_of_unicode);
    tcase_add_test(claims, texts_are_compared);
    tcase_add_test(claims, a_hash_is_fnv_1a);
    tcase_add_loop_test(claims, whole_numbers_are_read_strictly, 0, N(integers));
    tcase_add_test(claims, bytes_become_hexadecimal_and_back);
    return claims;
}
