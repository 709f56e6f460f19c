#include <pthread.h>
#include <string.h>

#include "suite.h"
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

static const struct fc_json *parsed(const char *text)
{
    const struct fc_json *value = NULL;
    struct fc_error error;

    ck_assert_msg(fc_json_parse(arena, text, strlen(text), &value, &error) == FC_OK, "%s: %s", text,
                  error.text);
    return value;
}

static const char *compact(const struct fc_json *value)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_compact(&b, value);
    ck_assert_uint_eq(b.n, fc_json_compact_size(value));
    return b.data;
}

/* @n times @unit. */
static const char *repeated(const char *unit, size_t n)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (size_t i = 0; i < n; i++)
        fc_put(&b, unit);
    return b.data;
}

/* ---- the grammar ---- */

static const struct {
    const char *why, *text, *says;
} refused[] = {
    {"nothing is no value", "", "line 1, column 1"},
    {"blanks are no value", " \n ", "line 2, column 2"},
    {"nothing may follow", "{} x", "column 4"},
    {"no comma before the end", "[1,]", "column 4"},
    {"no comma at the beginning", "[,1]", "column 2"},
    {"members are separated", "{\"a\":1 \"b\":2}", "comma"},
    {"members have names", "{1:2}", "name"},
    {"no comma before the closing brace", "{\"a\":1,}", "name"},
    {"names have colons", "{\"a\" 1}", "colon"},
    {"arrays end", "[1", "comma"},
    {"strings end", "\"abc", "ends inside"},
    {"single quotes are none", "{'a':1}", "name"},
    {"words are whole", "tru", "no JSON value"},
    {"words are lower case", "True", "no JSON value"},
    {"NaN is no number", "NaN", "no JSON value"},
    {"a number has no plus", "+1", "no JSON value"},
    {"a number has no leading zero", "01", "zero"},
    {"minus alone is no number", "-", "digit"},
    {"digits follow the point", "1.", "digit"},
    {"digits precede the point", ".5", "no JSON value"},
    {"digits follow the e", "1e", "digit"},
    {"hexadecimal is no JSON", "0x10", "follows"},
    {"comments are none", "/* */ 1", "no JSON value"},
    {"a byte order mark is none", "\xEF\xBB\xBF{}", "no JSON value"},
    {"other blanks are none", "\xC2\xA0{}", "no JSON value"},
    {"tabs in strings are escaped", "\"a\tb\"", "control"},
    {"there is no \\x", "\"\\x41\"", "no such escape"},
    {"\\u has four digits", "\"\\u12g4\"", "hexadecimal"},
    {"no escaped NUL", "{\"a\":[\"\\u0000\"]}", "U+0000"},
    {"no escaped NUL in names", "{\"a\\u0000\":1}", "U+0000"},
    {"no lone high surrogate", "\"\\ud800\"", "surrogate"},
    {"no lone low surrogate", "\"\\udc00\"", "surrogate"},
    {"no two high surrogates", "\"\\ud800\\ud800\"", "surrogate"},
    {"no surrogate as UTF-8", "\"\xED\xA0\x80\"", "UTF-8"},
    {"no overlong UTF-8", "\"\xC0\xAF\"", "UTF-8"},
    {"no cut UTF-8", "\"\xE2\x82\"", "UTF-8"},
    {"no exponent beyond 400", "1e401", "exponent"},
    {"nor below", "1e-401", "exponent"},
    {"however long it is", "1e99999999999999999999999999", "exponent"},
    {"the line and column are right", "{\"a\": 1,\n  \"\xC3\xA9\" 2}", "line 2, column 7"},
};

START_TEST(what_is_no_json_is_refused_with_its_place)
{
    const struct fc_json *value = NULL;
    struct fc_error error;

    ck_assert_msg(fc_json_parse(arena, refused[_i].text, strlen(refused[_i].text), &value,
                                &error) == FC_E_VALIDATION,
                  "%s", refused[_i].why);
    ck_assert_msg(strstr(error.text, refused[_i].says) != NULL, "%s: %s", refused[_i].why,
                  error.text);
    ck_assert_ptr_null(value);
}
END_TEST

