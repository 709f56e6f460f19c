/** The fork of lib/process: between fork and exec only what signal handlers may do. */
#ifndef PROCESS_SPAWN_H
#define PROCESS_SPAWN_H

#include <sys/types.h>

#include "process/process.h"

struct fc_spawned {
    pid_t pid;  /* leads a process group of the same number */
    int pidfd;  /* readable when it has ended; -1 where the kernel has no such thing */
    int input;  /* our end of its stdin, a socket; -1 without */
    int output; /* our end of its stdout, non-blocking */
    int errors; /* our end of its stderr, non-blocking */
};

/** Fails like fc_process_start; on success the caller owns the descriptors and reaps the child. */
fc_status fc_spawn(const struct fc_process_plan *plan, struct fc_spawned *spawned,
                   struct fc_error *error);

#endif
