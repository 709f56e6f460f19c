#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include <framecast/time.h>

#include "process/process.h"
#include "suite.h"

#define SHELL(script) ((const char *const[]){"/bin/sh", "-c", (script), NULL})

enum { SECOND_MS = 1000, LONG_MS = 30 * SECOND_MS };

static fc_status start(struct fc_process **p, const char *script)
{
    return fc_process_start(
        p,
        &(struct fc_process_plan){.argv = SHELL(script), .timeout_ms = LONG_MS, .output_max = 4096},
        NULL);
}

/* True when no process has the number any more, or only its corpse is left; waits for it. */
static bool is_gone(pid_t pid)
{
    for (int i = 0; i < 1000; i++) {
        char path[64], state = 0;
        FILE *stat;

        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        stat = fopen(path, "re");
        if (stat == NULL)
            return true;
        if (fscanf(stat, "%*d (%*[^)]) %c", &state) == 1 && state == 'Z') {
            fclose(stat);
            return true;
        }
        fclose(stat);
        usleep(10000);
    }
    return false;
}

static int n_open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

START_TEST(a_program_that_ends_well_is_ok)
{
    FC_AUTO(process) *p = NULL;

    ck_assert_int_eq(start(&p, "exit 0"), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_OK);
    ck_assert_str_eq(fc_process_ending(p), "sh exited with status 0");
}
END_TEST

START_TEST(a_failure_is_told_with_the_last_words)
{
    FC_AUTO(process) *p = NULL;
    struct fc_error error;

    ck_assert_int_eq(start(&p, "echo first >&2; echo 'no such filter' >&2; exit 3"), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, &error), FC_E_INTERNAL);
    ck_assert_ptr_nonnull(strstr(error.text, "sh exited with status 3"));
    ck_assert_ptr_nonnull(strstr(error.text, "no such filter"));
}
END_TEST

START_TEST(death_by_a_signal_is_told_in_words)
{
    FC_AUTO(process) *p = NULL;
    struct fc_error error;

    ck_assert_int_eq(start(&p, "kill -9 $$"), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, &error), FC_E_INTERNAL);
    ck_assert_ptr_nonnull(strstr(error.text, "sh was killed by signal 9"));
}
END_TEST

START_TEST(a_missing_program_is_not_found)
{
    FC_AUTO(process) *p = NULL;
    struct fc_process_plan plan = {.argv = (const char *const[]){"no-such-program-here", NULL}};
    struct fc_error error;

    ck_assert_int_eq(fc_process_start(&p, &plan, &error), FC_E_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(error.text, "no-such-program-here"));
    ck_assert_ptr_null(p);
}
END_TEST

START_TEST(the_deadline_kills_the_whole_group)
{
    FC_AUTO(process) *p = NULL;
    struct fc_process_plan plan = {
        .argv = SHELL("sleep 1000 & echo $!; wait"), .timeout_ms = 300, .output_max = 64};
    struct fc_error error;

    ck_assert_int_eq(fc_process_start(&p, &plan, NULL), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, &error), FC_E_UNAVAILABLE);
    ck_assert(fc_process_timed_out(p));
    ck_assert_ptr_nonnull(strstr(error.text, "stopped after 0.3 seconds"));
    ck_assert(is_gone((pid_t)strtol(fc_process_output(p).at, NULL, 10)));
}
END_TEST

START_TEST(what_a_program_leaves_behind_dies_with_it)
{
    FC_AUTO(process) *p = NULL;

    ck_assert_int_eq(start(&p, "sleep 1000 & echo $!"), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_OK);
    ck_assert(is_gone((pid_t)strtol(fc_process_output(p).at, NULL, 10)));
}
END_TEST

START_TEST(freeing_a_running_program_ends_it)
{
    struct fc_process *p = NULL;
    pid_t pid;

    ck_assert_int_eq(start(&p, "echo $$; sleep 1000"), FC_OK);
    while (fc_process_output(p).n == 0)
        ck_assert(!fc_process_poll(p));
    pid = (pid_t)strtol(fc_process_output(p).at, NULL, 10);
    fc_process_free(p);
    ck_assert(is_gone(pid));
}
END_TEST

static bool is_true(void *flag)
{
    return atomic_load((atomic_bool *)flag);
}

START_TEST(a_canceled_wait_ends_the_program)
{
    FC_AUTO(process) *p = NULL;
    atomic_bool canceled = true;
    struct fc_error error;

    ck_assert_int_eq(start(&p, "sleep 1000"), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, is_true, &canceled, &error), FC_E_UNAVAILABLE);
    ck_assert(!fc_process_timed_out(p));
    ck_assert_ptr_nonnull(strstr(error.text, "canceled"));
}
END_TEST

