/* Jobs made: generate, clone, retry. All end in one statement, job_create. */
#include <string.h>

#include "auth/context.h"
#include "crypt/crypt.h"
#include "job/order.h"

/* A job about to be made. */
struct creation {
    struct fc_order order;
    const char *spec_text, *options_text; /* NULL: the parent's */
    const char *scenes;                   /* JSON: ids and seeds */
    uint32_t seed;
    struct fc_uuid parent;   /* of a retry */
    struct fc_uuid source;   /* of a clone or retry */
    const char *owner_given; /* of a clone */
    bool is_retry;
};

static const char *text_of(struct fc_request *rq, const struct fc_json *value,
                           const char *otherwise)
{
    struct fc_span span;

    if (fc_json_type(value) == FC_JSON_NULL)
        return otherwise;
    span = fc_json_text(value);
    return fc_copy_n(rq->arena, span.at, span.n);
}

static uint32_t draw_seed(const struct fc_options *options)
{
    uint32_t seed;

    if (options->has_seed)
        return options->seed;
    fc_crypt_random(&seed, sizeof seed);
    return seed;
}

static fc_status created(struct fc_request *rq, const char *outcome, const char *body,
                         const char *more)
{
    struct creation *creation = rq->state;
    const struct fc_context *context = fc_context_of(rq);

    if (strcmp(outcome, "ok") == 0 && context->wake != NULL)
        context->wake(context->waker);
    if (strcmp(outcome, "invalid_spec") == 0) {
        fc_order_take_facts(rq, &creation->order, body);
        return fc_order_refuse_invalid(rq, &creation->order);
    }
    if (strcmp(outcome, "max_credits_exceeded") == 0)
        body = fc_order_with_estimate(rq, &creation->order, body);
    return fc_answer_outcome(rq, outcome, body, more);
}

static fc_status create(struct fc_request *rq, struct creation *creation)
{
    const struct fc_order *order = &creation->order;

    rq->state = creation;
    fc_answer_rewrite(rq, fc_job_links);
    return fc_answer_then(rq, FC_Q_JOB_CREATE,
                          FC_ARGS(fc_arg_text(order->urn.text), fc_arg_text(creation->spec_text),
                                  fc_arg_text(creation->options_text),
                                  fc_arg_int(order->estimate.credits),
                                  fc_arg_text(creation->scenes),
                                  fc_arg_text(fc_context_of(rq)->settings->render_provider),
                                  fc_arg_int(creation->seed), fc_arg_text(order->key),
                                  order->max_credits.is_given ? fc_arg_int(order->max_credits.value)
                                                              : fc_arg_text(NULL),
                                  fc_arg_text(order->assets), fc_arg_bool(order->is_valid),
                                  fc_arg_uuid(&creation->parent)),
                          created);
}

static const char *scene_records(struct fc_request *rq, const struct fc_json *spec, uint32_t seed)
{
    struct fc_buffer records = fc_buffer_in(rq->arena);

    fc_put_scene_records(&records, spec, seed);
    return records.data;
}

/* POST /v1/generate: 201 with the job, 200 with the first one for a repeated idempotency key. */
static fc_status job_generate(struct fc_request *rq)
{
    struct creation *creation = FC_NEW(rq->arena, struct creation);
    struct fc_order *order = &creation->order;
    fc_status st = fc_order_read(rq, FC_ORDER_OWNER | FC_ORDER_MAX_CREDITS | FC_ORDER_KEY, order);

    if (st == FC_OK)
        st = fc_order_owner(rq, order);
    if (st != FC_OK)
        return st;
    fc_order_check(rq, order);
    creation->seed = draw_seed(&order->chosen);
    creation->spec_text = order->is_valid ? text_of(rq, order->spec, "{}") : "{}";
    creation->options_text = order->is_valid ? text_of(rq, order->options, "{}") : "{}";
    creation->scenes = order->is_valid ? scene_records(rq, order->spec, creation->seed) : "[]";
    return create(rq, creation);
}

/* ---- clone and retry: first the job to start again is read, then the new one is made ---- */

struct again_body {
    const char *owner;
    struct fc_opt_int max_credits;
};

static const struct fc_field again_fields[] = {
    FC_FIELD(struct again_body, owner),
    FC_FIELD(struct again_body, max_credits, .min = 0, .max = INT64_MAX),
    {0},
};
static const struct fc_shape again_shape = FC_SHAPE(struct again_body, again_fields);

/* Prices the snapshot as it is: it is not validated again. @missing counts only these scenes (NULL:
 * all). */
