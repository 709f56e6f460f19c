/* What leaves the server signed: links to files, and the tokens by which workers are known. */
#include <string.h>

#include "auth/context.h"
#include "crypt/crypt.h"
#include "job/job.h"
#include "storage/storage.h"

/* Where jobs hold links. Everything else that looks like one is the client's own text and stays as
 * it is. */
static const char *const link_paths[] = {
    "output.url",
    "output.video_url",
    "output.thumbnail_url",
    "output.contact_sheet_url",
    "output.renditions[].url",
    "output.captions.srt_url",
    "output.captions.vtt_url",
    "output.scene_clips[].url",
    "progress.previews[].url",
    "scenes[].clip_url",
    "spec_snapshot.symbols.*.reference_images[].url",
    NULL,
};

struct signing {
    struct fc_request *rq;
    struct fc_time now;
};

/* s3://bucket/key in the outputs bucket; or s3:///key, as the database says that does not know it.
 * */
static bool object_of(const char *outputs, const char *reference, struct fc_object *object)
{
    static const char scheme[] = "s3://";
    const char *at = reference + strlen(scheme);

    if (!fc_text_starts(reference, scheme))
        return false;
    if (*at != '/' && fc_text_starts(at, outputs))
        at += strlen(outputs);
    *object = (struct fc_object){outputs, at + 1};
    return *at == '/' && fc_object_ok(*object);
}

static bool sign(void *context, const char *string, struct fc_buffer *b)
{
    const struct signing *signing = context;
    const struct fc_context *server = fc_context_of(signing->rq);
    struct fc_object object;

    if (!object_of(server->settings->s3_bucket_outputs, string, &object))
        return false;
    fc_put_char(b, '"'); /* nothing in a link needs an escape */
    fc_put(b, fc_storage_link(server->storage, signing->rq->arena, object, FC_LINK_HOUR,
                              signing->now));
    fc_put_char(b, '"');
    return true;
}

const struct fc_json_paths *fc_job_link_paths(struct fc_arena *arena)
{
    return fc_json_paths_read(arena, link_paths);
}

const char *fc_job_links(struct fc_request *rq, const char *body, size_t *n)
{
    struct signing signing = {rq, fc_time_now()};
    struct fc_buffer rewritten = fc_buffer_in(rq->arena);

    if (strstr(body, "\"s3://") == NULL)
        return body;
    fc_put_rewritten(&rewritten, body, *n, fc_context_of(rq)->job_links, sign, &signing);
    *n = rewritten.n;
    return rewritten.data;
}

bool fc_callback_token(const struct fc_settings *settings, const struct fc_uuid *job, bool previous,
                       char token[static FC_CALLBACK_TOKEN_SIZE])
{
    const char *secret = previous ? settings->callback_secret_previous : settings->callback_secret;
    unsigned char key[FC_HASH_BYTES], mac[FC_HASH_BYTES];
    char text[sizeof "job-callback:" + 36];

    if (previous && secret == NULL)
        return false;
    (void)snprintf(text, sizeof text, "job-callback:%s", job->text);
    if (secret == NULL) {
        fc_crypt_derive(settings->jwt_secret, "fc_callb", key);
        fc_crypt_hmac_sha256(key, sizeof key, text, strlen(text), mac);
        fc_crypt_wipe(key, sizeof key);
    } else {
        fc_crypt_hmac_sha256(secret, strlen(secret), text, strlen(text), mac);
    }
    fc_hex(mac, sizeof mac, token);
    return true;
}
