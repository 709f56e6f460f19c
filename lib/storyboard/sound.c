#include <string.h>

#include "storyboard/plan.h"

enum { CAPTION_CHARACTERS_PER_SECOND = 15, CAPTION_MS_MIN = 1000 };

static double volume_of(const struct fc_json *sound)
{
    const struct fc_json *volume = fc_json_get(sound, "volume");

    return fc_json_type(volume) == FC_JSON_NUMBER ? fc_json_number(volume) : 1;
}

/* ---- cues ---- */

struct cues {
    struct fc_arena *arena;
    struct fc_plan *plan;
    size_t room;
};

/* Keeps the list in order of time; a sound begins within its shot, so the way back is short. */
static void cue_add(struct cues *c, struct fc_cue cue)
{
    struct fc_plan *plan = c->plan;
    size_t at = plan->n_cues;

    if (plan->n_cues == c->room) {
        size_t room = c->room == 0 ? 32 : c->room * 2;
        struct fc_cue *cues = FC_NEW_ARRAY(c->arena, struct fc_cue, room);

        if (plan->n_cues > 0)
            memcpy(cues, plan->cues, plan->n_cues * sizeof *cues);
        plan->cues = cues;
        c->room = room;
    }
    for (; at > 0 && plan->cues[at - 1].start_ms > cue.start_ms; at--)
        plan->cues[at] = plan->cues[at - 1];
    plan->cues[at] = cue;
    plan->n_cues++;
}

static int64_t fade_ms(const struct fc_json *sound, const char *name, int64_t most)
{
    int64_t ms = fc_milliseconds(fc_json_get(sound, name));

    return ms < most ? ms : most;
}

/* Music or ambience, from @start_ms to @end_ms. @audio is the object that may hold it, or NULL. */
static void bed_add(struct cues *c, const struct fc_json *audio, const char *name,
                    enum fc_cue_kind kind, int64_t start_ms, int64_t end_ms)
{
    const struct fc_json *sound = audio == NULL ? NULL : fc_json_have(audio, name), *loop;

    if (sound == NULL)
        return;
    loop = fc_json_have(sound, "loop");
    cue_add(c, (struct fc_cue){.kind = kind,
                               .asset_id = fc_asset_id(
                                   c->arena, fc_json_string(fc_json_get(sound, "asset_id"))),
                               .start_ms = start_ms,
                               .end_ms = end_ms,
                               .volume = volume_of(sound),
                               .fade_in_ms = fade_ms(sound, "fade_in", end_ms - start_ms),
                               .fade_out_ms = fade_ms(sound, "fade_out", end_ms - start_ms),
                               .loop = loop != NULL && fc_json_boolean(loop)});
}

/* A sound that rings out by itself. */
static void hit_add(struct cues *c, const struct fc_json *sound, enum fc_cue_kind kind,
                    int64_t start_ms)
{
    const struct fc_json *asset = sound == NULL ? NULL : fc_json_have(sound, "asset_id");

    if (asset == NULL)
        return;
    cue_add(c, (struct fc_cue){.kind = kind,
                               .asset_id = fc_asset_id(c->arena, fc_json_string(asset)),
                               .start_ms = start_ms,
                               .end_ms = c->plan->duration_ms,
                               .volume = volume_of(sound)});
}

static void shot_sounds(struct cues *c, const struct fc_shot *shot,
                        const struct fc_playing *playing)
{
    const struct fc_json *audio = fc_json_have(playing->scene, "audio");
    const struct fc_json *effects = audio == NULL ? NULL : fc_json_have(audio, "sfx");
    int64_t end_ms = shot->start_ms + shot->duration_ms;

    if (playing->transition != NULL)
        hit_add(c, fc_json_have(playing->transition, "audio"), FC_CUE_TRANSITION, shot->start_ms);
    bed_add(c, audio, "music", FC_CUE_MUSIC, shot->start_ms, end_ms);
    bed_add(c, audio, "ambient", FC_CUE_AMBIENT, shot->start_ms, end_ms);
    if (effects == NULL)
        return;
    for (const struct fc_json *v = fc_json_first(effects); v != NULL; v = fc_json_next(v)) {
        int64_t start_ms = fc_milliseconds(fc_json_get(v, "start"));

        if (start_ms < shot->duration_ms) /* what starts after its scene is not in the film */
            hit_add(c, v, FC_CUE_SFX, shot->start_ms + start_ms);
    }
}

