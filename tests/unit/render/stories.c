#include "stories.h"

#include <check.h>

#include <framecast/text.h>

enum { SCENES_MAX = 12 };

/* ---- chance ---- */

/* splitmix64: every number of a story is a good beginning. */
static uint64_t draw(uint64_t *dice)
{
    uint64_t z = *dice += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *dice, size_t n)
{
    return draw(dice) % n;
}

#define ONE_OF(dice, list) ((list)[below(dice, sizeof(list) / sizeof *(list))])

/* ---- the parts of a storyboard ---- */

struct author {
    uint64_t dice;
    struct fc_buffer b;
    struct story *story;
    size_t n_scenes;
    int64_t lengths_ms[SCENES_MAX];
    double orders[SCENES_MAX];
};

static const char *const types[] = {"cut",  "fade",  "dissolve", "wipe",  "blur",
                                    "zoom", "flash", "glitch",   "custom"};
static const char *const params[] = {
    "",
    ",\"params\":{\"direction\":\"up\"}",
    ",\"params\":{\"shape\":\"circle\"}",
    ",\"params\":{\"color\":\"white\",\"style\":\"radial\"}",
    ",\"effects\":[{\"name\":\"zoom\",\"from\":1,\"to\":2}]",
    ",\"effects\":[{\"name\":\"opacity\",\"to\":1,\"easing\":\"ease-in\"},{\"name\":\"blur\"}]",
};

/* Next to nothing, odd ones, and longer than any scene. */
static const char *const lengths[] = {"",
                                      ",\"duration\":0",
                                      ",\"duration\":0.004",
                                      ",\"duration\":0.021",
                                      ",\"duration\":0.0417",
                                      ",\"duration\":0.333",
                                      ",\"duration\":0.75",
                                      ",\"duration\":1.0005",
                                      ",\"duration\":10"};

static void put_definition(struct author *a)
{
    fc_putf(&a->b, "{\"type\":\"%s\"%s%s}", ONE_OF(&a->dice, types), ONE_OF(&a->dice, lengths),
            ONE_OF(&a->dice, params));
}

static void put_reference(struct author *a)
{
    if (below(&a->dice, 3) == 0)
        fc_putf(&a->b, "\"preset%zu\"", below(&a->dice, 2));
    else
        put_definition(a);
}

static void put_scenes(struct author *a, const struct story_kind *kind)
{
    size_t n_lengths = 0;

    while (kind->lengths != NULL && kind->lengths[n_lengths] != 0)
        n_lengths++;
    fc_put(&a->b, ",\"scenes\":[");
    for (size_t i = 0; i < a->n_scenes; i++) {
        int64_t tenths = n_lengths > 0 ? kind->lengths[below(&a->dice, n_lengths)]
                                       : 10000 + (int64_t)below(&a->dice, 150000);

        a->lengths_ms[i] = (tenths + 5) / 10;
        a->orders[i] = (double)i;
        fc_putf(&a->b, "%s{\"id\":\"s%zu\",\"prompt\":\"x\",\"duration\":%lld.%04lld",
                i > 0 ? "," : "", i, (long long)tenths / 10000, (long long)tenths % 10000);
        if (below(&a->dice, 2) == 0) {
            a->orders[i] = (double)below(&a->dice, 9) / 2 - 1;
            fc_putf(&a->b, ",\"order\":%g", a->orders[i]);
        }
        fc_put(&a->b, "}");
    }
    fc_put(&a->b, "]");
}

static void put_transitions(struct author *a)
{
    fc_put(&a->b, ",\"transition_presets\":{\"preset0\":");
    put_definition(a);
    fc_put(&a->b, ",\"preset1\":");
    put_definition(a);
    fc_put(&a->b, "},\"transitions\":{\"s0->s1\":");
    put_reference(a);
    if (below(&a->dice, 2) == 0) {
        fc_put(&a->b, ",\"default\":");
        put_reference(a);
    }
    fc_put(&a->b, "}");
}

