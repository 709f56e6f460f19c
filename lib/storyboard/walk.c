/* The one engine that holds a storyboard against the rows of rules.c, in the order of the rows. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "storyboard/check.h"

static void check_value(struct fc_check *check, const struct fc_rule *rule,
                        const struct fc_json *value);

/* ---- types ---- */

static const struct {
    unsigned types; /* 1 << each type that fits */
    const char *message, *names;
} kinds[] = {
    [FC_RULE_TEXT] = {1U << FC_JSON_STRING, "Must be a string", "[\"string\"]"},
    [FC_RULE_NUMBER] = {1U << FC_JSON_NUMBER, "Must be a number", "[\"number\"]"},
    [FC_RULE_BOOLEAN] = {1U << FC_JSON_BOOLEAN, "Must be true or false", "[\"boolean\"]"},
    [FC_RULE_OBJECT] = {1U << FC_JSON_OBJECT, "Must be an object", "[\"object\"]"},
    [FC_RULE_OBJECT_OR_NAME] = {1U << FC_JSON_STRING | 1U << FC_JSON_OBJECT,
                                "Must be a string or an object", "[\"string\",\"object\"]"},
    [FC_RULE_FREE_OBJECT] = {1U << FC_JSON_OBJECT, "Must be an object", "[\"object\"]"},
    [FC_RULE_LIST] = {1U << FC_JSON_ARRAY, "Must be an array", "[\"array\"]"},
    [FC_RULE_MAP] = {1U << FC_JSON_OBJECT, "Must be an object", "[\"object\"]"},
    [FC_RULE_ANYTHING] = {~0U, "", "[]"},
};

static bool has_right_type(struct fc_check *check, const struct fc_rule *rule,
                           const struct fc_json *value)
{
    if ((kinds[rule->kind].types >> fc_json_type(value) & 1U) != 0)
        return true;
    fc_check_error(check, (struct fc_problem){.code = "wrong_type",
                                              .message = kinds[rule->kind].message,
                                              .value = fc_check_value(check, value),
                                              .valid_values = kinds[rule->kind].names});
    return false;
}

/* ---- scalars ---- */

static void empty(struct fc_check *check, const char *value)
{
    fc_check_error(
        check, (struct fc_problem){
                   .code = "empty", .message = "Must not be empty", .value = value, .limit = "1"});
}

static void check_in_list(struct fc_check *check, const struct fc_rule *rule,
                          const struct fc_json *value)
{
    struct fc_buffer names = fc_buffer_in(check->arena);
    const char *text = fc_json_string(value);

    for (size_t i = 0; rule->values[i] != NULL; i++) {
        if (strcmp(rule->values[i], text) == 0)
            return;
        fc_put_char(&names, i == 0 ? '[' : ',');
        fc_put_json(&names, rule->values[i]);
    }
    fc_put_char(&names, ']');
    fc_check_error(check, (struct fc_problem){
                              .code = "invalid_value",
                              .message = fc_printf(check->arena, "Unknown %s '%s'", rule->things,
                                                   fc_check_shown(check, fc_span_of(text))),
                              .value = fc_check_value(check, value),
                              .valid_values = names.data});
}

static void check_text(struct fc_check *check, const struct fc_rule *rule,
                       const struct fc_json *value)
{
    const char *text = fc_json_string(value);
    size_t bytes = strlen(text), length;

    if (rule->min > 0 && (bytes == 0 || (rule->not_blank && fc_is_blank(text, bytes))))
        empty(check, fc_check_text(check, text, bytes));
    if (rule->max > 0 && (double)bytes > rule->max) {
        length = fc_utf8_length(text, bytes);
        if ((double)length > rule->max)
            fc_check_error(check, (struct fc_problem){
                                      .code = "too_long",
                                      .message = fc_printf(check->arena,
                                                           "Longer than %g characters", rule->max),
                                      .value = fc_printf(check->arena, "%zu", length),
                                      .limit = fc_check_number(check, rule->max)});
    }
    if (rule->values != NULL)
        check_in_list(check, rule, value);
}

