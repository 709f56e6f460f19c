#include "api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <framecast/time.h>

#include "interrupt.h"

enum {
    BACKOFF_MAX_MS = 8000,
    BRIEF_MS = 5000,
    STREAM_STALL_MS = 45 * 1000, /* three keep-alives */
    PATIENCE_S = 300,
};

struct api {
    struct client *client;
    const char *url;           /* without a slash at its end */
    const char *authorization; /* the whole header line, NULL without a key */
    int64_t patience_ms;
    bool was_reached; /* before that, an unreachable server is rather a wrong address */
    struct api_hooks hooks;
    /* questions may be asked while a stream is being read */
    struct fc_outbound *for_streams, *for_calls;
};

/* ---- where and who ---- */

static void note_on_stderr(void *context, const char *text)
{
    const struct client *client = context;

    if (text != NULL)
        tell(client, "%s", text);
}

static const char *environment(struct fc_arena *arena, const char *name)
{
    const char *value = getenv(name);
    size_t n;

    if (value == NULL)
        return NULL;
    value += strspn(value, " \t\r\n");
    for (n = strlen(value); n > 0 && strchr(" \t\r\n", value[n - 1]) != NULL;)
        n--;
    return n > 0 ? fc_copy_n(arena, value, n) : NULL;
}

static enum exit_code read_url(struct api *api, struct fc_arena *arena)
{
    const char *url = api->client->arguments.url;
    size_t n;

    if (url == NULL)
        url = environment(arena, "FRAMECAST_URL");
    if (url == NULL)
        url = "http://localhost:3000";
    for (n = strlen(url); n > 0 && url[n - 1] == '/';)
        n--;
    api->url = fc_copy_n(arena, url, n);
    if (fc_text_starts(url, "http://") || fc_text_starts(url, "https://"))
        return CLIENT_OK;
    complain("'%s' is no address of a server: it must begin with http:// or https://", url);
    return CLIENT_USAGE;
}

enum exit_code api_new(struct api **result, struct client *client)
{
    struct fc_arena *arena = client->arena;
    const char *key = environment(arena, "FRAMECAST_API_KEY");
    const char *patience = environment(arena, "FRAMECAST_PATIENCE");
    struct api *api = FC_NEW(arena, struct api);
    int64_t patience_s = PATIENCE_S;

    api->client = client;
    api->hooks = (struct api_hooks){.note = note_on_stderr, .context = client};
    api->for_streams = fc_outbound_new();
    api->for_calls = fc_outbound_new();
    *result = api;
    if (key != NULL)
        api->authorization = fc_printf(arena, "Authorization: Bearer %s", key);
    if (patience != NULL &&
        (!fc_int_parse(patience, &patience_s) || patience_s < 0 || patience_s > 86400)) {
        complain("FRAMECAST_PATIENCE must be a number of seconds from 0 to 86400, not '%s'",
                 patience);
        return CLIENT_USAGE;
    }
    api->patience_ms = patience_s * 1000;
    return read_url(api, arena);
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    fc_outbound_free(api->for_streams);
    fc_outbound_free(api->for_calls);
}

struct api_hooks api_hook(struct api *api, struct api_hooks hooks)
{
    struct api_hooks former = api->hooks;

    api->hooks = hooks;
    return former;
}

int64_t api_patience_ms(const struct api *api)
{
    return api->patience_ms;
}

const char *api_url(const struct api *api)
{
    return api->url;
}

/* ---- one exchange ---- */

static void tick(struct api *api)
{
    if (api->hooks.tick != NULL)
        api->hooks.tick(api->hooks.context);
}

static bool go_on(void *context, const struct fc_outbound_progress *progress)
{
    (void)progress;
    tick(context);
    return !interrupted();
}

static enum exit_code code_of(const struct api_answer *answer)
{
    int status = answer->http.status;

