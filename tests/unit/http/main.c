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
    TCase *const cases[] = {deal_case(),  page_case(),   route_case(),
                            shape_case(), stream_case(), worker_case()};

    return run_suite("http", cases, N(cases), set_up, tear_down);
}
