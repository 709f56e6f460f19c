/**
 * Storage provider `file`: objects are files in a folder, one subfolder per bucket, and links lead
 * to this server's own /v1/blobs/{bucket}/{key}, signed with a key derived from JWT_SECRET.
 *
 *     <dir>/<bucket>/<key>              the object
 *     <dir>/.types/<bucket>/<key>       its content type, where the extension does not tell
 *     <dir>/.incoming/<random>          objects on their way; complete ones are renamed into place
 *
 * No symbolic link below <dir> is ever followed.
 */
#ifndef STORAGE_FILE_H
#define STORAGE_FILE_H

#include "crypt/crypt.h"
#include "storage/storage.h"

struct fc_file_settings {
    const char *dir;              /* STORAGE_DIR; made when it is missing */
    const char *secret;           /* JWT_SECRET, the master of the links' key */
    const char *base_url;         /* API_BASE_URL, without a slash at its end */
    const char *workers_base_url; /* RENDER_CALLBACK_BASE_URL, the same */
};

/** Copies the settings. FC_E_INTERNAL: the folder cannot be made or written. */
fc_status fc_file_storage_new(struct fc_storage **storage, const struct fc_file_settings *settings,
                              struct fc_error *error);

/* ---- signed links (sign.c) ---- */

enum { FC_SIGNATURE_SIZE = 65 };

/** The key of all links, from the bytes of @secret; a secret itself. */
struct fc_hmac fc_link_key(const char *secret);

/** Signs what @link allows at @path, the percent-encoded path of the URL. */
void fc_link_sign(struct fc_arena *arena, const struct fc_hmac *key, const struct fc_link *link,
                  const char *path, char signature[static FC_SIGNATURE_SIZE]);

/** "/v1/blobs/<bucket>/<key>", each segment percent-encoded. */
char *fc_link_path(struct fc_arena *arena, struct fc_object object);

/**
 * Whether the client's @signature opens @link at @now; texts of the query as they came, NULL when
 * missing. *@link's expires is filled from @expires. Takes the same time for every wrong signature.
 */
bool fc_file_link_ok(const struct fc_storage *storage, struct fc_link *link, const char *path,
                     const char *expires, const char *signature, struct fc_time now);

/* ---- what the blob routes read and write ---- */

/** Opens an object for reading: a descriptor that the caller closes, and what is known of it.
 * FC_E_NOT_FOUND: no such object. */
fc_status fc_file_open(const struct fc_storage *storage, struct fc_object object, int *fd,
                       struct fc_object_info *info, struct fc_error *error);

/** An object on its way in. */
struct fc_upload;

/** @length bytes (0..FC_UPLOAD_BYTES_MAX) are to come. Fails like put_file. */
fc_status fc_upload_begin(struct fc_upload **upload, struct fc_storage *storage,
                          struct fc_object object, const char *content_type, int64_t length,
                          struct fc_error *error);

/** FC_E_VALIDATION: more than was announced. After a failure only fc_upload_free is left. */
fc_status fc_upload_write(struct fc_upload *upload, const void *bytes, size_t n,
                          struct fc_error *error);

/** Puts the object into its place; fills @etag. FC_E_VALIDATION: fewer bytes than announced. */
fc_status fc_upload_commit(struct fc_upload *upload, char etag[static FC_ETAG_SIZE],
                           struct fc_error *error);

/** Leaves nothing behind of an upload that was not committed; accepts NULL. */
void fc_upload_free(struct fc_upload *upload);
FC_AUTO_DEFINE(upload)

#endif
