#include <string.h>

#include "storyboard/support.h"

static struct fc_options options_of(const char *text)
{
    struct fc_options options;

    ck_assert(fc_options_read(json(text), &options));
    return options;
}

static struct fc_estimate estimated(const struct fc_json *spec, const char *options)
{
    struct fc_options read = options_of(options);

    return fc_estimate(arena, spec, &read, &fc_prices_default, NULL);
}

/* ---- options ---- */

START_TEST(absent_options_have_defaults)
{
    static const char *const texts[] = {
        "null", "{}", "{'resolution':null,'fps':null,'quality':null,'seed':null}"};

    for (int i = 0; i < N(texts); i++) {
        struct fc_options o = options_of(texts[i]);

        ck_assert_int_eq(o.width, 1920);
        ck_assert_int_eq(o.height, 1080);
        ck_assert_int_eq(o.class, FC_CLASS_1080);
        ck_assert_int_eq(o.fps, 24);
        ck_assert_int_eq(o.quality, FC_QUALITY_STANDARD);
        ck_assert(!o.has_seed);
    }
}
END_TEST

static const struct {
    const char *resolution;
    int width, height;
    enum fc_class class;
} sizes[] = {
    {"854x480", 854, 480, FC_CLASS_480},      {"480x854", 480, 854, FC_CLASS_480},
    {"1280x720", 1280, 720, FC_CLASS_720},    {"720x1280", 720, 1280, FC_CLASS_720},
    {"720x720", 720, 720, FC_CLASS_720},      {"1920x1080", 1920, 1080, FC_CLASS_1080},
    {"1080x1920", 1080, 1920, FC_CLASS_1080}, {"1080x1080", 1080, 1080, FC_CLASS_1080},
};

START_TEST(each_resolution_has_its_size_and_class)
{
    struct fc_options o = options_of(fc_printf(arena, "{'resolution':'%s'}", sizes[_i].resolution));

    ck_assert_int_eq(o.width, sizes[_i].width);
    ck_assert_int_eq(o.height, sizes[_i].height);
    ck_assert_int_eq(o.class, sizes[_i].class);
}
END_TEST

#define OPTION_NAMES "['resolution','fps','quality','seed','captions','outputs']"

static const struct {
    const char *options, *errors;
} bad_options[] = {
    {"[]", "options wrong_type valid=['object']"},
    {"5", "options wrong_type value=5 valid=['object']"},
    {"{'resolution':'1920X1080'}",
     "options.resolution invalid_value value='1920X1080' valid=['854x480','480x854',"
     "'1280x720','720x1280','720x720','1920x1080','1080x1920','1080x1080']"},
    {"{'resolution':1080}", "options.resolution wrong_type value=1080 valid=['string']"},
    {"{'fps':25}", "options.fps invalid_value value=25 valid=[24,30,60]"},
    {"{'fps':24.5}", "options.fps invalid_value value=24.5 valid=[24,30,60]"},
    {"{'fps':'24'}", "options.fps wrong_type value='24' valid=['number']"},
    {"{'quality':'best'}",
     "options.quality invalid_value value='best' valid=['draft','standard','high']"},
    {"{'quality':1}", "options.quality wrong_type value=1 valid=['string']"},
    {"{'seed':-1}", "options.seed out_of_range value=-1 limit=0"},
    {"{'seed':4294967296}", "options.seed out_of_range value=4294967296 limit=4294967295"},
    {"{'seed':1e400}", "options.seed out_of_range value=1e400 limit=4294967295"},
    {"{'seed':1.5}", "options.seed wrong_type value=1.5 valid=['integer']"},
    {"{'seed':'1'}", "options.seed wrong_type value='1' valid=['integer']"},
    {"{'captions':'top'}", "options.captions invalid_value value='top' valid=['files','burn']"},
    {"{'captions':true}", "options.captions wrong_type value=true valid=['string']"},
    {"{'outputs':'720x720'}", "options.outputs wrong_type value='720x720' valid=['array']"},
    {"{'outputs':[1,2,3,4,5]}", "options.outputs too_many value=5 limit=4"},
    {"{'outputs':[[]]}", "options.outputs[0] wrong_type valid=['object']"},
    {"{'outputs':[{}]}", "options.outputs[0].resolution required value=null"},
    {"{'outputs':[{'resolution':'720x720','fit':'fill'}]}",
     "options.outputs[0].fit invalid_value value='fill' valid=['pad','crop']"},
    {"{'outputs':[{'resolution':'720x720','fit':1,'size':2}]}",
     "options.outputs[0].fit wrong_type value=1 valid=['string']\n"
     "options.outputs[0].size unknown_option value=2 valid=['resolution','fit']"},
    {"{'outputs':[{'resolution':'720x720'},{'resolution':'720x720','fit':'crop'},"
     "{'resolution':'720x720','fit':'pad'}]}",
     "options.outputs[2] duplicate value='720x720 pad'"},
    {"{'Fps':24}", "options.Fps unknown_option value=24 valid=" OPTION_NAMES},
    {"{'frame rate':null,'fps':1,'quality':2}",
     "options['frame rate'] unknown_option value=null valid=" OPTION_NAMES "\n"
     "options.fps invalid_value value=1 valid=[24,30,60]\noptions.quality wrong_type value=2 "
     "valid=['string']"},
};

