#include "suite.h"

TCase *outbound_case(void);
TCase *sse_case(void);
