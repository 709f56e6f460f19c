/* What an external worker calls: the next job to render, and what became of it. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "auth/context.h"
#include "crypt/crypt.h"
#include "job/job.h"
#include "storage/storage.h"

/* The token of "Authorization: Bearer <token>", else that of ?token=; NULL when there is neither.
 * */
static const char *bearer(const struct fc_request *rq, const char *otherwise)
{
    const char *header = fc_header(rq, "Authorization");

    if (header == NULL)
        return otherwise;
    return strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 + strspn(header + 7, " ") : "";
}

/* Lengths may be told, contents not. */
static bool same_secret(const char *given, const char *expected)
{
    return strlen(given) == strlen(expected) && fc_crypt_equal(given, expected, strlen(expected));
}

/* ---- POST /internal/jobs/callback ---- */

struct token_query {
    const char *token;
};

static const struct fc_field token_fields[] = {
    FC_FIELD(struct token_query, token),
    {0},
};
static const struct fc_shape token_shape = FC_SHAPE(struct token_query, token_fields);

static const struct fc_field nothing_fields[] = {{0}};
static const struct fc_shape callback_shape = {.fields = nothing_fields,
                                               .size = 1}; /* read in the order of the checks */

static fc_status check_token(struct fc_request *rq, const struct fc_uuid *job)
{
    const struct token_query *query = rq->query;
    const char *given = bearer(rq, query->token);
    char token[FC_CALLBACK_TOKEN_SIZE];

    for (int previous = 0; given != NULL && previous < 2; previous++)
        if (fc_callback_token(fc_context_of(rq)->settings, job, previous == 1, token) &&
            same_secret(given, token))
            return FC_OK;
    return fc_refuse(rq, FC_E_AUTHENTICATION, "the callback token of this job is needed");
}

/* Members that each event may or must have; the rest of the body is read by the database. */
static const struct {
    const char *member;
    enum fc_json_type type;
    const char *required_for; /* event, or NULL */
} callback_members[] = {
    {"progress_percent", FC_JSON_NUMBER, NULL}, {"scene_id", FC_JSON_STRING, "scene_complete"},
    {"output", FC_JSON_OBJECT, NULL},           {"output_size_bytes", FC_JSON_NUMBER, NULL},
    {"error", FC_JSON_OBJECT, NULL},
};

static fc_status check_members(struct fc_request *rq, const char *event)
{
    const struct fc_json *percent = fc_json_have(rq->json, "progress_percent");
    const struct fc_json *size = fc_json_have(rq->json, "output_size_bytes");
    int64_t bytes;

    for (size_t i = 0; i < sizeof callback_members / sizeof *callback_members; i++) {
        const struct fc_json *value = fc_json_have(rq->json, callback_members[i].member);
        const char *required_for = callback_members[i].required_for;

        if (value != NULL && fc_json_type(value) != callback_members[i].type)
            return fc_refuse(rq, FC_E_VALIDATION, "'%s' must be of the type %s",
                             callback_members[i].member,
                             fc_json_type_name(callback_members[i].type));
        if (value == NULL && required_for != NULL && strcmp(required_for, event) == 0)
            return fc_refuse(rq, FC_E_VALIDATION, "'%s' is required", callback_members[i].member);
    }
    if (percent != NULL && !(fc_json_number(percent) >= 0 && fc_json_number(percent) <= 100))
        return fc_refuse(rq, FC_E_VALIDATION, "'progress_percent' must be between 0 and 100");
    if (size != NULL && (!fc_json_int(size, &bytes) || bytes < 0))
        return fc_refuse(rq, FC_E_VALIDATION,
                         "'output_size_bytes' must be a whole number that is not negative");
    return FC_OK;
}

static bool event_ok(const char *event)
{
    static const char *const known[] = {"started", "progress", "scene_complete", "completed",
                                        "failed"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], event) == 0)
            return true;
    return false;
}

/* A worker reports: 200 with the job; 409 when the report is not legal in the job's state, and then
 * the worker stops. */
