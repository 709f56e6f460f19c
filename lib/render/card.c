#include "render/card.h"

#include <stdbool.h>
#include <string.h>

#include <framecast/text.h>

#include "render/captions.h"
#include "render/cast.h"
#include "render/look.h"
#include "render/typeset.h"

enum { LABEL_LETTERS_MAX = 28 };

/* libass measures fonts from the highest to the lowest point; DejaVu's is that many of its
 * em. */
#define FONT_SIZE_PER_EM 1.164f

/* Letters of the scene's id, in shorter sides of the frame. */
#define SCENE_EM 0.026f

/* A sketch is written on in pencil, a picture in white. */
struct inks {
    struct fc_color text, accent, veil, outline;
    float veil_above, veil_below; /* opacity */
};

struct fc_card {
    const struct fc_scene_order *order;
    const struct fc_look *look;
    struct inks inks;
    float width, height, unit; /* unit: the shorter side, which sizes are shares of */
    float side, top, bottom;   /* margins */
    struct fc_set_text body;
    const char *body_text;
    float body_top;
    struct fc_cast *cast;
};

/* ---- layout ---- */

static void set_body(struct fc_card *card, struct fc_arena *arena)
{
    bool is_wide = card->width > card->height;
    float width = card->width - 2 * card->side;
    struct fc_text_box box = {
        .width = is_wide ? width * 0.80f : width,
        .em_max = card->unit * (is_wide ? 0.046f : 0.050f),
        .height = card->height * 0.26f,
        .em_small = card->unit * 0.031f,
        .height_max = card->height * (is_wide ? 0.62f : 0.56f),
    };

    card->body_text = fc_text_tidy(arena, card->order->text);
    card->body = fc_text_set(arena, card->body_text, &box);
    if (card->body.em < box.em_small && is_wide) { /* long texts get the whole width */
        box.width = width;
        card->body = fc_text_set(arena, card->body_text, &box);
    }
    card->body_top = card->height - card->bottom - (float)card->body.n_lines * card->body.leading;
}

/* Between the header and the text: to the right where the frame is wide, else in the middle. Names
 * stand as low as the scene's id where that ends before them. */
static struct fc_area area_of_cast(const struct fc_card *card)
{
    bool is_beside = card->width > card->height && card->order->kind == FC_RENDER_CLIP;
    float left = card->side + (is_beside ? card->width * 0.22f : 0);
    float id_width = fc_text_width(card->order->scene_id, strlen(card->order->scene_id)) * 1.12f;
    bool is_clear = is_beside && card->side + card->unit * SCENE_EM * id_width < left;

    return (struct fc_area){
        .left = left,
        .top = card->top + card->unit * 0.070f,
        .right = card->width - card->side,
        .bottom = card->body_top - card->unit * (is_clear ? 0.020f : 0.055f),
        .to_the_right = is_beside,
    };
}

static struct inks inks_of(const struct fc_look *look, const struct fc_palette *palette)
{
    struct fc_color dark = fc_color_mix(palette->near, fc_color_of(0x000000), 0.6f);

    if (look->is_sketch)
        return (struct inks){fc_look_pencil(),       palette->accent, fc_look_paper(palette),
                             fc_look_paper(palette), 0.55f,           0.92f};
    return (struct inks){fc_color_of(0xFFFFFF), palette->accent, dark,
                         fc_color_of(0x000000), 0.50f,           0.74f};
}

struct fc_card *fc_card_new(struct fc_arena *arena, const struct fc_scene_order *order,
                            const struct fc_picture *pictures, const struct fc_palette *palette)
{
    struct fc_card *card = FC_NEW(arena, struct fc_card);
    struct fc_area area;

    card->order = order;
    card->look = fc_look_of(order->quality);
    card->inks = inks_of(card->look, palette);
    card->width = (float)order->width;
    card->height = (float)order->height;
    card->unit = card->width < card->height ? card->width : card->height;
    card->side = card->unit * 0.060f;
    card->top = card->unit * 0.052f;
    card->bottom = card->unit * 0.062f;
    if (order->is_captioned)
        card->bottom = (float)fc_captions_height(order->width, order->height) + card->unit * 0.02f;
    set_body(card, arena);
    area = area_of_cast(card);
    card->cast = fc_cast_new(arena, order, pictures, &area);
    return card;
}

/* ---- paint ---- */

