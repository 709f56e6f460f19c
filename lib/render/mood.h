/** What the words of a prompt ask for: colours, a scenery, weather, a camera move. Pure. */
#ifndef RENDER_MOOD_H
#define RENDER_MOOD_H

#include <stdint.h>

#include "render/canvas.h"

enum fc_scenery {
    FC_SCENERY_HILLS,
    FC_SCENERY_MOUNTAINS,
    FC_SCENERY_FOREST,
    FC_SCENERY_CITY,
    FC_SCENERY_SEA,
    FC_SCENERY_DESERT,
    FC_SCENERY_STAGE,
    FC_SCENERY_CORRIDOR,
    FC_SCENERY_SPACE,
    FC_SCENERY__COUNT
};

enum fc_weather {
    FC_WEATHER_DUST, /* motes in the light: what there is when nothing else is asked for */
    FC_WEATHER_SNOW,
    FC_WEATHER_RAIN,
    FC_WEATHER_CONFETTI,
    FC_WEATHER_SPARKS,
    FC_WEATHER_LEAVES,
    FC_WEATHER__COUNT
};

enum fc_camera_move {
    FC_CAMERA_PAN_LEFT,
    FC_CAMERA_PAN_RIGHT,
    FC_CAMERA_TILT_UP,
    FC_CAMERA_TILT_DOWN,
    FC_CAMERA_PUSH,
    FC_CAMERA_PULL,
    FC_CAMERA__COUNT
};

struct fc_palette {
    struct fc_color sky, middle, horizon; /* from top to bottom */
    struct fc_color light;                /* sun, moon, lamps */
    struct fc_color near;   /* what stands before the camera; far things fade to horizon */
    struct fc_color accent; /* small writing, lines */
    float light_strength;   /* 0..1 */
    float stars;            /* 0..1 */
};

struct fc_mood {
    struct fc_palette palette;
    enum fc_scenery scenery;
    enum fc_weather weather;
    enum fc_camera_move camera;
};

/** @text is the scene's own, and counts more than @prompt, the whole; @seed decides what no word
 * decides. */
struct fc_mood fc_mood_of(const char *text, const char *prompt, uint32_t seed);

/** A number 0 <= n < 1 for each (seed, index): what looks random, and is the same each time. */
float fc_chance(uint32_t seed, uint32_t index);

#endif
