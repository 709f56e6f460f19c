#include <string.h>

#include "asks.h"
#include "suites.h"

/* A read that fails: its argument is no UUID. */
static struct ask *send_broken(void)
{
    return send_query(FC_Q_JOB_EVENTS_AFTER, 0,
                      FC_ARGS(fc_arg_text("none"), fc_arg_int(0), fc_arg_int(1)));
}

static struct ask *send_grant(int n, uint32_t lane, int credits)
{
    return send_query(FC_Q_ADMIN_USER_GRANT, lane,
                      FC_ARGS(fc_arg_text(id_of(n)), fc_arg_int(credits)));
}

/* ---- what goes well ---- */

START_TEST(hundreds_of_reads_of_one_turn_each_get_their_own_answer)
{
    open_pipes(database_url, 2, 1);
    for (int i = 0; i < 700; i++)
        ck_assert_ptr_nonnull(send_find(i % 10));
    ck_assert_int_eq(fc_pipes_load(pipes).n_calls, 700);
    fc_loop_run(loop);
    for (int i = 0; i < 700; i++)
        expect_found(&asks[i], i % 10);
    ck_assert_int_eq(fc_pipes_load(pipes).n_up, 2);
}
END_TEST

static void is_stored(struct ask *ask)
{
    expect_sql("EXISTS (SELECT FROM users WHERE id = '%s')", ask->text);
}

START_TEST(a_write_is_answered_when_others_see_it)
{
    open_pipes(database_url, 1, 3);
    on_answer = is_stored;
    for (int i = 0; i < 60; i++)
        ck_assert_ptr_nonnull(
            send_query(FC_Q_ADMIN_USER_CREATE, (uint32_t)i,
                       FC_ARGS(fc_arg_text(fc_printf(arena, "new%d@example.com", i)),
                               fc_arg_text("starter"), fc_arg_int(i))));
    fc_loop_run(loop);
    for (int i = 0; i < 60; i++)
        ck_assert_int_eq(asks[i].n_answers, 1);
    expect_sql("(SELECT count(*) FROM users WHERE email LIKE 'new%%') = 60");
}
END_TEST

START_TEST(writes_of_one_lane_happen_in_their_order)
{
    enum { LANES = 5, EACH = 40 };

    open_pipes(database_url, 1, 3);
    for (int i = 0; i < LANES * EACH; i++)
        ck_assert_ptr_nonnull(send_grant(i % LANES, (uint32_t)(i % LANES), 1));
    fc_loop_run(loop);
    for (int i = 0; i < LANES * EACH; i++) {
        ck_assert_str_eq(asks[i].text, fc_printf(arena, "%d", i / LANES + 1));
        ck_assert(i < LANES || asks[i].turn > asks[i - LANES].turn);
    }
}
END_TEST

enum { OTHERS = 20 };

static void go_on_beside(struct ask *ask)
{
    (void)ask;
    if (n_answered == OTHERS)
        sql("ROLLBACK");
    else if (n_answered < OTHERS)
        ck_assert_ptr_nonnull(send_grant(1 + n_asks % 9, (uint32_t)(3 * n_asks), 1));
}

START_TEST(a_lane_that_is_held_up_holds_up_no_other)
{
    struct ask *held_up;

    open_pipes(database_url, 1, 3);
    on_answer = go_on_beside;
    sql("BEGIN");
    sql("SELECT FROM users WHERE id = '00000000-0000-4000-8000-000000000000' FOR UPDATE");
    held_up = send_grant(0, 0, 1);
    ck_assert_ptr_nonnull(send_grant(1, 3, 1));
    fc_loop_run(loop);
    ck_assert_int_eq(held_up->turn, OTHERS);
    ck_assert_str_eq(held_up->text, "1");
}
END_TEST

static void ask_on(struct ask *ask)
{
    (void)ask;
    if (n_asks < 50)
        ck_assert_ptr_nonnull(n_asks % 2 == 0 ? send_find(n_asks % 10)
                                              : send_grant(n_asks % 10, 0, 1));
}

START_TEST(an_answer_may_lead_to_the_next_question)
{
    open_pipes(database_url, 1, 1);
    on_answer = ask_on;
    ck_assert_ptr_nonnull(send_find(0));
    fc_loop_run(loop);
    ck_assert_int_eq(n_answered, 50);
    for (int i = 0; i < 50; i += 2)
        expect_found(&asks[i], i % 10);
}
END_TEST

/* ---- what the database refuses ---- */

START_TEST(a_read_that_fails_does_not_harm_the_others)
{
    open_pipes(database_url, 1, 1);
    for (int i = 0; i < 300; i++)
        ck_assert_ptr_nonnull(i % 7 == 3 ? send_broken() : send_find(i % 10));
    fc_loop_run(loop);
    for (int i = 0; i < 300; i++)
        if (i % 7 == 3)
            expect_refused(&asks[i], FC_E_VALIDATION, "22");
        else
            expect_found(&asks[i], i % 10);
}
END_TEST

static struct ask *send_create(const char *email, const char *tier)
{
    return send_query(FC_Q_ADMIN_USER_CREATE, 0,
                      FC_ARGS(fc_arg_text(email), fc_arg_text(tier), fc_arg_int(0)));
}

START_TEST(what_a_write_violates_becomes_its_refusal)
{
    open_pipes(database_url, 1, 1);
    struct ask *good = send_create("first@example.com", "starter"),
               *taken = send_create("USER1@example.com", "starter"),
               *no_email = send_create("nobody", "starter"),
               *no_tier = send_create("x@example.com", "king"),
               *last = send_create("last@example.com", "creator");

    fc_loop_run(loop);
    ck_assert_int_eq(good->status, FC_OK);
    expect_refused(taken, FC_E_CONFLICT, "idx_users_email_lower");
    expect_refused(no_email, FC_E_VALIDATION, "valid_email");
    expect_refused(no_tier, FC_E_VALIDATION, "22");
    ck_assert_int_eq(last->status, FC_OK);
    expect_sql("(SELECT count(*) FROM users) = 12");
}
END_TEST

