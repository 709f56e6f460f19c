#include <string.h>

#include "storyboard/check.h"

const struct fc_prices fc_prices_default = {
    .per_second = {1, 2, 4},
    .fps_60_percent = 200,
    .quality_percent = {50, 100, 150},
    .min_per_scene = 2,
    .per_image = 2,
    .base_seconds = 30,
    .per_scene_seconds = 2,
    .class_percent = {50, 100, 200},
    .forecast_fps_60_percent = 150,
    .timeout_seconds = 1800,
};

enum { SCENE_MS_MIN = 1000, SCENE_MS_MAX = 30000 };

/* a × b, or the greatest number: settings may be as large as they like. */
static int64_t times(int64_t a, int64_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t divide_up(int64_t a, int64_t by)
{
    return a / by + (a % by != 0);
}

static int64_t at_least(int64_t a, int64_t least)
{
    return a < least ? least : a;
}

static int64_t at_most(int64_t a, int64_t most)
{
    return a > most ? most : a;
}

/* ---- one scene ---- */

/* The priced length: moved into what a scene may last; -1 when the element has no number for it. */
static int64_t priced_ms(const struct fc_json *scene)
{
    const struct fc_json *duration = fc_json_type(scene) == FC_JSON_OBJECT
                                         ? fc_json_get(scene, "duration")
                                         : NULL;

    if (fc_json_type(duration) != FC_JSON_NUMBER)
        return -1;
    return at_most(at_least(fc_milliseconds(duration), SCENE_MS_MIN), SCENE_MS_MAX);
}

static int64_t scene_credits(const struct fc_prices *prices, const struct fc_options *options,
                             int64_t duration_ms)
{
    int64_t fps_percent = options->fps == 60 ? prices->fps_60_percent : 100;
    int64_t work = times(times(times(duration_ms, prices->per_second[options->class]), fps_percent),
                         prices->quality_percent[options->quality]);

    if (duration_ms < 0)
        return prices->min_per_scene;
    return at_least(divide_up(work, 10000000), prices->min_per_scene);
}

static const char *scene_id(const struct fc_json *scene)
{
    const struct fc_json *id = fc_json_type(scene) == FC_JSON_OBJECT ? fc_json_get(scene, "id")
                                                                     : NULL;

    return fc_json_type(id) == FC_JSON_STRING ? fc_json_string(id) : NULL;
}

static bool is_listed(const struct fc_json *list, const char *id)
{
    if (fc_json_type(list) != FC_JSON_ARRAY)
        return true;
    for (const struct fc_json *v = fc_json_first(list); v != NULL; v = fc_json_next(v))
        if (fc_json_type(v) == FC_JSON_STRING && fc_text_equal(fc_json_string(v), id))
            return true;
    return false;
}

/* ---- the whole ---- */

static void add_duration(void *sum, struct fc_name *scene)
{
    *(int64_t *)sum += at_least(priced_ms(scene->value), 0);
}

static int64_t film_ms(struct fc_arena *arena, const struct fc_json *spec)
{
    const struct fc_json *timeline = fc_timeline_of(spec), *scenes = fc_json_get(spec, "scenes");
    int64_t sum = 0;

    if (timeline != NULL) {
        struct fc_names names = fc_names_of_ids(arena, scenes);

        fc_timeline_visit(timeline, &names, add_duration, &sum);
        return sum;
    }
    for (const struct fc_json *v = fc_json_first(scenes); v != NULL; v = fc_json_next(v))
        sum += at_least(priced_ms(v), 0);
    return sum;
}

/* 10^9 times the seconds that @ms of film take in pictures of @class. */
static int64_t work_of(const struct fc_prices *prices, const struct fc_options *options, int64_t ms,
                       enum fc_class class)
{
    static const int64_t quality_percent[] = {50, 100, 150};
    int64_t fps_percent = options->fps == 60 ? prices->forecast_fps_60_percent : 100;

    return times(times(times(ms, prices->class_percent[class]), fps_percent),
                 quality_percent[options->quality]);
}

/* A rendition is not painted, only encoded: half of the work of a scene of that length. */
static int64_t work_of_renditions(const struct fc_prices *prices, const struct fc_options *options,
                                  int64_t film_ms)
{
    int64_t work = 0;

    for (size_t i = 0; i < options->n_renditions; i++) {
        const struct fc_rendition *rendition = &options->renditions[i];
        enum fc_class class = fc_class_of(rendition->width, rendition->height);

        work = plus(work, work_of(prices, options, film_ms, class));
    }
    return work / 2;
}

static int64_t forecast(const struct fc_prices *prices, const struct fc_options *options,
                        const struct fc_estimate *estimate)
{
    int64_t scenes_ms = 0, work, fixed;

    for (size_t i = 0; i < estimate->n_scenes; i++)
        scenes_ms += at_least(estimate->scenes[i].duration_ms, 0);
    work = plus(work_of(prices, options, scenes_ms, options->class),
                work_of_renditions(prices, options, estimate->duration_ms));
    fixed = plus(prices->base_seconds,
                 times(prices->per_scene_seconds, (int64_t)estimate->n_scenes));
    return plus(fixed, divide_up(work, 1000000000));
}

struct fc_estimate fc_estimate(struct fc_arena *arena, const struct fc_json *spec,
                               const struct fc_options *options, const struct fc_prices *prices,
                               const struct fc_json *missing)
{
    struct fc_estimate e = {.credits = prices->per_image};
    const struct fc_json *scenes;

    if (!fc_spec_is_image(spec)) {
        scenes = fc_json_get(spec, "scenes");
        e.scenes = FC_NEW_ARRAY(arena, struct fc_scene_price, fc_json_count(scenes));
        e.credits = 0;
        for (const struct fc_json *v = fc_json_first(scenes); v != NULL; v = fc_json_next(v)) {
            struct fc_scene_price price = {.id = scene_id(v), .duration_ms = priced_ms(v)};

            if (!is_listed(missing, price.id))
                continue;
            price.credits = scene_credits(prices, options, price.duration_ms);
            e.credits = plus(e.credits, price.credits);
            e.scenes[e.n_scenes++] = price;
        }
        e.credits = at_least(e.credits, prices->min_per_scene);
        e.duration_ms = film_ms(arena, spec);
    }
    e.credits = at_most(e.credits, INT32_MAX);
    e.generation_seconds = forecast(prices, options, &e);
    e.may_time_out = e.generation_seconds > prices->timeout_seconds;
    return e;
}

/* ---- as JSON ---- */

/* Milliseconds as seconds with as many of three decimals as are needed. */
static void put_seconds(struct fc_buffer *b, int64_t ms)
{
    int64_t rest = ms % 1000;

    if (rest == 0)
        fc_putf(b, "%lld", (long long)(ms / 1000));
    else if (rest % 100 == 0)
        fc_putf(b, "%lld.%d", (long long)(ms / 1000), (int)(rest / 100));
    else if (rest % 10 == 0)
        fc_putf(b, "%lld.%02d", (long long)(ms / 1000), (int)(rest / 10));
    else
        fc_putf(b, "%lld.%03d", (long long)(ms / 1000), (int)rest);
}

static void put_warnings(struct fc_buffer *b, const struct fc_estimate *estimate,
                         const struct fc_check *check)
{
    static const char may_time_out[] =
        "{\"path\":\"$\",\"code\":\"may_time_out\",\"message\":\"Rendering may take longer than "
        "the server allows\"}";

    if (check != NULL)
        fc_check_put_warnings(check, b);
    else
        fc_put(b, "[]");
    if (!estimate->may_time_out)
        return;
    b->data[--b->n] = '\0'; /* reopen the array */
    if (b->data[b->n - 1] != '[')
        fc_put_char(b, ',');
    fc_put(b, may_time_out);
    fc_put_char(b, ']');
}

void fc_put_estimate(struct fc_buffer *b, const struct fc_estimate *estimate,
                     const struct fc_check *check)
{
    fc_put(b, "{\"estimated_duration_seconds\":");
    put_seconds(b, estimate->duration_ms);
    fc_putf(b,
            ",\"estimated_credits\":%lld,\"estimated_generation_time_seconds\":%lld,\"scenes\":[",
            (long long)estimate->credits, (long long)estimate->generation_seconds);
    for (size_t i = 0; i < estimate->n_scenes; i++) {
        const struct fc_scene_price *scene = &estimate->scenes[i];

        fc_put(b, i == 0 ? "{\"id\":" : ",{\"id\":");
        fc_put_json(b, scene->id);
        fc_put(b, ",\"duration\":");
        if (scene->duration_ms < 0)
            fc_put(b, "null");
        else
            put_seconds(b, scene->duration_ms);
        fc_putf(b, ",\"credits\":%lld}", (long long)scene->credits);
    }
    fc_put(b, "],\"warnings\":");
    put_warnings(b, estimate, check);
    fc_put_char(b, '}');
}
