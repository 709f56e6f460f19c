/* Calls that run as one statement. */
#include <string.h>

#include "asks.h"
#include "db/batch.h"
#include "suites.h"

/* The arguments of user @n, who shows a token. */
#define AS_USER(n)                                                                                 \
    fc_arg_text(id_of(n)), fc_arg_text(fc_printf(arena, "user%d@example.com", n)),                 \
        fc_arg_text(""), fc_arg_bool(false), fc_arg_text(NULL)

/* A read that runs together with its neighbours: user @n looks at @job. */
static struct ask *send_look(int n, const char *job)
{
    return send_query(FC_Q_JOB_GET, 0, FC_ARGS(AS_USER(n), fc_arg_text(job)));
}

/* Each of the ten users has a job with an id like the user's own, and a spec of so many bytes. */
static void make_jobs(int n_bytes)
{
    sql("INSERT INTO jobs (id, owner, triggered_by, spec_snapshot) "
        "SELECT id, 'framecast:user:' || id, id, jsonb_build_object('x', repeat('x', %d)) FROM "
        "users",
        n_bytes);
}

static void expect_seen(const struct ask *ask, int n)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_msg(ask->status == FC_OK, "%s", ask->refusal);
    ck_assert_str_eq(ask->text, "ok");
    ck_assert_msg(strncmp(ask->body, fc_printf(arena, "{\"id\":\"%s\"", id_of(n)), 44) == 0, "%s",
                  ask->body);
}

/* A write that runs together with its neighbours: user @n makes a job of 10 credits. */
static struct ask *send_job(int n, uint32_t lane, const char *spec, const char *key)
{
    return send_query(FC_Q_JOB_CREATE, lane,
                      FC_ARGS(AS_USER(n),
                              fc_arg_text(fc_printf(arena, "framecast:user:%s", id_of(n))),
                              fc_arg_text(spec), fc_arg_text("{}"), fc_arg_int(10),
                              fc_arg_text("[{\"scene_id\": \"a\"}]"), fc_arg_text("external"),
                              fc_arg_int(7), fc_arg_text(key), fc_arg_text(NULL), fc_arg_text("[]"),
                              fc_arg_bool(true), fc_arg_text(NULL)));
}

static void pay_users(int credits)
{
    sql("UPDATE users SET tier = 'creator', upgraded_at = now(), credits = %d", credits);
}

/* What job_create said of it: "ok", "replay", or the name of a refusal. */
static const char *outcome_of(const struct ask *ask)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_msg(ask->status == FC_OK, "%s", ask->refusal);
    ck_assert_str_eq(ask->text, "ok"); /* the caller */
    return ask->outcome;
}

/* In one statement, one @n behind the other. */
static void expect_together(const struct ask *first, const struct ask *last, int n)
{
    ck_assert_int_gt(first->call.number, 0);
    ck_assert_int_eq(last->call.number, first->call.number + n);
}

/* A page of the newest jobs of user @n. */
static struct ask *send_list(int n, int up_to)
{
    const struct fc_arg none = fc_arg_text(NULL);

    return send_query(FC_Q_JOB_LIST, 0,
                      FC_ARGS(AS_USER(n), none, none, none, none, none, none, none, fc_arg_int(0),
                              fc_arg_int(up_to)));
}

START_TEST(reads_that_run_together_each_get_their_own_answer)
{
    open_pipes(database_url, 2, 1);
    make_jobs(0);
    for (int i = 0; i < 500; i++)
        ck_assert_ptr_nonnull(i % 50 == 49 ? send_find(i % 10)
                                           : send_look(i % 11, id_of(i % 3 == 0 ? 5 : i % 11)));
    fc_loop_run(loop);
    for (int i = 0; i < 500; i++) {
        int user = i % 11, job = i % 3 == 0 ? 5 : user;

        ck_assert_int_eq(asks[i].n_answers, 1);
        if (i % 50 == 49) {
            expect_found(&asks[i], i % 10);
        } else if (user == 10) {
            ck_assert_str_eq(asks[i].text, ""); /* nobody: no row */
        } else if (job != user) {
            ck_assert_str_eq(asks[i].text, "ok");
            ck_assert_str_eq(asks[i].body, ""); /* somebody else's */
        } else {
            expect_seen(&asks[i], job);
        }
    }
    expect_together(&asks[100], &asks[102], 1);
}
END_TEST

START_TEST(a_text_that_is_kept_outlives_its_answer)
{
    struct ask *of_its_own, *passing, *together[3];

    open_pipes(database_url, 1, 1);
    make_jobs(0);
    of_its_own = send_find(1);
    of_its_own->call.arena = arena;
    passing = send_find(2);
    for (int i = 0; i < 3; i++) {
        together[i] = send_look(i, id_of(i));
        together[i]->call.arena = arena;
    }
    fc_loop_run(loop);
    ck_assert_str_eq(of_its_own->kept, id_of(1));
    ck_assert_str_eq(passing->kept, id_of(2));
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(together[i]->kept, "ok");
}
END_TEST

