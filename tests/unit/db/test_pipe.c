#include <string.h>

#include "db/pipe.h"
#include "suites.h"

enum { ASKS_MAX = 4096, ID_SIZE = 37 };

/* One call of a test, and what came of it. */
struct ask {
    struct fc_call call; /* first: the two are cast into each other */
    const char *values[FC_STATEMENT_ARGS_MAX];
    int n_answers, turn; /* turn: which answer of all it was */
    fc_status status;
    char refusal[40], text[64]; /* text: the first row's first column, "" for no row */
    char outcome[40], body[64]; /* fourth column, and how the fifth begins, where there are five */
    const char *kept;           /* the first row's first column, for longer than the answer */
    const void *result;         /* only to be compared */
};

static struct fc_loop *loop;
static struct fc_pipes *pipes;
static struct ask asks[ASKS_MAX];
static int n_asks, n_answered;
static void (*on_answer)(struct ask *ask);

static void open_pipes(const char *url, int n_read, int n_write)
{
    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(
        fc_pipes_open(&pipes, loop, &(struct fc_pipes_config){url, n_read, n_write}, &error),
        FC_OK);
}

static void set_up(void)
{
    world_set_up();
    n_asks = n_answered = 0;
    on_answer = NULL;
    sql("INSERT INTO users (id, email) SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, "
        "'0'))::uuid, "
        "'user' || n || '@example.com' FROM generate_series(0, 9) AS n");
}

static void tear_down(void)
{
    ck_assert_int_eq(fc_pipes_load(pipes).n_calls, 0);
    fc_pipes_free(pipes);
    fc_loop_free(loop);
    database_tear_down();
}

static void on_result(struct fc_call *call, const struct fc_result *result)
{
    struct ask *ask = (struct ask *)call;

    ask->n_answers++;
    ask->turn = n_answered++;
    ask->status = result->status;
    ck_assert_int_eq(result->status == FC_OK, result->refusal == NULL);
    if (result->refusal != NULL)
        (void)snprintf(ask->refusal, sizeof ask->refusal, "%s", result->refusal->name);
    if (result->status == FC_OK && result->rows.n > 0) {
        ask->kept = fc_rows_keep(&result->rows, 0, 0, arena);
        (void)snprintf(ask->text, sizeof ask->text, "%s", ask->kept);
    }
    if (result->status == FC_OK && result->rows.n > 0 && result->rows.n_columns > 4 &&
        fc_rows_text(&result->rows, 0, 4) != NULL) {
        (void)snprintf(ask->outcome, sizeof ask->outcome, "%s", fc_rows_text(&result->rows, 0, 3));
        (void)snprintf(ask->body, sizeof ask->body, "%s", fc_rows_text(&result->rows, 0, 4));
    }
    ask->result = result->rows.result;
    if (on_answer != NULL)
        on_answer(ask);
    if (n_answered == n_asks)
        fc_loop_stop(loop);
}

static struct ask *send(enum fc_query query, uint32_t lane, struct fc_args args)
{
    struct ask *ask = &asks[n_asks];

    ck_assert_int_lt(n_asks, ASKS_MAX);
    memset(ask, 0, sizeof *ask);
    fc_args_bind(arena, args, ask->values);
    ask->call = (struct fc_call){
        .query = query, .values = ask->values, .lane = lane, .on_result = on_result};
    if (fc_pipes_send(pipes, &ask->call) != FC_OK)
        return NULL;
    n_asks++;
    return ask;
}

/* A read that gives the id of one of the ten users. */
static struct ask *send_find(int n)
{
    return send(FC_Q_ADMIN_USER_FIND, 0,
                FC_ARGS(fc_arg_text(fc_printf(arena, "user%d@example.com", n))));
}

static const char *id_of(int n)
{
    return fc_printf(arena, "00000000-0000-4000-8000-%012d", n);
}