START_TEST(big_output_is_read_to_the_end_and_kept_to_the_ceiling)
{
    FC_AUTO(process) *p = NULL;
    struct fc_process_plan plan = {
        .argv = SHELL("head -c 3000000 /dev/zero | tr '\\0' x; "
                      "head -c 3000000 /dev/zero | tr '\\0' e >&2; echo end >&2"),
        .output_max = 1000,
        .timeout_ms = LONG_MS};
    size_t n;

    ck_assert_int_eq(fc_process_start(&p, &plan, NULL), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_OK);
    ck_assert_uint_eq(fc_process_output(p).n, 1000);
    n = strlen(fc_process_errors(p));
    ck_assert_uint_ge(n, 4096);
    ck_assert_uint_le(n, 8192);
    ck_assert_str_eq(fc_process_errors(p) + n - 5, "eend\n");
}
END_TEST

static void keep_line(void *context, const char *line)
{
    struct fc_buffer *b = context;

    fc_put(b, line);
    fc_put_char(b, '|');
}

START_TEST(lines_are_offered_one_by_one_with_the_last_unfinished_one)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    FC_AUTO(process) *p = NULL;
    struct fc_buffer lines = fc_buffer_in(arena);
    struct fc_process_plan plan = {
        .argv = SHELL("printf 'one\\n\\ntwo\\nthree'"), .on_line = keep_line, .context = &lines};

    ck_assert_int_eq(fc_process_start(&p, &plan, NULL), FC_OK);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_OK);
    ck_assert_str_eq(lines.data, "one||two|three|");
    ck_assert_uint_eq(fc_process_output(p).n, 0);
}
END_TEST

START_TEST(stdin_is_empty_unless_it_is_fed)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_span output;

    ck_assert_int_eq(
        fc_process_run(arena, &(struct fc_process_plan){.argv = SHELL("wc -c"), .output_max = 64},
                       &output, NULL),
        FC_OK);
    ck_assert_int_eq(strtol(output.at, NULL, 10), 0);
}
END_TEST

START_TEST(a_program_can_be_fed_more_than_a_pipe_holds)
{
    static char bytes[3000000];
    FC_AUTO(process) *p = NULL;
    struct fc_process_plan plan = {
        .argv = SHELL("wc -c"), .has_input = true, .output_max = 64, .timeout_ms = LONG_MS};

    ck_assert_int_eq(fc_process_start(&p, &plan, NULL), FC_OK);
    ck_assert_int_eq(fc_process_write(p, bytes, sizeof bytes, NULL, NULL), FC_OK);
    fc_process_close_input(p);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_OK);
    ck_assert_int_eq(strtol(fc_process_output(p).at, NULL, 10), sizeof bytes);
}
END_TEST

START_TEST(feeding_a_program_that_is_gone_fails_without_a_signal)
{
    static char bytes[3000000];
    FC_AUTO(process) *p = NULL;
    struct fc_process_plan plan = {
        .argv = SHELL("exit 0"), .has_input = true, .timeout_ms = LONG_MS};

    ck_assert_int_eq(fc_process_start(&p, &plan, NULL), FC_OK);
    ck_assert_int_eq(fc_process_write(p, bytes, sizeof bytes, NULL, NULL), FC_E_UNAVAILABLE);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_OK);
}
END_TEST

START_TEST(feeding_a_program_that_does_not_read_can_be_canceled)
{
    static char bytes[3000000];
    FC_AUTO(process) *p = NULL;
    struct fc_process_plan plan = {
        .argv = SHELL("sleep 1000"), .has_input = true, .timeout_ms = LONG_MS};
    atomic_bool canceled = true;

    ck_assert_int_eq(fc_process_start(&p, &plan, NULL), FC_OK);
    ck_assert_int_eq(fc_process_write(p, bytes, sizeof bytes, is_true, &canceled),
                     FC_E_UNAVAILABLE);
    ck_assert_int_eq(fc_process_wait(p, NULL, NULL, NULL), FC_E_INTERNAL);
    ck_assert_str_eq(fc_process_ending(p), "sh was killed by signal 9");
}
END_TEST

START_TEST(nothing_but_the_standard_streams_is_inherited)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_span output;
    int leaky = dup(STDOUT_FILENO); /* without O_CLOEXEC, as a careless library would */

    ck_assert_int_ge(leaky, 3);
    ck_assert_int_eq(fc_process_run(arena,
                                    &(struct fc_process_plan){.argv = SHELL("ls /proc/$$/fd"),
                                                              .output_max = 256},
                                    &output, NULL),
                     FC_OK);
    close(leaky);
    ck_assert_str_eq(output.at, "0\n1\n2\n");
}
END_TEST

