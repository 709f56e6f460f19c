#include "db/link.h"

#include <string.h>
#include <sys/epoll.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "db/lookup.h"
#include "db/refusal.h"

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
    link->watch.on_ready = on_ready;
}

static int fd_of(const struct fc_link *link)
{
    return link->lookup != NULL ? fc_lookup_fd(link->lookup) : PQsocket(link->pg);
}

/* libpq closes a lost socket by itself: its number may be another thread's by now. */
static void unwatch(struct fc_link *link)
{
    if (link->watch.fd != fd_of(link))
        link->watch.fd = -1;
    if (link->is_watched)
        fc_loop_unwatch(link->loop, &link->watch);
    link->is_watched = false;
}

/* libpq may open another socket between two polls, under the same number or another one. */
static bool watch_for(struct fc_link *link, uint32_t events)
{
    unwatch(link);
    link->watch.fd = fd_of(link);
    link->watch.events = events;
    link->is_watched = link->watch.fd >= 0 &&
                       fc_loop_watch(link->loop, &link->watch, NULL) == FC_OK;
    return link->is_watched;
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

/* @host and @addresses are lists, or NULL: as the URL says. */
static void start(struct fc_link *link, const char *host, const char *addresses)
{
    static const char options[] =
        "-c timezone=UTC -c client_min_messages=warning -c statement_timeout=10s "
        "-c lock_timeout=8s -c idle_in_transaction_session_timeout=30s";
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *const keys[] = {
        "dbname", "application_name", "client_encoding", "options", "host", "hostaddr", NULL};
    const char *const values[] = {
        link->url, link->name, "UTF8", fc_printf(arena, "%s %s", options, link->options),
        host,      addresses,  NULL};

    link->pg = PQconnectStartParams(keys, values, 1);
    (void)PQsetNoticeProcessor(link->pg, fc_db_hear, NULL);
    if (link->pg == NULL || PQstatus(link->pg) == CONNECTION_BAD)
        fc_link_drop(link, link->pg == NULL ? "no memory" : PQerrorMessage(link->pg));
    else if (!watch_for(link, EPOLLOUT)) /* PQconnectPoll is first asked when it can be written */
        fc_link_drop(link, "the connection cannot be watched");
}

/* The one host of the URL whose address has yet to be found; NULL when libpq need not ask. */
static const char *host_to_find(struct fc_arena *arena, const char *url)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    const char *host = NULL, *address = NULL;

    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
         option++) {
        if (strcmp(option->keyword, "host") == 0)
            host = fc_copy(arena, option->val);
        else if (strcmp(option->keyword, "hostaddr") == 0)
            address = fc_copy(arena, option->val);
    }
    PQconninfoFree(options);
    return address == NULL && fc_lookup_is_needed(host) ? host : NULL;
}

void fc_link_connect(struct fc_link *link)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *host = host_to_find(arena, link->url);

    link->state = FC_LINK_CONNECTING;
    link->since_us = fc_monotonic_us();
    if (host == NULL) {
        start(link, NULL, NULL);
        return;
    }
    link->lookup = fc_lookup_start(host);
    if (link->lookup == NULL)
        fc_link_drop(link, "too many names of hosts are being looked up");
    else if (!watch_for(link, EPOLLIN))
        fc_link_drop(link, "the connection cannot be watched");
}

/* libpq wants a host for each address: by its name the certificate is checked. */
static void found(struct fc_link *link)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *host = host_to_find(arena, link->url);
    struct fc_buffer hosts = fc_buffer_in(arena);
    int n;
    const char *addresses = fc_copy(arena, fc_lookup_addresses(link->lookup, &n));

    unwatch(link);
    fc_lookup_free(link->lookup);
    link->lookup = NULL;
    for (int i = 0; i < n; i++) {
        fc_put(&hosts, i > 0 ? "," : "");
        fc_put(&hosts, host);
    }
    if (n > 0)
        start(link, hosts.data, addresses);
    else
        fc_link_drop(link, fc_printf(arena, "host %s is not found: %s", host, addresses));
}

static void on_ready(struct fc_watch *watch, uint32_t events)
{
    struct fc_link *link = (struct fc_link *)((char *)watch - offsetof(struct fc_link, watch));

    if (link->lookup != NULL)
        found(link);
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
    if (link->state == FC_LINK_CONNECTING &&
        fc_monotonic_us() - link->since_us > CONNECT_TIMEOUT_US)
        fc_link_drop(link, "the database did not answer in time");
}