static fc_status job_callback(struct fc_request *rq)
{
    const struct fc_json *id = fc_json_get(rq->json, "job_id"),
                         *event = fc_json_get(rq->json, "event");
    struct fc_uuid *job = FC_NEW(rq->arena, struct fc_uuid);
    fc_status st;

    if (fc_json_type(id) != FC_JSON_STRING || !fc_uuid_parse(fc_json_string(id), job))
        return fc_refuse(rq, FC_E_VALIDATION, "'job_id' must be a UUID");
    st = check_token(rq, job);
    if (st != FC_OK)
        return st;
    if (fc_json_type(event) != FC_JSON_STRING || !event_ok(fc_json_string(event)))
        return fc_refuse(rq, FC_E_VALIDATION,
                         "'event' must be started, progress, scene_complete, completed or failed");
    st = check_members(rq, fc_json_string(event));
    if (st != FC_OK)
        return st;
    fc_answer_rewrite(rq, fc_job_links);
    return fc_answer(rq, FC_Q_JOB_CALLBACK,
                     FC_ARGS(fc_arg_uuid(job), fc_arg_text(fc_json_string(event)),
                             fc_arg_text(fc_copy_n(rq->arena, rq->text.at, rq->text.n)),
                             fc_arg_text(fc_context_of(rq)->settings->s3_bucket_outputs)));
}

/* ---- GET /internal/render/next ---- */

enum { WAIT_DEFAULT = 20, WAIT_MAX = 60, POLL_MS = 500 };

struct next_query {
    struct fc_opt_int wait;
    const char *worker;
};

static const struct fc_field next_fields[] = {
    FC_FIELD(struct next_query, wait),
    FC_FIELD(struct next_query, worker, .min = 1, .max = 100),
    {0},
};
static const struct fc_shape next_shape = FC_SHAPE(struct next_query, next_fields);

static int64_t link_seconds(const struct fc_settings *settings)
{
    return settings->job_queue_timeout_seconds + settings->job_timeout_seconds;
}

static const char *worker_link(struct fc_request *rq, const char *bucket, const char *key)
{
    const struct fc_context *context = fc_context_of(rq);
    struct fc_link link = {.method = FC_LINK_GET,
                           .object = {bucket, key},
                           .expires = fc_time_now().us / 1000000 + link_seconds(context->settings),
                           .for_workers = true};

    return fc_object_ok(link.object) ? context->storage->link(context->storage, rq->arena, &link)
                                     : NULL;
}

/* NULL also for what is no scene: somebody may have edited the row. */
static const struct fc_json *scene_at(const struct fc_json *scenes, int64_t position)
{
    const struct fc_json *scene = fc_json_first(scenes);

    while (scene != NULL && position-- > 0)
        scene = fc_json_next(scene);
    return scene != NULL && fc_json_type(scene) == FC_JSON_OBJECT ? scene : NULL;
}

static void put_span(struct fc_buffer *b, const struct fc_json *value)
{
    if (value == NULL) {
        fc_put(b, "null");
    } else {
        struct fc_span span = fc_json_text(value);

        fc_put_n(b, span.at, span.n);
    }
}

static void put_references(struct fc_buffer *b, const struct fc_scene_text *text)
{
    fc_put_char(b, '[');
    for (size_t i = 0; i < text->n_references; i++) {
        fc_put(b, i > 0 ? ",{\"id\":" : "{\"id\":");
        fc_put_json(b, text->references[i].asset_id);
        fc_put(b, ",\"weight\":");
        fc_put_n(b, text->references[i].weight_text.at, text->references[i].weight_text.n);
        fc_put_char(b, '}');
    }
    fc_put_char(b, ']');
}

/* One scene as a worker needs it: the stored row, the texts of lib/storyboard, a link to a clip
 * that is there already. */
