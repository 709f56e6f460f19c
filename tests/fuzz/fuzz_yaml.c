/* Any bytes: what YAML gives is JSON, every place has a line of the document, and as a storyboard
 * it can be checked. */
#include <assert.h>

#include "storyboard/storyboard.h"
#include "yaml/yaml.h"
#include "json/json.h"

static void check(struct fc_arena *arena, const struct fc_json *spec)
{
    struct fc_check *made = fc_check_new(arena);
    struct fc_buffer result = fc_buffer_in(arena);
    const struct fc_json *value;

    fc_check_spec(made, spec);
    fc_check_put_result(made, &result);
    assert(fc_json_parse(arena, result.data, result.n, &value, NULL) == FC_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer json = fc_buffer_in(arena);
    struct fc_yaml_lines *lines;
    const struct fc_json *value;
    struct fc_error error;
    size_t line;

    if (fc_yaml_to_json(arena, (const char *)data, n, &json, &lines, &error) != FC_OK) {
        assert(fc_text_starts(error.text, "line "));
        return 0;
    }
    assert(fc_json_parse(arena, json.data, json.n, &value, &error) == FC_OK);
    check(arena, value);
    line = fc_yaml_line_of(lines, "scenes[0].a[\"b c\"]");
    assert(line >= 1 && line <= n + 1);
    return 0;
}
