#include "render/samples.h"

#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/true_peak.h"

enum { CHANNELS = FC_AUDIO_CHANNELS, TIMEOUT_MS = 120000 };

bool fc_samples_open(const char *path, struct fc_samples *samples)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    void *map = MAP_FAILED;

    *samples = (struct fc_samples){0};
    if (fd < 0)
        return false;
    if (fstat(fd, &about) == 0 && about.st_size == 0) {
        (void)close(fd);
        return true;
    }
    map = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd); /* only read from */
    if (map == MAP_FAILED)
        return false;
    *samples = (struct fc_samples){map, about.st_size / (CHANNELS * (int64_t)sizeof(int16_t)),
                                   (size_t)about.st_size};
    return true;
}

void fc_samples_close(struct fc_samples *samples)
{
    if (samples->at != NULL)
        (void)munmap((void *)(uintptr_t)samples->at, samples->bytes);
}

/* Progress is told by those who know how much work there is. */
static fc_status run_quietly(struct fc_run *run, const struct fc_watch *watch,
                             struct fc_error *error)
{
    struct fc_watch quiet = watch != NULL ? *watch : (struct fc_watch){0};

    quiet.on_progress = NULL;
    return fc_run_ffmpeg(run, &quiet, error);
}

fc_status fc_samples_decode(const struct fc_render_settings *settings, const char *in,
                            const char *out, double seconds, const struct fc_watch *watch,
                            struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_run run = {.command = fc_command_ffmpeg(arena, settings), .timeout_ms = TIMEOUT_MS};

    fc_command_add_foreign(&run.command, in);
    fc_command_add_all(&run.command, "-map", "0:a:0", "-t", NULL);
    fc_command_addf(&run.command, "%.3f", seconds);
    fc_command_add_all(&run.command, "-ar", "48000", "-ac", "2", "-flags", "+bitexact", "-c:a",
                       "pcm_s16le", "-f", "s16le", fc_local_path(arena, out), NULL);
    return run_quietly(&run, watch, error);
}

fc_status fc_samples_encode(const struct fc_render_settings *settings, const char *in,
                            const char *out, const struct fc_watch *watch, struct fc_error *error)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_run run = {.command = fc_command_ffmpeg(arena, settings), .timeout_ms = TIMEOUT_MS};

    fc_command_add_all(&run.command, "-f", "s16le", "-ar", "48000", "-ac", "2", "-i",
                       fc_local_path(arena, in), "-fflags", "+bitexact", NULL);
    fc_command_add_aac(&run.command);
    fc_command_add_all(&run.command, "-f", "mp4", fc_local_path(arena, out), NULL);
    return run_quietly(&run, watch, error);
}

bool fc_samples_are_silent(const char *path)
{
    struct fc_samples samples;
    bool are_silent = true;

    if (!fc_samples_open(path, &samples))
        return true;
    for (int64_t i = 0; i < samples.n * CHANNELS && are_silent; i++)
        are_silent = samples.at[i] > -8 && samples.at[i] < 8; /* what encoders leave of silence */
    fc_samples_close(&samples);
    return are_silent;
}

double fc_samples_peak(const char *path)
{
    struct fc_true_peak meter = fc_true_peak_above(0.5f);
    struct fc_samples samples;
    float peak = 0;

    if (!fc_samples_open(path, &samples))
        return 0;
    for (int64_t i = 0; i < samples.n; i++) {
        const float pair[CHANNELS] = {(float)samples.at[i * CHANNELS] / 32768,
                                      (float)samples.at[i * CHANNELS + 1] / 32768};

        peak = fmaxf(peak, fc_true_peak_of(&meter, pair));
    }
    fc_samples_close(&samples);
    return (double)peak;
}
