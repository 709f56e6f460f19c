#include "suites.h"

int main(void)
{
    TCase *const cases[] = {refusal_case(),  connection_case(), migrate_case(), pipe_case(),
                            together_case(), lookup_case(),     listen_case()};

    return no_database() ? EXIT_SUCCESS : run_suite("db", cases, N(cases), NULL, NULL);
}
