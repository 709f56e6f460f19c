/**
 * Storyboards: what may be in one, what it costs, and what its film looks like second by second.
 *
 * Pure functions of a parsed storyboard ("spec") and the client's options: nothing here reads or
 * writes anything else, so that the front, the renderer and the tests all get the same answers.
 * What depends on the database (do the named assets exist, may this user hear them?) is asked for
 * by fc_check_put_assets and handed back in as facts.
 *
 *   rules.c       what may stand where, as rows       options.c   resolution, fps, quality, ...
 *   walk.c        the engine that holds them up       estimate.c  credits, length, forecast
 *   references.c  what rows cannot say, warnings      text.c      effective prompts, seeds
 *   assets.c      ids asked for, facts judged         plan.c      shots and transitions
 *   check.c       problems and results                sound.c     sounds and captions over them
 *
 * Times are whole milliseconds. Everything returned lives in the arena it was asked for in, and
 * points into the parsed storyboard, which must live as long.
 */
#ifndef FRAMECAST_STORYBOARD_H
#define FRAMECAST_STORYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/text.h>

#include "json/json.h"

enum {
    FC_SPEC_BYTES_MAX = 102400, /* compact */
    FC_SPEC_MS_MAX = 300000,    /* all scenes together */
    FC_PROBLEMS_MAX = 100,      /* errors, and as many warnings */
    FC_TRANSITION_MS = 500 /* length of a transition that does not say its own; a cut has none */
};

/* ---- options ---- */

enum fc_class { FC_CLASS_480, FC_CLASS_720, FC_CLASS_1080, FC_CLASS__COUNT };
enum fc_quality { FC_QUALITY_DRAFT, FC_QUALITY_STANDARD, FC_QUALITY_HIGH, FC_QUALITY__COUNT };

/** Where dialogue can be read: in files beside the film, or in its pictures as well. */
enum fc_captions { FC_CAPTIONS_FILES, FC_CAPTIONS_BURN, FC_CAPTIONS__COUNT };

/** How the film comes into a frame of another shape: all of it, with bars; or all of the frame. */
enum fc_fit { FC_FIT_PAD, FC_FIT_CROP, FC_FIT__COUNT };

/** The same film once more, in another size or shape. */
struct fc_rendition {
    int width, height; /* as those of a film */
    enum fc_fit fit;
};

enum { FC_RENDITIONS_MAX = 4 };

/** How a job is to be rendered, defaults filled in. */
struct fc_options {
    int width, height; /* pixels, one of the sizes in options.c */
    enum fc_class class;
    int fps; /* 24, 30, 60 */
    enum fc_quality quality;
    bool has_seed; /* false: the job draws one when it is created */
    uint32_t seed;
    enum fc_captions captions;
    size_t n_renditions; /* besides the film itself, no two alike */
    struct fc_rendition renditions[FC_RENDITIONS_MAX];
};

enum fc_class fc_class_of(int width, int height);     /* by the shorter side */
const char *fc_fit_name(enum fc_fit fit);             /* "pad", "crop" */
const char *fc_quality_name(enum fc_quality quality); /* "draft", "standard", "high" */

/* ---- checking ---- */

/** The outcome of checking one storyboard and its options. */
struct fc_check;

struct fc_check *fc_check_new(struct fc_arena *arena);

/** Finds all that is wrong with @spec, but for assets that only the database knows. An absent spec
 * (NULL or null) is one `required` at `$`. Once per check. */
void fc_check_spec(struct fc_check *check, const struct fc_json *spec);

/** Checks @options (NULL and null: all defaults) and fills *@out; a bad option keeps its default.
 * Problems have paths options.<name>. */
void fc_check_options(struct fc_check *check, const struct fc_json *options,
                      struct fc_options *out);

/** The options alone, for stored rows: false when something is wrong with them. */
bool fc_options_read(const struct fc_json *options, struct fc_options *out);

/** The options as a JSON object: resolution, fps, quality and seed (@seed, the job's) always, the
 * others where they are not as usual. */
void fc_put_options(struct fc_buffer *b, const struct fc_options *options, uint32_t seed);

/** Number of different assets whose facts are needed to finish the check. */
size_t fc_check_n_assets(const struct fc_check *check);

/** Writes `[{"id":…,"need":"audio"|"image"}, …]`: each different id and need once, in order of
 * mention, UUIDs in lower case. Ids that cannot be any asset's are left out: they are errors. */
void fc_check_put_assets(const struct fc_check *check, struct fc_buffer *b);

