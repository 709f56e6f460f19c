#include <string.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "db/connect.h"
#include "suites.h"

static struct fc_db *tested;
static struct fc_rows rows;

static void set_up(void)
{
    world_set_up();
    tested = fc_db_new(database_url, "tested");
}

static void tear_down(void)
{
    fc_db_free(tested);
    database_tear_down();
}

static fc_status run(enum fc_query query, struct fc_args args)
{
    return fc_db_run(tested, arena, query, args, &rows, &error);
}

static const char *user(const char *email)
{
    ck_assert_msg(run(FC_Q_ADMIN_USER_CREATE,
                      FC_ARGS(fc_arg_text(email), fc_arg_text("starter"), fc_arg_int(0))) == FC_OK,
                  "%s", error.text);
    return fc_rows_text(&rows, 0, 0);
}

START_TEST(every_statement_can_be_prepared)
{
    ck_assert_msg(fc_db_prepare_all(tested, &error) == FC_OK, "%s", error.text);
}
END_TEST

static int option_of(const PGconn *pg, int level, int option)
{
    int value = -1;
    socklen_t n = sizeof value;

    ck_assert_int_eq(getsockopt(PQsocket(pg), level, option, &value, &n), 0);
    return value;
}

/* Nobody here can pull the plug of another machine: what the kernel is told must do. */
START_TEST(a_machine_that_vanishes_is_asked_after)
{
    const struct fc_targets targets = {NULL, NULL, NULL};
    const char *port = strstr(database_url, "port=") + strlen("port=");
    const char *url = fc_printf(arena, "host=127.0.0.1 port=%s keepalives_count=5", port);
    PGconn *pg = fc_connect_start(url, "unit test", "", &targets);

    while (PQstatus(pg) != CONNECTION_BAD && PQstatus(pg) < CONNECTION_AWAITING_RESPONSE)
        (void)PQconnectPoll(pg);
    ck_assert_int_eq(option_of(pg, SOL_SOCKET, SO_KEEPALIVE), 1);
    ck_assert_int_eq(option_of(pg, IPPROTO_TCP, TCP_KEEPIDLE), 30);
    ck_assert_int_eq(option_of(pg, IPPROTO_TCP, TCP_KEEPINTVL), 10);
    ck_assert_int_eq(option_of(pg, IPPROTO_TCP, TCP_KEEPCNT), 5); /* the URL's own word */
    ck_assert_int_eq(option_of(pg, IPPROTO_TCP, TCP_USER_TIMEOUT), 30000);
    PQfinish(pg);
}
END_TEST

START_TEST(null_numbers_and_text_arrive_as_they_are)
{
    const char *id = user("o.hara+x%y_z@example.com");

    ck_assert_int_eq(run(FC_Q_ADMIN_USER_FIND, FC_ARGS(fc_arg_text(NULL))), FC_OK);
    ck_assert_int_eq(rows.n, 0);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_FIND, FC_ARGS(fc_arg_text("O.HARA+X%Y_Z@example.com"))),
                     FC_OK);
    ck_assert_str_eq(fc_rows_text(&rows, 0, 0), id);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_text(id), fc_arg_int(INT32_MAX))),
                     FC_OK);
    ck_assert_int_eq(fc_rows_int(&rows, 0, 0), INT32_MAX);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_text(id), fc_arg_int(-7))), FC_OK);
    ck_assert_int_eq(fc_rows_int(&rows, 0, 0), INT32_MAX - 7);
}
END_TEST

START_TEST(a_null_of_a_row_is_no_text)
{
    ck_assert_int_eq(
        run(FC_Q_RUN_STATES, FC_ARGS(fc_arg_text("{6f1b0a9e-abcd-1def-9000-00000000000f}"))),
        FC_OK);
    ck_assert_int_eq(rows.n, 1);
    ck_assert_str_eq(fc_rows_text(&rows, 0, 1), "t");
    ck_assert_ptr_null(fc_rows_text(&rows, 0, 2));
    ck_assert_int_eq(fc_rows_int(&rows, 0, 2), 0);
}
END_TEST

