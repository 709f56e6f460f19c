#include "render/sheet.h"

#include <string.h>

#include "render/typeset.h"

/* Pixels. */
enum { CELL_WIDTH_MAX = 640, GUTTER = 16, HEADER = 72, LABEL = 44, LABEL_EM = 15, TITLE_EM = 24 };

/* libass measures fonts from the highest to the lowest point; DejaVu's is this many times its em.
 */
static const double font_size_per_em = 1.164;

/* ---- the grid ---- */

static int even(int pixels)
{
    return pixels - pixels % 2;
}

static int height_of(const struct fc_sheet *sheet)
{
    int n_rows = (int)((sheet->n_cells + sheet->n_columns - 1) / sheet->n_columns);

    return HEADER + n_rows * (sheet->cell_height + LABEL + GUTTER);
}

/* @n_columns of the largest cells that the sheet has room for. */
static struct fc_sheet grid(size_t n_cells, size_t n_columns, const struct fc_film_format *format)
{
    struct fc_sheet sheet = {.n_cells = n_cells, .n_columns = n_columns};
    int columns = (int)n_columns, n_rows = (int)((n_cells + n_columns - 1) / n_columns);
    int width = (FC_SHEET_WIDTH_MAX - GUTTER * (columns + 1)) / columns;
    int height = (FC_SHEET_HEIGHT_MAX - HEADER) / n_rows - LABEL - GUTTER;

    width = width < CELL_WIDTH_MAX ? width : CELL_WIDTH_MAX;
    if ((int64_t)width * format->height > (int64_t)height * format->width)
        width = height * format->width / format->height;
    sheet.cell_width = even(width);
    sheet.cell_height = even(width * format->height / format->width);
    sheet.width = even(columns * (sheet.cell_width + GUTTER) + GUTTER);
    sheet.height = even(height_of(&sheet));
    return sheet;
}

const struct fc_shot *fc_sheet_shot(const struct fc_plan *plan, size_t scene)
{
    for (size_t i = 0; i < plan->n_shots; i++) {
        if (plan->shots[i].scene == scene)
            return &plan->shots[i];
    }
    return NULL;
}

static size_t *scenes_as_played(struct fc_arena *arena, const struct fc_plan *plan)
{
    size_t *scenes = FC_NEW_ARRAY(arena, size_t, plan->n_scenes), n = 0;

    for (size_t i = 0; i < plan->n_shots; i++) {
        if (fc_sheet_shot(plan, plan->shots[i].scene) == &plan->shots[i])
            scenes[n++] = plan->shots[i].scene;
    }
    for (size_t i = 0; i < plan->n_scenes; i++) {
        if (!plan->scenes[i].is_played)
            scenes[n++] = i;
    }
    return scenes;
}

struct fc_sheet fc_sheet_layout(struct fc_arena *arena, const struct fc_plan *plan,
                                const struct fc_film_format *format)
{
    struct fc_sheet best = grid(plan->n_scenes, 1, format);

    for (size_t n = 2; n <= plan->n_scenes; n++) {
        struct fc_sheet sheet = grid(plan->n_scenes, n, format);

        if (sheet.cell_width >= best.cell_width)
            best = sheet;
    }
    best.scenes = scenes_as_played(arena, plan);
    return best;
}

struct fc_sheet_place fc_sheet_place(const struct fc_sheet *sheet, size_t cell)
{
    int column = (int)(cell % sheet->n_columns), row = (int)(cell / sheet->n_columns);

    return (struct fc_sheet_place){GUTTER + column * (sheet->cell_width + GUTTER),
                                   HEADER + row * (sheet->cell_height + LABEL + GUTTER)};
}

/* ---- the texts ---- */

/* The longest beginning of @text that fits into @width, with an ellipsis where it was cut. */
static const char *cut(struct fc_arena *arena, const char *text, double width, double em)
{
    size_t n = strlen(text);

    if (fc_text_width(text, n) * em <= width)
        return text;
    while (n > 0 && (fc_text_width(text, n) + 1) * em > width)
        n = fc_utf8_prefix(text, n, fc_utf8_length(text, n) - 1);
    return fc_printf(arena, "%.*s\u2026", (int)n, text);
}

