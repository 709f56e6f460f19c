/* Answers: what a handler leaves, and how it becomes a response. The one error path of the API. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <framecast/log.h>

#include "http/internal.h"

struct fc_exchange *fc_exchange_of(struct fc_request *rq)
{
    return (struct fc_exchange *)rq;
}

/* ---- what handlers call ---- */

fc_status fc_answer_text(struct fc_request *rq, int http, const char *type, const char *body,
                         size_t n)
{
    struct fc_exchange *x = fc_exchange_of(rq);

    x->http = http;
    x->answer_type = type;
    x->answer_body = body;
    x->n_answer = n;
    return FC_OK;
}

fc_status fc_answer_json(struct fc_request *rq, int http, const char *body)
{
    return fc_answer_text(rq, http, body == NULL ? NULL : "application/json", body,
                          body == NULL ? 0 : strlen(body));
}

fc_status fc_answer_file(struct fc_request *rq, int http, const char *type, int fd, int64_t offset,
                         int64_t n)
{
    struct fc_exchange *x = fc_exchange_of(rq);

    x->http = http;
    x->answer_type = type;
    x->fd = fd;
    x->is_file = true;
    x->fd_offset = offset;
    x->fd_n = n;
    return FC_OK;
}

void fc_answer_header(struct fc_request *rq, const char *name, const char *value)
{
    struct fc_exchange *x = fc_exchange_of(rq);

    assert(x->n_headers < ANSWER_HEADERS_MAX);
    x->headers[x->n_headers].name = name;
    x->headers[x->n_headers++].value = value;
}

void fc_answer_rewrite(struct fc_request *rq,
                       const char *(*rewrite)(struct fc_request *rq, const char *body, size_t *n))
{
    fc_exchange_of(rq)->rewrite = rewrite;
}

fc_status fc_refuse(struct fc_request *rq, fc_status status, const char *format, ...)
{
    struct fc_exchange *x = fc_exchange_of(rq);
    va_list args;

    x->error.status = status;
    va_start(args, format);
    (void)vsnprintf(x->error.text, sizeof x->error.text, format, args);
    va_end(args);
    return status;
}

void fc_refuse_details(struct fc_request *rq, const char *details)
{
    fc_exchange_of(rq)->details = details;
}

fc_status fc_refuse_rate(struct fc_request *rq, int64_t seconds)
{
    struct fc_exchange *x = fc_exchange_of(rq);

    x->retry_after = seconds < 1 ? 1 : seconds;
    return fc_refuse(rq, FC_E_RATE, "try again in %lld seconds", (long long)x->retry_after);
}

/* ---- from a status to a body ---- */

static const char *error_body(struct fc_exchange *x, fc_status status)
{
    const struct fc_status_row *row = fc_status_row(status);
    const char *said = x->error.status == status && row->http < 500 ? x->error.text : row->sentence;
    struct fc_buffer body = fc_buffer_in(x->rq.arena), message = fc_buffer_in(x->rq.arena);

    if (row->label[0] != '\0')
        fc_putf(&message, "%s: ", row->label);
    fc_put(&message, said[0] != '\0' ? said : row->sentence);
    fc_put(&body, "{\"error\":{\"code\":");
    fc_put_json(&body, row->code);
    fc_put(&body, ",\"message\":");
    fc_put_json(&body, message.data);
    fc_put(&body, ",\"request_id\":");
    fc_put_json(&body, x->rq.id);
    if (x->details != NULL && row->http < 500)
        fc_putf(&body, ",\"details\":%s", x->details);
    if (status == FC_E_RATE)
        fc_putf(&body, ",\"retryAfter\":%lld", (long long)x->retry_after);
    fc_put(&body, "}}");
    return body.data;
}

