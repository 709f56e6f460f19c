/** Pictures that came from elsewhere, as pixels. */
#ifndef RENDER_PICTURE_H
#define RENDER_PICTURE_H

#include <framecast/arena.h>
#include <framecast/status.h>

#include "render/run.h"

struct fc_picture {
    int width, height;
    const uint8_t *rgb; /* row by row; NULL: no picture */
};

/**
 * Reads the image file at @path (JPEG, PNG, WebP, GIF ...), scaled and cropped around its middle to
 * @width x @height. However large the file claims to be, it is bounded in time and memory.
 *
 * FC_E_VALIDATION   it is no image that can be read, or too large a one
 * FC_E_UNAVAILABLE  canceled, or out of time
 */
fc_status fc_picture_read(struct fc_arena *arena, const struct fc_render_settings *settings,
                          const char *path, int width, int height, const struct fc_watch *watch,
                          struct fc_picture *picture, struct fc_error *error);

#endif
