/* Topics: the streams of one job, found by its id. */
#include <stdlib.h>

#include <framecast/time.h>

#include "http/stream_parts.h"

static struct fc_topic **bucket_of(struct fc_hub *hub, const struct fc_uuid *job)
{
    return &hub->topics[fc_hash(job->text) % TOPIC_BUCKETS];
}

struct fc_topic *fc_topic_find(struct fc_hub *hub, const struct fc_uuid *job)
{
    struct fc_topic *topic = *bucket_of(hub, job);

    while (topic != NULL && !fc_uuid_equal(&topic->job, job))
        topic = topic->next;
    return topic;
}

static struct fc_topic *topic_new(struct fc_hub *hub, const struct fc_uuid *job)
{
    struct fc_topic *topic = calloc(1, sizeof *topic), **bucket = bucket_of(hub, job);

    if (topic == NULL)
        abort(); /* as arenas do */
    topic->hub = hub;
    topic->job = *job;
    topic->asked_us = fc_monotonic_us();
    topic->next = *bucket;
    *bucket = topic;
    return topic;
}

void fc_topic_join(struct fc_hub *hub, const struct fc_uuid *job, struct fc_stream *stream)
{
    struct fc_topic *topic = fc_topic_find(hub, job);

    stream->topic = topic != NULL ? topic : topic_new(hub, job);
    stream->at = &stream->topic->streams;
    stream->next = *stream->at;
    if (stream->next != NULL)
        stream->next->at = &stream->next;
    *stream->at = stream;
}

void fc_topic_leave(struct fc_stream *stream)
{
    struct fc_topic *topic = stream->topic, **at = bucket_of(topic->hub, &topic->job);

    *stream->at = stream->next;
    if (stream->next != NULL)
        stream->next->at = stream->at;
    if (topic->streams != NULL)
        return;
    while (*at != topic)
        at = &(*at)->next;
    *at = topic->next;
    fc_fetches_orphan(topic);
    free(topic);
}

void fc_topic_end(struct fc_topic *topic)
{
    for (struct fc_stream *stream = topic->streams; stream != NULL; stream = stream->next) {
        stream->is_over = true;
        fc_stream_due(stream);
    }
}
