/** Matroska and WebM files that end too early: ffmpeg reads them to whatever end they have. */
#ifndef RENDER_MATROSKA_H
#define RENDER_MATROSKA_H

#include <stdbool.h>

/**
 * True when the last element of the file at @path, of any level that has to be entered, is longer
 * than the file. One that was written to a pipe does not say how long it is as a whole, but its
 * parts do; cut between two of those it cannot be told from a whole one. False for what cannot be
 * read and for other files.
 */
bool fc_matroska_is_cut(const char *path);

#endif