static void put_scene(struct fc_request *rq, struct fc_buffer *b, const struct fc_json *row,
                      const struct fc_json *spec, bool is_image)
{
    const struct fc_json *clip = fc_json_have(row, "clip_key"), *scene = NULL;
    struct fc_scene_text text = {.prompt = "", .negative = ""};
    int64_t position = 0;

    (void)fc_json_int(fc_json_get(row, "position"), &position);
    if (!is_image)
        scene = scene_at(fc_json_get(spec, "scenes"), position);
    if (is_image)
        (void)fc_character_text(rq->arena, spec, &text,
                                NULL); /* a character without prompt has an empty one */
    else
        text = fc_scene_text(rq->arena, spec, (size_t)position);
    fc_put(b, "{\"scene_id\":");
    put_span(b, fc_json_get(row, "scene_id"));
    fc_putf(b, ",\"position\":%lld,\"duration\":", (long long)position);
    put_span(b, scene != NULL ? fc_json_get(scene, "duration") : NULL);
    fc_put(b, ",\"prompt\":");
    fc_put_json(b, text.prompt);
    fc_put(b, ",\"negative_prompt\":");
    fc_put_json(b, text.negative);
    fc_put(b, ",\"seed\":");
    put_span(b, fc_json_get(row, "seed"));
    fc_put(b, ",\"reference_images\":");
    put_references(b, &text);
    fc_put(b, ",\"clip_url\":");
    fc_put_json(b, clip == NULL ? NULL
                                : worker_link(rq, fc_context_of(rq)->settings->s3_bucket_outputs,
                                              fc_json_string(clip)));
    fc_put_char(b, '}');
}

static void put_scenes(struct fc_request *rq, struct fc_buffer *b, const struct fc_json *work,
                       uint32_t *job_seed)
{
    const struct fc_json *spec = fc_json_get(work, "spec_snapshot"),
                         *rows = fc_json_get(work, "scenes");
    bool is_image = fc_spec_is_image(spec);
    int64_t seed;

    fc_put(b, ",\"scenes\":[");
    for (const struct fc_json *row = fc_json_first(rows); row != NULL; row = fc_json_next(row)) {
        if (row != fc_json_first(rows))
            fc_put_char(b, ',');
        else if (fc_json_type(fc_json_get(row, "seed")) == FC_JSON_NUMBER &&
                 fc_json_int(fc_json_get(row, "seed"), &seed))
            *job_seed = (uint32_t)seed;
        put_scene(rq, b, row, spec, is_image);
    }
    fc_put_char(b, ']');
}

/* {"<asset id>": "<link>"} from the keys that the database knows of the assets in the spec. */
static void put_assets(struct fc_request *rq, struct fc_buffer *b, const struct fc_json *assets)
{
    const struct fc_settings *settings = fc_context_of(rq)->settings;
    bool is_first = true;

    fc_put(b, ",\"assets\":{");
    for (const struct fc_json *a = assets != NULL ? fc_json_first(assets) : NULL; a != NULL;
         a = fc_json_next(a)) {
        const char *link = worker_link(rq,
                                       fc_json_boolean(fc_json_get(a, "system"))
                                           ? settings->s3_bucket_system
                                           : settings->s3_bucket_outputs,
                                       fc_json_string(fc_json_get(a, "s3_key")));

        if (link == NULL)
            continue;
        fc_put(b, is_first ? "" : ",");
        fc_put_json(b, fc_json_string(fc_json_get(a, "id")));
        fc_put_char(b, ':');
        fc_put_json(b, link);
        is_first = false;
    }
    fc_put_char(b, '}');
}

