#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/run.h"
#include "suites.h"
#include "world.h"

/* ---- what must hold of a job when all is over ---- */

static void expect_completed(const struct fc_job_run *run, int n_scenes)
{
    const char *id = run->job.uuid.text;

    expect_sql("(SELECT status = 'completed' AND output_size_bytes > 0 "
               "AND (output ->> 'size_bytes')::bigint = output_size_bytes "
               "AND progress ->> 'percent' = '100' FROM jobs WHERE id = '%s')",
               id);
    expect_sql("(SELECT count(*) = %d AND bool_and(status = 'completed' AND clip_key IS NOT NULL) "
               "FROM render_scenes WHERE job_id = '%s')",
               n_scenes, id);
    expect_sql("(SELECT count(*) = max(sequence) AND min(sequence) = 1 "
               "AND count(*) FILTER (WHERE event_type = 'completed') = 1 "
               "FROM job_events WHERE job_id = '%s')",
               id);
    expect_sql("(SELECT bool_and(n = 1) FROM (SELECT count(*) AS n FROM job_events WHERE job_id = "
               "'%s' AND event_type = 'scene_complete' GROUP BY payload ->> 'scene_id') AS each)",
               id);
    expect_sql("(SELECT sum(renders_count) = 1 FROM usage)");
}

static int folders_left(void)
{
    DIR *open = opendir(settings.work_dir);
    int n = 0;

    for (const struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;)
        n += entry->d_name[0] != '.';
    if (open != NULL)
        closedir(open);
    return n;
}

static struct fc_work_scene *scene(struct fc_job_run *run, int i)
{
    return &run->work->scenes[i];
}

/* Renders one scene with the steps alone. */
static void render(struct fc_job_run *run, int i)
{
    enum fc_step step = fc_step_submit(run, scene(run, i));

    for (int k = 0; k < 100 && (step == FC_STEP_DONE || step == FC_STEP_WAIT); k++) {
        if (scene(run, i)->status == FC_SCENE_COMPLETED)
            return;
        step = fc_step_collect(run, scene(run, i));
    }
    ck_abort_msg("scene %d: %s %s", i, fc_step_name(step), run->error.text);
}

/* ---- from end to end ---- */

START_TEST(a_film_goes_from_begin_to_finish)
{
    struct fc_job_run *run;

    create_job(2);
    run = claim("w");
    fake.polls_needed = 3;
    ck_assert_int_eq(drive(run), FC_STEP_DONE);
    expect_completed(run, 2);
    ck_assert(is_stored(run, "final.mp4") && is_stored(run, "thumbnail.jpg"));
    ck_assert(is_stored(run, "contact_sheet.jpg"));
    ck_assert(is_stored(run, "scene_a.mp4") && is_stored(run, "scene_b.mp4"));
    expect_sql("(SELECT output - ARRAY['video_url', 'thumbnail_url', 'contact_sheet_url', "
               "'renditions', 'captions', 'scene_clips', 'duration', 'resolution', 'format', "
               "'size_bytes', 'metadata'] = '{}' "
               "AND (output ->> 'duration')::numeric = 2 AND output -> 'captions' = 'null' "
               "AND output -> 'renditions' = '[]' "
               "AND output ->> 'resolution' = '854x480' AND output ->> 'format' = 'mp4' "
               "AND output -> 'scene_clips' -> 1 ->> 'scene_id' = 'b' "
               "AND (output -> 'metadata' ->> 'seed')::int = 7 "
               "AND output -> 'metadata' ->> 'model_used' = 'fake' "
               "AND output ->> 'video_url' LIKE 's3://framecast-outputs/user/%%/final.mp4' "
               "FROM jobs)");
    fc_job_run_abandon(run);
    ck_assert_int_eq(folders_left(), 0);
    run_free(run);
}
END_TEST

