/* From a whole request to its answer: the order of the checks, the statement, the caller, the
 * outcome. */
#include <assert.h>
#include <string.h>

#include <framecast/log.h>

#include "http/internal.h"

/* ---- checking what was sent ---- */

static fc_status check_ids(struct fc_exchange *x)
{
    const struct fc_path *path = x->matched;
    int n = 0;

    for (int i = 0; i < path->n; i++) {
        if (path->segments[i].text != NULL)
            continue;
        if (path->segments[i].is_id && !fc_uuid_parse(x->rq.params[n], &x->rq.ids[n]))
            return fc_refuse(&x->rq, FC_E_VALIDATION, "the id in the path is not a UUID");
        n++;
    }
    return FC_OK;
}

static fc_status check_query(struct fc_exchange *x)
{
    struct fc_error error;
    fc_status st;

    if (x->rq.route->query == NULL)
        return FC_OK;
    st = fc_shape_read_query(x->rq.arena, x->rq.route->query, x->rq.query_text, &x->rq.query,
                             &error);
    return st == FC_OK ? FC_OK : fc_refuse(&x->rq, st, "%s", error.text);
}

static fc_status check_headers(struct fc_exchange *x)
{
    struct fc_request *rq = &x->rq;
    const char *key = fc_header(rq, "Idempotency-Key");
    size_t n = key != NULL ? strlen(key) : 0;
    int times = fc_header_count(rq, "Idempotency-Key");

    if ((rq->route->flags & FC_IDEMPOTENT) == 0 || times == 0)
        return FC_OK;
    if (times > 1)
        return fc_refuse(rq, FC_E_VALIDATION, "the header Idempotency-Key may be given once");
    if (n < 1 || n > 255)
        return fc_refuse(rq, FC_E_VALIDATION,
                         "the header Idempotency-Key must have 1 to 255 characters");
    for (size_t i = 0; i < n; i++)
        if (key[i] < ' ' || key[i] > '~')
            return fc_refuse(rq, FC_E_VALIDATION,
                             "the header Idempotency-Key must be printable ASCII");
    rq->idempotency_key = key;
    return FC_OK;
}

/* ---- statements ---- */

static void on_result(struct fc_call *call, const struct fc_result *result);

static void send_statement(struct fc_exchange *x)
{
    const struct fc_statement *statement = &fc_statements[x->query];
    fc_status st;

    if (statement->is_api)
        x->front->server->config.gate->arguments(&x->rq, x->values);
    x->call = (struct fc_call){
        .query = x->query,
        .credential = x->rq.caller.credential,
        .values = statement->is_api ? x->values : x->values + FC_CALLER_ARGS,
        .lane = statement->is_write ? fc_hash(x->rq.caller.user.text) : 0,
        .arena = x->rq.arena,
        .on_result = on_result,
    };
    st = fc_pipes_send(x->front->pipes, &x->call);
    if (st != FC_OK)
        fc_exchange_settle(x, st);
}

/* Names the exchange's next statement. Its own arguments stand behind room for the caller's. */
static void name_statement(struct fc_exchange *x, enum fc_query query, struct fc_args args)
{
    const struct fc_statement *statement = &fc_statements[query];

    assert(args.n + (statement->is_api ? FC_CALLER_ARGS : 0) == statement->n_args);
    x->query = query;
    x->n_args = args.n;
    x->has_statement = true;
    fc_args_bind(x->rq.arena, args, x->values + FC_CALLER_ARGS);
}

fc_status fc_answer_then(struct fc_request *rq, enum fc_query query, struct fc_args args,
                         fc_then *then)
{
    struct fc_exchange *x = fc_exchange_of(rq);

    name_statement(x, query, args);
    x->then = then;
    return FC_OK;
}

fc_status fc_answer(struct fc_request *rq, enum fc_query query, struct fc_args args)
{
    return fc_answer_then(rq, query, args, fc_answer_outcome);
}

