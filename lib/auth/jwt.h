/** JSON Web Tokens (RFC 7519, compact JWS with HS256) as Supabase Auth issues them. */
#ifndef FRAMECAST_AUTH_JWT_H
#define FRAMECAST_AUTH_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/ids.h>
#include <framecast/status.h>

#include "crypt/crypt.h"

struct fc_jwt_rules {
    struct fc_hmac key;   /* of the secret; wipe it when it is done */
    const char *issuer;   /* NULL: iss is not looked at */
    const char *audience; /* NULL: any */
};
struct fc_jwt_rules fc_jwt_rules_of(const char *secret, const char *issuer, const char *audience);

struct fc_jwt {
    struct fc_uuid user; /* sub */
    const char *email;   /* NULL when there is none */
};

/** FC_E_TOKEN, whatever is wrong. @now_seconds since 1970. */
fc_status fc_jwt_verify(struct fc_arena *arena, const struct fc_jwt_rules *rules, const char *token,
                        int64_t now_seconds, struct fc_jwt *jwt);

/** Makes a token for @user, good for @ttl_seconds: what `framecastd admin token` prints. */
char *fc_jwt_make(struct fc_arena *arena, const struct fc_jwt_rules *rules,
                  const struct fc_uuid *user, const char *email, int64_t now_seconds,
                  int64_t ttl_seconds);

/** An e-mail address by the rule of the API: at most 255 characters, name@host.tld in ASCII. */
bool fc_email_ok(const char *text);

#endif
