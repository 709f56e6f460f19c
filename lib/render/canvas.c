#include "render/canvas.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define SHARE_PER_SUBPIXEL ((float)OPAQUE / SUBPIXELS)

enum { LEVEL = 128, SUBPIXELS = 16, OPAQUE = FC_OPAQUE };

/* ---- colours ---- */

struct fc_color fc_color_of(uint32_t rgb)
{
    return (struct fc_color){(float)(rgb >> 16 & 255) / 255.0f, (float)(rgb >> 8 & 255) / 255.0f,
                             (float)(rgb & 255) / 255.0f};
}

struct fc_color fc_color_mix(struct fc_color a, struct fc_color b, float share_of_b)
{
    return (struct fc_color){a.r + (b.r - a.r) * share_of_b, a.g + (b.g - a.g) * share_of_b,
                             a.b + (b.b - a.b) * share_of_b};
}

static float within(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

/* BT.709, limited range. */
struct fc_ink fc_ink_of(struct fc_color color)
{
    float r = within(color.r, 0, 1), g = within(color.g, 0, 1), b = within(color.b, 0, 1);
    float y = 0.2126f * r + 0.7152f * g + 0.0722f * b;

    return (struct fc_ink){{(int16_t)((16 + 219 * y) * LEVEL),
                            (int16_t)((128 + 224 * (b - y) / 1.8556f) * LEVEL),
                            (int16_t)((128 + 224 * (r - y) / 1.5748f) * LEVEL)}};
}

/* Between two levels; @share 0..OPAQUE. Written so that compilers find the multiply-high
 * instruction. */
static inline int16_t blend(int16_t under, int16_t over, int16_t share)
{
    int16_t difference = (int16_t)(over - under);

    return (int16_t)(under + 2 * (int16_t)((int32_t)difference * share >> 16));
}

static int16_t share_of(float opacity)
{
    return (int16_t)(within(opacity, 0, 1) * OPAQUE);
}

/* ---- the canvas ---- */

static int16_t *row_of(const struct fc_plane *plane, int y)
{
    return plane->at + (size_t)y * (size_t)plane->width;
}

/* How many pixels of the frame one of the plane spans. */
static float step_of(int plane)
{
    return plane == 0 ? 1.0f : 2.0f;
}

struct fc_canvas *fc_canvas_new(struct fc_arena *arena, int width, int height)
{
    struct fc_canvas *canvas = FC_NEW(arena, struct fc_canvas);

    assert(width > 0 && width % 2 == 0 && height > 0 && height % 2 == 0);
    canvas->width = width;
    canvas->height = height;
    canvas->scratch = FC_NEW_ARRAY(arena, int16_t, 2 * (size_t)width + 2);
    for (int i = 0; i < 3; i++) {
        struct fc_plane *plane = &canvas->planes[i];

        plane->width = i == 0 ? width : width / 2;
        plane->height = i == 0 ? height : height / 2;
        plane->at = FC_NEW_ARRAY(arena, int16_t, (size_t)plane->width * (size_t)plane->height);
    }
    return canvas;
}

size_t fc_canvas_frame_size(const struct fc_canvas *canvas)
{
    return (size_t)canvas->width * (size_t)canvas->height * 3 / 2;
}

/* Bayer's matrix: thresholds that spread a fraction of a level evenly over 8 x 8 pixels. */
static const uint8_t thresholds[8][8] = {
    {0, 32, 8, 40, 2, 34, 10, 42},  {48, 16, 56, 24, 50, 18, 58, 26},
    {12, 44, 4, 36, 14, 46, 6, 38}, {60, 28, 52, 20, 62, 30, 54, 22},
    {3, 35, 11, 43, 1, 33, 9, 41},  {51, 19, 59, 27, 49, 17, 57, 25},
    {15, 47, 7, 39, 13, 45, 5, 37}, {63, 31, 55, 23, 61, 29, 53, 21},
};

void fc_canvas_put(const struct fc_canvas *canvas, uint8_t *yuv420p)
{
    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];

        for (int y = 0; y < plane->height; y++) {
            const int16_t *row = row_of(plane, y);
            int16_t add[8];

            for (int x = 0; x < 8; x++)
                add[x] = (int16_t)(2 * thresholds[y & 7][x]);
            for (int x = 0; x < plane->width; x++)
                yuv420p[x] = (uint8_t)((int16_t)(row[x] + add[x & 7]) >> 7);
            yuv420p += plane->width;
        }
    }
}

/* ---- spans ---- */

static void fill_row(int16_t *row, int from, int to, int16_t level)
{
    for (int x = from; x < to; x++)
        row[x] = level;
}

static void blend_row(int16_t *row, int from, int to, int16_t level, int16_t share)
{
    for (int x = from; x < to; x++)
        row[x] = blend(row[x], level, share);
}

