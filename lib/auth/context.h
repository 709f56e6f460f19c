/**
 * What every handler can reach through fc_context(rq): made once by cmd/framecastd, const from then
 * on.
 */
#ifndef FRAMECAST_AUTH_CONTEXT_H
#define FRAMECAST_AUTH_CONTEXT_H

#include <framecast/settings.h>

#include "auth/auth.h"

struct fc_json_paths;
struct fc_storage;

struct fc_context {
    struct fc_auth *auth; /* first: fc_auth_gate looks for it here */
    const struct fc_settings *settings;
    struct fc_storage *storage;
    const struct fc_json_paths *job_links; /* where jobs hold them: fc_job_link_paths */
    void (*wake)(void *waker);             /* work may be due: tells the orchestrator; any thread */
    void *waker;
};

static inline const struct fc_context *fc_context_of(const struct fc_request *rq)
{
    return fc_context(rq);
}

#endif
