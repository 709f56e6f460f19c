/** The strict first pass over JSON text: what cJSON would let through is refused here. */
#ifndef FRAMECAST_JSON_SCAN_H
#define FRAMECAST_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>

/** Where one value stands in the text. Marks are in the order in which their values begin, which is
 * the order of a walk that visits parents first: cJSON's tree, walked so, meets them one by one. */
struct fc_json_mark {
    uint32_t at, n; /* bytes */
    uint32_t count; /* elements or members, duplicates included */
    bool is_long;   /* a number of more characters than cJSON reads */
};

struct fc_json_marks {
    struct fc_json_mark *list;
    size_t n, room;
    size_t n_long; /* marks that are long */
};

/** Finds every value of @text. FC_E_VALIDATION as fc_json_parse says. */
fc_status fc_json_scan(struct fc_arena *arena, const char *text, size_t n,
                       struct fc_json_marks *marks, struct fc_error *error);

#endif
