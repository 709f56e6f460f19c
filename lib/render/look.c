#include "render/look.h"

static const struct fc_look looks[FC_RENDER_QUALITY__COUNT] = {
    [FC_RENDER_DRAFT] = {.is_sketch = true, .layers_step = 2, .flakes = 0.35f, .grain = 2.2f},
    [FC_RENDER_STANDARD] = {.has_light = true, .layers_step = 1, .shadow = 0.10f, .flakes = 1},
    [FC_RENDER_HIGH] = {.has_light = true,
                        .layers_step = 1,
                        .layers_between = 1,
                        .rim = 0.34f,
                        .shadow = 0.34f,
                        .flakes = 1.7f,
                        .vignette = 0.42f,
                        .grain = 1.6f,
                        .grain_moves = true},
};

const struct fc_look *fc_look_of(enum fc_render_quality quality)
{
    return &looks[quality];
}

struct fc_color fc_look_pencil(void)
{
    return fc_color_of(0x2B2E36);
}

struct fc_color fc_look_paper(const struct fc_palette *palette)
{
    return fc_color_mix(fc_color_of(0xF4F0E6), palette->horizon, 0.10f);
}

struct fc_palette fc_look_palette(const struct fc_look *look, const struct fc_palette *palette)
{
    struct fc_color paper = fc_look_paper(palette), pencil = fc_look_pencil();
    struct fc_palette pale = *palette;

    if (!look->is_sketch)
        return pale;
    pale.sky = fc_color_mix(palette->sky, paper, 0.72f);
    pale.middle = fc_color_mix(palette->middle, paper, 0.78f);
    pale.horizon = fc_color_mix(palette->horizon, paper, 0.84f);
    pale.near = fc_color_mix(fc_color_mix(palette->near, palette->middle, 0.5f), paper, 0.55f);
    pale.light = fc_color_mix(palette->light, paper, 0.30f);
    pale.accent = fc_color_mix(fc_color_mix(palette->middle, palette->accent, 0.35f), pencil,
                               0.45f);
    pale.stars = 0;
    return pale;
}
