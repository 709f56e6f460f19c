/**
 * Dialogue that is heard: spoken by espeak-ng where that is installed, a stand-in for actors.
 *
 * A speaker has the same voice in every film: chosen by the name, among those that fit what is
 * known of the figure (a woman, an old man, a child).
 */
#ifndef RENDER_SPEECH_H
#define RENDER_SPEECH_H

#include "render/run.h"

struct fc_speech_line {
    const char *text;
    const char *speaker;  /* NULL: a narrator */
    const char *looks;    /* a description of the speaker, or NULL */
    const char *language; /* as fc_speech_language names it */
    int64_t room_ms;      /* positive; a line that takes longer is said faster, up to a point */
};

/**
 * Says a line: writes samples (render/samples.h) to @out, and to *@volume what brings them to the
 * loudness of all other voices; on failure *@volume stays as it was. Files beside @out come and go.
 *
 * FC_E_NOT_FOUND    there is no espeak-ng
 * FC_E_UNAVAILABLE  canceled, out of time, or no process to be had
 * FC_E_INTERNAL     it cannot say this
 */
fc_status fc_speech_say(const struct fc_render_settings *settings,
                        const struct fc_speech_line *line, const char *out, double *volume,
                        const struct fc_watch *watch, struct fc_error *error);

/** espeak-ng's name for a speaker's voice, without the language: "+f3". In the arena. */
const char *fc_speech_voice(struct fc_arena *arena, const char *speaker, const char *looks);

/**
 * The language of @line: by its script, and where many languages share one, by the letters and
 * small words of @all, the dialogue of the whole film. espeak-ng's name for it, constant.
 */
const char *fc_speech_language(const char *line, const char *all);

#endif
