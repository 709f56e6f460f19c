/**
 * YAML storyboards become JSON text; from there on nobody knows the difference.
 *
 * Read is one document of YAML 1.2's core schema without its cleverness: no anchors, aliases, tags
 * or merge keys. Plain scalars are null, booleans, numbers or strings (so `yes`, `on` and dates are
 * strings). Numbers keep their spelling wherever JSON allows it, and their value everywhere.
 */
#ifndef FRAMECAST_YAML_H
#define FRAMECAST_YAML_H

#include <stddef.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/text.h>

enum {
    FC_YAML_BYTES_MAX = 5 * 1024 * 1024,
    FC_YAML_DEPTH_MAX = 32,
    FC_YAML_VALUES_MAX = 250000 /* what comes out is read as JSON, which takes no more */
};

/** Which line of the document holds what; lives in the arena. */
struct fc_yaml_lines;

/**
 * Converts @n bytes of UTF-8 @text, appending JSON to @json. Of doubled keys all stay, in order.
 *
 * @lines, when not NULL, gets the lines of all values.
 *
 * FC_E_VALIDATION  no YAML, or beyond the subset; @error says "line N: …"
 */
fc_status fc_yaml_to_json(struct fc_arena *arena, const char *text, size_t n,
                          struct fc_buffer *json, struct fc_yaml_lines **lines,
                          struct fc_error *error);

/** The line (from 1) of the value at @path ("scenes[1].duration", "$"), or of the nearest value
 * around it. */
size_t fc_yaml_line_of(const struct fc_yaml_lines *lines, const char *path);

#endif
