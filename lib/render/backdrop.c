#include "render/backdrop.h"

#include <math.h>
#include <stdbool.h>

#include "render/ridge.h"
#include "render/weather.h"

#define TURN 6.2831853f

enum { LAYERS_MAX = 5, WINDOWS_MAX = 260, CORRIDOR_FRAMES = 9 };

/* ---- what a scenery is made of, from far to near ---- */

struct layer_recipe {
    enum fc_ridge ridge;
    float foot;  /* where the layer stands, 0 upper to 1 lower edge of the frame */
    float rise;  /* how far it stands up, in heights of the frame */
    float depth; /* 0 never moves, 1 moves with the camera, more: nearer still */
    float dark;  /* 0 colour of the horizon, 1 of what is near */
};

static const struct recipe {
    float horizon; /* where the sky ends, 0..1 */
    struct layer_recipe layers[LAYERS_MAX];
} recipes[FC_SCENERY__COUNT] = {
    [FC_SCENERY_HILLS] = {0.66f,
                          {{FC_RIDGE_PEAKS, 0.66f, 0.16f, 0.25f, 0.18f},
                           {FC_RIDGE_HILLS, 0.70f, 0.13f, 0.45f, 0.38f},
                           {FC_RIDGE_HILLS, 0.79f, 0.14f, 0.75f, 0.62f},
                           {FC_RIDGE_TREES, 0.90f, 0.13f, 1.10f, 0.84f},
                           {FC_RIDGE_HILLS, 1.00f, 0.12f, 1.60f, 1.00f}}},
    [FC_SCENERY_MOUNTAINS] = {0.72f,
                              {{FC_RIDGE_PEAKS, 0.72f, 0.50f, 0.20f, 0.20f},
                               {FC_RIDGE_PEAKS, 0.78f, 0.42f, 0.40f, 0.42f},
                               {FC_RIDGE_PEAKS, 0.84f, 0.28f, 0.70f, 0.64f},
                               {FC_RIDGE_TREES, 0.93f, 0.15f, 1.10f, 0.86f},
                               {FC_RIDGE_HILLS, 1.02f, 0.12f, 1.60f, 1.00f}}},
    [FC_SCENERY_FOREST] = {0.70f,
                           {{FC_RIDGE_HILLS, 0.62f, 0.16f, 0.20f, 0.14f},
                            {FC_RIDGE_TREES, 0.72f, 0.24f, 0.40f, 0.34f},
                            {FC_RIDGE_TREES, 0.82f, 0.32f, 0.70f, 0.56f},
                            {FC_RIDGE_TREES, 0.95f, 0.42f, 1.10f, 0.80f},
                            {FC_RIDGE_HILLS, 1.02f, 0.13f, 1.60f, 1.00f}}},
    [FC_SCENERY_CITY] = {0.74f,
                         {{FC_RIDGE_ROOFS, 0.78f, 0.44f, 0.22f, 0.26f},
                          {FC_RIDGE_ROOFS, 0.84f, 0.46f, 0.45f, 0.52f},
                          {FC_RIDGE_ROOFS, 0.92f, 0.42f, 0.80f, 0.78f},
                          {FC_RIDGE_ROOFS, 1.06f, 0.36f, 1.25f, 0.96f}}},
    [FC_SCENERY_SEA] = {0.56f,
                        {{FC_RIDGE_PEAKS, 0.565f, 0.07f, 0.15f, 0.26f},
                         {FC_RIDGE_FLAT, 0.56f, 0.00f, 0.20f, 0.30f},
                         {FC_RIDGE_WAVES, 0.68f, 0.025f, 0.45f, 0.48f},
                         {FC_RIDGE_WAVES, 0.80f, 0.04f, 0.80f, 0.68f},
                         {FC_RIDGE_WAVES, 0.95f, 0.06f, 1.40f, 0.88f}}},
    [FC_SCENERY_DESERT] = {0.64f,
                           {{FC_RIDGE_PEAKS, 0.64f, 0.11f, 0.18f, 0.20f},
                            {FC_RIDGE_DUNES, 0.68f, 0.12f, 0.35f, 0.34f},
                            {FC_RIDGE_DUNES, 0.78f, 0.15f, 0.65f, 0.54f},
                            {FC_RIDGE_DUNES, 0.90f, 0.17f, 1.05f, 0.76f},
                            {FC_RIDGE_DUNES, 1.04f, 0.16f, 1.60f, 0.96f}}},
    [FC_SCENERY_STAGE] = {0.72f,
                          {{FC_RIDGE_FLAT, 0.62f, 0.00f, 0.35f, 0.55f},
                           {FC_RIDGE_CROWD, 0.76f, 0.16f, 0.80f, 0.66f},
                           {FC_RIDGE_CROWD, 0.92f, 0.22f, 1.30f, 0.90f}}},
    [FC_SCENERY_CORRIDOR] = {0.50f, {{FC_RIDGE_NONE, 0, 0, 0, 0}}},
    [FC_SCENERY_SPACE] = {0.90f,
                          {{FC_RIDGE_PEAKS, 0.90f, 0.16f, 0.60f, 0.55f},
                           {FC_RIDGE_PEAKS, 1.00f, 0.18f, 1.20f, 0.95f}}},
};

