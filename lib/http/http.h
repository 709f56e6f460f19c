/**
 * The front: HTTP requests on event loops, from a table of routes to an answer.
 *
 * The dispatcher works through a route's row: find the path, know the caller, check the right,
 * shape query and body, call the handler, answer, log. A handler ends by naming one statement
 * (fc_answer): the request is suspended, the statement's row becomes the answer when it arrives. A
 * handler for a known caller runs before the database has confirmed that caller, so that both take
 * one round trip; whatever it says is held back until then.
 */
#ifndef FRAMECAST_HTTP_HTTP_H
#define FRAMECAST_HTTP_HTTP_H

#include <stdbool.h>

#include <framecast/arena.h>
#include <framecast/ids.h>
#include <framecast/loop.h>
#include <framecast/status.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "db/pipe.h"
#include "http/shape.h"
#include "http/stream.h"

struct fc_request;
struct fc_server;

enum fc_method {
    FC_GET,
    FC_POST,
    FC_PUT,
    FC_PATCH,
    FC_DELETE,
    FC_OPTIONS,
    FC_HEAD,
    FC_METHOD_OTHER
};

/** Who may call a route. */
enum fc_access {
    /* anybody; the handler may look at what authorises the request itself (signed links, worker
     * keys) */
    FC_PUBLIC,
    FC_ANYONE,  /* any user, by JWT or API key */
    FC_USER,    /* any user, by JWT alone */
    FC_CREATOR, /* a user of the creator tier, by JWT or API key */
};

/**
 * Takes a body piece by piece instead of as a whole. Both return FC_OK or refuse through fc_refuse.
 */
struct fc_sink {
    fc_status (*open)(struct fc_request *rq); /* the headers are there, nothing of the body */
    fc_status (*write)(struct fc_request *rq, const void *piece, size_t n);
};

struct fc_route {
    enum fc_method method;
    const char *
        path; /* "/v1/jobs/{job_id}": parameters in braces; "{key...}" takes the rest of the path */
    enum fc_access access;
    const char *scope;            /* that an API key needs, or NULL */
    const struct fc_shape *query; /* what the query string may hold, or NULL */
    const struct fc_shape *body;  /* what the body must hold, or NULL: then a body is ignored */
    int success;                  /* the status of a good answer */
    fc_status (*handler)(struct fc_request *rq);
    const struct fc_sink *sink; /* NULL: the body is read whole */
    unsigned flags;
};

/* A row of a route table; .flags and .sink may follow. */
#define FC_ROUTE(how, where, who, needs, asked, sent, ok, does, ...)                               \
    {                                                                                              \
        .method = FC_##how, .path = (where), .access = FC_##who, .scope = (needs),                 \
        .query = (asked), .body = (sent), .success = (ok), .handler = (does), ##__VA_ARGS__        \
    }

enum {
    FC_OPTIONAL_BODY = 1, /* an empty body counts as {} */
    FC_YAML_TOO = 2,      /* a storyboard may come as YAML: see struct fc_request.json */
    FC_NO_HEAD = 4,       /* GET changes something here */
    FC_METRICS_PORT = 8,  /* lives on the metrics port, when there is one, and nowhere else */
    FC_IDEMPOTENT = 16,   /* takes the header Idempotency-Key */
    FC_PROBE = 32,        /* asked all day long: logged at level debug while all is well */
};

/** The user behind a request; user, tier and key are certain once the statement has come back. */
struct fc_caller {
    enum fc_credential credential;
    struct fc_uuid user;
    struct fc_uuid key;   /* of an API key, else not set */
    const char *key_hash; /* what the key was verified against */
    const char
        *email; /* claimed by the token, or NULL; NULL as well once it has been synchronised */
    const char *tier; /* "starter", "creator"; NULL before */
    bool is_settled;  /* the database has let the caller in */
    bool was_provisioned;
};

enum { FC_PATH_PARAMS_MAX = 4 };

