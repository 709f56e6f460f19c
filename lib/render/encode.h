/**
 * How pictures and sound are encoded: the same everywhere, so that clips can be joined as they are.
 */
#ifndef RENDER_ENCODE_H
#define RENDER_ENCODE_H

#include <framecast/arena.h>

#include "process/process.h"
#include "render/render.h"

/** What a clip or a film has to look like. */
struct fc_film_format {
    int width, height; /* pixels, even */
    int fps;           /* 24, 30 or 60 */
    enum fc_render_quality quality;
};

/* The comment in files of this encoder: those alone may be joined without encoding them again. */
#define FC_CLIP_MARK "framecast clip 1"

/* From one picture that stands by itself to the next, at most. */
enum { FC_KEY_FRAME_SECONDS = 2 };

enum { FC_AUDIO_RATE = 48000, FC_AUDIO_CHANNELS = 2 };

/** Frames of @ms milliseconds, to the nearest: the end of one shot is the beginning of the next. */
int64_t fc_frames_of(int64_t ms, int fps);

/** A command line that grows; lives in its arena. */
struct fc_command {
    struct fc_arena *arena;
    const char **argv; /* closed by NULL */
    size_t n, room;
};

struct fc_command fc_command_new(struct fc_arena *arena, const char *program);
void fc_command_add(struct fc_command *command, const char *argument);
__attribute__((format(printf, 2, 3))) void fc_command_addf(struct fc_command *command,
                                                           const char *format, ...);
/** Each of the arguments, the last one followed by NULL. */
__attribute__((sentinel)) void fc_command_add_all(struct fc_command *command, ...);

/**
 * ffmpeg with what every call has: quiet, no questions, overwriting, bit-exact, a fixed number of
 * threads.
 */
struct fc_command fc_command_ffmpeg(struct fc_arena *arena,
                                    const struct fc_render_settings *settings);

/**
 * A file that came from elsewhere, as input of ffmpeg or ffprobe: media containers only. Playlists
 * and scripts, which could name other files of this machine, are refused as what they are not.
 */
void fc_command_add_foreign(struct fc_command *command, const char *path);

/** The arguments of the picture's encoder (H.264) and of the sound's (AAC, 48 kHz stereo). */
void fc_command_add_h264(struct fc_command *command, const struct fc_film_format *format);
void fc_command_add_aac(struct fc_command *command);

/** The picture's, for pictures with so much @grain (0..1) that it would fill any line. */
void fc_command_add_h264_grain(struct fc_command *command, const struct fc_film_format *format,
                               double grain);

/** A path as ffmpeg takes it in the options of a filter. */
const char *fc_filter_path(struct fc_arena *arena, const char *path);

/** A local file's path that ffmpeg takes for no option and no protocol. */
const char *fc_local_path(struct fc_arena *arena, const char *path);

#endif
