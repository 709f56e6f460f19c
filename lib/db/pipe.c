#include "db/pipe.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "db/batch.h"
#include "db/calls.h"
#include "db/link.h"
#include "db/owed.h"
#include "db/rows.h"

enum {
    WAITING_MAX = 2048,   /* calls on one connection that wait behind them; beyond: refused */
    READS_AHEAD = 4,      /* calls under way; behind more of them those wait that others can join */
    RESULTS_A_TURN = 128, /* so that no connection keeps the loop from the others */
    ATTEMPTS_MAX = 4,     /* the first and three more */
    SILENCE_US = 15 * 1000 *
                 1000, /* longer than the statement_timeout of a link: then the database hangs */
};

struct pipe {
    struct fc_link link;
    struct fc_pipes *pipes;
    struct fc_calls waiting;
    int n_sent;
    struct fc_owed_ring owed;
    bool unsynced;    /* reads were sent since the last Sync */
    bool more;        /* results are left for the next turn */
    int64_t heard_us; /* when anything last came */
    bool prepared[FC_QUERY__COUNT][FC_STATEMENT_TEXTS];
};

/* Writes that must not overtake each other share a lane; a lane stays on its connection while it
 * has calls, and then goes to whichever is free. */
struct lane {
    int n_calls, pipe;
};

enum { LANES = 512 };

struct fc_pipes {
    struct fc_loop *loop;
    struct fc_hook hook;
    struct fc_timer tick;
    int n_read, n_write;
    char *url;
    bool is_closing;
    atomic_int n_up, n_calls;
    struct lane lanes[LANES];
    struct pipe pipes[]; /* first those for reads */
};

static const struct fc_link_role role;

static struct pipe *pipe_of(struct fc_link *link)
{
    return (struct pipe *)((char *)link - offsetof(struct pipe, link));
}

/* ---- answering ---- */

static void answer(struct pipe *p, struct fc_call *call, const struct fc_result *result)
{
    PGresult *held = (PGresult *)call->held;

    call->held = NULL;
    if (fc_statements[call->query].is_write)
        p->pipes->lanes[call->lane % LANES].n_calls--;
    atomic_fetch_sub(&p->pipes->n_calls, 1);
    call->on_result(call, result); /* the call is its owner's again, and may be gone */
    PQclear(held);
}

static void answer_lost(struct pipe *p, struct fc_call *call, const char *why)
{
    static const struct fc_refusal lost = {"connection", FC_E_UNAVAILABLE, "The database is away"};
    struct fc_result result = {.status = FC_E_UNAVAILABLE, .refusal = &lost, .why = why};

    answer(p, call, &result);
}

static bool went_well(const PGresult *result)
{
    ExecStatusType state = PQresultStatus(result);

    return state == PGRES_TUPLES_OK || state == PGRES_SINGLE_TUPLE || state == PGRES_COMMAND_OK;
}

/* What PostgreSQL said to the call, which has come to its end (a write: with its Sync). */
static void answer_held(struct pipe *p, struct fc_call *call)
{
    PGresult *held = (PGresult *)call->held;
    struct fc_result result = {.status = FC_OK};

    if (!went_well(held)) {
        result.refusal = fc_refusal_by_error(PQresultErrorField(held, PG_DIAG_SQLSTATE),
                                             PQresultErrorField(held, PG_DIAG_CONSTRAINT_NAME));
        result.status = result.refusal->status;
        result.why = PQresultErrorMessage(held);
    } else if (call->arena != NULL) {
        result.rows = fc_rows_in(call->arena, held);
        call->held = NULL;
    } else {
        result.rows = (struct fc_rows){
            .n = PQntuples(held), .n_columns = PQnfields(held), .result = held};
    }
    answer(p, call, &result);
}

static bool must_repeat(const struct fc_call *call)
{
    return call->attempts < ATTEMPTS_MAX && (call->aborted || fc_was_undone(call->held));
}

static void finish_one(struct pipe *p, struct fc_call *call)
{
    p->n_sent--;
    if (!must_repeat(call)) {
        answer_held(p, call);
        return;
    }
    PQclear((PGresult *)call->held);
    call->held = NULL;
    fc_calls_append(&p->waiting, call);
}

/* Each its own row; somebody unknown has none. */
static void answer_together(struct pipe *p, struct fc_call *first)
{
    static const struct fc_result none = {.status = FC_OK};

    for (struct fc_call *call = first, *next; call != NULL; call = next) {
        next = call->next;
        p->n_sent--;
        if (call->held != NULL)
            answer_held(p, call);
        else
            answer(p, call, &none);
    }
}