/* ---- what is played ---- */

static void play(struct author *a, size_t scene)
{
    struct story *story = a->story;

    ck_assert_uint_lt(story->n_shots, STORY_SHOTS_MAX);
    story->lengths_ms[story->n_shots++] = a->lengths_ms[scene];
    story->length_ms += a->lengths_ms[scene];
}

static void put_group(struct author *a)
{
    fc_put(&a->b, "\"scenes\":[");
    for (size_t n = 1 + below(&a->dice, 4), i = 0; i < n; i++) {
        size_t scene = below(&a->dice, a->n_scenes);

        fc_putf(&a->b, "%s\"s%zu\"", i > 0 ? "," : "", scene);
        play(a, scene);
    }
    fc_put(&a->b, "]");
}

static void put_scene(struct author *a)
{
    size_t scene = below(&a->dice, a->n_scenes);

    fc_putf(&a->b, "{\"scene\":\"s%zu\"}", scene);
    play(a, scene);
}

static void put_flashback(struct author *a)
{
    static const char *const treatments[] = {
        "",
        ",\"treatment\":{\"desaturate\":0.8}",
        ",\"treatment\":{\"vignette\":true,\"grain\":0.4}",
        ",\"treatment\":{\"desaturate\":1,\"vignette\":true,\"grain\":1,\"blur\":20}",
    };

    fc_put(&a->b, "{\"flashback\":{");
    put_group(a);
    fc_putf(&a->b, "%s}}", ONE_OF(&a->dice, treatments));
}

static void put_montage(struct author *a)
{
    static const char *const paces[] = {"", ",\"pace\":\"slow\"", ",\"pace\":\"normal\"",
                                        ",\"pace\":\"fast\""};

    fc_put(&a->b, "{\"montage\":{");
    put_group(a);
    fc_put(&a->b, ONE_OF(&a->dice, paces));
    if (below(&a->dice, 2) == 0) {
        fc_put(&a->b, ",\"transition\":");
        put_reference(a);
    }
    fc_put(&a->b, "}}");
}

static void put_transition(struct author *a)
{
    fc_put(&a->b, "{\"transition\":");
    put_reference(a);
    fc_put(&a->b, "}");
}

static void put_timeline(struct author *a, const struct story_kind *kind)
{
    static void (*const elements[])(struct author *) = {
        put_scene, put_scene, put_flashback, put_montage, put_transition, put_transition};

    fc_put(&a->b, ",\"timeline\":[");
    put_scene(a);
    while (a->story->n_shots < kind->shots_max) {
        fc_put(&a->b, ",");
        ONE_OF(&a->dice, elements)(a);
    }
    fc_put(&a->b, "]");
}

/* Without a timeline: by `order`, which is the index where there is none; equal ones as they stand.
 */
static void play_in_order(struct author *a)
{
    bool is_played[SCENES_MAX] = {false};

    for (size_t n = 0; n < a->n_scenes; n++) {
        size_t next = SCENES_MAX;

        for (size_t i = 0; i < a->n_scenes; i++) {
            if (!is_played[i] && (next == SCENES_MAX || a->orders[i] < a->orders[next]))
                next = i;
        }
        is_played[next] = true;
        play(a, next);
    }
}

struct story story_of(struct fc_arena *arena, const struct story_kind *kind, uint64_t number)
{
    struct story story = {0};
    struct author a = {.dice = number, .b = fc_buffer_in(arena), .story = &story};

    a.n_scenes = 2 + below(&a.dice, kind->scenes_max - 1);
    fc_putf(&a.b, "{\"title\":\"Story %llu\"", (unsigned long long)number);
    put_scenes(&a, kind);
    put_transitions(&a);
    if (below(&a.dice, 3) > 0)
        put_timeline(&a, kind);
    else
        play_in_order(&a);
    fc_put(&a.b, "}");
    story.text = a.b.data;
    return story;
}
