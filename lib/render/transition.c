#include "render/transition.h"

#include <string.h>

#include <framecast/text.h>

#include "render/easing.h"

/* A transition as it is put into a graph. */
struct put {
    struct fc_buffer *graph;
    const struct fc_overlap *overlap;
    int64_t frames;
    double seconds;
    double strength; /* 0..2 */
    int shorter;     /* side of the picture, pixels */
};

/* ---- what the storyboard says ---- */

static const struct fc_json *param(const struct fc_transition *transition, const char *name,
                                   enum fc_json_type type)
{
    const struct fc_json *value = transition->params == NULL
                                      ? NULL
                                      : fc_json_have(transition->params, name);

    return value != NULL && fc_json_type(value) == type ? value : NULL;
}

static const char *param_text(const struct fc_transition *transition, const char *name)
{
    const struct fc_json *value = param(transition, name, FC_JSON_STRING);

    return value != NULL ? fc_json_string(value) : "";
}

static double strength_of(const struct fc_transition *transition)
{
    const struct fc_json *value = param(transition, "strength", FC_JSON_NUMBER);
    double strength = value != NULL ? fc_json_number(value) : 1;

    return strength < 0 ? 0 : strength > 2 ? 2 : strength;
}

/* Words of `params` and names of `effects` that choose one of xfade's looks. */
static const struct {
    enum fc_transition_type type;
    const char *word;
    const char *xfade;
} variants[] = {
    {FC_TRANSITION_WIPE, "left", "wipeleft"},      {FC_TRANSITION_WIPE, "right", "wiperight"},
    {FC_TRANSITION_WIPE, "up", "wipeup"},          {FC_TRANSITION_WIPE, "down", "wipedown"},
    {FC_TRANSITION_WIPE, "circle", "circleopen"},  {FC_TRANSITION_WIPE, "iris", "circleopen"},
    {FC_TRANSITION_WIPE, "radial", "radial"},      {FC_TRANSITION_WIPE, "clock", "radial"},
    {FC_TRANSITION_WIPE, "diagonal", "diagtl"},    {FC_TRANSITION_WIPE, "horizontal", "horzopen"},
    {FC_TRANSITION_WIPE, "vertical", "vertopen"},  {FC_TRANSITION_DISSOLVE, "grain", "dissolve"},
    {FC_TRANSITION_CUSTOM, "left", "smoothleft"},  {FC_TRANSITION_CUSTOM, "right", "smoothright"},
    {FC_TRANSITION_CUSTOM, "up", "smoothup"},      {FC_TRANSITION_CUSTOM, "down", "smoothdown"},
    {FC_TRANSITION_CUSTOM, "slide", "slideleft"},  {FC_TRANSITION_CUSTOM, "circle", "circleopen"},
    {FC_TRANSITION_CUSTOM, "iris", "circleopen"},  {FC_TRANSITION_CUSTOM, "radial", "radial"},
    {FC_TRANSITION_CUSTOM, "clock", "radial"},     {FC_TRANSITION_CUSTOM, "pixelate", "pixelize"},
    {FC_TRANSITION_CUSTOM, "squeeze", "squeezeh"}, {FC_TRANSITION_CUSTOM, "slices", "hlslice"},
    {FC_TRANSITION_CUSTOM, "dissolve", "fade"},    {FC_TRANSITION_CUSTOM, "opacity", "fade"},
};

static bool says(const struct fc_transition *transition, const char *word)
{
    static const char *const members[] = {"direction", "shape", "style"};

    for (size_t i = 0; i < transition->n_effects; i++) {
        if (fc_text_equal_nocase(transition->effects[i].name, word))
            return true;
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (fc_text_equal_nocase(param_text(transition, members[i]), word))
            return true;
    }
    return false;
}

static const char *xfade_of(const struct fc_transition *transition, const char *otherwise)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        if (variants[i].type == transition->type && says(transition, variants[i].word))
            return variants[i].xfade;
    }
    return otherwise;
}

/* The course of the whole: that of `params`, else of the first effect that has one. */
static struct fc_easing easing_of(const struct fc_transition *transition, const char *otherwise)
{
    const char *name = param_text(transition, "easing");

    for (size_t i = 0; i < transition->n_effects && *name == '\0'; i++)
        name = transition->effects[i].easing != NULL ? transition->effects[i].easing : "";
    return fc_easing_of(*name != '\0' ? name : otherwise);
}

