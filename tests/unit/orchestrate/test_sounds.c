#include "orchestrate/sounds.h"

#include <dirent.h>
#include <string.h>

#include "orchestrate/run.h"
#include "render/synth.h"
#include "suites.h"
#include "world.h"

static const char key[] = "assets/sfx/asset_sfx_click.mp3";

static fc_status look_for(const char *at, struct fc_object_info *info)
{
    return storage->head(storage, (struct fc_object){settings.system_bucket, at}, info, &error);
}

static bool is_in_store(const char *at)
{
    struct fc_object_info info;

    return look_for(at, &info) == FC_OK;
}

static void free_run(void *run)
{
    run_free(run);
}

/* The assets of a run that has just begun; it goes with the world. */
static const char *const *fetched(const char *const *ids, size_t n)
{
    struct fc_job_run *run;
    const char *const *paths;

    create_job(1);
    run = claim("one");
    fc_arena_defer(arena, free_run, run);
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    ck_assert_int_eq(fc_job_run_assets(run, ids, n, &paths), FC_STEP_DONE);
    return paths;
}

START_TEST(a_run_makes_the_sounds_that_the_store_lacks)
{
    const char *const ids[] = {"asset_sfx_click", "asset_sfx_pop"};
    const char *const *paths = fetched(ids, 2);
    struct fc_object_info info;

    ck_assert_ptr_nonnull(paths[0]);
    ck_assert_ptr_nonnull(paths[1]);
    ck_assert_int_eq(look_for(key, &info), FC_OK);
    ck_assert_str_eq(info.content_type, "audio/mpeg");
    ck_assert_int_gt(info.size_bytes, 3000);
}
END_TEST

START_TEST(a_run_leaves_out_a_sound_that_somebody_else_was_to_provide)
{
    const char *const ids[] = {"asset_sfx_click", "asset_sfx_theirs"};
    const char *const *paths;

    sql("UPDATE system_assets SET s3_key = 'mine/click.mp3' WHERE id = '%s'", ids[0]);
    sql("INSERT INTO system_assets (id, category, name, s3_key, content_type, size_bytes) "
        "VALUES ('%s', 'sfx', 'Theirs', 'assets/sfx/asset_sfx_theirs.mp3', 'audio/mpeg', 1)",
        ids[1]);
    paths = fetched(ids, 2);
    sql("DELETE FROM system_assets WHERE id = '%s'", ids[1]);
    sql("UPDATE system_assets SET s3_key = '%s' WHERE id = '%s'", key, ids[0]);
    ck_assert_ptr_null(paths[0]);
    ck_assert_ptr_null(paths[1]);
    ck_assert(!is_in_store("mine/click.mp3"));
}
END_TEST

static fc_status is_away(struct fc_storage *store, struct fc_arena *into, struct fc_object object,
                         const char *work_dir, const char **path, struct fc_error *why)
{
    (void)store;
    (void)into;
    (void)object;
    (void)work_dir;
    (void)path;
    return fc_fail(why, FC_E_UNAVAILABLE, "the store does not answer");
}

START_TEST(a_run_waits_for_a_store_that_is_away)
{
    const char *const ids[] = {"asset_sfx_click"};
    fc_status (*fetch)(struct fc_storage *, struct fc_arena *, struct fc_object, const char *,
                       const char **, struct fc_error *) = storage->fetch_file;
    const char *const *paths;
    struct fc_job_run *run;

    create_job(1);
    run = claim("one");
    ck_assert_int_eq(fc_job_run_work_dir(run), FC_OK);
    storage->fetch_file = is_away;
    ck_assert_int_eq(fc_job_run_assets(run, ids, 1, &paths), FC_STEP_LATER);
    ck_assert_str_eq(run->error.text, "the store does not answer");
    storage->fetch_file = fetch;
    ck_assert_int_eq(fc_job_run_assets(run, ids, 1, &paths), FC_STEP_DONE);
    ck_assert_ptr_nonnull(paths[0]);
    run_free(run);
}
END_TEST

