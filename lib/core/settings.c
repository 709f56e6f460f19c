/* The one table of settings, and the one place that reads the environment. */
#include <framecast/settings.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>

enum type { TEXT, URL, WORD, INTEGER, SECRET };

struct setting {
    const char *variable;
    enum type type;
    size_t at;
    const char *unset; /* value when it is not set; NULL: none */
    const char *meaning;
    bool required;
    int64_t min, max;  /* integers: the range; secrets: least length */
    const char *words; /* WORD: what is known, separated by blanks */
};

#define AT(member) offsetof(struct fc_settings, member)
#define POSITIVE .min = 1, .max = INT32_MAX
#define COUNT .min = 0, .max = INT32_MAX

#define ROW(name, kind, place, otherwise, what, ...)                                               \
    {                                                                                              \
        .variable = (name), .type = (kind), .at = (place), .unset = (otherwise),                   \
        .meaning = (what), __VA_ARGS__                                                             \
    }

static const struct setting table[] = {
    /* server */
    ROW("ENVIRONMENT", WORD, AT(environment), "development",
        "where this runs; changes no default, only warnings",
     .words = "development test staging production"),
    ROW("DATABASE_URL", SECRET, AT(database_url), NULL, "PostgreSQL connection", .required = true),
    ROW("PORT", INTEGER, AT(port), "3000", "TCP port the API listens on", .min = 1, .max = 65535),
    ROW("METRICS_PORT", INTEGER, AT(metrics_port), "0",
        "a port of its own for /metrics, which then leaves PORT; 0: none",
     .min = 0, .max = 65535),
    ROW("API_BASE_URL", URL, AT(api_base_url), NULL,
        "where clients reach this server; default http://localhost:<PORT>"),
    ROW("CORS_ALLOWED_ORIGINS", TEXT, AT(cors_allowed_origins), "http://localhost:3000",
        "origins, comma-separated"),
    ROW("RATE_LIMIT_STARTER_RPM", INTEGER, AT(rate_limit_starter_rpm), "60",
        "requests a minute of a starter; 0: no limit",
     COUNT),
    ROW("RATE_LIMIT_CREATOR_RPM", INTEGER, AT(rate_limit_creator_rpm), "300",
        "requests a minute of a creator; 0: no limit",
     COUNT),
    ROW("RATE_LIMIT_ANONYMOUS_RPM", INTEGER, AT(rate_limit_anonymous_rpm), "30",
     "requests a minute and address that fail authentication; 0: no limit", COUNT),
    ROW("SSE_MAX_DURATION_SECONDS", INTEGER, AT(sse_max_duration_seconds), "900",
        "longest event stream", POSITIVE),
    ROW("LOG_LEVEL", WORD, AT(log_level), "info", "least level that is logged",
        .words = "debug info warning error"),
    ROW("FRONT_LOOPS", INTEGER, AT(front_loops), "0", "event loops; 0: one per core, at most 8",
        .min = 0, .max = 64),
    ROW("FRONT_WORKERS", INTEGER, AT(front_workers), "4", "threads for requests that block",
        .min = 1, .max = 64),
    ROW("DATABASE_READ_CONNECTIONS", INTEGER, AT(database_read_connections), "1",
        "connections for reads, per event loop",
        .min = 1, .max = 16),
    ROW("DATABASE_WRITE_CONNECTIONS", INTEGER, AT(database_write_connections), "2",
        "connections for writes, per event loop, opened as needed",
        .min = 1, .max = 64),
    /* identity */
    ROW("JWT_SECRET", SECRET, AT(jwt_secret), NULL,
        "HS256 secret of the tokens; master of derived keys", .required = true,
     .min = 1),
    ROW("JWT_ISSUER", TEXT, AT(jwt_issuer), NULL, "expected iss; unset: not looked at"),
    ROW("JWT_AUDIENCE", TEXT, AT(jwt_audience), NULL, "expected aud; unset: any"),
    /* jobs and rendering */
    ROW("JOB_TIMEOUT_SECONDS", INTEGER, AT(job_timeout_seconds), "1800",
        "longest processing of a job", POSITIVE),
    ROW("JOB_QUEUE_TIMEOUT_SECONDS", INTEGER, AT(job_queue_timeout_seconds), "3600",
        "longest waiting of a job", POSITIVE),
    ROW("JOB_SWEEP_INTERVAL_SECONDS", INTEGER, AT(job_sweep_interval_seconds), "15",
        "pause between two sweeps", POSITIVE),
    ROW("ORCHESTRATOR_PROVIDER", WORD, AT(orchestrator_provider), "embedded", "who drives a run",
        .words = "embedded"),
    ROW("RENDER_PROVIDER", WORD, AT(render_provider), "animatic", "what makes the pictures",
        .words = "animatic external"),
    ROW("RENDER_WORKERS", INTEGER, AT(render_workers), "2",
        "jobs that this process renders side by side; 0: none", .min = 0,
     .max = 64),
    ROW("RENDER_PARALLEL_SCENES", INTEGER, AT(render_parallel_scenes), "2",
        "scenes of one job rendered side by side", .min = 1,
     .max = 50),
    ROW("RENDER_SCENE_ATTEMPTS", INTEGER, AT(render_scene_attempts), "3", "attempts per scene",
        .min = 1, .max = 20),
    ROW("RENDER_LEASE_SECONDS", INTEGER, AT(render_lease_seconds), "60",
        "lease of a claimed or handed-out job", POSITIVE),
    ROW("RENDER_CALLBACK_BASE_URL", URL, AT(render_callback_base_url), NULL,
     "where workers reach this server; default API_BASE_URL"),
    ROW("RENDER_WORKER_KEY", SECRET, AT(render_worker_key), NULL,
        "key of /internal/render/next; needed for external",
     .min = 32),
    ROW("CALLBACK_SECRET", SECRET, AT(callback_secret), NULL,
        "secret of callback tokens; default derived from JWT_SECRET",
     .min = 32),
    ROW("CALLBACK_SECRET_PREVIOUS", SECRET, AT(callback_secret_previous), NULL,
        "the one before, during a rotation"),
    ROW("FFMPEG", TEXT, AT(ffmpeg), "ffmpeg", "program"),
    ROW("FFPROBE", TEXT, AT(ffprobe), "ffprobe", "program"),
    ROW("ESPEAK", TEXT, AT(espeak), "espeak-ng",
        "program that speaks the dialogue of animatics; silence where it is missing"),
    ROW("WORK_DIR", TEXT, AT(work_dir), "var/work", "folder for files under way"),
    /* storage */
    ROW("STORAGE_PROVIDER", WORD, AT(storage_provider), "file", "where objects live",
        .words = "file"),
    ROW("STORAGE_DIR", TEXT, AT(storage_dir), "var/storage", "folder of the file storage"),
    ROW("S3_BUCKET_OUTPUTS", TEXT, AT(s3_bucket_outputs), "framecast-outputs",
        "bucket of uploads and job outputs"),
    ROW("S3_BUCKET_SYSTEM", TEXT, AT(s3_bucket_system), "framecast-system",
        "bucket of system assets"),
    /* prices and forecast */
    ROW("CREDITS_PER_SECOND_480P", INTEGER, AT(credits_per_second_480p), "1",
        "credits a second, class 480", POSITIVE),
    ROW("CREDITS_PER_SECOND_720P", INTEGER, AT(credits_per_second_720p), "2",
        "credits a second, class 720", POSITIVE),
    ROW("CREDITS_PER_SECOND_1080P", INTEGER, AT(credits_per_second_1080p), "4",
        "credits a second, class 1080", POSITIVE),
    ROW("CREDITS_FPS_60_PERCENT", INTEGER, AT(credits_fps_60_percent), "200",
        "price factor of 60 fps", POSITIVE),
    ROW("CREDITS_QUALITY_DRAFT_PERCENT", INTEGER, AT(credits_quality_draft_percent), "50",
        "price factor of draft", POSITIVE),
    ROW("CREDITS_QUALITY_STANDARD_PERCENT", INTEGER, AT(credits_quality_standard_percent), "100",
        "price factor of standard",
     POSITIVE),
    ROW("CREDITS_QUALITY_HIGH_PERCENT", INTEGER, AT(credits_quality_high_percent), "150",
        "price factor of high", POSITIVE),
    ROW("CREDITS_MIN_PER_SCENE", INTEGER, AT(credits_min_per_scene), "2",
        "least price of a scene", POSITIVE),
    ROW("CREDITS_PER_IMAGE", INTEGER, AT(credits_per_image), "2", "price of an image job",
        POSITIVE),
    ROW("GENERATION_BASE_SECONDS", INTEGER, AT(generation_base_seconds), "30",
        "forecast: every job", POSITIVE),
    ROW("GENERATION_PER_SCENE_SECONDS", INTEGER, AT(generation_per_scene_seconds), "2",
        "forecast: each scene", POSITIVE),
    ROW("GENERATION_PERCENT_480P", INTEGER, AT(generation_percent_480p), "50",
        "forecast: share of the length, class 480",
     POSITIVE),
    ROW("GENERATION_PERCENT_720P", INTEGER, AT(generation_percent_720p), "100",
        "forecast: share of the length, class 720",
     POSITIVE),
    ROW("GENERATION_PERCENT_1080P", INTEGER, AT(generation_percent_1080p), "200",
        "forecast: share of the length, class 1080",
     POSITIVE),
    ROW("GENERATION_FPS_60_PERCENT", INTEGER, AT(generation_fps_60_percent), "150",
        "forecast: factor of 60 fps", POSITIVE),
};

