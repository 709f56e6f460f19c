/**
 * Surrogate pairs ("\ud83d\ude00") in double-quoted scalars: JSON has them, libyaml refuses them.
 *
 * Where the text has any, their two backslashes are hidden from libyaml behind a character that the
 * text does not use, and shown again in what it gives: as the character that the pair stands for
 * between double quotes, and as the backslashes that they were everywhere else.
 */
#ifndef FRAMECAST_YAML_PAIRS_H
#define FRAMECAST_YAML_PAIRS_H

#include <stdbool.h>

#include <framecast/text.h>

struct fc_yaml_pairs {
    char mark[4]; /* UTF-8 of the stand-in; "" when nothing is hidden */
};

/** Gives @text itself when it has no pairs. */
struct fc_span fc_yaml_pairs_hide(struct fc_arena *arena, struct fc_span text,
                                  struct fc_yaml_pairs *pairs);

/** Gives @scalar itself when nothing is hidden in it. */
struct fc_span fc_yaml_pairs_show(struct fc_arena *arena, struct fc_span scalar,
                                  bool is_double_quoted, const struct fc_yaml_pairs *pairs);

#endif