START_TEST(bad_options_are_told)
{
    struct fc_check *check = fc_check_new(arena);
    struct fc_options options;

    fc_check_options(check, json(bad_options[_i].options), &options);
    ck_assert_str_eq(told(check, "errors"), bad_options[_i].errors);
    ck_assert(!fc_check_valid(check));
    ck_assert(!fc_options_read(json(bad_options[_i].options), &options));
    ck_assert_int_eq(options.fps, 24);
    ck_assert(!options.has_seed);
}
END_TEST

START_TEST(options_are_written_with_their_defaults)
{
    struct fc_options o = options_of(
        "{'fps':60.0,'quality':'high','seed':4294967295,'resolution':'720x720'}");
    struct fc_buffer b = fc_buffer_in(arena);

    ck_assert(o.has_seed);
    fc_put_options(&b, &o, o.seed);
    ck_assert_str_eq(
        b.data, quoted("{'resolution':'720x720','fps':60,'quality':'high','seed':4294967295}"));
}
END_TEST

START_TEST(captions_are_written_when_they_are_burnt_in)
{
    struct fc_options files = options_of("{'captions':'files'}"),
                      burn = options_of("{'captions':'burn'}");
    struct fc_buffer b = fc_buffer_in(arena);

    ck_assert_int_eq(files.captions, FC_CAPTIONS_FILES);
    fc_put_options(&b, &files, 1);
    fc_put_options(&b, &burn, 1);
    ck_assert_str_eq(b.data, quoted("{'resolution':'1920x1080','fps':24,'quality':'standard',"
                                    "'seed':1}{'resolution':'1920x1080','fps':24,"
                                    "'quality':'standard','seed':1,'captions':'burn'}"));
}
END_TEST

START_TEST(outputs_are_padded_unless_they_say_otherwise)
{
    struct fc_options o = options_of("{'outputs':[{'resolution':'1080x1920'},"
                                     "{'resolution':'720x720','fit':'crop'}]}");
    struct fc_buffer b = fc_buffer_in(arena);

    ck_assert_uint_eq(o.n_renditions, 2);
    ck_assert_int_eq(o.renditions[0].height, 1920);
    ck_assert_int_eq(o.renditions[0].fit, FC_FIT_PAD);
    ck_assert_int_eq(o.renditions[1].fit, FC_FIT_CROP);
    fc_put_options(&b, &o, 1);
    ck_assert_str_eq(b.data, quoted("{'resolution':'1920x1080','fps':24,'quality':'standard',"
                                    "'seed':1,'outputs':[{'resolution':'1080x1920','fit':'pad'},"
                                    "{'resolution':'720x720','fit':'crop'}]}"));
}
END_TEST

