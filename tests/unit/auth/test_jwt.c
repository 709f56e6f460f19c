#include <string.h>

#include <framecast/text.h>

#include "auth/jwt.h"
#include "crypt/crypt.h"
#include "suites.h"

#define USER "6f1b0a9e-abcd-4def-9000-00000000000f"
#define NOW 1000000

static struct fc_jwt_rules rules, strict;

static void make_rules(void)
{
    rules = fc_jwt_rules_of("secret", NULL, NULL);
    strict = fc_jwt_rules_of("secret", "https://id.example.com", "authenticated");
}
static struct fc_jwt jwt;

static const char *quoted(const char *text)
{
    char *copy = fc_copy(arena, text);

    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    return copy;
}

static const char *part(const void *bytes, size_t n)
{
    char *text = fc_alloc(arena, 2 * n + 8);

    fc_crypt_base64url(bytes, n, text, 2 * n + 8);
    return text;
}

static const char *signed_with(const char *secret, const char *text)
{
    unsigned char signature[FC_HASH_BYTES];

    fc_crypt_hmac_sha256(secret, strlen(secret), text, strlen(text), signature);
    return fc_printf(arena, "%s.%s", text, part(signature, sizeof signature));
}

/* A token of that header and those claims, written with ' for ". */
static const char *token_of(const char *header, const char *claims)
{
    const char *h = quoted(header), *c = quoted(claims);

    return signed_with("secret", fc_printf(arena, "%s.%s", part(h, strlen(h)), part(c, strlen(c))));
}

static const char *token(const char *claims)
{
    return token_of("{'alg':'HS256','typ':'JWT'}", claims);
}

static bool passes(const struct fc_jwt_rules *by, const char *text)
{
    fc_status status = fc_jwt_verify(arena, by, text, NOW, &jwt);

    ck_assert(status == FC_OK || status == FC_E_TOKEN);
    return status == FC_OK;
}

/* What all tables below leave as it is. */
#define SUB "'sub':'" USER "'"
#define ROLE "'role':'authenticated'"
#define EXP "'exp':1000100"
#define IAT "'iat':999000"
#define AUD "'aud':'authenticated'"
#define GOOD SUB "," ROLE "," EXP "," IAT "," AUD

struct rule {
    const char *why, *claims;
    bool passes;
};

static void expect_rules(const struct fc_jwt_rules *by, const struct rule *table, int n)
{
    for (int i = 0; i < n; i++)
        ck_assert_msg(passes(by, token(table[i].claims)) == table[i].passes, "%s: %s", table[i].why,
                      table[i].claims);
}

