/*
 * Event streams: how one begins and ends.
 *
 * A stream takes its socket from libmicrohttpd, which has read the request and lets go of the
 * connection: what is left of a client is a struct fc_stream and its socket, and of the request
 * nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "http/stream_parts.h"

enum {
    SOCKET_BYTES = 64 * 1024,   /* what the kernel keeps for a client that stops reading */
    SILENCE_MAX_MS = 60 * 1000, /* of a client that does not acknowledge what was sent */
};

static const char hello[] = "retry: 3000\n\n";

/* ---- what the handler asks for ---- */

/* Goes with its request. It holds a place of the user's, which the stream takes over. */
struct fc_stream_order {
    struct fc_stream_counts *counts;
    struct fc_uuid user, job;
    int64_t after;
    bool is_taken;
};

static void give_place_back(void *thing)
{
    struct fc_stream_order *order = thing;

    if (!order->is_taken)
        (void)fc_stream_count(order->counts, &order->user, -1, INT_MAX);
}

/* A quarter of the descriptors is for everybody else. */
static bool has_room(struct fc_server *server)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
           (rlim_t)atomic_load(&server->n_streams) < limit.rlim_cur / 4 * 3;
}

fc_status fc_stream_answer(struct fc_request *rq, const struct fc_uuid *job, int64_t after)
{
    struct fc_exchange *x = fc_exchange_of(rq);
    struct fc_stream_order *order;

    fc_answer_header(rq, "Cache-Control", "no-cache");
    fc_answer_header(rq, "X-Accel-Buffering", "no");
    if (rq->method == FC_HEAD)
        return fc_answer_text(rq, 200, "text/event-stream", "", 0);
    if (!has_room(rq->server))
        return FC_E_UNAVAILABLE;
    if (!fc_stream_count(rq->server->stream_counts, &rq->caller.user, 1,
                         x->front->hub->source->max_per_user))
        return fc_refuse_rate(rq, 5);
    order = FC_NEW(rq->arena, struct fc_stream_order);
    order->counts = rq->server->stream_counts;
    order->user = rq->caller.user;
    order->job = *job;
    order->after = after;
    fc_arena_defer(rq->arena, give_place_back, order);
    x->stream = order;
    return fc_answer_text(rq, 200, "text/event-stream", NULL, 0);
}

/* ---- the head of the answer ---- */

static enum MHD_Result put_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    fc_putf(cls, "%s: %s\r\n", name, value);
    return MHD_YES;
}

static void put_date(struct fc_buffer *head)
{
    time_t now = time(NULL);
    struct tm parts;
    char text[40];

    if (gmtime_r(&now, &parts) != NULL &&
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0)
        fc_putf(head, "Date: %s\r\n", text);
}

/* The head, and the first words of the body. */
static struct fc_chunk *head_new(struct fc_exchange *x, struct MHD_Response *response,
                                 bool is_chunked)
{
    struct fc_buffer head = fc_buffer_in(x->rq.arena);

    fc_putf(&head, "HTTP/1.1 %d OK\r\nConnection: close\r\n", x->http);
    if (is_chunked)
        fc_put(&head, "Transfer-Encoding: chunked\r\n");
    put_date(&head);
    (void)MHD_get_response_headers(response, put_header, &head);
    fc_put(&head, "\r\n");
    if (is_chunked)
        fc_putf(&head, "%zx\r\n%s\r\n", sizeof hello - 1, hello);
    else
        fc_put(&head, hello);
    return fc_chunk_new(head.data, head.n, 0, 0);
}

/* ---- coming and going ---- */

static void on_socket(struct fc_watch *watch, uint32_t events)
{
    struct fc_stream *stream = (struct fc_stream *)((char *)watch -
                                                    offsetof(struct fc_stream, socket));

    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        stream->is_gone = true;
    fc_stream_due(stream);
}

/* The connection's socket, as a descriptor of our own; -1 when there is none to be had. */
static int take_socket(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const int on = 1, room = SOCKET_BYTES, patience_ms = SILENCE_MAX_MS;
    int fd = info != NULL ? fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0) : -1;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
    return fd;
}

static struct fc_stream *stream_new(struct fc_exchange *x, int fd)
{
    struct fc_stream *stream = calloc(1, sizeof *stream);
    struct fc_hub *hub = x->front->hub;

    if (stream == NULL)
        abort(); /* as arenas do */
    stream->socket = (struct fc_watch){.on_ready = on_socket, .fd = fd, .events = EPOLLRDHUP};
    stream->user = x->rq.caller.user;
    stream->key = x->rq.caller.key;
    stream->after = x->stream->after;
    stream->is_chunked = strcmp(x->version, "HTTP/1.0") != 0;
    stream->is_over = hub->is_ending;
    stream->must_fetch = true;
    stream->opened_us = stream->wrote_us = stream->visible_us = fc_monotonic_us();
    fc_topic_join(hub, &x->stream->job, stream);
    x->stream->is_taken = true;
    hub->n_streams++;
    hub->n_moves++;
    atomic_fetch_add(&hub->front->server->n_streams, 1);
    return stream;
}

void fc_stream_begin(struct fc_exchange *x, struct MHD_Response *response)
{
    int fd = take_socket(x->connection);
    struct fc_stream *stream;

    if (fd < 0) {
        fc_log(FC_LOG_WARNING, "no descriptor for an event stream", FC_KV("request_id", x->rq.id),
               FC_KV("error", strerror(errno)));
        return;
    }
    stream = stream_new(x, fd);
    stream->chunk = head_new(x, response, stream->is_chunked);
    stream->is_gone = fc_loop_watch(x->front->loop, &stream->socket, NULL) != FC_OK;
    fc_stream_due(stream);
}

/* What the client has not read is given up, so that the kernel does not keep it either. */
void fc_stream_free(struct fc_stream *stream)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct fc_hub *hub = stream->topic->hub;

    fc_loop_unwatch(hub->front->loop, &stream->socket);
    if (stream->chunk != NULL)
        (void)setsockopt(stream->socket.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(stream->socket.fd);
    fc_chunk_leave(stream->chunk);
    fc_topic_leave(stream);
    (void)fc_stream_count(hub->front->server->stream_counts, &stream->user, -1, INT_MAX);
    hub->n_streams--;
    hub->n_moves++;
    atomic_fetch_sub(&hub->front->server->n_streams, 1);
    free(stream);
}
