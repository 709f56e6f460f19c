#include "storyboard/plan.h"

#include <stdlib.h>
#include <string.h>

struct layout {
    struct fc_arena *arena;
    struct fc_plan *plan;
    struct fc_playing *playings; /* one for each shot */
    struct fc_names scenes, presets;
    const struct fc_json *transitions; /* by pair of scenes, NULL when there are none */
    const struct fc_json *between;     /* the transition element after the last shot */
};

/* How the shots of one timeline element are played. */
struct manner {
    struct fc_treatment treatment;
    const struct fc_json *transition; /* of a montage: between its own scenes; NULL: as elsewhere */
    int64_t pace_ms;                  /* length of these transitions; -1: their own */
};

static const struct manner plain = {.pace_ms = -1};

/* ---- transitions ---- */

const char *fc_transition_name(enum fc_transition_type type)
{
    return fc_transition_names[type];
}

static enum fc_transition_type type_by_name(const char *name)
{
    for (unsigned i = 0; i < FC_TRANSITION__COUNT; i++)
        if (strcmp(fc_transition_names[i], name) == 0)
            return (enum fc_transition_type)i;
    return FC_TRANSITION_CUT;
}

static double number_or(const struct fc_json *value, double otherwise)
{
    return fc_json_type(value) == FC_JSON_NUMBER ? fc_json_number(value) : otherwise;
}

static struct fc_effect effect_read(const struct fc_json *json)
{
    const struct fc_json *from = fc_json_have(json, "from"), *to = fc_json_have(json, "to");
    const struct fc_json *easing = fc_json_have(json, "easing");

    return (struct fc_effect){.name = fc_json_string(fc_json_get(json, "name")),
                              .has_from = from != NULL,
                              .has_to = to != NULL,
                              .from = number_or(from, 0),
                              .to = number_or(to, 0),
                              .easing = easing == NULL ? NULL : fc_json_string(easing)};
}

/* A definition; its length is that which is given, else the usual one. */
static struct fc_transition transition_read(struct fc_arena *arena, const struct fc_json *json)
{
    const struct fc_json *effects = fc_json_have(json, "effects"),
                         *length = fc_json_have(json, "duration");
    struct fc_transition t = {.type = type_by_name(fc_json_string(fc_json_get(json, "type"))),
                              .params = fc_json_have(json, "params")};

    if (t.type != FC_TRANSITION_CUT)
        t.duration_ms = length == NULL ? FC_TRANSITION_MS : fc_milliseconds(length);
    if (effects == NULL)
        return t;
    t.effects = FC_NEW_ARRAY(arena, struct fc_effect, fc_json_count(effects));
    for (const struct fc_json *v = fc_json_first(effects); v != NULL; v = fc_json_next(v))
        t.effects[t.n_effects++] = effect_read(v);
    return t;
}

/* The entry of `transitions` that holds between two scenes, NULL when none does. */
static const struct fc_json *entry_between(const struct layout *l, const char *from, const char *to)
{
    const struct fc_json *entry;

    if (l->transitions == NULL)
        return NULL;
    entry = fc_json_have(l->transitions, fc_printf(l->arena, "%s->%s", from, to));
    return entry != NULL ? entry : fc_json_have(l->transitions, "default");
}

/* A reference names a preset, else (in the map) a type; a definition stands for itself. */
static struct fc_transition transition_of(const struct layout *l, const struct fc_json *reference,
                                          const struct fc_json **definition)
{
    const struct fc_name *preset;
    enum fc_transition_type type;

    *definition = reference;
    if (fc_json_type(reference) == FC_JSON_STRING) {
        preset = fc_names_find_value(&l->presets, reference);
        *definition = preset == NULL ? NULL : preset->value;
    }
    if (fc_json_type(*definition) == FC_JSON_OBJECT)
        return transition_read(l->arena, *definition);
    type = reference == NULL ? FC_TRANSITION_CUT : type_by_name(fc_json_string(reference));
    return (struct fc_transition){.type = type,
                                  .duration_ms = type == FC_TRANSITION_CUT ? 0 : FC_TRANSITION_MS};
}

