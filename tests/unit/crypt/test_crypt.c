#include <string.h>

#include <framecast/arena.h>
#include <framecast/text.h>

#include "crypt/crypt.h"
#include "suite.h"

static struct fc_arena *arena;
static char hex[FC_HASH_HEX];
static unsigned char hash[FC_HASH_BYTES];

static void set_up(void)
{
    ck_assert_int_eq(fc_crypt_start(NULL), FC_OK);
    arena = fc_arena_new();
}

static void tear_down(void)
{
    fc_arena_free(arena);
}

static const struct {
    const char *first, *second, *hash;
} hashes[] = {
    /* FIPS 180-2, appendix B, and the hash of nothing */
    {"", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"a", "bc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighij", "hijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(sha256_is_that_of_its_standard)
{
    for (int i = 0; i < N(hashes); i++) {
        fc_crypt_sha256(hashes[i].first, strlen(hashes[i].first), hashes[i].second,
                        strlen(hashes[i].second), hash);
        fc_hex(hash, sizeof hash, hex);
        ck_assert_str_eq(hex, hashes[i].hash);
    }
}
END_TEST

static const struct {
    unsigned char key;
    size_t n_key;
    const char *key_text, *data;
    unsigned char byte;
    size_t n_bytes;
    const char *mac;
} macs[] = {
    /* RFC 4231: keys and data are texts, or one byte repeated */
    {0x0B, 20, NULL, "Hi There", 0, 0,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {0, 0, "Jefe", "what do ya want for nothing?", 0, 0,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {0xAA, 20, NULL, NULL, 0xDD, 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {0xAA, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First", 0, 0,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {0xAA, 131, NULL,
     "This is a test using a larger than block-size key and a larger than block-size data. The "
     "key needs to be hashed before being used by the HMAC algorithm.",
     0, 0, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static const void *repeated(unsigned char byte, size_t n)
{
    return memset(fc_alloc(arena, n), byte, n);
}

START_TEST(hmac_sha256_is_that_of_rfc_4231)
{
    for (int i = 0; i < N(macs); i++) {
        const char *text = macs[i].data, *key = macs[i].key_text;

        fc_crypt_hmac_sha256(key != NULL ? key : repeated(macs[i].key, macs[i].n_key),
                             key != NULL ? strlen(key) : macs[i].n_key,
                             text != NULL ? text : repeated(macs[i].byte, macs[i].n_bytes),
                             text != NULL ? strlen(text) : macs[i].n_bytes, hash);
        fc_hex(hash, sizeof hash, hex);
        ck_assert_str_eq(hex, macs[i].mac);
    }
}
END_TEST

START_TEST(a_derived_key_is_the_one_of_the_specification)
{
    static const char job[] = "job-callback:3f0e1d2c-4b5a-4697-8877-66554433221f";
    unsigned char key[FC_HASH_BYTES];

    fc_crypt_derive("example-jwt-secret-do-not-use", "fc_callb", key);
    fc_hex(key, sizeof key, hex);
    ck_assert_str_eq(hex, "4b5c6f8c17da9e6ed5f7ac87e27b43904b0be39e9842182eeff99646b60b1876");
    fc_crypt_hmac_sha256(key, sizeof key, job, strlen(job), hash);
    fc_hex(hash, sizeof hash, hex);
    ck_assert_str_eq(hex, "4967368657f60dd1a1bc1a4f4eb985370570daa1f4be606ff986026da4935340");
}
END_TEST

START_TEST(another_purpose_or_secret_is_another_key)
{
    unsigned char one[FC_HASH_BYTES], other[FC_HASH_BYTES];

    fc_crypt_derive("secret", "fc_callb", one);
    fc_crypt_derive("secret", "fc_links", other);
    ck_assert(!fc_crypt_equal(one, other, sizeof one));
    fc_crypt_derive("Secret", "fc_callb", other);
    ck_assert(!fc_crypt_equal(one, other, sizeof one));
    fc_crypt_derive("secret", "fc_callb", other);
    ck_assert(fc_crypt_equal(one, other, sizeof one));
}
END_TEST

static const struct {
    const char *bytes, *text;
} encoded[] = {
    /* RFC 4648, section 10, without padding; and the two characters of the URL's alphabet */
    {"", ""},         {"f", "Zg"},         {"fo", "Zm8"},           {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xFE", "-__-"},
};

START_TEST(base64url_goes_both_ways)
{
    for (int i = 0; i < N(encoded); i++) {
        unsigned char bytes[16];
        char text[16];
        size_t n;

        fc_crypt_base64url(encoded[i].bytes, strlen(encoded[i].bytes), text, sizeof text);
        ck_assert_str_eq(text, encoded[i].text);
        ck_assert(fc_crypt_unbase64url(text, strlen(text), bytes, &n));
        ck_assert_int_eq((int)n, (int)strlen(encoded[i].bytes));
        ck_assert(memcmp(bytes, encoded[i].bytes, n) == 0);
    }
}
END_TEST

START_TEST(base64url_of_any_length_goes_both_ways)
{
    for (size_t length = 0; length < 3000; length += length < 20 ? 1 : 7) {
        unsigned char bytes[3000], again[3000];
        char text[4004];
        size_t n;

        fc_crypt_random(bytes, length);
        fc_crypt_base64url(bytes, length, text, sizeof text);
        ck_assert(fc_crypt_unbase64url(text, strlen(text), again, &n));
        ck_assert_uint_eq(n, length);
        ck_assert(length == 0 || memcmp(bytes, again, n) == 0);
        if (length > 0) {
            text[strlen(text) / 2] = '*';
            ck_assert(!fc_crypt_unbase64url(text, strlen(text), again, &n));
        }
    }
}
END_TEST

START_TEST(what_is_no_base64url_is_refused)
{
    static const char *const texts[] = {"Zg==",   "Zg=", "Zm9v+", "Zm9v/", "Zm 9v",
                                        "Zm9v\n", "A",   "Zm9vA", "Zh",    "Zm9"};
    unsigned char bytes[16];
    size_t n;

    for (int i = 0; i < N(texts); i++)
        ck_assert_msg(!fc_crypt_unbase64url(texts[i], strlen(texts[i]), bytes, &n), "%s", texts[i]);
}
END_TEST

START_TEST(random_ids_are_version_four_and_differ)
{
    struct fc_uuid a = fc_uuid_random(), b = fc_uuid_random(), parsed;

    ck_assert(fc_uuid_parse(a.text, &parsed));
    ck_assert_int_eq(a.text[14], '4');
    ck_assert(strchr("89ab", a.text[19]) != NULL);
    ck_assert(!fc_uuid_equal(&a, &b));
}
END_TEST

START_TEST(a_wiped_secret_is_gone)
{
    char secret[] = "secret";

    fc_crypt_wipe(secret, sizeof secret);
    ck_assert(memcmp(secret, "\0\0\0\0\0\0\0", sizeof secret) == 0);
}
END_TEST

int main(void)
{
    TCase *claims = tcase_create("crypt");

    tcase_add_test(claims, sha256_is_that_of_its_standard);
    tcase_add_test(claims, hmac_sha256_is_that_of_rfc_4231);
    tcase_add_test(claims, a_derived_key_is_the_one_of_the_specification);
    tcase_add_test(claims, another_purpose_or_secret_is_another_key);
    tcase_add_test(claims, base64url_goes_both_ways);
    tcase_add_test(claims, base64url_of_any_length_goes_both_ways);
    tcase_add_test(claims, what_is_no_base64url_is_refused);
    tcase_add_test(claims, random_ids_are_version_four_and_differ);
    tcase_add_test(claims, a_wiped_secret_is_gone);
    return run_suite("crypt", &claims, 1, set_up, tear_down);
}
