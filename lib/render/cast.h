/**
 * Who is in the scene: its symbols as figures, or as framed pictures where they have one, in rows
 * above the text. The same symbol is the same figure in every scene.
 */
#ifndef RENDER_CAST_H
#define RENDER_CAST_H

#include "render/canvas.h"
#include "render/look.h"
#include "render/picture.h"
#include "render/render.h"

enum { FC_CAST_MAX = 20 }; /* as many as a storyboard may have */

struct fc_member {
    const struct fc_render_symbol *symbol;
    float x, y;  /* of its middle and its feet, pixels */
    float delay; /* seconds until it comes up */
    struct fc_sprite *sprite;
};

struct fc_cast {
    struct fc_member members[FC_CAST_MAX];
    size_t n;
    float size;  /* height of a figure, pixels */
    float label; /* size of the letters of a name, below the feet, pixels */
};

/** The size that pictures of symbols are wanted in: no figure of @order is larger. */
void fc_cast_picture_size(const struct fc_scene_order *order, int *width, int *height);

/** Where they may stand, pixels. */
struct fc_area {
    float left, top, right, bottom;
    bool to_the_right; /* else in the middle */
};

/**
 * Draws everybody; lives in @arena. @pictures has one for each symbol of @order, without pixels
 * where there is none; NULL: nobody has one. The still of a character shows that character alone.
 */
struct fc_cast *fc_cast_new(struct fc_arena *arena, const struct fc_scene_order *order,
                            const struct fc_picture *pictures, const struct fc_area *area);

void fc_cast_paint(const struct fc_cast *cast, struct fc_canvas *canvas, float seconds);

#endif
