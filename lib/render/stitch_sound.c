/* The film's sound: what the cues say, and what the clips themselves sound like. */
#include <string.h>
#include <unistd.h>

#include "render/mix.h"
#include "render/samples.h"
#include "render/speech.h"
#include "render/stitch_parts.h"

/* As loud as what people watch elsewhere: nobody has to turn a knob. */
static const double film_lufs = -16;

/* What each gives up under a voice: music 11 dB, ambience 4 dB. Effects are meant to be heard. */
static const double yields[] = {
    [FC_CUE_MUSIC] = 0.72, [FC_CUE_AMBIENT] = 0.37, [FC_CUE_SFX] = 0, [FC_CUE_TRANSITION] = 0};

/* A line that is cut off ends in this time. */
enum { LAST_BREATH_MS = 120 };

struct soundtrack {
    const struct fc_stitch *film;
    struct fc_mix_sound *sounds;
    size_t n_sounds;
};

static int64_t samples_of(int64_t ms)
{
    return ms * (FC_AUDIO_RATE / 1000);
}

/* Decodes each file once; false in *@can_be_heard for what is no sound, or a silent one. */
static fc_status decode(const struct fc_stitch *s, const char *in, const char *name, double seconds,
                        bool *can_be_heard)
{
    struct fc_error why;
    const char *path = fc_stitch_file(s, name);
    fc_status st = fc_samples_decode(s->settings, in, path, seconds, s->watch, &why);

    *can_be_heard = st == FC_OK && !fc_samples_are_silent(path);
    if (!*can_be_heard)
        (void)unlink(path);    /* nor is it when another cue asks for it; there may be none */
    if (st == FC_E_INTERNAL) { /* a broken sound is left out, like a missing one */
        s->film->n_unreadable++;
        return FC_OK;
    }
    return st == FC_OK ? FC_OK : fc_fail(s->error, st, "%s", why.text);
}

/* How much of a file is heard at most, by any of its cues. */
static double seconds_heard(const struct fc_stitch *s, const char *path)
{
    const struct fc_plan *plan = s->order->plan;
    int64_t longest_ms = 0;

    for (size_t i = 0; i < plan->n_cues; i++) {
        int64_t ms = plan->cues[i].end_ms - plan->cues[i].start_ms;

        if (fc_text_equal(s->order->sounds[i], path) && ms > longest_ms)
            longest_ms = ms;
    }
    return (double)longest_ms / 1000;
}

static fc_status add_cue(struct soundtrack *track, size_t i)
{
    const struct fc_stitch *s = track->film;
    const struct fc_cue *cue = &s->order->plan->cues[i];
    const char *in = s->order->sounds[i], *name = NULL;
    bool can_be_heard = true;
    fc_status st = FC_OK;

    for (size_t k = 0; k < i && name == NULL; k++) { /* the same file sounds often */
        if (s->order->sounds[k] != NULL && strcmp(s->order->sounds[k], in) == 0)
            name = fc_printf(s->arena, "sound-%zu.pcm", k);
    }
    if (name == NULL) {
        name = fc_printf(s->arena, "sound-%zu.pcm", i);
        st = decode(s, in, name, seconds_heard(s, in), &can_be_heard);
    }
    if (st != FC_OK || !can_be_heard || access(fc_stitch_file(s, name), R_OK) != 0)
        return st;
    track->sounds[track->n_sounds++] = (struct fc_mix_sound){
        .path = fc_stitch_file(s, name),
        .start = samples_of(cue->start_ms),
        .end = samples_of(cue->end_ms),
        .volume = cue->volume,
        .fade_in = samples_of(cue->fade_in_ms),
        .fade_out = samples_of(cue->fade_out_ms),
        .loop = cue->loop,
        .yields = yields[cue->kind]};
    return FC_OK;
}

static bool has_dialogue(const struct fc_plan *plan, const struct fc_shot *shot)
{
    for (size_t i = 0; i < plan->n_captions; i++) {
        if (plan->captions[i].start_ms >= shot->start_ms &&
            plan->captions[i].start_ms < shot->start_ms + shot->duration_ms)
            return true;
    }
    return false;
}

/* What a clip itself sounds like is heard wherever it plays; many clips are silent. */
static fc_status add_scene(struct soundtrack *track, size_t scene)
{
    const struct fc_stitch *s = track->film;
    const struct fc_plan *plan = s->order->plan;
    const char *name = fc_printf(s->arena, "scene-%zu.pcm", scene);
    bool can_be_heard = false;
    fc_status st = FC_OK;

    if (s->order->clips[scene] != NULL)
        st = decode(s, s->order->clips[scene], name, (double)plan->scenes[scene].duration_ms / 1000,
                    &can_be_heard);
    for (size_t i = 0; i < plan->n_shots && can_be_heard; i++) {
        const struct fc_shot *shot = &plan->shots[i];

        if (shot->scene == scene)
            track->sounds[track->n_sounds++] = (struct fc_mix_sound){
                .path = fc_stitch_file(s, name),
                .start = samples_of(shot->start_ms),
                .end = samples_of(shot->start_ms + shot->duration_ms),
                .volume = 1,
                .is_voice = has_dialogue(plan, shot)};
    }
    return st;
}

