#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    Suite *suite = suite_create("orchestrate");
    SRunner *runner;
    int n_failed;

    if (getenv("FC_TEST_DATABASE_URL") == NULL) {
        puts("skipped: FC_TEST_DATABASE_URL names no PostgreSQL to make a database in");
        return EXIT_SUCCESS;
    }
    suite_add_tcase(suite, steps_case());
    suite_add_tcase(suite, films_case());
    suite_add_tcase(suite, runner_case());
    suite_add_tcase(suite, sounds_case());
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
