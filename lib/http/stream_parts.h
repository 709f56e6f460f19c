/** What the files of the event streams (stream*.c) share. Nobody else includes this. */
#ifndef FRAMECAST_HTTP_STREAM_PARTS_H
#define FRAMECAST_HTTP_STREAM_PARTS_H

#include "db/listen.h"
#include "http/internal.h"

enum { TOPIC_BUCKETS = 1024 };

/**
 * Text that streams are sending. It stands in its frame of the chunked transfer coding, of which
 * HTTP/1.0 knows nothing: there it is sent without. Goes with its last user.
 */
struct fc_chunk {
    int n_users;
    int64_t to; /* the last event in it; 0 when there is none */
    bool is_last, has_more;
    size_t n, n_before, n_behind; /* bytes of text; of the frame */
    char text[];
};

/** The streams of one job on one loop; goes with the last of them. */
struct fc_topic {
    struct fc_topic *next; /* in its bucket */
    struct fc_hub *hub;
    struct fc_uuid job;
    struct fc_stream *streams;
    struct fc_fetch *fetches; /* what is being read for them: stream_read.c */
    int64_t asked_us;
    unsigned n_told; /* of news: an answer that was asked for before may lack what they tell of */
};

/** One client. Its socket is the stream's own: libmicrohttpd has let go of it. */
struct fc_stream {
    struct fc_topic *topic;
    struct fc_stream *next, **at; /* of the topic */
    struct fc_stream *next_due;   /* of the hub's */
    struct fc_watch socket;       /* for its leaving, and for room when there is none */
    struct fc_uuid user, key;
    int64_t after;          /* the last event that was sent */
    struct fc_chunk *chunk; /* under way, or NULL */
    size_t sent;            /* of the chunk's text */
    int64_t opened_us, wrote_us, visible_us;
    bool is_chunked; /* HTTP/1.1 */
    bool is_due, must_fetch, is_waiting /* for a fetch */;
    bool is_over; /* is ended once the chunk is out */
    bool is_gone; /* is ended at once */
};

/** The streams of one loop. */
struct fc_hub {
    struct fc_front *front;
    const struct fc_stream_source *source;
    struct fc_listener *listener;
    struct fc_timer tick;
    struct fc_topic *topics[TOPIC_BUCKETS];
    struct fc_stream *due, **last_due; /* may have something to send */
    struct fc_chunk *keep_alive, *end;
    const char *channels[2]; /* closed by NULL */
    int n_streams, n_moves;  /* those that came or went since memory was given back */
    int n_moves_before;      /* at the last tick */
    bool is_listening, is_ending;
};

/* stream_count.c: false when the user's count would pass @max */
bool fc_stream_count(struct fc_stream_counts *counts, const struct fc_uuid *user, int change,
                     int max);

/* stream_topic.c */
struct fc_topic *fc_topic_find(struct fc_hub *hub, const struct fc_uuid *job);
void fc_topic_join(struct fc_hub *hub, const struct fc_uuid *job, struct fc_stream *stream);
void fc_topic_leave(struct fc_stream *stream);
void fc_topic_end(struct fc_topic *topic); /* ends its streams */

/* stream_read.c */
void fc_stream_fetch(struct fc_stream *stream);               /* asks for what follows its place */
void fc_topic_tell(struct fc_topic *topic, int64_t sequence); /* there may be events up to this */
void fc_fetches_orphan(struct fc_topic *topic);               /* nobody waits for them any more */

/* stream_write.c */
struct fc_chunk *fc_chunk_new(const char *text, size_t n, size_t n_before, size_t n_behind);
struct fc_chunk *fc_chunk_framed(const char *text, size_t n);
void fc_chunk_leave(struct fc_chunk *chunk);
void fc_stream_take(struct fc_stream *stream, struct fc_chunk *chunk); /* one more user */
void fc_stream_due(struct fc_stream *stream);

/* stream_visible.c: asks about some of the streams, so that each is asked about in time */
void fc_hub_check_visibility(struct fc_hub *hub, int64_t now);

/* stream.c */
void fc_stream_free(struct fc_stream *stream);

#endif
