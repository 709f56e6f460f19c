/* What rows cannot say: references from one part of a storyboard to another, and the warnings. */
#include <string.h>

#include "storyboard/check.h"

static void warn(struct fc_check *check, const char *code, const char *message)
{
    fc_check_warn(check, (struct fc_problem){.code = code, .message = message});
}

static int by_index(const void *a, const void *b)
{
    const struct fc_name *left = *(const struct fc_name *const *)a;
    const struct fc_name *right = *(const struct fc_name *const *)b;

    return (left->index > right->index) - (left->index < right->index);
}

/* Names as a JSON array, in the order of the storyboard, those that @fits (NULL: all). A storyboard
 * within its limits has fewer than NAMES_SHOWN of anything: others must not swell every error. */
static const char *list_of(struct fc_check *check, const struct fc_names *names,
                           bool (*fits)(const struct fc_json *value))
{
    struct fc_buffer b = fc_buffer_in(check->arena);
    const struct fc_name **ordered = FC_NEW_ARRAY(check->arena, const struct fc_name *, names->n);
    enum { NAMES_SHOWN = 100 };
    size_t n = 0;

    for (size_t i = 0; i < names->n; i++)
        ordered[i] = &names->list[i];
    qsort(ordered, names->n, sizeof *ordered, by_index);
    fc_put_char(&b, '[');
    for (size_t i = 0; i < names->n && n < NAMES_SHOWN; i++) {
        if (fits != NULL && !fits(ordered[i]->value))
            continue;
        fc_put(&b, n++ == 0 ? "" : ",");
        fc_put(&b, fc_check_text(check, ordered[i]->text, strlen(ordered[i]->text)));
    }
    fc_put_char(&b, ']');
    return b.data;
}

static bool has_voice(const struct fc_json *symbol)
{
    return fc_json_type(symbol) == FC_JSON_OBJECT && fc_json_have(symbol, "voice") != NULL;
}

static const char *scene_ids(struct fc_check *check)
{
    if (check->scene_ids == NULL)
        check->scene_ids = list_of(check, &check->scenes, NULL);
    return check->scene_ids;
}

static const char *symbol_keys(struct fc_check *check)
{
    if (check->symbol_keys == NULL)
        check->symbol_keys = list_of(check, &check->symbols, NULL);
    return check->symbol_keys;
}

static const char *speakers(struct fc_check *check)
{
    if (check->speakers == NULL)
        check->speakers = list_of(check, &check->symbols, has_voice);
    return check->speakers;
}

/* ---- keys ---- */

static void check_key(struct fc_check *check, const char *key)
{
    enum { KEY_CHARACTERS = 64 };
    size_t length = fc_utf8_length(key, strlen(key));

    if (length == 0)
        fc_check_error(check, (struct fc_problem){.code = "empty",
                                                  .message = "A key must not be empty",
                                                  .value = "\"\"",
                                                  .limit = "1"});
    if (length > KEY_CHARACTERS)
        fc_check_error(check, (struct fc_problem){.code = "too_long",
                                                  .message = "Longer than 64 characters",
                                                  .value = fc_printf(check->arena, "%zu", length),
                                                  .limit = "64"});
}

void fc_key_preset(struct fc_check *check, const struct fc_json *member)
{
    check_key(check, fc_json_name(member));
}

void fc_key_symbol(struct fc_check *check, const struct fc_json *member)
{
    const char *key = fc_json_name(member);

    check_key(check, key);
    if (*key != '\0' && !fc_mention_fits(key))
        warn(check, "unreferencable_symbol",
             "Prompts cannot mention this key: @key takes letters, digits and '_'");
    if (!fc_names_find(&check->symbols, fc_span_of(key))->is_used)
        warn(check, "unused_symbol", "No prompt mentions this symbol and no line is spoken by it");
}

/* ---- scenes ---- */

