#include "suites.h"

static struct fc_dealer dealer;
static int n_got[8];

static void deal_to(int n_loops)
{
    dealer = fc_dealer(arena, n_loops);
    for (int i = 0; i < N(n_got); i++)
        n_got[i] = 0;
}

static void connect_from(int processor, int n)
{
    for (int i = 0; i < n; i++)
        n_got[fc_deal(&dealer, processor)]++;
}

/* Connections from these processors, again and again: the loops have them in turn. */
#define ALTERNATE(n_connections, ...)                                                              \
    alternate((n_connections), (const int[]){__VA_ARGS__}, N(((const int[]){__VA_ARGS__})))

static void alternate(int n_connections, const int *processors, int n_processors)
{
    for (int i = 0; i < n_connections; i++)
        ck_assert_int_eq(fc_deal(&dealer, processors[i % n_processors]), i % dealer.n_loops);
}

START_TEST(connections_go_to_the_loop_of_their_processor)
{
    deal_to(2);
    ALTERNATE(10000, 0, 1);
}
END_TEST

START_TEST(also_when_one_client_is_there_before_the_other)
{
    deal_to(2);
    connect_from(0, 32);
    ck_assert_int_eq(n_got[0], 32);
    connect_from(1, 32);
    ck_assert_int_eq(n_got[1], 32);
}
END_TEST

START_TEST(processors_have_loops_of_their_own_whatever_their_numbers)
{
    deal_to(4);
    ALTERNATE(400, 6, 2, 4, 100000);
}
END_TEST

START_TEST(processors_without_a_loop_of_their_own_share_those_there_are)
{
    deal_to(3);
    ALTERNATE(60, 0, 1, 2, 3, 4, 5);
}
END_TEST

START_TEST(a_single_processor_s_connections_are_spread_over_all_loops)
{
    for (int n_loops = 1; n_loops <= 8; n_loops++) {
        deal_to(n_loops);
        connect_from(5, 1600 * n_loops);
        for (int i = 0; i < n_loops; i++)
            ck_assert_msg(n_got[i] >= 1560 && n_got[i] <= 1640, "loop %d of %d got %d", i, n_loops,
                          n_got[i]);
    }
}
END_TEST

START_TEST(no_loop_has_much_more_than_its_share)
{
    deal_to(4);
    for (int i = 0; i < 10000; i++)
        connect_from(i % 3 == 0 ? i % 4 : 2, 1); /* three of four by the same processor */
    for (int i = 0; i < 4; i++)
        ck_assert_msg(n_got[i] >= 1500 && n_got[i] <= 3200, "loop %d got %d", i, n_got[i]);
}
END_TEST

START_TEST(a_client_that_moves_is_followed)
{
    deal_to(2);
    connect_from(0, 5000);
    n_got[0] = n_got[1] = 0;
    for (int i = 0; i < 5000; i++)
        connect_from(i % 2, 1); /* the first was half of what is remembered, then a quarter, ... */
    ALTERNATE(100, 0, 1);
}
END_TEST

START_TEST(when_the_processor_is_unknown_they_are_dealt_in_turn)
{
    deal_to(3);
    ALTERNATE(3000, -1);
}
END_TEST

TCase *deal_case(void)
{
    TCase *tcase = tcase_create("deal");

    tcase_add_test(tcase, connections_go_to_the_loop_of_their_processor);
    tcase_add_test(tcase, also_when_one_client_is_there_before_the_other);
    tcase_add_test(tcase, processors_have_loops_of_their_own_whatever_their_numbers);
    tcase_add_test(tcase, processors_without_a_loop_of_their_own_share_those_there_are);
    tcase_add_test(tcase, a_single_processor_s_connections_are_spread_over_all_loops);
    tcase_add_test(tcase, no_loop_has_much_more_than_its_share);
    tcase_add_test(tcase, a_client_that_moves_is_followed);
    tcase_add_test(tcase, when_the_processor_is_unknown_they_are_dealt_in_turn);
    return tcase;
}
