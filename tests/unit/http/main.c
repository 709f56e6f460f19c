#include <stdlib.h>
#include <string.h>

#include "crypt/crypt.h"
#include "suites.h"

struct fc_arena *arena;
struct fc_error error;

struct fc_exchange *exchange(const char *uri)
{
    struct fc_exchange *x = FC_NEW(arena, struct fc_exchange);
    size_t n = strcspn(uri, "?");

    x->rq.arena = arena;
    x->rq.path = fc_copy_n(arena, uri, n);
    x->rq.query_text = uri[n] == '?' ? uri + n + 1 : "";
    return x;
}

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
    TCase *const cases[] = {page_case(), route_case(), shape_case(), stream_case(), worker_case()};
    Suite *suite = suite_create("http");
    SRunner *runner = srunner_create(suite);
    int n_failed;

    for (int i = 0; i < N(cases); i++) {
        tcase_add_checked_fixture(cases[i], set_up, tear_down);
        suite_add_tcase(suite, cases[i]);
    }
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
