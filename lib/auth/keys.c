#include "auth/keys.h"

#include <string.h>

#include <framecast/text.h>

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

/* ---- which key is whose: by digests of the raw keys, so that none of them lies in memory ---- */

struct digest {
    unsigned char bytes[FC_HASH_BYTES];
};

static struct digest digest_of(const char *raw)
{
    struct digest digest;

    fc_crypt_sha256(raw, strlen(raw), NULL, 0, digest.bytes);
    return digest;
}

bool fc_key_get(struct fc_memory *keys, const char *raw, struct fc_known_key *known)
{
    return fc_memory_get(keys, digest_of(raw).bytes, known);
}

void fc_key_put(struct fc_memory *keys, const char *raw, const struct fc_known_key *known)
{
    fc_memory_put(keys, digest_of(raw).bytes, known);
}

void fc_key_forget(struct fc_memory *keys, const char *raw)
{
    fc_memory_forget(keys, digest_of(raw).bytes);
}

bool fc_key_use(struct fc_memory *keys, const char *raw)
{
    return fc_memory_use(keys, digest_of(raw).bytes);
}
