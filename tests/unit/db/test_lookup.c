#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>
#include <string.h>

#include "db/lookup.h"
#include "db/pipe.h"
#include "suites.h"

static sem_t may_be_found;
static int n_ticks, n_answers;
static char why[256];
static struct fc_loop *loop;
static struct fc_pipes *pipes;
static struct fc_timer tick;
static struct fc_call call;

/* In place of the C library's: slow.test is this machine once a test lets it be found, none.test is
 * nowhere. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    int (*next)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **) = (int (*)(const char *, const char *, const struct addrinfo *,
                                               struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");

    if (node != NULL && strcmp(node, "none.test") == 0)
        return EAI_NONAME;
    if (node != NULL && strcmp(node, "slow.test") == 0) {
        (void)sem_wait(&may_be_found);
        node = "127.0.0.1";
    }
    return next(node, service, hints, found);
}

static void on_result(struct fc_call *answered, const struct fc_result *result)
{
    ck_assert_ptr_eq(answered, &call);
    ck_assert_int_eq(result->status, FC_E_UNAVAILABLE);
    (void)snprintf(why, sizeof why, "%s", result->why);
    n_answers++;
    fc_loop_stop(loop);
}

/* Asks somebody whom the server turns away, if the call gets that far; @run runs every 10 ms. */
static void ask_at(const char *host, void (*run)(struct fc_timer *timer))
{
    static const char *const values[] = {"ada@example.com"};
    const char *port = strstr(database_url, "port=") + strlen("port=");
    const char *url = fc_printf(arena, "postgresql://nobody:wrong@%s:%s/none", host, port);

    ck_assert_int_eq(sem_init(&may_be_found, 0, 0), 0);
    n_ticks = n_answers = 0;
    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(fc_pipes_open(&pipes, loop, &(struct fc_pipes_config){url, 1, 0}, &error),
                     FC_OK);
    call = (struct fc_call){
        .query = FC_Q_ADMIN_USER_FIND, .values = values, .on_result = on_result};
    ck_assert_int_eq(fc_pipes_send(pipes, &call), FC_OK);
    tick = (struct fc_timer){.run = run, .every_ms = 10};
    fc_loop_timer_start(loop, &tick, 10);
    fc_loop_run(loop);
}

static void close_all(void)
{
    fc_pipes_free(pipes);
    fc_loop_free(loop);
}

static void wait_on(struct fc_timer *timer)
{
    (void)timer;
}

static void let_it_be_found(struct fc_timer *timer)
{
    (void)timer;
    if (++n_ticks == 5)
        (void)sem_post(&may_be_found);
}

static void give_up(struct fc_timer *timer)
{
    (void)timer;
    fc_loop_stop(loop);
}

/* If the loop stood still meanwhile, nobody would ever let the name be found. */
START_TEST(a_name_that_is_slow_to_be_found_holds_up_nobody)
{
    ask_at("slow.test", let_it_be_found);
    ck_assert_int_eq(n_answers, 1);
    ck_assert_int_ge(n_ticks, 5);
    ck_assert_msg(strstr(why, "127.0.0.1") != NULL && strstr(why, "password") != NULL, "%s",
                  why); /* it went there, and was turned away */
    close_all();
}
END_TEST

START_TEST(a_name_that_nobody_knows_is_said_at_once)
{
    ask_at("none.test", wait_on);
    ck_assert_int_eq(n_answers, 1);
    ck_assert_msg(strncmp(why, "host none.test is not found: ", 29) == 0, "%s", why);
    close_all();
}
END_TEST

START_TEST(one_may_leave_while_a_name_is_looked_up)
{
    ask_at("slow.test", give_up);
    ck_assert_int_eq(n_answers, 0);
    close_all();
    ck_assert_int_eq(n_answers, 1);
    ck_assert_int_eq(sem_post(&may_be_found), 0);
}
END_TEST

static const struct {
    const char *host;
    bool is_needed;
} hosts[] = {
    {"db.example.com", true},
    {"localhost", true},
    {"127.0.0.1", false},
    {"::1", false},
    {"/var/run", false},
    {"@abstract", false},
    {"", false},
    {"a.test,b.test", false},
    {NULL, false},
};

START_TEST(only_one_name_is_looked_up)
{
    ck_assert_int_eq(fc_lookup_is_needed(hosts[_i].host), hosts[_i].is_needed);
}
END_TEST

TCase *lookup_case(void)
{
    TCase *claims = tcase_create("lookup");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, world_set_up, database_tear_down);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, a_name_that_is_slow_to_be_found_holds_up_nobody);
    tcase_add_test(claims, a_name_that_nobody_knows_is_said_at_once);
    tcase_add_test(claims, one_may_leave_while_a_name_is_looked_up);
    tcase_add_loop_test(claims, only_one_name_is_looked_up, 0, N(hosts));
    return claims;
}
