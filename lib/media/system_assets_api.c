/* The catalogue of ready-made sounds: the same for everybody who is known. */
#include <limits.h>
#include <string.h>

#include <framecast/time.h>

#include "auth/context.h"
#include "media/media.h"
#include "storage/storage.h"

static const char *const categories[] = {"sfx", "ambient", "music", "transition"};

static bool category_ok(const char *text)
{
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        if (strcmp(categories[i], text) == 0)
            return true;
    }
    return false;
}

struct list_query {
    const char *category, *search;
    struct fc_texts tags;
    struct fc_page page;
};

static const struct fc_field list_fields[] = {
    FC_FIELD(struct list_query, category, .check = category_ok,
             .expected = "one of sfx, ambient, music, transition"),
    FC_FIELD(struct list_query, search),
    FC_FIELD(struct list_query, tags),
    FC_PAGE_FIELDS(struct list_query, page),
    {0},
};
const struct fc_shape fc_system_asset_list_shape = FC_SHAPE(struct list_query, list_fields);

/* The words without blanks around them; what is empty then is none. */
static struct fc_arg tags_arg(struct fc_arena *arena, const struct fc_texts *tags)
{
    const char **words = FC_NEW_ARRAY(arena, const char *, tags->n);
    size_t n_words = 0;

    for (size_t i = 0; i < tags->n; i++) {
        const char *at = tags->at[i] + strspn(tags->at[i], " \t");
        size_t n = strlen(at);

        while (n > 0 && (at[n - 1] == ' ' || at[n - 1] == '\t'))
            n--;
        if (n > 0)
            words[n_words++] = fc_copy_n(arena, at, n);
    }
    return n_words > 0 ? fc_arg_texts(arena, words, n_words) : fc_arg_text(NULL);
}

/* GET /v1/system-assets: all of it, unless a page is asked for. */
fc_status fc_system_asset_list(struct fc_request *rq)
{
    const struct list_query *in = rq->query;
    const bool is_paged = in->page.limit.is_given || in->page.offset.is_given ||
                          in->page.cursor != NULL;
    struct fc_page_at at;
    fc_status st = fc_page_check(rq, &in->page, is_paged ? 50 : INT_MAX, 1, &at);

    if (st != FC_OK)
        return st;
    return fc_answer(rq, FC_Q_SYSTEM_ASSET_LIST,
                     FC_ARGS(fc_arg_text(in->category), tags_arg(rq->arena, &in->tags),
                             fc_arg_text(in->search), fc_arg_int(at.limit), fc_arg_int(at.offset),
                             fc_arg_text(at.keys[0])));
}

/* framecast:system:<category>:<name> -> asset_<category>_<name>; anything else stays as it is. */
static const char *asset_id(struct fc_arena *arena, const char *text)
{
    static const char urn[] = "framecast:system:";
    const char *category, *colon;

    if (!fc_text_starts(text, urn))
        return text;
    category = text + strlen(urn);
    colon = strchr(category, ':');
    if (colon == NULL || !category_ok(fc_copy_n(arena, category, (size_t)(colon - category))))
        return text;
    return fc_printf(arena, "asset_%.*s_%s", (int)(colon - category), category, colon + 1);
}

/* The link is made here, not in the database; it is not looked whether the file is there. */
static fc_status with_preview(struct fc_request *rq, const char *outcome, const char *body,
                              const char *s3_key)
{
    const struct fc_context *context = fc_context_of(rq);
    const struct fc_time now = fc_time_now();
    const struct fc_time expires = {(now.us / 1000000 + FC_LINK_PREVIEW) * 1000000};
    struct fc_buffer answer = fc_buffer_in(rq->arena);
    char expires_at[FC_TIME_TEXT_SIZE];

    if (strcmp(outcome, "ok") != 0)
        return fc_answer_outcome(rq, outcome, body, NULL);
    fc_time_format(expires, expires_at);
    fc_put_n(&answer, body, strlen(body) - 1); /* up to the closing brace */
    fc_put(&answer, ",\"preview_url\":");
    fc_put_json(&answer,
                fc_storage_link(context->storage, rq->arena,
                                (struct fc_object){context->settings->s3_bucket_system, s3_key},
                                FC_LINK_PREVIEW, now));
    fc_putf(&answer, ",\"preview_url_expires_at\":\"%s\"}", expires_at);
    return fc_answer_json(rq, 200, answer.data);
}

/* GET /v1/system-assets/{asset}: by id or URN, with a link for a day. */
fc_status fc_system_asset_get(struct fc_request *rq)
{
    return fc_answer_then(rq, FC_Q_SYSTEM_ASSET_GET,
                          FC_ARGS(fc_arg_text(asset_id(rq->arena, rq->params[0]))), with_preview);
}
