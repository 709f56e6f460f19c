#include <string.h>

#include "storyboard/check.h"

static const struct {
    const char *name;
    int width, height;
} resolutions[] = {
    {"854x480", 854, 480},     {"480x854", 480, 854},     {"1280x720", 1280, 720},
    {"720x1280", 720, 1280},   {"720x720", 720, 720},     {"1920x1080", 1920, 1080},
    {"1080x1920", 1080, 1920}, {"1080x1080", 1080, 1080},
};

static const char *const qualities[FC_QUALITY__COUNT] = {
    [FC_QUALITY_DRAFT] = "draft",
    [FC_QUALITY_STANDARD] = "standard",
    [FC_QUALITY_HIGH] = "high",
};

static const char *const caption_ways[FC_CAPTIONS__COUNT] = {
    [FC_CAPTIONS_FILES] = "files",
    [FC_CAPTIONS_BURN] = "burn",
};

static const char *const fits[FC_FIT__COUNT] = {
    [FC_FIT_PAD] = "pad",
    [FC_FIT_CROP] = "crop",
};

static const struct fc_options defaults = {.width = 1920,
                                           .height = 1080,
                                           .class = FC_CLASS_1080,
                                           .fps = 24,
                                           .quality = FC_QUALITY_STANDARD};

enum { N_RESOLUTIONS = sizeof resolutions / sizeof *resolutions };

const char *fc_quality_name(enum fc_quality quality)
{
    return qualities[quality];
}

enum fc_class fc_class_of(int width, int height)
{
    const int side = width < height ? width : height;

    return side <= 480 ? FC_CLASS_480 : side <= 720 ? FC_CLASS_720 : FC_CLASS_1080;
}

const char *fc_fit_name(enum fc_fit fit)
{
    return fits[fit];
}

static void wrong_type(struct fc_check *check, const struct fc_json *value, const char *message,
                       const char *types)
{
    fc_check_error(check, (struct fc_problem){.code = "wrong_type",
                                              .message = message,
                                              .value = fc_check_value(check, value),
                                              .valid_values = types});
}

static void invalid_value(struct fc_check *check, const struct fc_json *value, const char *what,
                          const char *valid_values)
{
    fc_check_error(check,
                   (struct fc_problem){.code = "invalid_value",
                                       .message = fc_printf(check->arena, "Unknown %s", what),
                                       .value = fc_check_value(check, value),
                                       .valid_values = valid_values});
}

/* A JSON array of words that need no escapes. */
static const char *list_of(struct fc_arena *arena, const char *const *words, size_t n)
{
    struct fc_buffer list = fc_buffer_in(arena);

    for (size_t i = 0; i < n; i++)
        fc_putf(&list, "%c\"%s\"", i == 0 ? '[' : ',', words[i]);
    fc_put_char(&list, ']');
    return list.data;
}

/* The index of the word that @value is; -1, and an error that lists them, when it is none. */
static int read_word(struct fc_check *check, const struct fc_json *value, const char *what,
                     const char *const *words, size_t n)
{
    if (fc_json_type(value) != FC_JSON_STRING) {
        wrong_type(check, value, "Must be a string", "[\"string\"]");
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fc_json_string(value), words[i]) == 0)
            return (int)i;
    }
    invalid_value(check, value, what, list_of(check->arena, words, n));
    return -1;
}

/* The index of a resolution; -1, and an error, when it is none. */
static int resolution_at(struct fc_check *check, const struct fc_json *value)
{
    const char *names[N_RESOLUTIONS];

    for (size_t i = 0; i < N_RESOLUTIONS; i++)
        names[i] = resolutions[i].name;
    return read_word(check, value, "resolution", names, N_RESOLUTIONS);
}

static void read_resolution(struct fc_check *check, const struct fc_json *value,
                            struct fc_options *out)
{
    int at = resolution_at(check, value);

    if (at < 0)
        return;
    out->width = resolutions[at].width;
    out->height = resolutions[at].height;
    out->class = fc_class_of(out->width, out->height);
}

static void read_fps(struct fc_check *check, const struct fc_json *value, struct fc_options *out)
{
    int64_t fps;

    if (fc_json_type(value) != FC_JSON_NUMBER)
        wrong_type(check, value, "Must be a number", "[\"number\"]");
    else if (!fc_json_int(value, &fps) || (fps != 24 && fps != 30 && fps != 60))
        invalid_value(check, value, "frame rate", "[24,30,60]");
    else
        out->fps = (int)fps;
}

