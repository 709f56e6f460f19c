#include "db/connect.h"

#include "db/refusal.h"

PGconn *fc_connect_start(const char *url, const char *name, const char *options,
                         const struct fc_targets *targets)
{
    /* the later wins; NULL says nothing */
    const char *const keys[] = {"target_session_attrs",
                                "dbname",
                                "application_name",
                                "client_encoding",
                                "options",
                                "host",
                                "hostaddr",
                                "port",
                                NULL};
    const char *const values[] = {
        "primary",      url, name, "UTF8", options, targets->hosts, targets->addresses,
        targets->ports, NULL};
    PGconn *pg = PQconnectStartParams(keys, values, 1);

    (void)PQsetNoticeProcessor(pg, fc_db_hear, NULL);
    return pg;
}
