#include "render/cast.h"

#include <math.h>
#include <string.h>

#include "render/figure.h"
#include "render/mood.h"

/* The largest figure, in shorter sides of the frame. */
#define SIZE_MAX_SHARE 0.36f
#define SIZE_MAX_SHARE_TALL 0.44f

/* In heights of a figure: width of its place, letters of its name, room for them. */
#define CELL_WIDTH 0.92f
#define LABEL_SIZE 0.105f
#define LABEL_ROOM 0.22f

/* A framed picture, in heights of a figure. */
#define FRAME_WIDTH 0.74f
#define FRAME_BORDER 0.035f

/* What a sprite has around its figure. */
#define SPRITE_MARGIN 0.06f

enum { ROWS_MAX = 4, SIZE_MIN = 8 /* pixels */ };

static const struct fc_hand hands[FC_RENDER_QUALITY__COUNT] = {
    [FC_RENDER_DRAFT] = {.line = 0.011f, .paper_share = 0.55f},
    [FC_RENDER_STANDARD] = {.shade = 0.12f},
    [FC_RENDER_HIGH] = {.shade = 0.26f, .rim = 0.5f},
};

/* ---- places ---- */

static float size_max(const struct fc_scene_order *order)
{
    int shorter = order->width < order->height ? order->width : order->height;

    return (float)shorter * (order->height > order->width ? SIZE_MAX_SHARE_TALL : SIZE_MAX_SHARE);
}

void fc_cast_picture_size(const struct fc_scene_order *order, int *width, int *height)
{
    float size = size_max(order);

    *width = (int)(size * (FRAME_WIDTH - 2 * FRAME_BORDER));
    *height = (int)(size * (1 - 2 * FRAME_BORDER));
}

/* How large figures can be in so many rows. */
static float size_in_rows(const struct fc_area *area, size_t n, size_t rows)
{
    size_t columns = (n + rows - 1) / rows;
    float height = (area->bottom - area->top) / ((float)rows * (1 + LABEL_ROOM));
    float width = (area->right - area->left) / ((float)columns * CELL_WIDTH);

    return fminf(height, width);
}

/* As few as are needed. */
static size_t best_rows(const struct fc_area *area, size_t n, float most)
{
    size_t best = 1;

    for (size_t rows = 2; rows <= ROWS_MAX && rows <= n; rows++) {
        if (size_in_rows(area, n, best) < most &&
            size_in_rows(area, n, rows) > size_in_rows(area, n, best) * 1.05f)
            best = rows;
    }
    return best;
}

/* Rows from the bottom up, the last ones below; a row that is not full stands like a full one. */
static void place(struct fc_cast *cast, const struct fc_area *area, float most)
{
    size_t rows = best_rows(area, cast->n, most), columns = (cast->n + rows - 1) / rows;
    float pitch;

    cast->size = fminf(size_in_rows(area, cast->n, rows), most);
    cast->label = cast->size * LABEL_SIZE;
    pitch = cast->size * CELL_WIDTH;
    for (size_t i = 0; i < cast->n; i++) {
        size_t row = i / columns, column = i % columns;
        size_t in_row = row + 1 < rows ? columns : cast->n - columns * (rows - 1);
        float length = pitch * (float)in_row, middle = (area->left + area->right) / 2;
        float left = area->to_the_right ? area->right - length : middle - length / 2;

        cast->members[i].x = left + pitch * ((float)column + 0.5f);
        cast->members[i].y = area->bottom - cast->size * LABEL_ROOM -
                             (float)(rows - 1 - row) * cast->size * (1 + LABEL_ROOM);
        cast->members[i].delay = 0.10f + 0.5f * (float)i / (float)cast->n;
    }
}

/* ---- drawing ---- */

static struct fc_sketch *sketch_new(struct fc_arena *arena, const struct fc_cast *cast,
                                    enum fc_render_quality quality)
{
    struct fc_hand hand = hands[quality];
    float width = cast->size * CELL_WIDTH, height = cast->size * (1 + 2 * SPRITE_MARGIN);
    struct fc_sketch *s;

