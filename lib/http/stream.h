/**
 * Event streams (SSE, https://html.spec.whatwg.org/multipage/server-sent-events.html) of jobs:
 * answers that go on, fed from the database. A stream is a socket and a few hundred bytes: it holds
 * no thread, no database connection, and nothing of the request that it began with; all streams of
 * one job on one loop share what is read for them.
 */
#ifndef FRAMECAST_HTTP_STREAM_H
#define FRAMECAST_HTTP_STREAM_H

#include <stdint.h>

#include <framecast/ids.h>

#include "db/query.h"

struct fc_request;
struct fc_hub;

/**
 * What a hub asks the database, given by the entity that owns the events. Both statements are
 * :plain.
 *
 * @events (job uuid, after bigint, up to int, up to bytes int) yields the text of the events after
 * @after, at least one when there is one, ready to be sent, the last sequence in it, whether that
 * was the last event of all, and whether there are more to read: (text, sequence, is_last,
 * has_more). No row: the job is gone.
 * @still_visible (users uuid[], jobs uuid[], keys uuid[]) yields a boolean for each triple, in
 * order.
 */
struct fc_stream_source {
    enum fc_query events;
    enum fc_query still_visible;
    const char *channel; /* notifications with the payload "<job>:<sequence>" */
    int max_seconds;     /* longest stream */
    int max_per_user;
};

/**
 * Makes the answer of @rq (200, text/event-stream) a stream of @job's events after @after.
 *
 * FC_E_RATE         the user has too many open streams
 * FC_E_UNAVAILABLE  the server has as many as its descriptors allow
 */
fc_status fc_stream_answer(struct fc_request *rq, const struct fc_uuid *job, int64_t after);

#endif
