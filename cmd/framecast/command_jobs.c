/* jobs list, get and cancel, and whoami: one question, one answer. */
#include "client.h"

#include <inttypes.h>
#include <stdio.h>

#include "api.h"
#include "follow.h"
#include "print.h"
#include "terminal.h"

/* ---- list ---- */

enum { LIST_DEFAULT = 20, PAGE_MAX = 100, TITLE_CELLS = 40 };

static const char *or_dash(const char *text)
{
    return text != NULL && *text != '\0' ? text : "-";
}

static void put_parameter(struct fc_buffer *b, const char *name, const char *value)
{
    if (value == NULL)
        return;
    fc_putf(b, "&%s=", name);
    fc_put_url(b, value, false);
}

static const char *page_path(struct fc_arena *arena, const struct arguments *given, int64_t n,
                             const char *cursor)
{
    struct fc_buffer b = fc_buffer_in(arena);

    fc_putf(&b, "/v1/jobs?limit=%" PRId64, n < PAGE_MAX ? n : PAGE_MAX);
    put_parameter(&b, "status", given->status);
    put_parameter(&b, "owner", given->owner);
    put_parameter(&b, "cursor", cursor);
    return b.data;
}

static void print_row(const struct fc_json *json)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_buffer b = fc_buffer_in(arena);

    put_clean_padded(&b, or_dash(json_text(json, "id")), 36);
    fc_put(&b, "  ");
    put_clean_padded(&b, or_dash(json_text(json, "status")), 10);
    fc_putf(&b, "  %3.0f%%  %7.0f  ", json_number(json_object(json, "progress"), "percent", 0),
            json_number(json, "credits_charged", 0) - json_number(json, "credits_refunded", 0));
    put_clean_padded(&b, text_of_timestamp(arena, json_text(json, "created_at")), 16);
    fc_put(&b, "  ");
    put_clean_cut(&b, or_dash(json_text(json_object(json, "spec_snapshot"), "title")), TITLE_CELLS);
    puts(b.data);
}

/* Prints one page; *@cursor becomes that of the next one, or NULL. */
static enum exit_code list_page(struct client *client, int64_t *left, const char **cursor)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct api_answer answer;
    const char *next;
    enum exit_code code = api_call_or_complain(
        client->api, arena,
        &(struct api_request){.path = page_path(arena, &client->arguments, *left, *cursor)},
        &answer);

    if (code != CLIENT_OK)
        return code;
    if (answer.json == NULL || fc_json_type(answer.json) != FC_JSON_ARRAY) {
        complain("the server's answer is no list of jobs");
        return CLIENT_UNREACHABLE;
    }
    for (const struct fc_json *job = fc_json_first(answer.json); job != NULL && *left > 0;
         job = fc_json_next(job), --*left) {
        if (client->arguments.wants_json)
            print_json(job);
        else
            print_row(job);
    }
    next = fc_outbound_header(arena, &answer.http, "X-Next-Cursor");
    *cursor = next != NULL ? fc_copy(client->arena, next) : NULL;
    return CLIENT_OK;
}

/* framecast jobs list */
enum exit_code command_jobs_list(struct client *client)
{
    int64_t left = client->arguments.limit != UNSET ? client->arguments.limit : LIST_DEFAULT;
    const char *cursor = NULL;
    bool has_printed_head = false;

    while (left > 0) {
        enum exit_code code;

        if (!has_printed_head && !client->arguments.wants_json && !client->arguments.is_quiet)
            puts("ID                                    STATUS      DONE  CREDITS  CREATED (UTC)   "
                 "  TITLE");
        has_printed_head = true;
        code = list_page(client, &left, &cursor);
        if (code != CLIENT_OK || cursor == NULL)
            return code;
    }
    return CLIENT_OK;
}

/* ---- get ---- */

static void put_pair(struct fc_buffer *b, const char *name, const char *value)
{
    if (value == NULL)
        return;
    fc_putf(b, "%-12s ", name);
    put_clean(b, value);
    fc_put_char(b, '\n');
}

static void put_scenes(struct fc_buffer *b, const struct fc_json *scenes)
{
    if (scenes == NULL || fc_json_count(scenes) == 0)
        return;
    fc_put(b, "\nSCENE                 STATUS      DONE  ATTEMPT\n");
    for (const struct fc_json *scene = fc_json_first(scenes); scene != NULL;
         scene = fc_json_next(scene)) {
        const char *message = json_text(json_object(scene, "error"), "message");

        put_clean_padded(b, or_dash(json_text(scene, "scene_id")), 20);
        fc_put(b, "  ");
        put_clean_padded(b, or_dash(json_text(scene, "status")), 10);
        fc_putf(b, "  %3.0f%%  %7.0f", json_number(scene, "progress", 0),
                json_number(scene, "attempt", 0));
        if (message != NULL)
            put_clean(b, fc_printf(b->arena, "  %s", message));
        fc_put_char(b, '\n');
    }
}

