/*
 * A hub holds the event streams of one loop. Streams of one job share a topic; what is read from
 * the database for one of them (a chunk) serves all that stand at the same place. A stream that has
 * nothing to send is suspended: it has left libmicrohttpd's epoll, so the hub watches its socket
 * for the client's leaving.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "db/listen.h"
#include "http/internal.h"

enum {
    TOPIC_BUCKETS = 1024,
    EVENTS_A_CHUNK = 200,
    BLOCK_BYTES = 512,
    TICK_MS = 1000,
    KEEP_ALIVE_US = 15 * 1000 * 1000,
    VISIBILITY_US = 45 * 1000 *
                    1000, /* asked again after this, at the latest a minute after the last time */
    VISIBILITY_BATCH = 500,
    QUIET_POLL_US = 15 * 1000 *
                    1000, /* a topic that heard nothing is read even though no notification came */
};

static const char hello[] = "retry: 3000\n\n", keep_alive[] = ": keep-alive\n\n";

/* Text that some streams are sending. */
struct chunk {
    int n_users;
    int64_t to;
    bool is_last, has_more;
    size_t n;
    char text[];
};

struct topic {
    struct topic *next; /* in its bucket */
    struct fc_uuid job;
    struct fc_stream *streams;
    int64_t known, heard_us;
    unsigned
        /* notifications: an answer that was asked for before one may lack what it told of */
        n_heard;
};

struct fc_stream {
    struct fc_hub *hub;
    struct topic *topic;
    struct fc_stream *next, **at; /* of the topic */
    struct MHD_Connection *connection;
    struct fc_watch gone; /* the client's leaving */
    struct fc_uuid user, key;
    int64_t after; /* sequence of the last event sent */
    struct chunk *chunk;
    const char *line; /* hello or a comment under way */
    size_t sent;      /* of the line or the chunk */
    int64_t opened_us, wrote_us, visible_us;
    bool is_suspended, is_fetching, is_over, must_fetch, is_watched;
};

struct fc_hub {
    struct fc_front *front;
    const struct fc_stream_source *source;
    struct fc_listener *listener;
    struct fc_timer tick;
    struct topic *topics[TOPIC_BUCKETS];
    const char *channels[2]; /* closed by NULL */
    bool is_listening;
};

/* ---- open streams of each user, over all loops ---- */

struct user_count {
    struct user_count *next;
    struct fc_uuid user;
    int n;
};

struct fc_stream_counts {
    pthread_mutex_t lock;
    struct user_count *buckets[TOPIC_BUCKETS];
};

static unsigned bucket_of(const struct fc_uuid *id)
{
    return (unsigned)strtoul((const char[]){id->text[0], id->text[1], id->text[2], id->text[3], 0},
                             NULL, 16) %
           TOPIC_BUCKETS;
}

struct fc_stream_counts *fc_stream_counts_new(void)
{
    struct fc_stream_counts *counts = calloc(1, sizeof *counts);

    if (counts == NULL)
        abort(); /* as arenas do */
    (void)pthread_mutex_init(&counts->lock, NULL);
    return counts;
}

void fc_stream_counts_free(struct fc_stream_counts *counts)
{
    if (counts == NULL)
        return;
    (void)pthread_mutex_destroy(&counts->lock);
    free(counts);
}

/* Adds @change to the user's count unless that would pass @max; false when it would. A count of 0
 * leaves nothing behind. */
static bool count_streams(struct fc_stream_counts *counts, const struct fc_uuid *user, int change,
                          int max)
{
    struct user_count **at = &counts->buckets[bucket_of(user)], *count;
    bool fits = true;

    (void)pthread_mutex_lock(&counts->lock);
    while (*at != NULL && !fc_uuid_equal(&(*at)->user, user))
        at = &(*at)->next;
    if (*at == NULL && (*at = calloc(1, sizeof **at)) != NULL)
        (*at)->user = *user;
    count = *at;
    if (count == NULL || count->n + change > max)
        fits = false;
    else
        count->n += change;
    if (count != NULL && count->n <= 0) {
        *at = count->next;
        free(count);
    }
    (void)pthread_mutex_unlock(&counts->lock);
    return fits;
}

/* ---- topics ---- */

static struct topic *topic_find(struct fc_hub *hub, const struct fc_uuid *job)
{
    struct topic *topic = hub->topics[bucket_of(job)];

    while (topic != NULL && !fc_uuid_equal(&topic->job, job))
        topic = topic->next;
    return topic;
}

