#include "http/shape.h"

#include <assert.h>
#include <string.h>

#include <framecast/text.h>

static bool range_holds(const struct fc_field *field, int64_t n)
{
    return (field->min == 0 && field->max == 0) || (n >= field->min && n <= field->max);
}

/* A text's length and form; the message names the member, never repeats what a stranger sent. */
static fc_status check_text(const struct fc_field *field, const char *text, struct fc_error *error)
{
    size_t n = fc_utf8_length(text, strlen(text));

    if (!range_holds(field, (int64_t)n))
        return fc_fail(error, FC_E_VALIDATION, "'%s' must have %lld to %lld characters",
                       field->name, (long long)field->min, (long long)field->max);
    if (field->check != NULL && !field->check(text))
        return fc_fail(error, FC_E_VALIDATION, "'%s' must be %s", field->name, field->expected);
    return FC_OK;
}

static fc_status check_int(const struct fc_field *field, int64_t value, struct fc_error *error)
{
    if (range_holds(field, value))
        return FC_OK;
    return fc_fail(error, FC_E_VALIDATION, "'%s' must be between %lld and %lld", field->name,
                   (long long)field->min, (long long)field->max);
}

static fc_status wrong_type(const struct fc_field *field, const char *wanted,
                            struct fc_error *error)
{
    return fc_fail(error, FC_E_VALIDATION, "'%s' must be %s", field->name, wanted);
}

static fc_status read_text(const struct fc_field *field, const struct fc_json *value,
                           const char **out, struct fc_error *error)
{
    if (fc_json_type(value) != FC_JSON_STRING)
        return wrong_type(field, "a string", error);
    *out = fc_json_string(value);
    return check_text(field, *out, error);
}

static fc_status read_texts(struct fc_arena *arena, const struct fc_field *field,
                            const struct fc_json *value, struct fc_texts *out,
                            struct fc_error *error)
{
    if (fc_json_type(value) != FC_JSON_ARRAY)
        return wrong_type(field, "an array of strings", error);
    if (!range_holds(field, (int64_t)fc_json_count(value)))
        return fc_fail(error, FC_E_VALIDATION, "'%s' must have %lld to %lld elements", field->name,
                       (long long)field->min, (long long)field->max);
    out->is_given = true;
    out->at = FC_NEW_ARRAY(arena, const char *, fc_json_count(value));
    for (const struct fc_json *v = fc_json_first(value); v != NULL; v = fc_json_next(v)) {
        if (fc_json_type(v) != FC_JSON_STRING)
            return wrong_type(field, "an array of strings", error);
        out->at[out->n++] = fc_json_string(v);
    }
    return FC_OK;
}

static fc_status read_int(const struct fc_field *field, const struct fc_json *value,
                          struct fc_opt_int *out, struct fc_error *error)
{
    if (fc_json_type(value) != FC_JSON_NUMBER || !fc_json_int(value, &out->value))
        return wrong_type(field, "an integer", error);
    out->is_given = true;
    return check_int(field, out->value, error);
}

static fc_status read_member(struct fc_arena *arena, const struct fc_field *field,
                             const struct fc_json *value, char *at, struct fc_error *error)
{
    struct fc_patch_text *patch = (struct fc_patch_text *)(void *)at;

    switch (field->type) {
    case FC_T_TEXT:
        return read_text(field, value, (const char **)(void *)at, error);
    case FC_T_PATCH_TEXT:
        patch->is_given = true;
        return read_text(field, value, &patch->value, error);
    case FC_T_INT:
        return read_int(field, value, (struct fc_opt_int *)(void *)at, error);
    case FC_T_TEXTS:
        return read_texts(arena, field, value, (struct fc_texts *)(void *)at, error);
    case FC_T_JSON:
        if (field->is_object && fc_json_type(value) != FC_JSON_OBJECT)
            return wrong_type(field, "an object", error);
        memcpy(at, &value, sizeof value);
        return FC_OK;
    default:
        assert(false && "a field without type");
        return FC_E_INTERNAL;
    }
}

