#include <string.h>

#include <framecast/ids.h>
#include <framecast/status.h>

#include "core/suites.h"

START_TEST(either_case_is_read_and_lower_case_is_kept)
{
    struct fc_uuid uuid, other;

    ck_assert(fc_uuid_parse("6F1B0A9E-ABCD-1def-9000-00000000000f", &uuid));
    ck_assert_str_eq(uuid.text, "6f1b0a9e-abcd-1def-9000-00000000000f");
    ck_assert(fc_uuid_parse("6f1b0a9e-abcd-1def-9000-00000000000f", &other));
    ck_assert(fc_uuid_equal(&uuid, &other));
    other.text[0] = '7';
    ck_assert(!fc_uuid_equal(&uuid, &other));
    ck_assert(fc_uuid_is_set(&uuid));
    ck_assert(!fc_uuid_is_set(&(struct fc_uuid){.text = ""}));
}
END_TEST

START_TEST(what_is_no_uuid_is_refused)
{
    static const char *const texts[] = {
        "",
        "x",
        "6f1b0a9e-abcd-1def-9000-00000000000",
        "6f1b0a9e-abcd-1def-9000-00000000000f0",
        "6f1b0a9eabcd1def900000000000000f0000",
        "6f1b0a9e-abcd-1def-9000_00000000000f",
        "6f1b0a9g-abcd-1def-9000-00000000000f",
        "{f1b0a9e-abcd-1def-9000-00000000000}",
    };
    struct fc_uuid uuid = {.text = "unchanged"};

    for (int i = 0; i < N(texts); i++)
        ck_assert_msg(!fc_uuid_parse(texts[i], &uuid), "%s", texts[i]);
    ck_assert_str_eq(uuid.text, "unchanged");
}
END_TEST

START_TEST(a_uuid_may_stand_in_longer_text)
{
    struct fc_uuid uuid;

    ck_assert(fc_uuid_parse_n("6f1b0a9e-abcd-1def-9000-00000000000f/jobs", &uuid));
    ck_assert_str_eq(uuid.text, "6f1b0a9e-abcd-1def-9000-00000000000f");
}
END_TEST

START_TEST(random_bytes_become_version_four)
{
    unsigned char random[16];

    memset(random, 0xFF, sizeof random);
    ck_assert_str_eq(fc_uuid_from_random(random).text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    memset(random, 0, sizeof random);
    ck_assert_str_eq(fc_uuid_from_random(random).text, "00000000-0000-4000-8000-000000000000");
}
END_TEST

START_TEST(each_status_has_a_row)
{
    for (int i = 0; i < FC_STATUS__COUNT; i++) {
        const struct fc_status_row *row = fc_status_row((fc_status)i);

        ck_assert(strncmp(row->name, "FC_", 3) == 0);
        ck_assert_int_ge(row->http, 200);
        ck_assert_int_le(row->http, 599);
        ck_assert(i == FC_OK || *row->sentence != '\0');
    }
}
END_TEST

START_TEST(failing_says_why_and_hands_the_status_on)
{
    struct fc_error error;

    ck_assert_int_eq(fc_fail(&error, FC_E_CONFLICT, "%d of %d", 5, 5), FC_E_CONFLICT);
    ck_assert_int_eq(error.status, FC_E_CONFLICT);
    ck_assert_str_eq(error.text, "5 of 5");
    ck_assert_int_eq(fc_fail(NULL, FC_E_GONE, "x"), FC_E_GONE);
}
END_TEST

TCase *ids_case(void)
{
    TCase *claims = tcase_create("ids");

    tcase_add_test(claims, either_case_is_read_and_lower_case_is_kept);
    tcase_add_test(claims, what_is_no_uuid_is_refused);
    tcase_add_test(claims, a_uuid_may_stand_in_longer_text);
    tcase_add_test(claims, random_bytes_become_version_four);
    tcase_add_test(claims, each_status_has_a_row);
    tcase_add_test(claims, failing_says_why_and_hands_the_status_on);
    return claims;
}
