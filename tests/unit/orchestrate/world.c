#include "world.h"

#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <framecast/text.h>
#include <framecast/time.h>

#include "process/process.h"
#include "storage/file.h"

enum { TAKES_MAX = 64 };

struct fc_storage *storage;
struct fc_steps_settings settings;
const char *dir;

/* ---- jobs ---- */

static const char user[] = "0f2b6d5c-3a41-4d0e-8a77-51c0e9b7d3aa";

void create_job_of(const char *spec, const char *scenes, int credits)
{
    sql("DO $block$ BEGIN IF (SELECT outcome FROM fc_job_create('%s', 'framecast:user:%s', "
        "$spec$%s$spec$, '{\"resolution\": \"854x480\", \"quality\": \"draft\"}', %d, '%s', "
        "'animatic', 7, NULL, NULL, NULL, true, NULL, NULL, NULL)) <> 'ok' THEN "
        "RAISE EXCEPTION 'no job'; END IF; END $block$",
        user, user, spec, credits, scenes);
}

void create_job(int n_scenes)
{
    struct fc_buffer spec = fc_buffer_in(arena), scenes = fc_buffer_in(arena);

    if (n_scenes == 0) {
        create_job_of("{\"name\": \"Ada\", \"prompt\": \"a lighthouse keeper\"}",
                      "[{\"scene_id\": \"image\", \"seed\": 7}]", 4);
        return;
    }
    fc_put(&spec, "{\"title\": \"Letters\", \"scenes\": [");
    fc_put(&scenes, "[");
    for (int i = 0; i < n_scenes; i++) {
        fc_putf(&spec, "%s{\"id\": \"%c\", \"prompt\": \"the letter %c\", \"duration\": 1}",
                i > 0 ? "," : "", 'a' + i, 'a' + i);
        fc_putf(&scenes, "%s{\"scene_id\": \"%c\", \"seed\": %d}", i > 0 ? "," : "", 'a' + i,
                7 + i);
    }
    fc_put(&spec, "]}");
    fc_put(&scenes, "]");
    create_job_of(spec.data, scenes.data, 10 * n_scenes);
}

/* ---- the renderer ---- */

struct fake fake;

static struct {
    pthread_mutex_t lock;
    struct take {
        char ref[FC_RENDER_REF_SIZE]; /* "": free */
        bool is_still, fails;
        int polls;
    } takes[TAKES_MAX];
} studio = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *clip_path, *still_path; /* what it delivers */
const char *broken_clip_path;

static struct take *take_by_ref(const char *ref)
{
    for (int i = 0; i < TAKES_MAX; i++) {
        if (strcmp(studio.takes[i].ref, ref) == 0)
            return &studio.takes[i];
    }
    return NULL;
}

void fake_lose_all(void)
{
    pthread_mutex_lock(&studio.lock);
    memset(studio.takes, 0, sizeof studio.takes);
    pthread_mutex_unlock(&studio.lock);
}

static fc_status fake_submit(const struct fc_render_settings *render, struct fc_scene_order *order,
                             struct fc_error *why)
{
    struct take *take;

    (void)render;
    if (fake.is_full)
        return fc_fail(why, FC_E_UNAVAILABLE, "no room");
    pthread_mutex_lock(&studio.lock);
    take = take_by_ref(order->ref);
    if (take == NULL) {
        take = take_by_ref("");
        fake.n_submitted++;
        memcpy(take->ref, order->ref, sizeof take->ref);
        take->polls = 0;
        take->is_still = order->kind == FC_RENDER_STILL;
        take->fails = strcmp(order->scene_id, "a") == 0 && fake.n_failing > 0;
        fake.n_failing -= take->fails;
    }
    pthread_mutex_unlock(&studio.lock);
    return FC_OK;
}

