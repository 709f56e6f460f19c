#include "suites.h"
TCase *typeset_case(void)
{
    return tcase_create("typeset");
}
