/* The contact sheet's pictures, taken from the film and pasted one after the other. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "render/sheet.h"
#include "render/stitch_parts.h"

enum { BYTES_PER_PIXEL = 3 };

/* Everything is dark where no picture is. */
static const unsigned char ground = 0x16;

struct canvas {
    const struct fc_sheet *sheet;
    unsigned char *pixels; /* RGB, row after row */
    const char *cell_path; /* of the picture that is being pasted */
};

/* Where a scene is seen: in the film, with its treatment and captions, behind the transition, which
 * takes at most the first half of a shot; what is never played, in the middle of its clip. */
static const char *source_of(const struct fc_stitch *s, size_t scene, int64_t *at_ms)
{
    const struct fc_plan *plan = s->order->plan;
    const struct fc_shot *shot = fc_sheet_shot(plan, scene);

    *at_ms = shot != NULL ? shot->start_ms + shot->duration_ms * 6 / 10
                          : plan->scenes[scene].duration_ms / 2;
    return shot != NULL ? s->film->video_path : s->order->clips[scene];
}

static fc_status take_picture(const struct fc_stitch *s, const struct canvas *canvas,
                              const char *source, int64_t at_ms)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);

    fc_command_add(&command, "-ss");
    fc_command_addf(&command, "%.3f", (double)at_ms / 1000);
    fc_command_add_all(&command, "-i", fc_local_path(s->arena, source), "-map", "0:v:0",
                       "-frames:v", "1", "-vf", NULL);
    fc_command_addf(&command, "scale=%d:%d:flags=area+accurate_rnd", canvas->sheet->cell_width,
                    canvas->sheet->cell_height);
    fc_command_add_all(&command, "-pix_fmt", "rgb24", "-c:v", "rawvideo", "-f", "rawvideo",
                       fc_local_path(s->arena, canvas->cell_path), NULL);
    return fc_stitch_run(s, command, 1, (struct fc_share){0});
}

static fc_status paste(const struct fc_stitch *s, const struct canvas *canvas, size_t cell)
{
    const struct fc_sheet *sheet = canvas->sheet;
    struct fc_sheet_place at = fc_sheet_place(sheet, cell);
    size_t row_bytes = (size_t)sheet->cell_width * BYTES_PER_PIXEL;
    FILE *picture = fopen(canvas->cell_path, "re");
    int n_rows = 0;

    while (picture != NULL && n_rows < sheet->cell_height) {
        size_t offset = ((size_t)(at.y + n_rows) * (size_t)sheet->width + (size_t)at.x) *
                        BYTES_PER_PIXEL;

        if (fread(canvas->pixels + offset, 1, row_bytes, picture) != row_bytes)
            break;
        n_rows++;
    }
    if (picture != NULL)
        (void)fclose(picture); /* was only read */
    return n_rows == sheet->cell_height
               ? FC_OK
               : fc_fail(s->error, FC_E_INTERNAL, "%s cannot be read", canvas->cell_path);
}

/* Scenes that are never played may have no clip; their cells stay dark. */
static fc_status paste_all(const struct fc_stitch *s, const struct canvas *canvas)
{
    const struct fc_sheet *sheet = canvas->sheet;
    fc_status st = FC_OK;

    for (size_t i = 0; i < sheet->n_cells && st == FC_OK; i++) {
        int64_t at_ms;
        const char *source = source_of(s, sheet->scenes[i], &at_ms);

        if (source == NULL)
            continue;
        st = take_picture(s, canvas, source, at_ms);
        if (st == FC_OK)
            st = paste(s, canvas, i);
    }
    return st;
}

static fc_status print(const struct fc_stitch *s, const struct canvas *canvas, const char *path)
{
    const char *pixels = fc_stitch_file(s, "sheet.rgb"), *texts = fc_stitch_file(s, "sheet.ass");
    const struct fc_sheet *sheet = canvas->sheet;
    size_t n = (size_t)sheet->width * (size_t)sheet->height * BYTES_PER_PIXEL;
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);
    fc_status st = fc_stitch_write(s, pixels, (struct fc_span){(const char *)canvas->pixels, n});

    if (st == FC_OK)
        st = fc_stitch_write(s, texts,
                             fc_span_of(fc_sheet_script(s->arena, sheet, s->order->plan)));
    if (st != FC_OK)
        return st;
    fc_command_add_all(&command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", NULL);
    fc_command_addf(&command, "%dx%d", sheet->width, sheet->height);
    fc_command_add_all(&command, "-i", fc_local_path(s->arena, pixels), "-frames:v", "1", "-vf",
                       NULL);
    fc_command_addf(&command, "ass=filename=%s,scale=out_range=pc",
                    fc_filter_path(s->arena, texts));
    fc_command_add_all(&command, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "4", "-f",
                       "image2", "-update", "1", fc_local_path(s->arena, path), NULL);
    return fc_stitch_run(s, command, 1, (struct fc_share){0});
}

fc_status fc_stitch_sheet(const struct fc_stitch *s, const char *path)
{
    struct fc_sheet sheet = fc_sheet_layout(s->arena, s->order->plan, &s->order->format);
    size_t n = (size_t)sheet.width * (size_t)sheet.height * BYTES_PER_PIXEL;
    struct canvas canvas = {.sheet = &sheet, .cell_path = fc_stitch_file(s, "cell.rgb")};
    fc_status st;

    canvas.pixels = fc_alloc(s->arena, n);
    memset(canvas.pixels, ground, n);
    st = paste_all(s, &canvas);
    return st == FC_OK ? print(s, &canvas, path) : st;
}
