/**
 * How the database says no, and what that means to a client: one table of names.
 *
 * A name is the outcome of a statement, or the constraint that a statement violated.
 */
#ifndef FRAMECAST_DB_REFUSAL_H
#define FRAMECAST_DB_REFUSAL_H

#include <framecast/status.h>

struct fc_refusal {
    const char *name;
    fc_status status;
    const char *sentence; /* for the message, without the status's label */
};

/** NULL when the name means nothing: then it is our fault. */
const struct fc_refusal *fc_refusal_by_name(const char *name);

/** What a failed statement means: by constraint, else by SQLSTATE. @constraint may be NULL. */
const struct fc_refusal *fc_refusal_by_error(const char *sqlstate, const char *constraint);

/** For PQsetNoticeProcessor: what PostgreSQL says unasked (that it shuts down, say) becomes a line
 * of the log; libpq would write it to stderr as it is. */
void fc_db_hear(void *nothing, const char *said);

#endif
