/**
 * The front's way to PostgreSQL: a loop's few connections in pipeline mode.
 *
 * A call is one statement. Calls of one loop turn go out together (fc_pipes_open hooks itself into
 * the loop) and come back in order, each to its on_result, on the loop's thread. Nobody waits.
 *
 * - Reads of a turn share one Sync, which makes them one transaction: when one of them fails, those
 *   behind it are sent again.
 * - Calls of one statement that stand one behind the other run together, when the statement can
 *   (FC_TOGETHER): most of a small read's time is the executor's start and end, and much of a
 *   small write's is its commit. They wait while the connection has enough to do, so that they
 *   meet. Reads are answered row by row as these come. When a call fails, those that ran with it
 *   and are not answered are sent again, each alone.
 * - A write, or those that run together, has a Sync of its own and is answered only when that has
 *   come back: then it is durable.
 * - Writes of one lane keep to one connection, in their order, so that two requests of one user do
 *   not wait for each other's locks on two. A lane that has none goes to the least busy connection.
 * - A deadlock or a serialization failure is repeated up to three times.
 * - When a connection is lost, reads and what was not yet sent go out again on the next one; a
 *   write that was sent is *unknown* and is answered FC_E_UNAVAILABLE. A call is answered exactly
 *   once.
 */
#ifndef FRAMECAST_DB_PIPE_H
#define FRAMECAST_DB_PIPE_H

#include <framecast/loop.h>
#include <framecast/status.h>

#include "db/db.h"
#include "db/query.h"
#include "db/refusal.h"

struct fc_pipes;

struct fc_result {
    fc_status status;                 /* FC_OK, or what refusal says */
    const struct fc_refusal *refusal; /* NULL when status is FC_OK */
    const char *why;     /* the database's words, for the log; NULL when status is FC_OK */
    struct fc_rows rows; /* without an arena: readable inside on_result only */
};

struct fc_call {
    enum fc_query query;
    enum fc_credential credential; /* which text of an :api statement */
    const char *const *values;     /* as many as the statement takes; must live until on_result */
    uint32_t lane;                 /* of a write */
    struct fc_arena *arena;        /* where its rows may stay; or NULL */
    void (*on_result)(struct fc_call *call, const struct fc_result *result);
    /* the pipe's own */
    struct fc_call *next; /* that waits, or that was sent in one with it */
    const void *held;
    int attempts;
    int number;             /* from 1, among those that were sent in one; 0: it was sent alone */
    bool aborted, has_sync; /* has_sync: a Sync of its own */
};

struct fc_pipes_config {
    const char *url;
    int n_read, n_write; /* connections of this loop; opened when they are first needed */
};

fc_status fc_pipes_open(struct fc_pipes **pipes, struct fc_loop *loop,
                        const struct fc_pipes_config *config, struct fc_error *error);
void fc_pipes_free(
    struct fc_pipes *pipes); /* what still waits or is under way is answered FC_E_UNAVAILABLE */
FC_AUTO_DEFINE(pipes)

/**
 * Takes @call; it is answered later, never from inside this function.
 *
 * FC_E_UNAVAILABLE  there is no database just now, too many calls wait already, or @pipes is NULL:
 *                   it is not taken
 */
fc_status fc_pipes_send(struct fc_pipes *pipes, struct fc_call *call);

/** Connections that are up, and calls that wait or are under way: for the metrics; any thread. */
struct fc_pipes_load {
    int n_up, n_calls;
};
struct fc_pipes_load fc_pipes_load(const struct fc_pipes *pipes);

#endif
