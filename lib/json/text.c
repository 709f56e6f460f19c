#include <assert.h>
#include <string.h>

#include "json/node.h"

/* Bytes that @text takes as a JSON string: what fc_put_json writes. */
static size_t string_size(const char *text)
{
    size_t size = 2;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c != '"' && c != '\\')
            size += 1;
        else if (c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && c != '\v'))
            size += 2;
        else
            size += 6;
    }
    return size;
}

static size_t container_size(const struct fc_json *container)
{
    size_t size = container->count > 1 ? container->count + 1 : 2; /* brackets and commas */

    for (const struct fc_json *v = container->first; v != NULL; v = v->next) {
        if (v->name != NULL)
            size += string_size(v->name) + 1;
        size += fc_json_compact_size(v);
    }
    return size;
}

size_t fc_json_compact_size(const struct fc_json *value)
{
    switch (fc_json_type(value)) {
    case FC_JSON_ARRAY:
    case FC_JSON_OBJECT:
        return container_size(value);
    case FC_JSON_STRING:
        return string_size(fc_json_string(value));
    default:
        return value == NULL ? strlen("null") : value->text.n;
    }
}

static void put_container(struct fc_buffer *b, const struct fc_json *container)
{
    bool is_object = container->type == FC_JSON_OBJECT;

    fc_put_char(b, is_object ? '{' : '[');
    for (const struct fc_json *v = container->first; v != NULL; v = v->next) {
        if (v != container->first)
            fc_put_char(b, ',');
        if (is_object) {
            fc_put_json(b, v->name);
            fc_put_char(b, ':');
        }
        fc_put_compact(b, v);
    }
    fc_put_char(b, is_object ? '}' : ']');
}

void fc_put_compact(struct fc_buffer *b, const struct fc_json *value)
{
    switch (fc_json_type(value)) {
    case FC_JSON_ARRAY:
    case FC_JSON_OBJECT:
        put_container(b, value);
        break;
    case FC_JSON_STRING:
        fc_put_json(b, fc_json_string(value));
        break;
    case FC_JSON_NULL:
        fc_put(b, "null");
        break;
    default:
        fc_put_n(b, value->text.at, value->text.n);
    }
}

/* The byte after the string that begins at @at. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

void fc_put_minified(struct fc_buffer *b, const char *text, size_t n)
{
    const char *end = text + n;

    for (const char *at = text, *next; at < end; at = next) {
        if (*at == '"') {
            next = string_end(at, end);
            fc_put_n(b, at, (size_t)(next - at));
            continue;
        }
        for (next = at; next < end && *next != '"' && *next > ' '; next++)
            ;
        fc_put_n(b, at, (size_t)(next - at));
        while (next < end && *next != '"' && *next <= ' ')
            next++;
    }
}
