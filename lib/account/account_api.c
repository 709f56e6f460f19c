#include <string.h>

#include <framecast/text.h>
#include <framecast/version.h>

#include "account/account.h"

/* Absolute, http or https, with a host, without spaces or control characters. */
static bool url_ok(const char *text)
{
    const char *host = fc_text_starts(text, "https://")  ? text + 8
                       : fc_text_starts(text, "http://") ? text + 7
                                                         : "";

    if (strcspn(host, "/?#:") == 0)
        return false;
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7F)
            return false;
    return true;
}

struct patch_body {
    struct fc_patch_text name, avatar_url;
};

static const struct fc_field patch_fields[] = {
    FC_FIELD(struct patch_body, name, .min = 1, .max = 100),
    FC_FIELD(struct patch_body, avatar_url, .min = 1, .max = 2048, .check = url_ok,
             .expected = "a URL that begins with http:// or https://"),
    {0},
};
static const struct fc_shape patch_shape = FC_SHAPE(struct patch_body, patch_fields);

/* GET /v1/account */
static fc_status account_get(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_ACCOUNT_GET, FC_NO_ARGS);
}

/* PATCH /v1/account: what is absent stays, what is null goes. */
static fc_status account_patch(struct fc_request *rq)
{
    const struct patch_body *in = rq->body;

    return fc_answer(rq, FC_Q_ACCOUNT_PATCH,
                     FC_ARGS(fc_arg_bool(in->name.is_given), fc_arg_text(in->name.value),
                             fc_arg_bool(in->avatar_url.is_given),
                             fc_arg_text(in->avatar_url.value)));
}

/* GET /v1/auth/whoami */
static fc_status whoami(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_WHOAMI, FC_NO_ARGS);
}

/* GET /v1/status */
static fc_status status_get(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_STATUS_GET, FC_ARGS(fc_arg_text(FC_VERSION)));
}

const struct fc_route fc_account_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(GET,   "/v1/account",     USER,   NULL, NULL, NULL,         200, account_get),
    FC_ROUTE(PATCH, "/v1/account",     USER,   NULL, NULL, &patch_shape, 200, account_patch),
    FC_ROUTE(GET,   "/v1/auth/whoami", ANYONE, NULL, NULL, NULL,         200, whoami),
    FC_ROUTE(GET,   "/v1/status",      ANYONE, NULL, NULL, NULL,         200, status_get),
    {0},
};
