/* Each exchange is held against a server of one thread that plays a script of raw answers. */
#include "outbound/outbound.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suites.h"

enum { REQUEST_MAX = 64 * 1024 };

/* A server that takes one connection per answer, and keeps what the last request said. */
struct fake {
    const char *answers[4]; /* closed by NULL */
    int listener;
    bool hangs; /* after its answer the connection stays open until the test ends */
    atomic_bool is_over;
    pthread_t thread;
    char request[REQUEST_MAX];
    size_t n_request;
};

static struct fake fake;
static struct fc_arena *arena;
static struct fc_outbound *out;

/* Reads a head and the body that its Content-Length announces. */
static void read_request(int fd)
{
    const char *end, *length;
    size_t wanted = 0;

    for (fake.n_request = 0; fake.n_request < REQUEST_MAX - 1;) {
        ssize_t n = read(fd, fake.request + fake.n_request, REQUEST_MAX - 1 - fake.n_request);

        if (n <= 0)
            return;
        fake.n_request += (size_t)n;
        fake.request[fake.n_request] = '\0';
        end = strstr(fake.request, "\r\n\r\n");
        if (end == NULL)
            continue;
        length = strstr(fake.request, "Content-Length: ");
        if (length != NULL)
            wanted = strtoul(length + 16, NULL, 10);
        if (fake.n_request >= (size_t)(end + 4 - fake.request) + wanted)
            return;
    }
}

static void *play(void *unused)
{
    (void)unused;
    for (const char **answer = fake.answers; *answer != NULL; answer++) {
        int fd = accept(fake.listener, NULL, NULL);

        ck_assert_int_ge(fd, 0);
        read_request(fd);
        ck_assert_int_eq(send(fd, *answer, strlen(*answer), MSG_NOSIGNAL),
                         (ssize_t)strlen(*answer));
        while (fake.hangs && !fake.is_over)
            usleep(10000);
        close(fd);
    }
    return NULL;
}

static const char *listen_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n_at = sizeof at;

    fake.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fake.listener, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fake.listener, 8), 0);
    ck_assert_int_eq(getsockname(fake.listener, (struct sockaddr *)&at, &n_at), 0);
    return fc_printf(arena, "http://127.0.0.1:%d/path?signature=secret", ntohs(at.sin_port));
}

static const char *serve(bool hangs, const char *const *answers)
{
    const char *url = listen_somewhere();

    for (size_t i = 0; answers[i] != NULL; i++)
        fake.answers[i] = answers[i];
    fake.hangs = hangs;
    ck_assert_int_eq(pthread_create(&fake.thread, NULL, play, NULL), 0);
    return url;
}

#define SERVE(...) serve(false, (const char *const[]){__VA_ARGS__, NULL})
#define SERVE_AND_HANG(...) serve(true, (const char *const[]){__VA_ARGS__, NULL})

static void set_up(void)
{
    memset(&fake, 0, sizeof fake);
    arena = fc_arena_new();
    out = fc_outbound_new();
}

static void tear_down(void)
{
    fake.is_over = true;
    if (fake.thread != 0)
        pthread_join(fake.thread, NULL);
    if (fake.listener > 0)
        close(fake.listener);
    fc_outbound_free(out);
    fc_arena_free(arena);
}

static struct fc_outbound_answer call(struct fc_outbound_request rq, fc_status expected)
{
    struct fc_outbound_answer answer;
    struct fc_error error = {.text = ""};
    fc_status st = fc_outbound_call(out, arena, &rq, &answer, &error);

    ck_assert_msg(st == expected, "%s (%s)", fc_status_row(st)->name, error.text);
    return answer;
}

