#include <stdlib.h>

#include "crypt/crypt.h"
#include "suites.h"

struct fc_arena *arena;

static void set_up(void)
{
    ck_assert_int_eq(fc_crypt_start(NULL), FC_OK);
    arena = fc_arena_new();
}

static void tear_down(void)
{
    fc_arena_free(arena);
}

int main(void)
{
    TCase *const cases[] = {jwt_case(), keys_case(), limits_case(), urn_case(), usage_case()};
    Suite *suite = suite_create("auth");
    SRunner *runner = srunner_create(suite);
    int n_failed;

    for (int i = 0; i < N(cases); i++) {
        tcase_add_checked_fixture(cases[i], set_up, tear_down);
        tcase_set_timeout(cases[i], 60);
        suite_add_tcase(suite, cases[i]);
    }
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
