/**
 * An event loop on epoll: one thread that waits for descriptors, timers and messages of other
 * threads.
 *
 * A turn: what is ready runs, then the messages, the timers that are due, and at last the hooks,
 * which flush what the turn has gathered (statements to PostgreSQL, answers to clients). Only
 * fc_loop_post and fc_loop_stop may be called from elsewhere.
 */
#ifndef FRAMECAST_LOOP_H
#define FRAMECAST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>

struct fc_loop;

/**
 * Something with a descriptor. The owner keeps it until fc_loop_unwatch; it may be unwatched and
 * freed from any callback.
 */
struct fc_watch {
    void (*on_ready)(struct fc_watch *watch,
                     uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLRDHUP ... */
    int fd;
    uint32_t events;
};

/** Something to do on the loop's thread; the poster keeps it until it has run. */
struct fc_post {
    void (*run)(struct fc_post *post);
    struct fc_post *next;
};

/** Something to do every @every_ms milliseconds, or once when @every_ms is 0. */
struct fc_timer {
    void (*run)(struct fc_timer *timer);
    int64_t due_us;
    int every_ms;
    struct fc_timer *next;
};

/**
 * Runs at the end of each turn; returns in how many milliseconds it wants the next turn at the
 * latest, -1 for any time.
 */
struct fc_hook {
    int (*run)(struct fc_hook *hook);
    struct fc_hook *next;
};

fc_status fc_loop_open(struct fc_loop **loop, struct fc_error *error);
void fc_loop_free(struct fc_loop *loop);
FC_AUTO_DEFINE(loop)

fc_status fc_loop_watch(struct fc_loop *loop, struct fc_watch *watch, struct fc_error *error);
void fc_loop_rewatch(struct fc_loop *loop, struct fc_watch *watch,
                     uint32_t events); /* costs nothing when equal */
void fc_loop_unwatch(struct fc_loop *loop, struct fc_watch *watch);

void fc_loop_timer_start(struct fc_loop *loop, struct fc_timer *timer, int first_ms);
void fc_loop_timer_stop(struct fc_loop *loop, struct fc_timer *timer);
void fc_loop_hook(struct fc_loop *loop, struct fc_hook *hook);

void fc_loop_post(struct fc_loop *loop, struct fc_post *post); /* from any thread */

void fc_loop_run(struct fc_loop *loop);  /* until fc_loop_stop */
void fc_loop_stop(struct fc_loop *loop); /* from any thread */

#endif
