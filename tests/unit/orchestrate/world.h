/**
 * What the tests of the orchestrator share: a database, a store, a renderer that does as it is
 * told.
 */
#ifndef TESTS_ORCHESTRATE_WORLD_H
#define TESTS_ORCHESTRATE_WORLD_H

#include <stdatomic.h>

#include "database.h"
#include "orchestrate/drive.h"
#include "orchestrate/embedded.h"

/* Fixtures: once for all tests, and around each test, whose database is empty but for
 * a creator. */
void world_once(void);
void world_set_up(void);
void world_tear_down(void);

extern struct fc_storage *storage;
extern struct fc_steps_settings settings;
extern const char *dir; /* of this test; gone afterwards */

/* ---- jobs ---- */

/** A creator's job of @n_scenes scenes of a second each, called a, b, c ...; 0: an image. */
void create_job(int n_scenes);
void create_job_of(const char *spec, const char *scenes, int credits);

/* ---- runs ---- */

/** Claims the one due job, as a worker of that name would. */
struct fc_job_run *claim(const char *worker);
/** As if the process had been killed: its takes are lost, its lease has lapsed. */
void crash(struct fc_job_run *run);
enum fc_step drive(struct fc_job_run *run);
void run_free(struct fc_job_run *run);

bool is_stored(struct fc_job_run *run, const char *name);

/* ---- the renderer ---- */

/** What it is to do, and what it was asked for. Any thread may look. */
struct fake {
    atomic_int polls_needed; /* until a take is done; a large number: never */
    atomic_int n_failing;    /* takes of the scene "a" that fail before one succeeds */
    atomic_int n_broken;     /* takes of any scene that deliver no clip before one does */
    atomic_bool is_users_fault, is_full;
    atomic_int n_submitted, n_canceled;
};
extern struct fake fake;
extern const char *broken_clip_path; /* a file that is no video any more */
void fake_lose_all(void);

#endif
