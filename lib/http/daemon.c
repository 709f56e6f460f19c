/* One loop's libmicrohttpd daemons: requests come in as calls of MHD, go out suspended, and come
 * back with an answer. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <netdb.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "crypt/crypt.h"
#include "http/internal.h"

enum {
    API_MEMORY = 16 * 1024, /* of one connection: holds the request's line and headers */
    CONNECTIONS_MAX = 20000,
};

/* ---- what a request holds ---- */

const char *fc_header(const struct fc_request *rq, const char *name)
{
    return MHD_lookup_connection_value(((const struct fc_exchange *)rq)->connection,
                                       MHD_HEADER_KIND, name);
}

struct counting {
    const char *name;
    int n;
};

static enum MHD_Result count_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                    const char *value)
{
    struct counting *counting = cls;

    (void)kind;
    (void)value;
    counting->n += fc_text_equal_nocase(key, counting->name);
    return MHD_YES;
}

int fc_header_count(const struct fc_request *rq, const char *name)
{
    struct counting counting = {.name = name};

    (void)MHD_get_connection_values(((const struct fc_exchange *)rq)->connection, MHD_HEADER_KIND,
                                    count_header, &counting);
    return counting.n;
}

const char *fc_peer(const struct fc_request *rq)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        ((const struct fc_exchange *)rq)->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
    char host[NI_MAXHOST];

    if (address == NULL || getnameinfo(address,
                                       address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                      : sizeof(struct sockaddr_in),
                                       host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return "";
    return fc_copy(rq->arena, host);
}

/* ---- the life of an exchange ---- */

/* malloc joins an arena that is freed to its neighbours and cuts the next one out again: those of
 * as many requests as are usually under way are kept. */
static struct fc_arena *arena_take(struct fc_front *front)
{
    return front->n_spares > 0 ? front->spares[--front->n_spares] : fc_arena_new();
}

static void arena_put_back(struct fc_front *front, struct fc_arena *arena)
{
    if (front->n_spares == SPARES_MAX) {
        fc_arena_free(arena);
        return;
    }
    fc_arena_empty(arena);
    front->spares[front->n_spares++] = arena;
}

/* MHD's first word of a request: its URI, before anything is decoded. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct fc_daemon *daemon = cls;
    struct fc_front *front = daemon->front;
    struct fc_arena *arena = arena_take(front);
    struct fc_exchange *x = FC_NEW(arena, struct fc_exchange);

    x->rq.arena = arena;
    x->rq.server = front->server;
    x->front = front;
    x->daemon = daemon;
    x->connection = connection;
    x->fd = -1;
    x->began_us = fc_monotonic_us();
    fc_scheduling_look(front, x->began_us);
    x->raw_uri = fc_copy(arena, uri);
    x->next = front->exchanges;
    x->at = &front->exchanges;
    if (x->next != NULL)
        x->next->at = &x->next;
    front->exchanges = x;
    atomic_fetch_add(&front->server->n_exchanges, 1);
    fc_visit_begins(front, connection);
    return x;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct fc_exchange *x = *state;

    (void)cls;
    (void)code;
    if (x == NULL)
        return;
    *state = NULL;
    fc_visit_waits(x->front, connection);
    assert(x->phase != PHASE_WORKING); /* MHD keeps a suspended request until it is resumed */
    *x->at = x->next;
    if (x->next != NULL)
        x->next->at = x->at;
    atomic_fetch_sub(&x->rq.server->n_exchanges, 1);
    fc_body_free(x);
    arena_put_back(x->front, x->rq.arena);
}

