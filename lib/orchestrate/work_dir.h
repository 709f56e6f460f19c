/** The folders of half-made files that runs leave behind; inside of lib/orchestrate only. */
#ifndef ORCHESTRATE_WORK_DIR_H
#define ORCHESTRATE_WORK_DIR_H

#include <framecast/arena.h>
#include <framecast/ids.h>
#include <framecast/status.h>

#define FC_WORK_SOUNDS "sounds" /* whose the folders of no job are */

/** Makes a new folder in @work_dir (which is made when it is missing) whose name begins with @name
 * (a job's id, or FC_WORK_SOUNDS) and a dot. FC_E_INTERNAL: it cannot be made; @error says why. */
fc_status fc_work_dir_new(struct fc_arena *arena, const char *work_dir, const char *name,
                          const char **path, struct fc_error *error);

/** Removes all that runs of @job left in @work_dir on this machine. */
void fc_work_dirs_remove(const char *work_dir, struct fc_job_id job);

/** Removes one of them. */
void fc_work_dir_remove(const char *path);

/** Removes those that have not been touched for a day: their process was killed, the job went on
 * elsewhere. */
void fc_work_dirs_sweep(const char *work_dir);

#endif
