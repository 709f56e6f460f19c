#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/usage.h"
#include "suites.h"

static struct fc_usage *usage;
static struct fc_error error;

static const char nowhere[] = "postgresql://postgres@127.0.0.1:1/nothing";

/* The table as the statement knows it, of this connection alone: no schema is needed for it. */
static struct fc_db *database(void)
{
    struct fc_db *db = fc_db_new(getenv("FC_TEST_DATABASE_URL"), "unit test");

    ck_assert_msg(
        fc_db_execute(db,
                      "CREATE TEMPORARY TABLE usage (owner text, period text, api_calls bigint, "
                      "updated_at timestamptz, PRIMARY KEY (owner, period))",
                      &error) == FC_OK,
        "%s", error.text);
    return db;
}

static void expect_calls(struct fc_db *db, const char *owner, int calls)
{
    const char *block = fc_printf(
        arena,
        "DO $$ BEGIN IF (SELECT sum(api_calls) FROM usage WHERE owner = '%s') IS DISTINCT FROM "
        "%d THEN RAISE EXCEPTION 'not %d'; END IF; END $$",
        owner, calls, calls);

    ck_assert_msg(fc_db_execute(db, block, &error) == FC_OK, "%s: %s", owner, error.text);
}

static void *count(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5000; i++)
        fc_usage_count(usage, i % 2 == 0 ? "framecast:user:ada" : "framecast:user:bob");
    return NULL;
}

START_TEST(calls_are_written_in_batches_and_once)
{
    struct fc_db *db = database();
    pthread_t threads[4];

    usage = fc_usage_new();
    for (int i = 0; i < N(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < N(threads); i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 2; i++) /* the second time there is nothing to write */
        ck_assert_msg(fc_usage_flush(usage, db, &error) == FC_OK, "%s", error.text);
    expect_calls(db, "framecast:user:ada", 10000);
    expect_calls(db, "framecast:user:bob", 10000);
    fc_usage_count(usage, "framecast:user:ada");
    ck_assert_int_eq(fc_usage_flush(usage, db, &error), FC_OK);
    expect_calls(db, "framecast:user:ada", 10001);
    fc_usage_free(usage);
    fc_db_free(db);
}
END_TEST

START_TEST(what_could_not_be_written_is_written_later)
{
    struct fc_db *away = fc_db_new(nowhere, "unit test"), *db = database();

    usage = fc_usage_new();
    fc_usage_count(usage, "ada");
    fc_usage_count(usage, "ada");
    ck_assert_int_eq(fc_usage_flush(usage, away, &error), FC_E_UNAVAILABLE);
    fc_usage_count(usage, "ada");
    ck_assert_int_eq(fc_usage_flush(usage, db, &error), FC_OK);
    expect_calls(db, "ada", 3);
    fc_usage_free(usage);
    fc_db_free(away);
    fc_db_free(db);
}
END_TEST

START_TEST(owners_beyond_the_ceiling_are_not_counted)
{
    char long_owner[400];

    usage = fc_usage_new();
    memset(long_owner, 'x', sizeof long_owner);
    long_owner[sizeof long_owner - 1] = '\0';
    fc_usage_count(usage, long_owner);
    for (int i = 0; i < 12000; i++)
        fc_usage_count(usage, fc_printf(arena, "owner %d", i));
    struct fc_db *away = fc_db_new(nowhere, "unit test");
    ck_assert_int_eq(fc_usage_flush(usage, away, &error),
                     FC_E_UNAVAILABLE); /* in bounds, and all of it back */
    fc_db_free(away);
    fc_usage_free(usage);
}
END_TEST

TCase *usage_case(void)
{
    TCase *claims = tcase_create("usage");

    tcase_add_test(claims, owners_beyond_the_ceiling_are_not_counted);
    if (getenv("FC_TEST_DATABASE_URL") == NULL)
        return claims; /* the others need a PostgreSQL */
    tcase_add_test(claims, calls_are_written_in_batches_and_once);
    tcase_add_test(claims, what_could_not_be_written_is_written_later);
    return claims;
}
