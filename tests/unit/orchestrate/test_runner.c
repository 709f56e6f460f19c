#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <framecast/log.h>

#include "orchestrate/work_dir.h"
#include "suites.h"
#include "world.h"

enum { NEVER = 1000000 };

static struct fc_runner *runner;

static void start_with(struct fc_runner_config config)
{
    config.database_url = database_url;
    config.storage = storage;
    config.steps = settings;
    config.parallel_scenes = 2;
    if (config.lease_seconds == 0)
        config.lease_seconds = 60;
    if (config.sweep_interval_seconds == 0)
        config.sweep_interval_seconds = 1;
    config.job_timeout_seconds = 1800;
    config.queue_timeout_seconds = 3600;
    ck_assert_msg(fc_runner_start(&runner, &config, &error) == FC_OK, "%s", error.text);
}

static void start(int n_workers)
{
    start_with((struct fc_runner_config){.n_workers = n_workers});
}

static void stop(void)
{
    fc_runner_stop(runner);
    runner = NULL;
}

START_TEST(workers_do_all_jobs_and_close_their_runs)
{
    start(2);
    for (int i = 0; i < 3; i++)
        create_job(i + 1);
    fc_runner_wake(runner);
    wait_sql("(SELECT count(*) = 3 FROM job_dispatches WHERE done_at IS NOT NULL)");
    expect_sql("(SELECT bool_and(status = 'completed') FROM jobs)");
    expect_sql("(SELECT bool_and(attempts = 1 AND leased_by IS NULL) FROM job_dispatches)");
    stop();
}
END_TEST

START_TEST(jobs_that_nobody_told_of_are_found)
{
    start(1);
    create_job(1);
    wait_sql("(SELECT status = 'completed' FROM jobs)");
    stop();
}
END_TEST

START_TEST(a_cancel_reaches_the_worker_and_frees_it)
{
    fake.polls_needed = NEVER;
    start(1);
    create_job(2);
    wait_sql("(SELECT count(*) = 2 FROM render_scenes WHERE status = 'running')");
    sql("SELECT fc_job_cancel(triggered_by, id) FROM jobs");
    wait_sql("(SELECT done_at IS NOT NULL FROM job_dispatches)");
    ck_assert_int_eq(fake.n_canceled, 2);
    stop();
}
END_TEST

START_TEST(stopping_hands_the_lease_back_at_once)
{
    fake.polls_needed = NEVER;
    start(1);
    create_job(1);
    wait_sql("(SELECT status = 'running' FROM render_scenes)");
    ck_assert_int_eq(fc_runner_counts(runner).n_busy, 1);
    stop();
    expect_sql("(SELECT leased_by IS NULL AND done_at IS NULL AND next_attempt_at <= "
               "clock_timestamp() FROM job_dispatches)");
    ck_assert_int_eq(fake.n_canceled, 1);
    fake.polls_needed = 1;
    start(1);
    wait_sql("(SELECT status = 'completed' FROM jobs)");
    expect_sql("(SELECT attempt = 1 FROM render_scenes)");
    stop();
}
END_TEST

START_TEST(a_lease_is_renewed_as_long_as_the_run_lasts)
{
    fake.polls_needed = NEVER;
    start_with((struct fc_runner_config){.n_workers = 1, .lease_seconds = 6});
    create_job(1);
    wait_sql("(SELECT leased_by IS NOT NULL FROM job_dispatches)");
    wait_sql(
        "(SELECT lease_expires_at > dispatched_at + interval '7 seconds' FROM job_dispatches)");
    expect_sql("(SELECT attempts = 1 FROM job_dispatches)");
    stop();
}
END_TEST

START_TEST(a_worker_that_lost_its_lease_lets_go)
{
    fake.polls_needed = NEVER;
    start(1);
    create_job(1);
    wait_sql("(SELECT status = 'running' FROM render_scenes)");
    sql("UPDATE job_dispatches SET leased_by = 'another#2', "
        "lease_expires_at = now() + interval '1 hour'");
    for (int i = 0; i < 1000 && fc_runner_counts(runner).n_busy > 0; i++)
        usleep(20000);
    ck_assert_int_eq(fc_runner_counts(runner).n_busy, 0);
    ck_assert_int_eq(fake.n_canceled, 1);
    stop();
    expect_sql("(SELECT leased_by = 'another#2' AND done_at IS NULL FROM job_dispatches)");
    expect_sql("(SELECT status = 'processing' FROM jobs)");
}
END_TEST