static void read_quality(struct fc_check *check, const struct fc_json *value,
                         struct fc_options *out)
{
    int word = read_word(check, value, "quality", qualities, FC_QUALITY__COUNT);

    if (word >= 0)
        out->quality = (enum fc_quality)word;
}

static void read_captions(struct fc_check *check, const struct fc_json *value,
                          struct fc_options *out)
{
    int word = read_word(check, value, "way of captions", caption_ways, FC_CAPTIONS__COUNT);

    if (word >= 0)
        out->captions = (enum fc_captions)word;
}

static struct fc_options with_seed(struct fc_options options, uint32_t seed)
{
    options.has_seed = true;
    options.seed = seed;
    return options;
}

static void read_seed(struct fc_check *check, const struct fc_json *value, struct fc_options *out)
{
    const char *bound = NULL;
    int64_t seed = 0;

    if (fc_json_type(value) != FC_JSON_NUMBER) {
        wrong_type(check, value, "Must be a whole number", "[\"integer\"]");
        return;
    }
    if (fc_json_number(value) < 0)
        bound = "0";
    else if (fc_json_number(value) > UINT32_MAX)
        bound = "4294967295";
    if (bound != NULL)
        fc_check_error(check, (struct fc_problem){.code = "out_of_range",
                                                  .message = "Must be between 0 and 4294967295",
                                                  .value = fc_check_value(check, value),
                                                  .limit = bound});
    else if (!fc_json_int(value, &seed))
        wrong_type(check, value, "Must be a whole number", "[\"integer\"]");
    else
        *out = with_seed(*out, (uint32_t)seed);
}

/* ---- outputs: further renditions ---- */

static bool read_rendition_resolution(struct fc_check *check, const struct fc_json *output,
                                      struct fc_rendition *rendition)
{
    const struct fc_json *value = fc_json_have(output, "resolution");
    size_t here = fc_path_enter(check, "resolution");
    int at = -1;

    if (value == NULL)
        fc_check_error(check, (struct fc_problem){.code = "required",
                                                  .message = "Field 'resolution' is required",
                                                  .value = "null"});
    else
        at = resolution_at(check, value);
    fc_path_leave(check, here);
    if (at < 0)
        return false;
    rendition->width = resolutions[at].width;
    rendition->height = resolutions[at].height;
    return true;
}

static bool read_rendition_fit(struct fc_check *check, const struct fc_json *output,
                               struct fc_rendition *rendition)
{
    const struct fc_json *value = fc_json_have(output, "fit");
    size_t here = fc_path_enter(check, "fit");
    int at = value == NULL ? FC_FIT_PAD : read_word(check, value, "fit", fits, FC_FIT__COUNT);

    fc_path_leave(check, here);
    if (at >= 0)
        rendition->fit = (enum fc_fit)at;
    return at >= 0;
}

static bool has_no_others(struct fc_check *check, const struct fc_json *output)
{
    bool has_none = true;

    for (const struct fc_json *v = fc_json_first(output); v != NULL; v = fc_json_next(v)) {
        const char *name = fc_json_name(v);
        size_t here = fc_path_enter(check, name);

        if (strcmp(name, "resolution") != 0 && strcmp(name, "fit") != 0) {
            fc_check_error(check, (struct fc_problem){.code = "unknown_option",
                                                      .message = "There is no such option",
                                                      .value = fc_check_value(check, v),
                                                      .valid_values = "[\"resolution\",\"fit\"]"});
            has_none = false;
        }
        fc_path_leave(check, here);
    }
    return has_none;
}

/* Two of the same would be one file. */
static bool is_new(struct fc_check *check, const struct fc_options *options,
                   const struct fc_rendition *rendition)
{
    for (size_t i = 0; i < options->n_renditions; i++) {
        const struct fc_rendition *other = &options->renditions[i];

        if (other->width != rendition->width || other->height != rendition->height ||
            other->fit != rendition->fit)
            continue;
        fc_check_error(check, (struct fc_problem){
                                  .code = "duplicate",
                                  .message = "This output is asked for twice",
                                  .value = fc_printf(check->arena, "\"%dx%d %s\"", rendition->width,
                                                     rendition->height, fits[rendition->fit])});
        return false;
    }
    return true;
}

static void read_output(struct fc_check *check, const struct fc_json *output,
                        struct fc_options *out)
{
    struct fc_rendition rendition = {0};
    bool is_good;