/* A read that runs together with its neighbours: user @n looks at @job. */
static struct ask *send_look(int n, const char *job)
{
    return send(FC_Q_JOB_GET, 0,
                FC_ARGS(fc_arg_text(id_of(n)),
                        fc_arg_text(fc_printf(arena, "user%d@example.com", n)), fc_arg_text(""),
                        fc_arg_bool(false), fc_arg_text(NULL), fc_arg_text(job)));
}

/* Each of the ten users has a job with an id like the user's own. */
static void make_jobs(void)
{
    sql("INSERT INTO jobs (id, owner, triggered_by, spec_snapshot) "
        "SELECT id, 'framecast:user:' || id, id, '{}' FROM users");
}

static void expect_seen(const struct ask *ask, int n)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_msg(ask->status == FC_OK, "%s", ask->refusal);
    ck_assert_str_eq(ask->text, "ok");
    ck_assert_msg(strncmp(ask->body, fc_printf(arena, "{\"id\":\"%s\"", id_of(n)), 44) == 0, "%s",
                  ask->body);
}

/* A read that fails: its argument is no UUID. */
static struct ask *send_broken(void)
{
    return send(FC_Q_JOB_EVENTS_AFTER, 0,
                FC_ARGS(fc_arg_text("none"), fc_arg_int(0), fc_arg_int(1)));
}

static struct ask *send_grant(int n, uint32_t lane, int credits)
{
    return send(FC_Q_ADMIN_USER_GRANT, lane, FC_ARGS(fc_arg_text(id_of(n)), fc_arg_int(credits)));
}

/* A write that runs together with its neighbours: user @n makes a job of 10 credits. */
static struct ask *send_job(int n, uint32_t lane, const char *spec, const char *key)
{
    return send(
        FC_Q_JOB_CREATE, lane,
        FC_ARGS(fc_arg_text(id_of(n)), fc_arg_text(fc_printf(arena, "user%d@example.com", n)),
                fc_arg_text(""), fc_arg_bool(false), fc_arg_text(NULL),
                fc_arg_text(fc_printf(arena, "framecast:user:%s", id_of(n))), fc_arg_text(spec),
                fc_arg_text("{}"), fc_arg_int(10), fc_arg_text("[{\"scene_id\": \"a\"}]"),
                fc_arg_text("external"), fc_arg_int(7), fc_arg_text(key), fc_arg_text(NULL),
                fc_arg_text("[]"), fc_arg_bool(true), fc_arg_text(NULL)));
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

static void expect_found(const struct ask *ask, int n)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_msg(ask->status == FC_OK, "%s", ask->refusal);
    ck_assert_str_eq(ask->text, id_of(n));
}

