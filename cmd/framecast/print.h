/** What goes to stdout: JSON lines for programs, columns and figures for people. */
#ifndef FRAMECAST_PRINT_H
#define FRAMECAST_PRINT_H

#include "client.h"

#include "json/json.h"

void print_json(const struct fc_json *json); /* compact, on one line */

/** A figure for people: "1.2 MB", "0:42", "1:02:03"; in @arena. */
const char *text_of_bytes(struct fc_arena *arena, double bytes);
const char *text_of_seconds(struct fc_arena *arena, double seconds);

/** "2025-01-30 12:34" of a timestamp, in UTC. */
const char *text_of_timestamp(struct fc_arena *arena, const char *timestamp);

#endif
