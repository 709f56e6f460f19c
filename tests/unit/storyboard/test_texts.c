#include "storyboard/support.h"

START_TEST(the_entrance_of_the_welcome_storyboard_reads_as_promised)
{
    struct fc_scene_text text = fc_scene_text(arena,
                                              json_file("tests/unit/storyboard/welcome.json"), 0);

    ck_assert_str_eq(text.prompt, "film look, seen through the visitor's own eyes, warm golden "
                                  "light, festive mood, crisp detail. "
                                  "crowd: a lively audience of all ages and backgrounds "
                                  "applauding, happy faces, bright clothes. "
                                  "first-person walk along a backstage corridor towards bright "
                                  "lights, rising excitement, the muffled "
                                  "noise of crowd further ahead, long shadows");
    ck_assert_str_eq(
        text.negative,
        "blur, warped shapes, poor quality, gloom, deserted rooms, anger, empty seats, sorrow");
    ck_assert_uint_eq(text.n_symbols, 1);
    ck_assert_str_eq(text.symbols[0].key, "crowd");
}
END_TEST

static const struct {
    const char *why, *members, *prompt, *negative;
} texts[] = {
    {"a prompt alone", "'scenes':[{'id':'a','prompt':'  x \\n','duration':1}]", "x", ""},
    {"blank parts are left out", "'global_prompt':{'positive':' \\u00a0','negative':' '}", "x", ""},
    {"after a sentence comes a blank", "'global_prompt':{'positive':'Yes!','negative':'n'}",
     "Yes! x", "n"},
    {"after a question too", "'global_prompt':{'positive':'Why? '}", "Why? x", ""},
    {"else a full stop", "'global_prompt':{'positive':'so,'}", "so,. x", ""},
    {"symbols in order of first mention, each once",
     "'symbols':{'b':{'prompt':'a bear.','negative':'no'},'old_man':{'prompt':' a man "
     "','negative':' young '},"
     "'c':{'prompt':'never','negative':'never'}},"
     "'scenes':[{'id':'a','prompt':'@old_man meets @b, @b runs from @old_man','duration':1}]",
     "old man: a man. b: a bear. old man meets b, b runs from old man", "young, no"},
    {"inserted text is not searched again",
     "'symbols':{'a':{'prompt':'like @b'},'b':{'prompt':'never'}},"
     "'global_prompt':{'positive':'@b'},'scenes':[{'id':'a','prompt':'@a','duration':1}]",
     "@b. a: like @b. a", ""},
    {"an at sign alone stays", "'scenes':[{'id':'a','prompt':'me @ home, x@, @-','duration':1}]",
     "me @ home, x@, @-", ""},
};

START_TEST(effective_texts_are_put_together)
{
    struct fc_scene_text text = fc_scene_text(arena, film(texts[_i].members), 0);

    ck_assert_msg(fc_text_equal(text.prompt, texts[_i].prompt), "%s: %s", texts[_i].why,
                  text.prompt);
    ck_assert_msg(fc_text_equal(text.negative, texts[_i].negative), "%s: %s", texts[_i].why,
                  text.negative);
}
END_TEST

START_TEST(reference_images_come_with_their_symbols)
{
    struct fc_scene_text text = fc_scene_text(
        arena,
        film("'symbols':{'a':{'prompt':'x','reference_images':[{'id':'6F1B0A9E-0000-4000-8000-"
             "000000000001'},"
             "{'id':'6f1b0a9e-0000-4000-8000-000000000002','weight':0.50}]},"
             "'b':{'prompt':'x','reference_images':[{'id':'6f1b0a9e-0000-4000-8000-000000000003','"
             "weight':1}]},"
             "'c':{'prompt':'x','reference_images':[{'id':'6f1b0a9e-0000-4000-8000-000000000004'}]}"
             "},"
             "'scenes':[{'id':'s','prompt':'x','duration':1},{'id':'a','prompt':'@b "
             "@a','duration':1}]"),
        1);

    ck_assert_uint_eq(text.n_references, 3);
    ck_assert_str_eq(text.references[0].asset_id, "6f1b0a9e-0000-4000-8000-000000000003");
    ck_assert_str_eq(text.references[1].asset_id, "6f1b0a9e-0000-4000-8000-000000000001");
    ck_assert(fc_span_is(text.references[1].weight_text, "1.0"));
    ck_assert(fc_span_is(text.references[2].weight_text, "0.50"));
    ck_assert_double_eq(text.references[2].weight, 0.5);
    ck_assert_uint_eq(text.references[0].symbol, 0); /* b is mentioned first */
    ck_assert_uint_eq(text.references[2].symbol, 1);
}
END_TEST

START_TEST(a_character_has_its_own_prompt)
{
    struct fc_scene_text text;
    struct fc_error error;

    ck_assert_int_eq(fc_character_text(arena,
                                       json("{'prompt':' a cat ','negative':'dogs','name':'C'}"),
                                       &text, &error),
                     FC_OK);
    ck_assert_str_eq(text.prompt, "a cat");
    ck_assert_str_eq(text.negative, "dogs");
    ck_assert_int_eq(fc_character_text(arena, json("{'prompt':'x','negative':5}"), &text, &error),
                     FC_OK);
    ck_assert_str_eq(text.negative, "");
    ck_assert_int_eq(fc_character_text(arena, json("{'prompt':' '}"), &text, &error),
                     FC_E_VALIDATION);
    ck_assert_int_eq(fc_character_text(arena, json("{'prompt':5}"), &text, &error),
                     FC_E_VALIDATION);
    ck_assert_int_eq(fc_character_text(arena, json("[]"), &text, &error), FC_E_VALIDATION);
}
END_TEST

START_TEST(seeds_count_on_from_the_jobs_seed)
{
    ck_assert_uint_eq(fc_scene_seed(7, 0), 7);
    ck_assert_uint_eq(fc_scene_seed(7, 3), 10);
    ck_assert_uint_eq(fc_scene_seed(UINT32_MAX, 2), 1);
}
END_TEST

static const struct {
    const char *spec, *records;
} recorded[] = {
    {"{'title':'T','scenes':[{'id':'b','prompt':'x','duration':1},{'id':'a','prompt':'x','duration'"
     ":1}]}",
     "[{'scene_id':'b','seed':4294967295},{'scene_id':'a','seed':0}]"},
    {"{'prompt':'x'}", "[{'scene_id':'image','seed':4294967295}]"},
    {"{'title':'T','scenes':[]}", "[]"},
    {"{'scenes':[{'id':'b'}]}", "[]"},
};

START_TEST(a_new_job_has_a_record_for_each_scene)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put_scene_records(&b, json(recorded[_i].spec), UINT32_MAX);
    ck_assert_str_eq(b.data, quoted(recorded[_i].records));
}
END_TEST

Suite *texts_suite(void)
{
    Suite *suite = suite_create("storyboard: texts");
    TCase *claims = case_new(suite, "claims");

    tcase_add_test(claims, the_entrance_of_the_welcome_storyboard_reads_as_promised);
    tcase_add_loop_test(claims, effective_texts_are_put_together, 0, N(texts));
    tcase_add_test(claims, reference_images_come_with_their_symbols);
    tcase_add_test(claims, a_character_has_its_own_prompt);
    tcase_add_test(claims, seeds_count_on_from_the_jobs_seed);
    tcase_add_loop_test(claims, a_new_job_has_a_record_for_each_scene, 0, N(recorded));
    return suite;
}