static struct topic *topic_for(struct fc_hub *hub, const struct fc_uuid *job)
{
    struct topic *topic = topic_find(hub, job), **bucket = &hub->topics[bucket_of(job)];

    if (topic != NULL)
        return topic;
    topic = calloc(1, sizeof *topic);
    if (topic == NULL)
        abort(); /* as arenas do */
    topic->job = *job;
    topic->heard_us = fc_monotonic_us();
    topic->next = *bucket;
    *bucket = topic;
    return topic;
}

static void topic_leave(struct fc_hub *hub, struct topic *topic)
{
    struct topic **at = &hub->topics[bucket_of(&topic->job)];

    if (topic->streams != NULL)
        return;
    while (*at != topic)
        at = &(*at)->next;
    *at = topic->next;
    free(topic);
}

/* ---- sending ---- */

static void resume(struct fc_stream *stream)
{
    if (!stream->is_suspended)
        return;
    stream->is_suspended = false;
    MHD_resume_connection(stream->connection);
    stream->hub->front->streams.must_run = stream->hub->front->api.must_run = true;
}

static void end_stream(struct fc_stream *stream)
{
    stream->is_over = true;
    resume(stream);
}

static void chunk_leave(struct chunk *chunk)
{
    if (--chunk->n_users == 0)
        free(chunk);
}

static void fetch(struct fc_stream *stream);

/* All of the present chunk is out. */
static void finish_chunk(struct fc_stream *stream)
{
    struct chunk *chunk = stream->chunk;

    stream->after = chunk->to > stream->after ? chunk->to : stream->after;
    stream->is_over = stream->is_over || chunk->is_last;
    stream->must_fetch = stream->must_fetch || chunk->has_more;
    stream->chunk = NULL;
    stream->sent = 0;
    chunk_leave(chunk);
}

static ssize_t send_some(struct fc_stream *stream, const char *text, size_t n, char *out,
                         size_t room)
{
    size_t part = n - stream->sent < room ? n - stream->sent : room;

    memcpy(out, text + stream->sent, part);
    stream->sent += part;
    stream->wrote_us = fc_monotonic_us();
    return (ssize_t)part;
}

/* MHD asks for the next bytes. */
static ssize_t on_read(void *cls, uint64_t position, char *out, size_t room)
{
    struct fc_stream *stream = cls;
    ssize_t n;

    (void)position;
    if (stream->line != NULL) {
        size_t whole = strlen(stream->line);

        n = send_some(stream, stream->line, whole, out, room);
        if (stream->sent == whole) {
            stream->line = NULL;
            stream->sent = 0;
        }
        return n;
    }
    if (stream->chunk != NULL && stream->sent < stream->chunk->n) {
        n = send_some(stream, stream->chunk->text, stream->chunk->n, out, room);
        if (stream->sent == stream->chunk->n)
            finish_chunk(stream);
        return n;
    }
    if (stream->is_over)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (stream->must_fetch || stream->topic->known > stream->after)
        fetch(stream);
    stream->is_suspended = true;
    MHD_suspend_connection(stream->connection);
    return 0;
}

/* ---- reading from the database ---- */

struct fetch {
    struct fc_call call;
    struct fc_hub *hub;
    struct fc_uuid job;
    int64_t after;
    unsigned n_heard; /* of the topic, when this was asked */
    char after_text[24], n_text[16];
    const char *values[3];
};

/* The payloads come as PostgreSQL prints jsonb; on the wire they are compact. */
static struct chunk *chunk_from(const char *text)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer wire = fc_buffer_in(arena);
    struct chunk *chunk;

    while (*text != '\0') {
        size_t line = strcspn(text, "\n");

        if (line > 6 && memcmp(text, "data: ", 6) == 0) {
            fc_put(&wire, "data: ");
            fc_put_minified(&wire, text + 6, line - 6);
        } else {
            fc_put_n(&wire, text, line);
        }
        fc_put_char(&wire, '\n');
        text += line + (text[line] == '\n');
    }
    chunk = calloc(1, sizeof *chunk + wire.n + 1);
    if (chunk == NULL)
        abort(); /* as arenas do */
    memcpy(chunk->text, wire.data, wire.n);
    chunk->n = wire.n;
    return chunk;
}

/* @is_stale: a notification came since this was asked, so whoever gets nothing now must ask again.
 * */
