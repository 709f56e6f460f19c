/** What the storyboard tests share. JSON is written with ' for ", so that it can be read. */
#ifndef TESTS_STORYBOARD_SUPPORT_H
#define TESTS_STORYBOARD_SUPPORT_H

#include "storyboard/storyboard.h"
#include "suite.h"

extern struct fc_arena *arena; /* of the running test */

/** A case with a fresh arena for each test. */
TCase *case_new(Suite *suite, const char *name);

const char *quoted(const char *text);               /* ' becomes " */
const struct fc_json *json(const char *text);       /* parsed, after quoted */
const struct fc_json *json_as_is(const char *text); /* parsed without it */
const struct fc_json *json_file(const char *path);  /* parsed as it is */

/** A small valid storyboard (scenes a of 5 s and b of 4.5 s) with @members put in, or in place of
 * its own. */
const struct fc_json *film(const char *members);
/** The same with one scene a, with @members. */
const struct fc_json *film_of_scene(const char *members);

/** Problems of a result, one a line: path code [value=…] [valid=…] [limit=…], " as '. */
const char *told(const struct fc_check *check, const char *which);

struct fc_check *checked(const struct fc_json *spec);

Suite *check_suite(void);
Suite *warnings_suite(void);
Suite *assets_suite(void);
Suite *prices_suite(void);
Suite *texts_suite(void);
Suite *plan_suite(void);

#endif
