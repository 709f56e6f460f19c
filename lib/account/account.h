/** Users and their API keys: the routes under /v1/account and /v1/auth. */
#ifndef FRAMECAST_ACCOUNT_ACCOUNT_H
#define FRAMECAST_ACCOUNT_ACCOUNT_H

#include "http/http.h"

extern const struct fc_route fc_account_routes[];
extern const struct fc_route fc_key_routes[];

#endif