/* ---- credits ---- */

static const struct {
    const char *why, *scenes, *options;
    int64_t credits;
} prices[] = {
    {"5 s at default options", "{'duration':5}", "{}", 20},
    {"further outputs of it", "{'duration':5}",
     "{'outputs':[{'resolution':'1080x1920'},{'resolution':'720x720'}]}", 20},
    {"7.25 s at 720, 60 fps, high", "{'duration':7.25}",
     "{'resolution':'1280x720','fps':60,'quality':'high'}", 44},
    {"1 s at 480, draft: raised to the floor", "{'duration':1}",
     "{'resolution':'854x480','quality':'draft'}", 2},
    {"30 fps costs as 24", "{'duration':5}", "{'fps':30}", 20},
    {"each scene is rounded up", "{'duration':1.001},{'duration':1.001}", "{}", 10},
    {"half a millisecond rounds up", "{'duration':1.0005}", "{}", 5},
    {"less rounds down", "{'duration':1.0004}", "{}", 4},
    {"no scenes cost the floor", "", "{}", 2},
    {"too short is moved to 1 s", "{'duration':0.1},{'duration':-5},{'duration':-1e300}", "{}", 12},
    {"too long is moved to 30 s", "{'duration':31},{'duration':1e300}", "{}", 240},
    {"no duration costs the floor", "{},{'duration':'5'},null,7,{'duration':null}", "{}", 10},
};

START_TEST(credits_follow_the_formula)
{
    const struct fc_json *spec = json(fc_printf(arena, "{'scenes':[%s]}", prices[_i].scenes));

    ck_assert_msg(estimated(spec, prices[_i].options).credits == prices[_i].credits, "%s: %lld",
                  prices[_i].why, (long long)estimated(spec, prices[_i].options).credits);
}
END_TEST

START_TEST(what_has_no_scenes_is_an_image)
{
    static const char *const images[] = {"{'prompt':'x'}", "{}", "{'scenes':null}", "{'scenes':{}}",
                                         "{'scenes':'x'}"};

    for (int i = 0; i < N(images); i++) {
        struct fc_estimate e = estimated(json(images[i]), "{'fps':60}");

        ck_assert(fc_spec_is_image(json(images[i])));
        ck_assert_int_eq(e.credits, 2);
        ck_assert_int_eq(e.duration_ms, 0);
        ck_assert_uint_eq(e.n_scenes, 0);
    }
    ck_assert(!fc_spec_is_image(json("{'scenes':[]}")));
}
END_TEST

START_TEST(the_sum_is_capped)
{
    struct fc_prices prices_high = fc_prices_default;
    struct fc_options options = options_of("{'fps':60,'quality':'high'}");

    prices_high.per_second[FC_CLASS_1080] = INT64_MAX;
    prices_high.fps_60_percent = INT64_MAX;
    ck_assert_int_eq(fc_estimate(arena, film(""), &options, &prices_high, NULL).credits, INT32_MAX);
    prices_high = fc_prices_default;
    prices_high.per_image = INT64_MAX;
    ck_assert_int_eq(fc_estimate(arena, json("{}"), &options, &prices_high, NULL).credits,
                     INT32_MAX);
}
END_TEST

START_TEST(a_retry_pays_for_the_missing_scenes)
{
    struct fc_options options = options_of("{}");
    struct fc_estimate e = fc_estimate(arena, film(""), &options, &fc_prices_default,
                                       json("['b']"));

    ck_assert_int_eq(e.credits, 18);
    ck_assert_uint_eq(e.n_scenes, 1);
    ck_assert_str_eq(e.scenes[0].id, "b");
    ck_assert_int_eq(e.duration_ms, 9500);
    ck_assert_int_eq(fc_estimate(arena, film(""), &options, &fc_prices_default, json("[]")).credits,
                     2);
}
END_TEST

