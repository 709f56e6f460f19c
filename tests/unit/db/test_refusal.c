#include <string.h>

#include "db/refusal.h"
#include "suites.h"

static const struct {
    const char *why, *sqlstate, *constraint, *name;
    fc_status status;
} errors[] = {
    {"a constraint counts first", "23505", "users_email_key", "users_email_key", FC_E_CONFLICT},
    {"whatever its SQLSTATE", "23514", "valid_email", "valid_email", FC_E_VALIDATION},
    {"other constraints go by their class", "23505", "some_other_key", "23", FC_E_CONFLICT},
    {"no constraint at all", "23502", NULL, "23", FC_E_CONFLICT},
    {"a value that does not fit", "22P02", NULL, "22", FC_E_VALIDATION},
    {"statement_timeout", "57014", NULL, "57014", FC_E_UNAVAILABLE},
    {"lock_timeout", "55P03", NULL, "55P03", FC_E_UNAVAILABLE},
    {"a deadlock", "40P01", NULL, "40", FC_E_UNAVAILABLE},
    {"an operator ended the connection", "57P01", NULL, "57", FC_E_UNAVAILABLE},
    {"too many connections", "53300", NULL, "53", FC_E_UNAVAILABLE},
    {"the connection broke", "08006", NULL, "08", FC_E_UNAVAILABLE},
    {"the disk cannot be written", "58030", NULL, "58", FC_E_UNAVAILABLE},
    {"a standby in the primary's place", "25006", NULL, "25006", FC_E_UNAVAILABLE},
    {"a table is missing: another schema", "42P01", NULL, "42P01", FC_E_UNAVAILABLE},
    {"a function is missing: another schema", "42883", NULL, "42883", FC_E_UNAVAILABLE},
    {"a preparation failed for another", "26000", NULL, "26000", FC_E_UNAVAILABLE},
    {"a syntax error: ours", "42601", NULL, "database", FC_E_DATABASE},
    {"an exception of PL/pgSQL: ours", "P0001", NULL, "database", FC_E_DATABASE},
    {"nothing is known", NULL, NULL, "database", FC_E_DATABASE},
};

START_TEST(a_failed_statement_becomes_a_refusal)
{
    for (int i = 0; i < N(errors); i++) {
        const struct fc_refusal *refusal = fc_refusal_by_error(errors[i].sqlstate,
                                                               errors[i].constraint);

        ck_assert_msg(strcmp(refusal->name, errors[i].name) == 0 &&
                          refusal->status == errors[i].status,
                      "%s: %s", errors[i].why, refusal->name);
        ck_assert(refusal->sentence[0] != '\0');
    }
}
END_TEST

START_TEST(an_outcome_that_nobody_named_means_nothing)
{
    ck_assert_ptr_null(fc_refusal_by_name("ok"));
    ck_assert_ptr_null(fc_refusal_by_name(""));
    ck_assert_ptr_null(fc_refusal_by_name("not_found "));
    ck_assert_int_eq(fc_refusal_by_name("not_found")->status, FC_E_NOT_FOUND);
    ck_assert_int_eq(fc_refusal_by_name("insufficient_credits")->status, FC_E_CREDITS);
}
END_TEST

TCase *refusal_case(void)
{
    TCase *claims = tcase_create("refusal");

    tcase_add_test(claims, a_failed_statement_becomes_a_refusal);
    tcase_add_test(claims, an_outcome_that_nobody_named_means_nothing);
    return claims;
}
