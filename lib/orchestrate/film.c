/* The step stitch, and the output that finish stores. */
#include "orchestrate/film.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/time.h>

#include "orchestrate/run.h"
#include "render/stitch.h"

enum { STITCH_FROM_PERCENT = 90, STITCH_TO_PERCENT = 98 };

static const char *result_name(const struct fc_work *work)
{
    return work->is_image ? "final.png" : "final.mp4";
}

static enum fc_step stitch_failed(struct fc_job_run *run, const char *message)
{
    fc_log(FC_LOG_ERROR, "stitch failed", FC_KV("job_id", run->job.uuid.text),
           FC_KV("error", run->error.text));
    return fc_job_run_fail(run, "system", "stitch_failed",
                           fc_job_run_public_cause(run->error.text, message), NULL);
}

/* What a failed call of the store means; @message is for the client. */
static enum fc_step store_failed(struct fc_job_run *run, fc_status status, const char *message)
{
    return status == FC_E_UNAVAILABLE ? FC_STEP_LATER : stitch_failed(run, message);
}

/* ---- stitch ---- */

static enum fc_step fetch_clips(struct fc_job_run *run, const char ***paths)
{
    const struct fc_work *work = run->work;
    const char **found = FC_NEW_ARRAY(run->arena, const char *, work->n_scenes);

    for (size_t i = 0; i < work->n_scenes; i++) {
        const char *key = work->scenes[i].clip_key;
        fc_status status =
            key == NULL
                ? fc_fail(&run->error, FC_E_NOT_FOUND, "scene %s has no clip", work->scenes[i].id)
                : run->storage->fetch_file(run->storage, run->arena, fc_job_run_object(run, key),
                                           run->work_dir, &found[i], &run->error);

        if (status != FC_OK)
            return store_failed(run, status, "A finished clip could not be read");
    }
    *paths = found;
    return FC_STEP_DONE;
}

static enum fc_step fetch_sounds(struct fc_job_run *run, const char *const **paths)
{
    const struct fc_plan *plan = &run->work->plan;
    const char **ids = FC_NEW_ARRAY(run->arena, const char *, plan->n_cues);

    for (size_t i = 0; i < plan->n_cues; i++)
        ids[i] = plan->cues[i].asset_id;
    return fc_job_run_assets(run, ids, plan->n_cues, paths);
}

/* Called while ffmpeg works: what cannot be told now is told next time. */
static void note_stitching(void *context, double percent)
{
    const double span = STITCH_TO_PERCENT - STITCH_FROM_PERCENT;

    (void)fc_job_run_progress(context, "stitching", STITCH_FROM_PERCENT + span * percent / 100);
}

static bool is_unwanted(void *context)
{
    return fc_job_run_is_stopped(context);
}

static enum fc_step store(struct fc_job_run *run, const char *name, const char *path)
{
    const char *key = fc_work_key(run->arena, run->work, name);
    fc_status status;

    if (fc_job_run_is_stopped(run))
        return FC_STEP_STOPPED;
    status = run->storage->put_file(run->storage, fc_job_run_object(run, key), path,
                                    fc_content_type_of(key), &run->error);
    return status == FC_OK ? FC_STEP_DONE
                           : store_failed(run, status, "The film could not be stored");
}

static enum fc_step store_renditions(struct fc_job_run *run, const struct fc_film *film)
{
    const struct fc_options *options = &run->work->options;
    enum fc_step step = FC_STEP_DONE;

    for (size_t i = 0; step == FC_STEP_DONE && i < options->n_renditions; i++)
        step = store(run, fc_rendition_name(run->arena, &options->renditions[i]),
                     film->rendition_paths[i]);
    return step;
}

/* The film comes last: where it is, the rest is. */
static enum fc_step store_film(struct fc_job_run *run, const struct fc_film *film)
{
    const struct {
        const char *name, *path;
    } files[] = {
        {"captions.srt", film->srt_path},
        {"captions.vtt", film->vtt_path},
        {"thumbnail.jpg", film->thumbnail_path},
        {"contact_sheet.jpg", film->sheet_path},
        {"final.mp4", film->video_path},
    };
    enum fc_step step = store_renditions(run, film);

