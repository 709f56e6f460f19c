/** Server-sent events: bytes in, events out, whatever way the bytes were cut (WHATWG HTML,
 * "Server-sent events"). */
#ifndef FRAMECAST_SSE_H
#define FRAMECAST_SSE_H

#include <stdbool.h>
#include <stddef.h>

struct fc_sse; /* the state of one stream */

/** Texts live until the callback returns. */
struct fc_sse_event {
    const char *id;   /* the last id seen in the stream; "" before the first */
    const char *name; /* "message" when the event has no name */
    const char *data; /* lines joined by \n */
};

enum { FC_SSE_EVENT_BYTES = 1024 * 1024 }; /* ceiling of one event */

/** @take returns false to end the stream. */
struct fc_sse *fc_sse_new(bool (*take)(void *context, const struct fc_sse_event *event),
                          void *context);
void fc_sse_free(struct fc_sse *sse);

/**
 * Reads on; an event is handed out when its closing empty line arrives. Fits struct
 * fc_outbound_sink: @sse is the context. False when the taker wanted no more, or when an event is
 * over its ceiling.
 */
bool fc_sse_put(void *sse, const char *bytes, size_t n);

#endif
