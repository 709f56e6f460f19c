/**
 * The picture of the animatic, one frame after the other: what the take's thread feeds to ffmpeg.
 * Pure.
 */
#ifndef RENDER_ANIMATIC_H
#define RENDER_ANIMATIC_H

#include "render/canvas.h"
#include "render/picture.h"
#include "render/render.h"

struct fc_animatic;

/**
 * Lays the scene out; @order must live as long as the result, which lives in @arena. @pictures: one
 * for each symbol, without pixels for those that are drawn as figures; NULL: all are.
 */
struct fc_animatic *fc_animatic_new(struct fc_arena *arena, const struct fc_scene_order *order,
                                    const struct fc_picture *pictures);

/** The number of frames: that of the scene's length, 1 for a still. */
int64_t fc_animatic_n_frames(const struct fc_animatic *animatic);
size_t fc_animatic_frame_size(const struct fc_animatic *animatic);

/** Draws frame @number into @yuv420p, fc_animatic_frame_size bytes. */
void fc_animatic_draw(struct fc_animatic *animatic, int64_t number, uint8_t *yuv420p);

/** The texts that are set over the frames, in the ASS format. */
const char *fc_animatic_subtitles(const struct fc_animatic *animatic, struct fc_arena *arena);

#endif
