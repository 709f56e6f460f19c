#include "storage/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <framecast/files.h>
#include <framecast/text.h>

#include "crypt/crypt.h"
#include "storage/file_tree.h"
#include "storage/incoming.h"

enum { DIR_MODE = 0750, INCOMING_STALE_SECONDS = 24 * 3600 };

static fc_status refuse_key(struct fc_error *error)
{
    return fc_fail(error, FC_E_VALIDATION, "The key cannot be an object's");
}

/* ---- reading ---- */

void fc_etag_of(const struct stat *st, char etag[static FC_ETAG_SIZE])
{
    const uint64_t ns = (uint64_t)st->st_mtim.tv_sec * 1000000000 + (uint64_t)st->st_mtim.tv_nsec;

    (void)snprintf(etag, FC_ETAG_SIZE, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"",
                   (uint64_t)st->st_size, ns, (uint64_t)st->st_ino);
}

/* Opens @name for reading; anything but a plain file is no object. */
static int open_plain(int parent, const char *name, struct stat *st)
{
    int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))) {
        (void)close(fd);
        errno = ENOENT;
        return -1;
    }
    return fd;
}

static int open_in(const struct fc_file_store *store, enum fc_tree tree, struct fc_object object,
                   struct stat *st)
{
    const char *name;
    int parent = fc_tree_open_parent(store, tree, object, false, &name), fd, number;

    if (parent < 0)
        return -1;
    fd = open_plain(parent, name, st);
    number = errno;
    (void)close(parent);
    errno = number;
    return fd;
}

void fc_type_of(const struct fc_file_store *store, struct fc_object object,
                char type[static FC_TYPE_SIZE])
{
    struct stat st;
    int fd = open_in(store, FC_TREE_TYPES, object, &st);
    ssize_t n = fd < 0 ? -1 : read(fd, type, FC_TYPE_SIZE - 1);

    if (n > 0)
        type[n] = '\0';
    else
        (void)snprintf(type, FC_TYPE_SIZE, "%s", fc_content_type_of(object.key));
    if (fd >= 0)
        (void)close(fd);
}

fc_status fc_file_open(const struct fc_storage *storage, struct fc_object object, int *fd,
                       struct fc_object_info *info, struct fc_error *error)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;
    struct stat st;
    int opened;

    if (!fc_object_ok(object))
        return refuse_key(error);
    opened = open_in(store, FC_TREE_OBJECTS, object, &st);
    if (opened < 0)
        return fc_tree_fail(error, "cannot read", object);
    info->size_bytes = st.st_size;
    info->modified.us = st.st_mtim.tv_sec * INT64_C(1000000) + st.st_mtim.tv_nsec / 1000;
    fc_etag_of(&st, info->etag);
    fc_type_of(store, object, info->content_type);
    *fd = opened;
    return FC_OK;
}

static fc_status file_head(struct fc_storage *storage, struct fc_object object,
                           struct fc_object_info *info, struct fc_error *error)
{
    int fd = -1;
    fc_status status = fc_file_open(storage, object, &fd, info, error);

    if (status == FC_OK)
        (void)close(fd);
    return status;
}

static fc_status file_fetch(struct fc_storage *storage, struct fc_arena *arena,
                            struct fc_object object, const char *work_dir, const char **path,
                            struct fc_error *error)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;
    struct fc_object_info info;
    fc_status status = file_head(storage, object, &info, error);

    (void)work_dir;
    if (status == FC_OK)
        *path = fc_printf(arena, "%s/%s/%s", store->dir, object.bucket, object.key);
    return status;
}

/* ---- writing and deleting ---- */

static fc_status file_put(struct fc_storage *storage, struct fc_object object, const char *path,
                          const char *content_type, struct fc_error *error)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;
    struct fc_incoming incoming = {.fd = -1, .keeps_older = true};
    struct fc_object_info older;
    fc_status status;
    int from;

    if (!fc_object_ok(object) || strlen(content_type) >= FC_TYPE_SIZE)
        return refuse_key(error);
    if (file_head(storage, object, &older, error) == FC_OK)
        return FC_OK;
    from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return fc_fail(error, FC_E_INTERNAL, "cannot read %s: %s", path, strerrordesc_np(errno));
    if (fc_incoming_open(store, &incoming) && fc_copy_bytes(from, incoming.fd))
        status = fc_incoming_commit(store, object, content_type, &incoming, error);
    else
        status = fc_tree_fail(error, "cannot store", object);
    fc_incoming_close(&incoming);
    (void)close(from);
    return status;
}

