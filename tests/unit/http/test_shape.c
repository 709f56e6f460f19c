#include <string.h>

#include "suites.h"

struct thing {
    const char *name, *link;
    struct fc_patch_text note;
    struct fc_opt_int count, free_count;
    struct fc_texts words;
    const struct fc_json *spec, *any;
};

static bool is_link(const char *text)
{
    return fc_text_starts(text, "https://");
}

static const struct fc_field fields[] = {
    FC_FIELD(struct thing, name, .required = true, .min = 2, .max = 5),
    FC_FIELD(struct thing, link, .not_null = true, .check = is_link, .expected = "a secure URL"),
    FC_FIELD(struct thing, note, .min = 0, .max = 3),
    FC_FIELD(struct thing, count, .min = -2, .max = 10),
    FC_FIELD(struct thing, free_count),
    FC_FIELD(struct thing, words, .min = 1, .max = 3),
    FC_FIELD(struct thing, spec, .is_object = true),
    FC_FIELD(struct thing, any),
    {0},
};
static const struct fc_shape shape = FC_SHAPE(struct thing, fields);

static const char *quoted(const char *text)
{
    char *copy = fc_copy(arena, text);

    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    return copy;
}

static fc_status read_body(const char *text, struct thing **thing)
{
    const char *json = quoted(text);
    const struct fc_json *object;
    void *out = NULL;
    fc_status status;

    ck_assert_msg(fc_json_parse(arena, json, strlen(json), &object, &error) == FC_OK, "%s", text);
    status = fc_shape_read_json(arena, &shape, object, &out, &error);
    *thing = out;
    return status;
}

static struct thing *body(const char *text)
{
    struct thing *thing;

    ck_assert_msg(read_body(text, &thing) == FC_OK, "%s: %s", text, error.text);
    return thing;
}

START_TEST(each_type_of_member_is_read)
{
    struct thing *thing = body(
        "{'name':'ada','link':'https://x','note':'n','count':-2,'words':['a','b'],"
        "'spec':{'a':1},'any':[1],'unknown':{}}");

    ck_assert_str_eq(thing->name, "ada");
    ck_assert_str_eq(thing->link, "https://x");
    ck_assert(thing->note.is_given);
    ck_assert_str_eq(thing->note.value, "n");
    ck_assert(thing->count.is_given);
    ck_assert_int_eq(thing->count.value, -2);
    ck_assert_uint_eq(thing->words.n, 2);
    ck_assert_str_eq(thing->words.at[1], "b");
    ck_assert_int_eq(fc_json_type(thing->spec), FC_JSON_OBJECT);
    ck_assert_int_eq(fc_json_type(thing->any), FC_JSON_ARRAY);
}
END_TEST

START_TEST(what_is_absent_stays_empty)
{
    struct thing *thing = body("{'name':'ada'}");

    ck_assert_ptr_null(thing->link);
    ck_assert(!thing->note.is_given);
    ck_assert(!thing->count.is_given);
    ck_assert(!thing->words.is_given);
    ck_assert_ptr_null(thing->spec);
}
END_TEST

START_TEST(null_counts_as_absent_and_clears_in_a_patch)
{
    struct thing *thing = body(
        "{'name':'ada','note':null,'count':null,'words':null,'spec':null,'any':null}");

    ck_assert(thing->note.is_given);
    ck_assert_ptr_null(thing->note.value);
    ck_assert(!thing->count.is_given);
    ck_assert(!thing->words.is_given);
    ck_assert_ptr_null(thing->spec);
}
END_TEST

static const struct {
    const char *why, *body, *says;
} refused_bodies[] = {
    {"a required member is missing", "{}", "'name' is required"},
    {"a required member is null", "{'name':null}", "'name' is required"},
    {"a text is a number", "{'name':5}", "'name' must be a string"},
    {"too short", "{'name':'a'}", "'name' must have 2 to 5 characters"},
    {"too long", "{'name':'abcdef'}", "'name' must have 2 to 5 characters"},
    {"null is refused where it says so", "{'name':'ada','link':null}", "'link' is required"},
    {"a form of its own", "{'name':'ada','link':'http://x'}", "'link' must be a secure URL"},
    {"a patch's text is a list", "{'name':'ada','note':['n']}", "'note' must be a string"},
    {"a patch too long", "{'name':'ada','note':'long'}", "'note' must have 0 to 3 characters"},
    {"below the range", "{'name':'ada','count':-3}", "'count' must be between -2 and 10"},
    {"above the range", "{'name':'ada','count':11}", "'count' must be between -2 and 10"},
    {"a fraction", "{'name':'ada','count':1.5}", "'count' must be an integer"},
    {"a number as text", "{'name':'ada','count':'1'}", "'count' must be an integer"},
    {"a truth", "{'name':'ada','count':true}", "'count' must be an integer"},
    {"beyond 64 bits", "{'name':'ada','free_count':1e300}", "'free_count' must be an integer"},
    {"a list is a text", "{'name':'ada','words':'a'}", "'words' must be an array of strings"},
    {"a number in it", "{'name':'ada','words':['a',1]}", "'words' must be an array of strings"},
    {"null in it", "{'name':'ada','words':[null]}", "'words' must be an array of strings"},
    {"too few", "{'name':'ada','words':[]}", "'words' must have 1 to 3 elements"},
    {"too many", "{'name':'ada','words':['a','b','c','d']}", "'words' must have 1 to 3 elements"},
    {"an object is a list", "{'name':'ada','spec':[]}", "'spec' must be an object"},
};

START_TEST(a_refusal_names_the_member)
{
    for (int i = 0; i < N(refused_bodies); i++) {
        struct thing *thing;

        ck_assert_msg(read_body(refused_bodies[i].body, &thing) == FC_E_VALIDATION, "%s",
                      refused_bodies[i].why);
        ck_assert_str_eq(error.text, refused_bodies[i].says);
    }
}
END_TEST

