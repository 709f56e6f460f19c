#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    Suite *suite;
    SRunner *runner;
    int n_failed;

    if (getenv("FC_TEST_DATABASE_URL") == NULL) {
        puts("skipped: FC_TEST_DATABASE_URL names no PostgreSQL to make a database in");
        return EXIT_SUCCESS;
    }
    suite = suite_create("db");
    suite_add_tcase(suite, refusal_case());
    suite_add_tcase(suite, connection_case());
    suite_add_tcase(suite, migrate_case());
    suite_add_tcase(suite, pipe_case());
    suite_add_tcase(suite, listen_case());
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