static const struct rule claims_rules[] = {
    {"all that is needed", "{" GOOD "}", true},
    {"other claims do not matter", "{" GOOD ",'tier':'king','user_metadata':{'a':[1]}}", true},
    {"no sub", "{" ROLE "," EXP "," IAT "," AUD "}", false},
    {"sub is no UUID", "{'sub':'ada'," ROLE "," EXP "," IAT "," AUD "}", false},
    {"sub is a number", "{'sub':5," ROLE "," EXP "," IAT "," AUD "}", false},
    {"sub in upper case",
     "{'sub':'6F1B0A9E-ABCD-4DEF-9000-00000000000F'," ROLE "," EXP "," IAT "," AUD "}", true},
    {"no role", "{" SUB "," EXP "," IAT "," AUD "}", false},
    {"role is a number", "{" SUB ",'role':1," EXP "," IAT "," AUD "}", false},
    {"any role", "{" SUB ",'role':'anon'," EXP "," IAT "," AUD "}", true},
    {"no exp", "{" SUB "," ROLE "," IAT "," AUD "}", false},
    {"exp is text", "{" SUB "," ROLE ",'exp':'1000100'," IAT "," AUD "}", false},
    {"exp is null", "{" SUB "," ROLE ",'exp':null," IAT "," AUD "}", false},
    {"exp with a fraction", "{" SUB "," ROLE ",'exp':1000100.5," IAT "," AUD "}", true},
    {"over, within the leeway", "{" SUB "," ROLE ",'exp':999940," IAT "," AUD "}", true},
    {"over by a second more", "{" SUB "," ROLE ",'exp':999939," IAT "," AUD "}", false},
    {"over by less than a second more", "{" SUB "," ROLE ",'exp':999939.9," IAT "," AUD "}", false},
    {"no iat", "{" SUB "," ROLE "," EXP "," AUD "}", false},
    {"iat is negative", "{" SUB "," ROLE "," EXP ",'iat':-1," AUD "}", false},
    {"iat is 0", "{" SUB "," ROLE "," EXP ",'iat':0," AUD "}", true},
    {"iat of tomorrow is not compared", "{" SUB "," ROLE "," EXP ",'iat':2000000," AUD "}", true},
    {"iat is text", "{" SUB "," ROLE "," EXP ",'iat':'1'," AUD "}", false},
    {"nbf, within the leeway", "{" GOOD ",'nbf':1000060}", true},
    {"nbf, a second later", "{" GOOD ",'nbf':1000061}", false},
    {"nbf is text", "{" GOOD ",'nbf':'1'}", false},
    {"e-mail", "{" GOOD ",'email':'ada@example.com'}", true},
    {"e-mail is a number", "{" GOOD ",'email':5}", false},
    {"e-mail is an object", "{" GOOD ",'email':{}}", false},
    {"no aud", "{" SUB "," ROLE "," EXP "," IAT "}", false},
    {"any aud", "{" SUB "," ROLE "," EXP "," IAT ",'aud':'x'}", true},
    {"a list as aud", "{" SUB "," ROLE "," EXP "," IAT ",'aud':['x','y']}", true},
    {"a number as aud", "{" SUB "," ROLE "," EXP "," IAT ",'aud':5}", false},
    {"a number in aud", "{" SUB "," ROLE "," EXP "," IAT ",'aud':['x',5]}", false},
    {"iss is not looked at", "{" GOOD ",'iss':5}", true},
    {"claims are an object", "[" "]", false},
    {"claims are JSON", "{" GOOD, false},
};

static const struct rule strict_rules[] = {
    {"the audience, and no issuer", "{" GOOD "}", true},
    {"one of a list", "{" SUB "," ROLE "," EXP "," IAT ",'aud':['x','authenticated']}", true},
    {"another audience", "{" SUB "," ROLE "," EXP "," IAT ",'aud':'Authenticated'}", false},
    {"a list without it", "{" SUB "," ROLE "," EXP "," IAT ",'aud':['x']}", false},
    {"an empty list", "{" SUB "," ROLE "," EXP "," IAT ",'aud':[]}", false},
    {"and a number", "{" SUB "," ROLE "," EXP "," IAT ",'aud':['authenticated',1]}", false},
    {"the issuer", "{" GOOD ",'iss':'https://id.example.com'}", true},
    {"another issuer", "{" GOOD ",'iss':'https://id.example.com/'}", false},
    {"an issuer that is no text", "{" GOOD ",'iss':5}", false},
};

START_TEST(each_claim_has_its_rule)
{
    expect_rules(&rules, claims_rules, N(claims_rules));
}
END_TEST

START_TEST(audience_and_issuer_count_when_they_are_set)
{
    expect_rules(&strict, strict_rules, N(strict_rules));
}
END_TEST

static const struct {
    const char *why, *header;
    bool passes;
} headers[] = {
    {"the one algorithm", "{'alg':'HS256'}", true},
    {"other members do not matter", "{'alg':'HS256','typ':'x','kid':'y','jku':'http://x'}", true},
    {"none", "{'alg':'none'}", false},
    {"in another case", "{'alg':'hs256'}", false},
    {"a longer hash", "{'alg':'HS384'}", false},
    {"an asymmetric one", "{'alg':'RS256'}", false},
    {"no algorithm", "{'typ':'JWT'}", false},
    {"a list of them", "{'alg':['HS256']}", false},
    {"not an object", "'HS256'", false},
    {"not JSON", "alg=HS256", false},
    {"empty", "", false},
};

