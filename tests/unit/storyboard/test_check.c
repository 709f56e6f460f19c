#include <string.h>

#include "storyboard/support.h"

/* Members put into the small film, and the errors that follow. */
static const struct {
    const char *why, *members, *errors;
} films[] = {
    {"the film itself is valid", "", ""},
    {"null is absent",
     "'global_prompt':null,'global_audio':null,'symbols':null,'transition_presets':null,"
     "'transitions':null,'timeline':null",
     ""},
    {"a title is required", "'title':null", "title required value=null"},
    {"a title is a string", "'title':5", "title wrong_type value=5 valid=['string']"},
    {"wrong scalars are told as they are written", "'title':1.50e2",
     "title wrong_type value=1.50e2 valid=['string']"},
    {"wrong containers are not told", "'title':['x']", "title wrong_type valid=['string']"},
    {"a title is not blank", "'title':' \\u2003\\n'",
     "title empty value=' \xE2\x80\x83\\n' limit=1"},
    {"a title is not empty", "'title':''", "title empty value='' limit=1"},
    {"the prompts of the film are text", "'global_prompt':{'positive':1,'negative':true}",
     "global_prompt.positive wrong_type value=1 valid=['string']\n"
     "global_prompt.negative wrong_type value=true valid=['string']"},
    {"and may be blank", "'global_prompt':{'positive':'','negative':' '}", ""},
    {"what has the wrong type is not looked into", "'global_audio':[{'music':5}]",
     "global_audio wrong_type valid=['object']"},
    {"a sound needs an asset",
     "'global_audio':{'music':{'volume':2,'fade_in':-1,'fade_out':'x','loop':1}}",
     "global_audio.music.asset_id required value=null\n"
     "global_audio.music.volume out_of_range value=2 limit=1\n"
     "global_audio.music.fade_in out_of_range value=-1 limit=0\n"
     "global_audio.music.fade_out wrong_type value='x' valid=['number']\n"
     "global_audio.music.loop wrong_type value=1 valid=['boolean']"},
    {"numbers are finite", "'global_audio':{'music':{'asset_id':'asset_x','fade_in':1e400}}",
     "global_audio.music.fade_in out_of_range value=1e400 limit=1.7976931348623157e+308"},
    {"symbols are a map", "'symbols':[]", "symbols wrong_type valid=['object']"},
    {"a symbol needs a prompt", "'symbols':{'s':{}}", "symbols.s.prompt required value=null"},
    {"a symbol is an object", "'symbols':{'s':'x'}",
     "symbols.s wrong_type value='x' valid=['object']"},
    {"odd keys are bracketed", "'symbols':{'old man':{'prompt':''}}",
     "symbols['old man'].prompt empty value='' limit=1"},
    {"keys are not empty", "'symbols':{'':{'prompt':'x'}},'transition_presets':{'':{'type':'cut'}}",
     "symbols[''] empty value='' limit=1\ntransition_presets[''] empty value='' limit=1"},
    {"reference images have an id and a weight",
     "'symbols':{'s':{'prompt':'x','reference_images':[{'weight':1.5},7]}}",
     "symbols.s.reference_images[0].id required value=null\n"
     "symbols.s.reference_images[0].weight out_of_range value=1.5 limit=1\n"
     "symbols.s.reference_images[1] wrong_type value=7 valid=['object']"},
    {"their links are not looked at",
     "'symbols':{'s':{'prompt':'x','reference_images':[{'id':'6f1b0a9e-0000-4000-8000-000000000001'"
     ",'url':5}]}}",
     ""},
    {"a voice has an asset", "'symbols':{'s':{'prompt':'x','voice':{}}}",
     "symbols.s.voice.asset_id required value=null"},
    {"scenes are required", "'scenes':null", "scenes required value=null"},
    {"scenes are an array", "'scenes':{}", "scenes wrong_type valid=['array']"},
    {"there is a scene", "'scenes':[]", "scenes empty value=0 limit=1"},
    {"a scene is an object", "'scenes':[null,'a']",
     "scenes[0] wrong_type value=null valid=['object']\nscenes[1] wrong_type value='a' "
     "valid=['object']"},
    {"a scene has an id, a prompt and a duration", "'scenes':[{}]",
     "scenes[0].id required value=null\nscenes[0].prompt required value=null\nscenes[0].duration "
     "required value=null"},
    {"ids have a form",
     "'scenes':[{'id':'a b','prompt':'x','duration':1},{'id':'','prompt':'x','duration':1}]",
     "scenes[0].id invalid_format value='a b'\nscenes[1].id invalid_format value=''"},
    {"ids are unique",
     "'scenes':[{'id':'a','prompt':'x','duration':1},{'id':'a','prompt':'x','duration':1},"
     "{'id':'a','prompt':'x','duration':1}]",
     "scenes[1].id duplicate value='a'\nscenes[2].id duplicate value='a'"},
    {"durations have bounds",
     "'scenes':[{'id':'a','prompt':'x','duration':0.999},{'id':'b','prompt':'x','duration':30.5},"
     "{'id':'c','prompt':'x','duration':1},{'id':'d','prompt':'x','duration':30}]",
     "scenes[0].duration out_of_range value=0.999 limit=1\nscenes[1].duration out_of_range "
     "value=30.5 limit=30"},
    {"text is no number",
     "'scenes':[{'id':'a','prompt':'x','duration':'5'},{'id':'b','prompt':'x','duration':true}]",
     "scenes[0].duration wrong_type value='5' valid=['number']\nscenes[1].duration wrong_type "
     "value=true valid=['number']"},
    {"orders are numbers", "'scenes':[{'id':'a','prompt':'x','duration':1,'order':'1'}]",
     "scenes[0].order wrong_type value='1' valid=['number']"},
    {"symbols that prompts mention exist",
     "'symbols':{'s':{'prompt':'x'}},'scenes':[{'id':'a','prompt':'@s @hero @t2 @hero, me@s.x @ "
     "@@','duration':1},"
     "{'id':'b','prompt':'@hero','duration':1}]",
     "scenes[0].prompt unknown_symbol value='hero' valid=['s']\nscenes[0].prompt unknown_symbol "
     "value='t2' valid=['s']\n"
     "scenes[1].prompt unknown_symbol value='hero' valid=['s']"},
    {"the longest run of a name counts",
     "'symbols':{'crowd':{'prompt':'x'}},"
     "'scenes':[{'id':'a','prompt':'@crowd\\u0027s @crowds','duration':1}]",
     "scenes[0].prompt unknown_symbol value='crowds' valid=['crowd']"},
    {"presets are definitions",
     "'transition_presets':{'p':'cut','q':{'type':'warp'},'r':{'duration':11}}",
     "transition_presets.p wrong_type value='cut' valid=['object']\n"
     "transition_presets.q.type invalid_value value='warp' "
     "valid=['cut','fade','dissolve','wipe','blur','zoom','flash','glitch','custom']\n"
     "transition_presets.r.type required value=null\n"
     "transition_presets.r.duration out_of_range value=11 limit=10"},
    {"params are free", "'transition_presets':{'p':{'type':'fade','params':{'a':[{}],'type':5}}}",
     ""},
    {"but an object", "'transition_presets':{'p':{'type':'fade','params':[]}}",
     "transition_presets.p.params wrong_type valid=['object']"},
    {"effects have names",
     "'transition_presets':{'p':{'type':'custom','effects':[{'name':''},{'from':'a','easing':1}]}}",
     "transition_presets.p.effects[0].name empty value='' limit=1\n"
     "transition_presets.p.effects[1].name required value=null\n"
     "transition_presets.p.effects[1].from wrong_type value='a' valid=['number']\n"
     "transition_presets.p.effects[1].easing wrong_type value=1 valid=['string']"},
    {"the asset of a transition is optional",
     "'transition_presets':{'p':{'type':'fade','audio':{'volume':0.5}}}", ""},
    {"keys of transitions name two scenes",
     "'transitions':{'default':'cut','a->b':'fade','a':'cut','->b':'cut','a->':'cut','a->b->a':'"
     "cut','>':'cut'}",
     "transitions.a invalid_transition_key value='a'\n"
     "transitions['->b'] invalid_transition_key value='->b'\n"
     "transitions['a->'] invalid_transition_key value='a->'\n"
     "transitions['a->b->a'] invalid_transition_key value='a->b->a'\n"
     "transitions['>'] invalid_transition_key value='>'"},
    {"and both must exist", "'transitions':{'a->x':'cut','y->z':'cut'}",
     "transitions['a->x'] unknown_scene value='x' valid=['a','b']\n"
     "transitions['y->z'] unknown_scene value='y' valid=['a','b']\n"
     "transitions['y->z'] unknown_scene value='z' valid=['a','b']"},
    {"ids may end in a hyphen",
     "'scenes':[{'id':'a-','prompt':'x','duration':1}],'transitions':{'a-->a-':'cut'}", ""},
    {"the map takes presets and types",
     "'transition_presets':{'p':{'type':'fade'},'fade':{'type':'wipe'}},"
     "'transitions':{'default':'p','a->b':'fade','b->a':'custom'}",
     "transitions['b->a'] unknown_transition value='custom' "
     "valid=['p','fade','cut','dissolve','wipe','blur','zoom','flash','glitch']"},
    {"or definitions", "'transitions':{'default':{'type':'nope'},'a->b':7}",
     "transitions.default.type invalid_value value='nope' "
     "valid=['cut','fade','dissolve','wipe','blur','zoom','flash','glitch','custom']\n"
     "transitions['a->b'] wrong_type value=7 valid=['string','object']"},
    {"the timeline takes presets only",
     "'transition_presets':{'p':{'type':'fade'}},"
     "'timeline':[{'scene':'a'},{'transition':'cut'},{'scene':'b'},{'montage':{'scenes':['a'],'"
     "transition':'q'}}]",
     "timeline[1].transition unknown_transition value='cut' valid=['p']\n"
     "timeline[3].montage.transition unknown_transition value='q' valid=['p']"},
    {"an element has exactly one member",
     "'timeline':[{},{'scene':'a','transition':'x'},{'scene':'a','montage':null}]",
     "timeline[0] invalid_element value=[] valid=['scene','transition','flashback','montage']\n"
     "timeline[1] invalid_element value=['scene','transition'] "
     "valid=['scene','transition','flashback','montage']\n"
     "timeline[1].transition unknown_transition value='x' valid=[]"},
    {"the timeline names scenes",
     "'timeline':[{'scene':'harbor'},{'flashback':{'scenes':['a','c']}},"
     "{'montage':{'scenes':['d',5]}}]",
     "timeline[0].scene unknown_scene value='harbor' valid=['a','b']\n"
     "timeline[1].flashback.scenes[1] unknown_scene value='c' valid=['a','b']\n"
     "timeline[2].montage.scenes[0] unknown_scene value='d' valid=['a','b']\n"
     "timeline[2].montage.scenes[1] wrong_type value=5 valid=['string']"},
    {"groups have scenes", "'timeline':[{'flashback':{}},{'montage':{'scenes':[]}}]",
     "timeline[0].flashback.scenes required value=null\ntimeline[1].montage.scenes empty value=0 "
     "limit=1"},
    {"treatments have bounds",
     "'timeline':[{'flashback':{'scenes':['a','b'],'treatment':"
     "{'desaturate':2,'vignette':1,'grain':-0.1,'blur':101}}}]",
     "timeline[0].flashback.treatment.desaturate out_of_range value=2 limit=1\n"
     "timeline[0].flashback.treatment.vignette wrong_type value=1 valid=['boolean']\n"
     "timeline[0].flashback.treatment.grain out_of_range value=-0.1 limit=0\n"
     "timeline[0].flashback.treatment.blur out_of_range value=101 limit=100"},
    {"an empty timeline counts as none", "'timeline':[]", ""},
    {"errors come in the order of the document",
     "'timeline':5,'transitions':5,'symbols':5,'title':5,'global_audio':5,'global_prompt':5,'"
     "transition_presets':5,"
     "'scenes':5",
     "title wrong_type value=5 valid=['string']\nglobal_prompt wrong_type value=5 "
     "valid=['object']\n"
     "global_audio wrong_type value=5 valid=['object']\nsymbols wrong_type value=5 "
     "valid=['object']\n"
     "transition_presets wrong_type value=5 valid=['object']\nscenes wrong_type value=5 "
     "valid=['array']\n"
     "transitions wrong_type value=5 valid=['object']\ntimeline wrong_type value=5 "
     "valid=['array']"},
};