static void hand_out(struct topic *topic, int64_t after, struct chunk *chunk, bool is_stale)
{
    for (struct fc_stream *stream = topic->streams; stream != NULL; stream = stream->next) {
        if (!stream->is_fetching || stream->after != after)
            continue;
        stream->is_fetching = false;
        if (chunk->n > 0) {
            chunk->n_users++;
            stream->chunk = chunk;
            stream->sent = stream->line != NULL ? stream->sent : 0;
        }
        stream->is_over = stream->is_over || (chunk->n == 0 && chunk->is_last);
        stream->must_fetch = stream->must_fetch || is_stale;
        if (chunk->n > 0 || stream->is_over)
            resume(stream);
    }
}

/* Those that wait with empty hands while there is more. */
static void fetch_missed(struct topic *topic)
{
    for (struct fc_stream *stream = topic->streams; stream != NULL; stream = stream->next)
        if (stream->is_suspended && stream->must_fetch && !stream->is_over && stream->chunk == NULL)
            fetch(stream);
}

static void end_topic(struct topic *topic)
{
    for (struct fc_stream *stream = topic->streams, *next; stream != NULL; stream = next) {
        next = stream->next;
        end_stream(stream);
    }
}

/* The database could not be asked: the next tick does. */
static void fetch_later(struct topic *topic, int64_t after)
{
    for (struct fc_stream *stream = topic->streams; stream != NULL; stream = stream->next)
        if (stream->is_fetching && stream->after == after) {
            stream->is_fetching = false;
            stream->must_fetch = true;
        }
}

static void on_fetched(struct fc_call *call, const struct fc_result *result)
{
    struct fetch *fetch = (struct fetch *)call;
    struct topic *topic = topic_find(fetch->hub, &fetch->job);

    if (topic != NULL && result->status != FC_OK) {
        fetch_later(topic, fetch->after);
    } else if (topic != NULL && result->rows.n == 0) {
        end_topic(topic); /* the job was deleted */
    } else if (topic != NULL) {
        struct chunk *chunk = chunk_from(fc_rows_text(&result->rows, 0, 0));

        chunk->n_users = 1;
        chunk->to = fc_rows_int(&result->rows, 0, 1);
        chunk->is_last = fc_rows_text(&result->rows, 0, 2)[0] == 't';
        chunk->has_more = fc_rows_text(&result->rows, 0, 3)[0] == 't';
        topic->known = chunk->to > topic->known ? chunk->to : topic->known;
        topic->heard_us = fc_monotonic_us();
        hand_out(topic, fetch->after, chunk, fetch->n_heard != topic->n_heard);
        fetch_missed(topic);
        chunk_leave(chunk);
    }
    free(fetch);
}

/* Asks for what follows the stream's place, unless another stream at the same place has asked
 * already. */
static void fetch(struct fc_stream *stream)
{
    struct fc_hub *hub = stream->hub;
    struct fetch *made;

    stream->must_fetch = false;
    if (stream->is_fetching)
        return;
    stream->is_fetching = true;
    for (const struct fc_stream *other = stream->topic->streams; other != NULL; other = other->next)
        if (other != stream && other->is_fetching && other->after == stream->after)
            return;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        abort(); /* as arenas do */
    made->hub = hub;
    made->job = stream->topic->job;
    made->after = stream->after;
    made->n_heard = stream->topic->n_heard;
    (void)snprintf(made->after_text, sizeof made->after_text, "%lld", (long long)stream->after);
    (void)snprintf(made->n_text, sizeof made->n_text, "%d", EVENTS_A_CHUNK);
    made->values[0] = made->job.text;
    made->values[1] = made->after_text;
    made->values[2] = made->n_text;
    made->call = (struct fc_call){
        .query = hub->source->events, .values = made->values, .on_result = on_fetched};
    if (fc_pipes_send(hub->front->pipes, &made->call) != FC_OK) {
        fetch_later(stream->topic, stream->after);
        free(made);
    }
}

static void fetch_topic(struct topic *topic)
{
    for (struct fc_stream *stream = topic->streams; stream != NULL; stream = stream->next)
        if (stream->is_suspended && !stream->is_over && stream->chunk == NULL)
            fetch(stream);
        else
            stream->must_fetch = true;
}

/* ---- what moves a hub: notifications and the clock ---- */

static void on_notify(void *context, const char *channel, const char *payload)
{
    struct fc_hub *hub = context;
    struct fc_uuid job;
    struct topic *topic;
    int64_t sequence;

    (void)channel;
    if (strlen(payload) < 38 || !fc_uuid_parse_n(payload, &job) ||
        !fc_int_parse(payload + 37, &sequence))
        return;
    topic = topic_find(hub, &job);
    if (topic == NULL || (sequence > 0 && sequence <= topic->known))
        return;
    topic->known = sequence > topic->known ? sequence : topic->known;
    topic->n_heard++;
    fetch_topic(topic);
}

