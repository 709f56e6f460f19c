#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>

#include "auth/keys.h"
#include "crypt/crypt.h"
#include "suites.h"

static const char raw[] = "sk_live_00112233445566778899aabbccddeeff";

/* The hash that another tool would have stored, with a salt of @n bytes. */
static char *hash_with_salt(size_t n)
{
    unsigned char *salt = fc_alloc(arena, n + 1), hash[FC_HASH_BYTES];
    char *salt_hex = fc_alloc(arena, 2 * n + 1), hash_hex[FC_HASH_HEX];

    memset(salt, 0xA5, n);
    fc_crypt_sha256(raw, strlen(raw), salt, n, hash);
    fc_hex(salt, n, salt_hex);
    fc_hex(hash, sizeof hash, hash_hex);
    return fc_printf(arena, "%s:%s", salt_hex, hash_hex);
}

static char *upper(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        *at = *at >= 'a' && *at <= 'f' ? (char)(*at - 'a' + 'A') : *at;
    return text;
}

START_TEST(a_new_key_matches_its_own_hash_alone)
{
    struct fc_new_key key = fc_key_make(), other = fc_key_make();

    ck_assert_int_eq((int)strlen(key.raw), 40);
    ck_assert(fc_text_starts(key.raw, "sk_live_"));
    ck_assert_int_eq((int)strspn(key.raw + 8, "0123456789abcdef"), 32);
    ck_assert_int_eq((int)strlen(key.hash), 64 + 1 + 64);
    ck_assert(fc_key_matches(key.raw, key.hash));
    ck_assert(!fc_key_matches(key.raw, other.hash));
    ck_assert(!fc_key_matches(other.raw, key.hash));
    ck_assert_str_ne(key.raw, other.raw);
}
END_TEST

START_TEST(a_fingerprint_is_the_beginning_of_the_unsalted_hash)
{
    struct fc_new_key key = fc_key_make();
    char fingerprint[FC_FINGERPRINT_SIZE];

    fc_key_fingerprint("abc", fingerprint); /* FIPS 180-2, B.1 */
    ck_assert_str_eq(fingerprint, "ba7816bf8f01cfea");
    fc_key_fingerprint(key.raw, fingerprint);
    ck_assert_str_eq(fingerprint, key.fingerprint);
}
END_TEST

START_TEST(a_foreign_salt_may_have_any_length_that_fits_its_column)
{
    static const size_t lengths[] = {0, 1, 7, 16, 31, 32, 33, 64, 95};

    for (int i = 0; i < N(lengths); i++) {
        char *hash = hash_with_salt(lengths[i]);

        ck_assert_msg(fc_key_matches(raw, hash), "%zu bytes", lengths[i]);
        ck_assert_msg(!fc_key_matches("sk_live_x", hash), "%zu bytes", lengths[i]);
        ck_assert_msg(fc_key_matches(raw, upper(hash)), "%zu bytes, upper case", lengths[i]);
    }
}
END_TEST

START_TEST(what_is_not_hex_and_hex_never_matches)
{
    char *good = hash_with_salt(4);
    const char *const hashes[] = {
        "", ":", "::", "x", "a5a5:", ":a5a5", strchr(good, ':') + 1, good + 1, /* an odd salt */
        fc_printf(arena, "%s0", good),
        fc_printf(arena, "%s ", good),
        fc_printf(arena, " %s", good),
        fc_printf(arena, "%s:", good),
        fc_printf(arena, "g%s", good + 1),
        fc_copy_n(arena, good, strlen(good) - 1),
        fc_copy_n(arena, good, strlen(good) - 2),
        hash_with_salt(4000),
        "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
    };

    ck_assert(fc_key_matches(raw, good));
    for (int i = 0; i < N(hashes); i++)
        ck_assert_msg(!fc_key_matches(raw, hashes[i]), "%s", hashes[i]);
}
END_TEST

START_TEST(a_starter_may_hold_some_of_the_scopes)
{
    static const char *const all[] = {"generate", "jobs:read", "conversations:write"};
    static const char *const creators[] = {"projects:read", "team:admin", "webhooks:write", "*"};
    static const char *const unknown[] = {"", "jobs", "jobs:*", "JOBS:READ", "jobs:read ", "admin"};

    for (int i = 0; i < N(all); i++)
        ck_assert(fc_scope_known(all[i]) && fc_scope_for_starters(all[i]));
    for (int i = 0; i < N(creators); i++)
        ck_assert(fc_scope_known(creators[i]) && !fc_scope_for_starters(creators[i]));
    for (int i = 0; i < N(unknown); i++)
        ck_assert(!fc_scope_known(unknown[i]) && !fc_scope_for_starters(unknown[i]));
}
END_TEST

/* ---- what the process remembers ---- */

static struct fc_memory *memory;

static struct fc_known_key known_as(const char *owner)
{
    struct fc_known_key known = {.key = {"6f1b0a9e-abcd-4def-9000-00000000000f"}};

