/** Names of a storyboard's things (scenes, symbols, presets), looked up by halves. */
#ifndef FRAMECAST_STORYBOARD_NAMES_H
#define FRAMECAST_STORYBOARD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include <framecast/arena.h>
#include <framecast/text.h>

#include "json/json.h"

struct fc_name {
    const char *text;
    const struct fc_json *value; /* what has this name */
    size_t index;                /* its position among its like */
    bool is_used;
};

/** Sorted by text; of equal ones only the first by index. */
struct fc_names {
    size_t n;
    struct fc_name *list;
};

/** Members of @object, which may be of any type or absent: then there are none. */
struct fc_names fc_names_of_members(struct fc_arena *arena, const struct fc_json *object);
/** Elements of @array by their member `id`, those that have one; none when it is no array. */
struct fc_names fc_names_of_ids(struct fc_arena *arena, const struct fc_json *array);

/** NULL when there is none. */
struct fc_name *fc_names_find(const struct fc_names *names, struct fc_span text);
struct fc_name *fc_names_find_value(const struct fc_names *names, const struct fc_json *string);

/** The next `@name` in @text: moves *@text behind it and gives the name without its @, an empty
 * span when there is no further one. The longest run of A-Z a-z 0-9 _ counts. */
struct fc_span fc_mention_next(const char **text);
bool fc_mention_fits(const char *name); /* @name can express it */

#endif