START_TEST(each_error_has_its_path_code_and_members)
{
    struct fc_check *check = checked(film(films[_i].members));
    const char *errors;

    fc_check_assets(check, NULL);
    errors = told(check, "errors");
    ck_assert_msg(strcmp(errors, films[_i].errors) == 0, "%s:\n%s", films[_i].why, errors);
    ck_assert_int_eq(fc_check_valid(check), *films[_i].errors == '\0');
}
END_TEST

/* Members put into the one scene of a film. */
static const struct {
    const char *why, *members, *errors;
} scenes[] = {
    {"sounds of a scene", "'audio':{'ambient':{},'music':5,'sfx':[{}],'dialogue':[{}]}",
     "scenes[0].audio.ambient.asset_id required value=null\n"
     "scenes[0].audio.music wrong_type value=5 valid=['object']\n"
     "scenes[0].audio.sfx[0].asset_id required value=null\n"
     "scenes[0].audio.dialogue[0].text required value=null"},
    {"lines are not empty", "'audio':{'dialogue':[{'text':''},{'text':' '}]}",
     "scenes[0].audio.dialogue[0].text empty value='' limit=1"},
    {"speakers are symbols with a voice",
     "'audio':{'dialogue':[{'text':'x'},{'text':'x','speaker':'bob'},"
     "{'text':'x','speaker':'ann','start':-1}]}",
     "scenes[0].audio.dialogue[1].speaker unknown_speaker value='bob' valid=[]\n"
     "scenes[0].audio.dialogue[2].speaker unknown_speaker value='ann' valid=[]\n"
     "scenes[0].audio.dialogue[2].start out_of_range value=-1 limit=0"},
};