START_TEST(an_image_goes_from_begin_to_finish)
{
    struct fc_job_run *run;

    create_job(0);
    run = claim("w");
    ck_assert_int_eq(drive(run), FC_STEP_DONE);
    expect_completed(run, 1);
    ck_assert(is_stored(run, "final.png") && is_stored(run, "scene_image.png"));
    expect_sql("(SELECT output - ARRAY['url', 'resolution', 'format', 'size_bytes', 'metadata'] "
               "= '{}' AND output ->> 'format' = 'png' FROM jobs)");
    run_free(run);
}
END_TEST

START_TEST(percent_never_falls_and_is_told_once_a_second_at_most)
{
    struct fc_job_run *run;

    create_job(3);
    run = claim("w");
    fake.polls_needed = 300;
    ck_assert_int_eq(drive(run), FC_STEP_DONE);
    expect_sql("(SELECT bool_and(percent >= before) FROM (SELECT (payload ->> 'percent')::numeric "
               "AS percent, lag((payload ->> 'percent')::numeric, 1, 0.0) OVER (ORDER BY sequence) "
               "AS before FROM job_events WHERE event_type = 'progress') AS each)");
    expect_sql("(SELECT bool_and(created_at - before >= interval '1 second') IS NOT FALSE FROM "
               "(SELECT created_at, lag(created_at) OVER (ORDER BY sequence) AS before "
               "FROM job_events WHERE event_type = 'progress') AS each)");
    run_free(run);
}
END_TEST

static const struct {
    const char *phase;
    double percent, told;
} phases[] = {
    {"generating", 0, 0}, {"generating", 45, 45}, {"generating", 30, 45},
    {"stitching", 90, 90}, {"stitching", 94, 94}, {"finalizing", 99, 99},
};

START_TEST(the_phases_are_told_with_their_share_of_the_percent)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        run->progress_us = 0; /* long ago */
        ck_assert_int_eq(fc_job_run_progress(run, phases[i].phase, phases[i].percent),
                         FC_STEP_DONE);
        expect_sql("(SELECT progress ->> 'phase' = '%s' AND (progress ->> 'percent')::numeric = %g "
                   "AND progress -> 'scenes_total' = '1' FROM jobs)",
                   phases[i].phase, phases[i].told);
    }
    expect_sql("(SELECT count(*) = 5 FROM job_events WHERE event_type = 'progress')");
    run_free(run);
}
END_TEST

/* ---- again and again ---- */

START_TEST(each_step_may_be_run_twice)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    render(run, 0);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_collect(run, scene(run, 0)), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_finish(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_finish(run), FC_STEP_STOPPED);
    ck_assert(run->is_terminal);
    ck_assert_int_eq(fake.n_submitted, 1);
    expect_completed(run, 1);
    expect_sql("(SELECT attempt = 1 FROM render_scenes)");
    run_free(run);
}
END_TEST

/* The points at which the process is killed: after so many of these. */
static enum fc_step step_number(struct fc_job_run *run, int i)
{
    switch (i) {
    case 0:
        return fc_step_begin(run);
    case 1:
        ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
        return fc_step_submit(run, scene(run, 0));
    case 2:
        render(run, 0);
        return FC_STEP_DONE;
    case 3:
        return fc_step_submit(run, scene(run, 1));
    case 4:
        render(run, 1);
        return FC_STEP_DONE;
    case 5:
        return fc_step_stitch(run);
    default:
        return fc_step_finish(run);
    }
}
enum { N_CRASHES = 7 };

START_TEST(after_a_crash_between_two_steps_the_next_run_goes_on)
{
    struct fc_job_run *run, *next;

    create_job(2);
    run = claim("first");
    for (int i = 0; i < _i; i++)
        ck_assert_int_eq(step_number(run, i), FC_STEP_DONE);
    crash(run);
    next = claim("second");
    ck_assert_int_eq(drive(next), FC_STEP_DONE);
    expect_completed(next, 2);
    expect_sql("(SELECT bool_and(attempt = 1) FROM render_scenes)");
    ck_assert_int_eq(fake.n_submitted, 2 + (_i == 2 || _i == 4));
    fc_job_run_abandon(next);
    ck_assert_int_eq(folders_left(), 0);
    run_free(next);
}
END_TEST