    if (fc_json_type(output) != FC_JSON_OBJECT) {
        wrong_type(check, output, "Must be an object", "[\"object\"]");
        return;
    }
    is_good = read_rendition_resolution(check, output, &rendition);
    is_good = read_rendition_fit(check, output, &rendition) && is_good;
    is_good = has_no_others(check, output) && is_good;
    if (is_good && is_new(check, out, &rendition))
        out->renditions[out->n_renditions++] = rendition;
}

static void read_outputs(struct fc_check *check, const struct fc_json *value,
                         struct fc_options *out)
{
    size_t i = 0;

    if (fc_json_type(value) != FC_JSON_ARRAY) {
        wrong_type(check, value, "Must be an array", "[\"array\"]");
        return;
    }
    out->n_renditions = 0; /* of two members of this name the last counts */
    if (fc_json_count(value) > FC_RENDITIONS_MAX) {
        fc_check_error(check, (struct fc_problem){
                                  .code = "too_many",
                                  .message = "More than 4 outputs",
                                  .value = fc_printf(check->arena, "%zu", fc_json_count(value)),
                                  .limit = "4"});
        return;
    }
    for (const struct fc_json *v = fc_json_first(value); v != NULL; v = fc_json_next(v)) {
        size_t here = fc_path_enter_index(check, i++);

        read_output(check, v, out);
        fc_path_leave(check, here);
    }
}

/* ---- all of them ---- */

static const struct {
    const char *name;
    void (*read)(struct fc_check *check, const struct fc_json *value, struct fc_options *out);
} options_known[] = {
    {"resolution", read_resolution}, {"fps", read_fps},
    {"quality", read_quality},       {"seed", read_seed},
    {"captions", read_captions},     {"outputs", read_outputs},
};

enum { N_OPTIONS = sizeof options_known / sizeof *options_known };

static void unknown_option(struct fc_check *check, const struct fc_json *value)
{
    const char *names[N_OPTIONS];

    for (size_t i = 0; i < N_OPTIONS; i++)
        names[i] = options_known[i].name;
    fc_check_error(check,
                   (struct fc_problem){.code = "unknown_option",
                                       .message = "There is no such option",
                                       .value = fc_check_value(check, value),
                                       .valid_values = list_of(check->arena, names, N_OPTIONS)});
}

static void read_one(struct fc_check *check, const struct fc_json *value, struct fc_options *out)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (strcmp(options_known[i].name, fc_json_name(value)) != 0)
            continue;
        if (fc_json_type(value) != FC_JSON_NULL)
            options_known[i].read(check, value, out);
        return;
    }
    unknown_option(check, value);
}

void fc_check_options(struct fc_check *check, const struct fc_json *options, struct fc_options *out)
{
    size_t before;

    *out = defaults;
    if (fc_json_type(options) == FC_JSON_NULL)
        return;
    before = fc_path_enter(check, "options");
    if (fc_json_type(options) != FC_JSON_OBJECT) {
        wrong_type(check, options, "Must be an object", "[\"object\"]");
    } else {
        for (const struct fc_json *v = fc_json_first(options); v != NULL; v = fc_json_next(v)) {
            size_t here = fc_path_enter(check, fc_json_name(v));

            read_one(check, v, out);
            fc_path_leave(check, here);
        }
    }
    fc_path_leave(check, before);
}

bool fc_options_read(const struct fc_json *options, struct fc_options *out)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_check *check = fc_check_new(arena);

    fc_check_options(check, options, out);
    return check->errors.n == 0;
}

void fc_put_options(struct fc_buffer *b, const struct fc_options *options, uint32_t seed)
{
    fc_putf(b, "{\"resolution\":\"%dx%d\",\"fps\":%d,\"quality\":\"%s\",\"seed\":%u",
            options->width, options->height, options->fps, fc_quality_name(options->quality), seed);
    if (options->captions != defaults.captions)
        fc_putf(b, ",\"captions\":\"%s\"", caption_ways[options->captions]);
    for (size_t i = 0; i < options->n_renditions; i++) {
        const struct fc_rendition *rendition = &options->renditions[i];

        fc_putf(b, "%s{\"resolution\":\"%dx%d\",\"fit\":\"%s\"}%s", i == 0 ? ",\"outputs\":[" : ",",
                rendition->width, rendition->height, fits[rendition->fit],
                i + 1 == options->n_renditions ? "]" : "");
    }
    fc_put_char(b, '}');
}
