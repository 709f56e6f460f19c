#include "db/lookup.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <framecast/arena.h>
#include <framecast/text.h>
#include <framecast/time.h>

enum {
    SERVERS_MAX = 64,
    SHARED_US = 5 * 1000 * 1000, /* a name server that says nothing keeps a thread for a minute */
    THREADS_MAX = 16,            /* so these are enough, with one every five seconds */
};

/* One that the URL names, or one of its addresses. Empty where the URL says nothing. */
struct server {
    const char *host, *address, *port;
};

struct servers {
    struct server at[SERVERS_MAX];
    unsigned n;
};

/* Held by those who ask, the thread that answers, and @latest; the last one frees it. */
struct fc_lookup {
    struct fc_arena *arena;
    const char *url;
    int64_t since_us;
    int fd; /* nobody reads from it, so that it stays readable for all */
    struct servers named, found;
    const char *why;     /* none was found */
    atomic_bool is_over; /* set by the thread as its last */
    atomic_int n_holders;
};

static atomic_int n_threads;
/* What several ask at once, as after a loss of all connections, is looked up once. */
static pthread_mutex_t latest_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fc_lookup *latest;

/* ---- what the URL names ---- */

static bool is_name(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return host[0] != '\0' && host[0] != '/' && host[0] != '@' &&
           inet_pton(AF_INET, host, address) != 1 && inet_pton(AF_INET6, host, address) != 1;
}

static unsigned count(const char *list)
{
    unsigned n = 1;

    for (; *list != '\0'; list++)
        n += *list == ',';
    return n;
}

/* Element @i of a list; the only one stands for all. */
static const char *element(struct fc_arena *arena, const char *list, unsigned i)
{
    if (strchr(list, ',') == NULL)
        return fc_copy(arena, list);
    for (; i > 0; i--)
        list = strchr(list, ',') + 1;
    return fc_copy_n(arena, list, strcspn(list, ","));
}

static const char *option(struct fc_arena *arena, const PQconninfoOption *options, const char *name)
{
    for (; options != NULL && options->keyword != NULL; options++)
        if (strcmp(options->keyword, name) == 0 && options->val != NULL)
            return fc_copy(arena, options->val);
    return "";
}

/* None when the URL names none, or is wrong: libpq will say what is. */
static void read_url(struct fc_arena *arena, const char *url, struct servers *named)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    const char *hosts = option(arena, options, "host");
    const char *addresses = option(arena, options, "hostaddr");
    const char *ports = option(arena, options, "port");
    unsigned n = count(addresses[0] != '\0' ? addresses : hosts);

    PQconninfoFree(options);
    named->n = 0;
    if ((hosts[0] == '\0' && addresses[0] == '\0') || n > SERVERS_MAX ||
        (hosts[0] != '\0' && count(hosts) != n) || (count(ports) != 1 && count(ports) != n))
        return;
    for (; named->n < n; named->n++)
        named->at[named->n] = (struct server){element(arena, hosts, named->n),
                                              element(arena, addresses, named->n),
                                              element(arena, ports, named->n)};
}

static bool must_ask(const struct server *server)
{
    return server->address[0] == '\0' && is_name(server->host);
}

bool fc_lookup_is_needed(const char *url)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct servers named;

    read_url(arena, url, &named);
    return named.n > 1 || (named.n == 1 && must_ask(&named.at[0]));
}

/* ---- the thread ---- */

static void let_go(struct fc_lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->n_holders, 1) > 1)
        return;
    (void)close(lookup->fd);
    fc_arena_free(lookup->arena);
}

static void add(struct fc_lookup *lookup, const struct server *server, const char *address)
{
    struct servers *found = &lookup->found;

    if (found->n < SERVERS_MAX)
        found->at[found->n++] = (struct server){server->host, address, server->port};
}

static const char *add_addresses(struct fc_lookup *lookup, const struct server *server)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(server->host, NULL, &hints, &found);
    unsigned before = lookup->found.n;
    char text[NI_MAXHOST];

    if (failure != 0)
        return gai_strerror(failure);
    for (const struct addrinfo *each = found; each != NULL; each = each->ai_next)
        if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, NULL, 0,
                        NI_NUMERICHOST) == 0)
            add(lookup, server, fc_copy(lookup->arena, text));
    freeaddrinfo(found);
    return lookup->found.n == before ? "it has no address" : NULL;
}