struct fc_request {
    struct fc_arena *arena;
    struct fc_server *server;
    const struct fc_route *route; /* NULL for unknown paths */
    enum fc_method method;
    const char *path;                       /* as it came, without the query */
    const char *query_text;                 /* as it came, or "" */
    const char *id;                         /* X-Request-Id */
    const char *idempotency_key;            /* the header's, on a route that takes it, or NULL */
    const char *params[FC_PATH_PARAMS_MAX]; /* decoded, in the order of the path */
    struct fc_uuid ids[FC_PATH_PARAMS_MAX]; /* those called id or ..._id, parsed */
    struct fc_span text;                    /* the body as it came; of YAML: as JSON */
    const struct fc_json *json; /* the body parsed (an object), when the route has a body shape */
    void *body;                 /* the struct of the route's body shape, filled */
    void *query;                /* the struct of the route's query shape, filled */
    struct fc_caller caller;
    void *state;            /* the handler's own, from before its statement to after it */
    const void *gate_state; /* lib/auth's own */
};

/* ---- what a request holds ---- */

/** The first header of that name, or NULL; lives as long as the request. */
const char *fc_header(const struct fc_request *rq, const char *name);
int fc_header_count(const struct fc_request *rq, const char *name);
const char *fc_peer(const struct fc_request *rq); /* the client's address, without port */

/**
 * What cmd/framecastd keeps for its handlers (settings, storage, the runner): see
 * cmd/framecastd/context.h.
 */
void *fc_context(const struct fc_request *rq);

/* ---- answering: each handler ends with one of these ---- */

/**
 * Runs the :api statement @query for the caller and answers with its row: outcome "ok" gives the
 * route's success status with the body, "replay" 200 with Idempotent-Replayed, a refusal's name its
 * status (body: its details), no outcome 404. A :plain statement of a public route yields (outcome,
 * body).
 */
fc_status fc_answer(struct fc_request *rq, enum fc_query query, struct fc_args args);

/**
 * The same, but @then makes the answer from what came (and may name another statement). "" is no
 * outcome.
 */
typedef fc_status fc_then(struct fc_request *rq, const char *outcome, const char *body,
                          const char *more);
fc_status fc_answer_then(struct fc_request *rq, enum fc_query query, struct fc_args args,
                         fc_then *then);

/** What fc_answer does with a row: for a `then` that has nothing better to say. */
fc_status fc_answer_outcome(struct fc_request *rq, const char *outcome, const char *body,
                            const char *more);

/**
 * JSON (or with @type another text) that is there already. @body lives as long as the request; NULL
 * gives no body.
 */
fc_status fc_answer_json(struct fc_request *rq, int http, const char *body);
fc_status fc_answer_text(struct fc_request *rq, int http, const char *type, const char *body,
                         size_t n);

/** @n bytes of @fd from @offset; the request closes @fd. */
fc_status fc_answer_file(struct fc_request *rq, int http, const char *type, int fd, int64_t offset,
                         int64_t n);

/** Refuses with a sentence of its own; gives back @status for `return`. */
__attribute__((format(printf, 3, 4))) fc_status fc_refuse(struct fc_request *rq, fc_status status,
                                                          const char *format, ...);
/** error.details of a refusal: JSON text that lives as long as the request. */
void fc_refuse_details(struct fc_request *rq, const char *details);
/** 429 with @seconds to wait. */
fc_status fc_refuse_rate(struct fc_request *rq, int64_t seconds);

/** A header of the answer, good or bad; texts live as long as the request. */
void fc_answer_header(struct fc_request *rq, const char *name, const char *value);

/**
 * What every answer body, of *n bytes, goes through before it is sent (presigned links); @rewrite
 * gives the new body and its length, or @body itself.
 */
void fc_answer_rewrite(struct fc_request *rq,
                       const char *(*rewrite)(struct fc_request *rq, const char *body, size_t *n));

/**
 * Hands the rest to a thread of the back: @run there may block; it answers or refuses by returning,
 * like a handler.
 */
fc_status fc_on_worker(struct fc_request *rq, fc_status (*run)(struct fc_request *rq));

