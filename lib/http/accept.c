/*
 * Accepting connections, and which daemon each belongs to.
 *
 * The first loop accepts and deals connections out (deal.c), because listeners of their own
 * (SO_REUSEPORT) spread a few clients unevenly. The loop that gets one waits for its first bytes
 * before libmicrohttpd sets memory aside for it: those who say nothing cost next to nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <framecast/time.h>

#include "http/internal.h"

enum {
    BACKLOG = 4096,
    ACCEPTS_A_TURN = 64,
    FIRST_BYTES_US = 15 * 1000 * 1000,
    TICK_MS = 1000,
    TRIES_PAUSE_MS = 100,
};

struct fc_acceptor {
    struct fc_server *server;
    struct fc_watch watch;
    struct fc_post start, stop;
    struct fc_timer retry; /* after the process ran out of descriptors */
    bool is_metrics, is_stopped;
    struct fc_dealer dealer;
    atomic_int stopped;
};

/* A connection that has not said anything yet. */
struct fc_arrival {
    struct fc_post post;
    struct fc_watch watch;
    struct fc_arrival *next, **at; /* in the front's list */
    int64_t since_us;
    struct fc_front *front;
    bool is_metrics;
    struct sockaddr_storage address;
    socklen_t n_address;
};

static void arrival_leave(struct fc_arrival *arrival)
{
    fc_loop_unwatch(arrival->front->loop, &arrival->watch);
    *arrival->at = arrival->next;
    if (arrival->next != NULL)
        arrival->next->at = arrival->at;
}

static void arrival_close(struct fc_arrival *arrival)
{
    arrival_leave(arrival);
    (void)close(arrival->watch.fd);
    free(arrival);
}

/* Who connects and says nothing is not waited for. */
static void on_tick(struct fc_timer *timer)
{
    struct fc_front *front = (struct fc_front *)((char *)timer -
                                                 offsetof(struct fc_front, arrivals_tick));
    int64_t now = fc_monotonic_us();

    for (struct fc_arrival *arrival = front->arrivals, *next; arrival != NULL; arrival = next) {
        next = arrival->next;
        if (now - arrival->since_us > FIRST_BYTES_US)
            arrival_close(arrival);
    }
}

void fc_arrivals_open(struct fc_front *front)
{
    front->arrivals_tick = (struct fc_timer){.run = on_tick, .every_ms = TICK_MS};
    fc_loop_timer_start(front->loop, &front->arrivals_tick, TICK_MS);
}

void fc_arrivals_close(struct fc_front *front)
{
    for (struct fc_arrival *arrival = front->arrivals, *next; arrival != NULL; arrival = next) {
        next = arrival->next;
        arrival_close(arrival);
    }
}

static void on_first_bytes(struct fc_watch *watch, uint32_t events)
{
    struct fc_arrival *arrival = (struct fc_arrival *)((char *)watch -
                                                       offsetof(struct fc_arrival, watch));
    struct fc_front *front = arrival->front;
    char byte;
    ssize_t n = recv(watch->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        arrival_close(arrival);
        return;
    }
    arrival_leave(arrival);
    fc_front_take(front, arrival->is_metrics ? &front->metrics : &front->api, watch->fd,
                  (struct sockaddr *)&arrival->address, arrival->n_address);
    free(arrival);
}

/* On the loop that the connection was dealt to. */
static void on_dealt(struct fc_post *post)
{
    struct fc_arrival *arrival = (struct fc_arrival *)((char *)post -
                                                       offsetof(struct fc_arrival, post));

    arrival->watch.on_ready = on_first_bytes;
    arrival->watch.events = EPOLLIN;
    if (fc_loop_watch(arrival->front->loop, &arrival->watch, NULL) != FC_OK) {
        (void)close(arrival->watch.fd);
        free(arrival);
        return;
    }
    arrival->since_us = fc_monotonic_us();
    arrival->next = arrival->front->arrivals;
    arrival->at = &arrival->front->arrivals;
    if (arrival->next != NULL)
        arrival->next->at = &arrival->next;
    arrival->front->arrivals = arrival;
}

static int processor_of(int fd)
{
    int processor = -1;
    socklen_t n = sizeof processor;

    return getsockopt(fd, SOL_SOCKET, SO_INCOMING_CPU, &processor, &n) == 0 ? processor : -1;
}