START_TEST(the_texts_of_an_array_keep_each_character)
{
    static const char *const owners[] = {"",          " ",     "a,b",       "\"q\"", "back\\slash",
                                         "\\\"",      "{x}",   "NULL",      "it's",  "caf\xC3\xA9",
                                         "new\nline", "tab\t", "a\\,\"b\"{"};
    const char *calls[N(owners)];

    for (int i = 0; i < N(owners); i++)
        calls[i] = fc_printf(arena, "%d", i + 1);
    ck_assert_msg(run(FC_Q_USAGE_API_CALLS, FC_ARGS(fc_arg_texts(arena, owners, N(owners)),
                                                    fc_arg_texts(arena, calls, N(calls)))) == FC_OK,
                  "%s", error.text);
    expect_sql("(SELECT count(*) FROM usage) = %d", N(owners));
    for (int i = 0; i < N(owners); i++)
        expect_sql("(SELECT api_calls FROM usage WHERE owner = $o$%s$o$) = %d", owners[i], i + 1);
}
END_TEST

START_TEST(a_null_of_an_array_is_no_text)
{
    static const char *const texts[] = {NULL, "NULL", NULL};

    ck_assert_str_eq(fc_arg_texts(arena, texts, N(texts)).text, "{NULL,\"NULL\",NULL}");
}
END_TEST

START_TEST(an_array_may_be_empty)
{
    ck_assert_str_eq(fc_arg_texts(arena, NULL, 0).text, "{}");
    ck_assert_int_eq(run(FC_Q_RUN_STATES, FC_ARGS(fc_arg_texts(arena, NULL, 0))), FC_OK);
    ck_assert_int_eq(rows.n, 0);
}
END_TEST

START_TEST(a_lost_connection_is_said_once_and_made_anew)
{
    (void)user("ada@example.com");
    end_connections("tested");
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_FIND, FC_ARGS(fc_arg_text("ada@example.com"))),
                     FC_E_UNAVAILABLE);
    ck_assert_msg(run(FC_Q_ADMIN_USER_FIND, FC_ARGS(fc_arg_text("ada@example.com"))) == FC_OK, "%s",
                  error.text);
    ck_assert_int_eq(rows.n, 1);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_no_fault_of_the_program)
{
    FC_AUTO(db) *nowhere = fc_db_new("postgresql://postgres@127.0.0.1:1/nothing", "tested");

    ck_assert_int_eq(fc_db_run(nowhere, arena, FC_Q_SCHEMA_HAS_TABLE, FC_NO_ARGS, &rows, &error),
                     FC_E_UNAVAILABLE);
    ck_assert_int_eq(fc_db_execute(nowhere, "SELECT 1", &error), FC_E_UNAVAILABLE);
    ck_assert(strstr(error.text, "no connection to the database") != NULL);
}
END_TEST

/* A table that somebody holds locked stands for a database that does not answer. */
static const char *locked_user(void)
{
    const char *id = user("ada@example.com");

    sql("BEGIN; LOCK TABLE users");
    return id;
}

START_TEST(nobody_waits_beyond_the_limit)
{
    const char *id = locked_user();

    fc_db_limit(tested, 300);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_text(id), fc_arg_int(5))),
                     FC_E_UNAVAILABLE);
    ck_assert(strstr(error.text, "does not answer") != NULL);
    sql("ROLLBACK");
    ck_assert_int_eq(run(FC_Q_SCHEMA_HAS_TABLE, FC_NO_ARGS), FC_OK);
}
END_TEST

START_TEST(who_is_to_hurry_gives_up_soon)
{
    const char *id = locked_user();

    fc_db_hurry(tested);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_text(id), fc_arg_int(5))),
                     FC_E_UNAVAILABLE);
    sql("ROLLBACK");
    ck_assert_int_eq(run(FC_Q_SCHEMA_HAS_TABLE, FC_NO_ARGS), FC_OK);
}
END_TEST

START_TEST(a_statement_that_was_thrown_away_is_prepared_again)
{
    ck_assert_int_eq(run(FC_Q_SCHEMA_HAS_TABLE, FC_NO_ARGS), FC_OK);
    ck_assert_int_eq(fc_db_execute(tested, "DEALLOCATE ALL", &error), FC_OK);
    ck_assert_msg(run(FC_Q_SCHEMA_HAS_TABLE, FC_NO_ARGS) == FC_OK, "%s", error.text);
}
END_TEST

