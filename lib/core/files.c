#include <framecast/files.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <framecast/arena.h>
#include <framecast/text.h>

enum { FOLDER_MODE = 0750 };

static bool make_one(const char *path)
{
    return mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST;
}

bool fc_folders_make(const char *path)
{
    FC_AUTO(arena) *arena = fc_arena_new();
    char *above = fc_copy(arena, path);

    for (char *at = above; *at != '\0' && (at = strchr(at + 1, '/')) != NULL;) {
        *at = '\0';
        if (!make_one(above))
            return false;
        *at = '/';
    }
    return make_one(above);
}
