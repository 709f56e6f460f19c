/** The test cases of lib/auth, one file each. */
#ifndef TESTS_AUTH_SUITES_H
#define TESTS_AUTH_SUITES_H

#include <framecast/arena.h>
#include <framecast/status.h>

#include "suite.h"

extern struct fc_arena *arena; /* of the running test */

TCase *jwt_case(void);
TCase *keys_case(void);
TCase *limits_case(void);
TCase *urn_case(void);
TCase *usage_case(void);

#endif
