/** What stands on the picture: title, scene, its text, its symbols, how far the film is. */
#ifndef RENDER_CARD_H
#define RENDER_CARD_H

#include "render/canvas.h"
#include "render/mood.h"
#include "render/picture.h"
#include "render/render.h"

struct fc_card;

/**
 * Lays everything out for the frame of @order. Lives in @arena, copies nothing of @order. @pictures
 * as in fc_cast_new; @palette as the look of the order's quality shows it.
 */
struct fc_card *fc_card_new(struct fc_arena *arena, const struct fc_scene_order *order,
                            const struct fc_picture *pictures, const struct fc_palette *palette);

/**
 * Paints what is no text: veils, the symbols' figures, the progress line @seconds into the scene.
 */
void fc_card_paint(const struct fc_card *card, struct fc_canvas *canvas, float seconds);

/**
 * The texts as subtitles in the ASS format, which ffmpeg's ass filter sets (any script, with
 * shaping).
 */
const char *fc_card_subtitles(const struct fc_card *card, struct fc_arena *arena);

#endif
