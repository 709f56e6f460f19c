/** What the files of lib/http share. Nobody else includes this. */
#ifndef FRAMECAST_HTTP_INTERNAL_H
#define FRAMECAST_HTTP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include <microhttpd.h>

#include "http/http.h"
#include "http/metrics.h"

enum {
    BODY_MAX = 5 * 1024 * 1024,  /* of every request, unless a sink takes it */
    BLOB_MAX = 50 * 1024 * 1024, /* of a sink */
    ANSWER_HEADERS_MAX = 16,
    SEGMENTS_MAX = 12,
    SPARES_MAX = 32, /* arenas */
};

/* ---- routes ---- */

struct fc_segment {
    const char *text; /* NULL: a parameter */
    bool is_rest, is_id;
};

struct fc_path {
    const struct fc_route *route;
    struct fc_segment segments[SEGMENTS_MAX];
    int n;
    int index;                    /* into the metrics */
    struct fc_path *next_method;  /* of the same pattern */
    struct fc_path *next_pattern; /* of as many segments, or that ends in a rest, too */
};

struct fc_paths {
    struct fc_path *at;
    int n;
    struct fc_path *by_length[SEGMENTS_MAX + 1], *rests; /* first of each pattern */
};

struct fc_paths fc_paths_compile(struct fc_arena *arena, const struct fc_route *const *tables);

/**
 * Finds the route of a request and decodes its parameters.
 *
 * FC_E_NOT_FOUND  no such path
 * FC_E_METHOD     the path knows other methods: *allow is their list
 */
fc_status fc_route_find(const struct fc_paths *paths, struct fc_request *rq,
                        const struct fc_path **path, const char **allow);

enum fc_method fc_method_parse(const char *name);
const char *fc_method_name(enum fc_method method);

/* ---- one request under way ---- */

struct fc_front;

enum fc_phase { PHASE_READING, PHASE_WORKING, PHASE_ANSWERED };
enum fc_media { MEDIA_JSON, MEDIA_YAML, MEDIA_OTHER };

struct fc_exchange {
    struct fc_request rq; /* first: the two are cast into each other */
    struct fc_front *front;
    struct fc_daemon *daemon;
    struct MHD_Connection *connection;
    struct fc_exchange *next, **at; /* in the front's list */
    enum fc_phase phase;
    bool is_suspended, is_begun, is_over_limit, is_last; /* last: of its connection */
    const char *raw_uri, *method_name, *version;
    const struct fc_path *matched;
    const char *allow;
    int64_t began_us, answered_us;
    /* the body as it comes */
    char *body;
    size_t n_body, body_room;
    size_t n_held; /* of what body.c counts for the whole process */
    enum fc_media media;
    /* the statement that is under way */
    struct fc_call call;
    const char *values[FC_STATEMENT_ARGS_MAX];
    enum fc_query query;
    int n_args; /* of values, behind the caller's */
    bool has_statement;
    fc_then *then;
    fc_gate_then *gate_then;
    bool is_gate_asking, is_identifying;
    fc_status verdict; /* what the handler said, held back until the caller is settled */
    /* statements beside the request that have not come back: the answer waits for them */
    int n_besides;
    bool is_held;
    fc_status held;                                   /* what it will be answered with then */
    fc_status (*wants_worker)(struct fc_request *rq); /* what the handler left for a worker */
    fc_status (*on_worker)(struct fc_request *rq);    /* what a worker does */
    void (*after_worker)(struct fc_exchange *x, fc_status status); /* on the loop again */
    fc_status worked;
    fc_status (*again)(struct fc_request *rq);
    struct fc_timer later;
    int later_ms;
    struct fc_post back; /* from the worker to the loop */
    struct fc_exchange *next_job;
    /* the answer */
    int http;
    const char *answer_type, *answer_body;
    size_t n_answer;
    int fd;
    bool is_file; /* also when @fd is the response's */
    int64_t fd_offset, fd_n;
    uint64_t n_taken;               /* bytes that the client had acknowledged when last looked at */
    int64_t moved_us;               /* when there were more of them than before; 0: not looked at */
    struct fc_stream_order *stream; /* the answer is one */
    struct {
        const char *name, *value;
    } headers[ANSWER_HEADERS_MAX];
    int n_headers;
    struct fc_error error;
    const char *details;
    int64_t retry_after;
    const char *(*rewrite)(struct fc_request *rq, const char *body, size_t *n);
};

struct fc_exchange *fc_exchange_of(struct fc_request *rq);

/* dispatch.c: from the whole request to the answer; fc_exchange_begin is called once, when the body
 * is there */
void fc_exchange_route(struct fc_exchange *x);
void fc_exchange_begin(struct fc_exchange *x);
void fc_exchange_settle(struct fc_exchange *x, fc_status status); /* the answer stands: send it */

/* framing.c: what must be right before a body is read; else the connection ends with the answer.
 * @length: bytes of body that are announced, 0 when there is no saying */
fc_status fc_framing_check(struct fc_exchange *x, int64_t *length);

/* body.c */
fc_status fc_body_append(struct fc_exchange *x, const char *data, size_t n);
fc_status fc_body_check(struct fc_exchange *x);     /* size and media type */
bool fc_body_is_large(const struct fc_exchange *x); /* reading it would make others wait */
fc_status fc_body_read(struct fc_request *rq);      /* into rq->json and rq->body; on any thread */
void fc_body_free(struct fc_exchange *x);

/* answer.c */
struct MHD_Response *fc_exchange_response(struct fc_exchange *x);
void fc_exchange_compose(struct fc_exchange *x, fc_status status);

