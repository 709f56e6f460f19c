/**
 * The server as the commands see it: a question, an answer in JSON, patience, and what to say when
 * it refuses.
 */
#ifndef FRAMECAST_API_H
#define FRAMECAST_API_H

#include "client.h"

#include "outbound/outbound.h"
#include "outbound/sse.h"
#include "json/json.h"

/**
 * Reads FRAMECAST_URL (or --url), FRAMECAST_API_KEY, FRAMECAST_PATIENCE; complains when they make
 * no sense.
 */
enum exit_code api_new(struct api **result, struct client *client);
void api_free(struct api *api);

/**
 * While the server is waited for: @tick about five times a second, @note with what is the matter,
 * NULL when all is well again. Without hooks notes go to stderr.
 */
struct api_hooks {
    void (*tick)(void *context);
    void (*note)(void *context, const char *text);
    void *context;
};
struct api_hooks api_hook(struct api *api, struct api_hooks hooks); /* gives back the former ones */

struct api_request {
    const char *method;          /* NULL: GET */
    const char *path;            /* with query, from "/v1" on */
    const char *body;            /* JSON; may be NULL */
    const char *idempotency_key; /* may be NULL */
    bool changes_nothing;        /* a POST that may be repeated like a GET */
    bool is_single;              /* asked once, briefly, without patience */
};

struct api_answer {
    struct fc_outbound_answer http;                  /* status 0: there is none */
    const struct fc_json *json;                      /* NULL: the body is no JSON */
    char why[sizeof((struct fc_error *)NULL)->text]; /* why there is no answer */
};

/**
 * Asks, and asks again while the server is away or busy, as far as nothing can happen twice: a GET,
 * or a POST with an idempotency key, always; any other POST only when it certainly did not arrive.
 *
 * CLIENT_OK stands for a 2xx. Nothing has been printed in any case.
 */
enum exit_code api_call(struct api *api, struct fc_arena *arena, const struct api_request *rq,
                        struct api_answer *answer);

/** api_call, and api_complain unless it went well. */
enum exit_code api_call_or_complain(struct api *api, struct fc_arena *arena,
                                    const struct api_request *rq, struct api_answer *answer);

/** Says on stderr what was refused and what can be done; gives back @code. */
enum exit_code api_complain(struct api *api, const struct api_answer *answer, enum exit_code code);

/**
 * Follows a stream of events until it ends, one way or another: @answer and the result tell how.
 * Never repeats.
 */
enum exit_code api_stream(struct api *api, struct fc_arena *arena, const char *path,
                          const char *last_event_id, struct fc_outbound_sink sink,
                          struct api_answer *answer);

/**
 * GETs an absolute link as it is, without the key: a signed link carries its own authorisation.
 * @headers and @sink as in fc_outbound_request.
 */
enum exit_code api_fetch(struct api *api, struct fc_arena *arena, const char *url,
                         const char *const *headers, struct fc_outbound_sink sink,
                         bool (*goes_on)(void *context,
                                         const struct fc_outbound_progress *progress),
                         void *context, struct api_answer *answer);

/** Waits as the server asked or else longer each time; false when interrupted. Calls the hooks. */
bool api_wait(struct api *api, const struct fc_outbound_answer *answer, int attempt);
int64_t api_patience_ms(const struct api *api);
const char *api_url(const struct api *api);

/* Members of an answer; these give NULL or @otherwise when the member is missing, null or of
 * another type. */
const char *json_text(const struct fc_json *object, const char *name);
double json_number(const struct fc_json *object, const char *name, double otherwise);
const struct fc_json *json_object(const struct fc_json *object, const char *name);
const struct fc_json *json_array(const struct fc_json *object, const char *name);

#endif
