/**
 * Storyboards made up by chance, and what the rules say of the films that come of them. The same
 * number gives the same storyboard.
 */
#ifndef UNIT_RENDER_STORIES_H
#define UNIT_RENDER_STORIES_H

#include <stddef.h>
#include <stdint.h>

#include <framecast/arena.h>

enum { STORY_SHOTS_MAX = 128 };

struct story {
    const char *text;                    /* JSON */
    size_t n_shots;                      /* playings of scenes, by the timeline or without */
    int64_t lengths_ms[STORY_SHOTS_MAX]; /* of each, in playing order */
    int64_t length_ms;                   /* of the film: their sum, nothing else */
};

/** What stories are to be like. */
struct story_kind {
    size_t scenes_max;      /* 2..12 */
    size_t shots_max;       /* about: a group is not cut short */
    const int64_t *lengths; /* of scenes, in tenths of a millisecond; closed by 0; NULL: any */
};

struct story story_of(struct fc_arena *arena, const struct story_kind *kind, uint64_t number);

#endif
