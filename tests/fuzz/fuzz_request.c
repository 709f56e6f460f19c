/*
 * Any request ("METHOD path?query LF body"): it finds its route or none, its query, body and path
 * are read into their shapes, and its handler runs, up to the statement. What the database would
 * get is UTF-8. A callback shows the right token, so that it is let in.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/settings.h>

#include "account/account.h"
#include "auth/context.h"
#include "http/internal.h"
#include "job/job.h"
#include "media/media.h"
#include "storage/file.h"

static const struct fc_route *const tables[] = {fc_account_routes, fc_key_routes, fc_spec_routes,
                                                fc_create_routes,  fc_job_routes, fc_machine_routes,
                                                fc_media_routes,   NULL};
static struct fc_settings settings;
static struct fc_context context = {.settings = &settings};
static struct fc_server server;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char folder[] = "/tmp/framecast-fuzz-XXXXXX";
    static struct fc_arena *arena; /* of the process */
    struct fc_buffer problems;
    struct fc_file_settings file;

    (void)argc;
    (void)argv;
    arena = fc_arena_new();
    problems = fc_buffer_in(arena);
    (void)setenv("DATABASE_URL", "postgresql://", 1);
    (void)setenv("JWT_SECRET", "secret", 1);
    assert(mkdtemp(folder) != NULL);
    (void)fc_settings_read(arena, &settings, &problems);
    file = (struct fc_file_settings){.dir = folder,
                                     .secret = settings.jwt_secret,
                                     .base_url = settings.api_base_url,
                                     .workers_base_url = settings.render_callback_base_url};
    assert(fc_file_storage_new(&context.storage, &file, NULL) == FC_OK);
    server.config.context = &context;
    server.paths = fc_paths_compile(arena, tables);
    return 0;
}

/* The parts of "METHOD path?query LF body", as daemon.c would have them. */
static struct fc_exchange *exchange(struct fc_arena *arena, const char *bytes, size_t n)
{
    struct fc_exchange *x = FC_NEW(arena, struct fc_exchange);
    const char *line = fc_copy_n(arena, bytes, n), *end = strchr(line, '\n');
    size_t n_line = end != NULL ? (size_t)(end - line) : strlen(line),
           n_method = strcspn(line, " \n");
    const char *uri = fc_copy_n(arena, line + n_method, n_line - n_method);

    uri += *uri == ' ';
    x->rq.arena = arena;
    x->rq.server = &server;
    x->rq.id = "fuzz";
    x->rq.method = fc_method_parse(fc_copy_n(arena, line, n_method));
    x->rq.path = fc_copy_n(arena, uri, strcspn(uri, "?"));
    x->rq.query_text = uri[strcspn(uri, "?")] == '?' ? strchr(uri, '?') + 1 : "";
    x->fd = -1;
    x->body = end != NULL ? fc_copy_n(arena, end + 1, n - n_line - 1) : NULL;
    x->n_body = end != NULL ? n - n_line - 1 : 0;
    return x;
}

static bool ids_ok(struct fc_exchange *x)
{
    for (int i = 0, param = 0; i < x->matched->n; i++) {
        if (x->matched->segments[i].text != NULL)
            continue;
        if (x->matched->segments[i].is_id && !fc_uuid_parse(x->rq.params[param], &x->rq.ids[param]))
            return false;
        param++;
    }
    return true;
}

static void show_token(struct fc_request *rq)
{
    const struct fc_json *id = fc_json_get(rq->json, "job_id");
    char token[FC_CALLBACK_TOKEN_SIZE];
    struct fc_uuid job;

    if (fc_json_type(id) != FC_JSON_STRING || !fc_uuid_parse(fc_json_string(id), &job))
        return;
    assert(fc_callback_token(&settings, &job, false, token));
    rq->query_text = fc_printf(rq->arena, "token=%s", token);
}

static fc_status read_request(struct fc_exchange *x)
{
    struct fc_request *rq = &x->rq;
    struct fc_error error;
    fc_status st = FC_OK;

    if (rq->route->body != NULL && x->n_body > 0)
        st = fc_body_read(rq);
    if (st == FC_OK && rq->json != NULL && strcmp(rq->path, "/internal/jobs/callback") == 0)
        show_token(rq);
    if (st == FC_OK && rq->route->query != NULL)
        st = fc_shape_read_query(rq->arena, rq->route->query, rq->query_text, &rq->query, &error);
    return st;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_exchange *x = exchange(arena, (const char *)bytes, n);
    struct fc_request *rq = &x->rq;

    if (!fc_utf8_ok(rq->path, strlen(rq->path)) ||
        fc_route_find(&server.paths, rq, &x->matched, &x->allow) != FC_OK)
        return 0;
    rq->route = x->matched->route;
    if (rq->route->handler == NULL || rq->route->sink != NULL || !ids_ok(x) ||
        (rq->route->body != NULL && x->n_body == 0) || read_request(x) != FC_OK ||
        rq->route->handler(rq) != FC_OK || !x->has_statement)
        return 0;
    for (int i = FC_CALLER_ARGS; i < FC_CALLER_ARGS + x->n_args; i++)
        assert(x->values[i] == NULL || fc_utf8_ok(x->values[i], strlen(x->values[i])));
    return 0;
}
