/** What the parts of the backdrop share; inside of lib/render only. */
#ifndef RENDER_BACKDROP_PARTS_H
#define RENDER_BACKDROP_PARTS_H

#include "render/backdrop.h"
#include "render/ridge.h"

enum { FC_SCENERY_LAYERS_MAX = 5, FC_LAYERS_MAX = 2 * FC_SCENERY_LAYERS_MAX };

struct fc_layer_recipe {
    enum fc_ridge ridge;
    float foot;  /* where the layer stands, 0 upper to 1 lower edge of the frame */
    float rise;  /* how far it stands up, in heights of the frame */
    float depth; /* 0 never moves, 1 moves with the camera, more: nearer still */
    float dark;  /* 0 colour of the horizon, 1 of what is near */
};

/** What a scenery is made of, from far to near. */
struct fc_scenery_recipe {
    float horizon; /* where the sky ends, 0..1 */
    struct fc_layer_recipe layers[FC_SCENERY_LAYERS_MAX];
};

struct fc_window {
    float u, v; /* pixels along the layer, and above its foot */
    float width, height, glow;
};

struct fc_layer {
    struct fc_layer_recipe recipe;
    uint32_t seed;
    float *heights; /* in pixels, one per pixel of the layer; NULL when the outline moves */
    struct fc_color top, bottom;
    struct fc_window *windows;
    int n_windows;
};

struct fc_backdrop {
    struct fc_mood mood; /* its colours as the look shows them */
    const struct fc_look *look;
    uint32_t seed;
    int width, height, margin; /* the margin of plate and layers, to each side */
    const struct fc_scenery_recipe *recipe;
    struct fc_canvas *plate;
    struct fc_layer layers[FC_LAYERS_MAX];
    int n_layers;
    float light_x, light_y; /* in the frame, pixels */
    float *edge, *outline;  /* working space, one per column */
};

/** The camera at one moment. */
struct fc_view {
    float x, y;    /* shares of the frame */
    float zoom;    /* 1 and more */
    float seconds; /* for what moves by itself */
    float way;     /* of the move, 0..1 */
};

/** The colour of what is @dark: 0 far away, 1 near. */
struct fc_color fc_backdrop_shade(const struct fc_palette *palette, float dark);

/** Fills below the backdrop's edge; a sketch gets a pencil line along it. */
void fc_backdrop_fill(const struct fc_backdrop *b, struct fc_canvas *canvas,
                      const struct fc_ramp *ramp);

/** What a scenery has besides its layers: behind them, and in front of them. */
void fc_backdrop_paint_under(const struct fc_backdrop *b, struct fc_canvas *canvas,
                             const struct fc_view *view);
void fc_backdrop_paint_over(const struct fc_backdrop *b, struct fc_canvas *canvas,
                            const struct fc_view *view);

#endif