static void *ask(void *context)
{
    struct fc_lookup *lookup = context;
    ssize_t written;

    for (unsigned i = 0; i < lookup->named.n; i++) {
        const struct server *server = &lookup->named.at[i];
        const char *why = NULL;

        if (must_ask(server))
            why = add_addresses(lookup, server);
        else
            add(lookup, server, server->address);
        if (why != NULL && lookup->why == NULL)
            lookup->why = fc_printf(lookup->arena, "host %s is not found: %s", server->host, why);
    }
    atomic_store(&lookup->is_over, true);
    atomic_fetch_sub(&n_threads, 1);
    written = write(lookup->fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)written; /* it is the first and only one */
    let_go(lookup);
    return NULL;
}

static bool run(struct fc_lookup *lookup)
{
    pthread_attr_t detached;
    pthread_t thread;
    int failure;

    if (atomic_fetch_add(&n_threads, 1) >= THREADS_MAX) {
        atomic_fetch_sub(&n_threads, 1);
        return false;
    }
    (void)pthread_attr_init(&detached);
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    failure = pthread_create(&thread, &detached, ask, lookup);
    (void)pthread_attr_destroy(&detached);
    if (failure != 0)
        atomic_fetch_sub(&n_threads, 1);
    return failure == 0;
}

/* ---- who asks ---- */

static struct fc_lookup *lookup_new(const char *url)
{
    struct fc_arena *arena = fc_arena_new();
    struct fc_lookup *lookup = FC_NEW(arena, struct fc_lookup);

    lookup->arena = arena;
    lookup->url = fc_copy(arena, url);
    lookup->since_us = fc_monotonic_us();
    read_url(arena, url, &lookup->named);
    lookup->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&lookup->n_holders, 2);
    if (lookup->fd >= 0 && run(lookup))
        return lookup;
    if (lookup->fd >= 0)
        (void)close(lookup->fd);
    fc_arena_free(arena);
    return NULL;
}

static bool can_share(const struct fc_lookup *lookup, const char *url)
{
    return lookup != NULL && !atomic_load(&lookup->is_over) && strcmp(lookup->url, url) == 0 &&
           fc_monotonic_us() - lookup->since_us < SHARED_US;
}

struct fc_lookup *fc_lookup_start(const char *url)
{
    struct fc_lookup *lookup, *former = NULL;

    (void)pthread_mutex_lock(&latest_lock);
    lookup = can_share(latest, url) ? latest : lookup_new(url);
    if (lookup != NULL && lookup != latest) {
        former = latest;
        latest = lookup;
    }
    if (lookup != NULL)
        atomic_fetch_add(&lookup->n_holders, 1);
    (void)pthread_mutex_unlock(&latest_lock);
    fc_lookup_free(former);
    return lookup;
}

int fc_lookup_fd(const struct fc_lookup *lookup)
{
    return lookup->fd;
}

static void put_element(struct fc_buffer *list, unsigned i, const char *text)
{
    fc_put(list, i > 0 ? "," : "");
    fc_put(list, text);
}

bool fc_lookup_targets(const struct fc_lookup *lookup, struct fc_arena *arena, unsigned first,
                       struct fc_targets *targets, const char **why)
{
    const struct servers *found = &lookup->found;
    struct fc_buffer hosts = fc_buffer_in(arena), addresses = fc_buffer_in(arena);
    struct fc_buffer ports = fc_buffer_in(arena);
    bool is_over = atomic_load(&lookup->is_over);

    assert(is_over);
    for (unsigned i = 0; i < found->n; i++) {
        const struct server *server = &found->at[(first + i) % found->n];

        put_element(&hosts, i, server->host);
        put_element(&addresses, i, server->address);
        put_element(&ports, i, server->port);
    }
    *targets = (struct fc_targets){hosts.data, addresses.data, ports.data};
    if (ports.n < found->n) /* only commas: whatever is the default */
        targets->ports = NULL;
    *why = found->n == 0 ? fc_copy(arena, lookup->why) : NULL;
    return found->n > 0;
}

void fc_lookup_free(struct fc_lookup *lookup)
{
    if (lookup != NULL)
        let_go(lookup);
}
