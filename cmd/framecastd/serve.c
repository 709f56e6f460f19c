/* The server: settings, schema, storage, the back, the front; then it waits for a signal and lets
 * go in reverse. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <framecast/log.h>
#include <framecast/text.h>
#include <framecast/version.h>

#include "account/account.h"
#include "auth/context.h"
#include "db/migrate.h"
#include "framecastd.h"
#include "job/job.h"
#include "media/media.h"
#include "orchestrate/embedded.h"
#include "storage/file.h"

enum {
    LOOPS_MAX = 8,
    GRACE_MS = 10000, /* for requests under way when the server is to stop */
    DRAIN_MS = 1000,  /* for the reader of its last log lines */
    STREAMS_PER_USER = 20,
    FLUSH_SECONDS = 5,     /* between two flushes of the counted requests */
    FLUSH_LIMIT_MS = 2000, /* a signal waits no longer for one of them */
    START_LIMIT_MS = 30000,
};

const struct fc_route *const fc_all_routes[] = {fc_service_routes, fc_account_routes, fc_key_routes,
                                                fc_spec_routes,    fc_create_routes,  fc_job_routes,
                                                fc_machine_routes, fc_media_routes,   NULL};

int command_settings(const struct command *command)
{
    fc_settings_print(stdout, command->settings);
    return EXIT_OK;
}

int command_routes(const struct command *command)
{
    (void)command;
    for (const struct fc_route *const *table = fc_all_routes; *table != NULL; table++)
        for (const struct fc_route *route = *table; route->path != NULL; route++)
            (void)printf("%s %s\n", fc_route_method(route), route->path);
    return EXIT_OK;
}

static enum fc_log_level log_level(const char *name)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    int level = FC_LOG_DEBUG;

    while (level < FC_LOG_ERROR && strcmp(names[level], name) != 0)
        level++;
    return (enum fc_log_level)level;
}

/* The schema must be this version's; the catalogue of sounds is completed. */
static fc_status check_schema(const struct command *command, struct fc_error *error)
{
    FC_AUTO(db) *db = fc_db_new(command->settings->database_url, "framecastd start");
    struct fc_schema_state state;
    struct fc_rows rows;
    fc_status st;

    fc_db_limit(db, START_LIMIT_MS);
    st = fc_schema_look(db, &state, error);
    if (st != FC_OK)
        return st;
    if (state.foreign > 0)
        return fc_fail(
            error, FC_E_CONFLICT,
            "the database belongs to a newer version: %d of its migrations are unknown here",
            state.foreign);
    if (state.applied < state.known)
        return fc_fail(
            error, FC_E_CONFLICT,
            "%d of %d migrations are missing in the database: run 'framecastd migrate' first",
            state.known - state.applied, state.known);
    return fc_db_run(db, command->arena, FC_Q_SYSTEM_ASSETS_SEED, FC_NO_ARGS, &rows, error);
}

static void warn_of_defaults(const struct fc_settings *settings)
{
    if (strcmp(settings->environment, "staging") != 0 &&
        strcmp(settings->environment, "production") != 0)
        return;
    fc_log(FC_LOG_WARNING, "embedded defaults are in use",
           FC_KV("environment", settings->environment),
           FC_KV("renderer", strcmp(settings->render_provider, "animatic") == 0 ? "animatic" : "-"),
           FC_KV("storage", strcmp(settings->storage_provider, "file") == 0 ? "file" : "-"));
}

static fc_status open_storage(struct fc_storage **storage, const struct fc_settings *settings,
                              struct fc_error *error)
{
    struct fc_file_settings file = {.dir = settings->storage_dir,
                                    .secret = settings->jwt_secret,
                                    .base_url = settings->api_base_url,
                                    .workers_base_url = settings->render_callback_base_url};

    return fc_file_storage_new(storage, &file, error);
}

static fc_status start_runner(struct fc_runner **runner, const struct fc_settings *settings,
                              struct fc_storage *storage, struct fc_error *error)
{
    struct fc_runner_config config = {
        .database_url = settings->database_url,
        .storage = storage,
        .steps = {.outputs_bucket = settings->s3_bucket_outputs,
                  .system_bucket = settings->s3_bucket_system,
                  .work_dir = settings->work_dir,
                  .scene_attempts = (int)settings->render_scene_attempts,
                  .render = {.ffmpeg = settings->ffmpeg,
                             .ffprobe = settings->ffprobe,
                             .espeak = settings->espeak}},
        .n_workers = (int)settings->render_workers,
        .parallel_scenes = (int)settings->render_parallel_scenes,
        .lease_seconds = (int)settings->render_lease_seconds,
        .sweep_interval_seconds = (int)settings->job_sweep_interval_seconds,
        .job_timeout_seconds = (int)settings->job_timeout_seconds,
        .queue_timeout_seconds = (int)settings->job_queue_timeout_seconds,
    };

