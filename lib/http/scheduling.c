/*
 * How the kernel schedules a loop.
 *
 * A thread that wakes up takes its processor from whoever runs there, which makes a quiet server
 * answer at once. Under load it is those who send it requests, and the database, that it stops
 * after their first word: then each request has a turn of the loop and a call of the database to
 * itself. A loop that computes much of the time is therefore a SCHED_BATCH thread (sched(7)),
 * which lets them finish, and finds several requests each time.
 */
#include <sched.h>
#include <time.h>

#include "http/internal.h"

enum {
    LOOK_US = 20 * 1000, /* from one look to the next, at least */
    MUCH_PERCENT = 20,   /* of a processor */
};

static int64_t computed_us(void)
{
    struct timespec spent;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (int64_t)spent.tv_sec * 1000000 + spent.tv_nsec / 1000;
}

void fc_scheduling_look(struct fc_front *front, int64_t now_us)
{
    struct fc_effort *effort = &front->effort;
    const struct sched_param none = {0};
    const int64_t passed_us = now_us - effort->looked_us, before_us = effort->computed_us;
    bool is_much;

    if (passed_us < LOOK_US)
        return;
    effort->looked_us = now_us;
    effort->computed_us = computed_us();
    is_much = (effort->computed_us - before_us) * 100 > passed_us * MUCH_PERCENT;
    /* 0: the calling thread. A policy that somebody chose for the server stays. */
    if (is_much == effort->is_batch ||
        sched_getscheduler(0) != (effort->is_batch ? SCHED_BATCH : SCHED_OTHER))
        return;
    if (sched_setscheduler(0, is_much ? SCHED_BATCH : SCHED_OTHER, &none) == 0)
        effort->is_batch = is_much; /* else it is not allowed, and all is as it was */
}
