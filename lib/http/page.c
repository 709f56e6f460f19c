#include <string.h>

#include "crypt/crypt.h"
#include "http/internal.h"

enum { LIMIT_MAX = 100, OFFSET_MAX = INT32_MAX };

/* A cursor is the base64url of the last row's sort key, its texts joined by '|'. */
static bool cursor_read(struct fc_arena *arena, const char *cursor, int n_keys,
                        struct fc_page_at *at)
{
    size_t n = strlen(cursor), bytes;
    unsigned char *text = fc_alloc(arena, n + 4);
    char *rest = (char *)text, *key;
    int i = 0;

    if (!fc_crypt_unbase64url(cursor, n, text, &bytes) || !fc_utf8_ok(rest, bytes) ||
        strlen(rest) != bytes)
        return false;
    while ((key = strsep(&rest, "|")) != NULL && i < n_keys)
        at->keys[i++] = key;
    return i == n_keys && key == NULL && rest == NULL;
}

fc_status fc_page_check(struct fc_request *rq, const struct fc_page *page, int64_t otherwise,
                        int n_keys, struct fc_page_at *at)
{
    int64_t limit = page->limit.is_given ? page->limit.value : otherwise;

    *at = (struct fc_page_at){
        .offset = page->offset.is_given && page->offset.value > 0 ? page->offset.value : 0};
    at->offset = at->offset > OFFSET_MAX ? OFFSET_MAX : at->offset; /* beyond the end of any list */
    at->limit = limit < 1 ? 1 : limit > LIMIT_MAX && limit != otherwise ? LIMIT_MAX : limit;
    if (page->cursor == NULL)
        return FC_OK;
    if (page->offset.is_given)
        return fc_refuse(rq, FC_E_VALIDATION, "'cursor' and 'offset' cannot be combined");
    if (!cursor_read(rq->arena, page->cursor, n_keys, at))
        return fc_refuse(rq, FC_E_VALIDATION, "'cursor' is none that this list gave out");
    return FC_OK;
}

/* The request's own path and query, with the cursor set and the offset gone. */
static const char *next_link(struct fc_request *rq, const char *cursor)
{
    struct fc_buffer link = fc_buffer_in(rq->arena);
    char *rest = fc_copy(rq->arena, rq->query_text), *pair;

    fc_putf(&link, "<%s?", rq->path);
    while ((pair = strsep(&rest, "&")) != NULL)
        if (pair[0] != '\0' && !fc_text_starts(pair, "cursor=") && !fc_text_starts(pair, "offset="))
            fc_putf(&link, "%s&", pair);
    fc_putf(&link, "cursor=%s>; rel=\"next\"", cursor);
    return link.data;
}

void fc_page_headers(struct fc_request *rq, const char *more)
{
    size_t n = strlen(more), room = n * 2 + 8;
    char *cursor = fc_alloc(rq->arena, room);

    fc_crypt_base64url(more, n, cursor, room);
    fc_answer_header(rq, "X-Next-Cursor", cursor);
    fc_answer_header(rq, "Link", next_link(rq, cursor));
}
