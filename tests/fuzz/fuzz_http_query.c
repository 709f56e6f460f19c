/* Any bytes as a request's path and query ("path ? query"): what comes out of them is UTF-8, within
 * the ranges of its table. */
#include <assert.h>
#include <string.h>

#include <framecast/text.h>

#include "http/internal.h"

struct question {
    const char *text;
    struct fc_opt_int n;
    struct fc_texts tags;
    struct fc_page page;
};

static const struct fc_field fields[] = {
    FC_FIELD(struct question, text, .max = 8),
    FC_FIELD(struct question, n, .min = -3, .max = 100),
    FC_FIELD(struct question, tags),
    FC_PAGE_FIELDS(struct question, page),
    {0},
};
static const struct fc_shape shape = FC_SHAPE(struct question, fields);

static const struct fc_route routes[] = {
    {.method = FC_GET, .path = "/v1/jobs"},
    {.method = FC_GET, .path = "/v1/jobs/{id}"},
    {.method = FC_GET, .path = "/v1/jobs/{id}/events"},
    {.method = FC_GET, .path = "/v1/blobs/{bucket}/{key...}"},
    {0},
};
static const struct fc_route *const tables[] = {routes, NULL};

static void read_query(struct fc_request *rq)
{
    struct question *question;
    struct fc_page_at at;
    struct fc_error error;
    void *out;

    if (fc_shape_read_query(rq->arena, &shape, rq->query_text, &out, &error) != FC_OK)
        return;
    question = out;
    assert(question->text == NULL || (fc_utf8_ok(question->text, strlen(question->text)) &&
                                      fc_utf8_length(question->text, strlen(question->text)) <= 8));
    assert(!question->n.is_given || (question->n.value >= -3 && question->n.value <= 100));
    for (size_t i = 0; i < question->tags.n; i++)
        assert(fc_utf8_ok(question->tags.at[i], strlen(question->tags.at[i])));
    if (fc_page_check(rq, &question->page, 20, 2, &at) == FC_OK) {
        assert(at.limit >= 1 && at.limit <= 100 && at.offset >= 0);
        assert((at.keys[1] != NULL) == (question->page.cursor != NULL));
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_exchange *x = FC_NEW(arena, struct fc_exchange);
    const char *uri = fc_copy_n(arena, (const char *)bytes, n), *question = strchr(uri, '?');
    struct fc_paths paths = fc_paths_compile(arena, tables);
    const struct fc_path *path;
    const char *allow;

    x->rq.arena = arena;
    x->rq.method = FC_GET;
    x->rq.path = question != NULL ? fc_copy_n(arena, uri, (size_t)(question - uri)) : uri;
    x->rq.query_text = question != NULL ? question + 1 : "";
    if (fc_utf8_ok(x->rq.path, strlen(x->rq.path)) && /* as daemon.c sees to */
        fc_route_find(&paths, &x->rq, &path, &allow) == FC_OK)
        for (int i = 0; i < FC_PATH_PARAMS_MAX; i++)
            assert(x->rq.params[i] == NULL || fc_utf8_ok(x->rq.params[i], strlen(x->rq.params[i])));
    read_query(&x->rq);
    return 0;
}
