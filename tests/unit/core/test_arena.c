#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "core/suites.h"

START_TEST(memory_is_zeroed_and_aligned)
{
    for (size_t size = 0; size < 600; size += 7) {
        unsigned char *bytes = fc_alloc(arena, size);

        ck_assert_uint_eq((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(bytes[i], 0);
        memset(bytes, 0xFF, size);
    }
}
END_TEST

START_TEST(large_and_small_pieces_do_not_overlap)
{
    static const size_t sizes[] = {1, 5000, 16, 300000, 1, 4096, 1000000, 3};
    unsigned char *pieces[N(sizes)];

    for (int i = 0; i < N(sizes); i++) {
        pieces[i] = fc_alloc(arena, sizes[i]);
        memset(pieces[i], i + 1, sizes[i]);
    }
    for (int i = 0; i < N(sizes); i++) {
        ck_assert_uint_eq(pieces[i][0], (unsigned)i + 1);
        ck_assert_uint_eq(pieces[i][sizes[i] - 1], (unsigned)i + 1);
    }
    ck_assert_uint_ge(fc_arena_used(arena), 1309118);
}
END_TEST

START_TEST(an_overflowing_array_aborts)
{
    volatile size_t many = SIZE_MAX / 2;

    (void)fc_alloc_array(arena, many, 4);
}
END_TEST

START_TEST(copies_are_closed)
{
    ck_assert_ptr_null(fc_copy(arena, NULL));
    ck_assert_str_eq(fc_copy(arena, "abc"), "abc");
    ck_assert_str_eq(fc_copy_n(arena, "abcdef", 3), "abc");
    ck_assert_str_eq(fc_copy_n(arena, NULL, 0), "");
    ck_assert_str_eq(fc_printf(arena, "%d-%s", 7, "x"), "7-x");
}
END_TEST

static char undone[8];

static void undo(void *thing)
{
    size_t n = strlen(undone);

    undone[n] = *(const char *)thing;
    undone[n + 1] = '\0';
}

START_TEST(what_was_deferred_runs_last_first)
{
    struct fc_arena *own = fc_arena_new();

    undone[0] = '\0';
    fc_arena_defer(own, undo, fc_copy(own, "a"));
    fc_arena_defer(own, undo, fc_copy(own, "b"));
    fc_arena_defer(own, undo, fc_copy(own, "c"));
    ck_assert_str_eq(undone, "");
    fc_arena_free(own);
    ck_assert_str_eq(undone, "cba");
    fc_arena_free(NULL);
}
END_TEST

START_TEST(an_emptied_arena_is_as_new)
{
    struct fc_arena *own = fc_arena_new();

    undone[0] = '\0';
    for (int round = 0; round < 3; round++) {
        memset(fc_alloc(own, 1000), 0xFF, 1000);
        memset(fc_alloc(own, 1000000), 0xFF, 1000000);
        fc_arena_defer(own, undo, fc_copy(own, "x"));
        fc_arena_empty(own);
        ck_assert_uint_eq(strlen(undone), (size_t)round + 1);
        ck_assert_uint_eq(fc_arena_used(own), 0);
        ck_assert_int_eq(*(const char *)fc_alloc(own, 1000), 0);
    }
    fc_arena_free(own);
    ck_assert_str_eq(undone, "xxx");
}
END_TEST

TCase *arena_case(void)
{
    TCase *claims = tcase_create("arena");

    tcase_add_test(claims, memory_is_zeroed_and_aligned);
    tcase_add_test(claims, large_and_small_pieces_do_not_overlap);
    tcase_add_test_raise_signal(claims, an_overflowing_array_aborts, SIGABRT);
    tcase_add_test(claims, copies_are_closed);
    tcase_add_test(claims, what_was_deferred_runs_last_first);
    tcase_add_test(claims, an_emptied_arena_is_as_new);
    return claims;
}
