#include "database.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "crypt/crypt.h"
#include "db/migrate.h"

enum { WAIT_US = 30000000, LOOK_US = 20000 };

struct fc_arena *arena;
struct fc_db *db;
struct fc_error error;
const char *database_url;

static char database_name[48], empty_name[56];
static pid_t maker;

/* ---- what is in it ---- */

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

void wait_sql(const char *format, ...)
{
    const int64_t until = fc_monotonic_us() + WAIT_US;
    const char *condition;
    va_list args;

    va_start(args, format);
    condition = fc_vprintf(arena, format, args);
    va_end(args);
    while (!is_so(condition)) {
        ck_assert_msg(fc_monotonic_us() < until, "never so: %s", condition);
        usleep(LOOK_US);
    }
}

/* ---- the database itself ---- */

/* The same server, another database: postgresql://.../NAME?... */
static char *url_of(struct fc_arena *in, const char *url, const char *name)
{
    size_t n = strcspn(url, "?");
    const char *rest = url + n;

    while (n > 0 && url[n - 1] != '/')
        n--;
    return fc_printf(in, "%.*s%s%s", (int)n, url, name, rest);
}

static fc_status on_server(const char *command, const char *name, const char *how)
{
    FC_AUTO(arena) *own = fc_arena_new();
    FC_AUTO(db) *server = fc_db_new(getenv("FC_TEST_DATABASE_URL"), "unit tests");

    return fc_db_execute(server, fc_printf(own, "%s %s%s", command, name, how), &error);
}

static void drop(const char *name)
{
    (void)on_server("DROP DATABASE IF EXISTS", name, " WITH (FORCE)");
}

static void make(const char *name)
{
    drop(name);
    ck_assert_msg(on_server("CREATE DATABASE", name, "") == FC_OK, "%s", error.text);
}

static void drop_at_exit(void)
{
    if (getpid() == maker) /* not the tests' processes, which inherit this */
        drop(database_name);
}

void database_once(const char *name)
{
    static struct fc_arena *forever;

    if (forever != NULL)
        return;
    forever = fc_arena_new();
    maker = getpid();
    (void)snprintf(database_name, sizeof database_name, "fc_unit_%s_%d", name, (int)maker);
    database_url = url_of(forever, getenv("FC_TEST_DATABASE_URL"), database_name);
    make(database_name);
    (void)atexit(drop_at_exit);
    FC_AUTO(db) *made = fc_db_new(database_url, "unit tests");
    ck_assert_msg(fc_schema_migrate(made, NULL, &error) == FC_OK, "%s", error.text);
}

void database_set_up(void)
{
    ck_assert_int_eq(fc_crypt_start(&error), FC_OK);
    arena = fc_arena_new();
    db = fc_db_new(database_url, "unit test");
    sql("SET client_min_messages = warning");
}

void database_tear_down(void)
{
    if (empty_name[0] != '\0')
        drop(empty_name);
    fc_db_free(db);
    fc_arena_free(arena);
}

const char *empty_database(void)
{
    (void)snprintf(empty_name, sizeof empty_name, "%s_empty", database_name);
    make(empty_name);
    return url_of(arena, getenv("FC_TEST_DATABASE_URL"), empty_name);
}