static fc_status put_order(struct fc_request *rq, struct fc_buffer *b, const struct fc_json *work,
                           const struct fc_json *assets)
{
    const struct fc_settings *settings = fc_context_of(rq)->settings;
    char token[FC_CALLBACK_TOKEN_SIZE];
    struct fc_options options;
    struct fc_uuid job;
    struct fc_buffer scenes = fc_buffer_in(rq->arena);
    uint32_t seed = 0;

    if (!fc_uuid_parse(fc_json_string(fc_json_get(work, "job_id")), &job))
        return FC_E_INTERNAL;
    (void)fc_callback_token(settings, &job, false, token);
    (void)fc_options_read(fc_json_get(work, "options"),
                          &options); /* what is wrong with a hand-made row counts as absent */
    put_scenes(rq, &scenes, work, &seed);
    fc_putf(b, "{\"job_id\":\"%s\",\"owner\":", job.text);
    put_span(b, fc_json_get(work, "owner"));
    fc_putf(b, ",\"kind\":\"%s\",\"attempt\":",
            fc_spec_is_image(fc_json_get(work, "spec_snapshot")) ? "image" : "video");
    put_span(b, fc_json_get(work, "attempt"));
    fc_put(b, ",\"lease_expires_at\":");
    put_span(b, fc_json_get(work, "lease_expires_at"));
    fc_put(b, ",\"spec_snapshot\":");
    put_span(b, fc_json_get(work, "spec_snapshot"));
    fc_put(b, ",\"options\":");
    fc_put_options(b, &options, seed);
    fc_put_n(b, scenes.data, scenes.n);
    put_assets(rq, b, assets);
    fc_put(b, ",\"output\":{\"bucket\":");
    fc_put_json(b, settings->s3_bucket_outputs);
    fc_put(b, ",\"prefix\":");
    put_span(b, fc_json_get(work, "prefix"));
    fc_put(b, "},\"callback_url\":");
    fc_put_json(
        b, fc_printf(rq->arena, "%s/internal/jobs/callback", settings->render_callback_base_url));
    fc_putf(b, ",\"callback_token\":\"%s\"}", token);
    return FC_OK;
}

static fc_status ask_again(struct fc_request *rq);

static fc_status offered(struct fc_request *rq, const char *outcome, const char *body,
                         const char *more)
{
    const int64_t *until_us = rq->state;
    const struct fc_json *work, *assets = NULL;
    struct fc_buffer order = fc_buffer_in(rq->arena);
    fc_status st;

    if (strcmp(outcome, "ok") != 0) {
        if (fc_monotonic_us() < *until_us)
            return fc_answer_later(rq, POLL_MS, ask_again);
        return fc_answer_json(rq, 204, NULL);
    }
    if (fc_json_parse(rq->arena, body, strlen(body), &work, NULL) != FC_OK ||
        (more != NULL && fc_json_parse(rq->arena, more, strlen(more), &assets, NULL) != FC_OK))
        return FC_E_INTERNAL;
    st = put_order(rq, &order, work, assets);
    return st == FC_OK ? fc_answer_json(rq, 200, order.data) : st;
}

static fc_status ask_again(struct fc_request *rq)
{
    const struct next_query *query = rq->query;

    if (fc_client_is_gone(rq))
        return fc_answer_json(rq, 204,
                              NULL); /* a job handed to nobody would wait for its lease to lapse */
    return fc_answer_then(rq, FC_Q_RENDER_NEXT,
                          FC_ARGS(fc_arg_text(query->worker != NULL ? query->worker : "worker"),
                                  fc_arg_int(fc_context_of(rq)->settings->render_lease_seconds)),
                          offered);
}

/* 200 with a job, leased to the caller; 204 when there was none within the wait. */
static fc_status render_next(struct fc_request *rq)
{
    const char *key = fc_context_of(rq)->settings->render_worker_key, *given = bearer(rq, NULL);
    const struct next_query *query = rq->query;
    int64_t wait = query->wait.is_given ? query->wait.value : WAIT_DEFAULT,
            *until_us = FC_NEW(rq->arena, int64_t);

    if (key == NULL || given == NULL || !same_secret(given, key))
        return fc_refuse(rq, FC_E_AUTHENTICATION, "the worker key is needed");
    wait = wait < 0 ? 0 : wait > WAIT_MAX ? WAIT_MAX : wait;
    *until_us = fc_monotonic_us() + wait * 1000000;
    rq->state = until_us;
    fc_answer_header(rq, "Cache-Control", "no-store");
    return ask_again(rq);
}

const struct fc_route fc_machine_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(POST, "/internal/jobs/callback", PUBLIC, NULL, &token_shape, &callback_shape, 200,
             job_callback),
    FC_ROUTE(GET,  "/internal/render/next",   PUBLIC, NULL, &next_shape,  NULL,            200,
             render_next, .flags = FC_NO_HEAD),
    {0},
};
