#include "support.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "process/process.h"

const struct fc_render_settings tools = {"ffmpeg", "ffprobe", "espeak-ng"};

struct bench bench_open(void)
{
    struct bench bench = {.arena = fc_arena_new()};
    const char *tmp = getenv("TMPDIR");
    char *dir = fc_printf(bench.arena, "%s/framecast-render-XXXXXX", tmp != NULL ? tmp : "/tmp");

    ck_assert_ptr_nonnull(mkdtemp(dir));
    bench.dir = dir;
    return bench;
}

void bench_close(struct bench *bench)
{
    const char *const argv[] = {"rm", "-rf", "--", bench->dir, NULL};

    ck_assert_int_eq(
        fc_process_run(bench->arena, &(struct fc_process_plan){.argv = argv}, NULL, NULL), FC_OK);
    fc_arena_free(bench->arena);
}

const char *bench_path(const struct bench *bench, const char *name)
{
    return fc_printf(bench->arena, "%s/%s", bench->dir, name);
}

struct fc_scene_order scene(const struct bench *bench, const char *text)
{
    static int n;
    struct fc_scene_order order = {
        .scene_id = "intro",
        .n_scenes = 3,
        .attempt = 1,
        .kind = FC_RENDER_CLIP,
        .title = "A test",
        .text = text,
        .prompt = text,
        .negative = "",
        .duration_ms = 1000,
        .width = 320,
        .height = 180,
        .fps = 24,
        .quality = FC_RENDER_DRAFT,
        .seed = 7,
        .film_total_ms = 3000,
        .work_dir = bench->dir,
    };

    (void)snprintf(order.ref, sizeof order.ref, "test-%d-%d", (int)getpid(), n++);
    return order;
}

const char *shoot(const struct bench *bench, struct fc_scene_order *order)
{
    const struct fc_renderer *renderer = fc_renderer_by_name("animatic");
    const char *path = fc_printf(bench->arena, "%s/%s.shot", bench->dir, order->ref);
    struct fc_take_report report;
    struct fc_error error = {0};

    ck_assert_msg(renderer->submit(&tools, order, &error) == FC_OK, "%s", error.text);
    while ((report = renderer->poll(&tools, order)).state == FC_TAKE_RUNNING)
        usleep(2000);
    ck_assert_msg(report.state == FC_TAKE_DONE, "%s: %s", report.code, report.message);
    ck_assert_msg(renderer->fetch(&tools, order, path, &error) == FC_OK, "%s", error.text);
    return path;
}

struct fc_media look_at(const struct bench *bench, const char *path)
{
    struct fc_media media;
    struct fc_error error = {0};

    ck_assert_msg(fc_media_probe(bench->arena, &tools, path, &media, &error) == FC_OK, "%s",
                  error.text);
    return media;
}

/* Runs a command line whose arguments hold no blanks. */
static struct fc_span run(const struct bench *bench, char *line, size_t output_max)
{
    struct fc_command command = fc_command_new(bench->arena, "ffmpeg");
    struct fc_error error = {0};
    struct fc_span output = {"", 0};

    fc_command_add_all(&command, "-v", "error", "-nostdin", "-y", NULL);
    for (char *word = line; word != NULL && *word != '\0';) {
        char *argument = strsep(&word, " ");

        if (*argument != '\0')
            fc_command_add(&command, argument);
    }
    ck_assert_msg(fc_process_run(bench->arena,
                                 &(struct fc_process_plan){.argv = command.argv,
                                                           .output_max = output_max,
                                                           .timeout_ms = 60000},
                                 &output, &error) == FC_OK,
                  "%s", error.text);
    return output;
}

const char *make(const struct bench *bench, const char *name, const char *arguments)
{
    const char *path = bench_path(bench, name);

    (void)run(bench, fc_printf(bench->arena, "%s %s", arguments, path), 0);
    return path;
}

const char *make_clip(const struct bench *bench, const char *name,
                      const struct fc_film_format *format, const char *picture, const char *sound,
                      int64_t n_frames)
{
    const char *path = bench_path(bench, name);
    struct fc_run run = {.command = fc_command_ffmpeg(bench->arena, &tools), .timeout_ms = 60000};
    struct fc_error error = {0};

    fc_command_add_all(&run.command, "-f", "lavfi", "-i", NULL);
    fc_command_addf(&run.command,
                    "%s,scale=%d:%d:out_range=tv:out_color_matrix=bt709,setsar=1,fps=%d", picture,
                    format->width, format->height, format->fps);
    fc_command_add_all(&run.command, "-f", "lavfi", "-i",
                       sound != NULL ? sound : "anullsrc=r=48000:cl=stereo", "-frames:v", NULL);
    fc_command_addf(&run.command, "%lld", (long long)n_frames);
    fc_command_add_h264(&run.command, format);
    fc_command_add_aac(&run.command);
    fc_command_add_all(&run.command, "-shortest", "-movflags", "+faststart", path, NULL);
    ck_assert_msg(fc_run_ffmpeg(&run, NULL, &error) == FC_OK, "%s", error.text);
    return path;
}

const char *frame_hashes(const struct bench *bench, const char *path)
{
    return run(bench, fc_printf(bench->arena, "-i %s -map 0:v -f framemd5 -", path), 1 << 20).at;
}

struct fc_span frame_pixels(const struct bench *bench, const char *path, int width, int height)
{
    return run(bench,
               fc_printf(bench->arena,
                         "-i %s -vf scale=%d:%d:flags=area:in_color_matrix=bt709 -pix_fmt rgb24 "
                         "-f rawvideo -",
                         path, width, height),
               64u << 20);
}

const unsigned char *frame_colors(const struct bench *bench, const char *path, size_t *n_frames)
{
    struct fc_span pixels = frame_pixels(bench, path, 1, 1);

    *n_frames = pixels.n / 3;
    return (const unsigned char *)pixels.at;
}

int loudest(const struct bench *bench, const char *path, double from, double to)
{
    struct fc_span sound = run(
        bench, fc_printf(bench->arena, "-i %s -map 0:a -ac 2 -ar 48000 -f s16le -", path),
        32u << 20);
    int most = 0;

    for (size_t i = (size_t)(from * 48000) * 2; i < (size_t)(to * 48000) * 2 && i < sound.n / 2;
         i++) {
        int16_t sample;

        memcpy(&sample, sound.at + 2 * i, sizeof sample);
        most = abs(sample) > most ? abs(sample) : most;
    }
    return most;
}

/* What the filter ebur128 has told of @key: at the end, or the most. */
static double told_of(struct fc_span told, const char *key, bool most)
{
    double value = -INFINITY;

    for (const char *at = told.at; (at = strstr(at, key)) != NULL;) {
        at += strlen(key);
        value = most ? fmax(value, strtod(at, NULL)) : strtod(at, NULL);
    }
    return value;
}

struct heard listen_to(const struct bench *bench, const char *path)
{
    struct fc_span told = run(
        bench,
        fc_printf(bench->arena,
                  "-i %s -map 0:a -af ebur128=metadata=1:peak=true,ametadata=print:file=- "
                  "-f null -",
                  path),
        32u << 20);

    return (struct heard){.lufs = told_of(told, "lavfi.r128.I=", false),
                          .true_peak_db = 20 * log10(told_of(told, "lavfi.r128.true_peak=", true))};
}
