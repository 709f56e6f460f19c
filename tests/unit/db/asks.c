#include "asks.h"

#include <string.h>

#include "suites.h"

struct fc_loop *loop;
struct fc_pipes *pipes;
struct ask asks[ASKS_MAX];
int n_asks, n_answered;
void (*on_answer)(struct ask *ask);

void open_pipes(const char *url, int n_read, int n_write)
{
    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(
        fc_pipes_open(&pipes, loop, &(struct fc_pipes_config){url, n_read, n_write}, &error),
        FC_OK);
}

void asks_set_up(void)
{
    world_set_up();
    n_asks = n_answered = 0;
    on_answer = NULL;
    sql("INSERT INTO users (id, email) SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, "
        "'0'))::uuid, "
        "'user' || n || '@example.com' FROM generate_series(0, 9) AS n");
}

void asks_tear_down(void)
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
    if (on_answer != NULL)
        on_answer(ask);
    if (n_answered == n_asks)
        fc_loop_stop(loop);
}

struct ask *send_query(enum fc_query query, uint32_t lane, struct fc_args args)
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

struct ask *send_find(int n)
{
    return send_query(FC_Q_ADMIN_USER_FIND, 0,
                      FC_ARGS(fc_arg_text(fc_printf(arena, "user%d@example.com", n))));
}

const char *id_of(int n)
{
    return fc_printf(arena, "00000000-0000-4000-8000-%012d", n);
}

void expect_found(const struct ask *ask, int n)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_msg(ask->status == FC_OK, "%s", ask->refusal);
    ck_assert_str_eq(ask->text, id_of(n));
}

void expect_refused(const struct ask *ask, fc_status status, const char *refusal)
{
    ck_assert_int_eq(ask->n_answers, 1);
    ck_assert_int_eq(ask->status, status);
    ck_assert_str_eq(ask->refusal, refusal);
}

struct fc_db *locker;
static struct fc_timer look;
static int n_waiting_wanted;

void lock_users(void)
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

void run_and_cut(int n_waiting)
{
    n_waiting_wanted = n_waiting;
    look = (struct fc_timer){.run = cut_when_waiting, .every_ms = 10};
    fc_loop_timer_start(loop, &look, 10);
    fc_loop_run(loop);
}
