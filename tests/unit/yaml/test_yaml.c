#include <string.h>

#include "suite.h"
#include "yaml/yaml.h"
#include "json/json.h"

static struct fc_arena *arena;

static void set_up(void)
{
    arena = fc_arena_new();
}

static void tear_down(void)
{
    fc_arena_free(arena);
}

static const struct {
    const char *why, *yaml, *json;
} read[] = {
    {"a block mapping", "a: 1\nb:\n  c: x\n", "{\"a\":1,\"b\":{\"c\":\"x\"}}"},
    {"a block sequence", "- 1\n- - 2\n  - 3\n- a: 4\n", "[1,[2,3],{\"a\":4}]"},
    {"flow forms", "{a: [1, two, {b: null}], \"c\":3}", "{\"a\":[1,\"two\",{\"b\":null}],\"c\":3}"},
    {"JSON is YAML", "{\"a\":[1,2.50,\"x\\n\\u00e9\\/\"],\"b\":{}}",
     "{\"a\":[1,2.50,\"x\\n\xC3\xA9/\"],\"b\":{}}"},
    {"JSON may be indented by tabs", "{\n\t\"a\": [\n\t\t1\n\t]\n}\n", "{\"a\":[1]}"},
    {"document marks", "---\na: 1\n...\n", "{\"a\":1}"},
    {"a version directive", "%YAML 1.2\n---\na: 1\n", "{\"a\":1}"},
    {"a byte order mark",
     "\xEF\xBB\xBF"
     "a: 1\n",
     "{\"a\":1}"},
    {"comments", "# x\na: 1 # y\n", "{\"a\":1}"},
    {"carriage returns", "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"},
    {"single quotes", "a: 'it''s'\n", "{\"a\":\"it's\"}"},
    {"double quotes", "a: \"\\x41\\u00e9\\U0001F600\\t\"\n",
     "{\"a\":\"A\xC3\xA9\xF0\x9F\x98\x80\\t\"}"},
    {"a literal block", "a: |\n  one\n   two\n", "{\"a\":\"one\\n two\\n\"}"},
    {"chomped", "a: |-\n  one\n", "{\"a\":\"one\"}"},
    {"kept", "a: |+\n  one\n\n", "{\"a\":\"one\\n\\n\"}"},
    {"folded", "a: >-\n  one\n  two\n\n  three\n", "{\"a\":\"one two\\nthree\"}"},
    {"a tab inside a literal block", "a: |\n  x\n  \ty\n", "{\"a\":\"x\\n\\ty\\n\"}"},
    {"plain text over two lines", "a: one\n  two\n", "{\"a\":\"one two\"}"},
    {"nulls", "[~, null, Null, NULL, ]", "[null,null,null,null]"},
    {"nothing is null", "a:\nb: \n", "{\"a\":null,\"b\":null}"},
    {"booleans", "[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]"},
    {"words of YAML 1.1 are text", "[yes, no, on, Off, y, n, nULL, tRue]",
     "[\"yes\",\"no\",\"on\",\"Off\",\"y\",\"n\",\"nULL\",\"tRue\"]"},
    {"dates and times are text", "[2025-01-30, 12:30:45, 1:30]",
     "[\"2025-01-30\",\"12:30:45\",\"1:30\"]"},
    {"quoted numbers are text", "[\"1\", '2']", "[\"1\",\"2\"]"},
    {"block text is text", "a: |-\n  5\n", "{\"a\":\"5\"}"},
    {"numbers keep their spelling", "[0.1, 1.10, 1e3, 12345678901234567890, -0, 1E+2, 2.5e-07]",
     "[0.1,1.10,1e3,12345678901234567890,-0,1e+2,2.5e-07]"},
    {"numbers that JSON spells otherwise", "[+1, 007, .5, 5., -.5, 00.5, +.5e3, 5.e1, 000]",
     "[1,7,0.5,5,-0.5,0.5,0.5e3,5e1,0]"},
    {"hexadecimal and octal", "[0x10, 0xfF, 0o17, 0x0, 0xFFFFFFFFFFFFFFFFFF, 0x3B9ACA00, 0x00001]",
     "[16,255,15,0,4722366482869645213695,1000000000,1]"},
    {"no numbers", "[0xg, 0o8, 0b1, 1_000, -0x1, 1e, e5, ., +, -, 1.2.3, 0x, ._5]",
     "[\"0xg\",\"0o8\",\"0b1\",\"1_000\",\"-0x1\",\"1e\",\"e5\",\".\",\"+\",\"-\",\"1.2.3\",\"0x\","
     "\"._5\"]"},
    {"keys that are no strings", "1: a\ntrue: b\n~: c\n0x1F: d\n1.50: e\n",
     "{\"1\":\"a\",\"true\":\"b\",\"~\":\"c\",\"0x1F\":\"d\",\"1.50\":\"e\"}"},
    {"doubled keys stay in order", "a: 1\na: 2\n", "{\"a\":1,\"a\":2}"},
    {"a quoted merge key is a key", "\"<<\": 1\n", "{\"<<\":1}"},
    {"an explicit key", "? a\n: 1\n", "{\"a\":1}"},
    {"at signs and arrows in quotes", "\"a->b\": \"@x\"\n", "{\"a->b\":\"@x\"}"},
    {"plain arrows", "a->b: cut\n", "{\"a->b\":\"cut\"}"},
    {"surrogate pairs between double quotes",
     "a: \"\\ud83d\\ude00!\\\\ud83d\\\\ude00 \\uD83D\\uDE00\"\n",
     "{\"a\":\"\xF0\x9F\x98\x80!\\\\ud83d\\\\ude00 \xF0\x9F\x98\x80\"}"},
    {"and nowhere else", "a: \\ud83d\\ude00\nb: '\\ud83d\\ude00'\nc: |-\n  \\ud83d\\ude00\n",
     "{\"a\":\"\\\\ud83d\\\\ude00\",\"b\":\"\\\\ud83d\\\\ude00\",\"c\":\"\\\\ud83d\\\\ude00\"}"},
    {"in keys too, beside what stands in for them", "\"\\ud83d\\ude00\": \"\xEF\xB7\x90\\uFDD1\"\n",
     "{\"\xF0\x9F\x98\x80\":\"\xEF\xB7\x90\xEF\xB7\x91\"}"},
    {"other scripts", "t\xC3\xADtulo: \xE6\x97\xA5\xE6\x9C\xAC\n",
     "{\"t\xC3\xADtulo\":\"\xE6\x97\xA5\xE6\x9C\xAC\"}"},
};

