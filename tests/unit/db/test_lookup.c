#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>

#include "db/lookup.h"
#include "db/pipe.h"
#include "suites.h"

static sem_t may_be_found;
static atomic_int n_asked_for;
static int n_ticks, n_asked, n_answers;
static char why[256];
static struct fc_loop *loop;
static struct fc_pipes *pipes;
static struct fc_timer tick;
static struct fc_call call;

/* In place of the C library's: home.test is this machine, slow.test too once a test lets it be
 * found, none.test is nowhere. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    int (*next)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **) = (int (*)(const char *, const char *, const struct addrinfo *,
                                               struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");

    if (node != NULL && strcmp(node, "none.test") == 0)
        return EAI_NONAME;
    if (node != NULL && strcmp(node, "slow.test") == 0) {
        atomic_fetch_add(&n_asked_for, 1);
        (void)sem_wait(&may_be_found);
        node = "127.0.0.1";
    }
    if (node != NULL && strcmp(node, "home.test") == 0)
        node = "127.0.0.1";
    return next(node, service, hints, found);
}

static void on_result(struct fc_call *answered, const struct fc_result *result)
{
    ck_assert_ptr_eq(answered, &call);
    ck_assert_int_eq(result->status, FC_E_UNAVAILABLE);
    (void)snprintf(why, sizeof why, "%s", result->why);
    n_answers++;
}

static void ask_once(void)
{
    static const char *const values[] = {"ada@example.com"};

    call = (struct fc_call){
        .query = FC_Q_ADMIN_USER_FIND, .values = values, .on_result = on_result};
    n_asked += fc_pipes_send(pipes, &call) == FC_OK; /* else it is known that there is none */
}

static const char *port_of_database(void)
{
    return strstr(database_url, "port=") + strlen("port=");
}

/* Asks somebody whom the server turns away, if the call gets that far; @run runs every 10 ms. */
static void ask(const char *hosts, const char *ports, void (*run)(struct fc_timer *timer))
{
    const char *url = fc_printf(arena, "host=%s port=%s user=nobody password=wrong dbname=none",
                                hosts, ports);

    ck_assert_int_eq(sem_init(&may_be_found, 0, 0), 0);
    n_ticks = n_asked = n_answers = 0;
    why[0] = '\0';
    ck_assert_int_eq(fc_loop_open(&loop, &error), FC_OK);
    ck_assert_int_eq(fc_pipes_open(&pipes, loop, &(struct fc_pipes_config){url, 1, 0}, &error),
                     FC_OK);
    ask_once();
    ck_assert_int_eq(n_asked, 1);
    tick = (struct fc_timer){.run = run, .every_ms = 10};
    fc_loop_timer_start(loop, &tick, 10);
    fc_loop_run(loop);
}

static void ask_at(const char *hosts, void (*run)(struct fc_timer *timer))
{
    ask(hosts, port_of_database(), run);
}

static void close_all(void)
{
    fc_pipes_free(pipes);
    fc_loop_free(loop);
}

static void wait_on(struct fc_timer *timer)
{
    (void)timer;
    if (n_answers > 0)
        fc_loop_stop(loop);
}

static void let_it_be_found(struct fc_timer *timer)
{
    if (++n_ticks == 5)
        (void)sem_post(&may_be_found);
    wait_on(timer);
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

START_TEST(a_name_that_nobody_knows_hides_no_other)
{
    ask_at("none.test,127.0.0.1", wait_on);
    ck_assert_int_eq(n_answers, 1);
    ck_assert_msg(strstr(why, "127.0.0.1") != NULL && strstr(why, "password") != NULL, "%s", why);
    close_all();
}
END_TEST

/* A port whose connections nobody ever accepts, let alone answers. */
static const char *deaf_port(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(*fd, (struct sockaddr *)&at, n), 0);
    ck_assert_int_eq(listen(*fd, 64), 0);
    ck_assert_int_eq(getsockname(*fd, (struct sockaddr *)&at, &n), 0);
    return fc_printf(arena, "%d", ntohs(at.sin_port));
}

/* The first answers are that there is no connection. */
static void ask_until_turned_away(struct fc_timer *timer)
{
    (void)timer;
    if (strstr(why, "password") != NULL)
        fc_loop_stop(loop);
    else if (n_answers == n_asked) /* it has come back */
        ask_once();
}

START_TEST(a_server_that_does_not_answer_is_not_asked_first_again)
{
    int fd;
    const char *deaf = deaf_port(&fd);
    const char *url = fc_printf(arena,
                                "host=127.0.0.1,127.0.0.1 port=%s,%s user=nobody dbname=none", deaf,
                                port_of_database());
    struct fc_db *elsewhere = fc_db_new(url, "lookup");

    fc_db_limit(elsewhere, 500);
    ck_assert_int_eq(fc_db_execute(elsewhere, "SELECT 1", &error), FC_E_UNAVAILABLE);
    ck_assert_msg(strstr(error.text, "does not answer") != NULL, "%s", error.text);
    ck_assert_int_eq(fc_db_execute(elsewhere, "SELECT 1", &error), FC_E_UNAVAILABLE);
    ck_assert_msg(strstr(error.text, "password") != NULL, "%s", error.text); /* the other one */
    fc_db_free(elsewhere);
    (void)close(fd);
}
END_TEST

