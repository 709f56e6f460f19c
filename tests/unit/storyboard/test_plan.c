#include <string.h>

#include "storyboard/support.h"

static struct fc_plan planned(const struct fc_json *spec)
{
    struct fc_plan plan = {0};
    struct fc_error error = {0};

    ck_assert_msg(fc_plan_make(arena, spec, &plan, &error) == FC_OK, "%s", error.text);
    return plan;
}

/* Shots as "<scene>@<start>+<length>[<transition>:<length>]", with blanks between. */
static const char *shots_of(const struct fc_plan *plan)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (size_t i = 0; i < plan->n_shots; i++) {
        const struct fc_shot *shot = &plan->shots[i];

        fc_putf(&b, "%s%s@%lld+%lld", i == 0 ? "" : " ", plan->scenes[shot->scene].id,
                (long long)shot->start_ms, (long long)shot->duration_ms);
        if (shot->in.duration_ms > 0 || shot->in.type != FC_TRANSITION_CUT)
            fc_putf(&b, "[%s:%lld]", fc_transition_name(shot->in.type),
                    (long long)shot->in.duration_ms);
    }
    return b.data;
}

#define SCENES                                                                                     \
    "'scenes':[{'id':'a','prompt':'x','duration':2},{'id':'b','prompt':'x','duration':3.5},"       \
    "{'id':'c','prompt':'x','duration':1}]"

static const struct {
    const char *why, *members, *shots;
} films[] = {
    {"scenes in their order, with cuts", "", "a@0+2000 b@2000+3500 c@5500+1000"},
    {"sorted by order, where index stands in for none",
     "'scenes':[{'id':'a','prompt':'x','duration':1},{'id':'b','prompt':'x','duration':1,'order':0."
     "5},"
     "{'id':'c','prompt':'x','duration':1,'order':-1},{'id':'d','prompt':'x','duration':1,'order':"
     "0.5}]",
     "c@0+1000 a@1000+1000 b@2000+1000 d@3000+1000"},
    {"the default transition", "'transitions':{'default':'fade'}",
     "a@0+2000 b@2000+3500[fade:500] c@5500+1000[fade:500]"},
    {"a pair before the default",
     "'transitions':{'default':'fade','b->c':{'type':'wipe','duration':0.2},'c->b':'zoom'}",
     "a@0+2000 b@2000+3500[fade:500] c@5500+1000[wipe:200]"},
    {"a preset before a type",
     "'transition_presets':{'fade':{'type':'glitch','duration':0.1}},'transitions':{'default':'"
     "fade'}",
     "a@0+2000 b@2000+3500[glitch:100] c@5500+1000[glitch:100]"},
    {"never more than half of the shorter",
     "'transitions':{'default':{'type':'blur','duration':9}}",
     "a@0+2000 b@2000+3500[blur:1000] c@5500+1000[blur:500]"},
    {"a cut has no length", "'transitions':{'default':{'type':'cut','duration':2}}",
     "a@0+2000 b@2000+3500 c@5500+1000"},
    {"a length of nothing", "'transitions':{'default':{'type':'fade','duration':0}}",
     "a@0+2000 b@2000+3500[fade:0] c@5500+1000[fade:0]"},
    {"the timeline decides",
     "'timeline':[{'scene':'c'},{'scene':'a'},{'scene':'c'}],'transitions':{'c->a':'flash'}",
     "c@0+1000 a@1000+2000[flash:500] c@3000+1000"},
    {"an element before the map",
     "'transition_presets':{'p':{'type':'dissolve','duration':0.3}},"
     "'transitions':{'default':'fade'},'timeline':[{'transition':'p'},{'scene':'a'},{'transition':'"
     "p'},{'scene':'b'},"
     "{'scene':'c'},{'transition':{'type':'zoom'}}]",
     "a@0+2000 b@2000+3500[dissolve:300] c@5500+1000[fade:500]"},
    {"of two elements in a row the last",
     "'timeline':[{'scene':'a'},{'transition':{'type':'zoom'}},"
     "{'transition':{'type':'wipe'}},{'scene':'b'}]",
     "a@0+2000 b@2000+3500[wipe:500]"},
    {"flashbacks",
     "'timeline':[{'scene':'c'},{'flashback':{'scenes':['a','c']}},{'scene':'c'}],'transitions':{'"
     "c->a':'fade'}",
     "c@0+1000 a@1000+2000[fade:500] c@3000+1000 c@4000+1000"},
    {"a montage with its own transition inside",
     "'timeline':[{'scene':'b'},"
     "{'montage':{'scenes':['a','b','a'],'pace':'slow','transition':{'type':'zoom'}}},{'scene':'b'}"
     "],"
     "'transitions':{'default':'fade'}",
     "b@0+3500 a@3500+2000[fade:500] b@5500+3500[zoom:1000] a@9000+2000[zoom:1000] "
     "b@11000+3500[fade:500]"},
    {"a given length before the pace",
     "'transition_presets':{'p':{'type':'wipe','duration':0.25}},"
     "'timeline':[{'montage':{'scenes':['a','b','a'],'pace':'slow','transition':'p'}}]",
     "a@0+2000 b@2000+3500[wipe:250] a@5500+2000[wipe:250]"},
    {"the pace of what the map says",
     "'timeline':[{'montage':{'scenes':['a','b','c'],'pace':'fast'}}],"
     "'transitions':{'a->b':{'type':'fade','duration':1}}",
     "a@0+2000 b@2000+3500[fade:150] c@5500+1000"},
    {"an unknown pace is none",
     "'timeline':[{'montage':{'scenes':['a','b'],'pace':'brisk','transition':{'type':'zoom'}}}]",
     "a@0+2000 b@2000+3500[zoom:500]"},
    {"an element leads into a montage",
     "'timeline':[{'scene':'a'},{'transition':{'type':'wipe','duration':0.1}},"
     "{'montage':{'scenes':['b','a'],'transition':{'type':'zoom'}}}]",
     "a@0+2000 b@2000+3500[wipe:100] a@5500+2000[zoom:500]"},
};