START_TEST(characters_are_counted_and_not_bytes)
{
    ck_assert_str_eq(body("{'name':'\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8E\xAC\xC3\xA4\xC3\xA4'}")->name,
                     "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x8E\xAC\xC3\xA4\xC3\xA4");
}
END_TEST

/* ---- query strings ---- */

struct question {
    const char *text;
    struct fc_opt_int n;
    struct fc_opt_int any;
    struct fc_texts tags;
};

static const struct fc_field query_fields[] = {
    FC_FIELD(struct question, text, .max = 8),
    FC_FIELD(struct question, n, .min = 1, .max = 100),
    FC_FIELD(struct question, any),
    FC_FIELD(struct question, tags),
    {0},
};
static const struct fc_shape query_shape = FC_SHAPE(struct question, query_fields);

static fc_status read_query(const char *text, struct question **question)
{
    void *out = NULL;
    fc_status status = fc_shape_read_query(arena, &query_shape, text, &out, &error);

    *question = out;
    return status;
}

static struct question *query(const char *text)
{
    struct question *question;

    ck_assert_msg(read_query(text, &question) == FC_OK, "%s: %s", text, error.text);
    return question;
}

static const struct {
    const char *query, *text;
} texts[] = {
    {"text=abc", "abc"},
    {"text=a%20b+c", "a b c"},
    {"text=a%2Bc", "a+c"},
    {"text=a%26b%3Dc", "a&b=c"},
    {"text=a=b", "a=b"},
    {"text=", ""},
    {"text", ""},
    {"%74ext=abc", "abc"},
    {"text=%C3%A4", "\xC3\xA4"},
    {"&&text=abc&", "abc"},
    {"text=a&text=b", "b"},
    {"other=%zz&=x&%zz=1&text=abc", "abc"},
    {"", NULL},
    {"TEXT=abc", NULL},
    {"text%00=abc", NULL},
};

START_TEST(a_query_is_decoded)
{
    for (int i = 0; i < N(texts); i++) {
        const char *text = query(texts[i].query)->text;

        ck_assert_msg(fc_text_equal(text, texts[i].text), "%s: %s", texts[i].query,
                      text != NULL ? text : "none");
    }
}
END_TEST

START_TEST(numbers_of_a_query_are_whole)
{
    ck_assert_int_eq(query("n=7")->n.value, 7);
    ck_assert_int_eq(query("n=%2B7")->n.value, 7);
    ck_assert_int_eq(query("n=007")->n.value, 7);
    ck_assert_int_eq(query("any=99999999999999999999")->any.value, INT64_MAX);
    ck_assert_int_eq(query("any=-99999999999999999999")->any.value, INT64_MIN);
}
END_TEST

START_TEST(lists_of_a_query_are_repeated_or_separated_by_commas)
{
    struct question *question = query("tags=a,b&text=x&tags=c%2Cd&tags=e+f");
    static const char *const tags[] = {"a", "b", "c", "d", "e f"};

    ck_assert(question->tags.is_given);
    ck_assert_uint_eq(question->tags.n, N(tags));
    for (int i = 0; i < N(tags); i++)
        ck_assert_str_eq(question->tags.at[i], tags[i]);
    ck_assert(!query("text=x")->tags.is_given);
}
END_TEST

static const struct {
    const char *query, *says;
} refused_queries[] = {
    {"n=0", "'n' must be between 1 and 100"},
    {"n=101", "'n' must be between 1 and 100"},
    {"n=99999999999999999999", "'n' must be between 1 and 100"},
    {"n=", "'n' must be an integer"},
    {"n", "'n' must be an integer"},
    {"n=x", "'n' must be an integer"},
    {"n=1.5", "'n' must be an integer"},
    {"n=+7", "'n' must be an integer"},
    {"n=1%20", "'n' must be an integer"},
    {"n=-", "'n' must be an integer"},
    {"text=123456789", "'text' must have 0 to 8 characters"},
    {"text=%", "the value of 'text' is not percent-encoded UTF-8"},
    {"text=%4", "the value of 'text' is not percent-encoded UTF-8"},
    {"text=%zz", "the value of 'text' is not percent-encoded UTF-8"},
    {"text=%00", "the value of 'text' is not percent-encoded UTF-8"},
    {"text=%FF", "the value of 'text' is not percent-encoded UTF-8"},
    {"text=%C3", "the value of 'text' is not percent-encoded UTF-8"},
};

START_TEST(a_query_that_does_not_fit_is_refused)
{
    for (int i = 0; i < N(refused_queries); i++) {
        struct question *question;

        ck_assert_msg(read_query(refused_queries[i].query, &question) == FC_E_VALIDATION, "%s",
                      refused_queries[i].query);
        ck_assert_str_eq(error.text, refused_queries[i].says);
    }
}
END_TEST

TCase *shape_case(void)
{
    TCase *claims = tcase_create("shape");

    tcase_add_test(claims, each_type_of_member_is_read);
    tcase_add_test(claims, what_is_absent_stays_empty);
    tcase_add_test(claims, null_counts_as_absent_and_clears_in_a_patch);
    tcase_add_test(claims, a_refusal_names_the_member);
    tcase_add_test(claims, characters_are_counted_and_not_bytes);
    tcase_add_test(claims, a_query_is_decoded);
    tcase_add_test(claims, numbers_of_a_query_are_whole);
    tcase_add_test(claims, lists_of_a_query_are_repeated_or_separated_by_commas);
    tcase_add_test(claims, a_query_that_does_not_fit_is_refused);
    return claims;
}