void fc_also_scenes(struct fc_check *check, const struct fc_json *scenes)
{
    enum { NANO = 9 }; /* exact for all durations that a person writes */
    int64_t sum = 0, one;
    double rough = 0;
    bool fits = true;

    for (const struct fc_json *v = fc_json_first(scenes); v != NULL; v = fc_json_next(v)) {
        const struct fc_json *duration = fc_json_type(v) == FC_JSON_OBJECT
                                             ? fc_json_get(v, "duration")
                                             : NULL;

        if (fc_json_type(duration) != FC_JSON_NUMBER)
            continue;
        rough += fc_json_number(duration);
        fits = fits && fc_json_scaled(duration, NANO, &one) &&
               !__builtin_add_overflow(sum, one, &sum);
    }
    if (fits ? sum <= 300000000000 : rough <= 300)
        return;
    fc_check_error(check,
                   (struct fc_problem){.code = "total_duration",
                                       .message = "Scenes last longer than 300 seconds in total",
                                       .value = fc_check_number(check, fits ? (double)sum / 1e9
                                                                       : rough > 1e308 ? 1e308
                                                                                       : rough),
                                       .limit = "300"});
}

void fc_also_scene(struct fc_check *check, const struct fc_json *scene)
{
    const struct fc_name *name = fc_names_find_value(&check->scenes, fc_json_get(scene, "id"));

    check->scene = scene;
    if (check->timeline != NULL && name != NULL && name->value == scene && !name->is_used)
        warn(check, "unused_scene", "The timeline never plays this scene");
}

static bool is_scene_id(const char *id)
{
    size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return n >= 1 && n <= 64 && id[n] == '\0';
}

void fc_also_scene_id(struct fc_check *check, const struct fc_json *id)
{
    if (!is_scene_id(fc_json_string(id)))
        fc_check_error(
            check,
            (struct fc_problem){.code = "invalid_format",
                                .message = "Scene ids use letters, digits, '_' and '-', at most 64",
                                .value = fc_check_value(check, id)});
    if (fc_names_find_value(&check->scenes, id)->value != check->scene)
        fc_check_error(
            check, (struct fc_problem){
                       .code = "duplicate",
                       .message = fc_printf(check->arena, "Scene id '%s' is used twice",
                                            fc_check_shown(check, fc_span_of(fc_json_string(id)))),
                       .value = fc_check_value(check, id)});
}

static void unknown_symbol(struct fc_check *check, struct fc_span name)
{
    size_t cut = name.n < 200 ? name.n : 200;

    fc_check_error(check, (struct fc_problem){.code = "unknown_symbol",
                                              .message = fc_printf(check->arena,
                                                                   "Symbol '@%.*s' is not defined",
                                                                   (int)cut, name.at),
                                              .value = fc_check_text(check, name.at, name.n),
                                              .valid_values = symbol_keys(check)});
}

void fc_also_scene_prompt(struct fc_check *check, const struct fc_json *prompt)
{
    struct fc_span missing[FC_PROBLEMS_MAX], name;
    const char *text = fc_json_string(prompt);
    size_t n = 0;

    while (!fc_check_is_full(check) && (name = fc_mention_next(&text), name.n > 0)) {
        bool is_new = fc_names_find(&check->symbols, name) == NULL;

        for (size_t i = 0; i < n && is_new; i++)
            is_new = missing[i].n != name.n || memcmp(missing[i].at, name.at, name.n) != 0;
        if (is_new) {
            missing[n++] = name; /* never more than errors fit */
            unknown_symbol(check, name);
        }
    }
}

void fc_also_scene_duration(struct fc_check *check, const struct fc_json *duration)
{
    double seconds = fc_json_number(duration);

    if (seconds > 10 && seconds <= 30) /* beyond that it is an error, which says enough */
        warn(check, "long_scene", "Scenes longer than 10 seconds may lose quality");
}