START_TEST(a_deadlock_is_repeated_and_happens_once)
{
    deadlock_updates(3);
    open_pipes(database_url, 1, 1);
    struct ask *grant = send_grant(1, 0, 5), *find = send_find(1);

    fc_loop_run(loop);
    ck_assert_int_eq(grant->status, FC_OK);
    ck_assert_int_eq(grant->n_answers, 1);
    ck_assert_str_eq(grant->text, "5");
    expect_found(find, 1);
    expect_sql("(SELECT last_value FROM tries) = 4");
}
END_TEST

START_TEST(a_deadlock_that_stays_is_answered)
{
    deadlock_updates(1000);
    open_pipes(database_url, 1, 1);
    struct ask *grant = send_grant(1, 0, 5);

    fc_loop_run(loop);
    expect_refused(grant, FC_E_UNAVAILABLE, "40");
    expect_sql("(SELECT last_value FROM tries) = 4");
    expect_sql("(SELECT credits FROM users WHERE id = '%s') = 0", id_of(1));
}
END_TEST

/* ---- what befalls the connections ---- */

START_TEST(a_connection_cut_in_mid_flight_answers_each_call_once)
{
    open_pipes(database_url, 1, 1);
    lock_users();
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(i % 10 == 9 ? send_grant(1, 0, 1) : send_find(i % 10));
    run_and_cut(2);
    for (int i = 0; i < 100; i++)
        if (i % 10 == 9) {
            ck_assert_int_eq(asks[i].n_answers, 1);
            ck_assert_int_eq(asks[i].status, FC_E_UNAVAILABLE); /* sent, and nobody knows */
        } else {
            expect_found(&asks[i], i % 10);
        }
    fc_db_free(locker);
}
END_TEST

START_TEST(writes_that_were_not_sent_survive_a_cut)
{
    enum { MANY = 100, SENT_AT_MOST = 64 };
    int n_done = 0;

    open_pipes(database_url, 1, 1);
    lock_users();
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_nonnull(send_grant(1, 0, 1));
    run_and_cut(1);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(asks[i].n_answers, 1);
        n_done += asks[i].status == FC_OK;
    }
    ck_assert_int_eq(n_done, MANY - SENT_AT_MOST);
    expect_sql("(SELECT credits FROM users WHERE id = '%s') = %d", id_of(1), n_done);
    fc_db_free(locker);
}
END_TEST

static void cut_after_the_first(struct ask *ask)
{
    if (ask != &asks[0])
        return;
    end_connections("framecastd read");
    ck_assert_ptr_nonnull(send_find(2));
}

START_TEST(a_connection_cut_while_idle_is_made_anew)
{
    open_pipes(database_url, 1, 1);
    on_answer = cut_after_the_first;
    ck_assert_ptr_nonnull(send_find(1));
    fc_loop_run(loop);
    expect_found(&asks[0], 1);
    expect_found(&asks[1], 2);
}
END_TEST

START_TEST(without_a_server_every_call_is_answered)
{
    open_pipes("postgresql://postgres@127.0.0.1:1/nothing", 2, 2);
    for (int i = 0; i < 20; i++)
        ck_assert_ptr_nonnull(i % 2 == 0 ? send_find(i % 10) : send_grant(1, (uint32_t)i, 1));
    fc_loop_run(loop);
    for (int i = 0; i < 20; i++)
        expect_refused(&asks[i], FC_E_UNAVAILABLE, "connection");
    ck_assert_int_eq(fc_pipes_load(pipes).n_up, 0);
    ck_assert_ptr_null(send_find(1)); /* until the pause is over */
}
END_TEST

START_TEST(a_queue_that_is_full_takes_no_more)
{
    int n = 0;

    open_pipes(database_url, 1, 1);
    while (n < 3000 && send_find(n % 10) != NULL)
        n++;
    ck_assert_int_eq(n, 2048);
    ck_assert_ptr_nonnull(send_grant(1, 0, 1)); /* that queue is another one */
    fc_loop_run(loop);
    for (int i = 0; i < n; i++)
        expect_found(&asks[i], i % 10);
}
END_TEST

TCase *pipe_case(void)
{
    TCase *claims = tcase_create("pipe");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, asks_set_up, asks_tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, hundreds_of_reads_of_one_turn_each_get_their_own_answer);
    tcase_add_test(claims, a_write_is_answered_when_others_see_it);
    tcase_add_test(claims, writes_of_one_lane_happen_in_their_order);
    tcase_add_test(claims, a_lane_that_is_held_up_holds_up_no_other);
    tcase_add_test(claims, an_answer_may_lead_to_the_next_question);
    tcase_add_test(claims, a_read_that_fails_does_not_harm_the_others);
    tcase_add_test(claims, what_a_write_violates_becomes_its_refusal);
    tcase_add_test(claims, a_deadlock_is_repeated_and_happens_once);
    tcase_add_test(claims, a_deadlock_that_stays_is_answered);
    tcase_add_test(claims, a_connection_cut_in_mid_flight_answers_each_call_once);
    tcase_add_test(claims, writes_that_were_not_sent_survive_a_cut);
    tcase_add_test(claims, a_connection_cut_while_idle_is_made_anew);
    tcase_add_test(claims, without_a_server_every_call_is_answered);
    tcase_add_test(claims, a_queue_that_is_full_takes_no_more);
    return claims;
}
