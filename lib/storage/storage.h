/**
 * Object storage: where clips, films, uploads and sounds live, whatever the provider.
 *
 * An object is named by bucket and key, and written down as s3://<bucket>/<key>. A provider is one
 * table of functions, made by its own file: file.h keeps objects in a folder. All functions may be
 * called from several threads at once.
 *
 *     storage->put_file(storage, object, "job/film.mp4", "video/mp4", &error);
 *     const char *link = fc_storage_link(storage, arena, object, FC_LINK_HOUR, now);
 *
 * Keys come from rows that strangers had a hand in: every function refuses one that is no relative
 * path of plain segments (fc_object_ok) with FC_E_VALIDATION before it touches anything.
 */
#ifndef STORAGE_STORAGE_H
#define STORAGE_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>
#include <framecast/status.h>
#include <framecast/time.h>

enum {
    FC_KEY_CHARACTERS_MAX = 500,
    FC_UPLOAD_BYTES_MAX = 52428800,
    FC_TYPE_SIZE = 128, /* of a content type, with its NUL */
    FC_ETAG_SIZE = 64,  /* of an ETag, with quotes and NUL */
};

/* How long links live, in seconds, by what they are for. */
enum { FC_LINK_UPLOAD = 15 * 60, FC_LINK_HOUR = 3600, FC_LINK_PREVIEW = 24 * 3600 };

struct fc_object {
    const char *bucket; /* one segment that does not begin with a dot */
    const char *key;    /* segments joined by single slashes; at most 500 characters, UTF-8 */
};

bool fc_object_ok(struct fc_object object);

/** Reads s3://<bucket>/<key>; false when @reference has another form. The texts are in @arena. */
bool fc_object_parse(struct fc_arena *arena, const char *reference, struct fc_object *object);
char *fc_object_reference(struct fc_arena *arena, struct fc_object object);

struct fc_object_info {
    int64_t size_bytes;
    struct fc_time modified;
    char content_type[FC_TYPE_SIZE];
    char etag[FC_ETAG_SIZE]; /* as in the header, quotes included */
};

enum fc_link_method { FC_LINK_GET, FC_LINK_PUT };

/** What a link allows: one method on one object, for a while. */
struct fc_link {
    enum fc_link_method method;
    struct fc_object object;
    int64_t expires;          /* seconds since 1970 */
    const char *content_type; /* of a PUT, else NULL */
    int64_t length;           /* of a PUT, bytes */
    bool for_workers;         /* begins with the address that workers reach the server by */
};

struct fc_storage {
    const char *provider; /* "file" */

    /**
     * Stores a copy of the file at @path: when this returns, a complete object is safe on disk. One
     * that is there already stays as it is. What the server makes is made once, so whoever comes
     * second may have stood still for an hour and must not touch what others rely on by now.
     *
     * FC_E_UNAVAILABLE  the store cannot be reached now
     * FC_E_INTERNAL     it does not work; @error says why (a full disk is said to be one)
     */
    fc_status (*put_file)(struct fc_storage *storage, struct fc_object object, const char *path,
                          const char *content_type, struct fc_error *error);

    /**
     * Gives a local file that holds the object, only to be read: the object itself where that is a
     * file, else a copy below @work_dir. *@path lives in @arena. FC_E_NOT_FOUND: no such object.
     */
    fc_status (*fetch_file)(struct fc_storage *storage, struct fc_arena *arena,
                            struct fc_object object, const char *work_dir, const char **path,
                            struct fc_error *error);

    /** FC_E_NOT_FOUND: no such object. */
    fc_status (*head)(struct fc_storage *storage, struct fc_object object,
                      struct fc_object_info *info, struct fc_error *error);

    /** An object that is not there counts as deleted. */
    fc_status (*delete)(struct fc_storage *storage, struct fc_object object,
                        struct fc_error *error);

    /** Deletes all objects whose keys begin with object.key, which ends in a slash, but for those
     * named in @keep. */
    fc_status (*delete_below)(struct fc_storage *storage, struct fc_object object,
                              const char *const *keep, size_t n_keep, struct fc_error *error);

    /** A local computation, never looks whether the object exists; the text is in @arena. */
    char *(*link)(const struct fc_storage *storage, struct fc_arena *arena,
                  const struct fc_link *link);

    void (*free)(struct fc_storage *storage);
};

void fc_storage_free(struct fc_storage *storage); /* accepts NULL */
FC_AUTO_DEFINE(storage)

/** A link to read @object for @seconds from @now on. */
char *fc_storage_link(const struct fc_storage *storage, struct fc_arena *arena,
                      struct fc_object object, int64_t seconds, struct fc_time now);

/** By the key's extension; "application/octet-stream" when that says nothing. */
const char *fc_content_type_of(const char *key);

#endif
