/** Folders on the local disk. */
#ifndef FRAMECAST_FILES_H
#define FRAMECAST_FILES_H

#include <stdbool.h>

/** Makes the folder @path, with those above it, where they are missing (mkdir -p); only we and our
 * group may look into what is made. False with errno. */
bool fc_folders_make(const char *path);

#endif