START_TEST(a_nul_byte_is_refused_anywhere)
{
    const char texts[][8] = {"\0{}", "{\0}", "\"a\0b\"", "1\0"};
    const size_t sizes[] = {3, 3, 5, 2};
    const struct fc_json *value;

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(fc_json_parse(arena, texts[i], sizes[i], &value, NULL), FC_E_VALIDATION);
}
END_TEST

START_TEST(thirty_two_levels_are_read_and_one_more_is_not)
{
    const struct fc_json *value;
    const char *open = repeated("[", 33), *close = repeated("]", 33);
    const char *fits = fc_printf(arena, "%.32s%.32s", open, close);

    ck_assert_int_eq(fc_json_parse(arena, fits, 64, &value, NULL), FC_OK);
    ck_assert_int_eq(fc_json_parse(arena, fc_printf(arena, "%s%s", open, close), 66, &value, NULL),
                     FC_E_VALIDATION);
}
END_TEST

START_TEST(four_hundred_characters_of_a_number_are_read_and_one_more_is_not)
{
    const struct fc_json *value;
    const char *digits = repeated("9", 401);

    ck_assert_int_eq(fc_json_parse(arena, digits, 400, &value, NULL), FC_OK);
    ck_assert_uint_eq(fc_json_text(value).n, 400);
    ck_assert_int_eq(fc_json_parse(arena, digits, 401, &value, NULL), FC_E_VALIDATION);
}
END_TEST

START_TEST(a_quarter_of_a_million_values_are_read_and_one_more_is_not)
{
    const char *zeros = repeated("0,", FC_JSON_VALUES_MAX);
    const char *fits = fc_printf(arena, "[%.*s]", 2 * (FC_JSON_VALUES_MAX - 1) - 1, zeros);
    const char *one_more = fc_printf(arena, "[%.*s]", 2 * FC_JSON_VALUES_MAX - 1, zeros);
    const struct fc_json *value;
    struct fc_error error;

    ck_assert_int_eq(fc_json_parse(arena, fits, strlen(fits), &value, NULL), FC_OK);
    ck_assert_int_eq(fc_json_parse(arena, one_more, strlen(one_more), &value, &error),
                     FC_E_VALIDATION);
    ck_assert_ptr_nonnull(strstr(error.text, "250000 values"));
}
END_TEST

START_TEST(names_that_share_their_beginning_and_end_are_told_apart)
{
    struct fc_buffer b = fc_buffer_in(arena);
    const struct fc_json *root;

    fc_put_char(&b, '{');
    for (int i = 1; i <= 300; i++) /* "x", "xx", ...: beginnings of each other */
        fc_putf(&b, "\"%s\":%d,", repeated("x", (size_t)i), i);
    fc_put(&b, "\"\":0,\"\":7}");
    root = parsed(b.data);
    ck_assert_uint_eq(fc_json_count(root), 301);
    ck_assert_double_eq(fc_json_number(fc_json_get(root, "")), 7);
    for (int i = 1; i <= 300; i++)
        ck_assert_double_eq(fc_json_number(fc_json_get(root, repeated("x", (size_t)i))), i);
    ck_assert_ptr_null(fc_json_get(root, repeated("x", 301)));
}
END_TEST

START_TEST(a_text_need_not_be_closed_by_nul)
{
    const struct fc_json *value;

    ck_assert_int_eq(fc_json_parse(arena, "[12]34", 4, &value, NULL), FC_OK);
    ck_assert_str_eq(compact(value), "[12]");
    ck_assert_int_eq(fc_json_parse(arena, "12345", 2, &value, NULL), FC_OK);
    ck_assert_double_eq(fc_json_number(value), 12);
}
END_TEST

/* ---- the tree ---- */

