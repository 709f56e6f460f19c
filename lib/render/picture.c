#include "render/picture.h"

#include <framecast/text.h>

#include "process/process.h"

enum { TIMEOUT_MS = 20000, MEMORY_MAX_MIB = 2048 };

/* More pixels than any camera has: what claims to have more only wants the memory. */
static const char pixels_max[] = "120000000";

static bool is_unwanted(void *context)
{
    return fc_watch_canceled(context);
}

static struct fc_command reader_of(struct fc_arena *arena,
                                   const struct fc_render_settings *settings, const char *path,
                                   int width, int height)
{
    struct fc_command command = fc_command_ffmpeg(arena, settings);

    fc_command_add_all(&command, "-max_pixels", pixels_max, "-threads", "1", NULL);
    fc_command_add_foreign(&command, path);
    fc_command_add(&command, "-vf");
    fc_command_addf(&command,
                    "scale=%d:%d:force_original_aspect_ratio=increase:flags=bicubic+accurate_rnd,"
                    "crop=%d:%d,setsar=1",
                    width, height, width, height);
    fc_command_add_all(&command, "-frames:v", "1", "-pix_fmt", "rgb24", "-c:v", "rawvideo", "-f",
                       "rawvideo", "pipe:1", NULL);
    return command;
}

fc_status fc_picture_read(struct fc_arena *arena, const struct fc_render_settings *settings,
                          const char *path, int width, int height, const struct fc_watch *watch,
                          struct fc_picture *picture, struct fc_error *error)
{
    struct fc_command command = reader_of(arena, settings, path, width, height);
    size_t n = 3 * (size_t)width * (size_t)height;
    struct fc_process_plan plan = {.argv = command.argv,
                                   .timeout_ms = TIMEOUT_MS,
                                   .nice = 5,
                                   .output_max = n,
                                   .memory_max = (size_t)MEMORY_MAX_MIB << 20};
    FC_AUTO(process) *reader = NULL;
    struct fc_span pixels;
    fc_status st = fc_process_start(&reader, &plan, error);

    if (st == FC_OK)
        st = fc_process_wait(reader, watch != NULL ? is_unwanted : NULL, (void *)(uintptr_t)watch,
                             error);
    if (st == FC_E_INTERNAL)
        error->status = st = FC_E_VALIDATION;
    if (st != FC_OK)
        return st;
    pixels = fc_process_output(reader);
    if (pixels.n != n)
        return fc_fail(error, FC_E_VALIDATION, "The file holds no image");
    picture->width = width;
    picture->height = height;
    picture->rgb = (const uint8_t *)fc_copy_n(arena, pixels.at, n);
    return FC_OK;
}
