/**
 * The video comes down: resumed after a broken connection, under its name only when it is complete.
 */
#ifndef FRAMECAST_DOWNLOAD_H
#define FRAMECAST_DOWNLOAD_H

#include "client.h"

#include "job.h"

/**
 * Where the video of a job with this title is to go: --output, or a name made from the title, in
 * --output when that is a folder. Complains with CLIENT_USAGE when it exists and --force is not
 * given, or when its folder cannot be written: better now than after the job has been paid for.
 */
enum exit_code download_choose_path(struct client *client, const char *title, const char **path);

/** Downloads output.video_url of the completed job @json to @path; complains when that fails. */
enum exit_code download_video(struct client *client, const struct job *job,
                              const struct fc_json *json, const char *path, int64_t *size_bytes);

#endif
