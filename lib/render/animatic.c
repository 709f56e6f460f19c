#include "render/animatic.h"

#include "render/backdrop.h"
#include "render/card.h"
#include "render/encode.h"
#include "render/finish.h"
#include "render/look.h"
#include "render/mood.h"

/* A still is the scene when its texts have come up and the camera is half way. */
#define STILL_SECONDS 2.0f

struct fc_animatic {
    const struct fc_scene_order *order;
    int64_t n_frames;
    const struct fc_look *look;
    struct fc_canvas *canvas;
    struct fc_backdrop *backdrop;
    struct fc_card *card;
    struct fc_vignette *vignette; /* NULL where the look has none */
    struct fc_grain *grain;
};

struct fc_animatic *fc_animatic_new(struct fc_arena *arena, const struct fc_scene_order *order,
                                    const struct fc_picture *pictures)
{
    struct fc_animatic *a = FC_NEW(arena, struct fc_animatic);
    struct fc_mood mood = fc_mood_of(order->text, order->prompt, order->seed);
    struct fc_palette palette;

    a->order = order;
    a->n_frames = order->kind == FC_RENDER_STILL ? 1 : fc_frames_of(order->duration_ms, order->fps);
    a->canvas = fc_canvas_new(arena, order->width, order->height);
    a->look = fc_look_of(order->quality);
    a->backdrop = fc_backdrop_new(arena, &mood, a->look, order->seed, order->width, order->height);
    palette = fc_look_palette(a->look, &mood.palette);
    a->card = fc_card_new(arena, order, pictures, &palette);
    if (a->look->vignette > 0)
        a->vignette = fc_vignette_new(arena, order->width, order->height, a->look->vignette);
    if (a->look->grain > 0)
        a->grain = fc_grain_new(arena, order->seed, a->look->grain);
    return a;
}

int64_t fc_animatic_n_frames(const struct fc_animatic *a)
{
    return a->n_frames;
}

size_t fc_animatic_frame_size(const struct fc_animatic *a)
{
    return fc_canvas_frame_size(a->canvas);
}

void fc_animatic_draw(struct fc_animatic *a, int64_t number, uint8_t *yuv420p)
{
    bool is_still = a->order->kind == FC_RENDER_STILL;
    float seconds = is_still ? STILL_SECONDS : (float)number / (float)a->order->fps;
    float way = is_still ? 0.5f : (float)number / (float)a->n_frames;

    fc_backdrop_paint(a->backdrop, a->canvas, way, seconds);
    if (a->vignette != NULL)
        fc_canvas_darken(a->canvas, a->vignette);
    if (a->grain != NULL)
        fc_canvas_grain(a->canvas, a->grain, a->look->grain_moves ? (uint32_t)number : 0);
    fc_card_paint(a->card, a->canvas, seconds);
    fc_canvas_put(a->canvas, yuv420p);
}

const char *fc_animatic_subtitles(const struct fc_animatic *a, struct fc_arena *arena)
{
    return fc_card_subtitles(a->card, arena);
}
