#include "media/range.h"
#include "suite.h"

enum { SIZE = 1000 };

static const struct {
    const char *header;
    enum fc_range_kind kind;
    int64_t first, n;
} asked[] = {
    {NULL, FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=0-499", FC_RANGE_PART, 0, 500},
    {"bytes=500-999", FC_RANGE_PART, 500, 500},
    {"bytes=0-0", FC_RANGE_PART, 0, 1},
    {"bytes=999-", FC_RANGE_PART, 999, 1},
    {"bytes=0-", FC_RANGE_PART, 0, SIZE},
    {"bytes=-1", FC_RANGE_PART, 999, 1},
    {"bytes=-1000", FC_RANGE_PART, 0, SIZE},
    {"bytes=-99999999999999999999999", FC_RANGE_PART, 0, SIZE},
    {"bytes=990-99999999999999999999", FC_RANGE_PART, 990, 10},
    {"BYTES= 1-2 ", FC_RANGE_PART, 1, 2},
    {"bytes=1000-", FC_RANGE_OUTSIDE, 0, 0},
    {"bytes=1000-1001", FC_RANGE_OUTSIDE, 0, 0},
    {"bytes=99999999999999999999-", FC_RANGE_OUTSIDE, 0, 0},
    {"bytes=-0", FC_RANGE_OUTSIDE, 0, 0},
    {"bytes=0-1,3-4", FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=2-1", FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=", FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=-", FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=a-b", FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=1-2x", FC_RANGE_WHOLE, 0, SIZE},
    {"bytes=1 - 2", FC_RANGE_WHOLE, 0, SIZE},
    {"items=0-1", FC_RANGE_WHOLE, 0, SIZE},
    {"", FC_RANGE_WHOLE, 0, SIZE},
};

START_TEST(a_range_is_read_as_the_standard_says)
{
    const struct fc_range range = fc_range_read(asked[_i].header, SIZE);

    ck_assert_msg(range.kind == asked[_i].kind, "%s: %d", asked[_i].header, (int)range.kind);
    ck_assert_int_eq(range.first, asked[_i].first);
    ck_assert_int_eq(range.n, asked[_i].n);
}
END_TEST

START_TEST(of_an_empty_file_no_part_can_be_had)
{
    ck_assert_int_eq(fc_range_read("bytes=0-", 0).kind, FC_RANGE_OUTSIDE);
    ck_assert_int_eq(fc_range_read("bytes=-5", 0).kind, FC_RANGE_OUTSIDE);
    ck_assert_int_eq(fc_range_read(NULL, 0).kind, FC_RANGE_WHOLE);
}
END_TEST

int main(void)
{
    TCase *claims = tcase_create("claims");

    tcase_add_loop_test(claims, a_range_is_read_as_the_standard_says, 0, N(asked));
    tcase_add_test(claims, of_an_empty_file_no_part_can_be_had);
    return run_suite("media", &claims, 1, NULL, NULL);
}
