#include <string.h>

#include "storyboard/check.h"

/* ---- joining parts ---- */

/* Bytes of the white-space character that @text begins with; 0 when it begins with another one. */
static size_t leading_space(const char *text, size_t n)
{
    size_t step = fc_utf8_prefix(text, n, 1);

    return n > 0 && fc_is_blank(text, step) ? step : 0;
}

static size_t trailing_space(const char *text, size_t n)
{
    size_t from = n;

    if (n == 0)
        return 0;
    do
        from--;
    while (from > 0 && ((unsigned char)text[from] & 0xC0) == 0x80);
    return fc_is_blank(text + from, n - from) ? n - from : 0;
}

static struct fc_span trimmed(const char *text)
{
    struct fc_span span = fc_span_of(text);
    size_t space;

    while ((space = leading_space(span.at, span.n)) > 0) {
        span.at += space;
        span.n -= space;
    }
    while ((space = trailing_space(span.at, span.n)) > 0)
        span.n -= space;
    return span;
}

/* Adds @part to a prompt: ". " goes between parts, a blank where the one before is a sentence. */
static void put_sentence(struct fc_buffer *b, const char *part)
{
    struct fc_span span = trimmed(part);

    if (span.n == 0)
        return;
    if (b->n > 0)
        fc_put(b, strchr(".!?", b->data[b->n - 1]) != NULL ? " " : ". ");
    fc_put_n(b, span.at, span.n);
}

static void put_listed(struct fc_buffer *b, const char *part)
{
    struct fc_span span = trimmed(part);

    if (span.n == 0)
        return;
    if (b->n > 0)
        fc_put(b, ", ");
    fc_put_n(b, span.at, span.n);
}

static const char *text_of(const struct fc_json *object, const char *name)
{
    const struct fc_json *value = fc_json_type(object) == FC_JSON_OBJECT ? fc_json_get(object, name)
                                                                         : NULL;

    return fc_json_type(value) == FC_JSON_STRING ? fc_json_string(value) : "";
}

/* ---- symbols ---- */

