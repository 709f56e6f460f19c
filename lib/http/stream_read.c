/*
 * Reading events from the database. What is read for one stream of a job serves all that stand at
 * the same place, those that come to wait meanwhile included.
 */
#include <stdlib.h>
#include <string.h>

#include <framecast/time.h>

#include "http/stream_parts.h"

/* What a client that stops reading holds in memory: an event of its own size, or as many as fit. */
static const char events_a_chunk[] = "50", bytes_a_chunk[] = "65536";

struct fc_fetch {
    struct fc_call call;
    struct fc_topic *topic; /* NULL: nobody waits any more */
    struct fc_fetch *next;  /* of the topic */
    int64_t after;
    unsigned n_told; /* of the topic, when this was asked */
    struct fc_uuid job;
    char after_text[24];
    const char *values[4];
};

/* The payloads come as PostgreSQL prints jsonb; on the wire they are compact. */
static struct fc_chunk *events_chunk(const char *text)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer wire = fc_buffer_in(arena);

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
    return fc_chunk_framed(wire.data, wire.n);
}

/* @is_stale: there were news after this had been asked for, so whoever gets it asks again. */
static void hand_over(struct fc_stream *stream, struct fc_chunk *chunk, bool is_stale)
{
    stream->is_waiting = false;
    stream->must_fetch = stream->must_fetch || is_stale;
    if (stream->chunk != NULL) /* a comment is under way */
        stream->must_fetch = true;
    else if (chunk->to > stream->after)
        fc_stream_take(stream, chunk);
    else
        stream->is_over = stream->is_over || chunk->is_last;
    fc_stream_due(stream);
}

/* Takes the fetch from its topic, which lives as long as one stream of it does. */
static void fetch_leave(struct fc_fetch *fetch)
{
    struct fc_fetch **at = &fetch->topic->fetches;

    while (*at != fetch)
        at = &(*at)->next;
    *at = fetch->next;
}

/* The database could not be asked: the next tick does. */
static void fetch_failed(struct fc_fetch *fetch)
{
    for (struct fc_stream *s = fetch->topic->streams; s != NULL; s = s->next)
        if (s->is_waiting && s->after == fetch->after) {
            s->is_waiting = false;
            s->must_fetch = true;
        }
}

static void fetch_done(struct fc_fetch *fetch, const struct fc_rows *rows)
{
    struct fc_topic *topic = fetch->topic;
    bool is_stale = fetch->n_told != topic->n_told;
    struct fc_chunk *chunk = events_chunk(fc_rows_text(rows, 0, 0));

    chunk->to = fc_rows_int(rows, 0, 1);
    chunk->is_last = fc_rows_text(rows, 0, 2)[0] == 't';
    chunk->has_more = fc_rows_text(rows, 0, 3)[0] == 't';
    for (struct fc_stream *s = topic->streams; s != NULL; s = s->next)
        if (s->is_waiting && s->after == fetch->after)
            hand_over(s, chunk, is_stale);
    fc_chunk_leave(chunk);
}

static void on_fetched(struct fc_call *call, const struct fc_result *result)
{
    struct fc_fetch *fetch = (struct fc_fetch *)call;

    if (fetch->topic != NULL) {
        fetch_leave(fetch);
        if (result->status != FC_OK)
            fetch_failed(fetch);
        else if (result->rows.n == 0)
            fc_topic_end(fetch->topic); /* the job was deleted */
        else
            fetch_done(fetch, &result->rows);
    }
    free(fetch);
}

static struct fc_fetch *fetch_new(struct fc_topic *topic, int64_t after)
{
    struct fc_fetch *fetch = calloc(1, sizeof *fetch);

    if (fetch == NULL)
        abort(); /* as arenas do */
    fetch->topic = topic;
    fetch->job = topic->job;
    fetch->after = after;
    fetch->n_told = topic->n_told;
    (void)snprintf(fetch->after_text, sizeof fetch->after_text, "%lld", (long long)after);
    fetch->values[0] = fetch->job.text;
    fetch->values[1] = fetch->after_text;
    fetch->values[2] = events_a_chunk;
    fetch->values[3] = bytes_a_chunk;
    fetch->call = (struct fc_call){
        .query = topic->hub->source->events, .values = fetch->values, .on_result = on_fetched};
    fetch->next = topic->fetches;
    topic->fetches = fetch;
    return fetch;
}

static bool is_asked_for(const struct fc_topic *topic, int64_t after)
{
    for (const struct fc_fetch *fetch = topic->fetches; fetch != NULL; fetch = fetch->next)
        if (fetch->after == after)
            return true;
    return false;
}

void fc_stream_fetch(struct fc_stream *stream)
{
    struct fc_topic *topic = stream->topic;
    struct fc_fetch *fetch;

    stream->must_fetch = false;
    if (stream->is_waiting)
        return;
    stream->is_waiting = true;
    if (is_asked_for(topic, stream->after))
        return;
    fetch = fetch_new(topic, stream->after);
    topic->asked_us = fc_monotonic_us();
    if (fc_pipes_send(topic->hub->front->pipes, &fetch->call) != FC_OK) {
        fetch_leave(fetch);
        free(fetch);
        stream->is_waiting = false; /* nobody else has come to wait for it yet */
        stream->must_fetch = true;
    }
}

void fc_topic_tell(struct fc_topic *topic, int64_t sequence)
{
    topic->n_told++;
    for (struct fc_stream *s = topic->streams; s != NULL; s = s->next) {
        int64_t has = s->chunk != NULL && s->chunk->to > s->after ? s->chunk->to : s->after;

        if (has >= sequence || s->is_waiting)
            continue;
        s->must_fetch = true;
        fc_stream_due(s);
    }
}

void fc_fetches_orphan(struct fc_topic *topic)
{
    for (struct fc_fetch *fetch = topic->fetches; fetch != NULL; fetch = fetch->next)
        fetch->topic = NULL;
}