static void each_topic(struct fc_hub *hub, void (*visit)(struct topic *topic))
{
    for (int i = 0; i < TOPIC_BUCKETS; i++)
        for (struct topic *topic = hub->topics[i]; topic != NULL; topic = topic->next)
            visit(topic);
}

static void on_listening(void *context)
{
    ((struct fc_hub *)context)->is_listening = true;
    each_topic(context, fetch_topic); /* what happened before was not heard */
}

struct visibility {
    struct fc_call call;
    struct fc_arena *arena;
    struct fc_hub *hub;
    struct fc_uuid jobs[VISIBILITY_BATCH];
    struct fc_stream *streams[VISIBILITY_BATCH]; /* compared, not followed: they may be gone */
    const char *values[3];
    int n;
};

static void end_if_there(struct fc_hub *hub, const struct fc_uuid *job,
                         const struct fc_stream *wanted)
{
    struct topic *topic = topic_find(hub, job);

    for (struct fc_stream *stream = topic != NULL ? topic->streams : NULL; stream != NULL;
         stream = stream->next)
        if (stream == wanted) {
            end_stream(stream);
            return;
        }
}

static void on_visibility(struct fc_call *call, const struct fc_result *result)
{
    struct visibility *asked = (struct visibility *)call;

    for (int i = 0; result->status == FC_OK && i < result->rows.n && i < asked->n; i++) {
        const char *visible = fc_rows_text(&result->rows, i, 0);

        if (visible != NULL && visible[0] == 'f')
            end_if_there(asked->hub, &asked->jobs[i], asked->streams[i]);
    }
    fc_arena_free(asked->arena);
}

static void ask_visibility(struct visibility *asked, const char *const *users,
                           const char *const *keys)
{
    const char *jobs[VISIBILITY_BATCH];
    struct fc_arena *arena = asked->arena;

    for (int i = 0; i < asked->n; i++)
        jobs[i] = asked->jobs[i].text;
    asked->values[0] = fc_arg_texts(arena, users, (size_t)asked->n).text;
    asked->values[1] = fc_arg_texts(arena, jobs, (size_t)asked->n).text;
    asked->values[2] = fc_arg_texts(arena, keys, (size_t)asked->n).text;
    asked->call = (struct fc_call){.query = asked->hub->source->still_visible,
                                   .values = asked->values,
                                   .on_result = on_visibility};
    if (fc_pipes_send(asked->hub->front->pipes, &asked->call) != FC_OK)
        fc_arena_free(arena);
}

/* Asks about up to a batch of the streams that are due. */
static void check_visibility(struct fc_hub *hub, int64_t now)
{
    static const char nobody[] =
        "00000000-0000-0000-0000-000000000000"; /* in place of a key: came by token */
    const char *users[VISIBILITY_BATCH], *keys[VISIBILITY_BATCH];
    struct fc_arena *arena = NULL;
    struct visibility *asked = NULL;

    for (int i = 0; i < TOPIC_BUCKETS; i++)
        for (struct topic *topic = hub->topics[i]; topic != NULL; topic = topic->next)
            for (struct fc_stream *s = topic->streams; s != NULL; s = s->next) {
                if (now - s->visible_us < VISIBILITY_US ||
                    (asked != NULL && asked->n == VISIBILITY_BATCH))
                    continue;
                if (asked == NULL) {
                    arena = fc_arena_new();
                    asked = FC_NEW(arena, struct visibility);
                    asked->arena = arena;
                    asked->hub = hub;
                }
                s->visible_us = now;
                users[asked->n] = s->user.text;
                keys[asked->n] = fc_uuid_is_set(&s->key) ? s->key.text : nobody;
                asked->jobs[asked->n] = topic->job;
                asked->streams[asked->n++] = s;
            }
    if (asked != NULL)
        ask_visibility(asked, users, keys);
}

static void tick_stream(struct fc_stream *stream, int64_t now)
{
    if (now - stream->opened_us > (int64_t)stream->hub->source->max_seconds * 1000000) {
        end_stream(stream);
        return;
    }
    if (!stream->is_suspended || stream->is_over)
        return;
    if (stream->must_fetch)
        fetch(stream);
    if (now - stream->wrote_us >= KEEP_ALIVE_US && stream->chunk == NULL) {
        stream->line = keep_alive;
        stream->sent = 0;
        resume(stream);
    }
}