START_TEST(the_timeline_changes_the_length_and_not_the_price)
{
    struct fc_estimate e = estimated(
        film("'timeline':[{'scene':'a'},{'transition':{'type':'fade','duration':3}},"
             "{'flashback':{'scenes':['b','b']}},{'montage':{'scenes':['a','b']}}]"),
        "{}");

    ck_assert_int_eq(e.credits, 38);
    ck_assert_int_eq(e.duration_ms, 5000 + 9000 + 9500);
}
END_TEST

START_TEST(the_welcome_storyboard_costs_forty_credits)
{
    struct fc_estimate e = estimated(json_file("tests/unit/storyboard/welcome.json"), "{}");
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_estimate(&b, &e, NULL);
    ck_assert_str_eq(b.data, quoted("{'estimated_duration_seconds':10,'estimated_credits':40,"
                                    "'estimated_generation_time_seconds':54,'scenes':["
                                    "{'id':'entrance','duration':5,'credits':20},"
                                    "{'id':'welcome','duration':5,'credits':20}],'warnings':[]}"));
}
END_TEST

/* ---- forecast ---- */

START_TEST(the_longest_valid_film_fits_into_the_usual_timeout)
{
    struct fc_buffer b = fc_buffer_in(arena);
    struct fc_estimate e;

    fc_put(&b, "{'title':'T','scenes':[");
    for (int i = 0; i < 50; i++)
        fc_putf(&b, "%s{'id':'s%d','prompt':'x','duration':6}", i == 0 ? "" : ",", i);
    fc_put(&b, "]}");
    e = estimated(json(b.data), "{'fps':60,'quality':'high'}");
    ck_assert_int_eq(e.generation_seconds, 30 + 100 + 1350);
    ck_assert(!e.may_time_out);
}
END_TEST

START_TEST(the_forecast_is_rounded_up)
{
    ck_assert_int_eq(estimated(json("{'scenes':[{'duration':1.001}]}"), "{}").generation_seconds,
                     30 + 2 + 3);
    ck_assert_int_eq(estimated(json("{'prompt':'x'}"), "{}").generation_seconds, 30);
}
END_TEST

/* 5 s of film, 10 s of forecast at 1080p: half of that for each rendition of the same size. */
static const struct {
    const char *options;
    int64_t seconds;
} renditions[] = {
    {"{'outputs':[]}", 32 + 10},
    {"{'outputs':[{'resolution':'1080x1920'}]}", 32 + 10 + 5},
    {"{'outputs':[{'resolution':'480x854'},{'resolution':'720x720','fit':'crop'}]}", 32 + 14},
    {"{'resolution':'480x854','fps':60,'outputs':[{'resolution':'1920x1080'}]}", 32 + 12},
    {"{'quality':'high','outputs':[{'resolution':'1280x720'}]}", 32 + 19},
    {"{'quality':'draft','outputs':[{'resolution':'854x480'}]}", 32 + 6},
};

START_TEST(each_rendition_takes_half_as_long_as_a_film_of_its_size)
{
    const struct fc_json *spec = json("{'scenes':[{'id':'a','duration':5}]}");

    ck_assert_int_eq(estimated(spec, renditions[_i].options).generation_seconds,
                     renditions[_i].seconds);
}
END_TEST

START_TEST(renditions_are_of_the_whole_film_also_when_a_part_of_it_is_rendered_again)
{
    struct fc_options options = options_of("{'outputs':[{'resolution':'1080x1080'}]}");
    struct fc_estimate e = fc_estimate(
        arena, json("{'scenes':[{'id':'a','duration':5},{'id':'b','duration':10}]}"), &options,
        &fc_prices_default, json("['a']"));

    ck_assert_int_eq(e.generation_seconds, 30 + 2 + 10 + 15);
}
END_TEST

START_TEST(renditions_cost_no_credits_and_a_still_has_none)
{
    static const char outputs[] = "{'outputs':[{'resolution':'1080x1080'}]}";

    ck_assert_int_eq(estimated(json("{'scenes':[{'duration':5}]}"), outputs).credits, 20);
    ck_assert_int_eq(estimated(json("{'prompt':'x'}"), outputs).generation_seconds, 30);
}
END_TEST

