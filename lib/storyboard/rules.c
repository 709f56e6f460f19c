/* The storyboard, row by row. Whoever wonders what a field may hold reads it here. */
#include <math.h>

#include "storyboard/check.h"

#define REQUIRED .is_required = true
#define OPTIONAL .is_required = false
#define RANGE(low, high) .min = (low), .max = (high)
#define AT_LEAST(low) .min = (low), .max = (double)INFINITY
#define ANY_NUMBER .min = -(double)INFINITY, .max = (double)INFINITY
#define AT_MOST(high) .max = (high)
#define FIELDS(table) .inside = (table)
#define EACH(row) .inside = &(row)
#define ALSO(hook) .also = fc_also_##hook

const char *const fc_transition_names[] = {
    [FC_TRANSITION_CUT] = "cut",           [FC_TRANSITION_FADE] = "fade",
    [FC_TRANSITION_DISSOLVE] = "dissolve", [FC_TRANSITION_WIPE] = "wipe",
    [FC_TRANSITION_BLUR] = "blur",         [FC_TRANSITION_ZOOM] = "zoom",
    [FC_TRANSITION_FLASH] = "flash",       [FC_TRANSITION_GLITCH] = "glitch",
    [FC_TRANSITION_CUSTOM] = "custom",     [FC_TRANSITION__COUNT] = NULL,
};

/* ---- symbols ---- */

static const struct fc_rule reference_fields[] = {
    {"id", FC_RULE_TEXT, REQUIRED, ALSO(image_asset)},
    {"weight", FC_RULE_NUMBER, RANGE(0, 1)},
    {"url", FC_RULE_ANYTHING, OPTIONAL}, /* read-only: dropped when stored */
    {0},
};
static const struct fc_rule reference = {"reference image", FC_RULE_OBJECT,
                                         FIELDS(reference_fields)};

static const struct fc_rule voice_fields[] = {
    {"asset_id", FC_RULE_TEXT, REQUIRED, ALSO(voice_asset)},
    {0},
};

static const struct fc_rule symbol_fields[] = {
    {"prompt", FC_RULE_TEXT, REQUIRED, RANGE(1, 1000), .not_blank = true},
    {"negative", FC_RULE_TEXT, AT_MOST(1000)},
    {"reference_images", FC_RULE_LIST, AT_MOST(10), .things = "reference images", EACH(reference)},
    {"voice", FC_RULE_OBJECT, FIELDS(voice_fields)},
    {0},
};
static const struct fc_rule symbol = {"symbol", FC_RULE_OBJECT, FIELDS(symbol_fields),
                                      .key = fc_key_symbol};

/* ---- sound ---- */

static const struct fc_rule audio_fields[] = {
    {"asset_id", FC_RULE_TEXT, REQUIRED, ALSO(audio_asset)},
    {"volume", FC_RULE_NUMBER, RANGE(0, 1)},
    {"fade_in", FC_RULE_NUMBER, AT_LEAST(0)},
    {"fade_out", FC_RULE_NUMBER, AT_LEAST(0)},
    {"loop", FC_RULE_BOOLEAN, OPTIONAL},
    {0},
};

static const struct fc_rule effect_sound_fields[] = {
    {"asset_id", FC_RULE_TEXT, REQUIRED, ALSO(audio_asset)},
    {"trigger", FC_RULE_TEXT, AT_MOST(500)},
    {"start", FC_RULE_NUMBER, AT_LEAST(0), ALSO(start)},
    {"volume", FC_RULE_NUMBER, RANGE(0, 1)},
    {0},
};
static const struct fc_rule effect_sound = {"sfx", FC_RULE_OBJECT, FIELDS(effect_sound_fields)};

static const struct fc_rule line_fields[] = {
    {"speaker", FC_RULE_TEXT, ALSO(speaker)},
    {"text", FC_RULE_TEXT, REQUIRED, RANGE(1, 500)},
    {"start", FC_RULE_NUMBER, AT_LEAST(0), ALSO(start)},
    {"volume", FC_RULE_NUMBER, RANGE(0, 1)},
    {0},
};
static const struct fc_rule line = {"line", FC_RULE_OBJECT, FIELDS(line_fields)};

static const struct fc_rule scene_audio_fields[] = {
    {"ambient", FC_RULE_OBJECT, FIELDS(audio_fields)},
    {"music", FC_RULE_OBJECT, FIELDS(audio_fields)},
    {"sfx", FC_RULE_LIST, AT_MOST(10), .things = "sound effects", EACH(effect_sound)},
    {"dialogue", FC_RULE_LIST, AT_MOST(5), .things = "lines of dialogue", EACH(line)},
    {0},
};

/* ---- scenes ---- */

static const struct fc_rule scene_fields[] = {
    {"id", FC_RULE_TEXT, REQUIRED, ALSO(scene_id)},
    {"prompt", FC_RULE_TEXT, REQUIRED, RANGE(1, 2000), .not_blank = true, ALSO(scene_prompt)},
    {"duration", FC_RULE_NUMBER, REQUIRED, RANGE(1, 30), ALSO(scene_duration)},
    {"order", FC_RULE_NUMBER, ANY_NUMBER, ALSO(scene_order)},
    {"audio", FC_RULE_OBJECT, FIELDS(scene_audio_fields)},
    {0},
};
static const struct fc_rule scene = {"scene", FC_RULE_OBJECT, FIELDS(scene_fields), ALSO(scene)};