/* How the shot that is about to be added comes in. @is_inner: it follows one of its own montage. */
static struct fc_transition transition_into(const struct layout *l,
                                            const struct fc_plan_scene *scene,
                                            const struct manner *manner, bool is_inner,
                                            const struct fc_json **definition)
{
    const struct fc_shot *before = &l->plan->shots[l->plan->n_shots - 1];
    const struct fc_json *own = is_inner ? manner->transition : NULL;
    const struct fc_json *reference = own != NULL ? own : l->between;
    struct fc_transition t;
    int64_t half;

    if (reference == NULL)
        reference = entry_between(l, l->plan->scenes[before->scene].id, scene->id);
    t = transition_of(l, reference, definition);
    if (is_inner && manner->pace_ms >= 0 && t.type != FC_TRANSITION_CUT &&
        (own == NULL || *definition == NULL || fc_json_have(*definition, "duration") == NULL))
        t.duration_ms = manner->pace_ms;
    half = (before->duration_ms < scene->duration_ms ? before->duration_ms : scene->duration_ms) /
           2;
    if (t.duration_ms > half)
        t.duration_ms = half;
    return t;
}

/* ---- shots ---- */

static void shot_add(struct layout *l, const struct fc_name *name, const struct manner *manner,
                     bool is_inner)
{
    struct fc_plan *plan = l->plan;
    struct fc_plan_scene *scene = &plan->scenes[name->index];
    struct fc_playing *playing = &l->playings[plan->n_shots];
    struct fc_shot *shot = &plan->shots[plan->n_shots];

    scene->is_played = true;
    playing->scene = name->value;
    *shot = (struct fc_shot){.scene = name->index,
                             .start_ms = plan->duration_ms,
                             .duration_ms = scene->duration_ms,
                             .treatment = manner->treatment};
    if (plan->n_shots > 0)
        shot->in = transition_into(l, scene, manner, is_inner, &playing->transition);
    l->between = NULL;
    plan->n_shots++;
    plan->duration_ms += scene->duration_ms;
}

static void group_add(struct layout *l, const struct fc_json *group, const struct manner *manner)
{
    const struct fc_json *list = fc_json_get(group, "scenes");

    for (const struct fc_json *v = fc_json_first(list); v != NULL; v = fc_json_next(v))
        shot_add(l, fc_names_find_value(&l->scenes, v), manner, v != fc_json_first(list));
}

static struct fc_treatment treatment_read(const struct fc_json *flashback)
{
    const struct fc_json *json = fc_json_have(flashback, "treatment"), *vignette;

    if (json == NULL)
        return (struct fc_treatment){.is_flashback = true};
    vignette = fc_json_have(json, "vignette");
    return (struct fc_treatment){.is_flashback = true,
                                 .vignette = vignette != NULL && fc_json_boolean(vignette),
                                 .desaturate = number_or(fc_json_get(json, "desaturate"), 0),
                                 .grain = number_or(fc_json_get(json, "grain"), 0),
                                 .blur = number_or(fc_json_get(json, "blur"), 0)};
}

static int64_t pace_read(const struct fc_json *montage)
{
    static const struct {
        const char *pace;
        int64_t ms;
    } paces[] = {{"slow", 1000}, {"normal", 500}, {"fast", 150}};
    const struct fc_json *pace = fc_json_have(montage, "pace");

    for (size_t i = 0; pace != NULL && i < sizeof paces / sizeof *paces; i++)
        if (strcmp(fc_json_string(pace), paces[i].pace) == 0)
            return paces[i].ms;
    return -1;
}

