/* Sounds and pictures that a storyboard names: noted on the way, judged when facts are there. */
#include <stdlib.h>
#include <string.h>

#include <framecast/ids.h>

#include "storyboard/check.h"

static const struct {
    const char *need, *prefix, *wrong, *valid;
    bool takes_system;
} places[] = {
    [FC_ASSET_AUDIO] = {"audio", "audio/", "Asset is not an audio file", "[\"audio\"]", true},
    [FC_ASSET_VOICE] = {"audio", "audio/", "Asset is not an audio file", "[\"audio\"]", false},
    [FC_ASSET_IMAGE] = {"image", "image/", "Asset is not an image", "[\"image\"]", false},
};

static bool is_system(const char *id)
{
    return fc_text_starts(id, "asset_");
}

const char *fc_asset_id(struct fc_arena *arena, const char *id)
{
    struct fc_uuid uuid;

    return fc_uuid_parse(id, &uuid) ? fc_copy(arena, uuid.text) : id;
}

static void note(struct fc_check *check, const struct fc_json *value, enum fc_asset_place place)
{
    struct fc_asset_mention *m = FC_NEW(check->arena, struct fc_asset_mention);
    const char *id = fc_json_string(value);
    struct fc_uuid uuid;

    m->place = place;
    m->value = value;
    m->path = fc_copy(check->arena, check->path.data);
    m->id = fc_asset_id(check->arena, id);
    m->is_usable = fc_uuid_parse(id, &uuid) || (is_system(id) && places[place].takes_system);
    *check->assets_end = m;
    check->assets_end = &m->next;
}

void fc_also_audio_asset(struct fc_check *check, const struct fc_json *id)
{
    note(check, id, FC_ASSET_AUDIO);
}

void fc_also_voice_asset(struct fc_check *check, const struct fc_json *id)
{
    note(check, id, FC_ASSET_VOICE);
}

void fc_also_image_asset(struct fc_check *check, const struct fc_json *id)
{
    note(check, id, FC_ASSET_IMAGE);
}

/* ---- what must be asked for ---- */

struct wanted {
    const struct fc_asset_mention *mention;
    size_t index;
};

static int by_id_and_need(const void *a, const void *b)
{
    const struct wanted *left = a, *right = b;
    int order = strcmp(left->mention->id, right->mention->id);

    if (order == 0)
        order = strcmp(places[left->mention->place].need, places[right->mention->place].need);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static int by_index(const void *a, const void *b)
{
    const struct wanted *left = a, *right = b;

    return (left->index > right->index) - (left->index < right->index);
}

static bool same_wish(const struct wanted *a, const struct wanted *b)
{
    return strcmp(a->mention->id, b->mention->id) == 0 &&
           strcmp(places[a->mention->place].need, places[b->mention->place].need) == 0;
}

/* Each different id and need once, in order of mention. */
static struct wanted *wanted(const struct fc_check *check, size_t *n)
{
    size_t all = 0, kept = 0;
    struct wanted *list;

    for (const struct fc_asset_mention *m = check->assets; m != NULL; m = m->next)
        all += m->is_usable;
    list = FC_NEW_ARRAY(check->arena, struct wanted, all);
    all = 0;
    for (const struct fc_asset_mention *m = check->assets; m != NULL; m = m->next)
        if (m->is_usable) {
            list[all] = (struct wanted){m, all};
            all++;
        }
    qsort(list, all, sizeof *list, by_id_and_need);
    for (size_t i = 0; i < all; i++)
        if (kept == 0 || !same_wish(&list[kept - 1], &list[i]))
            list[kept++] = list[i];
    qsort(list, kept, sizeof *list, by_index);
    *n = kept;
    return list;
}

size_t fc_check_n_assets(const struct fc_check *check)
{
    size_t n;

    (void)wanted(check, &n);
    return n;
}

void fc_check_put_assets(const struct fc_check *check, struct fc_buffer *b)
{
    size_t n;
    const struct wanted *list = wanted(check, &n);

    fc_put_char(b, '[');
    for (size_t i = 0; i < n; i++) {
        fc_put(b, i == 0 ? "{\"id\":" : ",{\"id\":");
        fc_put_json(b, list[i].mention->id);
        fc_putf(b, ",\"need\":\"%s\"}", places[list[i].mention->place].need);
    }
    fc_put_char(b, ']');
}

/* ---- the facts ---- */

static bool is_found(const struct fc_json *fact)
{
    const struct fc_json *found = fact == NULL ? NULL : fc_json_get(fact, "found");

    return fc_json_type(found) == FC_JSON_BOOLEAN && fc_json_boolean(found);
}

static const char *text_of(const struct fc_json *fact, const char *name)
{
    const struct fc_json *value = fc_json_get(fact, name);

    return fc_json_type(value) == FC_JSON_STRING ? fc_json_string(value) : "";
}

static bool is_right_kind(const struct fc_json *fact, enum fc_asset_place place)
{
    const char *kind = text_of(fact, "kind");

    /* storyboards and characters are no assets, whatever their content type */
    return strcmp(kind, "storyboard") != 0 && strcmp(kind, "character") != 0 &&
           fc_text_starts(text_of(fact, "content_type"), places[place].prefix);
}

/* What is wrong with an asset, by what is known of it; no code: nothing is. */
static struct fc_problem judge(struct fc_check *check, const struct fc_asset_mention *m,
                               const struct fc_json *fact)
{
    struct fc_problem problem = {0};

    if (!m->is_usable) {
        problem.code = "invalid_asset_id";
        problem.message = "Not an asset id usable here";
    } else if (!is_found(fact) && is_system(m->id)) {
        problem.code = "system_asset_not_found";
        problem.message = fc_printf(check->arena, "System asset '%s' does not exist",
                                    fc_check_shown(check, fc_span_of(m->id)));
    } else if (!is_found(fact)) {
        problem.code = "asset_not_found";
        problem.message = "Asset does not exist";
    } else if (is_system(m->id)) {
        return problem; /* any sound of the catalogue will do */
    } else if (strcmp(text_of(fact, "status"), "ready") != 0) {
        problem.code = "asset_not_ready";
        problem.message = fc_printf(check->arena, "Asset is not ready (status %s)",
                                    text_of(fact, "status"));
        problem.valid_values = "[\"ready\"]";
    } else if (!is_right_kind(fact, m->place)) {
        problem.code = "asset_wrong_kind";
        problem.message = places[m->place].wrong;
        problem.valid_values = places[m->place].valid;
    }
    return problem;
}

void fc_check_assets(struct fc_check *check, const struct fc_json *facts)
{
    struct fc_names known = fc_names_of_ids(check->arena, facts);

    check->assets_done = true;
    for (const struct fc_asset_mention *m = check->assets; m != NULL; m = m->next) {
        const struct fc_name *fact = fc_names_find(&known, fc_span_of(m->id));
        struct fc_problem problem;

        if (facts == NULL && m->is_usable)
            continue;
        problem = judge(check, m, fact == NULL ? NULL : fact->value);
        if (problem.code == NULL)
            continue;
        problem.path = m->path;
        problem.value = fc_check_value(check, m->value);
        fc_check_error(check, problem);
    }
}
