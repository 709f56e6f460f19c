/** Media files that end too early: ffmpeg reads them to whatever end they have. */
#ifndef RENDER_CUT_H
#define RENDER_CUT_H

#include <stdbool.h>

/**
 * True when a part of the MP4, Matroska or WebM file at @path says that it is longer than the file.
 * A recording that was written to a pipe does not say how long it is as a whole, only its parts do;
 * cut between two of those it cannot be told from a whole one. False for what cannot be read and
 * for other files.
 */
bool fc_file_is_cut(const char *path);

#endif
