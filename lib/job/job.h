/**
 * Jobs: storyboards on their way to a film. The routes under /v1/spec, /v1/generate and /v1/jobs,
 * and those of workers.
 *
 * order.c     what a client asks for: spec, options, owner, key; checked and priced
 * create_api.c  generate, clone, retry      spec_api.c  validate, estimate
 * job_api.c   list, get, cancel, delete, events
 * worker_api.c  what an external worker calls    links.c  presigned links, callback tokens
 */
#ifndef FRAMECAST_JOB_JOB_H
#define FRAMECAST_JOB_JOB_H

#include "http/http.h"
#include "storyboard/storyboard.h"

extern const struct fc_route fc_spec_routes[];
extern const struct fc_route fc_job_routes[];
extern const struct fc_route fc_create_routes[];
extern const struct fc_route fc_machine_routes[];

struct fc_settings;

/** The constants of the credit formula, from the settings. */
struct fc_prices fc_prices_from(const struct fc_settings *settings);

/** Where jobs hold links, for the context of the handlers. */
const struct fc_json_paths *fc_job_link_paths(struct fc_arena *arena);

/**
 * Replaces the s3:// links of jobs (one, a list, or {"job": ...}) by links that work for an hour:
 * for fc_answer_rewrite.
 */
const char *fc_job_links(struct fc_request *rq, const char *body, size_t *n);

enum { FC_CALLBACK_TOKEN_SIZE = 65 };

/**
 * The token that a worker of @job shows; with @previous that of the secret before, false when there
 * is none.
 */
bool fc_callback_token(const struct fc_settings *settings, const struct fc_uuid *job, bool previous,
                       char token[static FC_CALLBACK_TOKEN_SIZE]);

#endif