/**
 * Suspends the request for @ms; then @again goes on with it like a handler. Holds neither thread
 * nor connection.
 */
fc_status fc_answer_later(struct fc_request *rq, int ms, fc_status (*again)(struct fc_request *rq));

/** Whether the client has hung up by now. */
bool fc_client_is_gone(const struct fc_request *rq);

/** A :plain statement beside the request: best effort, but done before the answer goes out. */
void fc_beside(struct fc_request *rq, enum fc_query query, struct fc_args args);

/** "GET", "POST" ... */
const char *fc_route_method(const struct fc_route *route);

/* ---- lists ---- */

/**
 * limit, offset and cursor of a paged list. Put FC_PAGE_FIELDS(struct, member) into the query's
 * field table.
 */
struct fc_page {
    struct fc_opt_int limit, offset;
    const char *cursor;
};
#define FC_PAGE_FIELDS(type, member)                                                               \
    FC_FIELD_AS(type, member.limit, "limit"), FC_FIELD_AS(type, member.offset, "offset"),          \
        FC_FIELD_AS(type, member.cursor, "cursor", .max = 512)

/**
 * Checks a page and gives the numbers for the statement: limit 1..100 (default @otherwise), offset
 * >= 0, and the texts that the cursor holds (@n_keys of them: the last row's sort key), NULL
 * without cursor. A statement that finds more rows than limit gives the key of the last row that it
 * answers as `more`, its texts joined by '|'; the answer then carries X-Next-Cursor and Link.
 */
struct fc_page_at {
    int64_t limit, offset;
    const char *keys[3];
};
fc_status fc_page_check(struct fc_request *rq, const struct fc_page *page, int64_t otherwise,
                        int n_keys, struct fc_page_at *at);

/* ---- the server ---- */

/** Who is asking: lib/auth's side of the dispatcher. */
struct fc_gate {
    /**
     * Fills rq->caller from the Authorization header, or refuses (401); may ask the database first
     * (fc_gate_ask).
     */
    fc_status (*identify)(struct fc_request *rq);
    /** The arguments that come before those of an :api statement: FC_CALLER_ARGS texts. */
    void (*arguments)(struct fc_request *rq, const char *values[static FC_CALLER_ARGS]);
    /**
     * What the caller's state means: FC_OK lets them in, or asks first (fc_gate_ask), everything
     * else is the refusal. @state is NULL when no row came. *again, here or in what fc_gate_ask
     * brings back: the statement is run once more.
     */
    fc_status (*judge)(struct fc_request *rq, const char *state, const char *user, const char *tier,
                       bool *again);
    /**
     * Puts the X-RateLimit headers on an answer that got as far as authentication; may refuse it
     * (429 in place of 401).
     */
    fc_status (*finish)(struct fc_request *rq, fc_status outcome);
};

/**
 * Runs a :plain statement for the gate; @then gets its rows and returns what identify or judge
 * would have.
 */
typedef fc_status fc_gate_then(struct fc_request *rq, const struct fc_result *result, bool *again);
fc_status fc_gate_ask(struct fc_request *rq, enum fc_query query, struct fc_args args,
                      fc_gate_then *then);

struct fc_server_config {
    int port;
    int metrics_port; /* 0: /metrics is served on port */
    int n_loops;
    int n_workers; /* threads behind fc_on_worker */
    struct fc_pipes_config pipes;
    const char *cors_origins; /* comma-separated */
    const struct fc_route *const
        *routes; /* tables, each closed by a row without path; the list closed by NULL */
    const struct fc_gate *gate;
    const struct fc_stream_source *streams;
    void *context;
};

/** Listens and serves on threads of its own; returns when the port is open. */
fc_status fc_server_start(struct fc_server **server, const struct fc_server_config *config,
                          struct fc_error *error);
/** Stops accepting, lets requests finish (at most @grace_ms), ends streams, closes everything. */
void fc_server_stop(struct fc_server *server, int grace_ms);
void fc_server_free(struct fc_server *server);
FC_AUTO_DEFINE(server)

#endif
