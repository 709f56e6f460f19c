#include "auth/jwt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <framecast/text.h>

#include "json/json.h"

enum { TOKEN_MAX = 16 * 1024, LEEWAY_SECONDS = 60 };

struct fc_jwt_rules fc_jwt_rules_of(const char *secret, const char *issuer, const char *audience)
{
    return (struct fc_jwt_rules){fc_crypt_hmac_key(secret, strlen(secret)), issuer, audience, NULL};
}

/* One base64url part as a JSON object; NULL when it is none. */
static const struct fc_json *decode_part(struct fc_arena *arena, const char *part, size_t n)
{
    unsigned char *bytes = fc_alloc(arena, n + 4);
    const struct fc_json *object;
    size_t n_bytes;

    if (!fc_crypt_unbase64url(part, n, bytes, &n_bytes) ||
        fc_json_parse(arena, (const char *)bytes, n_bytes, &object, NULL) != FC_OK ||
        fc_json_type(object) != FC_JSON_OBJECT)
        return NULL;
    return object;
}

static const char *text_claim(const struct fc_json *claims, const char *name)
{
    const struct fc_json *claim = fc_json_get(claims, name);

    return fc_json_type(claim) == FC_JSON_STRING ? fc_json_string(claim) : NULL;
}

static bool number_claim(const struct fc_json *claims, const char *name, double *value)
{
    const struct fc_json *claim = fc_json_get(claims, name);

    if (fc_json_type(claim) != FC_JSON_NUMBER)
        return false;
    *value = fc_json_number(claim);
    return isfinite(*value);
}

/* @expected: the right signature, when this is it. */
static bool signature_ok(const struct fc_jwt_rules *rules, const char *token, size_t n_signed,
                         const char *signature, unsigned char expected[static FC_HASH_BYTES])
{
    unsigned char given[FC_HASH_BYTES + 8];
    size_t n;

    /* 43 characters of base64url are 32 bytes */
    if (strlen(signature) != 43 || !fc_crypt_unbase64url(signature, 43, given, &n) ||
        n != FC_HASH_BYTES)
        return false;
    fc_crypt_hmac(&rules->key, token, n_signed, expected);
    return fc_crypt_equal(expected, given, FC_HASH_BYTES);
}

/* Reads exp, which must be there, and nbf; iat has only to be right. */
static bool times_read(const struct fc_json *json, struct fc_claims *claims)
{
    double iat;

    claims->nbf = -INFINITY;
    return number_claim(json, "exp", &claims->exp) && number_claim(json, "iat", &iat) && iat >= 0 &&
           (fc_json_have(json, "nbf") == NULL || number_claim(json, "nbf", &claims->nbf));
}

static bool is_valid_at(const struct fc_claims *claims, double now)
{
    return now <= claims->exp + LEEWAY_SECONDS && now >= claims->nbf - LEEWAY_SECONDS;
}

static bool audience_ok(const struct fc_json *claims, const char *wanted)
{
    const struct fc_json *aud = fc_json_get(claims, "aud");
    bool found = wanted == NULL;

    if (fc_json_type(aud) == FC_JSON_STRING)
        return found || strcmp(fc_json_string(aud), wanted) == 0;
    if (fc_json_type(aud) != FC_JSON_ARRAY)
        return false;
    for (const struct fc_json *one = fc_json_first(aud); one != NULL; one = fc_json_next(one)) {
        if (fc_json_type(one) != FC_JSON_STRING)
            return false;
        found = found || strcmp(fc_json_string(one), wanted) == 0;
    }
    return found;
}

static bool issuer_ok(const struct fc_json *claims, const char *wanted)
{
    const struct fc_json *iss = fc_json_have(claims, "iss");

    if (wanted == NULL || iss == NULL)
        return true;
    return fc_json_type(iss) == FC_JSON_STRING && strcmp(fc_json_string(iss), wanted) == 0;
}

static bool claims_read(const struct fc_jwt_rules *rules, const struct fc_json *json,
                        struct fc_claims *claims)
{
    const char *sub = text_claim(json, "sub");
    const struct fc_json *email = fc_json_have(json, "email");

