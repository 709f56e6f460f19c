/** What is laid over a finished frame: dark corners, grain. */
#ifndef RENDER_FINISH_H
#define RENDER_FINISH_H

#include "render/canvas.h"

/** Darkness that grows towards the corners, for one size of canvas. Lives in @arena. */
struct fc_vignette;
struct fc_vignette *fc_vignette_new(struct fc_arena *arena, int width, int height, float opacity);
void fc_canvas_darken(struct fc_canvas *canvas, const struct fc_vignette *vignette);

/** Grain on luma, at most @steps of 8 bits; each @number is another piece of it. */
struct fc_grain;
struct fc_grain *fc_grain_new(struct fc_arena *arena, uint32_t seed, float steps);
void fc_canvas_grain(struct fc_canvas *canvas, const struct fc_grain *grain, uint32_t number);

#endif
