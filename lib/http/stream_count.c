/* How many streams each user has open, over all loops. */
#include <stdlib.h>

#include "http/stream_parts.h"

struct user_count {
    struct user_count *next;
    struct fc_uuid user;
    int n;
};

struct fc_stream_counts {
    pthread_mutex_t lock;
    struct user_count *buckets[TOPIC_BUCKETS];
};

struct fc_stream_counts *fc_stream_counts_new(void)
{
    struct fc_stream_counts *counts = calloc(1, sizeof *counts);

    if (counts == NULL)
        abort(); /* as arenas do */
    (void)pthread_mutex_init(&counts->lock, NULL);
    return counts;
}

void fc_stream_counts_free(struct fc_stream_counts *counts)
{
    if (counts == NULL)
        return;
    (void)pthread_mutex_destroy(&counts->lock);
    free(counts);
}

/* Where the user's count is, or belongs; under the lock. */
static struct user_count **place_of(struct fc_stream_counts *counts, const struct fc_uuid *user)
{
    struct user_count **at = &counts->buckets[fc_hash(user->text) % TOPIC_BUCKETS];

    while (*at != NULL && !fc_uuid_equal(&(*at)->user, user))
        at = &(*at)->next;
    return at;
}

static struct user_count *count_new(const struct fc_uuid *user)
{
    struct user_count *count = calloc(1, sizeof *count);

    if (count == NULL)
        abort(); /* as arenas do */
    count->user = *user;
    return count;
}

bool fc_stream_count(struct fc_stream_counts *counts, const struct fc_uuid *user, int change,
                     int max)
{
    struct user_count **at, *count;
    bool fits;

    (void)pthread_mutex_lock(&counts->lock);
    at = place_of(counts, user);
    if (*at == NULL)
        *at = count_new(user);
    count = *at;
    fits = count->n + change <= max;
    count->n += fits ? change : 0;
    if (count->n <= 0) { /* a user without streams leaves nothing behind */
        *at = count->next;
        free(count);
    }
    (void)pthread_mutex_unlock(&counts->lock);
    return fits;
}
