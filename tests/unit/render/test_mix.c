#include "suites.h"
TCase *mix_case(void)
{
    return tcase_create("mix");
}
