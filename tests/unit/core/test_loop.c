#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <framecast/loop.h>

#include "core/suites.h"

static struct fc_loop *loop;
static int n_runs;

static void set_up(void)
{
    ck_assert_int_eq(fc_loop_open(&loop, NULL), FC_OK);
    n_runs = 0;
}

static void tear_down(void)
{
    fc_loop_free(loop);
}

static void stop(struct fc_timer *timer)
{
    (void)timer;
    fc_loop_stop(loop);
}

/* For claims about what does not happen: turns go by, then the loop stops. */
static void run_for_a_moment(void)
{
    struct fc_timer end = {.run = stop};

    fc_loop_timer_start(loop, &end, 30);
    fc_loop_run(loop);
}

/* ---- descriptors ---- */

struct ends {
    struct fc_watch watch; /* first: of the end that is read */
    int to;
    struct ends *other;
};

static void open_ends(struct ends *ends, void (*on_ready)(struct fc_watch *, uint32_t))
{
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    *ends = (struct ends){.watch = {on_ready, fds[0], EPOLLIN}, .to = fds[1]};
    ck_assert_int_eq(fc_loop_watch(loop, &ends->watch, NULL), FC_OK);
}

static void close_ends(const struct ends *ends)
{
    ck_assert_int_eq(close(ends->watch.fd), 0);
    ck_assert_int_eq(close(ends->to), 0);
}

static void say(const struct ends *ends)
{
    ck_assert_int_eq((int)write(ends->to, "x", 1), 1);
}

static void on_third(struct fc_watch *watch, uint32_t events)
{
    char byte;

    ck_assert_uint_ne(events & EPOLLIN, 0);
    ck_assert_int_eq((int)read(watch->fd, &byte, 1), 1);
    if (++n_runs == 3)
        fc_loop_stop(loop);
    else
        say((struct ends *)watch);
}

START_TEST(what_is_ready_runs_as_often_as_it_is)
{
    struct ends ends;

    open_ends(&ends, on_third);
    say(&ends);
    fc_loop_run(loop);
    ck_assert_int_eq(n_runs, 3);
    close_ends(&ends);
}
END_TEST

static void count_ready(struct fc_watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
    n_runs++;
}

START_TEST(what_is_no_longer_watched_does_not_run)
{
    struct ends ends;

    open_ends(&ends, count_ready);
    say(&ends);
    fc_loop_unwatch(loop, &ends.watch);
    run_for_a_moment();
    ck_assert_int_eq(n_runs, 0);
    close_ends(&ends);
}
END_TEST

/* Whichever of the two runs first takes the other one along. */
static void end_the_other(struct fc_watch *watch, uint32_t events)
{
    struct ends *own = (struct ends *)watch, *other = own->other;

    (void)events;
    n_runs++;
    fc_loop_unwatch(loop, &other->watch);
    close_ends(other);
    free(other);
    fc_loop_unwatch(loop, &own->watch);
    close_ends(own);
    free(own);
}

START_TEST(a_watch_may_go_with_another_that_is_ready_in_the_same_turn)
{
    struct ends *one = malloc(sizeof *one), *other = malloc(sizeof *other);

    open_ends(one, end_the_other);
    open_ends(other, end_the_other);
    one->other = other;
    other->other = one;
    say(one);
    say(other);
    run_for_a_moment();
    ck_assert_int_eq(n_runs, 1);
}
END_TEST

START_TEST(what_a_watch_waits_for_can_change)
{
    struct ends ends;

    open_ends(&ends, count_ready);
    say(&ends);
    fc_loop_rewatch(loop, &ends.watch, 0);
    run_for_a_moment();
    ck_assert_int_eq(n_runs, 0);
    close_ends(&ends);
}
END_TEST

START_TEST(a_descriptor_that_is_none_cannot_be_watched)
{
    struct fc_watch watch = {count_ready, -1, EPOLLIN};
    struct fc_error error;

    ck_assert_int_eq(fc_loop_watch(loop, &watch, &error), FC_E_INTERNAL);
    ck_assert(strstr(error.text, "epoll") != NULL);
}
END_TEST

/* ---- messages of other threads ---- */

enum { THREADS = 4, EACH = 2000 };

struct note {
    struct fc_post post; /* first */
    int thread, number;
};

static struct note notes[THREADS][EACH];
static int next_of[THREADS];

static void on_note(struct fc_post *post)
{
    const struct note *note = (struct note *)post;

    ck_assert_int_eq(note->number, next_of[note->thread]++);
    if (++n_runs == THREADS * EACH)
        fc_loop_stop(loop);
}

static void *post_notes(void *arg)
{
    struct note *own = arg;

    for (int i = 0; i < EACH; i++)
        fc_loop_post(loop, &own[i].post);
    return NULL;
}

START_TEST(messages_of_a_thread_arrive_in_their_order)
{
    pthread_t threads[THREADS];

    for (int t = 0; t < THREADS; t++) {
        for (int i = 0; i < EACH; i++)
            notes[t][i] = (struct note){.post = {.run = on_note}, .thread = t, .number = i};
        ck_assert_int_eq(pthread_create(&threads[t], NULL, post_notes, notes[t]), 0);
    }
    fc_loop_run(loop);
    for (int t = 0; t < THREADS; t++) {
        ck_assert_int_eq(pthread_join(threads[t], NULL), 0);
        ck_assert_int_eq(next_of[t], EACH);
    }
}
END_TEST

