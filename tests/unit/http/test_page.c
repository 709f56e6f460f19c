#include <string.h>

#include "crypt/crypt.h"
#include "suites.h"

static struct fc_page_at at;

static struct fc_page page_of(const char *cursor)
{
    return (struct fc_page){.cursor = cursor};
}

static const char *encode(const char *text)
{
    char *out = fc_alloc(arena, 2 * strlen(text) + 8);

    fc_crypt_base64url(text, strlen(text), out, 2 * strlen(text) + 8);
    return out;
}

static fc_status check(const char *cursor, int n_keys)
{
    struct fc_page page = page_of(cursor);

    return fc_page_check(&exchange("/v1/jobs")->rq, &page, 20, n_keys, &at);
}

static const struct {
    struct fc_opt_int limit, offset;
    int64_t otherwise, shown_limit, shown_offset;
} pages[] = {
    {{0}, {0}, 20, 20, 0},
    {{true, 5}, {true, 7}, 20, 5, 7},
    {{true, 0}, {true, -1}, 20, 1, 0},
    {{true, -5}, {0}, 20, 1, 0},
    {{true, 100}, {0}, 20, 100, 0},
    {{true, 101}, {0}, 20, 100, 0},
    {{true, INT64_MAX}, {true, INT64_MAX}, 20, 100, INT32_MAX},
    {{true, INT64_MIN}, {true, INT64_MIN}, 20, 1, 0},
    {{0}, {0}, 500, 500, 0},
};

START_TEST(limits_and_offsets_are_kept_in_their_range)
{
    for (int i = 0; i < N(pages); i++) {
        struct fc_page page = {.limit = pages[i].limit, .offset = pages[i].offset};

        ck_assert_int_eq(fc_page_check(&exchange("/")->rq, &page, pages[i].otherwise, 2, &at),
                         FC_OK);
        ck_assert_int_eq(at.limit, pages[i].shown_limit);
        ck_assert_int_eq(at.offset, pages[i].shown_offset);
        ck_assert_ptr_null(at.keys[0]);
    }
}
END_TEST

static const char *header(const struct fc_exchange *x, const char *name)
{
    for (int i = 0; i < x->n_headers; i++)
        if (strcmp(x->headers[i].name, name) == 0)
            return x->headers[i].value;
    return "";
}

START_TEST(the_next_cursor_holds_the_last_rows_key)
{
    struct fc_exchange *x = exchange("/v1/jobs?status=failed&cursor=old&limit=5&offset=3&");
    const char *cursor;

    fc_page_headers(&x->rq, "2026-01-02T03:04:05.678Z|6f1b");
    cursor = header(x, "X-Next-Cursor");
    ck_assert_int_eq(check(cursor, 2), FC_OK);
    ck_assert_str_eq(at.keys[0], "2026-01-02T03:04:05.678Z");
    ck_assert_str_eq(at.keys[1], "6f1b");
    ck_assert_str_eq(
        header(x, "Link"),
        fc_printf(arena, "</v1/jobs?status=failed&limit=5&cursor=%s>; rel=\"next\"", cursor));
}
END_TEST

START_TEST(a_cursor_of_another_list_is_refused)
{
    ck_assert_int_eq(check(encode("one"), 2), FC_E_VALIDATION);
    ck_assert_int_eq(check(encode("one|two|three"), 2), FC_E_VALIDATION);
    ck_assert_int_eq(check(encode("one|two|"), 2), FC_E_VALIDATION);
    ck_assert_int_eq(check(encode("one|two|three"), 3), FC_OK);
    ck_assert_str_eq(at.keys[2], "three");
    ck_assert_int_eq(check(encode("one"), 1), FC_OK);
    ck_assert_str_eq(at.keys[0], "one");
}
END_TEST

START_TEST(what_is_no_cursor_is_refused)
{
    static const char *const cursors[] = {
        "", "!", "a", "YQ==", "YQ", "cursor=", "b25lfHR3bw=", "b25l fHR3bw"};

    for (int i = 0; i < N(cursors); i++)
        ck_assert_msg(check(cursors[i], 2) == FC_E_VALIDATION, "%s", cursors[i]);
    ck_assert_int_eq(check(encode("\xFF|x"), 2), FC_E_VALIDATION);
    ck_assert_int_eq(check("AHw", 2), FC_E_VALIDATION); /* NUL and '|' */
}
END_TEST

START_TEST(a_cursor_and_an_offset_do_not_go_together)
{
    struct fc_page page = {.cursor = encode("a|b"), .offset = {true, 0}};

    ck_assert_int_eq(fc_page_check(&exchange("/")->rq, &page, 20, 2, &at), FC_E_VALIDATION);
}
END_TEST

TCase *page_case(void)
{
    TCase *claims = tcase_create("page");

    tcase_add_test(claims, limits_and_offsets_are_kept_in_their_range);
    tcase_add_test(claims, the_next_cursor_holds_the_last_rows_key);
    tcase_add_test(claims, a_cursor_of_another_list_is_refused);
    tcase_add_test(claims, what_is_no_cursor_is_refused);
    tcase_add_test(claims, a_cursor_and_an_offset_do_not_go_together);
    return claims;
}
