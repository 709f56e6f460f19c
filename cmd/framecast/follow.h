/** Follows a job to its end, over lost connections and restarted servers. */
#ifndef FRAMECAST_FOLLOW_H
#define FRAMECAST_FOLLOW_H

#include "client.h"

#include "job.h"

/**
 * Shows @job, whose id is set, until it has ended; then @job holds what its last event told.
 *
 * CLIENT_OK           it has ended, one way or another
 * CLIENT_UNREACHABLE  the server stayed away longer than the patience; complained
 * CLIENT_REFUSED      there is no such job any more, or the key does not hold; complained
 * else                interrupted; asked whether to cancel the job, told how to come back
 */
enum exit_code follow_job(struct client *client, struct job *job);

/** Reads the job into @job and *@json (in @arena); complains when that fails. */
enum exit_code job_fetch(struct client *client, struct fc_arena *arena, const char *id,
                         struct job *job, const struct fc_json **json);

/** Reads an answer that should be a job; complains when it is none. */
enum exit_code job_accept(struct job *job, const struct fc_json *json);

/** Cancels it; complains when that fails. The text tells what was refunded. */
enum exit_code job_cancel(struct client *client, const char *id, struct job *job,
                          const struct fc_json **json);
const char *job_cancel_text(struct fc_arena *arena, const struct job *job);

/** "/v1/jobs/<id><after>", the id percent-encoded. */
const char *job_path(struct fc_arena *arena, const char *id, const char *after);

#endif
