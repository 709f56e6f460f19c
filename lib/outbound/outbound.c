#include "outbound/outbound.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/time.h>
#include <framecast/version.h>

struct fc_outbound {
    CURLM *multi; /* holds the open connections between calls */
};

/* One exchange while it lasts. */
struct exchange {
    const struct fc_outbound_request *rq;
    struct fc_outbound_answer *answer;
    struct fc_arena *arena;
    CURL *easy;
    struct curl_slist *headers;
    int body_fd; /* -1 without one */
    struct fc_buffer head, body;
    size_t body_max;
    bool is_pouring; /* the sink has begun */
    char why[CURL_ERROR_SIZE];
};

/* ---- the session ---- */

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        abort(); /* out of memory or a broken TLS library: nothing of ours can work then */
}

struct fc_outbound *fc_outbound_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct fc_outbound *out = calloc(1, sizeof *out);

    pthread_once(&once, start_curl);
    if (out == NULL || (out->multi = curl_multi_init()) == NULL)
        abort();
    curl_multi_setopt(out->multi, CURLMOPT_MAXCONNECTS, 8L);
    return out;
}

void fc_outbound_free(struct fc_outbound *out)
{
    if (out == NULL)
        return;
    curl_multi_cleanup(out->multi);
    free(out);
}

static bool sink_file_put(void *context, const char *bytes, size_t n)
{
    const int *fd = context;

    for (size_t done = 0; done < n;) {
        ssize_t step = write(*fd, bytes + done, n - done);

        if (step < 0 && errno == EINTR)
            continue;
        if (step <= 0)
            return false;
        done += (size_t)step;
    }
    return true;
}

struct fc_outbound_sink fc_outbound_sink_file(int *fd)
{
    return (struct fc_outbound_sink){.put = sink_file_put, .context = fd};
}

/* ---- what libcurl calls ---- */

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *ex = context;
    size_t n = size * count;

    /* a status line starts a new head: the one before belonged to a 1xx or to a redirect */
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        ex->head = fc_buffer_in(ex->arena);
    if (ex->head.n + n > FC_OUTBOUND_HEADER_BYTES) {
        ex->answer->fault = FC_FAULT_TOO_LARGE;
        return 0;
    }
    fc_put_n(&ex->head, bytes, n);
    return n;
}

/* Keeps a piece in memory, as far as the ceiling allows. */
static bool keep_body(struct exchange *ex, const char *bytes, size_t n)
{
    if (n > ex->body_max - ex->body.n) {
        ex->answer->fault = FC_FAULT_TOO_LARGE;
        return false;
    }
    fc_put_n(&ex->body, bytes, n);
    return true;
}

static bool pour_body(struct exchange *ex, int status, const char *bytes, size_t n)
{
    const struct fc_outbound_sink *sink = &ex->rq->sink;

    if (!ex->is_pouring && sink->begin != NULL)
        sink->begin(sink->context, status);
    ex->is_pouring = true;
    if (sink->put(sink->context, bytes, n))
        return true;
    ex->answer->fault = FC_FAULT_SINK;
    return false;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *ex = context;
    size_t n = size * count;
    long status = 0;
    bool is_taken;

    curl_easy_getinfo(ex->easy, CURLINFO_RESPONSE_CODE, &status);
    if (ex->rq->sink.put != NULL && status >= 200 && status < 300)
        is_taken = pour_body(ex, (int)status, bytes, n);
    else
        is_taken = keep_body(ex, bytes, n);
    return is_taken ? n : CURL_WRITEFUNC_ERROR;
}

static size_t give_body(char *room, size_t size, size_t count, void *context)
{
    const struct exchange *ex = context;
    ssize_t n;

    do
        n = read(ex->body_fd, room, size * count);
    while (n < 0 && errno == EINTR);
    return n < 0 ? CURL_READFUNC_ABORT : (size_t)n;
}

