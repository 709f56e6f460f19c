#include "render/sketch.h"

#include <math.h>

enum { CORNERS_MAX = 16 };

enum shape_kind { ELLIPSE, BOX, LIMB, POLYGON };

/* A shape in pixels. Its distance is negative inside, 0 on the edge, positive outside. */
struct shape {
    enum shape_kind kind;
    struct fc_point a, b; /* centre and half sides; of a limb its two ends */
    float ra, rb;         /* of a limb; ra also rounds boxes and polygons */
    struct fc_point corners[CORNERS_MAX];
    int n_corners;
    float x0, y0, x1, y1; /* a box around it */
};

static float within(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

static float length(float x, float y)
{
    return sqrtf(x * x + y * y);
}

/* ---- distances ---- */

static float ellipse_distance(const struct shape *s, float x, float y)
{
    float dx = (x - s->a.x) / s->b.x, dy = (y - s->a.y) / s->b.y;
    float k0 = length(dx, dy), k1 = length(dx / s->b.x, dy / s->b.y);

    return k1 < 1e-6f ? -fminf(s->b.x, s->b.y) : k0 * (k0 - 1) / k1;
}

static float box_distance(const struct shape *s, float x, float y)
{
    float dx = fabsf(x - s->a.x) - s->b.x + s->ra, dy = fabsf(y - s->a.y) - s->b.y + s->ra;

    return length(fmaxf(dx, 0), fmaxf(dy, 0)) + fminf(fmaxf(dx, dy), 0) - s->ra;
}

static float limb_distance(const struct shape *s, float x, float y)
{
    float bx = s->b.x - s->a.x, by = s->b.y - s->a.y, px = x - s->a.x, py = y - s->a.y;
    float way = within((px * bx + py * by) / (bx * bx + by * by + 1e-6f), 0, 1);

    return length(px - bx * way, py - by * way) - (s->ra + (s->rb - s->ra) * way);
}

/* To the nearest side; inside when a ray to the right crosses an odd number of sides. */
static float polygon_distance(const struct shape *s, float x, float y)
{
    float nearest = 1e9f;
    bool is_inside = false;

    for (int i = 0, j = s->n_corners - 1; i < s->n_corners; j = i++) {
        struct fc_point p = s->corners[i], q = s->corners[j];
        struct shape side = {.a = p, .b = q};

        nearest = fminf(nearest, limb_distance(&side, x, y));
        if ((p.y > y) != (q.y > y) && x < (q.x - p.x) * (y - p.y) / (q.y - p.y) + p.x)
            is_inside = !is_inside;
    }
    return (is_inside ? -nearest : nearest) - s->ra;
}

static float (*const distances[])(const struct shape *s, float x, float y) = {
    [ELLIPSE] = ellipse_distance,
    [BOX] = box_distance,
    [LIMB] = limb_distance,
    [POLYGON] = polygon_distance,
};

/* ---- painting ---- */

static void put_over(float *pixel, struct fc_color color, float share)
{
    pixel[0] += (color.r - pixel[0]) * share;
    pixel[1] += (color.g - pixel[1]) * share;
    pixel[2] += (color.b - pixel[2]) * share;
    pixel[3] += (1 - pixel[3]) * share;
}

/* Light comes from the upper left: towards it the distance grows along an edge that is lit. */
static float lit(const struct shape *shape, float x, float y, float distance)
{
    return distances[shape->kind](shape, x - 0.7f, y - 0.7f) - distance;
}

static struct fc_color fill_at(const struct fc_sketch *s, const struct shape *shape,
                               struct fc_color color, float x, float y, float distance)
{
    float down = (y - shape->y0) / (shape->y1 - shape->y0 + 1);
    float light = s->hand.shade * (0.5f - down), rim = 0;

    color = fc_color_mix(color, fc_color_of(light > 0 ? 0xFFFFFF : 0x10101C), fabsf(light));
    if (s->hand.rim > 0 && distance > -0.05f * s->unit)
        rim = lit(shape, x, y, distance);
    if (rim > 0)
        color = fc_color_mix(color, fc_color_of(0xFFF4DC),
                             s->hand.rim * rim * (1 + distance / (0.05f * s->unit)));
    return fc_color_mix(color, s->hand.paper, s->hand.paper_share);
}

/* A hand is never quite steady. */
static float wobble(const struct fc_sketch *s, float x, float y)
{
    float slow = s->unit * 0.045f;

    return s->hand.line * 0.28f * (sinf(x / slow + 1.3f * sinf(y / slow)) + sinf(y / slow * 1.7f));
}

static void paint(struct fc_sketch *s, const struct shape *shape, struct fc_color color)
{
    float reach = s->hand.line + 2;
    int x0 = (int)within(shape->x0 - reach, 0, (float)s->width);
    int x1 = (int)within(shape->x1 + reach + 1, 0, (float)s->width);
    int y0 = (int)within(shape->y0 - reach, 0, (float)s->height);
    int y1 = (int)within(shape->y1 + reach + 1, 0, (float)s->height);

    for (int row = y0; row < y1; row++) {
        for (int column = x0; column < x1; column++) {
            float x = (float)column + 0.5f, y = (float)row + 0.5f;
            float distance = distances[shape->kind](shape, x, y);
            float *pixel = s->pixels + 4 * ((size_t)row * (size_t)s->width + (size_t)column);

            if (distance > reach)
                continue;
            put_over(pixel, fill_at(s, shape, color, x, y, distance),
                     within(0.5f - distance, 0, 1));
            if (s->hand.line > 0)
                put_over(pixel, s->hand.ink,
                         0.9f * within(0.5f + s->hand.line / 2 - fabsf(distance + wobble(s, x, y)),
                                       0, 1));
        }
    }
}

struct fc_sketch *fc_sketch_new(struct fc_arena *arena, int width, int height,
                                const struct fc_hand *hand)
{
    struct fc_sketch *s = FC_NEW(arena, struct fc_sketch);

    s->hand = *hand;
    s->width = (width + 1) / 2 * 2;
    s->height = (height + 1) / 2 * 2;
    s->unit = (float)height;
    s->pixels = FC_NEW_ARRAY(arena, float, 4 * (size_t)s->width * (size_t)s->height);
    return s;
}

static struct fc_point to_pixels(const struct fc_sketch *s, float x, float y)
{
    return (struct fc_point){s->x + x * s->unit, s->y + y * s->unit};
}

/* A shape around a centre with half sides. */
static struct shape around(const struct fc_sketch *s, enum shape_kind kind, float x, float y,
                           float rx, float ry)
{
    struct fc_point center = to_pixels(s, x, y), half = {rx * s->unit, ry * s->unit};

    return (struct shape){.kind = kind,
                          .a = center,
                          .b = half,
                          .x0 = center.x - half.x,
                          .y0 = center.y - half.y,
                          .x1 = center.x + half.x,
                          .y1 = center.y + half.y};
}

void fc_sketch_ellipse(struct fc_sketch *s, float x, float y, float rx, float ry,
                       struct fc_color color)
{
    struct shape shape = around(s, ELLIPSE, x, y, rx, ry);

    paint(s, &shape, color);
}

void fc_sketch_box(struct fc_sketch *s, float x, float y, float rx, float ry, float round,
                   struct fc_color color)
{
    struct shape shape = around(s, BOX, x, y, rx, ry);

    shape.ra = fminf(round * s->unit, fminf(shape.b.x, shape.b.y));
    paint(s, &shape, color);
}

void fc_sketch_limb(struct fc_sketch *s, struct fc_point a, float ra, struct fc_point b, float rb,
                    struct fc_color color)
{
    struct fc_point p = to_pixels(s, a.x, a.y), q = to_pixels(s, b.x, b.y);
    float reach = fmaxf(ra, rb) * s->unit;
    struct shape shape = {.kind = LIMB,
                          .a = p,
                          .b = q,
                          .ra = ra * s->unit,
                          .rb = rb * s->unit,
                          .x0 = fminf(p.x, q.x) - reach,
                          .y0 = fminf(p.y, q.y) - reach,
                          .x1 = fmaxf(p.x, q.x) + reach,
                          .y1 = fmaxf(p.y, q.y) + reach};

    paint(s, &shape, color);
}

void fc_sketch_polygon(struct fc_sketch *s, const struct fc_point *corners, int n, float round,
                       struct fc_color color)
{
    struct shape shape = {
        .kind = POLYGON, .ra = round * s->unit, .x0 = 1e9f, .y0 = 1e9f, .x1 = -1e9f, .y1 = -1e9f};

    for (int i = 0; i < n && i < CORNERS_MAX; i++) {
        struct fc_point p = to_pixels(s, corners[i].x, corners[i].y);

        shape.corners[shape.n_corners++] = p;
        shape.x0 = fminf(shape.x0, p.x - shape.ra);
        shape.y0 = fminf(shape.y0, p.y - shape.ra);
        shape.x1 = fmaxf(shape.x1, p.x + shape.ra);
        shape.y1 = fmaxf(shape.y1, p.y + shape.ra);
    }
    paint(s, &shape, color);
}

void fc_sketch_shadow(struct fc_sketch *s, float x, float y, float rx, float ry, float opacity)
{
    struct shape shape = around(s, ELLIPSE, x, y, rx, ry);

    for (int row = 0; row < s->height; row++) {
        for (int column = 0; column < s->width; column++) {
            float dx = ((float)column + 0.5f - shape.a.x) / shape.b.x;
            float dy = ((float)row + 0.5f - shape.a.y) / shape.b.y;
            float share = within(1 - dx * dx - dy * dy, 0, 1);
            float *pixel = s->pixels + 4 * ((size_t)row * (size_t)s->width + (size_t)column);

            put_over(pixel, fc_color_of(0x05050A), share * share * opacity);
        }
    }
}

/* The mean colour of the pixels that become one, columns @x0..x1 of rows @y0..y1. */
static struct fc_color mean_of(const uint8_t *rgb, int width, int x0, int y0, int x1, int y1)
{
    float sum[3] = {0, 0, 0}, n = 255 * (float)((x1 - x0) * (y1 - y0));

    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            for (int i = 0; i < 3; i++)
                sum[i] += rgb[3 * ((size_t)y * (size_t)width + (size_t)x) + (size_t)i];
        }
    }
    return (struct fc_color){sum[0] / n, sum[1] / n, sum[2] / n};
}

void fc_sketch_picture(struct fc_sketch *s, const uint8_t *rgb, int width, int height,
                       const struct fc_spot *spot)
{
    for (int row = 0; row < spot->height && spot->top + row < s->height; row++) {
        int y0 = row * height / spot->height, y1 = (row + 1) * height / spot->height;

        for (int column = 0; column < spot->width && spot->left + column < s->width; column++) {
            int x0 = column * width / spot->width, x1 = (column + 1) * width / spot->width;
            float *pixel = s->pixels + 4 * ((size_t)(spot->top + row) * (size_t)s->width +
                                            (size_t)(spot->left + column));

            put_over(pixel,
                     mean_of(rgb, width, x0, y0, x1 > x0 ? x1 : x0 + 1, y1 > y0 ? y1 : y0 + 1), 1);
        }
    }
}
