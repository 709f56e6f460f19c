/*
 * How long clients may take. libmicrohttpd's own time-out is not used: who sends a byte now and
 * then would keep a connection, and what hangs on it, for as long as they like, and it reads the
 * clock and takes a lock each time that something happens.
 */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <framecast/time.h>

#include "http/internal.h"

enum {
    SECONDS = 60,              /* for a request, or for taking its answer; and one more for each */
    BYTES_A_SECOND = 4 * 1024, /* of these that are transferred. Of a file: between two pieces */
    /* Until the whole first line of a request is there. Load balancers let go of idle connections
     * after 60 s and should do so first, lest a request meets a connection that is being closed. */
    SILENCE_SECONDS = 75,
    TICK_MS = 1000,
};

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info != NULL ? info->connect_fd : -1;
}

static void hang_up(struct MHD_Connection *connection)
{
    (void)shutdown(socket_of(connection), SHUT_RDWR); /* libmicrohttpd sees it and cleans up */
}

static bool is_gone(struct MHD_Connection *connection)
{
    int fd = socket_of(connection);
    char byte;

    return fd < 0 || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool fc_client_is_gone(const struct fc_request *rq)
{
    return is_gone(((const struct fc_exchange *)rq)->connection);
}

/* ---- connections without a request ---- */

static struct fc_visit *visit_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void visit_wait(struct fc_front *front, struct fc_visit *visit)
{
    visit->since_us = fc_monotonic_us();
    visit->is_waiting = true;
    TAILQ_INSERT_TAIL(&front->visits, visit, links); /* so the first has waited longest */
}

void fc_on_connection(void *cls, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode what)
{
    struct fc_front *front = ((struct fc_daemon *)cls)->front;
    struct fc_visit *visit = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = visit = calloc(1, sizeof *visit);
        if (visit == NULL)
            abort(); /* as arenas do */
        visit->connection = connection;
        visit_wait(front, visit);
    } else {
        if (visit->is_waiting)
            TAILQ_REMOVE(&front->visits, visit, links);
        free(visit);
    }
}

void fc_visit_begins(struct fc_front *front, struct MHD_Connection *connection)
{
    struct fc_visit *visit = visit_of(connection);

    TAILQ_REMOVE(&front->visits, visit, links);
    visit->is_waiting = false;
}

void fc_visit_waits(struct fc_front *front, struct MHD_Connection *connection)
{
    visit_wait(front, visit_of(connection));
}

/*
 * libmicrohttpd takes a short read for the end of what there is, so it does not see that the client
 * has gone when that comes with the last bytes: of a request, which then waits for more, or of the
 * one before. Shutting the socket down makes it look again.
 */
static void end_silent(struct fc_front *front, int64_t now)
{
    struct fc_visit *visit;

    TAILQ_FOREACH(visit, &front->visits, links)
    {
        if (now - visit->since_us < (int64_t)SILENCE_SECONDS * 1000000)
            return;
        hang_up(visit->connection);
    }
}

/* ---- requests ---- */

static bool is_too_slow(int64_t since_us, size_t n, int64_t now)
{
    return now - since_us > (SECONDS + (int64_t)(n / BYTES_A_SECOND)) * 1000000;
}

/* Whether nothing of a file was taken for long: a player that is paused takes it piece by piece. */
static bool is_left_lying(struct fc_exchange *x, int64_t now)
{
    struct tcp_info info = {0};
    socklen_t n = sizeof info;

    (void)getsockopt(socket_of(x->connection), IPPROTO_TCP, TCP_INFO, &info, &n);
    if (x->moved_us == 0 || info.tcpi_bytes_acked != x->n_taken)
        x->moved_us = now;
    x->n_taken = info.tcpi_bytes_acked;
    return is_too_slow(x->moved_us, 0, now);
}

static bool must_end(struct fc_exchange *x, int64_t now)
{
    if (x->phase == PHASE_READING)
        return is_too_slow(x->began_us, x->n_body, now) ||
               (x->rq.path != NULL && fc_client_is_gone(&x->rq));
    if (x->phase != PHASE_ANSWERED || x->stream != NULL)
        return false;
    return x->is_file ? is_left_lying(x, now) : is_too_slow(x->answered_us, x->n_answer, now);
}

static void on_tick(struct fc_timer *timer)
{
    struct fc_front *front = (struct fc_front *)((char *)timer -
                                                 offsetof(struct fc_front, patience));
    int64_t now = fc_monotonic_us();

    end_silent(front, now);
    for (struct fc_exchange *x = front->exchanges; x != NULL; x = x->next)
        if (must_end(x, now))
            hang_up(x->connection);
}

void fc_patience_start(struct fc_front *front)
{
    front->patience = (struct fc_timer){.run = on_tick, .every_ms = TICK_MS};
    fc_loop_timer_start(front->loop, &front->patience, TICK_MS);
}