static void deal(struct fc_acceptor *acceptor, int fd, const struct sockaddr_storage *address,
                 socklen_t n_address)
{
    struct fc_server *server = acceptor->server;
    struct fc_arrival *arrival = calloc(1, sizeof *arrival);
    const int on = 1;

    if (arrival == NULL) {
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* answers are written whole */
    arrival->front = &server->fronts[fc_deal(&acceptor->dealer, processor_of(fd))];
    arrival->is_metrics = acceptor->is_metrics;
    arrival->address = *address;
    arrival->n_address = n_address;
    arrival->watch.fd = fd;
    arrival->post.run = on_dealt;
    if (arrival->front == &server->fronts[0])
        on_dealt(&arrival->post);
    else
        fc_loop_post(arrival->front->loop, &arrival->post);
}

static void on_retry(struct fc_timer *timer)
{
    struct fc_acceptor *acceptor = (struct fc_acceptor *)((char *)timer -
                                                          offsetof(struct fc_acceptor, retry));

    fc_loop_rewatch(acceptor->server->fronts[0].loop, &acceptor->watch, EPOLLIN);
}

static void on_connections(struct fc_watch *watch, uint32_t events)
{
    struct fc_acceptor *acceptor = (struct fc_acceptor *)((char *)watch -
                                                          offsetof(struct fc_acceptor, watch));
    struct fc_loop *loop = acceptor->server->fronts[0].loop;

    (void)events;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage address;
        socklen_t n = sizeof address;
        int fd = accept4(watch->fd, (struct sockaddr *)&address, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= acceptor->server->connection_descriptors) {
            (void)close(fd); /* better told at once than left to wait */
        } else if (fd >= 0) {
            deal(acceptor, fd, &address, n);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            fc_loop_rewatch(loop, watch, 0); /* else it would be ready all the time */
            fc_loop_timer_start(loop, &acceptor->retry, TRIES_PAUSE_MS);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static int listen_on(int port, struct fc_error *error)
{
    struct sockaddr_in6 any = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_any};
    struct sockaddr_in any4 = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = INADDR_ANY};
    const int on = 1, off = 0;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), failed;

    if (fd >= 0) { /* both families on one socket */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        failed = bind(fd, (const struct sockaddr *)&any, sizeof any);
    } else { /* a machine without IPv6 */
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        failed = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&any4, sizeof any4);
    }
    if (failed == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    (void)fc_fail(error, FC_E_INTERNAL, "port %d cannot be opened: %s", port, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void on_start(struct fc_post *post)
{
    struct fc_acceptor *acceptor = (struct fc_acceptor *)((char *)post -
                                                          offsetof(struct fc_acceptor, start));

    (void)fc_loop_watch(acceptor->server->fronts[0].loop, &acceptor->watch, NULL);
}

static void on_stop(struct fc_post *post)
{
    struct fc_acceptor *acceptor = (struct fc_acceptor *)((char *)post -
                                                          offsetof(struct fc_acceptor, stop));

    fc_loop_unwatch(acceptor->server->fronts[0].loop, &acceptor->watch);
    fc_loop_timer_stop(acceptor->server->fronts[0].loop, &acceptor->retry);
    (void)close(acceptor->watch.fd);
    acceptor->watch.fd = -1;
    atomic_store(&acceptor->stopped, 1);
}

fc_status fc_acceptor_open(struct fc_acceptor **acceptor, struct fc_server *server, int port,
                           bool is_metrics, struct fc_error *error)
{
    struct fc_acceptor *made = calloc(1, sizeof *made);

    if (made == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for a listener");
    made->server = server;
    made->is_metrics = is_metrics;
    made->dealer = fc_dealer(server->arena, server->n_fronts);
    made->watch = (struct fc_watch){
        .on_ready = on_connections, .fd = listen_on(port, error), .events = EPOLLIN};
    made->start.run = on_start;
    made->stop.run = on_stop;
    made->retry.run = on_retry;
    if (made->watch.fd < 0) {
        free(made);
        return FC_E_INTERNAL;
    }
    *acceptor = made;
    fc_loop_post(server->fronts[0].loop, &made->start);
    return FC_OK;
}

void fc_acceptor_stop(struct fc_acceptor *acceptor)
{
    if (acceptor == NULL || acceptor->is_stopped)
        return;
    acceptor->is_stopped = true;
    fc_loop_post(acceptor->server->fronts[0].loop, &acceptor->stop);
    while (atomic_load(&acceptor->stopped) == 0)
        (void)usleep(1000);
}

void fc_acceptor_free(struct fc_acceptor *acceptor)
{
    free(acceptor);
}