/* libcurl sends a body again after a redirect, or when a kept connection turns out to be closed. */
static int rewind_body(void *context, curl_off_t offset, int origin)
{
    const struct exchange *ex = context;

    return lseek(ex->body_fd, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

/* ---- the request ---- */

static fc_status refuse(struct exchange *ex, struct fc_error *error, const char *why)
{
    ex->answer->fault = FC_FAULT_REQUEST;
    return fc_fail(error, FC_E_VALIDATION, "%s", why);
}

static bool add_header(struct exchange *ex, const char *line)
{
    struct curl_slist *longer;

    if (strpbrk(line, "\r\n") != NULL || strchr(line, ':') == NULL)
        return false;
    longer = curl_slist_append(ex->headers, line);
    if (longer == NULL)
        abort();
    ex->headers = longer;
    return true;
}

static fc_status set_headers(struct exchange *ex, struct fc_error *error)
{
    /* without them libcurl would wait for a 100, and call every body a form */
    add_header(ex, "Expect:");
    add_header(ex, "Content-Type:");
    for (const char *const *line = ex->rq->headers; line != NULL && *line != NULL; line++)
        if (!add_header(ex, *line))
            return refuse(ex, error, "a header must be 'Name: value' on one line");
    curl_easy_setopt(ex->easy, CURLOPT_HTTPHEADER, ex->headers);
    return FC_OK;
}

static fc_status set_body_file(struct exchange *ex, struct fc_error *error)
{
    struct stat facts;

    ex->body_fd = open(ex->rq->body_path, O_RDONLY | O_CLOEXEC);
    if (ex->body_fd < 0 || fstat(ex->body_fd, &facts) != 0) {
        ex->answer->fault = FC_FAULT_REQUEST;
        return fc_fail(error, FC_E_VALIDATION, "%s: %s", ex->rq->body_path, strerrordesc_np(errno));
    }
    curl_easy_setopt(ex->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(ex->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)facts.st_size);
    curl_easy_setopt(ex->easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(ex->easy, CURLOPT_READDATA, ex);
    curl_easy_setopt(ex->easy, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(ex->easy, CURLOPT_SEEKDATA, ex);
    return FC_OK;
}

static fc_status set_method_and_body(struct exchange *ex, struct fc_error *error)
{
    const struct fc_outbound_request *rq = ex->rq;
    const char *method = rq->method != NULL ? rq->method : "GET";
    const char *natural = "GET"; /* what libcurl would say by itself */
    fc_status st = FC_OK;

    if (rq->body_path != NULL) {
        natural = "PUT";
        st = set_body_file(ex, error);
    } else if (rq->body.n > 0 || strcmp(method, "POST") == 0) {
        natural = "POST";
        curl_easy_setopt(ex->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(ex->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body.n);
        curl_easy_setopt(ex->easy, CURLOPT_POSTFIELDS, rq->body.n > 0 ? rq->body.at : "");
    } else if (strcmp(method, "HEAD") == 0) {
        natural = "HEAD";
        curl_easy_setopt(ex->easy, CURLOPT_NOBODY, 1L);
    }
    /* an explicit method would also survive a 303, which must turn a POST into a GET */
    if (strcmp(method, natural) != 0)
        curl_easy_setopt(ex->easy, CURLOPT_CUSTOMREQUEST, method);
    return st;
}

static long or_default(int64_t value, int64_t otherwise)
{
    return (long)(value != 0 ? value : otherwise);
}

static void set_bounds(struct exchange *ex)
{
    const struct fc_outbound_request *rq = ex->rq;

    curl_easy_setopt(ex->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     or_default(rq->connect_timeout_ms, FC_OUTBOUND_CONNECT_MS));
    if (rq->total_timeout_ms != FC_OUTBOUND_FOREVER)
        curl_easy_setopt(ex->easy, CURLOPT_TIMEOUT_MS,
                         or_default(rq->total_timeout_ms, FC_OUTBOUND_TOTAL_MS));
    if (rq->stall_timeout_ms > 0) {
        curl_easy_setopt(ex->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(ex->easy, CURLOPT_LOW_SPEED_TIME,
                         (long)((rq->stall_timeout_ms + 999) / 1000));
    }
    ex->body_max = rq->answer_max_bytes != 0 ? rq->answer_max_bytes : FC_OUTBOUND_ANSWER_BYTES;
}

static void set_manners(struct exchange *ex)
{
    curl_easy_setopt(ex->easy, CURLOPT_NOSIGNAL,
                     1L); /* signals belong to the program, not to a thread in here */
    curl_easy_setopt(ex->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(ex->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(ex->easy, CURLOPT_USERAGENT, "framecast/" FC_VERSION);
    curl_easy_setopt(ex->easy, CURLOPT_ERRORBUFFER, ex->why);
    if (ex->rq->max_redirects > 0) {
        curl_easy_setopt(ex->easy, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt(ex->easy, CURLOPT_MAXREDIRS, (long)ex->rq->max_redirects);
    }
    if (!ex->rq->uses_proxy_variables)
        curl_easy_setopt(ex->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(ex->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(ex->easy, CURLOPT_HEADERDATA, ex);
    curl_easy_setopt(ex->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(ex->easy, CURLOPT_WRITEDATA, ex);
}

static fc_status prepare(struct exchange *ex, struct fc_error *error)
{
    fc_status st;

    ex->easy = curl_easy_init();
    if (ex->easy == NULL)
        abort();
    if (curl_easy_setopt(ex->easy, CURLOPT_URL, ex->rq->url) != CURLE_OK)
        abort();
    set_manners(ex);
    set_bounds(ex);
    st = set_headers(ex, error);
    return st == FC_OK ? set_method_and_body(ex, error) : st;
}

/* ---- the exchange ---- */

static bool wants_to_go_on(const struct exchange *ex)
{
    curl_off_t sent = 0, to_send = -1, received = 0, to_receive = -1;

    if (ex->rq->go_on == NULL)
        return true;
    curl_easy_getinfo(ex->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(ex->easy, CURLINFO_CONTENT_LENGTH_UPLOAD_T, &to_send);
    curl_easy_getinfo(ex->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    curl_easy_getinfo(ex->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &to_receive);
    return ex->rq->go_on(ex->rq->go_on_context,
                         &(struct fc_outbound_progress){sent, to_send, received, to_receive});
}

/* Runs the transfer to its end. A loop of our own, because curl_easy_perform looks up only once a
 * second. */
static CURLcode transfer(struct fc_outbound *out, struct exchange *ex)
{
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    int64_t next_tick_us = 0;
    int n_running = 1, n_left;

    if (curl_multi_add_handle(out->multi, ex->easy) != CURLM_OK)
        abort();
    while (n_running > 0) {
        if (fc_monotonic_us() >= next_tick_us) {
            next_tick_us = fc_monotonic_us() + (int64_t)FC_OUTBOUND_TICK_MS * 1000;
            if (!wants_to_go_on(ex)) {
                ex->answer->fault = FC_FAULT_ABANDONED;
                break;
            }
        }
        if (curl_multi_perform(out->multi, &n_running) != CURLM_OK)
            break;
        if (n_running > 0 &&
            curl_multi_poll(out->multi, NULL, 0, FC_OUTBOUND_TICK_MS, NULL) != CURLM_OK)
            break;
    }
    for (CURLMsg *message; (message = curl_multi_info_read(out->multi, &n_left)) != NULL;)
        if (message->msg == CURLMSG_DONE)
            result = message->data.result;
    curl_multi_remove_handle(out->multi, ex->easy);
    return result;
}

static enum fc_outbound_fault fault_of(const struct exchange *ex, CURLcode code)
{
    curl_off_t connect_us = 0;

    if (ex->answer->fault != FC_FAULT_NONE)
        return ex->answer->fault; /* a callback of ours ended it and knows why */
    switch (code) {
    case CURLE_OK:
        return FC_FAULT_NONE;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return FC_FAULT_REQUEST;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return FC_FAULT_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return FC_FAULT_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        curl_easy_getinfo(ex->easy, CURLINFO_PRETRANSFER_TIME_T, &connect_us);
        return connect_us == 0 ? FC_FAULT_CONNECT : FC_FAULT_TIMEOUT;
    default:
        return FC_FAULT_BROKEN;
    }
}

/* Scheme, host and port of @url: what may be shown of it. */
static int shown_length(const char *url)
{
    const char *host = strstr(url, "://");

    host = host != NULL ? host + 3 : url;
    if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
        return (int)(host - url); /* a password may stand before the host */
    return (int)((size_t)(host - url) + strcspn(host, "/?#"));
}

static fc_status explain(const struct exchange *ex, CURLcode code, struct fc_error *error)
{
    static const char *const ours[] = {
        [FC_FAULT_TOO_LARGE] = "the answer is larger than allowed",
        [FC_FAULT_SINK] = "the answer could not be stored",
        [FC_FAULT_ABANDONED] = "abandoned",
    };
    enum fc_outbound_fault fault = ex->answer->fault;
    const char *why = fault < sizeof ours / sizeof *ours ? ours[fault] : NULL;
    fc_status st = fault == FC_FAULT_NONE        ? FC_OK
                   : fault == FC_FAULT_REQUEST   ? FC_E_VALIDATION
                   : fault == FC_FAULT_TOO_LARGE ? FC_E_TOO_LARGE
                                                 : FC_E_UNAVAILABLE;

    if (st == FC_OK)
        return FC_OK;
    if (why == NULL)
        why = ex->why[0] != '\0' ? ex->why : curl_easy_strerror(code);
    return fc_fail(error, st, "%.*s: %s", shown_length(ex->rq->url), ex->rq->url, why);
}

static int64_t retry_after_s(struct fc_arena *arena, const struct fc_outbound_answer *answer)
{
    const char *text = fc_outbound_header(arena, answer, "Retry-After");
    int64_t seconds;

    if (text == NULL)
        return -1;
    if (!fc_int_parse(text, &seconds)) {
        time_t at = curl_getdate(text, NULL); /* the other form is a date */

        if (at < 0)
            return -1;
        seconds = (int64_t)at - fc_time_now().us / 1000000;
        seconds = seconds < 0 ? 0 : seconds;
    }
    return seconds > INT32_MAX ? INT32_MAX : seconds < 0 ? -1 : seconds;
}

static void finish(struct exchange *ex, CURLcode code)
{
    long status = 0;

    curl_easy_getinfo(ex->easy, CURLINFO_RESPONSE_CODE, &status);
    ex->answer->fault = fault_of(ex, code);
    ex->answer->status = (int)status;
    ex->answer->body = (struct fc_span){ex->body.data, ex->body.n};
    ex->answer->headers = (struct fc_span){ex->head.data, ex->head.n};
    ex->answer->retry_after_s = retry_after_s(ex->arena, ex->answer);
}

fc_status fc_outbound_call(struct fc_outbound *out, struct fc_arena *arena,
                           const struct fc_outbound_request *rq, struct fc_outbound_answer *answer,
                           struct fc_error *error)
{
    struct exchange ex = {.rq = rq, .answer = answer, .arena = arena, .body_fd = -1};
    fc_status st;

    assert(rq->url != NULL);
    *answer = (struct fc_outbound_answer){.body = {"", 0}, .headers = {"", 0}, .retry_after_s = -1};
    ex.head = ex.body = fc_buffer_in(arena);
    st = prepare(&ex, error);
    if (st == FC_OK) {
        CURLcode code = transfer(out, &ex);

        finish(&ex, code);
        st = explain(&ex, code, error);
    }
    curl_easy_cleanup(ex.easy);
    curl_slist_free_all(ex.headers);
    if (ex.body_fd >= 0)
        close(ex.body_fd);
    return st;
}

/* ---- reading the answer ---- */

const char *fc_outbound_header(struct fc_arena *arena, const struct fc_outbound_answer *answer,
                               const char *name)
{
    const char *end = answer->headers.at + answer->headers.n;
    size_t n_name = strlen(name);

    for (const char *line = answer->headers.at, *next; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));

        stop = stop != NULL ? stop : end;
        next = stop < end ? stop + 1 : end;
        if ((size_t)(stop - line) <= n_name || line[n_name] != ':' ||
            strncasecmp(line, name, n_name) != 0)
            continue;
        line += n_name + 1;
        while (line < stop && (*line == ' ' || *line == '\t'))
            line++;
        while (stop > line && strchr(" \t\r", stop[-1]) != NULL)
            stop--;
        return fc_copy_n(arena, line, (size_t)(stop - line));
    }
    return NULL;
}

int64_t fc_outbound_backoff_ms(const struct fc_outbound_answer *answer, int attempt, int64_t max_ms)
{
    int64_t full = 500;
    uint32_t dice = 0;

    if (answer != NULL && answer->retry_after_s >= 0)
        return answer->retry_after_s * 1000;
    for (int i = 1; i < attempt && full < max_ms; i++)
        full *= 2;
    if (full > max_ms)
        full = max_ms;
    if (getrandom(&dice, sizeof dice, GRND_NONBLOCK) != (ssize_t)sizeof dice)
        dice = UINT32_MAX; /* then all of it */
    full /= 2;
    return full + full * (int64_t)dice / UINT32_MAX;
}
