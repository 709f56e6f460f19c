#include "outbound/sse.h"

#include <check.h>

#include <framecast/text.h>

#include "suites.h"

static struct fc_arena *arena;
static struct fc_buffer seen;

static void set_up(void)
{
    arena = fc_arena_new();
    seen = fc_buffer_in(arena);
}

static void tear_down(void)
{
    fc_arena_free(arena);
}

static bool write_down(void *context, const struct fc_sse_event *event)
{
    (void)context;
    fc_putf(&seen, "[%s|%s|%s]", event->id, event->name, event->data);
    return strcmp(event->name, "stop") != 0;
}

static const struct {
    const char *why, *stream, *events;
} streams[] = {
    {"fields", "id: j:1\nevent: queued\ndata: {\"a\":1}\n\n", "[j:1|queued|{\"a\":1}]"},
    {"comments and retry are no events", "retry: 3000\n\n: keep-alive\n\ndata: x\n\n",
     "[|message|x]"},
    {"the id outlives its event", "id: 1\ndata: a\n\ndata: b\n\n", "[1|message|a][1|message|b]"},
    {"lines of data are joined", "data: a\ndata:b\ndata\n\n", "[|message|a\nb\n]"},
    {"three kinds of line ends", "data: a\r\n\r\ndata: b\r\rdata: c\n\n",
     "[|message|a][|message|b][|message|c]"},
    {"no data, no event", "event: x\nid: 7\n\ndata: y\n\n", "[7|message|y]"},
    {"an unfinished event is none", "data: a\n\ndata: b\n", "[|message|a]"},
    {"byte order mark",
     "\xEF\xBB\xBF"
     "data: a\n\n",
     "[|message|a]"},
    {"only one blank is dropped", "data:  a\n\n", "[|message| a]"},
};

START_TEST(a_stream_gives_its_events)
{
    struct fc_sse *sse = fc_sse_new(write_down, NULL);

    ck_assert(fc_sse_put(sse, streams[_i].stream, strlen(streams[_i].stream)));
    ck_assert_msg(strcmp(seen.data, streams[_i].events) == 0, "%s: %s", streams[_i].why, seen.data);
    fc_sse_free(sse);
}
END_TEST

START_TEST(it_does_not_matter_how_the_bytes_are_cut)
{
    struct fc_sse *sse = fc_sse_new(write_down, NULL);

    for (const char *at = streams[_i].stream; *at != '\0'; at++)
        ck_assert(fc_sse_put(sse, at, 1));
    ck_assert_msg(strcmp(seen.data, streams[_i].events) == 0, "%s: %s", streams[_i].why, seen.data);
    fc_sse_free(sse);
}
END_TEST

START_TEST(the_taker_can_end_the_stream)
{
    struct fc_sse *sse = fc_sse_new(write_down, NULL);
    const char stream[] = "event: stop\ndata: a\n\ndata: b\n\n";

    ck_assert(!fc_sse_put(sse, stream, strlen(stream)));
    ck_assert_str_eq(seen.data, "[|stop|a]");
    fc_sse_free(sse);
}
END_TEST

START_TEST(an_endless_line_ends_the_stream)
{
    struct fc_sse *sse = fc_sse_new(write_down, NULL);
    size_t n = 0;

    while (n < 16 * (size_t)FC_SSE_EVENT_BYTES &&
           fc_sse_put(sse, "data: and so on, and so on ", 27))
        n += 27;
    ck_assert_uint_lt(n, 8 * (size_t)FC_SSE_EVENT_BYTES);
    fc_sse_free(sse);
}
END_TEST

TCase *sse_case(void)
{
    TCase *tc = tcase_create("sse");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_stream_gives_its_events, 0, sizeof streams / sizeof *streams);
    tcase_add_loop_test(tc, it_does_not_matter_how_the_bytes_are_cut, 0,
                        sizeof streams / sizeof *streams);
    tcase_add_test(tc, the_taker_can_end_the_stream);
    tcase_add_test(tc, an_endless_line_ends_the_stream);
    return tc;
}