void fc_also_scene_order(struct fc_check *check, const struct fc_json *order)
{
    enum { WORTH_COMPARING = 50 }; /* with more scenes the storyboard is not valid anyway */

    if (check->timeline != NULL || fc_json_count(check->all_scenes) > WORTH_COMPARING)
        return;
    for (const struct fc_json *v = fc_json_first(check->all_scenes); v != check->scene;
         v = fc_json_next(v)) {
        const struct fc_json *other = fc_json_type(v) == FC_JSON_OBJECT ? fc_json_get(v, "order")
                                                                        : NULL;

        if (fc_json_type(other) == FC_JSON_NUMBER &&
            !(fc_json_number(other) < fc_json_number(order)) &&
            !(fc_json_number(other) > fc_json_number(order))) {
            warn(check, "duplicate_order", "An earlier scene has the same order");
            return;
        }
    }
}

void fc_also_start(struct fc_check *check, const struct fc_json *start)
{
    const struct fc_json *duration = fc_json_get(check->scene, "duration");

    if (fc_json_type(duration) == FC_JSON_NUMBER &&
        fc_json_number(start) >= fc_json_number(duration))
        warn(check, "starts_after_scene", "Starts after the scene has ended");
}

void fc_also_speaker(struct fc_check *check, const struct fc_json *speaker)
{
    const struct fc_name *symbol = fc_names_find_value(&check->symbols, speaker);
    const char *key = fc_check_shown(check, fc_span_of(fc_json_string(speaker)));

    if (symbol == NULL)
        fc_check_error(check,
                       (struct fc_problem){
                           .code = "unknown_speaker",
                           .message = fc_printf(check->arena, "Speaker '%s' is not a symbol", key),
                           .value = fc_check_value(check, speaker),
                           .valid_values = speakers(check)});
    else if (!has_voice(symbol->value))
        fc_check_error(
            check,
            (struct fc_problem){.code = "speaker_without_voice",
                                .message = fc_printf(check->arena, "Symbol '%s' has no voice", key),
                                .value = fc_check_value(check, speaker),
                                .valid_values = speakers(check)});
}

/* ---- transitions ---- */

void fc_also_preset(struct fc_check *check, const struct fc_json *preset)
{
    const struct fc_json *type = fc_json_get(preset, "type"),
                         *effects = fc_json_get(preset, "effects");

    if (fc_json_type(type) != FC_JSON_STRING || strcmp(fc_json_string(type), "custom") != 0)
        return;
    if (fc_json_type(effects) == FC_JSON_NULL ||
        (fc_json_type(effects) == FC_JSON_ARRAY && fc_json_count(effects) == 0))
        warn(check, "custom_without_effects", "A custom transition without effects does nothing");
}

/* The names of presets, and of the types if @with_types, each once. */
static const char *transition_choices(struct fc_check *check, bool with_types)
{
    const char **choices = &check->transition_choices[with_types];
    struct fc_buffer b = fc_buffer_in(check->arena);
    const char *presets;

    if (*choices != NULL)
        return *choices;
    presets = list_of(check, &check->presets, NULL);
    fc_put_n(&b, presets, strlen(presets) - 1);
    for (size_t i = 0; with_types && i < FC_TRANSITION_CUSTOM; i++)
        if (fc_names_find(&check->presets, fc_span_of(fc_transition_names[i])) == NULL)
            fc_putf(&b, "%s\"%s\"", b.n > 1 ? "," : "", fc_transition_names[i]);
    fc_put_char(&b, ']');
    *choices = b.data;
    return b.data;
}

static bool names_a_type(const char *name)
{
    for (size_t i = 0; i < FC_TRANSITION_CUSTOM; i++)
        if (strcmp(fc_transition_names[i], name) == 0)
            return true;
    return false;
}

static void check_transition(struct fc_check *check, const struct fc_json *transition,
                             bool may_be_type)
{
    if (fc_json_type(transition) == FC_JSON_OBJECT) {
        fc_also_preset(check, transition);
        return;
    }
    if (fc_names_find_value(&check->presets, transition) != NULL ||
        (may_be_type && names_a_type(fc_json_string(transition))) || fc_check_is_full(check))
        return;
    fc_check_error(check, (struct fc_problem){
                              .code = "unknown_transition",
                              .message = fc_printf(
                                  check->arena, "No transition preset '%s'",
                                  fc_check_shown(check, fc_span_of(fc_json_string(transition)))),
                              .value = fc_check_value(check, transition),
                              .valid_values = transition_choices(check, may_be_type)});
}