START_TEST(yaml_becomes_the_json_it_means)
{
    struct fc_buffer b = fc_buffer_in(arena);
    struct fc_error error = {0};
    const struct fc_json *value;

    ck_assert_msg(fc_yaml_to_json(arena, read[_i].yaml, strlen(read[_i].yaml), &b, NULL, &error) ==
                      FC_OK,
                  "%s: %s", read[_i].why, error.text);
    ck_assert_msg(strcmp(b.data, read[_i].json) == 0, "%s: %s", read[_i].why, b.data);
    ck_assert_int_eq(fc_json_parse(arena, b.data, b.n, &value, &error), FC_OK);
}
END_TEST

static const struct {
    const char *why, *yaml, *line, *says;
} refused[] = {
    {"nothing", "", "line 1", "no document"},
    {"comments only", "# nothing\n", "line 2", "no document"},
    {"several documents", "a: 1\n---\nb: 2\n", "line 2", "second document"},
    {"a document after the end", "a: 1\n...\n---\nb: 2\n", "line 3", "second document"},
    {"an anchor on a scalar", "a: 1\nb: &x 2\n", "line 2", "anchors"},
    {"an anchor on a mapping", "a: &x\n  b: 1\n", "line 1", "anchors"},
    {"an anchor on a sequence", "a: &x [1]\n", "line 1", "anchors"},
    {"an anchor on a key", "&x a: 1\n", "line 1", "anchors"},
    {"an alias", "a: 1\nb: *x\n", "line 2", "aliases"},
    {"an alias as a key", "*x : 1\n", "line 1", "aliases"},
    {"a tag", "a: !!str 1\n", "line 1", "tags"},
    {"a local tag", "a: !x {b: 1}\n", "line 1", "tags"},
    {"the tag without a name", "a: ! 1\n", "line 1", "tags"},
    {"a tag on a sequence", "a: !!seq [1]\n", "line 1", "tags"},
    {"a tag directive", "%TAG ! tag:x,2000:\n---\na: 1\n", "line 1", "tags"},
    {"a merge key", "a: 1\n<<: {b: 2}\n", "line 2", "merge"},
    {"not a number", "a: .nan\n", "line 1", ".nan"},
    {"infinity", "a: 1\nb: -.inf\n", "line 2", ".inf"},
    {"infinity in capitals", "[+.INF]", "line 1", ".inf"},
    {"tabs as indentation", "a:\n\tb: 1\n", "line 2", "tabs"},
    {"tabs after spaces", "a:\n  b: 1\n  \tc: 2\n", "line 3", "tab"},
    {"a mapping as a key", "? {a: 1}\n: 2\n", "line 1", "key must be a scalar"},
    {"an unclosed bracket", "a: [1, 2\nb: 3\n", "line 2", ""},
    {"an unclosed quote", "a: \"x\n\nb: 1\n", "line 4", ""},
    {"a missing colon", "a: 1\nb\nc: 2\n", "line 3", ""},
    {"wrong indentation", "a:\n    b: 1\n  c: 2\n", "line 3", ""},
    {"an escaped NUL", "a: \"x\\0y\"\n", "line 1", "U+0000"},
    {"a NUL in hexadecimal", "a: 1\nb: \"\\x00\"\n", "line 2", "U+0000"},
    {"a NUL in a key", "\"\\u0000\": 1\n", "line 1", "U+0000"},
    {"half a surrogate pair", "a: \"\\ud800\"\n", "line 1", ""},
    {"a high half without a low one", "a: \"\\ud83d\\u0041\"\n", "line 1", ""},
    {"a low half without a high one", "a: \"\\ude00\\ud83d\"\n", "line 1", ""},
    {"an unknown escape", "a: \"\\q\"\n", "line 1", ""},
    {"no UTF-8", "a: 1\nb: \xFF\n", "line", ""},
    {"control characters", "a: 1\nb: \x01\n", "line", ""},
    {"too great an exponent", "a: 1e401\n", "line 1", "exponent"},
};