/**
 * The last step: appends the errors about assets after all others.
 *
 * @facts is an array of {"id", "system": boolean, "found": boolean, "status", "kind",
 * "content_type"}; an asset without an entry counts as not found. NULL: nothing is known, and only
 * ids of the wrong form are reported. Once per check; the readers below take that as done with
 * NULL when it was left out.
 */
void fc_check_assets(struct fc_check *check, const struct fc_json *facts);

/** No errors so far. It may be asked at any time: before fc_check_assets it means that nothing is
 * wrong but, perhaps, what only the database knows. */
bool fc_check_valid(const struct fc_check *check);

/** Writes `{"valid":…,"errors":[…],"warnings":[…]}`, the validation result of the API. */
void fc_check_put_result(const struct fc_check *check, struct fc_buffer *b);
/** Writes the warnings alone, an array. */
void fc_check_put_warnings(const struct fc_check *check, struct fc_buffer *b);

/** One sentence on the first error, for messages: "scenes[1].duration: Must be between 1 and 30".
 */
const char *fc_check_first(const struct fc_check *check, struct fc_arena *arena);

/* ---- prices ---- */

/** The constants of the credit formula and the forecast: settings, all positive. */
struct fc_prices {
    int64_t per_second[FC_CLASS__COUNT];        /* CREDITS_PER_SECOND_… */
    int64_t fps_60_percent;                     /* CREDITS_FPS_60_PERCENT */
    int64_t quality_percent[FC_QUALITY__COUNT]; /* CREDITS_QUALITY_…_PERCENT */
    int64_t min_per_scene;                      /* CREDITS_MIN_PER_SCENE */
    int64_t per_image;                          /* CREDITS_PER_IMAGE */
    int64_t base_seconds;                       /* GENERATION_BASE_SECONDS */
    int64_t per_scene_seconds;                  /* GENERATION_PER_SCENE_SECONDS */
    int64_t class_percent[FC_CLASS__COUNT];     /* GENERATION_PERCENT_… */
    int64_t forecast_fps_60_percent;            /* GENERATION_FPS_60_PERCENT */
    int64_t timeout_seconds;                    /* JOB_TIMEOUT_SECONDS */
};

extern const struct fc_prices fc_prices_default;

struct fc_scene_price {
    const char *id;      /* NULL when the element has none (only in snapshots never validated) */
    int64_t duration_ms; /* -1 when the element has none */
    int64_t credits;
};

struct fc_estimate {
    int64_t credits;            /* what the job is charged; at most INT32_MAX */
    int64_t duration_ms;        /* of the film; 0 for an image */
    int64_t generation_seconds; /* forecast, renditions included */
    bool may_time_out;          /* the forecast exceeds timeout_seconds */
    size_t n_scenes;
    struct fc_scene_price *scenes; /* in the spec's order; none for an image */
};

/** A spec without an array `scenes` is an image job (a character), whatever else it holds. */
bool fc_spec_is_image(const struct fc_json *spec);

/**
 * Prices @spec. Total: also for snapshots that no check has seen. @missing, when not NULL, is an
 * array of scene ids, and only those scenes are counted and listed (a retry).
 */
struct fc_estimate fc_estimate(struct fc_arena *arena, const struct fc_json *spec,
                               const struct fc_options *options, const struct fc_prices *prices,
                               const struct fc_json *missing);

/** Writes the estimate as the API answers it. @check, which may be NULL, brings the warnings. */
void fc_put_estimate(struct fc_buffer *b, const struct fc_estimate *estimate,
                     const struct fc_check *check);

/* ---- texts and seeds of scenes ---- */

struct fc_symbol {
    const char *key;    /* "old_man" */
    const char *name;   /* "old man" */
    const char *prompt; /* its own, trimmed */
};

struct fc_reference {
    const char *asset_id;
    size_t symbol;              /* whose it is: index in the symbols of the same text */
    double weight;              /* 0..1 */
    struct fc_span weight_text; /* the number as it was written, "1.0" when it was not */
};

/** What every renderer is told about a scene. */
struct fc_scene_text {
    const char *prompt;   /* the effective prompt: style, symbols, scene */
    const char *negative; /* may be "" */
    const char *own;      /* the scene's own prompt, @key replaced by the names, trimmed */
    size_t n_symbols;     /* those that the prompt mentions, in order of first mention */
    struct fc_symbol *symbols;
    size_t n_references; /* of these symbols */
    struct fc_reference *references;
};

/** Texts of the @position-th scene of a storyboard that is valid (but for assets). */
struct fc_scene_text fc_scene_text(struct fc_arena *arena, const struct fc_json *spec,
                                   size_t position);