static void element_add(struct layout *l, const struct fc_json *element)
{
    const struct fc_json *scene = fc_json_have(element, "scene"),
                         *flashback = fc_json_have(element, "flashback");
    const struct fc_json *montage = fc_json_have(element, "montage");

    if (scene != NULL)
        shot_add(l, fc_names_find_value(&l->scenes, scene), &plain, false);
    else if (flashback != NULL)
        group_add(l, flashback,
                  &(struct manner){.treatment = treatment_read(flashback), .pace_ms = -1});
    else if (montage != NULL)
        group_add(l, montage,
                  &(struct manner){.transition = fc_json_have(montage, "transition"),
                                   .pace_ms = pace_read(montage)});
    else
        l->between = fc_json_have(element, "transition"); /* of several in a row the last counts */
}

/* ---- without a timeline: by `order` ---- */

static double order_of(const struct fc_name *scene)
{
    return number_or(fc_json_get(scene->value, "order"), (double)scene->index);
}

static int by_order(const void *a, const void *b)
{
    const struct fc_name *left = a, *right = b;
    double before = order_of(left), after = order_of(right);

    if (before < after || before > after)
        return before < after ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static void scenes_add(struct layout *l)
{
    struct fc_name *ordered = FC_NEW_ARRAY(l->arena, struct fc_name, l->scenes.n);

    memcpy(ordered, l->scenes.list, l->scenes.n * sizeof *ordered);
    qsort(ordered, l->scenes.n, sizeof *ordered, by_order);
    for (size_t i = 0; i < l->scenes.n; i++)
        shot_add(l, &ordered[i], &plain, false);
}

/* ---- the plan ---- */

static void count(void *n, struct fc_name *scene)
{
    (void)scene;
    ++*(size_t *)n;
}

static void lay_out(struct layout *l, const struct fc_json *timeline)
{
    size_t n = 0;

    if (timeline == NULL)
        n = l->scenes.n;
    else
        fc_timeline_visit(timeline, &l->scenes, count, &n);
    l->plan->shots = FC_NEW_ARRAY(l->arena, struct fc_shot, n);
    l->playings = FC_NEW_ARRAY(l->arena, struct fc_playing, n);
    if (timeline == NULL)
        scenes_add(l);
    else
        for (const struct fc_json *v = fc_json_first(timeline); v != NULL; v = fc_json_next(v))
            element_add(l, v);
}

static void list_scenes(struct fc_arena *arena, const struct fc_json *scenes, struct fc_plan *plan)
{
    plan->scenes = FC_NEW_ARRAY(arena, struct fc_plan_scene, fc_json_count(scenes));
    for (const struct fc_json *v = fc_json_first(scenes); v != NULL; v = fc_json_next(v))
        plan->scenes[plan->n_scenes++] = (struct fc_plan_scene){
            .id = fc_json_string(fc_json_get(v, "id")),
            .duration_ms = fc_milliseconds(fc_json_get(v, "duration")),
        };
}

fc_status fc_plan_make(struct fc_arena *arena, const struct fc_json *spec, struct fc_plan *plan,
                       struct fc_error *error)
{
    struct fc_check *check = fc_check_new(arena);
    struct fc_plan made = {0};
    struct layout l = {.arena = arena, .plan = &made};

    fc_check_spec(check, spec);
    if (check->errors.n == 0)
        fc_check_assets(check, NULL);
    if (check->errors.n > 0)
        return fc_fail(error, FC_E_VALIDATION, "%s", fc_check_first(check, arena));
    l.scenes = fc_names_of_ids(arena, fc_json_get(spec, "scenes"));
    l.presets = fc_names_of_members(arena, fc_json_get(spec, "transition_presets"));
    l.transitions = fc_json_have(spec, "transitions");
    made.title = fc_json_string(fc_json_get(spec, "title"));
    list_scenes(arena, fc_json_get(spec, "scenes"), &made);
    lay_out(&l, fc_timeline_of(spec));
    if (made.n_shots == 0)
        return fc_fail(error, FC_E_VALIDATION, "timeline: No scene is played");
    fc_plan_sounds(arena, spec, l.playings, &made);
    *plan = made;
    return FC_OK;
}