static void out_of_range(struct fc_check *check, const struct fc_rule *rule,
                         const struct fc_json *value, double bound)
{
    const char *message;

    if (isfinite(rule->min) && isfinite(rule->max))
        message = fc_printf(check->arena, "Must be between %g and %g", rule->min, rule->max);
    else if (isfinite(bound))
        message = fc_printf(check->arena, "Must be at least %g", bound);
    else
        message = "Is too large a number";
    if (!isfinite(bound))
        bound = bound < 0 ? -DBL_MAX : DBL_MAX;
    fc_check_error(check, (struct fc_problem){.code = "out_of_range",
                                              .message = message,
                                              .value = fc_check_value(check, value),
                                              .limit = fc_check_number(check, bound)});
}

static void check_number(struct fc_check *check, const struct fc_rule *rule,
                         const struct fc_json *value)
{
    double number = fc_json_number(value);

    if (number < rule->min || (isinf(number) && number < 0))
        out_of_range(check, rule, value, rule->min);
    else if (number > rule->max || isinf(number))
        out_of_range(check, rule, value, rule->max);
}

/* ---- lists and maps ---- */

static void check_count(struct fc_check *check, const struct fc_rule *rule,
                        const struct fc_json *value)
{
    size_t n = fc_json_count(value);

    if ((double)n < rule->min)
        empty(check, "0");
    if (rule->max > 0 && (double)n > rule->max)
        fc_check_error(check,
                       (struct fc_problem){.code = "too_many",
                                           .message = fc_printf(check->arena, "More than %g %s",
                                                                rule->max, rule->things),
                                           .value = fc_printf(check->arena, "%zu", n),
                                           .limit = fc_check_number(check, rule->max)});
}

static void check_entries(struct fc_check *check, const struct fc_rule *rule,
                          const struct fc_json *value)
{
    size_t index = 0;

    for (const struct fc_json *v = fc_json_first(value); v != NULL; v = fc_json_next(v)) {
        size_t before = rule->kind == FC_RULE_MAP ? fc_path_enter(check, fc_json_name(v))
                                                  : fc_path_enter_index(check, index++);

        if (rule->inside->key != NULL)
            rule->inside->key(check, v);
        check_value(check, rule->inside, v);
        fc_path_leave(check, before);
    }
}

/* ---- objects ---- */

static bool is_field(const struct fc_rule *fields, const char *name)
{
    for (; fields->name != NULL; fields++)
        if (strcmp(fields->name, name) == 0)
            return true;
    return false;
}

static void warn_of_unknown(struct fc_check *check, const struct fc_rule *fields,
                            const struct fc_json *object)
{
    for (const struct fc_json *v = fc_json_first(object); v != NULL; v = fc_json_next(v)) {
        size_t before;

        if (is_field(fields, fc_json_name(v)) || check->warnings.n == FC_PROBLEMS_MAX)
            continue;
        before = fc_path_enter(check, fc_json_name(v));
        fc_check_warn(check, (struct fc_problem){.code = "unknown_field",
                                                 .message = "Unknown field, it is ignored"});
        fc_path_leave(check, before);
    }
}

void fc_check_fields(struct fc_check *check, const struct fc_rule *fields,
                     const struct fc_json *object)
{
    size_t n_known = 0;

    for (const struct fc_rule *field = fields; field->name != NULL; field++) {
        const struct fc_json *value = fc_json_get(object, field->name);
        size_t before;

        n_known += value != NULL;
        if (fc_json_type(value) == FC_JSON_NULL && (!field->is_required || fc_check_is_full(check)))
            continue;
        before = fc_path_enter(check, field->name);
        if (fc_json_type(value) != FC_JSON_NULL)
            check_value(check, field, value);
        else
            fc_check_error(check, (struct fc_problem){.code = "required",
                                                      .message = fc_printf(check->arena,
                                                                           "Field '%s' is required",
                                                                           field->name),
                                                      .value = "null"});
        fc_path_leave(check, before);
    }
    if (n_known < fc_json_count(object))
        warn_of_unknown(check, fields, object);
}