enum { N_SETTINGS = sizeof table / sizeof *table };

static const char **text_at(struct fc_settings *settings, const struct setting *setting)
{
    return (const char **)(void *)((char *)settings + setting->at);
}

static bool is_one_of(const char *word, const char *words)
{
    size_t n = strlen(word);

    for (const char *at = words; *at != '\0'; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == n && strncmp(at, word, n) == 0)
            return true;
    return false;
}

static bool is_url(const char *text)
{
    const char *host = fc_text_starts(text, "https://")  ? text + 8
                       : fc_text_starts(text, "http://") ? text + 7
                                                         : "";

    for (const char *at = text; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || strchr("\"\\<>", *at) != NULL)
            return false;
    return host[0] != '\0' && host[0] != '/';
}

static void read_integer(struct fc_settings *settings, const struct setting *setting,
                         const char *text, struct fc_buffer *problems)
{
    int64_t *at = (int64_t *)(void *)((char *)settings + setting->at), value;

    if (!fc_int_parse(text, &value) || value < setting->min || value > setting->max)
        fc_putf(problems, "%s must be a whole number from %lld to %lld\n", setting->variable,
                (long long)setting->min, (long long)setting->max);
    else
        *at = value;
}

static void read_setting(struct fc_arena *arena, struct fc_settings *settings,
                         const struct setting *setting, struct fc_buffer *problems)
{
    const char *set = getenv(setting->variable),
               *text = set != NULL && set[0] != '\0' ? set : setting->unset;
    char *copy = fc_copy(arena, text);

    if (text == NULL) {
        if (setting->required)
            fc_putf(problems, "%s is required: %s\n", setting->variable, setting->meaning);
        return;
    }
    if (setting->type == INTEGER) {
        read_integer(settings, setting, text, problems);
        return;
    }
    if (setting->type == WORD && !is_one_of(text, setting->words))
        fc_putf(problems, "%s must be one of: %s\n", setting->variable, setting->words);
    if (setting->type == SECRET && (int64_t)strlen(text) < setting->min)
        fc_putf(problems, "%s must have at least %lld characters\n", setting->variable,
                (long long)setting->min);
    if (setting->type == URL && !is_url(text))
        fc_putf(problems,
                "%s must be a URL that begins with http:// or https:// and needs no escapes\n",
                setting->variable);
    if (setting->type == URL)
        while (copy[0] != '\0' && copy[strlen(copy) - 1] == '/')
            copy[strlen(copy) - 1] = '\0';
    *text_at(settings, setting) = copy;
}

