/**
 * The addresses of a host's name, found by a thread of their own: libpq would ask for them on the
 * event loop, which then stands still for as long as the name servers do.
 *
 * Internal to lib/db.
 */
#ifndef FRAMECAST_DB_LOOKUP_H
#define FRAMECAST_DB_LOOKUP_H

#include <stdbool.h>

struct fc_lookup;

/** Whether finding @host may take time: it is neither an address nor a socket's path. */
bool fc_lookup_is_needed(const char *host);

/** NULL when no thread can be had, or too many still wait for earlier names. */
struct fc_lookup *fc_lookup_start(const char *host);

/** Becomes readable when the lookup is over. */
int fc_lookup_fd(const struct fc_lookup *lookup);

/**
 * When it is over: the addresses joined by commas as libpq's hostaddr takes them, and their number;
 * 0 when there are none, with the reason in their place.
 */
const char *fc_lookup_addresses(const struct fc_lookup *lookup, int *n);

/** At any time; a thread that still asks is not waited for. Accepts NULL. */
void fc_lookup_free(struct fc_lookup *lookup);

#endif
