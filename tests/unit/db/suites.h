/**
 * The test cases of lib/db, one file each, and what they share: a database of their own with the
 * schema.
 */
#ifndef TESTS_DB_SUITES_H
#define TESTS_DB_SUITES_H

#include "db/db.h"
#include "suite.h"

TCase *connection_case(void);
TCase *listen_case(void);
TCase *migrate_case(void);
TCase *pipe_case(void);
TCase *refusal_case(void);

/* Fixtures: once for all tests, in the process that starts them; and around each test. */
void world_once(void);
void world_set_up(void);
void world_tear_down(void);

extern struct fc_arena *arena;
extern struct fc_db *db; /* the test's own eyes, beside what is tested */
extern struct fc_error error;
extern const char *database_url;

void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Whether the boolean SQL expression is true. */
bool is_so(const char *condition);
/** Fails the test, showing the condition, unless it is. */
void expect_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** An empty database beside the one of all tests, gone after the test; its URL. */
const char *empty_database(void);

/** Ends the connections of that application_name, as an operator would. */
void end_connections(const char *application);

/**
 * From now on updates of users fail with a deadlock's SQLSTATE, @n times; counts them in the
 * sequence `tries`, which no rollback turns back.
 */
void deadlock_updates(int n);

#endif
