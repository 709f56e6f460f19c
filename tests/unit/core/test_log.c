#include <string.h>
#include <unistd.h>

#include <framecast/log.h>

#include "core/suites.h"

static int ends[2];
static char lines[8192];

static void open_log(enum fc_log_level least)
{
    ck_assert_int_eq(pipe(ends), 0);
    fc_log_to(ends[1], least);
}

static const char *logged(void)
{
    ssize_t n;

    ck_assert_int_eq(close(ends[1]), 0);
    n = read(ends[0], lines, sizeof lines - 1);
    ck_assert_int_ge((int)n, 0);
    lines[n] = '\0';
    ck_assert_int_eq(close(ends[0]), 0);
    return lines;
}

START_TEST(a_line_is_a_json_object_with_its_pairs)
{
    const char *line;

    open_log(FC_LOG_INFO);
    fc_log(FC_LOG_WARNING, "a \"b\"", FC_KV("job", "x\ny"), FC_KV_INT("n", -5),
           FC_KV("none", NULL));
    line = logged();
    ck_assert(strncmp(line, "{\"time\":\"2", 10) == 0);
    ck_assert_str_eq(strstr(line, ",\"level\""),
                     ",\"level\":\"warning\",\"message\":\"a \\\"b\\\"\","
                     "\"job\":\"x\\ny\",\"n\":-5,\"none\":\"\"}\n");
}
END_TEST

START_TEST(lesser_levels_are_left_out)
{
    open_log(FC_LOG_WARNING);
    fc_log(FC_LOG_DEBUG, "no");
    fc_log(FC_LOG_INFO, "no");
    fc_log(FC_LOG_ERROR, "yes");
    ck_assert_ptr_null(strstr(logged(), "no"));
    ck_assert_ptr_nonnull(strstr(lines, "\"yes\"}\n"));
}
END_TEST

START_TEST(what_is_no_utf8_stays_readable)
{
    open_log(FC_LOG_INFO);
    fc_log(FC_LOG_INFO, "x", FC_KV("a", "caf\xE9\"\x01"), FC_KV("b", "caf\xC3\xA9"));
    ck_assert_ptr_nonnull(
        strstr(logged(), "\"a\":\"caf\\u00e9\\u0022\\u0001\",\"b\":\"caf\xC3\xA9\"}\n"));
}
END_TEST

TCase *log_case(void)
{
    TCase *claims = tcase_create("log");

    tcase_add_test(claims, a_line_is_a_json_object_with_its_pairs);
    tcase_add_test(claims, lesser_levels_are_left_out);
    tcase_add_test(claims, what_is_no_utf8_stays_readable);
    return claims;
}