    for (size_t i = 0; step == FC_STEP_DONE && i < sizeof files / sizeof *files; i++) {
        if (files[i].path != NULL)
            step = store(run, files[i].name, files[i].path);
    }
    return step;
}

/* The film is as good as it can be here; whoever runs the server may make it better. */
static void note_silence(const struct fc_job_run *run, const struct fc_film *film)
{
    if (film->unspoken != NULL)
        fc_log(FC_LOG_INFO, "dialogue not spoken", FC_KV("job_id", run->job.uuid.text),
               FC_KV("reason", film->unspoken));
}

static enum fc_step stitch_film(struct fc_job_run *run)
{
    const struct fc_watch watch = {is_unwanted, note_stitching, run};
    struct fc_film_order order = {
        .plan = &run->work->plan,
        .format = fc_work_format(run->work),
        .is_mute = run->renderer->is_mute,
        .burns_captions = run->work->options.captions == FC_CAPTIONS_BURN,
        .renditions = run->work->options.renditions,
        .n_renditions = run->work->options.n_renditions,
        .work_dir = run->work_dir,
    };
    const char **clips = NULL;
    struct fc_film film;
    fc_status status;
    enum fc_step step = fetch_clips(run, &clips);

    order.clips = clips;
    if (step == FC_STEP_DONE)
        step = fetch_sounds(run, &order.sounds);
    if (step != FC_STEP_DONE)
        return step;
    status = fc_film_stitch(run->arena, &run->settings->render, &order, &watch, &film, &run->error);
    if (status == FC_OK) {
        note_silence(run, &film);
        return store_film(run, &film);
    }
    if (fc_job_run_is_stopped(run))
        return FC_STEP_STOPPED;
    return stitch_failed(run, status == FC_E_VALIDATION
                                  ? fc_copy(run->arena, run->error.text) /* names the scene */
                                  : "The clips could not be joined");
}

static enum fc_step keep_still(struct fc_job_run *run)
{
    const char **paths = NULL;
    enum fc_step step = fetch_clips(run, &paths);

    if (step != FC_STEP_DONE)
        return step;
    assert(paths != NULL);
    return store(run, result_name(run->work), paths[0]);
}

static fc_status result_head(struct fc_job_run *run, const char *name, struct fc_object_info *info)
{
    const char *key = fc_work_key(run->arena, run->work, name);

    return run->storage->head(run->storage, fc_job_run_object(run, key), info, &run->error);
}

enum fc_step fc_step_stitch(struct fc_job_run *run)
{
    struct fc_object_info info;
    enum fc_step step;
    fc_status status = result_head(run, result_name(run->work), &info);

    if (status == FC_OK)
        return FC_STEP_DONE; /* by an earlier run */
    if (status != FC_E_NOT_FOUND)
        return store_failed(run, status, "The store does not work");
    step = fc_job_run_progress(run, "stitching", STITCH_FROM_PERCENT);
    if (step != FC_STEP_DONE)
        return step;
    return run->work->is_image ? keep_still(run) : stitch_film(run);
}

/* ---- the output ---- */

static void put_member(struct fc_job_run *run, struct fc_buffer *b, const char *member,
                       const char *key)
{
    fc_putf(b, "\"%s\":", member);
    fc_put_json(b, fc_object_reference(run->arena, fc_job_run_object(run, key)));
}

static void put_file(struct fc_job_run *run, struct fc_buffer *b, const char *member,
                     const char *name)
{
    put_member(run, b, member, fc_work_key(run->arena, run->work, name));
}

/* Milliseconds as seconds, without zeros at the end. */
static void put_seconds(struct fc_buffer *b, int64_t ms)
{
    fc_putf(b, "%.10g", (double)ms / 1000);
}

/* The film ends with a frame. */
static int64_t film_ms(const struct fc_work *work)
{
    const int fps = work->options.fps;

    return fc_frames_of(work->plan.duration_ms, fps) * 1000 / fps;
}