    if (answer->http.fault == FC_FAULT_REQUEST)
        return CLIENT_USAGE;
    if (answer->http.fault == FC_FAULT_SINK)
        return CLIENT_USAGE; /* a local disk */
    if (answer->http.fault != FC_FAULT_NONE || status >= 500)
        return CLIENT_UNREACHABLE;
    if (status >= 200 && status < 300)
        return CLIENT_OK;
    return CLIENT_REFUSED;
}

static bool is_local(const char *url)
{
    static const char *const hosts[] = {"localhost", "127.", "[::1]"};
    const char *host = strstr(url, "://");

    for (size_t i = 0; host != NULL && i < sizeof hosts / sizeof *hosts; i++)
        if (fc_text_starts(host + 3, hosts[i]))
            return true;
    return false;
}

/* Does @rq, fills @answer. */
static enum exit_code exchange(struct api *api, struct fc_outbound *out, struct fc_arena *arena,
                               struct fc_outbound_request *rq, struct api_answer *answer)
{
    struct fc_error error = {.text = ""};

    if (rq->go_on == NULL) {
        rq->go_on = go_on;
        rq->go_on_context = api;
    }
    /* they were set in the shell of a person, but for what lies outside of this machine */
    rq->uses_proxy_variables = !is_local(rq->url);
    (void)fc_outbound_call(out, arena, rq, &answer->http, &error);
    snprintf(answer->why, sizeof answer->why, "%s", error.text);
    answer->json = NULL;
    if (answer->http.fault == FC_FAULT_NONE && answer->http.body.n > 0)
        (void)fc_json_parse(arena, answer->http.body.at, answer->http.body.n, &answer->json, NULL);
    if (interrupted())
        return interrupt_code();
    if (answer->http.fault != FC_FAULT_CONNECT && answer->http.fault != FC_FAULT_TLS)
        api->was_reached = true;
    return code_of(answer);
}

static const char **headers_of(const struct api *api, struct fc_arena *arena,
                               const struct api_request *rq)
{
    const char **headers = FC_NEW_ARRAY(arena, const char *, 5);
    size_t n = 0;

    headers[n++] = "Accept: application/json";
    if (api->authorization != NULL)
        headers[n++] = api->authorization;
    if (rq->body != NULL)
        headers[n++] = "Content-Type: application/json";
    if (rq->idempotency_key != NULL)
        headers[n++] = fc_printf(arena, "Idempotency-Key: %s", rq->idempotency_key);
    return headers;
}

/* ---- patience ---- */

static bool may_repeat(const struct api *api, const struct api_request *rq,
                       const struct fc_outbound_answer *http)
{
    bool is_harmless = rq->method == NULL || rq->idempotency_key != NULL || rq->changes_nothing;

    switch (http->fault) {
    case FC_FAULT_CONNECT:
        return api->was_reached;
    case FC_FAULT_TIMEOUT:
    case FC_FAULT_BROKEN:
        return is_harmless;
    case FC_FAULT_NONE:
        return http->status == 429 || (http->status >= 502 && http->status <= 504 && is_harmless);
    default:
        return false;
    }
}

bool api_wait(struct api *api, const struct fc_outbound_answer *answer, int attempt)
{
    int64_t end_us = fc_monotonic_us() +
                     fc_outbound_backoff_ms(answer, attempt, BACKOFF_MAX_MS) * 1000;

    for (int64_t left_us; (left_us = end_us - fc_monotonic_us()) > 0;) {
        tick(api);
        if (!interruptible_wait_ms(left_us > 200000 ? 200 : left_us / 1000 + 1))
            return false;
    }
    return !interrupted();
}

static void note(struct api *api, struct fc_arena *arena, const struct api_answer *answer)
{
    if (answer->http.status == 429)
        api->hooks.note(api->hooks.context, "the server wants fewer requests a minute; waiting");
    else if (answer->http.fault == FC_FAULT_NONE)
        api->hooks.note(api->hooks.context, fc_printf(arena, "the server answers %d; trying again",
                                                      answer->http.status));
    else
        api->hooks.note(api->hooks.context, fc_printf(arena, "%s; trying again", answer->why));
}

