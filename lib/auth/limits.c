#include "auth/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>
#include <framecast/time.h>

enum { SHARDS = 64, BUCKETS = 256, WHO_SIZE = 48, WINDOW_US = 60 * 1000 * 1000 };

struct window {
    struct window *next;
    int64_t ends_us, ends_unix, count;
    char who[WHO_SIZE]; /* a UUID or an address */
};

struct shard {
    pthread_mutex_t lock;
    struct window *buckets[BUCKETS];
};

struct fc_limits {
    struct shard shards[SHARDS];
};

struct fc_limits *fc_limits_new(void)
{
    struct fc_limits *limits = calloc(1, sizeof *limits);

    if (limits == NULL)
        abort(); /* as arenas do */
    for (int i = 0; i < SHARDS; i++)
        (void)pthread_mutex_init(&limits->shards[i].lock, NULL);
    return limits;
}

void fc_limits_free(struct fc_limits *limits)
{
    if (limits == NULL)
        return;
    for (int i = 0; i < SHARDS; i++) {
        for (int b = 0; b < BUCKETS; b++)
            for (struct window *w = limits->shards[i].buckets[b], *next; w != NULL; w = next) {
                next = w->next;
                free(w);
            }
        (void)pthread_mutex_destroy(&limits->shards[i].lock);
    }
    free(limits);
}

/* The caller's window in a bucket, under the lock; on the way windows that are over are dropped, so
 * that the table stays small. */
static struct window *window_of(struct window **bucket, const char *who, int64_t now)
{
    struct window *found = NULL;

    for (struct window **at = bucket; *at != NULL;) {
        struct window *w = *at;

        if (w->ends_us <= now) {
            *at = w->next;
            free(w);
            continue;
        }
        if (strncmp(w->who, who, WHO_SIZE - 1) == 0)
            found = w;
        at = &w->next;
    }
    return found;
}

static struct window *window_open(struct window **bucket, const char *who, int64_t now)
{
    struct window *w = calloc(1, sizeof *w);

    if (w == NULL)
        abort(); /* as arenas do */
    (void)snprintf(w->who, sizeof w->who, "%s", who);
    w->ends_us = now + WINDOW_US;
    w->ends_unix = (fc_time_now().us + WINDOW_US) / 1000000;
    w->next = *bucket;
    *bucket = w;
    return w;
}

struct fc_window fc_limits_take(struct fc_limits *limits, const char *who)
{
    uint32_t h = fc_hash(who);
    struct shard *shard = &limits->shards[h % SHARDS];
    struct window **bucket = &shard->buckets[h / SHARDS % BUCKETS], *w;
    int64_t now = fc_monotonic_us();
    struct fc_window shown;

    (void)pthread_mutex_lock(&shard->lock);
    w = window_of(bucket, who, now);
    if (w == NULL)
        w = window_open(bucket, who, now);
    shown = (struct fc_window){++w->count, w->ends_unix, (w->ends_us - now + 999999) / 1000000,
                               w->ends_us};
    (void)pthread_mutex_unlock(&shard->lock);
    return shown;
}

void fc_limits_give_back(struct fc_limits *limits, const char *who, const struct fc_window *window)
{
    uint32_t h = fc_hash(who);
    struct shard *shard = &limits->shards[h % SHARDS];
    struct window *w;

    (void)pthread_mutex_lock(&shard->lock);
    w = window_of(&shard->buckets[h / SHARDS % BUCKETS], who, fc_monotonic_us());
    if (w != NULL && w->ends_us == window->ends_us && w->count > 0)
        w->count--;
    (void)pthread_mutex_unlock(&shard->lock);
}
