#include "db/link.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "db/lookup.h"

enum { FIRST_PAUSE_MS = 100, MAX_PAUSE_MS = 2000, CONNECT_TIMEOUT_US = 5 * 1000 * 1000 };

static void on_ready(struct fc_watch *watch, uint32_t events);

void fc_link_init(struct fc_link *link, const struct fc_link_role *role, struct fc_loop *loop,
                  const char *url, const char *name)
{
    *link = (struct fc_link){.role = role,
                             .loop = loop,
                             .url = url,
                             .name = name,
                             .options = "",
                             .pause_ms = FIRST_PAUSE_MS};
    link->watch = (struct fc_watch){.on_ready = on_ready, .fd = -1};
}

static void unwatch(struct fc_link *link)
{
    if (link->watch.fd < 0)
        return;
    fc_loop_unwatch(link->loop, &link->watch);
    (void)close(link->watch.fd);
    link->watch.fd = -1;
}

/*
 * Watches a descriptor of our own for the socket. libpq closes its own when it sees fit, and may
 * open another one under the same number; by then it is too late to tell the kernel that the first
 * is no longer watched, which it would be for as long as some child has a copy.
 */
static bool watch_for(struct fc_link *link, uint32_t events)
{
    int fd = link->lookup != NULL ? fc_lookup_fd(link->lookup) : PQsocket(link->pg);

    unwatch(link);
    link->watch.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    link->watch.events = events;
    if (link->watch.fd >= 0 && fc_loop_watch(link->loop, &link->watch, NULL) == FC_OK)
        return true;
    if (link->watch.fd >= 0)
        (void)close(link->watch.fd);
    link->watch.fd = -1;
    return false;
}

void fc_link_close(struct fc_link *link)
{
    unwatch(link);
    fc_lookup_free(link->lookup);
    link->lookup = NULL;
    PQfinish(link->pg);
    link->pg = NULL;
    link->state = FC_LINK_DOWN;
}

void fc_link_drop(struct fc_link *link, const char *why)
{
    bool was_up = link->state == FC_LINK_UP;
    char kept[512];
    size_t n = strcspn(why, "\n");

    if (n >= sizeof kept)
        n = sizeof kept - 1;
    memcpy(kept, why, n); /* it is often PQerrorMessage, which goes with the connection */
    kept[n] = '\0';
    /* A connection that worked is made anew at once; one that could not be made is tried again
     * after a growing pause. */
    if (!was_up) {
        link->retry_at_us = fc_monotonic_us() + (int64_t)link->pause_ms * 1000;
        link->pause_ms = link->pause_ms * 2 > MAX_PAUSE_MS ? MAX_PAUSE_MS : link->pause_ms * 2;
    }
    fc_link_close(link);
    link->role->down(link, was_up, kept);
}

static void go_up(struct fc_link *link)
{
    if (PQsetnonblocking(link->pg, 1) != 0 || !watch_for(link, EPOLLIN)) {
        fc_link_drop(link, "the connection cannot be watched");
        return;
    }
    link->state = FC_LINK_UP;
    link->pause_ms = FIRST_PAUSE_MS;
    link->role->up(link);
}

static void connect_on(struct fc_link *link)
{
    bool watched = false;

    switch (PQconnectPoll(link->pg)) {
    case PGRES_POLLING_READING:
        watched = watch_for(link, EPOLLIN);
        break;
    case PGRES_POLLING_WRITING:
        watched = watch_for(link, EPOLLOUT);
        break;
    case PGRES_POLLING_OK:
        go_up(link);
        return;
    case PGRES_POLLING_FAILED:
    default:
        fc_link_drop(link, PQerrorMessage(link->pg));
        return;
    }
    if (!watched)
        fc_link_drop(link, "the connection cannot be watched");
}

bool fc_link_may_connect(const struct fc_link *link)
{
    return link->state == FC_LINK_DOWN && fc_monotonic_us() >= link->retry_at_us;
}

static void start(struct fc_link *link, struct fc_targets targets)
{
    static const char options[] =
        "-c timezone=UTC -c client_min_messages=warning -c statement_timeout=10s "
        "-c lock_timeout=8s -c idle_in_transaction_session_timeout=30s";
    FC_AUTO(arena) *arena = fc_arena_new();

    link->pg = fc_connect_start(link->url, link->name,
                                fc_printf(arena, "%s %s", options, link->options), &targets);
    if (link->pg == NULL || PQstatus(link->pg) == CONNECTION_BAD)
        fc_link_drop(link, link->pg == NULL ? "no memory" : PQerrorMessage(link->pg));
    else if (!watch_for(link, EPOLLOUT)) /* PQconnectPoll is first asked when it can be written */
        fc_link_drop(link, "the connection cannot be watched");
}

void fc_link_connect(struct fc_link *link)
{
    link->state = FC_LINK_CONNECTING;
    link->since_us = fc_monotonic_us();
    if (!fc_lookup_is_needed(link->url)) {
        start(link, (struct fc_targets){NULL, NULL, NULL});
        return;
    }
    link->lookup = fc_lookup_start(link->url);
    if (link->lookup == NULL)
        fc_link_drop(link, "too many names of hosts are being looked up");
    else if (!watch_for(link, EPOLLIN))
        fc_link_drop(link, "the connection cannot be watched");
}

static void looked_up(struct fc_link *link)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_targets targets;
    const char *why;
    bool is_found = fc_lookup_targets(link->lookup, arena, link->first, &targets, &why);

    unwatch(link);
    fc_lookup_free(link->lookup);
    link->lookup = NULL;
    if (is_found)
        start(link, targets);
    else
        fc_link_drop(link, why);
}

static void on_ready(struct fc_watch *watch, uint32_t events)
{
    struct fc_link *link = (struct fc_link *)((char *)watch - offsetof(struct fc_link, watch));

    if (link->lookup != NULL)
        looked_up(link);
    else if (link->state == FC_LINK_CONNECTING)
        connect_on(link);
    else
        link->role->ready(link, events);
}

void fc_link_want_write(struct fc_link *link, bool wanted)
{
    fc_loop_rewatch(link->loop, &link->watch, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void fc_link_tick(struct fc_link *link)
{
    if (link->state != FC_LINK_CONNECTING ||
        fc_monotonic_us() - link->since_us <= CONNECT_TIMEOUT_US)
        return;
    link->first++; /* if there are several servers, the others shall be asked too */
    fc_link_drop(link, "the database did not answer in time");
}