START_TEST(nothing_but_hs256_is_verified)
{
    for (int i = 0; i < N(headers); i++)
        ck_assert_msg(passes(&rules, token_of(headers[i].header, "{" GOOD "}")) ==
                          headers[i].passes,
                      "%s", headers[i].why);
}
END_TEST

START_TEST(a_token_has_three_parts_and_its_own_signature)
{
    const char *good = token("{" GOOD "}"), *second = strrchr(good, '.');
    const char *unsigned_text = fc_copy_n(arena, good, (size_t)(second - good));
    const char *const refused[] = {
        "", ".", "..", "...", "a.b.c", "Bearer", unsigned_text,
        fc_printf(arena, "%s.", unsigned_text),
        fc_printf(arena, "%s.x", good),
        fc_printf(arena, "%s.", good),
        fc_printf(arena, ".%s", good),
        fc_printf(arena, "%s=", good),
        fc_printf(arena, "%s ", good),
        fc_printf(arena, " %s", good),
        fc_printf(arena, "%sA", good),
        fc_copy_n(arena, good, strlen(good) - 1),
        signed_with("Secret", unsigned_text),
        signed_with("", unsigned_text),
        signed_with("secret", fc_printf(arena, "%s=", unsigned_text)), /* padded */
        signed_with("secret", fc_printf(arena, "%s+", unsigned_text)), /* foreign */
        signed_with("secret", "."),
    };

    ck_assert(passes(&rules, good));
    for (int i = 0; i < N(refused); i++)
        ck_assert_msg(!passes(&rules, refused[i]), "%d: %s", i, refused[i]);
}
END_TEST

START_TEST(every_changed_character_is_noticed)
{
    char *text = fc_copy(arena, token("{" GOOD "}"));

    for (size_t i = 0; text[i] != '\0'; i++) {
        char was = text[i];

        text[i] = was == 'A' ? 'B' : 'A';
        ck_assert_msg(!passes(&rules, text), "at %zu", i);
        text[i] = was;
    }
    ck_assert(passes(&rules, text));
}
END_TEST

START_TEST(a_token_that_is_known_is_held_against_its_signature_and_the_time_again)
{
    static const char other_user[] = "00000000-0000-4000-8000-000000000077";
    char *text = fc_copy(arena, token("{" GOOD ",'nbf':1000000,'email':'ada@example.com'}"));
    const char *plain = token(
        fc_printf(arena, "{'sub':'%s'," ROLE "," EXP "," IAT "," AUD "}", other_user));
    struct fc_jwt_rules other = fc_jwt_rules_of("another secret", NULL, NULL);

    rules.known = other.known = fc_memory_new(sizeof(struct fc_claims));
    for (int i = 0; i < 3; i++) {
        ck_assert(passes(&rules, text));
        ck_assert_str_eq(jwt.user.text, USER);
        ck_assert_str_eq(jwt.email, "ada@example.com");
        ck_assert(passes(&rules, plain));
        ck_assert_str_eq(jwt.user.text, other_user);
        ck_assert_ptr_null(jwt.email);
        ck_assert(!passes(&other, text));
        ck_assert_int_eq(fc_jwt_verify(arena, &rules, text, 1000160, &jwt), FC_OK);
        ck_assert_int_eq(fc_jwt_verify(arena, &rules, text, 1000161, &jwt), FC_E_TOKEN);
        ck_assert_int_eq(fc_jwt_verify(arena, &rules, text, 1000000 - 60, &jwt), FC_OK);
        ck_assert_int_eq(fc_jwt_verify(arena, &rules, text, 1000000 - 61, &jwt), FC_E_TOKEN);
    }
    for (size_t i = 0; text[i] != '\0'; i++) {
        char was = text[i];

        text[i] = was == 'A' ? 'B' : 'A';
        ck_assert_msg(!passes(&rules, text), "at %zu", i);
        text[i] = was;
    }
    fc_memory_free(rules.known);
}
END_TEST

