#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
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

START_TEST(a_writer_writes_what_others_log_and_the_rest_at_the_end)
{
    struct pollfd ready = {.events = POLLIN};
    struct fc_error error;

    open_log(FC_LOG_INFO);
    ready.fd = ends[0];
    ck_assert_int_eq(fc_log_start(&error), FC_OK);
    fc_log(FC_LOG_INFO, "first");
    ck_assert_int_eq(poll(&ready, 1, 60000), 1);
    fc_log(FC_LOG_INFO, "second");
    fc_log(FC_LOG_WARNING, "third");
    fc_log_stop(60000);
    ck_assert_ptr_nonnull(strstr(logged(), "\"first\"}\n"));
    ck_assert(strstr(lines, "\"second\"}\n") < strstr(lines, "\"third\"}\n"));
}
END_TEST

static void *log_many(void *arg)
{
    for (int i = 0; i < 500; i++)
        fc_log(FC_LOG_INFO, arg);
    return NULL;
}

START_TEST(lines_of_several_threads_are_all_written_once_and_whole)
{
    static char names[4][8] = {"one", "two", "three", "four"};
    pthread_t threads[4];
    struct fc_error error;
    FILE *file = tmpfile();
    char line[256], wanted[64];
    int counts[N(names)] = {0}, n = 0;

    ck_assert_ptr_nonnull(file);
    fc_log_to(fileno(file), FC_LOG_INFO);
    ck_assert_int_eq(fc_log_start(&error), FC_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    fc_log_stop(0);
    rewind(file);
    for (; fgets(line, sizeof line, file) != NULL; n++)
        for (int i = 0; i < N(names); i++) {
            (void)snprintf(wanted, sizeof wanted, "\"message\":\"%s\"}\n", names[i]);
            counts[i] += strncmp(line, "{\"time\":\"2", 10) == 0 && strstr(line, wanted) != NULL;
        }
    for (int i = 0; i < N(names); i++)
        ck_assert_int_eq(counts[i], 500);
    ck_assert_int_eq(n, 2000);
    (void)fclose(file);
}
END_TEST

/* Reads all that has been written; how many lines say @message. */
static int count_lines(const char *message)
{
    struct pollfd ready = {.fd = ends[0], .events = POLLIN};
    char wanted[64];
    int n = 0;

    (void)snprintf(wanted, sizeof wanted, "\"message\":\"%s\"", message);
    for (;;) {
        size_t got = 0;

        fc_log_stop(0); /* writes what did not fit before */
        if (poll(&ready, 1, 0) == 0)
            return n;
        do { /* a line at a time */
            ck_assert_int_eq(read(ends[0], lines + got, 1), 1);
        } while (lines[got++] != '\n');
        lines[got] = '\0';
        n += strstr(lines, wanted) != NULL;
    }
}

START_TEST(a_reader_that_stops_reading_stops_nobody_and_is_told_what_it_missed)
{
    enum { LINES = 40000 }; /* more than the pipe and the buffer hold */
    const char *said;
    int n;

    open_log(FC_LOG_INFO);
    for (int i = 0; i < LINES; i++)
        fc_log(FC_LOG_INFO, "a line", FC_KV("filler", "0123456789012345678901234567890123456789"));
    n = count_lines("a line");
    ck_assert_int_gt(n, 1000);
    ck_assert_int_lt(n, LINES);
    said = strstr(lines, "\"log lines were dropped because nobody read them\",\"n\":");
    ck_assert_ptr_nonnull(said);
    ck_assert_int_eq(strtol(strstr(said, "\"n\":") + 4, NULL, 10), LINES - n);
    (void)logged();
}
END_TEST

TCase *log_case(void)
{
    TCase *claims = tcase_create("log");

    tcase_set_timeout(claims, 60); /* it reads byte by byte, which takes long under a sanitizer */
    tcase_add_test(claims, a_line_is_a_json_object_with_its_pairs);
    tcase_add_test(claims, lesser_levels_are_left_out);
    tcase_add_test(claims, what_is_no_utf8_stays_readable);
    tcase_add_test(claims, a_writer_writes_what_others_log_and_the_rest_at_the_end);
    tcase_add_test(claims, lines_of_several_threads_are_all_written_once_and_whole);
    tcase_add_test(claims, a_reader_that_stops_reading_stops_nobody_and_is_told_what_it_missed);
    return claims;
}
