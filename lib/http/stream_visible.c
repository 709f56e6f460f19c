/* Whether those who watch may still do so: asked again while a stream is open. */
#include <framecast/time.h>

#include "http/stream_parts.h"

enum {
    ASK_AFTER_US = 20 * 1000 * 1000,
    ROUND_SECONDS = 30, /* all are asked about within this, evenly: at the latest 50 s after the
                           last time, where the API promises 60 */
    BATCH_MAX = 500,
};

struct visibility {
    struct fc_call call;
    struct fc_arena *arena;
    struct fc_hub *hub;
    struct fc_stream *streams[BATCH_MAX]; /* compared, not followed: they may be gone */
    struct fc_uuid jobs[BATCH_MAX];
    const char *job_texts[BATCH_MAX], *users[BATCH_MAX], *keys[BATCH_MAX];
    const char *values[3];
    int n;
};

static void end_if_there(struct fc_hub *hub, const struct fc_uuid *job,
                         const struct fc_stream *wanted)
{
    struct fc_topic *topic = fc_topic_find(hub, job);
    struct fc_stream *stream = topic != NULL ? topic->streams : NULL;

    while (stream != NULL && stream != wanted)
        stream = stream->next;
    if (stream == NULL)
        return;
    stream->is_over = true;
    fc_stream_due(stream);
}

static void on_answer(struct fc_call *call, const struct fc_result *result)
{
    struct visibility *asked = (struct visibility *)call;

    for (int i = 0; result->status == FC_OK && i < result->rows.n && i < asked->n; i++) {
        const char *visible = fc_rows_text(&result->rows, i, 0);

        if (visible != NULL && visible[0] == 'f')
            end_if_there(asked->hub, &asked->jobs[i], asked->streams[i]);
    }
    fc_arena_free(asked->arena);
}

static void add(struct visibility *asked, struct fc_stream *stream)
{
    static const char nobody[] =
        "00000000-0000-0000-0000-000000000000"; /* in place of a key: came by token */
    int i = asked->n++;

    asked->streams[i] = stream;
    asked->jobs[i] = stream->topic->job;
    asked->job_texts[i] = asked->jobs[i].text;
    asked->users[i] = stream->user.text;
    asked->keys[i] = fc_uuid_is_set(&stream->key) ? stream->key.text : nobody;
}

static void ask(struct visibility *asked)
{
    struct fc_arena *arena = asked->arena;
    size_t n = (size_t)asked->n;

    asked->values[0] = fc_arg_texts(arena, asked->users, n).text;
    asked->values[1] = fc_arg_texts(arena, asked->job_texts, n).text;
    asked->values[2] = fc_arg_texts(arena, asked->keys, n).text;
    asked->call = (struct fc_call){.query = asked->hub->source->still_visible,
                                   .values = asked->values,
                                   .on_result = on_answer};
    if (fc_pipes_send(asked->hub->front->pipes, &asked->call) != FC_OK)
        fc_arena_free(arena); /* asked again in the next round */
}

static struct visibility *visibility_new(struct fc_hub *hub)
{
    struct fc_arena *arena = fc_arena_new();
    struct visibility *asked = FC_NEW(arena, struct visibility);

    asked->arena = arena;
    asked->hub = hub;
    return asked;
}

void fc_hub_check_visibility(struct fc_hub *hub, int64_t now)
{
    int most = hub->n_streams / ROUND_SECONDS + 1;
    struct visibility *asked = NULL;

    for (int i = 0; i < TOPIC_BUCKETS; i++)
        for (struct fc_topic *topic = hub->topics[i]; topic != NULL; topic = topic->next)
            for (struct fc_stream *s = topic->streams; s != NULL; s = s->next) {
                if (now - s->visible_us < ASK_AFTER_US ||
                    (asked != NULL && (asked->n == most || asked->n == BATCH_MAX)))
                    continue;
                if (asked == NULL)
                    asked = visibility_new(hub);
                s->visible_us = now;
                add(asked, s);
            }
    if (asked != NULL)
        ask(asked);
}