fc_status fc_shape_read_json(struct fc_arena *arena, const struct fc_shape *shape,
                             const struct fc_json *object, void **out, struct fc_error *error)
{
    char *made = fc_alloc(arena, shape->size);

    for (const struct fc_field *field = shape->fields; field->name != NULL; field++) {
        const struct fc_json *value = fc_json_get(object, field->name);
        fc_status st;

        if (fc_json_type(value) == FC_JSON_NULL) {
            if (field->required || (field->not_null && value != NULL))
                return fc_fail(error, FC_E_VALIDATION, "'%s' is required", field->name);
            if (field->type == FC_T_PATCH_TEXT && value != NULL)
                ((struct fc_patch_text *)(void *)(made + field->offset))->is_given = true;
            continue;
        }
        st = read_member(arena, field, value, made + field->offset, error);
        if (st != FC_OK)
            return st;
    }
    *out = made;
    return FC_OK;
}

/* ---- from a query string ---- */

static void add_words(struct fc_arena *arena, struct fc_texts *list, char *words)
{
    const char **grown;
    char *word, *rest = words;
    size_t n = 1;

    for (const char *at = words; *at != '\0'; at++)
        n += *at == ',';
    grown = FC_NEW_ARRAY(arena, const char *, list->n + n);
    if (list->n > 0)
        memcpy(grown, list->at, list->n * sizeof *grown);
    list->at = grown;
    list->is_given = true;
    while ((word = strsep(&rest, ",")) != NULL)
        list->at[list->n++] = word;
}

/* An integer too large for 64 bits is an integer still: it counts as the largest there is. */
static bool read_number(const char *word, int64_t *value)
{
    const char *digits = word + (*word == '-' || *word == '+');

    if (fc_int_parse(word, value))
        return true;
    *value = *word == '-' ? INT64_MIN : INT64_MAX;
    return *digits != '\0' && digits[strspn(digits, "0123456789")] == '\0';
}

static fc_status read_word(struct fc_arena *arena, const struct fc_field *field, char *word,
                           char *at, struct fc_error *error)
{
    struct fc_opt_int *number = (struct fc_opt_int *)(void *)at;

    switch (field->type) {
    case FC_T_INT:
        if (!read_number(word, &number->value))
            return wrong_type(field, "an integer", error);
        number->is_given = true;
        return check_int(field, number->value, error);
    case FC_T_TEXTS:
        add_words(arena, (struct fc_texts *)(void *)at, word);
        return FC_OK;
    case FC_T_TEXT:
        memcpy(at, &word, sizeof word);
        return check_text(field, word, error);
    case FC_T_PATCH_TEXT:
    case FC_T_JSON:
    default:
        assert(false && "this type does not occur in a query");
        return FC_E_INTERNAL;
    }
}

static void plus_to_space(char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '+')
            *text = ' ';
}

static const struct fc_field *field_by_name(const struct fc_shape *shape, const char *name)
{
    for (const struct fc_field *field = shape->fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

fc_status fc_shape_read_query(struct fc_arena *arena, const struct fc_shape *shape,
                              const char *query, void **out, struct fc_error *error)
{
    char *made = fc_alloc(arena, shape->size), *rest = fc_copy(arena, query), *pair;

    *out = made;
    while ((pair = strsep(&rest, "&")) != NULL) {
        char *name = strsep(&pair, "="), *value = pair != NULL ? pair : name + strlen(name);
        const struct fc_field *field;
        size_t n;
        fc_status st;

        plus_to_space(name);
        plus_to_space(value);
        if (!fc_url_decode(name, &n) || (field = field_by_name(shape, name)) == NULL)
            continue; /* unknown parameters are ignored, however they are written */
        if (!fc_url_decode(value, &n) || !fc_utf8_ok(value, n))
            return fc_fail(error, FC_E_VALIDATION, "the value of '%s' is not percent-encoded UTF-8",
                           field->name);
        st = read_word(arena, field, value, made + field->offset, error);
        if (st != FC_OK)
            return st;
    }
    return FC_OK;
}
