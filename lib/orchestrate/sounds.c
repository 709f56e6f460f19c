#include "orchestrate/sounds.h"

#include <string.h>

#include <framecast/log.h>
#include <framecast/time.h>

#include "orchestrate/work_dir.h"
#include "render/synth.h"

enum { FAILED_FIRST_S = 15, FAILED_LAST_S = 3600 };

/* assets/<category>/<id>.mp3, where the id is asset_<category>_<name>. */
bool fc_sound_is_known(const char *id, const char *key)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *category = strchr(id, '_');
    int length;

    if (category == NULL || fc_synth_recipe(id) == NULL)
        return false;
    category++;
    length = (int)strcspn(category, "_");
    return fc_text_equal(key, fc_printf(arena, "assets/%.*s/%s.mp3", length, category, id));
}

fc_status fc_sound_store(struct fc_storage *storage, const struct fc_steps_settings *settings,
                         const char *id, const char *key, const char *work_dir,
                         const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const struct fc_object object = {settings->system_bucket, key};
    const char *path = fc_printf(arena, "%s/%s.mp3", work_dir, id);
    fc_status status = fc_synth_encode(&settings->render, fc_synth_recipe(id), path, watch, error);

    if (status == FC_OK)
        status = storage->put_file(storage, object, path, fc_content_type_of(key), error);
    if (status == FC_OK)
        fc_log(FC_LOG_INFO, "system sound made", FC_KV("asset", id));
    return status;
}

/* ---- upkeep ---- */

static fc_status make_sound(struct fc_runner *runner, struct fc_arena *arena, const char *id,
                            const char *key, struct fc_error *error)
{
    const struct fc_steps_settings *settings = &runner->config.steps;
    const struct fc_watch watch = {.is_canceled = fc_runner_is_stopping, .context = runner};
    const char *work_dir;
    fc_status status = fc_work_dir_new(arena, settings->work_dir, FC_WORK_SOUNDS, &work_dir, error);

    if (status != FC_OK)
        return status;
    status = fc_sound_store(runner->config.storage, settings, id, key, work_dir, &watch, error);
    fc_work_dir_remove(work_dir);
    return status;
}

static fc_status make_if_missing(struct fc_runner *runner, struct fc_arena *arena, const char *id,
                                 const char *key, struct fc_error *error)
{
    struct fc_storage *storage = runner->config.storage;
    const struct fc_object object = {runner->config.steps.system_bucket, key};
    struct fc_object_info info;
    fc_status status = storage->head(storage, object, &info, error);

    return status == FC_E_NOT_FOUND ? make_sound(runner, arena, id, key, error) : status;
}

static void pause_after(struct fc_runner *runner, const char *id, const struct fc_error *error)
{
    struct fc_sounds_upkeep *sounds = &runner->sounds;

    if (fc_runner_is_stopping(runner))
        return;
    sounds->pause_s = sounds->pause_s == 0 ? FAILED_FIRST_S : 2 * sounds->pause_s;
    if (sounds->pause_s > FAILED_LAST_S)
        sounds->pause_s = FAILED_LAST_S;
    sounds->due_us = fc_monotonic_us() + sounds->pause_s * INT64_C(1000000);
    fc_log(FC_LOG_WARNING, "system sound not made", FC_KV("asset", id),
           FC_KV("error", error->text));
}

fc_status fc_sounds_make_next(struct fc_runner *runner, struct fc_arena *arena,
                              struct fc_error *error)
{
    struct fc_sounds_upkeep *sounds = &runner->sounds;
    const struct fc_synth_recipe *recipe = fc_synth_recipe_at(sounds->next);
    struct fc_rows rows;
    fc_status status;

    if (recipe == NULL || fc_monotonic_us() < sounds->due_us)
        return FC_OK;
    status = fc_db_run(runner->upkeep_db, arena, FC_Q_RUN_ASSETS,
                       FC_ARGS(fc_arg_texts(arena, &recipe->id, 1), fc_arg_texts(arena, NULL, 0)),
                       &rows, error);
    if (status != FC_OK)
        return status;
    if (rows.n > 0 && fc_sound_is_known(recipe->id, fc_rows_text(&rows, 0, 1)))
        status = make_if_missing(runner, arena, recipe->id, fc_rows_text(&rows, 0, 1), error);
    if (status != FC_OK) {
        pause_after(runner, recipe->id, error);
        return FC_OK;
    }
    sounds->next++;
    sounds->pause_s = 0;
    return FC_OK;
}
