/** A storyboard on disk: YAML or JSON, bare or in an envelope with its options. */
#ifndef FRAMECAST_SPEC_FILE_H
#define FRAMECAST_SPEC_FILE_H

#include "client.h"

#include "yaml/yaml.h"
#include "json/json.h"

struct spec_file {
    const char *name;                  /* as people know it */
    const struct fc_json *root;        /* the whole file */
    const struct fc_json *spec;        /* the storyboard in it */
    bool has_envelope;                 /* the storyboard is the member "spec" */
    const struct fc_yaml_lines *lines; /* may be NULL */
};

/**
 * Reads and parses; complains when that fails (CLIENT_USAGE: not readable, CLIENT_FAILED: neither
 * YAML nor JSON).
 */
enum exit_code spec_file_read(struct client *client, const char *path, struct spec_file *file);

/** The title, NULL when it has none. */
const char *spec_file_title(const struct spec_file *file);

/** A member of the envelope, NULL when there is none. */
const struct fc_json *spec_file_member(const struct spec_file *file, const char *name);

/**
 * The body of a request: storyboard, options of file and command line (which wins), and of
 * @members (owner, max_credits; closed by NULL) what is known.
 */
const char *spec_file_request(const struct client *client, const struct spec_file *file,
                              const char *const *members);

/** Puts one line per problem of a validation result: "FILE:LINE: path: message (code)". */
void spec_file_put_problems(struct fc_buffer *b, const struct spec_file *file,
                            const struct fc_json *result);

/** Prints the problems of an error answer to stderr; false when it is about something else. */
bool spec_file_complain(const struct spec_file *file, const struct fc_json *json);

#endif
