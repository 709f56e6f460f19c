#include <stdatomic.h>

#include "suites.h"

enum { JOBS = 200 };

static struct fc_front front;
static struct fc_crew *crew;
static atomic_int n_done;

/* The loop of these requests has ended: what comes back to it stays in its queue. */
static void set_up(void)
{
    ck_assert_int_eq(fc_loop_open(&front.loop, NULL), FC_OK);
    ck_assert_int_eq(fc_crew_start(&crew, 3, &error), FC_OK);
    n_done = 0;
}

static void tear_down(void)
{
    fc_crew_free(crew);
    fc_loop_free(front.loop);
}

static fc_status work(struct fc_request *rq)
{
    (void)rq;
    atomic_fetch_add(&n_done, 1);
    return FC_OK;
}

static struct fc_exchange *job(void)
{
    struct fc_exchange *x = exchange("/");

    x->front = &front;
    x->on_worker = work;
    return x;
}

START_TEST(what_a_crew_has_taken_is_done_before_it_stops)
{
    for (int i = 0; i < JOBS; i++)
        ck_assert(fc_crew_take(crew, job()));
    fc_crew_stop(crew);
    ck_assert_int_eq(n_done, JOBS);
}
END_TEST

START_TEST(a_crew_that_has_stopped_takes_nothing)
{
    fc_crew_stop(crew);
    ck_assert(!fc_crew_take(crew, job()));
    fc_crew_stop(crew); /* which it has already */
    ck_assert_int_eq(n_done, 0);
}
END_TEST

TCase *worker_case(void)
{
    TCase *claims = tcase_create("worker");

    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_add_test(claims, what_a_crew_has_taken_is_done_before_it_stops);
    tcase_add_test(claims, a_crew_that_has_stopped_takes_nothing);
    return claims;
}
