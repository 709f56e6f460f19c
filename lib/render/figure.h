/** Little figures for symbols: people, groups, robots, animals, houses, ships, trees, things. */
#ifndef RENDER_FIGURE_H
#define RENDER_FIGURE_H

#include "render/sketch.h"
#include "render/traits.h"

/**
 * Draws the figure into @s, around x = 0, its feet on y = 1, its top at about y = 0; it is about
 * 0.8 wide.
 */
void fc_figure_draw(struct fc_sketch *s, const struct fc_traits *traits);

/** Shades of a colour, @share 0..1. */
static inline struct fc_color fc_darker(struct fc_color color, float share)
{
    return fc_color_mix(color, fc_color_of(0x14141C), share);
}
static inline struct fc_color fc_lighter(struct fc_color color, float share)
{
    return fc_color_mix(color, fc_color_of(0xFFFFFF), share);
}

/** Those that are no living beings; for fc_figure_draw. */
void fc_figure_draw_object(struct fc_sketch *s, const struct fc_traits *traits);

#endif
