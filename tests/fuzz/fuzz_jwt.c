/*
 * Any bytes as a token, and any header and claims under a right signature ("header LF claims"):
 * what passes has a user, and passes for no other secret.
 */
#include <assert.h>
#include <string.h>

#include "auth/jwt.h"
#include "crypt/crypt.h"

static struct fc_jwt_rules open_rules, knowing_rules, strict_rules, other_rules;

static void make_rules(void)
{
    if (knowing_rules.known != NULL)
        return;
    open_rules = knowing_rules = fc_jwt_rules_of("secret", NULL, NULL);
    knowing_rules.known = fc_memory_new(sizeof(struct fc_claims));
    strict_rules = fc_jwt_rules_of("secret", "issuer", "authenticated");
    other_rules = fc_jwt_rules_of("another secret", NULL, NULL);
}

enum { NOW = 1700000000 };

static const char *part(struct fc_arena *arena, const void *bytes, size_t n)
{
    char *text = fc_alloc(arena, 2 * n + 8);

    fc_crypt_base64url(bytes, n, text, 2 * n + 8);
    return text;
}

static const char *signed_token(struct fc_arena *arena, const char *bytes, size_t n)
{
    const char *line = memchr(bytes, '\n', n);
    size_t n_header = line != NULL ? (size_t)(line - bytes) : 0,
           n_claims = n - n_header - (line != NULL);
    const char *text = fc_printf(arena, "%s.%s", part(arena, bytes, n_header),
                                 part(arena, bytes + n - n_claims, n_claims));
    unsigned char signature[FC_HASH_BYTES];

    fc_crypt_hmac(&open_rules.key, text, strlen(text), signature);
    return fc_printf(arena, "%s.%s", text, part(arena, signature, sizeof signature));
}

static void verify(struct fc_arena *arena, const char *token)
{
    struct fc_jwt jwt = {0}, strict = {0};
    fc_status status = fc_jwt_verify(arena, &open_rules, token, NOW, &jwt);

    assert(status == FC_OK || status == FC_E_TOKEN);
    assert(status != FC_OK || fc_uuid_is_set(&jwt.user));
    for (int i = 0; i < 2; i++) /* the second time from memory */
        assert(fc_jwt_verify(arena, &knowing_rules, token, NOW, &strict) == status);
    assert(fc_jwt_verify(arena, &strict_rules, token, NOW, &strict) != FC_OK || status == FC_OK);
    assert(fc_jwt_verify(arena, &other_rules, token, NOW, &strict) == FC_E_TOKEN ||
           status != FC_OK);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *text = fc_copy_n(arena, (const char *)bytes, n);

    make_rules();
    verify(arena, text);
    verify(arena, signed_token(arena, text, n));
    (void)fc_email_ok(text);
    return 0;
}
