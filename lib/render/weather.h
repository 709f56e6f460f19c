/** What flies through the air of a backdrop: snow, rain, confetti, sparks, leaves, dust. */
#ifndef RENDER_WEATHER_H
#define RENDER_WEATHER_H

#include "render/canvas.h"
#include "render/mood.h"

/**
 * @share of the usual number of flakes (0..2); @camera_x is the camera's place as a share of the
 * frame: near flakes pass by faster.
 */
void fc_weather_paint(const struct fc_mood *mood, float share, uint32_t seed,
                      struct fc_canvas *canvas, float camera_x, float seconds);

#endif