START_TEST(values_keep_type_order_and_place)
{
    const struct fc_json *root = parsed(
        " {\"b\" : [1, \"x\", null], \"a\": {\"c\": true}, \"d\":1.50 } ");
    const struct fc_json *list = fc_json_first(root);

    ck_assert_uint_eq(fc_json_count(root), 3);
    ck_assert_str_eq(fc_json_name(list), "b");
    ck_assert_int_eq(fc_json_type(list), FC_JSON_ARRAY);
    ck_assert_uint_eq(fc_json_count(list), 3);
    ck_assert(fc_span_is(fc_json_text(list), "[1, \"x\", null]"));
    ck_assert_ptr_null(fc_json_name(fc_json_first(list)));
    ck_assert_str_eq(fc_json_string(fc_json_next(fc_json_first(list))), "x");
    ck_assert(fc_json_boolean(fc_json_get(fc_json_get(root, "a"), "c")));
    ck_assert(fc_span_is(fc_json_text(fc_json_get(root, "d")), "1.50"));
    ck_assert_str_eq(compact(root), "{\"b\":[1,\"x\",null],\"a\":{\"c\":true},\"d\":1.50}");
}
END_TEST

START_TEST(absent_and_null_differ_only_where_it_matters)
{
    const struct fc_json *root = parsed("{\"a\":null}");

    ck_assert_ptr_nonnull(fc_json_get(root, "a"));
    ck_assert_ptr_null(fc_json_have(root, "a"));
    ck_assert_ptr_null(fc_json_get(root, "b"));
    ck_assert_int_eq(fc_json_type(NULL), FC_JSON_NULL);
    ck_assert_ptr_null(fc_json_get(root, "A"));
}
END_TEST

START_TEST(the_last_of_a_doubled_name_wins_at_every_level)
{
    ck_assert_str_eq(compact(parsed("{\"a\":1,\"b\":{\"c\":1,\"c\":[2],\"c\":3},\"a\":{\"x\":1}}")),
                     "{\"b\":{\"c\":3},\"a\":{\"x\":1}}");
    ck_assert_str_eq(compact(parsed("[{\"a\":1,\"\\u0061\":2}]")), "[{\"a\":2}]");
}
END_TEST

START_TEST(wide_objects_find_their_members_and_drop_doubles)
{
    struct fc_buffer b = fc_buffer_in(arena);
    const struct fc_json *root;

    fc_put_char(&b, '{');
    for (int i = 0; i < 3000; i++)
        fc_putf(&b, "\"k%d\":%d,", i % 1000, i);
    fc_put(&b, "\"end\":0}");
    root = parsed(b.data);
    ck_assert_uint_eq(fc_json_count(root), 1001);
    for (int i = 0; i < 1000; i++)
        ck_assert_double_eq(fc_json_number(fc_json_get(root, fc_printf(arena, "k%d", i))),
                            i + 2000);
    ck_assert_ptr_null(fc_json_get(root, "k1000"));
    ck_assert_str_eq(fc_json_name(fc_json_first(root)), "k0");
}
END_TEST

START_TEST(strings_are_decoded_and_counted_in_code_points)
{
    const struct fc_json *v = parsed("\"\\u00e9\\ud83d\\ude00 \\/\\n\\\"\"");

    ck_assert_str_eq(fc_json_string(v), "\xC3\xA9\xF0\x9F\x98\x80 /\n\"");
    ck_assert_uint_eq(fc_json_string_length(v), 6);
    ck_assert_uint_eq(fc_json_string_bytes(v), 10);
    ck_assert_str_eq(compact(v), "\"\xC3\xA9\xF0\x9F\x98\x80 /\\n\\\"\"");
}
END_TEST

START_TEST(control_characters_are_counted_as_they_are_written)
{
    ck_assert_str_eq(compact(parsed("\"\\u0001\\b\\u000b\\f\\u001f\"")),
                     "\"\\u0001\\b\\u000b\\f\\u001f\"");
    ck_assert_str_eq(compact(parsed("[]")), "[]");
    ck_assert_str_eq(compact(parsed("[ { } , [ ] ]")), "[{},[]]");
}
END_TEST