static void price_snapshot(struct fc_request *rq, struct creation *creation,
                           const struct fc_json *missing)
{
    struct fc_prices prices = fc_prices_from(fc_context_of(rq)->settings);
    struct fc_order *order = &creation->order;

    (void)fc_options_read(order->options,
                          &order->chosen); /* a hand-made row's bad option counts as absent */
    order->estimate = fc_estimate(rq->arena, order->spec, &order->chosen, &prices, missing);
    order->is_valid = true;
    order->assets = NULL;
    creation->seed = draw_seed(&order->chosen);
    creation->scenes = scene_records(rq, order->spec, creation->seed);
}

static bool is_word(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || (c != NULL && strcmp(word, c) == 0);
}

static fc_status clone_from(struct fc_request *rq, struct creation *creation, const char *status)
{
    fc_status st;

    if (!is_word(status, "completed", "failed", "canceled"))
        return fc_refuse(rq, FC_E_VALIDATION, "Only a job that has ended can be cloned");
    if (creation->owner_given != NULL)
        creation->order.owner = creation->owner_given;
    st = fc_order_owner(rq, &creation->order);
    if (st != FC_OK)
        return st;
    creation->spec_text = text_of(rq, creation->order.spec, "{}");
    creation->options_text = text_of(rq, creation->order.options, "{}");
    price_snapshot(rq, creation, NULL);
    return create(rq, creation);
}

static fc_status retry_from(struct fc_request *rq, struct creation *creation,
                            const struct fc_json *source)
{
    const struct fc_json *missing = fc_json_have(source, "missing");
    const struct fc_json *nothing;
    int64_t n_scenes = 0;
    fc_status st = fc_order_owner(rq, &creation->order);

    if (st != FC_OK)
        return st;
    (void)fc_json_int(fc_json_get(source, "n_scenes"), &n_scenes);
    (void)fc_json_parse(rq->arena, "[]", 2, &nothing, NULL);
    /* a job without scene records has everything to do; one whose records are all done has only the
     * stitching left */
    price_snapshot(rq, creation, n_scenes == 0 ? NULL : missing != NULL ? missing : nothing);
    creation->parent = creation->source;
    return create(rq, creation);
}

static fc_status sourced(struct fc_request *rq, const char *outcome, const char *body,
                         const char *more)
{
    struct creation *creation = rq->state;
    const struct fc_json *source;

    if (strcmp(outcome, "ok") != 0)
        return fc_answer_outcome(rq, outcome, body, more);
    if (fc_json_parse(rq->arena, body, strlen(body), &source, NULL) != FC_OK)
        return FC_E_INTERNAL;
    creation->order.spec = fc_json_get(source, "spec");
    creation->order.options = fc_json_get(source, "options");
    creation->order.owner = fc_json_string(fc_json_get(source, "owner"));
    if (creation->is_retry)
        return retry_from(rq, creation, source);
    return clone_from(rq, creation, fc_json_string(fc_json_get(source, "status")));
}

static fc_status start_again(struct fc_request *rq, bool is_retry)
{
    struct creation *creation = FC_NEW(rq->arena, struct creation);
    const struct again_body *in = rq->body;

    creation->order.key = rq->idempotency_key;
    creation->order.max_credits = in->max_credits;
    creation->owner_given = is_retry ? NULL : in->owner;
    creation->source = rq->ids[0];
    creation->is_retry = is_retry;
    rq->state = creation;
    fc_answer_rewrite(rq, fc_job_links);
    return fc_answer_then(rq, FC_Q_JOB_SOURCE,
                          FC_ARGS(fc_arg_uuid(&creation->source), fc_arg_text(creation->order.key)),
                          sourced);
}

/* POST /v1/jobs/{job_id}/clone: the same film once more, as a job of its own. */
static fc_status job_clone(struct fc_request *rq)
{
    return start_again(rq, false);
}

/* POST /v1/jobs/{job_id}/retry: goes on where a failed or canceled job stopped; finished scenes are
 * taken over and not paid again. */
static fc_status job_retry(struct fc_request *rq)
{
    return start_again(rq, true);
}

const struct fc_route fc_create_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(POST, "/v1/generate",            ANYONE, "generate",   NULL, &fc_order_shape, 201,
             job_generate, .flags = FC_IDEMPOTENT | FC_YAML_TOO),
    FC_ROUTE(POST, "/v1/jobs/{job_id}/clone", ANYONE, "jobs:write", NULL, &again_shape,    201,
             job_clone, .flags = FC_IDEMPOTENT | FC_OPTIONAL_BODY),
    FC_ROUTE(POST, "/v1/jobs/{job_id}/retry", ANYONE, "jobs:write", NULL, &again_shape,    201,
             job_retry, .flags = FC_IDEMPOTENT | FC_OPTIONAL_BODY),
    {0},
};
