#include "auth/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/time.h>

/* A table of buckets, a few places each; the oldest of a bucket makes room. */
enum { BUCKETS = 4096, PLACES = 4, USE_PAUSE_US = 1000 * 1000 };

struct place {
    unsigned char digest[FC_HASH_BYTES];
    int64_t since_us, used_us;
    bool is_taken;
    max_align_t value[];
};

struct fc_memory {
    pthread_mutex_t lock;
    size_t value_size, place_size;
    char *buckets[BUCKETS]; /* each PLACES places, or NULL */
};

struct fc_memory *fc_memory_new(size_t value_size)
{
    const size_t grain = _Alignof(struct place);
    struct fc_memory *memory = calloc(1, sizeof *memory);

    if (memory == NULL)
        abort(); /* as arenas do */
    (void)pthread_mutex_init(&memory->lock, NULL);
    memory->value_size = value_size;
    memory->place_size = sizeof(struct place) + (value_size + grain - 1) / grain * grain;
    return memory;
}

void fc_memory_free(struct fc_memory *memory)
{
    if (memory == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        free(memory->buckets[i]);
    (void)pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static char **bucket_of(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES])
{
    return &memory->buckets[(digest[0] << 8 | digest[1]) % BUCKETS];
}

static struct place *place_at(const struct fc_memory *memory, char *bucket, int i)
{
    return (struct place *)(void *)(bucket + memory->place_size * (size_t)i);
}

/* Under the lock; NULL when there is none. */
static struct place *place_of(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES])
{
    char *bucket = *bucket_of(memory, digest);

    for (int i = 0; bucket != NULL && i < PLACES; i++) {
        struct place *place = place_at(memory, bucket, i);

        if (place->is_taken && memcmp(place->digest, digest, FC_HASH_BYTES) == 0)
            return place;
    }
    return NULL;
}

bool fc_memory_get(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES], void *value)
{
    struct place *place;

    (void)pthread_mutex_lock(&memory->lock);
    place = place_of(memory, digest);
    if (place != NULL)
        memcpy(value, place->value, memory->value_size);
    (void)pthread_mutex_unlock(&memory->lock);
    return place != NULL;
}

static struct place *oldest_of(const struct fc_memory *memory, char *bucket)
{
    struct place *oldest = place_at(memory, bucket, 0);

    for (int i = 0; i < PLACES; i++) {
        struct place *place = place_at(memory, bucket, i);

        if (!place->is_taken)
            return place;
        if (place->since_us < oldest->since_us)
            oldest = place;
    }
    return oldest;
}

void fc_memory_put(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES],
                   const void *value)
{
    struct place *place;
    char **bucket = bucket_of(memory, digest);

    (void)pthread_mutex_lock(&memory->lock);
    if (*bucket == NULL)
        *bucket = calloc(PLACES, memory->place_size);
    place = place_of(memory, digest);
    if (place == NULL && *bucket != NULL)
        place = oldest_of(memory, *bucket);
    if (place != NULL) {
        memcpy(place->digest, digest, FC_HASH_BYTES);
        memcpy(place->value, value, memory->value_size);
        place->since_us = fc_monotonic_us();
        place->used_us = 0;
        place->is_taken = true;
    }
    (void)pthread_mutex_unlock(&memory->lock);
}

void fc_memory_forget(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES])
{
    struct place *place;

    (void)pthread_mutex_lock(&memory->lock);
    place = place_of(memory, digest);
    if (place != NULL)
        place->is_taken = false;
    (void)pthread_mutex_unlock(&memory->lock);
}

bool fc_memory_use(struct fc_memory *memory, const unsigned char digest[FC_HASH_BYTES])
{
    int64_t now = fc_monotonic_us();
    struct place *place;
    bool is_due;

    (void)pthread_mutex_lock(&memory->lock);
    place = place_of(memory, digest);
    is_due = place != NULL && (place->used_us == 0 || now - place->used_us >= USE_PAUSE_US);
    if (is_due)
        place->used_us = now;
    (void)pthread_mutex_unlock(&memory->lock);
    return is_due;
}