/* One of them may have failed for all, and nothing of them has happened: each is sent again, alone,
 * in their order. */
static void repeat_alone(struct pipe *p, struct fc_call *first)
{
    struct fc_calls again;

    fc_calls_init(&again);
    for (struct fc_call *call = first, *next; call != NULL; call = next) {
        next = call->next;
        PQclear((PGresult *)call->held);
        call->held = NULL;
        p->n_sent--;
        fc_calls_append(&again, call);
    }
    fc_calls_prepend(&p->waiting, &again);
}

static void finish(struct pipe *p, const struct fc_owed *owed)
{
    struct fc_call *call = owed->call;

    if (owed->text < FC_TOGETHER)
        finish_one(p, call);
    else if (call->held == NULL || went_well(call->held))
        answer_together(p, call);
    else
        repeat_alone(p, call);
}

/* ---- sending ---- */

static bool sync_reads(struct pipe *p)
{
    if (!p->unsynced)
        return true;
    p->unsynced = false;
    fc_owe(&p->owed, FC_OWED_SYNC, NULL, 0);
    return PQpipelineSync(p->link.pg) == 1;
}

static int text_of(const struct fc_call *call)
{
    return fc_statements[call->query].is_api ? (int)call->credential : 0;
}

/* Sends the statement, prepared first when this connection has not done so. */
static bool send_text(struct pipe *p, struct fc_call *call, int text, const char *const *values)
{
    static const char *const endings[FC_STATEMENT_TEXTS] = {"", "_by_key", "_together",
                                                            "_by_key_together"};
    const struct fc_statement *statement = &fc_statements[call->query];
    const int n_args = fc_text_args(statement, text);
    char name[80];

    (void)snprintf(name, sizeof name, "%s%s", statement->name, endings[text]);
    if (!p->prepared[call->query][text]) {
        fc_owe(&p->owed, FC_OWED_PREPARE, call, text);
        p->prepared[call->query][text] = true;
        if (PQsendPrepare(p->link.pg, name, statement->text[text], n_args,
                          statement->types[text / FC_TOGETHER]) != 1)
            return false;
    }
    fc_owe(&p->owed, FC_OWED_CALL, call, text);
    return PQsendQueryPrepared(p->link.pg, name, n_args, values, NULL, NULL, 0) == 1;
}

/* The Sync of a write, or of what is sent again; other reads wait for that of the turn. */
static bool send_end(struct pipe *p, struct fc_call *call, int text)
{
    if (!call->has_sync) {
        p->unsynced = true;
        return true;
    }
    fc_owe(&p->owed, FC_OWED_SYNC, call, text);
    return PQpipelineSync(p->link.pg) == 1;
}

static bool send_one(struct pipe *p, struct fc_call *call)
{
    call->has_sync = fc_statements[call->query].is_write ||
                     call->attempts > 0; /* what was aborted once is not left to others again */
    if (call->has_sync && !sync_reads(p)) {
        struct fc_calls self;

        fc_calls_init(&self);
        fc_calls_append(&self, call);
        fc_calls_prepend(&p->waiting, &self);
        return false;
    }
    call->attempts++;
    call->number = 0;
    call->aborted = false;
    p->n_sent++;
    if (!send_text(p, call, text_of(call), call->values))
        return false;
    return send_end(p, call, text_of(call));
}

static bool can_share(const struct fc_call *call)
{
    return call->attempts == 0 &&
           fc_statements[call->query].text[FC_TOGETHER + text_of(call)] != NULL;
}

/*
 * Whether the first that waits goes out now. What can run together waits for those before it,
 * because others join it meanwhile: writes until all are done, for then one flush of the log
 * commits them; reads while PostgreSQL has enough to do without them.
 */
static bool may_send(const struct pipe *p)
{
    const struct fc_call *first = p->waiting.first;

    if (first == NULL || p->n_sent >= FC_IN_FLIGHT_MAX)
        return false;
    return !can_share(first) ||
           p->n_sent <= (fc_statements[first->query].is_write ? 0 : READS_AHEAD);
}

/* How many of those that wait can run as one now. */
static int count_together(const struct pipe *p)
{
    const struct fc_call *first = p->waiting.first;
    const int text = text_of(first), room = FC_IN_FLIGHT_MAX - p->n_sent;
    int n = 0;

    if (!can_share(first))
        return 0;
    for (const struct fc_call *call = first; call != NULL && n < FC_BATCH_MAX && n < room;
         call = call->next, n++)
        if (call->query != first->query || text_of(call) != text || !can_share(call))
            break;
    return n;
}

