#include "job/order.h"

#include <string.h>

#include "auth/context.h"

static const struct fc_field no_fields[] = {{0}};
const struct fc_shape fc_order_shape = {
    .fields = no_fields, .size = 1}; /* the envelope is looked into by fc_order_read */

struct envelope {
    const struct fc_json *spec, *options;
    const char *owner, *idempotency_key;
    struct fc_opt_int max_credits;
};

static const struct fc_field envelope_fields[] = {
    FC_FIELD(struct envelope, spec),
    FC_FIELD(struct envelope, options),
    FC_FIELD(struct envelope, owner),
    FC_FIELD(struct envelope, max_credits, .min = 0, .max = INT64_MAX),
    FC_FIELD(struct envelope, idempotency_key, .min = 1, .max = 255),
    {0},
};

/* An envelope of an endpoint without owner, key and limit: those members are ignored there. */
static const struct fc_field bare_fields[] = {
    FC_FIELD(struct envelope, spec),
    FC_FIELD(struct envelope, options),
    {0},
};
static const struct fc_field owned_fields[] = {
    FC_FIELD(struct envelope, spec),
    FC_FIELD(struct envelope, options),
    FC_FIELD(struct envelope, owner),
    {0},
};

static const struct fc_shape *envelope_shape(unsigned takes)
{
    static const struct fc_shape whole = FC_SHAPE(struct envelope, envelope_fields);
    static const struct fc_shape owned = FC_SHAPE(struct envelope, owned_fields);
    static const struct fc_shape bare = FC_SHAPE(struct envelope, bare_fields);

    return (takes & FC_ORDER_KEY) != 0 ? &whole : (takes & FC_ORDER_OWNER) != 0 ? &owned : &bare;
}

static fc_status read_envelope(struct fc_request *rq, unsigned takes, struct fc_order *order)
{
    struct envelope *in;
    struct fc_error error;
    void *filled;
    fc_status st = fc_shape_read_json(rq->arena, envelope_shape(takes), rq->json, &filled, &error);

    if (st != FC_OK)
        return fc_refuse(rq, st, "%s", error.text);
    in = filled;
    if (in->spec == NULL)
        return fc_refuse(rq, FC_E_VALIDATION, "'spec' is required");
    order->spec = in->spec;
    order->options = in->options;
    order->owner = in->owner;
    order->max_credits = in->max_credits;
    order->key = in->idempotency_key;
    return FC_OK;
}

fc_status fc_order_read(struct fc_request *rq, unsigned takes, struct fc_order *order)
{
    const char *header = rq->idempotency_key;
    fc_status st = FC_OK;

    *order = (struct fc_order){.spec = rq->json};
    if (fc_json_get(rq->json, "spec") != NULL)
        st = read_envelope(rq, takes, order);
    if (st != FC_OK)
        return st;
    if (header != NULL && order->key != NULL && strcmp(header, order->key) != 0)
        return fc_refuse(rq, FC_E_VALIDATION,
                         "'idempotency_key' and the header Idempotency-Key differ");
    if (header != NULL)
        order->key = header;
    return FC_OK;
}

fc_status fc_order_owner(struct fc_request *rq, struct fc_order *order)
{
    if (order->owner == NULL) {
        fc_urn_of_user(&rq->caller.user, &order->urn);
        return FC_OK;
    }
    if (!fc_urn_parse(order->owner, &order->urn))
        return fc_refuse(rq, FC_E_VALIDATION,
                         "'owner' is no URN of the form framecast:user:..., framecast:team:... or "
                         "framecast:...:...");
    if (!fc_urn_may_own(&order->urn))
        return fc_refuse(rq, FC_E_FORBIDDEN, "'owner' is of a kind that owns nothing");
    return FC_OK;
}

struct fc_prices fc_prices_from(const struct fc_settings *settings)
{
    return (struct fc_prices){
        .per_second = {settings->credits_per_second_480p, settings->credits_per_second_720p,
                       settings->credits_per_second_1080p},
        .fps_60_percent = settings->credits_fps_60_percent,
        .quality_percent = {settings->credits_quality_draft_percent,
                            settings->credits_quality_standard_percent,
                            settings->credits_quality_high_percent},
        .min_per_scene = settings->credits_min_per_scene,
        .per_image = settings->credits_per_image,
        .base_seconds = settings->generation_base_seconds,
        .per_scene_seconds = settings->generation_per_scene_seconds,
        .class_percent = {settings->generation_percent_480p, settings->generation_percent_720p,
                          settings->generation_percent_1080p},
        .forecast_fps_60_percent = settings->generation_fps_60_percent,
        .timeout_seconds = settings->job_timeout_seconds,
    };
}

void fc_order_check(struct fc_request *rq, struct fc_order *order)
{
    struct fc_prices prices = fc_prices_from(fc_context_of(rq)->settings);
    struct fc_buffer assets = fc_buffer_in(rq->arena);

    order->check = fc_check_new(rq->arena);
    fc_check_spec(order->check, order->spec);
    fc_check_options(order->check, order->options, &order->chosen);
    fc_check_put_assets(order->check, &assets);
    order->assets = assets.data;
    order->is_valid = fc_check_valid(order->check);
    if (order->is_valid)
        order->estimate = fc_estimate(rq->arena, order->spec, &order->chosen, &prices, NULL);
}

void fc_order_take_facts(struct fc_request *rq, struct fc_order *order, const char *facts)
{
    const struct fc_json *known = NULL;

    if (facts != NULL)
        (void)fc_json_parse(rq->arena, facts, strlen(facts), &known,
                            NULL); /* PostgreSQL wrote it */
    fc_check_assets(order->check, known);
}

fc_status fc_order_refuse_invalid(struct fc_request *rq, struct fc_order *order)
{
    struct fc_buffer details = fc_buffer_in(rq->arena);

    fc_check_put_result(order->check, &details);
    fc_refuse_details(rq, details.data);
    return fc_refuse(rq, FC_E_VALIDATION, "%s", fc_check_first(order->check, rq->arena));
}

const char *fc_order_estimate_text(struct fc_request *rq, const struct fc_order *order)
{
    struct fc_buffer text = fc_buffer_in(rq->arena);

    fc_put_estimate(&text, &order->estimate, order->check);
    return text.data;
}

const char *fc_order_with_estimate(struct fc_request *rq, const struct fc_order *order,
                                   const char *details)
{
    size_t n = strrchr(details, '}') != NULL ? (size_t)(strrchr(details, '}') - details) : 0;

    return fc_printf(rq->arena, "%.*s,\"estimate\":%s}", (int)n, details,
                     fc_order_estimate_text(rq, order));
}