START_TEST(a_failed_statement_leaves_the_connection_usable)
{
    (void)user("ada@example.com");
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_CREATE, FC_ARGS(fc_arg_text("ADA@example.com"),
                                                         fc_arg_text("starter"), fc_arg_int(0))),
                     FC_E_CONFLICT);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_CREATE, FC_ARGS(fc_arg_text("bob@example.com"),
                                                         fc_arg_text("king"), fc_arg_int(0))),
                     FC_E_VALIDATION);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_CREATE,
                         FC_ARGS(fc_arg_text("nobody"), fc_arg_text("starter"), fc_arg_int(0))),
                     FC_E_VALIDATION);
    (void)user("bob@example.com");
}
END_TEST

START_TEST(a_deadlock_is_repeated_up_to_three_times)
{
    const char *id = user("ada@example.com");

    deadlock_updates(3);
    ck_assert_msg(run(FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_text(id), fc_arg_int(5))) == FC_OK,
                  "%s", error.text);
    ck_assert_int_eq(fc_rows_int(&rows, 0, 0), 5);
    expect_sql("(SELECT last_value FROM tries) = 4");
}
END_TEST

START_TEST(a_deadlock_that_stays_is_answered)
{
    const char *id = user("ada@example.com");

    deadlock_updates(100);
    ck_assert_int_eq(run(FC_Q_ADMIN_USER_GRANT, FC_ARGS(fc_arg_text(id), fc_arg_int(5))),
                     FC_E_UNAVAILABLE);
    expect_sql("(SELECT last_value FROM tries) = 4");
}
END_TEST

START_TEST(no_row_is_an_empty_outcome)
{
    struct fc_outcome outcome;
    const char *id = user("ada@example.com");

    ck_assert_int_eq(fc_db_outcome(tested, arena, FC_Q_SCHEMA_READY, FC_ARGS(fc_arg_int(999999)),
                                   &outcome, &error),
                     FC_OK);
    ck_assert_str_eq(outcome.outcome, "");
    ck_assert_int_eq(
        fc_db_outcome(tested, arena, FC_Q_SCHEMA_READY, FC_ARGS(fc_arg_int(1)), &outcome, &error),
        FC_OK);
    ck_assert_str_eq(outcome.outcome, "ok");
    ck_assert_ptr_null(outcome.body);
    ck_assert_int_eq(fc_db_outcome(tested, arena, FC_Q_STEP_BEGIN,
                                   FC_ARGS(fc_arg_text(id), fc_arg_text("lease")), &outcome,
                                   &error),
                     FC_OK);
    ck_assert_str_ne(outcome.outcome, "ok");
}
END_TEST

TCase *connection_case(void)
{
    TCase *claims = tcase_create("connection");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, every_statement_can_be_prepared);
    tcase_add_test(claims, a_machine_that_vanishes_is_asked_after);
    tcase_add_test(claims, null_numbers_and_text_arrive_as_they_are);
    tcase_add_test(claims, a_null_of_a_row_is_no_text);
    tcase_add_test(claims, the_texts_of_an_array_keep_each_character);
    tcase_add_test(claims, a_null_of_an_array_is_no_text);
    tcase_add_test(claims, an_array_may_be_empty);
    tcase_add_test(claims, a_lost_connection_is_said_once_and_made_anew);
    tcase_add_test(claims, a_server_that_is_not_there_is_no_fault_of_the_program);
    tcase_add_test(claims, nobody_waits_beyond_the_limit);
    tcase_add_test(claims, who_is_to_hurry_gives_up_soon);
    tcase_add_test(claims, a_statement_that_was_thrown_away_is_prepared_again);
    tcase_add_test(claims, a_failed_statement_leaves_the_connection_usable);
    tcase_add_test(claims, a_deadlock_is_repeated_up_to_three_times);
    tcase_add_test(claims, a_deadlock_that_stays_is_answered);
    tcase_add_test(claims, no_row_is_an_empty_outcome);
    return claims;
}
