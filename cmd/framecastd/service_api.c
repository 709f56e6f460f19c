/* The endpoints for machines that look after the server. */
#include <string.h>

#include <framecast/version.h>

#include "auth/context.h"
#include "db/migrate.h"
#include "framecastd.h"
#include "http/metrics.h"
#include "orchestrate/embedded.h"

static fc_status say(struct fc_request *rq, const char *text)
{
    return fc_answer_text(rq, 200, "text/plain", text, strlen(text));
}

/* GET / */
static fc_status root_get(struct fc_request *rq)
{
    return say(rq, "Framecast API v" FC_VERSION);
}

/* GET /health: the process is alive; touches nothing else. */
static fc_status health_get(struct fc_request *rq)
{
    return say(rq, "OK");
}

static fc_status ready(struct fc_request *rq, const char *outcome, const char *body,
                       const char *more)
{
    (void)body;
    (void)more;
    if (strcmp(outcome, "ok") != 0)
        return FC_E_UNAVAILABLE;
    return fc_answer_json(rq, 200, "{\"status\":\"ready\"}");
}

/* GET /ready: the database answers and has this version's schema. */
static fc_status ready_get(struct fc_request *rq)
{
    const struct fc_migration *newest = fc_migrations;

    while (newest[1].number != 0)
        newest++;
    return fc_answer_then(rq, FC_Q_SCHEMA_READY, FC_ARGS(fc_arg_int(newest->number)), ready);
}

static void put_workers(struct fc_buffer *b, struct fc_runner_counts counts)
{
    const struct {
        const char *name, *type, *help;
        int64_t value;
    } rows[] = {
        {"framecast_render_workers", "gauge", "Worker threads for jobs.", counts.n_workers},
        {"framecast_render_workers_busy", "gauge", "Of them, those that hold a job.",
         counts.n_busy},
        {"framecast_render_jobs_claimed_total", "counter", "Jobs claimed since start.",
         counts.jobs_claimed},
        {"framecast_render_jobs_completed_total", "counter", "Of them, completed.",
         counts.jobs_completed},
        {"framecast_render_jobs_failed_total", "counter", "Of them, failed.", counts.jobs_failed},
        {"framecast_objects_deleted_total", "counter", "Stored objects deleted since start.",
         counts.objects_deleted},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fc_putf(b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", rows[i].name, rows[i].help,
                rows[i].name, rows[i].type, rows[i].name, (long long)rows[i].value);
}

static fc_status measured(struct fc_request *rq, const char *outcome, const char *body,
                          const char *more)
{
    struct fc_buffer text = fc_buffer_in(rq->arena);

    (void)outcome;
    (void)more;
    fc_metrics_put(&text, rq->server);
    put_workers(&text, fc_runner_counts(fc_context_of(rq)->waker));
    if (body != NULL)
        fc_put(&text, body);
    return fc_answer_text(rq, 200, "text/plain; version=0.0.4; charset=utf-8", text.data, text.n);
}

/* GET /metrics */
static fc_status metrics_get(struct fc_request *rq)
{
    return fc_answer_then(rq, FC_Q_METRICS, FC_NO_ARGS, measured);
}

const struct fc_route fc_service_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(GET, "/",        PUBLIC, NULL, NULL, NULL, 200, root_get),
    FC_ROUTE(GET, "/health",  PUBLIC, NULL, NULL, NULL, 200, health_get, .flags = FC_PROBE),
    FC_ROUTE(GET, "/ready",   PUBLIC, NULL, NULL, NULL, 200, ready_get, .flags = FC_PROBE),
    FC_ROUTE(GET, "/metrics", PUBLIC, NULL, NULL, NULL, 200, metrics_get,
             .flags = FC_METRICS_PORT | FC_PROBE),
    {0},
};
