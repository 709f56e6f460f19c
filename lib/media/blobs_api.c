/* Signed links of file storage. A link carries its whole authorisation: nobody is asked who they
 * are. */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "auth/context.h"
#include "media/media.h"
#include "media/range.h"
#include "storage/file.h"

struct signed_query {
    const char *expires, *signature;
};

static const struct fc_field signed_fields[] = {
    FC_FIELD(struct signed_query, expires),
    FC_FIELD(struct signed_query, signature),
    {0},
};
static const struct fc_shape signed_shape = FC_SHAPE(struct signed_query, signed_fields);

/* Links to this path exist under file storage alone. */
static struct fc_storage *file_storage(const struct fc_request *rq)
{
    struct fc_storage *storage = fc_context_of(rq)->storage;

    return fc_text_equal(storage->provider, "file") ? storage : NULL;
}

static struct fc_object object_of(const struct fc_request *rq)
{
    return (struct fc_object){rq->params[0], rq->params[1]};
}

/* One answer for all that can be wrong with a link, whether the object exists or not. */
static fc_status check_link(struct fc_request *rq, struct fc_link *link)
{
    struct fc_storage *storage = file_storage(rq);
    struct fc_error error;
    const struct signed_query *query;
    void *read;

    if (storage == NULL)
        return FC_E_NOT_FOUND;
    if (fc_shape_read_query(rq->arena, &signed_shape, rq->query_text, &read, &error) != FC_OK)
        return fc_refuse(rq, FC_E_FORBIDDEN, "the link is not valid");
    query = read;
    link->object = object_of(rq);
    if (!fc_file_link_ok(storage, link, fc_link_path(rq->arena, link->object), query->expires,
                         query->signature, fc_time_now()))
        return fc_refuse(rq, FC_E_FORBIDDEN, "the link is not valid, or not valid any more");
    return FC_OK;
}

/* ---- GET ---- */

static const char *http_date(struct fc_arena *arena, struct fc_time time)
{
    const time_t seconds = (time_t)(time.us / 1000000);
    char *text = fc_alloc(arena, sizeof "Sun, 06 Nov 1994 08:49:37 GMT");
    struct tm tm;

    (void)strftime(text, sizeof "Sun, 06 Nov 1994 08:49:37 GMT", "%a, %d %b %Y %H:%M:%S GMT",
                   gmtime_r(&seconds, &tm));
    return text;
}

/* A part is only of use to a client whose other parts are of the same file. */
static struct fc_range range_of(struct fc_request *rq, const struct fc_object_info *info,
                                const char *modified)
{
    const char *condition = fc_header(rq, "If-Range");
    const bool is_same = condition == NULL || fc_text_equal(condition, info->etag) ||
                         fc_text_equal(condition, modified);

    return fc_range_read(rq->method == FC_GET && is_same ? fc_header(rq, "Range") : NULL,
                         info->size_bytes);
}

static void put_headers(struct fc_request *rq, const struct fc_object_info *info,
                        const char *modified)
{
    fc_answer_header(rq, "ETag", fc_copy(rq->arena, info->etag));
    fc_answer_header(rq, "Last-Modified", modified);
    fc_answer_header(rq, "Accept-Ranges", "bytes");
    fc_answer_header(rq, "Cache-Control", "private");
    fc_answer_header(rq, "X-Content-Type-Options", "nosniff");
}

static fc_status answer_opened(struct fc_request *rq, int fd, const struct fc_object_info *info)
{
    const char *modified = http_date(rq->arena, info->modified);
    const struct fc_range range = range_of(rq, info, modified);
    const int64_t size = info->size_bytes;

    if (range.kind == FC_RANGE_OUTSIDE) {
        (void)close(fd);
        fc_answer_header(rq, "Content-Range", fc_printf(rq->arena, "bytes */%" PRId64, size));
        return FC_E_RANGE;
    }
    put_headers(rq, info, modified);
    if (range.kind == FC_RANGE_PART)
        fc_answer_header(rq, "Content-Range",
                         fc_printf(rq->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range.first,
                                   range.first + range.n - 1, size));
    return fc_answer_file(rq, range.kind == FC_RANGE_PART ? 206 : 200,
                          fc_copy(rq->arena, info->content_type), fd, range.first, range.n);
}

/* GET /v1/blobs/{bucket}/{key}: 200 or 206 with the bytes; 403 for any other link, then 404. */
fc_status fc_blob_get(struct fc_request *rq)
{
    struct fc_link link = {.method = FC_LINK_GET};
    struct fc_object_info info;
    struct fc_error error;
    fc_status st = check_link(rq, &link);
    int fd;

    if (st != FC_OK)
        return st;
    st = fc_file_open(file_storage(rq), link.object, &fd, &info, &error);
    if (st == FC_E_NOT_FOUND || st == FC_E_VALIDATION)
        return FC_E_NOT_FOUND;
    return st == FC_OK ? answer_opened(rq, fd, &info) : st;
}

/* ---- PUT ---- */

static void drop_upload(void *upload)
{
    fc_upload_free(upload);
}

static fc_status refuse_upload(struct fc_request *rq, fc_status st, const struct fc_error *error)
{
    /* What went wrong in our folders is nobody's business; what was wrong with the request is. */
    return st == FC_E_INTERNAL ? st : fc_refuse(rq, st, "%s", error->text);
}

/* The link is looked at before a byte of the body is taken. */
static fc_status blob_open(struct fc_request *rq)
{
    const char *length = fc_header(rq, "Content-Length"), *type = fc_header(rq, "Content-Type");
    struct fc_link link = {.method = FC_LINK_PUT, .content_type = type != NULL ? type : ""};
    struct fc_upload *upload;
    struct fc_error error;
    fc_status st;

    if (file_storage(rq) == NULL)
        return FC_E_NOT_FOUND;
    if (length == NULL || !fc_int_parse(length, &link.length))
        return fc_refuse(rq, FC_E_VALIDATION, "a Content-Length is needed");
    st = check_link(rq, &link);
    if (st != FC_OK)
        return st;
    st = fc_upload_begin(&upload, file_storage(rq), link.object, link.content_type, link.length,
                         &error);
    if (st != FC_OK)
        return refuse_upload(rq, st, &error);
    fc_arena_defer(rq->arena, drop_upload, upload);
    rq->state = upload;
    return FC_OK;
}

static fc_status blob_write(struct fc_request *rq, const void *piece, size_t n)
{
    struct fc_error error;
    fc_status st = fc_upload_write(rq->state, piece, n, &error);

    return st == FC_OK ? FC_OK : refuse_upload(rq, st, &error);
}

const struct fc_sink fc_blob_sink = {.open = blob_open, .write = blob_write};

/* On a thread of the back: it waits for the disk. */
static fc_status commit(struct fc_request *rq)
{
    char *etag = fc_alloc(rq->arena, FC_ETAG_SIZE);
    struct fc_error error;
    fc_status st = fc_upload_commit(rq->state, etag, &error);

    if (st != FC_OK)
        return refuse_upload(rq, st, &error);
    fc_answer_header(rq, "ETag", etag);
    return fc_answer_json(rq, 200, NULL);
}

/* PUT /v1/blobs/{bucket}/{key}: 200 with the ETag; 400 without Content-Length, 403 for another
 * link. */
fc_status fc_blob_put(struct fc_request *rq)
{
    return fc_on_worker(rq, commit);
}