START_TEST(a_run_uses_the_file_that_an_operator_has_stored)
{
    const char *const ids[] = {"asset_sfx_click"};
    const char *file = fc_printf(arena, "%s/real.mp3", dir), *const * paths;
    FILE *out = fopen(file, "we");
    char text[8] = "";

    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs("real", out), 0);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_int_eq(storage->put_file(storage, (struct fc_object){settings.system_bucket, key},
                                       file, "audio/mpeg", &error),
                     FC_OK);
    paths = fetched(ids, 1);
    out = fopen(paths[0], "re");
    ck_assert_ptr_nonnull(out);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, out));
    (void)fclose(out);
    ck_assert_str_eq(text, "real");
}
END_TEST

/* Upkeep as its thread would do it. */
static struct fc_runner upkeep(void)
{
    return (struct fc_runner){
        .config = {.storage = storage, .steps = settings},
        .upkeep_db = db,
    };
}

static size_t index_of(const char *id)
{
    size_t i = 0;

    while (strcmp(fc_synth_recipe_at(i)->id, id) != 0)
        i++;
    return i;
}

START_TEST(upkeep_makes_one_sound_after_the_other)
{
    struct fc_runner runner = upkeep();

    runner.sounds.next = index_of("asset_sfx_click");
    ck_assert_int_eq(fc_sounds_make_next(&runner, arena, &error), FC_OK);
    ck_assert(is_in_store(key));
    ck_assert(!is_in_store("assets/sfx/asset_sfx_pop.mp3"));
    ck_assert_int_eq(fc_sounds_make_next(&runner, arena, &error), FC_OK);
    ck_assert(is_in_store("assets/sfx/asset_sfx_pop.mp3"));
}
END_TEST

START_TEST(upkeep_makes_nothing_that_is_not_listed)
{
    struct fc_runner runner = upkeep();

    runner.sounds.next = index_of("asset_sfx_click");
    sql("DELETE FROM system_assets WHERE id = 'asset_sfx_click'");
    ck_assert_int_eq(fc_sounds_make_next(&runner, arena, &error), FC_OK);
    sql("SELECT fc_system_assets_seed()");
    ck_assert(!is_in_store(key));
    ck_assert_uint_eq(runner.sounds.next, index_of("asset_sfx_click") + 1);
}
END_TEST

START_TEST(upkeep_without_ffmpeg_tries_ever_more_rarely)
{
    struct fc_runner runner = upkeep();
    int pause_s = 0;

    runner.config.steps.render.ffmpeg = "/nowhere/ffmpeg";
    for (int i = 0; i < 12; i++) {
        runner.sounds.due_us = 0;
        ck_assert_int_eq(fc_sounds_make_next(&runner, arena, &error), FC_OK);
        ck_assert_uint_eq(runner.sounds.next, 0);
        ck_assert_int_ge(runner.sounds.pause_s, pause_s);
        pause_s = runner.sounds.pause_s;
        ck_assert_int_eq(fc_sounds_make_next(&runner, arena, &error), FC_OK);
        ck_assert_int_eq(runner.sounds.pause_s, pause_s); /* it did not even look */
    }
    ck_assert_int_eq(pause_s, 3600);
}
END_TEST

START_TEST(upkeep_ends_with_the_catalogue)
{
    struct fc_runner runner = upkeep();

    runner.upkeep_db = NULL; /* so it cannot even ask */
    runner.sounds.next = 42;
    ck_assert_int_eq(fc_sounds_make_next(&runner, arena, &error), FC_OK);
}
END_TEST

TCase *sounds_case(void)
{
    TCase *claims = tcase_create("sounds");

    tcase_add_unchecked_fixture(claims, world_once, NULL);
    tcase_add_checked_fixture(claims, world_set_up, world_tear_down);
    tcase_add_test(claims, a_run_makes_the_sounds_that_the_store_lacks);
    tcase_add_test(claims, a_run_leaves_out_a_sound_that_somebody_else_was_to_provide);
    tcase_add_test(claims, a_run_waits_for_a_store_that_is_away);
    tcase_add_test(claims, a_run_uses_the_file_that_an_operator_has_stored);
    tcase_add_test(claims, upkeep_makes_one_sound_after_the_other);
    tcase_add_test(claims, upkeep_makes_nothing_that_is_not_listed);
    tcase_add_test(claims, upkeep_without_ffmpeg_tries_ever_more_rarely);
    tcase_add_test(claims, upkeep_ends_with_the_catalogue);
    tcase_set_timeout(claims, 120);
    return claims;
}
