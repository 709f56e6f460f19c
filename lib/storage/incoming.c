#include "storage/incoming.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <framecast/text.h>

#include "crypt/crypt.h"

enum { FILE_MODE = 0640, COPY_BYTES = 256 * 1024, PLACE_TRIES = 5 };

/* ---- files on their way in ---- */

bool fc_incoming_open(const struct fc_file_store *store, struct fc_incoming *incoming)
{
    unsigned char random[16];
    int dir = fc_tree_open_dir(store->root, FC_INCOMING_DIR);

    incoming->fd = -1;
    if (dir < 0)
        return false;
    fc_crypt_random(random, sizeof random);
    fc_hex(random, sizeof random, incoming->name);
    incoming->dir = dir;
    incoming->fd = openat(dir, incoming->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (incoming->fd < 0)
        (void)close(dir);
    return incoming->fd >= 0;
}

void fc_incoming_close(struct fc_incoming *incoming)
{
    const int number = errno;

    if (incoming->fd < 0)
        return;
    if (!incoming->is_placed)
        (void)unlinkat(incoming->dir, incoming->name, 0);
    (void)close(incoming->fd);
    (void)close(incoming->dir);
    incoming->fd = -1;
    errno = number;
}

/* After a refused move: is an older object in the way? errno is ENOENT when it has just been
 * deleted. */
static bool is_taken(int parent, const char *name)
{
    struct stat st;

    if (errno != EEXIST || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    errno = EEXIST;
    return S_ISREG(st.st_mode);
}

/* Not every file system knows RENAME_NOREPLACE (NFS does not), nor hard links (FAT has none). */
static bool move_unless_taken(struct fc_incoming *incoming, int parent, const char *name)
{
    incoming->is_placed = renameat2(incoming->dir, incoming->name, parent, name,
                                    RENAME_NOREPLACE) == 0;
    return incoming->is_placed ||
           (errno == EINVAL && linkat(incoming->dir, incoming->name, parent, name, 0) == 0) ||
           is_taken(parent, name);
}

static bool move_into(struct fc_incoming *incoming, int parent, const char *name)
{
    if (incoming->keeps_older)
        return move_unless_taken(incoming, parent, name);
    incoming->is_placed = renameat(incoming->dir, incoming->name, parent, name) == 0;
    return incoming->is_placed;
}

/* Once; errno is ENOENT when the folder vanished between opening it and renaming into it, because
 * the last file in it was deleted at the same time. */
static bool place_once(const struct fc_file_store *store, enum fc_tree tree,
                       struct fc_object object, struct fc_incoming *incoming)
{
    const char *name;
    int parent = fc_tree_open_parent(store, tree, object, true, &name), number;
    bool is_placed;

    if (parent < 0)
        return false;
    is_placed = move_into(incoming, parent, name) && fsync(parent) == 0;
    number = errno;
    (void)close(parent);
    errno = number;
    return is_placed;
}

bool fc_incoming_place(const struct fc_file_store *store, enum fc_tree tree,
                       struct fc_object object, struct fc_incoming *incoming)
{
    bool is_placed = false;

    if (fsync(incoming->fd) != 0)
        return false;
    for (int i = 0; i < PLACE_TRIES && !is_placed; i++) {
        is_placed = place_once(store, tree, object, incoming);
        if (!is_placed && errno != ENOENT)
            break;
    }
    return is_placed;
}

/* ---- content types ---- */

/* No note is in the way of another: where an object is in the way, placing says so. */
static bool type_forget(const struct fc_file_store *store, struct fc_object object)
{
    const char *name;
    int parent = fc_tree_open_parent(store, FC_TREE_TYPES, object, false, &name);

    if (parent < 0)
        return errno == ENOENT || errno == ENOTDIR;
    if (unlinkat(parent, name, 0) == 0)
        fc_tree_prune(store, FC_TREE_TYPES, object);
    (void)close(parent);
    return true;
}

static bool type_remember(const struct fc_file_store *store, struct fc_object object,
                          const char *content_type)
{
    struct fc_incoming incoming = {.fd = -1};
    bool is_stored = fc_incoming_open(store, &incoming) &&
                     fc_write_all(incoming.fd, content_type, strlen(content_type)) &&
                     fc_incoming_place(store, FC_TREE_TYPES, object, &incoming);

    fc_incoming_close(&incoming);
    return is_stored;
}

static bool type_store(const struct fc_file_store *store, struct fc_object object,
                       const char *content_type)
{
    if (fc_text_equal(content_type, fc_content_type_of(object.key)))
        return type_forget(store, object);
    return type_remember(store, object, content_type);
}

/* The note comes first, so that nobody ever gets the object with another type than its own. What
 * finds no place takes its note back, and what was there before has its own again. */
fc_status fc_incoming_commit(const struct fc_file_store *store, struct fc_object object,
                             const char *content_type, struct fc_incoming *incoming,
                             struct fc_error *error)
{
    char before[FC_TYPE_SIZE];
    int number;

    fc_type_of(store, object, before);
    if (type_store(store, object, content_type) &&
        fc_incoming_place(store, FC_TREE_OBJECTS, object, incoming))
        return FC_OK;
    number = errno;
    (void)type_store(store, object, before);
    /* A segment of the key is an object already. */
    errno = number == ENOENT || number == ENOTDIR ? EEXIST : number;
    return fc_tree_fail(error, "cannot store", object);
}

/* ---- a copy of a local file ---- */

static bool copy_by_hand(int from, int to)
{
    char *buffer = malloc(COPY_BYTES);
    ssize_t n = -1;

    while (buffer != NULL && (n = read(from, buffer, COPY_BYTES)) != 0) {
        if ((n < 0 && errno != EINTR) || (n > 0 && !fc_write_all(to, buffer, (size_t)n)))
            break;
    }
    free(buffer);
    return n == 0;
}

/* The kernel copies where it can, sharing blocks on file systems that do. */
bool fc_copy_bytes(int from, int to)
{
    ssize_t n;

    while ((n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0)) > 0)
        ;
    if (n == 0)
        return true;
    if (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
        return copy_by_hand(from, to);
    return false;
}
