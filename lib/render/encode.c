#include "render/encode.h"

#include <stdarg.h>
#include <string.h>

/* Draft is for looking at once, high for keeping. The number of threads is part of the recipe:
 * x264's decisions depend on it, and the same order is to give the same frames on every machine. */
static const struct {
    const char *preset;
    int crf; /* less is finer; six more halve the size */
} efforts[FC_RENDER_QUALITY__COUNT] = {
    [FC_RENDER_DRAFT] = {"ultrafast", 30},
    [FC_RENDER_STANDARD] = {"veryfast", 21},
    [FC_RENDER_HIGH] = {"medium", 17},
};

int64_t fc_frames_of(int64_t ms, int fps)
{
    return (ms * fps + 500) / 1000;
}

struct fc_command fc_command_new(struct fc_arena *arena, const char *program)
{
    struct fc_command command = {.arena = arena};

    fc_command_add(&command, program);
    return command;
}

void fc_command_add(struct fc_command *command, const char *argument)
{
    if (command->n + 1 >= command->room) {
        size_t room = command->room == 0 ? 64 : 2 * command->room;
        const char **argv = FC_NEW_ARRAY(command->arena, const char *, room);

        if (command->n > 0)
            memcpy(argv, command->argv, command->n * sizeof *argv);
        command->argv = argv;
        command->room = room;
    }
    command->argv[command->n++] = argument;
    command->argv[command->n] = NULL;
}

void fc_command_addf(struct fc_command *command, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fc_command_add(command, fc_vprintf(command->arena, format, args));
    va_end(args);
}

void fc_command_add_all(struct fc_command *command, ...)
{
    va_list args;
    const char *argument;

    va_start(args, command);
    while ((argument = va_arg(args, const char *)) != NULL)
        fc_command_add(command, argument);
    va_end(args);
}

struct fc_command fc_command_ffmpeg(struct fc_arena *arena,
                                    const struct fc_render_settings *settings)
{
    struct fc_command command = fc_command_new(arena, settings->ffmpeg);

    fc_command_add_all(&command, "-hide_banner", "-nostdin", "-v", "error", "-y", "-filter_threads",
                       "2", "-filter_complex_threads", "2", NULL);
    return command;
}

void fc_command_add_foreign(struct fc_command *command, const char *path)
{
    fc_command_add_all(
        command, "-protocol_whitelist", "file", "-format_whitelist",
        "mov,matroska,avi,flv,asf,mpeg,mpegts,ivf,h264,hevc,gif,apng,image2,png_pipe,jpeg_pipe,"
        "webp_pipe,bmp_pipe,mp3,wav,w64,aiff,caf,flac,ogg,aac,ac3",
        "-i", fc_local_path(command->arena, path), NULL);
}

/* Grain hides what is lost, and kept as it is would fill any line: it is never the same twice. (A
 * bound on the rate would be better, but with two threads x264 does not keep it the same way
 * twice.) */
static int crf_of(enum fc_render_quality quality, double grain)
{
    return efforts[quality].crf + (grain > 0 ? 4 + (int)(10 * grain) : 0);
}

void fc_command_add_h264(struct fc_command *command, const struct fc_film_format *format)
{
    fc_command_add_h264_grain(command, format, 0);
}

void fc_command_add_h264_grain(struct fc_command *command, const struct fc_film_format *format,
                               double grain)
{
    fc_command_add_all(command, "-c:v", "libx264", "-preset", efforts[format->quality].preset,
                       "-profile:v", "high", "-pix_fmt", "yuv420p", "-threads:v", "2", "-crf",
                       NULL);
    fc_command_addf(command, "%d", crf_of(format->quality, grain));
    /* stitchable: the headers say the same whatever the contents, so that clips can follow each
     * other. */
    fc_command_add(command, "-x264-params");
    fc_command_addf(command, "stitchable=1:lookahead-threads=1:keyint=%d:aq-mode=3",
                    FC_KEY_FRAME_SECONDS * format->fps);
    fc_command_add(command, "-r");
    fc_command_addf(command, "%d", format->fps);
    fc_command_add_all(command, "-video_track_timescale", "90000", "-color_primaries", "bt709",
                       "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
                       "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1",
                       "-map_chapters", "-1", "-metadata", "comment=" FC_CLIP_MARK, NULL);
}

/* The coder that ffmpeg calls fast: at this rate it is nearer to the original by 10 dB for music,
 * and it does not double the height of a sudden bass note as the usual one does. */
void fc_command_add_aac(struct fc_command *command)
{
    fc_command_add_all(command, "-c:a", "aac", "-aac_coder", "fast", "-b:a", "192k", "-ar", "48000",
                       "-ac", "2", "-flags:a", "+bitexact", NULL);
}

/* Twice: once for the value of an option, once for the graph that holds it. */
const char *fc_filter_path(struct fc_arena *arena, const char *path)
{
    struct fc_buffer b = fc_buffer_in(arena);

    for (path = fc_local_path(arena, path); *path != '\0'; path++) {
        if (strchr("\\':", *path) != NULL)
            fc_put(&b, *path == ':' ? "\\\\" : "\\\\\\");
        else if (strchr("[],;", *path) != NULL)
            fc_put(&b, "\\");
        fc_put_char(&b, *path);
    }
    return b.data;
}

const char *fc_local_path(struct fc_arena *arena, const char *path)
{
    return path[0] == '/' ? path : fc_printf(arena, "./%s", path);
}
