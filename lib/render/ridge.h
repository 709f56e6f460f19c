/** Outlines of layers: how high the land, the trees or the roofs stand at a place. Pure. */
#ifndef RENDER_RIDGE_H
#define RENDER_RIDGE_H

#include <stdint.h>

enum fc_ridge {
    FC_RIDGE_NONE,
    FC_RIDGE_FLAT,
    FC_RIDGE_HILLS,
    FC_RIDGE_PEAKS,
    FC_RIDGE_TREES,
    FC_RIDGE_ROOFS,
    FC_RIDGE_DUNES,
    FC_RIDGE_CROWD,
    FC_RIDGE_WAVES,
    FC_RIDGE__COUNT
};

/**
 * Height 0..1 (a little more at exceptions) at @u, a place along the layer in heights of the
 * frame, after @seconds (only waves move).
 */
float fc_ridge_height(enum fc_ridge ridge, uint32_t seed, float u, float seconds);

#endif
