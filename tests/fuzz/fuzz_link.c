/*
 * Any bytes as a signed link ("bucket LF key LF expires LF signature"): nothing but the signature
 * of that very object, method and time opens it, and an object that may be named stays below its
 * bucket.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <framecast/text.h>

#include "storage/file.h"

enum { NOW = 1700000000 };

static struct fc_storage *storage;
static struct fc_hmac key;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char folder[] = "/tmp/framecast-fuzz-XXXXXX";
    struct fc_file_settings settings = {
        .dir = folder, .secret = "secret", .base_url = "http://x", .workers_base_url = "http://x"};

    (void)argc;
    (void)argv;
    assert(mkdtemp(folder) != NULL);
    assert(fc_file_storage_new(&storage, &settings, NULL) == FC_OK);
    key = fc_link_key("secret");
    return 0;
}

/* The next line of *@text, which it is moved past. */
static const char *next_line(struct fc_arena *arena, const char **text)
{
    size_t n = strcspn(*text, "\n");
    const char *line = fc_copy_n(arena, *text, n);

    *text += n + ((*text)[n] == '\n');
    return line;
}

static bool opens(const char *path, enum fc_link_method method, const char *expires,
                  const char *signature, int64_t now)
{
    struct fc_link link = {.method = method, .content_type = "image/png", .length = 3};

    return fc_file_link_ok(storage, &link, path, expires, signature,
                           (struct fc_time){now * 1000000});
}

/* A link made for an object opens that object, until it ends, and nothing else. */
static void expect_bound(struct fc_arena *arena, struct fc_object object, const char *forged)
{
    struct fc_link link = {.method = FC_LINK_GET, .object = object, .expires = NOW};
    const char *path = fc_link_path(arena, object), *expires = "1700000000";
    char signature[FC_SIGNATURE_SIZE];

    assert(strstr(path, "/../") == NULL && strstr(path + 1, "//") == NULL);
    fc_link_sign(arena, &key, &link, path, signature);
    assert(opens(path, FC_LINK_GET, expires, signature, NOW));
    assert(!opens(path, FC_LINK_GET, expires, signature, NOW + 1));
    assert(!opens(path, FC_LINK_PUT, expires, signature, NOW));
    assert(!opens(path, FC_LINK_GET, "1700000001", signature, NOW));
    assert(!opens(path, FC_LINK_GET, "+1700000000", signature, NOW));
    assert(!opens(fc_printf(arena, "%s.", path), FC_LINK_GET, expires, signature, NOW));
    assert(strcmp(forged, signature) == 0 || !opens(path, FC_LINK_GET, expires, forged, NOW));
}

static void expect_inside(struct fc_object object)
{
    struct fc_object_info info;
    fc_status st = storage->head(storage, object, &info, NULL);

    assert(st == FC_E_NOT_FOUND || st == FC_E_VALIDATION); /* the folder is empty */
    assert((st != FC_E_VALIDATION) == fc_object_ok(object));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    const char *text = fc_copy_n(arena, (const char *)bytes, n);
    struct fc_object object = {.bucket = next_line(arena, &text)}, again;
    const char *expires, *signature;

    object.key = next_line(arena, &text);
    expires = next_line(arena, &text);
    signature = next_line(arena, &text);
    assert(!opens(fc_link_path(arena, object), FC_LINK_GET, expires, signature, 1));
    expect_inside(object);
    if (!fc_object_ok(object))
        return 0;
    assert(fc_utf8_ok(object.key, strlen(object.key)));
    expect_bound(arena, object, signature);
    if (fc_object_parse(arena, fc_object_reference(arena, object), &again))
        assert(strcmp(again.bucket, object.bucket) == 0 && strcmp(again.key, object.key) == 0);
    return 0;
}
