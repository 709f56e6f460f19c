#include <string.h>

#include "storyboard/support.h"

#define UUID1 "6f1b0a9e-0000-4000-8000-000000000001"
#define UUID2 "6f1b0a9e-0000-4000-8000-000000000002"
#define UPPER1 "6F1B0A9E-0000-4000-8000-000000000001"

static const struct fc_json *film_with_assets(void)
{
    return film(
        "'global_audio':{'ambient':{'asset_id':'asset_ambient_sea'}},"
        "'symbols':{'s':{'prompt':'x','reference_images':[{'id':'" UPPER1
        "'}],'voice':{'asset_id':'" UUID2 "'}}},"
        "'scenes':[{'id':'a','prompt':'@s','duration':5,'audio':{'music':{'asset_id':'asset_"
        "ambient_sea'},"
        "'sfx':[{'asset_id':'" UUID1 "'},{'asset_id':'" UUID2 "'}]}}],"
        "'transitions':{'default':{'type':'fade','audio':{'asset_id':'asset_transition_x'}}}");
}

START_TEST(each_asset_is_asked_for_once_for_each_need)
{
    struct fc_check *check = checked(film_with_assets());
    struct fc_buffer b = fc_buffer_in(arena);

    fc_check_put_assets(check, &b);
    ck_assert_str_eq(b.data,
                     quoted("[{'id':'asset_ambient_sea','need':'audio'},{'id':'" UUID1
                            "','need':'image'},"
                            "{'id':'" UUID2 "','need':'audio'},{'id':'" UUID1 "','need':'audio'},"
                            "{'id':'asset_transition_x','need':'audio'}]"));
    ck_assert_uint_eq(fc_check_n_assets(check), 5);
}
END_TEST

START_TEST(a_storyboard_without_assets_asks_for_none)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_check_put_assets(checked(film("")), &b);
    ck_assert_str_eq(b.data, "[]");
    ck_assert_uint_eq(fc_check_n_assets(checked(film(""))), 0);
}
END_TEST

static const struct {
    const char *why, *facts, *errors;
} judged[] = {
    {"all is well",
     "{'id':'asset_ambient_sea','system':true,'found':true},{'id':'asset_transition_x','system':"
     "true,'found':true},"
     "{'id':'" UUID1
     "','system':false,'found':true,'status':'ready','kind':'image','content_type':'image/png'},"
     "{'id':'" UUID2
     "','system':false,'found':true,'status':'ready','kind':'audio','content_type':'audio/mpeg'}",
     "scenes[0].audio.sfx[0].asset_id asset_wrong_kind value='" UUID1 "' valid=['audio']"},
    {"nothing is there", "",
     "global_audio.ambient.asset_id system_asset_not_found value='asset_ambient_sea'\n"
     "symbols.s.reference_images[0].id asset_not_found value='" UPPER1 "'\n"
     "symbols.s.voice.asset_id asset_not_found value='" UUID2 "'\n"
     "scenes[0].audio.music.asset_id system_asset_not_found value='asset_ambient_sea'\n"
     "scenes[0].audio.sfx[0].asset_id asset_not_found value='" UUID1 "'\n"
     "scenes[0].audio.sfx[1].asset_id asset_not_found value='" UUID2 "'\n"
     "transitions.default.audio.asset_id system_asset_not_found value='asset_transition_x'"},
    {"not ready, no asset at all",
     "{'id':'asset_ambient_sea','system':true,'found':true},{'id':'asset_transition_x','system':"
     "true,'found':false},"
     "{'id':'" UUID1
     "','system':false,'found':true,'status':'pending','kind':'image','content_type':'image/png'},"
     "{'id':'" UUID2
     "','system':false,'found':true,'status':'ready','kind':'storyboard','content_type':'audio/x'}",
     "symbols.s.reference_images[0].id asset_not_ready value='" UPPER1 "' valid=['ready']\n"
     "symbols.s.voice.asset_id asset_wrong_kind value='" UUID2 "' valid=['audio']\n"
     "scenes[0].audio.sfx[0].asset_id asset_not_ready value='" UUID1 "' valid=['ready']\n"
     "scenes[0].audio.sfx[1].asset_id asset_wrong_kind value='" UUID2 "' valid=['audio']\n"
     "transitions.default.audio.asset_id system_asset_not_found value='asset_transition_x'"},
};

START_TEST(assets_are_judged_by_the_facts)
{
    struct fc_check *check = checked(film_with_assets());
    const char *errors;

    fc_check_assets(check, json(fc_printf(arena, "[%s]", judged[_i].facts)));
    errors = told(check, "errors");
    ck_assert_msg(strcmp(errors, judged[_i].errors) == 0, "%s:\n%s", judged[_i].why, errors);
    ck_assert(!fc_check_valid(check));
}
END_TEST

START_TEST(some_ids_are_no_assets_whatever_the_facts)
{
    struct fc_check *check = checked(
        film("'title':1,'global_audio':{'music':{'asset_id':''},'ambient':{'asset_id':'framecast:"
             "system:sfx:x'}},"
             "'symbols':{'s':{'prompt':'x','reference_images':[{'id':'asset_image'}],"
             "'voice':{'asset_id':'asset_sfx_whoosh'}}}"));

    ck_assert_uint_eq(fc_check_n_assets(check), 0);
    ck_assert(!fc_check_valid(check));
    ck_assert_str_eq(
        told(check, "errors"),
        "title wrong_type value=1 valid=['string']\n"
        "global_audio.music.asset_id invalid_asset_id value=''\n"
        "global_audio.ambient.asset_id invalid_asset_id value='framecast:system:sfx:x'\n"
        "symbols.s.reference_images[0].id invalid_asset_id value='asset_image'\n"
        "symbols.s.voice.asset_id invalid_asset_id value='asset_sfx_whoosh'");
}
END_TEST

START_TEST(messages_are_cut_between_characters)
{
    struct fc_buffer id = fc_buffer_in(arena), b = fc_buffer_in(arena);
    struct fc_check *check;

    fc_put(&id, "asset_a");
    for (int i = 0; i < 300; i++)
        fc_put(&id, "\xC3\xA9");
    check = checked(film(fc_printf(arena, "'global_audio':{'music':{'asset_id':'%s'}}", id.data)));
    fc_check_assets(check, json("[]"));
    fc_check_put_result(check, &b);
    ck_assert(fc_utf8_ok(b.data, b.n));
}
END_TEST

START_TEST(asset_errors_come_after_all_others)
{
    struct fc_check *check = checked(
        film("'global_audio':{'music':{'asset_id':'?'}},'timeline':5"));

    fc_check_assets(check, json("[]"));
    ck_assert_str_eq(told(check, "errors"),
                     "timeline wrong_type value=5 valid=['array']\n"
                     "global_audio.music.asset_id invalid_asset_id value='?'");
}
END_TEST

Suite *assets_suite(void)
{
    Suite *suite = suite_create("storyboard: assets");
    TCase *claims = case_new(suite, "claims");

    tcase_add_test(claims, each_asset_is_asked_for_once_for_each_need);
    tcase_add_test(claims, a_storyboard_without_assets_asks_for_none);
    tcase_add_loop_test(claims, assets_are_judged_by_the_facts, 0, N(judged));
    tcase_add_test(claims, some_ids_are_no_assets_whatever_the_facts);
    tcase_add_test(claims, messages_are_cut_between_characters);
    tcase_add_test(claims, asset_errors_come_after_all_others);
    return suite;
}
