/** What the parts of a check share: its state, its problems, and the rows of rules.c. */
#ifndef FRAMECAST_STORYBOARD_CHECK_H
#define FRAMECAST_STORYBOARD_CHECK_H

#include "storyboard/names.h"
#include "storyboard/storyboard.h"

/* ---- problems ---- */

/** One error or warning. Texts are JSON where they say so; NULL: the member is left out. */
struct fc_problem {
    const char *path; /* NULL: where the walk is now */
    const char *code;
    const char *message;
    const char *value;        /* JSON */
    const char *valid_values; /* JSON array */
    const char *limit;        /* JSON number */
};

struct fc_problems {
    size_t n;
    struct fc_problem list[FC_PROBLEMS_MAX]; /* what is more is dropped */
};

/* ---- assets that are named ---- */

enum fc_asset_place { FC_ASSET_AUDIO, FC_ASSET_VOICE, FC_ASSET_IMAGE };

struct fc_asset_mention {
    struct fc_asset_mention *next;
    enum fc_asset_place place;
    bool is_usable; /* its form is one that this place takes */
    const char *id; /* as facts name it: UUIDs in lower case */
    const struct fc_json *value;
    const char *path;
};

struct fc_check {
    struct fc_arena *arena;
    struct fc_problems errors, warnings;
    struct fc_buffer path; /* of the value that is looked at */

    struct fc_names scenes, symbols, presets;
    const struct fc_json *all_scenes; /* the array, NULL when it is none */
    const struct fc_json *timeline;   /* the same; an empty one counts as none */
    const struct fc_json *scene;      /* the one that is looked at */
    const struct fc_json *element;    /* of the timeline, looked at last */

    /* valid_values, made once; NULL: not yet */
    const char *scene_ids, *symbol_keys, *speakers;
    const char *transition_choices[2]; /* presets; presets and types */

    struct fc_asset_mention *assets, **assets_end;
    bool assets_done;
};

void fc_check_error(struct fc_check *check, struct fc_problem problem);
void fc_check_warn(struct fc_check *check, struct fc_problem problem);
bool fc_check_is_full(const struct fc_check *check); /* further errors would be dropped */

/** @value as JSON for a problem: strings cut to 200 characters. NULL for arrays and objects. */
const char *fc_check_value(struct fc_check *check, const struct fc_json *value);
/** @text as a JSON string, cut to 200 characters. */
const char *fc_check_text(struct fc_check *check, const char *text, size_t n);
/** @text for a message, cut to 200 characters. */
const char *fc_check_shown(struct fc_check *check, struct fc_span text);
/** A number as JSON, in as few digits as tell it. */
const char *fc_check_number(struct fc_check *check, double number);

/* ---- rules ---- */

enum fc_rule_kind {
    FC_RULE_TEXT,
    FC_RULE_NUMBER,
    FC_RULE_BOOLEAN,
    FC_RULE_OBJECT,         /* with the fields of `inside` */
    FC_RULE_OBJECT_OR_NAME, /* the same, or a string */
    FC_RULE_FREE_OBJECT,    /* not looked into */
    FC_RULE_LIST,           /* its elements are as the row `inside` */
    FC_RULE_MAP,            /* so are its members */
    FC_RULE_ANYTHING
};

/** What may stand in one place of a storyboard. */
struct fc_rule {
    const char *name; /* of the field; NULL closes a table */
    enum fc_rule_kind kind;
    bool is_required;
    bool not_blank;     /* text of white space only counts as empty */
    double min, max;    /* numbers: bounds; text: characters; lists, maps: entries; max 0: none */
    const char *things; /* what it holds, for the message */
    const char *const *values; /* all that a text may be, closed by NULL */
    const struct fc_rule *inside;
    /** What a row cannot say, each called before what lies inside: of every member of a map that
     * has this row, whatever its type; and of every value whose type is right. */
    void (*key)(struct fc_check *check, const struct fc_json *member);
    void (*also)(struct fc_check *check, const struct fc_json *value);
};

extern const struct fc_rule fc_rule_root[]; /* the fields of a storyboard */
extern const char *const fc_transition_names[];

/** Checks the fields of @object, the value at check->path, against @fields. */
void fc_check_fields(struct fc_check *check, const struct fc_rule *fields,
                     const struct fc_json *object);

/** Puts a member or an element at the end of the path; gives what fc_path_leave wants back. */
size_t fc_path_enter(struct fc_check *check, const char *name);
size_t fc_path_enter_index(struct fc_check *check, size_t index);
void fc_path_leave(struct fc_check *check, size_t before);

/* ---- hooks of the rows: references.c, assets.c ---- */

void fc_key_symbol(struct fc_check *check, const struct fc_json *member);
void fc_key_preset(struct fc_check *check, const struct fc_json *member);
void fc_key_transition(struct fc_check *check, const struct fc_json *member);

void fc_also_scenes(struct fc_check *check, const struct fc_json *scenes);
void fc_also_scene(struct fc_check *check, const struct fc_json *scene);
void fc_also_scene_id(struct fc_check *check, const struct fc_json *id);
void fc_also_scene_prompt(struct fc_check *check, const struct fc_json *prompt);
void fc_also_scene_duration(struct fc_check *check, const struct fc_json *duration);
void fc_also_scene_order(struct fc_check *check, const struct fc_json *order);
void fc_also_start(struct fc_check *check, const struct fc_json *start);
void fc_also_speaker(struct fc_check *check, const struct fc_json *speaker);
void fc_also_preset(struct fc_check *check, const struct fc_json *preset);
void fc_also_transition(struct fc_check *check, const struct fc_json *transition);
void fc_also_transition_entry(struct fc_check *check, const struct fc_json *transition);
void fc_also_scene_reference(struct fc_check *check, const struct fc_json *id);
void fc_also_timeline(struct fc_check *check, const struct fc_json *timeline);
void fc_also_timeline_element(struct fc_check *check, const struct fc_json *element);

void fc_also_audio_asset(struct fc_check *check, const struct fc_json *id);
void fc_also_voice_asset(struct fc_check *check, const struct fc_json *id);
void fc_also_image_asset(struct fc_check *check, const struct fc_json *id);

/** The id by which an asset is stored: UUIDs in lower case, all else as it is. */
const char *fc_asset_id(struct fc_arena *arena, const char *id);

/* ---- facts about a storyboard, also of one that is not valid ---- */

enum { FC_MS_MAX = 1000000000 }; /* eleven days: longer than anything here, sums of it still fit */

/** Seconds as whole milliseconds, half up, within ±FC_MS_MAX; 0 for what is no number. */
int64_t fc_milliseconds(const struct fc_json *seconds);

/** The storyboard's timeline if it has one that says anything, else NULL. */
const struct fc_json *fc_timeline_of(const struct fc_json *spec);

/** Calls @visit for each playing of a scene in a timeline: names that are none are left out. */
void fc_timeline_visit(const struct fc_json *timeline, const struct fc_names *scenes,
                       void (*visit)(void *context, struct fc_name *scene), void *context);

#endif