static void put_clips(struct fc_job_run *run, struct fc_buffer *b)
{
    fc_put(b, "\"scene_clips\":[");
    for (size_t i = 0; i < run->work->n_scenes; i++) {
        const struct fc_work_scene *scene = &run->work->scenes[i];

        fc_put(b, i > 0 ? ",{\"scene_id\":" : "{\"scene_id\":");
        fc_put_json(b, scene->id);
        fc_put(b, ",");
        put_member(run, b, "url", scene->clip_key);
        fc_put(b, ",\"duration\":");
        put_seconds(b, scene->duration_ms);
        fc_put(b, "}");
    }
    fc_put(b, "]");
}

static void put_renditions(struct fc_job_run *run, struct fc_buffer *b)
{
    const struct fc_options *options = &run->work->options;

    fc_put(b, "\"renditions\":[");
    for (size_t i = 0; i < options->n_renditions; i++) {
        const struct fc_rendition *rendition = &options->renditions[i];

        fc_putf(b, "%s{\"resolution\":\"%dx%d\",\"width\":%d,\"height\":%d,\"fit\":\"%s\",",
                i > 0 ? "," : "", rendition->width, rendition->height, rendition->width,
                rendition->height, fc_fit_name(rendition->fit));
        put_file(run, b, "url", fc_rendition_name(run->arena, rendition));
        fc_put(b, "}");
    }
    fc_put(b, "]");
}

static void put_captions(struct fc_job_run *run, struct fc_buffer *b)
{
    if (run->work->plan.n_captions == 0) {
        fc_put(b, "\"captions\":null");
        return;
    }
    fc_put(b, "\"captions\":{");
    put_file(run, b, "srt_url", "captions.srt");
    fc_put(b, ",");
    put_file(run, b, "vtt_url", "captions.vtt");
    fc_put(b, "}");
}

static void put_metadata(const struct fc_job_run *run, struct fc_buffer *b)
{
    const int64_t ms = (fc_time_now().us - run->work->started_at.us) / 1000;

    fc_put(b, "\"metadata\":{\"provider\":");
    fc_put_json(b, run->renderer->name);
    fc_put(b, ",\"model_used\":");
    fc_put_json(b, run->renderer->model);
    fc_putf(b, ",\"seed\":%" PRIu32 ",\"generation_time_ms\":%" PRId64 "}", run->work->seed,
            ms > 0 ? ms : 0);
}

static void put_film(struct fc_job_run *run, struct fc_buffer *b)
{
    put_file(run, b, "video_url", "final.mp4");
    fc_put(b, ",");
    put_file(run, b, "thumbnail_url", "thumbnail.jpg");
    fc_put(b, ",");
    put_file(run, b, "contact_sheet_url", "contact_sheet.jpg");
    fc_put(b, ",");
    put_renditions(run, b);
    fc_put(b, ",");
    put_captions(run, b);
    fc_put(b, ",");
    put_clips(run, b);
    fc_put(b, ",\"duration\":");
    put_seconds(b, film_ms(run->work));
}

enum fc_step fc_film_put_output(struct fc_job_run *run, struct fc_buffer *b, int64_t *size_bytes)
{
    const struct fc_work *work = run->work;
    struct fc_object_info info;
    fc_status status = result_head(run, result_name(work), &info);

    if (status != FC_OK)
        return store_failed(run, status, "The film is not in the store any more");
    *size_bytes = info.size_bytes;
    fc_put(b, "{");
    if (work->is_image)
        put_file(run, b, "url", result_name(work));
    else
        put_film(run, b);
    fc_putf(b, ",\"resolution\":\"%dx%d\",\"format\":\"%s\",\"size_bytes\":%" PRId64 ",",
            work->options.width, work->options.height, work->is_image ? "png" : "mp4",
            info.size_bytes);
    put_metadata(run, b);
    fc_put(b, "}");
    return FC_STEP_DONE;
}
