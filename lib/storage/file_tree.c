#include "storage/file_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/text.h>

enum { DIR_MODE = 0750 };

int fc_tree_open_dir(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens @name below @parent and closes @parent. A folder that was made is only sure to be there
 * after a crash once its parent is on disk. */
static int step_into(int parent, const char *name, bool make)
{
    int fd = fc_tree_open_dir(parent, name);

    if (fd < 0 && errno == ENOENT && make) {
        if (mkdirat(parent, name, DIR_MODE) == 0)
            (void)fsync(parent);
        fd = fc_tree_open_dir(parent, name);
    }
    if (close(parent) != 0 && fd >= 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* Descends along @path, whose segments are closed by slashes; what follows the last slash is left.
 * */
static int descend(int fd, const char *path, bool make, const char **rest)
{
    char segment[256];
    size_t n;

    for (; fd >= 0 && path[n = strcspn(path, "/")] == '/'; path += n + 1) {
        if (n >= sizeof segment) {
            (void)close(fd);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(segment, path, n);
        segment[n] = '\0';
        fd = step_into(fd, segment, make);
    }
    *rest = path;
    return fd;
}

int fc_tree_open_parent(const struct fc_file_store *store, enum fc_tree tree,
                        struct fc_object object, bool make, const char **name)
{
    int fd = fcntl(store->root, F_DUPFD_CLOEXEC, 0);

    if (fd >= 0 && tree == FC_TREE_TYPES)
        fd = step_into(fd, FC_TYPES_DIR, make);
    if (fd >= 0)
        fd = step_into(fd, object.bucket, make);
    return fd < 0 ? -1 : descend(fd, object.key, make, name);
}

void fc_tree_prune(const struct fc_file_store *store, enum fc_tree tree, struct fc_object object)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    char *key = fc_copy(arena, object.key), *slash;
    bool removed = true;

    while (removed && (slash = strrchr(key, '/')) != NULL) {
        const struct fc_object folder = {object.bucket, key};
        const char *name;
        int parent;

        *slash = '\0';
        parent = fc_tree_open_parent(store, tree, folder, false, &name);
        if (parent < 0)
            return;
        removed = unlinkat(parent, name, AT_REMOVEDIR) == 0;
        (void)close(parent);
    }
}

struct clearing {
    struct fc_arena *arena;
    const char *const *keep;
    size_t n_keep;
    int failure; /* the first errno, or 0 */
};

static bool is_kept(const struct clearing *clearing, const char *key)
{
    for (size_t i = 0; i < clearing->n_keep; i++) {
        if (strcmp(clearing->keep[i], key) == 0)
            return true;
    }
    return false;
}

static void clear_dir(struct clearing *clearing, int fd, const char *prefix);

static void clear_entry(struct clearing *clearing, int parent, const char *name, const char *prefix)
{
    char *key = fc_printf(clearing->arena, "%s%s", prefix, name);
    int fd = fc_tree_open_dir(parent, name);

    if (fd >= 0) {
        clear_dir(clearing, fd, fc_printf(clearing->arena, "%s/", key));
        (void)unlinkat(parent, name, AT_REMOVEDIR); /* stays when something in it is kept */
    } else if (!is_kept(clearing, key) && unlinkat(parent, name, 0) != 0 && errno != ENOENT) {
        clearing->failure = clearing->failure != 0 ? clearing->failure : errno;
    }
}

/* Closes @fd. The depth is bounded by the length of keys. */
static void clear_dir(struct clearing *clearing, int fd, const char *prefix)
{
    DIR *dir = fdopendir(fd);

    if (dir == NULL) {
        clearing->failure = errno;
        (void)close(fd);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            clear_entry(clearing, dirfd(dir), entry->d_name, prefix);
    }
    (void)closedir(dir);
}

bool fc_tree_clear(const struct fc_file_store *store, enum fc_tree tree, struct fc_object prefix,
                   const char *const *keep, size_t n_keep)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    struct clearing clearing = {arena, keep, n_keep, 0};
    const char *rest;
    int fd = fc_tree_open_parent(store, tree, prefix, false, &rest);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR;
    clear_dir(&clearing, fd, prefix.key);
    fc_tree_prune(store, tree, prefix);
    errno = clearing.failure;
    return clearing.failure == 0;
}

fc_status fc_tree_fail(struct fc_error *error, const char *what, struct fc_object object)
{
    static const struct {
        int number;
        fc_status status;
        const char *sentence;
    } rows[] = {
        {ENOENT, FC_E_NOT_FOUND, "there is no such object"},
        {ENOTDIR, FC_E_NOT_FOUND, "there is no such object"},
        {ELOOP, FC_E_NOT_FOUND, "there is a symbolic link in the way"},
        {ENAMETOOLONG, FC_E_VALIDATION, "the key is too long"},
        {ENOSPC, FC_E_INTERNAL, "the disk of the storage folder is full"},
        {EDQUOT, FC_E_INTERNAL, "the disk quota of the storage folder is used up"},
        {EROFS, FC_E_INTERNAL, "the storage folder is read-only"},
    };
    const int number = errno;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].number == number)
            return fc_fail(error, rows[i].status, "%s %s/%s: %s", what, object.bucket, object.key,
                           rows[i].sentence);
    }
    return fc_fail(error, FC_E_INTERNAL, "%s %s/%s: %s", what, object.bucket, object.key,
                   strerrordesc_np(number));
}

bool fc_write_all(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n > 0) {
        ssize_t written = write(fd, at, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        n -= (size_t)written;
    }
    return true;
}