/* The share of pixel [at, at + 1) that lies in [from, to). */
static float overlap(float at, float from, float to)
{
    return within(to - at, 0, 1) - within(from - at, 0, 1);
}

/* ---- areas below and above a line ---- */

/* The edge in 1/16 pixels of the plane, limited so that 16 bits hold it. */
static void edge_in_plane(const float *edge, int plane, int width, int height, int16_t *out,
                          int *lowest, int *highest)
{
    *lowest = height * SUBPIXELS;
    *highest = 0;
    for (int x = 0; x < width; x++) {
        size_t at = 2 * (size_t)x; /* of two neighbours the mean, and of that the half */
        float y = plane == 0 ? edge[x] : (edge[at] + edge[at + 1]) / 4;

        out[x] = (int16_t)within(y * SUBPIXELS, 0, (float)(height * SUBPIXELS));
        if (out[x] < *lowest)
            *lowest = out[x];
        if (out[x] > *highest)
            *highest = out[x];
    }
}

static int16_t ramp_level(const struct fc_ramp *ramp, int plane, int row)
{
    float y = ((float)row + 0.5f) * step_of(plane);
    float share = within((y - ramp->y0) / (ramp->y1 - ramp->y0 + 0.001f), 0, 1);

    return fc_ink_of(fc_color_mix(ramp->top, ramp->bottom, share)).level[plane];
}

/* How much of each pixel of a row is covered, times @part (OPAQUE / SUBPIXELS when opaque). */
static void blend_covered(int16_t *row, const int16_t *edge, int width, int16_t reach,
                          int16_t level, int16_t part, bool below)
{
    for (int x = 0; x < width; x++) {
        int16_t covered = (int16_t)(reach - edge[x]);

        covered = covered < 0 ? 0 : covered;
        covered = covered > SUBPIXELS ? SUBPIXELS : covered;
        if (!below)
            covered = (int16_t)(SUBPIXELS - covered);
        row[x] = blend(row[x], level, (int16_t)(covered * part));
    }
}

static void fill_side(struct fc_canvas *canvas, const float *edge, const struct fc_ramp *ramp,
                      float opacity, bool below)
{
    int16_t part = (int16_t)(within(opacity, 0, 1) * SHARE_PER_SUBPIXEL);

    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];
        int lowest, highest, first, end;

        edge_in_plane(edge, i, plane->width, plane->height, canvas->scratch, &lowest, &highest);
        first = below ? lowest / SUBPIXELS : 0;
        end = below ? plane->height : (highest + SUBPIXELS - 1) / SUBPIXELS;
        for (int y = first; y < end; y++) {
            int16_t level = ramp_level(ramp, i, y);
            bool whole = below ? y * SUBPIXELS >= highest : (y + 1) * SUBPIXELS <= lowest;

            if (whole && opacity >= 1)
                fill_row(row_of(plane, y), 0, plane->width, level);
            else
                blend_covered(row_of(plane, y), canvas->scratch, plane->width,
                              (int16_t)((y + 1) * SUBPIXELS), level, part, below);
        }
    }
}

void fc_canvas_fill_below(struct fc_canvas *canvas, const float *edge, const struct fc_ramp *ramp,
                          float opacity)
{
    fill_side(canvas, edge, ramp, opacity, true);
}

void fc_canvas_fill_above(struct fc_canvas *canvas, const float *edge, const struct fc_ramp *ramp,
                          float opacity)
{
    fill_side(canvas, edge, ramp, opacity, false);
}

/* The row that ends at @end (1/16 pixels): there is the more shadow the nearer the edge is. Below
 * the edge it does not matter, that is filled next. */
static void shade_row(int16_t *row, const int16_t *edge, int width, int16_t end, int16_t reach,
                      int16_t level, int16_t part)
{
    for (int x = 0; x < width; x++) {
        int16_t inside = (int16_t)(end - edge[x] + reach);

        inside = inside < 0 || end > edge[x] + SUBPIXELS ? 0 : inside;
        row[x] = blend(row[x], level, (int16_t)(inside * part));
    }
}

void fc_canvas_shade_above(struct fc_canvas *canvas, const float *edge, float reach,
                           struct fc_color color, float opacity)
{
    struct fc_ink ink = fc_ink_of(color);

    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];
        int16_t wide = (int16_t)(reach / step_of(i) * SUBPIXELS);
        int16_t part = (int16_t)(within(opacity, 0, 1) * OPAQUE / (float)(wide + SUBPIXELS));
        int lowest, highest;

        edge_in_plane(edge, i, plane->width, plane->height, canvas->scratch, &lowest, &highest);
        for (int y = lowest > wide ? (lowest - wide) / SUBPIXELS : 0;
             y < plane->height && y * SUBPIXELS <= highest; y++)
            shade_row(row_of(plane, y), canvas->scratch, plane->width,
                      (int16_t)((y + 1) * SUBPIXELS), wide, ink.level[i], part);
    }
}

