#include "suites.h"
TCase *animatic_case(void)
{
    return tcase_create("animatic");
}
