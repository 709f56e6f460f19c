/** What every unit test program has in common: it runs its cases and ends as they went. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <check.h>

#define N(table) ((int)(sizeof(table) / sizeof *(table)))

/**
 * Adds @set_up and @tear_down around each test of the @cases, when they are given; what main
 * returns.
 */
static inline int run_suite(const char *name, TCase *const cases[], int n_cases,
                            void (*set_up)(void), void (*tear_down)(void))
{
    Suite *suite = suite_create(name);
    SRunner *runner = srunner_create(suite);
    int n_failed;

    for (int i = 0; i < n_cases; i++) {
        if (set_up != NULL)
            tcase_add_checked_fixture(cases[i], set_up, tear_down);
        suite_add_tcase(suite, cases[i]);
    }
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/** Whether tests that need a PostgreSQL have to be left out; says so. */
static inline bool no_database(void)
{
    if (getenv("FC_TEST_DATABASE_URL") != NULL)
        return false;
    puts("skipped: FC_TEST_DATABASE_URL names no PostgreSQL to make a database in");
    return true;
}

#endif
