#include "json/json.h"

#include <assert.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "json/node.h"
#include "json/scan.h"

/* ---- cJSON, with its memory in the arena ---- */

static _Thread_local struct fc_arena *parse_arena; /* set while this thread is inside cJSON */
static locale_t c_locale;

static void *arena_malloc(size_t size)
{
    return fc_alloc(parse_arena, size);
}

static void arena_free(void *memory)
{
    (void)memory; /* goes with its arena */
}

static void set_up(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){arena_malloc, arena_free});
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* cJSON gives up on numbers that are longer than its buffer: it gets a text where they are 0. */
static const char *without_long_numbers(struct fc_arena *arena, const char *text, size_t n,
                                        const struct fc_json_marks *marks)
{
    char *copy = fc_copy_n(arena, text, n);

    for (size_t i = 0; i < marks->n; i++) {
        if (marks->list[i].is_long) {
            memset(copy + marks->list[i].at, ' ', marks->list[i].n);
            copy[marks->list[i].at] = '0';
        }
    }
    return copy;
}

static const cJSON *tree_make(struct fc_arena *arena, const char *text, size_t n,
                              const struct fc_json_marks *marks)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const cJSON *tree;

    (void)pthread_once(&once, set_up);
    if (marks->n_long > 0)
        text = without_long_numbers(arena, text, n, marks);
    parse_arena = arena;
    tree = cJSON_ParseWithLength(text, n);
    parse_arena = NULL;
    return tree;
}

/* ---- nodes: cJSON's values paired with their places in the text ---- */

struct pairing {
    struct fc_arena *arena;
    const char *text;
    const struct fc_json_mark *mark; /* of the next value */
    struct fc_json *node;            /* the next free one */
};

static enum fc_json_type type_of(const cJSON *item)
{
    switch (item->type & 0xFF) {
    case cJSON_False:
    case cJSON_True:
        return FC_JSON_BOOLEAN;
    case cJSON_Number:
        return FC_JSON_NUMBER;
    case cJSON_String:
        return FC_JSON_STRING;
    case cJSON_Array:
        return FC_JSON_ARRAY;
    case cJSON_Object:
        return FC_JSON_OBJECT;
    default:
        return FC_JSON_NULL;
    }
}

static struct fc_json *pair(struct pairing *p, cJSON *item)
{
    const struct fc_json_mark *mark = p->mark++;
    struct fc_json *node = p->node++, **link = &node->first;

    node->type = type_of(item);
    node->item = item;
    node->name = item->string;
    node->text = (struct fc_span){p->text + mark->at, mark->n};
    node->count = mark->count;
    if (mark->is_long) /* cJSON saw a 0 in its place */
        item->valuedouble = strtod_l(fc_copy_n(p->arena, node->text.at, node->text.n), NULL,
                                     c_locale);
    for (cJSON *child = item->child; child != NULL; child = child->next) {
        *link = pair(p, child);
        link = &(*link)->next;
    }
    if (node->type == FC_JSON_OBJECT)
        fc_json_index(p->arena, node);
    return node;
}

fc_status fc_json_parse(struct fc_arena *arena, const char *text, size_t n,
                        const struct fc_json **value, struct fc_error *error)
{
    struct pairing p = {.arena = arena, .text = text};
    struct fc_json_marks marks;
    const cJSON *tree;
    fc_status st = fc_json_scan(arena, text, n, &marks, error);

    if (st != FC_OK)
        return st;
    tree = tree_make(arena, text, n, &marks);
    if (tree == NULL)
        return fc_fail(error, FC_E_VALIDATION, "the JSON text could not be read");
    p.mark = marks.list;
    p.node = FC_NEW_ARRAY(arena, struct fc_json, marks.n);
    *value = pair(&p, (cJSON *)tree);
    assert(p.mark == marks.list + marks.n);
    return FC_OK;
}

/* ---- readers ---- */

enum fc_json_type fc_json_type(const struct fc_json *value)
{
    return value == NULL ? FC_JSON_NULL : value->type;
}

const char *fc_json_type_name(enum fc_json_type type)
{
    static const char *const names[] = {
        [FC_JSON_NULL] = "null",     [FC_JSON_BOOLEAN] = "boolean", [FC_JSON_NUMBER] = "number",
        [FC_JSON_STRING] = "string", [FC_JSON_ARRAY] = "array",     [FC_JSON_OBJECT] = "object"};

    return names[type];
}

bool fc_json_boolean(const struct fc_json *value)
{
    assert(fc_json_type(value) == FC_JSON_BOOLEAN);
    return cJSON_IsTrue(value->item);
}

double fc_json_number(const struct fc_json *value)
{
    assert(fc_json_type(value) == FC_JSON_NUMBER);
    return value->item->valuedouble;
}

const char *fc_json_string(const struct fc_json *value)
{
    assert(fc_json_type(value) == FC_JSON_STRING);
    return value->item->valuestring;
}

size_t fc_json_string_bytes(const struct fc_json *value)
{
    return strlen(fc_json_string(value));
}

size_t fc_json_string_length(const struct fc_json *value)
{
    const char *text = fc_json_string(value);

    return fc_utf8_length(text, strlen(text));
}

size_t fc_json_count(const struct fc_json *value)
{
    assert(fc_json_type(value) == FC_JSON_ARRAY || fc_json_type(value) == FC_JSON_OBJECT);
    return value->count;
}

const struct fc_json *fc_json_have(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = fc_json_get(object, name);

    return fc_json_type(value) == FC_JSON_NULL ? NULL : value;
}

const struct fc_json *fc_json_first(const struct fc_json *container)
{
    assert(fc_json_type(container) == FC_JSON_ARRAY || fc_json_type(container) == FC_JSON_OBJECT);
    return container->first;
}

const struct fc_json *fc_json_next(const struct fc_json *value)
{
    return value->next;
}

const char *fc_json_name(const struct fc_json *member)
{
    return member->name;
}

struct fc_span fc_json_text(const struct fc_json *value)
{
    return value->text;
}
