/*
 * The renderer "animatic": each take is a thread that draws frames and an ffmpeg that encodes them.
 *
 * Takes are known by their reference as long as this process lives; after that nobody knows them,
 * and the scenes are simply drawn again. The thread starts the child itself, because a child dies
 * with its thread.
 */
#include "render/render.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <framecast/arena.h>
#include <framecast/log.h>
#include <framecast/text.h>

#include "process/process.h"
#include "render/animatic.h"
#include "render/cast.h"
#include "render/encode.h"

enum {
    TAKES_MAX = 64,              /* at work in this process, whoever asked for them */
    TIMEOUT_BASE_MS = 60000,     /* a take is given this long */
    TIMEOUT_PER_FRAME_MS = 1000, /* and this much more per frame */
};

struct take {
    struct take *next;
    struct fc_arena *arena; /* holds the take and its copy of the order */
    struct fc_scene_order order;
    struct fc_render_settings settings;
    char *path, *subtitles_path; /* half-made files in the work folder */
    pthread_t thread;
    atomic_bool is_canceled;
    atomic_bool has_ended; /* report is final */
    atomic_int permille;
    struct fc_take_report report;
};

static pthread_mutex_t takes_lock = PTHREAD_MUTEX_INITIALIZER;
static struct take *takes; /* under takes_lock */
static size_t n_takes;

/* ---- one take ---- */

static void give_up(struct take *take, const char *code, bool may_repeat, const char *message)
{
    take->report.state = FC_TAKE_FAILED;
    take->report.may_repeat = may_repeat;
    (void)snprintf(take->report.code, sizeof take->report.code, "%s", code);
    (void)snprintf(take->report.message, sizeof take->report.message, "%s", message);
}

static bool write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    size_t n = strlen(text);
    bool is_written;

    if (file == NULL)
        return false;
    is_written = fwrite(text, 1, n, file) == n;
    return fclose(file) == 0 && is_written;
}

static struct fc_command encoder_of(const struct take *take)
{
    const struct fc_scene_order *order = &take->order;
    struct fc_film_format format = {order->width, order->height, order->fps, order->quality};
    struct fc_command command = fc_command_ffmpeg(take->arena, &take->settings);
    int fps = order->kind == FC_RENDER_STILL ? 1 : order->fps;

