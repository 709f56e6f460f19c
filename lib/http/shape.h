/**
 * What a body or a query string must hold, as a table: member by member into a struct.
 *
 *     struct create_body { const char *name; struct fc_texts scopes; };
 *     static const struct fc_field create_fields[] = {
 *         FC_FIELD(struct create_body, name, .required = true, .min = 1, .max = 100),
 *         FC_FIELD(struct create_body, scopes, .max = 32), {0}};
 *     static const struct fc_shape create_shape = FC_SHAPE(struct create_body, create_fields);
 *
 * The type of a field is that of the struct's member, so table and struct cannot disagree. Members
 * that the table does not name are ignored; null counts as absent (struct fc_patch_text keeps the
 * difference).
 */
#ifndef FRAMECAST_HTTP_SHAPE_H
#define FRAMECAST_HTTP_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>

#include "json/json.h"

/** An integer that may be absent. */
struct fc_opt_int {
    bool is_given;
    int64_t value;
};

/** A text of a PATCH: absent (not given), null (given, NULL: clears), or a text. */
struct fc_patch_text {
    bool is_given;
    const char *value;
};

struct fc_texts {
    bool is_given;
    const char **at;
    size_t n;
};

enum fc_field_type { FC_T_TEXT = 1, FC_T_PATCH_TEXT, FC_T_INT, FC_T_TEXTS, FC_T_JSON };

struct fc_field {
    const char *name;
    size_t offset;
    enum fc_field_type type;
    bool required;
    bool not_null;  /* an explicit null is refused */
    bool is_object; /* of FC_T_JSON: nothing but an object */
    int64_t min,
        max; /* texts: characters; integers: the range; lists: elements; both 0: unbounded */
    bool (*check)(const char *text); /* of texts, after the length */
    const char *
        /* what check wants, for the message: "a URL that begins with http:// or https://" */
        expected;
};

struct fc_shape {
    const struct fc_field *fields; /* closed by a row without name */
    size_t size;                   /* of the struct */
};

#define FC_FIELD_TYPE(of)                                                                          \
    _Generic((of), const char *: FC_T_TEXT, struct fc_patch_text: FC_T_PATCH_TEXT,                 \
             struct fc_opt_int: FC_T_INT, struct fc_texts: FC_T_TEXTS,                 \
             const struct fc_json *: FC_T_JSON)
#define FC_FIELD_AS(of, member, called, ...)                                                       \
    {                                                                                              \
        .name = (called), .offset = offsetof(of, member),                                          \
        .type = FC_FIELD_TYPE(((of *)NULL)->member), __VA_ARGS__                                   \
    }
#define FC_FIELD(of, member, ...) FC_FIELD_AS(of, member, #member, __VA_ARGS__)
#define FC_SHAPE(of, table)                                                                        \
    {                                                                                              \
        .fields = (table), .size = sizeof(of)                                                      \
    }

/** Fills a new struct from a JSON object; FC_E_VALIDATION with a sentence that names the member. */
fc_status fc_shape_read_json(struct fc_arena *arena, const struct fc_shape *shape,
                             const struct fc_json *object, void **out, struct fc_error *error);

/**
 * The same from a query string ("a=1&b=%20"): an integer is read from its text, a list from
 * repeated and comma-separated values.
 */
fc_status fc_shape_read_query(struct fc_arena *arena, const struct fc_shape *shape,
                              const char *query, void **out, struct fc_error *error);

#endif
