/** JSON Web Tokens (RFC 7519, compact JWS with HS256) as Supabase Auth issues them. */
#ifndef FRAMECAST_AUTH_JWT_H
#define FRAMECAST_AUTH_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/ids.h>
#include <framecast/status.h>

#include "auth/memory.h"
#include "crypt/crypt.h"

struct fc_jwt_rules {
    struct fc_hmac key;      /* of the secret; wipe it when it is done */
    const char *issuer;      /* NULL: iss is not looked at */
    const char *audience;    /* NULL: any */
    struct fc_memory *known; /* of fc_claims, by signature; NULL: each token is read anew */
};
struct fc_jwt_rules fc_jwt_rules_of(const char *secret, const char *issuer, const char *audience);

/** What a token says whose signature and claims are right, whenever it is valid. */
struct fc_claims {
    struct fc_uuid user;
    double exp, nbf; /* seconds since 1970; nbf: -INFINITY when there is none */
    bool has_email;
    char email[257]; /* a longer one is cut, and still too long to be one */
};

struct fc_jwt {
    struct fc_uuid user; /* sub */
    const char *email;   /* NULL when there is none */
};

/**
 * FC_E_TOKEN, whatever is wrong. @now_seconds since 1970. The signature is computed and compared
 * each time, and the times are looked at; only what is behind the signature is not read again.
 */
fc_status fc_jwt_verify(struct fc_arena *arena, const struct fc_jwt_rules *rules, const char *token,
                        int64_t now_seconds, struct fc_jwt *jwt);

/** Makes a token for @user, good for @ttl_seconds: what `framecastd admin token` prints. */
char *fc_jwt_make(struct fc_arena *arena, const struct fc_jwt_rules *rules,
                  const struct fc_uuid *user, const char *email, int64_t now_seconds,
                  int64_t ttl_seconds);

/** An e-mail address by the rule of the API: at most 255 characters, name@host.tld in ASCII. */
bool fc_email_ok(const char *text);

#endif