/* Where the camera stands at the beginning and the end: shares of the frame, and a magnification.
 * */
static const struct {
    float x0, x1, y0, y1, zoom0, zoom1;
} moves[FC_CAMERA__COUNT] = {
    [FC_CAMERA_PAN_LEFT] = {0.06f, -0.06f, 0, 0, 1.04f, 1.06f},
    [FC_CAMERA_PAN_RIGHT] = {-0.06f, 0.06f, 0, 0, 1.04f, 1.06f},
    [FC_CAMERA_TILT_UP] = {-0.01f, 0.01f, -0.035f, 0.035f, 1.03f, 1.06f},
    [FC_CAMERA_TILT_DOWN] = {0.01f, -0.01f, 0.035f, -0.035f, 1.03f, 1.06f},
    [FC_CAMERA_PUSH] = {-0.01f, 0.012f, -0.004f, 0.004f, 1.00f, 1.24f},
    [FC_CAMERA_PULL] = {0.012f, -0.01f, 0.004f, -0.004f, 1.24f, 1.00f},
};

/* ---- what is prepared once ---- */

struct window {
    float u, v; /* pixels along the layer, and above its foot */
    float width, height, glow;
};

struct layer {
    const struct layer_recipe *recipe;
    uint32_t seed;
    float *heights; /* in pixels, one per pixel of the layer; NULL when the outline moves */
    struct fc_color top, bottom;
    struct window *windows;
    int n_windows;
};

struct fc_backdrop {
    struct fc_mood mood;
    uint32_t seed;
    int width, height, margin; /* the margin of plate and layers, to each side */
    const struct recipe *recipe;
    struct fc_canvas *plate;
    struct layer layers[LAYERS_MAX];
    int n_layers;
    float light_x, light_y; /* in the frame, pixels */
    float *edge;            /* working space, one per column */
};

/* The camera at one moment. */
struct view {
    float x, y;    /* shares of the frame */
    float zoom;    /* 1 and more */
    float seconds; /* for what moves by itself */
    float way;
};

static struct fc_color shade(const struct fc_palette *palette, float dark)
{
    return fc_color_mix(palette->horizon, palette->near, dark);
}

static void measure_layer(struct fc_arena *arena, const struct fc_backdrop *b, struct layer *layer)
{
    int n = b->width + 2 * b->margin + 2;

    if (layer->recipe->ridge == FC_RIDGE_WAVES)
        return;
    layer->heights = FC_NEW_ARRAY(arena, float, (size_t)n);
    for (int i = 0; i < n; i++) {
        float from_middle = (float)(i - b->margin) - (float)b->width / 2;
        float u = from_middle / (float)b->height;

        layer->heights[i] = (float)b->height * layer->recipe->rise *
                            fc_ridge_height(layer->recipe->ridge, layer->seed, u, 0);
    }
}