START_TEST(scenes_are_looked_into)
{
    const char *errors = told(checked(film_of_scene(scenes[_i].members)), "errors");

    ck_assert_msg(strcmp(errors, scenes[_i].errors) == 0, "%s:\n%s", scenes[_i].why, errors);
}
END_TEST

START_TEST(a_speaker_needs_a_symbol_and_the_symbol_a_voice)
{
    const struct fc_json *spec = film(
        "'symbols':{'bob':{'prompt':'x'},'ann':{'prompt':'x','voice':{'asset_id':'6F1B0A9E-0000-"
        "4000-8000-000000000001'}}},"
        "'scenes':[{'id':'a','prompt':'x','duration':5,'audio':{'dialogue':[{'text':'x','speaker':'"
        "bob'},"
        "{'text':'x','speaker':'ann'},{'text':'x','speaker':'eve'}]}}]");

    ck_assert_str_eq(
        told(checked(spec), "errors"),
        "scenes[0].audio.dialogue[0].speaker speaker_without_voice value='bob' valid=['ann']\n"
        "scenes[0].audio.dialogue[2].speaker unknown_speaker value='eve' valid=['ann']");
}
END_TEST

/* ---- limits ---- */

/* @n times @unit, with %d as a running number, with commas between. */
static const char *many(int n, const char *before, const char *after)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (int i = 0; i < n; i++)
        fc_putf(&b, "%s%s%d%s", i == 0 ? "" : ",", before, i, after);
    return b.data;
}

