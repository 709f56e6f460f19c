#include <framecast/time.h>

#include "core/suites.h"

static const struct {
    const char *text, *utc; /* utc NULL: refused */
} times[] = {
    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"},
    {"2025-01-29T12:00:00.123456Z", "2025-01-29T12:00:00.123456Z"},
    {"2025-01-29T12:00:00.1234569Z", "2025-01-29T12:00:00.123456Z"},
    {"2025-01-29T12:00:00.1Z", "2025-01-29T12:00:00.100000Z"},
    {"2025-01-29T12:00:00+05:30", "2025-01-29T06:30:00.000000Z"},
    {"2025-01-01T00:00:00+00:01", "2024-12-31T23:59:00.000000Z"},
    {"2024-12-31T23:59:59.999999-01:00", "2025-01-01T00:59:59.999999Z"},
    {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
    {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
    {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    {"9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999999Z"},
    {"0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00.000000Z"},
    {"2025-01-29t12:00:00z", "2025-01-29T12:00:00.000000Z"},
    {"", NULL},
    {"2025-01-29", NULL},
    {"2025-01-29T12:00:00", NULL},
    {"2025-01-29T12:00Z", NULL},
    {"2025-01-29T12:00:00.Z", NULL},
    {"2025-01-29T12:00:00Zx", NULL},
    {"2025-01-29T12:00:00+0530", NULL},
    {"2025-01-29T12:00:00+24:00", NULL},
    {"2025-02-29T12:00:00Z", NULL},
    {"2100-02-29T12:00:00Z", NULL},
    {"2025-13-01T12:00:00Z", NULL},
    {"2025-00-01T12:00:00Z", NULL},
    {"2025-01-32T12:00:00Z", NULL},
    {"2025-01-29T24:00:00Z", NULL},
    {"2025-01-29T12:60:00Z", NULL},
    {"0000-01-01T00:00:00Z", NULL},
    {"yesterday", NULL},
};

START_TEST(rfc_3339_is_read_and_written_in_utc)
{
    char text[FC_TIME_TEXT_SIZE];
    struct fc_time time = {77};
    bool ok = fc_time_parse(times[_i].text, &time);

    ck_assert_msg(ok == (times[_i].utc != NULL), "%s", times[_i].text);
    if (!ok) {
        ck_assert_int_eq(time.us, 77);
        return;
    }
    fc_time_format(time, text);
    ck_assert_str_eq(text, times[_i].utc);
}
END_TEST

START_TEST(microseconds_count_from_1970)
{
    struct fc_time time;

    ck_assert(fc_time_parse("2001-09-09T01:46:40.000001Z", &time));
    ck_assert_int_eq(time.us, 1000000000000001);
}
END_TEST

START_TEST(the_monotonic_clock_does_not_go_back)
{
    int64_t before = fc_monotonic_us();

    for (int i = 0; i < 1000; i++) {
        int64_t now = fc_monotonic_us();

        ck_assert_int_ge(now, before);
        before = now;
    }
    ck_assert_int_gt(fc_time_now().us, 1700000000000000);
}
END_TEST

TCase *time_case(void)
{
    TCase *claims = tcase_create("time");

    tcase_add_loop_test(claims, rfc_3339_is_read_and_written_in_utc, 0, N(times));
    tcase_add_test(claims, microseconds_count_from_1970);
    tcase_add_test(claims, the_monotonic_clock_does_not_go_back);
    return claims;
}
