/**
 * The test cases of lib/db, one file each, and what they share: a database of their own with the
 * schema.
 */
#ifndef TESTS_DB_SUITES_H
#define TESTS_DB_SUITES_H

#include "database.h"

TCase *connection_case(void);
TCase *listen_case(void);
TCase *lookup_case(void);
TCase *migrate_case(void);
TCase *pipe_case(void);
TCase *refusal_case(void);
TCase *together_case(void);

/* Fixtures, with database_tear_down: once for all tests, in the process that starts them; and
 * around each test. */
void world_once(void);
void world_set_up(void);

/** Ends the connections of that application_name, as an operator would. */
void end_connections(const char *application);

/**
 * From now on updates of users fail with a deadlock's SQLSTATE, @n times; counts them in the
 * sequence `tries`, which no rollback turns back.
 */
void deadlock_updates(int n);

#endif