/* ---- captions ---- */

/* When the line that begins at @start_ms must be gone: at the next line, or the scene's end. */
static int64_t line_limit(const struct fc_json *lines, int64_t start_ms, int64_t scene_ms)
{
    int64_t limit = scene_ms;

    for (const struct fc_json *v = fc_json_first(lines); v != NULL; v = fc_json_next(v)) {
        int64_t other = fc_milliseconds(fc_json_get(v, "start"));

        if (other > start_ms && other < limit)
            limit = other;
    }
    return limit;
}

static int64_t reading_ms(const struct fc_json *text)
{
    int64_t ms = (int64_t)fc_json_string_length(text) * 1000 / CAPTION_CHARACTERS_PER_SECOND;

    return ms < CAPTION_MS_MIN ? CAPTION_MS_MIN : ms;
}

static const struct fc_json *lines_of(const struct fc_playing *playing)
{
    const struct fc_json *audio = fc_json_have(playing->scene, "audio");

    return audio == NULL ? NULL : fc_json_have(audio, "dialogue");
}

/* What one line says and who says it; its times are the caller's to fill in. */
static struct fc_caption line_read(const struct fc_json *line, const struct fc_json *symbols)
{
    const struct fc_json *speaker = fc_json_have(line, "speaker"),
                         *symbol = speaker == NULL ? NULL
                                                   : fc_json_get(symbols, fc_json_string(speaker));

    return (struct fc_caption){
        .text = fc_json_string(fc_json_get(line, "text")),
        .speaker = speaker == NULL ? NULL : fc_json_string(speaker),
        .looks = symbol == NULL ? NULL : fc_json_string(fc_json_get(symbol, "prompt")),
        .volume = volume_of(line)};
}

static void shot_captions(struct fc_plan *plan, const struct fc_shot *shot,
                          const struct fc_json *lines, const struct fc_json *symbols)
{
    for (const struct fc_json *v = fc_json_first(lines); v != NULL; v = fc_json_next(v)) {
        struct fc_caption caption = line_read(v, symbols);
        int64_t start_ms = fc_milliseconds(fc_json_get(v, "start"));
        int64_t end_ms = start_ms + reading_ms(fc_json_get(v, "text")),
                limit = line_limit(lines, start_ms, shot->duration_ms);
        size_t at = plan->n_captions;

        if (start_ms >= shot->duration_ms)
            continue;
        caption.start_ms = shot->start_ms + start_ms;
        caption.end_ms = shot->start_ms + (end_ms < limit ? end_ms : limit);
        caption.limit_ms = shot->start_ms + limit;
        for (; at > 0 && plan->captions[at - 1].start_ms > caption.start_ms; at--)
            plan->captions[at] = plan->captions[at - 1];
        plan->captions[at] = caption;
        plan->n_captions++;
    }
}

static void captions_add(struct fc_arena *arena, const struct fc_json *spec,
                         const struct fc_playing *playings, struct fc_plan *plan)
{
    const struct fc_json *symbols = fc_json_have(spec, "symbols");
    size_t n = 0;

    for (size_t i = 0; i < plan->n_shots; i++)
        n += lines_of(&playings[i]) == NULL ? 0 : fc_json_count(lines_of(&playings[i]));
    plan->captions = FC_NEW_ARRAY(arena, struct fc_caption, n);
    for (size_t i = 0; i < plan->n_shots; i++)
        if (lines_of(&playings[i]) != NULL)
            shot_captions(plan, &plan->shots[i], lines_of(&playings[i]), symbols);
}

void fc_plan_sounds(struct fc_arena *arena, const struct fc_json *spec,
                    const struct fc_playing *playings, struct fc_plan *plan)
{
    const struct fc_json *global = fc_json_have(spec, "global_audio");
    struct cues cues = {.arena = arena, .plan = plan};

    bed_add(&cues, global, "music", FC_CUE_MUSIC, 0, plan->duration_ms);
    bed_add(&cues, global, "ambient", FC_CUE_AMBIENT, 0, plan->duration_ms);
    for (size_t i = 0; i < plan->n_shots; i++)
        shot_sounds(&cues, &plan->shots[i], &playings[i]);
    captions_add(arena, spec, playings, plan);
}
