/*
 * Which loop a connection belongs to: the one of the processor where its packets come in.
 *
 * The kernel works on a packet where the network card's queue, or a client on the same machine,
 * puts it. When each such place has a loop of its own, the scheduler runs that loop there, and
 * neither sockets nor wake-ups go from one processor to another. Where all packets come in at one
 * processor, loops are dealt connections in turn.
 */
#include "http/internal.h"

enum {
    /* Connections in a row that tell nothing yet, since a client opens all of its own at once. With
     * two loops the first 32 may be of one processor, with eight the first 14. */
    SLACK = 12,
    PROCESSORS_MAX = 1024, /* those beyond share with others */
    REMEMBERED = 1024,     /* connections; then they count half */
};

static void forget_half(struct fc_dealer *dealer)
{
    dealer->n = 0;
    for (int i = 0; i < dealer->n_loops; i++) {
        dealer->loops[i].n_near /= 2;
        dealer->loops[i].n_dealt /= 2;
        dealer->n += dealer->loops[i].n_dealt;
    }
}

/* Processors are numbered with gaps, and not all of them get packets: each has the next loop once
 * it is seen. */
static int loop_at(struct fc_dealer *dealer, int processor)
{
    if (dealer->loop_at[processor] == 0)
        dealer->loop_at[processor] = (short)(1 + dealer->n_seen++ % dealer->n_loops);
    return dealer->loop_at[processor] - 1;
}

static int least(const struct fc_dealer *dealer)
{
    int least = 0;

    for (int i = 1; i < dealer->n_loops; i++)
        if (dealer->loops[i].n_dealt < dealer->loops[least].n_dealt)
            least = i;
    return least;
}

/* More than a quarter over a fair share is too much for one loop. */
static bool is_fair(const struct fc_dealer *dealer, int loop)
{
    return 4 * (dealer->loops[loop].n_near - SLACK) * dealer->n_loops <= 5 * dealer->n;
}

struct fc_dealer fc_dealer(struct fc_arena *arena, int n_loops)
{
    return (struct fc_dealer){.loops = FC_NEW_ARRAY(arena, struct fc_dealt, (size_t)n_loops),
                              .n_loops = n_loops,
                              .loop_at = FC_NEW_ARRAY(arena, short, PROCESSORS_MAX)};
}

int fc_deal(struct fc_dealer *dealer, int processor)
{
    int loop = -1;

    if (dealer->n >= REMEMBERED)
        forget_half(dealer);
    if (processor >= 0) {
        loop = loop_at(dealer, processor % PROCESSORS_MAX);
        dealer->loops[loop].n_near++;
    }
    dealer->n++;
    if (loop < 0 || !is_fair(dealer, loop))
        loop = least(dealer);
    dealer->loops[loop].n_dealt++;
    return loop;
}
