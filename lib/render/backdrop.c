#include <math.h>
#include <stdbool.h>

#include "render/backdrop_parts.h"
#include "render/weather.h"

enum { WINDOWS_MAX = 260 };

/* ---- what a scenery is made of, from far to near ---- */

static const struct fc_scenery_recipe recipes[FC_SCENERY__COUNT] = {
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

/* Where the camera stands at the beginning and the end: shares of the frame, magnification. */
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

struct fc_color fc_backdrop_shade(const struct fc_palette *palette, float dark)
{
    return fc_color_mix(palette->horizon, palette->near, dark);
}

static void measure_layer(struct fc_arena *arena, const struct fc_backdrop *b,
                          struct fc_layer *layer)
{
    int n = b->width + 2 * b->margin + 2;

    if (layer->recipe.ridge == FC_RIDGE_WAVES)
        return;
    layer->heights = FC_NEW_ARRAY(arena, float, (size_t)n);
    for (int i = 0; i < n; i++) {
        float from_middle = (float)(i - b->margin) - (float)b->width / 2;
        float u = from_middle / (float)b->height;

        layer->heights[i] = (float)b->height * layer->recipe.rise *
                            fc_ridge_height(layer->recipe.ridge, layer->seed, u, 0);
    }
}

/* Lit windows wherever a grid of them lies inside the outline. */
static void light_windows(struct fc_arena *arena, const struct fc_backdrop *b,
                          struct fc_layer *layer)
{
    float cell = (float)b->height * (0.014f + 0.012f * layer->recipe.depth);
    int columns = (int)((float)(b->width + 2 * b->margin) / cell),
        rows = (int)(0.6f * (float)b->height / cell);

    if (layer->recipe.ridge != FC_RIDGE_ROOFS)
        return;
    layer->windows = FC_NEW_ARRAY(arena, struct fc_window, WINDOWS_MAX);
    for (int i = 0; i < columns * rows && layer->n_windows < WINDOWS_MAX; i++) {
        int column = i % columns, row = i / columns;
        float u = (float)column * cell, v = (float)row * cell;
        float chance = fc_chance(layer->seed, 5000 + (uint32_t)i);
        float top = fminf(layer->heights[(int)u], layer->heights[(int)(u + cell * 0.7f)]);

        if (chance < 0.24f && v + cell * 1.2f < top)
            layer->windows[layer->n_windows++] = (struct fc_window){
                u + cell * 0.2f, v + cell * 0.3f, cell * 0.42f, cell * 0.5f, 0.30f + 2.6f * chance};
    }
}

static struct fc_layer_recipe between(const struct fc_layer_recipe *far,
                                      const struct fc_layer_recipe *near)
{
    return (struct fc_layer_recipe){.ridge = far->ridge,
                                    .foot = (far->foot + near->foot) / 2,
                                    .rise = (far->rise + near->rise) / 2,
                                    .depth = (far->depth + near->depth) / 2,
                                    .dark = (far->dark + near->dark) / 2};
}

static void add_layer(struct fc_arena *arena, struct fc_backdrop *b,
                      const struct fc_layer_recipe *recipe, uint32_t salt)
{
    struct fc_layer *layer = &b->layers[b->n_layers++];

    layer->recipe = *recipe;
    layer->seed = b->seed * 2654435761u + salt * 40503u + 7;
    layer->top = fc_backdrop_shade(&b->mood.palette, recipe->dark);
    layer->bottom = fc_backdrop_shade(&b->mood.palette, fminf(1, recipe->dark + 0.22f));
    if (b->look->is_sketch)
        layer->bottom = layer->top;
    measure_layer(arena, b, layer);
    if (b->look->has_light)
        light_windows(arena, b, layer);
}

/* A draft leaves layers out, from the second on; high puts others between those that stand. */
static void make_layers(struct fc_arena *arena, struct fc_backdrop *b)
{
    const struct fc_layer_recipe *layers = b->recipe->layers;

    for (uint32_t i = 0; i < FC_SCENERY_LAYERS_MAX && layers[i].ridge != FC_RIDGE_NONE; i++) {
        bool has_next = i + 1 < FC_SCENERY_LAYERS_MAX && layers[i + 1].ridge != FC_RIDGE_NONE;

        if (i % (uint32_t)b->look->layers_step != 0 && has_next)
            continue;
        add_layer(arena, b, &layers[i], i);
        if (b->look->layers_between > 0 && has_next && layers[i].ridge != FC_RIDGE_FLAT) {
            struct fc_layer_recipe recipe = between(&layers[i], &layers[i + 1]);

            add_layer(arena, b, &recipe, i + 100);
        }
    }
}

/* Sun, moon or a nebula: a bright core in ever wider and fainter glows. */
static void paint_light(const struct fc_backdrop *b, float x, float y)
{
    const struct fc_palette *p = &b->mood.palette;
    float unit = (float)(b->width < b->height ? b->width : b->height);
    static const float sizes[] = {0.95f, 0.60f, 0.36f, 0.20f};

    if (b->look->is_sketch && b->mood.scenery == FC_SCENERY_STAGE)
        return;
    if (b->look->is_sketch) {
        fc_canvas_disc(b->plate, x, y, unit * 0.062f, 1, p->light, 0.9f);
        fc_canvas_ring(b->plate, x, y, unit * 0.062f, unit * 0.003f, fc_look_pencil(), 0.7f);
        return;
    }
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
                                    const struct fc_look *look, uint32_t seed, int width,
                                    int height)
{
    struct fc_backdrop *b = FC_NEW(arena, struct fc_backdrop);

    b->mood = *mood;
    b->mood.palette = fc_look_palette(look, &mood->palette);
    b->look = look;
    b->seed = seed;
    b->width = width;
    b->height = height;
    b->margin = (width > height ? width : height) / 8 / 2 * 2;
    b->recipe = &recipes[mood->scenery];
    b->edge = FC_NEW_ARRAY(arena, float, (size_t)width);
    b->outline = FC_NEW_ARRAY(arena, float, (size_t)width);
    b->light_x = (float)width * (0.52f + 0.30f * fc_chance(seed, 21));
    b->light_y = (float)height * b->recipe->horizon * (0.42f + 0.36f * fc_chance(seed, 22));
    make_layers(arena, b);
    paint_plate(arena, b);
    return b;
}

/* ---- one frame ---- */

static struct fc_view view_at(const struct fc_backdrop *b, float way, float seconds)
{
    float eased = 0.5f * way + 0.5f * way * way * (3 - 2 * way); /* sets off and arrives gently */
    enum fc_camera_move m = b->mood.camera;

    return (struct fc_view){
        .x = moves[m].x0 + (moves[m].x1 - moves[m].x0) * eased,
        .y = moves[m].y0 + (moves[m].y1 - moves[m].y0) * eased,
        .zoom = moves[m].zoom0 + (moves[m].zoom1 - moves[m].zoom0) * eased,
        .seconds = seconds,
        .way = eased,
    };
}

static float layer_scale(const struct fc_layer *layer, const struct fc_view *view)
{
    return 1 + (view->zoom - 1) * layer->recipe.depth;
}

/* Things of the layer stand at (u, v): pixels along it, pixels above its foot. To the frame: */
static float x_in_frame(const struct fc_backdrop *b, const struct fc_layer *layer,
                        const struct fc_view *view, float u)
{
    float middle = (float)b->width / 2;

    return (u - (float)b->margin - middle - view->x * (float)b->width * layer->recipe.depth) *
               layer_scale(layer, view) +
           middle;
}

static float y_in_frame(const struct fc_backdrop *b, const struct fc_layer *layer,
                        const struct fc_view *view, float v)
{
    float height = (float)b->height, focus = height * b->recipe->horizon;

    return focus + (layer->recipe.foot * height - v - focus) * layer_scale(layer, view) +
           view->y * height * layer->recipe.depth;
}

static float height_at(const struct fc_backdrop *b, const struct fc_layer *layer, float u,
                       float seconds)
{
    int i;

    if (layer->heights == NULL)
        return (float)b->height * layer->recipe.rise *
               fc_ridge_height(layer->recipe.ridge, layer->seed, u / (float)b->height, seconds);
    u = fminf(fmaxf(u, 0), (float)(b->width + 2 * b->margin));
    i = (int)u;
    return layer->heights[i] + (layer->heights[i + 1] - layer->heights[i]) * (u - (float)i);
}

static void trace_edge(const struct fc_backdrop *b, const struct fc_layer *layer,
                       const struct fc_view *view, float lift)
{
    float middle = (float)b->width / 2, scale = layer_scale(layer, view);
    float shift = middle + (float)b->margin + view->x * (float)b->width * layer->recipe.depth;

    for (int x = 0; x < b->width; x++) {
        float u = ((float)x + 0.5f - middle) / scale + shift;

        b->edge[x] = y_in_frame(b, layer, view, lift + height_at(b, layer, u, view->seconds));
    }
}

static void paint_windows(const struct fc_backdrop *b, const struct fc_layer *layer,
                          struct fc_canvas *canvas, const struct fc_view *view)
{
    float scale = layer_scale(layer, view);

    for (int i = 0; i < layer->n_windows; i++) {
        const struct fc_window *w = &layer->windows[i];
        float x = x_in_frame(b, layer, view, w->u),
              y = y_in_frame(b, layer, view, w->v + w->height);
        struct fc_color color = i % 7 == 0 ? b->mood.palette.accent : b->mood.palette.light;

        fc_canvas_rect(canvas, x, y, x + w->width * scale, y + w->height * scale, color,
                       w->glow * (0.35f + 0.5f * layer->recipe.dark));
    }
}

/* A line of @thick pixels along the edge, on its sides too: houses have walls. */
static void draw_line(const struct fc_backdrop *b, struct fc_canvas *canvas, float thick,
                      struct fc_color color, float opacity)
{
    int reach = (int)(thick + 0.5f);

    for (int x = 0; x < b->width; x++) {
        int last = x + reach < b->width ? x + reach : b->width - 1;
        float highest = b->edge[x];

        for (int near = x > reach ? x - reach : 0; near <= last; near++)
            highest = fminf(highest, b->edge[near]);
        b->outline[x] = highest - thick;
    }
    fc_canvas_line(canvas, b->outline, b->edge, color, opacity);
}

void fc_backdrop_fill(const struct fc_backdrop *b, struct fc_canvas *canvas,
                      const struct fc_ramp *ramp)
{
    float unit = (float)(b->width < b->height ? b->width : b->height);
    struct fc_color light = fc_color_mix(ramp->top, b->mood.palette.light, 0.7f);

    if (b->look->shadow > 0)
        fc_canvas_shade_above(canvas, b->edge, unit * 0.035f, b->mood.palette.near,
                              b->look->shadow);
    if (b->look->rim > 0)
        draw_line(b, canvas, unit * 0.0013f, light, b->look->rim);
    if (b->look->is_sketch)
        draw_line(b, canvas, unit * 0.0024f + 0.4f, fc_look_pencil(), 0.9f);
    fc_canvas_fill_below(canvas, b->edge, ramp, 1);
}

static void paint_layer(const struct fc_backdrop *b, const struct fc_layer *layer,
                        struct fc_canvas *canvas, const struct fc_view *view)
{
    bool is_crowd = layer->recipe.ridge == FC_RIDGE_CROWD;
    float bob = is_crowd
                    ? 0.004f * sinf(view->seconds * 5 + layer->recipe.depth * 3) * (float)b->height
                    : 0;
    float foot = y_in_frame(b, layer, view, 0), rise = layer->recipe.rise * (float)b->height;
    struct fc_ramp ramp = {foot - rise, foot + 0.10f * (float)b->height, layer->top, layer->bottom};

    trace_edge(b, layer, view, bob);
    fc_backdrop_fill(b, canvas, &ramp);
    paint_windows(b, layer, canvas, view);
}

void fc_backdrop_paint(const struct fc_backdrop *b, struct fc_canvas *canvas, float way,
                       float seconds)
{
    struct fc_view view = view_at(b, way, seconds);
    float margin = (float)b->margin;

    fc_canvas_window(canvas, b->plate, margin + view.x * (float)b->width * 0.12f,
                     margin - view.y * (float)b->height * 0.12f);
    fc_backdrop_paint_under(b, canvas, &view);
    for (int i = 0; i < b->n_layers; i++)
        paint_layer(b, &b->layers[i], canvas, &view);
    fc_backdrop_paint_over(b, canvas, &view);
    fc_weather_paint(&b->mood, b->look->flakes, b->seed, canvas, view.x, seconds);
}
