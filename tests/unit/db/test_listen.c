#include <string.h>

#include "db/listen.h"
#include "suites.h"

static struct fc_loop *loop;
static int n_ups, n_heard;
static char heard[64];

static void on_notify(void *context, const char *channel, const char *payload)
{
    (void)context;
    (void)snprintf(heard, sizeof heard, "%s %s", channel, payload);
    n_heard++;
    if (n_ups == 1)
        end_connections("framecastd listen");
    else
        fc_loop_stop(loop);
}

static void on_up(void *context)
{
    (void)context;
    n_ups++;
    sql("NOTIFY elsewhere, 'nobody listens'");
    sql("NOTIFY second, 'number %d'", n_ups);
}

START_TEST(notifications_come_and_come_again_after_a_loss)
{
    static const char *const channels[] = {"first", "second", NULL};
    struct fc_listener_config config = {
        .url = database_url, .channels = channels, .on_notify = on_notify, .on_up = on_up};
    struct fc_listener *listener;

    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(fc_listener_open(&listener, loop, &config, &error), FC_OK);
    fc_loop_run(loop);
    ck_assert_int_eq(n_ups, 2);
    ck_assert_int_eq(n_heard, 2);
    ck_assert_str_eq(heard, "second number 2");
    fc_listener_free(listener);
    fc_loop_free(loop);
}
END_TEST

static void on_tick(struct fc_timer *timer)
{
    (void)timer;
    fc_loop_stop(loop);
}

static const char *channel_of_now[] = {"no name of a channel", NULL};
static int n_downs;

static void on_down(void *context)
{
    (void)context;
    n_downs++;
}

/* Its connection has been made anew: so LISTEN was refused once, and has been dropped for it. */
static void on_look(struct fc_timer *timer)
{
    (void)timer;
    sql("INSERT INTO seen SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
        "application_name = 'framecastd listen' ON CONFLICT DO NOTHING");
    if (is_so("(SELECT count(*) FROM seen) > 1"))
        channel_of_now[0] = "second";
}

START_TEST(a_refused_listen_is_tried_again_and_not_reported_as_success)
{
    struct fc_listener_config config = {.url = database_url,
                                        .channels = channel_of_now,
                                        .on_notify = on_notify,
                                        .on_up = on_up,
                                        .on_down = on_down};
    struct fc_timer look = {.run = on_look, .every_ms = 10};
    struct fc_listener *listener;

    sql("CREATE TEMPORARY TABLE seen (pid int PRIMARY KEY)");
    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    fc_loop_timer_start(loop, &look, 0);
    ck_assert_int_eq(fc_listener_open(&listener, loop, &config, &error), FC_OK);
    fc_loop_run(loop); /* until two notifications came, with a loss between them */
    ck_assert_int_eq(n_ups, 2);
    ck_assert_int_eq(n_downs, 1);
    fc_listener_free(listener);
    fc_loop_free(loop);
}
END_TEST

START_TEST(a_listener_can_leave_a_loop_that_goes_on)
{
    static const char *const channels[] = {"first", NULL};
    struct fc_listener_config config = {
        .url = database_url, .channels = channels, .on_notify = on_notify, .on_up = on_up};
    struct fc_timer tick = {.run = on_tick};
    struct fc_listener *listener;

    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(fc_listener_open(&listener, loop, &config, &error), FC_OK);
    fc_listener_free(listener);
    fc_loop_timer_start(loop, &tick, 20);
    fc_loop_run(loop);
    ck_assert_int_eq(n_ups, 0);
    fc_loop_free(loop);
}
END_TEST

TCase *listen_case(void)
{
    TCase *claims = tcase_create("listen");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, world_set_up, database_tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, notifications_come_and_come_again_after_a_loss);
    tcase_add_test(claims, a_refused_listen_is_tried_again_and_not_reported_as_success);
    tcase_add_test(claims, a_listener_can_leave_a_loop_that_goes_on);
    return claims;
}
