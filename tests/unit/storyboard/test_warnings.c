#include <string.h>

#include "storyboard/support.h"

static const struct {
    const char *why, *members, *warnings;
} films[] = {
    {"long scenes",
     "'scenes':[{'id':'a','prompt':'x','duration':10},{'id':'b','prompt':'x','duration':10.1}]",
     "scenes[1].duration long_scene"},
    {"unknown fields at every level",
     "'extra':1,'global_prompt':{'neutral':1},'global_audio':{'music':{'asset_id':'asset_x','pan':"
     "0}},"
     "'symbols':{'s':{'prompt':'x','Prompt':1}},'transitions':{'default':{'type':'fade','params':{'"
     "free':1},'odd':1}},"
     "'scenes':[{'id':'a','prompt':'@s','duration':1,'camera "
     "mode':1,'audio':{'voice':1,'sfx':[{'asset_id':'asset_x','at':1}]}}],"
     "'timeline':[{'scene':'a','note':'x'}],'version':2",
     "global_prompt.neutral unknown_field\nglobal_audio.music.pan unknown_field\nsymbols.s.Prompt "
     "unknown_field\n"
     "scenes[0].audio.sfx[0].at unknown_field\nscenes[0].audio.voice unknown_field\n"
     "scenes[0]['camera mode'] unknown_field\ntransitions.default.odd unknown_field\n"
     "timeline[0].note unknown_field\nextra unknown_field\nversion unknown_field"},
    {"keys that prompts cannot express",
     "'symbols':{'old man':{'prompt':'x'},'a-b':{'prompt':'x'},'A_1':{'prompt':'x'}},"
     "'scenes':[{'id':'a','prompt':'@A_1','duration':1}]",
     "symbols['old man'] unreferencable_symbol\nsymbols['old man'] unused_symbol\n"
     "symbols['a-b'] unreferencable_symbol\nsymbols['a-b'] unused_symbol"},
    {"symbols that nobody uses",
     "'symbols':{'s':{'prompt':'x'},'t':{'prompt':'x'},'u':{'prompt':'x',"
     "'voice':{'asset_id':'6f1b0a9e-0000-4000-8000-000000000001'}}},"
     "'scenes':[{'id':'a','prompt':'by "
     "@s','duration':1,'audio':{'dialogue':[{'text':'x','speaker':'u'}]}}]",
     "symbols.t unused_symbol"},
    {"scenes that the timeline leaves out", "'timeline':[{'scene':'a'}]", "scenes[1] unused_scene"},
    {"groups play scenes",
     "'timeline':[{'flashback':{'scenes':['a']}},{'montage':{'scenes':['b']}}]", ""},
    {"without a timeline all are played", "'timeline':[]", ""},
    {"scenes of the same order",
     "'scenes':[{'id':'a','prompt':'x','duration':1,'order':2},"
     "{'id':'b','prompt':'x','duration':1},{'id':'c','prompt':'x','duration':1,'order':2.0},"
     "{'id':'d','prompt':'x','duration':1,'order':2}]",
     "scenes[2].order duplicate_order\nscenes[3].order duplicate_order"},
    {"do not matter with a timeline",
     "'scenes':[{'id':'a','prompt':'x','duration':1,'order':2},"
     "{'id':'b','prompt':'x','duration':1,'order':2}],'timeline':[{'scene':'a'},{'scene':'b'}]",
     ""},
    {"sounds after their scene",
     "'scenes':[{'id':'a','prompt':'x','duration':2,'audio':{"
     "'sfx':[{'asset_id':'asset_x','start':2},{'asset_id':'asset_x','start':1.99}],"
     "'dialogue':[{'text':'x','start':1},{'text':'x','start':9}]}}]",
     "scenes[0].audio.sfx[0].start starts_after_scene\nscenes[0].audio.dialogue[1].start "
     "starts_after_scene"},
    {"transitions that stand between nothing",
     "'transition_presets':{'p':{'type':'fade'}},"
     "'timeline':[{'transition':'p'},{'scene':'a'},{'transition':'p'},{'scene':'b'},{'transition':'"
     "p'},{'transition':'p'},"
     "{'scene':'a'},{'transition':'p'}]",
     "timeline[0] transition_position\ntimeline[4] transition_position\ntimeline[5] "
     "transition_position\n"
     "timeline[7] transition_position"},
    {"a film of more than 300 seconds",
     "'scenes':[{'id':'a','prompt':'x','duration':10}],'timeline':["
     "{'montage':{'scenes':['a','a','a','a','a','a','a','a','a','a','a','a','a','a','a','a']}},"
     "{'flashback':{'scenes':['a','a','a','a','a','a','a','a','a','a','a','a','a','a']}},{'scene':'"
     "a'}]",
     "timeline timeline_too_long"},
    {"but not one of exactly so many",
     "'scenes':[{'id':'a','prompt':'x','duration':10}],'timeline':["
     "{'montage':{'scenes':['a','a','a','a','a','a','a','a','a','a','a','a','a','a','a']}},"
     "{'flashback':{'scenes':['a','a','a','a','a','a','a','a','a','a','a','a','a','a']}},{'scene':'"
     "a'}]",
     ""},
    {"custom transitions that do nothing",
     "'transition_presets':{'p':{'type':'custom'},'q':{'type':'custom','effects':[]},"
     "'r':{'type':'custom','effects':[{'name':'x'}]}},'transitions':{'default':{'type':'custom','"
     "effects':null}},"
     "'timeline':[{'scene':'a'},{'transition':{'type':'custom'}},{'scene':'b'}]",
     "transition_presets.p custom_without_effects\ntransition_presets.q custom_without_effects\n"
     "transitions.default custom_without_effects\ntimeline[1].transition custom_without_effects"},
};

START_TEST(each_warning_has_its_path_and_spoils_nothing)
{
    struct fc_check *check = checked(film(films[_i].members));
    const char *warnings = told(check, "warnings");

    ck_assert_msg(strcmp(warnings, films[_i].warnings) == 0, "%s:\n%s", films[_i].why, warnings);
    ck_assert_str_eq(told(check, "errors"), "");
    ck_assert(fc_check_valid(check));
}
END_TEST

Suite *warnings_suite(void)
{
    Suite *suite = suite_create("storyboard: warnings");

    tcase_add_loop_test(case_new(suite, "claims"), each_warning_has_its_path_and_spoils_nothing, 0,
                        N(films));
    return suite;
}
