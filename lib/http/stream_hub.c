/* A loop's hub of event streams: what moves them are notifications of the database and the clock.
 * */
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "http/stream_parts.h"

enum {
    TICK_MS = 1000,
    KEEP_ALIVE_US = 15 * 1000 * 1000,
    QUIET_POLL_US = 15 * 1000 * 1000, /* a topic is read even though no notification came */
    STALL_MAX_US = 60 * 1000 * 1000,  /* of a client that does not read what there is for it */
    MOVES_BEFORE_TRIM = 1000,
};

/* ---- notifications ---- */

static void on_notify(void *context, const char *channel, const char *payload)
{
    struct fc_hub *hub = context;
    struct fc_uuid job;
    struct fc_topic *topic;
    int64_t sequence;

    (void)channel;
    if (strlen(payload) < 38 || !fc_uuid_parse_n(payload, &job) ||
        !fc_int_parse(payload + 37, &sequence))
        return;
    topic = fc_topic_find(hub, &job);
    if (topic != NULL)
        fc_topic_tell(topic, sequence > 0 ? sequence : INT64_MAX);
}

static void on_listening(void *context)
{
    struct fc_hub *hub = context;

    hub->is_listening = true;
    for (int i = 0; i < TOPIC_BUCKETS; i++) /* what happened before was not heard */
        for (struct fc_topic *topic = hub->topics[i]; topic != NULL; topic = topic->next)
            fc_topic_tell(topic, INT64_MAX);
}

static void on_deaf(void *context)
{
    ((struct fc_hub *)context)->is_listening = false;
}

/* ---- the clock ---- */

static void tick_stream(struct fc_stream *stream, int64_t now)
{
    struct fc_hub *hub = stream->topic->hub;

    if (now - stream->opened_us > (int64_t)hub->source->max_seconds * 1000000)
        stream->is_over = true;
    else if (stream->chunk == NULL && now - stream->wrote_us >= KEEP_ALIVE_US)
        fc_stream_take(stream, hub->keep_alive);
    if (stream->chunk != NULL && now - stream->wrote_us > STALL_MAX_US) {
        fc_log(FC_LOG_INFO, "a stream's client does not read",
               FC_KV("job", stream->topic->job.text), FC_KV("user", stream->user.text));
        stream->is_gone = true;
    }
    if (stream->is_over || stream->is_gone || stream->must_fetch || stream->chunk != NULL)
        fc_stream_due(stream);
}

/*
 * Opening and closing thousands of streams leaves holes in the heap, which the allocator keeps.
 * They are given back when there is a pause; that takes a millisecond or so.
 */
static void give_memory_back(struct fc_hub *hub)
{
    if (hub->n_moves >= MOVES_BEFORE_TRIM && hub->n_moves == hub->n_moves_before) {
        (void)malloc_trim(0);
        hub->n_moves = 0;
    }
    hub->n_moves_before = hub->n_moves;
}

static void on_tick(struct fc_timer *timer)
{
    struct fc_hub *hub = (struct fc_hub *)((char *)timer - offsetof(struct fc_hub, tick));
    int64_t now = fc_monotonic_us();

    for (int i = 0; i < TOPIC_BUCKETS; i++)
        for (struct fc_topic *topic = hub->topics[i]; topic != NULL; topic = topic->next) {
            if (!hub->is_listening || now - topic->asked_us > QUIET_POLL_US)
                fc_topic_tell(topic, INT64_MAX);
            for (struct fc_stream *s = topic->streams; s != NULL; s = s->next)
                tick_stream(s, now);
        }
    fc_hub_check_visibility(hub, now);
    give_memory_back(hub);
}

/* ---- opening and closing ---- */

fc_status fc_hub_open(struct fc_hub **hub, struct fc_front *front, struct fc_error *error)
{
    static const char end[] = "0\r\n\r\n", keep_alive[] = ": keep-alive\n\n";
    struct fc_hub *made = calloc(1, sizeof *made);
    struct fc_listener_config config;

    if (made == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for event streams");
    made->front = front;
    made->source = front->server->config.streams;
    made->channels[0] = made->source->channel;
    made->last_due = &made->due;
    made->keep_alive = fc_chunk_framed(keep_alive, sizeof keep_alive - 1);
    made->end = fc_chunk_new(end, sizeof end - 1, sizeof end - 1, 0);
    made->tick = (struct fc_timer){.run = on_tick, .every_ms = TICK_MS};
    fc_loop_timer_start(front->loop, &made->tick, TICK_MS);
    *hub = made;
    config = (struct fc_listener_config){.url = front->server->config.pipes.url,
                                         .channels = made->channels,
                                         .on_notify = on_notify,
                                         .on_up = on_listening,
                                         .on_down = on_deaf,
                                         .context = made};
    return fc_listener_open(&made->listener, front->loop, &config, error);
}

void fc_hub_end_streams(struct fc_hub *hub)
{
    hub->is_ending = true;
    for (int i = 0; i < TOPIC_BUCKETS; i++)
        for (struct fc_topic *topic = hub->topics[i]; topic != NULL; topic = topic->next)
            fc_topic_end(topic);
}

void fc_hub_free(struct fc_hub *hub)
{
    if (hub == NULL)
        return;
    fc_listener_free(hub->listener);
    for (int i = 0; i < TOPIC_BUCKETS; i++)
        while (hub->topics[i] != NULL)
            fc_stream_free(hub->topics[i]->streams);
    fc_chunk_leave(hub->keep_alive);
    fc_chunk_leave(hub->end);
    free(hub);
}