static const char *repeated(const char *unit, int n)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (int i = 0; i < n; i++)
        fc_put(&b, unit);
    return b.data;
}

static const struct {
    const char *why, *members; /* %s: so many code points */
    int most;
    const char *error; /* of one more */
} lengths[] = {
    {"title", "'title':'%s'", 200, "title too_long value=201 limit=200"},
    {"positive", "'global_prompt':{'positive':'%s'}", 2000,
     "global_prompt.positive too_long value=2001 limit=2000"},
    {"negative", "'global_prompt':{'negative':'%s'}", 2000,
     "global_prompt.negative too_long value=2001 limit=2000"},
    {"symbol", "'symbols':{'s':{'prompt':'%s'}}", 1000,
     "symbols.s.prompt too_long value=1001 limit=1000"},
    {"symbol's negative", "'symbols':{'s':{'prompt':'x','negative':'%s'}}", 1000,
     "symbols.s.negative too_long value=1001 limit=1000"},
    {"scene", "'scenes':[{'id':'a','duration':1,'prompt':'%s'}]", 2000,
     "scenes[0].prompt too_long value=2001 limit=2000"},
    {"trigger",
     "'scenes':[{'id':'a','duration':1,'prompt':'x','audio':{'sfx':[{'asset_id':'asset_x','trigger'"
     ":'%s'}]}}]",
     500, "scenes[0].audio.sfx[0].trigger too_long value=501 limit=500"},
    {"line", "'scenes':[{'id':'a','duration':1,'prompt':'x','audio':{'dialogue':[{'text':'%s'}]}}]",
     500, "scenes[0].audio.dialogue[0].text too_long value=501 limit=500"},
    {"pace", "'timeline':[{'montage':{'scenes':['a','b'],'pace':'%s'}}]", 50,
     "timeline[0].montage.pace too_long value=51 limit=50"},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the rows above hold the formats */
START_TEST(lengths_count_code_points)
{
    const char *fits = repeated("\xC3\xA9", lengths[_i].most);
    const char *more = repeated("\xC3\xA9", lengths[_i].most + 1);

    ck_assert_str_eq(told(checked(film(fc_printf(arena, lengths[_i].members, fits))), "errors"),
                     "");
    ck_assert_str_eq(told(checked(film(fc_printf(arena, lengths[_i].members, more))), "errors"),
                     lengths[_i].error);
}
END_TEST
#pragma GCC diagnostic pop

static const struct {
    const char *head, *before, *after, *tail;
    int most;
    const char *error;
} counts[] = {
    {"'symbols':{", "'s", "':{'prompt':'x'}", "}", 20, "symbols too_many value=21 limit=20"},
    {"'transition_presets':{", "'p", "':{'type':'cut'}", "}", 20,
     "transition_presets too_many value=21 limit=20"},
    {"'scenes':[", "{'id':'s", "','prompt':'x','duration':1}", "]", 50,
     "scenes too_many value=51 limit=50"},
    {"'timeline':[{'scene':'b'},", "{'scene':'a','x':", "}", "]", 99,
     "timeline too_many value=101 limit=100"},
    {"'timeline':[{'montage':{'scenes':['b',", "'a','a','a','a','a','a','a'],'pace':'",
     "'}},{'flashback':{'scenes':['b'", "]}}]", 1, ""},
    {"'symbols':{'s':{'prompt':'x','reference_images':[",
     "{'id':'6f1b0a9e-0000-4000-8000-000000000001','x':", "}", "]}}", 10,
     "symbols.s.reference_images too_many value=11 limit=10"},
    {"'transition_presets':{'p':{'type':'fade','effects':[", "{'name':'e", "'}", "]}}", 20,
     "transition_presets.p.effects too_many value=21 limit=20"},
    {"'scenes':[{'id':'a','prompt':'x','duration':1,'audio':{'sfx':[", "{'asset_id':'asset_", "'}",
     "]}}]", 10, "scenes[0].audio.sfx too_many value=11 limit=10"},
    {"'scenes':[{'id':'a','prompt':'x','duration':1,'audio':{'dialogue':[", "{'text':'", "'}",
     "]}}]", 5, "scenes[0].audio.dialogue too_many value=6 limit=5"},
};

START_TEST(lists_and_maps_have_an_end)
{
    const char *fits = many(counts[_i].most, counts[_i].before, counts[_i].after);
    const char *more = many(counts[_i].most + 1, counts[_i].before, counts[_i].after);

    ck_assert_str_eq(
        told(checked(film(fc_printf(arena, "%s%s%s", counts[_i].head, fits, counts[_i].tail))),
             "errors"),
        "");
    if (*counts[_i].error != '\0')
        ck_assert_str_eq(
            told(checked(film(fc_printf(arena, "%s%s%s", counts[_i].head, more, counts[_i].tail))),
                 "errors"),
            counts[_i].error);
}
END_TEST

START_TEST(groups_of_the_timeline_play_at_most_fifty_scenes)
{
    const char *more = repeated(",'a'", 50);

    ck_assert_str_eq(
        told(checked(film(fc_printf(arena, "'timeline':[{'montage':{'scenes':['b'%s]}}]", more))),
             "errors"),
        "timeline[0].montage.scenes too_many value=51 limit=50");
    ck_assert_str_eq(
        told(checked(film(fc_printf(arena, "'timeline':[{'flashback':{'scenes':['b'%s]}}]", more))),
             "errors"),
        "timeline[0].flashback.scenes too_many value=51 limit=50");
}
END_TEST

START_TEST(keys_have_at_most_sixty_four_characters)
{
    const char *key = repeated("\xC3\xA9", 65);

    ck_assert_str_eq(
        told(checked(film(fc_printf(arena, "'symbols':{'%s':{'prompt':'x'}}", key))), "errors"),
        fc_printf(arena, "symbols['%s'] too_long value=65 limit=64", key));
    ck_assert_str_eq(
        told(checked(film(fc_printf(arena, "'symbols':{'%s':{'prompt':'x'}}", key + 2))), "errors"),
        "");
}
END_TEST

START_TEST(scenes_last_three_hundred_seconds_in_total)
{
    const char *fits = many(10, "{'prompt':'x','duration':30,'id':'s", "'}");
    const char *fine = many(40, "{'prompt':'x','duration':7.1,'id':'s",
                            "'}"); /* 284, and doubles add up badly */

    ck_assert_str_eq(told(checked(film(fc_printf(arena, "'scenes':[%s]", fits))), "errors"), "");
    ck_assert_str_eq(told(checked(film(fc_printf(
                              arena, "'scenes':[%s,{'id':'x','prompt':'x','duration':16}]", fine))),
                          "errors"),
                     "");
    ck_assert_str_eq(
        told(checked(film(
                 fc_printf(arena, "'scenes':[%s,{'id':'x','prompt':'x','duration':1.5}]", fits))),
             "errors"),
        "scenes total_duration value=301.5 limit=300");
    ck_assert_str_eq(
        told(checked(film(fc_printf(
                 arena, "'scenes':[%s,{'id':'x','prompt':'x','duration':16.001}]", fine))),
             "errors"),
        "scenes total_duration value=300.001 limit=300");
}
END_TEST

START_TEST(long_texts_are_cut_in_values)
{
    const char *id = repeated("\xC3\xA9", 300), *cut = repeated("\xC3\xA9", 200);

    ck_assert_str_eq(
        told(checked(film(
                 fc_printf(arena, "'timeline':[{'scene':'a'},{'scene':'b'},{'scene':'%s'}]", id))),
             "errors"),
        fc_printf(arena, "timeline[2].scene unknown_scene value='%s' valid=['a','b']", cut));
}
END_TEST

START_TEST(a_hundred_errors_and_a_hundred_warnings_are_told)
{
    struct fc_buffer b = fc_buffer_in(arena);
    const char *spec = fc_printf(arena, "'scenes':[%s]", many(120, "{'odd':", "}"));
    const struct fc_json *result;

    fc_check_put_result(checked(film(spec)), &b);
    result = json_as_is(b.data);
    ck_assert_uint_eq(fc_json_count(fc_json_get(result, "errors")), 100);
    ck_assert_uint_eq(fc_json_count(fc_json_get(result, "warnings")), 100);
}
END_TEST

/* ---- the document ---- */

START_TEST(a_storyboard_is_an_object)
{
    ck_assert_str_eq(told(checked(json("[]")), "errors"), "$ wrong_type valid=['object']");
    ck_assert_str_eq(told(checked(json("'x'")), "errors"),
                     "$ wrong_type value='x' valid=['object']");
    ck_assert_str_eq(told(checked(json("null")), "errors"), "$ required value=null");
    ck_assert_str_eq(told(checked(NULL), "errors"), "$ required value=null");
    ck_assert_str_eq(told(checked(json("{}")), "errors"),
                     "title required value=null\nscenes required value=null");
}
END_TEST

START_TEST(a_storyboard_has_at_most_100_kilobytes_however_it_is_spaced)
{
    const char *bare = "{'title':'T','scenes':[{'id':'a','prompt':'x','duration':5}],'x':''}";
    int left = 102400 - (int)strlen(bare);
    const char *head = "{ 'title' : 'T' ,\n'scenes':[ {'id':'a','prompt':'x','duration':5}],'x':'",
               *tail = "'\t}  ";
    const char *fits = repeated("\\u0061", left);

    ck_assert_str_eq(told(checked(json(fc_printf(arena, "%s%s%s", head, fits, tail))), "errors"),
                     "");
    ck_assert_str_eq(told(checked(json(fc_printf(arena, "%s%sa%s", head, fits, tail))), "errors"),
                     "$ too_large value=102401 limit=102400");
}
END_TEST

START_TEST(the_welcome_storyboard_is_flawless)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_check_put_result(checked(json_file("tests/unit/storyboard/welcome.json")), &b);
    ck_assert_str_eq(b.data, "{\"valid\":true,\"errors\":[],\"warnings\":[]}");
}
END_TEST

