#include "suites.h"

void world_once(void)
{
    database_once("db");
}

void world_set_up(void)
{
    database_set_up();
    sql("DROP TRIGGER IF EXISTS deadlock ON users; DROP SEQUENCE IF EXISTS tries; TRUNCATE users, "
        "usage CASCADE");
}

void end_connections(const char *application)
{
    sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = '%s'",
        application);
}

void deadlock_updates(int n)
{
    sql("CREATE SEQUENCE tries");
    sql("CREATE OR REPLACE FUNCTION fc_test_deadlock() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN "
        "IF nextval('tries') <= %d THEN RAISE EXCEPTION 'as if' USING ERRCODE = '40P01'; END IF; "
        "RETURN NEW; END $$",
        n);
    sql("CREATE TRIGGER deadlock BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION "
        "fc_test_deadlock()");
}
