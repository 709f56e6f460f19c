/* The contact sheet's pictures, taken from the film and pasted one after the other. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "render/sheet.h"
#include "render/stitch_parts.h"

enum { BYTES_PER_PIXEL = 3 };

/* To start ffmpeg takes longer than to take a picture, but each needs memory for its decoder. */
enum { PICTURES_AT_ONCE = 4 };

/* Everything is dark where no picture is. */
static const unsigned char ground = 0x16;

struct canvas {
    const struct fc_sheet *sheet;
    unsigned char *pixels; /* RGB, row after row */
};

/* A picture of the sheet, before it is pasted. */
struct picture {
    size_t cell;
    const char *source; /* a video */
    int64_t at_ms;      /* in it */
    const char *path;   /* of the pixels */
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

static fc_status take_pictures(const struct fc_stitch *s, const struct canvas *canvas,
                               const struct picture *pictures, size_t n)
{
    struct fc_command command = fc_command_ffmpeg(s->arena, s->settings);

    for (size_t i = 0; i < n; i++) {
        fc_command_add_all(&command, "-threads", "1", "-ss", NULL);
        fc_command_addf(&command, "%.3f", (double)pictures[i].at_ms / 1000);
        fc_command_add_all(&command, "-i", fc_local_path(s->arena, pictures[i].source), NULL);
    }
    for (size_t i = 0; i < n; i++) {
        fc_command_add(&command, "-map");
        fc_command_addf(&command, "%zu:v:0", i);
        fc_command_add_all(&command, "-frames:v", "1", "-vf", NULL);
        fc_command_addf(&command, "scale=%d:%d:flags=area+accurate_rnd", canvas->sheet->cell_width,
                        canvas->sheet->cell_height);
        fc_command_add_all(&command, "-pix_fmt", "rgb24", "-c:v", "rawvideo", "-f", "rawvideo",
                           fc_local_path(s->arena, pictures[i].path), NULL);
    }
    return fc_stitch_run(s, command, 1, (struct fc_share){0});
}

static fc_status paste(const struct fc_stitch *s, const struct canvas *canvas,
                       const struct picture *picture)
{
    const struct fc_sheet *sheet = canvas->sheet;
    struct fc_sheet_place at = fc_sheet_place(sheet, picture->cell);
    size_t row_bytes = (size_t)sheet->cell_width * BYTES_PER_PIXEL;
    FILE *file = fopen(picture->path, "re");
    int n_rows = 0;

    while (file != NULL && n_rows < sheet->cell_height) {
        size_t offset = ((size_t)(at.y + n_rows) * (size_t)sheet->width + (size_t)at.x) *
                        BYTES_PER_PIXEL;

        if (fread(canvas->pixels + offset, 1, row_bytes, file) != row_bytes)
            break;
        n_rows++;
    }
    if (file != NULL)
        (void)fclose(file); /* was only read */
    return n_rows == sheet->cell_height
               ? FC_OK
               : fc_fail(s->error, FC_E_INTERNAL, "%s cannot be read", picture->path);
}

/* Scenes that are never played may have no clip; their cells stay dark. */
static size_t list_pictures(const struct fc_stitch *s, const struct fc_sheet *sheet,
                            struct picture *pictures)
{
    size_t n = 0;

    for (size_t i = 0; i < sheet->n_cells; i++) {
        struct picture picture = {.cell = i};

        picture.source = source_of(s, sheet->scenes[i], &picture.at_ms);
        picture.path = fc_stitch_file(s, fc_printf(s->arena, "cell-%zu.rgb", n % PICTURES_AT_ONCE));
        if (picture.source != NULL)
            pictures[n++] = picture;
    }
    return n;
}

static fc_status paste_all(const struct fc_stitch *s, const struct canvas *canvas)
{
    struct picture *pictures = FC_NEW_ARRAY(s->arena, struct picture, canvas->sheet->n_cells);
    size_t n = list_pictures(s, canvas->sheet, pictures);
    fc_status st = FC_OK;

    for (size_t from = 0; from < n && st == FC_OK; from += PICTURES_AT_ONCE) {
        size_t n_now = n - from < PICTURES_AT_ONCE ? n - from : PICTURES_AT_ONCE;

        st = take_pictures(s, canvas, pictures + from, n_now);
        for (size_t i = from; i < from + n_now && st == FC_OK; i++)
            st = paste(s, canvas, &pictures[i]);
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
    struct canvas canvas = {.sheet = &sheet};
    fc_status st;

    canvas.pixels = fc_alloc(s->arena, n);
    memset(canvas.pixels, ground, n);
    st = paste_all(s, &canvas);
    return st == FC_OK ? print(s, &canvas, path) : st;
}
