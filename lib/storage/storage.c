#include "storage/storage.h"

#include <string.h>

#include <framecast/text.h>

enum { SEGMENT_BYTES_MAX = 255 };

static bool segment_ok(const char *at, size_t n)
{
    if (n == 0 || n > SEGMENT_BYTES_MAX)
        return false;
    return !(n == 1 && at[0] == '.') && !(n == 2 && at[0] == '.' && at[1] == '.');
}

static bool key_ok(const char *key)
{
    const char *at = key;
    size_t n = strlen(key);

    if (!fc_utf8_ok(key, n) ||
        (n > FC_KEY_CHARACTERS_MAX && fc_utf8_length(key, n) > FC_KEY_CHARACTERS_MAX))
        return false;
    for (;;) {
        n = (size_t)(strchrnul(at, '/') - at);
        if (!segment_ok(at, n))
            return false;
        if (at[n] == '\0')
            return true;
        at += n + 1;
    }
}

bool fc_object_ok(struct fc_object object)
{
    const char *bucket = object.bucket;

    return bucket != NULL && object.key != NULL && bucket[0] != '.' &&
           strchr(bucket, '/') == NULL && segment_ok(bucket, strlen(bucket)) && key_ok(object.key);
}

bool fc_object_parse(struct fc_arena *arena, const char *reference, struct fc_object *object)
{
    static const char scheme[] = "s3://";
    const char *bucket, *slash;
    struct fc_object found;

    if (reference == NULL || !fc_text_starts(reference, scheme))
        return false;
    bucket = reference + strlen(scheme);
    slash = strchr(bucket, '/');
    if (slash == NULL)
        return false;
    found.bucket = fc_copy_n(arena, bucket, (size_t)(slash - bucket));
    found.key = fc_copy(arena, slash + 1);
    if (!fc_object_ok(found))
        return false;
    *object = found;
    return true;
}

char *fc_object_reference(struct fc_arena *arena, struct fc_object object)
{
    return fc_printf(arena, "s3://%s/%s", object.bucket, object.key);
}

char *fc_storage_link(const struct fc_storage *storage, struct fc_arena *arena,
                      struct fc_object object, int64_t seconds, struct fc_time now)
{
    const struct fc_link link = {
        .method = FC_LINK_GET,
        .object = object,
        .expires = now.us / 1000000 + seconds,
    };

    return storage->link(storage, arena, &link);
}

void fc_storage_free(struct fc_storage *storage)
{
    if (storage != NULL)
        storage->free(storage);
}

const char *fc_content_type_of(const char *key)
{
    static const struct {
        const char *extension, *type;
    } types[] = {
        {"mp4", "video/mp4"},
        {"webm", "video/webm"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"webp", "image/webp"},
        {"gif", "image/gif"},
        {"mp3", "audio/mpeg"},
        {"wav", "audio/wav"},
        {"ogg", "audio/ogg"},
        {"m4a", "audio/mp4"},
        {"srt", "application/x-subrip"},
        {"vtt", "text/vtt"},
        {"json", "application/json"},
        {"txt", "text/plain"},
    };
    const char *slash = strrchr(key, '/');
    const char *dot = strrchr(slash != NULL ? slash : key, '.');

    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++) {
        if (fc_text_equal_nocase(dot + 1, types[i].extension))
            return types[i].type;
    }
    return "application/octet-stream";
}
