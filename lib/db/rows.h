/** Results as libpq gives them: their rows, and what went wrong. Internal to lib/db. */
#ifndef FRAMECAST_DB_ROWS_H
#define FRAMECAST_DB_ROWS_H

#include <libpq-fe.h>

#include "db/db.h"

/** The rows of @result, which is the arena's from now on. */
struct fc_rows fc_rows_in(struct fc_arena *arena, PGresult *result);

/** A deadlock or a serialization failure: nothing has happened, and the statement may run again. */
bool fc_was_undone(const PGresult *result);

/** PostgreSQL has no such prepared statement: somebody ran DEALLOCATE or DISCARD, or the
 * preparation was rolled back. */
bool fc_lost_its_statement(const PGresult *result);

/**
 * The last word of a session: FATAL or PANIC of the server's (an operator ended it, the server
 * shuts down), or an error of libpq's own, which has no severity. It is about the connection, not
 * about the call that it happens to come for.
 */
bool fc_ends_the_session(const PGresult *result);

#endif
