/**
 * A small picture with a transparent ground, drawn once out of smooth shapes and then put onto the
 * canvas of every frame.
 *
 * Places and sizes of shapes are in the sketch's own unit, from its own origin; later shapes lie
 * over earlier ones. The hand decides how a shape is made: flat, shaded, or outlined in pencil.
 */
#ifndef RENDER_SKETCH_H
#define RENDER_SKETCH_H

#include "render/canvas.h"

/** How shapes are made. */
struct fc_hand {
    float line;            /* width of outlines, pixels; 0: none */
    struct fc_color ink;   /* of outlines */
    struct fc_color paper; /* fills are mixed with it */
    float paper_share;     /* 0..1 */
    float shade;           /* from light above to dark below, 0..1 */
    float rim;             /* light along upper left edges, 0..1 */
};

struct fc_sketch {
    struct fc_hand hand;
    int width, height; /* pixels, even */
    float x, y, unit;  /* origin and unit in pixels */
    float *pixels;     /* R, G, B (times A), A for each, row by row */
};

/** Transparent; lives in @arena. */
struct fc_sketch *fc_sketch_new(struct fc_arena *arena, int width, int height,
                                const struct fc_hand *hand);

struct fc_point {
    float x, y;
};

void fc_sketch_ellipse(struct fc_sketch *s, float x, float y, float rx, float ry,
                       struct fc_color color);
/** A box around (x, y) with half sides @rx and @ry, its corners rounded by @round. */
void fc_sketch_box(struct fc_sketch *s, float x, float y, float rx, float ry, float round,
                   struct fc_color color);
/** From @a with radius @ra to @b with radius @rb. */
void fc_sketch_limb(struct fc_sketch *s, struct fc_point a, float ra, struct fc_point b, float rb,
                    struct fc_color color);
/** At most 16 corners, rounded outwards by @round. */
void fc_sketch_polygon(struct fc_sketch *s, const struct fc_point *corners, int n, float round,
                       struct fc_color color);
/** A soft dark spot on the ground; never outlined. */
void fc_sketch_shadow(struct fc_sketch *s, float x, float y, float rx, float ry, float opacity);

/** A place in the sketch, pixels. */
struct fc_spot {
    int left, top, width, height;
};

/** A picture of @width x @height pixels (R, G and B of 8 bits), shrunk into @spot. */
void fc_sketch_picture(struct fc_sketch *s, const uint8_t *rgb, int width, int height,
                       const struct fc_spot *spot);

/** Ready to be put onto a canvas. */
struct fc_sprite {
    int width, height;
    int16_t *levels[3]; /* as in a plane, times their share */
    int16_t *shares[3]; /* of luma, and twice that of chroma */
};
struct fc_sprite *fc_sprite_of(struct fc_arena *arena, const struct fc_sketch *s);

/** Puts @sprite with its upper left corner at (x, y); between rows if need be. */
void fc_sprite_paint(const struct fc_sprite *sprite, struct fc_canvas *canvas, int x, float y,
                     float opacity);

#endif
