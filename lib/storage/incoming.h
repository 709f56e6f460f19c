/**
 * Files on their way into file storage: written aside, then renamed into place; lib/storage only.
 */
#ifndef STORAGE_INCOMING_H
#define STORAGE_INCOMING_H

#include <stdbool.h>
#include <sys/stat.h>

#include "storage/file_tree.h"

struct fc_incoming {
    int fd;  /* of the file, -1: none */
    int dir; /* of the folder of such files */
    char name[33];
    bool keeps_older; /* an object that is there already stays, and this file is thrown away */
    bool is_placed;
};

/** False with errno. */
bool fc_incoming_open(const struct fc_file_store *store, struct fc_incoming *incoming);

/** Puts the file, safe on disk, into its place in @tree; true also when an older one stays there.
 * False with errno. */
bool fc_incoming_place(const struct fc_file_store *store, enum fc_tree tree,
                       struct fc_object object, struct fc_incoming *incoming);

/** Places it as an object, with its content type; leaves nothing behind when that fails. */
fc_status fc_incoming_commit(const struct fc_file_store *store, struct fc_object object,
                             const char *content_type, struct fc_incoming *incoming,
                             struct fc_error *error);

/** Removes the file unless it was placed; keeps errno. */
void fc_incoming_close(struct fc_incoming *incoming);

/** Copies from one descriptor to the end of the other. False with errno. */
bool fc_copy_bytes(int from, int to);

/** The type that @object is noted to have, whether it is there or not; else by its extension. */
void fc_type_of(const struct fc_file_store *store, struct fc_object object,
                char type[static FC_TYPE_SIZE]);

/** Size, time and identity of the file: another upload of the same bytes has another one. */
void fc_etag_of(const struct stat *st, char etag[static FC_ETAG_SIZE]);

#endif
