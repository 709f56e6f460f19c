/* The body of a request: kept within bounds while it comes, then read into its shape. */
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"
#include "yaml/yaml.h"

enum {
    LARGE = 64 * 1024,              /* from here on a body is read by a worker, and counted */
    COMING_MAX = 192 * 1024 * 1024, /* all large bodies that still come */
    HELD_MAX = 256 * 1024 * 1024,   /* the same with what was read from those that are there */
};

/* ---- as it comes ---- */

/* What large bodies hold is counted for the whole process, so that many of them at once cannot
 * exhaust its memory; small ones are bounded by the number of connections. */
static void hold(struct fc_exchange *x, size_t n)
{
    x->n_held += n;
    atomic_fetch_add(&x->rq.server->n_held, n);
}

static fc_status held_ok(struct fc_exchange *x, size_t most)
{
    if (atomic_load(&x->rq.server->n_held) <= most)
        return FC_OK;
    return fc_refuse(&x->rq, FC_E_UNAVAILABLE, "too many large requests at once");
}

void fc_body_free(struct fc_exchange *x)
{
    if (x->n_held > 0)
        atomic_fetch_sub(&x->rq.server->n_held, x->n_held);
    x->n_held = 0;
    free(x->body);
    x->body = NULL;
}

static fc_status make_room(struct fc_exchange *x, size_t need)
{
    size_t room = x->body_room == 0 ? 4096 : x->body_room * 2;
    char *grown;

    while (room < need)
        room *= 2;
    if (room > LARGE)
        hold(x, room - x->n_held);
    if (room > LARGE && held_ok(x, COMING_MAX) != FC_OK) {
        fc_body_free(x);
        return FC_E_UNAVAILABLE;
    }
    grown = realloc(x->body, room);
    if (grown == NULL)
        abort(); /* as arenas do */
    x->body = grown;
    x->body_room = room;
    return FC_OK;
}

fc_status fc_body_append(struct fc_exchange *x, const char *data, size_t n)
{
    if (x->n_body + n + 1 > x->body_room) {
        fc_status st = make_room(x, x->n_body + n + 1);

        if (st != FC_OK)
            return st;
    }
    memcpy(x->body + x->n_body, data, n);
    x->n_body += n;
    x->body[x->n_body] = '\0';
    return FC_OK;
}

/* ---- what it is ---- */

/* A missing type is read as JSON; parameters do not matter. */
static enum fc_media media_of(struct fc_request *rq)
{
    static const char *const yaml[] = {"application/yaml", "application/x-yaml", "text/yaml",
                                       "text/x-yaml"};
    const char *header = fc_header(rq, "Content-Type");
    size_t n = header != NULL ? strcspn(header, "; \t") : 0;
    const char *type = fc_copy_n(rq->arena, header, n);

    if (header == NULL || fc_text_equal_nocase(type, "application/json"))
        return MEDIA_JSON;
    if (n > 17 && strncasecmp(type, "application/", 12) == 0 &&
        strcasecmp(type + n - 5, "+json") == 0)
        return MEDIA_JSON;
    for (size_t i = 0; i < sizeof yaml / sizeof *yaml; i++)
        if (fc_text_equal_nocase(type, yaml[i]))
            return MEDIA_YAML;
    return MEDIA_OTHER;
}

static fc_status parse(struct fc_exchange *x, struct fc_span body)
{
    struct fc_error error = {0};
    fc_status st = FC_OK;

    x->rq.text = body;
    if (x->media == MEDIA_YAML) {
        struct fc_buffer json = fc_buffer_in(x->rq.arena);

        st = fc_yaml_to_json(x->rq.arena, body.at, body.n, &json, NULL, &error);
        x->rq.text = (struct fc_span){json.data, json.n};
    }
    if (st == FC_OK)
        st = fc_json_parse(x->rq.arena, x->rq.text.at, x->rq.text.n, &x->rq.json, &error);
    if (st != FC_OK)
        return fc_refuse(&x->rq, st, "%s", error.text);
    if (fc_json_type(x->rq.json) != FC_JSON_OBJECT)
        return fc_refuse(&x->rq, FC_E_VALIDATION, "the body must be an object");
    return FC_OK;
}

fc_status fc_body_check(struct fc_exchange *x)
{
    const struct fc_route *route = x->rq.route;

    if (x->is_over_limit)
        return FC_E_TOO_LARGE;
    if (route->body == NULL)
        return FC_OK;
    if (x->n_body == 0)
        return (route->flags & FC_OPTIONAL_BODY) != 0
                   ? FC_OK
                   : fc_refuse(&x->rq, FC_E_VALIDATION, "a body is needed");
    x->media = media_of(&x->rq);
    if (x->media == MEDIA_OTHER || (x->media == MEDIA_YAML && (route->flags & FC_YAML_TOO) == 0))
        return FC_E_MEDIA_TYPE;
    return FC_OK;
}

bool fc_body_is_large(const struct fc_exchange *x)
{
    return x->rq.route->body != NULL && x->n_body > LARGE;
}

fc_status fc_body_read(struct fc_request *rq)
{
    struct fc_exchange *x = fc_exchange_of(rq);
    struct fc_span body = {x->body, x->n_body};
    struct fc_error error;
    fc_status st = FC_OK;

    if (rq->route->body == NULL)
        return FC_OK;
    if (x->n_body == 0)
        body = (struct fc_span){"{}", 2};
    if (x->n_body > LARGE)
        st = held_ok(x, HELD_MAX);
    if (st == FC_OK)
        st = parse(x, body);
    if (x->n_body > LARGE)
        hold(x, fc_arena_used(rq->arena));
    if (st != FC_OK)
        return st;
    st = fc_shape_read_json(rq->arena, rq->route->body, rq->json, &rq->body, &error);
    return st == FC_OK ? FC_OK : fc_refuse(rq, st, "%s", error.text);
}
