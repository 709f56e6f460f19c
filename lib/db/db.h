/**
 * A blocking connection to PostgreSQL, for the threads of the back and for commands. One thread at
 * a time.
 *
 * The connection opens itself when it is needed and again after it was lost; statements are
 * prepared on first use. Every statement is a transaction of its own: what belongs together is one
 * statement (see db/migrations for the fc_ functions).
 */
#ifndef FRAMECAST_DB_DB_H
#define FRAMECAST_DB_DB_H

#include <framecast/arena.h>
#include <framecast/status.h>

#include "db/query.h"

struct fc_db;

/** Makes the handle; does not connect yet. @name is shown as application_name. */
struct fc_db *fc_db_new(const char *url, const char *name);
void fc_db_free(struct fc_db *db);

/**
 * From now on neither a connection nor a statement is waited for longer than @ms: then it is given
 * up, with FC_E_UNAVAILABLE. Without a limit a statement may take as long as it takes (migrations
 * do), also on a machine that is gone without a word; connecting takes ten seconds at most.
 */
void fc_db_limit(struct fc_db *db, int64_t ms);

/** From now on two seconds are enough, whatever the limit: the program ends. Any thread. */
void fc_db_hurry(struct fc_db *db);
FC_AUTO_DEFINE(db)

/** The rows of a result. */
struct fc_rows {
    int n, n_columns;
    struct fc_arena *arena; /* the texts live as long as it; NULL: see fc_result */
    const void *result;     /* libpq's, behind fc_rows_text */
};

/** NULL for SQL's null. */
const char *fc_rows_text(const struct fc_rows *rows, int row, int column);
/** The same, for as long as @arena lives: copied when the rows do not live in it. */
const char *fc_rows_keep(const struct fc_rows *rows, int row, int column, struct fc_arena *arena);
int64_t fc_rows_int(const struct fc_rows *rows, int row, int column); /* 0 for null */

/**
 * Runs a :plain statement and waits for its rows.
 *
 * FC_E_UNAVAILABLE  there is no connection, or it was lost on the way (a write may have happened:
 *                   ask before repeating it)
 * others            what lib/db's table of constraints and SQLSTATEs says; @error holds the
 *                   database's words, for the log
 *
 * A deadlock or serialization failure is repeated up to three times.
 */
fc_status fc_db_run(struct fc_db *db, struct fc_arena *arena, enum fc_query query,
                    struct fc_args args, struct fc_rows *rows, struct fc_error *error);

/** The same for a statement that yields (outcome, body): *outcome is "" when it gave no row. */
struct fc_outcome {
    const char *outcome; /* "ok", or a refusal's name, or "" for no row */
    const char *body;    /* JSON text or NULL */
};
fc_status fc_db_outcome(struct fc_db *db, struct fc_arena *arena, enum fc_query query,
                        struct fc_args args, struct fc_outcome *outcome, struct fc_error *error);

/** Runs plain SQL text of the program's own (migrations; several statements may stand in it). */
fc_status fc_db_execute(struct fc_db *db, const char *sql, struct fc_error *error);

/**
 * Prepares every statement of the list; the first that fails is named in @error. For the test of
 * the whole list.
 */
fc_status fc_db_prepare_all(struct fc_db *db, struct fc_error *error);

#endif
