/**
 * Calls on a loop's pipes, and what came of each; ten users, user0 to user9, who may be asked for.
 */
#ifndef TESTS_DB_ASKS_H
#define TESTS_DB_ASKS_H

#include "database.h"
#include "db/pipe.h"

enum { ASKS_MAX = 4096 };

/** One call of a test, and what came of it. */
struct ask {
    struct fc_call call; /* first: the two are cast into each other */
    const char *values[FC_STATEMENT_ARGS_MAX];
    int n_answers, turn; /* turn: which answer of all it was */
    fc_status status;
    char refusal[40], text[64]; /* text: the first row's first column, "" for no row */
    char outcome[40], body[64]; /* fourth column, and how the fifth begins, where there are five */
    const char *kept;           /* the first row's first column, for longer than the answer */
};

extern struct fc_loop *loop;
extern struct fc_pipes *pipes;
extern struct ask asks[ASKS_MAX]; /* in the order in which they were sent */
extern int n_asks, n_answered;
extern void (*on_answer)(struct ask *ask); /* when each is answered; or NULL */

/* Fixtures around each test, with world_once. */
void asks_set_up(void);
void asks_tear_down(void);

/** What each test begins with. The loop runs until all that was sent is answered. */
void open_pipes(const char *url, int n_read, int n_write);

/** NULL when the pipes did not take it. */
struct ask *send_query(enum fc_query query, uint32_t lane, struct fc_args args);

/** A read that gives the id of one of the ten users. */
struct ask *send_find(int n);
const char *id_of(int n);

void expect_found(const struct ask *ask, int n); /* of send_find */
void expect_refused(const struct ask *ask, fc_status status, const char *refusal);

/** From now on whoever reads the users waits; the test frees the locker. */
void lock_users(void);
extern struct fc_db *locker;
/** Runs until all is answered; cuts the connections once @n_waiting of them wait for the lock. */
void run_and_cut(int n_waiting);

#endif