START_TEST(a_database_that_comes_back_finds_its_workers_again)
{
    start(1);
    wait_sql("(SELECT count(*) >= 2 FROM pg_stat_activity "
             "WHERE datname = current_database() AND application_name LIKE 'framecastd%%')");
    sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name LIKE 'framecastd%%'");
    create_job(1);
    wait_sql("(SELECT status = 'completed' FROM jobs)");
    stop();
}
END_TEST

START_TEST(a_job_that_takes_too_long_is_ended_and_cleaned_up)
{
    fake.polls_needed = NEVER;
    start(1);
    create_job(1);
    wait_sql("(SELECT status = 'running' FROM render_scenes)");
    sql("UPDATE jobs SET created_at = created_at - interval '1 hour', "
        "started_at = started_at - interval '1 hour'");
    wait_sql("(SELECT status = 'failed' AND failure_type = 'timeout' FROM jobs)");
    wait_sql("(SELECT done_at IS NOT NULL FROM job_dispatches)");
    ck_assert_int_eq(fake.n_canceled, 1);
    stop();
}
END_TEST

START_TEST(recorded_deletions_are_done_but_for_what_is_still_named)
{
    static const char *const keys[] = {"x/1/a", "x/1/b", "x/2", "user/u/keep.mp4"};
    struct fc_object_info info;
    FILE *file = fopen(fc_printf(arena, "%s/local", dir), "w");

    ck_assert_int_ge(fputs("x", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(storage->put_file(storage, (struct fc_object){"b", keys[i]},
                                           fc_printf(arena, "%s/local", dir), "video/mp4", &error),
                         FC_OK);
    create_job(1);
    sql("UPDATE job_dispatches SET done_at = now()");
    sql("UPDATE render_scenes SET clip_key = 'x/1/b'");
    sql("INSERT INTO object_deletions (bucket, s3_key) VALUES ('b', 'x/1/'), ('b', 'x/2'), "
        "('b', 'never/there'), ('b', '../no/key')");
    start(0);
    wait_sql("(SELECT count(*) = 0 FROM object_deletions)");
    stop();
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(storage->head(storage, (struct fc_object){"b", keys[i]}, &info, &error),
                         i == 1 || i == 3 ? FC_OK : FC_E_NOT_FOUND);
}
END_TEST

START_TEST(revoked_keys_go_after_thirty_days)
{
    sql("INSERT INTO api_keys (user_id, owner, name, key_prefix, key_hash, revoked_at) "
        "SELECT u.id, 'framecast:user:' || u.id, k.name, 'sk_live_', k.name, now() - "
        "k.age::interval "
        "FROM users u, (VALUES ('old', '30 days 1 minute'), ('young', '29 days'), ('live', NULL)) "
        "AS k (name, age)");
    sql("UPDATE api_keys SET created_at = now() - interval '1 year'");
    start(0);
    wait_sql("(SELECT count(*) = 2 FROM api_keys)");
    stop();
    expect_sql("(SELECT array_agg(name ORDER BY name) = '{live,young}'::varchar[] FROM api_keys)");
}
END_TEST

START_TEST(events_go_after_seven_days)
{
    create_job(1);
    sql("INSERT INTO job_events (job_id, event_type, created_at) "
        "SELECT id, 'progress', now() - age::interval FROM jobs, "
        "unnest('{7 days 1 minute,6 days}'::text[]) AS age");
    start(0);
    wait_sql("(SELECT count(*) = 2 FROM job_events)");
    stop();
    expect_sql("(SELECT array_agg(sequence ORDER BY sequence) = '{1,3}' FROM job_events)");
}
END_TEST

#define JOB "0f2b6d5c-3a41-4d0e-8a77-51c0e9b7d3aa"

/* What lies in the folder of half-made files, and whether it is left alone. */
static const struct {
    const char *name;
    bool is_old, stays;
} folders[] = {
    {JOB ".Ab3dEf",     true,  false},
    {JOB ".zzzzzz",     false, true},
    {"sounds.Ab3dEf",   true,  false},
    {JOB,               true,  true},
    {JOB ".Ab3dEfg",    true,  true},
    {"sounds",          true,  true},
    {"notes.Ab3dEf",    true,  true},
    {".hidden",         true,  true},
};

static const char *work_path(const char *name)
{
    return fc_printf(arena, "%s/%s", settings.work_dir, name);
}

START_TEST(of_half_made_files_only_our_own_are_swept_after_a_day)
{
    const struct timespec day_ago[2] = {{.tv_sec = time(NULL) - 86460},
                                        {.tv_sec = time(NULL) - 86460}};

    ck_assert_int_eq(mkdir(settings.work_dir, 0700), 0);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *path = work_path(folders[i].name);

        ck_assert_int_eq(mkdir(path, 0700), 0);
        ck_assert_int_eq(mkdir(fc_printf(arena, "%s/inside", path), 0700), 0);
        if (folders[i].is_old)
            ck_assert_int_eq(utimensat(AT_FDCWD, path, day_ago, 0), 0);
    }
    fc_work_dirs_sweep(settings.work_dir);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        ck_assert_msg((access(work_path(folders[i].name), F_OK) == 0) == folders[i].stays, "%s",
                      folders[i].name);
}
END_TEST

START_TEST(a_runner_sweeps_what_killed_ones_left)
{
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    const char *path = work_path(JOB ".Ab3dEf");

    ck_assert_int_eq(mkdir(settings.work_dir, 0700), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, old, 0), 0);
    start(0);
    for (int i = 0; i < 1500 && access(path, F_OK) == 0; i++)
        usleep(20000);
    stop();
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

/* Reads the log until a line of it holds @words; generously long. */
static bool log_says(int fd, const char *words)
{
    char seen[16384] = "";
    size_t n = 0;

    while (n < sizeof seen - 1 && strstr(seen, words) == NULL) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        ssize_t got = poll(&readable, 1, 30000) == 1 ? read(fd, seen + n, sizeof seen - 1 - n) : 0;

        if (got <= 0)
            return false;
        n += (size_t)got;
        seen[n] = '\0';
    }
    return strstr(seen, words) != NULL;
}

