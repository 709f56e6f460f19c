/* Starting and stopping: loops, listeners, workers. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "http/internal.h"

enum { RESERVE_MAX = 100 }; /* descriptors */

/* As many connections as the system allows, less what else the process has to open: files, pipes to
 * ffmpeg, the database when it comes back. */
static int connection_descriptors(void)
{
    struct rlimit limit;
    rlim_t reserve;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return INT_MAX;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};

        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised; /* else fewer clients, then */
    }
    reserve = limit.rlim_cur / 4 < RESERVE_MAX ? limit.rlim_cur / 4 : RESERVE_MAX;
    return limit.rlim_cur > INT_MAX ? INT_MAX : (int)(limit.rlim_cur - reserve);
}

static fc_status open_fronts(struct fc_server *server, struct fc_error *error)
{
    fc_status st = FC_OK;

    for (int i = 0; st == FC_OK && i < server->n_fronts; i++)
        st = fc_front_open(&server->fronts[i], server, i, error);
    return st;
}

fc_status fc_server_start(struct fc_server **server, const struct fc_server_config *config,
                          struct fc_error *error)
{
    struct fc_server *made = calloc(1, sizeof *made);
    fc_status st;

    if (made == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for the server");
    *server = made;
    made->config = *config;
    made->arena = fc_arena_new();
    made->paths = fc_paths_compile(made->arena, config->routes);
    made->n_fronts = config->n_loops;
    made->fronts = FC_NEW_ARRAY(made->arena, struct fc_front, (size_t)config->n_loops);
    made->stream_counts = fc_stream_counts_new();
    made->connection_descriptors = connection_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
    st = fc_crew_start(&made->crew, config->n_workers, error);
    if (st == FC_OK)
        st = open_fronts(made, error);
    if (st == FC_OK)
        st = fc_acceptor_open(&made->acceptors[0], made, config->port, false, error);
    if (st == FC_OK && config->metrics_port != 0)
        st = fc_acceptor_open(&made->acceptors[1], made, config->metrics_port, true, error);
    return st;
}

static void on_end_streams(struct fc_post *post);

struct ending {
    struct fc_post post;
    struct fc_hub *hub;
    atomic_int done;
};

static void on_end_streams(struct fc_post *post)
{
    struct ending *ending = (struct ending *)post;

    fc_hub_end_streams(ending->hub);
    atomic_store(&ending->done, 1);
}

static void end_streams(struct fc_front *front)
{
    struct ending ending = {.post.run = on_end_streams, .hub = front->hub};

    fc_loop_post(front->loop, &ending.post);
    while (atomic_load(&ending.done) == 0)
        (void)usleep(1000);
}

void fc_server_stop(struct fc_server *server, int grace_ms)
{
    int64_t until = fc_monotonic_us() + (int64_t)grace_ms * 1000;

    if (server == NULL || atomic_exchange(&server->is_draining, true))
        return;
    for (int i = 0; i < 2; i++)
        fc_acceptor_stop(server->acceptors[i]);
    for (int i = 0; i < server->n_fronts; i++)
        if (server->fronts[i].is_running)
            end_streams(&server->fronts[i]);
    while (atomic_load(&server->n_exchanges) + atomic_load(&server->n_streams) > 0 &&
           fc_monotonic_us() < until)
        (void)usleep(2000);
    fc_crew_stop(server->crew);
}

void fc_server_free(struct fc_server *server)
{
    if (server == NULL)
        return;
    fc_server_stop(server, 0);
    for (int i = 0; i < server->n_fronts; i++)
        fc_front_close(&server->fronts[i]);
    fc_crew_free(server->crew);
    for (int i = 0; i < 2; i++)
        fc_acceptor_free(server->acceptors[i]);
    fc_stream_counts_free(server->stream_counts);
    fc_arena_free(server->arena);
    free(server);
}
