/** System sounds that the store lacks are made here; inside of lib/orchestrate only. */
#ifndef ORCHESTRATE_SOUNDS_H
#define ORCHESTRATE_SOUNDS_H

#include "orchestrate/runner.h"
#include "render/run.h"

/** True when the object at @key is the catalogue's own sound @id: a file that somebody else is to
 * provide has another id or another key. */
bool fc_sound_is_known(const char *id, const char *key);

/**
 * Makes the sound @id, which is known, in @work_dir and stores it under @key. Two that do so at the
 * same time store the same.
 *
 * FC_E_NOT_FOUND    there is no ffmpeg
 * FC_E_UNAVAILABLE  canceled, out of time, or the store is away
 * FC_E_INTERNAL     ffmpeg or the store failed; @error says why
 */
fc_status fc_sound_store(struct fc_storage *storage, const struct fc_steps_settings *settings,
                         const char *id, const char *key, const char *work_dir,
                         const struct fc_watch *watch, struct fc_error *error);

/**
 * Upkeep: looks at the next sound of the catalogue and makes it when the store lacks it. After the
 * last one, and while it pauses, it does nothing. A sound that cannot be made is logged and tried
 * again after pauses that grow to an hour. Fails only when the database does.
 */
fc_status fc_sounds_make_next(struct fc_runner *runner, struct fc_arena *arena,
                              struct fc_error *error);

#endif