/* Lit windows wherever a grid of them lies inside the outline. */
static void light_windows(struct fc_arena *arena, const struct fc_backdrop *b, struct layer *layer)
{
    float cell = (float)b->height * (0.014f + 0.012f * layer->recipe->depth);
    int columns = (int)((float)(b->width + 2 * b->margin) / cell),
        rows = (int)(0.6f * (float)b->height / cell);

    if (layer->recipe->ridge != FC_RIDGE_ROOFS)
        return;
    layer->windows = FC_NEW_ARRAY(arena, struct window, WINDOWS_MAX);
    for (int i = 0; i < columns * rows && layer->n_windows < WINDOWS_MAX; i++) {
        int column = i % columns, row = i / columns;
        float u = (float)column * cell, v = (float)row * cell;
        float chance = fc_chance(layer->seed, 5000 + (uint32_t)i);
        float top = fminf(layer->heights[(int)u], layer->heights[(int)(u + cell * 0.7f)]);

        if (chance < 0.24f && v + cell * 1.2f < top)
            layer->windows[layer->n_windows++] = (struct window){
                u + cell * 0.2f, v + cell * 0.3f, cell * 0.42f, cell * 0.5f, 0.30f + 2.6f * chance};
    }
}

static void make_layers(struct fc_arena *arena, struct fc_backdrop *b)
{
    for (int i = 0; i < LAYERS_MAX && b->recipe->layers[i].ridge != FC_RIDGE_NONE; i++) {
        struct layer *layer = &b->layers[b->n_layers++];

        layer->recipe = &b->recipe->layers[i];
        layer->seed = b->seed * 2654435761u + (uint32_t)i * 40503u + 7;
        layer->top = shade(&b->mood.palette, layer->recipe->dark);
        layer->bottom = shade(&b->mood.palette, fminf(1, layer->recipe->dark + 0.22f));
        measure_layer(arena, b, layer);
        light_windows(arena, b, layer);
    }
}

/* Sun, moon or a nebula: a bright core in ever wider and fainter glows. */
static void paint_light(const struct fc_backdrop *b, float x, float y)
{
    const struct fc_palette *p = &b->mood.palette;
    float unit = (float)(b->width < b->height ? b->width : b->height);
    static const float sizes[] = {0.95f, 0.60f, 0.36f, 0.20f};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        fc_canvas_disc(b->plate, x, y, unit * sizes[i] * 0.5f, unit * sizes[i],
                       fc_color_mix(p->horizon, p->light, 0.25f * (float)(i + 1)),
                       0.26f * p->light_strength);
    if (b->mood.scenery != FC_SCENERY_STAGE)
        fc_canvas_disc(b->plate, x, y, unit * 0.055f, unit * 0.006f, p->light, 0.92f);
}

static void paint_planet(const struct fc_backdrop *b, float x, float y)
{
    const struct fc_palette *p = &b->mood.palette;
    float unit = (float)(b->width < b->height ? b->width : b->height), radius = unit * 0.24f;

    fc_canvas_disc(b->plate, x, y, radius * 1.02f, unit * 0.10f, p->horizon, 0.5f);
    fc_canvas_disc(b->plate, x, y, radius, 2, fc_color_mix(p->horizon, p->light, 0.45f), 1);
    for (int i = 0; i < 14; i++) { /* the night side creeps in from the lower right */
        float way = (float)i / 14;

        fc_canvas_disc(b->plate, x + radius * 0.30f * way, y + radius * 0.20f * way,
                       radius * (1 - 0.36f * way), radius * 0.10f,
                       fc_color_mix(p->middle, p->near, way), 0.20f);
    }
}

static void paint_plate(struct fc_arena *arena, struct fc_backdrop *b)
{
    const struct fc_palette *p = &b->mood.palette;
    float height = (float)b->height, margin = (float)b->margin;

    b->plate = fc_canvas_new(arena, b->width + 2 * b->margin, b->height + 2 * b->margin);
    fc_canvas_sky(b->plate, p->sky, p->middle, p->horizon,
                  margin + height * b->recipe->horizon * 0.55f,
                  margin + height * b->recipe->horizon);
    if (b->mood.scenery == FC_SCENERY_SPACE)
        paint_planet(b, b->light_x + margin, b->light_y + margin);
    else
        paint_light(b, b->light_x + margin, b->light_y + margin);
}