START_TEST(a_runner_without_a_database_says_so_and_stops)
{
    const char *real = database_url;
    int log[2];

    ck_assert_int_eq(pipe(log), 0);
    fc_log_to(log[1], FC_LOG_WARNING);
    database_url = "postgresql://nobody@127.0.0.1:1/none";
    start(2);
    ck_assert(log_says(log[0], "queue out of reach"));
    stop();
    database_url = real;
    fc_log_to(STDOUT_FILENO, FC_LOG_INFO);
    close(log[0]);
    close(log[1]);
}
END_TEST

TCase *runner_case(void)
{
    TCase *claims = tcase_create("runner");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, world_set_up, world_tear_down);
    tcase_add_test(claims, workers_do_all_jobs_and_close_their_runs);
    tcase_add_test(claims, jobs_that_nobody_told_of_are_found);
    tcase_add_test(claims, a_cancel_reaches_the_worker_and_frees_it);
    tcase_add_test(claims, stopping_hands_the_lease_back_at_once);
    tcase_add_test(claims, a_lease_is_renewed_as_long_as_the_run_lasts);
    tcase_add_test(claims, a_worker_that_lost_its_lease_lets_go);
    tcase_add_test(claims, a_database_that_comes_back_finds_its_workers_again);
    tcase_add_test(claims, a_job_that_takes_too_long_is_ended_and_cleaned_up);
    tcase_add_test(claims, recorded_deletions_are_done_but_for_what_is_still_named);
    tcase_add_test(claims, revoked_keys_go_after_thirty_days);
    tcase_add_test(claims, events_go_after_seven_days);
    tcase_add_test(claims, of_half_made_files_only_our_own_are_swept_after_a_day);
    tcase_add_test(claims, a_runner_sweeps_what_killed_ones_left);
    tcase_add_test(claims, a_runner_without_a_database_says_so_and_stops);
    tcase_set_timeout(claims, 120);
    return claims;
}
