#include "crypt/crypt.h"

#include <assert.h>
#include <string.h>

/* SHA-256 by the processor's own instructions, four times as fast as libsodium's; the functions
 * below the EVP layer, which takes longer for a short text than the hash does. */
#define OPENSSL_API_COMPAT 10100
#include <openssl/sha.h>
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
    SHA256_CTX state;

    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, a, n_a);
    if (n_b > 0)
        (void)SHA256_Update(&state, b, n_b);
    (void)SHA256_Final(out, &state);
    sodium_memzero(&state, sizeof state);
}

/* ---- HMAC, RFC 2104: what a key does to both hashes is done once ---- */

struct key_states {
    SHA256_CTX inner, outer;
};

static SHA256_CTX padded(const unsigned char key[SHA256_CBLOCK], unsigned char with)
{
    unsigned char block[SHA256_CBLOCK];
    SHA256_CTX state;

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ with;
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, block, sizeof block);
    sodium_memzero(block, sizeof block);
    return state;
}

struct fc_hmac fc_crypt_hmac_key(const void *key, size_t n_key)
{
    unsigned char block[SHA256_CBLOCK] = {0};
    struct key_states states;
    struct fc_hmac ready;

    _Static_assert(sizeof states == sizeof ready.state, "as the header says");
    if (n_key > sizeof block)
        fc_crypt_sha256(key, n_key, NULL, 0, block);
    else if (n_key > 0)
        memcpy(block, key, n_key);
    states = (struct key_states){padded(block, 0x36), padded(block, 0x5C)};
    memcpy(ready.state, &states, sizeof states);
    sodium_memzero(block, sizeof block);
    sodium_memzero(&states, sizeof states);
    return ready;
}

void fc_crypt_hmac(const struct fc_hmac *key, const void *data, size_t n,
                   unsigned char out[FC_HASH_BYTES])
{
    struct key_states states;

    memcpy(&states, key->state, sizeof states);
    (void)SHA256_Update(&states.inner, data, n);
    (void)SHA256_Final(out, &states.inner);
    (void)SHA256_Update(&states.outer, out, FC_HASH_BYTES);
    (void)SHA256_Final(out, &states.outer);
    sodium_memzero(&states, sizeof states);
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

/* The six bits of a character; -1: it is none of base64url's. */
static int bits_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Not libsodium's, which takes the same time for all characters, and so much of it that it was half
 * of a token's verification; nothing that comes as base64url is a secret of ours. */
bool fc_crypt_unbase64url(const char *text, size_t n, unsigned char *out, size_t *n_out)
{
    uint32_t held = 0;
    int n_held = 0; /* bits */
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++) {
        int bits = bits_of(text[i]);

        if (bits < 0)
            return false;
        held = held << 6 | (uint32_t)bits;
        n_held += 6;
        if (n_held >= 8) {
            n_held -= 8;
            out[bytes++] = (unsigned char)(held >> n_held);
        }
    }
    *n_out = bytes;
    return n_held < 6 && (held & ((1U << n_held) - 1)) == 0; /* what is left says nothing */
}

void fc_crypt_base64url(const void *bytes, size_t n, char *out, size_t out_size)
{
    assert(out_size >= sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    (void)sodium_bin2base64(out, out_size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