START_TEST(a_forecast_beyond_the_timeout_is_a_warning)
{
    struct fc_prices slow = fc_prices_default;
    struct fc_options options = options_of("{}");
    struct fc_check *check = checked(film_of_scene("'duration':12"));
    struct fc_buffer b = fc_buffer_in(arena);
    const struct fc_json *warnings;
    struct fc_estimate e;

    slow.timeout_seconds = 40;
    e = fc_estimate(arena, film_of_scene("'duration':12"), &options, &slow, NULL);
    ck_assert(e.may_time_out);
    fc_put_estimate(&b, &e, check);
    warnings = fc_json_get(json(b.data), "warnings");
    ck_assert_uint_eq(fc_json_count(warnings), 2);
    ck_assert_str_eq(fc_json_string(fc_json_get(fc_json_next(fc_json_first(warnings)), "code")),
                     "may_time_out");
    b = fc_buffer_in(arena);
    fc_put_estimate(&b, &e, NULL);
    ck_assert_uint_eq(fc_json_count(fc_json_get(json(b.data), "warnings")), 1);
}
END_TEST

START_TEST(seconds_have_as_many_decimals_as_they_need)
{
    struct fc_estimate e = estimated(
        json("{'scenes':[{'id':'a','duration':1.5},{'id':'b','duration':2.25},"
             "{'id':'c','duration':3.1249},{'id':'d','duration':1.0000001},{}]}"),
        "{}");
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_estimate(&b, &e, NULL);
    ck_assert_ptr_nonnull(strstr(b.data, quoted("'estimated_duration_seconds':7.875,")));
    ck_assert_ptr_nonnull(
        strstr(b.data, quoted("{'id':'a','duration':1.5,'credits':6},{'id':'b','duration':2.25,"
                              "'credits':9},{'id':'c','duration':3.125,'credits':13},"
                              "{'id':'d','duration':1,'credits':4},"
                              "{'id':null,'duration':null,'credits':2}]")));
}
END_TEST

Suite *prices_suite(void)
{
    Suite *suite = suite_create("storyboard: prices");
    TCase *claims = case_new(suite, "claims");

    tcase_add_test(claims, absent_options_have_defaults);
    tcase_add_loop_test(claims, each_resolution_has_its_size_and_class, 0, N(sizes));
    tcase_add_loop_test(claims, bad_options_are_told, 0, N(bad_options));
    tcase_add_test(claims, options_are_written_with_their_defaults);
    tcase_add_test(claims, captions_are_written_when_they_are_burnt_in);
    tcase_add_test(claims, outputs_are_padded_unless_they_say_otherwise);
    tcase_add_loop_test(claims, credits_follow_the_formula, 0, N(prices));
    tcase_add_test(claims, what_has_no_scenes_is_an_image);
    tcase_add_test(claims, the_sum_is_capped);
    tcase_add_test(claims, a_retry_pays_for_the_missing_scenes);
    tcase_add_test(claims, the_timeline_changes_the_length_and_not_the_price);
    tcase_add_test(claims, the_welcome_storyboard_costs_forty_credits);
    tcase_add_test(claims, the_longest_valid_film_fits_into_the_usual_timeout);
    tcase_add_test(claims, the_forecast_is_rounded_up);
    tcase_add_loop_test(claims, each_rendition_takes_half_as_long_as_a_film_of_its_size, 0,
                        N(renditions));
    tcase_add_test(claims,
                   renditions_are_of_the_whole_film_also_when_a_part_of_it_is_rendered_again);
    tcase_add_test(claims, renditions_cost_no_credits_and_a_still_has_none);
    tcase_add_test(claims, a_forecast_beyond_the_timeout_is_a_warning);
    tcase_add_test(claims, seconds_have_as_many_decimals_as_they_need);
    return suite;
}
