/**
 * Calls that run as one: what is sent for them, and which row is whose. scripts/gen-queries says
 * how their text is made.
 */
#ifndef FRAMECAST_DB_BATCH_H
#define FRAMECAST_DB_BATCH_H

#include <libpq-fe.h>

#include "db/pipe.h"

enum { FC_BATCH_MAX = 32 }; /* calls */

/**
 * The arguments of the @n calls from @first on, which name one statement and one kind of
 * credential: each caller once, then what the calls ask, then which caller each call is of.
 * @values has room for FC_STATEMENT_ARGS_MAX; what they point to lives in @arena.
 */
void fc_batch_bind(struct fc_arena *arena, const struct fc_call *first, int n, const char **values);

/** Where the call stands that @row is for, among those from *@first on: *@first or a next. */
struct fc_call **fc_batch_find(struct fc_call **first, const PGresult *row);

#endif
