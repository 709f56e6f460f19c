/* Any JSON, as {"spec", "options", "facts"} or as a bare spec: everything can be asked about it,
 * and the answers agree. */
#include <assert.h>

#include "storyboard/storyboard.h"

static const struct fc_json *member(const struct fc_json *value, const char *name)
{
    return fc_json_type(value) == FC_JSON_OBJECT ? fc_json_get(value, name) : NULL;
}

static void expect_json(struct fc_arena *arena, const struct fc_buffer *b)
{
    const struct fc_json *value;

    assert(fc_json_parse(arena, b->data, b->n, &value, NULL) == FC_OK);
}

static void check(struct fc_arena *arena, const struct fc_json *body, const struct fc_json *spec,
                  struct fc_options *options)
{
    struct fc_check *made = fc_check_new(arena);
    struct fc_buffer b = fc_buffer_in(arena), assets = fc_buffer_in(arena);

    fc_check_spec(made, spec);
    fc_check_options(made, member(body, "options"), options);
    fc_check_put_assets(made, &assets);
    expect_json(arena, &assets);
    if (member(body, "facts") != NULL)
        fc_check_assets(made, member(body, "facts"));
    fc_check_put_result(made, &b);
    expect_json(arena, &b);
    assert(fc_check_valid(made) == (*fc_check_first(made, arena) == '\0'));
}

static void film(struct fc_arena *arena, const struct fc_json *spec,
                 const struct fc_estimate *estimate)
{
    struct fc_plan plan;
    struct fc_error error;
    int64_t end_ms = 0;

    if (fc_plan_make(arena, spec, &plan, &error) != FC_OK)
        return;
    assert(plan.n_shots > 0);
    for (size_t i = 0; i < plan.n_shots; i++) {
        assert(plan.shots[i].start_ms == end_ms && plan.shots[i].duration_ms >= 1000);
        assert(plan.shots[i].in.duration_ms * 2 <= plan.shots[i].duration_ms);
        end_ms += plan.shots[i].duration_ms;
    }
    assert(end_ms == plan.duration_ms && plan.duration_ms == estimate->duration_ms);
    for (size_t i = 0; i < plan.n_cues; i++)
        assert(plan.cues[i].start_ms < plan.cues[i].end_ms && plan.cues[i].end_ms <= end_ms);
    for (size_t i = 0; i < plan.n_captions; i++)
        assert(plan.captions[i].start_ms < plan.captions[i].end_ms &&
               plan.captions[i].end_ms <= end_ms);
    for (size_t i = 0; i < plan.n_scenes; i++)
        (void)fc_scene_text(arena, spec, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena), records = fc_buffer_in(arena);
    const struct fc_json *body = NULL, *spec;
    struct fc_scene_text text;
    struct fc_options options;
    struct fc_estimate estimate;

    if (fc_json_parse(arena, (const char *)data, n, &body, NULL) != FC_OK)
        return 0;
    spec = member(body, "spec") != NULL ? member(body, "spec") : body;
    check(arena, body, spec, &options);
    estimate = fc_estimate(arena, spec, &options, &fc_prices_default, member(body, "missing"));
    assert(estimate.credits >= 2 && estimate.credits <= INT32_MAX);
    fc_put_estimate(&b, &estimate, NULL);
    expect_json(arena, &b);
    fc_put_scene_records(&records, spec, options.seed);
    expect_json(arena, &records);
    (void)fc_character_text(arena, spec, &text, NULL);
    film(arena, spec, &estimate);
    return 0;
}
