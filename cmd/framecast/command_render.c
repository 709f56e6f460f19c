/* render, and the commands that come to an existing job later: watch, retry, download. */
#include "client.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include <framecast/ids.h>

#include "api.h"
#include "download.h"
#include "follow.h"
#include "print.h"
#include "spec_file.h"
#include "terminal.h"

/* ---- the result ---- */

static void put_json_member(struct fc_buffer *b, const struct fc_json *json, const char *name)
{
    const struct fc_json *value = json != NULL ? fc_json_get(json, name) : NULL;

    fc_putf(b, ",\"%s\":", name);
    if (value != NULL)
        fc_put_compact(b, value);
    else
        fc_put(b, "null");
}

/* The last line of --json; @path is NULL when nothing was downloaded. */
static void print_json_result(const struct job *job, const struct fc_json *json, const char *path,
                              int64_t size_bytes)
{
    static const char *const members[] = {
        "status", "failure_type", "error", "credits_charged", "credits_refunded", "output", NULL};
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);

    fc_put(&b, "{\"type\":\"result\",\"job_id\":");
    fc_put_json(&b, job->id);
    for (const char *const *name = members; *name != NULL; name++)
        put_json_member(&b, json, *name);
    fc_put(&b, ",\"file\":");
    fc_put_json(&b, path);
    if (path != NULL)
        fc_putf(&b, ",\"size_bytes\":%" PRId64, size_bytes);
    fc_put(&b, "}");
    puts(b.data);
    fflush(stdout);
}

static void print_video(const struct client *client, const struct job *job,
                        const struct fc_json *json, const char *path, int64_t size_bytes)
{
    const struct fc_json *output = json_object(json, "output");
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);
    double seconds = json_number(output, "duration", -1);

    if (client->arguments.is_quiet) {
        puts(path);
        return;
    }
    fc_putf(&b, "%s  %s", path, text_of_bytes(arena, (double)size_bytes));
    if (seconds >= 0)
        fc_putf(&b, "  %.1f s", seconds);
    if (json_text(output, "resolution") != NULL)
        put_clean(&b, fc_printf(arena, "  %s", json_text(output, "resolution")));
    fc_putf(&b, "  %.0f credits", job->credits_charged);
    puts(b.data);
}

static enum exit_code complain_job(const struct job *job, const struct fc_json *json)
{
    const struct fc_json *error = json_object(json, "error");
    const char *message = json_text(error, "message"), *code = json_text(error, "code");
    const char *scene = json_text(error, "scene_id");

    if (strcmp(job->status, "canceled") == 0)
        complain("job %s was canceled", job->id);
    else
        complain("job %s failed: %s (%s)", job->id,
                 message != NULL ? message : "no reason was given",
                 code != NULL ? code : "unknown_error");
    if (scene != NULL)
        complain("it was scene '%s' that could not be rendered", scene);
    complain("%.0f of %.0f credits were refunded; what is finished is kept, go on with: framecast "
             "jobs retry %s",
             job->credits_refunded, job->credits_charged, job->id);
    return CLIENT_FAILED;
}

/* The job has ended: what became of it? @path NULL: its video is not wanted. */
static enum exit_code conclude(struct client *client, struct job *job, const char *path)
{
    const struct fc_json *json;
    int64_t size_bytes = 0;
    enum exit_code code = job_fetch(client, client->arena, job->id, job, &json);

    if (code != CLIENT_OK)
        return code;
    if (strcmp(job->status, "completed") != 0)
        code = complain_job(job, json);
    else if (path != NULL)
        code = download_video(client, job, json, path, &size_bytes);
    if (client->arguments.wants_json)
        print_json_result(job, json, code == CLIENT_OK ? path : NULL, size_bytes);
    else if (code == CLIENT_OK && path != NULL)
        print_video(client, job, json, path, size_bytes);
    else if (code == CLIENT_OK)
        printf("%s is completed\n", job->id);
    return code;
}

/* ---- a new job ---- */

static void print_new_job(const struct client *client, const struct job *job,
                          const struct api_answer *answer)
{
    if (answer->http.status == 200)
        tell(client, "this key was used before: job %s is followed, nothing new is paid for",
             job->id);
    if (client->arguments.wants_json) {
        FC_AUTO(arena) *arena = fc_arena_new();
        struct fc_buffer b = fc_buffer_in(arena);

        fc_put(&b, "{\"type\":\"job\",\"job\":");
        fc_put_compact(&b, answer->json);
        fc_put(&b, "}");
        puts(b.data);
        fflush(stdout);
    } else if (client->arguments.is_detached) {
        puts(job->id);
    }
}

/* A key of its own for each run: a request that is repeated after a broken connection finds the job
 * of the first. */
static const char *new_key(struct fc_arena *arena)
{
    unsigned char random[16];
    struct fc_uuid uuid;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        abort(); /* never for so few bytes */
    uuid = fc_uuid_from_random(random);
    return fc_printf(arena, "framecast-%s", uuid.text);
}

