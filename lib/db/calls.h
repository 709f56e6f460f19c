/** A queue of calls on their way through a pipe: each call stands in one queue at a time. */
#ifndef FRAMECAST_DB_CALLS_H
#define FRAMECAST_DB_CALLS_H

#include "db/pipe.h"

struct fc_calls {
    struct fc_call *first;
    struct fc_call **end; /* where the last one's next is, or first */
    int n;
};

static inline void fc_calls_init(struct fc_calls *calls)
{
    *calls = (struct fc_calls){.end = &calls->first};
}

static inline void fc_calls_append(struct fc_calls *calls, struct fc_call *call)
{
    call->next = NULL;
    *calls->end = call;
    calls->end = &call->next;
    calls->n++;
}

/** The first, which must be there; its next is NULL afterwards. */
static inline struct fc_call *fc_calls_take(struct fc_calls *calls)
{
    struct fc_call *call = calls->first;

    calls->first = call->next;
    if (calls->first == NULL)
        calls->end = &calls->first;
    calls->n--;
    call->next = NULL;
    return call;
}

/** Puts all of @before, which is empty afterwards, in front of the others. */
static inline void fc_calls_prepend(struct fc_calls *calls, struct fc_calls *before)
{
    if (before->first == NULL)
        return;
    *before->end = calls->first;
    if (calls->first == NULL)
        calls->end = before->end;
    calls->first = before->first;
    calls->n += before->n;
    fc_calls_init(before);
}

#endif