struct fc_backdrop *fc_backdrop_new(struct fc_arena *arena, const struct fc_mood *mood,
                                    uint32_t seed, int width, int height)
{
    struct fc_backdrop *b = FC_NEW(arena, struct fc_backdrop);

    b->mood = *mood;
    b->seed = seed;
    b->width = width;
    b->height = height;
    b->margin = (width > height ? width : height) / 8 / 2 * 2;
    b->recipe = &recipes[mood->scenery];
    b->edge = FC_NEW_ARRAY(arena, float, (size_t)width);
    b->light_x = (float)width * (0.52f + 0.30f * fc_chance(seed, 21));
    b->light_y = (float)height * b->recipe->horizon * (0.42f + 0.36f * fc_chance(seed, 22));
    make_layers(arena, b);
    paint_plate(arena, b);
    return b;
}

/* ---- one frame ---- */

static struct view view_at(const struct fc_backdrop *b, float way, float seconds)
{
    float eased = 0.5f * way + 0.5f * way * way * (3 - 2 * way); /* sets off and arrives gently */
    enum fc_camera_move m = b->mood.camera;

    return (struct view){
        .x = moves[m].x0 + (moves[m].x1 - moves[m].x0) * eased,
        .y = moves[m].y0 + (moves[m].y1 - moves[m].y0) * eased,
        .zoom = moves[m].zoom0 + (moves[m].zoom1 - moves[m].zoom0) * eased,
        .seconds = seconds,
        .way = eased,
    };
}

static float layer_scale(const struct layer *layer, const struct view *view)
{
    return 1 + (view->zoom - 1) * layer->recipe->depth;
}

/* Things of the layer stand at (u, v): pixels along it, pixels above its foot. To the frame: */
static float x_in_frame(const struct fc_backdrop *b, const struct layer *layer,
                        const struct view *view, float u)
{
    float middle = (float)b->width / 2;

    return (u - (float)b->margin - middle - view->x * (float)b->width * layer->recipe->depth) *
               layer_scale(layer, view) +
           middle;
}

static float y_in_frame(const struct fc_backdrop *b, const struct layer *layer,
                        const struct view *view, float v)
{
    float height = (float)b->height, focus = height * b->recipe->horizon;

    return focus + (layer->recipe->foot * height - v - focus) * layer_scale(layer, view) +
           view->y * height * layer->recipe->depth;
}

static float height_at(const struct fc_backdrop *b, const struct layer *layer, float u,
                       float seconds)
{
    int i;

    if (layer->heights == NULL)
        return (float)b->height * layer->recipe->rise *
               fc_ridge_height(layer->recipe->ridge, layer->seed, u / (float)b->height, seconds);
    u = fminf(fmaxf(u, 0), (float)(b->width + 2 * b->margin));
    i = (int)u;
    return layer->heights[i] + (layer->heights[i + 1] - layer->heights[i]) * (u - (float)i);
}

static void trace_edge(const struct fc_backdrop *b, const struct layer *layer,
                       const struct view *view, float lift)
{
    float middle = (float)b->width / 2, scale = layer_scale(layer, view);
    float shift = middle + (float)b->margin + view->x * (float)b->width * layer->recipe->depth;

    for (int x = 0; x < b->width; x++) {
        float u = ((float)x + 0.5f - middle) / scale + shift;

        b->edge[x] = y_in_frame(b, layer, view, lift + height_at(b, layer, u, view->seconds));
    }
}

static void paint_windows(const struct fc_backdrop *b, const struct layer *layer,
                          struct fc_canvas *canvas, const struct view *view)
{
    float scale = layer_scale(layer, view);

    for (int i = 0; i < layer->n_windows; i++) {
        const struct window *w = &layer->windows[i];
        float x = x_in_frame(b, layer, view, w->u),
              y = y_in_frame(b, layer, view, w->v + w->height);
        struct fc_color color = i % 7 == 0 ? b->mood.palette.accent : b->mood.palette.light;

        fc_canvas_rect(canvas, x, y, x + w->width * scale, y + w->height * scale, color,
                       w->glow * (0.35f + 0.5f * layer->recipe->dark));
    }
}

