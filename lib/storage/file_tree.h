/** Walking the folders of file storage without following any link; inside of lib/storage only. */
#ifndef STORAGE_FILE_TREE_H
#define STORAGE_FILE_TREE_H

#include <stdbool.h>

#include <framecast/arena.h>
#include <framecast/status.h>

#include "storage/file.h"

struct fc_file_store {
    struct fc_storage storage; /* first, so that one is the other */
    struct fc_arena *arena;    /* of the texts below */
    int root;                  /* descriptor of the folder */
    const char *dir;
    const char *base_url, *workers_base_url;
    struct fc_hmac link_key;
};

#define FC_TYPES_DIR ".types"
#define FC_INCOMING_DIR ".incoming"

/** Which of the two trees that have the same shape. */
enum fc_tree { FC_TREE_OBJECTS, FC_TREE_TYPES };

/**
 * Opens the folder that holds @object, making what is missing on the way if @make; *@name becomes
 * the last segment of the key. -1 with errno. The caller closes it.
 */
int fc_tree_open_parent(const struct fc_file_store *store, enum fc_tree tree,
                        struct fc_object object, bool make, const char **name);

/** Opens a subfolder of @parent for reading, no link followed. -1 with errno. */
int fc_tree_open_dir(int parent, const char *name);

/** Removes folders that became empty, from the one that holds @object up to the bucket. */
void fc_tree_prune(const struct fc_file_store *store, enum fc_tree tree, struct fc_object object);

/** Deletes the files below the folder @prefix (which ends in a slash), in one of the trees, but for
 * the keys in @keep. False with errno when one could not be deleted. */
bool fc_tree_clear(const struct fc_file_store *store, enum fc_tree tree, struct fc_object prefix,
                   const char *const *keep, size_t n_keep);

/** Turns errno into a status, and a sentence with @what and the object in it. */
fc_status fc_tree_fail(struct fc_error *error, const char *what, struct fc_object object);

/** Writes all @n bytes; false with errno. */
bool fc_write_all(int fd, const void *bytes, size_t n);

#endif