/* The key as people read it: "old_man" is "old man". */
static char *name_of(struct fc_arena *arena, struct fc_span key)
{
    char *name = fc_copy_n(arena, key.at, key.n);

    for (char *at = name; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    return name;
}

/* The mentioned symbols in order of first mention, each once, with their values in @values. */
static size_t mentioned(const struct fc_names *symbols, const char *prompt,
                        const struct fc_name **values)
{
    struct fc_span mention;
    size_t n = 0;

    while (mention = fc_mention_next(&prompt), mention.n > 0) {
        const struct fc_name *symbol = fc_names_find(symbols, mention);
        size_t i = 0;

        while (i < n && values[i] != symbol)
            i++;
        if (symbol != NULL && i == n)
            values[n++] = symbol;
    }
    return n;
}

static const char *with_names(struct fc_arena *arena, const char *prompt)
{
    struct fc_buffer b = fc_buffer_in(arena);
    const char *from = prompt;
    struct fc_span mention;

    while (mention = fc_mention_next(&prompt), mention.n > 0) {
        fc_put_n(&b, from, (size_t)(mention.at - 1 - from));
        fc_put(&b, name_of(arena, mention));
        from = prompt;
    }
    fc_put(&b, from);
    return b.data;
}

static const struct fc_json *images_of(const struct fc_name *symbol)
{
    const struct fc_json *images = fc_json_type(symbol->value) == FC_JSON_OBJECT
                                       ? fc_json_get(symbol->value, "reference_images")
                                       : NULL;

    return fc_json_type(images) == FC_JSON_ARRAY ? images : NULL;
}

static void add_references(struct fc_arena *arena, struct fc_scene_text *text, size_t symbol,
                           const struct fc_json *images)
{
    struct fc_reference *all = FC_NEW_ARRAY(arena, struct fc_reference,
                                            text->n_references + fc_json_count(images));

    if (text->n_references > 0)
        memcpy(all, text->references, text->n_references * sizeof *all);
    text->references = all;
    for (const struct fc_json *v = fc_json_first(images); v != NULL; v = fc_json_next(v)) {
        const struct fc_json *weight = fc_json_type(v) == FC_JSON_OBJECT ? fc_json_get(v, "weight")
                                                                         : NULL;
        bool is_given = fc_json_type(weight) == FC_JSON_NUMBER;

        all[text->n_references++] = (struct fc_reference){
            .asset_id = fc_asset_id(arena, text_of(v, "id")),
            .symbol = symbol,
            .weight = is_given ? fc_json_number(weight) : 1,
            .weight_text = is_given ? fc_json_text(weight) : fc_span_of("1.0"),
        };
    }
}

/* ---- what renderers are told ---- */

static const struct fc_json *scene_at(const struct fc_json *spec, size_t position)
{
    const struct fc_json *scene = fc_json_first(fc_json_get(spec, "scenes"));

    while (position-- > 0 && scene != NULL)
        scene = fc_json_next(scene);
    return scene;
}

struct fc_scene_text fc_scene_text(struct fc_arena *arena, const struct fc_json *spec,
                                   size_t position)
{
    const struct fc_json *style = fc_json_get(spec, "global_prompt");
    const char *scene_prompt = text_of(scene_at(spec, position), "prompt");
    struct fc_names symbols = fc_names_of_members(arena, fc_json_get(spec, "symbols"));
    const struct fc_name **used = FC_NEW_ARRAY(arena, const struct fc_name *, symbols.n);
    struct fc_buffer prompt = fc_buffer_in(arena), negative = fc_buffer_in(arena);
    struct fc_scene_text text = {.n_symbols = mentioned(&symbols, scene_prompt, used)};
    struct fc_span own = trimmed(with_names(arena, scene_prompt));

    text.own = fc_copy_n(arena, own.at, own.n);
    text.symbols = FC_NEW_ARRAY(arena, struct fc_symbol, text.n_symbols);
    put_sentence(&prompt, text_of(style, "positive"));
    put_listed(&negative, text_of(style, "negative"));
    for (size_t i = 0; i < text.n_symbols; i++) {
        struct fc_span look = trimmed(text_of(used[i]->value, "prompt"));
        struct fc_symbol *symbol = &text.symbols[i];

        symbol->key = used[i]->text;
        symbol->name = name_of(arena, fc_span_of(symbol->key));
        symbol->prompt = fc_copy_n(arena, look.at, look.n);
        put_sentence(&prompt, fc_printf(arena, "%s: %s", symbol->name, symbol->prompt));
        put_listed(&negative, text_of(used[i]->value, "negative"));
        if (images_of(used[i]) != NULL)
            add_references(arena, &text, i, images_of(used[i]));
    }
    put_sentence(&prompt, text.own);
    text.prompt = prompt.data;
    text.negative = negative.data;
    return text;
}

fc_status fc_character_text(struct fc_arena *arena, const struct fc_json *spec,
                            struct fc_scene_text *text, struct fc_error *error)
{
    struct fc_span prompt = trimmed(text_of(spec, "prompt"));

    if (prompt.n == 0)
        return fc_fail(error, FC_E_VALIDATION, "prompt: A character needs a prompt to be drawn");
    *text = (struct fc_scene_text){.prompt = fc_copy_n(arena, prompt.at, prompt.n),
                                   .negative = text_of(spec, "negative")};
    text->own = text->prompt;
    return FC_OK;
}

uint32_t fc_scene_seed(uint32_t job_seed, size_t position)
{
    return job_seed + (uint32_t)position;
}

static bool is_valid(const struct fc_json *spec)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_check *check = fc_check_new(arena);

    fc_check_spec(check, spec);
    return fc_check_valid(check);
}

void fc_put_scene_records(struct fc_buffer *b, const struct fc_json *spec, uint32_t job_seed)
{
    size_t position = 0;

    if (fc_spec_is_image(spec)) {
        fc_putf(b, "[{\"scene_id\":\"image\",\"seed\":%u}]", job_seed);
        return;
    }
    fc_put_char(b, '[');
    if (is_valid(spec)) {
        const struct fc_json *scenes = fc_json_get(spec, "scenes");

        for (const struct fc_json *v = fc_json_first(scenes); v != NULL; v = fc_json_next(v)) {
            fc_put(b, position == 0 ? "{\"scene_id\":" : ",{\"scene_id\":");
            fc_put_json(b, text_of(v, "id"));
            fc_putf(b, ",\"seed\":%u}", fc_scene_seed(job_seed, position));
            position++;
        }
    }
    fc_put_char(b, ']');
}
