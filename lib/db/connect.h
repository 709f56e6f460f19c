/**
 * How each connection to the database begins.
 *
 * Internal to lib/db.
 */
#ifndef FRAMECAST_DB_CONNECT_H
#define FRAMECAST_DB_CONNECT_H

#include <libpq-fe.h>

/**
 * Lists as libpq's host, hostaddr and port take them, an element a server; NULL: as the URL says.
 */
struct fc_targets {
    const char *hosts, *addresses, *ports;
};

/**
 * Starts to connect; does not block when @targets are given, or fc_lookup_is_needed says that the
 * URL will do. The caller drives it with PQconnectPoll, and finishes it. NULL without memory.
 *
 * Standbys are passed over: what they answer may be old, and they take no changes. A machine that
 * vanishes is noticed within a minute. The URL may say otherwise (target_session_attrs,
 * keepalives_*, tcp_user_timeout).
 *
 * @options  of the session, as libpq takes them
 */
PGconn *fc_connect_start(const char *url, const char *name, const char *options,
                         const struct fc_targets *targets);

#endif