/* The first @n that wait, as one. */
static bool send_together(struct pipe *p, int n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *values[FC_STATEMENT_ARGS_MAX];
    struct fc_call *first = p->waiting.first;
    struct fc_calls sent;

    fc_calls_init(&sent);
    while (sent.n < n) {
        struct fc_call *call = fc_calls_take(&p->waiting);

        call->has_sync = fc_statements[call->query].is_write;
        call->aborted = false;
        call->attempts++;
        call->number = sent.n + 1;
        p->n_sent++;
        fc_calls_append(&sent, call);
    }
    fc_batch_bind(arena, first, n, values);
    return send_text(p, first, FC_TOGETHER + text_of(first), values) &&
           send_end(p, first, FC_TOGETHER + text_of(first));
}

static bool send_next(struct pipe *p)
{
    int n = count_together(p);

    return n > 1 ? send_together(p, n) : send_one(p, fc_calls_take(&p->waiting));
}

static void flush(struct pipe *p)
{
    int left;

    if (p->link.state == FC_LINK_DOWN && p->waiting.n > 0 && fc_link_may_connect(&p->link))
        fc_link_connect(&p->link);
    if (p->link.state != FC_LINK_UP)
        return;
    if (fc_owed_first(&p->owed) == NULL)
        p->heard_us = fc_monotonic_us();
    while (may_send(p))
        if (!send_next(p)) {
            fc_link_drop(&p->link, PQerrorMessage(p->link.pg));
            return;
        }
    left = sync_reads(p) ? PQflush(p->link.pg) : -1;
    if (left < 0)
        fc_link_drop(&p->link, PQerrorMessage(p->link.pg));
    else
        fc_link_want_write(&p->link, left == 1);
}

/* ---- receiving ---- */

/* A write's Sync has come back (or its commit failed, with an error in place of the Sync's first
 * sign). */
static void take_sync(struct pipe *p, struct fc_owed owed, PGresult *result)
{
    struct fc_call *write = owed.call;

    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
        if (write != NULL) {
            PQclear((PGresult *)write->held);
            write->held = result;
        } else {
            PQclear(result);
        }
        return;
    }
    PQclear(result);
    fc_owed_done(&p->owed);
    if (write != NULL)
        finish(p, &owed);
}

/* A read is answered with its row, and is no more among those that run together. */
static void take_row(struct pipe *p, struct fc_owed *owed, PGresult *row)
{
    struct fc_call **at = fc_batch_find(&owed->call, row), *call = *at;

    call->held = row;
    if (call->has_sync)
        return;
    *at = call->next;
    p->n_sent--;
    answer_held(p, call);
}

static void take_result(struct pipe *p, struct fc_owed *owed, PGresult *result)
{
    struct fc_call *call = owed->call;
    ExecStatusType state = PQresultStatus(result);

    if (state == PGRES_SINGLE_TUPLE) {
        take_row(p, owed, result);
        return;
    }
    if (call == NULL || (state == PGRES_TUPLES_OK && fc_owed_is_together(owed)) ||
        (state == PGRES_COMMAND_OK && owed->kind == FC_OWED_PREPARE)) {
        if (PQntuples(result) > 0) /* then this is not the end of those that came row by row */
            fc_link_drop(&p->link, "libpq gave rows all at once");
        PQclear(result);
        return;
    }
    if (owed->kind == FC_OWED_PREPARE || state == PGRES_PIPELINE_ABORTED ||
        fc_lost_its_statement(result)) {
        if (owed->kind == FC_OWED_PREPARE || fc_lost_its_statement(result))
            p->prepared[call->query][owed->text] = false;
        call->aborted = true;
    }
    if (call->held != NULL &&
        state == PGRES_PIPELINE_ABORTED) { /* what the preparation said is the better reason */
        PQclear(result);
        return;
    }
    PQclear((PGresult *)call->held);
    call->held = result;
}

/* One result for what is owed first; false when libpq has nothing more to give now. */
static bool take_one(struct pipe *p)
{
    struct fc_owed *first = fc_owed_first(&p->owed), owed;
    PGresult *result;

    if (first == NULL)
        return false;
    if (fc_owed_is_together(first))
        (void)PQsetSingleRowMode(p->link.pg); /* without effect once rows have come */
    if (PQisBusy(p->link.pg))
        return false;
    result = PQgetResult(p->link.pg);
    if (result != NULL && fc_ends_the_session(result)) {
        fc_link_drop(&p->link, PQresultErrorMessage(result));
        PQclear(result);
        return false;
    }
    owed = *first;
    if (owed.kind == FC_OWED_SYNC) {
        if (result == NULL)
            return PQstatus(p->link.pg) == CONNECTION_OK && !PQisBusy(p->link.pg);
        take_sync(p, owed, result);
        return true;
    }
    if (result != NULL) {
        take_result(p, first, result);
        return true;
    }
    fc_owed_done(&p->owed); /* NULL ends a statement's results */
    if (owed.kind == FC_OWED_CALL && owed.call != NULL && !owed.call->has_sync)
        finish(p, &owed);
    return true;
}