static struct fc_take_report fake_poll(const struct fc_render_settings *render,
                                       const struct fc_scene_order *order)
{
    struct fc_take_report report = {.state = FC_TAKE_UNKNOWN};
    struct take *take;

    (void)render;
    pthread_mutex_lock(&studio.lock);
    take = take_by_ref(order->ref);
    if (take != NULL) {
        report.state = take->polls >= fake.polls_needed ? FC_TAKE_DONE : FC_TAKE_RUNNING;
        report.percent = 100.0 * take->polls++ / (fake.polls_needed + 1);
    }
    if (take != NULL && take->fails) {
        report = (struct fc_take_report){.state = FC_TAKE_FAILED,
                                         .may_repeat = !fake.is_users_fault,
                                         .is_users_fault = fake.is_users_fault,
                                         .code = "paint_ran_out",
                                         .message = "The paint ran out"};
        take->ref[0] = '\0';
    }
    pthread_mutex_unlock(&studio.lock);
    return report;
}

static fc_status copy(const char *from, const char *to, struct fc_error *why)
{
    const char *const argv[] = {"cp", from, to, NULL};
    FC_AUTO(arena) *own = fc_arena_new();

    return fc_process_run(own, &(struct fc_process_plan){.argv = argv}, NULL, why);
}

static fc_status fake_fetch(const struct fc_render_settings *render,
                            const struct fc_scene_order *order, const char *path,
                            struct fc_error *why)
{
    struct take *take;
    const char *file = NULL;

    (void)render;
    pthread_mutex_lock(&studio.lock);
    take = take_by_ref(order->ref);
    if (take != NULL) {
        file = fake.n_broken > 0 ? broken_clip_path : take->is_still ? still_path : clip_path;
        fake.n_broken -= fake.n_broken > 0;
        take->ref[0] = '\0';
    }
    pthread_mutex_unlock(&studio.lock);
    return take == NULL ? FC_E_NOT_FOUND : copy(file, path, why);
}

static void fake_cancel(const struct fc_render_settings *render, const struct fc_scene_order *order)
{
    struct take *take;

    (void)render;
    pthread_mutex_lock(&studio.lock);
    take = take_by_ref(order->ref);
    if (take != NULL) {
        take->ref[0] = '\0';
        fake.n_canceled++;
    }
    pthread_mutex_unlock(&studio.lock);
}

static const struct fc_renderer fake_renderer = {
    .name = "animatic",
    .model = "fake",
    .is_local = true,
    .submit = fake_submit,
    .poll = fake_poll,
    .fetch = fake_fetch,
    .cancel = fake_cancel,
};

static const struct fc_renderer *fake_by_name(const char *name)
{
    return strcmp(name, fake_renderer.name) == 0 ? &fake_renderer : NULL;
}

/* ---- runs ---- */

struct fc_job_run *claim(const char *worker)
{
    struct fc_job_run *run = FC_NEW(arena, struct fc_job_run);
    const struct fc_json *body;
    struct fc_outcome outcome;

    run->db = fc_db_new(database_url, worker);
    ck_assert_msg(fc_db_outcome(run->db, arena, FC_Q_DISPATCH_CLAIM,
                                FC_ARGS(fc_arg_text(worker), fc_arg_int(60), fc_arg_text(NULL)),
                                &outcome, &error) == FC_OK,
                  "%s", error.text);
    ck_assert_str_eq(outcome.outcome, "ok");
    ck_assert_int_eq(fc_json_parse(arena, outcome.body, strlen(outcome.body), &body, &error),
                     FC_OK);
    run->settings = &settings;
    run->storage = storage;
    run->arena = fc_arena_new();
    ck_assert(fc_uuid_parse(fc_json_string(fc_json_get(body, "job_id")), &run->job.uuid));
    run->lease = fc_json_string(fc_json_get(body, "lease"));
    return run;
}

void run_free(struct fc_job_run *run)
{
    fc_db_free(run->db);
    fc_arena_free(run->arena);
}

void crash(struct fc_job_run *run)
{
    fake_lose_all();
    sql("UPDATE job_dispatches SET lease_expires_at = clock_timestamp() WHERE job_id = '%s'",
        run->job.uuid.text);
    run_free(run);
}