static void error_headers(struct fc_exchange *x, fc_status status)
{
    struct fc_request *rq = &x->rq;

    if (fc_status_row(status)->http == 401)
        fc_answer_header(rq, "WWW-Authenticate", "Bearer");
    if (status == FC_E_METHOD && x->allow != NULL)
        fc_answer_header(rq, "Allow", x->allow);
    if (status == FC_E_UNAVAILABLE)
        fc_answer_header(rq, "Retry-After", "1");
    if (status == FC_E_RATE) {
        const char *seconds = fc_printf(rq->arena, "%lld", (long long)x->retry_after);

        fc_answer_header(rq, "Retry-After", seconds);
        fc_answer_header(rq, "X-RateLimit-RetryAfter", seconds);
    }
}

void fc_exchange_compose(struct fc_exchange *x, fc_status status)
{
    if (status == FC_OK) {
        assert(x->http != 0);
        if (x->rewrite != NULL && x->answer_body != NULL)
            x->answer_body = x->rewrite(&x->rq, x->answer_body, &x->n_answer);
        return;
    }
    if (x->fd >= 0)
        (void)close(x->fd);
    x->fd = -1;
    x->http = fc_status_row(status)->http;
    x->answer_type = "application/json";
    x->answer_body = error_body(x, status);
    x->n_answer = strlen(x->answer_body);
    error_headers(x, status);
}

/* ---- CORS ---- */

static bool origin_allowed(const char *list, const char *origin)
{
    size_t n = strlen(origin);

    while (*list != '\0') {
        size_t entry = strcspn(list, ","), from = strspn(list, " \t"), to = entry;

        while (to > from && (list[to - 1] == ' ' || list[to - 1] == '\t'))
            to--;
        if (from < to && to - from == n && memcmp(list + from, origin, n) == 0)
            return true;
        list += entry + (list[entry] == ',');
    }
    return false;
}

static void put(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(
        response, name, value); /* fails for lack of memory, or for a text that is no header */
}

static void put_cors(struct fc_exchange *x, struct MHD_Response *response)
{
    const char *origin = fc_header(&x->rq, "Origin");

    put(response, "Vary", "Origin");
    if (x->rq.method == FC_OPTIONS) {
        put(response, "Access-Control-Allow-Methods", "GET,POST,PUT,PATCH,DELETE,OPTIONS");
        put(response, "Access-Control-Allow-Headers",
            "content-type,authorization,x-api-key,last-event-id,x-request-id,idempotency-key,"
            "range");
        put(response, "Access-Control-Max-Age", "3600");
    }
    if (origin == NULL || !origin_allowed(x->front->server->config.cors_origins, origin))
        return;
    put(response, "Access-Control-Allow-Origin", origin);
    if (x->rq.method != FC_OPTIONS)
        put(response, "Access-Control-Expose-Headers",
            "x-request-id,x-next-cursor,link,idempotent-replayed,retry-after,x-ratelimit-limit,"
            "x-ratelimit-remaining,x-ratelimit-reset,x-ratelimit-retryafter,accept-ranges,content-"
            "range,etag");
}

/* ---- the response ---- */

static struct MHD_Response *body_response(struct fc_exchange *x)
{
    struct MHD_Response *response;

    if (x->fd < 0) /* the arena outlives the response: it goes when the request is completed */
        return MHD_create_response_from_buffer(x->n_answer, (void *)(uintptr_t)x->answer_body,
                                               MHD_RESPMEM_PERSISTENT);
    response = MHD_create_response_from_fd_at_offset64((uint64_t)x->fd_n, x->fd,
                                                       (uint64_t)x->fd_offset);
    if (response != NULL)
        x->fd = -1; /* it is the response's now */
    return response;
}

struct MHD_Response *fc_exchange_response(struct fc_exchange *x)
{
    struct MHD_Response *response = body_response(x);

    if (response == NULL)
        return NULL;
    if (x->answer_type != NULL)
        put(response, "Content-Type", x->answer_type);
    put(response, "X-Request-Id", x->rq.id);
    if (x->is_last)
        put(response, "Connection", "close");
    put_cors(x, response);
    for (int i = 0; i < x->n_headers; i++)
        put(response, x->headers[i].name, x->headers[i].value);
    return response;
}
