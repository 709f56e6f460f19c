/**
 * Drives the steps of one job from wherever they are to the end; inside of lib/orchestrate only.
 */
#ifndef ORCHESTRATE_DRIVE_H
#define ORCHESTRATE_DRIVE_H

#include "orchestrate/steps.h"

/**
 * Begins, renders up to @parallel scenes side by side, stitches, finishes. @pause(@context) waits a
 * moment between two looks at the scenes. Never gives FC_STEP_WAIT.
 */
enum fc_step fc_drive(struct fc_job_run *run, int parallel, void (*pause)(void *context),
                      void *context);

#endif
