#include "orchestrate/work.h"

#include <stdio.h>
#include <string.h>

#include <framecast/text.h>

#include "render/encode.h"

static const char *const status_names[FC_SCENE__COUNT] = {
    [FC_SCENE_PENDING] = "pending",     [FC_SCENE_SUBMITTED] = "submitted",
    [FC_SCENE_RUNNING] = "running",     [FC_SCENE_COMPLETED] = "completed",
    [FC_SCENE_FAILED] = "failed",       [FC_SCENE_CANCELED] = "canceled",
};

enum fc_scene_status fc_scene_status_by_name(const char *name)
{
    for (int i = 0; i < FC_SCENE__COUNT; i++) {
        if (fc_text_equal(status_names[i], name))
            return (enum fc_scene_status)i;
    }
    return FC_SCENE_CANCELED; /* a state of another version: nothing that may be touched */
}

/* ---- reading what the database hands out ---- */

/* What came from a row that somebody edited may be no object at all: then it has no members. */
static const struct fc_json *member_of(const struct fc_json *object, const char *name)
{
    if (object == NULL || fc_json_type(object) != FC_JSON_OBJECT)
        return NULL;
    return fc_json_have(object, name);
}

static const char *text_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = member_of(object, name);

    return value != NULL && fc_json_type(value) == FC_JSON_STRING ? fc_json_string(value) : NULL;
}

static int64_t int_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = member_of(object, name);
    int64_t number = 0;

    if (value != NULL)
        (void)fc_json_int(value, &number);
    return number;
}

static double number_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = member_of(object, name);

    return value != NULL && fc_json_type(value) == FC_JSON_NUMBER ? fc_json_number(value) : 0;
}

static const char *source_of(struct fc_arena *arena, const struct fc_json *object, const char *name)
{
    const struct fc_json *value = fc_json_have(object, name);
    struct fc_span text;

    if (value == NULL)
        return NULL;
    text = fc_json_text(value);
    return fc_copy_n(arena, text.at, text.n);
}

static void scene_read(struct fc_arena *arena, const struct fc_json *row,
                       struct fc_work_scene *scene)
{
    const char *ref = text_of(row, "provider_ref"), *status = text_of(row, "status");

    scene->id = text_of(row, "scene_id");
    scene->position = (int)int_of(row, "position");
    scene->status = fc_scene_status_by_name(status);
    scene->attempt = (int)int_of(row, "attempt");
    scene->seed = (uint32_t)int_of(row, "seed");
    scene->progress = number_of(row, "progress");
    scene->clip_key = text_of(row, "clip_key");
    scene->error = source_of(arena, row, "error");
    (void)snprintf(scene->ref, sizeof scene->ref, "%s", ref != NULL ? ref : "");
    scene->is_taken_over = scene->status == FC_SCENE_COMPLETED && scene->attempt == 0;
}

static void scenes_read(struct fc_arena *arena, const struct fc_json *rows, struct fc_work *work)
{
    size_t n = 0;

    work->n_scenes = fc_json_count(rows);
    work->scenes = FC_NEW_ARRAY(arena, struct fc_work_scene, work->n_scenes);
    for (const struct fc_json *row = fc_json_first(rows); row != NULL; row = fc_json_next(row))
        scene_read(arena, row, &work->scenes[n++]);
    work->seed = n > 0 ? work->scenes[0].seed : 0;
}

/* The film of the snapshot, and that the scene records are those of its scenes. */
static fc_status film_read(struct fc_arena *arena, struct fc_work *work, struct fc_error *error)
{
    fc_status status = fc_plan_make(arena, work->spec, &work->plan, error);

    if (status != FC_OK)
        return status;
    if (work->plan.n_scenes != work->n_scenes)
        return fc_fail(error, FC_E_VALIDATION, "The job has no records of its scenes");
    for (size_t i = 0; i < work->n_scenes; i++) {
        if (!fc_text_equal(work->plan.scenes[i].id, work->scenes[i].id))
            return fc_fail(error, FC_E_VALIDATION, "The job's records are of other scenes");
        work->scenes[i].duration_ms = work->plan.scenes[i].duration_ms;
    }
    return FC_OK;
}

static fc_status image_read(struct fc_arena *arena, const struct fc_work *work,
                            struct fc_error *error)
{
    struct fc_scene_text text;

    if (work->n_scenes != 1)
        return fc_fail(error, FC_E_VALIDATION, "The job has no record of its image");
    return fc_character_text(arena, work->spec, &text, error);
}

fc_status fc_work_read(struct fc_arena *arena, const char *text, struct fc_work **work,
                       struct fc_error *error)
{
    struct fc_work *read = FC_NEW(arena, struct fc_work);
    const struct fc_json *body, *scenes;
    const char *started_at;

    if (text == NULL || fc_json_parse(arena, text, strlen(text), &body, error) != FC_OK ||
        (scenes = fc_json_get(body, "scenes")) == NULL || text_of(body, "prefix") == NULL)
        return fc_fail(error, FC_E_INTERNAL, "the work of a job cannot be read");
    read->status = text_of(body, "status");
    read->prefix = text_of(body, "prefix");
    read->provider = text_of(body, "provider");
    read->percent = number_of(fc_json_get(body, "progress"), "percent");
    read->spec = fc_json_get(body, "spec_snapshot");
    started_at = text_of(body, "started_at");
    if (started_at != NULL)
        (void)fc_time_parse(started_at, &read->started_at);
    scenes_read(arena, scenes, read);
    *work = read;
    if (read->spec == NULL || fc_json_type(read->spec) != FC_JSON_OBJECT)
        return fc_fail(error, FC_E_VALIDATION, "The snapshot is no object");
    if (!fc_options_read(fc_json_get(body, "options"), &read->options))
        return fc_fail(error, FC_E_VALIDATION, "The options are not valid");
    read->is_image = fc_spec_is_image(read->spec);
    return read->is_image ? image_read(arena, read, error) : film_read(arena, read, error);
}

