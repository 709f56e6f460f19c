/**
 * How one shot becomes the next, as a part of a filter graph of ffmpeg.
 *
 * A transition covers the beginning of the shot that comes in, while the last frame of the shot
 * before is held: it adds no time. Besides its type it heeds
 *
 *   params   "direction", "shape", "style": words that choose a look (see variants);
 *            "color": what a fade or flash goes through, a name or "#rrggbb";
 *            "easing": the course of the others;
 *            "strength": 0..2, how much of it there is, 1 when not given
 *   effects  named changes of the picture that leaves (see changes), each from `from` to `to` with
 *            its own `easing`; a name may also choose a look
 *
 * What it does not know it ignores: these members are free form. Numbers are kept within limits and
 * no text of a storyboard goes into the graph.
 */
#ifndef RENDER_TRANSITION_H
#define RENDER_TRANSITION_H

#include "render/easing.h"
#include "render/encode.h"
#include "storyboard/storyboard.h"

struct fc_overlap {
    const struct fc_transition *transition;
    const struct fc_film_format *format;
    int64_t frames; /* at least 1 */
};

/**
 * Appends chains that lead from the labels [held], the last frame for at least that many frames,
 * and [in], the shot from its beginning, to one picture. The last chain is left open.
 */
void fc_transition_put(struct fc_buffer *graph, const struct fc_overlap *overlap);

/** Appends the changes that `effects` name to the chain that ends @graph; it carries the held
 * picture. */
void fc_effects_put(struct fc_buffer *graph, const struct fc_overlap *overlap);

/** Appends a zoom around the middle, magnified @from at first (at least 1), then @to. */
void fc_zoom_put(struct fc_buffer *graph, const struct fc_overlap *overlap, double from, double to,
                 const struct fc_easing *easing);

#endif
