/* Counters of requests, in Prometheus' text format 0.0.4. Each loop counts for itself; whoever asks
 * adds them up. */
#include <string.h>

#include <framecast/time.h>

#include "http/internal.h"

static const int statuses[] = {200, 201, 204, 206, 400, 401, 402, 403, 404,
                               405, 409, 410, 413, 415, 416, 429, 500, 503};
static const int64_t bounds_us[] = {250,   500,   1000,   2500,   5000,    10000,
                                    25000, 50000, 100000, 250000, 1000000, 5000000};

enum {
    N_STATUSES = sizeof statuses / sizeof *statuses,
    N_BOUNDS = sizeof bounds_us / sizeof *bounds_us
};

/* Written by one thread, read by any. */
struct cell {
    atomic_llong sum_us,
        within[N_BOUNDS + 1]; /* by the first bound that it keeps; the last: none */
};

struct fc_metrics {
    int n_paths;        /* one more row is for paths that nobody knows */
    struct cell *cells; /* [n_paths + 1][N_STATUSES] */
};

struct fc_metrics *fc_metrics_new(struct fc_arena *arena, int n_paths)
{
    struct fc_metrics *metrics = FC_NEW(arena, struct fc_metrics);

    metrics->n_paths = n_paths;
    metrics->cells = FC_NEW_ARRAY(arena, struct cell, (size_t)(n_paths + 1) * N_STATUSES);
    return metrics;
}

static int status_index(int http)
{
    for (int i = 0; i < N_STATUSES; i++)
        if (statuses[i] == http)
            return i;
    return N_STATUSES - 2; /* another one is a mistake of ours: it shows as 500 */
}

static void add(atomic_llong *to, int64_t n)
{
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

void fc_metrics_count(struct fc_front *front, const struct fc_exchange *x)
{
    struct fc_metrics *metrics = front->counts;
    int row = x->matched != NULL ? x->matched->index : metrics->n_paths;
    struct cell *cell = &metrics->cells[row * N_STATUSES + status_index(x->http)];
    int64_t us = x->answered_us - x->began_us;
    int bound = 0;

    while (bound < N_BOUNDS && us > bounds_us[bound])
        bound++;
    add(&cell->sum_us, us);
    add(&cell->within[bound], 1);
}

struct sums {
    long long count, sum_us, below[N_BOUNDS]; /* below: or at the bound, the smaller ones too */
};

static struct sums add_up(const struct fc_server *server, int row, int status)
{
    struct sums sums = {0};
    long long within[N_BOUNDS + 1] = {0};

    for (int i = 0; i < server->n_fronts; i++) {
        struct cell *cell = &server->fronts[i].counts->cells[row * N_STATUSES + status];

        sums.sum_us += atomic_load_explicit(&cell->sum_us, memory_order_relaxed);
        for (int b = 0; b <= N_BOUNDS; b++)
            within[b] += atomic_load_explicit(&cell->within[b], memory_order_relaxed);
    }
    for (int b = 0; b < N_BOUNDS; b++)
        sums.below[b] = sums.count += within[b];
    sums.count += within[N_BOUNDS];
    return sums;
}

static void put_cell(struct fc_buffer *b, const struct fc_server *server, int row, int status)
{
    struct sums sums = add_up(server, row, status);
    const struct fc_route *route = row < server->paths.n ? server->paths.at[row].route : NULL;
    char labels[256];

    if (sums.count == 0)
        return;
    (void)snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\",status=\"%d\"",
                   route != NULL ? fc_method_name(route->method) : "",
                   route != NULL ? route->path : "unknown", statuses[status]);
    for (int i = 0; i < N_BOUNDS; i++)
        fc_putf(b, "framecast_http_request_duration_seconds_bucket{%s,le=\"%g\"} %lld\n", labels,
                (double)bounds_us[i] / 1e6, sums.below[i]);
    fc_putf(b, "framecast_http_request_duration_seconds_bucket{%s,le=\"+Inf\"} %lld\n", labels,
            sums.count);
    fc_putf(b, "framecast_http_request_duration_seconds_sum{%s} %.6f\n", labels,
            (double)sums.sum_us / 1e6);
    fc_putf(b, "framecast_http_request_duration_seconds_count{%s} %lld\n", labels, sums.count);
}

static void put_gauge(struct fc_buffer *b, const char *name, const char *help, long long value)
{
    fc_putf(b, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name, value);
}

void fc_metrics_put(struct fc_buffer *b, struct fc_server *server)
{
    int n_up = 0, n_calls = 0;

    fc_put(b, "# HELP framecast_http_request_duration_seconds Requests and how long they took.\n"
              "# TYPE framecast_http_request_duration_seconds histogram\n");
    for (int row = 0; row <= server->paths.n; row++)
        for (int status = 0; status < N_STATUSES; status++)
            put_cell(b, server, row, status);
    for (int i = 0; i < server->n_fronts; i++) {
        struct fc_pipes_load load = fc_pipes_load(server->fronts[i].pipes);

        n_up += load.n_up;
        n_calls += load.n_calls;
    }
    put_gauge(b, "framecast_http_requests_open", "Requests under way.",
              atomic_load(&server->n_exchanges));
    put_gauge(b, "framecast_event_streams_open", "Open event streams.",
              atomic_load(&server->n_streams));
    put_gauge(b, "framecast_database_connections_up", "Connections of the event loops that are up.",
              n_up);
    put_gauge(b, "framecast_database_calls_open",
              "Statements of requests that wait or are under way.", n_calls);
}
