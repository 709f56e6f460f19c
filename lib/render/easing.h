/** How a change runs its course: the names that people know from style sheets, as expressions. */
#ifndef RENDER_EASING_H
#define RENDER_EASING_H

#include <stdbool.h>

#include <framecast/arena.h>

struct fc_easing {
    bool in, out; /* sets off gently, arrives gently */
    double power; /* how gently: 1 not at all */
};

/**
 * "linear", "ease", "ease-in", "easeOutCubic", "ease_in_out" ...: case, hyphens and underscores do
 * not matter. Names that nobody knows are linear.
 */
struct fc_easing fc_easing_of(const char *name);

bool fc_easing_is_linear(const struct fc_easing *easing);

/** What has been done, 0..1, when the share @way of the time is gone. */
double fc_easing_at(const struct fc_easing *easing, double way);

/** The same as an expression of ffmpeg, as @way is one. */
const char *fc_easing_expression(struct fc_arena *arena, const struct fc_easing *easing,
                                 const char *way);

#endif