static void print_job(struct fc_arena *arena, const struct job *job, const struct fc_json *json)
{
    const struct fc_json *error = json_object(json, "error"), *output = json_object(json, "output");
    struct fc_buffer b = fc_buffer_in(arena);

    put_pair(&b, "id", job->id);
    put_pair(&b, "title", job->title[0] != '\0' ? job->title : NULL);
    put_pair(&b, "status", job->status);
    put_pair(&b, "progress", fc_printf(arena, "%.0f %%", job->percent));
    if (!job_has_ended(job))
        put_pair(&b, "phase", job->phase);
    put_pair(&b, "owner", json_text(json, "owner"));
    put_pair(&b, "credits",
             fc_printf(arena, "%.0f charged, %.0f refunded", job->credits_charged,
                       job->credits_refunded));
    put_pair(&b, "created", json_text(json, "created_at"));
    put_pair(&b, "started", json_text(json, "started_at"));
    put_pair(&b, "ended", json_text(json, "completed_at"));
    put_pair(&b, "retry of", json_text(json, "parent_job_id"));
    if (error != NULL)
        put_pair(&b, "error",
                 fc_printf(arena, "%s (%s)", or_dash(json_text(error, "message")),
                           or_dash(json_text(error, "code"))));
    if (json_number(json, "output_size_bytes", -1) >= 0)
        put_pair(&b, "size", text_of_bytes(arena, json_number(json, "output_size_bytes", 0)));
    put_pair(&b, "video", json_text(output, "video_url"));
    put_scenes(&b, json_array(json, "scenes"));
    fputs(b.data, stdout);
}

/* framecast jobs get ID */
enum exit_code command_jobs_get(struct client *client)
{
    struct job *job = FC_NEW(client->arena, struct job);
    const struct fc_json *json;
    enum exit_code code = job_fetch(client, client->arena, client->arguments.word, job, &json);

    if (code != CLIENT_OK)
        return code;
    if (client->arguments.wants_json)
        print_json(json);
    else
        print_job(client->arena, job, json);
    return CLIENT_OK;
}

/* ---- cancel ---- */

/* framecast jobs cancel ID */
enum exit_code command_jobs_cancel(struct client *client)
{
    struct job *job = FC_NEW(client->arena, struct job);
    const struct fc_json *json;
    enum exit_code code = job_cancel(client, client->arguments.word, job, &json);

    if (code == CLIENT_OK && client->arguments.wants_json)
        print_json(json);
    else if (code == CLIENT_OK)
        puts(job_cancel_text(client->arena, job));
    return code;
}

/* ---- whoami ---- */

static void put_scopes(struct fc_buffer *b, const struct fc_json *scopes)
{
    if (scopes == NULL)
        return;
    for (const struct fc_json *scope = fc_json_first(scopes); scope != NULL;
         scope = fc_json_next(scope)) {
        if (b->n > 0)
            fc_put(b, ", ");
        if (fc_json_type(scope) == FC_JSON_STRING)
            fc_put(b, fc_json_string(scope));
    }
}

/* framecast whoami */
enum exit_code command_whoami(struct client *client)
{
    struct fc_buffer b = fc_buffer_in(client->arena), scopes = fc_buffer_in(client->arena);
    const struct fc_json *user, *key;
    struct api_answer answer;
    enum exit_code code = api_call_or_complain(
        client->api, client->arena, &(struct api_request){.path = "/v1/auth/whoami"}, &answer);

    if (code != CLIENT_OK)
        return code;
    if (client->arguments.wants_json) {
        print_json(answer.json);
        return CLIENT_OK;
    }
    user = json_object(answer.json, "user");
    key = json_object(answer.json, "api_key");
    put_pair(&b, "user", json_text(user, "email"));
    put_pair(&b, "name", json_text(user, "name"));
    put_pair(&b, "id", json_text(user, "id"));
    put_pair(&b, "tier", json_text(user, "tier"));
    put_pair(&b, "credits", fc_printf(client->arena, "%.0f", json_number(user, "credits", 0)));
    put_scopes(&scopes, json_array(key, "scopes"));
    if (key != NULL)
        put_pair(&b, "key",
                 fc_printf(client->arena, "%s (%s), expires %s", or_dash(json_text(key, "name")),
                           scopes.data,
                           json_text(key, "expires_at") != NULL ? json_text(key, "expires_at")
                                                                : "never"));
    put_pair(&b, "server", api_url(client->api));
    fputs(b.data, stdout);
    return CLIENT_OK;
}
