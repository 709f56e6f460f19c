/**
 * A database of a test program's own, with the schema, and a pair of eyes on it for the running
 * test. The tests run in processes of their own (Check forks); the database is that of the first
 * one.
 */
#ifndef TESTS_DATABASE_H
#define TESTS_DATABASE_H

#include "db/db.h"
#include "suite.h"

extern struct fc_arena *arena; /* of the running test, like the next two */
extern struct fc_db *db;       /* beside what is tested, which has its own */
extern struct fc_error error;
extern const char *database_url;

/** Makes fc_unit_<name>_<process id>, unless an earlier case has; it goes with the program. */
void database_once(const char *name);

/* Around each test: arena and db. */
void database_set_up(void);
void database_tear_down(void);

/** An empty database beside the one of all tests, gone after the test; its URL. */
const char *empty_database(void);

void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Whether the boolean SQL expression is true. */
bool is_so(const char *condition);
/** Fails the test, showing the condition, unless it is. */
void expect_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Waits for it, at most half a minute. */
void wait_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