static void on_tick(struct fc_timer *timer)
{
    struct fc_hub *hub = (struct fc_hub *)((char *)timer - offsetof(struct fc_hub, tick));
    int64_t now = fc_monotonic_us();

    for (int i = 0; i < TOPIC_BUCKETS; i++)
        for (struct topic *topic = hub->topics[i]; topic != NULL; topic = topic->next) {
            if (!hub->is_listening || now - topic->heard_us > QUIET_POLL_US) {
                topic->heard_us = now;
                fetch_topic(topic);
            }
            for (struct fc_stream *stream = topic->streams, *next; stream != NULL; stream = next) {
                next = stream->next;
                tick_stream(stream, now);
            }
        }
    check_visibility(hub, now);
}

/* ---- coming and going ---- */

static void on_gone(struct fc_watch *watch, uint32_t events)
{
    struct fc_stream *stream = (struct fc_stream *)((char *)watch -
                                                    offsetof(struct fc_stream, gone));

    (void)events;
    fc_loop_unwatch(stream->hub->front->loop, watch);
    stream->is_watched = false;
    end_stream(stream);
}

static void watch_client(struct fc_stream *stream)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        stream->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info == NULL)
        return;
    stream->gone = (struct fc_watch){
        .on_ready = on_gone, .fd = info->connect_fd, .events = EPOLLRDHUP};
    stream->is_watched = fc_loop_watch(stream->hub->front->loop, &stream->gone, NULL) == FC_OK;
}

static void on_free(void *cls)
{
    struct fc_stream *stream = cls;
    struct fc_hub *hub = stream->hub;

    if (stream->is_watched)
        fc_loop_unwatch(hub->front->loop, &stream->gone);
    if (stream->chunk != NULL)
        chunk_leave(stream->chunk);
    *stream->at = stream->next;
    if (stream->next != NULL)
        stream->next->at = stream->at;
    topic_leave(hub, stream->topic);
    (void)count_streams(hub->front->server->stream_counts, &stream->user, -1, INT_MAX);
    atomic_fetch_sub(&hub->front->server->n_streams, 1);
    free(stream);
}

fc_status fc_stream_answer(struct fc_request *rq, const struct fc_uuid *job, int64_t after)
{
    struct fc_exchange *x = fc_exchange_of(rq);
    struct fc_hub *hub = x->front->hub;
    struct fc_stream *stream;

    fc_answer_header(rq, "Cache-Control", "no-cache");
    fc_answer_header(rq, "X-Accel-Buffering", "no");
    if (rq->method == FC_HEAD)
        return fc_answer_text(rq, 200, "text/event-stream", "", 0);
    if (!count_streams(rq->server->stream_counts, &rq->caller.user, 1, hub->source->max_per_user))
        return fc_refuse_rate(rq, 5);
    stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        abort(); /* as arenas do */
    stream->hub = hub;
    stream->connection = x->connection;
    stream->user = rq->caller.user;
    stream->key = rq->caller.key;
    stream->after = after;
    stream->line = hello;
    stream->must_fetch = true;
    stream->opened_us = stream->wrote_us = stream->visible_us = fc_monotonic_us();
    stream->topic = topic_for(hub, job);
    stream->next = stream->topic->streams;
    stream->at = &stream->topic->streams;
    if (stream->next != NULL)
        stream->next->at = &stream->next;
    stream->topic->streams = stream;
    watch_client(stream);
    atomic_fetch_add(&rq->server->n_streams, 1);
    x->stream = stream;
    return fc_answer_text(rq, 200, "text/event-stream", NULL, 0);
}

struct MHD_Response *fc_stream_response(struct fc_stream *stream)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, stream,
                                             on_free);
}

fc_status fc_hub_open(struct fc_hub **hub, struct fc_front *front, struct fc_error *error)
{
    struct fc_hub *made = calloc(1, sizeof *made);
    struct fc_listener_config config = {.url = front->server->config.pipes.url,
                                        .channels = made != NULL ? made->channels : NULL,
                                        .on_notify = on_notify,
                                        .on_up = on_listening,
                                        .context = made};

    if (made == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for event streams");
    made->front = front;
    made->source = front->server->config.streams;
    made->channels[0] = made->source->channel;
    made->tick = (struct fc_timer){.run = on_tick, .every_ms = TICK_MS};
    fc_loop_timer_start(front->loop, &made->tick, TICK_MS);
    *hub = made;
    return fc_listener_open(&made->listener, front->loop, &config, error);
}

void fc_hub_end_streams(struct fc_hub *hub)
{
    if (hub != NULL)
        each_topic(hub, end_topic);
}

void fc_hub_free(struct fc_hub *hub)
{
    if (hub == NULL)
        return;
    fc_listener_free(hub->listener);
    free(hub);
}
