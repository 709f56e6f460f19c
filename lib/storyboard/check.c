#include "storyboard/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_CHARACTERS = 200 };

struct fc_check *fc_check_new(struct fc_arena *arena)
{
    struct fc_check *check = FC_NEW(arena, struct fc_check);

    check->arena = arena;
    check->path = fc_buffer_in(arena);
    check->assets_end = &check->assets;
    return check;
}

/* ---- paths ---- */

size_t fc_path_enter(struct fc_check *check, const char *name)
{
    size_t before = check->path.n;

    fc_put_path(&check->path, name, strlen(name));
    return before;
}

size_t fc_path_enter_index(struct fc_check *check, size_t index)
{
    size_t before = check->path.n;

    fc_put_char(&check->path, '[');
    fc_put_int(&check->path, (int64_t)index);
    fc_put_char(&check->path, ']');
    return before;
}

void fc_path_leave(struct fc_check *check, size_t before)
{
    check->path.n = before;
    check->path.data[before] = '\0';
}

/* ---- problems ---- */

static void problem_add(struct fc_check *check, struct fc_problems *problems,
                        struct fc_problem problem)
{
    if (problems->n == FC_PROBLEMS_MAX)
        return;
    if (problem.path == NULL)
        problem.path = check->path.n == 0 ? "$" : fc_copy(check->arena, check->path.data);
    problems->list[problems->n++] = problem;
}

void fc_check_error(struct fc_check *check, struct fc_problem problem)
{
    problem_add(check, &check->errors, problem);
}

void fc_check_warn(struct fc_check *check, struct fc_problem problem)
{
    problem_add(check, &check->warnings, problem);
}

bool fc_check_is_full(const struct fc_check *check)
{
    return check->errors.n == FC_PROBLEMS_MAX;
}

const char *fc_check_text(struct fc_check *check, const char *text, size_t n)
{
    struct fc_buffer b = fc_buffer_in(check->arena);

    fc_put_json_n(&b, text, fc_utf8_prefix(text, n, SHOWN_CHARACTERS));
    return b.data;
}

const char *fc_check_shown(struct fc_check *check, struct fc_span text)
{
    return fc_copy_n(check->arena, text.at, fc_utf8_prefix(text.at, text.n, SHOWN_CHARACTERS));
}

const char *fc_check_number(struct fc_check *check, double number)
{
    for (int digits = 6; digits < 17; digits++) {
        char text[32];

        (void)snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return fc_copy(check->arena, text);
    }
    return fc_printf(check->arena, "%.17g", number);
}

const char *fc_check_value(struct fc_check *check, const struct fc_json *value)
{
    struct fc_span text;

    switch (fc_json_type(value)) {
    case FC_JSON_ARRAY:
    case FC_JSON_OBJECT:
        return NULL;
    case FC_JSON_STRING:
        return fc_check_text(check, fc_json_string(value), fc_json_string_bytes(value));
    case FC_JSON_NULL:
        return "null";
    default:
        text = fc_json_text(value);
        return fc_copy_n(check->arena, text.at, text.n);
    }
}

/* ---- results ---- */

static void put_member(struct fc_buffer *b, const char *name, const char *json)
{
    if (json != NULL)
        fc_putf(b, ",\"%s\":%s", name, json);
}

static void put_problems(struct fc_buffer *b, const struct fc_problems *problems)
{
    fc_put_char(b, '[');
    for (size_t i = 0; i < problems->n; i++) {
        const struct fc_problem *p = &problems->list[i];

        fc_put(b, i == 0 ? "{\"path\":" : ",{\"path\":");
        fc_put_json(b, p->path);
        fc_putf(b, ",\"code\":\"%s\",\"message\":", p->code);
        fc_put_json(b, p->message);
        put_member(b, "value", p->value);
        put_member(b, "valid_values", p->valid_values);
        put_member(b, "limit", p->limit);
        fc_put_char(b, '}');
    }
    fc_put_char(b, ']');
}

bool fc_check_valid(const struct fc_check *check)
{
    if (check->errors.n > 0)
        return false;
    for (const struct fc_asset_mention *m = check->assets; m != NULL && !check->assets_done;
         m = m->next)
        if (!m->is_usable)
            return false;
    return true;
}

/* Readers want the errors complete; the step was left out when nothing was known to go by. */
static const struct fc_check *complete(const struct fc_check *check)
{
    struct fc_check *copy;

    if (check->assets_done)
        return check;
    copy = FC_NEW(check->arena, struct fc_check);
    *copy = *check;
    fc_check_assets(copy, NULL);
    return copy;
}

void fc_check_put_warnings(const struct fc_check *check, struct fc_buffer *b)
{
    put_problems(b, &check->warnings);
}

void fc_check_put_result(const struct fc_check *check, struct fc_buffer *b)
{
    const struct fc_check *all = complete(check);

    fc_putf(b, "{\"valid\":%s,\"errors\":", all->errors.n == 0 ? "true" : "false");
    put_problems(b, &all->errors);
    fc_put(b, ",\"warnings\":");
    put_problems(b, &all->warnings);
    fc_put_char(b, '}');
}

const char *fc_check_first(const struct fc_check *check, struct fc_arena *arena)
{
    const struct fc_check *all = complete(check);

    if (all->errors.n == 0)
        return "";
    return fc_printf(arena, "%s: %s", all->errors.list[0].path, all->errors.list[0].message);
}