fc_status fc_settings_read(struct fc_arena *arena, struct fc_settings *settings,
                           struct fc_buffer *problems)
{
    *settings = (struct fc_settings){0};
    for (int i = 0; i < N_SETTINGS; i++)
        read_setting(arena, settings, &table[i], problems);
    if (settings->api_base_url == NULL)
        settings->api_base_url = fc_printf(arena, "http://localhost:%lld",
                                           (long long)settings->port);
    if (settings->render_callback_base_url == NULL)
        settings->render_callback_base_url = settings->api_base_url;
    if (fc_text_equal(settings->render_provider, "external") && settings->render_worker_key == NULL)
        fc_put(problems, "RENDER_WORKER_KEY is required with RENDER_PROVIDER=external\n");
    return problems->n == 0 ? FC_OK : FC_E_VALIDATION;
}

static const char *shown(struct fc_settings *settings, const struct setting *setting, char *number,
                         size_t size)
{
    const char *text;

    if (setting->type == INTEGER) {
        (void)snprintf(number, size, "%lld",
                       (long long)*(int64_t *)(void *)((char *)settings + setting->at));
        return number;
    }
    text = *text_at(settings, setting);
    if (text == NULL)
        return "-";
    return setting->type == SECRET ? "(set)" : text;
}

void fc_settings_print(FILE *out, const struct fc_settings *settings)
{
    struct fc_settings copy = *settings;
    char number[32];

    for (int i = 0; i < N_SETTINGS; i++)
        (void)fprintf(out, "%-33s %-28s %s%s\n", table[i].variable,
                      shown(&copy, &table[i], number, sizeof number), table[i].meaning,
                      table[i].required ? " (required)" : "");
}