fc_status fc_gate_ask(struct fc_request *rq, enum fc_query query, struct fc_args args,
                      fc_gate_then *then)
{
    struct fc_exchange *x = fc_exchange_of(rq);
    const char **values = FC_NEW_ARRAY(rq->arena, const char *, FC_STATEMENT_ARGS_MAX);
    fc_status st;

    fc_args_bind(rq->arena, args, values);
    x->gate_then = then;
    x->is_gate_asking = true;
    x->call = (struct fc_call){.query = query, .values = values, .on_result = on_result};
    st = fc_pipes_send(x->front->pipes, &x->call);
    if (st != FC_OK)
        x->is_gate_asking = false;
    return st;
}

struct beside {
    struct fc_call call;
    struct fc_exchange *x;
    const char *values[FC_STATEMENT_ARGS_MAX];
};

static void on_beside(struct fc_call *call, const struct fc_result *result)
{
    struct fc_exchange *x = ((struct beside *)call)->x;

    if (result->status != FC_OK)
        fc_log(FC_LOG_WARNING, "statement beside a request failed",
               FC_KV("statement", fc_statements[call->query].name), FC_KV("error", result->why));
    if (--x->n_besides == 0 && x->is_held)
        fc_exchange_settle(x, x->held);
}

void fc_beside(struct fc_request *rq, enum fc_query query, struct fc_args args)
{
    struct fc_exchange *x = fc_exchange_of(rq);
    struct beside *beside = FC_NEW(rq->arena, struct beside);

    beside->x = x;
    fc_args_bind(rq->arena, args, beside->values);
    beside->call = (struct fc_call){
        .query = query, .values = beside->values, .on_result = on_beside};
    if (fc_pipes_send(x->front->pipes, &beside->call) == FC_OK)
        x->n_besides++;
}

/* ---- outcomes ---- */

fc_status fc_answer_outcome(struct fc_request *rq, const char *outcome, const char *body,
                            const char *more)
{
    const struct fc_refusal *refusal;

    if (strcmp(outcome, "ok") == 0 || strcmp(outcome, "replay") == 0) {
        bool is_replay = outcome[0] == 'r';

        if (is_replay)
            fc_answer_header(rq, "Idempotent-Replayed", "true");
        if (more != NULL)
            fc_page_headers(rq, more);
        return fc_answer_json(rq, is_replay ? 200 : rq->route->success, body);
    }
    refusal = fc_refusal_by_name(outcome[0] != '\0' ? outcome : "not_found");
    if (refusal == NULL) {
        fc_log(FC_LOG_ERROR, "a statement gave an outcome that means nothing",
               FC_KV("request_id", rq->id), FC_KV("outcome", outcome));
        return FC_E_INTERNAL;
    }
    fc_refuse_details(rq, body);
    return fc_refuse(rq, refusal->status, "%s", refusal->sentence);
}

static const char *column(struct fc_exchange *x, const struct fc_rows *rows, int i)
{
    return rows->n > 0 && i < rows->n_columns ? fc_rows_keep(rows, 0, i, x->rq.arena) : NULL;
}

/* False when there is no worker any more. */
static bool to_worker(struct fc_exchange *x, fc_status (*run)(struct fc_request *rq),
                      void (*after)(struct fc_exchange *x, fc_status st))
{
    x->on_worker = run;
    x->after_worker = after;
    return fc_crew_take(x->front->server->crew, x);
}

/* What comes after a handler or a `then`: its statement, the back, or the answer. */
static void go_on(struct fc_exchange *x, fc_status st)
{
    if (st == FC_OK && x->has_statement)
        send_statement(x);
    else if (st == FC_OK && x->again != NULL)
        fc_loop_timer_start(x->front->loop, &x->later, x->later_ms);
    else if (st != FC_OK || x->wants_worker == NULL)
        fc_exchange_settle(x, st);
    else if (!to_worker(x, x->wants_worker, fc_exchange_settle))
        fc_exchange_settle(x, FC_E_UNAVAILABLE);
}