START_TEST(shots_follow_the_storyboard)
{
    struct fc_plan plan = planned(film(
        *films[_i].members == '\0' ? SCENES : fc_printf(arena, SCENES ",%s", films[_i].members)));
    const char *shots = shots_of(&plan);

    ck_assert_msg(strcmp(shots, films[_i].shots) == 0, "%s: %s", films[_i].why, shots);
}
END_TEST

START_TEST(treatments_come_with_the_shots_of_a_flashback)
{
    struct fc_plan plan = planned(
        film("'timeline':[{'scene':'a'},{'flashback':{'scenes':['a','b'],'treatment':"
             "{'desaturate':0.8,'vignette':true,'grain':0.2,'blur':3}}},{'flashback':{'scenes':['b'"
             "]}}]"));

    ck_assert(!plan.shots[0].treatment.is_flashback);
    for (int i = 1; i < 3; i++) {
        ck_assert(plan.shots[i].treatment.vignette);
        ck_assert_double_eq(plan.shots[i].treatment.desaturate, 0.8);
        ck_assert_double_eq(plan.shots[i].treatment.grain, 0.2);
        ck_assert_double_eq(plan.shots[i].treatment.blur, 3);
    }
    ck_assert(plan.shots[3].treatment.is_flashback);
    ck_assert(!plan.shots[3].treatment.vignette);
}
END_TEST

START_TEST(scenes_that_are_not_played_are_marked)
{
    struct fc_plan plan = planned(film("'timeline':[{'scene':'b'}]"));

    ck_assert_uint_eq(plan.n_scenes, 2);
    ck_assert(!plan.scenes[0].is_played);
    ck_assert(plan.scenes[1].is_played);
    ck_assert_int_eq(plan.scenes[1].duration_ms, 4500);
    ck_assert_str_eq(plan.title, "T");
}
END_TEST

START_TEST(effects_and_params_are_handed_on)
{
    struct fc_plan plan = planned(
        film("'transitions':{'default':{'type':'custom','params':{'a':1},'effects':["
             "{'name':'spin','from':0,'to':1.5,'easing':'linear'},{'name':'glow'}]}}"));
    const struct fc_transition *in = &plan.shots[1].in;

    ck_assert_int_eq(in->type, FC_TRANSITION_CUSTOM);
    ck_assert_uint_eq(in->n_effects, 2);
    ck_assert_str_eq(in->effects[0].name, "spin");
    ck_assert(in->effects[0].has_from && in->effects[0].has_to);
    ck_assert_double_eq(in->effects[0].to, 1.5);
    ck_assert_str_eq(in->effects[0].easing, "linear");
    ck_assert(!in->effects[1].has_from && in->effects[1].easing == NULL);
    ck_assert_double_eq(fc_json_number(fc_json_get(in->params, "a")), 1);
}
END_TEST

