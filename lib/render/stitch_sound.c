/* The film's sound: what the cues say, and what the clips themselves sound like. */
#include <string.h>
#include <unistd.h>

#include "render/mix.h"
#include "render/samples.h"
#include "render/stitch_parts.h"

/* As loud as what people watch elsewhere: nobody has to turn a knob. */
static const double film_lufs = -16;

/* What each gives up under a voice: music 11 dB, ambience 4 dB. Effects are meant to be heard. */
static const double yields[] = {
    [FC_CUE_MUSIC] = 0.72, [FC_CUE_AMBIENT] = 0.37, [FC_CUE_SFX] = 0, [FC_CUE_TRANSITION] = 0};

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
    if (st == FC_E_INTERNAL) { /* a broken sound is left out, like a missing one */
        s->film->n_unreadable++;
        return FC_OK;
    }
    return st == FC_OK ? FC_OK : fc_fail(s->error, st, "%s", why.text);
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
        st = decode(s, in, name, (double)s->order->plan->duration_ms / 1000, &can_be_heard);
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

/* What a clip itself sounds like is heard wherever it plays; most clips are silent. */
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
                .volume = 1};
    }
    return st;
}

fc_status fc_stitch_sound(const struct fc_stitch *s, const char *path)
{
    const struct fc_plan *plan = s->order->plan;
    struct soundtrack track = {.film = s};
    struct fc_mix_order film = {.length = s->n_frames * FC_AUDIO_RATE / s->order->format.fps,
                                .lufs = film_lufs};
    fc_status st = FC_OK;

    track.sounds = FC_NEW_ARRAY(s->arena, struct fc_mix_sound, plan->n_cues + plan->n_shots);
    for (size_t i = 0; i < plan->n_cues && st == FC_OK; i++) {
        if (s->order->sounds[i] != NULL)
            st = add_cue(&track, i);
    }
    for (size_t i = 0; i < plan->n_scenes && st == FC_OK; i++) {
        if (plan->scenes[i].is_played)
            st = add_scene(&track, i);
    }
    film.sounds = track.sounds;
    film.n_sounds = track.n_sounds;
    return st == FC_OK ? fc_mix_film(s->settings, &film, path, s->watch, s->error) : st;
}
