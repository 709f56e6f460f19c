/* The named changes of a transition's `effects`: what happens to the picture that leaves. */
#include <framecast/text.h>

#include "render/easing.h"
#include "render/transition.h"

enum { STEPS_MAX = 12 };

/* Values are what style sheets mean by these words. Options of some filters follow an expression;
 * those of others stand still, and such a filter is there several times, once for each step. */
static const struct fc_change {
    const char *name;
    double from, to;  /* when the storyboard does not say */
    double low, high; /* limits */
    bool is_stepped;
    const char *before, *after; /* the filter around its value */
} changes[] = {
    {"brightness", 1, 2, 0, 4, false, ",eq=eval=frame:brightness='0.5*(", ")-0.5'"},
    {"contrast", 1, 2, 0, 4, false, ",eq=eval=frame:contrast='", "'"},
    {"saturation", 1, 0, 0, 3, false, ",eq=eval=frame:saturation='", "'"},
    {"hue", 0, 180, -720, 720, false, ",hue=h='", "'"},
    {"rotate", 0, 30, -720, 720, false, ",rotate=a='PI/180*(", ")'"},
    {"vignette", 0, 1, 0, 1, false, ",vignette=eval=frame:angle='1.45*(", ")'"},
    {"blur", 0, 30, 0, 100, true, ",gblur=steps=2:sigma=", ""},
    {"noise", 0, 0.6, 0, 1, true, ",noise=allf=t:all_seed=5:alls=100*", ""},
};

static double within(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Pixels are those of a picture 1080 high. */
static double scale_of(const struct fc_change *change, const struct fc_film_format *format)
{
    int shorter = format->width < format->height ? format->width : format->height;

    return fc_text_equal(change->name, "blur") ? shorter / 1080.0 : 1;
}

static void put_moving(struct fc_buffer *graph, const struct fc_change *change, double from,
                       double to, const struct fc_easing *easing, int64_t frames)
{
    const char *way = fc_printf(graph->arena, "min(n/%lld,1)", (long long)frames);

    fc_putf(graph, "%s%.4f+%.4f*%s%s", change->before, from, to - from,
            fc_easing_expression(graph->arena, easing, way), change->after);
}

static void put_stepped(struct fc_buffer *graph, const struct fc_change *change, double from,
                        double to, const struct fc_easing *easing, int64_t frames)
{
    int64_t n = frames < STEPS_MAX ? frames : STEPS_MAX;

    for (int64_t i = 0; i < n; i++) {
        double way = ((double)i + 0.5) / (double)n;
        double value = from + (to - from) * fc_easing_at(easing, way);

        if (value > 0)
            fc_putf(graph, "%s%.3f%s:enable='between(n,%lld,%lld)'", change->before, value,
                    change->after, (long long)(i * frames / n),
                    (long long)((i + 1) * frames / n - 1));
    }
}

static void put_change(struct fc_buffer *graph, const struct fc_overlap *overlap,
                       const struct fc_change *change, const struct fc_effect *effect)
{
    double scale = scale_of(change, overlap->format);
    double from = effect->has_from ? effect->from : change->from;
    double to = effect->has_to ? effect->to : change->to;
    struct fc_easing easing = fc_easing_of(effect->easing != NULL ? effect->easing : "");

    from = within(from, change->low, change->high) * scale;
    to = within(to, change->low, change->high) * scale;
    if (change->is_stepped)
        put_stepped(graph, change, from, to, &easing, overlap->frames);
    else
        put_moving(graph, change, from, to, &easing, overlap->frames);
}

/* The picture grows around its middle; smaller than the frame it cannot be. */
static void put_scale(struct fc_buffer *graph, const struct fc_overlap *overlap,
                      const struct fc_effect *effect)
{
    struct fc_easing easing = fc_easing_of(effect->easing != NULL ? effect->easing : "");
    double from = within(effect->has_from ? effect->from : 1, 1, 8);
    double to = within(effect->has_to ? effect->to : 2, 1, 8);

    fc_zoom_put(graph, overlap, from, to, &easing);
}

static const struct fc_effect *effect_named(const struct fc_transition *transition,
                                            const char *name)
{
    for (size_t i = 0; i < transition->n_effects; i++) {
        if (fc_text_equal_nocase(transition->effects[i].name, name))
            return &transition->effects[i];
    }
    return NULL;
}

/* Each at most once, the first of a name: every filter has frames of its own in memory. */
void fc_effects_put(struct fc_buffer *graph, const struct fc_overlap *overlap)
{
    const struct fc_effect *scale = effect_named(overlap->transition, "scale");

    if (scale == NULL)
        scale = effect_named(overlap->transition, "zoom");
    if (scale != NULL)
        put_scale(graph, overlap, scale);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const struct fc_effect *effect = effect_named(overlap->transition, changes[i].name);

        if (effect != NULL)
            put_change(graph, overlap, &changes[i], effect);
    }
}

void fc_zoom_put(struct fc_buffer *graph, const struct fc_overlap *overlap, double from, double to,
                 const struct fc_easing *easing)
{
    const struct fc_film_format *format = overlap->format;
    const char *way = fc_printf(graph->arena, "min(on/%lld,1)", (long long)overlap->frames);

    fc_putf(graph, ",zoompan=z='%.4f+%.4f*%s'", from, to - from,
            fc_easing_expression(graph->arena, easing, way));
    fc_putf(graph, ":x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=1:s=%dx%d:fps=%d,settb=1/90000",
            format->width, format->height, format->fps);
}
