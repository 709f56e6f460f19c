#include <string.h>
#include <sys/stat.h>

#include "storage/incoming.h"

struct fc_upload {
    const struct fc_file_store *store;
    struct fc_arena *arena;
    struct fc_object object;
    const char *content_type;
    int64_t expected, received; /* bytes */
    struct fc_incoming incoming;
};

fc_status fc_upload_begin(struct fc_upload **upload, struct fc_storage *storage,
                          struct fc_object object, const char *content_type, int64_t length,
                          struct fc_error *error)
{
    struct fc_file_store *store = (struct fc_file_store *)storage;
    struct fc_arena *arena;
    struct fc_upload *new;

    if (!fc_object_ok(object))
        return fc_fail(error, FC_E_VALIDATION, "The key cannot be an object's");
    if (length < 0 || length > FC_UPLOAD_BYTES_MAX)
        return fc_fail(error, FC_E_TOO_LARGE, "An upload may have up to %d bytes",
                       FC_UPLOAD_BYTES_MAX);
    if (strlen(content_type) >= FC_TYPE_SIZE)
        return fc_fail(error, FC_E_VALIDATION, "The content type is too long");
    arena = fc_arena_new();
    new = FC_NEW(arena, struct fc_upload);
    new->store = store;
    new->arena = arena;
    new->object.bucket = fc_copy(arena, object.bucket);
    new->object.key = fc_copy(arena, object.key);
    new->content_type = fc_copy(arena, content_type);
    new->expected = length;
    if (!fc_incoming_open(store, &new->incoming)) {
        fc_arena_free(arena);
        return fc_tree_fail(error, "cannot receive", object);
    }
    *upload = new;
    return FC_OK;
}

fc_status fc_upload_write(struct fc_upload *upload, const void *bytes, size_t n,
                          struct fc_error *error)
{
    if ((int64_t)n > upload->expected - upload->received)
        return fc_fail(error, FC_E_VALIDATION, "More bytes came than were announced");
    if (!fc_write_all(upload->incoming.fd, bytes, n))
        return fc_tree_fail(error, "cannot receive", upload->object);
    upload->received += (int64_t)n;
    return FC_OK;
}

fc_status fc_upload_commit(struct fc_upload *upload, char etag[static FC_ETAG_SIZE],
                           struct fc_error *error)
{
    struct stat st;
    fc_status status;

    if (upload->received != upload->expected)
        return fc_fail(error, FC_E_VALIDATION, "Fewer bytes came than were announced");
    if (fstat(upload->incoming.fd, &st) != 0)
        return fc_tree_fail(error, "cannot store", upload->object);
    status = fc_incoming_commit(upload->store, upload->object, upload->content_type,
                                &upload->incoming, error);
    if (status == FC_OK)
        fc_etag_of(&st, etag);
    return status;
}

void fc_upload_free(struct fc_upload *upload)
{
    if (upload == NULL)
        return;
    fc_incoming_close(&upload->incoming);
    fc_arena_free(upload->arena);
}
