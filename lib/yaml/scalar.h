/** Plain scalars by the core schema of YAML 1.2. */
#ifndef FRAMECAST_YAML_SCALAR_H
#define FRAMECAST_YAML_SCALAR_H

#include <framecast/text.h>

/**
 * Writes the plain scalar as JSON: null, a boolean, a number, or a string.
 *
 * Gives what is wrong with it, NULL when nothing is: JSON has no .inf and .nan, and numbers have
 * bounds.
 */
const char *fc_yaml_put_plain(struct fc_buffer *json, const char *text, size_t n);

#endif
