#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storyboard/support.h"

struct fc_arena *arena;

static void set_up(void)
{
    arena = fc_arena_new();
}

static void tear_down(void)
{
    fc_arena_free(arena);
}

TCase *case_new(Suite *suite, const char *name)
{
    TCase *made = tcase_create(name);

    tcase_add_checked_fixture(made, set_up, tear_down);
    suite_add_tcase(suite, made);
    return made;
}

static char *replaced(const char *text, char from, char to)
{
    char *copy = fc_copy(arena, text);

    for (char *at = copy; *at != '\0'; at++)
        if (*at == from)
            *at = to;
    return copy;
}

const char *quoted(const char *text)
{
    return replaced(text, '\'', '"');
}

const struct fc_json *json_as_is(const char *text)
{
    const struct fc_json *value = NULL;
    struct fc_error error = {0};

    ck_assert_msg(fc_json_parse(arena, text, strlen(text), &value, &error) == FC_OK, "%s: %s",
                  error.text, text);
    return value;
}

const struct fc_json *json(const char *text)
{
    return json_as_is(quoted(text));
}

const struct fc_json *json_file(const char *path)
{
    struct fc_buffer b = fc_buffer_in(arena);
    FILE *file = fopen(path, "r");
    char part[4096];
    size_t n;

    ck_assert_msg(file != NULL, "%s", path);
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        fc_put_n(&b, part, n);
    ck_assert_int_eq(fclose(file), 0);
    return json_as_is(b.data);
}

/* Of a doubled name the last counts, so what is put in comes last. */
const struct fc_json *film(const char *members)
{
    return json(fc_printf(arena,
                          "{'title':'T','scenes':[{'id':'a','prompt':'x','duration':5},"
                          "{'id':'b','prompt':'y','duration':4.5}]%s%s}",
                          *members == '\0' ? "" : ",", members));
}

const struct fc_json *film_of_scene(const char *members)
{
    return json(fc_printf(arena,
                          "{'title':'T','scenes':[{'id':'a','prompt':'x','duration':5%s%s}]}",
                          *members == '\0' ? "" : ",", members));
}

static void tell_member(struct fc_buffer *b, const struct fc_json *problem, const char *name,
                        const char *label)
{
    const struct fc_json *value = fc_json_get(problem, name);

    if (value == NULL)
        return;
    fc_putf(b, " %s=", label);
    fc_put_compact(b, value);
}

const char *told(const struct fc_check *check, const char *which)
{
    struct fc_buffer result = fc_buffer_in(arena), b = fc_buffer_in(arena);
    const struct fc_json *list;

    fc_check_put_result(check, &result);
    list = fc_json_get(json_as_is(result.data), which);
    for (const struct fc_json *v = fc_json_first(list); v != NULL; v = fc_json_next(v)) {
        ck_assert_str_ne(fc_json_string(fc_json_get(v, "message")), "");
        fc_putf(&b, "%s%s %s", b.n == 0 ? "" : "\n", fc_json_string(fc_json_get(v, "path")),
                fc_json_string(fc_json_get(v, "code")));
        tell_member(&b, v, "value", "value");
        tell_member(&b, v, "valid_values", "valid");
        tell_member(&b, v, "limit", "limit");
    }
    return replaced(b.data, '"', '\'');
}

struct fc_check *checked(const struct fc_json *spec)
{
    struct fc_check *check = fc_check_new(arena);

    fc_check_spec(check, spec);
    return check;
}

int main(void)
{
    SRunner *runner = srunner_create(check_suite());
    int failed;

    srunner_add_suite(runner, warnings_suite());
    srunner_add_suite(runner, assets_suite());
    srunner_add_suite(runner, prices_suite());
    srunner_add_suite(runner, texts_suite());
    srunner_add_suite(runner, plan_suite());
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