START_TEST(a_token_may_not_be_huge)
{
    char *many = fc_alloc(arena, 20001);

    memset(many, 'x', 8000);
    ck_assert(passes(&rules, token(fc_printf(arena, "{" GOOD ",'x':'%s'}", many))));
    memset(many, 'x', 20000);
    ck_assert(!passes(&rules, token(fc_printf(arena, "{" GOOD ",'x':'%s'}", many))));
    memset(many, '.', 20000);
    ck_assert(!passes(&rules, many));
}
END_TEST

START_TEST(what_is_made_is_verified)
{
    static const struct fc_uuid user = {USER};
    static const struct fc_jwt_rules *const all[] = {&rules, &strict};

    for (int i = 0; i < N(all); i++) {
        const char *made = fc_jwt_make(arena, all[i], &user, "a\"da@example.com", NOW, 100);

        ck_assert(passes(all[i], made));
        ck_assert_str_eq(jwt.user.text, USER);
        ck_assert_str_eq(jwt.email, "a\"da@example.com");
        ck_assert_int_eq(fc_jwt_verify(arena, all[i], made, NOW + 160, &jwt), FC_OK);
        ck_assert_int_eq(fc_jwt_verify(arena, all[i], made, NOW + 161, &jwt), FC_E_TOKEN);
    }
    ck_assert(passes(&rules, fc_jwt_make(arena, &rules, &user, NULL, NOW, 100)));
    ck_assert_ptr_null(jwt.email);
}
END_TEST

static const struct {
    const char *text;
    bool ok;
} emails[] = {
    {"ada@example.com", true},
    {"a.b_c%d+e-f@sub.example.co", true},
    {"A@B.CD", true},
    {"1@1.aa", true},
    {".@..aa", true}, /* as the pattern has it */
    {"", false},
    {"ada", false},
    {"@example.com", false},
    {"ada@", false},
    {"ada@example", false},
    {"ada@.c", false},
    {"ada@.com", false},
    {"ada@example.c", false},
    {"ada@example.c0m", false},
    {"ada@example.com.", false},
    {"ada@exa_mple.com", false},
    {"ada@@example.com", false},
    {"ada@example.com ", false},
    {" ada@example.com", false},
    {"ada lovelace@example.com", false},
    {"ad\xC3\xA4@example.com", false},
    {"ada@ex\xC3\xA4mple.com", false},
    {"ada@example.com\n", false},
};

START_TEST(an_email_address_is_name_at_host_dot_tld)
{
    for (int i = 0; i < N(emails); i++)
        ck_assert_msg(fc_email_ok(emails[i].text) == emails[i].ok, "%s", emails[i].text);
}
END_TEST

START_TEST(an_email_address_has_at_most_255_characters)
{
    char text[300];

    memset(text, 'a', sizeof text);
    memcpy(text + 255 - 7, "@ex.com", 8);
    ck_assert(fc_email_ok(text));
    memcpy(text + 256 - 7, "@ex.com", 8);
    text[248] = 'a';
    ck_assert(!fc_email_ok(text));
}
END_TEST

TCase *jwt_case(void)
{
    TCase *claims = tcase_create("jwt");

    tcase_add_checked_fixture(claims, make_rules, NULL);
    tcase_add_test(claims, each_claim_has_its_rule);
    tcase_add_test(claims, audience_and_issuer_count_when_they_are_set);
    tcase_add_test(claims, nothing_but_hs256_is_verified);
    tcase_add_test(claims, a_token_has_three_parts_and_its_own_signature);
    tcase_add_test(claims, every_changed_character_is_noticed);
    tcase_add_test(claims, a_token_that_is_known_is_held_against_its_signature_and_the_time_again);
    tcase_add_test(claims, a_token_may_not_be_huge);
    tcase_add_test(claims, what_is_made_is_verified);
    tcase_add_test(claims, an_email_address_is_name_at_host_dot_tld);
    tcase_add_test(claims, an_email_address_has_at_most_255_characters);
    return claims;
}