/* What answers with a page instead of JSON is something else at this address. */
static enum exit_code call_once(struct api *api, struct fc_arena *arena,
                                struct fc_outbound_request *http, struct api_answer *answer)
{
    enum exit_code code = exchange(api, api->for_calls, arena, http, answer);

    return code == CLIENT_OK && answer->json == NULL ? CLIENT_UNREACHABLE : code;
}

enum exit_code api_call(struct api *api, struct fc_arena *arena, const struct api_request *rq,
                        struct api_answer *answer)
{
    struct fc_outbound_request http = {
        .method = rq->method,
        .url = fc_printf(arena, "%s%s", api->url, rq->path),
        .headers = headers_of(api, arena, rq),
        .body = fc_span_of(rq->body),
        .total_timeout_ms = rq->is_single ? BRIEF_MS : 0,
    };
    int64_t give_up_us = fc_monotonic_us() + api->patience_ms * 1000;

    for (int attempt = 1;; attempt++) {
        enum exit_code code = call_once(api, arena, &http, answer);
        int64_t asked_us = answer->http.retry_after_s > 0 ? answer->http.retry_after_s * 1000000
                                                          : 0;
        bool is_last = code == CLIENT_OK || interrupted() || rq->is_single ||
                       !may_repeat(api, rq, &answer->http) ||
                       fc_monotonic_us() + asked_us > give_up_us;

        if (is_last && attempt > 1 && code == CLIENT_OK)
            api->hooks.note(api->hooks.context, NULL);
        if (is_last)
            return code;
        if (attempt == 1)
            note(api, arena, answer);
        if (!api_wait(api, &answer->http, attempt))
            return interrupt_code();
    }
}

enum exit_code api_stream(struct api *api, struct fc_arena *arena, const char *path,
                          const char *last_event_id, struct fc_outbound_sink sink,
                          struct api_answer *answer)
{
    const char *headers[4] = {"Accept: text/event-stream"};
    size_t n = 1;
    struct fc_outbound_request http = {
        .url = fc_printf(arena, "%s%s", api->url, path),
        .headers = headers,
        .sink = sink,
        .total_timeout_ms = FC_OUTBOUND_FOREVER,
        .stall_timeout_ms = STREAM_STALL_MS,
    };

    if (api->authorization != NULL)
        headers[n++] = api->authorization;
    if (last_event_id != NULL)
        headers[n++] = fc_printf(arena, "Last-Event-ID: %s", last_event_id);
    return exchange(api, api->for_streams, arena, &http, answer);
}

enum exit_code api_fetch(struct api *api, struct fc_arena *arena, const char *url,
                         const char *const *headers, struct fc_outbound_sink sink,
                         bool (*goes_on)(void *context,
                                         const struct fc_outbound_progress *progress),
                         void *context, struct api_answer *answer)
{
    struct fc_outbound_request http = {
        .url = url,
        .headers = headers,
        .sink = sink,
        .total_timeout_ms = FC_OUTBOUND_FOREVER,
        .stall_timeout_ms = STREAM_STALL_MS,
        .max_redirects = 5,
        .go_on = goes_on,
        .go_on_context = context,
    };

    return exchange(api, api->for_calls, arena, &http, answer);
}

/* ---- refusals ---- */

static void explain_unreachable(const struct api *api, const struct api_answer *answer)
{
    complain("cannot reach the server: %s", answer->why);
    if (answer->http.fault == FC_FAULT_CONNECT && getenv("FRAMECAST_URL") == NULL &&
        api->client->arguments.url == NULL)
        complain("is it running? 'just dev' starts one; FRAMECAST_URL or --url names another");
    else if (answer->http.fault == FC_FAULT_CONNECT)
        complain("is it running, and is the address right?");
}

static void explain_key(const struct api *api)
{
    if (api->authorization == NULL)
        complain("set FRAMECAST_API_KEY to an API key of yours; 'just dev' prints one");
    else
        complain("FRAMECAST_API_KEY holds a key that %s does not accept; is it complete, and of "
                 "this server?",
                 api->url);
}

