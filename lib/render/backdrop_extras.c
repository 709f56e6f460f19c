/* What sceneries have besides layers: water that glitters, a stage's lights and curtains, a
 * corridor, stars. */
#include <math.h>

#include "render/backdrop_parts.h"

#define TURN 6.2831853f

enum { CORRIDOR_FRAMES = 9 };

/* The way of the light over the water: short strokes, wider and brighter towards the viewer. */
static void paint_glitter(const struct fc_backdrop *b, struct fc_canvas *canvas,
                          const struct fc_view *view)
{
    float height = (float)b->height, x = b->light_x - view->x * (float)b->width * 0.2f;
    float top = height * b->recipe->horizon + view->y * height * 0.2f;

    for (uint32_t i = 0; i < 90; i++) {
        float way = fc_chance(b->seed, 900 + i);
        float flicker =
            0.5f + 0.5f * sinf(view->seconds * (1.5f + 2 * fc_chance(b->seed, 700 + i)) + (float)i);
        float wide = height * (0.012f + 0.05f * way) * (0.6f + 0.8f * fc_chance(b->seed, 1100 + i));
        float at = x + (fc_chance(b->seed, 1300 + i) - 0.5f) * height * (0.05f + 0.34f * way);
        float y = top + (height * 0.46f) * way * way + 1;

        fc_canvas_rect(canvas, at - wide, y, at + wide, y + height * 0.0016f * (1 + 2 * way),
                       b->mood.palette.light, 0.55f * flicker);
    }
}

static void paint_beams(const struct fc_backdrop *b, struct fc_canvas *canvas,
                        const struct fc_view *view)
{
    float width = (float)b->width, height = (float)b->height;

    for (uint32_t i = 0; i < 5; i++) {
        float from = width * (0.10f + 0.20f * (float)i) - view->x * width * 0.4f;
        float swing = sinf(view->seconds * (0.35f + 0.25f * fc_chance(b->seed, 40 + i)) +
                           TURN * fc_chance(b->seed, 50 + i));
        float to = from + width * 0.16f * swing + (width / 2 - from) * 0.45f;

        fc_canvas_beam(canvas, from, -height * 0.05f, to, height * 0.86f, height * 0.34f,
                       i % 2 == 0 || b->look->is_sketch ? b->mood.palette.light
                                                        : b->mood.palette.accent,
                       0.42f);
    }
}

static void draw_hem(const struct fc_backdrop *b, struct fc_canvas *canvas)
{
    struct fc_color pencil = fc_look_pencil();

    for (int x = 0; x < b->width; x++)
        b->outline[x] = b->edge[x] + (float)b->height * 0.003f;
    fc_canvas_fill_above(canvas, b->outline, &(struct fc_ramp){0, 1, pencil, pencil}, 1);
}

/* Drapes: a swag along the top and two curtains that part to the sides. */
static void paint_drapes(const struct fc_backdrop *b, struct fc_canvas *canvas,
                         const struct fc_view *view)
{
    const struct fc_palette *p = &b->mood.palette;
    float width = (float)b->width, height = (float)b->height;

    for (int fold = 0; fold < 3; fold++) {
        float open = 0.11f - 0.025f * (float)fold - 0.03f * view->way;
        struct fc_color color = fc_color_mix(p->horizon, p->near, 0.34f + 0.26f * (float)fold);
        struct fc_ramp ramp = {0, height, color, fc_color_mix(color, p->near, 0.55f)};

        for (int x = 0; x < b->width; x++) {
            float share = ((float)x + 0.5f) / width,
                  side = fminf(share, 1 - share) / fmaxf(open, 0.01f);
            float swag = 0.055f + 0.045f * (1 - 0.3f * (float)fold) *
                                      fabsf(sinf(share * 9.42f + 0.5f * (float)fold));
            float curtain = side < 1
                                ? 1.2f * (1 - side * side * side * side) + 0.02f * sinf(share * 300)
                                : 0;

            b->edge[x] = height * fmaxf(swag, curtain);
        }
        if (b->look->is_sketch)
            draw_hem(b, canvas);
        fc_canvas_fill_above(canvas, b->edge, &ramp, 0.96f);
    }
}

