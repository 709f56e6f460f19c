#include "db/lookup.h"

#include <arpa/inet.h>
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

/* A name server that says nothing keeps a thread for a minute. */
enum { THREADS_MAX = 16 };

/* Held by the link that asks and the thread that answers; the last one frees it. */
struct fc_lookup {
    struct fc_arena *arena;
    const char *host;
    int fd;
    int n;
    _Atomic(const char *) addresses; /* set by the thread as its last, or why there are none */
    atomic_int n_holders;
};

static atomic_int n_threads;

bool fc_lookup_is_needed(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return host != NULL && host[0] != '\0' && host[0] != '/' && host[0] != '@' &&
           strchr(host, ',') == NULL && inet_pton(AF_INET, host, address) != 1 &&
           inet_pton(AF_INET6, host, address) != 1;
}

static void let_go(struct fc_lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->n_holders, 1) > 1)
        return;
    (void)close(lookup->fd);
    fc_arena_free(lookup->arena);
}

static void put_addresses(struct fc_lookup *lookup, const struct addrinfo *found)
{
    struct fc_buffer list = fc_buffer_in(lookup->arena);
    char text[NI_MAXHOST];

    for (; found != NULL; found = found->ai_next) {
        if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0,
                        NI_NUMERICHOST) != 0)
            continue;
        fc_put(&list, lookup->n++ > 0 ? "," : "");
        fc_put(&list, text);
    }
    atomic_store(&lookup->addresses, lookup->n > 0 ? list.data : "it has no address");
}

static void *ask(void *context)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct fc_lookup *lookup = context;
    struct addrinfo *found = NULL;
    int failure = getaddrinfo(lookup->host, NULL, &hints, &found);
    ssize_t written;

    if (failure == 0) {
        put_addresses(lookup, found);
        freeaddrinfo(found);
    } else {
        atomic_store(&lookup->addresses, gai_strerror(failure));
    }
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

struct fc_lookup *fc_lookup_start(const char *host)
{
    struct fc_arena *arena = fc_arena_new();
    struct fc_lookup *lookup = FC_NEW(arena, struct fc_lookup);

    lookup->arena = arena;
    lookup->host = fc_copy(arena, host);
    lookup->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&lookup->n_holders, 2);
    if (lookup->fd >= 0 && run(lookup))
        return lookup;
    if (lookup->fd >= 0)
        (void)close(lookup->fd);
    fc_arena_free(arena);
    return NULL;
}

int fc_lookup_fd(const struct fc_lookup *lookup)
{
    return lookup->fd;
}

const char *fc_lookup_addresses(const struct fc_lookup *lookup, int *n)
{
    const char *addresses = atomic_load(&lookup->addresses);

    *n = lookup->n;
    return addresses;
}

void fc_lookup_free(struct fc_lookup *lookup)
{
    if (lookup != NULL)
        let_go(lookup);
}
