#include "suites.h"

int main(void)
{
    TCase *const cases[] = {steps_case(), films_case(), runner_case(), sounds_case()};

    return no_database() ? EXIT_SUCCESS : run_suite("orchestrate", cases, N(cases), NULL, NULL);
}