START_TEST(a_run_whose_connection_breaks_goes_on_by_itself)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("breaking");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name = 'breaking'");
    render(run, 0);
    expect_sql("(SELECT status = 'completed' AND attempt = 1 FROM render_scenes)");
    run_free(run);
}
END_TEST

START_TEST(a_retry_renders_only_what_is_missing)
{
    struct fc_job_run *run, *next;

    create_job(2);
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    render(run, 1);
    run->failure = (struct fc_failure){"system", "render_failed", "It broke", "a"};
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_DONE);
    sql("SELECT fc_job_create(triggered_by, owner, NULL, NULL, 5, NULL, 'animatic', 0, NULL, NULL, "
        "NULL, true, NULL, id, NULL) FROM jobs");
    sql("UPDATE job_dispatches SET done_at = now() WHERE job_id = '%s'", run->job.uuid.text);
    fake.n_submitted = 0;
    next = claim("w");
    ck_assert_int_eq(fc_step_begin(next), FC_STEP_DONE);
    ck_assert(scene(next, 1)->is_taken_over && !scene(next, 0)->is_taken_over);
    ck_assert_double_eq(fc_work_percent(next->work), 0);
    ck_assert_int_eq(drive(next), FC_STEP_DONE);
    ck_assert_int_eq(fake.n_submitted, 1);
    expect_sql("(SELECT status = 'completed' AND output -> 'scene_clips' -> 1 ->> 'url' LIKE "
               "'%%%s/scene_b.mp4' FROM jobs WHERE id = '%s')",
               run->job.uuid.text, next->job.uuid.text);
    run_free(run);
    run_free(next);
}
END_TEST

/* ---- not ours any more ---- */

START_TEST(who_lost_the_lease_changes_nothing)
{
    struct fc_job_run *run, *other;

    create_job(1);
    run = claim("slow");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    sql("UPDATE job_dispatches SET lease_expires_at = clock_timestamp()");
    other = claim("quick");
    ck_assert_int_eq(fc_step_collect(run, scene(run, 0)), FC_STEP_STOPPED);
    run->failure = (struct fc_failure){"system", "render_failed", "It broke", NULL};
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_STOPPED);
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_STOPPED);
    ck_assert(!run->is_terminal && !run->is_gone);
    expect_sql("(SELECT status = 'processing' FROM jobs)");
    ck_assert_int_eq(drive(other), FC_STEP_DONE);
    expect_completed(other, 1);
    run_free(run);
    run_free(other);
}
END_TEST

static void cancel_in_database(void)
{
    sql("SELECT fc_job_cancel(triggered_by, id) FROM jobs");
}

START_TEST(a_cancel_while_rendering_stops_the_take_and_leaves_nothing)
{
    struct fc_job_run *run;

    create_job(2);
    run = claim("w");
    fake.polls_needed = 1000000;
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    cancel_in_database();
    ck_assert_int_eq(fc_step_collect(run, scene(run, 0)), FC_STEP_STOPPED);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 1)), FC_STEP_STOPPED);
    ck_assert(run->is_terminal);
    ck_assert_int_eq(fc_step_cancel_cleanup(run), FC_STEP_DONE);
    ck_assert_int_eq(fake.n_canceled, 1);
    ck_assert_int_eq(folders_left(), 0);
    ck_assert_int_eq(fc_step_cancel_cleanup(run), FC_STEP_DONE);
    run_free(run);
}
END_TEST

START_TEST(cleaning_up_after_another_process_finds_its_takes)
{
    struct fc_job_run *run, *next;

    create_job(1);
    run = claim("w");
    fake.polls_needed = 1000000;
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    cancel_in_database();
    sql("UPDATE job_dispatches SET lease_expires_at = clock_timestamp()");
    next = claim("x");
    ck_assert_int_eq(drive(next), FC_STEP_STOPPED);
    ck_assert_int_eq(fc_step_cancel_cleanup(next), FC_STEP_DONE);
    ck_assert_int_eq(fake.n_canceled, 1);
    ck_assert_int_eq(folders_left(), 0);
    run_free(run);
    run_free(next);
}
END_TEST