/* ---- numbers ---- */

static const struct {
    const char *text;
    bool is_int;
    int64_t whole;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"5", true, 5},
    {"5.0", true, 5},
    {"5e0", true, 5},
    {"0.5e1", true, 5},
    {"0.000e400", true, 0},
    {"500E-2", true, 5},
    {"-12.50e1", true, -125},
    {"9007199254740993", true, 9007199254740993},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"12345678901234567890", false, 0},
    {"1e18", true, 1000000000000000000},
    {"1e19", false, 0},
    {"1e400", false, 0},
    {"1e-400", false, 0},
    {"5.5", false, 0},
    {"4.99999999999999999999", false, 0},
};

START_TEST(whole_numbers_are_exact)
{
    int64_t whole = -1;

    ck_assert_msg(fc_json_int(parsed(integers[_i].text), &whole) == integers[_i].is_int, "%s",
                  integers[_i].text);
    if (integers[_i].is_int)
        ck_assert_int_eq(whole, integers[_i].whole);
}
END_TEST

static const struct {
    const char *text;
    int64_t milli;
} scaled[] = {
    {"5", 5000},        {"7.25", 7250},     {"1.0005", 1001}, {"1.0004999999", 1000},
    {"0.0004", 0},      {"0.0005", 1},      {"0.00049e1", 5}, {"1e-400", 0},
    {"29.9995", 30000}, {"-1.0005", -1001}, {"0.29", 290},    {"1.0015", 1002},
    {"0.000000001", 0}, {"0e0", 0},
};

START_TEST(decimals_are_scaled_and_rounded_half_up_without_double)
{
    int64_t milli = -1;

    ck_assert(fc_json_scaled(parsed(scaled[_i].text), 3, &milli));
    ck_assert_msg(milli == scaled[_i].milli, "%s: %lld", scaled[_i].text, (long long)milli);
}
END_TEST

START_TEST(numbers_are_spelled_as_they_came)
{
    const char *text =
        "[0.1,1e400,1E+2,12345678901234567890,-0.0,1.10,"
        "3.14159265358979323846264338327950288419716939937510582097494459230781640628"
        "62089986280348253421170679]";
    const struct fc_json *list = parsed(text), *last = fc_json_first(list);

    ck_assert_str_eq(compact(list), text);
    while (fc_json_next(last) != NULL)
        last = fc_json_next(last);
    ck_assert_double_eq_tol(fc_json_number(last), 3.14159265358979, 1e-14);
}
END_TEST

START_TEST(values_after_a_long_number_keep_their_places)
{
    const struct fc_json *root = parsed(
        fc_printf(arena, "{\"a\":%s,\"b\":\"x\"}", repeated("1", 100)));

    ck_assert_double_eq_tol(fc_json_number(fc_json_get(root, "a")) / 1.1111111111111111e99, 1,
                            1e-12);
    ck_assert_str_eq(fc_json_string(fc_json_get(root, "b")), "x");
    ck_assert(fc_span_is(fc_json_text(fc_json_get(root, "b")), "\"x\""));
}
END_TEST

/* ---- text ---- */

START_TEST(minifying_drops_only_the_space_between_tokens)
{
    const char *text = " { \"a b\" :\t[ 1 , \"x \\\" y\" ]\r\n, \"c\" : \"\\\\\" } ";
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_minified(&b, text, strlen(text));
    ck_assert_str_eq(b.data, "{\"a b\":[1,\"x \\\" y\"],\"c\":\"\\\\\"}");
}
END_TEST

static bool rewrite_s3(void *context, const char *string, struct fc_buffer *b)
{
    int *seen = context;

    (*seen)++;
    if (!fc_text_starts(string, "s3://"))
        return false;
    fc_put_json(b, fc_printf(b->arena, "signed \"%s\"", string + 5));
    return true;
}