static int16_t covered(int16_t reach)
{
    return reach < 0 ? 0 : reach > SUBPIXELS ? SUBPIXELS : reach;
}

static void line_row(int16_t *row, const int16_t *upper, const int16_t *lower, int width,
                     int16_t end, int16_t level, int16_t part)
{
    for (int x = 0; x < width; x++) {
        int16_t share = (int16_t)(covered((int16_t)(end - upper[x])) -
                                  covered((int16_t)(end - lower[x])));

        row[x] = blend(row[x], level, (int16_t)(share * part));
    }
}

void fc_canvas_line(struct fc_canvas *canvas, const float *upper, const float *lower,
                    struct fc_color color, float opacity)
{
    struct fc_ink ink = fc_ink_of(color);
    int16_t part = (int16_t)(within(opacity, 0, 1) * SHARE_PER_SUBPIXEL);

    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];
        int16_t *from = canvas->scratch, *to = canvas->scratch + canvas->width;
        int first, last, lowest, highest;

        edge_in_plane(upper, i, plane->width, plane->height, from, &first, &highest);
        edge_in_plane(lower, i, plane->width, plane->height, to, &lowest, &last);
        for (int y = first / SUBPIXELS; y < plane->height && y * SUBPIXELS <= last; y++)
            line_row(row_of(plane, y), from, to, plane->width, (int16_t)((y + 1) * SUBPIXELS),
                     ink.level[i], part);
    }
}

/* ---- round things ---- */

/* A disc with a hole: the share at a distance is that of the outer edge less that of the inner. */
struct round {
    float x, y, radius, hole, blur;
};

static float round_share(const struct round *shape, float distance)
{
    float share = within((shape->radius - distance) / shape->blur + 0.5f, 0, 1);

    if (shape->hole > 0)
        share -= within((shape->hole - distance) / shape->blur + 0.5f, 0, 1);
    return share;
}

static void paint_round_in(struct fc_plane *plane, const struct round *shape, int16_t level,
                           float opacity)
{
    float reach = shape->radius + shape->blur / 2 + 1;
    int y0 = (int)within(shape->y - reach, 0, (float)plane->height);
    int y1 = (int)within(shape->y + reach + 1, 0, (float)plane->height);

    for (int y = y0; y < y1; y++) {
        float dy = (float)y + 0.5f - shape->y;
        float half = reach * reach - dy * dy > 0 ? sqrtf(reach * reach - dy * dy) : 0;
        int x0 = (int)within(shape->x - half, 0, (float)plane->width);
        int x1 = (int)within(shape->x + half + 1, 0, (float)plane->width);
        int16_t *row = row_of(plane, y);

        for (int x = x0; x < x1; x++) {
            float dx = (float)x + 0.5f - shape->x;
            float share = round_share(shape, sqrtf(dx * dx + dy * dy));

            row[x] = blend(row[x], level, (int16_t)(share * opacity * OPAQUE));
        }
    }
}

static void paint_round(struct fc_canvas *canvas, struct round shape, struct fc_color color,
                        float opacity)
{
    struct fc_ink ink = fc_ink_of(color);

    if (shape.radius <= 0 || opacity <= 0)
        return;
    for (int i = 0; i < 3; i++) {
        float step = step_of(i);
        struct round scaled = {shape.x / step, shape.y / step, shape.radius / step,
                               shape.hole / step, shape.blur / step};

        scaled.blur = scaled.blur < 1 ? 1 : scaled.blur; /* an edge is never sharper than a pixel */
        paint_round_in(&canvas->planes[i], &scaled, ink.level[i], within(opacity, 0, 1));
    }
}

void fc_canvas_disc(struct fc_canvas *canvas, float x, float y, float radius, float blur,
                    struct fc_color color, float opacity)
{
    paint_round(canvas, (struct round){x, y, radius, 0, blur}, color, opacity);
}

void fc_canvas_ring(struct fc_canvas *canvas, float x, float y, float radius, float thickness,
                    struct fc_color color, float opacity)
{
    paint_round(canvas, (struct round){x, y, radius, radius - thickness, 1}, color, opacity);
}

/* ---- straight things ---- */

static void paint_rect_in(struct fc_plane *plane, float x0, float y0, float x1, float y1,
                          int16_t level, float opacity)
{
    int left = (int)within(floorf(x0), 0, (float)plane->width);
    int right = (int)within(ceilf(x1), 0, (float)plane->width);
    int top = (int)within(floorf(y0), 0, (float)plane->height);
    int bottom = (int)within(ceilf(y1), 0, (float)plane->height);

    for (int y = top; y < bottom && left < right; y++) {
        float share = overlap((float)y, y0, y1) * opacity;
        int16_t *row = row_of(plane, y);

        row[left] = blend(row[left], level, share_of(share * overlap((float)left, x0, x1)));
        blend_row(row, left + 1, right - 1, level, share_of(share));
        if (right - 1 > left)
            row[right - 1] = blend(row[right - 1], level,
                                   share_of(share * overlap((float)(right - 1), x0, x1)));
    }
}

