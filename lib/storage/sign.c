#include <inttypes.h>
#include <string.h>

#include <framecast/text.h>

#include "crypt/crypt.h"
#include "storage/file_tree.h"

static const char *const method_names[] = {[FC_LINK_GET] = "GET", [FC_LINK_PUT] = "PUT"};

struct fc_hmac fc_link_key(const char *secret)
{
    unsigned char key[FC_HASH_BYTES];
    struct fc_hmac ready;

    fc_crypt_derive(secret, "fc_blobs", key);
    ready = fc_crypt_hmac_key(key, sizeof key);
    fc_crypt_wipe(key, sizeof key);
    return ready;
}

void fc_link_sign(struct fc_arena *arena, const struct fc_hmac *key, const struct fc_link *link,
                  const char *path, char signature[static FC_SIGNATURE_SIZE])
{
    struct fc_buffer lines = fc_buffer_in(arena);
    unsigned char mac[FC_HASH_BYTES];

    fc_buffer_reserve(&lines, strlen(path) + 64);
    fc_put(&lines, method_names[link->method]);
    fc_put_char(&lines, '\n');
    fc_put(&lines, path);
    fc_put_char(&lines, '\n');
    fc_put_int(&lines, link->expires);
    fc_put_char(&lines, '\n');
    if (link->method == FC_LINK_PUT)
        fc_putf(&lines, "%s\n%" PRId64, link->content_type, link->length);
    else
        fc_put(&lines, "\n");
    fc_crypt_hmac(key, lines.data, lines.n, mac);
    fc_hex(mac, sizeof mac, signature);
}

char *fc_link_path(struct fc_arena *arena, struct fc_object object)
{
    struct fc_buffer path = fc_buffer_in(arena);

    fc_buffer_reserve(&path, strlen(object.bucket) + strlen(object.key) + 16);
    fc_put(&path, "/v1/blobs/");
    fc_put_url(&path, object.bucket, false);
    fc_put_char(&path, '/');
    fc_put_url(&path, object.key, true);
    return path.data;
}

/* What was signed is the number as we write it: "+1", "01" and the like are other texts. */
static int64_t expires_read(const char *text)
{
    char canonical[32];
    int64_t expires;

    if (text == NULL || !fc_int_parse(text, &expires))
        return 0;
    (void)snprintf(canonical, sizeof canonical, "%" PRId64, expires);
    return strcmp(canonical, text) == 0 ? expires : 0;
}

bool fc_file_link_ok(const struct fc_storage *storage, struct fc_link *link, const char *path,
                     const char *expires, const char *signature, struct fc_time now)
{
    const struct fc_file_store *store = (const struct fc_file_store *)storage;
    FC_AUTO(arena) *arena = fc_arena_new();
    char right[FC_SIGNATURE_SIZE], given[FC_SIGNATURE_SIZE] = "";
    bool is_right, is_live;

    link->expires = expires_read(expires);
    if (signature != NULL && strlen(signature) == FC_SIGNATURE_SIZE - 1)
        memcpy(given, signature, FC_SIGNATURE_SIZE);
    fc_link_sign(arena, &store->link_key, link, path, right);
    is_right = fc_crypt_equal(right, given, FC_SIGNATURE_SIZE);
    is_live = link->expires >= now.us / 1000000;
    return is_right && is_live;
}