/* daemon.c */
void fc_exchange_resume(struct fc_exchange *x);

/* ---- one event loop ---- */

/* A connection that libmicrohttpd has. */
struct fc_visit {
    TAILQ_ENTRY(fc_visit) links; /* in the front's list, while no request is under way */
    struct MHD_Connection *connection;
    int64_t since_us;
    bool is_waiting;
};

struct fc_daemon {
    struct MHD_Daemon *mhd;
    struct fc_front *front;
    struct fc_watch watch;
    bool must_run;
};

/* What a front last knew of its loop, see scheduling.c. */
struct fc_effort {
    int64_t looked_us, computed_us;
    bool is_batch;
};

struct fc_metrics;

struct fc_front {
    struct fc_server *server;
    struct fc_loop *loop;
    struct fc_pipes *pipes;
    struct fc_daemon api, metrics;
    struct fc_hook hook;
    struct fc_exchange *exchanges;
    struct fc_arrival *arrivals;            /* connections that have not said anything yet */
    TAILQ_HEAD(fc_visits, fc_visit) visits; /* connections without a request, longest first */
    struct fc_timer arrivals_tick, patience;
    struct fc_effort effort;
    struct fc_hub *hub; /* of the event streams */
    struct fc_metrics *counts;
    struct fc_arena *spares[SPARES_MAX]; /* empty, for the next requests */
    int n_spares;
    pthread_t thread;
    bool is_running;
    int index;
};

struct fc_acceptor;

struct fc_server {
    struct fc_server_config config;
    struct fc_arena *arena;
    struct fc_paths paths;
    struct fc_front *fronts;
    int n_fronts;
    struct fc_acceptor *acceptors[2];
    int connection_descriptors; /* those from here on are not for connections */
    struct fc_crew *crew;
    struct fc_stream_counts *stream_counts;
    atomic_int n_exchanges, n_streams;
    atomic_size_t n_held; /* bytes of large bodies, see body.c */
    atomic_bool is_draining;
};

/* deal.c */
struct fc_dealt { /* connections of one loop */
    int n_near;   /* whose packets come in at its processor */
    int n_dealt;  /* that it got */
};

struct fc_dealer {
    struct fc_dealt *loops;
    int n_loops;
    int n;          /* dealt in all; old ones count less and less */
    short *loop_at; /* of each processor, from 1 on; 0 while nothing has come in there */
    int n_seen;     /* processors */
};

struct fc_dealer fc_dealer(struct fc_arena *arena, int n_loops);

/* The loop for one more connection. @processor: where its packets come in; -1 unknown */
int fc_deal(struct fc_dealer *dealer, int processor);

/* accept.c */
fc_status fc_acceptor_open(struct fc_acceptor **acceptor, struct fc_server *server, int port,
                           bool is_metrics, struct fc_error *error);
void fc_acceptor_stop(struct fc_acceptor *acceptor); /* on the first front's thread */
void fc_acceptor_free(struct fc_acceptor *acceptor);

void fc_arrivals_open(struct fc_front *front);
void fc_arrivals_close(struct fc_front *front); /* when the loop has ended */

/* daemon.c */
fc_status fc_front_open(struct fc_front *front, struct fc_server *server, int index,
                        struct fc_error *error);
void fc_front_close(struct fc_front *front);
void fc_front_take(struct fc_front *front, struct fc_daemon *daemon, int fd,
                   const struct sockaddr *address, socklen_t n_address);

/* scheduling.c: called with each request, on the front's thread */
void fc_scheduling_look(struct fc_front *front, int64_t now_us);

/* patience.c: clients that take too long are hung up on */
void fc_patience_start(struct fc_front *front);
void fc_on_connection(void *cls, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode what);
void fc_visit_begins(struct fc_front *front, struct MHD_Connection *connection); /* a request */
void fc_visit_waits(struct fc_front *front, struct MHD_Connection *connection);  /* for one */

/* stream.c: takes the socket of the exchange's connection; whatever comes of it, libmicrohttpd must
 * let go of the connection. The head of the answer is that of @response. */
void fc_stream_begin(struct fc_exchange *x, struct MHD_Response *response);

/* stream_hub.c: a loop's event streams */
fc_status fc_hub_open(struct fc_hub **hub, struct fc_front *front, struct fc_error *error);
void fc_hub_end_streams(struct fc_hub *hub); /* on the loop's thread; new ones end at once */
void fc_hub_free(struct fc_hub *hub);        /* after the pipes */

/* stream_write.c: serves some of the streams that are due; milliseconds until it wants to run
 * again, -1 for any time */
int fc_hub_run(struct fc_hub *hub);

/* The open streams of each user, over all loops. */
struct fc_stream_counts;
struct fc_stream_counts *fc_stream_counts_new(void);
void fc_stream_counts_free(struct fc_stream_counts *counts);

/* worker.c: the threads behind fc_on_worker */
struct fc_crew;
fc_status fc_crew_start(struct fc_crew **crew, int n, struct fc_error *error);
bool fc_crew_take(struct fc_crew *crew, struct fc_exchange *x); /* false once it is stopping */
void fc_crew_stop(struct fc_crew *crew); /* waits for what was taken; loops may still ask */
void fc_crew_free(struct fc_crew *crew); /* after the loops */

/* page.c: X-Next-Cursor and Link */
void fc_page_headers(struct fc_request *rq, const char *more);

/* metrics.c */
struct fc_metrics *fc_metrics_new(struct fc_arena *arena, int n_paths);
void fc_metrics_count(struct fc_front *front, const struct fc_exchange *x);

#endif