static const char *const paths[] = {"output.url",
                                    "output.clips[].url",
                                    "scenes[].clip",
                                    "s.*.images[].url",
                                    "list[][]",
                                    "self",
                                    "output.captions.srt",
                                    NULL};

static const struct {
    const char *why, *text, *becomes;
    int seen;
} rewritten[] = {
    {"a member of a member", "{\"output\":{\"url\":\"s3://a\"}}",
     "{\"output\":{\"url\":\"signed \\\"a\\\"\"}}", 1},
    {"white space stays", " {\"output\" : { \"x\":1 , \"url\" :\n\"s3://a\" } } ",
     " {\"output\" : { \"x\":1 , \"url\" :\n\"signed \\\"a\\\"\" } } ", 1},
    {"elements",
     "{\"output\":{\"clips\":[{\"url\":\"s3://a\",\"n\":1},{\"url\":\"https://"
     "b\"},{},{\"url\":\"s3://c\"}]}}",
     "{\"output\":{\"clips\":[{\"url\":\"signed "
     "\\\"a\\\"\",\"n\":1},{\"url\":\"https://b\"},{},{\"url\":\"signed \\\"c\\\"\"}]}}",
     3},
    {"any member",
     "{\"s\":{\"x\":{\"images\":[{\"url\":\"s3://1\"}]},\"y.z[]\":{\"images\":[{\"url\":\"s3://"
     "2\"}]}}}",
     "{\"s\":{\"x\":{\"images\":[{\"url\":\"signed "
     "\\\"1\\\"\"}]},\"y.z[]\":{\"images\":[{\"url\":\"signed \\\"2\\\"\"}]}}}",
     2},
    {"arrays of arrays", "{\"list\":[[\"s3://1\"],[],[1,\"s3://2\"]]}",
     "{\"list\":[[\"signed \\\"1\\\"\"],[],[1,\"signed \\\"2\\\"\"]]}", 2},
    {"each element of a list", "[{\"self\":\"s3://1\"}, {\"self\":\"s3://2\"},null, 3 ]",
     "[{\"self\":\"signed \\\"1\\\"\"}, {\"self\":\"signed \\\"2\\\"\"},null, 3 ]", 2},
    {"same names elsewhere stay",
     "{\"url\":\"s3://a\",\"x\":{\"output\":{\"url\":\"s3://a\"}},\"outpu\":{\"url\":\"s3://\"}}",
     "{\"url\":\"s3://a\",\"x\":{\"output\":{\"url\":\"s3://a\"}},\"outpu\":{\"url\":\"s3://\"}}",
     0},
    {"brackets in strings mislead nobody",
     "{\"a\":\"}\\\"{[\\\\\",\"b\":[\"]\"],\"self\":\"s3://x\"}",
     "{\"a\":\"}\\\"{[\\\\\",\"b\":[\"]\"],\"self\":\"signed \\\"x\\\"\"}", 1},
    {"escapes are read", "{\"s\\u0065lf\":\"s3:\\/\\/x\"}", "{\"s\\u0065lf\":\"signed \\\"x\\\"\"}",
     1},
    {"other types stay", "{\"self\":null,\"scenes\":{\"clip\":\"s3://x\"},\"output\":7}",
     "{\"self\":null,\"scenes\":{\"clip\":\"s3://x\"},\"output\":7}", 0},
    {"a bare value stays", "\"s3://x\"", "\"s3://x\"", 0},
    {"nothing stays nothing", "", "", 0},
    {"crossed brackets end the walk", "[{\"a\":[1}]", "[{\"a\":[1}]", 0},
    {"crossed brackets inside a path", "{\"list\":[[}", "{\"list\":[[}", 0},
    {"a string that never ends is copied as it is", "{\"self\":\"", "{\"self\":\"", 0},
    {"so is a name", "{\"", "{\"", 0},
    {"no JSON is copied as it is", "{\"self\" \"s3://x", "{\"self\" \"s3://x", 0},
};

