/* Any bytes: what is read can be written and read again, and rewriting harms nothing. */
#include <assert.h>
#include <string.h>

#include "json/json.h"

static bool leave(void *context, const char *string, struct fc_buffer *b)
{
    (void)context;
    (void)string;
    (void)b;
    return false;
}

static bool replace(void *context, const char *string, struct fc_buffer *b)
{
    (void)context;
    fc_put_json(b, string);
    return true;
}

static void rewrite(struct fc_arena *arena, const char *text, size_t n, bool is_json)
{
    static const char *const paths[] = {"a", "a.b",   "[]",          "a[].b",
                                        "*", "*.*[]", "s.*.i[].url", NULL};
    const struct fc_json_paths *places = fc_json_paths_read(arena, paths);
    struct fc_buffer left = fc_buffer_in(arena), replaced = fc_buffer_in(arena);
    const struct fc_json *value;

    fc_put_rewritten(&left, text, n, places, leave, NULL);
    assert(left.n == n && (n == 0 || memcmp(left.data, text, n) == 0));
    fc_put_rewritten(&replaced, text, n, places, replace, NULL);
    assert(!is_json || fc_json_parse(arena, replaced.data, replaced.n, &value, NULL) == FC_OK);
}

static void read_all(const struct fc_json *value)
{
    int64_t whole;

    switch (fc_json_type(value)) {
    case FC_JSON_NUMBER:
        (void)fc_json_int(value, &whole);
        (void)fc_json_scaled(value, 3, &whole);
        break;
    case FC_JSON_ARRAY:
    case FC_JSON_OBJECT:
        for (const struct fc_json *v = fc_json_first(value); v != NULL; v = fc_json_next(v)) {
            assert(fc_json_name(v) == NULL || fc_json_get(value, fc_json_name(v)) == v);
            read_all(v);
        }
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer compact = fc_buffer_in(arena), again = fc_buffer_in(arena);
    struct fc_buffer minified = fc_buffer_in(arena);
    const char *text = (const char *)data;
    const struct fc_json *value = NULL;
    struct fc_error error;
    fc_status st = fc_json_parse(arena, text, n, &value, &error);

    rewrite(arena, text, n, st == FC_OK);
    if (st != FC_OK)
        return 0;
    read_all(value);
    fc_put_compact(&compact, value);
    assert(compact.n == fc_json_compact_size(value));
    fc_put_minified(&minified, text, n);
    st = fc_json_parse(arena, minified.data, minified.n, &value, &error);
    assert(st == FC_OK);
    fc_put_compact(&again, value);
    assert(strcmp(compact.data, again.data) == 0);
    return 0;
}