static void take_results(struct pipe *p)
{
    int n = 0;

    while (n < RESULTS_A_TURN && p->link.state == FC_LINK_UP && take_one(p))
        n++;
    p->more = n == RESULTS_A_TURN;
    if (n > 0)
        p->heard_us = fc_monotonic_us();
    if (p->link.state == FC_LINK_UP && PQstatus(p->link.pg) != CONNECTION_OK)
        fc_link_drop(&p->link, PQerrorMessage(p->link.pg));
}

static void on_ready(struct fc_link *link, uint32_t events)
{
    struct pipe *p = pipe_of(link);

    if ((events & EPOLLOUT) != 0 && PQflush(link->pg) < 0) {
        fc_link_drop(link, PQerrorMessage(link->pg));
        return;
    }
    if (PQconsumeInput(link->pg) != 1) {
        fc_link_drop(link, PQerrorMessage(link->pg));
        return;
    }
    take_results(p);
}

/* ---- coming and going ---- */

/*
 * The C library gives memory at the end of a heap back to the kernel when there is more of it than
 * twice the largest block that the process ever took from the kernel and freed (mallopt(3),
 * M_MMAP_THRESHOLD). PostgreSQL needs several times the size of a long answer, and would take page
 * faults for all of it with each call. So its first statement frees a block larger than those.
 */
static bool send_first(struct pipe *p)
{
    fc_owe(&p->owed, FC_OWED_SYNC, NULL, 0);
    return PQsendQueryParams(p->link.pg, "SELECT length(repeat(' ', 2 * 1024 * 1024))", 0, NULL,
                             NULL, NULL, NULL, 0) == 1 &&
           PQpipelineSync(p->link.pg) == 1;
}

static void on_up(struct fc_link *link)
{
    struct pipe *p = pipe_of(link);

    atomic_fetch_add(&p->pipes->n_up, 1);
    p->heard_us = fc_monotonic_us();
    if (PQenterPipelineMode(link->pg) != 1 || !send_first(p))
        fc_link_drop(link, PQerrorMessage(link->pg));
}

/* Puts what may be sent again back to the front of the queue, in its order; answers the writes that
 * were sent. */
static void recover_sent(struct pipe *p, const char *why)
{
    struct fc_calls again, lost;
    const struct fc_call *seen = NULL;

    fc_calls_init(&again);
    fc_calls_init(&lost);
    for (struct fc_owed *owed; (owed = fc_owed_first(&p->owed)) != NULL; fc_owed_done(&p->owed)) {
        struct fc_call *call = owed->call;

        if (call == NULL || call == seen)
            continue; /* each call is owed up to three times, one behind the other */
        seen = call;
        PQclear((PGresult *)call->held);
        call->held = NULL;
        for (struct fc_call *next; call != NULL; call = next) {
            next = call->next;
            fc_calls_append(fc_statements[call->query].is_write || call->attempts >= ATTEMPTS_MAX
                                ? &lost
                                : &again,
                            call);
        }
    }
    fc_calls_prepend(&p->waiting, &again);
    while (lost.n > 0)
        answer_lost(p, fc_calls_take(&lost), why);
}

static void on_down(struct fc_link *link, bool was_up, const char *why)
{
    struct pipe *p = pipe_of(link);

    if (was_up)
        atomic_fetch_sub(&p->pipes->n_up, 1);
    memset(p->prepared, 0, sizeof p->prepared);
    p->n_sent = 0;
    p->unsynced = p->more = false;
    recover_sent(p, why);
    fc_log(FC_LOG_WARNING, "database connection lost", FC_KV("error", why));
    if (was_up)
        return; /* the next turn connects again, for those that wait */
    for (int n = p->waiting.n; n > 0; n--)
        answer_lost(p, fc_calls_take(&p->waiting), why);
}

static const struct fc_link_role role = {on_up, on_down, on_ready};

static int end_of_turn(struct fc_hook *hook)
{
    struct fc_pipes *pipes = (struct fc_pipes *)((char *)hook - offsetof(struct fc_pipes, hook));
    int wait = -1;

    for (int i = 0; i < pipes->n_read + pipes->n_write; i++) {
        struct pipe *p = &pipes->pipes[i];

        if (p->more)
            take_results(p);
        if (p->waiting.n > 0 || p->unsynced)
            flush(p);
        if (p->more)
            wait = 0;
    }
    return wait;
}

