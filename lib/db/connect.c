#include "db/connect.h"

#include "db/refusal.h"

PGconn *fc_connect_start(const char *url, const char *name, const char *options,
                         const struct fc_targets *targets)
{
    const struct {
        const char *key, *value;
    } parameters[] = {
        /* the later wins, and NULL says nothing: so the URL may say otherwise of these */
        {"target_session_attrs", "primary"},
        /* a machine that vanishes says no farewell; the kernel asks after it two hours later */
        {"keepalives_idle", "30"},
        {"keepalives_interval", "10"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "30000"},
        {"dbname", url},
        {"application_name", name},
        {"client_encoding", "UTF8"},
        {"options", options},
        {"host", targets->hosts},
        {"hostaddr", targets->addresses},
        {"port", targets->ports},
    };
    enum { N = sizeof parameters / sizeof *parameters };
    const char *keys[N + 1] = {NULL}, *values[N + 1] = {NULL};
    PGconn *pg;

    for (int i = 0; i < N; i++) {
        keys[i] = parameters[i].key;
        values[i] = parameters[i].value;
    }
    pg = PQconnectStartParams(keys, values, 1);
    (void)PQsetNoticeProcessor(pg, fc_db_hear, NULL);
    return pg;
}
