#include <string.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "account/account.h"
#include "auth/keys.h"
#include "auth/urn.h"

struct create_body {
    const char *name, *owner, *expires_at;
    struct fc_texts scopes;
};

static const struct fc_field create_fields[] = {
    FC_FIELD(struct create_body, name, .min = 1, .max = 100),
    FC_FIELD(struct create_body, owner),
    FC_FIELD(struct create_body, expires_at),
    FC_FIELD(struct create_body, scopes),
    {0},
};
static const struct fc_shape create_shape = FC_SHAPE(struct create_body, create_fields);

struct rename_body {
    const char *name;
};

static const struct fc_field rename_fields[] = {
    FC_FIELD(struct rename_body, name, .not_null = true, .min = 1, .max = 100),
    {0},
};
static const struct fc_shape rename_shape = FC_SHAPE(struct rename_body, rename_fields);

/* GET /v1/auth/keys: all of them, revoked and expired ones too. */
static fc_status key_list(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_KEY_LIST, FC_NO_ARGS);
}

static fc_status key_get(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_KEY_GET, FC_ARGS(fc_arg_uuid(&rq->ids[0])));
}

static fc_status key_rename(struct fc_request *rq)
{
    const struct rename_body *in = rq->body;

    return fc_answer(rq, FC_Q_KEY_RENAME, FC_ARGS(fc_arg_uuid(&rq->ids[0]), fc_arg_text(in->name)));
}

static fc_status key_revoke(struct fc_request *rq)
{
    return fc_answer(rq, FC_Q_KEY_REVOKE, FC_ARGS(fc_arg_uuid(&rq->ids[0])));
}

/* ---- creating ---- */

/* *@expires_at, in UTC. NULL when @text is. */
static fc_status check_expiry(struct fc_request *rq, const char *text, const char **expires_at)
{
    struct fc_time at;

    *expires_at = NULL;
    if (text == NULL)
        return FC_OK;
    if (!fc_time_parse(text, &at))
        return fc_refuse(rq, FC_E_VALIDATION, "'expires_at' must be an RFC 3339 time with a zone");
    if (at.us <= fc_time_now().us)
        return fc_refuse(rq, FC_E_VALIDATION, "'expires_at' must lie in the future");
    *expires_at = fc_time_utc(rq->arena, text);
    return FC_OK;
}

static fc_status check_owner(struct fc_request *rq, const char *text, struct fc_urn *owner)
{
    if (text == NULL) {
        fc_urn_of_user(&rq->caller.user, owner);
        return FC_OK;
    }
    if (!fc_urn_parse(text, owner) || !fc_urn_may_own(owner))
        return fc_refuse(rq, FC_E_VALIDATION,
                         "'owner' must be the URN of a user, a team or a membership");
    if (owner->kind != FC_URN_TEAM && !fc_uuid_equal(&owner->user, &rq->caller.user))
        return fc_refuse(rq, FC_E_FORBIDDEN, "'owner' names another user");
    return FC_OK;
}

/* The scopes as a JSON array, repeats dropped, and the first thing that is wrong with them for each
 * tier. */
static const char *read_scopes(struct fc_arena *arena, const struct fc_texts *given,
                               const char **of_starter, const char **of_creator)
{
    static const char *const everything[] = {"*"};
    const char *const *at = given->is_given ? given->at : everything;
    size_t n = given->is_given ? given->n : 1;
    struct fc_buffer list = fc_buffer_in(arena);

    *of_starter = *of_creator = n == 0 ? "scopes_empty" : "ok";
    for (size_t i = 0; i < n; i++) {
        bool is_known = fc_scope_known(at[i]), is_repeat = false;

        if (!is_known && strcmp(*of_creator, "ok") == 0)
            *of_creator = "scope_unknown";
        if (!fc_scope_for_starters(at[i]) && strcmp(*of_starter, "ok") == 0)
            *of_starter = is_known ? "scope_not_for_starters" : "scope_unknown";
        for (size_t j = 0; j < i; j++)
            is_repeat = is_repeat || strcmp(at[i], at[j]) == 0;
        if (is_repeat)
            continue;
        fc_put(&list, list.n > 0 ? "," : "[");
        fc_put_json(&list, at[i]);
    }
    fc_put(&list, list.n > 0 ? "]" : "[]");
    return list.data;
}

static fc_status created(struct fc_request *rq, const char *outcome, const char *body,
                         const char *more)
{
    const char *raw = rq->state;

    if (strcmp(outcome, "ok") != 0)
        return fc_answer_outcome(rq, outcome, NULL, more);
    fc_answer_header(rq, "Cache-Control", "no-store");
    return fc_answer_json(rq, 201,
                          fc_printf(rq->arena, "{\"api_key\":%s,\"raw_key\":\"%s\"}", body, raw));
}

/* POST /v1/auth/keys: 201 with the key; its raw text is shown this once and kept nowhere. */
static fc_status key_create(struct fc_request *rq)
{
    const struct create_body *in = rq->body;
    struct fc_new_key *key = FC_NEW(rq->arena, struct fc_new_key);
    const char *scopes, *of_starter, *of_creator, *expires_at;
    struct fc_urn owner;
    fc_status st = check_expiry(rq, in->expires_at, &expires_at);

    if (st == FC_OK)
        st = check_owner(rq, in->owner, &owner);
    if (st != FC_OK)
        return st;
    scopes = read_scopes(rq->arena, &in->scopes, &of_starter, &of_creator);
    *key = fc_key_make();
    rq->state = key->raw;
    return fc_answer_then(
        rq, FC_Q_KEY_CREATE,
        FC_ARGS(fc_arg_text(owner.text), fc_arg_text(in->name != NULL ? in->name : "Default"),
                fc_arg_text(key->hash), fc_arg_text(key->fingerprint), fc_arg_text(scopes),
                fc_arg_text(expires_at), fc_arg_text(of_starter), fc_arg_text(of_creator)),
        created);
}

const struct fc_route fc_key_routes[] = {
    /*       method, path, who may call, scope, query, body, success, handler */
    FC_ROUTE(GET,    "/v1/auth/keys",          USER, NULL, NULL, NULL,          200, key_list),
    FC_ROUTE(POST,   "/v1/auth/keys",          USER, NULL, NULL, &create_shape, 201, key_create,
             .flags = FC_OPTIONAL_BODY),
    FC_ROUTE(GET,    "/v1/auth/keys/{key_id}", USER, NULL, NULL, NULL,          200, key_get),
    FC_ROUTE(PATCH,  "/v1/auth/keys/{key_id}", USER, NULL, NULL, &rename_shape, 200, key_rename),
    FC_ROUTE(DELETE, "/v1/auth/keys/{key_id}", USER, NULL, NULL, NULL,          204, key_revoke),
    {0},
};