static void on_tick(struct fc_timer *timer)
{
    struct fc_pipes *pipes = (struct fc_pipes *)((char *)timer - offsetof(struct fc_pipes, tick));

    for (int i = 0; i < pipes->n_read + pipes->n_write; i++) {
        struct pipe *p = &pipes->pipes[i];

        fc_link_tick(&p->link);
        if (p->link.state == FC_LINK_UP && fc_owed_first(&p->owed) != NULL &&
            fc_monotonic_us() - p->heard_us > SILENCE_US)
            fc_link_drop(&p->link, "the database does not answer");
    }
}

fc_status fc_pipes_open(struct fc_pipes **pipes, struct fc_loop *loop,
                        const struct fc_pipes_config *config, struct fc_error *error)
{
    int n = config->n_read + config->n_write;
    struct fc_pipes *made = calloc(1, sizeof *made + (size_t)n * sizeof(struct pipe));

    if (made == NULL || (made->url = strdup(config->url)) == NULL) {
        free(made);
        return fc_fail(error, FC_E_INTERNAL, "no memory for connections");
    }
    made->loop = loop;
    made->n_read = config->n_read;
    made->n_write = config->n_write;
    for (int i = 0; i < n; i++) {
        struct pipe *p = &made->pipes[i];

        p->pipes = made;
        fc_calls_init(&p->waiting);
        fc_link_init(&p->link, &role, loop, made->url,
                     i < config->n_read ? "framecastd read" : "framecastd write");
        if (i < config->n_read) /* else short arrays of calls that run together are planned anew */
            p->link.options = "-c plan_cache_mode=force_generic_plan";
    }
    made->hook.run = end_of_turn;
    fc_loop_hook(loop, &made->hook);
    made->tick = (struct fc_timer){.run = on_tick, .every_ms = 1000};
    fc_loop_timer_start(loop, &made->tick, 1000);
    *pipes = made;
    return FC_OK;
}

void fc_pipes_free(struct fc_pipes *pipes)
{
    static const char closing[] = "the server stops";

    if (pipes == NULL)
        return;
    pipes->is_closing = true;
    for (int i = 0; i < pipes->n_read + pipes->n_write; i++) {
        struct pipe *p = &pipes->pipes[i];

        fc_link_close(&p->link);
        recover_sent(p, closing);
        while (p->waiting.n > 0)
            answer_lost(p, fc_calls_take(&p->waiting), closing);
    }
    free(pipes->url);
    free(pipes);
}

/* How much a connection has to do; one that cannot be opened now comes last. */
static int load_of(const struct pipe *p)
{
    if (p->link.state == FC_LINK_DOWN && !fc_link_may_connect(&p->link))
        return INT_MAX;
    return p->waiting.n + p->n_sent;
}

static int least_loaded(const struct fc_pipes *pipes, int from, int n)
{
    int best = from;

    for (int i = from + 1; i < from + n; i++)
        if (load_of(&pipes->pipes[i]) < load_of(&pipes->pipes[best]))
            best = i;
    return best;
}

static struct pipe *choose(struct fc_pipes *pipes, const struct fc_call *call)
{
    struct lane *lane = &pipes->lanes[call->lane % LANES];

    if (!fc_statements[call->query].is_write)
        return &pipes->pipes[least_loaded(pipes, 0, pipes->n_read)];
    if (lane->n_calls == 0)
        lane->pipe = least_loaded(pipes, pipes->n_read, pipes->n_write);
    return &pipes->pipes[lane->pipe];
}

fc_status fc_pipes_send(struct fc_pipes *pipes, struct fc_call *call)
{
    struct pipe *p;

    if (pipes == NULL || pipes->is_closing)
        return FC_E_UNAVAILABLE;
    p = choose(pipes, call);
    if (p->waiting.n >= WAITING_MAX ||
        (p->link.state == FC_LINK_DOWN && !fc_link_may_connect(&p->link)))
        return FC_E_UNAVAILABLE;
    call->attempts = 0;
    call->held = NULL;
    call->aborted = false;
    atomic_fetch_add(&pipes->n_calls, 1);
    if (fc_statements[call->query].is_write)
        pipes->lanes[call->lane % LANES].n_calls++;
    fc_calls_append(&p->waiting, call);
    return FC_OK;
}

struct fc_pipes_load fc_pipes_load(const struct fc_pipes *pipes)
{
    return (struct fc_pipes_load){atomic_load(&pipes->n_up), atomic_load(&pipes->n_calls)};
}