START_TEST(links_are_rewritten_where_the_paths_lead_and_nowhere_else)
{
    struct fc_buffer b = fc_buffer_in(arena);
    int seen = 0;

    fc_put_rewritten(&b, rewritten[_i].text, strlen(rewritten[_i].text),
                     fc_json_paths_read(arena, paths), rewrite_s3, &seen);
    ck_assert_msg(strcmp(b.data, rewritten[_i].becomes) == 0, "%s: %s", rewritten[_i].why, b.data);
    ck_assert_msg(seen == rewritten[_i].seen, "%s: %d seen", rewritten[_i].why, seen);
}
END_TEST

START_TEST(a_name_with_a_nul_is_no_part_of_a_path)
{
    static const char text[] = "{\"output\":{\"url\0\0\0\0\0\0\":\"s3://x\"}}";
    struct fc_buffer b = fc_buffer_in(arena);
    int seen = 0;

    fc_put_rewritten(&b, text, sizeof text - 1, fc_json_paths_read(arena, paths), rewrite_s3,
                     &seen);
    ck_assert_int_eq(seen, 0);
    ck_assert_mem_eq(b.data, text, sizeof text);
}
END_TEST

/* ---- threads ---- */

static void *parse_many(void *nothing)
{
    (void)nothing;
    for (int i = 0; i < 200; i++) {
        FC_AUTO(arena) *own = fc_arena_new();
        const struct fc_json *value = NULL;
        const char *text = fc_printf(own, "{\"n\":%d,\"list\":[1,2,{\"x\":\"y\"}]}", i);

        if (fc_json_parse(own, text, strlen(text), &value, NULL) != FC_OK ||
            (int)fc_json_number(fc_json_get(value, "n")) != i)
            return "wrong";
    }
    return NULL;
}

START_TEST(many_threads_parse_at_the_same_time)
{
    pthread_t threads[4];
    void *wrong;

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, parse_many, NULL), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
        ck_assert_ptr_null(wrong);
    }
}
END_TEST

int main(void)
{
    TCase *claims = tcase_create("claims");

    tcase_add_loop_test(claims, what_is_no_json_is_refused_with_its_place, 0, N(refused));
    tcase_add_test(claims, a_nul_byte_is_refused_anywhere);
    tcase_add_test(claims, thirty_two_levels_are_read_and_one_more_is_not);
    tcase_add_test(claims, four_hundred_characters_of_a_number_are_read_and_one_more_is_not);
    tcase_add_test(claims, a_quarter_of_a_million_values_are_read_and_one_more_is_not);
    tcase_add_test(claims, names_that_share_their_beginning_and_end_are_told_apart);
    tcase_add_test(claims, a_text_need_not_be_closed_by_nul);
    tcase_add_test(claims, values_keep_type_order_and_place);
    tcase_add_test(claims, absent_and_null_differ_only_where_it_matters);
    tcase_add_test(claims, the_last_of_a_doubled_name_wins_at_every_level);
    tcase_add_test(claims, wide_objects_find_their_members_and_drop_doubles);
    tcase_add_test(claims, strings_are_decoded_and_counted_in_code_points);
    tcase_add_test(claims, control_characters_are_counted_as_they_are_written);
    tcase_add_loop_test(claims, whole_numbers_are_exact, 0, N(integers));
    tcase_add_loop_test(claims, decimals_are_scaled_and_rounded_half_up_without_double, 0,
                        N(scaled));
    tcase_add_test(claims, numbers_are_spelled_as_they_came);
    tcase_add_test(claims, values_after_a_long_number_keep_their_places);
    tcase_add_test(claims, minifying_drops_only_the_space_between_tokens);
    tcase_add_loop_test(claims, links_are_rewritten_where_the_paths_lead_and_nowhere_else, 0,
                        N(rewritten));
    tcase_add_test(claims, a_name_with_a_nul_is_no_part_of_a_path);
    tcase_add_test(claims, many_threads_parse_at_the_same_time);
    return run_suite("json", &claims, 1, set_up, tear_down);
}