/* Says so once ffmpeg is at work: the first looks come before. */
static bool stop_soon(void *looks_left)
{
    return --*(int *)looks_left <= 0;
}

START_TEST(a_cancel_while_stitching_leaves_no_film)
{
    struct fc_job_run *run;
    int looks_left = 2;

    create_job(2);
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    render(run, 0);
    render(run, 1);
    run->is_stopped = stop_soon;
    run->context = &looks_left;
    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_STOPPED);
    ck_assert(!is_stored(run, "final.mp4"));
    cancel_in_database();
    ck_assert_int_eq(fc_step_cancel_cleanup(run), FC_STEP_DONE);
    ck_assert_int_eq(folders_left(), 0);
    expect_sql("(SELECT status = 'canceled' AND output IS NULL FROM jobs)");
    expect_sql("(SELECT bool_and(status = 'completed') FROM render_scenes)");
    run_free(run);
}
END_TEST

START_TEST(of_a_job_that_is_gone_no_clip_stays)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_DONE);
    sql("DELETE FROM jobs");
    ck_assert_int_eq(fc_step_collect(run, scene(run, 0)), FC_STEP_STOPPED);
    ck_assert(run->is_gone);
    ck_assert(!is_stored(run, "scene_a.mp4"));
    ck_assert_int_eq(fc_step_cancel_cleanup(run), FC_STEP_DONE);
    run_free(run);
}
END_TEST

/* ---- failures ---- */

START_TEST(a_scene_may_fail_twice_and_succeed)
{
    struct fc_job_run *run;

    create_job(2);
    run = claim("w");
    fake.n_failing = 2;
    ck_assert_int_eq(drive(run), FC_STEP_DONE);
    expect_completed(run, 2);
    expect_sql("(SELECT attempt = 3 AND error ->> 'code' = 'paint_ran_out' FROM render_scenes "
               "WHERE scene_id = 'a')");
    run_free(run);
}
END_TEST

START_TEST(a_scene_that_keeps_failing_fails_the_job_with_a_full_refund)
{
    struct fc_job_run *run;

    create_job(2);
    run = claim("w");
    fake.n_failing = 3;
    ck_assert_int_eq(drive(run), FC_STEP_FAILED);
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_DONE);
    expect_sql("(SELECT status = 'failed' AND failure_type = 'system' AND credits_refunded = 20 "
               "AND error = '{\"code\": \"render_failed\", \"message\": \"The paint ran out\", "
               "\"scene_id\": \"a\"}' FROM jobs)");
    expect_sql(
        "(SELECT attempt = 3 AND status = 'failed' FROM render_scenes WHERE scene_id = 'a')");
    expect_sql("(SELECT credits = 1000 FROM users)");
    ck_assert_int_eq(folders_left(), 0);
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_DONE);
    run_free(run);
}
END_TEST

START_TEST(what_the_user_did_is_not_tried_again)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    fake.n_failing = 1;
    fake.is_users_fault = true;
    ck_assert_int_eq(drive(run), FC_STEP_FAILED);
    ck_assert_str_eq(run->failure.type, "validation");
    ck_assert_int_eq(fake.n_submitted, 1);
    run_free(run);
}
END_TEST

START_TEST(a_provider_without_room_is_asked_later_and_costs_no_attempt)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    fake.is_full = true;
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_step_submit(run, scene(run, 0)), FC_STEP_WAIT);
    ck_assert_int_eq(fc_step_collect(run, scene(run, 0)), FC_STEP_WAIT);
    fake.is_full = false;
    scene(run, 0)->not_before_us = 0;
    render(run, 0);
    expect_sql("(SELECT attempt = 1 FROM render_scenes)");
    run_free(run);
}
END_TEST

START_TEST(without_ffmpeg_the_job_fails_and_says_so)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    settings.renderer_by_name = NULL; /* the animatic */
    settings.render.ffmpeg = "/nowhere/ffmpeg";
    settings.render.ffprobe = "/nowhere/ffprobe";
    ck_assert_int_eq(drive(run), FC_STEP_FAILED);
    ck_assert_str_eq(run->failure.code, "render_failed");
    ck_assert_str_eq(run->failure.type, "system");
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_DONE);
    expect_sql("(SELECT status = 'failed' AND credits_refunded = 10 FROM jobs)");
    run_free(run);
}
END_TEST

