#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypt/crypt.h"
#include "db/migrate.h"
#include "suites.h"

struct fc_arena *arena;
struct fc_db *db;
struct fc_error error;
const char *database_url;

static char database_name[32], empty_name[40];
static pid_t maker;

void sql(const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = fc_vprintf(arena, format, args);
    va_end(args);
    ck_assert_msg(fc_db_execute(db, text, &error) == FC_OK, "%s: %s", text, error.text);
}

bool is_so(const char *condition)
{
    const char *block = fc_printf(arena,
                                  "DO $block$ BEGIN IF (%s) IS NOT TRUE THEN "
                                  "RAISE EXCEPTION 'it is not so'; END IF; END $block$",
                                  condition);
    fc_status status = fc_db_execute(db, block, &error);

    ck_assert_msg(status == FC_OK || strstr(error.text, "it is not so") != NULL, "%s: %s",
                  condition, error.text);
    return status == FC_OK;
}

void expect_sql(const char *format, ...)
{
    const char *condition;
    va_list args;

    va_start(args, format);
    condition = fc_vprintf(arena, format, args);
    va_end(args);
    ck_assert_msg(is_so(condition), "it is not so: %s", condition);
}

/* ---- databases ---- */

/* The same server, another database: postgresql://.../NAME?... */
static char *url_of(struct fc_arena *in, const char *url, const char *name)
{
    size_t n = strcspn(url, "?");
    const char *rest = url + n;

    while (n > 0 && url[n - 1] != '/')
        n--;
    return fc_printf(in, "%.*s%s%s", (int)n, url, name, rest);
}

static void on_server(const char *format, const char *name)
{
    FC_AUTO(arena) *own = fc_arena_new();
    FC_AUTO(db) *server = fc_db_new(getenv("FC_TEST_DATABASE_URL"), "unit tests");

    ck_assert_msg(fc_db_execute(server, fc_printf(own, "%s %s", format, name), &error) == FC_OK,
                  "%s", error.text);
}

static void drop(const char *name)
{
    FC_AUTO(arena) *own = fc_arena_new();
    FC_AUTO(db) *server = fc_db_new(getenv("FC_TEST_DATABASE_URL"), "unit tests");

    (void)fc_db_execute(server, fc_printf(own, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name),
                        NULL);
}

static void drop_at_exit(void)
{
    if (getpid() == maker) /* not the tests' processes, which inherit this */
        drop(database_name);
}

void world_once(void)
{
    static struct fc_arena *forever;

    if (forever != NULL)
        return; /* another case was before */
    forever = fc_arena_new();
    maker = getpid();
    (void)snprintf(database_name, sizeof database_name, "fc_unit_db_%d", (int)maker);
    database_url = url_of(forever, getenv("FC_TEST_DATABASE_URL"), database_name);
    drop(database_name);
    on_server("CREATE DATABASE", database_name);
    (void)atexit(drop_at_exit);
    FC_AUTO(db) *made = fc_db_new(database_url, "unit tests");
    ck_assert_msg(fc_schema_migrate(made, NULL, &error) == FC_OK, "%s", error.text);
}

void world_set_up(void)
{
    ck_assert_int_eq(fc_crypt_start(&error), FC_OK);
    arena = fc_arena_new();
    db = fc_db_new(database_url, "unit test");
    sql("SET client_min_messages = warning");
    sql("DROP TRIGGER IF EXISTS deadlock ON users; DROP SEQUENCE IF EXISTS tries; TRUNCATE users, "
        "usage CASCADE");
}

void world_tear_down(void)
{
    if (empty_name[0] != '\0')
        drop(empty_name);
    fc_db_free(db);
    fc_arena_free(arena);
}

const char *empty_database(void)
{
    (void)snprintf(empty_name, sizeof empty_name, "%s_empty", database_name);
    drop(empty_name);
    on_server("CREATE DATABASE", empty_name);
    return url_of(arena, getenv("FC_TEST_DATABASE_URL"), empty_name);
}

/* ---- what may befall a connection ---- */

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
