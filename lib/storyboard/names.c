#include "storyboard/names.h"

#include <stdlib.h>
#include <string.h>

static int compare(const char *name, struct fc_span text)
{
    int order = strncmp(name, text.at, text.n);

    return order != 0 ? order : name[text.n] != '\0';
}

static int by_text(const void *a, const void *b)
{
    const struct fc_name *left = a, *right = b;
    int order = strcmp(left->text, right->text);

    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static void sort(struct fc_names *names)
{
    size_t kept = 0;

    qsort(names->list, names->n, sizeof *names->list, by_text);
    for (size_t i = 0; i < names->n; i++)
        if (kept == 0 || strcmp(names->list[kept - 1].text, names->list[i].text) != 0)
            names->list[kept++] = names->list[i];
    names->n = kept;
}

struct fc_names fc_names_of_members(struct fc_arena *arena, const struct fc_json *object)
{
    struct fc_names names = {0};

    if (fc_json_type(object) != FC_JSON_OBJECT)
        return names;
    names.list = FC_NEW_ARRAY(arena, struct fc_name, fc_json_count(object));
    for (const struct fc_json *v = fc_json_first(object); v != NULL; v = fc_json_next(v)) {
        names.list[names.n] = (struct fc_name){
            .text = fc_json_name(v), .value = v, .index = names.n};
        names.n++;
    }
    sort(&names);
    return names;
}

struct fc_names fc_names_of_ids(struct fc_arena *arena, const struct fc_json *array)
{
    struct fc_names names = {0};
    size_t index = 0;

    if (fc_json_type(array) != FC_JSON_ARRAY)
        return names;
    names.list = FC_NEW_ARRAY(arena, struct fc_name, fc_json_count(array));
    for (const struct fc_json *v = fc_json_first(array); v != NULL; v = fc_json_next(v), index++) {
        const struct fc_json *id = fc_json_type(v) == FC_JSON_OBJECT ? fc_json_get(v, "id") : NULL;

        if (fc_json_type(id) == FC_JSON_STRING)
            names.list[names.n++] = (struct fc_name){
                .text = fc_json_string(id), .value = v, .index = index};
    }
    sort(&names);
    return names;
}

struct fc_name *fc_names_find(const struct fc_names *names, struct fc_span text)
{
    size_t low = 0, high = names->n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(names->list[middle].text, text);

        if (order == 0)
            return &names->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct fc_name *fc_names_find_value(const struct fc_names *names, const struct fc_json *string)
{
    if (fc_json_type(string) != FC_JSON_STRING)
        return NULL;
    return fc_names_find(names, fc_span_of(fc_json_string(string)));
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t mention_length(const char *at)
{
    size_t n = 0;

    while (is_word(at[n]))
        n++;
    return n;
}

struct fc_span fc_mention_next(const char **text)
{
    const char *at = *text;

    while ((at = strchr(at, '@')) != NULL) {
        size_t n = mention_length(++at);

        if (n > 0) {
            *text = at + n;
            return (struct fc_span){at, n};
        }
    }
    return (struct fc_span){NULL, 0};
}

bool fc_mention_fits(const char *name)
{
    return *name != '\0' && name[mention_length(name)] == '\0';
}