    fc_command_add_all(&command, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", NULL);
    fc_command_addf(&command, "%dx%d", order->width, order->height);
    fc_command_add(&command, "-r");
    fc_command_addf(&command, "%d", fps);
    fc_command_add_all(&command, "-color_range", "tv", "-colorspace", "bt709", "-i", "pipe:0",
                       NULL);
    if (order->kind == FC_RENDER_STILL) {
        fc_command_add(&command, "-vf");
        /* Two seconds in, the texts have come up; set on RGB, so that small letters stay sharp. */
        fc_command_addf(&command,
                        "setpts=PTS+2/TB,scale=in_color_matrix=bt709,format=gbrp,ass=filename=%s",
                        fc_filter_path(take->arena, take->subtitles_path));
        fc_command_add_all(&command, "-frames:v", "1", "-c:v", "png", "-pix_fmt", "rgb24", "-f",
                           "image2", "-update", "1", NULL);
    } else {
        fc_command_add_all(&command, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-vf",
                           NULL);
        fc_command_addf(&command, "ass=filename=%s,setsar=1",
                        fc_filter_path(take->arena, take->subtitles_path));
        fc_command_add_all(&command, "-map", "0:v", "-map", "1:a", "-t", NULL);
        fc_command_addf(&command, "%.6f",
                        (double)fc_frames_of(order->duration_ms, order->fps) / order->fps);
        fc_command_add_h264(&command, &format);
        fc_command_add_aac(&command);
        fc_command_add_all(&command, "-movflags", "+faststart", "-f", "mp4", NULL);
    }
    fc_command_add(&command, fc_local_path(take->arena, take->path));
    return command;
}

static bool is_canceled(void *context)
{
    return atomic_load(&((struct take *)context)->is_canceled);
}

/* Draws and feeds all frames; false when the encoder is gone or nobody wants them any more. */
static bool feed_frames(struct take *take, struct fc_animatic *animatic, struct fc_process *encoder)
{
    int64_t n = fc_animatic_n_frames(animatic);
    uint8_t *frame = fc_alloc(take->arena, fc_animatic_frame_size(animatic));

    for (int64_t i = 0; i < n && !is_canceled(take); i++) {
        fc_animatic_draw(animatic, i, frame);
        if (fc_process_write(encoder, frame, fc_animatic_frame_size(animatic), is_canceled, take) !=
            FC_OK)
            return false;
        atomic_store(&take->permille, (int)(990 * (i + 1) / n));
    }
    return !is_canceled(take);
}

static void report_encoder(struct take *take, struct fc_process *encoder, fc_status st,
                           const struct fc_error *error)
{
    if (st == FC_OK) {
        take->report.state = FC_TAKE_DONE;
        take->report.percent = 100;
        return;
    }
    take->report.is_timeout = fc_process_timed_out(encoder);
    give_up(take, take->report.is_timeout ? "timeout" : "encoder_failed", true, error->text);
}

/* The symbols' pictures. One that cannot be read is drawn as a figure like the others. */
static const struct fc_picture *read_pictures(struct take *take)
{
    const struct fc_scene_order *order = &take->order;
    struct fc_picture *pictures = FC_NEW_ARRAY(take->arena, struct fc_picture, order->n_symbols);
    const struct fc_watch watch = {.is_canceled = is_canceled, .context = take};
    struct fc_error error;
    int width, height;

    fc_cast_picture_size(order, &width, &height);
    for (size_t i = 0; i < order->n_symbols; i++) {
        const struct fc_render_symbol *symbol = &order->symbols[i];

        if (symbol->image_path != NULL &&
            fc_picture_read(take->arena, &take->settings, symbol->image_path, width, height, &watch,
                            &pictures[i], &error) != FC_OK &&
            !is_canceled(take))
            fc_log(FC_LOG_WARNING, "picture of a symbol left out",
                   FC_KV("job_id", order->job_id.uuid.text), FC_KV("scene", order->scene_id),
                   FC_KV("symbol", symbol->key), FC_KV("error", error.text));
    }
    return pictures;
}

static void shoot(struct take *take)
{
    struct fc_animatic *animatic = fc_animatic_new(take->arena, &take->order, read_pictures(take));
    FC_AUTO(process) *encoder = NULL;
    struct fc_error error = {0};
    struct fc_process_plan plan = {
        .has_input = true,
        .timeout_ms = TIMEOUT_BASE_MS + TIMEOUT_PER_FRAME_MS * fc_animatic_n_frames(animatic),
        .nice = 5,
    };
    fc_status st;

    if (!write_text(take->subtitles_path, fc_animatic_subtitles(animatic, take->arena))) {
        give_up(take, "no_work_folder", true, strerror(errno));
        return;
    }
    plan.argv = encoder_of(take).argv;
    st = fc_process_start(&encoder, &plan, &error);
    if (st != FC_OK) {
        give_up(take, "no_encoder", st != FC_E_NOT_FOUND, error.text);
        return;
    }
    if (!feed_frames(take, animatic, encoder) && is_canceled(take)) {
        give_up(take, "canceled", true, "The take was canceled");
        return; /* the encoder is killed as it is freed */
    }
    fc_process_close_input(encoder);
    st = fc_process_wait(encoder, is_canceled, take, &error);
    report_encoder(take, encoder, st, &error);
}

static void *take_thread(void *context)
{
    struct take *take = context;

    shoot(take);
    (void)unlink(take->subtitles_path); /* may never have been written */
    if (take->report.state != FC_TAKE_DONE)
        (void)unlink(take->path);
    atomic_store(&take->has_ended, true);
    return NULL;
}

/* ---- the book of takes ---- */

static struct take **find(const char *ref)
{
    struct take **at = &takes;

    while (*at != NULL && strcmp((*at)->order.ref, ref) != 0)
        at = &(*at)->next;
    return at;
}

/* Takes the entry out of the book; the caller then owns it. With takes_lock held. */
static struct take *strike_at(struct take **at)
{
    struct take *take = *at;

    *at = take->next;
    n_takes--;
    return take;
}

static struct take *strike(const char *ref, bool only_ended)
{
    struct take **at, *take = NULL;