START_TEST(the_result_has_the_shape_that_clients_know)
{
    static const char shape[] =
        "{\"valid\":false,\"errors\":["
        "{\"path\":\"scenes[1].duration\",\"code\":\"out_of_range\","
        "\"message\":\"Must be between 1 and 30\",\"value\":45,\"limit\":30},"
        "{\"path\":\"timeline[0].scene\",\"code\":\"unknown_scene\","
        "\"message\":\"No scene has the id 'harbor'\",\"value\":\"harbor\","
        "\"valid_values\":[\"intro\",\"finale\"]}],"
        "\"warnings\":[{\"path\":\"scenes[0].duration\",\"code\":\"long_scene\","
        "\"message\":\"Scenes longer than 10 seconds may lose quality\"}]}";
    struct fc_buffer b = fc_buffer_in(arena);

    fc_check_put_result(
        checked(json("{'title':'T','scenes':[{'id':'intro','prompt':'x','duration':12},"
                     "{'id':'finale','prompt':'x','duration':45}],"
                     "'timeline':[{'scene':'harbor'},{'scene':'intro'},{'scene':'finale'}]}")),
        &b);
    ck_assert_str_eq(b.data, shape);
}
END_TEST

START_TEST(the_first_error_makes_a_sentence)
{
    ck_assert_str_eq(fc_check_first(checked(film("'title':5,'scenes':[]")), arena),
                     "title: Must be a string");
    ck_assert_str_eq(fc_check_first(checked(film("")), arena), "");
}
END_TEST

