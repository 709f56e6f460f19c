#include "db/db.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include <framecast/time.h>

#include "db/lookup.h"
#include "db/refusal.h"
#include "db/rows.h"

enum {
    ATTEMPTS = 4, /* the first and three more, for deadlocks and serialization failures */
    CONNECT_US = 10 * 1000 * 1000,
    HURRIED_US = 2 * 1000 * 1000,
    LOOK_MS = 200, /* how soon a thread that waits sees that it is to hurry */
};

struct fc_db {
    PGconn *pg; /* NULL while there is none; never blocks */
    char *url, *name;
    unsigned first;   /* of the URL's servers, when there are several */
    int64_t limit_us; /* 0: none */
    atomic_bool is_hurried;
    bool prepared[FC_QUERY__COUNT];
};

struct fc_db *fc_db_new(const char *url, const char *name)
{
    struct fc_db *db = calloc(1, sizeof *db);

    if (db == NULL || (db->url = strdup(url)) == NULL || (db->name = strdup(name)) == NULL)
        abort(); /* as arenas do */
    return db;
}

void fc_db_limit(struct fc_db *db, int64_t ms)
{
    db->limit_us = ms * 1000;
}

void fc_db_hurry(struct fc_db *db)
{
    atomic_store(&db->is_hurried, true);
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

/* ---- waiting ---- */

static int64_t deadline_after(int64_t limit_us)
{
    return limit_us > 0 ? fc_monotonic_us() + limit_us : INT64_MAX;
}

/* False when the time is over, or there is nothing to wait for. */
static bool wait_on(struct fc_db *db, int fd, short events, int64_t *deadline_us)
{
    for (;;) {
        struct pollfd socket = {.fd = fd, .events = events};
        int64_t now_us = fc_monotonic_us();
        int n;

        if (atomic_load(&db->is_hurried) && *deadline_us > now_us + HURRIED_US)
            *deadline_us = now_us + HURRIED_US;
        if (now_us >= *deadline_us || socket.fd < 0)
            return false;
        n = poll(&socket, 1, LOOK_MS);
        if (n != 0 && !(n < 0 && errno == EINTR))
            return n > 0;
    }
}

static bool wait_for(struct fc_db *db, short events, int64_t *deadline_us)
{
    return wait_on(db, PQsocket(db->pg), events, deadline_us);
}

static fc_status no_connection(struct fc_db *db, const char *why, struct fc_error *error)
{
    (void)fc_fail(error, FC_E_UNAVAILABLE, "no connection to the database: %s", why);
    disconnect(db);
    return FC_E_UNAVAILABLE;
}

static fc_status no_answer(struct fc_db *db, struct fc_error *error)
{
    db->first++; /* if there are several servers, the others shall be asked too */
    return no_connection(db, "it does not answer", error);
}

/* The servers of the URL, if libpq should not look for them itself: else @targets stay as they are.
 */
static fc_status look_up(struct fc_db *db, struct fc_arena *arena, struct fc_targets *targets,
                         int64_t *deadline_us, struct fc_error *error)
{
    struct fc_lookup *lookup;
    const char *why = "its name is not found in time";
    bool is_found;

    if (!fc_lookup_is_needed(db->url))
        return FC_OK;
    lookup = fc_lookup_start(db->url);
    if (lookup == NULL)
        return no_connection(db, "too many names of hosts are being looked up", error);
    is_found = wait_on(db, fc_lookup_fd(lookup), POLLIN, deadline_us) &&
               fc_lookup_targets(lookup, arena, db->first, targets, &why);
    fc_lookup_free(lookup);
    return is_found ? FC_OK : no_connection(db, why, error);
}

static fc_status connect_if_needed(struct fc_db *db, struct fc_error *error)
{
    static const char options[] = "-c timezone=UTC -c client_min_messages=warning "
                                  "-c default_transaction_isolation=read\\ committed";
    FC_AUTO(arena) *arena = NULL;
    struct fc_targets targets = {NULL, NULL, NULL};
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    bool is_less = db->limit_us > 0 && db->limit_us < CONNECT_US;
    int64_t deadline_us = deadline_after(is_less ? db->limit_us : CONNECT_US);

    if (db->pg != NULL && PQstatus(db->pg) == CONNECTION_OK)
        return FC_OK;
    disconnect(db);
    arena = fc_arena_new();
    if (look_up(db, arena, &targets, &deadline_us, error) != FC_OK)
        return FC_E_UNAVAILABLE;
    db->pg = fc_connect_start(db->url, db->name, options, &targets);
    while (PQstatus(db->pg) != CONNECTION_BAD &&
           (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING)) {
        if (!wait_for(db, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, &deadline_us))
            return no_answer(db, error);
        state = PQconnectPoll(db->pg);
    }
    if (PQstatus(db->pg) != CONNECTION_OK || PQsetnonblocking(db->pg, 1) != 0)
        return no_connection(db, PQerrorMessage(db->pg), error);
    return FC_OK;
}

/* False when the time is over. A connection that breaks gives its reason as a result. */
static bool wait_until_sent(struct fc_db *db, int64_t *deadline_us)
{
    while (PQflush(db->pg) == 1)
        if (!wait_for(db, POLLIN | POLLOUT, deadline_us) || PQconsumeInput(db->pg) != 1)
            return PQstatus(db->pg) != CONNECTION_OK;
    return true;
}

static bool wait_until_read(struct fc_db *db, int64_t *deadline_us)
{
    while (PQisBusy(db->pg))
        if (!wait_for(db, POLLIN, deadline_us) || PQconsumeInput(db->pg) != 1)
            return PQstatus(db->pg) != CONNECTION_OK;
    return true;
}

/*
 * The last result of what was just sent (@sent as libpq said), as PQexec gives it. NULL, and no
 * connection any more, when the database did not answer in time.
 */
static PGresult *await(struct fc_db *db, int sent)
{
    int64_t deadline_us = deadline_after(db->limit_us);
    PGresult *last = NULL, *result;

    if (sent != 1)
        return PQmakeEmptyPGresult(db->pg, PGRES_FATAL_ERROR);
    if (!wait_until_sent(db, &deadline_us))
        goto silent;
    for (;;) {
        if (!wait_until_read(db, &deadline_us))
            goto silent;
        if ((result = PQgetResult(db->pg)) == NULL)
            return last;
        PQclear(last);
        last = result;
    }
silent:
    PQclear(last);
    disconnect(db);
    return NULL;
}

/* ---- results ---- */

/* The result's own words when it failed; FC_OK when it did not. Frees nothing. */
static fc_status result_status(struct fc_db *db, const PGresult *result, const char *what,
                               struct fc_error *error)
{
    const char *sqlstate = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    ExecStatusType state = PQresultStatus(result); /* of NULL: PGRES_FATAL_ERROR */
    const struct fc_refusal *refusal;

    if (state == PGRES_TUPLES_OK || state == PGRES_COMMAND_OK)
        return FC_OK;
    if (db->pg == NULL)
        return fc_fail(error, FC_E_UNAVAILABLE, "%s: the database does not answer", what);
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
    PGresult *result = await(db, PQsendPrepare(db->pg, name, statement->text[variant],
                                               fc_text_args(statement, variant),
                                               statement->types[variant / FC_TOGETHER]));
    fc_status st = result_status(db, result, statement->name, error);

    PQclear(result);
    return st;
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
        result = await(db, PQsendQueryPrepared(db->pg, statement->name, statement->n_args, values,
                                               NULL, NULL, 0));
        if (!fc_was_undone(result) && !fc_lost_its_statement(result))
            break;
        db->prepared[query] = !fc_lost_its_statement(result);
    }
    st = result_status(db, result, statement->name, error);
    if (st != FC_OK) {
        PQclear(result);
        return st;
    }
    *rows = fc_rows_in(arena, result);
    return FC_OK;
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
    result = await(db, PQsendQuery(db->pg, sql));
    st = result_status(db, result, "sql", error);
    PQclear(result);
    return st;
}

fc_status fc_db_prepare_all(struct fc_db *db, struct fc_error *error)
{
    fc_status st = connect_if_needed(db, error);

    for (int query = 0; st == FC_OK && query < FC_QUERY__COUNT; query++)
        for (int variant = 0; st == FC_OK && variant < FC_STATEMENT_TEXTS; variant++)
            if (fc_statements[query].text[variant] != NULL)
                st = prepare(db, (enum fc_query)query, variant, "", error);
    return st;
}