/* One frame after the other towards a bright door, each smaller and lighter. */
static void paint_corridor(const struct fc_backdrop *b, struct fc_canvas *canvas,
                           const struct fc_view *view)
{
    const struct fc_palette *p = &b->mood.palette;
    float width = (float)b->width, height = (float)b->height;
    float x = width * (0.56f + 0.08f * (fc_chance(b->seed, 31) - 0.5f)) - view->x * width * 0.5f;
    float y = height * 0.44f - view->y * height * 0.5f;
    float gone = (view->zoom - 1) * 9; /* frames passed by */
    float line = height * 0.003f;

    for (int i = 0; i < CORRIDOR_FRAMES; i++) {
        float far = (float)i - (gone - floorf(gone)), size = powf(0.70f, far) * 1.25f;
        float near_share = powf(0.86f, far + 2);
        bool is_pillar = (i + (int)floorf(gone)) % 2 == 0;
        struct fc_color wall = fc_backdrop_shade(p, fminf(1, near_share + (is_pillar ? 0.13f : 0)));

        if (b->look->is_sketch)
            fc_canvas_rect(canvas, x - width * 0.52f * size - line,
                           y - height * 0.60f * size - line, x + width * 0.52f * size + line,
                           y + height * 0.62f * size + line, fc_look_pencil(), 0.85f);
        fc_canvas_rect(canvas, x - width * 0.52f * size, y - height * 0.60f * size,
                       x + width * 0.52f * size, y + height * 0.62f * size, wall, 1);
        fc_canvas_rect(canvas, x - width * 0.10f * size, y - height * 0.585f * size,
                       x + width * 0.10f * size, y - height * 0.565f * size, p->light, 0.75f);
    }
    fc_canvas_beam(canvas, x, y, x - width * 0.03f, height * 1.1f, width * 0.62f, p->light, 0.50f);
    fc_canvas_disc(canvas, x, y, height * 0.16f, height * 0.30f, p->light, 0.50f);
    fc_canvas_rect(canvas, x - width * 0.022f * view->zoom, y - height * 0.030f * view->zoom,
                   x + width * 0.022f * view->zoom, y + height * 0.042f * view->zoom, p->light, 1);
}

static void paint_stars(const struct fc_backdrop *b, struct fc_canvas *canvas,
                        const struct fc_view *view)
{
    float width = (float)b->width, height = (float)b->height;
    uint32_t n = (uint32_t)(130 * b->mood.palette.stars);

    for (uint32_t i = 0; i < n; i++) {
        float x = width * (1.2f * fc_chance(b->seed, 200 + i) - 0.1f) - view->x * width * 0.12f;
        float y = height * b->recipe->horizon * 0.9f * fc_chance(b->seed, 400 + i) +
                  view->y * height * 0.12f;
        float glow = 0.45f + 0.40f * sinf(view->seconds * 1.6f + (float)i * 1.7f);

        fc_canvas_disc(canvas, x, y, height * (0.0008f + 0.0014f * fc_chance(b->seed, 600 + i)),
                       1.2f, b->mood.palette.light, glow);
    }
}

static const struct {
    void (*under)(const struct fc_backdrop *b, struct fc_canvas *canvas,
                  const struct fc_view *view);
    void (*over)(const struct fc_backdrop *b, struct fc_canvas *canvas, const struct fc_view *view);
} extras[FC_SCENERY__COUNT] = {
    [FC_SCENERY_SEA] = {NULL, paint_glitter},
    [FC_SCENERY_STAGE] = {paint_beams, paint_drapes},
    [FC_SCENERY_CORRIDOR] = {paint_corridor, NULL},
};

void fc_backdrop_paint_under(const struct fc_backdrop *b, struct fc_canvas *canvas,
                             const struct fc_view *view)
{
    paint_stars(b, canvas, view);
    if (extras[b->mood.scenery].under != NULL)
        extras[b->mood.scenery].under(b, canvas, view);
}

void fc_backdrop_paint_over(const struct fc_backdrop *b, struct fc_canvas *canvas,
                            const struct fc_view *view)
{
    if (extras[b->mood.scenery].over != NULL)
        extras[b->mood.scenery].over(b, canvas, view);
}