START_TEST(what_the_subset_leaves_out_is_refused_with_its_line)
{
    struct fc_buffer b = fc_buffer_in(arena);
    struct fc_error error = {0};

    ck_assert_msg(fc_yaml_to_json(arena, refused[_i].yaml, strlen(refused[_i].yaml), &b, NULL,
                                  &error) == FC_E_VALIDATION,
                  "%s: %s", refused[_i].why, b.data);
    ck_assert_msg(fc_text_starts(error.text, refused[_i].line), "%s: %s", refused[_i].why,
                  error.text);
    ck_assert_msg(strstr(error.text, refused[_i].says) != NULL, "%s: %s", refused[_i].why,
                  error.text);
}
END_TEST

static fc_status convert(const char *text, size_t n, struct fc_buffer *b)
{
    *b = fc_buffer_in(arena);
    return fc_yaml_to_json(arena, text, n, b, NULL, NULL);
}

static const char *repeated(const char *unit, size_t n)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (size_t i = 0; i < n; i++)
        fc_put(&b, unit);
    return b.data;
}

START_TEST(thirty_two_levels_are_read_and_one_more_is_not)
{
    const char *open = repeated("[", 33), *close = repeated("]", 33);
    struct fc_buffer b;

    ck_assert_int_eq(convert(fc_printf(arena, "%.32s%.32s", open, close), 64, &b), FC_OK);
    ck_assert_int_eq(convert(fc_printf(arena, "%s%s", open, close), 66, &b), FC_E_VALIDATION);
    open = repeated("[", 100000);
    ck_assert_int_eq(convert(open, 100000, &b), FC_E_VALIDATION);
}
END_TEST