/* "#rrggbb" or one of a few names, as ffmpeg writes colours. */
static const char *color_of(struct fc_arena *arena, const char *text, const char *otherwise)
{
    static const struct {
        const char *name, *color;
    } names[] = {
        {"black", "0x000000"}, {"white", "0xFFFFFF"}, {"gray", "0x808080"}, {"grey", "0x808080"},
        {"red", "0xC81E1E"},   {"blue", "0x1E3CC8"},  {"gold", "0xE8B84A"}, {"amber", "0xFFB347"},
    };

    if (text[0] == '#' && strlen(text) == 7 && strspn(text + 1, "0123456789abcdefABCDEF") == 6)
        return fc_printf(arena, "0x%s", text + 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (fc_text_equal_nocase(text, names[i].name))
            return names[i].color;
    }
    return otherwise;
}

/* ---- parts of graphs ---- */

/* xfade knows no easing: the clock of its inputs is bent instead, and set right again behind. */
static void put_bent_clock(struct put *p, const struct fc_easing *easing)
{
    const char *way = fc_printf(p->graph->arena, "(T/%.6f)", p->seconds);

    fc_putf(p->graph, ",setpts='if(lt(T,%.6f),%.6f*%s,T)/TB'", p->seconds, p->seconds,
            fc_easing_expression(p->graph->arena, easing, way));
}

static void put_steady_clock(struct put *p)
{
    fc_putf(p->graph, ",setpts='N/%d/TB'", p->overlap->format->fps);
}

/* [held] and [in] through one of xfade's looks. */
static void put_xfade(struct put *p, const char *held, const char *in, const char *name,
                      const char *easing_name)
{
    struct fc_easing easing = easing_of(p->overlap->transition, easing_name);
    bool is_bent = !fc_easing_is_linear(&easing);

    if (is_bent) {
        fc_putf(p->graph, "[%s]null", held);
        put_bent_clock(p, &easing);
        fc_putf(p->graph, "[%s bent];[%s]null", held, in);
        put_bent_clock(p, &easing);
        fc_putf(p->graph, "[%s bent];[%s bent][%s bent]", in, held, in);
    } else {
        fc_putf(p->graph, "[%s][%s]", held, in);
    }
    fc_putf(p->graph, "xfade=transition=%s:duration=%.6f:offset=0", name, p->seconds);
    if (is_bent)
        put_steady_clock(p);
}

/* A haze that comes and goes: strongest half way. */
static void put_haze(struct put *p, double sigma)
{
    enum { STEPS = 10 };

    for (int64_t i = 0; i < STEPS; i++) {
        double way = ((double)i + 0.5) / STEPS;

        fc_putf(p->graph, ",gblur=steps=2:sigma=%.3f:enable='between(n,%lld,%lld)'",
                sigma * 4 * way * (1 - way) + 0.01, (long long)(i * p->frames / STEPS),
                (long long)((i + 1) * p->frames / STEPS - 1));
    }
}

/* Both pictures behind a veil of one colour that is closed at @peak (a share of the time), when
 * they change places. */
static void put_veil(struct put *p, const char *color, double peak)
{
    const struct fc_film_format *format = p->overlap->format;
    long long closed = (long long)((double)p->frames * peak + 0.5);

    closed = closed < 1 ? 1 : closed;
    fc_putf(p->graph, "color=c=%s:s=%dx%d:r=%d:d=%.6f,format=yuva420p", color, format->width,
            format->height, format->fps, p->seconds);
    fc_putf(p->graph, ",fade=t=in:s=0:n=%lld:alpha=1", closed);
    if (p->frames > closed) /* a single frame only closes: ffmpeg has no fade of no frames */
        fc_putf(p->graph, ",fade=t=out:s=%lld:n=%lld:alpha=1", closed,
                (long long)p->frames - closed);
    fc_put(p->graph, "[veil];");
    fc_putf(p->graph, "[in][held]overlay=enable='lt(n,%lld)':eof_action=pass[under];", closed);
    fc_putf(p->graph, "[under][veil]overlay=enable='lt(n,%lld)':eof_action=pass",
            (long long)p->frames);
}

/* ---- the types ---- */

static void put_fade(struct put *p)
{
    const char *word = param_text(p->overlap->transition, "color");

    put_veil(p, color_of(p->graph->arena, word, "0x000000"), 0.5);
}

static void put_flash(struct put *p)
{
    const char *word = param_text(p->overlap->transition, "color");

    put_veil(p, color_of(p->graph->arena, word, "0xFFFFFF"), 0.2);
}

