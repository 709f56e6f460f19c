#include <pthread.h>

#include <framecast/time.h>

#include "auth/limits.h"
#include "suites.h"

static struct fc_limits *limits;

START_TEST(requests_of_a_window_are_counted_for_each_caller)
{
    int64_t now = fc_time_now().us / 1000000;
    struct fc_window first, second;

    limits = fc_limits_new();
    first = fc_limits_take(limits, "ada");
    second = fc_limits_take(limits, "ada");
    ck_assert_int_eq(first.count, 1);
    ck_assert_int_eq(second.count, 2);
    ck_assert_int_eq(first.ends_unix, second.ends_unix);
    ck_assert_int_ge(first.ends_unix, now + 60);
    ck_assert_int_ge(first.left_seconds, 1);
    ck_assert_int_le(first.left_seconds, 60);
    ck_assert_int_eq(fc_limits_take(limits, "bob").count, 1);
    ck_assert_int_eq(fc_limits_take(limits, "").count, 1);
    fc_limits_free(limits);
}
END_TEST

START_TEST(a_request_that_was_turned_away_does_not_count)
{
    struct fc_window window;

    limits = fc_limits_new();
    fc_limits_give_back(limits, "ada", &(struct fc_window){0}); /* who has none */
    ck_assert_int_eq(fc_limits_take(limits, "ada").count, 1);
    window = fc_limits_take(limits, "ada");
    ck_assert_int_eq(window.count, 2);
    fc_limits_give_back(limits, "ada", &window);
    ck_assert_int_eq(fc_limits_take(limits, "ada").count, 2);
    for (int i = 0; i < 3; i++)
        fc_limits_give_back(limits, "ada", &window); /* more than were taken */
    ck_assert_int_eq(fc_limits_take(limits, "ada").count, 1);
    fc_limits_free(limits);
}
END_TEST

START_TEST(what_is_given_back_late_is_not_taken_off_the_next_window)
{
    struct fc_window earlier;

    limits = fc_limits_new();
    earlier = fc_limits_take(limits, "ada");
    earlier.ends_us -= 60 * 1000 * 1000; /* of the minute before */
    fc_limits_give_back(limits, "ada", &earlier);
    ck_assert_int_eq(fc_limits_take(limits, "ada").count, 2);
    fc_limits_free(limits);
}
END_TEST

START_TEST(many_callers_do_not_disturb_each_other)
{
    enum { CALLERS = 50000 };

    limits = fc_limits_new();
    for (int round = 1; round <= 2; round++)
        for (int i = 0; i < CALLERS; i++) {
            char who[48];

            (void)snprintf(who, sizeof who, "%08x-abcd-4def-9000-00000000000f",
                           (unsigned)i * 2654435761u);
            ck_assert_int_eq(fc_limits_take(limits, who).count, round);
        }
    fc_limits_free(limits);
}
END_TEST

enum { THREADS = 4, EACH = 20000 };

static void *take(void *arg)
{
    (void)arg;
    for (int i = 0; i < EACH; i++) {
        struct fc_window window = fc_limits_take(limits, "all");

        if (i % 4 == 0)
            fc_limits_give_back(limits, "all", &window);
    }
    return NULL;
}

START_TEST(threads_count_exactly)
{
    pthread_t threads[THREADS];

    limits = fc_limits_new();
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(fc_limits_take(limits, "all").count, THREADS * (EACH - EACH / 4) + 1);
    fc_limits_free(limits);
}
END_TEST

TCase *limits_case(void)
{
    TCase *claims = tcase_create("limits");

    tcase_add_test(claims, requests_of_a_window_are_counted_for_each_caller);
    tcase_add_test(claims, a_request_that_was_turned_away_does_not_count);
    tcase_add_test(claims, what_is_given_back_late_is_not_taken_off_the_next_window);
    tcase_add_test(claims, many_callers_do_not_disturb_each_other);
    tcase_add_test(claims, threads_count_exactly);
    return claims;
}
