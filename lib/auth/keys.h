/** API keys: their form, their hashes, and what this process knows about hashes. */
#ifndef FRAMECAST_AUTH_KEYS_H
#define FRAMECAST_AUTH_KEYS_H

#include <stdbool.h>

#include <framecast/arena.h>
#include <framecast/ids.h>

#include "auth/memory.h"

#define FC_KEY_PREFIX "sk_live_"
enum { FC_RAW_KEY_SIZE = sizeof FC_KEY_PREFIX + 32, FC_FINGERPRINT_SIZE = 17 };

/** A new key: the raw text (shown once, never stored), and what is stored of it. */
struct fc_new_key {
    char raw[FC_RAW_KEY_SIZE];
    char hash[64 + 1 + 64 + 1]; /* hex(salt):hex(SHA-256(raw bytes, salt bytes)) */
    char fingerprint
        /* first 16 hex digits of the unsalted SHA-256 of raw, for the look-up */
        [FC_FINGERPRINT_SIZE];
};
struct fc_new_key fc_key_make(void);

void fc_key_fingerprint(const char *raw, char fingerprint[FC_FINGERPRINT_SIZE]);

/**
 * In constant time. A @hash of any other form than hex:hex never matches; the salt may have any
 * length.
 */
bool fc_key_matches(const char *raw, const char *hash);

/**
 * The scope is one of those that a key may carry ("*" included), and whether a starter may hold it.
 */
bool fc_scope_known(const char *scope);
bool fc_scope_for_starters(const char *scope);

/** Which raw key was verified against which row, in a memory of such values. */
struct fc_known_key {
    struct fc_uuid key, user;
    char hash[256];
    char owner[128];
};
bool fc_key_get(struct fc_memory *keys, const char *raw, struct fc_known_key *known);
void fc_key_put(struct fc_memory *keys, const char *raw, const struct fc_known_key *known);
void fc_key_forget(struct fc_memory *keys, const char *raw);
/** True at most once a second and key: then its last use is worth a write. */
bool fc_key_use(struct fc_memory *keys, const char *raw);

#endif