static void short_pause(void *context)
{
    (void)context;
    usleep(2000);
}

enum fc_step drive(struct fc_job_run *run)
{
    return fc_drive(run, 2, short_pause, NULL);
}

bool is_stored(struct fc_job_run *run, const char *name)
{
    const char *key = fc_printf(arena, "user/%s/jobs/%s/%s", user, run->job.uuid.text, name);
    struct fc_object_info info;

    return storage->head(storage, (struct fc_object){settings.outputs_bucket, key}, &info,
                         &error) == FC_OK;
}

/* ---- fixtures ---- */

static void make_pictures(const char *folder)
{
    static const char clip[] = "testsrc2=size=640x360:rate=30:duration=1.2";
    const char *const clip_argv[] = {"ffmpeg", "-v", "error",    "-y",      "-f",      "lavfi",
                                     "-i",     clip, "-pix_fmt", "yuv420p", clip_path, NULL};
    const char *const still_argv[] = {"ffmpeg", "-v", "error",     "-y", "-f",       "lavfi",
                                      "-i",     clip, "-frames:v", "1",  still_path, NULL};
    FC_AUTO(arena) *own = fc_arena_new();

    (void)folder;
    ck_assert_msg(
        fc_process_run(own, &(struct fc_process_plan){.argv = clip_argv}, NULL, &error) == FC_OK &&
            fc_process_run(own, &(struct fc_process_plan){.argv = still_argv}, NULL, &error) ==
                FC_OK,
        "%s", error.text);
    ck_assert_int_eq(copy(clip_path, broken_clip_path, &error), FC_OK);
    ck_assert_int_eq(truncate(broken_clip_path, 1000), 0); /* without its table, which is last */
}

static char once_dir[] = "/tmp/framecast-orchestrate-XXXXXX";
static pid_t maker;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_once_dir(void)
{
    if (getpid() == maker) /* not the tests' processes, which inherit this */
        (void)nftw(once_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void world_once(void)
{
    static struct fc_arena *forever;

    if (forever != NULL)
        return; /* the first case was before */
    forever = fc_arena_new();
    maker = getpid();
    ck_assert_ptr_nonnull(mkdtemp(once_dir));
    (void)atexit(remove_once_dir);
    database_once("orchestrate");
    clip_path = fc_printf(forever, "%s/clip.mp4", once_dir);
    still_path = fc_printf(forever, "%s/still.png", once_dir);
    broken_clip_path = fc_printf(forever, "%s/broken.mp4", once_dir);
    make_pictures(once_dir);
}

void world_set_up(void)
{
    char name[] = "/tmp/framecast-orchestrate-XXXXXX";

    database_set_up();
    ck_assert_ptr_nonnull(mkdtemp(name));
    dir = fc_copy(arena, name);
    const struct fc_file_settings files = {
        .dir = fc_printf(arena, "%s/storage", dir),
        .secret = "secret",
        .base_url = "http://localhost:3000",
        .workers_base_url = "http://localhost:3000",
    };
    ck_assert_msg(fc_file_storage_new(&storage, &files, &error) == FC_OK, "%s", error.text);
    settings = (struct fc_steps_settings){
        .outputs_bucket = "framecast-outputs",
        .system_bucket = "framecast-system",
        .work_dir = fc_printf(arena, "%s/work", dir),
        .scene_attempts = 3,
        .render = {.ffmpeg = "ffmpeg", .ffprobe = "ffprobe"},
        .renderer_by_name = fake_by_name,
    };
    memset(&fake, 0, sizeof fake);
    fake_lose_all();
    sql("TRUNCATE users, usage, object_deletions CASCADE");
    sql("INSERT INTO users (id, email, tier, upgraded_at, credits) "
        "VALUES ('%s', 'ada@example.com', 'creator', now(), 1000)",
        user);
}

void world_tear_down(void)
{
    fc_storage_free(storage);
    ck_assert_int_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    database_tear_down();
}