START_TEST(writes_that_run_together_each_get_their_own_answer)
{
    enum { EACH = 6 };

    open_pipes(database_url, 1, 2);
    pay_users(1000);
    sql("UPDATE users SET credits = 15 WHERE id = '%s'", id_of(3));
    for (int i = 0; i < 10 * EACH; i++) /* each user's last one has the key of the first */
        ck_assert_ptr_nonnull(
            send_job(i % 10, (uint32_t)(i % 10), "{\"scenes\": []}",
                     fc_printf(arena, "key-%d", i / 10 == EACH - 1 ? 0 : i / 10)));
    fc_loop_run(loop);
    for (int i = 0; i < 10 * EACH; i++) {
        const char *expected = i / 10 == EACH - 1           ? "replay"
                               : i % 10 == 3 && i / 10 == 0 ? "ok"
                               : i % 10 == 3                ? "insufficient_credits"
                                                            : "ok";

        ck_assert_str_eq(outcome_of(&asks[i]), expected);
        if (i / 10 == EACH - 1)
            ck_assert_str_eq(asks[i].body, asks[i % 10].body); /* begins with the job's id */
    }
    expect_sql("(SELECT count(*) FROM jobs) = 46");
    expect_sql("(SELECT bool_and(credits = CASE id WHEN '%s' THEN 5 ELSE 950 END) FROM users)",
               id_of(3));
    expect_together(&asks[10], &asks[12], 1);
}
END_TEST

/* Of the ten every third shows a token with an e-mail that is not theirs. */
START_TEST(who_is_turned_away_is_so_among_others_too)
{
    open_pipes(database_url, 1, 1);
    pay_users(1000);
    for (int i = 0; i < 40; i++) {
        struct ask *ask = send_job(i % 10, 0, "{\"scenes\": []}", NULL);

        ck_assert_ptr_nonnull(ask);
        if (i % 3 == 0)
            ask->values[1] = "somebody@example.com";
    }
    fc_loop_run(loop);
    for (int i = 0; i < 40; i++)
        if (i % 3 == 0) {
            ck_assert_str_eq(asks[i].text, "email");
            ck_assert_str_eq(asks[i].body, "");
        } else {
            ck_assert_str_eq(outcome_of(&asks[i]), "ok");
        }
    expect_together(&asks[1], &asks[3], 2);
    expect_sql("(SELECT count(*) FROM jobs) = 26");
    expect_sql("(SELECT sum(1000 - credits) FROM users) = 260");
}
END_TEST

/* Else two such calls on two connections would wait for each other's purses. */
START_TEST(writes_that_run_together_lock_in_one_order)
{
    open_pipes(database_url, 1, 1);
    pay_users(1000);
    for (int i = 0; i < 10; i++)
        ck_assert_ptr_nonnull(send_job(9 - i, 0, "{\"scenes\": []}", NULL));
    fc_loop_run(loop);
    for (int i = 0; i < 10; i++)
        ck_assert_str_eq(outcome_of(&asks[i]), "ok");
    expect_together(&asks[0], &asks[9], 9);
    expect_sql("(SELECT array_agg(owner ORDER BY created_at) = array_agg(owner ORDER BY owner) "
               "FROM jobs)");
}
END_TEST

START_TEST(a_read_that_fails_does_not_harm_those_that_run_with_it)
{
    open_pipes(database_url, 1, 1);
    make_jobs(0);
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(send_look(i % 10, i % 30 == 7 ? "none" : id_of(i % 10)));
    fc_loop_run(loop);
    for (int i = 0; i < 100; i++)
        if (i % 30 == 7)
            expect_refused(&asks[i], FC_E_VALIDATION, "22");
        else
            expect_seen(&asks[i], i % 10);
}
END_TEST

START_TEST(a_write_that_fails_does_not_harm_those_that_run_with_it)
{
    open_pipes(database_url, 1, 2);
    pay_users(1000);
    for (int i = 0; i < 30; i++)
        ck_assert_ptr_nonnull(
            send_job(i % 10, (uint32_t)i, i % 11 == 7 ? "{" : "{\"scenes\": []}", NULL));
    fc_loop_run(loop);
    for (int i = 0; i < 30; i++)
        if (i % 11 == 7)
            expect_refused(&asks[i], FC_E_VALIDATION, "22");
        else
            ck_assert_str_eq(outcome_of(&asks[i]), "ok");
    expect_sql("(SELECT count(*) FROM jobs) = 27");
    expect_sql("(SELECT sum(1000 - credits) FROM users) = 270");
}
END_TEST