static bool plain_id(const char *id)
{
    size_t n = id != NULL ? strlen(id) : 0;

    return n >= 1 && n <= 128 &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

/* Proxies may send the whole URI: what stands before its path is not looked at. */
static const char *without_authority(const char *uri)
{
    const char *scheme_end = strncasecmp(uri, "http://", 7) == 0    ? uri + 7
                             : strncasecmp(uri, "https://", 8) == 0 ? uri + 8
                                                                    : NULL;

    if (scheme_end == NULL)
        return uri;
    uri = scheme_end + strcspn(scheme_end, "/?");
    return *uri == '/' ? uri : "/";
}

static void read_head(struct fc_exchange *x, const char *method)
{
    const char *id = fc_header(&x->rq, "X-Request-Id"), *uri = without_authority(x->raw_uri);
    const char *question = strchr(uri, '?');
    struct fc_arena *arena = x->rq.arena;

    x->rq.method = fc_method_parse(method);
    x->rq.path = fc_copy_n(arena, uri, question != NULL ? (size_t)(question - uri) : strlen(uri));
    x->rq.query_text = question != NULL ? question + 1 : "";
    x->rq.id = plain_id(id) ? id : fc_copy(arena, fc_uuid_random().text);
    if (!fc_utf8_ok(x->rq.path, strlen(x->rq.path)))
        x->rq.path = "/%"; /* matches nothing */
    fc_exchange_route(x);
}

static const struct fc_sink *sink_of(const struct fc_exchange *x)
{
    return x->verdict == FC_OK && x->rq.method != FC_OPTIONS && x->rq.route != NULL
               ? x->rq.route->sink
               : NULL;
}

static size_t body_limit(const struct fc_exchange *x)
{
    return sink_of(x) != NULL ? BLOB_MAX : BODY_MAX;
}

static enum MHD_Result send_answer(struct fc_exchange *x)
{
    struct MHD_Response *response = fc_exchange_response(x);
    enum MHD_Result queued;

    if (response == NULL)
        return MHD_NO; /* no memory: the connection is closed */
    if (x->stream != NULL) {
        fc_stream_begin(x, response);
        queued = MHD_NO; /* the stream has a descriptor of its own for the socket */
    } else {
        queued = MHD_queue_response(x->connection, (unsigned)x->http, response);
    }
    MHD_destroy_response(response);
    return queued;
}

/* What is answered to a head that announces more than will be read. */
static fc_status too_much(struct fc_exchange *x)
{
    if (x->verdict != FC_OK)
        return x->verdict;
    return x->rq.method == FC_OPTIONS ? fc_answer_json(&x->rq, 200, NULL) : FC_E_TOO_LARGE;
}

/* The head is there. It may be wrong, or announce too much: then the answer goes out before the
 * body comes in. */
static enum MHD_Result begin(struct fc_exchange *x, const char *method, const char *version)
{
    fc_status framing;
    int64_t length;

    x->phase = PHASE_READING;
    x->is_begun = false;
    x->version = version;
    read_head(x, method);
    framing = fc_framing_check(x, &length);
    x->is_last = framing != FC_OK;
    if (x->is_last || length > (int64_t)body_limit(x)) {
        x->is_begun = true;
        fc_exchange_settle(x, x->is_last ? framing : too_much(x));
        return send_answer(x);
    }
    if (sink_of(x) != NULL)
        x->verdict = sink_of(x)->open(&x->rq);
    return MHD_YES;
}

/* A piece of the body. One that grows past its limit is read to its end, up to a second limit, and
 * thrown away. */
static enum MHD_Result take_piece(struct fc_exchange *x, const char *data, size_t *n)
{
    const struct fc_sink *sink = sink_of(x);
    size_t limit = body_limit(x);

    if (x->is_over_limit || x->n_body + *n > limit) {
        x->is_over_limit = true;
        x->n_body += *n;
        if (x->n_body > 4 * limit)
            return MHD_NO;
    } else if (sink != NULL) {
        x->verdict = sink->write(&x->rq, data, *n);
        x->n_body += *n;
    } else if (x->verdict == FC_OK && x->rq.route != NULL && x->rq.route->body != NULL) {
        x->verdict = fc_body_append(x, data, *n);
    }
    *n = 0;
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **state)
{
    struct fc_exchange *x = *state;

    (void)cls;
    (void)connection;
    (void)url;
    if (x->rq.path == NULL)
        return begin(x, method, version);
    if (*n > 0)
        return take_piece(x, data, n);
    if (!x->is_begun) {
        x->phase = PHASE_WORKING;
        fc_exchange_begin(x);
    }
    if (x->phase == PHASE_ANSWERED)
        return send_answer(x);
    x->is_suspended = true;
    MHD_suspend_connection(x->connection);
    return MHD_YES;
}

void fc_exchange_resume(struct fc_exchange *x)
{
    x->is_suspended = false;
    MHD_resume_connection(x->connection);
    x->daemon->must_run = true;
}

/* ---- running the daemons ---- */

/*
 * MHD_USE_TURBO: libmicrohttpd reads from a new connection without first asking whether there is
 * something (there is: accept.c), and closes sockets without shutting them down, so that one that
 * an event stream has taken lives on.
 */
enum {
    DAEMON_FLAGS = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
                   MHD_USE_ERROR_LOG | MHD_USE_TURBO
};

static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text); /* paths are decoded segment by segment, queries value by value: by us */
}

__attribute__((format(printf, 2, 0))) static void on_mhd_log(void *cls, const char *format,
                                                             va_list args)
{
    char line[512];

    (void)cls;
    (void)vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    fc_log(FC_LOG_DEBUG, "http", FC_KV("says", line));
}

static void on_ready(struct fc_watch *watch, uint32_t events)
{
    (void)events;
    ((struct fc_daemon *)((char *)watch - offsetof(struct fc_daemon, watch)))->must_run = true;
}