START_TEST(a_get_brings_status_headers_and_body)
{
    const char *url = SERVE(
        "HTTP/1.1 404 Not Found\r\nX-Next-Cursor:  abc \r\nContent-Length: 4\r\n\r\ngone");
    struct fc_outbound_answer answer = call((struct fc_outbound_request){.url = url}, FC_OK);

    ck_assert_int_eq(answer.status, 404);
    ck_assert_str_eq(answer.body.at, "gone");
    ck_assert_str_eq(fc_outbound_header(arena, &answer, "x-next-cursor"), "abc");
    ck_assert_ptr_null(fc_outbound_header(arena, &answer, "x-next"));
    ck_assert_int_eq(fake.request[0], 'G');
    ck_assert_ptr_nonnull(strstr(fake.request, "User-Agent: framecast/"));
}
END_TEST

START_TEST(a_post_sends_its_body_and_headers_and_nothing_that_nobody_asked_for)
{
    const char *const headers[] = {"Content-Type: application/json", "X-One: 1", NULL};
    const char *url = SERVE("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");

    call(
        (struct fc_outbound_request){
            .method = "POST", .url = url, .headers = headers, .body = fc_span_of("{\"a\":1}")},
        FC_OK);
    ck_assert(fc_text_starts(fake.request, "POST /path?signature=secret HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(fake.request, "\r\nX-One: 1\r\n"));
    ck_assert_ptr_nonnull(strstr(fake.request, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(fake.request, "\r\n\r\n{\"a\":1}"));
    ck_assert_ptr_null(strstr(fake.request, "Expect"));
}
END_TEST

START_TEST(a_post_without_a_body_has_length_0_and_no_type)
{
    const char *url = SERVE("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    call((struct fc_outbound_request){.method = "POST", .url = url}, FC_OK);
    ck_assert_ptr_nonnull(strstr(fake.request, "\r\nContent-Length: 0\r\n"));
    ck_assert_ptr_null(strstr(fake.request, "Content-Type"));
}
END_TEST

START_TEST(a_file_can_be_the_body_and_another_one_take_the_answer)
{
    char path[] = "/tmp/fc_outbound_XXXXXX", back[16] = "";
    int fd = mkstemp(path);
    const char *url = SERVE("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer");
    struct fc_outbound_answer answer;

    ck_assert_int_eq(write(fd, "from a file", 11), 11);
    answer = call(
        (struct fc_outbound_request){
            .method = "PUT", .url = url, .body_path = path, .sink = fc_outbound_sink_file(&fd)},
        FC_OK);
    ck_assert_ptr_nonnull(strstr(fake.request, "\r\nContent-Length: 11\r\n"));
    ck_assert_ptr_nonnull(strstr(fake.request, "\r\n\r\nfrom a file"));
    ck_assert_uint_eq(answer.body.n, 0);
    ck_assert_int_eq(pread(fd, back, sizeof back, 11), 6);
    ck_assert_str_eq(back, "answer");
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(a_connection_that_was_closed_meanwhile_is_made_anew)
{
    char path[] = "/tmp/fc_outbound_XXXXXX";
    int fd = mkstemp(path);
    const char *url = SERVE("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    ck_assert_int_eq(write(fd, "from a file", 11), 11);
    for (int i = 0; i < 2; i++) {
        call((struct fc_outbound_request){.method = "PUT", .url = url, .body_path = path}, FC_OK);
        ck_assert_ptr_nonnull(strstr(fake.request, "\r\n\r\nfrom a file"));
    }
    close(fd);
    unlink(path);
}
END_TEST

static void write_status(void *context, int status)
{
    fc_putf(context, "<%d>", status);
}

static bool write_piece(void *context, const char *bytes, size_t n)
{
    fc_put_n(context, bytes, n);
    return n != 4;
}

START_TEST(a_sink_knows_the_status_before_the_first_piece_and_may_want_no_more)
{
    struct fc_buffer seen = fc_buffer_in(arena);
    struct fc_outbound_sink sink = {.put = write_piece, .begin = write_status, .context = &seen};
    const char *url = SERVE("HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nwhole",
                            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalf");
    struct fc_outbound_answer answer;

    call((struct fc_outbound_request){.url = url, .sink = sink}, FC_OK);
    answer = call((struct fc_outbound_request){.url = url, .sink = sink}, FC_E_UNAVAILABLE);
    ck_assert_str_eq(seen.data, "<206>whole<200>half");
    ck_assert_int_eq(answer.fault, FC_FAULT_SINK);
}
END_TEST

START_TEST(an_error_answer_stays_in_memory_although_there_is_a_sink)
{
    int fd = -1;
    const char *url = SERVE("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nexpired");
    struct fc_outbound_answer answer = call(
        (struct fc_outbound_request){.url = url, .sink = fc_outbound_sink_file(&fd)}, FC_OK);

    ck_assert_str_eq(answer.body.at, "expired");
}
END_TEST

START_TEST(an_answer_over_its_ceiling_is_refused)
{
    const char *url = SERVE("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901");
    struct fc_outbound_answer answer = call(
        (struct fc_outbound_request){.url = url, .answer_max_bytes = 10}, FC_E_TOO_LARGE);

    ck_assert_int_eq(answer.fault, FC_FAULT_TOO_LARGE);
}
END_TEST

START_TEST(a_broken_answer_is_no_answer)
{
    const char *url = SERVE("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    struct fc_outbound_answer answer = call((struct fc_outbound_request){.url = url},
                                            FC_E_UNAVAILABLE);

    ck_assert_int_eq(answer.fault, FC_FAULT_BROKEN);
    ck_assert_int_eq(answer.status, 200);
}
END_TEST

START_TEST(a_closed_port_is_told_apart_because_nothing_was_sent)
{
    struct fc_outbound_answer answer;
    struct fc_error error;
    const char *url = listen_somewhere();

    close(fake.listener);
    fake.listener = 0;
    ck_assert_int_eq(
        fc_outbound_call(out, arena, &(struct fc_outbound_request){.url = url}, &answer, &error),
        FC_E_UNAVAILABLE);
    ck_assert_int_eq(answer.fault, FC_FAULT_CONNECT);
    ck_assert_int_eq(answer.status, 0);
    ck_assert_ptr_nonnull(strstr(error.text, "127.0.0.1"));
    ck_assert_msg(strstr(error.text, "secret") == NULL, "the query must not be shown: %s",
                  error.text);
}
END_TEST

START_TEST(a_server_that_says_nothing_more_times_out)
{
    const char *url = SERVE_AND_HANG("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    struct fc_outbound_answer answer = call(
        (struct fc_outbound_request){.url = url, .total_timeout_ms = 200}, FC_E_UNAVAILABLE);

    ck_assert_int_eq(answer.fault, FC_FAULT_TIMEOUT);
}
END_TEST

START_TEST(a_stalled_stream_times_out_although_the_whole_is_unbounded)
{
    const char *url = SERVE_AND_HANG("HTTP/1.1 200 OK\r\n\r\nfirst");
    struct fc_outbound_answer answer = call(
        (struct fc_outbound_request){
            .url = url, .total_timeout_ms = FC_OUTBOUND_FOREVER, .stall_timeout_ms = 1000},
        FC_E_UNAVAILABLE);

    ck_assert_int_eq(answer.fault, FC_FAULT_TIMEOUT);
}
END_TEST

static bool three_times(void *context, const struct fc_outbound_progress *progress)
{
    int *n = context;

    (void)progress;
    return ++*n < 3;
}

START_TEST(an_exchange_can_be_abandoned_while_it_waits)
{
    int n = 0;
    const char *url = SERVE_AND_HANG("");
    struct fc_outbound_answer answer = call(
        (struct fc_outbound_request){.url = url, .go_on = three_times, .go_on_context = &n},
        FC_E_UNAVAILABLE);

    ck_assert_int_eq(answer.fault, FC_FAULT_ABANDONED);
    ck_assert_int_eq(n, 3);
}
END_TEST

START_TEST(redirects_are_followed_only_when_asked)
{
    const char *url = SERVE(
        "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /there\r\nX-Hop: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere");
    struct fc_outbound_answer answer = call((struct fc_outbound_request){.url = url}, FC_OK);

    ck_assert_int_eq(answer.status, 302);
    answer = call((struct fc_outbound_request){.url = url, .max_redirects = 1}, FC_OK);
    ck_assert_str_eq(answer.body.at, "there");
    ck_assert_ptr_null(fc_outbound_header(arena, &answer, "X-Hop"));
}
END_TEST

START_TEST(only_http_is_spoken)
{
    struct fc_outbound_answer answer = call(
        (struct fc_outbound_request){.url = "file:///etc/passwd"}, FC_E_VALIDATION);

    ck_assert_int_eq(answer.fault, FC_FAULT_REQUEST);
}
END_TEST

START_TEST(a_header_cannot_smuggle_another_one)
{
    const char *const headers[] = {"X-Name: a\r\nX-Other: b", NULL};

    call((struct fc_outbound_request){.url = "http://127.0.0.1:1/", .headers = headers},
         FC_E_VALIDATION);
}
END_TEST

static const struct {
    const char *header;
    int64_t expected_s;
} retry_hints[] = {
    {"Retry-After: 37\r\n", 37},
    {"Retry-After: 0\r\n", 0},
    {"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 0},
    {"Retry-After: soon\r\n", -1},
    {"Retry-After: -5\r\n", -1},
    {"Retry-After: 9223372036854775807\r\n", INT32_MAX},
    {"", -1},
};

START_TEST(retry_after_is_read_in_both_forms)
{
    const char *url = SERVE(
        fc_printf(arena, "HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 0\r\n\r\n",
                  retry_hints[_i].header));
    struct fc_outbound_answer answer = call((struct fc_outbound_request){.url = url}, FC_OK);

    ck_assert_int_eq(answer.retry_after_s, retry_hints[_i].expected_s);
}
END_TEST

START_TEST(waiting_grows_up_to_its_bound_and_obeys_the_server)
{
    const struct fc_outbound_answer asked = {.retry_after_s = 5}, silent = {.retry_after_s = -1};

    for (int attempt = 1; attempt < 40; attempt++) {
        int64_t full = attempt < 5 ? 500 << (attempt - 1) : 8000,
                wait = fc_outbound_backoff_ms(&silent, attempt, 8000);

        ck_assert_int_ge(wait, full / 2);
        ck_assert_int_le(wait, full);
    }
    ck_assert_int_eq(fc_outbound_backoff_ms(&asked, 1, 8000), 5000);
}
END_TEST

TCase *outbound_case(void)
{
    TCase *tc = tcase_create("outbound");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, a_get_brings_status_headers_and_body);
    tcase_add_test(tc, a_post_sends_its_body_and_headers_and_nothing_that_nobody_asked_for);
    tcase_add_test(tc, a_post_without_a_body_has_length_0_and_no_type);
    tcase_add_test(tc, a_file_can_be_the_body_and_another_one_take_the_answer);
    tcase_add_test(tc, a_connection_that_was_closed_meanwhile_is_made_anew);
    tcase_add_test(tc, a_sink_knows_the_status_before_the_first_piece_and_may_want_no_more);
    tcase_add_test(tc, an_error_answer_stays_in_memory_although_there_is_a_sink);
    tcase_add_test(tc, an_answer_over_its_ceiling_is_refused);
    tcase_add_test(tc, a_broken_answer_is_no_answer);
    tcase_add_test(tc, a_closed_port_is_told_apart_because_nothing_was_sent);
    tcase_add_test(tc, a_server_that_says_nothing_more_times_out);
    tcase_add_test(tc, a_stalled_stream_times_out_although_the_whole_is_unbounded);
    tcase_add_test(tc, an_exchange_can_be_abandoned_while_it_waits);
    tcase_add_test(tc, redirects_are_followed_only_when_asked);
    tcase_add_test(tc, only_http_is_spoken);
    tcase_add_test(tc, a_header_cannot_smuggle_another_one);
    tcase_add_loop_test(tc, retry_after_is_read_in_both_forms, 0,
                        sizeof retry_hints / sizeof *retry_hints);
    tcase_add_test(tc, waiting_grows_up_to_its_bound_and_obeys_the_server);
    return tc;
}
