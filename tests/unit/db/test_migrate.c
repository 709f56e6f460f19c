#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "db/migrate.h"
#include "suites.h"

static atomic_int n_applied;
static const char *url;
static struct fc_db *tested;

static void set_up(void)
{
    world_set_up();
    n_applied = 0;
    url = empty_database();
    tested = fc_db_new(url, "tested");
    ck_assert_int_eq(fc_db_execute(tested, "SET client_min_messages = warning", &error), FC_OK);
}

static void tear_down(void)
{
    fc_db_free(tested);
    database_tear_down();
}

static void on_applied(const struct fc_migration *migration)
{
    ck_assert_int_gt(migration->number, 0);
    atomic_fetch_add(&n_applied, 1);
}

static struct fc_schema_state look(void)
{
    struct fc_schema_state state;

    ck_assert_msg(fc_schema_look(tested, &state, &error) == FC_OK, "%s", error.text);
    return state;
}

static void migrate(void)
{
    ck_assert_msg(fc_schema_migrate(tested, on_applied, &error) == FC_OK, "%s", error.text);
}

static void change(const char *statement)
{
    ck_assert_msg(fc_db_execute(tested, statement, &error) == FC_OK, "%s", error.text);
}

START_TEST(an_empty_database_has_nothing_applied)
{
    struct fc_schema_state state = look();

    ck_assert_int_gt(state.known, 0);
    ck_assert_int_eq(state.applied, 0);
    ck_assert_int_eq(state.foreign, 0);
}
END_TEST

START_TEST(migrating_twice_is_migrating_once)
{
    int known = look().known;

    migrate();
    ck_assert_int_eq(n_applied, known);
    migrate();
    ck_assert_int_eq(n_applied, known);
    ck_assert_int_eq(look().applied, known);
}
END_TEST

static void *migrate_beside(void *arg)
{
    FC_AUTO(db) *own = fc_db_new(url, "tested");
    struct fc_error *why = arg;

    if (fc_db_execute(own, "SET client_min_messages = warning", why) == FC_OK)
        (void)fc_schema_migrate(own, on_applied, why);
    return NULL;
}

START_TEST(two_that_migrate_at_once_wait_for_each_other)
{
    struct fc_error why[2] = {{.status = FC_OK}, {.status = FC_OK}};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, migrate_beside, &why[i]), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(why[i].status == FC_OK, "%s", why[i].text);
    ck_assert_int_eq(n_applied, look().known);
}
END_TEST

START_TEST(a_migration_of_another_text_is_refused)
{
    struct fc_schema_state state;

    migrate();
    n_applied = 0;
    change("UPDATE schema_migrations SET checksum = 'x' WHERE number = 3");
    ck_assert_int_eq(fc_schema_look(tested, &state, &error), FC_E_CONFLICT);
    ck_assert(strstr(error.text, "0003_teams") != NULL);
    change("DELETE FROM schema_migrations WHERE number = 2");
    ck_assert_int_eq(fc_schema_migrate(tested, on_applied, &error), FC_E_CONFLICT);
    ck_assert_int_eq(n_applied, 0);
}
END_TEST

START_TEST(a_schema_of_a_newer_version_is_left_alone)
{
    migrate();
    change(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, 'of tomorrow', 'x')");
    ck_assert_int_eq(look().foreign, 1);
    ck_assert_int_eq(fc_schema_migrate(tested, on_applied, &error), FC_E_CONFLICT);
    ck_assert(strstr(error.text, "does not know") != NULL);
}
END_TEST

START_TEST(a_migration_that_fails_leaves_nothing_and_can_be_repeated)
{
    change("CREATE TABLE teams (in_the_way int)");
    ck_assert_int_ne(fc_schema_migrate(tested, on_applied, &error), FC_OK);
    ck_assert_msg(strstr(error.text, "0003_teams") != NULL, "%s", error.text);
    ck_assert_int_eq(look().applied, 2);
    change("DROP TABLE teams");
    migrate();
    ck_assert_int_eq(look().applied, look().known);
}
END_TEST

TCase *migrate_case(void)
{
    TCase *claims = tcase_create("migrate");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_set_timeout(claims, 120);
    tcase_add_test(claims, an_empty_database_has_nothing_applied);
    tcase_add_test(claims, migrating_twice_is_migrating_once);
    tcase_add_test(claims, two_that_migrate_at_once_wait_for_each_other);
    tcase_add_test(claims, a_migration_of_another_text_is_refused);
    tcase_add_test(claims, a_schema_of_a_newer_version_is_left_alone);
    tcase_add_test(claims, a_migration_that_fails_leaves_nothing_and_can_be_repeated);
    return claims;
}