START_TEST(signals_that_are_blocked_here_are_not_blocked_there)
{
    FC_AUTO(process) *p = NULL;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    ck_assert_int_eq(start(&p, "kill -TERM $$; exit 0"), FC_OK);
    (void)fc_process_wait(p, NULL, NULL, NULL);
    ck_assert_str_eq(fc_process_ending(p), "sh was killed by signal 15");
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
END_TEST

START_TEST(no_descriptor_is_left_open)
{
    int before = n_open_files();

    for (int i = 0; i < 20; i++) {
        struct fc_process *p = NULL;

        ck_assert_int_eq(start(&p, i % 2 == 0 ? "echo x" : "sleep 100"), FC_OK);
        if (i % 2 == 0)
            (void)fc_process_wait(p, NULL, NULL, NULL);
        fc_process_free(p);
        (void)fc_process_start(
            &p, &(struct fc_process_plan){.argv = (const char *const[]){"/nowhere", NULL}}, NULL);
    }
    ck_assert_int_eq(n_open_files(), before);
}
END_TEST

static void *run_some(void *failures)
{
    for (int i = 0; i < 15; i++) {
        FC_AUTO(arena) *arena = fc_arena_new();
        struct fc_span output = {"", 0};
        fc_status st = fc_process_run(arena,
                                      &(struct fc_process_plan){.argv = SHELL("ls /proc/$$/fd"),
                                                                .output_max = 256,
                                                                .timeout_ms = LONG_MS},
                                      &output, NULL);

        if (st != FC_OK || strcmp(output.at, "0\n1\n2\n") != 0)
            atomic_fetch_add((atomic_int *)failures, 1);
    }
    return NULL;
}

START_TEST(several_threads_start_programs_at_once)
{
    pthread_t threads[4];
    atomic_int failures = 0;

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_some, &failures), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(atomic_load(&failures), 0);
}
END_TEST

START_TEST(a_child_dies_with_the_program_that_started_it)
{
    int ends[2];
    char text[32] = "";
    pid_t middle;

    ck_assert_int_eq(pipe(ends), 0);
    middle = fork();
    ck_assert_int_ge(middle, 0);
    if (middle == 0) {
        struct fc_process *p = NULL;

        if (start(&p, "echo $$; sleep 1000") != FC_OK)
            _exit(1);
        while (fc_process_output(p).n == 0)
            (void)fc_process_poll(p);
        if (write(ends[1], fc_process_output(p).at, fc_process_output(p).n) < 0)
            _exit(1);
        raise(SIGKILL);
    }
    ck_assert_int_gt(read(ends[0], text, sizeof text - 1), 0);
    ck_assert_int_eq(waitpid(middle, NULL, 0), middle);
    ck_assert(is_gone((pid_t)strtol(text, NULL, 10)));
    close(ends[0]);
    close(ends[1]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("process");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_program_that_ends_well_is_ok);
    tcase_add_test(tests, a_failure_is_told_with_the_last_words);
    tcase_add_test(tests, death_by_a_signal_is_told_in_words);
    tcase_add_test(tests, a_missing_program_is_not_found);
    tcase_add_test(tests, the_deadline_kills_the_whole_group);
    tcase_add_test(tests, what_a_program_leaves_behind_dies_with_it);
    tcase_add_test(tests, freeing_a_running_program_ends_it);
    tcase_add_test(tests, a_canceled_wait_ends_the_program);
    tcase_add_test(tests, big_output_is_read_to_the_end_and_kept_to_the_ceiling);
    tcase_add_test(tests, lines_are_offered_one_by_one_with_the_last_unfinished_one);
    tcase_add_test(tests, stdin_is_empty_unless_it_is_fed);
    tcase_add_test(tests, a_program_can_be_fed_more_than_a_pipe_holds);
    tcase_add_test(tests, feeding_a_program_that_is_gone_fails_without_a_signal);
    tcase_add_test(tests, feeding_a_program_that_does_not_read_can_be_canceled);
    tcase_add_test(tests, nothing_but_the_standard_streams_is_inherited);
    tcase_add_test(tests, signals_that_are_blocked_here_are_not_blocked_there);
    tcase_add_test(tests, no_descriptor_is_left_open);
    tcase_add_test(tests, several_threads_start_programs_at_once);
    tcase_add_test(tests, a_child_dies_with_the_program_that_started_it);
    return run_suite("process", &tests, 1, NULL, NULL);
}