/* The film as a line: what has been, and where this scene ends. */
static void paint_progress(const struct fc_card *card, struct fc_canvas *canvas, float seconds)
{
    const struct fc_scene_order *order = card->order;
    float thick = card->unit * 0.006f, y = card->height - card->unit * 0.026f;
    float per_ms = (card->width - 2 * card->side) / (float)order->film_total_ms;
    float from = card->side + per_ms * (float)order->film_start_ms;
    float to = from + per_ms * (float)order->duration_ms, done = from + per_ms * seconds * 1000;
    float end = card->width - card->side;

    if (order->film_total_ms <= 0)
        return;
    to = to > end ? end : to;
    fc_canvas_rect(canvas, card->side, y, end, y + thick, card->inks.text, 0.20f);
    fc_canvas_rect(canvas, from, y, to, y + thick, card->inks.text, 0.28f);
    fc_canvas_rect(canvas, card->side, y, done > end ? end : done, y + thick, card->inks.accent,
                   0.95f);
}

void fc_card_paint(const struct fc_card *card, struct fc_canvas *canvas, float seconds)
{
    const struct inks *inks = &card->inks;
    float soft = card->unit * 0.22f, text_top = card->body_top - card->unit * 0.05f;

    fc_canvas_veil(canvas, 0, card->unit * 0.20f, inks->veil, inks->veil_above, 0);
    fc_canvas_veil(canvas, text_top - soft, text_top + soft * 0.5f, inks->veil, 0,
                   inks->veil_below);
    fc_cast_paint(card->cast, canvas, seconds);
    paint_progress(card, canvas, seconds);
}

/* ---- text ---- */

static unsigned channel(float value)
{
    return (unsigned)(255 * (value < 0 ? 0 : value > 1 ? 1 : value) + 0.5f);
}

/* ASS writes colours from blue to red. */
static void put_color(struct fc_buffer *b, struct fc_color color)
{
    fc_putf(b, "\\1c&H%02X%02X%02X&", channel(color.b), channel(color.g), channel(color.r));
}

struct place {
    float x, y;
    int align; /* as on the number pad: 1 lower left ... 5 middle ... 9 upper right */
    float em;
    bool bold;
    int delay_ms; /* until it comes up */
};

/* Times are wide enough for any scene: the clip ends before they do. */
static void begin_text(struct fc_buffer *b, struct place at, struct fc_color color, int delay_ms)
{
    fc_putf(b, "Dialogue: 0,0:00:00.00,0:10:00.00,T,,0,0,0,,{\\an%d\\pos(%.2f,%.2f)\\fs%.2f\\b%d",
            at.align, (double)at.x, (double)at.y, (double)(at.em * FONT_SIZE_PER_EM),
            at.bold ? 1 : 0);
    put_color(b, color);
    fc_putf(b, "\\alpha&HFF&\\t(%d,%d,\\alpha&H00&)}", delay_ms, delay_ms + 350);
}

static void put_text(struct fc_buffer *b, struct place at, struct fc_color color, const char *text,
                     size_t n)
{
    begin_text(b, at, color, at.delay_ms);
    fc_put_ass(b, text, n);
    fc_put_char(b, '\n');
}

static bool is_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* The symbol whose name (or @key) stands as a word at @at, or NULL; its length in *@n. */
static const struct fc_render_symbol *symbol_at(const struct fc_card *card, const char *line,
                                                const char *at, const char *end, size_t *n)
{
    size_t at_sign = *at == '@';

    if (at > line && is_letter(at[-1]))
        return NULL;
    for (size_t i = 0; i < card->order->n_symbols; i++) {
        const struct fc_render_symbol *symbol = &card->order->symbols[i];
        const char *word = at_sign ? symbol->key : symbol->name;
        size_t length = strlen(word);

        if (length > 0 && (size_t)(end - at) >= at_sign + length &&
            memcmp(at + at_sign, word, length) == 0 &&
            (at + at_sign + length == end || !is_letter(at[at_sign + length]))) {
            *n = at_sign + length;
            return symbol;
        }
    }
    return NULL;
}

/* A line of the body, the symbols' names in the colour of accents. */
static void put_body_line(struct fc_buffer *b, const struct fc_card *card, struct fc_span line)
{
    const char *at = line.at, *end = line.at + line.n, *plain = at;

    while (at < end) {
        size_t n = 0;
        const struct fc_render_symbol *symbol = symbol_at(card, line.at, at, end, &n);

        if (symbol == NULL) {
            at++;
            continue;
        }
        fc_put_ass(b, plain, (size_t)(at - plain));
        fc_put(b, "{");
        put_color(b, card->inks.accent);
        fc_put(b, "}");
        fc_put_ass(b, symbol->name, strlen(symbol->name));
        fc_put(b, "{");
        put_color(b, card->inks.text);
        fc_put(b, "}");
        at = plain = at + n;
    }
    fc_put_ass(b, plain, (size_t)(end - plain));
}

