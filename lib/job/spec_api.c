/* Storyboards checked and priced, without making a job. */
#include <string.h>

#include "job/order.h"

static fc_status checked(struct fc_request *rq, const char *outcome, const char *body,
                         const char *more)
{
    struct fc_order *order = rq->state;
    struct fc_buffer result = fc_buffer_in(rq->arena);

    (void)outcome;
    (void)more;
    fc_order_take_facts(rq, order, body);
    fc_check_put_result(order->check, &result);
    return fc_answer_json(rq, 200, result.data);
}

/* POST /v1/spec/validate: 200 with what is wrong, also when nothing is. */
static fc_status spec_validate(struct fc_request *rq)
{
    struct fc_order *order = FC_NEW(rq->arena, struct fc_order);
    fc_status st = fc_order_read(rq, 0, order);

    if (st != FC_OK)
        return st;
    fc_order_check(rq, order);
    rq->state = order;
    if (fc_check_n_assets(order->check) == 0)
        return checked(rq, "ok", NULL, NULL);
    return fc_answer_then(rq, FC_Q_ASSET_FACTS, FC_ARGS(fc_arg_text(order->assets)), checked);
}

/* 402 when the owner that was named could not pay. @purse is "user 40" or "team 40". */
static fc_status check_balance(struct fc_request *rq, struct fc_order *order, const char *purse)
{
    const char *blank = purse != NULL ? strchr(purse, ' ') : NULL;
    int64_t available = 0;

    if (order->owner == NULL || blank == NULL || !fc_int_parse(blank + 1, &available) ||
        available >= order->estimate.credits)
        return FC_OK;
    fc_refuse_details(
        rq,
        fc_order_with_estimate(
            rq, order,
            fc_printf(rq->arena,
                      "{\"reason\":\"insufficient_credits\",\"owner\":\"%s\",\"source\":\"%.*s\","
                      "\"required\":%lld,\"available\":%lld}",
                      order->urn.text, (int)(blank - purse), purse,
                      (long long)order->estimate.credits, (long long)available)));
    return fc_refuse(rq, FC_E_CREDITS, "The balance is lower than the estimate");
}

static fc_status estimated(struct fc_request *rq, const char *outcome, const char *body,
                           const char *more)
{
    struct fc_order *order = rq->state;
    fc_status st;

    if (strcmp(outcome, "ok") != 0)
        return fc_answer_outcome(rq, outcome, NULL, NULL);
    fc_order_take_facts(rq, order, body);
    if (!fc_check_valid(order->check))
        return fc_order_refuse_invalid(rq, order);
    st = check_balance(rq, order, more);
    return st == FC_OK ? fc_answer_json(rq, 200, fc_order_estimate_text(rq, order)) : st;
}

/* POST /v1/spec/estimate: 200 with the price; 402 when an owner is named that cannot pay it. */
static fc_status spec_estimate(struct fc_request *rq)
{
    struct fc_order *order = FC_NEW(rq->arena, struct fc_order);
    fc_status st = fc_order_read(rq, FC_ORDER_OWNER, order);

    if (st == FC_OK)
        st = fc_order_owner(rq, order);
    if (st != FC_OK)
        return st;
    fc_order_check(rq, order);
    rq->state = order;
    return fc_answer_then(rq, FC_Q_ESTIMATE_FACTS,
                          FC_ARGS(fc_arg_text(order->assets),
                                  fc_arg_text(order->owner != NULL ? order->urn.text : NULL)),
                          estimated);
}

const struct fc_route fc_spec_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(POST, "/v1/spec/validate", ANYONE, NULL, NULL, &fc_order_shape, 200, spec_validate,
             .flags = FC_YAML_TOO),
    FC_ROUTE(POST, "/v1/spec/estimate", ANYONE, NULL, NULL, &fc_order_shape, 200, spec_estimate,
             .flags = FC_YAML_TOO),
    {0},
};