    (void)snprintf(known.owner, sizeof known.owner, "%s", owner);
    return known;
}

static void remember(const char *key, const char *owner)
{
    struct fc_known_key known = known_as(owner);

    fc_key_put(memory, key, &known);
}

START_TEST(a_key_is_known_until_it_is_forgotten)
{
    struct fc_known_key known = {0};

    memory = fc_memory_new(sizeof(struct fc_known_key));
    ck_assert(!fc_key_get(memory, raw, &known));
    fc_key_forget(memory, raw);
    remember(raw, "first");
    ck_assert(fc_key_get(memory, raw, &known));
    ck_assert_str_eq(known.owner, "first");
    ck_assert_str_eq(known.key.text, "6f1b0a9e-abcd-4def-9000-00000000000f");
    remember(raw, "second");
    ck_assert(fc_key_get(memory, raw, &known));
    ck_assert_str_eq(known.owner, "second");
    ck_assert(!fc_key_get(memory, "sk_live_0", &known));
    fc_key_forget(memory, raw);
    ck_assert(!fc_key_get(memory, raw, &known));
    fc_memory_free(memory);
}
END_TEST

START_TEST(a_full_memory_forgets_the_oldest_and_keeps_the_newest)
{
    enum { MANY = 40000, PLACES = 4096 * 4 };
    struct fc_known_key known;
    int n_kept = 0;

    memory = fc_memory_new(sizeof(struct fc_known_key));
    for (int i = 0; i < MANY; i++) {
        const char *key = fc_printf(arena, "sk_live_%d", i);

        remember(key, "x");
        ck_assert(fc_key_get(memory, key, &known));
    }
    for (int i = 0; i < MANY; i++)
        n_kept += fc_key_get(memory, fc_printf(arena, "sk_live_%d", i), &known);
    ck_assert_int_le(n_kept, PLACES);
    ck_assert_int_gt(n_kept, PLACES / 2);
    ck_assert(fc_key_get(memory, fc_printf(arena, "sk_live_%d", MANY - 1), &known));
    fc_memory_free(memory);
}
END_TEST

START_TEST(a_use_is_worth_a_write_once_a_second)
{
    int n = 0;

    memory = fc_memory_new(sizeof(struct fc_known_key));
    ck_assert(!fc_key_use(memory, raw)); /* nobody knows it */
    remember(raw, "x");
    for (int i = 0; i < 1000; i++)
        n += fc_key_use(memory, raw);
    ck_assert_int_ge(n, 1);
    ck_assert_int_lt(n, 100); /* on the slowest machine */
    fc_memory_free(memory);
}
END_TEST

static void *use_keys(void *arg)
{
    unsigned seed = *(unsigned *)arg;

    for (int i = 0; i < 3000; i++) {
        char key[32], owner[64];
        struct fc_known_key known;

        seed = seed * 1103515245u + 12345u;
        (void)snprintf(key, sizeof key, "sk_live_%u", seed >> 16 & 63);
        (void)snprintf(owner, sizeof owner, "owner of %s", key);
        if (!fc_key_get(memory, key, &known)) {
            known = known_as(owner);
            fc_key_put(memory, key, &known);
        }
        if (strcmp(known.owner, owner) != 0)
            return "a key was taken for another";
        (void)fc_key_use(memory, key);
        if (i % 7 == 0)
            fc_key_forget(memory, key);
    }
    return NULL;
}

START_TEST(threads_may_use_the_memory_at_once)
{
    pthread_t threads[4];
    unsigned seeds[4] = {1, 2, 3, 4};
    void *why;

    memory = fc_memory_new(sizeof(struct fc_known_key));
    for (int i = 0; i < N(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_keys, &seeds[i]), 0);
    for (int i = 0; i < N(threads); i++) {
        ck_assert_int_eq(pthread_join(threads[i], &why), 0);
        ck_assert_msg(why == NULL, "%s", (const char *)why);
    }
    fc_memory_free(memory);
}
END_TEST

TCase *keys_case(void)
{
    TCase *claims = tcase_create("keys");

    tcase_add_test(claims, a_new_key_matches_its_own_hash_alone);
    tcase_add_test(claims, a_fingerprint_is_the_beginning_of_the_unsalted_hash);
    tcase_add_test(claims, a_foreign_salt_may_have_any_length_that_fits_its_column);
    tcase_add_test(claims, what_is_not_hex_and_hex_never_matches);
    tcase_add_test(claims, a_starter_may_hold_some_of_the_scopes);
    tcase_add_test(claims, a_key_is_known_until_it_is_forgotten);
    tcase_add_test(claims, a_full_memory_forgets_the_oldest_and_keeps_the_newest);
    tcase_add_test(claims, a_use_is_worth_a_write_once_a_second);
    tcase_add_test(claims, threads_may_use_the_memory_at_once);
    return claims;
}