static void put_body(struct fc_buffer *b, const struct fc_card *card)
{
    bool is_rtl = fc_text_is_rtl(card->body_text, strlen(card->body_text));
    float x = is_rtl ? card->width - card->side : card->side;

    for (size_t i = 0; i < card->body.n_lines; i++) {
        struct place at = {x,
                           card->body_top + (float)(i + 1) * card->body.leading,
                           is_rtl ? 3 : 1,
                           card->body.em,
                           false,
                           0};

        begin_text(b, at, card->inks.text, 120 + 90 * (int)(i < 10 ? i : 10));
        put_body_line(b, card, card->body.lines[i]);
        fc_put_char(b, '\n');
    }
}

/* The longest beginning of @title that fits: a title is no part of the scene and may be cut. */
static size_t cut_title(const char *title, float width_em)
{
    size_t n = strlen(title);

    while (n > 0 && fc_text_width(title, n) > width_em)
        n = fc_utf8_prefix(title, n, fc_utf8_length(title, n) - 1);
    return n;
}

/* What it is, and which scene of how many. */
static const char *mark_of(const struct fc_card *card, struct fc_arena *arena)
{
    const char *draft = card->look->is_sketch ? "DRAFT" : "";

    if (card->order->kind == FC_RENDER_STILL) /* the only picture needs no number */
        return draft;
    return fc_printf(arena, "%s%s%d / %d", draft, *draft != '\0' ? "  \u00B7  " : "",
                     card->order->position + 1, card->order->n_scenes);
}

static void put_header(struct fc_buffer *b, struct fc_arena *arena, const struct fc_card *card)
{
    float em = card->unit * 0.024f, right = card->width - card->side;
    struct place left_place = {card->side, card->top, 7, em, true, 0};
    struct place right_place = {right, card->top, 9, em, card->look->is_sketch, 0};
    struct place scene_place = {
        card->side, card->body_top - card->unit * 0.008f, 1, card->unit * 0.026f, true, 0};
    const char *title = fc_text_tidy(arena, card->order->title), *mark = mark_of(card, arena);
    float mark_width = fc_text_width(mark, strlen(mark)) * 1.12f;

    put_text(b, left_place, card->inks.text, title,
             cut_title(title, (right - card->side) / em - mark_width - 2));
    put_text(b, right_place, card->inks.accent, mark, strlen(mark));
    if (card->order->kind == FC_RENDER_CLIP)
        put_text(b, scene_place, card->inks.accent, card->order->scene_id,
                 strlen(card->order->scene_id));
}

/* The name below the feet, as much of it as its place is wide. */
static void put_name(struct fc_buffer *b, struct fc_arena *arena, const struct fc_card *card,
                     const struct fc_member *member)
{
    const char *name = fc_text_tidy(arena, member->symbol->name);
    size_t n = fc_utf8_prefix(name, strlen(name), LABEL_LETTERS_MAX);
    float em = card->cast->label, width = fc_text_width(name, n) * 1.1f, room = card->cast->size;

    em = width * em > room * 0.92f ? room * 0.92f / width : em;
    put_text(b,
             (struct place){member->x, member->y + card->cast->size * 0.025f, 8, em, false,
                            (int)(member->delay * 1000)},
             card->inks.text, name, n);
}

const char *fc_card_subtitles(const struct fc_card *card, struct fc_arena *arena)
{
    struct fc_buffer b = fc_buffer_in(arena);

    /* Encoding -1: the direction of the letters decides the direction of the line. WrapStyle 2: the
     * lines are ours. */
    fc_putf(
        &b,
        "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nWrapStyle: 2\n"
        "ScaledBorderAndShadow: yes\nYCbCr Matrix: None\n\n[V4+ Styles]\n"
        "Format: "
        "Name,Fontname,Fontsize,PrimaryColour,OutlineColour,BackColour,Bold,BorderStyle,Outline,"
        "Shadow,Alignment,MarginL,MarginR,MarginV,Encoding\n"
        "Style: T,DejaVu "
        "Sans,40,&H00FFFFFF,&H00%02X%02X%02X,&H80%02X%02X%02X,0,1,0,%.2f,1,0,0,0,-1\n\n"
        "[Events]\nFormat: Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text\n",
        card->order->width, card->order->height, channel(card->inks.outline.b),
        channel(card->inks.outline.g), channel(card->inks.outline.r), channel(card->inks.outline.b),
        channel(card->inks.outline.g), channel(card->inks.outline.r),
        (double)(card->unit * 0.0014f));
    put_header(&b, arena, card);
    put_body(&b, card);
    for (size_t i = 0; i < card->cast->n; i++)
        put_name(&b, arena, card, &card->cast->members[i]);
    return b.data;
}
