/* The parts of event streams below the database: their sockets are one end of a pair. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/stream_parts.h"
#include "suites.h"

static const struct fc_uuid job = {"00000000-0000-4000-8000-000000000001"},
                            user = {"00000000-0000-4000-9000-000000000001"};
static const struct fc_stream_source source = {.channel = "events", .max_seconds = 60};
static struct fc_server server;
static struct fc_front front;
static struct fc_hub *hub;

static void set_up(void)
{
    server.config.streams = &source;
    server.config.pipes.url = "host=/nowhere";
    server.stream_counts = fc_stream_counts_new();
    front.server = &server;
    ck_assert_int_eq(fc_loop_open(&front.loop, &error), FC_OK);
    ck_assert_int_eq(fc_hub_open(&hub, &front, &error), FC_OK);
}

static void tear_down(void)
{
    fc_hub_free(hub);
    fc_loop_free(front.loop);
    fc_stream_counts_free(server.stream_counts);
}

static void on_socket(struct fc_watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
}

/* A stream that has sent the events up to @after; *client is the other end. */
static struct fc_stream *stream_at(int64_t after, int *client)
{
    struct fc_stream *stream = calloc(1, sizeof *stream);
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    stream->socket = (struct fc_watch){.on_ready = on_socket, .fd = ends[0], .events = EPOLLRDHUP};
    stream->user = user;
    stream->after = after;
    stream->is_chunked = true;
    fc_topic_join(hub, &job, stream);
    ck_assert(fc_stream_count(server.stream_counts, &user, 1, 1000));
    ck_assert_int_eq(fc_loop_watch(front.loop, &stream->socket, &error), FC_OK);
    hub->n_streams++;
    atomic_fetch_add(&server.n_streams, 1);
    *client = ends[1];
    return stream;
}

/* What the client has been sent; "" when it has been sent nothing. */
static const char *sent_to(int client)
{
    char *text = fc_alloc(arena, 1000);
    ssize_t n = recv(client, text, 999, MSG_DONTWAIT);

    return n > 0 ? text : "";
}

static void hand(struct fc_stream *stream, const char *text, int64_t to)
{
    struct fc_chunk *chunk = fc_chunk_framed(text, strlen(text));

    chunk->to = to;
    fc_stream_take(stream, chunk);
    fc_chunk_leave(chunk);
    fc_stream_due(stream);
}

START_TEST(events_go_out_in_a_frame_and_without_one_to_http_1_0)
{
    int new_client, old_client;
    struct fc_stream *new_stream = stream_at(0, &new_client), *old = stream_at(0, &old_client);

    old->is_chunked = false;
    hand(new_stream, "id: 1\n\n", 1);
    hand(old, "id: 1\n\n", 1);
    ck_assert_int_eq(fc_hub_run(hub), -1);
    ck_assert_str_eq(sent_to(new_client), "7\r\nid: 1\n\n\r\n");
    ck_assert_str_eq(sent_to(old_client), "id: 1\n\n");
    ck_assert_int_eq(new_stream->after, 1);
}
END_TEST

START_TEST(what_is_under_way_goes_out_before_the_end)
{
    int client;
    struct fc_stream *stream = stream_at(0, &client);

    hand(stream, "id: 1\n\n", 1);
    fc_hub_end_streams(hub);
    ck_assert_int_eq(fc_hub_run(hub), -1);
    ck_assert_str_eq(sent_to(client), "7\r\nid: 1\n\n\r\n0\r\n\r\n");
    ck_assert_int_eq(server.n_streams, 0);
    ck_assert_ptr_null(fc_topic_find(hub, &job));
}
END_TEST

START_TEST(a_client_without_room_gets_the_rest_when_it_has_some)
{
    const size_t n = 1 << 20;
    char *text = fc_alloc(arena, n + 1);
    size_t n_read = 0;
    int client;
    struct fc_stream *stream = stream_at(0, &client);

    memset(text, 'x', n);
    hand(stream, text, 1);
    ck_assert_int_eq(fc_hub_run(hub), -1);
    ck_assert_uint_ne(stream->socket.events & EPOLLOUT, 0);
    ck_assert_int_eq(stream->after, 0);
    while (stream->after == 0) {
        n_read += strlen(sent_to(client));
        fc_stream_due(stream);
        ck_assert_int_eq(fc_hub_run(hub), -1);
    }
    for (size_t more; (more = strlen(sent_to(client))) > 0;)
        n_read += more;
    ck_assert_uint_eq(n_read, strlen("100000\r\n") + n + strlen("\r\n"));
    ck_assert_uint_eq(stream->socket.events & EPOLLOUT, 0);
}
END_TEST

START_TEST(who_has_the_event_is_not_told_of_it)
{
    int client;
    struct fc_stream *behind = stream_at(4, &client), *there = stream_at(5, &client),
                     *on_its_way = stream_at(3, &client);

    hand(on_its_way, "id: 4\n\nid: 5\n\n", 5);
    fc_topic_tell(behind->topic, 5);
    ck_assert(behind->must_fetch);
    ck_assert(!there->must_fetch);
    ck_assert(!on_its_way->must_fetch);
}
END_TEST

START_TEST(a_database_that_is_away_is_asked_again)
{
    int client;
    struct fc_stream *stream = stream_at(0, &client);

    fc_topic_tell(stream->topic, 1);
    ck_assert_int_eq(fc_hub_run(hub), -1);
    ck_assert(stream->must_fetch);
    ck_assert(!stream->is_waiting);
    ck_assert_ptr_null(stream->topic->fetches);
}
END_TEST

START_TEST(a_turn_serves_some_of_many)
{
    int client[300];

    for (int i = 0; i < N(client); i++)
        hand(stream_at(0, &client[i]), "id: 1\n\n", 1);
    ck_assert_int_eq(fc_hub_run(hub), 0);
    ck_assert_str_ne(sent_to(client[0]), "");
    ck_assert_str_eq(sent_to(client[299]), "");
    ck_assert_int_eq(fc_hub_run(hub), -1);
    ck_assert_str_ne(sent_to(client[299]), "");
}
END_TEST

START_TEST(a_user_has_so_many_streams_and_no_more)
{
    struct fc_stream_counts *counts = server.stream_counts;
    const struct fc_uuid other = {"00000000-0000-4000-9000-000000000002"};

    ck_assert(fc_stream_count(counts, &user, 1, 2));
    ck_assert(fc_stream_count(counts, &user, 1, 2));
    ck_assert(!fc_stream_count(counts, &user, 1, 2));
    ck_assert(fc_stream_count(counts, &other, 1, 2));
    ck_assert(fc_stream_count(counts, &user, -1, 2));
    ck_assert(fc_stream_count(counts, &user, 1, 2));
    for (int i = 0; i < 2; i++)
        ck_assert(fc_stream_count(counts, &user, -1, 2));
    ck_assert(fc_stream_count(counts, &other, -1, 2));
}
END_TEST

TCase *stream_case(void)
{
    TCase *claims = tcase_create("stream");

    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_add_test(claims, events_go_out_in_a_frame_and_without_one_to_http_1_0);
    tcase_add_test(claims, what_is_under_way_goes_out_before_the_end);
    tcase_add_test(claims, a_client_without_room_gets_the_rest_when_it_has_some);
    tcase_add_test(claims, who_has_the_event_is_not_told_of_it);
    tcase_add_test(claims, a_database_that_is_away_is_asked_again);
    tcase_add_test(claims, a_turn_serves_some_of_many);
    tcase_add_test(claims, a_user_has_so_many_streams_and_no_more);
    return claims;
}
