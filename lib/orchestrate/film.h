/**
 * What is left of a job when its scenes are done: the film and the output; lib/orchestrate only.
 */
#ifndef ORCHESTRATE_FILM_H
#define ORCHESTRATE_FILM_H

#include "orchestrate/steps.h"

/** Writes `output` as the job will show it, from the plan and the stored files; LATER: the store is
 * away; FAILED: the film is not there. */
enum fc_step fc_film_put_output(struct fc_job_run *run, struct fc_buffer *b, int64_t *size_bytes);

#endif