Suite *check_suite(void)
{
    Suite *suite = suite_create("storyboard: errors");
    TCase *claims = case_new(suite, "claims");

    tcase_add_loop_test(claims, each_error_has_its_path_code_and_members, 0, N(films));
    tcase_add_loop_test(claims, scenes_are_looked_into, 0, N(scenes));
    tcase_add_test(claims, a_speaker_needs_a_symbol_and_the_symbol_a_voice);
    tcase_add_loop_test(claims, lengths_count_code_points, 0, N(lengths));
    tcase_add_loop_test(claims, lists_and_maps_have_an_end, 0, N(counts));
    tcase_add_test(claims, groups_of_the_timeline_play_at_most_fifty_scenes);
    tcase_add_test(claims, keys_have_at_most_sixty_four_characters);
    tcase_add_test(claims, scenes_last_three_hundred_seconds_in_total);
    tcase_add_test(claims, long_texts_are_cut_in_values);
    tcase_add_test(claims, a_hundred_errors_and_a_hundred_warnings_are_told);
    tcase_add_test(claims, a_storyboard_is_an_object);
    tcase_add_test(claims, a_storyboard_has_at_most_100_kilobytes_however_it_is_spaced);
    tcase_add_test(claims, the_welcome_storyboard_is_flawless);
    tcase_add_test(claims, the_result_has_the_shape_that_clients_know);
    tcase_add_test(claims, the_first_error_makes_a_sentence);
    return suite;
}