/* ---- sound ---- */

/* Cues as "<kind> <asset> <start>-<end> <volume> [in…] [out…] [loop]", one a line. */
static const char *cues_of(const struct fc_plan *plan)
{
    static const char *const kinds[] = {"music", "ambient", "sfx", "transition"};
    struct fc_buffer b = fc_buffer_in(arena);

    for (size_t i = 0; i < plan->n_cues; i++) {
        const struct fc_cue *cue = &plan->cues[i];

        fc_putf(&b, "%s%s %s %lld-%lld %g", i == 0 ? "" : "\n", kinds[cue->kind], cue->asset_id,
                (long long)cue->start_ms, (long long)cue->end_ms, cue->volume);
        if (cue->fade_in_ms > 0)
            fc_putf(&b, " in%lld", (long long)cue->fade_in_ms);
        if (cue->fade_out_ms > 0)
            fc_putf(&b, " out%lld", (long long)cue->fade_out_ms);
        if (cue->loop)
            fc_put(&b, " loop");
    }
    return b.data;
}

START_TEST(the_welcome_storyboard_sounds_as_written)
{
    struct fc_plan plan = planned(json_file("tests/unit/storyboard/welcome.json"));

    ck_assert_str_eq(shots_of(&plan), "entrance@0+5000 welcome@5000+5000[fade:500]");
    ck_assert_str_eq(cues_of(&plan), "ambient asset_ambient_theater 0-10000 0.2\n"
                                     "music asset_music_anticipation 0-5000 0.4 in1000\n"
                                     "sfx asset_sfx_footsteps 0-10000 0.6\n"
                                     "transition asset_transition_swoosh 5000-10000 0.5\n"
                                     "music asset_music_triumphant 5000-10000 0.7 in500\n"
                                     "sfx asset_sfx_applause 5500-10000 0.8\n"
                                     "sfx asset_sfx_confetti 7000-10000 0.4");
    ck_assert_uint_eq(plan.n_captions, 0);
}
END_TEST

START_TEST(a_scene_sounds_each_time_it_is_played)
{
    struct fc_plan plan = planned(film("'scenes':[{'id':'a','prompt':'x','duration':2,'audio':{"
                                       "'ambient':{'asset_id':'6F1B0A9E-0000-4000-8000-"
                                       "000000000001','fade_out':1e300,'loop':true},"
                                       "'sfx':[{'asset_id':'asset_late','start':1.9996},{'asset_id'"
                                       ":'asset_early'},{'asset_id':'asset_never','start':2}]}}],"
                                       "'timeline':[{'scene':'a'},{'scene':'a'}]"));

    ck_assert_str_eq(cues_of(&plan),
                     "ambient 6f1b0a9e-0000-4000-8000-000000000001 0-2000 1 out2000 loop\n"
                     "sfx asset_early 0-4000 1\n"
                     "ambient 6f1b0a9e-0000-4000-8000-000000000001 2000-4000 1 out2000 loop\n"
                     "sfx asset_early 2000-4000 1");
}
END_TEST

/* ---- captions ---- */

START_TEST(captions_last_as_long_as_reading_takes)
{
    static const char text[] = "123456789012345678901234567890"; /* 2 s */
    struct fc_plan plan = planned(film(fc_printf(
        arena,
        "'scenes':[{'id':'a','prompt':'x','duration':6,'audio':{'dialogue':["
        "{'text':'%s','start':1.5},{'text':'\xC3\xA9','start':0},{'text':'cut by the next "
        "line','start':0.25},"
        "{'text':'never','start':6}]}},"
        "{'id':'b','prompt':'x','duration':1.5,'audio':{'dialogue':[{'text':'%s','start':0.5}]}}]",
        text, text)));
    static const struct {
        int64_t start_ms, end_ms;
    } times[] = {{0, 250}, {250, 1500}, {1500, 3500}, {6500, 7500}};

    ck_assert_uint_eq(plan.n_captions, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(plan.captions[i].start_ms, times[i].start_ms);
        ck_assert_int_eq(plan.captions[i].end_ms, times[i].end_ms);
    }
    ck_assert_str_eq(plan.captions[2].text, text);
}
END_TEST

