/**
 * Calls that run as one: what is sent for them, and which row is whose. scripts/gen-queries says
 * how their text is made.
 */
#ifndef FRAMECAST_DB_BATCH_H
#define FRAMECAST_DB_BATCH_H

#include <libpq-fe.h>

#include "db/pipe.h"

enum { FC_BATCH_MAX = 16 }; /* calls: their answers are all in memory at once */

/**
 * The arguments of the @n calls from @first on, which name one statement and one kind of
 * credential: each caller once, then what the calls ask, then which caller each call is of.
 * @values has room for FC_STATEMENT_ARGS_MAX; what they point to lives in @arena.
 */
void fc_batch_bind(struct fc_arena *arena, const struct fc_call *first, int n, const char **values);

/** The row of each call, from 0; -1 where there is none. */
void fc_batch_rows(const PGresult *result, int row_of[FC_BATCH_MAX]);

#endif
