/* What becomes of clips that are broken, and what a finished film comes with. */
#include <framecast/text.h>

#include "suites.h"
#include "world.h"

START_TEST(a_broken_clip_is_rendered_again)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    fake.n_broken = 2;
    ck_assert_int_eq(drive(run), FC_STEP_DONE);
    expect_sql("(SELECT status = 'completed' FROM jobs)");
    expect_sql("(SELECT attempt = 3 AND error ->> 'code' = 'bad_clip' FROM render_scenes)");
    run_free(run);
}
END_TEST

START_TEST(a_scene_whose_clips_are_all_broken_is_named)
{
    struct fc_job_run *run;

    create_job(1);
    run = claim("w");
    fake.n_broken = 3;
    ck_assert_int_eq(drive(run), FC_STEP_FAILED);
    ck_assert_int_eq(fc_step_fail(run), FC_STEP_DONE);
    expect_sql("(SELECT error = '{\"code\": \"render_failed\", \"scene_id\": \"a\", \"message\": "
               "\"The clip cannot be read: The file cannot be read as video, sound or image\"}' "
               "FROM jobs)");
    run_free(run);
}
END_TEST

/* The step stitch with all before it done. */
static struct fc_job_run *before_stitch(int n_scenes)
{
    struct fc_job_run *run;

    create_job(n_scenes);
    sql("UPDATE jobs SET options = options || "
        "'{\"outputs\": [{\"resolution\": \"480x854\", \"fit\": \"crop\"}, "
        "{\"resolution\": \"854x480\"}]}'");
    run = claim("w");
    ck_assert_int_eq(fc_step_begin(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    for (int i = 0; i < n_scenes; i++) {
        struct fc_work_scene *scene = &run->work->scenes[i];

        ck_assert_int_eq(fc_step_submit(run, scene), FC_STEP_DONE);
        while (fc_step_collect(run, scene) == FC_STEP_WAIT)
            ;
        ck_assert_int_eq(scene->status, FC_SCENE_COMPLETED);
    }
    return run;
}

START_TEST(a_stored_clip_that_was_damaged_is_named_when_the_film_is_joined)
{
    struct fc_job_run *run = before_stitch(2);
    struct fc_object clip = {"framecast-outputs", run->work->scenes[1].clip_key};

    ck_assert_int_eq(storage->delete (storage, clip, &error), FC_OK);
    ck_assert_int_eq(storage->put_file(storage, clip, broken_clip_path, "video/mp4", &error),
                     FC_OK);
    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_FAILED);
    ck_assert_str_eq(run->failure.code, "stitch_failed");
    ck_assert_str_eq(run->failure.message, "The clip of scene b is broken");
    run_free(run);
}
END_TEST

START_TEST(renditions_and_contact_sheet_are_stored_before_the_film)
{
    struct fc_job_run *run = before_stitch(1);
    struct fc_object film = {"framecast-outputs", fc_work_key(arena, run->work, "final.mp4")};

    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_DONE);
    ck_assert(is_stored(run, "final_480x854_crop.mp4") && is_stored(run, "final_854x480_pad.mp4"));
    ck_assert(is_stored(run, "contact_sheet.jpg"));

    /* as if the process had died just before the film itself was stored */
    ck_assert_int_eq(storage->delete (storage, film, &error), FC_OK);
    ck_assert_int_eq(fc_step_stitch(run), FC_STEP_DONE);
    ck_assert_int_eq(fc_step_finish(run), FC_STEP_DONE);
    expect_sql("(SELECT output -> 'renditions' -> 0 ->> 'url' LIKE "
               "'s3://framecast-outputs/user/%%/final_480x854_crop.mp4' "
               "AND output -> 'renditions' -> 1 ->> 'url' LIKE '%%/final_854x480_pad.mp4' "
               "AND (output -> 'renditions' -> 0) - 'url' = '{\"resolution\": \"480x854\", "
               "\"width\": 480, \"height\": 854, \"fit\": \"crop\"}' "
               "AND output ->> 'contact_sheet_url' LIKE '%%/contact_sheet.jpg' FROM jobs)");
    run_free(run);
}
END_TEST

TCase *films_case(void)
{
    TCase *claims = tcase_create("films");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, world_set_up, world_tear_down);
    tcase_add_test(claims, a_broken_clip_is_rendered_again);
    tcase_add_test(claims, a_scene_whose_clips_are_all_broken_is_named);
    tcase_add_test(claims, a_stored_clip_that_was_damaged_is_named_when_the_film_is_joined);
    tcase_add_test(claims, renditions_and_contact_sheet_are_stored_before_the_film);
    tcase_set_timeout(claims, 120);
    return claims;
}