START_TEST(a_line_knows_who_speaks_and_when_it_must_be_over)
{
    struct fc_plan plan = planned(
        film("'symbols':{'ana':{'prompt':'an old woman','voice':{'asset_id':"
             "'6f1b0a9e-0000-4000-8000-000000000001'}}},"
             "'scenes':[{'id':'a','prompt':'x','duration':6,'audio':{'dialogue':["
             "{'text':'Hi','speaker':'ana','volume':0.5},{'text':'Ho','start':4}]}}],"
             "'timeline':[{'scene':'a'},{'scene':'a'}]"));

    ck_assert_uint_eq(plan.n_captions, 4);
    ck_assert_str_eq(plan.captions[0].speaker, "ana");
    ck_assert_str_eq(plan.captions[0].looks, "an old woman");
    ck_assert_double_eq(plan.captions[0].volume, 0.5);
    ck_assert_int_eq(plan.captions[0].limit_ms, 4000);
    ck_assert_ptr_null(plan.captions[1].speaker);
    ck_assert_ptr_null(plan.captions[1].looks);
    ck_assert_double_eq(plan.captions[1].volume, 1);
    ck_assert_int_eq(plan.captions[1].limit_ms, 6000);
    ck_assert_int_eq(plan.captions[2].limit_ms, 10000);
    ck_assert_int_eq(plan.captions[3].limit_ms, 12000);
}
END_TEST

/* ---- what cannot be played ---- */

START_TEST(an_invalid_storyboard_has_no_plan)
{
    static const struct {
        const char *spec, *says;
    } invalid[] = {
        {"{}", "title: Field 'title' is required"},
        {"[]", "$: Must be an object"},
        {"null", "$: A storyboard is required"},
        {"{'title':'T','scenes':[{'id':'a','prompt':'x','duration':0}]}",
         "scenes[0].duration: Must be between 1 and 30"},
        {"{'title':'T','scenes':[{'id':'a','prompt':'x','duration':1,'audio':{'music':{'asset_id':'"
         "x'}}}]}",
         "scenes[0].audio.music.asset_id: Not an asset id usable here"},
        {"{'title':'T','scenes':[{'id':'a','prompt':'x','duration':1}],'timeline':[{'transition':{'"
         "type':'fade'}}]}",
         "timeline: No scene is played"},
    };

    for (int i = 0; i < N(invalid); i++) {
        struct fc_plan plan = {.n_shots = 77};
        struct fc_error error;

        ck_assert_int_eq(fc_plan_make(arena, json(invalid[i].spec), &plan, &error),
                         FC_E_VALIDATION);
        ck_assert_str_eq(error.text, invalid[i].says);
        ck_assert_uint_eq(plan.n_shots, 77);
    }
}
END_TEST

/* ---- any storyboard ---- */

static uint64_t state; /* of a small generator: the same films in every run */

static int drawn(int below)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (int)((state >> 33) % (uint64_t)below);
}

static void put_scene_list(struct fc_buffer *b, int n_scenes)
{
    int n = 1 + drawn(6);

    fc_put(b, "'scenes':[");
    for (int i = 0; i < n; i++)
        fc_putf(b, "%s's%d'", i == 0 ? "" : ",", drawn(n_scenes));
    fc_put(b, "]");
}

static void put_transition(struct fc_buffer *b)
{
    static const char *const types[] = {"cut",  "fade",  "dissolve", "wipe",  "blur",
                                        "zoom", "flash", "glitch",   "custom"};

    fc_putf(b, "{'type':'%s'", types[drawn(9)]);
    if (drawn(2) == 0)
        fc_putf(b, ",'duration':%d.%03d", drawn(10), drawn(1000));
    fc_put(b, "}");
}

static void put_element(struct fc_buffer *b, int n_scenes)
{
    static const char *const paces[] = {"slow", "normal", "fast", "odd"};

    switch (drawn(4)) {
    case 0:
        fc_putf(b, "{'scene':'s%d'}", drawn(n_scenes));
        break;
    case 1:
        fc_put(b, "{'transition':");
        put_transition(b);
        fc_put(b, "}");
        break;
    case 2:
        fc_put(b, "{'flashback':{");
        put_scene_list(b, n_scenes);
        fc_put(b, "}}");
        break;
    default:
        fc_putf(b, "{'montage':{'pace':'%s',", paces[drawn(4)]);
        put_scene_list(b, n_scenes);
        if (drawn(2) == 0) {
            fc_put(b, ",'transition':");
            put_transition(b);
        }
        fc_put(b, "}}");
    }
}