void fc_canvas_rect(struct fc_canvas *canvas, float x0, float y0, float x1, float y1,
                    struct fc_color color, float opacity)
{
    struct fc_ink ink = fc_ink_of(color);

    for (int i = 0; i < 3; i++) {
        float step = step_of(i);

        paint_rect_in(&canvas->planes[i], x0 / step, y0 / step, x1 / step, y1 / step, ink.level[i],
                      opacity);
    }
}

static void paint_beam_row(int16_t *row, int width, float center, float half, int16_t level,
                           float opacity)
{
    int x0 = (int)within(center - half, 0, (float)width);
    int x1 = (int)within(center + half + 1, 0, (float)width);

    for (int x = x0; x < x1; x++) {
        float side = ((float)x + 0.5f - center) / half;
        float share = within(1 - side * side, 0, 1);

        row[x] = blend(row[x], level, (int16_t)(share * share * opacity * OPAQUE));
    }
}

void fc_canvas_beam(struct fc_canvas *canvas, float x, float y, float to_x, float to_y, float width,
                    struct fc_color color, float opacity)
{
    struct fc_ink ink = fc_ink_of(color);

    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];
        float step = step_of(i);
        int first = (int)within(y / step, 0, (float)plane->height);
        int end = (int)within(to_y / step, 0, (float)plane->height);

        for (int row = first; row < end; row++) {
            float way = within(((float)row * step - y) / (to_y - y), 0, 1);

            paint_beam_row(row_of(plane, row), plane->width, (x + (to_x - x) * way) / step,
                           (2 + width * way) / 2 / step, ink.level[i],
                           within(opacity * (1 - 0.85f * way), 0, 1));
        }
    }
}

void fc_canvas_veil(struct fc_canvas *canvas, float y0, float y1, struct fc_color color,
                    float opacity0, float opacity1)
{
    struct fc_ink ink = fc_ink_of(color);

    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];
        float step = step_of(i);
        int first = (int)within(y0 / step, 0, (float)plane->height);
        int end = y1 < (float)canvas->height && opacity1 <= 0
                      ? (int)within(y1 / step, 0, (float)plane->height)
                      : plane->height;

        for (int y = first; y < end; y++) {
            float way = within(((float)y * step - y0) / (y1 - y0), 0, 1);

            blend_row(row_of(plane, y), 0, plane->width, ink.level[i],
                      share_of(opacity0 + (opacity1 - opacity0) * way));
        }
    }
}

void fc_canvas_sky(struct fc_canvas *canvas, struct fc_color top, struct fc_color middle,
                   struct fc_color bottom, float middle_y, float bottom_y)
{
    struct fc_ramp upper = {0, middle_y, top, middle};
    struct fc_ramp lower = {middle_y, bottom_y, middle, bottom};

    for (int i = 0; i < 3; i++) {
        const struct fc_plane *plane = &canvas->planes[i];

        for (int y = 0; y < plane->height; y++) {
            bool is_upper = ((float)y + 0.5f) * step_of(i) < middle_y;

            fill_row(row_of(plane, y), 0, plane->width,
                     ramp_level(is_upper ? &upper : &lower, i, y));
        }
    }
}

/* ---- plates ---- */

/* Rows are mixed first, then neighbours in the row: bilinear, with the same shares everywhere. */
static void window_row(int16_t *out, int width, const int16_t *upper, const int16_t *lower,
                       int16_t share_y, int16_t share_x, int16_t *scratch)
{
    for (int x = 0; x <= width; x++)
        scratch[x] = blend(upper[x], lower[x], share_y);
    for (int x = 0; x < width; x++)
        out[x] = blend(scratch[x], scratch[x + 1], share_x);
}

void fc_canvas_window(struct fc_canvas *canvas, const struct fc_canvas *plate, float x, float y)
{
    for (int i = 0; i < 3; i++) {
        const struct fc_plane *to = &canvas->planes[i], *from = &plate->planes[i];
        float left = within(x / step_of(i), 0, (float)(from->width - to->width - 1));
        float top = within(y / step_of(i), 0, (float)(from->height - to->height - 1));
        int column = (int)left, first = (int)top;

        for (int row = 0; row < to->height; row++)
            window_row(row_of(to, row), to->width, row_of(from, first + row) + column,
                       row_of(from, first + row + 1) + column, share_of(top - (float)first),
                       share_of(left - (float)column), canvas->scratch);
    }
}