static void explain_credits(const struct fc_json *details)
{
    const char *reason = json_text(details, "reason");
    double required = json_number(details, "required", 0);

    if (fc_text_equal(reason, "max_credits_exceeded"))
        complain("it costs %.0f credits, more than the %.0f allowed; raise --max-credits, or lower "
                 "--quality, "
                 "--resolution or --fps",
                 required, json_number(details, "max_credits", 0));
    else if (fc_text_equal(reason, "insufficient_credits"))
        complain("it costs %.0f credits and there are %.0f; lower --quality, --resolution or "
                 "--fps, or ask the "
                 "operator for credits (framecastd admin credits grant)",
                 required, json_number(details, "available", 0));
}

/* What a person can do about a refusal, by details.reason. */
static void explain_reason(const struct fc_json *details)
{
    static const struct {
        const char *reason, *advice;
    } advices[] = {
        {"concurrency_limit",      "let a job end, or cancel one: framecast jobs list"},
        {"job_is_terminal",        "it has ended already: framecast jobs get ID shows how"},
        {"job_not_retryable",      "only a failed or canceled job can be retried"},
        {"idempotency_key_in_use", "the key belongs to a job that you cannot see; take another"},
        {"project_has_active_job", "wait until the project's present job has ended, or cancel it"},
    };
    const char *reason = json_text(details, "reason");

    if (fc_text_equal(reason, "missing_scope"))
        complain("the API key lacks the scope '%s'", json_text(details, "required_scope"));
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (fc_text_equal(reason, advices[i].reason))
            complain("%s", advices[i].advice);
}

enum exit_code api_complain(struct api *api, const struct api_answer *answer, enum exit_code code)
{
    const struct fc_json *error = json_object(answer->json, "error"),
                         *details = json_object(error, "details");
    const char *message = json_text(error, "message"), *request_id = json_text(error, "request_id");

    if (code == CLIENT_INTERRUPTED || code == CLIENT_TERMINATED)
        return code;
    if (answer->http.fault != FC_FAULT_NONE) {
        explain_unreachable(api, answer);
        return code;
    }
    if (message == NULL) {
        complain("%s answers with status %d and is perhaps no Framecast server", api->url,
                 answer->http.status);
        return code;
    }
    complain("%s (%s)", message, json_text(error, "code"));
    if (answer->http.status == 401)
        explain_key(api);
    else if (answer->http.status == 402)
        explain_credits(details);
    else if (answer->http.status >= 500)
        complain("the fault is the server's; its log tells more about request %s", request_id);
    else
        explain_reason(details);
    return code;
}

enum exit_code api_call_or_complain(struct api *api, struct fc_arena *arena,
                                    const struct api_request *rq, struct api_answer *answer)
{
    enum exit_code code = api_call(api, arena, rq, answer);

    return code == CLIENT_OK ? code : api_complain(api, answer, code);
}

/* ---- members ---- */

static const struct fc_json *member(const struct fc_json *object, const char *name,
                                    enum fc_json_type type)
{
    const struct fc_json *value;

    if (object == NULL || fc_json_type(object) != FC_JSON_OBJECT)
        return NULL;
    value = fc_json_get(object, name);
    return value != NULL && fc_json_type(value) == type ? value : NULL;
}

const char *json_text(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = member(object, name, FC_JSON_STRING);

    return value != NULL ? fc_json_string(value) : NULL;
}

double json_number(const struct fc_json *object, const char *name, double otherwise)
{
    const struct fc_json *value = member(object, name, FC_JSON_NUMBER);

    return value != NULL ? fc_json_number(value) : otherwise;
}

const struct fc_json *json_object(const struct fc_json *object, const char *name)
{
    return member(object, name, FC_JSON_OBJECT);
}

const struct fc_json *json_array(const struct fc_json *object, const char *name)
{
    return member(object, name, FC_JSON_ARRAY);
}
