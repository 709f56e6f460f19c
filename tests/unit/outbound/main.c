#include "suites.h"

int main(void)
{
    TCase *const cases[] = {outbound_case(), sse_case()};

    return run_suite("outbound", cases, N(cases), NULL, NULL);
}
