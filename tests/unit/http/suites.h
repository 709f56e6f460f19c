/** The test cases of lib/http, one file each. */
#ifndef TESTS_HTTP_SUITES_H
#define TESTS_HTTP_SUITES_H

#include "http/internal.h"
#include "suite.h"

extern struct fc_arena *arena; /* of the running test */
extern struct fc_error error;

TCase *deal_case(void);
TCase *page_case(void);
TCase *route_case(void);
TCase *shape_case(void);
TCase *stream_case(void);
TCase *worker_case(void);

/**
 * A request with nothing but its arena and its path (with ?query), as the dispatcher would have
 * made it.
 */
struct fc_exchange *exchange(const char *uri);

#endif