static void check_value(struct fc_check *check, const struct fc_rule *rule,
                        const struct fc_json *value)
{
    if (!has_right_type(check, rule, value))
        return;
    if (rule->kind == FC_RULE_TEXT)
        check_text(check, rule, value);
    else if (rule->kind == FC_RULE_NUMBER)
        check_number(check, rule, value);
    else if (rule->kind == FC_RULE_LIST || rule->kind == FC_RULE_MAP)
        check_count(check, rule, value);
    if (rule->also != NULL)
        rule->also(check, value);
    if (rule->kind == FC_RULE_LIST || rule->kind == FC_RULE_MAP)
        check_entries(check, rule, value);
    else if (rule->inside != NULL && fc_json_type(value) == FC_JSON_OBJECT)
        fc_check_fields(check, rule->inside, value);
}

/* ---- the document ---- */

static void use(void *nothing, struct fc_name *name)
{
    (void)nothing;
    name->is_used = true;
}

/* Marks the symbols that @scene mentions or lets speak. */
static void use_symbols(struct fc_check *check, const struct fc_json *scene)
{
    const struct fc_json *prompt = fc_json_get(scene, "prompt"),
                         *lines = fc_json_get(scene, "audio");
    struct fc_name *symbol;

    if (fc_json_type(prompt) == FC_JSON_STRING) {
        const char *text = fc_json_string(prompt);
        struct fc_span name;

        while (name = fc_mention_next(&text), name.n > 0)
            if ((symbol = fc_names_find(&check->symbols, name)) != NULL)
                symbol->is_used = true;
    }
    lines = fc_json_type(lines) == FC_JSON_OBJECT ? fc_json_get(lines, "dialogue") : NULL;
    if (fc_json_type(lines) != FC_JSON_ARRAY)
        return;
    for (const struct fc_json *v = fc_json_first(lines); v != NULL; v = fc_json_next(v)) {
        symbol = fc_json_type(v) == FC_JSON_OBJECT
                     ? fc_names_find_value(&check->symbols, fc_json_get(v, "speaker"))
                     : NULL;
        if (symbol != NULL)
            symbol->is_used = true;
    }
}

/* What the references lead to, before the first of them is met. */
static void survey(struct fc_check *check, const struct fc_json *spec)
{
    const struct fc_json *scenes = fc_json_get(spec, "scenes");

    check->symbols = fc_names_of_members(check->arena, fc_json_get(spec, "symbols"));
    check->presets = fc_names_of_members(check->arena, fc_json_get(spec, "transition_presets"));
    check->scenes = fc_names_of_ids(check->arena, scenes);
    check->timeline = fc_timeline_of(spec);
    fc_timeline_visit(check->timeline, &check->scenes, use, NULL);
    if (fc_json_type(scenes) != FC_JSON_ARRAY)
        return;
    check->all_scenes = scenes;
    for (const struct fc_json *v = fc_json_first(scenes); v != NULL; v = fc_json_next(v))
        if (fc_json_type(v) == FC_JSON_OBJECT)
            use_symbols(check, v);
}

void fc_check_spec(struct fc_check *check, const struct fc_json *spec)
{
    static const struct fc_rule document = {.name = "storyboard", .kind = FC_RULE_OBJECT};
    size_t bytes;

    if (fc_json_type(spec) == FC_JSON_NULL) {
        fc_check_error(check, (struct fc_problem){.code = "required",
                                                  .message = "A storyboard is required",
                                                  .value = "null"});
        return;
    }
    if (!has_right_type(check, &document, spec))
        return;
    bytes = fc_json_text(spec).n; /* never less than compact, and most often little enough */
    if (bytes > FC_SPEC_BYTES_MAX)
        bytes = fc_json_compact_size(spec);
    if (bytes > FC_SPEC_BYTES_MAX) {
        fc_check_error(check, (struct fc_problem){.code = "too_large",
                                                  .message = "Storyboard is larger than 100 KB",
                                                  .value = fc_printf(check->arena, "%zu", bytes),
                                                  .limit = "102400"});
        return;
    }
    survey(check, spec);
    fc_check_fields(check, fc_rule_root, spec);
}
