#include "auth/auth.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <framecast/time.h>

#include "auth/jwt.h"
#include "auth/keys.h"
#include "auth/limits.h"
#include "auth/usage.h"

enum {
    ASKS_MAX = 4
}; /* questions for one request's caller; more would mean that rows come and go under our hands */

struct fc_auth {
    struct fc_jwt_rules jwt;
    struct fc_limits *limits;
    struct fc_memory *keys;
    struct fc_usage *usage;
    int64_t starter_rpm, creator_rpm, anonymous_rpm; /* 0: off */
};

/* What the gate knows of one request. */
struct asking {
    const char *raw_key;       /* NULL: a token */
    const char *claimed_email; /* of the token, as it came */
    const char *key_owner;
    bool
        is_known_key; /* from memory: when it finds no row, the rows are looked through once more */
    bool is_counted;
    struct fc_window window; /* of the user */
    int n_asks;
};

static struct fc_auth *auth_of(const struct fc_request *rq)
{
    return *(struct fc_auth **)fc_context(rq);
}

static struct asking *asking_of(const struct fc_request *rq)
{
    return (struct asking *)(uintptr_t)rq->gate_state;
}

fc_status fc_auth_open(struct fc_auth **auth, const struct fc_settings *settings,
                       struct fc_error *error)
{
    struct fc_auth *made = calloc(1, sizeof *made);

