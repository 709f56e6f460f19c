/**
 * The servers that a database URL names, found by a thread of their own: libpq would ask for the
 * addresses of names where it stands, and an event loop would stand still for as long as the name
 * servers do.
 *
 * Internal to lib/db.
 */
#ifndef FRAMECAST_DB_LOOKUP_H
#define FRAMECAST_DB_LOOKUP_H

#include <stdbool.h>

#include "db/connect.h"

struct fc_arena;
struct fc_lookup;

/** Whether libpq should not be left alone with @url: it has a host's name, or several hosts. */
bool fc_lookup_is_needed(const char *url);

/**
 * Those who ask for the same at the same time share one lookup. NULL when no thread can be had, or
 * too many still wait for earlier names.
 */
struct fc_lookup *fc_lookup_start(const char *url);

/** Becomes readable when the lookup is over. */
int fc_lookup_fd(const struct fc_lookup *lookup);

/**
 * When it is over: each address of each host, in the order of the URL, but beginning with number
 * @first (modulo their number) - a server that does not answer should not be the first to be asked
 * again. False when there is none; then *why says so.
 */
bool fc_lookup_targets(const struct fc_lookup *lookup, struct fc_arena *arena, unsigned first,
                       struct fc_targets *targets, const char **why);

/** At any time; a thread that still asks is not waited for. Accepts NULL. */
void fc_lookup_free(struct fc_lookup *lookup);

#endif