static void paint_layer(const struct fc_backdrop *b, const struct layer *layer,
                        struct fc_canvas *canvas, const struct view *view)
{
    bool is_crowd = layer->recipe->ridge == FC_RIDGE_CROWD;
    float bob = is_crowd
                    ? 0.004f * sinf(view->seconds * 5 + layer->recipe->depth * 3) * (float)b->height
                    : 0;
    float foot = y_in_frame(b, layer, view, 0), rise = layer->recipe->rise * (float)b->height;
    struct fc_ramp ramp = {foot - rise, foot + 0.10f * (float)b->height, layer->top, layer->bottom};

    trace_edge(b, layer, view, bob);
    fc_canvas_fill_below(canvas, b->edge, &ramp, 1);
    paint_windows(b, layer, canvas, view);
}

/* The way of the light over the water: short strokes, wider and brighter towards the viewer. */
static void paint_glitter(const struct fc_backdrop *b, struct fc_canvas *canvas,
                          const struct view *view)
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
                        const struct view *view)
{
    float width = (float)b->width, height = (float)b->height;

    for (uint32_t i = 0; i < 5; i++) {
        float from = width * (0.10f + 0.20f * (float)i) - view->x * width * 0.4f;
        float swing = sinf(view->seconds * (0.35f + 0.25f * fc_chance(b->seed, 40 + i)) +
                           TURN * fc_chance(b->seed, 50 + i));
        float to = from + width * 0.16f * swing + (width / 2 - from) * 0.45f;

        fc_canvas_beam(canvas, from, -height * 0.05f, to, height * 0.86f, height * 0.34f,
                       i % 2 == 0 ? b->mood.palette.light : b->mood.palette.accent, 0.42f);
    }
}

/* Drapes: a swag along the top and two curtains that part to the sides. */
static void paint_drapes(const struct fc_backdrop *b, struct fc_canvas *canvas,
                         const struct view *view)
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
        fc_canvas_fill_above(canvas, b->edge, &ramp, 0.96f);
    }
}

/* One frame after the other towards a bright door, each smaller and lighter. */
static void paint_corridor(const struct fc_backdrop *b, struct fc_canvas *canvas,
                           const struct view *view)
{
    const struct fc_palette *p = &b->mood.palette;
    float width = (float)b->width, height = (float)b->height;
    float x = width * (0.56f + 0.08f * (fc_chance(b->seed, 31) - 0.5f)) - view->x * width * 0.5f;
    float y = height * 0.44f - view->y * height * 0.5f;
    float gone = (view->zoom - 1) * 9; /* frames passed by */

    for (int i = 0; i < CORRIDOR_FRAMES; i++) {
        float far = (float)i - (gone - floorf(gone)), size = powf(0.70f, far) * 1.25f;
        float near_share = powf(0.86f, far + 2);
        bool is_pillar = (i + (int)floorf(gone)) % 2 == 0;
        struct fc_color wall = shade(p, fminf(1, near_share + (is_pillar ? 0.13f : 0)));

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
                        const struct view *view)
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

/* What a scenery has besides its layers; over: in front of the layers. */
static const struct {
    void (*under)(const struct fc_backdrop *b, struct fc_canvas *canvas, const struct view *view);
    void (*over)(const struct fc_backdrop *b, struct fc_canvas *canvas, const struct view *view);
} extras[FC_SCENERY__COUNT] = {
    [FC_SCENERY_SEA] = {NULL, paint_glitter},
    [FC_SCENERY_STAGE] = {paint_beams, paint_drapes},
    [FC_SCENERY_CORRIDOR] = {paint_corridor, NULL},
};

void fc_backdrop_paint(const struct fc_backdrop *b, struct fc_canvas *canvas, float way,
                       float seconds)
{
    struct view view = view_at(b, way, seconds);
    float margin = (float)b->margin;

    fc_canvas_window(canvas, b->plate, margin + view.x * (float)b->width * 0.12f,
                     margin - view.y * (float)b->height * 0.12f);
    paint_stars(b, canvas, &view);
    if (extras[b->mood.scenery].under != NULL)
        extras[b->mood.scenery].under(b, canvas, &view);
    for (int i = 0; i < b->n_layers; i++)
        paint_layer(b, &b->layers[i], canvas, &view);
    if (extras[b->mood.scenery].over != NULL)
        extras[b->mood.scenery].over(b, canvas, &view);
    fc_weather_paint(&b->mood, b->seed, canvas, view.x, seconds);
}