static void post_again(struct fc_post *post)
{
    if (++n_runs == 5)
        fc_loop_stop(loop);
    else
        fc_loop_post(loop, post);
}

START_TEST(a_message_may_be_posted_again_while_it_runs)
{
    struct fc_post post = {.run = post_again};

    fc_loop_post(loop, &post);
    fc_loop_run(loop);
    ck_assert_int_eq(n_runs, 5);
}
END_TEST

static void *stop_from_beside(void *arg)
{
    fc_loop_stop(arg);
    return NULL;
}

START_TEST(another_thread_can_stop_a_loop_that_waits)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, stop_from_beside, loop), 0);
    fc_loop_run(loop);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

/* ---- timers ---- */

static void count_timer(struct fc_timer *timer)
{
    (void)timer;
    n_runs++;
}

static void stop_at_third(struct fc_timer *timer)
{
    if (++n_runs == 3) {
        fc_loop_timer_stop(loop, timer);
        fc_loop_stop(loop);
    }
}

START_TEST(a_timer_runs_once_or_again_and_again)
{
    struct fc_timer once = {.run = count_timer}, often = {.run = stop_at_third, .every_ms = 5};

    fc_loop_timer_start(loop, &once, 0);
    run_for_a_moment();
    ck_assert_int_eq(n_runs, 1);
    tear_down();
    set_up();
    fc_loop_timer_start(loop, &often, 1);
    fc_loop_run(loop);
    ck_assert_int_eq(n_runs, 3);
}
END_TEST

START_TEST(a_stopped_timer_does_not_run)
{
    struct fc_timer timer = {.run = count_timer};

    fc_loop_timer_start(loop, &timer, 1);
    fc_loop_timer_stop(loop, &timer);
    fc_loop_timer_stop(loop, &timer); /* which it is already */
    run_for_a_moment();
    ck_assert_int_eq(n_runs, 0);
}
END_TEST

struct pair {
    struct fc_timer timer; /* first */
    struct pair *other;
};

static void free_both(struct fc_timer *timer)
{
    struct pair *own = (struct pair *)timer;

    n_runs++;
    fc_loop_timer_stop(loop, &own->other->timer);
    free(own->other);
    free(own);
}

START_TEST(a_timer_may_free_itself_and_others)
{
    struct pair *one = calloc(1, sizeof *one), *other = calloc(1, sizeof *other);

    *one = (struct pair){.timer = {.run = free_both}, .other = other};
    *other = (struct pair){.timer = {.run = free_both}, .other = one};
    fc_loop_timer_start(loop, &one->timer, 1);
    fc_loop_timer_start(loop, &other->timer, 1);
    run_for_a_moment();
    ck_assert_int_eq(n_runs, 1);
}
END_TEST

static void start_again(struct fc_timer *timer)
{
    if (++n_runs == 3)
        fc_loop_stop(loop);
    else
        fc_loop_timer_start(loop, timer, 1);
}

START_TEST(a_timer_that_ran_may_start_itself_again)
{
    struct fc_timer timer = {.run = start_again};

    fc_loop_timer_start(loop, &timer, 1);
    fc_loop_run(loop);
    ck_assert_int_eq(n_runs, 3);
}
END_TEST

/* ---- hooks ---- */

static char order[16];

static int first_hook(struct fc_hook *hook)
{
    (void)hook;
    order[strlen(order)] = '1';
    return -1;
}

/* Wants three more turns at once: without them the loop would wait for ever. */
static int second_hook(struct fc_hook *hook)
{
    (void)hook;
    order[strlen(order)] = '2';
    if (++n_runs == 4)
        fc_loop_stop(loop);
    return 0;
}

START_TEST(hooks_run_in_their_order_and_have_their_next_turn)
{
    struct fc_hook first = {.run = first_hook}, second = {.run = second_hook};

    fc_loop_hook(loop, &first);
    fc_loop_hook(loop, &second);
    fc_loop_run(loop);
    ck_assert_str_eq(order, "12121212");
}
END_TEST

TCase *loop_case(void)
{
    TCase *claims = tcase_create("loop");

    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, what_is_ready_runs_as_often_as_it_is);
    tcase_add_test(claims, what_is_no_longer_watched_does_not_run);
    tcase_add_test(claims, a_watch_may_go_with_another_that_is_ready_in_the_same_turn);
    tcase_add_test(claims, what_a_watch_waits_for_can_change);
    tcase_add_test(claims, a_descriptor_that_is_none_cannot_be_watched);
    tcase_add_test(claims, messages_of_a_thread_arrive_in_their_order);
    tcase_add_test(claims, a_message_may_be_posted_again_while_it_runs);
    tcase_add_test(claims, another_thread_can_stop_a_loop_that_waits);
    tcase_add_test(claims, a_timer_runs_once_or_again_and_again);
    tcase_add_test(claims, a_stopped_timer_does_not_run);
    tcase_add_test(claims, a_timer_may_free_itself_and_others);
    tcase_add_test(claims, a_timer_that_ran_may_start_itself_again);
    tcase_add_test(claims, hooks_run_in_their_order_and_have_their_next_turn);
    return claims;
}