/* ---- transitions ---- */

static const struct fc_rule effect_fields[] = {
    {"name", FC_RULE_TEXT, REQUIRED, .min = 1},
    {"from", FC_RULE_NUMBER, ANY_NUMBER},
    {"to", FC_RULE_NUMBER, ANY_NUMBER},
    {"easing", FC_RULE_TEXT, OPTIONAL},
    {0},
};
static const struct fc_rule effect = {"effect", FC_RULE_OBJECT, FIELDS(effect_fields)};

static const struct fc_rule transition_sound_fields[] = {
    {"asset_id", FC_RULE_TEXT, ALSO(audio_asset)},
    {"volume", FC_RULE_NUMBER, RANGE(0, 1)},
    {0},
};

static const struct fc_rule transition_fields[] = {
    {"type", FC_RULE_TEXT, REQUIRED, .values = fc_transition_names, .things = "transition type"},
    {"duration", FC_RULE_NUMBER, RANGE(0, 10)},
    {"params", FC_RULE_FREE_OBJECT, OPTIONAL},
    {"effects", FC_RULE_LIST, AT_MOST(20), .things = "effects", EACH(effect)},
    {"audio", FC_RULE_OBJECT, FIELDS(transition_sound_fields)},
    {0},
};
static const struct fc_rule preset = {"preset", FC_RULE_OBJECT, FIELDS(transition_fields),
                                      .key = fc_key_preset, ALSO(preset)};
static const struct fc_rule transition_entry = {"transition", FC_RULE_OBJECT_OR_NAME,
                                                FIELDS(transition_fields), .key = fc_key_transition,
                                                ALSO(transition_entry)};

/* ---- timeline ---- */

static const struct fc_rule scene_reference = {"scene", FC_RULE_TEXT, ALSO(scene_reference)};

static const struct fc_rule treatment_fields[] = {
    {"desaturate", FC_RULE_NUMBER, RANGE(0, 1)},
    {"vignette", FC_RULE_BOOLEAN, OPTIONAL},
    {"grain", FC_RULE_NUMBER, RANGE(0, 1)},
    {"blur", FC_RULE_NUMBER, RANGE(0, 100)},
    {0},
};

static const struct fc_rule flashback_fields[] = {
    {"scenes", FC_RULE_LIST, REQUIRED, RANGE(1, 50), .things = "scenes", EACH(scene_reference)},
    {"treatment", FC_RULE_OBJECT, FIELDS(treatment_fields)},
    {0},
};

static const struct fc_rule montage_fields[] = {
    {"scenes", FC_RULE_LIST, REQUIRED, RANGE(1, 50), .things = "scenes", EACH(scene_reference)},
    {"pace", FC_RULE_TEXT, AT_MOST(50)},
    {"transition", FC_RULE_OBJECT_OR_NAME, FIELDS(transition_fields), ALSO(transition)},
    {0},
};

static const struct fc_rule timeline_fields[] = {
    {"scene", FC_RULE_TEXT, ALSO(scene_reference)},
    {"transition", FC_RULE_OBJECT_OR_NAME, FIELDS(transition_fields), ALSO(transition)},
    {"flashback", FC_RULE_OBJECT, FIELDS(flashback_fields)},
    {"montage", FC_RULE_OBJECT, FIELDS(montage_fields)},
    {0},
};
static const struct fc_rule timeline_element = {"element", FC_RULE_OBJECT, FIELDS(timeline_fields),
                                                ALSO(timeline_element)};

/* ---- the document ---- */

static const struct fc_rule global_prompt_fields[] = {
    {"positive", FC_RULE_TEXT, AT_MOST(2000)},
    {"negative", FC_RULE_TEXT, AT_MOST(2000)},
    {0},
};

static const struct fc_rule global_audio_fields[] = {
    {"music", FC_RULE_OBJECT, FIELDS(audio_fields)},
    {"ambient", FC_RULE_OBJECT, FIELDS(audio_fields)},
    {0},
};

const struct fc_rule fc_rule_root[] = {
    {"title", FC_RULE_TEXT, REQUIRED, RANGE(1, 200), .not_blank = true},
    {"global_prompt", FC_RULE_OBJECT, FIELDS(global_prompt_fields)},
    {"global_audio", FC_RULE_OBJECT, FIELDS(global_audio_fields)},
    {"symbols", FC_RULE_MAP, AT_MOST(20), .things = "symbols", EACH(symbol)},
    {"transition_presets", FC_RULE_MAP, AT_MOST(20), .things = "transition presets", EACH(preset)},
    {"scenes", FC_RULE_LIST, REQUIRED, RANGE(1, 50), .things = "scenes", EACH(scene), ALSO(scenes)},
    {"transitions", FC_RULE_MAP, EACH(transition_entry)},
    {"timeline", FC_RULE_LIST, AT_MOST(100), .things = "timeline elements", EACH(timeline_element),
     ALSO(timeline)},
    {0},
};