static void on_later(struct fc_timer *timer)
{
    struct fc_exchange *x = (struct fc_exchange *)((char *)timer -
                                                   offsetof(struct fc_exchange, later));
    fc_status (*again)(struct fc_request * rq) = x->again;

    x->again = NULL;
    go_on(x, again(&x->rq));
}

fc_status fc_answer_later(struct fc_request *rq, int ms, fc_status (*again)(struct fc_request *rq))
{
    struct fc_exchange *x = fc_exchange_of(rq);

    x->again = again;
    x->later_ms = ms;
    x->later.run = on_later;
    return FC_OK;
}

static void take_outcome(struct fc_exchange *x, const char *outcome, const char *body,
                         const char *more)
{
    fc_then *then = x->then;

    x->has_statement = false;
    x->then = NULL;
    if (then ==
        NULL) /* the statement was about the caller alone: what the handler said before counts */
        go_on(x, x->verdict);
    else
        go_on(x, then(&x->rq, outcome != NULL ? outcome : "", body, more));
}

static void take_caller(struct fc_exchange *x, const struct fc_rows *rows)
{
    bool again = false;
    fc_status st = x->front->server->config.gate->judge(
        &x->rq, column(x, rows, 0), column(x, rows, 1), column(x, rows, 2), &again);

    if (x->is_gate_asking)
        return;
    if (again) {
        send_statement(x);
        return;
    }
    if (st != FC_OK) {
        fc_exchange_settle(x, st);
        return;
    }
    x->rq.caller.is_settled = true;
    take_outcome(x, column(x, rows, 3), column(x, rows, 4), column(x, rows, 5));
}

/* Everything about the request is known, or @st says what is wrong with it. */
static void handle(struct fc_exchange *x, fc_status st)
{
    if (st == FC_OK)
        st = x->rq.route->handler(&x->rq);
    if (x->rq.route->access == FC_PUBLIC) {
        go_on(x, st);
        return;
    }
    x->verdict = st;
    if (st != FC_OK || !x->has_statement) {
        name_statement(x, FC_Q_CALLER_ONLY, FC_NO_ARGS);
        x->then = NULL;
    }
    send_statement(x);
}

static void check_and_handle(struct fc_exchange *x)
{
    fc_status st = check_ids(x);

    if (st == FC_OK)
        st = check_query(x);
    if (st == FC_OK)
        st = check_headers(x);
    if (st == FC_OK)
        st = fc_body_check(x);
    if (st == FC_OK && fc_body_is_large(x) && to_worker(x, fc_body_read, handle))
        return;
    handle(x, st == FC_OK ? fc_body_read(&x->rq) : st);
}

static void after_identify(struct fc_exchange *x, fc_status st)
{
    x->is_identifying = false;
    if (st != FC_OK)
        fc_exchange_settle(x, st);
    else
        check_and_handle(x);
}

static void log_failure(const struct fc_exchange *x, const char *statement,
                        const struct fc_result *result)
{
    fc_log(FC_LOG_ERROR, "statement failed", FC_KV("request_id", x->rq.id),
           FC_KV("statement", statement), FC_KV("error", result->why),
           FC_KV("meaning", result->refusal->sentence));
}

static void take_gate_result(struct fc_exchange *x, const struct fc_result *result)
{
    bool again = false;
    fc_status st;

    x->is_gate_asking = false;
    if (result->status != FC_OK)
        log_failure(x, fc_statements[x->call.query].name, result);
    st = x->gate_then(&x->rq, result, &again);
    if (x->is_gate_asking)
        return;
    if (x->is_identifying)
        after_identify(x, st);
    else if (again)
        send_statement(x);
    else
        fc_exchange_settle(x, st);
}

