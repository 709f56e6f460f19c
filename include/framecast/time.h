/** Points in time, UTC, in microseconds since 1970, and their RFC 3339 texts. */
#ifndef FRAMECAST_TIME_H
#define FRAMECAST_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>

struct fc_time {
    int64_t us; /* microseconds since 1970-01-01T00:00:00Z */
};

enum { FC_TIME_TEXT_SIZE = sizeof "2025-01-30T12:34:56.123456Z" };

struct fc_time fc_time_now(void); /* the wall clock */
int64_t fc_monotonic_us(void);    /* for spans; never jumps */
void fc_time_format(struct fc_time time,
                    char out[static FC_TIME_TEXT_SIZE]); /* six fraction digits and Z */

/**
 * RFC 3339 with Z or a numeric offset, fraction optional (beyond microseconds it is cut); years
 * 0001..9999, also in UTC: what an offset carries beyond them is their first or last microsecond.
 */
bool fc_time_parse(const char *text, struct fc_time *time);

/** A text that fc_time_parse reads, in UTC: the database knows no offsets beyond 16 hours. NULL for
 * NULL. */
const char *fc_time_utc(struct fc_arena *arena, const char *text);

#endif