    if (made == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no memory for authentication");
    made->jwt = fc_jwt_rules_of(settings->jwt_secret, settings->jwt_issuer, settings->jwt_audience);
    made->jwt.known = fc_memory_new(sizeof(struct fc_claims));
    made->limits = fc_limits_new();
    made->keys = fc_memory_new(sizeof(struct fc_known_key));
    made->usage = fc_usage_new();
    made->starter_rpm = settings->rate_limit_starter_rpm;
    made->creator_rpm = settings->rate_limit_creator_rpm;
    made->anonymous_rpm = settings->rate_limit_anonymous_rpm;
    *auth = made;
    return FC_OK;
}

void fc_auth_free(struct fc_auth *auth)
{
    if (auth == NULL)
        return;
    fc_limits_free(auth->limits);
    fc_memory_free(auth->keys);
    fc_usage_free(auth->usage);
    fc_memory_free(auth->jwt.known);
    fc_crypt_wipe(&auth->jwt.key, sizeof auth->jwt.key);
    free(auth);
}

fc_status fc_auth_flush_usage(struct fc_auth *auth, struct fc_db *db, struct fc_error *error)
{
    return fc_usage_flush(auth->usage, db, error);
}

/* ---- the rate limit ---- */

static int64_t limit_of(const struct fc_auth *auth, const char *tier)
{
    return strcmp(tier, "creator") == 0 ? auth->creator_rpm : auth->starter_rpm;
}

/* Counts the request once its user is known; whether the tier's limit holds it back is the
 * statement's to say. */
static void count_request(struct fc_request *rq)
{
    struct asking *asking = asking_of(rq);

    asking->window = fc_limits_take(auth_of(rq)->limits, rq->caller.user.text);
    asking->is_counted = true;
}

static const char *refused_tiers(const struct fc_request *rq)
{
    const struct fc_auth *auth = auth_of(rq);
    int64_t count = asking_of(rq)->window.count;
    bool starter = auth->starter_rpm > 0 && count > auth->starter_rpm;
    bool creator = auth->creator_rpm > 0 && count > auth->creator_rpm;

    return starter && creator ? "starter creator" : starter ? "starter" : creator ? "creator" : "";
}

static void put_limit_headers(struct fc_request *rq, int64_t limit, const struct fc_window *window)
{
    int64_t remaining = limit - window->count;

    if (limit == 0)
        return;
    fc_answer_header(rq, "X-RateLimit-Limit", fc_printf(rq->arena, "%lld", (long long)limit));
    fc_answer_header(rq, "X-RateLimit-Remaining",
                     fc_printf(rq->arena, "%lld", (long long)(remaining < 0 ? 0 : remaining)));
    fc_answer_header(rq, "X-RateLimit-Reset",
                     fc_printf(rq->arena, "%lld", (long long)window->ends_unix));
}

/* ---- who is it? ---- */

static fc_status take_token(struct fc_request *rq, const char *token)
{
    struct fc_jwt jwt = {0};
    fc_status st = fc_jwt_verify(rq->arena, &auth_of(rq)->jwt, token, fc_time_now().us / 1000000,
                                 &jwt);

    if (st != FC_OK)
        return st;
    rq->caller.credential = FC_BY_JWT;
    rq->caller.user = jwt.user;
    rq->caller.email = jwt.email != NULL && fc_email_ok(jwt.email) ? jwt.email : NULL;
    asking_of(rq)->claimed_email = jwt.email;
    count_request(rq);
    return FC_OK;
}

static void know_key(struct fc_request *rq, const struct fc_known_key *known)
{
    rq->caller.credential = FC_BY_KEY;
    rq->caller.key = known->key;
    rq->caller.user = known->user;
    rq->caller.key_hash = fc_copy(rq->arena, known->hash);
    asking_of(rq)->key_owner = fc_copy(rq->arena, known->owner);
    if (!asking_of(rq)->is_counted)
        count_request(rq);
}

/* The rows that may be this key's: the first whose hash fits is it. */
static fc_status on_candidates(struct fc_request *rq, const struct fc_result *result, bool *again)
{
    struct asking *asking = asking_of(rq);

    if (result->status != FC_OK)
        return result->status == FC_E_UNAVAILABLE ? FC_E_UNAVAILABLE : FC_E_AUTH;
    for (int i = 0; i < result->rows.n; i++) {
        const char *hash = fc_rows_text(&result->rows, i, 1),
                   *owner = fc_rows_text(&result->rows, i, 3);
        struct fc_known_key known = {0};

        if (strlen(hash) >= sizeof known.hash || strlen(owner) >= sizeof known.owner ||
            !fc_key_matches(asking->raw_key, hash) ||
            !fc_uuid_parse(fc_rows_text(&result->rows, i, 0), &known.key) ||
            !fc_uuid_parse(fc_rows_text(&result->rows, i, 2), &known.user))
            continue;
        (void)snprintf(known.hash, sizeof known.hash, "%s", hash);
        (void)snprintf(known.owner, sizeof known.owner, "%s", owner);
        fc_key_put(auth_of(rq)->keys, asking->raw_key, &known);
        know_key(rq, &known);
        *again = true;
        return FC_OK;
    }
    return FC_E_API_KEY;
}

static fc_status ask_for_key(struct fc_request *rq)
{
    char fingerprint[FC_FINGERPRINT_SIZE];

    fc_key_fingerprint(asking_of(rq)->raw_key, fingerprint);
    asking_of(rq)->is_known_key = false;
    return fc_gate_ask(rq, FC_Q_KEY_CANDIDATES,
                       FC_ARGS(fc_arg_text(fc_copy(rq->arena, fingerprint))), on_candidates);
}

static fc_status take_key(struct fc_request *rq, const char *raw, bool is_bare)
{
    struct fc_known_key known;

    if (rq->route->access == FC_USER)
        return is_bare ? FC_E_BAD_AUTHORIZATION : FC_E_TOKEN;
    asking_of(rq)->raw_key = raw;
    if (!fc_key_get(auth_of(rq)->keys, raw, &known))
        return ask_for_key(rq);
    asking_of(rq)->is_known_key = true;
    know_key(rq, &known);
    return FC_OK;
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static fc_status identify(struct fc_request *rq)
{
    const char *header = fc_header(rq, "Authorization"), *token;

    rq->gate_state = FC_NEW(rq->arena, struct asking);
    if (header == NULL || header[0] == '\0')
        return FC_E_NO_AUTHORIZATION;
    if (!is_ascii(header))
        return FC_E_BAD_AUTHORIZATION;
    if (fc_text_starts(header, FC_KEY_PREFIX))
        return take_key(rq, header, true);
    if (strncasecmp(header, "Bearer", 6) != 0 || (header[6] != '\0' && header[6] != ' '))
        return FC_E_BAD_AUTHORIZATION;
    token = header + 6 + strspn(header + 6, " ");
    return fc_text_starts(token, FC_KEY_PREFIX) ? take_key(rq, token, false)
                                                : take_token(rq, token);
}

static void arguments(struct fc_request *rq, const char *values[static FC_CALLER_ARGS])
{
    bool by_key = rq->caller.credential == FC_BY_KEY;

    values[0] = by_key ? rq->caller.key.text : rq->caller.user.text;
    values[1] = by_key ? rq->caller.key_hash : rq->caller.email;
    values[2] = refused_tiers(rq);
    values[3] = rq->route->access == FC_CREATOR ? "true" : "false";
    values[4] = by_key ? rq->route->scope : NULL;
}

/* ---- what the statement said of the caller ---- */

static fc_status on_provisioned(struct fc_request *rq, const struct fc_result *result, bool *again)
{
    if (result->status != FC_OK)
        return result->status == FC_E_UNAVAILABLE ? FC_E_UNAVAILABLE : FC_E_PROVISION;
    if (strcmp(fc_rows_text(&result->rows, 0, 0), "taken") == 0)
        return fc_refuse(rq, FC_E_CONFLICT, "This e-mail address belongs to another account");
    *again = true;
    return FC_OK;
}

static fc_status on_synchronised(struct fc_request *rq, const struct fc_result *result, bool *again)
{
    (void)result; /* an address of another user, or one taken a moment ago, stays where it is */
    rq->caller.email = NULL;
    *again = true;
    return FC_OK;
}

static fc_status judge_unknown(struct fc_request *rq)
{
    struct asking *asking = asking_of(rq);

    if (rq->caller.credential == FC_BY_KEY) {
        fc_key_forget(auth_of(rq)->keys, asking->raw_key);
        return asking->is_known_key ? ask_for_key(rq) : FC_E_API_KEY;
    }
    if (asking->claimed_email == NULL)
        return FC_E_NO_EMAIL;
    if (!fc_email_ok(asking->claimed_email))
        return FC_E_TOKEN;
    return fc_gate_ask(rq, FC_Q_USER_PROVISION,
                       FC_ARGS(fc_arg_uuid(&rq->caller.user), fc_arg_text(asking->claimed_email)),
                       on_provisioned);
}

static fc_status judge_ok(struct fc_request *rq)
{
    struct fc_auth *auth = auth_of(rq);
    struct asking *asking = asking_of(rq);

    if (rq->caller.is_settled)
        return FC_OK; /* the second statement of one request */
    if (asking->raw_key != NULL && fc_key_use(auth->keys, asking->raw_key))
        fc_beside(rq, FC_Q_KEY_USED, FC_ARGS(fc_arg_uuid(&rq->caller.key)));
    fc_usage_count(auth->usage,
                   asking->key_owner != NULL
                       ? asking->key_owner
                       : fc_printf(rq->arena, "framecast:user:%s", rq->caller.user.text));
    return FC_OK;
}

/* States of the caller fragments in db/queries/caller.sql that turn the caller away. */
static const struct {
    const char *state;
    fc_status status;
} turned_away[] = {
    {"owner", FC_E_API_KEY}, {"scopes", FC_E_AUTH}, {"tier", FC_E_TIER}, {"scope",
     FC_E_FORBIDDEN}, {"rate", FC_E_RATE},
};

static fc_status turn_away(struct fc_request *rq, const char *state)
{
    struct asking *asking = asking_of(rq);
    fc_status st = FC_E_INTERNAL;

    for (size_t i = 0; i < sizeof turned_away / sizeof *turned_away; i++)
        if (strcmp(turned_away[i].state, state) == 0)
            st = turned_away[i].status;
    if (st == FC_E_RATE) {
        fc_limits_give_back(auth_of(rq)->limits, rq->caller.user.text, &asking->window);
        asking->window.count--;
        return fc_refuse_rate(rq, asking->window.left_seconds);
    }
    if (st == FC_E_FORBIDDEN) {
        fc_refuse_details(rq, fc_printf(rq->arena,
                                        "{\"reason\":\"missing_scope\",\"required_scope\":\"%s\"}",
                                        rq->route->scope));
        return fc_refuse(rq, st, "The API key lacks the scope '%s'", rq->route->scope);
    }
    return st;
}

static fc_status judge(struct fc_request *rq, const char *state, const char *user, const char *tier,
                       bool *again)
{
    struct asking *asking = asking_of(rq);

    (void)again; /* set by what fc_gate_ask brings back */
    if (state == NULL || strcmp(state, "email") == 0) {
        if (++asking->n_asks > ASKS_MAX)
            return FC_E_INTERNAL;
        if (state == NULL)
            return judge_unknown(rq);
        return fc_gate_ask(rq, FC_Q_USER_EMAIL_SYNC,
                           FC_ARGS(fc_arg_uuid(&rq->caller.user), fc_arg_text(rq->caller.email)),
                           on_synchronised);
    }
    rq->caller.tier = tier;
    (void)fc_uuid_parse(user, &rq->caller.user);
    return strcmp(state, "ok") == 0 ? judge_ok(rq) : turn_away(rq, state);
}

/* ---- on every answer ---- */

static fc_status finish(struct fc_request *rq, fc_status outcome)
{
    struct fc_auth *auth = auth_of(rq);
    struct asking *asking = asking_of(rq);
    struct fc_window window;

    if (asking == NULL)
        return outcome; /* it never got as far as authentication */
    if (fc_status_row(outcome)->http != 401) {
        if (rq->caller.tier != NULL && asking->is_counted)
            put_limit_headers(rq, limit_of(auth, rq->caller.tier), &asking->window);
        return outcome;
    }
    if (asking->is_counted)
        fc_limits_give_back(auth->limits, rq->caller.user.text, &asking->window);
    if (auth->anonymous_rpm == 0)
        return outcome;
    window = fc_limits_take(auth->limits, fc_peer(rq));
    if (window.count > auth->anonymous_rpm) {
        fc_limits_give_back(auth->limits, fc_peer(rq), &window);
        window.count--;
        outcome = fc_refuse_rate(rq, window.left_seconds);
    }
    put_limit_headers(rq, auth->anonymous_rpm, &window);
    return outcome;
}

const struct fc_gate fc_auth_gate = {identify, arguments, judge, finish};