    pthread_mutex_lock(&takes_lock);
    at = find(ref);
    if (*at != NULL && (!only_ended || atomic_load(&(*at)->has_ended)))
        take = strike_at(at);
    pthread_mutex_unlock(&takes_lock);
    return take;
}

static void forget(struct take *take)
{
    (void)pthread_join(take->thread, NULL); /* it is ours and joinable */
    fc_arena_free(take->arena);
}

/* Makes room in a full book: the oldest take that has ended was never asked for again, because
 * whoever ordered it has given its job away. With takes_lock held. */
static void drop_oldest_ended(void)
{
    struct take **oldest = NULL;

    for (struct take **at = &takes; *at != NULL; at = &(*at)->next) {
        if (atomic_load(&(*at)->has_ended))
            oldest = at; /* new ones are put in front */
    }
    if (oldest == NULL)
        return;
    (void)unlink((*oldest)->path);
    forget(strike_at(oldest));
}

static struct fc_render_symbol *copy_symbols(struct fc_arena *arena,
                                             const struct fc_scene_order *order)
{
    struct fc_render_symbol *symbols = FC_NEW_ARRAY(arena, struct fc_render_symbol,
                                                    order->n_symbols);

    for (size_t i = 0; i < order->n_symbols; i++)
        symbols[i] = (struct fc_render_symbol){
            fc_copy(arena, order->symbols[i].key), fc_copy(arena, order->symbols[i].name),
            fc_copy(arena, order->symbols[i].prompt), fc_copy(arena, order->symbols[i].image_path)};
    return symbols;
}

static struct take *take_new(const struct fc_render_settings *settings,
                             const struct fc_scene_order *order)
{
    struct fc_arena *arena = fc_arena_new();
    struct take *take = FC_NEW(arena, struct take);

    take->arena = arena;
    take->settings = *settings;
    take->order = *order;
    take->order.scene_id = fc_copy(arena, order->scene_id);
    take->order.title = fc_copy(arena, order->title);
    take->order.text = fc_copy(arena, order->text);
    take->order.prompt = fc_copy(arena, order->prompt);
    take->order.negative = fc_copy(arena, order->negative);
    take->order.work_dir = fc_copy(arena, order->work_dir);
    take->order.symbols = copy_symbols(arena, order);
    take->order.references = NULL; /* not shown */
    take->order.n_references = 0;
    take->path = fc_printf(arena, "%s/%s-%d.take", order->work_dir, order->scene_id,
                           order->attempt);
    take->subtitles_path = fc_printf(arena, "%s.ass", take->path);
    return take;
}

/* ---- the renderer ---- */

static fc_status check(const struct fc_scene_order *order, struct fc_error *error)
{
    bool is_clip = order->kind == FC_RENDER_CLIP;

    if (order->ref[0] == '\0' || order->width < 64 || order->width > 1920 || order->height < 64 ||
        order->height > 1920 || order->width % 2 != 0 || order->height % 2 != 0)
        return fc_fail(error, FC_E_VALIDATION, "An animatic cannot be %dx%d", order->width,
                       order->height);
    if (is_clip && (order->fps <= 0 || order->fps > 60 || order->duration_ms <= 0 ||
                    order->duration_ms > 600000))
        return fc_fail(error, FC_E_VALIDATION, "A scene cannot last %lld ms at %d fps",
                       (long long)order->duration_ms, order->fps);
    return FC_OK;
}

static fc_status animatic_submit(const struct fc_render_settings *settings,
                                 struct fc_scene_order *order, struct fc_error *error)
{
    struct take *take;
    fc_status st = check(order, error);

    if (st != FC_OK)
        return st;
    pthread_mutex_lock(&takes_lock);
    if (*find(order->ref) != NULL) {
        pthread_mutex_unlock(&takes_lock);
        return FC_OK;
    }
    if (n_takes >= TAKES_MAX)
        drop_oldest_ended();
    take = n_takes < TAKES_MAX ? take_new(settings, order) : NULL;
    if (take != NULL && pthread_create(&take->thread, NULL, take_thread, take) == 0) {
        take->next = takes;
        takes = take;
        n_takes++;
    } else {
        st = fc_fail(error, FC_E_UNAVAILABLE, "Too many scenes are being drawn at once");
        fc_arena_free(take != NULL ? take->arena : NULL);
    }
    pthread_mutex_unlock(&takes_lock);
    return st;
}

static struct fc_take_report animatic_poll(const struct fc_render_settings *settings,
                                           const struct fc_scene_order *order)
{
    struct fc_take_report report = {.state = FC_TAKE_UNKNOWN};
    struct take *take;

    (void)settings;
    pthread_mutex_lock(&takes_lock);
    take = *find(order->ref);
    if (take != NULL && atomic_load(&take->has_ended)) {
        report = take->report;
    } else if (take != NULL) {
        report.state = FC_TAKE_RUNNING;
        report.percent = (double)atomic_load(&take->permille) / 10;
    }
    pthread_mutex_unlock(&takes_lock);
    return report;
}

static fc_status animatic_fetch(const struct fc_render_settings *settings,
                                const struct fc_scene_order *order, const char *path,
                                struct fc_error *error)
{
    struct take *take = strike(order->ref, true);
    fc_status st = FC_OK;

    (void)settings;
    if (take == NULL)
        return fc_fail(error, FC_E_NOT_FOUND, "Scene %s is not drawn", order->scene_id);
    if (take->report.state != FC_TAKE_DONE)
        st = fc_fail(error, FC_E_NOT_FOUND, "Scene %s could not be drawn: %s", order->scene_id,
                     take->report.message);
    else if (rename(take->path, path) != 0)
        st = fc_fail(error, FC_E_INTERNAL, "The clip of scene %s is gone: %s", order->scene_id,
                     strerror(errno));
    forget(take);
    return st;
}

static void animatic_cancel(const struct fc_render_settings *settings,
                            const struct fc_scene_order *order)
{
    struct take *take = strike(order->ref, false);

    (void)settings;
    if (take == NULL)
        return;
    atomic_store(&take->is_canceled, true);
    (void)pthread_join(take->thread, NULL);
    (void)unlink(take->path); /* there when it was done already */
    fc_arena_free(take->arena);
}

const struct fc_renderer fc_renderer_animatic = {
    .name = "animatic",
    .model = "animatic",
    .is_local = true,
    .is_mute = true,
    .submit = animatic_submit,
    .poll = animatic_poll,
    .fetch = animatic_fetch,
    .cancel = animatic_cancel,
};
