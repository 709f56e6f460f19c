/* Sketches as the planes of a canvas want them. */
#include <math.h>

#include "render/sketch.h"

static int16_t *plane_new(struct fc_arena *arena, int width, int height)
{
    return FC_NEW_ARRAY(arena, int16_t, (size_t)width * (size_t)height);
}

/* The mean of the @step x @step pixels at (column, row): R, G, B (times A) and A. */
static void mean_at(const struct fc_sketch *s, int column, int row, int step, float mean[4])
{
    for (int i = 0; i < 4; i++) {
        float sum = 0;

        for (int y = row * step; y < (row + 1) * step; y++) {
            for (int x = column * step; x < (column + 1) * step; x++)
                sum += s->pixels[4 * ((size_t)y * (size_t)s->width + (size_t)x) + (size_t)i];
        }
        mean[i] = sum / (float)(step * step);
    }
}

static void convert(struct fc_sprite *sprite, const struct fc_sketch *s, int plane)
{
    int step = plane == 0 ? 1 : 2, width = s->width / step, height = s->height / step;

    for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
            size_t at = (size_t)row * (size_t)width + (size_t)column;
            float mean[4], share;
            struct fc_color color = {0, 0, 0};

            mean_at(s, column, row, step, mean);
            share = fminf(mean[3], 1);
            if (share > 0.001f)
                color = (struct fc_color){mean[0] / mean[3], mean[1] / mean[3], mean[2] / mean[3]};
            sprite->levels[plane][at] = (int16_t)((float)fc_ink_of(color).level[plane] * share);
            sprite->shares[plane][at] = (int16_t)(FC_OPAQUE * share);
        }
    }
}

struct fc_sprite *fc_sprite_of(struct fc_arena *arena, const struct fc_sketch *s)
{
    struct fc_sprite *sprite = FC_NEW(arena, struct fc_sprite);

    sprite->width = s->width;
    sprite->height = s->height;
    for (int i = 0; i < 3; i++) {
        int step = i == 0 ? 1 : 2;

        sprite->levels[i] = plane_new(arena, s->width / step, s->height / step);
        sprite->shares[i] = plane_new(arena, s->width / step, s->height / step);
        convert(sprite, s, i);
    }
    return sprite;
}

static inline int16_t times(int16_t level, int16_t share)
{
    return (int16_t)(2 * (int16_t)((int32_t)level * share >> 16));
}

static inline int16_t between(int16_t a, int16_t b, int16_t share_of_b)
{
    return (int16_t)(a + times((int16_t)(b - a), share_of_b));
}

struct row {
    const int16_t *levels, *shares, *levels_above, *shares_above;
};

static void paint_row(int16_t *to, int n, const struct row *from, int16_t above, int16_t opacity)
{
    for (int x = 0; x < n; x++) {
        int16_t level = between(from->levels[x], from->levels_above[x], above);
        int16_t share = between(from->shares[x], from->shares_above[x], above);

        to[x] = (int16_t)(to[x] - times(to[x], times(share, opacity)) + times(level, opacity));
    }
}

/* The first row of a sprite is transparent: it is only looked at from the one below. */
static void paint_plane(const struct fc_sprite *sprite, int i, struct fc_plane *plane, int x,
                        float y, int16_t opacity)
{
    int step = i == 0 ? 1 : 2, width = sprite->width / step, height = sprite->height / step;
    int left = x / step, first = (int)floorf(y / (float)step);
    int16_t above = (int16_t)((y / (float)step - (float)first) * FC_OPAQUE);
    int skip = left < 0 ? -left : 0;
    int n = (left + width > plane->width ? plane->width - left : width) - skip;

    for (int row = 1; row < height && n > 0; row++) {
        size_t at = (size_t)row * (size_t)width + (size_t)skip, over = at - (size_t)width;
        struct row from = {sprite->levels[i] + at, sprite->shares[i] + at, sprite->levels[i] + over,
                           sprite->shares[i] + over};

        if (first + row >= 0 && first + row < plane->height)
            paint_row(plane->at + (size_t)(first + row) * (size_t)plane->width + left + skip, n,
                      &from, above, opacity);
    }
}

void fc_sprite_paint(const struct fc_sprite *sprite, struct fc_canvas *canvas, int x, float y,
                     float opacity)
{
    int16_t share = (int16_t)(FC_OPAQUE * (opacity < 0 ? 0 : opacity > 1 ? 1 : opacity));

    for (int i = 0; i < 3; i++)
        paint_plane(sprite, i, &canvas->planes[i], x / 2 * 2, y, share);
}
