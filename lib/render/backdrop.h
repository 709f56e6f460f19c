/** The moving picture behind the words: sky, light, layers with depth, weather, a camera. */
#ifndef RENDER_BACKDROP_H
#define RENDER_BACKDROP_H

#include "render/canvas.h"
#include "render/look.h"
#include "render/mood.h"

struct fc_backdrop;

/** Draws what can be drawn once. Lives in @arena. */
struct fc_backdrop *fc_backdrop_new(struct fc_arena *arena, const struct fc_mood *mood,
                                    const struct fc_look *look, uint32_t seed, int width,
                                    int height);

/**
 * Paints the whole canvas as it is after @seconds, when @way (0..1) of the camera's move is done.
 * The same arguments give the same frame.
 */
void fc_backdrop_paint(const struct fc_backdrop *backdrop, struct fc_canvas *canvas, float way,
                       float seconds);

#endif
