/**
 * What the three qualities mean for the picture: a draft is a pencil sketch on tinted paper with
 * few layers, standard is flat colour with light, high has layers in between, shadows, rims of
 * light, a vignette and film grain.
 */
#ifndef RENDER_LOOK_H
#define RENDER_LOOK_H

#include <stdbool.h>

#include "render/mood.h"
#include "render/render.h"

struct fc_look {
    bool is_sketch;     /* outlines on paper */
    bool has_light;     /* glows, lit windows, beams */
    int layers_step;    /* of the scenery's layers every so many-th is drawn */
    int layers_between; /* layers put between two of the scenery's */
    float rim;          /* light along the upper edge of layers, opacity */
    float shadow;       /* soft shadow that a layer casts on what is behind it, opacity */
    float flakes;       /* share of the weather */
    float vignette;     /* darkness of the corners, opacity */
    float grain;        /* steps of 8 bits */
    bool grain_moves;   /* film; else it is paper */
};

const struct fc_look *fc_look_of(enum fc_render_quality quality);

/** The mood's colours as this look shows them: a sketch has pale ones. */
struct fc_palette fc_look_palette(const struct fc_look *look, const struct fc_palette *palette);

/** Pencil, and paper tinted by the mood. */
struct fc_color fc_look_pencil(void);
struct fc_color fc_look_paper(const struct fc_palette *palette);

#endif
