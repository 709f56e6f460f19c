#include "render/card.h"

#include <stdbool.h>
#include <string.h>

#include <framecast/text.h>

#include "render/typeset.h"

enum { FIGURES_MAX = 8, LABEL_LETTERS_MAX = 28 };

/* libass measures fonts from the highest to the lowest point; DejaVu's is this many times its em.
 * */
#define FONT_SIZE_PER_EM 1.164f

struct figure {
    float x, y, radius;
    struct fc_color color;
    const struct fc_render_symbol *symbol;
};

struct fc_card {
    const struct fc_scene_order *order;
    struct fc_palette palette;
    float width, height, unit; /* unit: the shorter side, which sizes are shares of */
    float side, top, bottom;   /* margins */
    struct fc_set_text body;
    const char *body_text;
    float body_top;
    struct figure figures[FIGURES_MAX];
    size_t n_figures;
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

/* The same key has the same colour in every scene. */
static struct fc_color color_of_key(const char *key)
{
    static const uint32_t colors[] = {0xE4572E, 0x17BEBB, 0xF2B134, 0x8E6BBF, 0x4C9F70,
                                      0xD6568C, 0x3D7DD8, 0xA3B034, 0xC97B4A, 0x6C8EAD};
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char)*key) * 16777619u;
    return fc_color_of(colors[hash % (sizeof colors / sizeof *colors)]);
}

/* Down the right side, between the header and the text; those without room are left out. */
static void place_figures(struct fc_card *card)
{
    float from = card->top + card->unit * 0.085f, to = card->body_top - card->unit * 0.12f;
    float radius = card->unit * 0.036f, pitch = radius * 2.6f;

    for (size_t i = 0; i < card->order->n_symbols && i < FIGURES_MAX; i++) {
        float y = from + pitch * ((float)i + 0.5f);

        if (y + radius > to)
            return;
        card->figures[card->n_figures++] = (struct figure){
            .x = card->width - card->side - radius,
            .y = y,
            .radius = radius,
            .color = color_of_key(card->order->symbols[i].key),
            .symbol = &card->order->symbols[i],
        };
    }
}

struct fc_card *fc_card_new(struct fc_arena *arena, const struct fc_scene_order *order,
                            const struct fc_palette *palette)
{
    struct fc_card *card = FC_NEW(arena, struct fc_card);

    card->order = order;
    card->palette = *palette;
    card->width = (float)order->width;
    card->height = (float)order->height;
    card->unit = card->width < card->height ? card->width : card->height;
    card->side = card->unit * 0.060f;
    card->top = card->unit * 0.052f;
    card->bottom = card->unit * 0.062f;
    set_body(card, arena);
    place_figures(card);
    return card;
}

/* ---- paint ---- */

static void paint_progress(const struct fc_card *card, struct fc_canvas *canvas, float seconds)
{
    float thick = card->unit * 0.006f, y = card->height - card->unit * 0.026f;
    float length = card->width - 2 * card->side, done;

    if (card->order->film_total_ms <= 0)
        return;
    done = ((float)card->order->film_start_ms / 1000 + seconds) * 1000 /
           (float)card->order->film_total_ms;
    done = done < 0 ? 0 : done > 1 ? 1 : done;
    fc_canvas_rect(canvas, card->side, y, card->side + length, y + thick, fc_color_of(0xFFFFFF),
                   0.22f);
    fc_canvas_rect(canvas, card->side, y, card->side + length * done, y + thick,
                   card->palette.accent, 0.95f);
}

void fc_card_paint(const struct fc_card *card, struct fc_canvas *canvas, float seconds)
{
    struct fc_color ink = fc_color_mix(card->palette.near, fc_color_of(0x000000), 0.6f);
    float soft = card->unit * 0.22f, text_top = card->body_top - card->unit * 0.05f;

    fc_canvas_veil(canvas, 0, card->unit * 0.20f, ink, 0.50f, 0);
    fc_canvas_veil(canvas, text_top - soft, text_top + soft * 0.5f, ink, 0, 0.74f);
    for (size_t i = 0; i < card->n_figures; i++) {
        const struct figure *f = &card->figures[i];

        fc_canvas_disc(canvas, f->x, f->y + f->radius * 0.10f, f->radius * 1.10f, f->radius * 0.5f,
                       ink, 0.45f);
        fc_canvas_disc(canvas, f->x, f->y, f->radius, 1, f->color, 1);
        fc_canvas_ring(canvas, f->x, f->y, f->radius, f->radius * 0.09f, fc_color_of(0xFFFFFF),
                       0.9f);
    }
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
    begin_text(b, at, color, 0);
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
        put_color(b, card->palette.accent);
        fc_put(b, "}");
        fc_put_ass(b, symbol->name, strlen(symbol->name));
        fc_put(b, "{");
        put_color(b, fc_color_of(0xFFFFFF));
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
        struct place at = {x, card->body_top + (float)(i + 1) * card->body.leading, is_rtl ? 3 : 1,
                           card->body.em, false};

        begin_text(b, at, fc_color_of(0xFFFFFF), 120 + 90 * (int)(i < 10 ? i : 10));
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

static void put_header(struct fc_buffer *b, struct fc_arena *arena, const struct fc_card *card)
{
    float em = card->unit * 0.024f, right = card->width - card->side;
    struct place left_place = {card->side, card->top, 7, em, true};
    struct place right_place = {right, card->top, 9, em, false};
    struct place scene_place = {card->side, card->body_top - card->unit * 0.008f, 1,
                                card->unit * 0.026f, true};
    const char *title = fc_text_tidy(arena, card->order->title);
    const char *number = fc_printf(arena, "%d / %d", card->order->position + 1,
                                   card->order->n_scenes);

    put_text(b, left_place, fc_color_of(0xFFFFFF), title,
             cut_title(title, (right - card->side) / em - 6));
    if (card->order->kind == FC_RENDER_STILL)
        return; /* the only picture needs no number and no name */
    put_text(b, right_place, card->palette.accent, number, strlen(number));
    put_text(b, scene_place, card->palette.accent, card->order->scene_id,
             strlen(card->order->scene_id));
}

static void put_figure(struct fc_buffer *b, struct fc_arena *arena, const struct fc_card *card,
                       const struct figure *f)
{
    const char *name = fc_text_tidy(arena, f->symbol->name);
    size_t n = fc_utf8_prefix(name, strlen(name), LABEL_LETTERS_MAX),
           first = fc_utf8_prefix(name, n, 1);
    char initial = first == 1 && name[0] >= 'a' && name[0] <= 'z' ? (char)(name[0] - 32) : name[0];

    put_text(b, (struct place){f->x, f->y, 5, f->radius * 1.05f, true}, fc_color_of(0xFFFFFF),
             first == 1 ? &initial : name, first);
    put_text(b, (struct place){f->x - f->radius * 1.45f, f->y, 6, card->unit * 0.022f, false},
             fc_color_of(0xFFFFFF), name, n);
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
        "Style: T,DejaVu Sans,40,&H00FFFFFF,&H00000000,&H80000000,0,1,0,%.2f,1,0,0,0,-1\n\n"
        "[Events]\nFormat: Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text\n",
        card->order->width, card->order->height, (double)(card->unit * 0.0014f));
    put_header(&b, arena, card);
    put_body(&b, card);
    for (size_t i = 0; i < card->n_figures; i++)
        put_figure(&b, arena, card, &card->figures[i]);
    return b.data;
}
