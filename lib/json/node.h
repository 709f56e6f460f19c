/** What struct fc_json is inside lib/json. */
#ifndef FRAMECAST_JSON_NODE_H
#define FRAMECAST_JSON_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/text.h>

#include "json/json.h"

struct cJSON;
struct fc_json_slot;

/** A value of cJSON's tree, the span of text that it was read from, and what cJSON does not do:
 * one member per name, and look-up in wide objects without walking them. */
struct fc_json {
    const struct cJSON *item;
    const char *name; /* of a member */
    struct fc_span text;
    struct fc_json *first, *next;
    struct fc_json_slot *slots; /* index.c's, of a wide object; else NULL */
    size_t n_slots;
    uint32_t count;
    enum fc_json_type type;
    bool is_replaced; /* a later member has the same name */
};

/** Takes out the members of @object, whose list is complete, that a later one of the same name
 * replaces, and prepares fc_json_get. In time linear in the bytes of the names. */
void fc_json_index(struct fc_arena *arena, struct fc_json *object);

#endif
