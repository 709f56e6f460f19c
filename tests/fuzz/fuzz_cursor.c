/* Any bytes as a cursor are refused or give whole texts; any sort key as a cursor comes back as it
 * was. */
#include <assert.h>
#include <string.h>

#include <framecast/text.h>

#include "http/internal.h"

static bool read_cursor(struct fc_request *rq, const char *cursor, struct fc_page_at *at)
{
    struct fc_page page = {.cursor = cursor};

    return fc_page_check(rq, &page, 20, 2, at) == FC_OK;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct fc_exchange *x = FC_NEW(arena, struct fc_exchange);
    const char *text = fc_copy_n(arena, (const char *)bytes, n);
    struct fc_page_at at;

    x->rq.arena = arena;
    x->rq.path = "/v1/jobs";
    x->rq.query_text = text;
    if (read_cursor(&x->rq, text, &at))
        for (int i = 0; i < 2; i++)
            assert(fc_utf8_ok(at.keys[i], strlen(at.keys[i])));
    if (!fc_utf8_ok(text, strlen(text)) || strchr(text, '|') != NULL)
        return 0;
    fc_page_headers(&x->rq, fc_printf(arena, "%s|key", text));
    assert(read_cursor(&x->rq, x->headers[0].value, &at));
    assert(strcmp(at.keys[0], text) == 0 && strcmp(at.keys[1], "key") == 0);
    return 0;
}