START_TEST(numbers_have_at_most_four_hundred_characters)
{
    const char *digits = repeated("9", 401), *hex = repeated("F", 402);
    struct fc_buffer b;

    ck_assert_int_eq(convert(digits, 390, &b), FC_OK);
    ck_assert_int_eq(convert(digits, 401, &b), FC_E_VALIDATION);
    ck_assert_int_eq(convert(fc_printf(arena, "0x%.300s", hex), 302, &b), FC_OK);
    ck_assert_int_eq(convert(fc_printf(arena, "0x%.332s", hex), 334, &b), FC_OK);
    ck_assert_uint_eq(b.n, 400);
    ck_assert_int_eq(convert(fc_printf(arena, "0x%.333s", hex), 335, &b), FC_E_VALIDATION);
    ck_assert_int_eq(convert(fc_printf(arena, "0x%s", hex), 404, &b), FC_E_VALIDATION);
}
END_TEST

START_TEST(more_than_five_mebibytes_are_not_read)
{
    char *text = fc_alloc(arena, FC_YAML_BYTES_MAX + 1);
    struct fc_buffer b;

    memset(text, '#', FC_YAML_BYTES_MAX + 1);
    ck_assert_int_eq(convert(text, FC_YAML_BYTES_MAX + 1, &b), FC_E_VALIDATION);
}
END_TEST

START_TEST(a_quarter_of_a_million_values_are_read_and_one_more_is_not)
{
    const char *items = repeated("- 0\n", FC_YAML_VALUES_MAX);
    struct fc_buffer b;

    ck_assert_int_eq(convert(items, 4 * (FC_YAML_VALUES_MAX - 1), &b), FC_OK);
    ck_assert_int_eq(convert(items, 4 * FC_YAML_VALUES_MAX, &b), FC_E_VALIDATION);
}
END_TEST

static const struct {
    const char *path;
    size_t line;
} places[] = {
    {"$", 2},
    {"title", 2},
    {"scenes", 3},
    {"scenes[0]", 4},
    {"scenes[0].id", 4},
    {"scenes[0].duration", 5},
    {"scenes[0].prompt", 4},       /* is missing: its scene */
    {"scenes[1].audio.sfx[0]", 8}, /* flow, on one line */
    {"scenes[10]", 3},
    {"transitions[\"a->b\"].type", 10},
    {"transitions[\"a->c\"]", 9},
    {"twice", 12},
    {"nothing", 2},
};

START_TEST(each_path_has_the_line_of_its_value_or_of_what_is_around_it)
{
    static const char text[] = "# a film\n"
                               "title: x\n"
                               "scenes:\n"
                               "  - id: a\n"
                               "    duration: 5\n"
                               "  - id: b\n"
                               "    audio:\n"
                               "      sfx: [{asset_id: x}]\n"
                               "transitions:\n"
                               "  a->b: {type: warp}\n"
                               "twice: 1\n"
                               "twice: 2\n";
    struct fc_buffer b = fc_buffer_in(arena);
    struct fc_yaml_lines *lines;

    ck_assert_int_eq(fc_yaml_to_json(arena, text, strlen(text), &b, &lines, NULL), FC_OK);
    ck_assert_msg(fc_yaml_line_of(lines, places[_i].path) == places[_i].line, "%s: %zu",
                  places[_i].path, fc_yaml_line_of(lines, places[_i].path));
}
END_TEST

int main(void)
{
    TCase *claims = tcase_create("claims");

    tcase_add_loop_test(claims, yaml_becomes_the_json_it_means, 0, N(read));
    tcase_add_loop_test(claims, what_the_subset_leaves_out_is_refused_with_its_line, 0, N(refused));
    tcase_add_test(claims, thirty_two_levels_are_read_and_one_more_is_not);
    tcase_add_test(claims, numbers_have_at_most_four_hundred_characters);
    tcase_add_test(claims, more_than_five_mebibytes_are_not_read);
    tcase_add_test(claims, a_quarter_of_a_million_values_are_read_and_one_more_is_not);
    tcase_add_loop_test(claims, each_path_has_the_line_of_its_value_or_of_what_is_around_it, 0,
                        N(places));
    return run_suite("yaml", &claims, 1, set_up, tear_down);
}
