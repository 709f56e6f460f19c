/*
 * Writing to the clients. Streams that may have something to send are due; some of them are served
 * in each turn of the loop, so that one event for ten thousand streams leaves room for requests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <framecast/time.h>

#include "http/stream_parts.h"

enum { SERVED_A_TURN = 256 };

/* ---- chunks ---- */

struct fc_chunk *fc_chunk_new(const char *text, size_t n, size_t n_before, size_t n_behind)
{
    struct fc_chunk *chunk = calloc(1, sizeof *chunk + n + 1);

    if (chunk == NULL)
        abort(); /* as arenas do */
    chunk->n_users = 1;
    chunk->n = n;
    chunk->n_before = n_before;
    chunk->n_behind = n_behind;
    if (n > 0)
        memcpy(chunk->text, text, n);
    return chunk;
}

/* RFC 9112, 7.1: the size in hexadecimal, the bytes, each followed by CR LF. */
struct fc_chunk *fc_chunk_framed(const char *text, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer framed = fc_buffer_in(arena);
    size_t n_before;

    fc_putf(&framed, "%zx\r\n", n);
    n_before = framed.n;
    fc_put_n(&framed, text, n);
    fc_put(&framed, "\r\n");
    return fc_chunk_new(framed.data, framed.n, n_before, 2);
}

void fc_chunk_leave(struct fc_chunk *chunk)
{
    if (chunk != NULL && --chunk->n_users == 0)
        free(chunk);
}

void fc_stream_take(struct fc_stream *stream, struct fc_chunk *chunk)
{
    chunk->n_users++;
    stream->chunk = chunk;
    stream->sent = stream->is_chunked ? 0 : chunk->n_before;
}

/* ---- one stream ---- */

static size_t end_of(const struct fc_stream *stream)
{
    return stream->chunk->n - (stream->is_chunked ? 0 : stream->chunk->n_behind);
}

static void finish_chunk(struct fc_stream *stream)
{
    struct fc_chunk *chunk = stream->chunk;

    stream->after = chunk->to > stream->after ? chunk->to : stream->after;
    stream->is_gone = stream->is_gone || chunk == stream->topic->hub->end;
    stream->is_over = stream->is_over || chunk->is_last;
    stream->must_fetch = stream->must_fetch || chunk->has_more;
    stream->chunk = NULL;
    fc_chunk_leave(chunk);
}

/* Sends what the socket takes; false when it takes no more. */
static bool send_chunk(struct fc_stream *stream)
{
    size_t end = end_of(stream);
    ssize_t n;

    while (stream->sent < end) {
        n = send(stream->socket.fd, stream->chunk->text + stream->sent, end - stream->sent,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            stream->is_gone = errno != EAGAIN;
            return false;
        }
        stream->sent += (size_t)n;
        stream->wrote_us = fc_monotonic_us();
    }
    finish_chunk(stream);
    return true;
}

/* Sends until there is nothing to send, or no room. */
static void serve(struct fc_stream *stream)
{
    struct fc_hub *hub = stream->topic->hub;
    bool has_room = true;

    while (has_room && !stream->is_gone) {
        if (stream->chunk == NULL && stream->is_over)
            fc_stream_take(stream, hub->end);
        if (stream->chunk == NULL)
            break;
        has_room = send_chunk(stream);
    }
    if (stream->is_gone) {
        fc_stream_free(stream);
        return;
    }
    fc_loop_rewatch(hub->front->loop, &stream->socket,
                    has_room ? EPOLLRDHUP : EPOLLRDHUP | EPOLLOUT);
    if (has_room && stream->must_fetch)
        fc_stream_fetch(stream);
}

/* ---- those that are due ---- */

void fc_stream_due(struct fc_stream *stream)
{
    struct fc_hub *hub = stream->topic->hub;

    if (stream->is_due)
        return;
    stream->is_due = true;
    stream->next_due = NULL;
    *hub->last_due = stream;
    hub->last_due = &stream->next_due;
}

static struct fc_stream *next_due(struct fc_hub *hub)
{
    struct fc_stream *stream = hub->due;

    if (stream == NULL)
        return NULL;
    hub->due = stream->next_due;
    if (hub->due == NULL)
        hub->last_due = &hub->due;
    stream->is_due = false;
    return stream;
}

int fc_hub_run(struct fc_hub *hub)
{
    for (int i = 0; i < SERVED_A_TURN; i++) {
        struct fc_stream *stream = next_due(hub);

        if (stream == NULL)
            return -1;
        serve(stream);
    }
    return hub->due != NULL ? 0 : -1;
}