static const struct fc_json *any_film(void)
{
    struct fc_buffer b = fc_buffer_in(arena);
    int n_scenes = 1 + drawn(9), n_elements = drawn(2) == 0 ? 0 : 1 + drawn(12);

    fc_put(&b, "{'title':'T','scenes':[");
    for (int i = 0; i < n_scenes; i++) {
        fc_putf(&b, "%s{'id':'s%d','prompt':'x','duration':%d.%d", i == 0 ? "" : ",", i,
                1 + drawn(29), drawn(100000));
        if (drawn(3) == 0)
            fc_putf(&b, ",'order':%d", drawn(5));
        fc_put(&b, ",'audio':{'sfx':[{'asset_id':'asset_x','start':3}],'dialogue':[{'text':'hello',"
                   "'start':2}]}}");
    }
    fc_put(&b, "],'transitions':{'default':");
    put_transition(&b);
    fc_put(&b, "}");
    if (n_elements > 0)
        fc_put(&b, ",'timeline':[{'scene':'s0'}");
    for (int i = 0; i < n_elements; i++) {
        fc_put(&b, ",");
        put_element(&b, n_scenes);
    }
    fc_put(&b, n_elements > 0 ? "]}" : "}");
    return json(b.data);
}

static void check_film(const struct fc_json *spec)
{
    struct fc_options options;
    struct fc_plan plan = planned(spec);
    int64_t end_ms = 0;

    ck_assert(fc_options_read(NULL, &options));
    ck_assert_int_eq(plan.duration_ms,
                     fc_estimate(arena, spec, &options, &fc_prices_default, NULL).duration_ms);
    for (size_t i = 0; i < plan.n_shots; i++) {
        ck_assert_int_eq(plan.shots[i].start_ms, end_ms);
        ck_assert_int_le(plan.shots[i].in.duration_ms * 2, plan.shots[i].duration_ms);
        if (i > 0)
            ck_assert_int_le(plan.shots[i].in.duration_ms * 2, plan.shots[i - 1].duration_ms);
        end_ms += plan.shots[i].duration_ms;
    }
    ck_assert_int_eq(end_ms, plan.duration_ms);
    for (size_t i = 0; i < plan.n_cues; i++) {
        ck_assert_int_lt(plan.cues[i].start_ms, plan.cues[i].end_ms);
        ck_assert_int_le(plan.cues[i].end_ms, end_ms);
        ck_assert(i == 0 || plan.cues[i - 1].start_ms <= plan.cues[i].start_ms);
    }
    for (size_t i = 0; i < plan.n_captions; i++) {
        ck_assert_int_lt(plan.captions[i].start_ms, plan.captions[i].end_ms);
        ck_assert_int_le(plan.captions[i].end_ms, end_ms);
    }
}

START_TEST(any_film_lasts_as_long_as_it_was_estimated)
{
    struct fc_arena *whole = arena;

    state = 20250130;
    for (int i = 0; i < 2000; i++) {
        const struct fc_json *spec;

        arena = fc_arena_new();
        spec = any_film();
        if (fc_json_count(fc_json_get(spec, "scenes")) <= 9 && fc_check_valid(checked(spec)))
            check_film(spec);
        fc_arena_free(arena);
    }
    arena = whole;
}
END_TEST

Suite *plan_suite(void)
{
    Suite *suite = suite_create("storyboard: plan");
    TCase *claims = case_new(suite, "claims");

    tcase_set_timeout(claims, 60);
    tcase_add_loop_test(claims, shots_follow_the_storyboard, 0, N(films));
    tcase_add_test(claims, treatments_come_with_the_shots_of_a_flashback);
    tcase_add_test(claims, scenes_that_are_not_played_are_marked);
    tcase_add_test(claims, effects_and_params_are_handed_on);
    tcase_add_test(claims, the_welcome_storyboard_sounds_as_written);
    tcase_add_test(claims, a_scene_sounds_each_time_it_is_played);
    tcase_add_test(claims, captions_last_as_long_as_reading_takes);
    tcase_add_test(claims, a_line_knows_who_speaks_and_when_it_must_be_over);
    tcase_add_test(claims, an_invalid_storyboard_has_no_plan);
    tcase_add_test(claims, any_film_lasts_as_long_as_it_was_estimated);
    return suite;
}