static void put_dissolve(struct put *p)
{
    put_xfade(p, "held", "in", xfade_of(p->overlap->transition, "fade"), "linear");
}

static void put_wipe(struct put *p)
{
    put_xfade(p, "held", "in", xfade_of(p->overlap->transition, "wipeleft"), "ease-in-out");
}

static void put_blur(struct put *p)
{
    put_xfade(p, "held", "in", "fade", "ease-in-out-cubic");
    put_haze(p, p->strength * p->shorter / 30.0);
}

/* Into the picture that leaves, and on into the one that comes; or back out of the latter. */
static void put_zoom(struct put *p)
{
    const bool is_out = says(p->overlap->transition, "out");
    const struct fc_easing leave = {.in = true, .power = 2}, arrive = {.out = true, .power = 3};
    const double far = 1 + 2 * p->strength;

    fc_put(p->graph, "[held]null");
    if (!is_out)
        fc_zoom_put(p->graph, p->overlap, 1, far, &leave);
    fc_put(p->graph, "[near];[in]null");
    fc_zoom_put(p->graph, p->overlap, is_out ? far : 1.5, 1, &arrive);
    fc_put(p->graph, "[far];");
    put_xfade(p, "near", "far", "fade", "ease-in-out-cubic");
}

/* Now this, now that picture, its colours apart, bands of it out of place. */
static void put_glitch(struct put *p)
{
    const long long frames = (long long)p->frames;
    const int apart = (int)(p->strength * p->shorter / 36.0) + 1;
    const int jump = (int)(p->strength * p->overlap->format->width / 9.0) + 2;
    const int band = p->overlap->format->height / 9 / 2 * 2;

    fc_putf(p->graph,
            "[in][held]overlay=enable='lt(n,%lld)*gt(mod(n*0.618+0.35,1),n/%lld)':eof_action=pass,"
            "chromashift=cbh=-%d:crh=%d:edge=wrap:enable='lt(n,%lld)',"
            "noise=alls=30:allf=t:all_seed=7:enable='lt(n,%lld)',split=3[plain][one][two];",
            frames, frames, apart, apart, frames, frames);
    fc_putf(p->graph, "[one]crop=iw:%d:0:'(ih-oh)*mod(n*0.37+0.13,1)'[one band];", band);
    fc_putf(p->graph, "[two]crop=iw:%d:0:'(ih-oh)*mod(n*0.71+0.55,1)'[two band];", band / 2);
    fc_putf(p->graph,
            "[plain][one band]overlay=x='%d*(mod(n*0.53,1)-0.5)*2':y='(H-h)*mod(n*0.37+0.13,1)':"
            "enable='lt(n,%lld)'[torn];",
            jump, frames);
    fc_putf(p->graph,
            "[torn][two band]overlay=x='-%d*(mod(n*0.29+0.4,1)-0.3)*2':"
            "y='(H-h)*mod(n*0.71+0.55,1)':enable='lt(n,%lld)'",
            jump, frames);
}

static void put_custom(struct put *p)
{
    const char *otherwise = p->overlap->transition->n_effects > 0 ? "fade" : "smoothleft";

    put_xfade(p, "held", "in", xfade_of(p->overlap->transition, otherwise), "linear");
}

static void (*const looks[FC_TRANSITION__COUNT])(struct put *p) = {
    [FC_TRANSITION_CUT] = put_dissolve, /* a cut has no length; it never comes here */
    [FC_TRANSITION_FADE] = put_fade,     [FC_TRANSITION_DISSOLVE] = put_dissolve,
    [FC_TRANSITION_WIPE] = put_wipe,     [FC_TRANSITION_BLUR] = put_blur,
    [FC_TRANSITION_ZOOM] = put_zoom,     [FC_TRANSITION_FLASH] = put_flash,
    [FC_TRANSITION_GLITCH] = put_glitch, [FC_TRANSITION_CUSTOM] = put_custom,
};

void fc_transition_put(struct fc_buffer *graph, const struct fc_overlap *overlap)
{
    const struct fc_film_format *format = overlap->format;
    struct put p = {.graph = graph,
                    .overlap = overlap,
                    .frames = overlap->frames,
                    .seconds = (double)overlap->frames / format->fps,
                    .strength = strength_of(overlap->transition),
                    .shorter = format->width < format->height ? format->width : format->height};

    looks[overlap->transition->type](&p);
}
