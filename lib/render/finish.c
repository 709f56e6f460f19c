#include "render/finish.h"

#include <math.h>

#include "render/mood.h"

enum { GRAIN_SIDE = 256 }; /* of the piece that is repeated, a power of 2 */

struct fc_vignette {
    int16_t *shares[2]; /* what is left of luma, and of chroma, for each pixel of the plane */
};

struct fc_grain {
    uint32_t seed;
    int16_t levels[GRAIN_SIDE][GRAIN_SIDE];
};

static int16_t *shares_new(struct fc_arena *arena, int width, int height, float opacity)
{
    int16_t *shares = FC_NEW_ARRAY(arena, int16_t, (size_t)width * (size_t)height);

    for (int row = 0; row < height; row++) {
        float y = 2 * ((float)row + 0.5f) / (float)height - 1;

        for (int column = 0; column < width; column++) {
            float x = 2 * ((float)column + 0.5f) / (float)width - 1;
            float out = fmaxf(0, (x * x + y * y - 0.45f) / 1.55f);

            shares[(size_t)row * (size_t)width + (size_t)column] = (int16_t)(FC_OPAQUE *
                                                                             (1 - opacity * out));
        }
    }
    return shares;
}

struct fc_vignette *fc_vignette_new(struct fc_arena *arena, int width, int height, float opacity)
{
    struct fc_vignette *vignette = FC_NEW(arena, struct fc_vignette);

    vignette->shares[0] = shares_new(arena, width, height, opacity);
    vignette->shares[1] = shares_new(arena, width / 2, height / 2, opacity);
    return vignette;
}

void fc_canvas_darken(struct fc_canvas *canvas, const struct fc_vignette *vignette)
{
    struct fc_ink black = fc_ink_of((struct fc_color){0, 0, 0});

    for (int i = 0; i < 3; i++) {
        struct fc_plane *plane = &canvas->planes[i];
        const int16_t *shares = vignette->shares[i > 0], dark = black.level[i];
        size_t n = (size_t)plane->width * (size_t)plane->height;

        for (size_t k = 0; k < n; k++) {
            int16_t above = (int16_t)(plane->at[k] - dark);

            plane->at[k] = (int16_t)(dark + 2 * (int16_t)((int32_t)above * shares[k] >> 16));
        }
    }
}

struct fc_grain *fc_grain_new(struct fc_arena *arena, uint32_t seed, float steps)
{
    struct fc_grain *grain = FC_NEW(arena, struct fc_grain);

    grain->seed = seed;
    for (uint32_t y = 0; y < GRAIN_SIDE; y++) {
        for (uint32_t x = 0; x < GRAIN_SIDE; x++) {
            uint32_t i = 2 * (y * GRAIN_SIDE + x);
            float sum = fc_chance(seed, i) + fc_chance(seed, i + 1) - 1; /* mostly faint */

            grain->levels[y][x] = (int16_t)(sum * steps * 128);
        }
    }
    return grain;
}

void fc_canvas_grain(struct fc_canvas *canvas, const struct fc_grain *grain, uint32_t number)
{
    struct fc_plane *plane = &canvas->planes[0];
    int across = (int)(fc_chance(grain->seed, number * 2) * GRAIN_SIDE);
    int down = (int)(fc_chance(grain->seed, number * 2 + 1) * GRAIN_SIDE);

    for (int y = 0; y < plane->height; y++) {
        const int16_t *from = grain->levels[(y + down) % GRAIN_SIDE];
        int16_t *row = plane->at + (size_t)y * (size_t)plane->width;

        for (int x = 0; x < plane->width;) {
            int at = (x + across) % GRAIN_SIDE;
            int n = GRAIN_SIDE - at < plane->width - x ? GRAIN_SIDE - at : plane->width - x;

            for (int k = 0; k < n; k++)
                row[x + k] = (int16_t)(row[x + k] + from[at + k]);
            x += n;
        }
    }
}
