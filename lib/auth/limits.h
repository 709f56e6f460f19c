/**
 * Requests a minute: fixed windows of 60 seconds in process memory, counted atomically; any thread.
 */
#ifndef FRAMECAST_AUTH_LIMITS_H
#define FRAMECAST_AUTH_LIMITS_H

#include <stdint.h>

struct fc_limits;

struct fc_window {
    int64_t count;        /* requests in it, this one included */
    int64_t ends_unix;    /* seconds since 1970 */
    int64_t left_seconds; /* at least 1 */
    int64_t ends_us;      /* by the monotonic clock: which window it is */
};

struct fc_limits *fc_limits_new(void);
void fc_limits_free(struct fc_limits *limits);

/** Counts one request of @who (a user's id, or an address) and shows the window. */
struct fc_window fc_limits_take(struct fc_limits *limits, const char *who);
/** The request that was counted in @window was turned away: it does not count, in that window. */
void fc_limits_give_back(struct fc_limits *limits, const char *who, const struct fc_window *window);

#endif
