#include "db/db.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "db/refusal.h"

enum { ATTEMPTS = 4 }; /* the first and three more, for deadlocks and serialization failures */

struct fc_db {
    PGconn *pg; /* NULL while there is none */
    char *url, *name;
    bool prepared[FC_QUERY__COUNT];
};

struct fc_db *fc_db_new(const char *url, const char *name)
{
    struct fc_db *db = calloc(1, sizeof *db);

    if (db == NULL || (db->url = strdup(url)) == NULL || (db->name = strdup(name)) == NULL)
        abort(); /* as arenas do */
    return db;
}

static void disconnect(struct fc_db *db)
{
    PQfinish(db->pg);
    db->pg = NULL;
    memset(db->prepared, 0, sizeof db->prepared);
}

void fc_db_free(struct fc_db *db)
{
    if (db == NULL)
        return;
    disconnect(db);
    free(db->url);
    free(db->name);
    free(db);
}

static fc_status connect_if_needed(struct fc_db *db, struct fc_error *error)
{
    static const char options[] = "-c timezone=UTC -c client_min_messages=warning "
                                  "-c default_transaction_isolation=read\\ committed";
    const char *const keys[] = {"dbname",          "application_name", "connect_timeout",
                                "client_encoding", "options",          NULL};
    const char *const values[] = {db->url, db->name, "10", "UTF8", options, NULL};

    if (db->pg != NULL && PQstatus(db->pg) == CONNECTION_OK)
        return FC_OK;
    disconnect(db);
    db->pg = PQconnectdbParams(keys, values, 1);
    if (PQstatus(db->pg) == CONNECTION_OK)
        return FC_OK;
    (void)fc_fail(error, FC_E_UNAVAILABLE, "no connection to the database: %s",
                  PQerrorMessage(db->pg));
    disconnect(db);
    return FC_E_UNAVAILABLE;
}

static void result_clear(void *result)
{
    PQclear(result);
}

/* The result's own words when it failed; FC_OK when it did not. Frees nothing. */
static fc_status result_status(struct fc_db *db, const PGresult *result, const char *what,
                               struct fc_error *error)
{
    const char *sqlstate = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    ExecStatusType state = PQresultStatus(result); /* of NULL: PGRES_FATAL_ERROR */
    const struct fc_refusal *refusal;

    if (state == PGRES_TUPLES_OK || state == PGRES_COMMAND_OK)
        return FC_OK;
    if (PQstatus(db->pg) != CONNECTION_OK || sqlstate == NULL) {
        (void)fc_fail(error, FC_E_UNAVAILABLE, "%s: the connection was lost: %s", what,
                      PQerrorMessage(db->pg));
        disconnect(db);
        return FC_E_UNAVAILABLE;
    }
    refusal = fc_refusal_by_error(sqlstate, PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
    return fc_fail(error, refusal->status, "%s: %s %s (%s)", what, sqlstate,
                   PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), refusal->sentence);
}

static fc_status prepare(struct fc_db *db, enum fc_query query, int variant, const char *name,
                         struct fc_error *error)
{
    const struct fc_statement *statement = &fc_statements[query];
    PGresult *result = PQprepare(db->pg, name, statement->text[variant], statement->n_args,
                                 statement->types);
    fc_status st = result_status(db, result, statement->name, error);

    PQclear(result);
    return st;
}

/* Deadlocks and serialization failures undo the whole statement, so it may simply run again. */
static bool may_repeat(const PGresult *result)
{
    const char *sqlstate = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

    return sqlstate != NULL && (strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0);
}

fc_status fc_db_run(struct fc_db *db, struct fc_arena *arena, enum fc_query query,
                    struct fc_args args, struct fc_rows *rows, struct fc_error *error)
{
    const struct fc_statement *statement = &fc_statements[query];
    const char *values[FC_STATEMENT_ARGS_MAX];
    PGresult *result = NULL;
    fc_status st;

    assert(!statement->is_api && args.n == statement->n_args);
    fc_args_bind(arena, args, values);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        PQclear(result);
        result = NULL;
        st = connect_if_needed(db, error);
        if (st == FC_OK && !db->prepared[query])
            st = prepare(db, query, 0, statement->name, error);
        if (st != FC_OK)
            return st;
        db->prepared[query] = true;
        result = PQexecPrepared(db->pg, statement->name, statement->n_args, values, NULL, NULL, 0);
        if (!may_repeat(result))
            break;
    }
    st = result_status(db, result, statement->name, error);
    if (st != FC_OK) {
        PQclear(result);
        return st;
    }
    fc_arena_defer(arena, result_clear, result);
    *rows = (struct fc_rows){PQntuples(result), PQnfields(result), result};
    return FC_OK;
}

const char *fc_rows_text(const struct fc_rows *rows, int row, int column)
{
    assert(row < rows->n && column < rows->n_columns);
    return PQgetisnull(rows->result, row, column) ? NULL : PQgetvalue(rows->result, row, column);
}

int64_t fc_rows_int(const struct fc_rows *rows, int row, int column)
{
    const char *text = fc_rows_text(rows, row, column);

    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

fc_status fc_db_outcome(struct fc_db *db, struct fc_arena *arena, enum fc_query query,
                        struct fc_args args, struct fc_outcome *outcome, struct fc_error *error)
{
    struct fc_rows rows;
    fc_status st = fc_db_run(db, arena, query, args, &rows, error);

    if (st != FC_OK)
        return st;
    *outcome = (struct fc_outcome){"", NULL};
    if (rows.n > 0) {
        outcome->outcome = fc_rows_text(&rows, 0, 0);
        outcome->body = fc_rows_text(&rows, 0, 1);
        if (outcome->outcome == NULL)
            outcome->outcome = "";
    }
    return FC_OK;
}

fc_status fc_db_execute(struct fc_db *db, const char *sql, struct fc_error *error)
{
    PGresult *result;
    fc_status st = connect_if_needed(db, error);

    if (st != FC_OK)
        return st;
    result = PQexec(db->pg, sql);
    st = result_status(db, result, "sql", error);
    PQclear(result);
    return st;
}

fc_status fc_db_prepare_all(struct fc_db *db, struct fc_error *error)
{
    fc_status st = connect_if_needed(db, error);

    for (int query = 0; st == FC_OK && query < FC_QUERY__COUNT; query++)
        for (int variant = 0; st == FC_OK && variant <= (int)fc_statements[query].is_api; variant++)
            st = prepare(db, (enum fc_query)query, variant, "", error);
    return st;
}
