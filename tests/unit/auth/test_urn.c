#include <string.h>

#include "auth/urn.h"
#include "suites.h"

#define A "6f1b0a9e-abcd-4def-9000-00000000000f"
#define B "7f1b0a9e-abcd-4def-9000-00000000000f"
#define UPPER_A "6F1B0A9E-ABCD-4DEF-9000-00000000000F"

static const struct {
    const char *text;
    enum fc_urn_kind kind;
    bool may_own;
    const char *user, *team, *normal;
} urns[] = {
    {"framecast:user:" A, FC_URN_USER, true, A, "", "framecast:user:" A},
    {"framecast:user:" UPPER_A, FC_URN_USER, true, A, "", "framecast:user:" A},
    {"framecast:team:" A, FC_URN_TEAM, true, "", A, "framecast:team:" A},
    {"framecast:" A ":" B, FC_URN_MEMBERSHIP, true, B, A, "framecast:" A ":" B},
    {"framecast:" UPPER_A ":" B, FC_URN_MEMBERSHIP, true, B, A, "framecast:" A ":" B},
    {"framecast:artifact:" A, FC_URN_ARTIFACT, false, "", "", NULL},
    {"framecast:system:music:calm", FC_URN_SYSTEM, false, "", "", NULL},
};

START_TEST(each_form_is_read_and_normalised)
{
    for (int i = 0; i < N(urns); i++) {
        struct fc_urn urn;

        ck_assert_msg(fc_urn_parse(urns[i].text, &urn), "%s", urns[i].text);
        ck_assert_int_eq(urn.kind, urns[i].kind);
        ck_assert_int_eq(fc_urn_may_own(&urn), urns[i].may_own);
        ck_assert_str_eq(urn.user.text, urns[i].user);
        ck_assert_str_eq(urn.team.text, urns[i].team);
        ck_assert(urns[i].normal == NULL || strcmp(urn.text, urns[i].normal) == 0);
    }
}
END_TEST

START_TEST(what_has_none_of_the_forms_is_refused)
{
    static const char *const texts[] = {
        "", "framecast", "framecast:", "framecast:user", "framecast:user:", "framecast:user:ada",
        "framecast:user:" A "x", "framecast:user:" A ":", "framecast:user:" A ":" B,
        "framecast:team:" A ":" B,
        "Framecast:user:" A, "framecast:User:" A, "framecast:" A, "framecast:" A ":",
        "framecast:" A ":x",
        "framecast:" A "x" B, "framecast:" A ":" B ":", "framecast:" A ":" B "x",
        "framecast:x:" A, " framecast:user:" A,
        "framecast:artifact:x", "framecast:system:", "framecast:system:music",
        "framecast:system:music:",
        "framecast:system::calm", "framecast:system:music:calm:x", "user:" A, A,
    };
    struct fc_urn urn;

    for (int i = 0; i < N(texts); i++)
        ck_assert_msg(!fc_urn_parse(texts[i], &urn), "%s", texts[i]);
}
END_TEST

START_TEST(a_users_urn_reads_back)
{
    static const struct fc_uuid user = {A};
    struct fc_urn made, read;

    fc_urn_of_user(&user, &made);
    ck_assert(fc_urn_parse(made.text, &read));
    ck_assert_str_eq(read.user.text, A);
    ck_assert_str_eq(read.text, made.text);
}
END_TEST

TCase *urn_case(void)
{
    TCase *claims = tcase_create("urn");

    tcase_add_test(claims, each_form_is_read_and_normalised);
    tcase_add_test(claims, what_has_none_of_the_forms_is_refused);
    tcase_add_test(claims, a_users_urn_reads_back);
    return claims;
}
