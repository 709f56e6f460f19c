/** The embedded runner from inside: its threads and what they share; lib/orchestrate only. */
#ifndef ORCHESTRATE_RUNNER_H
#define ORCHESTRATE_RUNNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "orchestrate/embedded.h"

/** Why a run must end before its end. */
enum fc_stop {
    FC_STOP_NOT,
    FC_STOP_TERMINAL, /* the job was canceled, timed out, or deleted */
    FC_STOP_LOST,     /* another worker holds it */
};

/** One worker. What it holds is guarded by the runner's lock; the atomics may be read without. */
struct fc_worker {
    struct fc_runner *runner;
    int index;
    pthread_t thread;
    struct fc_db *db;
    bool is_busy;
    struct fc_job_id job;     /* while busy */
    char lease[256];          /* while busy */
    int64_t renewed_us;       /* monotonic: when the present lease was asked for */
    _Atomic int64_t valid_us; /* monotonic: the lease is surely ours until then */
    atomic_int stop;          /* enum fc_stop */
};

/** How far upkeep is with the system sounds; its thread's own. */
struct fc_sounds_upkeep {
    size_t next;    /* of the catalogue */
    int64_t due_us; /* monotonic: not before */
    int pause_s;    /* after the last failure; 0: there was none */
};

struct fc_counters {
    _Atomic int64_t claimed, completed, failed, released, objects_deleted;
};

struct fc_runner {
    struct fc_runner_config config;
    char name[96]; /* host:pid, for the eyes of operators */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* work may be due, or a run must end, or all must */
    unsigned n_wakes;       /* calls of fc_runner_wake; guarded */
    atomic_bool is_stopping;
    struct fc_worker *workers;
    int n_started; /* workers whose threads run */
    pthread_t keeper, upkeep;
    bool has_keeper, has_upkeep;
    struct fc_db *keeper_db, *upkeep_db;
    struct fc_sounds_upkeep sounds;
    struct fc_counters counters;
};

/** For what is watched: true when @runner, a struct fc_runner, is to end. */
bool fc_runner_is_stopping(void *runner);

/** Waits at most @ms for a signal; @lock is held by the caller. */
void fc_runner_wait_locked(struct fc_runner *runner, int64_t ms);

/** Waits @ms, or less when the runner stops; false when it stops. */
bool fc_runner_sleep(struct fc_runner *runner, int64_t ms);

void *fc_worker_main(void *context); /* worker.c: a struct fc_worker */
void *fc_keeper_main(void *context); /* keeper.c: renews leases, notices what became of the jobs */
void *fc_upkeep_main(void *context); /* upkeep.c; both a struct fc_runner */

#endif
