/** What a connection owes us next, in order: a ring of fixed size. */
#ifndef FRAMECAST_DB_OWED_H
#define FRAMECAST_DB_OWED_H

#include <stdbool.h>

#include "db/pipe.h"

/**
 * A call takes up to three: its preparation, itself, a Sync. Calls that run together are owed as
 * the first of them that is not answered, if any.
 */
struct fc_owed {
    enum fc_owed_kind { FC_OWED_PREPARE, FC_OWED_CALL, FC_OWED_SYNC } kind;
    int text;             /* which of the statement's */
    struct fc_call *call; /* of a Sync: the write that it makes durable, or NULL */
};

enum {
    FC_IN_FLIGHT_MAX = 64, /* calls on one connection that PostgreSQL has and has not answered */
    FC_OWED_MAX = 4 * FC_IN_FLIGHT_MAX, /* a power of two */
};

struct fc_owed_ring {
    struct fc_owed at[FC_OWED_MAX];
    unsigned head, tail;
};

static inline void fc_owe(struct fc_owed_ring *ring, enum fc_owed_kind kind, struct fc_call *call,
                          int text)
{
    ring->at[ring->tail++ % FC_OWED_MAX] = (struct fc_owed){
        .kind = kind, .text = text, .call = call};
}

/** What comes next; NULL when nothing is owed. */
static inline struct fc_owed *fc_owed_first(struct fc_owed_ring *ring)
{
    return ring->head == ring->tail ? NULL : &ring->at[ring->head % FC_OWED_MAX];
}

/** The first, which must be there, has come. */
static inline void fc_owed_done(struct fc_owed_ring *ring)
{
    ring->head++;
}

/** The rows of calls that run together. */
static inline bool fc_owed_is_together(const struct fc_owed *owed)
{
    return owed->kind == FC_OWED_CALL && owed->text >= FC_TOGETHER;
}

#endif
