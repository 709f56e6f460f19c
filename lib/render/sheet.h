/**
 * The contact sheet: one picture of each scene in a grid, its id and its time below, the title
 * above. Pure; stitch_sheet.c makes the pictures.
 */
#ifndef RENDER_SHEET_H
#define RENDER_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "render/encode.h"
#include "storyboard/storyboard.h"

enum { FC_SHEET_WIDTH_MAX = 1600, FC_SHEET_HEIGHT_MAX = 1800 };

/** Pixels, all even. */
struct fc_sheet {
    int width, height;           /* at most the above */
    int cell_width, cell_height; /* of one picture */
    size_t n_columns;
    size_t n_cells;
    const size_t *scenes; /* index in plan->scenes by cell: as first played; then what never is */
};

/** The first shot of a scene; NULL when it is never played. */
const struct fc_shot *fc_sheet_shot(const struct fc_plan *plan, size_t scene);

/** Lays out the sheet of a film whose pictures look as @format says. */
struct fc_sheet fc_sheet_layout(struct fc_arena *arena, const struct fc_plan *plan,
                                const struct fc_film_format *format);

/** The upper left corner of a cell's picture. */
struct fc_sheet_place {
    int x, y;
};
struct fc_sheet_place fc_sheet_place(const struct fc_sheet *sheet, size_t cell);

/** The texts, as a script for ffmpeg's filter ass. */
const char *fc_sheet_script(struct fc_arena *arena, const struct fc_sheet *sheet,
                            const struct fc_plan *plan);

#endif