/* ---- dialogue ---- */

static const char *all_dialogue(struct fc_arena *arena, const struct fc_plan *plan)
{
    struct fc_buffer all = fc_buffer_in(arena);

    for (size_t i = 0; i < plan->n_captions; i++) {
        fc_put(&all, plan->captions[i].text);
        fc_put_char(&all, '\n');
    }
    return all.data;
}

/* An earlier playing of the same line, with the same time to say it; -1: none. */
static ptrdiff_t said_before(const struct fc_plan *plan, size_t i)
{
    const struct fc_caption *line = &plan->captions[i];

    for (size_t k = 0; k < i; k++) {
        const struct fc_caption *other = &plan->captions[k];

        if (fc_text_equal(other->text, line->text) &&
            fc_text_equal(other->speaker, line->speaker) &&
            other->limit_ms - other->start_ms == line->limit_ms - line->start_ms)
            return (ptrdiff_t)k;
    }
    return -1;
}

/* What became of a line; volume 0: it cannot be heard. */
struct spoken {
    const char *path;
    double volume;
};

/* Says line @i of the plan, or takes over what was said before. */
static fc_status say(const struct fc_stitch *s, size_t i, const char *all, struct spoken *spoken,
                     struct fc_error *why)
{
    const struct fc_caption *line = &s->order->plan->captions[i];
    const struct fc_speech_line speech = {.text = line->text,
                                          .speaker = line->speaker,
                                          .looks = line->looks,
                                          .language = fc_speech_language(line->text, all),
                                          .room_ms = line->limit_ms - line->start_ms};
    ptrdiff_t before = said_before(s->order->plan, i);

    if (before >= 0) {
        spoken[i] = spoken[before];
        return FC_OK;
    }
    spoken[i].path = fc_stitch_file(s, fc_printf(s->arena, "line-%zu.pcm", i));
    return fc_speech_say(s->settings, &speech, spoken[i].path, &spoken[i].volume, s->watch, why);
}

/* What cannot be said stays silent: it can be read. */
static fc_status add_dialogue(struct soundtrack *track)
{
    const struct fc_stitch *s = track->film;
    const struct fc_plan *plan = s->order->plan;
    const char *all = all_dialogue(s->arena, plan);
    struct spoken *spoken = FC_NEW_ARRAY(s->arena, struct spoken, plan->n_captions);
    struct fc_error why;
    fc_status st = FC_OK;

    for (size_t i = 0; i < plan->n_captions && st != FC_E_NOT_FOUND; i++) {
        const struct fc_caption *line = &plan->captions[i];

        st = say(s, i, all, spoken, &why);
        if (fc_watch_canceled(s->watch))
            return fc_fail(s->error, FC_E_UNAVAILABLE, "The film was canceled");
        if (st != FC_OK)
            s->film->unspoken = fc_copy(s->arena, why.text);
        else if (spoken[i].volume > 0)
            track->sounds[track->n_sounds++] = (struct fc_mix_sound){
                .path = spoken[i].path,
                .start = samples_of(line->start_ms),
                .end = samples_of(line->limit_ms),
                .volume = line->volume * spoken[i].volume,
                .fade_out = samples_of(LAST_BREATH_MS),
                .is_voice = true};
    }
    return FC_OK;
}

/* ---- all of it ---- */

fc_status fc_stitch_sound(const struct fc_stitch *s, const char *path)
{
    const struct fc_plan *plan = s->order->plan;
    struct soundtrack track = {.film = s};
    struct fc_mix_order film = {.length = s->n_frames * FC_AUDIO_RATE / s->order->format.fps,
                                .lufs = film_lufs};
    fc_status st = FC_OK;

    track.sounds = FC_NEW_ARRAY(s->arena, struct fc_mix_sound,
                                plan->n_cues + plan->n_shots + plan->n_captions);
    for (size_t i = 0; i < plan->n_cues && st == FC_OK; i++) {
        if (s->order->sounds[i] != NULL)
            st = add_cue(&track, i);
    }
    for (size_t i = 0; i < plan->n_scenes && !s->order->is_mute && st == FC_OK; i++) {
        if (plan->scenes[i].is_played)
            st = add_scene(&track, i);
    }
    if (st == FC_OK && s->order->is_mute)
        st = add_dialogue(&track);
    film.sounds = track.sounds;
    film.n_sounds = track.n_sounds;
    return st == FC_OK ? fc_mix_film(s->settings, &film, path, s->watch, s->error) : st;
}