/* A line of text that begins, or (@align 9) ends, at a place. */
static void put_line(struct fc_buffer *b, struct fc_sheet_place at, int align, double em,
                     const char *color, const char *text)
{
    fc_putf(b, "Dialogue: 0,0:00:00.00,1:00:00.00,T,,0,0,0,,{\\an%d\\pos(%d,%d)\\fs%.1f\\c%s}",
            align, at.x, at.y, em * font_size_per_em, color);
    fc_put_ass(b, text, strlen(text));
    fc_put_char(b, '\n');
}

/* Minutes, seconds and tenths. */
static const char *clock_text(struct fc_arena *arena, int64_t ms)
{
    int64_t tenths = (ms + 50) / 100;

    return fc_printf(arena, "%d:%02d.%d", (int)(tenths / 600), (int)(tenths / 10 % 60),
                     (int)(tenths % 10));
}

static const char *time_text(struct fc_arena *arena, const struct fc_plan *plan, size_t scene)
{
    const struct fc_shot *shot = fc_sheet_shot(plan, scene);
    const char *span;
    int n_playings = 0;

    if (shot == NULL)
        return "not played";
    for (size_t i = 0; i < plan->n_shots; i++)
        n_playings += plan->shots[i].scene == scene;
    span = fc_printf(arena, "%s\u2013%s", clock_text(arena, shot->start_ms),
                     clock_text(arena, shot->start_ms + shot->duration_ms));
    return n_playings == 1 ? span : fc_printf(arena, "%s, %d times", span, n_playings);
}

static void put_label(struct fc_buffer *b, const struct fc_sheet *sheet, const struct fc_plan *plan,
                      size_t cell)
{
    struct fc_arena *arena = b->arena;
    struct fc_sheet_place at = fc_sheet_place(sheet, cell);
    size_t scene = sheet->scenes[cell];

    at.y += sheet->cell_height + 4;
    put_line(b, at, 7, LABEL_EM, "&HFFFFFF&",
             cut(arena, plan->scenes[scene].id, sheet->cell_width, LABEL_EM));
    at.y += LABEL_EM + 5;
    put_line(b, at, 7, LABEL_EM - 2, "&HB4B4B4&",
             cut(arena, time_text(arena, plan, scene), sheet->cell_width, LABEL_EM - 2));
}

static void put_header(struct fc_buffer *b, const struct fc_sheet *sheet,
                       const struct fc_plan *plan)
{
    struct fc_arena *arena = b->arena;
    const char *facts = fc_printf(arena, "%zu scene%s, %s", plan->n_scenes,
                                  plan->n_scenes == 1 ? "" : "s",
                                  clock_text(arena, plan->duration_ms));
    double right = fc_text_width(facts, strlen(facts)) * LABEL_EM + GUTTER;
    double room = sheet->width - 2 * GUTTER - right;
    bool has_facts = 3 * room > sheet->width; /* beside a title that is more than a few letters */

    put_line(b, (struct fc_sheet_place){GUTTER, GUTTER + 4}, 7, TITLE_EM, "&HFFFFFF&",
             cut(arena, fc_text_tidy(arena, plan->title),
                 has_facts ? room : sheet->width - 2 * GUTTER, TITLE_EM));
    if (has_facts)
        put_line(b, (struct fc_sheet_place){sheet->width - GUTTER, GUTTER + 13}, 9, LABEL_EM,
                 "&HB4B4B4&", facts);
}

const char *fc_sheet_script(struct fc_arena *arena, const struct fc_sheet *sheet,
                            const struct fc_plan *plan)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_putf(&b,
            "[Script Info]\nScriptType: v4.00+\nPlayResX: %d\nPlayResY: %d\nWrapStyle: 2\n"
            "YCbCr Matrix: None\n\n[V4+ Styles]\nFormat: Name,Fontname,Fontsize,PrimaryColour,"
            "Bold,BorderStyle,Outline,Shadow,Alignment,MarginL,MarginR,MarginV,Encoding\n"
            "Style: T,DejaVu Sans,20,&H00FFFFFF,0,1,0,0,7,0,0,0,-1\n\n"
            "[Events]\nFormat: Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text\n",
            sheet->width, sheet->height);
    put_header(&b, sheet, plan);
    for (size_t i = 0; i < sheet->n_cells; i++)
        put_label(&b, sheet, plan, i);
    return b.data;
}
