/**
 * The paper that an animatic is drawn on: a YUV 4:2:0 frame that is painted from back to front.
 *
 * Places are in pixels of the frame, from its upper left corner, and may be fractions of a pixel:
 * every edge is smooth, so that what moves slowly moves steadily. Levels are kept in 1/128 of a
 * step and dithered when the frame is handed out, so that skies show no bands.
 */
#ifndef RENDER_CANVAS_H
#define RENDER_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>

/** A colour as people name it: 0..1 each, sRGB. */
struct fc_color {
    float r, g, b;
};

struct fc_color fc_color_of(uint32_t rgb); /* 0xRRGGBB */
struct fc_color fc_color_mix(struct fc_color a, struct fc_color b, float share_of_b);

/** A colour as planes hold it: Y, U and V in 1/128 of a step. */
struct fc_ink {
    int16_t level[3];
};
struct fc_ink fc_ink_of(struct fc_color color);

enum { FC_OPAQUE = 32752 }; /* the share of what hides everything under it */

struct fc_plane {
    int16_t *at; /* levels of 1/128, row by row */
    int width, height;
};

/** Y, U and V in BT.709, limited range; U and V of half the size. */
struct fc_canvas {
    int width, height; /* even, at most 2040: places are counted in 1/16 pixel in 16 bits */
    struct fc_plane planes[3];
    int16_t *scratch; /* two rows of working space */
};

struct fc_canvas *fc_canvas_new(struct fc_arena *arena, int width, int height);
size_t fc_canvas_frame_size(const struct fc_canvas *canvas); /* bytes of one yuv420p frame */
void fc_canvas_put(const struct fc_canvas *canvas, uint8_t *yuv420p);

/** A vertical run of colour: @top at y0, @bottom at y1, mixed between, constant beyond. */
struct fc_ramp {
    float y0, y1;
    struct fc_color top, bottom;
};

/** Fills what lies below (or above) the line through @edge: one y for each column of the frame. */
void fc_canvas_fill_below(struct fc_canvas *canvas, const float *edge, const struct fc_ramp *ramp,
                          float opacity);
void fc_canvas_fill_above(struct fc_canvas *canvas, const float *edge, const struct fc_ramp *ramp,
                          float opacity);

/** A round spot; @blur pixels of soft edge lie half inside and half outside of @radius. */
void fc_canvas_disc(struct fc_canvas *canvas, float x, float y, float radius, float blur,
                    struct fc_color color, float opacity);

/** A ring of @thickness inside @radius. */
void fc_canvas_ring(struct fc_canvas *canvas, float x, float y, float radius, float thickness,
                    struct fc_color color, float opacity);

void fc_canvas_rect(struct fc_canvas *canvas, float x0, float y0, float x1, float y1,
                    struct fc_color color, float opacity);

/** A cone of light from a point to a line of @width around @to_x, fading on its way. */
void fc_canvas_beam(struct fc_canvas *canvas, float x, float y, float to_x, float to_y, float width,
                    struct fc_color color, float opacity);

/** Darkens (or tints) rows, from @opacity0 at y0 to @opacity1 at y1 and beyond. */
void fc_canvas_veil(struct fc_canvas *canvas, float y0, float y1, struct fc_color color,
                    float opacity0, float opacity1);

/** Fills everything with a vertical ramp of three colours, for a plate. */
void fc_canvas_sky(struct fc_canvas *canvas, struct fc_color top, struct fc_color middle,
                   struct fc_color bottom, float middle_y, float bottom_y);

/** Fills what lies between two lines, one y for each column each. */
void fc_canvas_line(struct fc_canvas *canvas, const float *upper, const float *lower,
                    struct fc_color color, float opacity);

/** Soft shadow above the line through @edge: @opacity at it, nothing @reach pixels higher. */
void fc_canvas_shade_above(struct fc_canvas *canvas, const float *edge, float reach,
                           struct fc_color color, float opacity);

/** Copies the part of @plate whose upper left corner is (x, y), between its pixels if need be. */
void fc_canvas_window(struct fc_canvas *canvas, const struct fc_canvas *plate, float x, float y);

#endif
