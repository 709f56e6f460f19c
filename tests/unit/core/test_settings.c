#include <stdlib.h>
#include <string.h>

#include <framecast/settings.h>

#include "core/suites.h"

static struct fc_settings settings;
static struct fc_buffer problems;

static fc_status read_all(void)
{
    problems = fc_buffer_in(arena);
    return fc_settings_read(arena, &settings, &problems);
}

static void set(const char *variable, const char *value)
{
    ck_assert_int_eq(setenv(variable, value, 1), 0);
}

/* Each test runs in a process of its own: what it sets is gone with it. */
static void set_up(void)
{
    ck_assert_int_eq(clearenv(), 0);
    set("DATABASE_URL", "postgresql://ada:top-secret@/x");
    set("JWT_SECRET", "very-secret");
}

START_TEST(two_secrets_are_all_that_must_be_set)
{
    ck_assert_msg(read_all() == FC_OK, "%s", problems.data);
    ck_assert_int_eq(settings.port, 3000);
    ck_assert_str_eq(settings.api_base_url, "http://localhost:3000");
    ck_assert_str_eq(settings.render_callback_base_url, settings.api_base_url);
    ck_assert_str_eq(settings.log_level, "info");
    ck_assert_int_eq(settings.rate_limit_creator_rpm, 300);
    ck_assert_ptr_null(settings.jwt_issuer);
    ck_assert_str_eq(settings.jwt_secret, "very-secret");
}
END_TEST

START_TEST(an_empty_variable_counts_as_unset)
{
    set("PORT", "");
    set("JWT_AUDIENCE", "");
    set("LOG_LEVEL", "");
    ck_assert_msg(read_all() == FC_OK, "%s", problems.data);
    ck_assert_int_eq(settings.port, 3000);
    ck_assert_ptr_null(settings.jwt_audience);
    ck_assert_str_eq(settings.log_level, "info");
    set("JWT_SECRET", "");
    ck_assert_int_eq(read_all(), FC_E_VALIDATION);
    ck_assert(strstr(problems.data, "JWT_SECRET is required") != NULL);
}
END_TEST

static int lines_of(const char *text)
{
    int n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

START_TEST(all_that_is_wrong_is_said_at_once)
{
    ck_assert_int_eq(clearenv(), 0);
    set("PORT", "many");
    set("LOG_LEVEL", "loud");
    set("API_BASE_URL", "ftp://x");
    ck_assert_int_eq(read_all(), FC_E_VALIDATION);
    ck_assert_int_eq(lines_of(problems.data), 5);
    ck_assert(strstr(problems.data, "DATABASE_URL is required") != NULL);
    ck_assert(strstr(problems.data, "JWT_SECRET is required") != NULL);
    ck_assert(strstr(problems.data, "PORT must be a whole number from 1 to 65535") != NULL);
    ck_assert(strstr(problems.data, "LOG_LEVEL must be one of: debug info warning error") != NULL);
    ck_assert(strstr(problems.data, "API_BASE_URL must be a URL") != NULL);
}
END_TEST

static const struct {
    const char *variable, *value;
    bool passes;
} values[] = {
    {"PORT", "1", true},
    {"PORT", "65535", true},
    {"PORT", "0", false},
    {"PORT", "65536", false},
    {"PORT", "-1", false},
    {"PORT", "80 ", false},
    {"PORT", "0x50", false},
    {"PORT", "80.5", false},
    {"PORT", "99999999999999999999", false},
    {"METRICS_PORT", "0", true},
    {"RATE_LIMIT_STARTER_RPM", "0", true},
    {"RATE_LIMIT_STARTER_RPM", "2147483648", false},
    {"JOB_TIMEOUT_SECONDS", "0", false},
    {"JOB_TIMEOUT_SECONDS", "1", true},
    {"LOG_LEVEL", "error", true},
    {"LOG_LEVEL", "ERROR", false},
    {"LOG_LEVEL", "err", false},
    {"LOG_LEVEL", "debug info", false},
    {"API_BASE_URL", "https://api.example.com/", true},
    {"API_BASE_URL", "api.example.com", false},
    {"API_BASE_URL", "https://", false},
    {"API_BASE_URL", "https:///x", false},
    {"API_BASE_URL", "https://api example.com", false},
    {"API_BASE_URL", "https://api.example.com/\"", false},
    {"API_BASE_URL", "https://api.example.com/\\", false},
    {"API_BASE_URL", "https://api.example.com/\x01", false},
    {"CALLBACK_SECRET", "shorter-than-32-bytes", false},
    {"CALLBACK_SECRET", "example-callback-secret-of-32-bytes-or-more", true},
    {"RENDER_PROVIDER", "external", false}, /* without RENDER_WORKER_KEY */
};

START_TEST(each_value_is_held_against_its_row)
{
    for (int i = 0; i < N(values); i++) {
        fc_status status;

        set(values[i].variable, values[i].value);
        status = read_all();
        ck_assert_msg((status == FC_OK) == values[i].passes, "%s=%s: %s", values[i].variable,
                      values[i].value, problems.data);
        ck_assert(status == FC_OK || strstr(problems.data, values[i].value) == NULL ||
                  strlen(values[i].value) < 16);
        ck_assert_int_eq(unsetenv(values[i].variable), 0);
    }
}
END_TEST

START_TEST(a_url_keeps_no_slash_at_its_end)
{
    set("API_BASE_URL", "https://api.example.com/v//");
    ck_assert_int_eq(read_all(), FC_OK);
    ck_assert_str_eq(settings.api_base_url, "https://api.example.com/v");
}
END_TEST

START_TEST(secrets_are_never_printed)
{
    char printed[32768] = "";
    FILE *out = fmemopen(printed, sizeof printed, "w");

    set("CALLBACK_SECRET", "example-callback-secret-of-32-bytes-or-more");
    set("JWT_ISSUER", "https://id.example.com");
    ck_assert_int_eq(read_all(), FC_OK);
    fc_settings_print(out, &settings);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert(strstr(printed, "top-secret") == NULL);
    ck_assert(strstr(printed, "very-secret") == NULL);
    ck_assert(strstr(printed, "example-callback") == NULL);
    ck_assert(strstr(printed, "https://id.example.com") != NULL);
    ck_assert(strstr(printed, "3000") != NULL);
    ck_assert(strstr(printed, "(set)") != NULL);
}
END_TEST

TCase *settings_case(void)
{
    TCase *claims = tcase_create("settings");

    tcase_add_checked_fixture(claims, set_up, NULL);
    tcase_add_test(claims, two_secrets_are_all_that_must_be_set);
    tcase_add_test(claims, an_empty_variable_counts_as_unset);
    tcase_add_test(claims, all_that_is_wrong_is_said_at_once);
    tcase_add_test(claims, each_value_is_held_against_its_row);
    tcase_add_test(claims, a_url_keeps_no_slash_at_its_end);
    tcase_add_test(claims, secrets_are_never_printed);
    return claims;
}