START_TEST(reads_that_run_together_survive_a_cut)
{
    open_pipes(database_url, 1, 0);
    make_jobs(0);
    lock_users();
    for (int i = 0; i < 200; i++)
        ck_assert_ptr_nonnull(send_look(i % 10, id_of(i % 10)));
    run_and_cut(1);
    for (int i = 0; i < 200; i++)
        expect_seen(&asks[i], i % 10);
    fc_db_free(locker);
}
END_TEST

static void cut_after_the_first(struct ask *ask)
{
    if (ask == &asks[0])
        end_connections("framecastd read");
}

/* Their answers are larger than what is under way between PostgreSQL and us. */
START_TEST(a_cut_between_their_rows_has_only_the_others_sent_again)
{
    enum { MANY = 30 };
    int n_again = 0;

    open_pipes(database_url, 1, 0);
    make_jobs(300000);
    on_answer = cut_after_the_first;
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_nonnull(send_look(i % 10, id_of(i % 10)));
    fc_loop_run(loop);
    for (int i = 0; i < MANY; i++) {
        expect_seen(&asks[i], i % 10);
        n_again += asks[i].call.attempts > 1;
    }
    ck_assert_int_eq(asks[0].call.attempts, 1);
    ck_assert_int_gt(n_again, MANY / 2);
}
END_TEST

/* What ran together is lost together; what waited for it goes out on the next connection. */
START_TEST(writes_that_run_together_are_each_answered_after_a_cut)
{
    enum { MANY = 40, TOGETHER = 32 };
    int n_done = 0;

    open_pipes(database_url, 1, 1);
    pay_users(1000);
    lock_users();
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_nonnull(send_job(i % 10, 0, "{\"scenes\": []}", NULL));
    run_and_cut(1);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(asks[i].n_answers, 1);
        n_done += asks[i].status == FC_OK;
    }
    ck_assert_int_eq(n_done, MANY - TOGETHER);
    expect_sql("(SELECT count(*) FROM jobs) = %d", n_done);
    fc_db_free(locker);
}
END_TEST

static void look_on(struct ask *ask)
{
    if (ask == &asks[0])
        for (int i = 0; i < 8; i++)
            ck_assert_ptr_nonnull(send_look(i, id_of(i)));
}

/* Eight more than go out in one: they wait, and eight that come meanwhile go with them. */
START_TEST(reads_that_wait_are_joined_by_those_that_come_later)
{
    enum { MANY = FC_BATCH_MAX + 8 };

    open_pipes(database_url, 1, 0);
    make_jobs(0);
    on_answer = look_on;
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_nonnull(send_look(i % 10, id_of(i % 10)));
    fc_loop_run(loop);
    for (int i = 0; i < MANY; i++)
        expect_seen(&asks[i], i % 10);
    for (int i = 0; i < 8; i++)
        expect_seen(&asks[MANY + i], i);
    expect_together(&asks[MANY - 8], &asks[MANY + 7], 15);
}
END_TEST

/* A page of fewer than no jobs: PostgreSQL finds out when it comes to it. */
START_TEST(a_read_that_is_answered_is_not_sent_again_when_a_later_one_fails)
{
    enum { MANY = 12, BROKEN = 7 };

    open_pipes(database_url, 1, 0);
    make_jobs(0);
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_nonnull(send_list(i % 10, i == BROKEN ? -7 : 50));
    fc_loop_run(loop);
    for (int i = 0; i < MANY; i++) {
        if (i == BROKEN) {
            expect_refused(&asks[i], FC_E_VALIDATION, "22");
        } else {
            ck_assert_str_eq(asks[i].outcome, "ok");
            ck_assert_msg(
                strncmp(asks[i].body, fc_printf(arena, "[{\"id\":\"%s\"", id_of(i % 10)), 45) == 0,
                "%s", asks[i].body);
        }
        ck_assert_int_eq(asks[i].call.attempts, i < BROKEN ? 1 : 2);
    }
}
END_TEST

TCase *together_case(void)
{
    TCase *claims = tcase_create("together");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, asks_set_up, asks_tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, reads_that_run_together_each_get_their_own_answer);
    tcase_add_test(claims, a_text_that_is_kept_outlives_its_answer);
    tcase_add_test(claims, writes_that_run_together_each_get_their_own_answer);
    tcase_add_test(claims, who_is_turned_away_is_so_among_others_too);
    tcase_add_test(claims, writes_that_run_together_lock_in_one_order);
    tcase_add_test(claims, a_read_that_fails_does_not_harm_those_that_run_with_it);
    tcase_add_test(claims, a_write_that_fails_does_not_harm_those_that_run_with_it);
    tcase_add_test(claims, reads_that_run_together_survive_a_cut);
    tcase_add_test(claims, a_cut_between_their_rows_has_only_the_others_sent_again);
    tcase_add_test(claims, writes_that_run_together_are_each_answered_after_a_cut);
    tcase_add_test(claims, reads_that_wait_are_joined_by_those_that_come_later);
    tcase_add_test(claims, a_read_that_is_answered_is_not_sent_again_when_a_later_one_fails);
    return claims;
}