/** Texts of an image job. FC_E_VALIDATION when the character has no prompt to draw. */
fc_status fc_character_text(struct fc_arena *arena, const struct fc_json *spec,
                            struct fc_scene_text *text, struct fc_error *error);

/** The seed of scene @position of a job: (seed + position) mod 2^32. */
uint32_t fc_scene_seed(uint32_t job_seed, size_t position);

/** Writes `[{"scene_id":…,"seed":…}, …]`: the scene records of a new job. An image job has one,
 * "image"; a snapshot that is no valid storyboard has none. */
void fc_put_scene_records(struct fc_buffer *b, const struct fc_json *spec, uint32_t job_seed);

/* ---- the film ---- */

enum fc_transition_type {
    FC_TRANSITION_CUT,
    FC_TRANSITION_FADE,
    FC_TRANSITION_DISSOLVE,
    FC_TRANSITION_WIPE,
    FC_TRANSITION_BLUR,
    FC_TRANSITION_ZOOM,
    FC_TRANSITION_FLASH,
    FC_TRANSITION_GLITCH,
    FC_TRANSITION_CUSTOM,
    FC_TRANSITION__COUNT
};

const char *fc_transition_name(enum fc_transition_type type); /* "cut", "fade", … */

/** One element of a transition's `effects`. */
struct fc_effect {
    const char *name;
    bool has_from, has_to;
    double from, to;
    const char *easing; /* NULL when not given */
};

/** How a shot comes in: over its own beginning, while the last frame of the shot before is held. */
struct fc_transition {
    enum fc_transition_type type;
    int64_t duration_ms;          /* at most half of the shorter of the two shots; 0 for a cut */
    const struct fc_json *params; /* an object, or NULL */
    size_t n_effects;
    struct fc_effect *effects;
};

/** What a flashback does to the picture; all zero: nothing. */
struct fc_treatment {
    bool is_flashback;
    bool vignette;
    double desaturate; /* 0..1 */
    double grain;      /* 0..1 */
    double blur;       /* 0..100 */
};

/** One playing of one scene's clip. */
struct fc_shot {
    size_t scene;        /* index in plan.scenes, which is the scene's position in the spec */
    int64_t start_ms;    /* in the film; shots follow each other without gap or overlap */
    int64_t duration_ms; /* the scene's */
    struct fc_transition in;
    struct fc_treatment treatment;
};

enum fc_cue_kind { FC_CUE_MUSIC, FC_CUE_AMBIENT, FC_CUE_SFX, FC_CUE_TRANSITION };

/** One sound in the film. */
struct fc_cue {
    enum fc_cue_kind kind;
    const char *asset_id; /* UUIDs in lower case */
    int64_t start_ms;     /* in the film */
    int64_t end_ms;       /* latest end: of the scene for music and ambience, else of the film */
    double volume;        /* 0..1 */
    int64_t fade_in_ms;   /* from start_ms */
    int64_t fade_out_ms;  /* before the sound's end */
    bool loop;            /* repeated until end_ms */
};

/** A line of dialogue: what can be read, and be said. */
struct fc_caption {
    int64_t start_ms, end_ms; /* in the film: as long as reading takes */
    int64_t limit_ms;         /* the next line begins, or the scene ends; at least end_ms */
    const char *text;
    const char *speaker; /* key of a symbol; NULL: nobody in particular */
    const char *looks;   /* the speaker's prompt; NULL without a speaker */
    double volume;       /* 0..1, of the voice */
};

struct fc_plan_scene {
    const char *id;
    int64_t duration_ms;
    bool is_played;
};

/** Everything that making the film needs: nobody below reads the storyboard again. */
struct fc_plan {
    const char *title;
    int64_t duration_ms; /* = estimated duration */
    size_t n_scenes;
    struct fc_plan_scene *scenes; /* in the spec's order */
    size_t n_shots;
    struct fc_shot *shots; /* in playing order, at least one */
    size_t n_cues;
    struct fc_cue *cues; /* by start_ms */
    size_t n_captions;
    struct fc_caption *captions; /* by start_ms */
};

/**
 * Lays out the film of a storyboard.
 *
 * FC_E_VALIDATION  the storyboard is not valid (assets aside), or its timeline plays no scene;
 *                  @error names the first error. A job with such a snapshot fails: `invalid_spec`.
 */
fc_status fc_plan_make(struct fc_arena *arena, const struct fc_json *spec, struct fc_plan *plan,
                       struct fc_error *error);

#endif