    return fc_runner_start(runner, &config, error);
}

static int n_loops(const struct fc_settings *settings)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (settings->front_loops > 0)
        return (int)settings->front_loops;
    return cores < 1 ? 1 : cores > LOOPS_MAX ? LOOPS_MAX : (int)cores;
}

static fc_status start_front(struct fc_server **server, const struct fc_settings *settings,
                             struct fc_context *context, const struct fc_stream_source *streams,
                             struct fc_error *error)
{
    struct fc_server_config config = {
        .port = (int)settings->port,
        .metrics_port = (int)settings->metrics_port,
        .n_loops = n_loops(settings),
        .n_workers = (int)settings->front_workers,
        .pipes = {.url = settings->database_url,
                  .n_read = (int)settings->database_read_connections,
                  .n_write = (int)settings->database_write_connections},
        .cors_origins = settings->cors_allowed_origins,
        .routes = fc_all_routes,
        .gate = &fc_auth_gate,
        .streams = streams,
        .context = context,
    };

    return fc_server_start(server, &config, error);
}

static void wake_runner(void *runner)
{
    fc_runner_wake(runner);
}

/* Until SIGTERM or SIGINT; on the way the counted API calls are written every few seconds. */
static void wait_for_signal(const sigset_t *signals, struct fc_auth *auth, struct fc_db *db)
{
    struct timespec pause = {.tv_sec = FLUSH_SECONDS};
    int got;

    do {
        got = sigtimedwait(signals, NULL, &pause);
        (void)fc_auth_flush_usage(auth, db, NULL); /* what cannot be written now is counted on */
    } while (got < 0);
    fc_log(FC_LOG_INFO, "stopping", FC_KV("signal", got == SIGTERM ? "SIGTERM" : "SIGINT"));
}

static int failed(const struct fc_error *error)
{
    fc_log(FC_LOG_ERROR, "the server cannot start", FC_KV("error", error->text));
    fc_log_stop(DRAIN_MS);
    return EXIT_FAILED;
}

int command_serve(const struct command *command)
{
    const struct fc_settings *settings = command->settings;
    struct fc_stream_source streams = {.events = FC_Q_JOB_EVENTS_AFTER,
                                       .still_visible = FC_Q_JOB_STREAMS_VISIBLE,
                                       .channel = "fc_job_events",
                                       .max_seconds = (int)settings->sse_max_duration_seconds,
                                       .max_per_user = STREAMS_PER_USER};
    FC_AUTO(db) *db = fc_db_new(settings->database_url, "framecastd usage");
    FC_AUTO(auth) *auth = NULL;
    FC_AUTO(storage) *storage = NULL;
    FC_AUTO(server) *server = NULL;
    struct fc_runner *runner = NULL;
    struct fc_context context = {.settings = settings};
    struct fc_error error;
    sigset_t signals;

    fc_arenas_keep_memory();
    fc_log_to(STDOUT_FILENO, log_level(settings->log_level));
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals,
                          NULL); /* before any thread: all of them inherit it */
    warn_of_defaults(settings);
    fc_db_limit(db, FLUSH_LIMIT_MS);
    if (fc_log_start(&error) != FC_OK || check_schema(command, &error) != FC_OK ||
        fc_auth_open(&auth, settings, &error) != FC_OK ||
        open_storage(&storage, settings, &error) != FC_OK ||
        start_runner(&runner, settings, storage, &error) != FC_OK)
        return failed(&error);
    context.auth = auth;
    context.storage = storage;
    context.job_links = fc_job_link_paths(command->arena);
    context.waker = runner;
    if (!fc_text_equal(settings->render_provider, "external"))
        context.wake = wake_runner; /* new jobs are ours to render */
    if (start_front(&server, settings, &context, &streams, &error) != FC_OK) {
        fc_runner_stop(runner);
        return failed(&error);
    }
    fc_log(FC_LOG_INFO, "listening", FC_KV("version", FC_VERSION),
           FC_KV_INT("port", settings->port), FC_KV("renderer", settings->render_provider),
           FC_KV("url", settings->api_base_url));
    wait_for_signal(&signals, auth, db);
    /* Before slow clients are waited for: who kills us for it shall find no job in our hands. */
    fc_runner_halt(runner);
    fc_server_stop(server, GRACE_MS);
    fc_runner_stop(runner);
    (void)fc_auth_flush_usage(auth, db, NULL);
    fc_log(FC_LOG_INFO, "stopped");
    fc_log_stop(DRAIN_MS);
    return EXIT_OK;
}
