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

    for (int i = 0; i < N(cases); i++)
        tcase_set_timeout(cases[i], 60);
    return run_suite("auth", cases, N(cases), set_up, tear_down);
}