static fc_status daemon_open(struct fc_daemon *daemon, struct fc_front *front,
                             struct fc_error *error)
{
    const union MHD_DaemonInfo *info;

    daemon->front = front;
    daemon->mhd = MHD_start_daemon(
        DAEMON_FLAGS, 0, NULL, NULL, on_request, daemon, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
        daemon, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        fc_on_connection, daemon, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)API_MEMORY, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_END);
    info = daemon->mhd != NULL ? MHD_get_daemon_info(daemon->mhd, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (info == NULL)
        return fc_fail(error, FC_E_INTERNAL, "libmicrohttpd could not be started: %s",
                       strerror(errno));
    daemon->watch = (struct fc_watch){
        .on_ready = on_ready, .fd = info->epoll_fd, .events = EPOLLIN};
    return fc_loop_watch(front->loop, &daemon->watch, error);
}

static int daemon_run(struct fc_daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (daemon->must_run) {
        daemon->must_run = false;
        (void)MHD_run(daemon->mhd);
    }
    if (MHD_get_timeout(daemon->mhd, &ms) != MHD_YES)
        return -1;
    if (ms == 0)
        daemon->must_run = true;
    return ms > 60000 ? 60000 : (int)ms;
}

static int least(int a, int b)
{
    return a < 0 ? b : b < 0 || a < b ? a : b;
}

static int end_of_turn(struct fc_hook *hook)
{
    struct fc_front *front = (struct fc_front *)((char *)hook - offsetof(struct fc_front, hook));
    int api_ms = daemon_run(&front->api), metrics_ms = daemon_run(&front->metrics);

    return least(least(api_ms, metrics_ms), fc_hub_run(front->hub)); /* with the newest streams */
}

static void *front_thread(void *arg)
{
    struct fc_front *front = arg;

    fc_loop_run(front->loop);
    return NULL;
}

fc_status fc_front_open(struct fc_front *front, struct fc_server *server, int index,
                        struct fc_error *error)
{
    fc_status st;

    front->server = server;
    front->index = index;
    TAILQ_INIT(&front->visits);
    front->counts = fc_metrics_new(server->arena, server->paths.n);
    st = fc_loop_open(&front->loop, error);
    if (st == FC_OK)
        st = daemon_open(&front->api, front, error);
    if (st == FC_OK)
        st = daemon_open(&front->metrics, front, error);
    if (st != FC_OK)
        return st;
    fc_arrivals_open(front);
    fc_patience_start(front);
    front->hook.run =
        end_of_turn; /* before the pipes' hook: what requests ask goes out in the same turn */
    fc_loop_hook(front->loop, &front->hook);
    st = fc_pipes_open(&front->pipes, front->loop, &server->config.pipes, error);
    if (st == FC_OK)
        st = fc_hub_open(&front->hub, front, error);
    if (st == FC_OK && pthread_create(&front->thread, NULL, front_thread, front) != 0)
        st = fc_fail(error, FC_E_INTERNAL, "no thread for an event loop");
    front->is_running = st == FC_OK;
    return st;
}

/* What is still under way at the end of the grace is answered with 503, so that MHD lets go of it.
 * */
static void abandon_exchanges(struct fc_front *front)
{
    for (struct fc_exchange *x = front->exchanges; x != NULL; x = x->next)
        if (x->phase ==
            PHASE_WORKING) {  /* what waits for a timer, or for a thread that has ended */
            x->n_besides = 0; /* nor does anybody bring back what was sent beside it */
            fc_exchange_settle(x, x->is_held ? x->held : FC_E_UNAVAILABLE);
        }
    (void)MHD_run(front->api.mhd);
    (void)MHD_run(front->metrics.mhd);
}

static void daemon_close(struct fc_daemon *daemon)
{
    if (daemon->mhd != NULL)
        MHD_stop_daemon(daemon->mhd);
    daemon->mhd = NULL;
}

void fc_front_close(struct fc_front *front)
{
    if (front->is_running) {
        fc_loop_stop(front->loop);
        (void)pthread_join(front->thread, NULL);
        fc_pipes_free(front->pipes);
        front->pipes = NULL;
        abandon_exchanges(front);
    }
    fc_arrivals_close(front);
    daemon_close(&front->api);
    daemon_close(&front->metrics);
    while (front->n_spares > 0)
        fc_arena_free(front->spares[--front->n_spares]);
    fc_hub_free(front->hub);
    fc_pipes_free(front->pipes);
    fc_loop_free(front->loop);
}

void fc_front_take(struct fc_front *front, struct fc_daemon *daemon, int fd,
                   const struct sockaddr *address, socklen_t n_address)
{
    (void)front;
    /* On failure (no memory, too many connections) MHD closes the socket itself. */
    (void)MHD_add_connection(daemon->mhd, fd, address, n_address);
    daemon->must_run = true;
}
