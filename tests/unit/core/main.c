#include <stdlib.h>

#include "core/suites.h"

struct fc_arena *arena;

static void set_up(void)
{
    arena = fc_arena_new();
}

static void tear_down(void)
{
    fc_arena_free(arena);
}

int main(void)
{
    TCase *const cases[] = {arena_case(),    ids_case(),  log_case(), loop_case(),
                            settings_case(), text_case(), time_case()};
    Suite *suite = suite_create("core");
    SRunner *runner = srunner_create(suite);
    int failed;

    for (int i = 0; i < N(cases); i++) {
        tcase_add_checked_fixture(cases[i], set_up, tear_down);
        suite_add_tcase(suite, cases[i]);
    }
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
