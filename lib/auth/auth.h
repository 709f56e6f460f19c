/**
 * Who is asking, and what they may do: the gate of the dispatcher.
 *
 * A JWT is verified in the process. An API key is verified in the process too, against the key_hash
 * of its row; from then on the process remembers that this raw key hashes to that key_hash, which
 * is a fact of arithmetic and no copy of the row: whether the row still exists, is not revoked or
 * expired, and what it allows is part of each request's own statement.
 */
#ifndef FRAMECAST_AUTH_AUTH_H
#define FRAMECAST_AUTH_AUTH_H

#include <framecast/settings.h>

#include "http/http.h"

struct fc_auth;

fc_status fc_auth_open(struct fc_auth **auth, const struct fc_settings *settings,
                       struct fc_error *error);
void fc_auth_free(struct fc_auth *auth);
FC_AUTO_DEFINE(auth)

/** The gate for fc_server_config; the server's context must begin with a struct fc_auth *. */
extern const struct fc_gate fc_auth_gate;

/** Writes the counted API calls into `usage` and forgets them; called by the main thread every few
 * seconds, and at the end. */
fc_status fc_auth_flush_usage(struct fc_auth *auth, struct fc_db *db, struct fc_error *error);

#endif
