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
    TCase *const cases[] = {arena_case(), files_case(),    ids_case(),  log_case(),
                            loop_case(),  settings_case(), text_case(), time_case()};

    return run_suite("core", cases, N(cases), set_up, tear_down);
}
