/** Hashes, signatures and randomness, under the names this program uses: SHA-256 of libcrypto, the
 * rest of libsodium. */
#ifndef FRAMECAST_CRYPT_CRYPT_H
#define FRAMECAST_CRYPT_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

#include <framecast/ids.h>
#include <framecast/status.h>

enum { FC_HASH_BYTES = 32, FC_HMAC_BYTES = 224, FC_HASH_HEX = 2 * FC_HASH_BYTES + 1 };

/** Once, before any other thread is there. */
fc_status fc_crypt_start(struct fc_error *error);

void fc_crypt_random(void *out, size_t n);
struct fc_uuid fc_uuid_random(void);

/** SHA-256 over two pieces, one after the other (the second may be empty). */
void fc_crypt_sha256(const void *a, size_t n_a, const void *b, size_t n_b,
                     unsigned char out[FC_HASH_BYTES]);

/** A key of HMAC-SHA256 made ready, for whoever signs often with it; wipe it when it is done. */
struct fc_hmac {
    _Alignas(8) unsigned char state[FC_HMAC_BYTES];
};
struct fc_hmac fc_crypt_hmac_key(const void *key, size_t n_key);
void fc_crypt_hmac(const struct fc_hmac *key, const void *data, size_t n,
                   unsigned char out[FC_HASH_BYTES]);

void fc_crypt_hmac_sha256(const void *key, size_t n_key, const void *data, size_t n,
                          unsigned char out[FC_HASH_BYTES]);

/** Takes the same time wherever the two differ. */
bool fc_crypt_equal(const void *a, const void *b, size_t n);

void fc_crypt_wipe(void *secret, size_t n);

/**
 * A key of its own for one purpose, from the server's one secret: master = BLAKE2b-256 of the bytes
 * of @secret, then crypto_kdf_derive_from_key(32 bytes, subkey id 1, @context, master) of
 * libsodium. @context is exactly 8 characters.
 */
void fc_crypt_derive(const char *secret, const char context[static 8],
                     unsigned char out[FC_HASH_BYTES]);

/**
 * base64url without padding (RFC 4648 §5); gives false on any other character. @out has room for
 * 3/4 of @n. The time that it takes depends on the text.
 */
bool fc_crypt_unbase64url(const char *text, size_t n, unsigned char *out, size_t *n_out);
/** Writes 4/3 of @n characters and NUL. */
void fc_crypt_base64url(const void *bytes, size_t n, char *out, size_t out_size);

#endif
