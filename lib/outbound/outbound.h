/**
 * HTTP to the outside: the only door out, and libcurl's only includer.
 *
 * One blocking call does one exchange. TLS certificates are always checked, only http and https are
 * spoken, redirects and the proxies of the environment are followed only when asked, every wait and
 * every answer has a ceiling.
 *
 *     FC_AUTO(outbound) *out = fc_outbound_new();
 *     struct fc_outbound_answer answer;
 *     const char *headers[] = {"Content-Type: application/json", NULL};
 *     struct fc_outbound_request rq = {.method = "POST", .url = url, .headers = headers, .body =
 * fc_span_of(json)};
 *
 *     if (fc_outbound_call(out, arena, &rq, &answer, &error) == FC_OK && answer.status == 200) ...
 */
#ifndef FRAMECAST_OUTBOUND_H
#define FRAMECAST_OUTBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/text.h>

/** Open connections to other servers, used again by later calls. Belongs to one thread at a time.
 */
struct fc_outbound;

struct fc_outbound *fc_outbound_new(void); /* any thread, at any time */
void fc_outbound_free(struct fc_outbound *out);
FC_AUTO_DEFINE(outbound)

/** Where the body of a 2xx answer goes piece by piece; put returns false to end the exchange. */
struct fc_outbound_sink {
    bool (*put)(void *context, const char *bytes, size_t n);
    void *context;
    void (*begin)(void *context, int status); /* before the first piece; may be NULL */
};

/** A sink that writes to the open file *@fd, from its present position on. */
struct fc_outbound_sink fc_outbound_sink_file(int *fd);

/** How far an exchange is; totals are -1 while unknown. */
struct fc_outbound_progress {
    int64_t sent_bytes, send_total_bytes;
    int64_t received_bytes, receive_total_bytes;
};

enum {
    FC_OUTBOUND_TICK_MS = 200,
    FC_OUTBOUND_CONNECT_MS = 10 * 1000,
    FC_OUTBOUND_TOTAL_MS = 60 * 1000,
    FC_OUTBOUND_ANSWER_BYTES = 8 * 1024 * 1024,
    FC_OUTBOUND_HEADER_BYTES = 64 * 1024,
    FC_OUTBOUND_FOREVER = -1, /* as total_timeout_ms; then set stall_timeout_ms */
};

/** What to ask. A member left zero takes the default that stands beside it. */
struct fc_outbound_request {
    const char *method;         /* GET */
    const char *url;            /* absolute; required */
    const char *const *headers; /* "Name: value", closed by NULL; none */
    struct fc_span body;        /* sent from memory; none */
    const char *body_path;      /* sent from this file, instead of @body */

    int64_t connect_timeout_ms; /* FC_OUTBOUND_CONNECT_MS */
    int64_t total_timeout_ms;   /* FC_OUTBOUND_TOTAL_MS; or FC_OUTBOUND_FOREVER */
    int64_t stall_timeout_ms;   /* without a byte in either direction, in whole seconds; none */

    size_t answer_max_bytes;      /* of an answer kept in memory; FC_OUTBOUND_ANSWER_BYTES */
    struct fc_outbound_sink sink; /* for a 2xx answer of any size; kept in memory */

    /* Called about every FC_OUTBOUND_TICK_MS while the exchange lasts; false abandons it. */
    bool (*go_on)(void *context, const struct fc_outbound_progress *progress);
    void *go_on_context;

    int max_redirects;         /* 0: a 3xx is an answer like any other */
    bool uses_proxy_variables; /* http_proxy, https_proxy and no_proxy count */
};

/** Why there is no complete answer. After CONNECT and TLS the server saw nothing of the request. */
enum fc_outbound_fault {
    FC_FAULT_NONE,
    FC_FAULT_REQUEST,   /* bad URL, header or body file: the same call will never work */
    FC_FAULT_CONNECT,   /* no such host, refused, no connection in time */
    FC_FAULT_TLS,       /* the certificate, or the handshake */
    FC_FAULT_TIMEOUT,   /* sent perhaps, answered not or not wholly in time */
    FC_FAULT_BROKEN,    /* the connection broke; it may or may not have acted */
    FC_FAULT_TOO_LARGE, /* more than answer_max_bytes */
    FC_FAULT_SINK,      /* the sink did not want more */
    FC_FAULT_ABANDONED, /* go_on said no */
};

/** What came back. Texts live in the arena of the call. */
struct fc_outbound_answer {
    enum fc_outbound_fault fault;
    int status;             /* 100..599; 0 when not even a status line came */
    struct fc_span body;    /* closed by NUL; empty when the sink took it */
    struct fc_span headers; /* of the last answer; read with fc_outbound_header */
    int64_t retry_after_s;  /* of Retry-After, 0..INT32_MAX; -1 without one */
};

/**
 * Does one exchange. FC_OK means that a whole answer arrived, whatever its status.
 *
 * @answer is always written, also on failure: fault says what kind, and status, headers and body
 * hold what had arrived.
 *
 * FC_E_VALIDATION   FC_FAULT_REQUEST
 * FC_E_TOO_LARGE    FC_FAULT_TOO_LARGE
 * FC_E_UNAVAILABLE  every other fault
 *
 * @error names host and cause, but not path and query of the URL, which may be signed.
 */
fc_status fc_outbound_call(struct fc_outbound *out, struct fc_arena *arena,
                           const struct fc_outbound_request *rq, struct fc_outbound_answer *answer,
                           struct fc_error *error);

/** The value of header @name (any case; the first one of several) in @arena, or NULL. */
const char *fc_outbound_header(struct fc_arena *arena, const struct fc_outbound_answer *answer,
                               const char *name);

/**
 * How long to wait before try number @attempt (1: the first repetition): what the server asked for,
 * else 500 ms doubled with each attempt, up to @max_ms, of which a random half is taken so that
 * many callers do not come back together.
 */
int64_t fc_outbound_backoff_ms(const struct fc_outbound_answer *answer, int attempt,
                               int64_t max_ms);

#endif