    if (sub == NULL || !fc_uuid_parse(sub, &claims->user) || text_claim(json, "role") == NULL)
        return false;
    if (email != NULL && fc_json_type(email) != FC_JSON_STRING)
        return false;
    claims->has_email = email != NULL;
    if (email != NULL)
        (void)snprintf(claims->email, sizeof claims->email, "%s", fc_json_string(email));
    return times_read(json, claims) && audience_ok(json, rules->audience) &&
           issuer_ok(json, rules->issuer);
}

/* @first, @second: the dots. */
static bool token_read(struct fc_arena *arena, const struct fc_jwt_rules *rules, const char *token,
                       const char *first, const char *second, struct fc_claims *claims)
{
    const struct fc_json *header = decode_part(arena, token, (size_t)(first - token)), *json;
    const char *alg = header != NULL ? text_claim(header, "alg") : NULL;

    if (alg == NULL || strcmp(alg, "HS256") != 0)
        return false;
    json = decode_part(arena, first + 1, (size_t)(second - first - 1));
    return json != NULL && claims_read(rules, json, claims);
}

fc_status fc_jwt_verify(struct fc_arena *arena, const struct fc_jwt_rules *rules, const char *token,
                        int64_t now_seconds, struct fc_jwt *jwt)
{
    const char *first = strchr(token, '.'), *second = first != NULL ? strchr(first + 1, '.') : NULL;
    unsigned char signature[FC_HASH_BYTES];
    struct fc_claims claims = {0};
    bool is_known;

    if (second == NULL || strchr(second + 1, '.') != NULL || strlen(token) > TOKEN_MAX)
        return FC_E_TOKEN;
    if (!signature_ok(rules, token, (size_t)(second - token), second + 1, signature))
        return FC_E_TOKEN;
    is_known = rules->known != NULL && fc_memory_get(rules->known, signature, &claims);
    if (!is_known && !token_read(arena, rules, token, first, second, &claims))
        return FC_E_TOKEN;
    if (!is_known && rules->known != NULL)
        fc_memory_put(rules->known, signature, &claims);
    if (!is_valid_at(&claims, (double)now_seconds))
        return FC_E_TOKEN;
    *jwt = (struct fc_jwt){claims.user, claims.has_email ? fc_copy(arena, claims.email) : NULL};
    return FC_OK;
}

static void put_part(struct fc_buffer *token, const void *bytes, size_t n)
{
    size_t room = n * 2 + 8;
    char *text = fc_alloc(token->arena, room);

    fc_crypt_base64url(bytes, n, text, room);
    fc_put(token, text);
}

char *fc_jwt_make(struct fc_arena *arena, const struct fc_jwt_rules *rules,
                  const struct fc_uuid *user, const char *email, int64_t now_seconds,
                  int64_t ttl_seconds)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    struct fc_buffer claims = fc_buffer_in(arena), token = fc_buffer_in(arena);
    unsigned char signature[FC_HASH_BYTES];

    fc_putf(&claims,
            "{\"sub\":\"%s\",\"role\":\"authenticated\",\"iat\":%lld,\"exp\":%lld,\"aud\":",
            user->text, (long long)now_seconds, (long long)now_seconds + ttl_seconds);
    fc_put_json(&claims, rules->audience != NULL ? rules->audience : "authenticated");
    fc_put(&claims, ",\"email\":");
    fc_put_json(&claims, email);
    if (rules->issuer != NULL) {
        fc_put(&claims, ",\"iss\":");
        fc_put_json(&claims, rules->issuer);
    }
    fc_put_char(&claims, '}');
    put_part(&token, header, sizeof header - 1);
    fc_put_char(&token, '.');
    put_part(&token, claims.data, claims.n);
    fc_crypt_hmac(&rules->key, token.data, token.n, signature);
    fc_put_char(&token, '.');
    put_part(&token, signature, sizeof signature);
    return token.data;
}

/* ^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$ */
bool fc_email_ok(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char host[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    static const char local[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-";
    size_t n = strspn(text, local);
    const char *domain = text + n + 1, *dot;

    if (n == 0 || text[n] != '@' || strlen(text) > 255)
        return false;
    dot = strrchr(domain, '.');
    return dot != NULL && dot > domain && strspn(domain, host) == strlen(domain) &&
           strlen(dot + 1) >= 2 && strspn(dot + 1, letters) == strlen(dot + 1);
}