static const struct {
    const char *why, *spec, *scenes;
} unrenderable[] = {
    {"no storyboard", "{\"title\": \"x\", \"scenes\": []}", "[]"},
    {"a scene without prompt", "{\"title\": \"x\", \"scenes\": [{\"id\": \"a\", \"duration\": 1}]}",
     "[{\"scene_id\": \"a\", \"seed\": 1}]"},
    {"an image without prompt", "{\"name\": \"x\"}", "[{\"scene_id\": \"image\", \"seed\": 1}]"},
    {"no records of its scenes",
     "{\"title\": \"x\", \"scenes\": [{\"id\": \"a\", \"prompt\": \"a\", \"duration\": 1}]}", "[]"},
};

START_TEST(a_snapshot_that_cannot_be_rendered_fails_as_the_users_own)
{
    struct fc_job_run *run;

    create_job_of(unrenderable[_i].spec, unrenderable[_i].scenes, 5);
    run = claim("w");
    ck_assert_msg(drive(run) == FC_STEP_FAILED, "%s", unrenderable[_i].why);
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_DONE);
    expect_sql("(SELECT status = 'failed' AND failure_type = 'validation' "
               "AND error ->> 'code' = 'invalid_spec' AND started_at IS NOT NULL FROM jobs)");
    run_free(run);
}
END_TEST

START_TEST(a_clip_that_vanished_from_the_store_fails_the_stitching)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    render(run, 0);
    ck_assert_int_eq(
        storage->delete (storage, (struct fc_object){"framecast-outputs", scene(run, 0)->clip_key},
                         &error),
        FC_OK);
    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_FAILED);
    ck_assert_str_eq(run->failure.code, "stitch_failed");
    run_free(run);
}
END_TEST

TCase *steps_case(void)
{
    TCase *claims = tcase_create("steps");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, world_set_up, world_tear_down);
    tcase_add_test(claims, a_film_goes_from_begin_to_finish);
    tcase_add_test(claims, an_image_goes_from_begin_to_finish);
    tcase_add_test(claims, percent_never_falls_and_is_told_once_a_second_at_most);
    tcase_add_test(claims, the_phases_are_told_with_their_share_of_the_percent);
    tcase_add_test(claims, each_step_may_be_run_twice);
    tcase_add_loop_test(claims, after_a_crash_between_two_steps_the_next_run_goes_on, 0, N_CRASHES);
    tcase_add_test(claims, a_run_whose_connection_breaks_goes_on_by_itself);
    tcase_add_test(claims, a_retry_renders_only_what_is_missing);
    tcase_add_test(claims, who_lost_the_lease_changes_nothing);
    tcase_add_test(claims, a_cancel_while_rendering_stops_the_take_and_leaves_nothing);
    tcase_add_test(claims, cleaning_up_after_another_process_finds_its_takes);
    tcase_add_test(claims, a_cancel_while_stitching_leaves_no_film);
    tcase_add_test(claims, of_a_job_that_is_gone_no_clip_stays);
    tcase_add_test(claims, a_scene_may_fail_twice_and_succeed);
    tcase_add_test(claims, a_scene_that_keeps_failing_fails_the_job_with_a_full_refund);
    tcase_add_test(claims, what_the_user_did_is_not_tried_again);
    tcase_add_test(claims, a_provider_without_room_is_asked_later_and_costs_no_attempt);
    tcase_add_test(claims, without_ffmpeg_the_job_fails_and_says_so);
    tcase_add_loop_test(claims, a_snapshot_that_cannot_be_rendered_fails_as_the_users_own, 0,
                        (int)(sizeof unrenderable / sizeof *unrenderable));
    tcase_add_test(claims, a_clip_that_vanished_from_the_store_fails_the_stitching);
    tcase_set_timeout(claims, 120);
    return claims;
}
