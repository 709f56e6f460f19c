/**
 * One non-blocking connection that lives on an event loop: connects in the background, is watched,
 * comes back after a loss with growing pauses. What is said over it is its role's business (pipe.c:
 * statements, listen.c: notifications).
 *
 * Internal to lib/db.
 */
#ifndef FRAMECAST_DB_LINK_H
#define FRAMECAST_DB_LINK_H

#include <libpq-fe.h>

#include <framecast/loop.h>

struct fc_link;
struct fc_lookup;

struct fc_link_role {
    void (*up)(struct fc_link *link); /* connected, non-blocking */
    void (*down)(struct fc_link *link, bool was_up,
                 const char *why); /* lost, or not made; the next try is the owner's */
    void (*ready)(struct fc_link *link, uint32_t events);
};

enum fc_link_state { FC_LINK_DOWN, FC_LINK_CONNECTING, FC_LINK_UP };

struct fc_link {
    const struct fc_link_role *role;
    struct fc_loop *loop;
    const char *url, *name;
    const char *options;      /* of its sessions, beside those of all links; the owner may set it */
    struct fc_lookup *lookup; /* while its servers are looked for; @pg is NULL then */
    unsigned first;           /* of the servers, when there are several */
    PGconn *pg;               /* NULL while down */
    enum fc_link_state state;
    struct fc_watch watch;
    int64_t retry_at_us; /* not tried again before this */
    int64_t since_us;    /* when connecting began */
    int pause_ms;
};

void fc_link_init(struct fc_link *link, const struct fc_link_role *role, struct fc_loop *loop,
                  const char *url, const char *name);
bool fc_link_may_connect(const struct fc_link *link); /* it is down, and its pause is over */
void fc_link_connect(
    struct fc_link *link); /* answers through role->up or role->down, perhaps at once */
void fc_link_drop(struct fc_link *link, const char *why); /* calls role->down */
void fc_link_close(struct fc_link *link);                 /* silently, for good */
void fc_link_want_write(struct fc_link *link, bool wanted);
void fc_link_tick(struct fc_link *link); /* about once a second: ends a connecting that hangs */

#endif
