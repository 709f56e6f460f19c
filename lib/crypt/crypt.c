#include "crypt/crypt.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

fc_status fc_crypt_start(struct fc_error *error)
{
    if (sodium_init() < 0)
        return fc_fail(error, FC_E_INTERNAL, "libsodium could not be started");
    return FC_OK;
}

void fc_crypt_random(void *out, size_t n)
{
    randombytes_buf(out, n);
}

struct fc_uuid fc_uuid_random(void)
{
    enum { ID_BYTES = 16, IDS_AT_ONCE = 64 };
    static _Thread_local unsigned char pool[ID_BYTES * IDS_AT_ONCE];
    static _Thread_local unsigned left; /* ids in the pool: each byte is used once */

    if (left == 0) {
        fc_crypt_random(pool, sizeof pool); /* one system call for many */
        left = IDS_AT_ONCE;
    }
    left--;
    return fc_uuid_from_random(pool + (size_t)ID_BYTES * left);
}

void fc_crypt_sha256(const void *a, size_t n_a, const void *b, size_t n_b,
                     unsigned char out[FC_HASH_BYTES])
{
    crypto_hash_sha256_state state;

    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, a, n_a);
    if (n_b > 0)
        (void)crypto_hash_sha256_update(&state, b, n_b);
    (void)crypto_hash_sha256_final(&state, out);
}

struct fc_hmac fc_crypt_hmac_key(const void *key, size_t n_key)
{
    crypto_auth_hmacsha256_state state;
    struct fc_hmac ready;

    _Static_assert(sizeof state == sizeof ready.state, "as the header says");
    (void)crypto_auth_hmacsha256_init(&state, key, n_key);
    memcpy(ready.state, &state, sizeof state);
    sodium_memzero(&state, sizeof state);
    return ready;
}

void fc_crypt_hmac(const struct fc_hmac *key, const void *data, size_t n,
                   unsigned char out[FC_HASH_BYTES])
{
    crypto_auth_hmacsha256_state state;

    memcpy(&state, key->state, sizeof state);
    (void)crypto_auth_hmacsha256_update(&state, data, n);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

void fc_crypt_hmac_sha256(const void *key, size_t n_key, const void *data, size_t n,
                          unsigned char out[FC_HASH_BYTES])
{
    struct fc_hmac ready = fc_crypt_hmac_key(key, n_key);

    fc_crypt_hmac(&ready, data, n, out);
    sodium_memzero(&ready, sizeof ready);
}

bool fc_crypt_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void fc_crypt_wipe(void *secret, size_t n)
{
    sodium_memzero(secret, n);
}

void fc_crypt_derive(const char *secret, const char context[static 8],
                     unsigned char out[FC_HASH_BYTES])
{
    unsigned char master[crypto_kdf_KEYBYTES];

    _Static_assert(crypto_kdf_KEYBYTES == FC_HASH_BYTES && crypto_kdf_CONTEXTBYTES == 8,
                   "as the header says");
    (void)crypto_generichash(master, sizeof master, (const unsigned char *)secret, strlen(secret),
                             NULL, 0);
    (void)crypto_kdf_derive_from_key(out, FC_HASH_BYTES, 1, context, master);
    sodium_memzero(master, sizeof master);
}

bool fc_crypt_unbase64url(const char *text, size_t n, unsigned char *out, size_t *n_out)
{
    return sodium_base642bin(out, n / 4 * 3 + 3, text, n, NULL, n_out, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

void fc_crypt_base64url(const void *bytes, size_t n, char *out, size_t out_size)
{
    assert(out_size >= sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    (void)sodium_bin2base64(out, out_size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
