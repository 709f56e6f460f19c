/* Folders for half-made files: <work_dir>/<job>.XXXXXX, one a run, so that a run that lost its job
 * and the one that has it now never meet; <work_dir>/sounds.XXXXXX for those of upkeep. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <framecast/files.h>
#include <framecast/text.h>

#include "orchestrate/run.h"
#include "orchestrate/work_dir.h"

enum { OPEN_DIRS = 8, STALE_SECONDS = 24 * 3600 };

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    (void)remove(path); /* what stays is tried again by the next sweep */
    return 0;
}

void fc_work_dir_remove(const char *path)
{
    (void)nftw(path, remove_entry, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}

static bool is_stale(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_mtime < time(NULL) - STALE_SECONDS;
}

/* What else lies there is somebody else's: the folder may be one for all programs. */
static bool is_ours(const char *name)
{
    const size_t n = strcspn(name, ".");
    struct fc_uuid job;
    bool is_known = n == strlen(FC_WORK_SOUNDS) ? fc_text_starts(name, FC_WORK_SOUNDS)
                                                : n == 36 && fc_uuid_parse_n(name, &job);

    return is_known && name[n] == '.' && strlen(name + n) == strlen(".XXXXXX");
}

/* Removes those of our folders whose names begin with @prefix, all of them or only those long
 * untouched. */
static void remove_folders(const char *work_dir, const char *prefix, bool only_stale)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    DIR *dir = opendir(work_dir);

    if (dir == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *path = fc_printf(arena, "%s/%s", work_dir, entry->d_name);

        if (is_ours(entry->d_name) && fc_text_starts(entry->d_name, prefix) &&
            (!only_stale || is_stale(path)))
            fc_work_dir_remove(path);
    }
    (void)closedir(dir);
}

void fc_work_dirs_remove(const char *work_dir, struct fc_job_id job)
{
    remove_folders(work_dir, job.uuid.text, false);
}

void fc_work_dirs_sweep(const char *work_dir)
{
    remove_folders(work_dir, "", true);
}

fc_status fc_work_dir_new(struct fc_arena *arena, const char *work_dir, const char *name,
                          const char **path, struct fc_error *error)
{
    char *own = fc_printf(arena, "%s/%s.XXXXXX", work_dir, name), *full;

    if (!fc_folders_make(work_dir) || mkdtemp(own) == NULL || (full = realpath(own, NULL)) == NULL)
        return fc_fail(error, FC_E_INTERNAL, "no work folder in %s: %s", work_dir,
                       strerrordesc_np(errno));
    *path = fc_copy(arena, full);
    free(full);
    return FC_OK;
}

fc_status fc_job_run_work_dir(struct fc_job_run *run)
{
    const char *work_dir = run->settings->work_dir;

    fc_work_dirs_remove(work_dir, run->job);
    return fc_work_dir_new(run->arena, work_dir, run->job.uuid.text, &run->work_dir, &run->error);
}
