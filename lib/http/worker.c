/* The threads behind fc_on_worker and large bodies: what a request needs that blocks, or takes
 * long, is done here, in order of arrival. */
#include <stdlib.h>

#include <framecast/log.h>

#include "http/internal.h"

enum { THREADS_MAX = 64 };

struct fc_crew {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct fc_exchange *first, **last;
    bool is_stopping;
    pthread_t threads[THREADS_MAX];
    int n_threads;
};

/* Back on the request's loop. */
static void on_done(struct fc_post *post)
{
    struct fc_exchange *x = (struct fc_exchange *)((char *)post -
                                                   offsetof(struct fc_exchange, back));

    x->after_worker(x, x->worked);
}

static struct fc_exchange *next_job(struct fc_crew *crew)
{
    struct fc_exchange *x;

    (void)pthread_mutex_lock(&crew->lock);
    while (crew->first == NULL && !crew->is_stopping)
        (void)pthread_cond_wait(&crew->work, &crew->lock);
    x = crew->first;
    if (x != NULL) {
        crew->first = x->next_job;
        if (crew->first == NULL)
            crew->last = &crew->first;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return x;
}

static void *crew_thread(void *arg)
{
    struct fc_exchange *x;

    while ((x = next_job(arg)) != NULL) {
        x->worked = x->on_worker(&x->rq);
        x->back.run = on_done;
        fc_loop_post(x->front->loop, &x->back);
    }
    return NULL;
}

fc_status fc_crew_start(struct fc_crew **crew, int n, struct fc_error *error)
{
    struct fc_crew *made = calloc(1, sizeof *made);

    if (made == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for worker threads");
    made->last = &made->first;
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->work, NULL);
    *crew = made;
    while (made->n_threads < n && made->n_threads < THREADS_MAX) {
        if (pthread_create(&made->threads[made->n_threads], NULL, crew_thread, made) != 0)
            return fc_fail(error, FC_E_INTERNAL, "no thread for a worker");
        made->n_threads++;
    }
    return FC_OK;
}

bool fc_crew_take(struct fc_crew *crew, struct fc_exchange *x)
{
    bool takes;

    x->next_job = NULL;
    (void)pthread_mutex_lock(&crew->lock);
    takes = !crew->is_stopping;
    if (takes) {
        *crew->last = x;
        crew->last = &x->next_job;
        (void)pthread_cond_signal(&crew->work);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return takes;
}

/* What waits is still done: each of them is a request that somebody waits for. */
void fc_crew_stop(struct fc_crew *crew)
{
    if (crew == NULL)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    crew->is_stopping = true;
    (void)pthread_cond_broadcast(&crew->work);
    (void)pthread_mutex_unlock(&crew->lock);
    for (; crew->n_threads > 0; crew->n_threads--)
        (void)pthread_join(crew->threads[crew->n_threads - 1], NULL);
}

void fc_crew_free(struct fc_crew *crew)
{
    if (crew == NULL)
        return;
    fc_crew_stop(crew);
    (void)pthread_cond_destroy(&crew->work);
    (void)pthread_mutex_destroy(&crew->lock);
    free(crew);
}