    hand.line *= cast->size;
    hand.ink = fc_look_pencil();
    hand.paper = fc_color_of(0xF4F0E6);
    s = fc_sketch_new(arena, (int)ceilf(width), (int)ceilf(height), &hand);
    s->x = (float)s->width / 2;
    s->y = cast->size * SPRITE_MARGIN;
    s->unit = cast->size;
    return s;
}

static void draw_figure(struct fc_sketch *s, const struct fc_render_symbol *symbol)
{
    struct fc_traits traits = fc_traits_of(symbol->key, symbol->prompt);

    if (s->hand.line <= 0)
        fc_sketch_shadow(s, 0, 0.985f, 0.34f, 0.05f, 0.55f);
    fc_figure_draw(s, &traits);
}

/* A mounted print with its shadow. */
static void draw_picture(struct fc_sketch *s, const struct fc_picture *picture)
{
    float half = FRAME_WIDTH / 2, border = FRAME_BORDER;
    int left = (int)(s->x - (half - border) * s->unit), top = (int)(s->y + border * s->unit);
    int width = (int)((FRAME_WIDTH - 2 * border) * s->unit);
    int height = (int)((1 - 2 * border) * s->unit);

    if (s->hand.line <= 0)
        fc_sketch_shadow(s, 0.012f, 0.530f, half * 1.22f, 0.560f, 0.65f);
    s->hand.shade = 0;
    fc_sketch_box(s, 0, 0.5f, half, 0.5f, 0.02f, fc_color_of(0xFAF7F0));
    fc_sketch_picture(s, picture->rgb, picture->width, picture->height,
                      &(struct fc_spot){left, top, width, height});
}

static void draw_everybody(struct fc_arena *arena, struct fc_cast *cast,
                           const struct fc_scene_order *order, const struct fc_picture *pictures)
{
    for (size_t i = 0; i < cast->n; i++) {
        struct fc_member *member = &cast->members[i];
        struct fc_sketch *s = sketch_new(arena, cast, order->quality);

        if (pictures != NULL && i < order->n_symbols && pictures[i].rgb != NULL)
            draw_picture(s, &pictures[i]);
        else
            draw_figure(s, member->symbol);
        member->sprite = fc_sprite_of(arena, s);
    }
}

/* An image job has no symbols: its prompt is the character. */
static void invite(struct fc_arena *arena, struct fc_cast *cast, const struct fc_scene_order *order)
{
    struct fc_render_symbol *self;

    if (order->kind == FC_RENDER_STILL && order->n_symbols == 0) {
        self = FC_NEW(arena, struct fc_render_symbol);
        *self = (struct fc_render_symbol){"", "", order->prompt, NULL};
        cast->members[cast->n++].symbol = self;
        return;
    }
    for (size_t i = 0; i < order->n_symbols && i < FC_CAST_MAX; i++)
        cast->members[cast->n++].symbol = &order->symbols[i];
}

struct fc_cast *fc_cast_new(struct fc_arena *arena, const struct fc_scene_order *order,
                            const struct fc_picture *pictures, const struct fc_area *area)
{
    struct fc_cast *cast = FC_NEW(arena, struct fc_cast);

    invite(arena, cast, order);
    if (cast->n == 0)
        return cast;
    place(cast, area, size_max(order));
    if (cast->size < SIZE_MIN) /* too small to be anybody, or no room at all */
        cast->n = 0;
    draw_everybody(arena, cast, order, pictures);
    return cast;
}

/* ---- one frame ---- */

void fc_cast_paint(const struct fc_cast *cast, struct fc_canvas *canvas, float seconds)
{
    for (size_t i = 0; i < cast->n; i++) {
        const struct fc_member *member = &cast->members[i];
        float come = fminf(fmaxf((seconds - member->delay) / 0.45f, 0), 1);
        float still_to_rise = (1 - come) * (1 - come) * 0.10f;
        float breath = 0.006f * sinf(seconds * 1.7f + (float)i * 1.9f);
        float top = member->y - cast->size * (1 + SPRITE_MARGIN - still_to_rise - breath);

        if (come > 0)
            fc_sprite_paint(member->sprite, canvas,
                            (int)(member->x - (float)member->sprite->width / 2), top, come);
    }
}
