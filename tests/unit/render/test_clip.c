#include "suites.h"
TCase *clip_case(void)
{
    return tcase_create("clip");
}
