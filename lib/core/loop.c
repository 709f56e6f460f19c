#include <framecast/loop.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <framecast/time.h>

enum { EVENTS_A_TURN = 128 };

struct fc_loop {
    int epoll_fd;
    int wake_fd;             /* each write is an edge, so that nobody has to read it */
    struct fc_timer *timers; /* a handful: a list serves */
    struct fc_hook *hooks;
    struct epoll_event ready[EVENTS_A_TURN];
    int n_ready, at_ready; /* the turn's events; an unwatched one is struck from them */
    pthread_mutex_t lock;  /* of posts */
    struct fc_post *posts, **last_post;
    atomic_bool stopping;
};

fc_status fc_loop_open(struct fc_loop **loop, struct fc_error *error)
{
    struct fc_loop *l = calloc(1, sizeof *l);

    if (l == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for an event loop");
    l->last_post = &l->posts;
    (void)pthread_mutex_init(&l->lock, NULL);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll_fd < 0 || l->wake_fd < 0 ||
        epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd,
                  &(struct epoll_event){.events = EPOLLIN | EPOLLET}) != 0) {
        (void)fc_fail(error, FC_E_INTERNAL, "event loop: %s", strerror(errno));
        fc_loop_free(l);
        return FC_E_INTERNAL;
    }
    *loop = l;
    return FC_OK;
}

void fc_loop_free(struct fc_loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->epoll_fd >= 0)
        (void)close(loop->epoll_fd);
    if (loop->wake_fd >= 0)
        (void)close(loop->wake_fd);
    (void)pthread_mutex_destroy(&loop->lock);
    free(loop);
}

fc_status fc_loop_watch(struct fc_loop *loop, struct fc_watch *watch, struct fc_error *error)
{
    struct epoll_event event = {.events = watch->events, .data.ptr = watch};

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) != 0)
        return fc_fail(error, FC_E_INTERNAL, "epoll: %s", strerror(errno));
    return FC_OK;
}

void fc_loop_rewatch(struct fc_loop *loop, struct fc_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    if (watch->events == events)
        return;
    watch->events = events;
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd,
                    &event); /* fails only for a descriptor already gone */
}

void fc_loop_unwatch(struct fc_loop *loop, struct fc_watch *watch)
{
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL); /* the same */
    for (int i = loop->at_ready; i < loop->n_ready; i++)
        if (loop->ready[i].data.ptr == watch)
            loop->ready[i].data.ptr = NULL;
}

void fc_loop_timer_start(struct fc_loop *loop, struct fc_timer *timer, int first_ms)
{
    timer->due_us = fc_monotonic_us() + (int64_t)first_ms * 1000;
    timer->next = loop->timers;
    loop->timers = timer;
}

void fc_loop_timer_stop(struct fc_loop *loop, struct fc_timer *timer)
{
    for (struct fc_timer **at = &loop->timers; *at != NULL; at = &(*at)->next)
        if (*at == timer) {
            *at = timer->next;
            return;
        }
}

void fc_loop_hook(struct fc_loop *loop, struct fc_hook *hook)
{
    struct fc_hook **at = &loop->hooks;

    while (*at != NULL)
        at = &(*at)->next;
    hook->next = NULL;
    *at = hook;
}

static void wake(struct fc_loop *loop)
{
    ssize_t n = write(loop->wake_fd, &(uint64_t){1}, sizeof(uint64_t));

    (void)n; /* it is full after 2^64 - 2 */
}

void fc_loop_post(struct fc_loop *loop, struct fc_post *post)
{
    bool first;

    post->next = NULL;
    (void)pthread_mutex_lock(&loop->lock);
    first = loop->posts == NULL;
    *loop->last_post = post;
    loop->last_post = &post->next;
    (void)pthread_mutex_unlock(&loop->lock);
    if (first)
        wake(loop);
}

void fc_loop_stop(struct fc_loop *loop)
{
    atomic_store(&loop->stopping, true);
    wake(loop);
}

static void run_posts(struct fc_loop *loop)
{
    struct fc_post *posts;

    (void)pthread_mutex_lock(&loop->lock);
    posts = loop->posts;
    loop->posts = NULL;
    loop->last_post = &loop->posts;
    (void)pthread_mutex_unlock(&loop->lock);
    for (struct fc_post *next; posts != NULL; posts = next) {
        next = posts->next; /* once it has run it belongs to its poster again */
        posts->run(posts);
    }
}

/* A timer that has run may be gone or started anew, so the list is looked through from its start.
 * */
static void run_timers(struct fc_loop *loop)
{
    int64_t now = fc_monotonic_us();
    struct fc_timer *timer = loop->timers;

    while (timer != NULL) {
        if (timer->due_us > now) {
            timer = timer->next;
            continue;
        }
        if (timer->every_ms > 0)
            timer->due_us = now + (int64_t)timer->every_ms * 1000;
        else
            fc_loop_timer_stop(loop, timer);
        timer->run(timer);
        timer = loop->timers;
    }
}

static int wait_ms(const struct fc_loop *loop, int hooks_ms)
{
    int64_t now = fc_monotonic_us(), least = hooks_ms < 0 ? INT64_MAX : (int64_t)hooks_ms * 1000;

    for (const struct fc_timer *timer = loop->timers; timer != NULL; timer = timer->next)
        if (timer->due_us - now < least)
            least = timer->due_us > now ? timer->due_us - now : 0;
    return least == INT64_MAX ? -1 : (int)((least + 999) / 1000);
}

static void run_ready(struct fc_loop *loop)
{
    for (loop->at_ready = 0; loop->at_ready < loop->n_ready;) {
        struct epoll_event *event = &loop->ready[loop->at_ready++];
        struct fc_watch *watch = event->data.ptr;

        if (watch != NULL)
            watch->on_ready(watch, event->events);
    }
    loop->n_ready = loop->at_ready = 0;
}

static int run_hooks(struct fc_loop *loop)
{
    int least = -1;

    for (struct fc_hook *hook = loop->hooks; hook != NULL; hook = hook->next) {
        int ms = hook->run(hook);

        if (ms >= 0 && (least < 0 || ms < least))
            least = ms;
    }
    return least;
}

void fc_loop_run(struct fc_loop *loop)
{
    int hooks_ms = 0;

    while (!atomic_load(&loop->stopping)) {
        int n = epoll_wait(loop->epoll_fd, loop->ready, EVENTS_A_TURN, wait_ms(loop, hooks_ms));

        loop->n_ready = n > 0 ? n : 0;
        run_ready(loop);
        run_posts(loop);
        run_timers(loop);
        hooks_ms = run_hooks(loop);
    }
}