void fc_work_scene_update(struct fc_arena *arena, struct fc_work_scene *scene, const char *body)
{
    const struct fc_json *row;
    const char *ref;

    if (body == NULL || fc_json_parse(arena, body, strlen(body), &row, NULL) != FC_OK)
        return;
    ref = text_of(row, "provider_ref");
    scene->status = fc_scene_status_by_name(text_of(row, "status"));
    scene->attempt = (int)int_of(row, "attempt");
    (void)snprintf(scene->ref, sizeof scene->ref, "%s", ref != NULL ? ref : "");
}

/* ---- how far it is ---- */

double fc_work_percent(const struct fc_work *work)
{
    double done = 0, all = 0;

    for (size_t i = 0; i < work->n_scenes; i++) {
        const struct fc_work_scene *scene = &work->scenes[i];
        double weight = scene->duration_ms > 0 ? (double)scene->duration_ms : 1;

        if (scene->is_taken_over)
            continue;
        all += weight;
        done += weight * (scene->status == FC_SCENE_COMPLETED ? 100 : scene->progress);
    }
    return all > 0 ? 0.9 * done / all : 90;
}

size_t fc_work_completed(const struct fc_work *work)
{
    size_t n = 0;

    for (size_t i = 0; i < work->n_scenes; i++)
        n += work->scenes[i].status == FC_SCENE_COMPLETED;
    return n;
}

/* ---- names ---- */

char *fc_work_key(struct fc_arena *arena, const struct fc_work *work, const char *name)
{
    return fc_printf(arena, "%s%s", work->prefix, name);
}

char *fc_work_clip_key(struct fc_arena *arena, const struct fc_work *work,
                       const struct fc_work_scene *scene)
{
    return fc_printf(arena, "%sscene_%s.%s", work->prefix, scene->id,
                     work->is_image ? "png" : "mp4");
}

/* ---- orders ---- */

struct fc_film_format fc_work_format(const struct fc_work *work)
{
    static const enum fc_render_quality qualities[FC_QUALITY__COUNT] = {
        [FC_QUALITY_DRAFT] = FC_RENDER_DRAFT,
        [FC_QUALITY_STANDARD] = FC_RENDER_STANDARD,
        [FC_QUALITY_HIGH] = FC_RENDER_HIGH,
    };

    return (struct fc_film_format){
        .width = work->options.width,
        .height = work->options.height,
        .fps = work->options.fps,
        .quality = qualities[work->options.quality],
    };
}

static const struct fc_shot *first_shot(const struct fc_plan *plan, size_t scene)
{
    for (size_t i = 0; i < plan->n_shots; i++) {
        if (plan->shots[i].scene == scene)
            return &plan->shots[i];
    }
    return NULL; /* a scene that the timeline never plays is rendered all the same */
}

static void put_film_place(const struct fc_work *work, size_t position,
                           struct fc_scene_order *order)
{
    const struct fc_shot *shot = first_shot(&work->plan, position);

    order->film_start_ms = shot != NULL ? shot->start_ms : 0;
    order->film_total_ms = shot != NULL ? work->plan.duration_ms : 0;
}

static void put_texts(struct fc_arena *arena, const struct fc_scene_text *text,
                      struct fc_scene_order *order)
{
    struct fc_render_symbol *symbols = FC_NEW_ARRAY(arena, struct fc_render_symbol,
                                                    text->n_symbols);

    for (size_t i = 0; i < text->n_symbols; i++) {
        symbols[i] = (struct fc_render_symbol){
            .key = text->symbols[i].key,
            .name = text->symbols[i].name,
            .prompt = text->symbols[i].prompt,
        };
    }
    order->text = text->own;
    order->prompt = text->prompt;
    order->negative = text->negative;
    order->symbols = symbols;
    order->n_symbols = text->n_symbols;
}

fc_status fc_work_order(struct fc_arena *arena, const struct fc_work *work,
                        const struct fc_work_scene *scene, struct fc_scene_order *order,
                        struct fc_scene_text *text, struct fc_error *error)
{
    fc_status status = FC_OK;

    *order = (struct fc_scene_order){
        .scene_id = scene->id,
        .position = scene->position,
        .n_scenes = (int)work->n_scenes,
        .attempt = scene->attempt,
        .kind = work->is_image ? FC_RENDER_STILL : FC_RENDER_CLIP,
        .title = work->is_image ? "" : work->plan.title,
        .duration_ms = scene->duration_ms,
        .width = work->options.width,
        .height = work->options.height,
        .fps = work->options.fps,
        .quality = fc_work_format(work).quality,
        .seed = scene->seed,
        .is_captioned = work->options.captions == FC_CAPTIONS_BURN && work->plan.n_captions > 0,
    };
    memcpy(order->ref, scene->ref, sizeof order->ref);
    if (work->is_image)
        status = fc_character_text(arena, work->spec, text, error);
    else
        *text = fc_scene_text(arena, work->spec, (size_t)scene->position);
    if (status != FC_OK)
        return status;
    put_texts(arena, text, order);
    if (!work->is_image)
        put_film_place(work, (size_t)scene->position, order);
    return FC_OK;
}