static void expect_refused(const struct ask *ask, fc_status status, const char *refusal)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_int_eq(ask->status, status);
    ck_assert_str_eq(ask->refusal, refusal);
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
        ck_assert_ptr_nonnull(send(FC_Q_ADMIN_USER_CREATE, (uint32_t)i,
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

START_TEST(reads_that_run_together_each_get_their_own_answer)
{
    open_pipes(database_url, 2, 1);
    make_jobs();
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
    ck_assert_ptr_nonnull(asks[100].result);
    ck_assert_ptr_eq(asks[100].result, asks[102].result); /* they did run together */
}
END_TEST

START_TEST(a_text_that_is_kept_outlives_its_answer)
{
    struct ask *of_its_own, *passing, *together[3];

    open_pipes(database_url, 1, 1);
    make_jobs();
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
    ck_assert_ptr_nonnull(asks[10].result);
    ck_assert(asks[10].result == asks[12].result); /* they did run together */
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
    ck_assert_ptr_eq(asks[1].result, asks[3].result); /* they did run together */
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
    ck_assert_ptr_eq(asks[0].result, asks[9].result);
    expect_sql("(SELECT array_agg(owner ORDER BY created_at) = array_agg(owner ORDER BY owner) "
               "FROM jobs)");
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

START_TEST(a_read_that_fails_does_not_harm_those_that_run_with_it)
{
    open_pipes(database_url, 1, 1);
    make_jobs();
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

static struct ask *send_create(const char *email, const char *tier)
{
    return send(FC_Q_ADMIN_USER_CREATE, 0,
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

static struct fc_db *locker;
static struct fc_timer look;
static int n_waiting_wanted;

static void lock_users(void)
{
    locker = fc_db_new(database_url, "locker");
    ck_assert_int_eq(
        fc_db_execute(locker, "BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE", &error), FC_OK);
}

/* Once all connections wait for the lock: they are cut, then the lock is given up. */
static void cut_when_waiting(struct fc_timer *timer)
{
    const char *condition = fc_printf(
        arena,
        "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'framecastd %%' AND wait_event_type = 'Lock') = %d",
        n_waiting_wanted);

    if (!is_so(condition))
        return;
    fc_loop_timer_stop(loop, timer);
    end_connections("framecastd read");
    end_connections("framecastd write");
    ck_assert_int_eq(fc_db_execute(locker, "ROLLBACK", &error), FC_OK);
}

/* Runs until all is answered; cuts the connections once @n_waiting of them wait for the lock. */
static void run_and_cut(int n_waiting)
{
    n_waiting_wanted = n_waiting;
    look = (struct fc_timer){.run = cut_when_waiting, .every_ms = 10};
    fc_loop_timer_start(loop, &look, 10);
    fc_loop_run(loop);
}

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

START_TEST(reads_that_run_together_survive_a_cut)
{
    open_pipes(database_url, 1, 0);
    make_jobs();
    lock_users();
    for (int i = 0; i < 200; i++)
        ck_assert_ptr_nonnull(send_look(i % 10, id_of(i % 10)));
    run_and_cut(1);
    for (int i = 0; i < 200; i++)
        expect_seen(&asks[i], i % 10);
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

/* What ran together is lost together; what waited for it goes out on the next connection. */
START_TEST(writes_that_run_together_are_each_answered_after_a_cut)
{
    enum { MANY = 40, TOGETHER = 16 };
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
    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, hundreds_of_reads_of_one_turn_each_get_their_own_answer);
    tcase_add_test(claims, a_write_is_answered_when_others_see_it);
    tcase_add_test(claims, writes_of_one_lane_happen_in_their_order);
    tcase_add_test(claims, a_lane_that_is_held_up_holds_up_no_other);
    tcase_add_test(claims, an_answer_may_lead_to_the_next_question);
    tcase_add_test(claims, reads_that_run_together_each_get_their_own_answer);
    tcase_add_test(claims, a_text_that_is_kept_outlives_its_answer);
    tcase_add_test(claims, writes_that_run_together_each_get_their_own_answer);
    tcase_add_test(claims, writes_that_run_together_lock_in_one_order);
    tcase_add_test(claims, who_is_turned_away_is_so_among_others_too);
    tcase_add_test(claims, a_read_that_fails_does_not_harm_the_others);
    tcase_add_test(claims, a_read_that_fails_does_not_harm_those_that_run_with_it);
    tcase_add_test(claims, a_write_that_fails_does_not_harm_those_that_run_with_it);
    tcase_add_test(claims, what_a_write_violates_becomes_its_refusal);
    tcase_add_test(claims, a_deadlock_is_repeated_and_happens_once);
    tcase_add_test(claims, a_deadlock_that_stays_is_answered);
    tcase_add_test(claims, a_connection_cut_in_mid_flight_answers_each_call_once);
    tcase_add_test(claims, reads_that_run_together_survive_a_cut);
    tcase_add_test(claims, writes_that_were_not_sent_survive_a_cut);
    tcase_add_test(claims, writes_that_run_together_are_each_answered_after_a_cut);
    tcase_add_test(claims, a_connection_cut_while_idle_is_made_anew);
    tcase_add_test(claims, without_a_server_every_call_is_answered);
    tcase_add_test(claims, a_queue_that_is_full_takes_no_more);
    return claims;
}