/* The same on an event loop, where it takes the five seconds of its patience. */
START_TEST(nor_does_a_loop_ask_it_first_again)
{
    int fd;
    const char *deaf = deaf_port(&fd);

    ask("127.0.0.1,127.0.0.1", fc_printf(arena, "%s,%s", deaf, port_of_database()),
        ask_until_turned_away);
    ck_assert_msg(strstr(why, "password") != NULL, "%s", why);
    close_all();
    (void)close(fd);
}
END_TEST

static const struct {
    const char *url;
    bool is_needed;
} urls[] = {
    {"postgresql://db.example.com/x", true},
    {"postgresql://localhost/x", true},
    {"host=db.example.com", true},
    {"postgresql://127.0.0.1:5432/x", false},
    {"postgresql://[::1]/x", false},
    {"postgresql:///x?host=/var/run", false},
    {"host=@abstract", false},
    {"postgresql:///x", false},
    {"dbname=x", false},
    {"postgresql://a.test,b.test/x", true},
    {"postgresql://127.0.0.1:1,127.0.0.1:2/x", true},
    {"host=db.example.com hostaddr=127.0.0.1", false},
    {"host=a.test,b.test hostaddr=127.0.0.1,127.0.0.2", true},
    {"host=a.test,b.test hostaddr=127.0.0.1", false}, /* libpq says that it is wrong */
    {"host=a.test,b.test port=1,2,3", false},
    {"postgresql://[::1/", false},
};

START_TEST(only_names_and_choices_are_looked_up)
{
    ck_assert_int_eq(fc_lookup_is_needed(urls[_i].url), urls[_i].is_needed);
}
END_TEST

static const struct {
    const char *url;
    unsigned first;
    const char *hosts, *addresses, *ports;
} lists[] = {
    {"host=home.test", 0, "home.test", "127.0.0.1", NULL},
    {"host=home.test port=7", 3, "home.test", "127.0.0.1", "7"},
    {"host=home.test,127.0.0.2,/tmp port=7", 0, "home.test,127.0.0.2,/tmp", "127.0.0.1,,", "7,7,7"},
    {"host=home.test,127.0.0.2,/tmp port=7,,9", 1, "127.0.0.2,/tmp,home.test", ",,127.0.0.1",
     ",9,7"},
    {"host=home.test,none.test,127.0.0.2", 3, "127.0.0.2,home.test", ",127.0.0.1", NULL},
    {"hostaddr=127.0.0.1,127.0.0.2", 1, ",", "127.0.0.2,127.0.0.1", NULL},
};

START_TEST(libpq_is_given_them_in_order)
{
    struct fc_lookup *lookup = fc_lookup_start(lists[_i].url);
    struct pollfd over = {.fd = fc_lookup_fd(lookup), .events = POLLIN};
    struct fc_targets targets;
    const char *reason;

    ck_assert_int_eq(poll(&over, 1, -1), 1);
    ck_assert(fc_lookup_targets(lookup, arena, lists[_i].first, &targets, &reason));
    ck_assert_str_eq(targets.hosts, lists[_i].hosts);
    ck_assert_str_eq(targets.addresses, lists[_i].addresses);
    ck_assert_pstr_eq(targets.ports, lists[_i].ports);
    fc_lookup_free(lookup);
}
END_TEST

static void expect_found(struct fc_lookup *lookup)
{
    struct pollfd over = {.fd = fc_lookup_fd(lookup), .events = POLLIN};
    struct fc_targets targets;
    const char *reason;

    ck_assert_int_eq(poll(&over, 1, -1), 1);
    ck_assert(fc_lookup_targets(lookup, arena, 0, &targets, &reason));
    ck_assert_str_eq(targets.addresses, "127.0.0.1");
    fc_lookup_free(lookup);
}

START_TEST(what_several_ask_at_once_is_looked_up_once)
{
    struct fc_lookup *lookups[8], *later;

    ck_assert_int_eq(sem_init(&may_be_found, 0, 0), 0);
    for (int i = 0; i < N(lookups); i++)
        lookups[i] = fc_lookup_start("host=slow.test");
    fc_lookup_free(lookups[0]); /* who leaves takes nothing from the others */
    ck_assert_int_eq(sem_post(&may_be_found), 0);
    for (int i = 1; i < N(lookups); i++)
        expect_found(lookups[i]);
    ck_assert_int_eq(n_asked_for, 1);
    later = fc_lookup_start("host=slow.test"); /* it may have moved by now */
    ck_assert_int_eq(sem_post(&may_be_found), 0);
    expect_found(later);
    ck_assert_int_eq(n_asked_for, 2);
}
END_TEST

START_TEST(others_are_looked_up_besides)
{
    struct fc_lookup *slow, *quick;

    ck_assert_int_eq(sem_init(&may_be_found, 0, 0), 0);
    slow = fc_lookup_start("host=slow.test");
    quick = fc_lookup_start("host=home.test");
    expect_found(quick);
    ck_assert_int_eq(sem_post(&may_be_found), 0);
    expect_found(slow);
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
    tcase_add_test(claims, a_name_that_nobody_knows_hides_no_other);
    tcase_add_test(claims, a_server_that_does_not_answer_is_not_asked_first_again);
    tcase_add_test(claims, nor_does_a_loop_ask_it_first_again);
    tcase_add_loop_test(claims, only_names_and_choices_are_looked_up, 0, N(urls));
    tcase_add_test(claims, what_several_ask_at_once_is_looked_up_once);
    tcase_add_test(claims, others_are_looked_up_besides);
    tcase_add_loop_test(claims, libpq_is_given_them_in_order, 0, N(lists));
    return claims;
}