static void on_result(struct fc_call *call, const struct fc_result *result)
{
    struct fc_exchange *x = (struct fc_exchange *)((char *)call -
                                                   offsetof(struct fc_exchange, call));

    if (x->is_gate_asking) {
        take_gate_result(x, result);
        return;
    }
    if (result->status != FC_OK) {
        if (fc_status_row(result->status)->http >= 500)
            log_failure(x, fc_statements[x->query].name, result);
        fc_exchange_settle(x, fc_refuse(&x->rq, result->status, "%s", result->refusal->sentence));
        return;
    }
    if (fc_statements[x->query].is_api)
        take_caller(x, &result->rows);
    else
        take_outcome(x, column(x, &result->rows, 0), column(x, &result->rows, 1),
                     column(x, &result->rows, 2));
}

/* ---- from beginning to end ---- */

/* With a port of their own the metrics are there alone, and nothing else is. */
static bool is_on_other_port(const struct fc_exchange *x)
{
    bool is_metrics = (x->matched->route->flags & FC_METRICS_PORT) != 0,
         on_metrics = x->daemon == &x->front->metrics;

    return x->front->server->config.metrics_port != 0 && is_metrics != on_metrics;
}

void fc_exchange_route(struct fc_exchange *x)
{
    fc_status st = fc_route_find(&x->front->server->paths, &x->rq, &x->matched, &x->allow);

    if (x->matched != NULL && is_on_other_port(x)) {
        x->matched = NULL;
        st = FC_E_NOT_FOUND;
    }
    x->verdict = x->rq.method == FC_OPTIONS ? FC_OK : st;
    x->rq.route = x->matched != NULL ? x->matched->route : NULL;
}

void fc_exchange_begin(struct fc_exchange *x)
{
    x->is_begun = true;
    if (x->rq.method == FC_OPTIONS) {
        fc_exchange_settle(x, fc_answer_json(&x->rq, 200, NULL));
        return;
    }
    if (x->verdict != FC_OK) {
        fc_exchange_settle(x, x->verdict);
        return;
    }
    if (x->rq.route->access == FC_PUBLIC) {
        check_and_handle(x);
        return;
    }
    x->is_identifying = true;
    x->verdict = x->front->server->config.gate->identify(&x->rq);
    if (!x->is_gate_asking)
        after_identify(x, x->verdict);
}

static enum fc_log_level log_level_of(const struct fc_exchange *x)
{
    bool is_probe = x->rq.route != NULL && (x->rq.route->flags & FC_PROBE) != 0;

    return x->http >= 500 ? FC_LOG_ERROR : is_probe ? FC_LOG_DEBUG : FC_LOG_INFO;
}

static void log_request(const struct fc_exchange *x)
{
    fc_log(log_level_of(x), "request", FC_KV("request_id", x->rq.id),
           FC_KV("method", fc_method_name(x->rq.method)), FC_KV("path", x->rq.path),
           FC_KV("route", x->rq.route != NULL ? x->rq.route->path : ""),
           FC_KV_INT("status", x->http), FC_KV_INT("us", x->answered_us - x->began_us),
           FC_KV("user", x->rq.caller.user.text));
}

void fc_exchange_settle(struct fc_exchange *x, fc_status status)
{
    if (x->n_besides > 0) {
        x->is_held = true;
        x->held = status;
        return;
    }
    if (x->rq.route != NULL && x->rq.route->access != FC_PUBLIC && x->rq.method != FC_OPTIONS &&
        status != FC_E_METHOD)
        status = x->front->server->config.gate->finish(&x->rq, status);
    fc_exchange_compose(x, status);
    x->phase = PHASE_ANSWERED;
    x->answered_us = fc_monotonic_us();
    fc_metrics_count(x->front, x);
    log_request(x);
    if (x->is_suspended)
        fc_exchange_resume(x);
}

fc_status fc_on_worker(struct fc_request *rq, fc_status (*run)(struct fc_request *rq))
{
    fc_exchange_of(rq)->wants_worker = run;
    return FC_OK;
}

void *fc_context(const struct fc_request *rq)
{
    return rq->server->config.context;
}