void fc_also_transition(struct fc_check *check, const struct fc_json *transition)
{
    check_transition(check, transition, false);
}

void fc_also_transition_entry(struct fc_check *check, const struct fc_json *transition)
{
    check_transition(check, transition, true);
}

static void check_scene_name(struct fc_check *check, struct fc_span id)
{
    if (fc_names_find(&check->scenes, id) != NULL || fc_check_is_full(check))
        return;
    fc_check_error(
        check, (struct fc_problem){.code = "unknown_scene",
                                   .message = fc_printf(check->arena, "No scene has the id '%s'",
                                                        fc_check_shown(check, id)),
                                   .value = fc_check_text(check, id.at, id.n),
                                   .valid_values = scene_ids(check)});
}

void fc_key_transition(struct fc_check *check, const struct fc_json *member)
{
    const char *key = fc_json_name(member), *arrow = strchr(key, '>');

    if (strcmp(key, "default") == 0)
        return;
    /* Ids hold no '>', so the only one must belong to the only arrow. */
    if (arrow == NULL || arrow < key + 2 || arrow[-1] != '-' || arrow[1] == '\0' ||
        strchr(arrow + 1, '>') != NULL) {
        fc_check_error(check, (struct fc_problem){.code = "invalid_transition_key",
                                                  .message = "Key must be 'default' or 'from->to'",
                                                  .value = fc_check_text(check, key, strlen(key))});
        return;
    }
    check_scene_name(check, (struct fc_span){key, (size_t)(arrow - 1 - key)});
    check_scene_name(check, fc_span_of(arrow + 1));
}

/* ---- timeline ---- */

void fc_also_scene_reference(struct fc_check *check, const struct fc_json *id)
{
    check_scene_name(check, fc_span_of(fc_json_string(id)));
}

static void add_milliseconds(void *sum, struct fc_name *scene)
{
    *(int64_t *)sum += fc_milliseconds(fc_json_get(scene->value, "duration"));
}

void fc_also_timeline(struct fc_check *check, const struct fc_json *timeline)
{
    int64_t sum = 0;

    fc_timeline_visit(timeline, &check->scenes, add_milliseconds, &sum);
    if (sum > FC_SPEC_MS_MAX)
        warn(check, "timeline_too_long", "The timeline plays more than 300 seconds");
}

static bool is_transition(const struct fc_json *element)
{
    return fc_json_type(element) == FC_JSON_OBJECT && fc_json_have(element, "transition") != NULL;
}

static void check_members(struct fc_check *check, const struct fc_json *element)
{
    static const char *const members[] = {"scene", "transition", "flashback", "montage"};
    struct fc_buffer found = fc_buffer_in(check->arena);
    size_t n = 0;

    for (size_t i = 0; i < 4; i++)
        if (fc_json_have(element, members[i]) != NULL)
            fc_putf(&found, "%c\"%s\"", n++ == 0 ? '[' : ',', members[i]);
    if (n == 1)
        return;
    fc_check_error(check,
                   (struct fc_problem){
                       .code = "invalid_element",
                       .message = "Exactly one of scene, transition, flashback, montage",
                       .value = n == 0 ? "[]" : fc_printf(check->arena, "%s]", found.data),
                       .valid_values = "[\"scene\",\"transition\",\"flashback\",\"montage\"]"});
}

void fc_also_timeline_element(struct fc_check *check, const struct fc_json *element)
{
    const struct fc_json *before = check->element, *after = fc_json_next(element);

    check->element = element;
    check_members(check, element);
    if (!is_transition(element))
        return;
    if (before != NULL && fc_json_next(before) != element)
        before = NULL; /* the one between is no object, and that is error enough */
    else if (before == NULL || is_transition(before))
        after = NULL;
    if (after == NULL || is_transition(after))
        warn(check, "transition_position", "A transition stands between two scenes");
}