static bool delete_in(const struct fc_file_store *store, enum fc_tree tree, struct fc_object object)
{
    const char *name;
    int parent = fc_tree_open_parent(store, tree, object, false, &name);
    bool is_gone;

    if (parent < 0)
        return errno == ENOENT || errno == ENOTDIR;
    is_gone = unlinkat(parent, name, 0) == 0 || errno == ENOENT;
    if (is_gone)
        (void)fsync(parent);
    (void)close(parent);
    if (is_gone)
        fc_tree_prune(store, tree, object);
    return is_gone;
}

static fc_status file_delete(struct fc_storage *storage, struct fc_object object,
                             struct fc_error *error)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;

    if (!fc_object_ok(object))
        return refuse_key(error);
    if (!delete_in(store, FC_TREE_OBJECTS, object) || !delete_in(store, FC_TREE_TYPES, object))
        return fc_tree_fail(error, "cannot delete", object);
    return FC_OK;
}

static bool prefix_ok(struct fc_object object)
{
    size_t n = object.key != NULL ? strlen(object.key) : 0;
    FC_AUTO(arena) *arena = fc_arena_new();

    if (n == 0 || object.key[n - 1] != '/')
        return false;
    object.key = fc_copy_n(arena, object.key, n - 1);
    return fc_object_ok(object);
}

static fc_status file_delete_below(struct fc_storage *storage, struct fc_object object,
                                   const char *const *keep, size_t n_keep, struct fc_error *error)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;

    if (!prefix_ok(object))
        return refuse_key(error);
    if (!fc_tree_clear(store, FC_TREE_OBJECTS, object, keep, n_keep) ||
        !fc_tree_clear(store, FC_TREE_TYPES, object, keep, n_keep))
        return fc_tree_fail(error, "cannot delete all below", object);
    return FC_OK;
}

static char *file_link(const struct fc_storage *storage, struct fc_arena *arena,
                       const struct fc_link *link)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;
    const char *base = link->for_workers ? store->workers_base_url : store->base_url;
    const char *path = fc_link_path(arena, link->object);
    char signature[FC_SIGNATURE_SIZE];
    struct fc_buffer url = fc_buffer_in(arena);

    fc_link_sign(arena, &store->link_key, link, path, signature);
    fc_buffer_reserve(&url, strlen(base) + strlen(path) + FC_SIGNATURE_SIZE + 48);
    fc_put(&url, base);
    fc_put(&url, path);
    fc_put(&url, "?expires=");
    fc_put_int(&url, link->expires);
    fc_put(&url, "&signature=");
    fc_put(&url, signature);
    return url.data;
}

/* ---- making and freeing ---- */

static void file_free(struct fc_storage *storage)
{
    struct fc_file_store *store = (struct fc_file_store *)storage;

    if (store->root >= 0)
        (void)close(store->root);
    fc_crypt_wipe(&store->link_key, sizeof store->link_key);
    fc_arena_free(store->arena);
}

/* What a killed process was receiving is of no use to anybody. */
static void drop_stale(int root)
{
    int fd = fc_tree_open_dir(root, FC_INCOMING_DIR);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const time_t oldest = time(NULL) - INCOMING_STALE_SECONDS;
    struct stat st;

    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            st.st_mtime < oldest)
            (void)unlinkat(fd, entry->d_name, 0);
    }
    (void)closedir(dir);
}

static bool open_root(struct fc_file_store *store, const char *dir)
{
    char *full;

    if (!fc_folders_make(dir))
        return false;
    store->root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    full = store->root < 0 ? NULL : realpath(dir, NULL);
    if (full == NULL)
        return false;
    store->dir = fc_copy(store->arena, full);
    free(full);
    if (mkdirat(store->root, FC_INCOMING_DIR, DIR_MODE) != 0 && errno != EEXIST)
        return false;
    return faccessat(store->root, FC_INCOMING_DIR, W_OK | X_OK, 0) == 0;
}

static const struct fc_storage file_functions = {
    .provider = "file",
    .put_file = file_put,
    .fetch_file = file_fetch,
    .head = file_head,
    .delete = file_delete,
    .delete_below = file_delete_below,
    .link = file_link,
    .free = file_free,
};

fc_status fc_file_storage_new(struct fc_storage **storage, const struct fc_file_settings *settings,
                              struct fc_error *error)
{
    struct fc_arena *arena = fc_arena_new();
    struct fc_file_store *store = FC_NEW(arena, struct fc_file_store);

    store->storage = file_functions;
    store->arena = arena;
    store->root = -1;
    store->base_url = fc_copy(arena, settings->base_url);
    store->workers_base_url = fc_copy(arena, settings->workers_base_url);
    if (!open_root(store, settings->dir)) {
        fc_fail(error, FC_E_INTERNAL, "the storage folder %s cannot be used: %s", settings->dir,
                strerrordesc_np(errno));
        file_free(&store->storage);
        return FC_E_INTERNAL;
    }
    store->link_key = fc_link_key(settings->secret);
    drop_stale(store->root);
    *storage = &store->storage;
    return FC_OK;
}
