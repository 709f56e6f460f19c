#include "auth/keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "crypt/crypt.h"

struct fc_new_key fc_key_make(void)
{
    unsigned char random[16], salt[32], hash[FC_HASH_BYTES];
    char salt_hex[65], hash_hex[FC_HASH_HEX];
    struct fc_new_key key;

    fc_crypt_random(random, sizeof random);
    fc_crypt_random(salt, sizeof salt);
    memcpy(key.raw, FC_KEY_PREFIX, sizeof FC_KEY_PREFIX - 1);
    fc_hex(random, sizeof random, key.raw + sizeof FC_KEY_PREFIX - 1);
    fc_crypt_sha256(key.raw, strlen(key.raw), salt, sizeof salt, hash);
    fc_hex(salt, sizeof salt, salt_hex);
    fc_hex(hash, sizeof hash, hash_hex);
    (void)snprintf(key.hash, sizeof key.hash, "%s:%s", salt_hex, hash_hex);
    fc_key_fingerprint(key.raw, key.fingerprint);
    fc_crypt_wipe(random, sizeof random);
    return key;
}

void fc_key_fingerprint(const char *raw, char fingerprint[FC_FINGERPRINT_SIZE])
{
    unsigned char hash[FC_HASH_BYTES];

    fc_crypt_sha256(raw, strlen(raw), NULL, 0, hash);
    fc_hex(hash, 8, fingerprint);
}

bool fc_key_matches(const char *raw, const char *hash)
{
    const char *colon = strchr(hash, ':');
    size_t n_salt = colon != NULL ? (size_t)(colon - hash) : 0;
    unsigned char salt[128], stored[FC_HASH_BYTES], computed[FC_HASH_BYTES];

    if (colon == NULL || n_salt / 2 > sizeof salt ||
        strlen(colon + 1) != (size_t)FC_HASH_BYTES * 2 || !fc_unhex(hash, n_salt, salt) ||
        !fc_unhex(colon + 1, (size_t)FC_HASH_BYTES * 2, stored))
        return false;
    fc_crypt_sha256(raw, strlen(raw), salt, n_salt / 2, computed);
    return fc_crypt_equal(stored, computed, FC_HASH_BYTES);
}

/* ---- scopes ---- */

static const struct {
    const char *name;
    bool for_starters;
} scopes[] = {
    {"generate", true},           {"jobs:read", true},           {"jobs:write", true},
    {"assets:read", true},        {"assets:write", true},        {"artifacts:read", true},
    {"artifacts:write", true},    {"conversations:read", true},  {"conversations:write", true},
    {"projects:read", false},     {"projects:write", false},     {"team:read", false},
    {"team:admin", false},        {"webhooks:read", false},      {"webhooks:write", false},
    {"*", false},
};

static int scope_index(const char *scope)
{
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (strcmp(scopes[i].name, scope) == 0)
            return (int)i;
    return -1;
}

bool fc_scope_known(const char *scope)
{
    return scope_index(scope) >= 0;
}

bool fc_scope_for_starters(const char *scope)
{
    int i = scope_index(scope);

    return i >= 0 && scopes[i].for_starters;
}

/* ---- the memory: a table of buckets, a few places each; the oldest of a bucket makes room ---- */

enum { BUCKETS = 4096, PLACES = 4, USE_PAUSE_US = 1000 * 1000 };

struct place {
    bool is_taken;
    unsigned char digest[FC_HASH_BYTES]; /* of the raw key, so that none of them lies in memory */
    struct fc_known_key known;
    int64_t since_us, used_us;
};

struct fc_key_memory {
    pthread_mutex_t lock;
    struct place *buckets[BUCKETS];
};

struct fc_key_memory *fc_key_memory_new(void)
{
    struct fc_key_memory *memory = calloc(1, sizeof *memory);

    if (memory == NULL)
        abort(); /* as arenas do */
    (void)pthread_mutex_init(&memory->lock, NULL);
    return memory;
}

void fc_key_memory_free(struct fc_key_memory *memory)
{
    if (memory == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        free(memory->buckets[i]);
    (void)pthread_mutex_destroy(&memory->lock);
    free(memory);
}

/* The place of a raw key, under the lock; NULL when it is not known. */
static struct place *place_of(struct fc_key_memory *memory,
                              const unsigned char digest[FC_HASH_BYTES])
{
    struct place *bucket = memory->buckets[(digest[0] << 8 | digest[1]) % BUCKETS];

    for (int i = 0; bucket != NULL && i < PLACES; i++)
        if (bucket[i].is_taken && memcmp(bucket[i].digest, digest, FC_HASH_BYTES) == 0)
            return &bucket[i];
    return NULL;
}

bool fc_key_memory_get(struct fc_key_memory *memory, const char *raw, struct fc_known_key *known)
{
    unsigned char digest[FC_HASH_BYTES];
    struct place *place;

    fc_crypt_sha256(raw, strlen(raw), NULL, 0, digest);
    (void)pthread_mutex_lock(&memory->lock);
    place = place_of(memory, digest);
    if (place != NULL)
        *known = place->known;
    (void)pthread_mutex_unlock(&memory->lock);
    return place != NULL;
}

static struct place *oldest_of(struct place *bucket)
{
    struct place *oldest = bucket;

    for (int i = 0; i < PLACES; i++) {
        if (!bucket[i].is_taken)
            return &bucket[i];
        if (bucket[i].since_us < oldest->since_us)
            oldest = &bucket[i];
    }
    return oldest;
}

void fc_key_memory_put(struct fc_key_memory *memory, const char *raw,
                       const struct fc_known_key *known)
{
    unsigned char digest[FC_HASH_BYTES];
    struct place **bucket, *place;

    fc_crypt_sha256(raw, strlen(raw), NULL, 0, digest);
    (void)pthread_mutex_lock(&memory->lock);
    bucket = &memory->buckets[(digest[0] << 8 | digest[1]) % BUCKETS];
    if (*bucket == NULL)
        *bucket = calloc(PLACES, sizeof **bucket);
    place = *bucket == NULL ? NULL : place_of(memory, digest);
    if (place == NULL && *bucket != NULL)
        place = oldest_of(*bucket);
    if (place != NULL) {
        *place = (struct place){.is_taken = true, .known = *known, .since_us = fc_monotonic_us()};
        memcpy(place->digest, digest, sizeof digest);
    }
    (void)pthread_mutex_unlock(&memory->lock);
}

void fc_key_memory_forget(struct fc_key_memory *memory, const char *raw)
{
    unsigned char digest[FC_HASH_BYTES];
    struct place *place;

    fc_crypt_sha256(raw, strlen(raw), NULL, 0, digest);
    (void)pthread_mutex_lock(&memory->lock);
    place = place_of(memory, digest);
    if (place != NULL)
        place->is_taken = false;
    (void)pthread_mutex_unlock(&memory->lock);
}

bool fc_key_memory_use(struct fc_key_memory *memory, const char *raw)
{
    unsigned char digest[FC_HASH_BYTES];
    int64_t now = fc_monotonic_us();
    struct place *place;
    bool is_due;

    fc_crypt_sha256(raw, strlen(raw), NULL, 0, digest);
    (void)pthread_mutex_lock(&memory->lock);
    place = place_of(memory, digest);
    is_due = place != NULL && (place->used_us == 0 || now - place->used_us >= USE_PAUSE_US);
    if (is_due)
        place->used_us = now;
    (void)pthread_mutex_unlock(&memory->lock);
    return is_due;
}