/* No answer came, and nobody knows whether the server acted. */
static bool may_have_arrived(const struct api_answer *answer, enum exit_code code)
{
    return code != CLIENT_OK && answer->http.fault != FC_FAULT_NONE &&
           answer->http.fault != FC_FAULT_CONNECT && answer->http.fault != FC_FAULT_TLS &&
           answer->http.fault != FC_FAULT_REQUEST;
}

/* POSTs @body to @path, then follows the new job to its video. @file is NULL when none was sent. */
static enum exit_code create_and_follow(struct client *client, const char *path, const char *body,
                                        const char *key, const struct spec_file *file,
                                        const char *video_path)
{
    struct job *job = FC_NEW(client->arena, struct job);
    struct api_answer answer;
    enum exit_code code = api_call(
        client->api, client->arena,
        &(struct api_request){.method = "POST", .path = path, .body = body, .idempotency_key = key},
        &answer);

    if (code == CLIENT_REFUSED && file != NULL && spec_file_complain(file, answer.json))
        return CLIENT_FAILED;
    if (may_have_arrived(&answer, code))
        complain("if the job was created all the same, this finds it: --idempotency-key %s", key);
    if (code != CLIENT_OK)
        return api_complain(client->api, &answer, code);
    code = job_accept(job, answer.json);
    if (code != CLIENT_OK)
        return code;
    print_new_job(client, job, &answer);
    if (client->arguments.is_detached) {
        tell(client, "follow it with: framecast jobs watch %s", job->id);
        return CLIENT_OK;
    }
    code = follow_job(client, job);
    return code == CLIENT_OK ? conclude(client, job, video_path) : code;
}

static const char *key_of(struct client *client, const struct fc_json *own)
{
    if (client->arguments.idempotency_key != NULL)
        return client->arguments.idempotency_key;
    if (own != NULL && fc_json_type(own) == FC_JSON_STRING)
        return fc_json_string(own);
    return new_key(client->arena);
}

/* framecast render FILE */
enum exit_code command_render(struct client *client)
{
    static const char *const members[] = {"owner", "max_credits", NULL};
    const char *video_path = NULL;
    struct spec_file file;
    enum exit_code code = spec_file_read(client, client->arguments.word, &file);

    if (code == CLIENT_OK && !client->arguments.is_detached)
        code = download_choose_path(client, spec_file_title(&file), &video_path);
    if (code != CLIENT_OK)
        return code;
    return create_and_follow(client, "/v1/generate", spec_file_request(client, &file, members),
                             key_of(client, spec_file_member(&file, "idempotency_key")), &file,
                             video_path);
}

/* framecast jobs retry ID */
enum exit_code command_jobs_retry(struct client *client)
{
    struct job *failed = FC_NEW(client->arena, struct job);
    const char *id = client->arguments.word, *video_path = NULL, *body = NULL;
    const struct fc_json *json;
    enum exit_code code = job_fetch(client, client->arena, id, failed, &json);

    if (code == CLIENT_OK && !client->arguments.is_detached)
        code = download_choose_path(client, failed->title, &video_path);
    if (code != CLIENT_OK)
        return code;
    if (client->arguments.max_credits != UNSET)
        body = fc_printf(client->arena, "{\"max_credits\":%" PRId64 "}",
                         client->arguments.max_credits);
    return create_and_follow(client, job_path(client->arena, id, "/retry"), body,
                             key_of(client, NULL), NULL, video_path);
}

/* ---- an existing job ---- */

/* framecast jobs watch ID */
enum exit_code command_jobs_watch(struct client *client)
{
    struct job *job = FC_NEW(client->arena, struct job);
    const char *video_path = NULL;
    const struct fc_json *json;
    enum exit_code code = job_fetch(client, client->arena, client->arguments.word, job, &json);

    if (code == CLIENT_OK && client->arguments.output != NULL)
        code = download_choose_path(client, job->title, &video_path);
    if (code == CLIENT_OK)
        code = follow_job(client, job);
    return code == CLIENT_OK ? conclude(client, job, video_path) : code;
}

/* framecast jobs download ID */
enum exit_code command_jobs_download(struct client *client)
{
    struct job *job = FC_NEW(client->arena, struct job);
    const char *video_path = NULL;
    const struct fc_json *json;
    enum exit_code code = job_fetch(client, client->arena, client->arguments.word, job, &json);

    if (code != CLIENT_OK)
        return code;
    if (!job_has_ended(job)) {
        complain("job %s is still %s; follow it with: framecast jobs watch %s -o FILE", job->id,
                 job->status, job->id);
        return CLIENT_FAILED;
    }
    if (strcmp(job->status, "completed") == 0)
        code = download_choose_path(client, job->title, &video_path);
    return code == CLIENT_OK ? conclude(client, job, video_path) : code;
}
