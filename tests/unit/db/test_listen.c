#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

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

static int n_turns, n_ticks;

static int count_turn(struct fc_hook *hook)
{
    (void)hook;
    n_turns++;
    return -1;
}

static void stop_at_tenth(struct fc_timer *timer)
{
    (void)timer;
    if (++n_ticks == 10)
        fc_loop_stop(loop);
}

static struct fc_hook hook = {.run = count_turn};
static struct fc_timer tick = {.run = stop_at_tenth, .every_ms = 20};
static pid_t child;

/* As an ffmpeg does between fork and exec. */
static pid_t child_that_holds_everything(void)
{
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* should the test fail */
        for (;;)
            (void)pause();
    }
    return pid;
}

static void on_notify_to_a_parent(void *context, const char *channel, const char *payload)
{
    if (n_ups == 1) {
        child = child_that_holds_everything();
        end_connections("framecastd listen");
    } else {
        n_ticks = n_turns = 0;
        fc_loop_hook(loop, &hook);
        fc_loop_timer_start(loop, &tick, 20);
    }
    (void)context;
    (void)channel;
    (void)payload;
}

/* The kernel goes on reporting a socket that is closed here, but open there, unless it is told not
 * to. */
START_TEST(a_lost_connection_that_a_child_holds_keeps_nobody_busy)
{
    static const char *const channels[] = {"second", NULL};
    struct fc_listener_config config = {.url = database_url,
                                        .channels = channels,
                                        .on_notify = on_notify_to_a_parent,
                                        .on_up = on_up};
    struct fc_listener *listener;

    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(fc_listener_open(&listener, loop, &config, &error), FC_OK);
    fc_loop_run(loop);
    ck_assert_int_eq(n_ups, 2);
    ck_assert_int_eq(n_ticks, 10);
    ck_assert_int_lt(n_turns, 100);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    fc_listener_free(listener);
    fc_loop_free(loop);
}
END_TEST

static void on_tick(struct fc_timer *timer)
{
    (void)timer;
    fc_loop_stop(loop);
}

START_TEST(a_listener_can_leave_a_loop_that_goes_on)
{
    static const char *const channels[] = {"first", NULL};
    struct fc_listener_config config = {
        .url = database_url, .channels = channels, .on_notify = on_notify, .on_up = on_up};
    struct fc_timer soon = {.run = on_tick};
    struct fc_listener *listener;

    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(fc_listener_open(&listener, loop, &config, &error), FC_OK);
    fc_listener_free(listener);
    fc_loop_timer_start(loop, &soon, 20);
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
    tcase_add_test(claims, a_lost_connection_that_a_child_holds_keeps_nobody_busy);
    tcase_add_test(claims, a_listener_can_leave_a_loop_that_goes_on);
    return claims;
}
